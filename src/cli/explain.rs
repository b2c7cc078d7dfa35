//! `explain`: why a passage did or did not make the five, rule by rule.

use std::fmt::Write as _;

use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::ExplainArgs;
use crate::cli::extract::candidates_of;
use crate::cli::output::print;
use crate::cli::tell;
use crate::model::Candidate;
use crate::model::Digest;
use crate::model::Shelved;
use crate::outside::store::Store;
use crate::pipeline::Considered;
use crate::pipeline::Day;
use crate::pipeline::consider;
use crate::report::Exit;
use crate::settings::DigestSettings;
use crate::stages::drop_repeats::Original;
use crate::stages::pick_top::PassedOver;

/// Explains a document, or the shelf of a day.
pub(super) fn explain(common: &Common, args: &ExplainArgs, now: Timestamp) -> anyhow::Result<Exit> {
    let rules = match &args.file {
        Some(_) => common.rules_for_document(args.rules.as_deref())?,
        None => common.rules(&common.settings()?)?,
    };
    let cases = match &args.file {
        Some(file) => of_document(common, candidates_of(file, args.kind, &rules)?)?,
        None => of_day(common, args, now)?,
    };
    let mut out = String::new();
    for (nth, case) in cases.iter().take(args.top).enumerate() {
        let Case {
            candidate,
            origin,
            verdict,
            ..
        } = case;
        if common.json {
            let line = serde_json::json!({
                "rank": nth + 1, "score": candidate.score, "chosen": case.chosen, "verdict": verdict, "from": origin,
                "headline": candidate.headline, "text": candidate.text, "reasons": candidate.reasons,
            });
            let _ = writeln!(out, "{line}");
        } else {
            out += &tell::candidate(nth + 1, candidate, origin.as_deref());
            let _ = writeln!(out, "    {} {verdict}", if case.chosen { "✓" } else { "✗" });
            out += &tell::reasons(&candidate.reasons, &rules);
            let _ = writeln!(out, "    {:>6.2}  points\n", candidate.score);
        }
    }
    if !common.json {
        let (all, top) = (cases.len(), args.top);
        let _ = match &args.file {
            Some(_) if all == 0 => writeln!(out, "No passage in it reads like an insight."),
            None if all == 0 => writeln!(
                out,
                "No candidate of that day is on the shelf; `takefive gather` puts them there."
            ),
            _ if all > top => writeln!(
                out,
                "{top} of {all} candidates; --top {all} shows them all."
            ),
            _ => Ok(()),
        };
    }
    if (common.json || !common.quiet) && !out.is_empty() {
        print(&out)?;
    }
    Ok(Exit::Done)
}

/// The verdict on what is sent.
const IN_THE_FIVE: &str = "in the five";

/// A candidate and what became of it.
struct Case {
    candidate: Candidate,
    /// The source and the entry, where a day is explained.
    origin: Option<String>,
    chosen: bool,
    verdict: String,
}

/// The candidates of one document, as if it were the only entry of the day.
fn of_document(common: &Common, candidates: Vec<Candidate>) -> anyhow::Result<Vec<Case>> {
    let digest = common
        .settings_if_any()?
        .map_or_else(DigestSettings::default, |settings| settings.digest);
    let bar = digest.min_score;
    let explained = candidates.into_iter().enumerate().map(|(nth, candidate)| {
        let verdict = if candidate.score < bar {
            format!(
                "below the bar of {bar:.2} by {:.2} points",
                bar - candidate.score
            )
        } else if nth >= digest.max_per_entry {
            format!(
                "good enough, but {} better of the same entry stand before it",
                digest.max_per_entry
            )
        } else {
            format!(
                "would make the five, unless better ones come from elsewhere: the bar is {bar:.2}"
            )
        };
        let chosen = candidate.score >= bar && nth < digest.max_per_entry;
        Case {
            candidate,
            origin: None,
            chosen,
            verdict,
        }
    });
    Ok(explained.collect())
}

fn of_day(common: &Common, args: &ExplainArgs, now: Timestamp) -> anyhow::Result<Vec<Case>> {
    let mut settings = common.settings()?;
    common.keep_only(&mut settings, &args.day.only)?;
    let day = Day::new(
        args.day.date,
        now,
        &settings.digest.time_zone,
        settings.digest.look_back,
    )?;
    let store = Store::throw_away(&settings.store_path)?;
    let saved = store.edition(day.date)?;
    let Considered { picked, repeats } = consider(&day, &settings, &store)?;
    let lowest = picked
        .chosen
        .last()
        .map(|fresh| fresh.shelved().candidate.score);
    let chosen = picked
        .chosen
        .into_iter()
        .map(|fresh| (fresh.shelved().clone(), true, IN_THE_FIVE.to_owned()));
    let passed_over = picked.passed_over.into_iter().map(|(fresh, why)| {
        let points = fresh.shelved().candidate.score;
        (
            fresh.shelved().clone(),
            false,
            verdict(why, points, lowest, &settings.digest),
        )
    });
    let repeats = repeats.into_iter().map(|repeat| {
        let verdict = match &repeat.original {
            Original::Sent { date, headline } => format!("told before, on {date}: {headline}"),
            Original::Today { headline } => {
                format!("the same as a better candidate of the day: {headline}")
            }
        };
        (repeat.shelved, false, verdict)
    });
    let mut cases: Vec<Case> = (chosen.chain(passed_over).chain(repeats))
        .map(|(shelved, fits, verdict)| {
            // what a run has chosen stays, whatever has come to the shelf since
            let (chosen, verdict) = match &saved {
                Some(digest) if is_in(digest, &shelved) => (true, IN_THE_FIVE.to_owned()),
                Some(_) if fits => (false, "came after the five had been chosen".to_owned()),
                _ => (fits, verdict),
            };
            Case {
                origin: Some(format!("{} · {}", shelved.source, shelved.entry_title)),
                candidate: shelved.candidate,
                chosen,
                verdict,
            }
        })
        .collect();
    // stable: within equal scores the order of the choice stays
    cases.sort_by(|a, b| b.candidate.score.total_cmp(&a.candidate.score));
    Ok(cases)
}

fn is_in(digest: &Digest, shelved: &Shelved) -> bool {
    digest
        .insights()
        .iter()
        .any(|insight| insight.source == shelved.source && insight.text == shelved.candidate.text)
}

fn verdict(why: PassedOver, points: f64, lowest: Option<f64>, digest: &DigestSettings) -> String {
    match why {
        PassedOver::BelowBar => {
            format!(
                "below the bar of {:.2} by {:.2} points",
                digest.min_score,
                digest.min_score - points
            )
        }
        PassedOver::EditionFull => {
            let more = lowest.map_or(0.0, |lowest| lowest - points);
            format!("the edition is full; {more:.2} points more would have put it in")
        }
        PassedOver::EnoughOfEntry => {
            format!("{} better of the same entry are in", digest.max_per_entry)
        }
        PassedOver::EnoughOfSource => {
            format!("{} better of the same source are in", digest.max_per_source)
        }
    }
}
