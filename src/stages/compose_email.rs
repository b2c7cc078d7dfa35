//! A digest and a subscriber in, one finished email out: the same inputs give the same bytes.

use crate::model::Digest;
use crate::model::Email;
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

use leave::Leave;
use message::Occasion;
use page::Page;

pub use sign::DkimKeyError;
pub use sign::DkimSigner;
pub use sign::DnsRecord;
pub use templates::TemplateError;
pub use templates::Templates;

/// The message of a mailing to `subscriber`, ready for the wire (RFC 5322): text and HTML as alternatives (RFC 2046
/// §5.1.4), one recipient, and a `Message-ID` that is the same for every retry.
pub fn compose_email(
    mailing: &Mailing<'_>,
    subscriber: &Subscriber,
) -> Result<Email, ComposeError> {
    let Mailing {
        digest, letterhead, ..
    } = *mailing;
    let leave = Leave::new(&subscriber.leave_token, letterhead);
    let mut words = mailing.words_to(&subscriber.leave_token, &leave)?;
    if mailing.occasion == Occasion::Test {
        words.subject = templates::test_subject(&words.subject);
    }
    let mut email = message::message(
        digest,
        subscriber,
        letterhead.mail,
        &leave,
        &words,
        mailing.occasion,
    )?;
    if let Some(signer) = mailing.signer {
        email.bytes =
            sign::sign(&email.bytes, signer, digest.chosen).ok_or(ComposeError::Signature)?;
    }
    Ok(email)
}

/// An edition whose words are set once; for each reader only the token for leaving is filled in.
#[derive(Debug)]
pub struct Mailing<'a> {
    digest: &'a Digest,
    letterhead: &'a Letterhead<'a>,
    templates: &'a Templates,
    /// The words, with `specimen` wherever a reader's token is to stand.
    words: Preview,
    specimen: String,
    signer: Option<&'a DkimSigner>,
    occasion: Occasion,
}

impl<'a> Mailing<'a> {
    /// Sets the words of `digest`.
    pub fn new(
        digest: &'a Digest,
        letterhead: &'a Letterhead<'a>,
        templates: &'a Templates,
    ) -> Result<Self, ComposeError> {
        let plain = words(digest, letterhead, templates, None)?;
        let mut specimen = specimen(0);
        // were it a word of the edition, a reader's token would come to stand there too
        for nth in 1_u64.. {
            if !plain.contains(&specimen) {
                break;
            }
            specimen = self::specimen(nth);
        }
        let leave = Leave::new(&Secret::new(specimen.as_str()), letterhead);
        Ok(Self {
            digest,
            letterhead,
            templates,
            words: words(digest, letterhead, templates, Some(&leave))?,
            specimen,
            signer: None,
            occasion: Occasion::Edition,
        })
    }

    /// Each message of it is signed, where there is somebody who signs.
    #[must_use]
    pub fn signed_by(self, signer: Option<&'a DkimSigner>) -> Self {
        Self { signer, ..self }
    }

    /// Each message of it is a test: its subject begins with `[Test]`, and its `Message-ID` is that of no reader's mail.
    #[must_use]
    pub fn as_test(self) -> Self {
        Self {
            occasion: Occasion::Test,
            ..self
        }
    }

    fn words_to(&self, token: &Secret, leave: &Leave) -> Result<Preview, ComposeError> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if !token.reveal().chars().all(is_plain) {
            // such a one is written otherwise in a link than in a line
            return words(self.digest, self.letterhead, self.templates, Some(leave));
        }
        let filled = |text: &str| text.replace(&self.specimen, token.reveal());
        Ok(Preview {
            subject: filled(&self.words.subject),
            text: filled(&self.words.text),
            html: filled(&self.words.html),
        })
    }
}

/// What may hold the place of a token.
fn specimen(nth: u64) -> String {
    const CHARACTERS: usize = 24; // as in the tokens that the store gives, so that lines break in the same places
    let mut specimen = sha256_hex(&nth.to_be_bytes());
    specimen.truncate(CHARACTERS);
    specimen
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
