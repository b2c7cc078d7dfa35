//! The shelf in, the shelf out: source weights in the scores, best first.

use std::collections::BTreeMap;

use crate::model::Reason;
use crate::model::Shelved;
use crate::model::Source;

/// Name of the reason under which a source's weight shows in the score.
pub const SOURCE_WEIGHT: &str = "source-weight";

/// Multiplies each score by the weight of its source, writes the difference down as a reason, and orders the shelf: best
/// first; among equals the newer entry, then the smaller entry id, then the earlier passage. A negative score is left
/// alone: a weight above 1 must not push a passage down. What comes from a source that is not in `sources` is left out.
pub fn weigh(mut shelf: Vec<Shelved>, sources: &[Source]) -> Vec<Shelved> {
    let weights: BTreeMap<&str, f64> = sources
        .iter()
        .map(|source| (source.name.as_str(), source.weight))
        .collect();
    shelf.retain(|shelved| weights.contains_key(shelved.source.as_str()));
    for shelved in &mut shelf {
        let weight = weights.get(shelved.source.as_str()).copied().unwrap_or(1.0);
        let points = shelved.candidate.score.max(0.0) * (weight - 1.0);
        if points != 0.0 {
            shelved.candidate.score += points;
            shelved.candidate.reasons.push(Reason {
                rule: SOURCE_WEIGHT.to_owned(),
                points,
            });
        }
    }
    shelf.sort_by(|a, b| {
        (b.candidate.score.total_cmp(&a.candidate.score))
            .then_with(|| b.published.cmp(&a.published))
            .then_with(|| a.entry.cmp(&b.entry))
            .then_with(|| a.candidate.from.cmp(&b.candidate.from))
    });
    shelf
}
