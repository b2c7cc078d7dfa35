//! Terms that a speaker coins: named where they come up first, and come back to again and again.

use std::collections::BTreeMap;

use super::reading::Reading;
use super::rules::Matcher;
use super::rules::Place;
use super::rules::Search;
use super::rules::kind;
use super::sentences::words_of;
use crate::model::stems::StemMap;
use crate::model::stems::stem;

/// A term has at least so many words that carry meaning; a single one is a word.
const TERM_WORDS_MIN: usize = 2;

/// A term has at most so many words that carry meaning; more is a phrase.
const TERM_WORDS_MAX: usize = 3;

/// A term is one that its speaker comes back to at least so often.
const COMES_BACK_MIN: usize = 3;

/// A term is introduced where it is said for the first time or, since many say a name before they explain it, the second.
const INTRODUCED_WITHIN: usize = 2;

/// A term as one speaker uses it.
#[derive(Debug, Clone, Copy, Default)]
struct Used {
    times: usize,
    /// The sentences that introduce it.
    introduced: [usize; INTRODUCED_WITHIN],
}

/// Takes the words of a rule that looks for a coinage out of every sentence that does not coin a term: one of two or three
/// words, none of them an everyday one, which the rules do not list and the same speaker comes back to.
pub(super) fn mark_coinages(reading: &mut Reading<'_>, stems: &[u64]) {
    let rules = reading.rules;
    let rows: Vec<usize> = (0..rules.rows.len())
        .filter(|nth| matches!(rules.rows[*nth].matcher, Matcher::Words(Place::Coinage)))
        .collect();
    let naming: Vec<usize> = (0..reading.sentences.len())
        .filter(|nth| rows.iter().any(|row| reading.has(*nth, *row)))
        .collect();
    if naming.is_empty() {
        return;
    }
    let speakers = numbers_of_speakers(reading);
    let mut search = rules.finder.search();
    let terms: Vec<Vec<u64>> = naming
        .iter()
        .map(|nth| {
            let speaker = speakers[reading.facts[*nth].turn];
            terms_in(reading, *nth, speaker, &mut search)
        })
        .collect();
    let used = count(reading, stems, &speakers, &terms);
    for (nth, terms) in naming.into_iter().zip(terms) {
        let coined = terms.iter().any(|term| {
            used.get(term)
                .is_some_and(|used| used.times > COMES_BACK_MIN && used.introduced.contains(&nth))
        });
        if !coined {
            for row in &rows {
                reading.unmark(nth, *row);
            }
        }
    }
}

/// A number for the speaker of each turn; whoever is not named is one.
fn numbers_of_speakers(reading: &Reading<'_>) -> Vec<u64> {
    let mut numbers: BTreeMap<Option<&str>, u64> = BTreeMap::new();
    let blocks = reading.document.blocks().iter();
    blocks
        .map(|block| {
            let next = numbers.len() as u64;
            *numbers.entry(block.speaker.as_deref()).or_insert(next)
        })
        .collect()
}

/// The terms that a sentence may coin, each as a number for its words and its speaker.
fn terms_in(
    reading: &Reading<'_>,
    sentence: usize,
    speaker: u64,
    search: &mut Search<'_>,
) -> Vec<u64> {
    let mut terms = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    for raw in words_of(reading.text(sentence)) {
        let word = raw.trim_matches(|c: char| !c.is_alphanumeric());
        let parted_before = raw.starts_with(['"', '“', '‘', '(']);
        let parted_after = raw.ends_with(|c: char| !c.is_alphanumeric());
        if !carries_meaning(word, reading) {
            run.clear();
            continue;
        }
        if parted_before {
            run.clear();
        }
        run.push(word);
        for length in TERM_WORDS_MIN..=TERM_WORDS_MAX.min(run.len()) {
            let term = &run[run.len() - length..];
            if !is_name(term) && !is_listed(term, reading, search) {
                terms.push(number(term.iter().map(|word| stem(word)), speaker));
            }
        }
        if parted_after {
            run.clear();
        }
    }
    terms
}

/// How often each of these terms is used by its speaker, and where first.
fn count(
    reading: &Reading<'_>,
    stems: &[u64],
    speakers: &[u64],
    terms: &[Vec<u64>],
) -> StemMap<Used> {
    let mut used: StemMap<Used> = terms
        .iter()
        .flatten()
        .map(|term| (*term, Used::default()))
        .collect();
    for nth in 0..reading.sentences.len() {
        let speaker = speakers[reading.facts[nth].turn];
        let own = reading.stems_in(nth, stems);
        for length in TERM_WORDS_MIN..=TERM_WORDS_MAX {
            for run in own.windows(length) {
                let Some(used) = used.get_mut(&number(run.iter().copied(), speaker)) else {
                    continue;
                };
                if let Some(place) = used.introduced.get_mut(used.times) {
                    *place = nth;
                }
                used.times += 1;
            }
        }
    }
    used
}

/// A number for the words of a term as one speaker uses it (FNV-1a over their stems).
fn number(stems: impl Iterator<Item = u64>, speaker: u64) -> u64 {
    stems.fold(0xcbf2_9ce4_8422_2325_u64 ^ speaker, |number, stem| {
        (number ^ stem)
            .wrapping_mul(0x0100_0000_01b3)
            .rotate_left(23)
    })
}

/// Whether a word is none that everybody says every day.
fn carries_meaning(word: &str, reading: &Reading<'_>) -> bool {
    // as the reading counts what carries meaning
    word.len() >= 3
        && !word.as_bytes()[0].is_ascii_digit()
        && reading.rules.words.kinds(stem(word)) & kind::COMMON == 0
}

/// Whether each word has a capital: a person, a show or a firm.
fn is_name(term: &[&str]) -> bool {
    term.iter().all(|word| word.starts_with(char::is_uppercase))
}

/// Whether the rules list the words together as a term of the field.
fn is_listed(term: &[&str], reading: &Reading<'_>, search: &mut Search<'_>) -> bool {
    let mut places = |text: &str| {
        let mut places = 0;
        search.find(text, |bit| {
            places += usize::from(bit >= reading.rules.topic_bit(0));
        });
        places
    };
    let apart: usize = term.iter().map(|word| places(word)).sum();
    places(&term.join(" ")) > apart
}
