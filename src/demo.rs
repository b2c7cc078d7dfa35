//! The program shown on a small world of its own: three simulated days, with nothing to set up and no network.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::demo::world::World;
use crate::model::EmailAddress;
use crate::outside::mailer::Mailer;
use crate::outside::mailer::TimeLimits;
use crate::outside::store::Store;
use crate::outside::web::Web;
use crate::pipeline;
use crate::pipeline::Day;
use crate::pipeline::Doors;
use crate::pipeline::Job;
use crate::pipeline::Stop;
use crate::report::Report;
use crate::settings::Settings;
use crate::stages::compose_email::Templates;
use crate::stages::find_insights::Rules;
use crate::subscriptions;

pub mod world;

/// Name of the newsletter in the demo.
pub const TITLE: &str = "Take Five";

/// Who reads along.
const READERS: [&str; 2] = ["ann@reader.example", "ben@reader.example"];

/// Marks a folder as a demo's own, which the next demo may empty.
const MARK: &str = ".takefive-demo";

/// What a demo puts into its folder.
const OUTBOX: &str = "outbox";
const STORE: &str = "takefive.db";
const SOURCES: &str = "sources.toml";

/// Runs the day's job on each day of the world, in `folder`, and hands each report to `tell`. It is the job of every
/// day: nothing that it runs through knows of the demo.
pub async fn demo(
    folder: &Path,
    now: Timestamp,
    stop: Stop,
    tell: impl Fn(&Report) -> anyhow::Result<()>,
) -> anyhow::Result<Told> {
    make_room(folder)?;
    let world = World::start()
        .await
        .context("no loopback port is free to serve the demo's feeds")?;
    let sources = world.sources_toml(OUTBOX, STORE);
    fs::write(folder.join(SOURCES), &sources)?;
    let settings = Settings::parse(&sources, folder, &|_| None)?;
    let mail = &settings.mail;
    let mut doors = Doors {
        web: Web::new(&settings.fetch)?,
        store: Store::open(&settings.store_path)?,
        mailer: Arc::new(Mailer::open(
            &mail.transport,
            mail.from.address.domain(),
            TimeLimits::STANDARD,
        )?),
        templates: Templates::new(&BTreeMap::new())?,
        signer: None,
        transcriber: None,
    };
    for reader in READERS {
        subscriptions::add(&mut doors.store, &EmailAddress::parse(reader)?, now)?;
    }
    let mut told = Told {
        outbox: folder.join(OUTBOX),
        unexpected: Vec::new(),
        interrupted: false,
    };
    for (nth, date) in World::DAYS.into_iter().enumerate() {
        world.show_day(nth + 1);
        let day = Day::new(
            Some(date),
            now,
            &settings.digest.time_zone,
            settings.digest.look_back,
        )?;
        let job = Job {
            day,
            settings: &settings,
            rules: Arc::clone(Rules::built_in()),
            progress: &|_| (),
            stop: stop.clone(),
        };
        let report = pipeline::run(&job, &mut doors).await?;
        if report.interrupted {
            told.interrupted = true;
            break;
        }
        tell(&report)?;
        told.unexpected.extend(surprises(&report));
    }
    Ok(told)
}

/// What a demo came to.
#[derive(Debug)]
pub struct Told {
    /// Where the mails lie.
    pub outbox: PathBuf,
    /// What should not have happened, one sentence each.
    pub unexpected: Vec<String>,
    /// Whether someone stopped it.
    pub interrupted: bool,
}

/// The folder, empty but for its mark. One that is not a demo's is left alone.
fn make_room(folder: &Path) -> anyhow::Result<()> {
    let mark = folder.join(MARK);
    let unusable = || format!("{} cannot be used for the demo", folder.display());
    fs::create_dir_all(folder).with_context(unusable)?;
    let empty = fs::read_dir(folder)
        .with_context(unusable)?
        .next()
        .is_none();
    anyhow::ensure!(
        empty || mark.exists(),
        "{} is not empty, and not from an earlier demo; name another folder with --out",
        folder.display(),
    );
    fs::write(&mark, "").with_context(unusable)?;
    let outbox = folder.join(OUTBOX);
    if outbox.exists() {
        fs::remove_dir_all(&outbox).with_context(unusable)?;
    }
    for file in fs::read_dir(folder).with_context(unusable)? {
        let file = file.with_context(unusable)?;
        let name = file.file_name();
        // the store comes with a log and a lock beside it
        if name
            .to_str()
            .is_some_and(|name| name.starts_with(STORE) || name == SOURCES)
        {
            fs::remove_file(file.path()).with_context(unusable)?;
        }
    }
    Ok(())
}

fn surprises(report: &Report) -> Vec<String> {
    let failed: BTreeSet<&str> = report
        .failed_sources()
        .map(|source| source.name.as_str())
        .collect();
    let expected = BTreeSet::from(World::EXPECTED_FAILURES);
    let mut surprises = Vec::new();
    if failed != expected {
        surprises.push(format!(
            "{}: {expected:?} should have failed, and {failed:?} did",
            report.date
        ));
    }
    if report.insights.is_empty() {
        surprises.push(format!("{}: no insight was chosen", report.date));
    }
    if report.deliveries.accepted != READERS.len() as u64 {
        surprises.push(format!(
            "{}: {} mails were written",
            report.date, report.deliveries.accepted
        ));
    }
    surprises
}
