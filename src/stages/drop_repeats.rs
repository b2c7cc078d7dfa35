//! Candidates and history in; what has not been told before out.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::model::Fresh;
use crate::model::SentInsight;
use crate::model::Shelved;

/// Words in a row that are compared. Three survive a changed word nearby and are still rare by chance.
const RUN_WORDS: usize = 3;

/// Share of the shorter text's runs that two texts of the same thought have in common. A changed word costs three runs, a
/// dropped sentence none (the shorter text is the measure); unrelated passages share a few runs at most.
const SAME_SHARE: f64 = 0.4;

/// Sifts candidates, best first, into those that history does not know and those it does. Among the candidates
/// themselves the first, which is the best, is kept.
///
/// Two texts are the same when they share at least 0.4 of the shorter one's runs of three words; case, punctuation
/// and white space do not count. Texts of fewer than three words are compared whole.
pub fn drop_repeats(shelf: Vec<Shelved>, history: &[SentInsight]) -> Sifted {
    let mut known = Wordings::default();
    for sent in history {
        known.remember(
            &sent.text,
            Original::Sent {
                date: sent.date,
                headline: sent.headline.clone(),
            },
        );
    }
    let mut sifted = Sifted::default();
    for shelved in shelf {
        if let Some(original) = known.original_of(&shelved.candidate.text).cloned() {
            sifted.repeats.push(Repeat { shelved, original });
        } else {
            let headline = shelved.candidate.headline.clone();
            known.remember(&shelved.candidate.text, Original::Today { headline });
            sifted.fresh.push(Fresh::found_new(shelved));
        }
    }
    sifted
}

/// What became of the candidates.
#[derive(Debug, Default)]
pub struct Sifted {
    /// Not told before, best first.
    pub fresh: Vec<Fresh>,
    /// Told before, or told better by another candidate of the day.
    pub repeats: Vec<Repeat>,
}

/// A candidate that has been told before.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// The candidate.
    pub shelved: Shelved,
    /// What told it.
    pub original: Original,
}

/// What told a thought first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Original {
    /// An insight that was sent.
    Sent {
        /// The day of its edition.
        date: Date,
        /// Its headline.
        headline: String,
    },
    /// A better candidate of the same day.
    Today {
        /// Its headline.
        headline: String,
    },
}

/// Texts by their runs of words.
#[derive(Default)]
struct Wordings {
    /// For each text its number of distinct runs, and what it is.
    texts: Vec<(usize, Original)>,
    /// For each run the texts that have it, in order.
    by_run: HashMap<u64, Vec<usize>>,
}

impl Wordings {
    fn remember(&mut self, text: &str, original: Original) {
        let runs = runs_of(text);
        for run in &runs {
            self.by_run.entry(*run).or_default().push(self.texts.len());
        }
        self.texts.push((runs.len(), original));
    }

    fn original_of(&self, text: &str) -> Option<&Original> {
        let runs = runs_of(text);
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for text in runs.iter().filter_map(|run| self.by_run.get(run)).flatten() {
            *shared.entry(*text).or_default() += 1;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a text has far fewer than 2^52 words"
        )]
        let share = |(text, shared): &(usize, usize)| {
            *shared as f64 / self.texts[*text].0.min(runs.len()) as f64
        };
        shared
            .into_iter()
            .filter(|pair| share(pair) >= SAME_SHARE)
            // the most alike, and among equals the first told
            .max_by(|a, b| share(a).total_cmp(&share(b)).then(b.0.cmp(&a.0)))
            .map(|(text, _)| &self.texts[text].1)
    }
}

/// Hashes of the distinct runs of words in a text, ordered.
fn runs_of(text: &str) -> Vec<u64> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .map(|word| {
            word.chars()
                .filter(|c| c.is_alphanumeric())
                .flat_map(char::to_lowercase)
                .collect()
        })
        .filter(|word: &String| !word.is_empty())
        .collect();
    let mut runs: Vec<u64> = if words.len() < RUN_WORDS {
        vec![hash(&words)]
    } else {
        words.windows(RUN_WORDS).map(hash).collect()
    };
    runs.sort_unstable();
    runs.dedup();
    runs
}

/// FNV-1a (64 bits) over words and the gaps between them: the same on every machine and in every version.
fn hash(words: &[String]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
