//! A digest and a subscriber in, one finished email out: the same inputs give the same bytes.

use crate::model::Digest;
use crate::model::Email;
use crate::model::Subscriber;
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

/// The message of `digest` to `subscriber`, ready for the wire (RFC 5322): text and HTML as alternatives (RFC 2046
/// §5.1.4), one recipient, and a `Message-ID` that is the same for every retry.
pub fn compose_email(
    digest: &Digest,
    subscriber: &Subscriber,
    letterhead: &Letterhead<'_>,
    templates: &Templates,
) -> Result<Email, ComposeError> {
    let leave = Leave::new(subscriber, letterhead);
    let words = words(digest, letterhead, templates, Some(&leave))?;
    message::message(digest, subscriber, letterhead.mail, &leave, &words)
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
