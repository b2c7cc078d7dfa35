//! Whether a passage is one that people picked: the words they share, in runs.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use crate::workbench::corpus::Gold;

/// Words in a row that count as shared; fewer happen to be the same.
const RUN: usize = 3;

/// The share of the shorter text's words that must lie in shared runs.
const SHARE_MIN: f64 = 0.5;

/// The same, where the passage begins in the very utterance that was picked from.
const SHARE_MIN_NEAR: f64 = 0.4;

/// Seconds by which a beginning may miss an utterance and still lie in it.
const NEAR_SECONDS: f64 = 1.0;

/// More words than this are never a hit: nobody quotes an essay.
pub const WORDS_MAX: usize = 90;

/// Fewer words than this are never a hit.
pub const WORDS_MIN: usize = 8;

/// Words that say nothing and are not compared.
const FILLERS: [&str; 7] = ["um", "uh", "er", "hmm", "mm", "ah", "oh"];

/// The number of a word that no golden passage has.
const STRANGE: u64 = (1 << WORD_BITS) - 1;

/// Bits of a word's number: three of them make one number without loss.
const WORD_BITS: u32 = 21;

/// The golden passages of one episode, ready to be compared with.
#[derive(Debug)]
pub struct GoldIndex {
    words: HashMap<String, u64>,
    golds: Vec<Indexed>,
    by_run: HashMap<u64, Vec<usize>>,
}

#[derive(Debug)]
struct Indexed {
    words: Vec<u64>,
    runs: HashSet<u64>,
    grade: u8,
    /// Seconds within which a beginning counts as near.
    near: Option<(f64, f64)>,
}

/// A golden passage that a passage hits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// Number of the golden passage in its episode.
    pub gold: usize,
    /// Its grade.
    pub grade: u8,
    /// The share of the shorter text that both have in common.
    pub share: f64,
}

impl GoldIndex {
    /// Makes the golden passages of an episode ready.
    pub fn new(golds: &[Gold]) -> Self {
        let mut index = Self {
            words: HashMap::new(),
            golds: Vec::new(),
            by_run: HashMap::new(),
        };
        for (nth, gold) in golds.iter().enumerate() {
            let mut words = Vec::new();
            each_word(&gold.text, |word| {
                let next = u64::try_from(index.words.len()).unwrap_or(STRANGE);
                words.push(
                    *index
                        .words
                        .entry(word.to_owned())
                        .or_insert(next.min(STRANGE)),
                );
            });
            let runs: HashSet<u64> = runs(&words).collect();
            for run in &runs {
                index.by_run.entry(*run).or_default().push(nth);
            }
            index.golds.push(Indexed {
                words,
                runs,
                grade: gold.grade,
                near: gold.start.map(|start| {
                    let end = gold.utt_end.unwrap_or(start);
                    (start - NEAR_SECONDS, end + NEAR_SECONDS)
                }),
            });
        }
        index
    }

    /// The golden passages that this text hits, in file order; `start_seconds` is when it begins.
    pub fn hits(&self, text: &str, start_seconds: Option<f64>) -> Vec<Hit> {
        let length = text.split_whitespace().count();
        if !(WORDS_MIN..=WORDS_MAX).contains(&length) {
            return Vec::new();
        }
        let mut words = Vec::new();
        each_word(text, |word| {
            words.push(self.words.get(word).copied().unwrap_or(STRANGE));
        });
        let own_runs: HashSet<u64> = runs(&words).collect();
        let touched: BTreeSet<usize> = own_runs
            .iter()
            .filter_map(|run| self.by_run.get(run))
            .flatten()
            .copied()
            .collect();
        let mut hits = Vec::new();
        for nth in touched {
            let gold = &self.golds[nth];
            let shared = if words.len() <= gold.words.len() {
                covered(&words, &gold.runs)
            } else {
                covered(&gold.words, &own_runs)
            };
            let share = count(shared) / count(words.len().min(gold.words.len()));
            let near = start_seconds
                .zip(gold.near)
                .is_some_and(|(start, (from, to))| from <= start && start <= to);
            if share >= SHARE_MIN || (near && share >= SHARE_MIN_NEAR) {
                hits.push(Hit {
                    gold: nth,
                    grade: gold.grade,
                    share,
                });
            }
        }
        hits
    }

    /// Grades of all golden passages, in file order.
    pub(super) fn grades(&self) -> impl Iterator<Item = u8> {
        self.golds.iter().map(|gold| gold.grade)
    }
}

/// What each of some passages, best first, counts for, where only gold of `grade_min` and above counts: the grade of the
/// golden passage it hits, the best one of several. A golden passage counts once; who comes later has none.
pub fn counted(hits: &[Vec<Hit>], grade_min: u8) -> Vec<Option<u8>> {
    let mut used = HashSet::new();
    hits.iter()
        .map(|hits| {
            let mut best: Option<&Hit> = None;
            for hit in hits {
                let beats =
                    best.is_none_or(|best| (hit.grade, hit.share) > (best.grade, best.share));
                if hit.grade >= grade_min && beats && !used.contains(&hit.gold) {
                    best = Some(hit);
                }
            }
            best.map(|hit| {
                used.insert(hit.gold);
                hit.grade
            })
        })
        .collect()
}

/// Calls `take` with each word of a text that is compared: small letters, digits and apostrophes, no fillers.
pub(super) fn each_word(text: &str, mut take: impl FnMut(&str)) {
    let opens = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '$' | '%');
    let mut word = String::new();
    for letter in text.chars().chain([' ']) {
        let apostrophe = matches!(letter, '\'' | '’');
        if opens(letter) || (apostrophe && !word.is_empty()) {
            word.push(if apostrophe {
                '\''
            } else {
                letter.to_ascii_lowercase()
            });
            continue;
        }
        let plain = word.trim_end_matches('\'');
        if !plain.is_empty() && !FILLERS.contains(&plain) {
            take(plain);
        }
        word.clear();
    }
}

/// The runs of three words, each as one number.
fn runs(words: &[u64]) -> impl Iterator<Item = u64> {
    words.windows(RUN).map(|run| {
        run.iter()
            .fold(0, |number, word| number << WORD_BITS | word)
    })
}

/// How many of the words lie in one of these runs.
fn covered(words: &[u64], in_runs: &HashSet<u64>) -> usize {
    let mut covered = vec![false; words.len()];
    for (nth, run) in runs(words).enumerate() {
        if in_runs.contains(&run) {
            covered[nth..nth + RUN].fill(true);
        }
    }
    covered.into_iter().filter(|covered| *covered).count()
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
