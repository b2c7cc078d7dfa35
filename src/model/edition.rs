//! What is told: insights with their receipts, and the edition they stand in.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::model::Reason;

/// A passage compared with history and found fresh, as it goes into an edition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Insight {
    /// A claim of 5 to 14 words.
    pub headline: String,
    /// The words themselves, verbatim.
    pub text: String,
    /// The same as readers see them, an ellipsis in the place of each stumble of speech; absent where that is `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
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
    /// The day of that, where it is before those that the edition looks back on: such an insight fills a thin day, and is
    /// labelled with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_earlier_day: Option<Date>,
    /// Who says it.
    pub speaker: Option<String>,
    /// Seconds from the start of the audio.
    pub start_seconds: Option<f64>,
    /// Where the words stand.
    pub receipt: Receipt,
    /// What it is about.
    pub topics: Vec<String>,
    /// Who else makes the point, elsewhere; absent in editions of older programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_said_by: Vec<Voice>,
    /// What earlier editions told of the subject; absent in editions of older programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
}

impl Insight {
    /// The words as readers see them.
    pub fn quote(&self) -> &str {
        self.shown.as_deref().unwrap_or(&self.text)
    }
}

/// Somebody else who makes the point of an insight, with the receipt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    /// The claim in other words.
    pub headline: String,
    /// The words themselves, verbatim.
    pub text: String,
    /// The same as readers see them; absent where that is `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
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
}

/// An insight of an earlier edition that speaks of the same subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Related {
    /// The day of its edition.
    pub date: Date,
    /// Its place in that edition, counted from 1.
    pub position: usize,
    /// Whether it sees the matter differently.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub differs: bool,
    /// Its headline.
    pub headline: String,
    /// Name of its source.
    pub source: String,
    /// Title of its entry.
    pub entry_title: String,
    /// The entry's page.
    pub entry_url: Option<Url>,
    /// The audio file.
    pub enclosure_url: Option<Url>,
    /// Who said it.
    pub speaker: Option<String>,
    /// Seconds from the start of the audio.
    pub start_seconds: Option<f64>,
}

/// An insight of an earlier edition, as much of it as is needed to find it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// The day of its edition.
    pub date: Date,
    /// Its place there, counted from 1.
    pub position: usize,
    /// Its words.
    pub text: String,
    /// SHA-256 of the document that they stand in.
    pub document_sha256: String,
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

/// Words that an edition cites, and where they stand.
#[derive(Debug, Clone, Copy)]
pub struct Quote<'a> {
    /// The claim in them.
    pub headline: &'a str,
    /// The words themselves, verbatim.
    pub text: &'a str,
    /// The same as readers see them; none where that is `text`.
    pub shown: Option<&'a str>,
    /// Where they stand.
    pub receipt: &'a Receipt,
}

impl Insight {
    /// All that is cited with it: its own words, and those of whoever else says it.
    pub fn quotes(&self) -> impl Iterator<Item = Quote<'_>> {
        let own = Quote {
            headline: &self.headline,
            text: &self.text,
            shown: self.shown.as_deref(),
            receipt: &self.receipt,
        };
        let others = self.also_said_by.iter().map(|voice| Quote {
            headline: &voice.headline,
            text: &voice.text,
            shown: voice.shown.as_deref(),
            receipt: &voice.receipt,
        });
        std::iter::once(own).chain(others)
    }
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
    /// Whether a machine heard the words: then they are those of its captions, and may differ from what was said.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub machine_heard: bool,
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
    /// SHA-256 of the rules in force when the five were chosen, in hexadecimal; absent in editions of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules_sha256: Option<String>,
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
            rules_sha256: None,
            insights,
        })
    }

    /// The same, with the name of the rules by which its insights were found.
    #[must_use]
    pub fn by_rules(self, sha256: &str) -> Self {
        Self {
            rules_sha256: Some(sha256.to_owned()),
            ..self
        }
    }

    /// The insights, best first.
    pub fn insights(&self) -> &[Insight] {
        &self.insights
    }
}
