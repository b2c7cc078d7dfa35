//! `demo`: three days on the small world that comes with the program, told as they happen.

use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::output::print;
use crate::cli::tell;
use crate::demo;
use crate::demo::Told;
use crate::pipeline::Stop;
use crate::report::Exit;

/// Runs the demo in `out` and tells each day.
pub(super) async fn obey(
    common: &Common,
    out: &Path,
    now: Timestamp,
    stop: Stop,
) -> anyhow::Result<Exit> {
    let told = demo::demo(out, now, stop, |report| {
        if common.json {
            print(&serde_json::to_string(report)?)?;
        } else if !common.quiet {
            print(&format!("{}\n", tell::report(report, demo::TITLE)))?;
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
        print(&format!(
            "The mails, and each day as digest.html and digest.txt, lie in {}.\n\
             Two sources failed on purpose: a run never loses its edition to a bad feed.\n\
             Next: `takefive explain --sources {} --date 2026-03-04` says why each passage did or did not make it.",
            outbox.display(),
            out.join("sources.toml").display(),
        ))?;
    }
    for surprise in &unexpected {
        anstream::eprintln!("takefive: {surprise}");
    }
    Ok(if unexpected.is_empty() {
        Exit::Done
    } else {
        Exit::Unexpected
    })
}
