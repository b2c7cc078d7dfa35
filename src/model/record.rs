//! What is kept so that an edition can be made again: texts of rules, and what was known of an entry when it was read.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::model::Chapter;
use crate::model::Entry;
use crate::model::Person;
use crate::model::Soundbite;
use crate::model::SourceKind;
use crate::model::sha256_hex;

/// The version of this program.
pub const PROGRAM_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The texts that rules were read from.
#[derive(Clone, PartialEq, Eq)]
pub struct RulesText {
    built_in: Arc<str>,
    own: Option<Arc<str>>,
    sha256: String,
}

impl RulesText {
    /// The rules that came with a program, with an operator's file over them where there is one.
    pub fn new(built_in: &str, own: Option<&str>) -> Self {
        let sha256 = match own {
            Some(own) => sha256_hex(format!("{built_in}\0{own}").as_bytes()),
            None => sha256_hex(built_in.as_bytes()),
        };
        Self {
            built_in: built_in.into(),
            own: own.map(Arc::from),
            sha256,
        }
    }

    /// The text of the rules that came with the program.
    pub fn built_in(&self) -> &str {
        &self.built_in
    }

    /// The text of the operator's file.
    pub fn own(&self) -> Option<&str> {
        self.own.as_deref()
    }

    /// What the rules are told apart by, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

impl fmt::Debug for RulesText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // a hundred kilobytes would hide everything else
        write!(f, "RulesText({})", self.sha256)
    }
}

/// What was known of an entry beside its document when its candidates were found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Background {
    /// What the entries of its source are.
    pub kind: SourceKind,
    /// Title of the entry; empty where unknown.
    pub title: String,
    /// Plain words of its show notes or summary; empty where there are none.
    pub notes: String,
    /// Who takes part.
    pub people: Vec<Person>,
    /// Clips the show's editors cut.
    pub soundbites: Vec<Soundbite>,
    /// Its chapters, in any order.
    pub chapters: Vec<Chapter>,
    /// Topics the operator filed its source under.
    pub topics: Vec<String>,
}

impl Background {
    /// What is known of an entry from its feed alone.
    pub fn of(entry: &Entry, kind: SourceKind) -> Self {
        Self {
            kind,
            title: entry.title.clone(),
            notes: String::new(),
            people: entry.people.clone(),
            soundbites: entry.soundbites.clone(),
            chapters: entry.own_chapters.clone(),
            topics: Vec::new(),
        }
    }
}
