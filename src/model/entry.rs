//! What a feed says: the feed and its entries.

use std::fmt;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::model::sha256_hex;

/// What one reading of a feed gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Feed {
    /// Title of the show or blog.
    pub title: Option<String>,
    /// Its home page.
    pub link: Option<Url>,
    /// Language as the feed says it (BCP 47).
    pub language: Option<String>,
    /// The id of the show that it keeps when it moves (podcast namespace, `podcast:guid`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// Entries in feed order.
    pub entries: Vec<Entry>,
    /// What was repaired or passed over, one sentence each.
    pub warnings: Vec<String>,
}

/// One episode or article in a feed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Our own stable id.
    pub id: EntryId,
    /// The id that the feed gives it, as written (RSS 2.0 `guid`, Atom and JSON Feed `id`). It is a hint, not an identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// Plain-text title; empty where the feed gives none.
    pub title: String,
    /// The entry's page.
    pub link: Option<Url>,
    /// When it was published, as the feed says.
    pub published: Option<Timestamp>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Short description or show notes, as HTML.
    pub summary: Option<String>,
    /// Full content, as HTML, where the feed carries it apart from the summary.
    pub content: Option<String>,
    /// The audio or video file.
    pub enclosure: Option<Enclosure>,
    /// Length of the episode in seconds (`itunes:duration`).
    pub duration_seconds: Option<f64>,
    /// Transcripts on offer (`podcast:transcript`), in feed order.
    pub transcripts: Vec<TranscriptLink>,
    /// Where its chapter marks stand (`podcast:chapters`).
    pub chapters: Option<Url>,
    /// Chapter marks that stand in the feed itself (Podlove Simple Chapters), in feed order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_chapters: Vec<Chapter>,
    /// Clips the show's editors cut (`podcast:soundbite`).
    pub soundbites: Vec<Soundbite>,
    /// Who takes part (`podcast:person`).
    pub people: Vec<Person>,
    /// Number of the season (`podcast:season`, `itunes:season`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub season: Option<u32>,
    /// Number of the episode, of the show or of its season (`podcast:episode`, `itunes:episode`); none where it is no whole
    /// number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episode: Option<u32>,
}

/// An entry that an earlier reading met, as it is remembered: what a later reading is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEntry {
    /// Our own id, given when it was met first; it never changes.
    pub id: EntryId,
    /// The GUID that its feed gave it last; none where it has none, or where a program met it that did not write it down.
    pub guid: Option<String>,
    /// Its newest title.
    pub title: String,
    /// Its newest link.
    pub link: Option<Url>,
    /// Where its page stood after all redirects, if that is elsewhere.
    pub landed: Option<Url>,
    /// Where its file stands.
    pub enclosure: Option<Url>,
    /// When it was published, as the feed said when it was met.
    pub published: Option<Timestamp>,
    /// When it was published, as the feed says now, if that is something else.
    pub republished: Option<Timestamp>,
    /// When a run first met it.
    pub first_seen: Timestamp,
    /// Whether its text is still to be fetched.
    pub waiting: bool,
}

/// Our own id of an entry: 32 hexadecimal digits, the same on every reading of the feed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct EntryId(String);

impl EntryId {
    /// The id of the entry that `source` knows under `key` (its GUID, or what stands in for it).
    pub fn new(source: &str, key: &str) -> Self {
        // a zero byte cannot stand in either part, so no two pairs run together
        Self(sha256_hex(format!("{source}\0{key}").as_bytes())[..32].to_owned())
    }

    /// The id as the store wrote it down.
    pub fn from_stored(id: String) -> Self {
        Self(id)
    }

    /// The 32 digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The audio or video file of an episode (RSS 2.0 `enclosure`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enclosure {
    /// Where it stands.
    pub url: Url,
    /// Media type as the feed says it.
    pub media_type: Option<String>,
    /// Length in bytes as the feed says it.
    pub bytes: Option<u64>,
}

/// A transcript that a feed offers (podcast namespace, `podcast:transcript`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TranscriptLink {
    /// Where it stands.
    pub url: Url,
    /// Media type as the feed says it, such as `text/vtt`.
    pub media_type: Option<String>,
    /// Language (BCP 47).
    pub language: Option<String>,
    /// `captions` where the file is cut for captions.
    pub rel: Option<String>,
}

/// A part of an episode, as its makers cut and named it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chapter {
    /// Seconds from the start of the audio; it lasts to where the next one begins.
    pub start_seconds: f64,
    /// Its title, on one line.
    pub title: String,
}

impl Chapter {
    /// The most chapters of one episode that are read: a long one has thirty.
    pub const COUNT_MAX: usize = 300;

    /// Characters of a title that are read; a title that fills a line has eighty.
    pub const TITLE_CHARS_MAX: usize = 200;

    /// A chapter as somebody typed it in: white space and control characters of the title become single spaces, and a title
    /// that is too long is cut. None where no title is left, or where the time is none.
    pub fn read(start_seconds: f64, title: &str) -> Option<Self> {
        let words: Vec<&str> = title
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect();
        let title: String = words
            .join(" ")
            .chars()
            .take(Self::TITLE_CHARS_MAX)
            .collect();
        let timed = start_seconds.is_finite() && start_seconds >= 0.0;
        (timed && !title.is_empty()).then_some(Self {
            start_seconds,
            title,
        })
    }
}

/// A clip the show's editors cut (podcast namespace, `podcast:soundbite`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Soundbite {
    /// Seconds from the start of the audio.
    pub start_seconds: f64,
    /// Length in seconds.
    pub duration_seconds: f64,
    /// Its title, where given.
    pub title: Option<String>,
}

/// Someone who takes part (podcast namespace, `podcast:person`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name as the feed writes it.
    pub name: String,
    /// Role in lower case; the namespace's default is `host`.
    pub role: String,
}
