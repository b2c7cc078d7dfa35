//! A report as text: the insights, a line for each kind of thing that happened, then what went wrong, folded.

use std::fmt::Display;
use std::fmt::Write as _;

use crate::cli::tell::COLUMNS;
use crate::cli::tell::counted;
use crate::cli::tell::insight;
use crate::report::Deliveries;
use crate::report::Report;
use crate::report::SourceLine;
use crate::report::SourceStatus;
use crate::report::Timings;

/// Lines about what went wrong: more than these nobody reads in a terminal.
const PROBLEMS_SHOWN: usize = 10;

/// Names in a line about several sources.
const NAMES_SHOWN: usize = 3;

/// A report for people.
pub(in crate::cli) fn report(report: &Report, title: &str) -> String {
    let mut out = heading(report, title);
    for (nth, chosen) in report.insights.iter().enumerate() {
        out += &insight(nth + 1, chosen);
        out.push('\n');
    }
    if let Some(reason) = &report.reason {
        let _ = writeln!(out, "Nothing is sent: {reason}.\n");
    }
    if !report.sources.is_empty() {
        out += &row("Sources", &sources(report));
        out += &row("Entries", &entries(report));
        let transcribed: usize = report.sources.iter().map(|source| source.transcribed).sum();
        if transcribed > 0 {
            out += &row("Transcribed", &format!("{transcribed} of them, by machine"));
        }
    }
    if report.candidates > 0 {
        let mut weighed = format!("{} weighed", report.candidates);
        if report.repeats > 0 {
            let _ = write!(weighed, ", {} of them repeats", report.repeats);
        }
        out += &row("Candidates", &weighed);
    }
    if report.edition.is_some() {
        out += &row("Mail", &mail(report));
    }
    if let Some(folder) = &report.written_to {
        let what = format!("{}; open digest.html there in a browser", folder.display());
        out += &row("Files", &what);
    }
    if let Some(timings) = &report.timings {
        out += &row("Time", &times(timings));
    }
    let problems = problems(report);
    if !problems.is_empty() {
        let _ = write!(out, "\n{problems}");
    }
    if report.interrupted {
        out +=
            "\nStopped on request. Nothing is lost: the next run goes on where this one stopped.\n";
    }
    out
}

/// What a run that is to be quiet says of an end that was not good.
pub(in crate::cli) fn complaint(report: &Report) -> String {
    let ended = if report.interrupted {
        "was stopped"
    } else {
        "did not end well"
    };
    let mut out = format!("takefive: the run of {} {ended}", report.date);
    if report.edition.is_some() {
        let _ = write!(out, "; mail: {}", mail(report));
    }
    format!("{out}\n{}", problems(report)).trim_end().to_owned()
}

fn heading(report: &Report, title: &str) -> String {
    let date = report.date.strftime("%A %-d %B %Y");
    let edition = match report.edition {
        Some(edition) => format!(" · edition {edition}"),
        None if report.reason.is_some() => " · no edition".to_owned(),
        None => String::new(),
    };
    let rehearsal = if report.dry_run { " · dry run" } else { "" };
    let mut out = format!("{title} · {date}{edition}{rehearsal}\n");
    if report.chosen_before {
        out += "Chosen by an earlier run; a day's insights stay as they are.\n";
    }
    out.push('\n');
    out
}

fn row(name: &str, what: &str) -> String {
    format!("{name:<12}{what}\n")
}

/// `2.14 s of processor time in 1.30 s, network 0.81, read_feed 0.61, …, 52 MB of memory at most`
fn times(timings: &Timings) -> String {
    let mut told = format!(
        "{:.2} s of processor time in {:.2} s: network {:.2}",
        timings.cpu_seconds, timings.seconds, timings.network_cpu_seconds
    );
    for stage in &timings.stages {
        let _ = write!(told, ", {} {:.2}", stage.stage, stage.cpu_seconds);
    }
    if let Some(bytes) = timings.peak_memory_bytes {
        let _ = write!(told, "; {} MB of memory at most", bytes / 1_000_000);
    }
    told
}

fn sources(report: &Report) -> String {
    let count = |status| {
        let with_it = |source: &&SourceLine| source.status == status;
        report.sources.iter().filter(with_it).count()
    };
    without_zeros(&[
        (count(SourceStatus::Fetched), "fetched"),
        (count(SourceStatus::Unchanged), "unchanged"),
        (count(SourceStatus::Fresh), "still fresh"),
        (count(SourceStatus::Failed), "failed"),
    ])
}

fn entries(report: &Report) -> String {
    let sum = |of: fn(&SourceLine) -> usize| report.sources.iter().map(of).sum::<usize>();
    match sum(|source| source.entries_new) {
        0 => "none new".to_owned(),
        new => format!(
            "{new} new, {} in them",
            counted(sum(|source| source.candidates), "candidate", "candidates")
        ),
    }
}

fn mail(report: &Report) -> String {
    let Deliveries {
        accepted,
        waiting,
        refused,
        deferred,
        unknown,
    } = report.deliveries;
    let of_nobody = accepted + waiting + refused + deferred + unknown == 0;
    match (of_nobody, report.dry_run) {
        (true, _) => {
            "nobody has subscribed yet: `takefive subscribers add ann@example.org`".to_owned()
        }
        (false, true) => format!(
            "would go to {}; nothing is sent, nothing is marked",
            counted(waiting, "reader", "readers")
        ),
        (false, false) => without_zeros(&[
            (accepted, "accepted"),
            (waiting, "waiting"),
            (refused, "refused"),
            (deferred, "deferred"),
            (unknown, "unknown"),
        ]),
    }
}

/// Counts with their words; those that are zero are left out, unless all are.
fn without_zeros<N: Copy + Default + PartialEq + Display>(counts: &[(N, &str)]) -> String {
    let parts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count != N::default())
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if parts.is_empty() {
        "none".to_owned()
    } else {
        parts.join(", ")
    }
}

/// What went wrong, the gravest first; the same thing of several sources is one line.
fn problems(report: &Report) -> String {
    let mut lines: Vec<String> = report
        .mail_problems
        .iter()
        .map(|problem| format!("✗ mail: {problem}"))
        .collect();
    let failures = report
        .sources
        .iter()
        .filter_map(|source| Some((source.name.as_str(), source.error.as_deref()?)));
    lines.extend(folded("✗", failures));
    lines.extend(without_text(report));
    let notes = report.sources.iter().flat_map(|source| {
        source
            .notes
            .iter()
            .map(|note| (source.name.as_str(), &**note))
    });
    lines.extend(folded("·", notes));
    let mut out = String::new();
    for line in lines.iter().take(PROBLEMS_SHOWN) {
        let options = textwrap::Options::new(COLUMNS)
            .initial_indent("  ")
            .subsequent_indent("    ")
            .break_words(false)
            // neither a date nor an address is parted at its hyphens
            .word_splitter(textwrap::WordSplitter::NoHyphenation);
        out += &textwrap::fill(line, options);
        out.push('\n');
    }
    if lines.len() > PROBLEMS_SHOWN {
        let more = lines.len() - PROBLEMS_SHOWN;
        let _ = writeln!(out, "  and {more} more; --json has all of them");
    }
    out
}

/// Lines in the order of their first source; sources with the same trouble share one.
fn folded<'a>(sign: &str, troubles: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let mut groups: Vec<(&str, Vec<(&str, &str)>)> = Vec::new();
    for (name, trouble) in troubles {
        let what = without_address(trouble);
        match groups.iter_mut().find(|(of_group, _)| *of_group == what) {
            Some((_, members)) => members.push((name, trouble)),
            None => groups.push((what, vec![(name, trouble)])),
        }
    }
    groups
        .into_iter()
        .map(|(what, members)| match members.as_slice() {
            [(name, trouble)] => format!("{sign} {name}: {trouble}"),
            many => {
                let names: Vec<String> = many.iter().map(|(name, _)| (*name).to_owned()).collect();
                format!("{sign} {}: {what}", some_of(&names))
            }
        })
        .collect()
}

/// Sources with entries that cannot be quoted, and how many.
fn without_text(report: &Report) -> Option<String> {
    let sources: Vec<String> = report
        .sources
        .iter()
        .filter(|source| source.entries_without_text > 0)
        .map(|source| format!("{} {}", source.name, source.entries_without_text))
        .collect();
    (!sources.is_empty()).then(|| format!("· entries without text to quote: {}", some_of(&sources)))
}

/// The first few, and how many more there are.
fn some_of(names: &[String]) -> String {
    match names.split_at_checked(NAMES_SHOWN) {
        Some((shown, left)) if !left.is_empty() => {
            format!("{} and {} more", shown.join(", "), left.len())
        }
        _ => names.join(", "),
    }
}

/// A trouble without the address that it begins with: that differs from source to source.
fn without_address(trouble: &str) -> &str {
    match trouble.split_once(": ") {
        Some((address, what)) if address.starts_with("http") => what,
        _ => trouble,
    }
}
