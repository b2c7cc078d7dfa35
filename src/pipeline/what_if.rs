//! What past editions would have been by other rules or settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;

use crate::model::Digest;
use crate::model::Insight;
use crate::outside::store::Store;
use crate::pipeline::Day;
use crate::pipeline::choose::consider_in;
use crate::pipeline::choose::edition_of;
use crate::pipeline::find_again::By;
use crate::pipeline::find_again::Finder;
use crate::pipeline::replay::is_same_passage;
use crate::pipeline::replay::why_not;
use crate::pipeline::view::View;
use crate::settings::Deciding;
use crate::settings::Settings;
use crate::stages::find_insights::Rules;

/// Makes the last editions again by these rules and settings, each against the history that there was before it, and tells each
/// one's changes, oldest first. Memory is bounded by the shelf of one day. The store is read only.
pub fn what_if(
    last: usize,
    rules: &Arc<Rules>,
    settings: &Settings,
    store: &Store,
    mut tell: impl FnMut(&EditionChange) -> anyhow::Result<()>,
) -> anyhow::Result<WhatIf> {
    let topics: BTreeMap<&str, &[String]> = settings
        .sources
        .iter()
        .map(|source| (source.name.as_str(), source.topics.as_slice()))
        .collect();
    let mut finder = Finder::new(store, By::Others { rules, topics });
    let dates = store.edition_dates()?;
    let mut what_if = WhatIf::default();
    for date in dates.into_iter().rev().take(last).rev() {
        let Some(saved) = store.edition(date)? else {
            continue;
        };
        let change = change_of(&saved, settings, store, &mut finder)?;
        finder.forget_others();
        what_if.count(&change);
        tell(&change)?;
    }
    Ok(what_if)
}

/// What became of all editions together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    /// Editions that were made again.
    pub editions: usize,
    /// Of these the ones that would have been others.
    pub changed: usize,
    /// Editions that cannot be made again.
    pub not_redone: usize,
    /// Insights that would not have been sent.
    pub gone: usize,
    /// Insights that would have been sent in their place.
    pub come: usize,
    /// Insights that would have stood elsewhere.
    pub moved: usize,
}

impl WhatIf {
    fn count(&mut self, change: &EditionChange) {
        if change.not_redone.is_some() {
            self.not_redone += 1;
            return;
        }
        self.editions += 1;
        self.changed += usize::from(change.is_change());
        self.gone += change.gone.len();
        self.come += change.come.len();
        self.moved += change.moved.len();
    }
}

/// What would have been another way in an edition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EditionChange {
    /// The day of the edition.
    pub date: Date,
    /// Its number.
    pub edition: u32,
    /// Why it cannot be made again, where it cannot.
    pub not_redone: Option<String>,
    /// Whether the settings that decide are others than those of the time.
    pub other_settings: bool,
    /// Whether the rules are others than those of the time.
    pub other_rules: bool,
    /// Insights that stand where they stood.
    pub same: usize,
    /// Insights that would not have been sent, with place and points of the time.
    pub gone: Vec<Standing>,
    /// Insights that would have been sent instead, with place and points.
    pub come: Vec<Standing>,
    /// Insights that would have stood elsewhere.
    pub moved: Vec<Moved>,
}

impl EditionChange {
    /// Whether the edition would have been another one.
    pub fn is_change(&self) -> bool {
        !(self.gone.is_empty() && self.come.is_empty() && self.moved.is_empty())
    }
}

/// An insight at its place.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Standing {
    /// Its place, from 1.
    pub position: usize,
    /// Its points.
    pub score: f64,
    /// Its headline.
    pub headline: String,
    /// Name of its source.
    pub source: String,
}

/// An insight that would have stood elsewhere.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// Where it stood.
    pub was: Standing,
    /// Where it would have stood.
    pub is: Standing,
}

fn change_of(
    saved: &Digest,
    settings: &Settings,
    store: &Store,
    finder: &mut Finder<'_>,
) -> anyhow::Result<EditionChange> {
    let mut change = EditionChange {
        date: saved.date,
        edition: saved.edition,
        not_redone: None,
        other_settings: false,
        other_rules: false,
        same: 0,
        gone: Vec::new(),
        come: Vec::new(),
        moved: Vec::new(),
    };
    let Some(record) = store.record(saved.date)? else {
        let why = "what it was chosen by was not kept: an older program chose it, or another store";
        change.not_redone = Some(why.to_owned());
        return Ok(change);
    };
    let day = Day::new(
        Some(saved.date),
        saved.chosen,
        &settings.digest.time_zone,
        settings.digest.look_back,
    )?;
    let mut find = |from, to| finder.shelf(from, to, record.readings_upto);
    let considered = consider_in(&View::of_edition(store, saved, &mut find)?, &day, settings)?;
    change.not_redone = why_not(&finder.take_missing());
    if change.not_redone.is_some() {
        return Ok(change);
    }
    change.other_settings = record.settings != Deciding::of(settings);
    change.other_rules = saved.rules_sha256.as_deref() != finder.rules_sha256();
    let made = edition_of(&considered, saved.edition, &day, settings);
    let made = made.as_ref().map(Digest::insights).unwrap_or_default();
    compare(saved.insights(), made, &mut change);
    Ok(change)
}

fn compare(saved: &[Insight], made: &[Insight], change: &mut EditionChange) {
    let place_in = |insights: &[Insight], insight: &Insight| {
        insights
            .iter()
            .position(|other| is_same_passage(other, insight))
    };
    for (nth, insight) in saved.iter().enumerate() {
        let was = standing(nth, insight);
        match place_in(made, insight) {
            None => change.gone.push(was),
            Some(now) if now == nth => change.same += 1,
            Some(now) => change.moved.push(Moved {
                was,
                is: standing(now, &made[now]),
            }),
        }
    }
    for (nth, insight) in made.iter().enumerate() {
        if place_in(saved, insight).is_none() {
            change.come.push(standing(nth, insight));
        }
    }
}

fn standing(nth: usize, insight: &Insight) -> Standing {
    Standing {
        position: nth + 1,
        score: insight.score,
        headline: insight.headline.clone(),
        source: insight.source.clone(),
    }
}
