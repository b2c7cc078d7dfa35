//! The shelf → without repeats of history → the five, saved before anything is sent.

use anyhow::Context as _;

use crate::model::Digest;
use crate::outside::store::Store;
use crate::pipeline::Day;
use crate::pipeline::Job;
use crate::pipeline::history::recall;
use crate::report::Deliveries;
use crate::report::Report;
use crate::settings::Settings;
use crate::stages::drop_repeats::FINGERPRINT_METHOD;
use crate::stages::drop_repeats::Repeat;
use crate::stages::drop_repeats::Texts;
use crate::stages::drop_repeats::drop_repeats;
use crate::stages::drop_repeats::fingerprints;
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
    report.repeats = considered.repeats.len();
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
        considered.picked.insights(),
    )
    .map(|digest| digest.by_rules(job.rules.sha256()));
    if let Some(digest) = &digest {
        let insights = digest.insights().iter();
        let memorable: Vec<_> = insights
            .map(|insight| fingerprints(&insight.text))
            .collect();
        store
            .save_edition_with(digest, FINGERPRINT_METHOD, &memorable)
            .context("the edition could not be saved, so nothing is sent")?;
    }
    Ok(digest)
}

/// Weighs the shelf of a day without saving anything: what would be chosen, and why the rest would not.
pub fn consider(day: &Day, settings: &Settings, store: &Store) -> anyhow::Result<Considered> {
    let shelf = weigh(store.shelf(day.from, day.to)?, &settings.sources);
    let texts = Texts::of(shelf.iter().map(|shelved| &*shelved.candidate.text));
    let recalled = recall(store, &texts, Some(day.date))?;
    let sifted = drop_repeats(shelf, &recalled);
    Ok(Considered {
        picked: pick_top(sifted.fresh, &settings.digest),
        repeats: sifted.repeats,
    })
}

/// What a day's shelf comes to.
#[derive(Debug)]
pub struct Considered {
    /// What is chosen, and what is passed over.
    pub picked: Picked,
    /// What was told before.
    pub repeats: Vec<Repeat>,
}

impl Considered {
    /// Candidates in all.
    pub fn count(&self) -> usize {
        self.picked.chosen.len() + self.picked.passed_over.len() + self.repeats.len()
    }

    /// Why nothing is chosen, where nothing is.
    fn why_empty(&self, day: &Day, settings: &Settings) -> Option<String> {
        let min_score = settings.digest.min_score;
        if !self.picked.chosen.is_empty() {
            return None;
        }
        let repeats = self.repeats.len();
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
