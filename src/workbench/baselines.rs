//! Ways of picking that know nothing about insights: what the rules must be better than.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::model::Document;
use crate::stages::find_insights::Survey;

use crate::workbench::chance::Chance;
use crate::workbench::hits::each_word;
use crate::workbench::ranking::Pick;
use crate::workbench::ranking::apart;
use crate::workbench::ranking::span;

/// Sentences less alike than this (cosine) are not tied: LexRank's usual threshold.
const ALIKE_MIN: f64 = 0.1;

/// Chance with which LexRank's walker goes on to a sentence like the one before, rather than to any.
const GOES_ON: f64 = 0.85;

/// Steps of the walker at most; it settles in about thirty.
const STEPS_MAX: usize = 100;

/// A step that changes less than this in all is the last.
const SETTLED: f64 = 1e-9;

/// A word in more than one of so many sentences ties nothing together.
const COMMON_ONE_IN: usize = 3;

/// A way of picking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// By lot.
    Random,
    /// From the beginning, as much as a passage may hold.
    Lead,
    /// The most words.
    Longest,
    /// Most like the whole episode in its words, rare ones weighing more (TF-IDF, cosine with the centroid).
    Centroid,
    /// Of the sentences that are most like the others (LexRank, Erkan and Radev 2004), on average.
    LexRank,
}

impl Baseline {
    /// All of them, the simplest first.
    pub const ALL: [Self; 5] = [
        Self::Random,
        Self::Lead,
        Self::Longest,
        Self::Centroid,
        Self::LexRank,
    ];

    /// What it is called in a table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Random => "random",
            Self::Lead => "lead",
            Self::Longest => "longest",
            Self::Centroid => "TF-IDF centroid",
            Self::LexRank => "LexRank",
        }
    }

    /// The picks of an episode, best first, from the passages that the rules weigh and the host does not say. `seed` is the
    /// episode's own.
    pub(super) fn picks(self, survey: &Survey, document: &Document, seed: u64) -> Vec<Pick> {
        let passages = &survey.passages;
        let mut order: Vec<usize> = (0..passages.len())
            .filter(|nth| !passages[*nth].by_host)
            .collect();
        match self {
            Self::Random => shuffle(&mut order, seed),
            Self::Lead => {
                order.sort_by_key(|nth| (passages[*nth].first, Reverse(passages[*nth].last)));
            }
            Self::Longest => order.sort_by_key(|nth| {
                let (from, to) = span(survey, *nth);
                Reverse(document.text()[from..to].split_whitespace().count())
            }),
            Self::Centroid | Self::LexRank => {
                let words = WeighedWords::of(survey, document, &order);
                let worth = if self == Self::Centroid {
                    words.likeness_to_all(survey, &order)
                } else {
                    words.standing(survey, &order)
                };
                // stable: of equals the earlier
                let mut ranked: Vec<(f64, usize)> = worth.into_iter().zip(order).collect();
                ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
                order = ranked.into_iter().map(|(_, nth)| nth).collect();
            }
        }
        apart(order, survey, document)
    }
}

fn shuffle(order: &mut [usize], seed: u64) {
    let mut chance = Chance::new(seed);
    for last in (1..order.len()).rev() {
        order.swap(last, chance.below(last + 1));
    }
}

/// The words of the sentences that may be quoted, each with how much it weighs in its sentence.
struct WeighedWords {
    /// For each sentence: number and weight of each of its words, by number; nothing for those that no passage holds.
    sentences: Vec<Vec<(usize, f64)>>,
    words: usize,
}

impl WeighedWords {
    /// Weighs the words of the sentences of these passages.
    fn of(survey: &Survey, document: &Document, passages: &[usize]) -> Self {
        let mut quotable = vec![false; survey.sentences.len()];
        for nth in passages {
            quotable[survey.passages[*nth].first..=survey.passages[*nth].last].fill(true);
        }
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut counted: Vec<Vec<(usize, f64)>> = vec![Vec::new(); survey.sentences.len()];
        let mut holding: Vec<usize> = Vec::new();
        let mut all = 0;
        for (nth, &(from, to)) in survey.sentences.iter().enumerate() {
            if !quotable[nth] {
                continue;
            }
            all += 1;
            let mut own = Vec::new();
            each_word(&document.text()[from..to], |word| {
                let next = numbers.len();
                own.push(*numbers.entry(word.to_owned()).or_insert(next));
            });
            own.sort_unstable();
            holding.resize(numbers.len(), 0);
            for same in own.chunk_by(|a, b| a == b) {
                holding[same[0]] += 1;
                counted[nth].push((same[0], count(same.len())));
            }
        }
        for sentence in &mut counted {
            sentence.retain(|(word, _)| holding[*word] * COMMON_ONE_IN <= all);
            for (word, weight) in sentence {
                *weight *= (count(all) / count(holding[*word])).ln();
            }
        }
        Self {
            sentences: counted,
            words: holding.len(),
        }
    }

    /// How like the whole each passage is: the cosine of its words with those of all sentences.
    fn likeness_to_all(&self, survey: &Survey, passages: &[usize]) -> Vec<f64> {
        let mut whole = vec![0.0; self.words];
        for (word, weight) in self.sentences.iter().flatten() {
            whole[*word] += weight;
        }
        let mut own = vec![0.0_f64; self.words];
        passages
            .iter()
            .map(|nth| {
                let passage = &survey.passages[*nth];
                let held = &self.sentences[passage.first..=passage.last];
                let mut touched = Vec::new();
                for (word, weight) in held.iter().flatten() {
                    if own[*word] == 0.0 {
                        touched.push(*word);
                    }
                    own[*word] += weight;
                }
                let (mut alike, mut length) = (0.0, 0.0);
                for word in touched {
                    alike += own[word] * whole[word];
                    length += own[word] * own[word];
                    own[word] = 0.0;
                }
                // the length of the whole is the same for all
                if length > 0.0 {
                    alike / length.sqrt()
                } else {
                    0.0
                }
            })
            .collect()
    }

    /// How central each passage's sentences are, on average: how often a walker comes by who goes from sentence to like
    /// sentence.
    fn standing(&self, survey: &Survey, passages: &[usize]) -> Vec<f64> {
        let ties = self.ties();
        let out: Vec<f64> = ties
            .iter()
            .map(|ties| ties.iter().map(|(_, alike)| alike).sum())
            .collect();
        let nodes = count(ties.iter().filter(|ties| !ties.is_empty()).count()).max(1.0);
        let mut standing = vec![1.0 / nodes; ties.len()];
        for _ in 0..STEPS_MAX {
            let next: Vec<f64> = ties
                .iter()
                .map(|ties| {
                    let come: f64 = ties
                        .iter()
                        .map(|&(from, alike)| standing[from] * alike / out[from])
                        .sum();
                    (1.0 - GOES_ON) / nodes + GOES_ON * come
                })
                .collect();
            let change: f64 = next
                .iter()
                .zip(&standing)
                .map(|(next, before)| (next - before).abs())
                .sum();
            standing = next;
            if change < SETTLED {
                break;
            }
        }
        passages
            .iter()
            .map(|nth| {
                let passage = &survey.passages[*nth];
                let held = &standing[passage.first..=passage.last];
                held.iter().sum::<f64>() / count(held.len())
            })
            .collect()
    }

    /// For each sentence the sentences like it, and how like they are.
    fn ties(&self) -> Vec<Vec<(usize, f64)>> {
        let length_of = |sentence: &Vec<(usize, f64)>| {
            let squares = sentence.iter().map(|(_, weight)| weight * weight);
            squares.sum::<f64>().sqrt()
        };
        let lengths: Vec<f64> = self.sentences.iter().map(length_of).collect();
        let mut holders: Vec<Vec<(usize, f64)>> = vec![Vec::new(); self.words];
        for (nth, sentence) in self.sentences.iter().enumerate() {
            for (word, weight) in sentence {
                holders[*word].push((nth, *weight));
            }
        }
        let mut alike = vec![0.0; lengths.len()];
        let ties_of = |(nth, sentence): (usize, &Vec<(usize, f64)>)| {
            alike.fill(0.0);
            for (word, weight) in sentence {
                for (other, others) in &holders[*word] {
                    alike[*other] += weight * others;
                }
            }
            alike
                .iter()
                .enumerate()
                .map(|(other, shared)| (other, shared / (lengths[nth] * lengths[other])))
                .filter(|(other, alike)| *other != nth && *alike >= ALIKE_MIN)
                .collect()
        };
        self.sentences.iter().enumerate().map(ties_of).collect()
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
