//! What somebody or something would quote of each episode, best first.

use serde::Serialize;

use crate::model::Candidate;
use crate::model::Document;
use crate::stages::find_insights::Survey;

use crate::workbench::scores::LOOKED_AT;

/// The picks of one way of picking.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// What picked, in a few words.
    pub way: String,
    /// For each episode, in the order of the corpus, at most ten picks, best first.
    pub picks: Vec<Vec<Pick>>,
}

/// A passage that is picked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pick {
    /// Its words.
    pub text: String,
    /// Seconds from the start of the audio.
    pub start_seconds: Option<f64>,
    /// The headline above it, where the way of picking writes one.
    pub headline: Option<String>,
}

impl Pick {
    /// A candidate of `find_insights`.
    pub(super) fn of(candidate: Candidate) -> Self {
        Self {
            text: candidate.text,
            start_seconds: candidate.start_seconds,
            headline: Some(candidate.headline),
        }
    }
}

/// The picks when passages, told by their numbers, are taken in this order and none may share a sentence with one before.
pub(super) fn apart(
    order: impl IntoIterator<Item = usize>,
    survey: &Survey,
    document: &Document,
) -> Vec<Pick> {
    let mut taken = vec![false; survey.sentences.len()];
    let mut picks = Vec::new();
    for nth in order {
        let passage = &survey.passages[nth];
        let sentences = &mut taken[passage.first..=passage.last];
        if sentences.contains(&true) {
            continue;
        }
        sentences.fill(true);
        let (from, to) = span(survey, nth);
        picks.push(Pick {
            text: document.text()[from..to].to_owned(),
            start_seconds: document.seconds_at(from),
            headline: None,
        });
        if picks.len() == LOOKED_AT {
            break;
        }
    }
    picks
}

/// First byte and the byte after the last of a passage.
pub(super) fn span(survey: &Survey, passage: usize) -> (usize, usize) {
    let passage = &survey.passages[passage];
    (
        survey.sentences[passage.first].0,
        survey.sentences[passage.last].1,
    )
}
