//! `whatif`: past editions by other rules or settings.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::json;

use crate::cli::Common;
use crate::cli::WhatIfArgs;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::rules;
use crate::cli::tell;
use crate::pipeline;
use crate::pipeline::EditionChange;
use crate::pipeline::WhatIf;
use crate::pipeline::history::look_back;
use crate::report::Exit;

/// Makes the last editions again by other rules or settings, and tells what would have changed.
pub(super) fn what_if(common: &Common, args: &WhatIfArgs) -> anyhow::Result<Exit> {
    let settings = common.settings()?;
    let rules = match &args.rules {
        Some(file) => rules::read(file)?,
        None => common.rules(&settings)?,
    };
    let store = look_back(&settings.store_path)?;
    let tell = |change: &EditionChange| {
        if common.json {
            print_json(change)
        } else if common.quiet {
            Ok(())
        } else {
            print(&line(change))
        }
    };
    let what_if = pipeline::what_if(args.days, &Arc::clone(&rules), &settings, &store, tell)?;
    if common.json {
        print_json(&json!({ "summary": what_if }))?;
    } else if !common.quiet {
        print(&summary(&what_if))?;
    }
    Ok(Exit::Done)
}

/// An edition, and below it what would have changed.
fn line(change: &EditionChange) -> String {
    let EditionChange {
        date,
        edition,
        gone,
        come,
        moved,
        same,
        ..
    } = change;
    let head = format!("{date}  edition {edition}{}: ", others(change));
    if let Some(why) = &change.not_redone {
        return format!("{head}cannot be made again: {why}");
    }
    if !change.is_change() {
        let all = tell::counted(same, "insight", "insights");
        return format!("{head}unchanged, {all}");
    }
    let mut out = format!(
        "{head}{} gone, {} come, {} moved, {same} as before\n",
        gone.len(),
        come.len(),
        moved.len()
    );
    for standing in gone {
        let _ = writeln!(
            out,
            "    - {:>6.2}  {} ({}, was {})",
            standing.score,
            standing.headline,
            standing.source,
            tell::ordinal(standing.position)
        );
    }
    for standing in come {
        let _ = writeln!(
            out,
            "    + {:>6.2}  {} ({}, {})",
            standing.score,
            standing.headline,
            standing.source,
            tell::ordinal(standing.position)
        );
    }
    for moved in moved {
        let _ = writeln!(
            out,
            "    ~ {:>6.2}  {} (was {} with {:.2}, now {})",
            moved.is.score,
            moved.is.headline,
            tell::ordinal(moved.was.position),
            moved.was.score,
            tell::ordinal(moved.is.position)
        );
    }
    out
}

/// What is another than at the time.
fn others(change: &EditionChange) -> &'static str {
    match (change.other_rules, change.other_settings) {
        (true, true) => " (other rules and settings)",
        (true, false) => " (other rules)",
        (false, true) => " (other settings)",
        (false, false) => "",
    }
}

fn summary(what_if: &WhatIf) -> String {
    let WhatIf {
        editions,
        changed,
        not_redone,
        gone,
        come,
        moved,
    } = what_if;
    let mut out = format!(
        "\n{changed} of {} would have been others: {} gone, {come} come, {moved} moved.",
        tell::counted(editions, "edition", "editions"),
        tell::counted(gone, "insight", "insights"),
    );
    if *not_redone > 0 {
        let _ = write!(
            out,
            " {} cannot be made again.",
            tell::counted(not_redone, "edition", "editions")
        );
    }
    out
}
