//! Reports and candidates as text for people.

use std::fmt::Display;
use std::fmt::Write as _;

use crate::model::Candidate;
use crate::model::Insight;
use crate::model::Reason;
use crate::stages::find_insights::Rules;
use crate::stages::pick_top::AGE;
use crate::stages::pick_top::VARIETY;
use crate::stages::weigh::SOURCE_WEIGHT;

mod report;
pub(super) use report::complaint;
pub(super) use report::report;

/// Columns of the terminal that texts are broken for: those that every terminal has, and no longer than an eye likes a line.
const COLUMNS: usize = 80;

/// Rules named in a line about a score: the strongest say why.
const RULES_SHOWN: usize = 3;

/// Fewest columns of a rule's name, so that what the rules say of one passage and the next stands below each other.
const RULE_COLUMNS: usize = 18;

/// What is said of words that a machine heard.
pub(super) const MACHINE_HEARD: &str = "heard by a machine";

/// One insight of an edition.
pub(super) fn insight(number: usize, insight: &Insight) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{number:>2}  {}", insight.headline);
    out += &quoted(insight.quote());
    let mut origin: Vec<String> = insight.speaker.iter().cloned().collect();
    origin.push(insight.source.clone());
    origin.push(match (insight.start_seconds, insight.receipt.paragraph) {
        (Some(seconds), _) => format!("{}, about {}", insight.entry_title, clock(seconds)),
        (None, Some(paragraph)) => format!("{}, paragraph {paragraph}", insight.entry_title),
        (None, None) => insight.entry_title.clone(),
    });
    origin.extend(
        insight
            .receipt
            .machine_heard
            .then(|| MACHINE_HEARD.to_owned()),
    );
    out += &attribution(&origin);
    out += &points(insight.score, &insight.reasons);
    out
}

/// One candidate; `origin` is the source and the entry where there are several.
pub(super) fn candidate(rank: usize, candidate: &Candidate, origin: Option<&str>) -> String {
    format!(
        "{}{}",
        headline(rank, candidate),
        passage(candidate, origin)
    )
}

/// The rank and the headline of a candidate.
pub(super) fn headline(rank: usize, candidate: &Candidate) -> String {
    hanging(&format!("{rank:>2}  "), &candidate.headline)
}

/// The words of a candidate, who says them, and where.
pub(super) fn passage(candidate: &Candidate, origin: Option<&str>) -> String {
    let mut out = quoted(&candidate.text);
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

/// A text behind a mark, its later lines below the first.
pub(super) fn hanging(mark: &str, text: &str) -> String {
    let gap = " ".repeat(mark.chars().count());
    let options = textwrap::Options::new(COLUMNS)
        .initial_indent(mark)
        .subsequent_indent(&gap);
    textwrap::fill(text, options) + "\n"
}

/// The reasons rule by rule, each with what it stands for.
pub(super) fn reasons(reasons: &[Reason], rules: &Rules) -> String {
    let names = reasons.iter().map(|reason| reason.rule.chars().count());
    let columns = names.max().unwrap_or(0).max(RULE_COLUMNS);
    reasons
        .iter()
        .map(|reason| {
            let Reason { rule, points } = reason;
            let mark = format!("    {points:>+6.2}  {rule:<columns$}  ");
            hanging(&mark, why(reason, rules))
        })
        .collect()
}

/// What a reason stands for, as a sentence.
pub(super) fn why<'a>(reason: &Reason, rules: &'a Rules) -> &'a str {
    match reason.rule.as_str() {
        SOURCE_WEIGHT => "The weight that sources.toml gives the source.",
        AGE => "The days since it was published.",
        VARIETY => "The edition or the week has had its leading topic.",
        rule => rules.why(rule).unwrap_or("A rule of another version."),
    }
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

/// A rank as it is read: `1st`, `2nd`, `11th`.
pub(super) fn ordinal(rank: usize) -> String {
    let ending = match (rank % 10, rank % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{rank}{ending}")
}

/// A number with its noun.
pub(super) fn counted(count: impl Display, one: &str, many: &str) -> String {
    match count.to_string().as_str() {
        "1" => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

/// Who says it, and where.
pub(super) fn attribution(parts: &[String]) -> String {
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

/// A text between quotation marks.
pub(super) fn quoted(text: &str) -> String {
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
