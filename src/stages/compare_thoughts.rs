//! Two passages in, what their thoughts have in common out: the same point in other words, another view of it, or a
//! subject; and what follows from it for an edition: one candidate a point, and what is related to it.

use points::Side;
use vocabulary::VOCABULARY;

pub use converge::Converged;
pub use converge::Teller;
pub use converge::Told;
pub use converge::converge;
pub use heard::Heard;
pub use relate::Pick;
pub use relate::relate;
pub use thought::Thought;

mod vocabulary;

mod points;

mod thought;

mod heard;

mod converge;

mod relate;

/// Two that make one point of the field have so much of the weight of their words in common: a point that is only touched on
/// stands among other words.
const SAME_POINT: f64 = 0.10;

/// Share of the weight of their words from which on two passages speak of one subject.
const SAME_SUBJECT: f64 = 0.18;

/// So many terms of the field that are not said everywhere have two passages of one subject in common, at least.
const SUBJECT_TERMS_MIN: usize = 2;

/// What the thoughts of two passages have in common. `heard` knows how often words are said.
///
/// They make the same point where both say one of the points of the field (`points.toml`) in words that are near each other;
/// they see one thing differently where one says what the other denies, or where they speak of one subject in opposite words.
pub fn compare_thoughts(first: &Thought, second: &Thought, heard: &Heard) -> Likeness {
    let words = first.words_shared_with(second);
    let nearness = heard.nearness(first, second);
    let mut likeness = Likeness {
        same: None,
        opposed: None,
        nearness,
        terms: first.terms_shared_with(second),
        words,
    };
    let close = nearness >= SAME_POINT;
    for (point, side) in first.points().iter().filter(|_| close) {
        let Some(other) = second.side_on(*point) else {
            continue;
        };
        let place = match (side, other) {
            (Side::Says, Side::Says) => &mut likeness.same,
            // there are many ways of being against one thing
            (Side::Denies, Side::Denies) => continue,
            _ => &mut likeness.opposed,
        };
        place.get_or_insert(SharedThought {
            point: Some(VOCABULARY.name_of(*point).to_owned()),
            words: likeness.words.clone(),
        });
    }
    if likeness.opposed.is_some() {
        // whoever contradicts does not repeat, whatever else is agreed on
        likeness.same = None;
        return likeness;
    }
    if likeness.same.is_none() && likeness.is_near() && first.is_opposite_in_words(second) {
        likeness.opposed = Some(SharedThought {
            point: None,
            words: likeness.words.clone(),
        });
    }
    likeness
}

/// A thought that two passages share, or see differently.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedThought {
    /// The point of the field, by its name, where it is one.
    pub point: Option<String>,
    /// The words that count and are in both.
    pub words: Vec<String>,
}

/// What two passages have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct Likeness {
    /// The point that both make.
    pub same: Option<SharedThought>,
    /// What one says and the other denies.
    pub opposed: Option<SharedThought>,
    /// Share of the weight of their words that they have in common, 0 to 1.
    pub nearness: f64,
    /// How many terms of the field they have in common that are not said everywhere.
    pub terms: usize,
    /// The words that count and mean the same in both, as the first says them or as their group is named.
    pub words: Vec<String>,
}

impl Likeness {
    /// Whether both speak of one subject.
    pub fn is_near(&self) -> bool {
        self.nearness >= SAME_SUBJECT && self.terms >= SUBJECT_TERMS_MIN
    }
}
