//! The examples that stand beside each rule, tried out.

use crate::model::BlockKind;
use crate::model::Chapter;
use crate::model::Document;
use crate::model::Soundbite;
use crate::model::TextOrigin;

use super::Context;
use super::headline::HeadlineWriter;
use super::passages::Weigher;
use super::reading::Reading;
use super::rules::Example;
use super::rules::Rules;

/// Characters of an example that are shown: enough to know it by.
const EXAMPLE_CHARS_SHOWN: usize = 60;

/// What is wrong with one example of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Line of the example in the file, or of the row's name where it lacks one, counted from 1.
    pub line: usize,
    /// Name of the row.
    pub row: String,
    /// What was expected and did not come true, with the example.
    pub problem: String,
}

impl Rules {
    /// Tries every example of every row: what `yes` and `no` claim and what does not hold. A row without an example of
    /// either kind is a mistake too. Rows that an operator's file has taken over from the built-in one are left out.
    pub fn mistakes(&self) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        let mut note = |line: usize, row: &str, problem: String| {
            mistakes.push(Mistake {
                line,
                row: row.to_owned(),
                problem,
            });
        };
        let mut walk = |line: Option<usize>,
                        row: &str,
                        yes: &[Example],
                        no: &[Example],
                        holds: &dyn Fn(&str) -> Option<bool>| {
            // the rows of another file are tried with that one
            let Some(line) = line else { return };
            if yes.is_empty() || no.is_empty() {
                note(
                    line,
                    row,
                    "write at least one yes and one no example".to_owned(),
                );
            }
            for (examples, wanted) in [(yes, true), (no, false)] {
                for Example { text, line } in examples {
                    let what = match (holds(text), wanted) {
                        (None, _) => "there is no sentence to try in this example",
                        (Some(false), true) => {
                            "does not match this yes example, so change one of the two"
                        }
                        (Some(true), false) => "matches this no example, so change one of the two",
                        _ => continue,
                    };
                    note(*line, row, format!("{what}: {}", head_of(text)));
                }
            }
        };
        for (nth, rule) in self.rows.iter().enumerate() {
            walk(rule.line, &rule.name, &rule.yes, &rule.no, &|example| {
                read_example(example, self, |reading, first, last| {
                    let mut fires = false;
                    let weigher = Weigher::new(reading);
                    weigher.fire(first, last, |rule| fires |= rule == nth);
                    if let Some(headline) = HeadlineWriter::new(reading).write(first, last) {
                        weigher.fire_on_headline(headline.strength, |rule| fires |= rule == nth);
                    }
                    fires
                })
            });
        }
        for (nth, row) in self.refusals.iter().enumerate() {
            walk(row.line, &row.name, &row.yes, &row.no, &|example| {
                read_example(example, self, |reading, first, last| {
                    (first..=last).any(|sentence| reading.has(sentence, self.refusal_bit(nth)))
                })
            });
        }
        for (nth, row) in self.topics.iter().enumerate() {
            walk(row.line, &row.name, &row.yes, &row.no, &|example| {
                read_example(example, self, |reading, first, last| {
                    (first..=last).any(|sentence| reading.has(sentence, self.topic_bit(nth)))
                })
            });
        }
        mistakes
    }
}

/// The beginning of an example, on one line.
fn head_of(example: &str) -> String {
    let words: Vec<&str> = example.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(EXAMPLE_CHARS_SHOWN) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// Reads an example as a document, and asks about the sentences between the double brackets (or about all of them).
fn read_example(
    example: &str,
    rules: &Rules,
    ask: impl Fn(&Reading<'_>, usize, usize) -> bool,
) -> Option<bool> {
    let mut document = Document::new(TextOrigin::File);
    let mut title = "";
    let mut notes = "";
    let mut soundbites = Vec::new();
    let mut chapters: Vec<Chapter> = Vec::new();
    let mut marked: Option<(usize, usize)> = None;
    for line in example.lines() {
        if let Some(rest) = line.strip_prefix("title: ") {
            title = rest;
            continue;
        }
        if let Some(rest) = line.strip_prefix("notes: ") {
            notes = rest;
            continue;
        }
        if let Some(start_seconds) = line.strip_prefix("clip: ").and_then(|at| at.parse().ok()) {
            soundbites.push(Soundbite {
                start_seconds,
                duration_seconds: 60.0,
                title: None,
            });
            continue;
        }
        if let Some((start, title)) = line
            .strip_prefix("chapter: ")
            .and_then(|rest| rest.split_once(' '))
        {
            let start = start.parse().ok();
            chapters.extend(start.and_then(|start| Chapter::read(start, title)));
            continue;
        }
        let speaker = line.split_once(": ").filter(|(name, _)| {
            name.len() < 12 && !name.contains(' ') && name.starts_with(char::is_uppercase)
        });
        let (kind, name, words) = match (line.strip_prefix("# "), speaker) {
            (Some(heading), _) => (BlockKind::Heading, None, heading),
            _ if line.starts_with("> ") => (BlockKind::Quotation, None, &line[2..]),
            (None, Some((name, words))) => (BlockKind::Utterance, Some(name), words),
            (None, None) => (BlockKind::Paragraph, None, line),
        };
        let open = words.find("[[");
        let plain = words.replace("[[", "").replace("]]", "");
        match name {
            Some(name) => document.push_speech(Some(name), Some(0.0), &plain),
            None => document.push(kind, None, &plain),
        }
        if let (Some(open), Some(close)) = (open, words.find("]]")) {
            let from = document.blocks().last()?.from;
            marked = Some((from + open, from + close - 2));
        }
    }
    let (from, to) = marked.unwrap_or((0, document.text().len()));
    let context = Context {
        title,
        notes,
        soundbites: &soundbites,
        chapters: &chapters,
        ..Context::default()
    };
    let reading = Reading::new(&document, &context, rules);
    let first = reading
        .sentences
        .iter()
        .position(|sentence| sentence.from >= from && sentence.to <= to)?;
    let last = reading
        .sentences
        .iter()
        .rposition(|sentence| sentence.from >= from && sentence.to <= to)?;
    Some(ask(&reading, first, last))
}
