//! The rows of a file of rules, laid over those of the same kind that it builds on.

use std::collections::BTreeMap;

use crate::settings::Notebook;
use crate::settings::Section;
use crate::settings::Shape;
use crate::settings::Wrong;
use crate::settings::nearest;
use crate::settings::short_line;

use super::Example;
use super::Matcher;
use super::Reach;
use super::leeway::Fitting;
use super::matcher::read_fitting;
use super::matcher::read_matcher;
use super::matcher::read_weight;
use super::shape::REFUSE;
use super::shape::RULE;
use super::shape::TOPIC;
use super::values::one_of;
use super::values::pattern;
use super::values::phrase;

/// Most characters of a name: it stands in a column of `explain`.
const NAME_CHARS_MAX: usize = 40;

/// Most characters of a reason: it is one sentence.
const REASON_CHARS_MAX: usize = 200;

/// What rows of each kind have.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: String,
    /// Line of its name, counted from 1; none where it comes from the rules that the file builds on.
    pub(super) line: Option<usize>,
    pub(super) phrases: Vec<String>,
    pub(super) pattern: Option<String>,
    pub(super) yes: Vec<Example>,
    pub(super) no: Vec<Example>,
}

/// A row of one kind: what all have, and what those of its kind have beside it.
#[derive(Debug, Clone)]
pub(super) struct Typed<K> {
    pub(super) row: Row,
    pub(super) own: K,
}

/// `[[rule]]`
#[derive(Debug, Clone)]
pub(super) struct RuleRow {
    pub(super) reason: String,
    pub(super) weight: f64,
    pub(super) fitting: Fitting,
    pub(super) matcher: Matcher,
}

/// `[[refuse]]`
#[derive(Debug, Clone)]
pub(super) struct RefuseRow {
    pub(super) reason: String,
    pub(super) reach: Reach,
}

/// `[[topic]]`
#[derive(Debug, Clone)]
pub(super) struct TopicRow;

/// A row of one of the three kinds.
pub(super) trait Kind: Clone {
    /// Its key in the file, which is what it is called, too.
    const KEY: &'static str;
    /// Its table.
    const SHAPE: &'static Shape;
    /// What a row of its own must have.
    const NEEDED: &'static [&'static str];
    /// What may stand beside the name in a row that only changes another.
    const CHANGE: &'static str;
    /// What to write where there is no other to change.
    const IN_FULL: &'static str;

    /// Reads what this kind has beside a name, phrases, a pattern and examples.
    fn read(row: &Row, section: &Section<'_>) -> Option<Self>;

    /// Takes over a change; none is left where it switches the row off.
    fn change(self, section: &Section<'_>) -> Option<Self> {
        (section.flag("off") != Some(true)).then_some(self)
    }
}

impl Kind for RuleRow {
    const KEY: &'static str = "rule";
    const SHAPE: &'static Shape = &RULE;
    const NEEDED: &'static [&'static str] = &["reason", "weight"];
    const CHANGE: &'static str = "weight";
    const IN_FULL: &'static str = "a rule of your own has a reason and something to look for, too";

    fn read(row: &Row, section: &Section<'_>) -> Option<Self> {
        let reason = section.read("reason", |text| short_line(text, REASON_CHARS_MAX));
        let weight = read_weight(section);
        let fitting = read_fitting(weight, section);
        let matcher = read_matcher(row, section);
        Some(Self {
            reason: reason?,
            weight: weight?,
            fitting,
            matcher: matcher?,
        })
    }

    fn change(self, section: &Section<'_>) -> Option<Self> {
        let weight = read_weight(section).unwrap_or(self.weight);
        Some(Self { weight, ..self })
    }
}

impl Kind for RefuseRow {
    const KEY: &'static str = "refuse";
    const SHAPE: &'static Shape = &REFUSE;
    const NEEDED: &'static [&'static str] = &["reason", "reach"];
    const CHANGE: &'static str = "off";
    const IN_FULL: &'static str =
        "a refusal of your own has a reason, a reach and something to look for, too";

    fn read(_: &Row, section: &Section<'_>) -> Option<Self> {
        let reason = section.read("reason", |text| short_line(text, REASON_CHARS_MAX));
        let reach = section.read("reach", one_of);
        if section.place("phrases").is_none() && section.place("pattern").is_none() {
            section.lacks("there is nothing to look for; write phrases or a pattern");
        }
        Some(Self {
            reason: reason?,
            reach: reach?,
        })
    }
}

impl Kind for TopicRow {
    const KEY: &'static str = "topic";
    const SHAPE: &'static Shape = &TOPIC;
    const NEEDED: &'static [&'static str] = &["phrases"];
    const CHANGE: &'static str = "off";
    const IN_FULL: &'static str = "a topic of your own has phrases, too";

    fn read(_: &Row, _: &Section<'_>) -> Option<Self> {
        Some(Self)
    }
}

/// Names that are taken.
#[derive(Default)]
pub(super) struct Names {
    /// Those of the base, with the kind of their row.
    built_in: BTreeMap<String, &'static str>,
    /// Those of the file, with their line.
    own: BTreeMap<String, usize>,
}

impl Names {
    pub(super) fn built_in<K: Kind>(&mut self, rows: &[Typed<K>]) {
        for row in rows {
            self.built_in.insert(row.row.name.clone(), K::KEY);
        }
    }
}

/// The rows of one kind: those of the base, changed or replaced where the file has their name, and then the file's own.
pub(super) fn read_rows<'a, K: Kind>(
    file: &Section<'a>,
    base: &[Typed<K>],
    names: &mut Names,
    notebook: &'a Notebook<'a>,
) -> Vec<Typed<K>> {
    let mut rows: Vec<Option<Typed<K>>> = base.iter().cloned().map(Some).collect();
    for row in rows.iter_mut().flatten() {
        row.row.line = None;
    }
    for (nth, typed) in file.rows(K::KEY).iter().enumerate() {
        let at = typed.span().start;
        let label = format!("{} {}: ", K::KEY, nth + 1);
        let Some(table) = typed.get_ref().as_table() else {
            let text = format!("{label}is not a table; write it as a [[{}]] row", K::KEY);
            notebook.wrong(at, text);
            continue;
        };
        let readable_name = table
            .get("name")
            .and_then(|name| name.get_ref().as_str())
            .and_then(|name| short_line(name, NAME_CHARS_MAX).ok());
        let label = readable_name.map_or(label, |name| format!("\"{name}\": "));
        let section = Section::open(K::SHAPE, label, at, table, notebook);
        let name = read_name::<K>(&section, names, notebook);
        let old = name
            .as_deref()
            .and_then(|name| base.iter().position(|row| row.row.name == name));
        let changes = section.has_only(&["name", K::CHANGE]);
        match (old, name) {
            (Some(nth), Some(_)) if changes => {
                if section.place(K::CHANGE).is_none() {
                    section.missing(K::CHANGE, "is missing");
                }
                rows[nth] = rows[nth].take().and_then(|Typed { row, own }| {
                    let own = own.change(&section)?;
                    Some(Typed { row, own })
                });
            }
            (None, Some(name)) if changes => unknown_name(&section, &name, base),
            // what is wrong with its name has been told, and nothing else is known of it
            (_, None) if changes => {}
            (old, name) => {
                let row = read_row::<K>(&section, name, notebook);
                match old {
                    Some(nth) => rows[nth] = row,
                    None => rows.push(row),
                }
            }
        }
    }
    rows.into_iter().flatten().collect()
}

/// The name of a row, where it has one that is free.
fn read_name<K: Kind>(
    section: &Section<'_>,
    names: &mut Names,
    notebook: &Notebook<'_>,
) -> Option<String> {
    if section.place("name").is_none() {
        section.missing("name", "is missing");
    }
    let name = section.read("name", |text| short_line(text, NAME_CHARS_MAX))?;
    let line = notebook.line(section.place("name").unwrap_or(section.at()));
    let taken = match (names.own.get(&name), names.built_in.get(&name)) {
        (Some(first), _) => Some(format!("stands on line {first}, too")),
        (None, Some(kind)) if *kind != K::KEY => {
            Some(format!("is the name of a built-in row of [[{kind}]]"))
        }
        _ => None,
    };
    if let Some(taken) = taken {
        section.wrong("name", Wrong::is(taken).instead("write another"));
        return None;
    }
    names.own.insert(name.clone(), line);
    Some(name)
}

/// A row that only changes another has a name that nothing has.
fn unknown_name<K: Kind>(section: &Section<'_>, name: &str, base: &[Typed<K>]) {
    let names = base.iter().map(|row| row.row.name.as_str());
    let wrong = Wrong::is(format!("is not that of a built-in {}", K::KEY));
    section.wrong(
        "name",
        match nearest(name, names) {
            Some(meant) => wrong.instead(format!("did you mean \"{meant}\"?")),
            None => wrong.instead(K::IN_FULL),
        },
    );
}

/// A row in full; none where it has a mistake.
fn read_row<K: Kind>(
    section: &Section<'_>,
    name: Option<String>,
    notebook: &Notebook<'_>,
) -> Option<Typed<K>> {
    let mut whole = name.is_some();
    for key in K::NEEDED {
        if section.place(key).is_none() {
            section.missing(key, "is missing");
            whole = false;
        }
    }
    let row = Row {
        line: Some(notebook.line(section.place("name").unwrap_or(section.at()))),
        name: name.unwrap_or_default(),
        phrases: section.read_list("phrases", phrase),
        pattern: section.read("pattern", pattern),
        yes: read_examples("yes", section, notebook),
        no: read_examples("no", section, notebook),
    };
    let own = K::read(&row, section).filter(|_| whole)?;
    Some(Typed { row, own })
}

/// The examples under `key`, each with its line.
fn read_examples(key: &str, section: &Section<'_>, notebook: &Notebook<'_>) -> Vec<Example> {
    // tells what is not a list of texts
    section.read_list(key, |_| Ok(()));
    let items = section
        .value(key)
        .and_then(|value| value.get_ref().as_array());
    let texts = items.into_iter().flatten().filter_map(|item| {
        Some(Example {
            text: item.get_ref().as_str()?.to_owned(),
            line: notebook.line(item.span().start),
        })
    });
    texts.collect()
}
