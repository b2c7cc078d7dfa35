//! The lists of words under `[words]`, ready to be asked.

use super::file::WordLists;
use crate::model::stems::StemMap;
use crate::model::stems::WordMap;
use crate::model::stems::WordSet;
use crate::model::stems::stem;

/// What the lists say of a word.
#[derive(Debug, Clone)]
pub(in super::super) struct Words {
    kinds: StemMap<u16>,
    lead_ins: WordMap<Vec<Vec<String>>>,
    verbs: WordSet,
    noises: WordSet,
    asides: Vec<Vec<String>>,
    stumbles: WordSet,
}

impl Words {
    pub(super) fn new(lists: &WordLists) -> Self {
        Self {
            kinds: word_kinds(lists),
            lead_ins: lead_ins(&lists.lead_ins),
            verbs: listed(&lists.verbs),
            noises: listed(&lists.noises),
            asides: lists
                .asides
                .iter()
                .map(|aside| aside.split_whitespace().map(str::to_owned).collect())
                .collect(),
            stumbles: listed(&lists.stumbles),
        }
    }

    /// Kinds of the word whose stem this is.
    pub(in super::super) fn kinds(&self, word: u64) -> u16 {
        self.kinds.get(&word).copied().unwrap_or(0)
    }

    /// Whether a word, in lower case, can be the verb of a clause.
    pub(in super::super) fn is_verb(&self, word: &str) -> bool {
        self.verbs.contains(word)
    }

    /// Whether a word, in lower case, is a noise of speech.
    pub(in super::super) fn is_noise(&self, word: &str) -> bool {
        self.noises.contains(word)
    }

    /// Asides of speech, word by word: what says nothing where it stands between commas.
    pub(in super::super) fn asides(&self) -> &[Vec<String>] {
        &self.asides
    }

    /// Whether a word, in lower case, is one that nobody repeats on purpose.
    pub(in super::super) fn is_stumble(&self, word: &str) -> bool {
        self.stumbles.contains(word)
    }

    /// What may stand before a claim and can be left out, of what begins with this word: the words after it.
    pub(in super::super) fn lead_ins(&self, first: &str) -> &[Vec<String>] {
        self.lead_ins.get(first).map_or(&[], Vec::as_slice)
    }
}

/// Kinds of words; a word can be of several.
pub(in super::super) mod kind {
    pub(in super::super::super) const COMMON: u16 = 1;
    pub(in super::super::super) const YOU: u16 = 2;
    pub(in super::super::super) const ME: u16 = 4;
    pub(in super::super::super) const US: u16 = 8;
    pub(in super::super::super) const PAST: u16 = 16;
    pub(in super::super::super) const FILLER: u16 = 32;
    pub(in super::super::super) const HEDGE: u16 = 64;
    pub(in super::super::super) const STATE: u16 = 128;
    pub(in super::super::super) const DENIAL: u16 = 256;
    pub(in super::super::super) const THEN: u16 = 512;
    /// What parts of a talk are called, whatever their matter.
    pub(in super::super::super) const PART: u16 = 1024;
}

/// The words of a list.
fn listed(words: &str) -> WordSet {
    words.split_whitespace().map(str::to_owned).collect()
}

/// The kinds of all listed words, by stem.
fn word_kinds(lists: &WordLists) -> StemMap<u16> {
    let mut kinds = StemMap::default();
    let mut note = |words: &str, kind: u16| {
        for word in words.split_whitespace() {
            *kinds.entry(stem(word)).or_insert(0) |= kind;
        }
    };
    note(&lists.common, kind::COMMON);
    note(&lists.you, kind::YOU | kind::COMMON);
    note(&lists.me, kind::ME | kind::COMMON);
    note(&lists.us, kind::US | kind::COMMON);
    note(&lists.past, kind::PAST);
    note(&lists.fillers, kind::FILLER | kind::COMMON);
    note(&lists.hedges, kind::HEDGE | kind::COMMON);
    note(&lists.states, kind::STATE);
    note(&lists.denials, kind::DENIAL);
    note(&lists.thens, kind::THEN);
    note(&lists.parts, kind::PART);
    kinds
}

/// Lead-ins by their first word.
fn lead_ins(listed: &[String]) -> WordMap<Vec<Vec<String>>> {
    let mut lead_ins: WordMap<Vec<Vec<String>>> = WordMap::default();
    for lead_in in listed {
        let mut words = lead_in.split(' ').map(str::to_owned);
        if let Some(first) = words.next() {
            lead_ins.entry(first).or_default().push(words.collect());
        }
    }
    lead_ins
}
