//! The nouns that travel between the rooms, in the order in which a day meets them: the same word for the same thing
//! everywhere.

use sha2::Digest as _;
use sha2::Sha256;

mod source;
pub use source::Credentials;
pub use source::Secret;
pub use source::Source;
pub use source::SourceKind;
pub use source::Validators;

mod entry;
pub use entry::Chapter;
pub use entry::Enclosure;
pub use entry::Entry;
pub use entry::EntryId;
pub use entry::Feed;
pub use entry::KnownEntry;
pub use entry::Person;
pub use entry::Soundbite;
pub use entry::TranscriptLink;

mod page_template;
pub use page_template::NotATemplate;
pub use page_template::PageTemplate;

mod document;
pub use document::Block;
pub use document::BlockKind;
pub use document::Document;
pub use document::TextOrigin;
pub use document::TimeMark;
pub(crate) use document::is_single_spaced;

mod candidate;
pub use candidate::Candidate;
pub use candidate::Fresh;
pub use candidate::Reason;
pub use candidate::Shelved;

mod edition;
pub use edition::Archived;
pub use edition::Digest;
pub use edition::Insight;
pub use edition::Quote;
pub use edition::Receipt;
pub use edition::Related;
pub use edition::SentInsight;
pub use edition::Voice;

mod record;
pub use record::Background;
pub use record::PROGRAM_VERSION;
pub use record::RulesText;
mod told;
pub use told::Recalled;
pub use told::Telling;
pub use told::Told;

mod mail;
pub use mail::DeliveryState;
pub use mail::Email;
pub use mail::EmailAddress;
pub use mail::MailWords;
pub use mail::NotAnAddress;
pub use mail::Subscriber;

pub(crate) mod stems;

/// SHA-256 in lower-case hexadecimal (FIPS 180-4).
pub fn sha256_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(64);
    // by hand: `{byte:02x}` takes ten times as long, and a day's feeds are told apart by some hundred thousand of these
    for byte in sha256(bytes) {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// SHA-256 of the bytes (FIPS 180-4).
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
