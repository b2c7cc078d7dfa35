//! Fresh candidates in, the edition's insights out, with a reason for each one that was passed over.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::Fresh;
use crate::model::Insight;
use crate::model::Reason;
use crate::model::Shelved;
use crate::settings::DigestSettings;
use crate::settings::ThinDay;

/// Name of the reason under which the age of an entry shows in the points.
pub const AGE: &str = "age";

/// Name of the reason under which a topic shows that the edition or the week has had.
pub const VARIETY: &str = "variety";

/// Fills the edition place by place: each goes to the candidate with the most points left once its age and what its leading
/// topic has had are taken off, and among equals to the first of those given. None below the bar, not too many of one
/// source or entry. The bar asks for the score alone: a good passage does not become a bad one overnight.
///
/// Candidates of before the look-back window have a chance only where the others leave places, and only where
/// [`ThinDay::Older`] is the policy.
pub fn pick_top(fresh: Vec<Fresh>, rules: &DigestSettings, occasion: &Occasion<'_>) -> Picked {
    let choice = Choice { rules, occasion };
    let mut chosen: Vec<Placed> = Vec::new();
    let mut left: Vec<Fresh> = fresh;
    for earlier in [false, true] {
        while chosen.len() < rules.size {
            let Some(nth) = choice.next(&left, earlier, &chosen) else {
                break;
            };
            let best = left.remove(nth);
            chosen.push(choice.placed(best, &chosen));
        }
    }
    let mut picked = Picked {
        passed_over: left
            .into_iter()
            .map(|fresh| choice.passed_over(fresh, &chosen))
            .collect(),
        chosen,
    };
    if rules.thin_day == ThinDay::None && picked.chosen.len() < rules.size {
        let too_few = picked.chosen.drain(..).map(|placed| PassedOver {
            placed,
            why: Why::ThinDay,
            lacking: None,
        });
        picked.passed_over = too_few.chain(picked.passed_over).collect();
    }
    picked
}

/// What the choice looks at beside the candidates.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The day of the edition, from which ages are counted.
    pub date: Date,
    /// Where the look-back window begins.
    pub from: Timestamp,
    /// The leading topic of each insight of the last seven days' editions that has one.
    pub week: &'a [String],
}

/// The insights of an edition, and what did not make it.
#[derive(Debug, Default)]
pub struct Picked {
    /// In the order of the edition; empty when nothing reaches the bar.
    pub chosen: Vec<Placed>,
    /// The others in the order given, each with what spoke against it.
    pub passed_over: Vec<PassedOver>,
}

impl Picked {
    /// The insights of the edition, in its order.
    pub fn insights(&self) -> Vec<Insight> {
        self.chosen.iter().map(Placed::insight).collect()
    }
}

/// A candidate with the points that its turn came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    fresh: Fresh,
    /// What the choice took off, by reason.
    taken_off: Vec<Reason>,
    /// The day of its entry, where that is before the look-back window.
    of_earlier_day: Option<Date>,
}

impl Placed {
    /// The candidate, as it was weighed.
    pub fn shelved(&self) -> &Shelved {
        self.fresh.shelved()
    }

    /// Its score less what age and topic take off.
    pub fn points(&self) -> f64 {
        let taken: f64 = self.taken_off.iter().map(|reason| reason.points).sum();
        self.shelved().candidate.score + taken
    }

    /// All its reasons, which add up to its points.
    pub fn reasons(&self) -> Vec<Reason> {
        let weighed = &self.shelved().candidate.reasons;
        weighed.iter().chain(&self.taken_off).cloned().collect()
    }

    fn insight(&self) -> Insight {
        let shelved = self.shelved();
        let candidate = &shelved.candidate;
        Insight {
            headline: candidate.headline.clone(),
            text: candidate.text.clone(),
            shown: candidate.shown.clone(),
            score: self.points(),
            reasons: self.reasons(),
            source: shelved.source.clone(),
            entry_title: shelved.entry_title.clone(),
            entry_url: shelved.entry_url.clone(),
            enclosure_url: shelved.enclosure_url.clone(),
            published: shelved.published,
            of_earlier_day: self.of_earlier_day,
            speaker: candidate.speaker.clone(),
            start_seconds: candidate.start_seconds,
            receipt: shelved.receipt(),
            topics: candidate.topics.clone(),
            also_said_by: self.fresh.also_said_by().to_vec(),
            related: Vec::new(),
        }
    }
}

/// A candidate that is not in the edition.
#[derive(Debug, Clone, PartialEq)]
pub struct PassedOver {
    /// The candidate.
    pub placed: Placed,
    /// What spoke against it.
    pub why: Why,
    /// What would have put it in; none where no points would.
    pub lacking: Option<Lacking>,
}

/// Why a fresh candidate is not in the edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Its score is below `min_score`.
    BelowBar,
    /// `size` better ones were found.
    EditionFull,
    /// `max_per_entry` better ones come from its entry.
    EnoughOfEntry,
    /// `max_per_source` better ones come from its source.
    EnoughOfSource,
    /// There are not enough for a full edition, and `thin_day` wants none then.
    ThinDay,
}

/// What would put a candidate into an edition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lacking {
    /// The fewest points more; none where it is as good as the one in its way.
    pub points: f64,
    /// Number of the chosen one whose place it would take; none where there is room.
    pub in_place_of: Option<usize>,
}

/// The rules of one choice.
struct Choice<'a> {
    rules: &'a DigestSettings,
    occasion: &'a Occasion<'a>,
}

impl Choice<'_> {
    /// Which of those left takes the place after the ones chosen.
    fn next(&self, left: &[Fresh], earlier: bool, chosen: &[Placed]) -> Option<usize> {
        let mut best: Option<(usize, f64)> = None;
        for (nth, fresh) in left.iter().enumerate() {
            let shelved = fresh.shelved();
            let eligible = self.is_earlier(shelved) == earlier
                && shelved.candidate.score >= self.rules.min_score
                && self.enough(shelved, chosen).is_none();
            if !eligible {
                continue;
            }
            let points = self.points(shelved, chosen);
            if best.is_none_or(|(_, most)| points.total_cmp(&most) == Ordering::Greater) {
                best = Some((nth, points));
            }
        }
        best.map(|(nth, _)| nth)
    }

    fn is_earlier(&self, shelved: &Shelved) -> bool {
        shelved.published < self.occasion.from
    }

    /// Which limit keeps a candidate from following the ones chosen.
    fn enough(&self, candidate: &Shelved, chosen: &[Placed]) -> Option<Why> {
        let of = |same: &dyn Fn(&Shelved) -> bool| {
            chosen
                .iter()
                .filter(|placed| same(placed.shelved()))
                .count()
        };
        if of(&|other| other.entry == candidate.entry) >= self.rules.max_per_entry {
            Some(Why::EnoughOfEntry)
        } else if of(&|other| other.source == candidate.source) >= self.rules.max_per_source {
            Some(Why::EnoughOfSource)
        } else {
            None
        }
    }

    /// The points of a candidate as the one after those chosen.
    fn points(&self, candidate: &Shelved, chosen: &[Placed]) -> f64 {
        candidate.candidate.score
            - self.off_for_age(candidate)
            - self.off_for_topic(candidate, chosen)
    }

    fn placed(&self, fresh: Fresh, chosen: &[Placed]) -> Placed {
        let shelved = fresh.shelved();
        let off = [
            (AGE, self.off_for_age(shelved)),
            (VARIETY, self.off_for_topic(shelved, chosen)),
        ];
        let taken_off = off.into_iter().filter(|(_, points)| *points > 0.0);
        Placed {
            taken_off: taken_off
                .map(|(rule, points)| Reason {
                    rule: rule.to_owned(),
                    points: -points,
                })
                .collect(),
            of_earlier_day: self.is_earlier(shelved).then(|| self.day_of(shelved)),
            fresh,
        }
    }

    /// The day on which the entry was published, in the operator's time zone.
    fn day_of(&self, candidate: &Shelved) -> Date {
        let zone = self.rules.time_zone.clone();
        candidate.published.to_zoned(zone).date()
    }

    /// So many points for each day by which the entry is older than the edition.
    fn off_for_age(&self, candidate: &Shelved) -> f64 {
        let days = self.occasion.date.duration_since(self.day_of(candidate));
        let days = days.as_hours() / 24;
        // a feed may date an entry ahead
        as_f64(days.max(0)) * self.rules.freshness
    }

    /// So many points for each of the chosen that has the same leading topic, and for the share of the week's insights that
    /// had it.
    fn off_for_topic(&self, candidate: &Shelved, chosen: &[Placed]) -> f64 {
        let Some(topic) = candidate.candidate.topics.first() else {
            return 0.0;
        };
        let in_edition = chosen
            .iter()
            .filter(|placed| placed.shelved().candidate.topics.first() == Some(topic))
            .count();
        let week = self.occasion.week;
        let in_week = week.iter().filter(|told| *told == topic).count();
        let share = count(in_week) / count(week.len().max(1));
        self.rules.variety * (count(in_edition) + share)
    }

    /// Why a candidate is not among the chosen, which are all that could be.
    fn passed_over(&self, fresh: Fresh, chosen: &[Placed]) -> PassedOver {
        let shelved = fresh.shelved();
        let (lacking, after) = self.lacking(shelved, chosen);
        let why = if shelved.candidate.score < self.rules.min_score {
            Why::BelowBar
        } else {
            let would_be_in = |last: &Placed| {
                self.is_earlier(shelved) == last.of_earlier_day.is_some()
                    && self.points(shelved, &chosen[..chosen.len() - 1]) > last.points()
            };
            let full = chosen.len() >= self.rules.size && !chosen.last().is_some_and(would_be_in);
            let limit = self.enough(shelved, chosen).filter(|_| !full);
            limit.unwrap_or(Why::EditionFull)
        };
        PassedOver {
            placed: self.placed(fresh, &chosen[..after]),
            why,
            lacking,
        }
    }

    /// The fewest points with which a candidate would have had a place, and after how many of the chosen.
    fn lacking(&self, candidate: &Shelved, chosen: &[Placed]) -> (Option<Lacking>, usize) {
        let earlier = self.is_earlier(candidate);
        let steps = chosen.iter().map(Some).enumerate();
        let open = (chosen.len() < self.rules.size).then_some((chosen.len(), None));
        let mut least: Option<(f64, usize)> = None;
        for (after, holder) in steps.chain(open) {
            // whatever its points, what is from earlier days comes after the rest
            let behind = earlier && holder.is_some_and(|holder| holder.of_earlier_day.is_none());
            let before = &chosen[..after];
            if behind || self.enough(candidate, before).is_some() {
                continue;
            }
            let ahead = holder.is_none_or(|holder| holder.of_earlier_day.is_some() && !earlier);
            let needed = match holder {
                Some(holder) if !ahead => holder.points() - self.points(candidate, before),
                _ => f64::NEG_INFINITY,
            };
            if least.is_none_or(|(points, _)| needed < points) {
                least = Some((needed, after));
            }
        }
        let Some((needed, after)) = least else {
            return (None, chosen.len());
        };
        let lacking = Lacking {
            points: needed.max(self.rules.min_score - candidate.candidate.score),
            in_place_of: (after < chosen.len()).then_some(after),
        };
        (Some(lacking), after)
    }
}

#[expect(clippy::cast_precision_loss, reason = "days and insights are few")]
fn as_f64(number: i64) -> f64 {
    number as f64
}

fn count(number: usize) -> f64 {
    as_f64(i64::try_from(number).unwrap_or(i64::MAX))
}
