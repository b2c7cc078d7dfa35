//! A digest and a subscriber in, one finished email out: the same inputs give the same bytes.

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

use leave::Leave;
use page::Page;

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
    let words = words_to(subscriber, &mailing.words)?;
    message::message(&mailing.digest, subscriber, &mailing.mail, &leave, &words)
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
    /// Its words.
    pub words: MailWords,
}

fn words_to(subscriber: &Subscriber, words: &MailWords) -> Result<Preview, ComposeError> {
    let token = subscriber.leave_token.reveal();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    // any other character is written otherwise in a link than in a line
    if token.is_empty() || !token.chars().all(is_plain) {
        return Err(ComposeError::Token {
            subscriber: subscriber.id,
        });
    }
    let filled = |text: &str| text.replace(&words.placeholder, token);
    Ok(Preview {
        subject: filled(&words.subject),
        text: filled(&words.text),
        html: filled(&words.html),
    })
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
    /// The mail builder refused something that the settings say.
    #[error(
        "[mail] from or reply_to cannot stand in a message ({problem}); write \"Name <name@example.org>\""
    )]
    Headers {
        /// What it said.
        problem: String,
    },
}
