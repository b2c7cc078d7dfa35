//! What was told before, as far as memory brings it up.

use jiff::civil::Date;

/// A passage that counts as told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Where it was told.
    pub telling: Telling,
    /// Its words.
    pub text: String,
}

/// Where a passage was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Telling {
    /// In an edition.
    Edition {
        /// Its day.
        date: Date,
        /// The insight's place in it, counted from 1.
        position: usize,
        /// The insight's headline.
        headline: String,
    },
    /// Outside our editions, under a name that somebody else gave it.
    Elsewhere {
        /// The name.
        id: String,
    },
}

impl Telling {
    /// The name of the passage: that of an insight is the day of its edition and its place, `2026-03-01#2`.
    pub fn id(&self) -> String {
        match self {
            Self::Edition { date, position, .. } => format!("{date}#{position}"),
            Self::Elsewhere { id } => id.clone(),
        }
    }
}

/// What memory brings up for some texts: for each the told passages that it may repeat.
#[derive(Debug, Clone, Default)]
pub struct Recalled {
    told: Vec<Told>,
    /// For each text the places of its passages in `told`; absent where every passage is for every text.
    near: Option<Vec<Vec<usize>>>,
}

impl Recalled {
    /// All of these passages, whatever the text.
    pub fn all(told: Vec<Told>) -> Self {
        Self { told, near: None }
    }

    /// For each text those of the passages whose places are named.
    pub fn near(told: Vec<Told>, near: Vec<Vec<usize>>) -> Self {
        Self {
            told,
            near: Some(near),
        }
    }

    /// The passages, each once.
    pub fn told(&self) -> &[Told] {
        &self.told
    }

    /// The places of the passages that the nth text may repeat, counted from 0.
    pub fn places(&self, nth: usize) -> Vec<usize> {
        match &self.near {
            None => (0..self.told.len()).collect(),
            Some(near) => near.get(nth).cloned().unwrap_or_default(),
        }
    }
}
