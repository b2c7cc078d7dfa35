//! The shelf → without repeats of history → the five, saved before anything is sent.

use anyhow::Context as _;
use jiff::SignedDuration;
use jiff::Span;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::Digest;
use crate::model::Insight;
use crate::model::SentInsight;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::pipeline::Day;
use crate::pipeline::Job;
use crate::pipeline::keep_words::keep_words;
use crate::pipeline::related::with_related;
use crate::pipeline::view::View;
use crate::report::Deliveries;
use crate::report::Report;
use crate::settings::Deciding;
use crate::settings::Settings;
use crate::settings::ThinDay;
use crate::stages::compare_thoughts::Told;
use crate::stages::compare_thoughts::converge;
use crate::stages::compose_email::Templates;
use crate::stages::drop_repeats::FINGERPRINT_METHOD;
use crate::stages::drop_repeats::Repeat;
use crate::stages::drop_repeats::Texts;
use crate::stages::drop_repeats::drop_repeats;
use crate::stages::drop_repeats::fingerprints;
use crate::stages::pick_top::Occasion;
use crate::stages::pick_top::PassedOver;
use crate::stages::pick_top::Picked;
use crate::stages::pick_top::Why;
use crate::stages::pick_top::pick_top;
use crate::stages::recognise::OneCopy;
use crate::stages::recognise::Twin;
use crate::stages::recognise::keep_one_copy;
use crate::stages::weigh::weigh;

/// How far back a thin day may reach for what was never sent.
const THIN_DAY_BACK: SignedDuration = SignedDuration::from_hours(14 * 24);

/// A point is not made again for so many days.
const SAME_POINT_DAYS: i64 = 14;

/// Days whose topics an edition need not have again.
const VARIETY_DAYS: i64 = 7;

/// Chooses the five of the day and saves them, or reads again what was chosen before.
pub fn choose(
    job: &Job<'_>,
    templates: &Templates,
    store: &mut Store,
    report: &mut Report,
) -> anyhow::Result<Option<Digest>> {
    // a day's five are chosen once: neither a crash nor a later entry may change them
    let digest = match store.edition(job.day.date)? {
        Some(saved) => {
            report.chosen_before = true;
            if store.is_imported(saved.date)? {
                let why =
                    "this edition was taken over from another store, and is not sent from here";
                report.reason = Some(why.to_owned());
            } else {
                set_words_if_possible(&saved, job, templates, store)?;
            }
            Some(saved)
        }
        None => choose_anew(job, templates, store, report)?,
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

/// Sets the words of the mail. Where they cannot be set, whoever sends is told, and the edition stands all the same.
fn set_words_if_possible(
    digest: &Digest,
    job: &Job<'_>,
    templates: &Templates,
    store: &mut Store,
) -> Result<(), StoreError> {
    if let Err(error) = keep_words(digest, job.settings, templates, store)? {
        tracing::debug!(%error, "the words of the mail are not set yet");
    }
    Ok(())
}

fn choose_anew(
    job: &Job<'_>,
    templates: &Templates,
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
    let number = store.next_edition_number()?;
    let digest = edition_of(&considered, number, day, settings)
        .map(|digest| digest.by_rules(job.rules.sha256()));
    if let Some(digest) = &digest {
        let insights = digest.insights().iter();
        let memorable: Vec<_> = insights
            .map(|insight| fingerprints(&insight.text))
            .collect();
        store
            .together(|store| {
                store.keep_rules(job.rules.text())?;
                store.save_edition(digest)?;
                store.memorise(digest.date, FINGERPRINT_METHOD, &memorable)?;
                store.keep_record(digest.date, &Deciding::of(settings))?;
                set_words_if_possible(digest, job, templates, store)
            })
            .context("the edition could not be saved, so nothing is sent")?;
    }
    Ok(digest)
}

/// The edition of a day made of what is chosen for it; none where nothing is.
pub(super) fn edition_of(
    considered: &Considered,
    number: u32,
    day: &Day,
    settings: &Settings,
) -> Option<Digest> {
    Digest::new(
        day.date,
        number,
        settings.digest.title.clone(),
        day.now,
        considered.insights.clone(),
    )
}

/// Weighs the shelf of a day without saving anything: what would be chosen, and why the rest would not.
pub fn consider(day: &Day, settings: &Settings, store: &Store) -> anyhow::Result<Considered> {
    consider_in(&View::of_day(store, day.date)?, day, settings)
}

/// The one way to choose: a function of what the view shows, the day and the settings. A replay goes the same way.
pub(super) fn consider_in(
    view: &View<'_>,
    day: &Day,
    settings: &Settings,
) -> anyhow::Result<Considered> {
    let OneCopy {
        mut shelf,
        mut twins,
    } = shelf_of((day.from, day.to), settings, view)?;
    if settings.digest.thin_day == ThinDay::Older {
        let begin = day
            .from
            .checked_sub(THIN_DAY_BACK)
            .unwrap_or(Timestamp::MIN);
        let older = shelf_of((begin, day.from), settings, view)?;
        // behind the rest: what is told today by both is told by the newer
        shelf.extend(older.shelf);
        twins.extend(older.twins);
    }
    let texts = Texts::of(shelf.iter().map(|shelved| &*shelved.candidate.text));
    let recalled = view.recall(&texts)?;
    let sifted = drop_repeats(shelf, &recalled);
    let occasion = Occasion {
        date: day.date,
        from: day.from,
        week: &leading_topics(day, view)?,
    };
    let converged = converge(sifted.fresh, &told_lately(day.date, view)?);
    let picked = pick_top(converged.fresh, &settings.digest, &occasion);
    Ok(Considered {
        insights: with_related(picked.insights(), day.date, view)?,
        picked,
        repeats: sifted.repeats,
        told: converged.told,
        twins,
    })
}

/// The candidates of a stretch of time, weighed, with one copy of what two feeds tell.
fn shelf_of(
    (from, to): (Timestamp, Timestamp),
    settings: &Settings,
    view: &View<'_>,
) -> anyhow::Result<OneCopy> {
    let shelf = weigh(view.shelf(from, to)?, &settings.sources);
    let lengths = view.lengths(from, to)?;
    Ok(keep_one_copy(shelf, &settings.sources, &lengths))
}

/// What was sent in the two weeks before `date`.
fn told_lately(date: Date, view: &View<'_>) -> anyhow::Result<Vec<SentInsight>> {
    let from = date.saturating_sub(Span::new().days(SAME_POINT_DAYS));
    Ok(view.sent(from, date)?)
}

/// The leading topics of the editions of the week before.
fn leading_topics(day: &Day, view: &View<'_>) -> anyhow::Result<Vec<String>> {
    let back = |days: i64| day.date.saturating_sub(Span::new().days(days));
    let editions = view.editions(back(VARIETY_DAYS), back(1))?;
    let insights = editions.iter().flat_map(Digest::insights);
    Ok(insights
        .filter_map(|insight| insight.topics.first().cloned())
        .collect())
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
    /// What stands in another source, too, and was considered there.
    pub twins: Vec<Twin>,
}

impl Considered {
    /// Candidates in all.
    pub fn count(&self) -> usize {
        let told = self.repeats.len() + self.told.len() + self.twins.len();
        self.picked.chosen.len() + self.picked.passed_over.len() + told
    }

    /// Why nothing is chosen, where nothing is.
    fn why_empty(&self, day: &Day, settings: &Settings) -> Option<String> {
        let min_score = settings.digest.min_score;
        if !self.picked.chosen.is_empty() {
            return None;
        }
        let repeats = self.repeats.len() + self.told.len();
        Some(match self.picked.passed_over.first() {
            Some(first) if first.why == Why::ThinDay => {
                let enough = |passed: &&PassedOver| passed.why == Why::ThinDay;
                format!(
                    "the edition would have only {} of {} insights, and [digest] thin_day is \"none\"",
                    self.picked.passed_over.iter().filter(enough).count(),
                    settings.digest.size,
                )
            }
            Some(best) => format!(
                "no candidate reaches the bar: the best has {:.2} points, [digest] min_score is {min_score:.2}",
                best.placed.shelved().candidate.score,
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
