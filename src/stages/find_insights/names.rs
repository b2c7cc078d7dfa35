//! Which words a document writes as names: two texts that share a name need not share a thought.

use super::reading::Reading;
use super::rules::Rules;
use super::sentences::words_of;
use crate::model::stems::StemMap;
use crate::model::stems::StemSet;
use crate::model::stems::stem;

/// How a document writes one word.
#[derive(Debug, Clone, Copy, Default)]
struct Written<'a> {
    /// The word as it stands within a sentence with a capital.
    name: Option<&'a str>,
    /// Whether it stands anywhere without one.
    small: bool,
}

/// Those of these words that are names: the document writes each with a capital wherever it stands within a sentence, and
/// nowhere without. Abbreviations, and what the rules list as a word of the field, are subjects.
pub(super) fn names_among(stems: impl Iterator<Item = u64>, reading: &Reading<'_>) -> StemSet {
    let mut written: StemMap<Written<'_>> = stems.map(|stem| (stem, Written::default())).collect();
    if written.is_empty() {
        return StemSet::default();
    }
    for nth in 0..reading.sentences.len() {
        // headings often have capitals throughout
        if !reading.turns[reading.facts[nth].turn].quotable {
            continue;
        }
        for (place, raw) in words_of(reading.text(nth)).enumerate() {
            let word = raw.trim_matches(|c: char| !c.is_alphanumeric());
            let Some(seen) = written.get_mut(&stem(word)) else {
                continue;
            };
            let mut letters = word.chars();
            let (first, second) = (letters.next(), letters.next());
            if first.is_some_and(char::is_lowercase) {
                seen.small = true;
            } else if place > 0 && second.is_some_and(char::is_lowercase) {
                seen.name = Some(word);
            }
        }
    }
    written
        .into_iter()
        .filter(|(_, seen)| !seen.small)
        .filter(|(_, seen)| {
            seen.name
                .is_some_and(|name| !is_of_the_field(name, reading.rules))
        })
        .map(|(stem, _)| stem)
        .collect()
}

/// Whether a topic of the rules lists the word.
fn is_of_the_field(word: &str, rules: &Rules) -> bool {
    let mut listed = false;
    rules
        .finder
        .search()
        .find(word, |bit| listed |= bit >= rules.topic_bit(0));
    listed
}
