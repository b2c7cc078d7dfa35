//! The nouns that travel between the rooms: the same word for the same thing everywhere.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;
use url::Url;

/// A row of `sources.toml`: a podcast or article feed that someone chose to follow.
#[derive(Debug, Clone)]
pub struct Source {
    /// What people call it; unique in the file, and the handle under which the store knows it.
    pub name: String,
    /// What its entries are.
    pub kind: SourceKind,
    /// Where its feed stands (`http` or `https`).
    pub feed: Url,
    /// Language of its texts (BCP 47, such as `en`), where the operator said it.
    pub language: Option<String>,
    /// Multiplies the scores of its candidates; 1 is neutral.
    pub weight: f64,
    /// Topics the operator filed it under.
    pub topics: Vec<String>,
    /// CSS selector of the article text on its pages.
    pub selector: Option<String>,
    /// CSS selector of the transcript on its episode pages.
    pub transcript: Option<String>,
    /// What its host asks for before it serves, taken from the environment.
    pub credentials: Option<Credentials>,
}

/// What the entries of a source are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Episodes: quotable where a transcript, or notes with takeaways, can be had.
    Podcast,
    /// Articles: quotable from the feed or from the linked page.
    Article,
}

/// What a source's own host asks for before it serves. Never sent to another host.
#[derive(Clone)]
pub enum Credentials {
    /// HTTP Basic (RFC 7617).
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: Secret,
    },
    /// A bearer token (RFC 6750).
    Bearer(Secret),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // the user is often somebody's address
        f.write_str(match self {
            Self::Basic { .. } => "Basic(secret)",
            Self::Bearer(_) => "Bearer(secret)",
        })
    }
}

/// A value from the environment that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What a server gave with a page to ask later whether it has changed (RFC 9110 §8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`, quotes and all.
    pub etag: Option<String>,
    /// `Last-Modified`, as the server wrote it.
    pub last_modified: Option<String>,
}

/// What one reading of a feed gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Feed {
    /// Title of the show or blog.
    pub title: Option<String>,
    /// Its home page.
    pub link: Option<Url>,
    /// Language as the feed says it (BCP 47).
    pub language: Option<String>,
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
    /// Chapter marks (`podcast:chapters`).
    pub chapters: Option<Url>,
    /// Clips the show's editors cut (`podcast:soundbite`).
    pub soundbites: Vec<Soundbite>,
    /// Who takes part (`podcast:person`).
    pub people: Vec<Person>,
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

/// The readable text of an entry. Blocks are ranges of one text in which each run of white space is one space, or a
/// blank line between two blocks, so that a span of bytes names the same words for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    origin: TextOrigin,
    text: String,
    blocks: Vec<Block>,
    marks: Vec<TimeMark>,
}

impl Document {
    /// An empty document, to be written block by block.
    pub fn new(origin: TextOrigin) -> Self {
        Self {
            origin,
            text: String::new(),
            blocks: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Appends a block; white space is folded, and a text that is empty then is left out.
    pub fn push(&mut self, kind: BlockKind, speaker: Option<&str>, text: &str) {
        let mut words = text.split_whitespace().peekable();
        if words.peek().is_none() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let from = self.text.len();
        for (nth, word) in words.enumerate() {
            if nth > 0 {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
        let to = self.text.len();
        self.blocks.push(Block {
            kind,
            speaker: speaker.map(str::to_owned),
            from,
            to,
        });
    }

    /// Appends what `speaker` says from `start_seconds` on: to the open utterance when the same person goes on, else as a
    /// new one. Words that do not follow a mark keep the time of the mark before them.
    pub fn push_speech(&mut self, speaker: Option<&str>, start_seconds: Option<f64>, text: &str) {
        if text.split_whitespace().next().is_none() {
            return;
        }
        let goes_on = self.blocks.last().is_some_and(|last| {
            last.kind == BlockKind::Utterance && last.speaker.as_deref() == speaker
        });
        if !goes_on {
            self.push_turn(speaker, start_seconds, text);
            return;
        }
        let at_byte = self.text.len() + 1;
        for word in text.split_whitespace() {
            self.text.push(' ');
            self.text.push_str(word);
        }
        let to = self.text.len();
        if let Some(last) = self.blocks.last_mut() {
            last.to = to;
        }
        self.mark(at_byte, start_seconds);
    }

    /// Appends what `speaker` says from `start_seconds` on as a new utterance, also when the last one is of the same
    /// speaker: a pause, or a change between two people whom nobody names.
    pub fn push_turn(&mut self, speaker: Option<&str>, start_seconds: Option<f64>, text: &str) {
        if text.split_whitespace().next().is_none() {
            return;
        }
        self.push(BlockKind::Utterance, speaker, text);
        let at_byte = self.blocks.last().map_or(0, |block| block.from);
        self.mark(at_byte, start_seconds);
    }

    fn mark(&mut self, at_byte: usize, start_seconds: Option<f64>) {
        if let Some(start_seconds) = start_seconds {
            self.marks.push(TimeMark {
                at_byte,
                start_seconds,
            });
        }
    }

    /// Where the text came from.
    pub fn origin(&self) -> TextOrigin {
        self.origin
    }

    /// All of the text; blocks and spans are byte ranges of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The blocks in order; they do not overlap.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The words of one block.
    pub fn text_of(&self, block: &Block) -> &str {
        &self.text[block.from..block.to]
    }

    /// Seconds from the start of the audio at which the words at `byte` are said: the last mark at or before them that
    /// stands in the same block, else none.
    pub fn seconds_at(&self, byte: usize) -> Option<f64> {
        let upto = self.marks.partition_point(|mark| mark.at_byte <= byte);
        let mark = self.marks[..upto].last()?;
        let block = self.blocks.partition_point(|block| block.to <= byte);
        (mark.at_byte >= self.blocks.get(block)?.from).then_some(mark.start_seconds)
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// SHA-256 of the text in hexadecimal: what a receipt names the document by.
    pub fn sha256(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }
}

/// SHA-256 in lower-case hexadecimal (FIPS 180-4).
pub fn sha256_hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    Sha256::digest(bytes)
        .iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}"); // writing to a String cannot fail
            hex
        })
}

/// Where the text of a document came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextOrigin {
    /// A transcript that the feed links.
    Transcript,
    /// A transcript on the episode's page.
    TranscriptPage,
    /// The takeaways in the show notes.
    Notes,
    /// Full content carried by the feed.
    FeedContent,
    /// The linked page.
    ArticlePage,
    /// A file that someone handed over.
    File,
}

/// One stretch of a document: a turn of a conversation, or a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
    /// First byte in the document's text.
    pub from: usize,
    /// The byte after the last.
    pub to: usize,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// A turn of one speaker.
    Utterance,
    /// A paragraph of prose.
    Paragraph,
    /// A heading: evidence, never quoted.
    Heading,
    /// An item of a list.
    ListItem,
    /// Somebody else's words set apart: evidence, never quoted.
    Quotation,
}

/// From this byte on, the words are said at this time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TimeMark {
    /// Byte in the document's text.
    pub at_byte: usize,
    /// Seconds from the start of the audio (WebVTT §4.1).
    pub start_seconds: f64,
}

/// A passage with a score and the reasons for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// First byte of the passage in the document's text.
    pub from: usize,
    /// The byte after its last.
    pub to: usize,
    /// The passage itself: exactly `document.text()[from..to]`.
    pub text: String,
    /// The claim in it, made of its own words.
    pub headline: String,
    /// Who says it.
    pub speaker: Option<String>,
    /// Seconds from the start of the audio.
    pub start_seconds: Option<f64>,
    /// Number of its paragraph, counted from 1 over the document's blocks; none for speech.
    pub paragraph: Option<usize>,
    /// Sum of the points of its reasons.
    pub score: f64,
    /// Which rules fired, with how many points, strongest first.
    pub reasons: Vec<Reason>,
    /// What it is about, most fitting first.
    pub topics: Vec<String>,
}

/// A rule that fired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Name of the rule.
    pub rule: String,
    /// What it gave (or, below zero, took).
    pub points: f64,
}

/// A candidate on the shelf, with what is known of its entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Shelved {
    /// Name of the source.
    pub source: String,
    /// The entry's own id.
    pub entry: EntryId,
    /// Title of the entry.
    pub entry_title: String,
    /// The entry's page.
    pub entry_url: Option<Url>,
    /// The audio file.
    pub enclosure_url: Option<Url>,
    /// When the entry was published, or first seen where its feed does not say.
    pub published: Timestamp,
    /// SHA-256 of the document that the passage stands in.
    pub document_sha256: String,
    /// The passage.
    pub candidate: Candidate,
}

/// A candidate that was compared with history and with the better ones of its day, and not found there.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh(Shelved);

impl Fresh {
    /// For the stage that compared it.
    pub(crate) fn found_new(shelved: Shelved) -> Self {
        Self(shelved)
    }

    /// The candidate.
    pub fn shelved(&self) -> &Shelved {
        &self.0
    }
}

/// A passage compared with history and found fresh, as it goes into an edition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Insight {
    /// A claim of 5 to 14 words.
    pub headline: String,
    /// The words themselves, verbatim.
    pub text: String,
    /// Score with the source's weight in it.
    pub score: f64,
    /// Which rules fired.
    pub reasons: Vec<Reason>,
    /// Name of the source.
    pub source: String,
    /// Title of the entry.
    pub entry_title: String,
    /// The entry's page.
    pub entry_url: Option<Url>,
    /// The audio file.
    pub enclosure_url: Option<Url>,
    /// When the entry was published.
    pub published: Timestamp,
    /// Who says it.
    pub speaker: Option<String>,
    /// Seconds from the start of the audio.
    pub start_seconds: Option<f64>,
    /// Where the words stand.
    pub receipt: Receipt,
    /// What it is about.
    pub topics: Vec<String>,
}

/// An insight as history keeps it: what must not be told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentInsight {
    /// The day of its edition.
    pub date: Date,
    /// Its headline.
    pub headline: String,
    /// Its words.
    pub text: String,
}

/// Where the words stand, so that anyone can find them again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Receipt {
    /// The entry's page.
    pub entry_url: Option<Url>,
    /// SHA-256 of the document's text, in hexadecimal.
    pub document_sha256: String,
    /// First byte of the passage in that text.
    pub from_byte: usize,
    /// The byte after its last.
    pub to_byte: usize,
    /// Who says it.
    pub speaker: Option<String>,
    /// Seconds from the start of the audio.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub start_seconds: Option<f64>,
    /// Number of the paragraph, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub paragraph: Option<usize>,
}

/// The edition of one day. It has at least one insight: an empty one cannot be made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    /// The day it is for, in the operator's time zone.
    pub date: Date,
    /// Number of the edition, counted from 1.
    pub edition: u32,
    /// Name of the newsletter.
    pub title: String,
    /// When the five were chosen: the `Date` of every message, so that a retry has the same bytes.
    pub chosen: Timestamp,
    insights: Vec<Insight>,
}

impl Digest {
    /// An edition of these insights, best first; none where there is no insight.
    pub fn new(
        date: Date,
        edition: u32,
        title: String,
        chosen: Timestamp,
        insights: Vec<Insight>,
    ) -> Option<Self> {
        (!insights.is_empty()).then_some(Self {
            date,
            edition,
            title,
            chosen,
            insights,
        })
    }

    /// The insights, best first.
    pub fn insights(&self) -> &[Insight] {
        &self.insights
    }
}

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

/// A finished message for one subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// The day of its edition.
    pub date: Date,
    /// The number of its subscriber: what logs and the outbox call it by.
    pub subscriber: i64,
    /// Its one recipient.
    pub to: EmailAddress,
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
