//! Logistic regression on what fires and what does not: ridge, bounds, and the same answer every time.

/// Steps at most; a fit settles in about ten.
const STEPS_MAX: usize = 100;

/// Rounds over all weights at most, to find where one step goes.
const ROUNDS_MAX: usize = 1_000;

/// A change of weights below this is none: they are written with two decimals.
const SETTLED: f64 = 1e-9;

/// A step is halved at most so often.
const HALVES_MAX: usize = 40;

/// The share of the promised gain that a step must keep (Armijo's rule).
const KEPT_PROMISE: f64 = 1e-4;

/// Cases, each with the numbers of the rules that fire on it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cases {
    fired: Vec<u32>,
    ends: Vec<usize>,
    outcomes: Vec<Outcome>,
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Whether it is one of those looked for.
    pub hit: bool,
    /// How many cases it counts for; above 0.
    pub times: f64,
}

impl Cases {
    /// Adds a case. Rules are counted from 0, each at most once.
    pub fn push(&mut self, fired: &[usize], outcome: Outcome) {
        self.fired
            .extend(fired.iter().filter_map(|rule| u32::try_from(*rule).ok()));
        self.ends.push(self.fired.len());
        self.outcomes.push(outcome);
    }

    /// Adds the cases of another lot behind its own.
    pub fn extend(&mut self, other: &Self) {
        let before = self.fired.len();
        self.fired.extend(&other.fired);
        self.ends.extend(other.ends.iter().map(|end| end + before));
        self.outcomes.extend(&other.outcomes);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.outcomes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.outcomes.is_empty()
    }

    /// For each of `rules` rules: on how many cases it fires, and on how many of those that hit.
    pub fn fires(&self, rules: usize) -> Vec<(usize, usize)> {
        let mut fires = vec![(0, 0); rules];
        for (fired, outcome) in self.each() {
            for rule in fired {
                let (all, hits) = &mut fires[*rule as usize];
                *all += 1;
                *hits += usize::from(outcome.hit);
            }
        }
        fires
    }

    fn each(&self) -> impl Iterator<Item = (&[u32], Outcome)> {
        let begins = std::iter::once(0).chain(self.ends.iter().copied());
        begins
            .zip(&self.ends)
            .zip(&self.outcomes)
            .map(|((begin, end), outcome)| (&self.fired[begin..*end], *outcome))
    }
}

/// The weights, one for each pair of `bounds` (both included), with which the sum of what fires on a case tells best whether
/// it hits: the greatest likelihood less `ridge` / 2 times the sum of the squared weights. The level at which chances are
/// even is free.
///
/// Newton's method: in each step the curve is taken for a parabola, whose lowest point within the bounds is found weight by
/// weight. All sums run in the order of the cases, so that equal cases give equal bits.
pub fn regress(cases: &Cases, bounds: &[(f64, f64)], ridge: f64) -> Vec<f64> {
    let hits: f64 = cases
        .outcomes
        .iter()
        .filter(|outcome| outcome.hit)
        .map(|outcome| outcome.times)
        .sum();
    let all: f64 = cases.outcomes.iter().map(|outcome| outcome.times).sum();
    let mut bounds = bounds.to_vec();
    // the last one is the level; where all or none hit it would run away
    bounds.push((-20.0, 20.0));
    let mut at: Vec<f64> = bounds
        .iter()
        .map(|(least, most)| 0.0_f64.clamp(*least, *most))
        .collect();
    if let Some(level) = at.last_mut() {
        *level = (hits.max(0.5) / (all - hits).max(0.5)).ln();
    }
    let mut cost = cost(cases, &at, ridge);
    for _ in 0..STEPS_MAX {
        let bowl = Bowl::at(cases, &at, ridge);
        let step = bowl.lowest(&at, &bounds);
        let promise: f64 = step.iter().zip(&bowl.slope).map(|(a, b)| a * b).sum();
        let mut share = 1.0;
        let mut moved = 0.0;
        for _ in 0..HALVES_MAX {
            let next: Vec<f64> = at
                .iter()
                .zip(&step)
                .map(|(at, step)| at + share * step)
                .collect();
            let next_cost = self::cost(cases, &next, ridge);
            if next_cost <= cost + KEPT_PROMISE * share * promise {
                moved = step
                    .iter()
                    .fold(0.0_f64, |most, step| most.max((share * step).abs()));
                (at, cost) = (next, next_cost);
                break;
            }
            share /= 2.0;
        }
        if moved < SETTLED {
            break;
        }
    }
    at.pop();
    // a sum of steps may miss a bound by the dust of binary fractions
    for (weight, (least, most)) in at.iter_mut().zip(&bounds) {
        *weight = weight.clamp(*least, *most);
    }
    at
}

/// What the fit makes small.
fn cost(cases: &Cases, at: &[f64], ridge: f64) -> f64 {
    let (level, weights) = at.split_last().unwrap_or((&0.0, &[]));
    let doubt: f64 = cases
        .each()
        .map(|(fired, outcome)| {
            let sum = sum(fired, weights) + level;
            let against = if outcome.hit { -sum } else { sum };
            // ln(1 + e^x), also where e^x is too large
            outcome.times * (against.max(0.0) + (-against.abs()).exp().ln_1p())
        })
        .sum();
    let size: f64 = weights.iter().map(|weight| weight * weight).sum();
    doubt + ridge / 2.0 * size
}

fn sum(fired: &[u32], weights: &[f64]) -> f64 {
    fired.iter().map(|rule| weights[*rule as usize]).sum()
}

/// The cost around a place, as a parabola.
struct Bowl {
    slope: Vec<f64>,
    /// Row by row; both halves filled.
    curve: Vec<f64>,
}

impl Bowl {
    fn at(cases: &Cases, at: &[f64], ridge: f64) -> Self {
        let size = at.len();
        let (level, weights) = at.split_last().unwrap_or((&0.0, &[]));
        let mut slope = vec![0.0; size];
        let mut curve = vec![0.0; size * size];
        let mut touched = Vec::new();
        for (fired, outcome) in cases.each() {
            let chance = 1.0 / (1.0 + (-(sum(fired, weights) + level)).exp());
            let error = outcome.times * (chance - if outcome.hit { 1.0 } else { 0.0 });
            let bend = outcome.times * chance * (1.0 - chance);
            touched.clear();
            touched.extend(fired.iter().map(|rule| *rule as usize));
            touched.push(size - 1);
            for &one in &touched {
                slope[one] += error;
                let row = &mut curve[one * size..(one + 1) * size];
                for &other in &touched {
                    row[other] += bend;
                }
            }
        }
        for (nth, weight) in weights.iter().enumerate() {
            slope[nth] += ridge * weight;
            curve[nth * size + nth] += ridge;
        }
        Self { slope, curve }
    }

    /// The step from `at` to the lowest point within the bounds.
    fn lowest(&self, at: &[f64], bounds: &[(f64, f64)]) -> Vec<f64> {
        let size = at.len();
        let mut step = vec![0.0; size];
        // the slope where the step leads
        let mut slope = self.slope.clone();
        for _ in 0..ROUNDS_MAX {
            let mut most = 0.0_f64;
            for nth in 0..size {
                let row = &self.curve[nth * size..(nth + 1) * size];
                if row[nth] <= 0.0 {
                    continue;
                }
                let (least, greatest) = bounds[nth];
                let aim = (at[nth] + step[nth] - slope[nth] / row[nth]).clamp(least, greatest);
                let change = aim - at[nth] - step[nth];
                step[nth] += change;
                for (slope, bend) in slope.iter_mut().zip(row) {
                    *slope += change * bend;
                }
                most = most.max(change.abs());
            }
            if most < SETTLED {
                break;
            }
        }
        step
    }
}
