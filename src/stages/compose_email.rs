//! A digest and a subscriber in, one finished email out: the same inputs give the same bytes.

use std::sync::Arc;

use crate::model::Digest;
use crate::model::Email;
use crate::model::MailWords;
use crate::model::Secret;
use crate::model::Subscriber;
use crate::model::sha256_hex;
use crate::settings::MailSettings;
use crate::settings::SiteSettings;

mod templates;

mod page;

mod plain;

mod leave;

mod message;

mod sign;

mod plate;

use leave::Leave;
use page::Page;
use plate::Plate;
use plate::encoded;

pub use message::Occasion;
pub use sign::DkimKeyError;
pub use sign::DkimSigner;
pub use sign::DnsRecord;
pub use templates::TemplateError;
pub use templates::Templates;

/// The message of a mailing to `subscriber`, ready for the wire (RFC 5322): text and HTML as alternatives (RFC 2046
/// §5.1.4), one recipient, and a `Message-ID` that is the same for every retry.
pub fn compose_email(mailing: &Mailing, subscriber: &Subscriber) -> Result<Email, ComposeError> {
    let letterhead = Letterhead {
        mail: &mailing.mail,
        site: mailing.site.as_ref(),
    };
    let leave = Leave::new(&subscriber.leave_token, &letterhead);
    let mut parts = mailing.parts_to(subscriber)?;
    if mailing.occasion == Occasion::Test {
        parts.subject = templates::test_subject(&parts.subject);
    }
    let mut email = message::message(
        &mailing.digest,
        subscriber,
        &mailing.mail,
        &leave,
        parts,
        mailing.occasion,
    )?;
    if let Some(signer) = &mailing.signer {
        email.bytes = sign::sign(&email.bytes, signer, mailing.digest.chosen)
            .ok_or(ComposeError::Signature)?;
    }
    Ok(email)
}

/// The words of the mail of `digest`, set once for all readers.
pub fn set_words(
    digest: &Digest,
    letterhead: &Letterhead<'_>,
    templates: &Templates,
) -> Result<MailWords, ComposeError> {
    let plain = words(digest, letterhead, templates, None)?;
    let mut placeholder = placeholder(0);
    // were it a word of the edition, a reader's token would come to stand there too
    for nth in 1_u64.. {
        if !plain.contains(&placeholder) {
            break;
        }
        placeholder = self::placeholder(nth);
    }
    let leave = Leave::new(&Secret::new(placeholder.as_str()), letterhead);
    let Preview {
        subject,
        text,
        html,
    } = words(digest, letterhead, templates, Some(&leave))?;
    Ok(MailWords {
        subject,
        text,
        html,
        placeholder,
    })
}

/// An edition on its way to its readers.
#[derive(Debug, Clone)]
pub struct Mailing {
    /// The edition.
    pub digest: Digest,
    /// Who writes, and how readers leave.
    pub mail: MailSettings,
    /// Where the one-click way to leave is served, if it is.
    pub site: Option<SiteSettings>,
    /// Who signs each message, if anybody does.
    pub signer: Option<Arc<DkimSigner>>,
    /// Why it is sent.
    pub occasion: Occasion,
    words: MailWords,
    text: Plate,
    html: Plate,
}

impl Mailing {
    /// An edition with these words, for its readers, unsigned.
    pub fn new(digest: Digest, letterhead: &Letterhead<'_>, words: MailWords) -> Self {
        Self {
            digest,
            mail: letterhead.mail.clone(),
            site: letterhead.site.cloned(),
            signer: None,
            occasion: Occasion::Edition,
            text: Plate::new(&words.text, &words.placeholder),
            html: Plate::new(&words.html, &words.placeholder),
            words,
        }
    }

    fn parts_to(&self, subscriber: &Subscriber) -> Result<Parts, ComposeError> {
        let token = subscriber.leave_token.reveal();
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        // any other character is written otherwise in a link than in a line
        if token.is_empty() || !token.bytes().all(is_plain) {
            return Err(ComposeError::Token {
                subscriber: subscriber.id,
            });
        }
        let words = &self.words;
        let filled = |text: &str| text.replace(&words.placeholder, token);
        let part = |plate: &Plate, text: &str| {
            // one of another length than the store gives moves the ends of lines
            if token.len() == words.placeholder.len() {
                plate.with(token)
            } else {
                encoded(&filled(text))
            }
        };
        Ok(Parts {
            subject: filled(&words.subject),
            text: part(&self.text, &words.text),
            html: part(&self.html, &words.html),
        })
    }
}

/// The words of one message, the parts encoded.
struct Parts {
    subject: String,
    text: Vec<u8>,
    html: Vec<u8>,
}

/// What may hold the place of a token.
fn placeholder(nth: u64) -> String {
    const CHARACTERS: usize = 24; // as in the tokens that the store gives, so that lines break in the same places
    let mut placeholder = sha256_hex(&nth.to_be_bytes());
    placeholder.truncate(CHARACTERS);
    placeholder
}

/// What a reader sees of `digest`, with neutral words in the place of a reader's own way to leave.
pub fn compose_preview(
    digest: &Digest,
    letterhead: &Letterhead<'_>,
    templates: &Templates,
) -> Result<Preview, ComposeError> {
    words(digest, letterhead, templates, None)
}

fn words(
    digest: &Digest,
    letterhead: &Letterhead<'_>,
    templates: &Templates,
    leave: Option<&Leave>,
) -> Result<Preview, ComposeError> {
    let mut page = Page::new(digest, letterhead.mail.postal_address.as_deref(), leave);
    let subject = templates.subject(&page)?;
    page.take_subject(&subject);
    Ok(Preview {
        text: templates.text(&page)?,
        html: templates.html(&page)?,
        subject,
    })
}

/// What stands on every message, whoever gets it.
#[derive(Debug, Clone, Copy)]
pub struct Letterhead<'a> {
    /// Who writes, and how readers leave.
    pub mail: &'a MailSettings,
    /// Where the one-click way to leave is served, if it is.
    pub site: Option<&'a SiteSettings>,
}

/// What a reader sees of an edition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The subject line, at most 78 characters.
    pub subject: String,
    /// The text part; lines end with a line feed.
    pub text: String,
    /// The HTML part, style rules written into its elements.
    pub html: String,
}

impl Preview {
    fn contains(&self, word: &str) -> bool {
        [&self.subject, &self.text, &self.html]
            .iter()
            .any(|text| text.contains(word))
    }
}

/// Why an email cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A template failed.
    #[error(transparent)]
    Template(#[from] TemplateError),
    /// The part of the reader's address before the `@` is not ASCII (RFC 6531). Concerns this reader only.
    #[error(
        "subscriber {subscriber}: the address has letters outside ASCII before the @, which few mail servers take; ask for another address"
    )]
    AddressNotAscii {
        /// The subscriber's number.
        subscriber: i64,
    },
    /// The token with which the reader leaves is not one that the store gives.
    #[error(
        "subscriber {subscriber}: the token for leaving is damaged; restore a copy of the store"
    )]
    Token {
        /// The subscriber's number.
        subscriber: i64,
    },
    /// The address for bounces has no room for the name of a message.
    #[error(
        "[mail] bounce_address cannot take the name of a message ({problem}); use a shorter one"
    )]
    ReturnPath {
        /// What is wrong.
        problem: String,
    },
    /// The moment at which the five were chosen cannot stand in a mail.
    #[error("edition {edition}: was chosen before 1970; set the clock and choose again")]
    Date {
        /// Number of the edition.
        edition: u32,
    },
    /// The message was not signed, and so must not go.
    #[error(
        "the key of [mail.dkim] did not sign the message; run again, and make a new key if it happens again"
    )]
    Signature,
    /// The mail builder refused something that the settings say.
    #[error(
        "[mail] from or reply_to cannot stand in a message ({problem}); write \"Name <name@example.org>\""
    )]
    Headers {
        /// What it said.
        problem: String,
    },
}
