//! Words of a document in, what became of the sentences they stand in: why no candidate has them, or which one.

use crate::model::Candidate;
use crate::model::Document;

use super::Context;
use super::HEADLINES_MAX;
use super::Rules;
use super::SCORE_MIN;
use super::candidate;
use super::find_insights;
use super::headline::HeadlineWriter;
use super::passages::Passage;
use super::passages::SENTENCES_MAX;
use super::passages::WORDS_MAX;
use super::passages::WORDS_MIN;
use super::passages::Weigher;
use super::passages::best_passages;
use super::passages::windows;
use super::reading::Reading;
use super::refuse::is_noise;
use super::rules::Reach;
use super::voices::Voice;

/// The most sentences that are told of: whoever seeks a word that stands everywhere wants other words.
const SOUGHT_MAX: usize = 20;

/// The most obstacles that are told of one sentence.
const OBSTACLES_MAX: usize = 3;

/// What became of the sentences in which these words stand, in the order of the document. Case, punctuation and line breaks
/// do not count; words that run over the end of a sentence bring both.
pub fn why_not(
    document: &Document,
    context: &Context<'_>,
    rules: &Rules,
    words: &str,
) -> Vec<Sought> {
    let reading = Reading::new(document, context, rules);
    let places = places_of(words, document.text());
    let sought = (0..reading.sentences.len())
        .filter(|&nth| {
            let sentence = reading.sentences[nth];
            let overlaps = |(from, to): &(usize, usize)| *from < sentence.to && *to > sentence.from;
            places.iter().any(overlaps)
        })
        .take(SOUGHT_MAX);
    let candidates = find_insights(document, context, rules);
    let inquiry = Inquiry {
        windows: windows(&reading).collect(),
        best: best_passages(&reading),
        weigher: Weigher::new(&reading),
        reading: &reading,
        context,
        candidates: &candidates,
    };
    sought.map(|nth| inquiry.of(nth)).collect()
}

/// A sentence that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Sought {
    /// The sentence.
    pub sentence: String,
    /// Who says it.
    pub speaker: Option<String>,
    /// Seconds from the start of the audio.
    pub start_seconds: Option<f64>,
    /// What became of it.
    pub fate: Fate,
    /// The best passage that has it, where there is one with a headline.
    pub passage: Option<Candidate>,
}

/// What became of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// A candidate has it.
    Candidate {
        /// Rank of the candidate in its document, from 1.
        rank: usize,
    },
    /// A refusal of the rules forbids it.
    Refused {
        /// Name of the refusal.
        rule: String,
        /// The sentence with the words that it looks for, where that is another one.
        because_of: Option<String>,
    },
    /// It is a heading, or quoted from somebody else.
    NotTheAuthors,
    /// Its voice is heard too shortly to be a guest's.
    PassingVoice,
    /// It asks.
    Question,
    /// It has a link or code in it, or could not be heard.
    Noise,
    /// What it belongs to may not be quoted: an introduction, a teaser or an advertisement.
    NotTheTalk,
    /// No passage can be cut that has it.
    NoPassage(Vec<Obstacle>),
    /// No passage that has it has a claim that makes a clean headline.
    NoHeadline,
    /// As much speaks against it as for it, or more.
    TooFewPoints,
    /// A better candidate shares a sentence with it.
    Overlapped {
        /// Rank of that candidate in its document, from 1.
        rank: usize,
    },
    /// As many better ones were found as are kept.
    Outdone,
}

/// Why a passage cannot be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It would open in mid-sentence.
    OpensCut,
    /// It would end in mid-sentence.
    EndsCut,
    /// It would open with a sentence that only leads in.
    LeadsIn,
    /// It would be shorter than a passage is.
    TooShort,
    /// It would be longer than a passage is.
    TooLong,
    /// It would have a sentence that must not be quoted.
    Neighbour,
    /// It would have two voices.
    TwoVoices,
}

/// All that is known of a document, for several sentences to be looked up.
struct Inquiry<'a> {
    reading: &'a Reading<'a>,
    context: &'a Context<'a>,
    weigher: Weigher<'a>,
    windows: Vec<(usize, usize)>,
    best: Vec<Passage>,
    candidates: &'a [Candidate],
}

impl Inquiry<'_> {
    fn of(&self, nth: usize) -> Sought {
        let reading = self.reading;
        let from = reading.sentences[nth].from;
        let (fate, passage) = self.fate(nth);
        let block = &reading.document.blocks()[reading.facts[nth].turn];
        Sought {
            sentence: reading.text(nth).to_owned(),
            speaker: block.speaker.clone(),
            start_seconds: reading.document.seconds_at(from),
            fate,
            passage,
        }
    }

    fn fate(&self, nth: usize) -> (Fate, Option<Candidate>) {
        let sentence = self.reading.sentences[nth];
        if let Some(rank) = self.rank_of(sentence.from, sentence.to) {
            let candidate = self.candidates[rank - 1].clone();
            return (Fate::Candidate { rank }, Some(candidate));
        }
        if self.reading.facts[nth].refused {
            return (self.refused(nth), None);
        }
        let has_it = |first: usize, last: usize| first <= nth && nth <= last;
        if !self
            .windows
            .iter()
            .any(|&(first, last)| has_it(first, last))
        {
            return (Fate::NoPassage(self.obstacles(nth)), None);
        }
        let mut with_it = self
            .best
            .iter()
            .take(HEADLINES_MAX)
            .filter(|passage| has_it(passage.first, passage.last))
            .peekable();
        if with_it.peek().is_none() {
            return (Fate::Outdone, None);
        }
        let writer = HeadlineWriter::new(self.reading);
        let best = with_it
            .filter_map(|passage| {
                let headline = writer.write(passage.first, passage.last)?;
                let (reading, weigher) = (self.reading, &self.weigher);
                Some(candidate(
                    reading,
                    weigher,
                    self.context,
                    *passage,
                    headline,
                ))
            })
            // of equals the first, which is the earlier
            .reduce(|best, next| if next.score > best.score { next } else { best });
        let Some(best) = best else {
            return (Fate::NoHeadline, None);
        };
        let fate = if best.score < SCORE_MIN {
            Fate::TooFewPoints
        } else if let Some(rank) = self.rank_of(best.from, best.to) {
            Fate::Overlapped { rank }
        } else {
            Fate::Outdone
        };
        (fate, Some(best))
    }

    /// The rank of the best candidate that shares bytes with this range.
    fn rank_of(&self, from: usize, to: usize) -> Option<usize> {
        let shares = |candidate: &Candidate| candidate.from < to && candidate.to > from;
        self.candidates.iter().position(shares).map(|nth| nth + 1)
    }

    /// Why a sentence must not be quoted.
    fn refused(&self, nth: usize) -> Fate {
        let reading = self.reading;
        let turn = &reading.turns[reading.facts[nth].turn];
        let refusal = |sentence: usize, any_reach: bool| {
            let rules = reading.rules;
            rules
                .refusals
                .iter()
                .enumerate()
                .find_map(|(row, refusal)| {
                    let own = matches!(refusal.reach, Reach::Sentence | Reach::Chapter);
                    let reaches = any_reach || !own;
                    let stands = reaches && reading.has(sentence, rules.refusal_bit(row));
                    stands.then(|| refusal.name.clone())
                })
        };
        if let Some(rule) = refusal(nth, true) {
            return Fate::Refused {
                rule,
                because_of: None,
            };
        }
        if !turn.quotable {
            return Fate::NotTheAuthors;
        }
        if turn.voice == Voice::Passing {
            return Fate::PassingVoice;
        }
        if is_noise(reading.text(nth)) {
            return if reading.text(nth).contains('?') {
                Fate::Question
            } else {
                Fate::Noise
            };
        }
        // what reaches further stands before it as a rule, and the nearest is the likeliest
        let mut around = (turn.first..nth).rev().chain(nth + 1..turn.end);
        let from_afar = around.find_map(|other| Some((refusal(other, false)?, other)));
        match from_afar {
            Some((rule, other)) => Fate::Refused {
                rule,
                because_of: Some(reading.text(other).to_owned()),
            },
            None => Fate::NotTheTalk,
        }
    }

    /// Why none of the passages can be cut that would have a sentence, those of the shortest first.
    fn obstacles(&self, nth: usize) -> Vec<Obstacle> {
        let turn = &self.reading.turns[self.reading.facts[nth].turn];
        let mut obstacles = Vec::new();
        for length in 1..=SENTENCES_MAX {
            let earliest = (nth + 1).saturating_sub(length).max(turn.first);
            for first in (earliest..=nth).rev() {
                let last = first + length - 1;
                if last < nth || last >= turn.end || obstacles.len() == OBSTACLES_MAX {
                    continue;
                }
                let obstacle = self.obstacle(first, last);
                if !obstacles.contains(&obstacle) {
                    obstacles.push(obstacle);
                }
            }
        }
        obstacles
    }

    fn obstacle(&self, first: usize, last: usize) -> Obstacle {
        let reading = self.reading;
        let (facts, sentences) = (
            &reading.facts[first..=last],
            &reading.sentences[first..=last],
        );
        let words: usize = sentences.iter().map(|sentence| sentence.words).sum();
        if facts.iter().any(|facts| facts.refused) {
            Obstacle::Neighbour
        } else if sentences.iter().skip(1).any(|sentence| sentence.new_voice) {
            Obstacle::TwoVoices
        } else if words < WORDS_MIN {
            Obstacle::TooShort
        } else if words > WORDS_MAX {
            Obstacle::TooLong
        } else if !facts[0].may_open {
            Obstacle::OpensCut
        } else if !facts[facts.len() - 1].may_close {
            Obstacle::EndsCut
        } else {
            Obstacle::LeadsIn
        }
    }
}

/// Where these words stand in a text, in bytes.
fn places_of(words: &str, text: &str) -> Vec<(usize, usize)> {
    let wanted: Vec<String> = words_in(words).map(|(_, word)| word).collect();
    let all: Vec<((usize, usize), String)> = words_in(text).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    all.windows(wanted.len())
        .filter(|run| run.iter().map(|(_, word)| word).eq(&wanted))
        .map(|run| (run[0].0.0, run[run.len() - 1].0.1))
        .collect()
}

/// The words of a text in lower case, without marks at or in them, each with its place in bytes.
fn words_in(text: &str) -> impl Iterator<Item = ((usize, usize), String)> {
    let mut from = 0;
    text.split_inclusive(char::is_whitespace)
        .map(move |piece| {
            let at = (from, from + piece.trim_end().len());
            from += piece.len();
            let plain = piece.chars().filter(|c| c.is_alphanumeric());
            (at, plain.flat_map(char::to_lowercase).collect::<String>())
        })
        .filter(|(_, word)| !word.is_empty())
}
