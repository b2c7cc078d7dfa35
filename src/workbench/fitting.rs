//! Weights that fit what people picked, and figures for them from episodes they were not fitted on.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::stages::find_insights::Leeway;
use crate::stages::find_insights::Rules;
use crate::stages::find_insights::Survey;

use crate::workbench::bench::Bench;
use crate::workbench::chance::fold_of;
use crate::workbench::ranking::Ranking;
use crate::workbench::ranking::span;
use crate::workbench::regression::Cases;
use crate::workbench::regression::Outcome;
use crate::workbench::regression::regress;
use crate::workbench::side_by_side::side_by_side;
use crate::workbench::weights::RulesText;
use crate::workbench::weights::WeightsError;

/// What a fit goes by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FitOptions {
    /// How strongly weights are held near nothing: half of this times their squares is weighed against the likelihood, which is
    /// a sum over all passages.
    pub ridge: f64,
    /// A rule that fires on fewer passages keeps its weight: they tell nothing of it.
    pub fires_min: usize,
    /// For how many passages one counts that hits gold of grade 1, 2 and 3; one that hits nothing counts for one.
    pub times: [f64; 3],
    /// Which weights it may move.
    pub rows: FittedRows,
}

/// Which weights a fit may move, of those whose rows allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FittedRows {
    /// Those that stand in the file: what can be written into it.
    OfTheFile,
    /// Those of the built-in rules under it, too: what is measured is the whole.
    All,
}

impl Default for FitOptions {
    fn default() -> Self {
        Self {
            // measured: from 10 to 200 cross-validated precision moves by less than 0.005, which is chance; 400 costs 0.01
            ridge: 100.0,
            // a sentence is in up to ten passages, so these are some fifty places
            fires_min: 500,
            // what several picked, or editors, is surer than what one did
            times: [1.0, 2.0, 2.0],
            rows: FittedRows::OfTheFile,
        }
    }
}

/// What a fit did with one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fitted {
    /// Name of the rule.
    pub rule: String,
    /// Its weight in the file.
    pub before: f64,
    /// Its weight now, with two decimals.
    pub after: f64,
    /// How many passages it fires on.
    pub fires: usize,
    /// How many of these hit.
    pub hits: usize,
    /// Why it keeps its weight, if it does.
    pub kept: Option<Kept>,
}

/// Why a rule keeps its weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// The file says so, or it weighs nothing.
    AsTheFileSays,
    /// It is built in, and the file that is fitted does not name it.
    NotInTheFile,
    /// It fires too seldom in this corpus.
    FiresTooSeldom,
}

/// Passages with what fires on them and whether they hit, episode by episode.
#[derive(Debug)]
pub struct Labelled {
    episodes: Vec<Cases>,
}

impl Labelled {
    /// Labels all passages of a survey of every episode.
    pub fn new(bench: &Bench, surveys: &[Survey], options: &FitOptions) -> Self {
        let episodes = side_by_side(surveys, |episode, survey| {
            let mut cases = Cases::default();
            for (nth, passage) in survey.passages.iter().enumerate() {
                let (from, to) = span(survey, nth);
                let grade = bench.grade_of(episode, from, to);
                let times = grade.map_or(1.0, |grade| {
                    options.times[usize::from(grade.clamp(1, 3)) - 1]
                });
                let hit = grade.is_some();
                cases.push(&passage.fired, Outcome { hit, times });
            }
            cases
        });
        Self { episodes }
    }

    /// The cases of the episodes whose number passes.
    fn of(&self, passes: impl Fn(usize) -> bool) -> Cases {
        let mut cases = Cases::default();
        for (nth, episode) in self.episodes.iter().enumerate() {
            if passes(nth) {
                cases.extend(episode);
            }
        }
        cases
    }

    /// Fits on all episodes.
    pub fn fit(
        &self,
        rules: &RulesText,
        options: &FitOptions,
    ) -> Result<Vec<Fitted>, WeightsError> {
        fit(&self.of(|_| true), rules, options)
    }
}

/// Fits the weights of the rules to these cases. A rule that keeps its weight still takes part with a free one, so that what
/// it stands for (a passage's length, say) is not charged to its neighbours.
pub fn fit(
    cases: &Cases,
    rules: &RulesText,
    options: &FitOptions,
) -> Result<Vec<Fitted>, WeightsError> {
    let named: Vec<(&str, f64)> = rules.rules().weights().collect();
    let leeways: Vec<Leeway> = rules.rules().leeways().collect();
    let weighed = rules.weighed()?;
    let fires = cases.fires(named.len());
    let kept = |nth: usize| match leeways[nth] {
        _ if options.rows == FittedRows::OfTheFile && !weighed.contains(named[nth].0) => {
            Some(Kept::NotInTheFile)
        }
        Leeway::Kept => Some(Kept::AsTheFileSays),
        Leeway::Between { .. } if fires[nth].0 < options.fires_min => Some(Kept::FiresTooSeldom),
        Leeway::Between { .. } => None,
    };
    let bounds: Vec<(f64, f64)> = leeways
        .iter()
        .enumerate()
        .map(|(nth, leeway)| match leeway {
            Leeway::Between { at_least, at_most } if kept(nth).is_none() => (*at_least, *at_most),
            _ => (f64::NEG_INFINITY, f64::INFINITY),
        })
        .collect();
    let weights = regress(cases, &bounds, options.ridge);
    Ok(named
        .iter()
        .zip(weights)
        .enumerate()
        .map(|(nth, (&(rule, before), weight))| {
            let kept = kept(nth);
            Fitted {
                rule: rule.to_owned(),
                before,
                after: if kept.is_some() {
                    before
                } else {
                    (weight * 100.0).round() / 100.0
                },
                fires: fires[nth].0,
                hits: fires[nth].1,
                kept,
            }
        })
        .collect())
}

/// Rules with their fitted weights.
pub fn refitted(rules: &RulesText, fitted: &[Fitted]) -> Result<RulesText, WeightsError> {
    let weights: BTreeMap<String, f64> = fitted
        .iter()
        .filter(|row| row.kept.is_none())
        .map(|row| (row.rule.clone(), row.after))
        .collect();
    rules.reweighed(&weights)
}

/// The picks of each episode by rules that were fitted on the episodes of the other folds. Of the file's own weights only the
/// signs, the bounds and what is kept go in.
pub fn cross_validated(
    bench: &Bench,
    labelled: &Labelled,
    rules: &RulesText,
    folds: usize,
    options: &FitOptions,
) -> Result<Ranking, WeightsError> {
    let fold: Vec<usize> = bench.slugs().map(|slug| fold_of(slug, folds)).collect();
    let every_fold: Vec<usize> = (0..folds).collect();
    let by_fold: Vec<Rules> = side_by_side(&every_fold, |_, own| {
        let others = labelled.of(|episode| fold[episode] != *own);
        let fitted = fit(&others, rules, options)?;
        let weights: Vec<f64> = fitted.iter().map(|row| row.after).collect();
        Ok(rules.rules().weighing(&weights))
    })
    .into_iter()
    .collect::<Result<_, WeightsError>>()?;
    Ok(Ranking {
        way: format!("fitted, {folds} folds"),
        picks: bench.picks(|episode| &by_fold[fold[episode]]),
    })
}
