//! Reports and candidates as text for people.

use std::fmt::Write as _;

use crate::model::Candidate;
use crate::model::Insight;
use crate::model::Reason;
use crate::report::Deliveries;
use crate::report::Report;
use crate::report::SourceStatus;
use crate::stages::find_insights::Rules;
use crate::stages::weigh::SOURCE_WEIGHT;

/// Columns of the terminal that texts are broken for.
const COLUMNS: usize = 92;

/// A report: the insights, then a line for each kind of thing that happened, then what went wrong.
pub(super) fn report(report: &Report, title: &str) -> String {
    let mut out = String::new();
    let date = report.date.strftime("%A %-d %B %Y");
    let _ = match report.edition {
        Some(edition) => writeln!(out, "{title} · {date} · edition {edition}\n"),
        None => writeln!(out, "{title} · {date} · no edition\n"),
    };
    for (nth, insight) in report.insights.iter().enumerate() {
        out += &self::insight(nth + 1, insight);
        out.push('\n');
    }
    if let Some(reason) = &report.reason {
        let _ = writeln!(out, "Nothing is sent: {reason}.\n");
    }
    if !report.sources.is_empty() {
        out += &sources(report);
    }
    if report.candidates > 0 {
        let _ = writeln!(
            out,
            "Candidates  {} weighed, {} told before",
            report.candidates, report.repeats
        );
    }
    if report.edition.is_some() {
        let Deliveries {
            accepted,
            waiting,
            refused,
            deferred,
            unknown,
        } = report.deliveries;
        let _ = writeln!(
            out,
            "Mail        {accepted} accepted, {waiting} waiting, {refused} refused, {deferred} deferred, {unknown} unknown"
        );
    }
    out += &problems(report);
    out
}

fn sources(report: &Report) -> String {
    let count = |status| {
        report
            .sources
            .iter()
            .filter(|source| source.status == status)
            .count()
    };
    let sum =
        |of: fn(&crate::report::SourceLine) -> usize| report.sources.iter().map(of).sum::<usize>();
    let mut out = String::new();
    let _ = writeln!(
        out,
        "Sources     {} fetched, {} unchanged, {} failed",
        count(SourceStatus::Fetched),
        count(SourceStatus::Unchanged),
        count(SourceStatus::Failed),
    );
    let _ = writeln!(
        out,
        "Entries     {} new, {} of them without text to quote; {} candidates in them",
        sum(|source| source.entries_new),
        sum(|source| source.entries_without_text),
        sum(|source| source.candidates),
    );
    out
}

fn problems(report: &Report) -> String {
    let mut out = String::new();
    for source in &report.sources {
        if let Some(error) = &source.error {
            let _ = writeln!(out, "  ✗ {}: {error}", source.name);
        }
        for note in &source.notes {
            let _ = writeln!(out, "  · {}: {note}", source.name);
        }
        if source.entries_without_text > 0 {
            let _ = writeln!(
                out,
                "  · {}: {} entries without text to quote",
                source.name, source.entries_without_text
            );
        }
    }
    for problem in &report.mail_problems {
        let _ = writeln!(out, "  ✗ mail: {problem}");
    }
    if report.interrupted {
        out += "Stopped on request. Nothing is lost: the next run goes on from here.\n";
    }
    if out.is_empty() {
        out
    } else {
        format!("\n{out}")
    }
}

/// One insight of an edition.
pub(super) fn insight(number: usize, insight: &Insight) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{number:>2}  {}", insight.headline);
    out += &quoted(&insight.text);
    let mut origin: Vec<String> = insight.speaker.iter().cloned().collect();
    origin.push(insight.source.clone());
    origin.push(match (insight.start_seconds, insight.receipt.paragraph) {
        (Some(seconds), _) => format!("{}, about {}", insight.entry_title, clock(seconds)),
        (None, Some(paragraph)) => format!("{}, paragraph {paragraph}", insight.entry_title),
        (None, None) => insight.entry_title.clone(),
    });
    let _ = writeln!(out, "    — {}", origin.join(" · "));
    let _ = writeln!(
        out,
        "    {:.2} points: {}",
        insight.score,
        in_short(&insight.reasons)
    );
    out
}

/// One candidate of a document; `why` adds each rule's reason.
pub(super) fn candidate(rank: usize, candidate: &Candidate) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{rank:>2}  {}", candidate.headline);
    out += &quoted(&candidate.text);
    let mut place: Vec<String> = candidate.speaker.iter().cloned().collect();
    place.extend(candidate.start_seconds.map(clock));
    place.extend(
        candidate
            .paragraph
            .map(|paragraph| format!("paragraph {paragraph}")),
    );
    place.extend(candidate.topics.iter().cloned());
    if !place.is_empty() {
        let _ = writeln!(out, "    — {}", place.join(" · "));
    }
    out
}

/// The reasons rule by rule, each with what it stands for.
pub(super) fn reasons(reasons: &[Reason]) -> String {
    let mut out = String::new();
    for Reason { rule, points } in reasons {
        let why = match rule.as_str() {
            SOURCE_WEIGHT => "the weight that sources.toml gives the source",
            rule => Rules::built_in()
                .why(rule)
                .unwrap_or("a rule of another version"),
        };
        let _ = writeln!(out, "    {points:>+6.2}  {rule}: {why}");
    }
    out
}

/// The reasons in a line: names and points.
pub(super) fn in_short(reasons: &[Reason]) -> String {
    let parts: Vec<String> = reasons
        .iter()
        .map(|Reason { rule, points }| format!("{rule} {points:+.2}"))
        .collect();
    parts.join(", ")
}

/// Seconds as a listener reads them: `23:14`, or `1:02:03`.
pub(super) fn clock(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates; audio is not that long"
    )]
    let whole = seconds as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    for line in textwrap::wrap(
        text,
        textwrap::Options::new(COLUMNS)
            .initial_indent("    “")
            .subsequent_indent("    "),
    ) {
        out += &line;
        out.push('\n');
    }
    out.pop();
    out + "”\n"
}
