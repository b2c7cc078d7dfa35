//! Reports and candidates as text for people.

use std::fmt::Display;
use std::fmt::Write as _;

use crate::model::Candidate;
use crate::model::Insight;
use crate::model::Reason;
use crate::stages::find_insights::Rules;
use crate::stages::weigh::SOURCE_WEIGHT;

mod report;
pub(super) use report::complaint;
pub(super) use report::report;

/// Columns of the terminal that texts are broken for.
const COLUMNS: usize = 92;

/// Rules named in a line about a score: the strongest say why.
const RULES_SHOWN: usize = 3;

/// Columns of a rule's name, so that what the rules say stands below each other.
const RULE_COLUMNS: usize = 22;

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
    out += &attribution(&origin);
    out += &points(insight.score, &insight.reasons);
    out
}

/// One candidate; `origin` is the source and the entry where there are several.
pub(super) fn candidate(rank: usize, candidate: &Candidate, origin: Option<&str>) -> String {
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
    place.splice(0..0, origin.map(str::to_owned));
    if !place.is_empty() {
        out += &attribution(&place);
    }
    out
}

/// The reasons rule by rule, each with what it stands for.
pub(super) fn reasons(reasons: &[Reason], rules: &Rules) -> String {
    let mut out = String::new();
    for Reason { rule, points } in reasons {
        let why = match rule.as_str() {
            SOURCE_WEIGHT => "the weight that sources.toml gives the source",
            rule => rules.why(rule).unwrap_or("a rule of another version"),
        };
        let gap = " ".repeat(13 + RULE_COLUMNS);
        let line = format!("    {points:>+6.2}  {rule:<RULE_COLUMNS$} {why}");
        let options = textwrap::Options::new(COLUMNS).subsequent_indent(&gap);
        out += &textwrap::fill(&line, options);
        out.push('\n');
    }
    out
}

/// The score with the strongest rules behind it.
pub(super) fn points(score: f64, reasons: &[Reason]) -> String {
    let mut by_strength: Vec<&Reason> = reasons.iter().collect();
    // stable: equally strong rules stay in their order
    by_strength.sort_by(|a, b| b.points.abs().total_cmp(&a.points.abs()));
    let mut parts: Vec<String> = by_strength
        .iter()
        .take(RULES_SHOWN)
        .map(|Reason { rule, points }| format!("{rule} {points:+.2}"))
        .collect();
    if by_strength.len() > RULES_SHOWN {
        parts.push(format!("{} more", by_strength.len() - RULES_SHOWN));
    }
    let options = textwrap::Options::new(COLUMNS)
        .initial_indent("    ")
        .subsequent_indent("      ");
    let line = format!("{score:.2} points: {}", parts.join(", "));
    textwrap::fill(&line, options) + "\n"
}

/// A number with its noun.
pub(super) fn counted(count: impl Display, one: &str, many: &str) -> String {
    match count.to_string().as_str() {
        "1" => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// Who says it, and where.
fn attribution(parts: &[String]) -> String {
    let options = textwrap::Options::new(COLUMNS)
        .initial_indent("    — ")
        .subsequent_indent("      ");
    textwrap::fill(&parts.join(" · "), options) + "\n"
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
