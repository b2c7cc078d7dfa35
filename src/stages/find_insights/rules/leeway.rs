//! How far a fit may move the weight of a rule: its sign and its bounds.

/// What a fit leaves a rule at least, either way: its sign is known, and so many points decide nothing.
const WEIGHT_LEAST: f64 = 0.04;

/// How far a fit may move the weight of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leeway {
    /// Not at all: the file says so, or its weight is nothing.
    Kept,
    /// Between two bounds, both included. Those that the file does not give keep the weight's sign.
    Between {
        /// The least weight.
        at_least: f64,
        /// The greatest.
        at_most: f64,
    },
}

/// What a row says about its weight and a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fitting {
    pub(super) fit: bool,
    pub(super) weight_min: Option<f64>,
    pub(super) weight_max: Option<f64>,
}

impl Fitting {
    /// The leeway of a weight.
    pub(super) fn leeway(self, weight: f64) -> Leeway {
        let bounded = self.weight_min.is_some() || self.weight_max.is_some();
        // a file over the built-in one can set a weight that their bounds do not hold of
        let broken = self.broken_bound(weight).is_some();
        if !self.fit || broken || (weight == 0.0 && !bounded) {
            return Leeway::Kept;
        }
        let (at_least, at_most) = if weight > 0.0 {
            (weight.min(WEIGHT_LEAST), f64::INFINITY)
        } else if weight < 0.0 {
            (f64::NEG_INFINITY, weight.max(-WEIGHT_LEAST))
        } else {
            (0.0, 0.0)
        };
        Leeway::Between {
            at_least: self.weight_min.unwrap_or(at_least),
            at_most: self.weight_max.unwrap_or(at_most),
        }
    }

    /// The key under which the weight is out of bounds.
    pub(super) fn broken_bound(self, weight: f64) -> Option<&'static str> {
        if self.weight_min.is_some_and(|least| weight < least) {
            Some("weight_min")
        } else if self.weight_max.is_some_and(|most| weight > most) {
            Some("weight_max")
        } else {
            None
        }
    }
}
