//! When a rule fires, what it gives, and what a fit may do with that: read from its row.

use crate::settings::Section;
use crate::settings::Wrong;

use super::Matcher;
use super::Measure;
use super::Place;
use super::SUMS;
use super::leeway::Fitting;
use super::rows::Row;
use super::values::one_of;

/// The furthest a weight may lie from zero. The built-in ones stay within 2; sums of these stay numbers.
const WEIGHT_MAX: f64 = 100.0;

/// What the rule gives.
pub(super) fn read_weight(section: &Section<'_>) -> Option<f64> {
    section.number(
        "weight",
        |weight| weight.abs() <= WEIGHT_MAX,
        &format!("a number from -{WEIGHT_MAX} to {WEIGHT_MAX}"),
    )
}

/// What a fit may do with the weight.
pub(super) fn read_fitting(weight: Option<f64>, section: &Section<'_>) -> Fitting {
    let bound = |key: &str| section.number(key, f64::is_finite, "a finite number");
    let fitting = Fitting {
        fit: section.flag("fit").unwrap_or(true),
        weight_min: bound("weight_min"),
        weight_max: bound("weight_max"),
    };
    let broken = weight.and_then(|weight| fitting.broken_bound(weight));
    if let Some(key) = broken {
        section.wrong(
            key,
            Wrong::is("does not hold of the weight itself").instead("change one of the two"),
        );
    }
    if !fitting.fit {
        for key in ["weight_min", "weight_max"] {
            if section.place(key).is_some() {
                section.wrong(
                    key,
                    Wrong::is("is for a fit, and fit = false").instead("take one of them out"),
                );
            }
        }
    }
    fitting
}

/// When the rule fires.
pub(super) fn read_matcher(row: &Row, section: &Section<'_>) -> Option<Matcher> {
    let place = section.read("place", one_of);
    let bound = |key: &str| section.number(key, f64::is_finite, "a finite number");
    let (at_least, at_most) = (bound("at_least"), bound("at_most"));
    let measures: Vec<&str> = ["shape", "share", "position", "evidence"]
        .into_iter()
        .filter(|key| section.place(key).is_some())
        .collect();
    let has_words = section.place("phrases").is_some() || section.place("pattern").is_some();
    match (has_words, measures.as_slice()) {
        (true, []) => {
            for key in ["at_least", "at_most"] {
                if section.place(key).is_some() {
                    section.out_of_place(key, "shape, share, position or evidence");
                }
            }
            let listed = !row.phrases.is_empty() || row.pattern.is_some();
            listed.then(|| Matcher::Words(place.unwrap_or(Place::Any)))
        }
        (false, [key]) => {
            let measure: Measure = section.read(key, one_of)?;
            if *key == "share" && measure as usize >= SUMS {
                section.wrong(
                    key,
                    Wrong::is("is nothing that is counted word by word")
                        .instead("write shape, position or evidence"),
                );
            }
            if section.place("place").is_some() {
                section.out_of_place("place", "phrases or a pattern");
            }
            if section.place("at_least").is_none() && section.place("at_most").is_none() {
                section.lacks("there is no bound; write at_least, at_most or both");
            }
            let (at_least, at_most) = (
                at_least.unwrap_or(f64::NEG_INFINITY),
                at_most.unwrap_or(f64::INFINITY),
            );
            if at_least > at_most {
                section.wrong(
                    "at_least",
                    Wrong::is("is more than at_most, so that it never fires")
                        .instead("write the smaller of the two here"),
                );
            }
            Some(Matcher::Measure {
                measure,
                share: *key == "share",
                at_least,
                at_most,
            })
        }
        (false, []) => {
            section.lacks(
                "there is nothing to look for; write phrases, a pattern, or one of shape, share, position and evidence",
            );
            None
        }
        (_, [key, ..]) => {
            section.wrong(
                key,
                Wrong::is("is one thing too many to look for").instead(
                    "write phrases and a pattern, or one of shape, share, position and evidence, and a row of its own for the rest",
                ),
            );
            None
        }
    }
}
