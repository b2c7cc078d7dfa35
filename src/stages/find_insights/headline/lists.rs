//! The word lists of `lists.toml`, ready for look-ups.

use std::sync::LazyLock;

use serde::Deserialize;
use serde::Deserializer;

use crate::model::stems::WordMap;
use crate::model::stems::WordSet;

/// The lists that travel in the binary.
const BUILT_IN: &str = include_str!("lists.toml");

/// The lists, each told of in `lists.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    pub(super) pointers: Words,
    pub(super) bad_openers: Words,
    pub(super) bad_enders: Words,
    pub(super) closers: Words,
    pub(super) subjects: Words,
    pub(super) subordinators: Words,
    pub(super) conditions: Words,
    pub(super) places: Words,
    pub(super) claim_verbs: Words,
    pub(super) doubts: Words,
    pub(super) fillers: Words,
    pub(super) filler_pairs: Vec<InARow>,
    pub(super) tags: Vec<InARow>,
    pub(super) advice: Words,
    pub(super) general: Words,
    pub(super) known_subjects: Words,
    pub(super) verbs_or_nouns: Words,
    pub(super) intransitives: Words,
    pub(super) between_verbs: Words,
    pub(super) relatives: Words,
    pub(super) blocks_verb: Words,
    pub(super) pasts: Words,
    pub(super) perfects: Words,
    pub(super) leaning: Words,
    pub(super) vague: Words,
    pub(super) noises: Words,
    pub(super) weak_enders: Words,
    pub(super) reports: Words,
    pub(super) spellings: Spellings,
}

impl Lists {
    /// The lists, read once.
    pub(super) fn get() -> &'static Self {
        static LISTS: LazyLock<Lists> = LazyLock::new(|| {
            toml::from_str(BUILT_IN).expect("the lists are a constant that every test reads")
        });
        &LISTS
    }

    /// How a word is written that has capitals wherever it stands.
    pub(super) fn spelt(&self, word: &str) -> Option<&str> {
        self.spellings.0.get(word).map(String::as_str)
    }
}

/// A list of words.
#[derive(Debug)]
pub(super) struct Words(WordSet);

impl Words {
    /// Whether the word is in the list.
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }
}

/// Words with their capitals, by the same in lower case.
#[derive(Debug)]
pub(super) struct Spellings(WordMap<String>);

/// Words that stand in a row.
#[derive(Debug)]
pub(super) struct InARow(pub(super) Vec<String>);

impl<'de> Deserialize<'de> for InARow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let row = String::deserialize(deserializer)?;
        Ok(Self(row.split(' ').map(str::to_owned).collect()))
    }
}

impl<'de> Deserialize<'de> for Spellings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = String::deserialize(deserializer)?;
        let spelt = list
            .split_whitespace()
            .map(|word| (word.to_lowercase(), word.to_owned()));
        Ok(Self(spelt.collect()))
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = String::deserialize(deserializer)?;
        Ok(Self(list.split_whitespace().map(str::to_owned).collect()))
    }
}
