//! Passages in the order of their points, of which those for the headline come last: it is written for as few as will do.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::headline::Headline;
use super::passages::Passage;

/// More than binary fractions lose in a sum of points, and less than any point.
const DUST: f64 = 1e-9;

/// Passages that wait for their headline or, with it, for their turn.
pub(super) struct BestFirst {
    waiting: BinaryHeap<Waiting>,
}

/// A passage at its place among all of them; the place decides between equals.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) passage: Passage,
    /// None as long as it is not written; then the passage's points are without those for it.
    pub(super) headline: Option<Headline>,
    place: usize,
    /// What it comes by: its points, or without a headline the most they can become.
    points: f64,
}

impl BestFirst {
    /// All passages, none with a headline; one gives at most so many points.
    pub(super) fn new(passages: impl Iterator<Item = Passage>, headline_points_max: f64) -> Self {
        let waiting = passages
            .enumerate()
            .map(|(place, passage)| Waiting {
                passage,
                headline: None,
                place,
                points: passage.score + headline_points_max + DUST,
            })
            .collect();
        Self { waiting }
    }

    /// The next one: where it has its headline, no other will have more points; where not, it wants one or can be left.
    pub(super) fn next(&mut self) -> Option<Waiting> {
        self.waiting.pop()
    }

    /// Lines a passage up again that has its headline and its points now.
    pub(super) fn line_up(&mut self, waiting: &Waiting, headline: Headline, score: f64) {
        debug_assert!(score <= waiting.points, "more points than one can give");
        self.waiting.push(Waiting {
            passage: Passage {
                score,
                ..waiting.passage
            },
            headline: Some(headline),
            place: waiting.place,
            points: score,
        });
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> Ordering {
        // one without a headline first: with it, it may be an equal with the better place
        self.points
            .total_cmp(&other.points)
            .then(self.headline.is_none().cmp(&other.headline.is_none()))
            .then(other.place.cmp(&self.place))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Waiting {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Waiting {}
