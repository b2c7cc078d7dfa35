//! What a server's reply means, by the stage at which it came and its enhanced code (RFC 3463).

use super::Outcome;
use super::Refusal;

const REPLY_CHARACTERS_MAX: usize = 200; // what a report shows of a reply; servers may send 100 kB

const HIDDEN: &str = "(hidden)"; // what stands in the place of an address or a secret

/// A negative reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Basic code, 400 to 599.
    code: u16,
    /// Subject and detail of the enhanced code; its class repeats the first digit of the basic one.
    enhanced: Option<(u16, u16)>,
    /// Code and words, fit to be shown.
    pub(super) shown: String,
}

impl Reply {
    /// The reply with this code and these words; `secrets` do not show in it.
    pub(super) fn new(code: u16, words: &str, secrets: &[&str]) -> Self {
        Self {
            code,
            enhanced: enhanced_code(words),
            shown: shown(&format!("{code} {words}"), secrets),
        }
    }

    /// 4xx: it did not happen, and may later (RFC 5321 §4.2.1).
    pub(super) fn is_temporary(&self) -> bool {
        self.code < 500
    }

    /// 421: the server closes the connection.
    pub(super) fn closes(&self) -> bool {
        self.code == 421
    }

    /// Login missing, refused or too weak (RFC 4954 §6), or no TLS before it.
    pub(super) fn is_about_login(&self) -> bool {
        matches!(self.code, 530 | 534 | 535 | 538)
    }

    /// What a reply to `RCPT` means for the message.
    pub(super) fn of_recipient(self) -> Outcome {
        let why = match (self.code, self.enhanced) {
            // 552 without a code is how old servers say "too many recipients" (RFC 5321 §4.5.3.1.10)
            (552, None) | (400..=499, _) => return self.deferred(),
            (_, enhanced) => refusal(enhanced).unwrap_or(Refusal::Unexplained),
        };
        Outcome::Refused {
            reply: self.shown,
            why,
        }
    }

    fn deferred(self) -> Outcome {
        Outcome::Deferred {
            mailbox_full: refusal(self.enhanced) == Some(Refusal::MailboxFull),
            reply: self.shown,
        }
    }

    /// What a reply to `DATA` or to the final dot means for the message.
    pub(super) fn of_message(self) -> Outcome {
        if self.is_temporary() {
            return self.deferred();
        }
        Outcome::Refused {
            why: refusal(self.enhanced).unwrap_or(Refusal::Content),
            reply: self.shown,
        }
    }
}

/// RFC 3463 §3, and RFC 7505 for the null MX (X.1.10).
fn refusal(enhanced: Option<(u16, u16)>) -> Option<Refusal> {
    match enhanced? {
        (1, 1 | 2 | 3 | 6 | 10) => Some(Refusal::DeadAddress),
        (2, 2) => Some(Refusal::MailboxFull),
        (7, _) => Some(Refusal::Policy),
        _ => None,
    }
}

/// The enhanced code at the head of a reply (RFC 2034), or behind a `#` as some servers write it.
fn enhanced_code(words: &str) -> Option<(u16, u16)> {
    let head = words.split_whitespace().next();
    let marked = words.split('#').nth(1);
    [head, marked].into_iter().flatten().find_map(|text| {
        let code = text
            .split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .next()?;
        let mut numbers = code.trim_end_matches('.').split('.');
        let class: u16 = numbers.next()?.parse().ok()?;
        let subject = numbers.next()?.parse().ok()?;
        let detail = numbers.next()?.parse().ok()?;
        (matches!(class, 4 | 5) && numbers.next().is_none()).then_some((subject, detail))
    })
}

/// Words of a server as a report may show them: one line, not endless, and nobody's address or secret in it.
pub(super) fn shown(words: &str, secrets: &[&str]) -> String {
    let hidden = secrets
        .iter()
        .fold(words.to_owned(), |words, secret| without(&words, secret));
    let mut shown = String::new();
    for word in hidden.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        if !shown.is_empty() {
            shown.push(' ');
        }
        shown.push_str(if word.contains('@') { HIDDEN } else { word });
    }
    if let Some((at, _)) = shown.char_indices().nth(REPLY_CHARACTERS_MAX) {
        shown.truncate(at);
        shown.push('…');
    }
    shown
}

/// `words` with each `secret` hidden that stands by itself, in whatever case.
fn without(words: &str, secret: &str) -> String {
    let (lower_words, lower_secret) = (words.to_ascii_lowercase(), secret.to_ascii_lowercase());
    if secret.is_empty() {
        return words.to_owned();
    }
    let mut kept = String::with_capacity(words.len());
    let mut from = 0;
    for (at, _) in lower_words.match_indices(&lower_secret) {
        let end = at + secret.len();
        let stands_alone = !words[..at].ends_with(char::is_alphanumeric)
            && !words[end..].starts_with(char::is_alphanumeric);
        if stands_alone {
            kept.push_str(&words[from..at]);
            kept.push_str(HIDDEN);
            from = end;
        }
    }
    kept.push_str(&words[from..]);
    kept
}
