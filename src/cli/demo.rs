//! `demo`: three days on the small world that comes with the program, told as they happen.

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::output::say;
use crate::cli::tell;
use crate::demo;
use crate::demo::Told;
use crate::demo::world::World;
use crate::outside::mailer::edition_folder;
use crate::pipeline::Stop;
use crate::report::Exit;

/// Stands between two days.
const RULE: &str =
    "────────────────────────────────────────────────────────────────────────────────";

/// Runs the demo in `out` and tells each day.
pub(super) async fn obey(
    common: &Common,
    out: &Path,
    now: Timestamp,
    stop: Stop,
) -> anyhow::Result<Exit> {
    let told = demo::demo(out, now, stop, |report| {
        if common.json {
            print_json(report)?;
        } else if !common.quiet {
            print(&format!("{}\n{RULE}\n", tell::report(report, demo::TITLE)))?;
        }
        Ok(())
    });
    let Told {
        outbox,
        unexpected,
        interrupted,
    } = told.await.context("the demo broke off")?;
    if interrupted {
        return Ok(Exit::Interrupted);
    }
    if !common.quiet && !common.json {
        let last = World::DAYS[World::DAYS.len() - 1];
        let program = called();
        print(&format!(
            "Three days, three editions. Two sources failed on purpose: a bad feed costs a line, never the digest.\n\n\
             Next:\n\
             \x20 1. Open {} in a browser; the mails (.eml) lie beside it.\n\
             \x20 2. {program} explain --sources {} --date {last}\n\
             \x20    says rule by rule why each passage did or did not make the five.\n\
             \x20 3. {program} preview\n\
             \x20    reads the real feeds listed in sources.toml and sends nothing; then `subscribers add` and `run`.",
            edition_folder(&outbox, last).join("digest.html").display(),
            out.join("sources.toml").display(),
        ))?;
    }
    for surprise in &unexpected {
        say(&format!("takefive: {surprise}"));
    }
    Ok(if unexpected.is_empty() {
        Exit::Done
    } else {
        Exit::Unexpected
    })
}

/// The program as it was called, so that what is printed can be typed again: `target/release/takefive` after `cargo run`.
fn called() -> String {
    let as_typed = std::env::args().next().unwrap_or_default();
    if as_typed.is_empty() || as_typed.contains(char::is_whitespace) {
        "takefive".to_owned()
    } else {
        as_typed
    }
}
