//! How often words are said: counted in our own history, and beside it as it can be expected.

use std::collections::BTreeMap;

use super::Thought;
use super::vocabulary::Concept;
use super::vocabulary::VOCABULARY;

/// The lists' expectation weighs as much as so many passages that were counted.
const EXPECTED_PASSAGES: f64 = 400.0;

/// How often words are said. With nothing counted it goes by the lists alone.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    passages: f64,
    times: BTreeMap<Concept, f64>,
}

impl Heard {
    /// Counts passages of our own history.
    pub fn count<'a>(thoughts: impl IntoIterator<Item = &'a Thought>) -> Self {
        let mut heard = Self::default();
        for thought in thoughts {
            heard.passages += 1.0;
            for concept in thought.concepts() {
                *heard.times.entry(concept).or_default() += 1.0;
            }
        }
        heard
    }

    /// How much a word tells: the rarer, the more.
    fn weight(&self, concept: Concept) -> f64 {
        let counted = self.times.get(&concept).copied().unwrap_or_default();
        let times = EXPECTED_PASSAGES * VOCABULARY.expected_share(concept) + counted + 0.5;
        ((EXPECTED_PASSAGES + self.passages) / times).ln().max(0.0)
    }

    /// Share of the weight of their words that two passages have in common: the cosine, 0 to 1.
    pub(super) fn nearness(&self, first: &Thought, second: &Thought) -> f64 {
        let length = |thought: &Thought| -> f64 {
            let squares = thought
                .concepts()
                .map(|concept| self.weight(concept).powi(2));
            squares.sum::<f64>().sqrt()
        };
        let shared: f64 = first
            .concepts()
            .filter(|concept| second.has(*concept))
            .map(|concept| self.weight(concept).powi(2))
            .sum();
        let lengths = length(first) * length(second);
        if lengths > 0.0 { shared / lengths } else { 0.0 }
    }
}
