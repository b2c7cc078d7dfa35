//! The story of a day: gather, choose, deliver. Each step may be run again at any moment.
//!
//! - **gather**: every source → its new entries → their text → candidates, put on the shelf (the store)
//! - **choose**: the shelf → without repeats of history → the five, saved before anything is sent
//! - **deliver**: the saved digest → one email per waiting subscriber, each attempt written down
//!
//! A day that is past can be looked into: **replay** makes its edition again and compares, **what_if** makes it by other rules
//! or settings, **verify** finds each quote again.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::outside::mailer::Mailer;
use crate::outside::store::Store;
use crate::outside::transcriber::Transcriber;
use crate::outside::web::Web;
use crate::report::Report;
use crate::settings::Settings;
use crate::stages::compose_email::DkimSigner;
use crate::stages::compose_email::Templates;
use crate::stages::find_insights::Rules;

mod gather;
pub use gather::Depth;
pub use gather::gather;

mod view;

mod keep_words;

mod choose;
pub use choose::Considered;
pub use choose::choose;
pub use choose::consider;

pub mod history;

mod deliver;
pub use deliver::deliver;
pub use deliver::deliver_only;
pub use deliver::oldest_delivered;

mod find_again;

mod replay;
pub use replay::Difference;
pub use replay::Replayed;
pub use replay::replay;

mod what_if;
pub use what_if::EditionChange;
pub use what_if::Moved;
pub use what_if::Standing;
pub use what_if::WhatIf;
pub use what_if::what_if;

mod verify;
pub use verify::QuoteFault;
pub use verify::Verified;
pub use verify::verify;

mod let_go;
pub use let_go::let_go;

mod related;

mod send_test;
pub use send_test::send_test;
pub use send_test::specimen;

mod stop;
pub use stop::Stop;

/// The day's job from the first feed to the last mail.
pub async fn run(job: &Job<'_>, doors: &mut Doors) -> anyhow::Result<Report> {
    let mut report = Report::of(job.day.date);
    gather(job, Depth::Texts, doors, &mut report)?;
    if !job.stop.is_asked() {
        choose(job, &doors.templates, &mut doors.store, &mut report)?;
        deliver(job, doors, &mut report).await?;
    }
    if !job.stop.is_asked() {
        let_go(job, &mut doors.store)?;
    }
    Ok(report)
}

/// One day's work: which day, by whose settings, and who watches.
pub struct Job<'a> {
    /// The day.
    pub day: Day,
    /// What the operator decided.
    pub settings: &'a Settings,
    /// The rules in force.
    pub rules: Arc<Rules>,
    /// Is told of each step that is done.
    pub progress: &'a (dyn Fn(Progress<'_>) + Sync),
    /// Asks the work to end at the next safe place.
    pub stop: Stop,
}

/// What the program reaches the world through, opened once for a run.
pub struct Doors {
    /// Feeds, transcripts and pages.
    pub web: Web,
    /// What we remember.
    pub store: Store,
    /// Where mail goes.
    pub mailer: Arc<Mailer>,
    /// What mail looks like.
    pub templates: Templates,
    /// Who signs it, if anybody does.
    pub signer: Option<Arc<DkimSigner>>,
    /// What turns speech into text; none where the settings name nothing, and in a rehearsal.
    pub transcriber: Option<Transcriber>,
}

/// The day of an edition.
#[derive(Debug, Clone)]
pub struct Day {
    /// Its date in the operator's time zone.
    pub date: Date,
    /// An entry published before this is too old.
    pub from: Timestamp,
    /// An entry published at or after this belongs to a later day.
    pub to: Timestamp,
    /// The time of the run, by the clock on the wall.
    pub now: Timestamp,
    /// When an entry without a date counts as published: now, or noon of another day that was asked for.
    pub seen: Timestamp,
}

impl Day {
    /// The day `asked` for, or today, and how far back its entries may lie.
    pub fn new(
        asked: Option<Date>,
        now: Timestamp,
        time_zone: &TimeZone,
        look_back: SignedDuration,
    ) -> Result<Self, jiff::Error> {
        let today = now.to_zoned(time_zone.clone()).date();
        let date = asked.unwrap_or(today);
        let start = date.to_zoned(time_zone.clone())?.timestamp();
        let noon = date
            .at(12, 0, 0, 0)
            .to_zoned(time_zone.clone())?
            .timestamp();
        Ok(Self {
            date,
            from: start.checked_sub(look_back)?,
            to: date.tomorrow()?.to_zoned(time_zone.clone())?.timestamp(),
            now,
            seen: if date == today { now } else { noon },
        })
    }
}

/// A step that is done, or that takes so long that its beginning is told.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// A source was read, or could not be.
    Gathered {
        /// Its name.
        source: &'a str,
        /// Sources behind us.
        done: usize,
        /// Sources in all.
        of: usize,
    },
    /// A transcription begins, which may take long.
    Transcribing {
        /// Title of the entry.
        title: &'a str,
    },
    /// A message was tried.
    Sent {
        /// Messages behind us.
        done: usize,
        /// Messages in all.
        of: usize,
    },
}
