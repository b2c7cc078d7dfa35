//! Feed bytes in, entries out.

mod by_feed_rs;
mod dates;
mod decode;
mod draft;
mod durations;
mod elements;
mod json;
mod leaf;
mod loose_json;
mod namespaces;
mod not_a_feed;
mod tag;
mod words;
mod xml;

use jiff::Timestamp;
use url::Url;

pub use crate::stages::read_feed::not_a_feed::Look;

use crate::model::Feed;
use crate::stages::read_feed::by_feed_rs::lay_under;
use crate::stages::read_feed::decode::decode;
use crate::stages::read_feed::draft::FeedDraft;
use crate::stages::read_feed::json::read_json;
use crate::stages::read_feed::not_a_feed::first_words;
use crate::stages::read_feed::not_a_feed::linked_feed;
use crate::stages::read_feed::not_a_feed::look_at;
use crate::stages::read_feed::xml::read_xml;

/// Longest feed that is read, decoded to UTF-8: shows with a thousand episodes and full notes stay under 12 MiB.
pub const FEED_BYTES_MAX: usize = 16 << 20;

/// Most entries that are read of one feed; what counts for an edition stands in its first hundred.
pub const ENTRIES_MAX: usize = 2_000;

/// Transcripts an entry may offer; more than a few languages in a few formats is no show's habit.
pub const TRANSCRIPTS_MAX: usize = 32;

/// Reads RSS 0.9x to 2.0, RDF, Atom 0.3 and 1.0 and JSON Feed, in any encoding and in the state in which they come.
///
/// What can be repaired is repaired and told in [`Feed::warnings`]; the last entry of a document that breaks off is passed
/// over. The same bytes give the same feed, ids included.
pub fn read_feed(bytes: &[u8], origin: &FeedOrigin<'_>) -> Result<Feed, ReadFeedError> {
    /// UTF-32 takes four bytes for what UTF-8 writes in one.
    const RAW_BYTES_MAX: usize = 4 * FEED_BYTES_MAX;
    if bytes.len() > RAW_BYTES_MAX {
        return Err(ReadFeedError::TooLarge);
    }
    let decoded = decode(bytes, origin.content_type);
    if decoded.text.len() > FEED_BYTES_MAX {
        return Err(ReadFeedError::TooLarge);
    }
    let text: &str = &decoded.text;
    let base = origin.url.map(without_secrets);
    let Some(mut draft) = read_any(text, base.as_ref(), origin.texts_since) else {
        return Err(not_a_feed(bytes, text, base.as_ref()));
    };
    if draft.entries.is_empty() && draft.lost_entry {
        return Err(ReadFeedError::NoEntries {
            warnings: draft.warnings,
        });
    }
    draft.warnings.splice(0..0, decoded.warnings);
    Ok(draft.into_feed(origin.source, origin.texts_since))
}

/// Where a feed comes from.
#[derive(Debug, Clone, Copy)]
pub struct FeedOrigin<'a> {
    /// Key of the source, from which the ids of its entries are made.
    pub source: &'a str,
    /// Address it was fetched from: what relative links are relative to.
    pub url: Option<&'a Url>,
    /// `Content-Type` of the answer.
    pub content_type: Option<&'a str>,
    /// What was published before this moment is told without summary and content, which nobody is going to read: most of a feed
    /// is older than any look-back. None where all is to be told.
    pub texts_since: Option<Timestamp>,
}

/// Why there is no feed.
#[derive(Debug, thiserror::Error)]
pub enum ReadFeedError {
    /// It is something else.
    #[error("this is not a feed but {looks_like}{}{}", quoted(.first_words), advice(.linked_feed.as_ref()))]
    NotAFeed {
        /// What it is.
        looks_like: Look,
        /// How it begins; empty where that says nothing.
        first_words: String,
        /// The feed that the page links to.
        linked_feed: Option<Url>,
    },
    /// It is longer than [`FEED_BYTES_MAX`].
    #[error("the feed is longer than {} MiB; ask its publisher for one with the newest entries only", FEED_BYTES_MAX >> 20)]
    TooLarge,
    /// It is a feed, but broken before the end of its first entry.
    #[error("the feed has no entry that can be read: {}", .warnings.join(" "))]
    NoEntries {
        /// What is wrong with it, one sentence each.
        warnings: Vec<String>,
    },
}

fn quoted(first_words: &str) -> String {
    if first_words.is_empty() {
        return String::new();
    }
    format!(" (“{first_words}”)")
}

fn advice(linked_feed: Option<&Url>) -> String {
    let Some(url) = linked_feed else {
        return String::new();
    };
    let shown = without_secrets(url);
    match url.query() {
        Some(query) if !is_plain(query) => format!(
            "; it links to a feed at {shown}?…: write that address, with what follows the question mark on the page, as the \
             source's feed"
        ),
        Some(query) => {
            format!(
                "; it links to a feed at {shown}?{query}: write that address as the source's feed"
            )
        }
        None => format!("; it links to a feed at {shown}: write that address as the source's feed"),
    }
}

/// Whether a query says which feed is wanted and cannot hold a token, such as `feed=rss2`.
fn is_plain(query: &str) -> bool {
    const NAMES: &[&str] = &["feed", "format", "alt", "type", "output", "lang"];
    /// `comments-rss2` has 13; tokens are longer.
    const VALUE_BYTES_MAX: usize = 14;
    query.split('&').all(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        NAMES.contains(&name) && value.len() <= VALUE_BYTES_MAX
    })
}

/// The draft of the reader that knows the format.
fn read_any<'a>(
    text: &'a str,
    base: Option<&Url>,
    texts_since: Option<Timestamp>,
) -> Option<FeedDraft<'a>> {
    if text.trim_start().starts_with('{') {
        return read_json(text, base);
    }
    let mut reading = read_xml(text, base)?;
    if reading.sound {
        let root = reading.root_at..text.len();
        lay_under(&mut reading.draft, text, root, base, texts_since);
    }
    Some(reading.draft)
}

fn not_a_feed(bytes: &[u8], text: &str, base: Option<&Url>) -> ReadFeedError {
    let looks_like = look_at(bytes, text);
    let linked_feed = match looks_like {
        Look::HtmlPage => linked_feed(text, base),
        _ => None,
    };
    ReadFeedError::NotAFeed {
        looks_like,
        first_words: first_words(text, looks_like),
        linked_feed,
    }
}

/// An address without the parts that can hold a password or token: links made from it would carry them on.
fn without_secrets(url: &Url) -> Url {
    let mut url = url.clone();
    // both fail only for addresses that have no such parts
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url
}
