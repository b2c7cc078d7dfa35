//! The claim in a passage, cut out of its own words: nothing is added, and nothing but fillers and whole clauses is left out.

use std::cell::OnceCell;

use super::reading::Reading;
use super::rules::Matcher;
use super::rules::Place;
use super::rules::Rules;

use claim::quality;
use cuts::ends;
use cuts::starts;
use cuts::wordings;
use whole::whole_clause;
use words::Word;
use words::show;
use words::words_of;

mod words;

mod cuts;

mod whole;

mod torn;

mod verbs;

mod claim;

mod lists;

/// A headline says a whole thing: fewer words seldom do.
const WORDS_MIN: usize = 5;

/// More words are a sentence, not a headline.
const WORDS_MAX: usize = 14;

/// A headline below this is worse than none: the passage is dropped.
const STRENGTH_MIN: f64 = -1.4;

/// What a sentence gives that is taken as it stands, from its first word to its last.
const WHOLE_SENTENCE: f64 = 0.3;

/// What the first sentence of a passage gives: an editor's cut begins with the claim.
const FIRST_SENTENCE: f64 = 0.35;

/// The claim of a passage in a line.
#[derive(Debug, Clone)]
pub(super) struct Headline {
    /// The words, capital first and without a mark at the end.
    pub(super) text: String,
    /// How well they stand alone as a claim; 0 is passable, 1 is good.
    pub(super) strength: f64,
}

/// Writes headlines for the passages of one document; each sentence is cut once.
pub(super) struct HeadlineWriter<'a> {
    reading: &'a Reading<'a>,
    cut: Vec<OnceCell<Option<Headline>>>,
}

impl<'a> HeadlineWriter<'a> {
    /// A writer that has cut nothing yet.
    pub(super) fn new(reading: &'a Reading<'a>) -> Self {
        Self {
            reading,
            cut: vec![OnceCell::new(); reading.sentences.len()],
        }
    }

    /// The best headline of the passage from the sentence `first` to `last`, if it has one.
    pub(super) fn write(&self, first: usize, last: usize) -> Option<Headline> {
        let mut best: Option<Headline> = None;
        for nth in first..=last {
            let reading = self.reading;
            let of_sentence = self.cut[nth].get_or_init(|| cut_sentence(reading, nth));
            let Some(headline) = of_sentence else {
                continue;
            };
            let place = if nth == first { FIRST_SENTENCE } else { 0.0 };
            let strength = headline.strength + place;
            let beats = best.as_ref().is_none_or(|best| strength > best.strength);
            if strength >= STRENGTH_MIN && beats {
                best = Some(Headline {
                    text: headline.text.clone(),
                    strength,
                });
            }
        }
        best
    }
}

/// The best headline of one sentence.
fn cut_sentence(reading: &Reading<'_>, sentence: usize) -> Option<Headline> {
    let worth = claim_worth(reading, sentence);
    let mut best: Option<Headline> = None;
    for (words, cost) in wordings(words_of(reading.text(sentence)), reading.rules) {
        for (span, strength) in stretches(&words, reading.rules) {
            let strength = strength - cost + worth;
            if best.as_ref().is_none_or(|best| strength > best.strength) {
                best = Some(Headline {
                    text: show(span),
                    strength,
                });
            }
        }
    }
    best
}

/// How much of a claim the sentence makes: what its own words give it by the rules.
fn claim_worth(reading: &Reading<'_>, sentence: usize) -> f64 {
    let points: f64 = reading
        .rules
        .rows
        .iter()
        .enumerate()
        .filter(|(nth, rule)| {
            matches!(rule.matcher, Matcher::Words(Place::Any)) && reading.has(sentence, *nth)
        })
        .map(|(_, rule)| rule.weight)
        .sum();
    (points * 0.4).clamp(-0.4, 0.5)
}

/// Every stretch that could stand as a headline, and its strength.
fn stretches<'a>(words: &'a [Word], rules: &Rules) -> Vec<(&'a [Word], f64)> {
    let mut stretches = Vec::new();
    for start in starts(words, rules) {
        for end in ends(words, start.at, rules) {
            let span = &words[start.at..end.at];
            if !(WORDS_MIN..=WORDS_MAX).contains(&span.len()) {
                continue;
            }
            let Some(clause) = whole_clause(span, rules) else {
                continue;
            };
            let whole = if start.cost + end.cost == 0.0 {
                WHOLE_SENTENCE
            } else {
                0.0
            };
            let strength = quality(span, clause, rules) + whole - start.cost - end.cost;
            stretches.push((span, strength));
        }
    }
    stretches
}
