//! What might be told: passages with their points and reasons.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::model::EntryId;
use crate::model::Receipt;
use crate::model::Voice;

/// A passage with a score and the reasons for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// First byte of the passage in the document's text.
    pub from: usize,
    /// The byte after its last.
    pub to: usize,
    /// The passage itself: exactly `document.text()[from..to]`.
    pub text: String,
    /// The passage as readers see it, an ellipsis in the place of each stumble of speech; absent where that is `text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<String>,
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
    /// Whether that document has the words that a machine heard.
    pub machine_heard: bool,
    /// The passage.
    pub candidate: Candidate,
}

impl Shelved {
    /// Where its words stand.
    pub fn receipt(&self) -> Receipt {
        let candidate = &self.candidate;
        Receipt {
            entry_url: self.entry_url.clone(),
            document_sha256: self.document_sha256.clone(),
            from_byte: candidate.from,
            to_byte: candidate.to,
            speaker: candidate.speaker.clone(),
            start_seconds: candidate.start_seconds,
            paragraph: candidate.paragraph,
            machine_heard: self.machine_heard,
        }
    }
}

/// A candidate that was compared with history and with the better ones of its day, and not found there.
#[derive(Debug, Clone, PartialEq)]
pub struct Fresh {
    shelved: Shelved,
    also_said_by: Vec<Voice>,
}

impl Fresh {
    /// For the stage that compared it.
    pub(crate) fn found_new(shelved: Shelved) -> Self {
        Self {
            shelved,
            also_said_by: Vec::new(),
        }
    }

    /// For the stage that found somebody else who makes its point.
    pub(crate) fn join(&mut self, voice: Voice) {
        self.also_said_by.push(voice);
    }

    /// The candidate.
    pub fn shelved(&self) -> &Shelved {
        &self.shelved
    }

    /// Who else makes its point, best first.
    pub fn also_said_by(&self) -> &[Voice] {
        &self.also_said_by
    }
}
