//! The shelf → without repeats of history → the five, saved before anything is sent.

use anyhow::Context as _;
use jiff::Span;
use jiff::civil::Date;

use crate::model::Digest;
use crate::model::Insight;
use crate::model::Related;
use crate::model::SentInsight;
use crate::outside::store::Store;
use crate::pipeline::Day;
use crate::pipeline::Job;
use crate::report::Deliveries;
use crate::report::Report;
use crate::settings::Settings;
use crate::stages::compare_thoughts::Pick;
use crate::stages::compare_thoughts::Told;
use crate::stages::compare_thoughts::converge;
use crate::stages::compare_thoughts::relate;
use crate::stages::drop_repeats::Repeat;
use crate::stages::drop_repeats::drop_repeats;
use crate::stages::pick_top::Picked;
use crate::stages::pick_top::pick_top;
use crate::stages::weigh::weigh;

/// Chooses the five of the day and saves them, or reads again what was chosen before.
pub fn choose(
    job: &Job<'_>,
    store: &mut Store,
    report: &mut Report,
) -> anyhow::Result<Option<Digest>> {
    // a day's five are chosen once: neither a crash nor a later entry may change them
    let digest = match store.edition(job.day.date)? {
        Some(saved) => {
            report.chosen_before = true;
            Some(saved)
        }
        None => choose_anew(job, store, report)?,
    };
    if let Some(digest) = &digest {
        // who gets it is written down with it: a copy of the store taken now knows what is about to be sent
        store.enrol(digest.date)?;
        report.deliveries = Deliveries::from(&store.delivery_counts(digest.date)?);
        report.edition = Some(digest.edition);
        report.insights = digest.insights().to_vec();
    }
    Ok(digest)
}

fn choose_anew(
    job: &Job<'_>,
    store: &mut Store,
    report: &mut Report,
) -> anyhow::Result<Option<Digest>> {
    let Job { day, settings, .. } = job;
    let considered = consider(day, settings, store)?;
    report.candidates = considered.count();
    report.repeats = considered.repeats.len() + considered.told.len();
    report.reason = if report.all_sources_failed() && considered.count() == 0 {
        Some("no source could be read, and nothing is left on the shelf".to_owned())
    } else {
        considered.why_empty(day, settings)
    };
    let digest = Digest::new(
        day.date,
        store.next_edition_number()?,
        settings.digest.title.clone(),
        day.now,
        considered.insights,
    )
    .map(|digest| digest.by_rules(job.rules.sha256()));
    if let Some(digest) = &digest {
        store
            .save_edition(digest)
            .context("the edition could not be saved, so nothing is sent")?;
    }
    Ok(digest)
}

/// Weighs the shelf of a day without saving anything: what would be chosen, and why the rest would not.
pub fn consider(day: &Day, settings: &Settings, store: &Store) -> anyhow::Result<Considered> {
    let history: Vec<_> = store
        .sent()?
        .into_iter()
        .filter(|sent| sent.date != day.date)
        .collect();
    let shelf = weigh(store.shelf(day.from, day.to)?, &settings.sources);
    let sifted = drop_repeats(shelf, &history);
    let recent = told_lately(&history, day.date);
    let converged = converge(sifted.fresh, &recent);
    let picked = pick_top(converged.fresh, &settings.digest);
    let insights = with_related(picked.insights(), day.date, store)?;
    Ok(Considered {
        insights,
        picked,
        repeats: sifted.repeats,
        told: converged.told,
    })
}

/// A point is not made again for so many days.
const SAME_POINT_DAYS: i64 = 14;

/// What hung under a card in so many days before is chosen less.
const HUNG_LATELY_DAYS: i64 = 7;

/// What was sent in the two weeks before `date`.
fn told_lately(history: &[SentInsight], date: Date) -> Vec<SentInsight> {
    let from = date.saturating_sub(Span::new().days(SAME_POINT_DAYS));
    let lately = history
        .iter()
        .filter(|sent| (from..date).contains(&sent.date));
    lately.cloned().collect()
}

/// The insights with what earlier editions told of their subjects.
fn with_related(
    mut insights: Vec<Insight>,
    date: Date,
    store: &Store,
) -> anyhow::Result<Vec<Insight>> {
    if insights.is_empty() {
        return Ok(insights);
    }
    let archive = store.archive(date)?;
    let week = date.saturating_sub(Span::new().days(HUNG_LATELY_DAYS));
    let hung_lately = store
        .editions(week, date.saturating_sub(Span::new().days(1)))?
        .iter()
        .flat_map(Digest::insights)
        .flat_map(|insight| &insight.related)
        .map(|related| (related.date, related.position))
        .collect();
    let picks = relate(&insights, &archive, &hung_lately);
    for (insight, picks) in insights.iter_mut().zip(picks) {
        for pick in picks {
            let edition = store.edition(pick.date)?;
            let old = edition.as_ref().and_then(|edition| {
                let nth = pick.position.checked_sub(1)?;
                edition.insights().get(nth)
            });
            // an edition without it can only be a damaged one; a card can do without
            if let Some(old) = old {
                insight.related.push(related(old, pick));
            }
        }
    }
    Ok(insights)
}

fn related(old: &Insight, pick: Pick) -> Related {
    Related {
        date: pick.date,
        position: pick.position,
        differs: pick.differs,
        headline: old.headline.clone(),
        source: old.source.clone(),
        entry_title: old.entry_title.clone(),
        entry_url: old.entry_url.clone(),
        enclosure_url: old.enclosure_url.clone(),
        speaker: old.speaker.clone(),
        start_seconds: old.start_seconds,
    }
}

/// What a day's shelf comes to.
#[derive(Debug)]
pub struct Considered {
    /// What is chosen, and what is passed over.
    pub picked: Picked,
    /// The insights that come of it, with what is related to them.
    pub insights: Vec<Insight>,
    /// What was told before.
    pub repeats: Vec<Repeat>,
    /// What makes a point that was made lately, or that a better one makes.
    pub told: Vec<Told>,
}

impl Considered {
    /// Candidates in all.
    pub fn count(&self) -> usize {
        self.picked.chosen.len()
            + self.picked.passed_over.len()
            + self.repeats.len()
            + self.told.len()
    }

    /// Why nothing is chosen, where nothing is.
    fn why_empty(&self, day: &Day, settings: &Settings) -> Option<String> {
        let min_score = settings.digest.min_score;
        if !self.picked.chosen.is_empty() {
            return None;
        }
        let repeats = self.repeats.len() + self.told.len();
        Some(match self.picked.passed_over.first() {
            Some((best, _)) => format!(
                "no candidate reaches the bar: the best has {:.2} points, [digest] min_score is {min_score:.2}",
                best.shelved().candidate.score,
            ),
            None if repeats > 0 => format!("all {repeats} candidates have been told before"),
            None => {
                let zone = settings.digest.time_zone.clone();
                format!(
                    "no entry published from {} to {} holds a candidate",
                    day.from.to_zoned(zone).date(),
                    day.date
                )
            }
        })
    }
}
