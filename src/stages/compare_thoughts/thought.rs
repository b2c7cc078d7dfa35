//! What a passage says, as far as words can tell.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::points::Place;
use super::points::Side;
use super::vocabulary::Concept;
use super::vocabulary::VOCABULARY;
use super::vocabulary::words;
use crate::model::stems::stem;

/// More than this of a text is not read: a passage has one to four sentences.
const WORDS_MAX: usize = 400;

/// What a negation reaches: the words behind it, up to so many.
const DENIED_WORDS: usize = 4;

/// The end of a sentence counts as so many words.
const SENTENCE_WORDS: usize = 3;

/// A passage, read: what it speaks of, and the points that it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Thought {
    /// What it speaks of, each with the word for it.
    concepts: BTreeMap<Concept, Cow<'static, str>>,
    /// What it has to say about points of the field.
    points: Vec<(usize, Side)>,
}

impl Thought {
    /// Reads a passage; what is behind its first 400 words is not read.
    pub fn of(text: &str) -> Self {
        let read = Reading::of(text);
        let mut thought = Self {
            concepts: BTreeMap::new(),
            points: Vec::new(),
        };
        let mut at = 0;
        while at < read.stems.len() {
            at += thought.take_concept(&read, at);
        }
        let (places, doubts) = read.places();
        let mut touched: Vec<usize> = places
            .iter()
            .map(|place| VOCABULARY.point_of_part(place.part))
            .collect();
        touched.dedup(); // the places are in the order of parts, and so of points
        thought.points = touched
            .into_iter()
            .filter_map(|nth| Some((nth, VOCABULARY.point(nth).side(&places, doubts)?)))
            .collect();
        thought
    }

    /// Takes up what is said at a word; gives the number of words of it.
    fn take_concept(&mut self, read: &Reading, at: usize) -> usize {
        let terms = VOCABULARY.terms_at(&read.stems[at..]);
        let groups = terms.filter_map(|(length, number)| Some((length, VOCABULARY.group(number)?)));
        if let Some((length, (group, name))) = groups.last() {
            let name = || Cow::Borrowed(name);
            self.concepts
                .entry(Concept::Group(group))
                .or_insert_with(name);
            return length;
        }
        let (word, stem) = (&read.words[at], read.stems[at]);
        let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
        if word.len() > 2 && !is_number && !VOCABULARY.is_unheard(stem) {
            let word = || Cow::Owned(word.clone());
            self.concepts
                .entry(Concept::Word(stem))
                .or_insert_with(word);
        }
        1
    }

    pub(super) fn points(&self) -> &[(usize, Side)] {
        &self.points
    }

    /// The points of the field that it makes, by their numbers.
    pub(super) fn points_said(&self) -> impl Iterator<Item = usize> {
        let said = self.points.iter().filter(|(_, side)| *side == Side::Says);
        said.map(|(point, _)| *point)
    }

    /// The names of the points of the field that it makes, each with whether it is for it.
    pub fn point_names(&self) -> Vec<(&'static str, bool)> {
        let named =
            |(point, side): &(usize, Side)| (VOCABULARY.name_of(*point), *side == Side::Says);
        self.points.iter().map(named).collect()
    }

    pub(super) fn side_on(&self, point: usize) -> Option<Side> {
        let found = self.points.iter().find(|(known, _)| *known == point);
        found.map(|(_, side)| *side)
    }

    pub(super) fn concepts(&self) -> impl Iterator<Item = Concept> {
        self.concepts.keys().copied()
    }

    pub(super) fn has(&self, concept: Concept) -> bool {
        self.concepts.contains_key(&concept)
    }

    /// What both speak of.
    pub(super) fn words_shared_with(&self, other: &Self) -> Vec<String> {
        let shared = self
            .concepts
            .iter()
            .filter(|(concept, _)| other.has(**concept));
        shared.map(|(_, word)| word.to_string()).collect()
    }

    /// How many terms of the field both speak of, those left out that are said everywhere.
    pub(super) fn terms_shared_with(&self, other: &Self) -> usize {
        let shared = self.concepts().filter(|concept| other.has(*concept));
        shared
            .filter(|concept| VOCABULARY.is_telling(*concept))
            .count()
    }

    /// Whether there is anything in both for which they could be near each other or against each other.
    pub(super) fn touches(&self, other: &Self) -> bool {
        let mut points = self.points.iter();
        points.any(|(point, _)| other.side_on(*point).is_some())
            || self.terms_shared_with(other) > 0
    }

    /// Whether one says the opposite of what the other says, in single words: "dead" and "here to stay".
    pub(super) fn is_opposite_in_words(&self, other: &Self) -> bool {
        let groups = |thought: &Self| -> Vec<usize> {
            let group = |concept| match concept {
                Concept::Group(group) => Some(group),
                Concept::Word(_) => None,
            };
            thought.concepts().filter_map(group).collect()
        };
        let others = groups(other);
        groups(self).iter().any(|one| {
            others
                .iter()
                .any(|other_one| VOCABULARY.are_opposite(*one, *other_one))
        })
    }
}

/// A text as words, with what negations reach.
struct Reading {
    words: Vec<String>,
    stems: Vec<u64>,
    /// For each word its number, the ends of sentences counted in.
    at: Vec<usize>,
    denied: Vec<bool>,
}

impl Reading {
    fn of(text: &str) -> Self {
        let mut read = Self {
            words: Vec::new(),
            stems: Vec::new(),
            at: Vec::new(),
            denied: Vec::new(),
        };
        let mut next = 0;
        for sentence in text.split(['.', '!', '?', ';']) {
            let mut denied_words = 0_usize;
            for word in words(sentence) {
                if read.words.len() == WORDS_MAX {
                    return read;
                }
                let stem = stem(&word);
                let is_negation = VOCABULARY.is_negation(stem) || word.ends_with("n't");
                read.denied.push(denied_words > 0 || is_negation);
                denied_words = if is_negation {
                    DENIED_WORDS
                } else {
                    denied_words.saturating_sub(1)
                };
                read.at.push(next);
                read.words.push(word);
                read.stems.push(stem);
                next += 1;
            }
            next += SENTENCE_WORDS;
        }
        read
    }

    /// Where parts of points stand, ordered by part, and whether the text keeps its distance from something.
    fn places(&self) -> (Vec<Place>, bool) {
        let mut places = Vec::new();
        let mut doubts = false;
        for at in 0..self.stems.len() {
            for (length, number) in VOCABULARY.terms_at(&self.stems[at..]) {
                doubts |= VOCABULARY.is_doubt(number);
                for part in VOCABULARY.parts(number) {
                    places.push(Place {
                        part: *part,
                        at: self.at[at],
                        end: self.at[at + length - 1] + 1,
                        denied: self.denied[at],
                    });
                }
            }
        }
        places.sort_by_key(|place| (place.part, place.at));
        (places, doubts)
    }
}
