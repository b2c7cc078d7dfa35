//! How well the best passages of each episode meet what people picked, as numbers with their intervals.

use serde::Serialize;

use crate::workbench::chance::Chance;
use crate::workbench::hits::GoldIndex;
use crate::workbench::hits::Hit;
use crate::workbench::hits::counted;

/// How many of an episode's passages precision is told of: an edition has five.
pub const TOP: usize = 5;

/// How many of an episode's passages are looked at in all.
pub const LOOKED_AT: usize = 10;

/// How often the episodes are drawn anew for an interval.
const DRAWS: usize = 1_000;

/// Draws outside of the interval at each end: 95 in a hundred lie within.
const DRAWS_OUTSIDE: usize = 25;

/// Seed of the draws.
const SEED: u64 = 12_345;

/// Which golden passages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// All of them.
    Any,
    /// Those that several picked, or the show's editors.
    Strong,
    /// Those that the show's editors cut.
    Human,
}

impl Level {
    /// All levels, the widest first.
    pub const ALL: [Self; 3] = [Self::Any, Self::Strong, Self::Human];

    /// The least grade that counts.
    pub fn grade_min(self) -> u8 {
        match self {
            Self::Any => 1,
            Self::Strong => 2,
            Self::Human => 3,
        }
    }
}

/// What an episode's passages hit, best passage first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tried {
    /// For each passage, what it hits.
    pub hits: Vec<Vec<Hit>>,
    /// For each passage, its words.
    pub words: Vec<usize>,
}

/// Means over the episodes that have gold of a level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// Which gold counts.
    pub level: Level,
    /// How many episodes have some.
    pub episodes: usize,
    /// Share of the first five that hit; places left empty miss.
    pub precision_at_5: f64,
    /// Between these two, precision lies in 95 of 100 sets of as many episodes.
    pub interval: (f64, f64),
    /// Share of episodes in which one of the first five hits.
    pub hit_at_5: f64,
    /// Discounted gain of the first ten (a hit of grade g gains 2^g - 1), as a share of the best possible.
    pub ndcg_at_10: f64,
    /// One through the place of the first hit; nothing where none of the first ten hits.
    pub mrr: f64,
    /// Words of the first fives.
    pub mean_words: f64,
}

/// The scores at a level; `tried` and `gold` are of the same episodes. None where no episode has gold of it.
pub fn scores(tried: &[Tried], gold: &[GoldIndex], level: Level) -> Option<Scores> {
    let mut precisions = Vec::new();
    let (mut hit, mut gain, mut reciprocal) = (0.0, 0.0, 0.0);
    let mut words = Vec::new();
    for (tried, gold) in tried.iter().zip(gold) {
        let mut ideal: Vec<u8> = gold
            .grades()
            .filter(|grade| *grade >= level.grade_min())
            .collect();
        if ideal.is_empty() {
            continue;
        }
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        ideal.truncate(LOOKED_AT);
        let looked_at = tried.hits.len().min(LOOKED_AT);
        let counted = counted(&tried.hits[..looked_at], level.grade_min());
        let in_top = counted.iter().take(TOP).flatten().count();
        precisions.push(count(in_top) / count(TOP));
        hit += if in_top > 0 { 1.0 } else { 0.0 };
        gain += discounted(counted.iter().map(|grade| grade.unwrap_or(0)))
            / discounted(ideal.into_iter());
        reciprocal += counted
            .iter()
            .position(Option::is_some)
            .map_or(0.0, |place| 1.0 / count(place + 1));
        words.extend(tried.words.iter().take(TOP).map(|words| count(*words)));
    }
    if precisions.is_empty() {
        return None;
    }
    let episodes = count(precisions.len());
    Some(Scores {
        level,
        episodes: precisions.len(),
        precision_at_5: mean(&precisions),
        interval: interval(&precisions),
        hit_at_5: hit / episodes,
        ndcg_at_10: gain / episodes,
        mrr: reciprocal / episodes,
        mean_words: mean(&words),
    })
}

/// Gain of grades in their order, each place counting less than the one before.
fn discounted(grades: impl Iterator<Item = u8>) -> f64 {
    grades
        .enumerate()
        .map(|(place, grade)| (f64::from(grade).exp2() - 1.0) / (count(place) + 2.0).log2())
        .sum()
}

/// Bounds of the mean when the episodes are drawn anew, from a fixed seed.
fn interval(values: &[f64]) -> (f64, f64) {
    let mut chance = Chance::new(SEED);
    let mut means: Vec<f64> = (0..DRAWS)
        .map(|_| {
            let sum: f64 = values
                .iter()
                .map(|_| values[chance.below(values.len())])
                .sum();
            sum / count(values.len())
        })
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    (means[DRAWS_OUTSIDE], means[DRAWS - 1 - DRAWS_OUTSIDE])
}

fn mean(values: &[f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    values.iter().sum::<f64>() / count(values.len())
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
