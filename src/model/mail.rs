//! Who is told: addresses, subscribers, finished messages, and how far each has come.

use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use serde::Serialize;

use crate::model::Secret;

/// An address that mail can be sent to: one `@`, a domain, no control characters or white space, at most 254 bytes
/// (RFC 5321 §4.5.3.1.3). The domain is kept in lower case and, where it is not ASCII, as an A-label (RFC 5890).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EmailAddress(String);

/// Why a text is not an address. It does not repeat the text, which may be somebody's personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnAddress {
    /// No `@`, or nothing on one side of it.
    #[error("not an email address: write name@example.org")]
    Shape,
    /// Longer than mail servers take.
    #[error("an email address has at most 254 characters")]
    TooLong,
    /// A character that mail servers refuse.
    #[error("an email address has no spaces, quotes, brackets or control characters")]
    Character,
}

impl EmailAddress {
    /// Reads an address such as `ann@example.org`.
    pub fn parse(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnAddress::Shape)?;
        if local.is_empty() || domain.is_empty() {
            return Err(NotAnAddress::Shape);
        }
        let refused = |c: char| c.is_whitespace() || c.is_control() || "<>()[]\\,;:\"@".contains(c);
        if local.chars().any(refused) || domain.chars().any(refused) {
            return Err(NotAnAddress::Character);
        }
        if local.starts_with('.')
            || local.ends_with('.')
            || local.contains("..")
            || !domain.contains('.')
        {
            return Err(NotAnAddress::Shape);
        }
        let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else {
            return Err(NotAnAddress::Shape);
        };
        if domain
            .split('.')
            .any(|label| label.is_empty() || label.starts_with('-') || label.ends_with('-'))
        {
            return Err(NotAnAddress::Shape);
        }
        let address = format!("{local}@{domain}");
        if address.len() > 254 || local.len() > 64 {
            return Err(NotAnAddress::TooLong);
        }
        Ok(Self(address))
    }

    /// The address, for the envelope and the `To` field; for nobody else's eyes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with `+tag` before its `@` (RFC 5233).
    pub fn tagged(&self, tag: &str) -> Result<Self, NotAnAddress> {
        Self::parse(&format!("{}+{tag}@{}", self.local_part(), self.domain()))
    }

    /// What stands before the `@`.
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// What stands after the `@`, in ASCII.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // logs and errors name subscribers by number
        f.write_str("(address)")
    }
}

/// Someone who confirmed that they want the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Their number: what logs and reports call them.
    pub id: i64,
    /// Where the digest goes.
    pub address: EmailAddress,
    /// The opaque token with which they leave.
    pub leave_token: Secret,
}

/// The words of an edition's mail, the same for everyone but for the token with which a reader leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWords {
    /// The subject line, at most 78 characters.
    pub subject: String,
    /// The text part; lines end with a line feed.
    pub text: String,
    /// The HTML part, style rules written into its elements.
    pub html: String,
    /// Stands in all three wherever a reader's own token is to stand, and nowhere else.
    pub placeholder: String,
}

/// A finished message for one subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The day of its edition.
    pub date: Date,
    /// The number of its subscriber: what logs and the outbox call it by.
    pub subscriber: i64,
    /// Its one recipient.
    pub to: EmailAddress,
    /// The envelope's sender: where bounces of this message come back to (RFC 5321 §4.4).
    pub return_path: EmailAddress,
    /// `Message-ID` without the angle brackets: the same for every retry of this message, never shared by two recipients.
    pub message_id: String,
    /// The whole message in wire form (RFC 5322, CRLF), the same bytes for every retry.
    pub bytes: Vec<u8>,
}

/// How far the mail of one edition to one subscriber has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryState {
    /// Not tried yet, or to be tried again now.
    Waiting,
    /// Written down before the first octet went out; found after a crash it means *unknown*.
    Attempting,
    /// The server took responsibility.
    Accepted,
    /// The server said no for good.
    Refused,
    /// The server said not now.
    Deferred,
    /// The message went out and no answer came back.
    Unknown,
}

impl DeliveryState {
    /// All six, in the order of a report.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Attempting,
        Self::Accepted,
        Self::Refused,
        Self::Deferred,
        Self::Unknown,
    ];

    /// The word for it everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Attempting => "attempting",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Deferred => "deferred",
            Self::Unknown => "unknown",
        }
    }
}
