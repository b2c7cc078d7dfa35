//! Which language a stretch of text is in, told by the rate of the words that each language cannot do without.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::Document;

use crate::model::stems::WordMap;

/// The words that tell languages, as data.
const LANGUAGES: &str = include_str!("languages.toml");

/// Fewer of a language's words than this prove nothing.
const HITS_MIN: usize = 3;

/// Where not one word is of the language that is asked about, so many of another's are enough.
const HITS_MIN_ALONE: usize = 2;

/// A text has at least one word in so many from its language's list; seen are one in four (Finnish) to one in two.
const HIT_RATE: usize = 7;

/// So many words of a document tell its language.
const SAMPLE_WORDS: usize = 800;

/// Words that are read of one block for that.
const SAMPLE_BLOCK_WORDS: usize = 40;

/// The most languages: one bit of a word's mask each.
const LANGUAGES_MAX: usize = 15;

/// The bit of a word that no list has and that is written with letters such as ę, ö or ş.
const ACCENTED: u16 = 1 << LANGUAGES_MAX;

/// A language of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Language(usize);

impl Language {
    /// Its name in English.
    pub(super) fn name(self) -> &'static str {
        LISTS.names[self.0].as_str()
    }

    /// The language that a list of single words is in.
    pub(super) fn of_words(words: &str) -> Option<Self> {
        let masks = masks_of(words.split_whitespace()).1;
        let hits = |nth: usize| masks.iter().filter(|mask| *mask >> nth & 1 == 1).count();
        let (most, nth) = (0..LISTS.names.len())
            .map(|nth| (hits(nth), nth))
            .max_by_key(|&(hits, nth)| (hits, Reverse(nth)))?;
        (most >= HITS_MIN).then_some(Self(nth))
    }

    /// The name of the language that the text is in, where that is plainly another than this one.
    pub(super) fn foreign_to<'a>(
        self,
        words: impl Iterator<Item = &'a str>,
    ) -> Option<&'static str> {
        let (other_script, masks) = masks_of(words);
        if other_script * 2 > masks.len() {
            return Some("a language of another script");
        }
        let accented = masks.iter().filter(|mask| **mask == ACCENTED).count();
        // words of both languages prove nothing
        let rate = |nth: usize| {
            let only = |this: usize, that: usize| {
                masks
                    .iter()
                    .filter(|mask| *mask >> this & 1 > *mask >> that & 1)
                    .count()
            };
            (only(nth, self.0) + accented, only(self.0, nth))
        };
        (0..LISTS.names.len())
            .filter(|nth| *nth != self.0)
            .map(|nth| (rate(nth), nth))
            .filter(|&((other, own), _)| {
                let enough = if own == 0 { HITS_MIN_ALONE } else { HITS_MIN };
                other >= enough && other * HIT_RATE >= masks.len() && other > own * 2
            })
            .max_by_key(|&((other, _), nth)| (other, Reverse(nth)))
            .map(|(_, nth)| Self(nth).name())
    }

    /// Whether not one word of the text is of this language's list.
    pub(super) fn is_silent_in(self, text: &str) -> bool {
        text.split(' ')
            .all(|word| LISTS.mask(word) >> self.0 & 1 == 0)
    }
}

/// Words of all of a document, sampled evenly: enough to tell its language by.
pub(super) fn sample(document: &Document) -> impl Iterator<Item = &str> {
    let blocks = document.blocks();
    let step = (blocks.len() * SAMPLE_BLOCK_WORDS / SAMPLE_WORDS).max(1);
    let each = SAMPLE_WORDS / blocks.len().clamp(1, SAMPLE_WORDS / SAMPLE_BLOCK_WORDS);
    blocks
        .iter()
        .step_by(step)
        .flat_map(move |block| document.text_of(block).split(' ').take(each))
}

/// How many of the words are written in letters other than Latin ones, and the languages of each word.
fn masks_of<'a>(words: impl Iterator<Item = &'a str>) -> (usize, Vec<u16>) {
    let mut other_script = 0;
    let masks = words
        .filter_map(|word| {
            let letter = word.chars().find(|c| c.is_alphabetic())?;
            if letter > LATIN_LAST {
                other_script += 1;
                return Some(0);
            }
            let mask = LISTS.mask(word);
            // a capital stands before a name, and people have names from everywhere
            let accented = mask == 0
                && letter.is_lowercase()
                && word.chars().any(|c| c.is_alphabetic() && !c.is_ascii());
            Some(if accented { ACCENTED } else { mask })
        })
        .collect();
    (other_script, masks)
}

/// The last letter that is Latin (Unicode 16, Latin Extended-B and IPA).
const LATIN_LAST: char = '\u{2AF}';

/// The lists, by word.
struct Lists {
    names: Vec<String>,
    masks: WordMap<u16>,
}

impl Lists {
    /// The languages whose list has this word, a bit each.
    fn mask(&self, word: &str) -> u16 {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        // no listed word is longer
        if bare.len() > 16 {
            return 0;
        }
        let plain = bare.to_lowercase().replace('’', "'");
        self.masks.get(&plain).copied().unwrap_or(0)
    }
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let listed: BTreeMap<String, Row> =
        toml::from_str(LANGUAGES).expect("the file is a constant, and read by a test");
    let mut lists = Lists {
        names: Vec::new(),
        masks: WordMap::default(),
    };
    for (nth, row) in listed.into_values().take(LANGUAGES_MAX).enumerate() {
        for word in row.words.split_whitespace() {
            *lists.masks.entry(word.to_owned()).or_insert(0) |= 1 << nth;
        }
        lists.names.push(row.name);
    }
    lists
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    words: String,
}
