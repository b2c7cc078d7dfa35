//! The points that people of the field make again and again, and the ways of saying them.

use super::vocabulary::PointRow;

/// A point: ways of saying it, and of denying it.
#[derive(Debug)]
pub(super) struct Point {
    says: Vec<Way>,
    denies: Vec<Way>,
    parts_end: usize,
}

/// What somebody has to say about a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// It is so.
    Says,
    /// It is not so.
    Denies,
}

/// A place at which a part of a way stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Which part.
    pub(super) part: usize,
    /// The number of its word, the ends of sentences counted in.
    pub(super) at: usize,
    /// The number of the word behind it.
    pub(super) end: usize,
    /// Whether it is denied.
    pub(super) denied: bool,
}

/// Parts that stand close together, in any order.
#[derive(Debug)]
struct Way {
    parts: Vec<Part>,
    within: usize,
}

/// Of a part that is said more often in one passage the first places count: what goes on like that is no prose.
const PLACES_MAX: usize = 24;

/// Terms of which one stands there.
#[derive(Debug)]
struct Part {
    /// Its terms bear this number and the two behind it, by what is asked of them.
    number: usize,
    /// Whether none of them may stand there.
    missing: bool,
}

/// What is asked of a term, added to the number of its part.
const SAID: usize = 0;
const DENIED: usize = 1;
const NOT_DENIED: usize = 2;
const NUMBERS_A_PART: usize = 3;

/// How far the parts of a way may stand from each other, in words, where it does not say so itself.
const WITHIN: usize = 16;

impl Point {
    /// Reads a row. `terms_of` gives the terms of a group, `add` takes each term of a part, whose numbers begin at `from`.
    pub(super) fn read(
        row: &PointRow,
        terms_of: &dyn Fn(&str) -> Option<Vec<String>>,
        add: &mut dyn FnMut(usize, &str),
        from: usize,
    ) -> Result<Self, String> {
        let mut next = from;
        let mut ways = |texts: &[String]| -> Result<Vec<Way>, String> {
            let read = |text: &String| {
                Way::read(text, terms_of, add, &mut next)
                    .map_err(|problem| format!("{:?}: {problem}", row.name))
            };
            texts.iter().map(read).collect()
        };
        Ok(Self {
            says: ways(&row.says)?,
            denies: ways(&row.denies)?,
            parts_end: next,
        })
    }

    /// The number behind that of its last part.
    pub(super) fn parts_end(&self) -> usize {
        self.parts_end
    }

    /// What a passage has to say about it whose places, in order, are these. One that keeps its distance from what it
    /// repeats denies it.
    pub(super) fn side(&self, places: &[Place], doubts: bool) -> Option<Side> {
        let fits = |ways: &[Way]| ways.iter().any(|way| way.fits(places));
        if fits(&self.denies) {
            Some(Side::Denies)
        } else if !fits(&self.says) {
            None
        } else if doubts {
            Some(Side::Denies)
        } else {
            Some(Side::Says)
        }
    }
}

impl Way {
    fn read(
        text: &str,
        terms_of: &dyn Fn(&str) -> Option<Vec<String>>,
        add: &mut dyn FnMut(usize, &str),
        next: &mut usize,
    ) -> Result<Self, String> {
        let (text, within) = match text.rsplit_once(" / ") {
            Some((text, within)) => {
                let within = within.trim().parse();
                (
                    text,
                    within.map_err(|_| "behind the / stands a number of words".to_owned())?,
                )
            }
            None => (text, WITHIN),
        };
        let mut parts = Vec::new();
        for part in text.split(" + ") {
            let part = part.trim();
            let (missing, alternatives) = match part.strip_prefix("no:") {
                Some(rest) => (true, rest),
                None => (false, part),
            };
            for alternative in alternatives.split('|').map(str::trim) {
                let (asked, term) = if let Some(term) = alternative.strip_prefix("not:") {
                    (DENIED, term)
                } else if let Some(term) = alternative.strip_prefix("yes:") {
                    (NOT_DENIED, term)
                } else {
                    (SAID, alternative)
                };
                match term.strip_prefix('@') {
                    Some(name) => {
                        let terms = terms_of(name).ok_or_else(|| format!("no group {name:?}"))?;
                        for term in &terms {
                            add(*next + asked, term);
                        }
                    }
                    None if term.is_empty() => return Err("an empty alternative".to_owned()),
                    None => add(*next + asked, term),
                }
            }
            parts.push(Part {
                number: *next,
                missing,
            });
            *next += NUMBERS_A_PART;
        }
        Ok(Self { parts, within })
    }

    fn fits(&self, places: &[Place]) -> bool {
        let Some(first) = self.parts.first() else {
            return false;
        };
        let of = |part: &Part| {
            let number = part.number;
            let from = places.partition_point(|place| place.part < number);
            let to = places.partition_point(|place| place.part < number + NUMBERS_A_PART);
            places[from..to]
                .iter()
                .take(PLACES_MAX)
                .filter(move |place| match place.part - number {
                    DENIED => place.denied,
                    NOT_DENIED => !place.denied,
                    _ => true,
                })
        };
        let (missing, said): (Vec<&Part>, Vec<&Part>) =
            self.parts[1..].iter().partition(|part| part.missing);
        missing.iter().all(|part| of(part).next().is_none())
            && of(first).any(|place| {
                let mut taken = vec![*place];
                self.completes(&said, &mut taken, &|part| of(part).copied().collect())
            })
    }

    /// Whether the rest of the parts stands close to those that were found.
    fn completes(
        &self,
        rest: &[&Part],
        taken: &mut Vec<Place>,
        of: &dyn Fn(&Part) -> Vec<Place>,
    ) -> bool {
        let Some((part, rest)) = rest.split_first() else {
            return true;
        };
        for place in of(part) {
            let from = taken.iter().map(|other| other.at).min();
            let to = taken.iter().map(|other| other.end).max();
            let span = to.max(Some(place.end)).unwrap_or_default()
                - from.min(Some(place.at)).unwrap_or_default();
            let apart = taken
                .iter()
                .all(|other| place.end <= other.at || other.end <= place.at);
            if span > self.within || !apart {
                continue;
            }
            taken.push(place);
            if self.completes(rest, taken, of) {
                return true;
            }
            taken.pop();
        }
        false
    }
}
