//! A file of rules as a person wrote it, laid over the rules it builds on; every mistake is written down with its line.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::settings::Notebook;
use crate::settings::Section;
use crate::settings::Shape;
use crate::settings::Wrong;
use crate::settings::nearest;

use super::super::patterns::is_too_large;
use super::Example;
use super::Matcher;
use super::Measure;
use super::Place;
use super::ROWS_MAX;
use super::Reach;
use super::SUMS;
use super::leeway::Fitting;
use super::shape::FILE;
use super::shape::REFUSE;
use super::shape::RULE;
use super::shape::TOPIC;
use super::shape::WORDS;
use super::values::line;
use super::values::one_of;
use super::values::pattern;
use super::values::phrase;

/// Most characters of a name: it stands in a column of `explain`.
const NAME_CHARS_MAX: usize = 40;

/// Most characters of a reason: it is one sentence.
const REASON_CHARS_MAX: usize = 200;

/// The furthest a weight may lie from zero. The built-in ones stay within 2; sums of these stay numbers.
const WEIGHT_MAX: f64 = 100.0;

/// Lists that a file which stands alone may do without: they change how a passage is shown, not which one is found.
const MAY_LACK: [&str; 5] = ["noises", "stumbles", "states", "denials", "thens"];

/// What `replace` can name.
const KINDS: [&str; 4] = ["words", "rule", "refuse", "topic"];

/// Reads what a document says and lays it over `base`. What has a mistake is left out after it was written down. Without a
/// base the file stands alone, and has every list of words.
pub(super) fn read<'a>(
    document: &'a DeTable<'a>,
    base: Option<&RulesFile>,
    notebook: &'a Notebook<'a>,
) -> RulesFile {
    let file = Section::open(&FILE, String::new(), 0, document, notebook);
    let nothing = RulesFile::default();
    let replaced = read_replaced(&file);
    let kept = |kind: &str| {
        base.filter(|_| !replaced.contains(&kind))
            .unwrap_or(&nothing)
    };
    let (rules, refusals, topics) = (
        &kept(RuleRow::KEY).rules,
        &kept(RefuseRow::KEY).refusals,
        &kept(TopicRow::KEY).topics,
    );
    let mut names = Names::default();
    names.built_in(rules);
    names.built_in(refusals);
    names.built_in(topics);
    let read = RulesFile {
        words: WordLists::read(&file, base, replaced.contains(&"words"), notebook),
        rules: read_rows(&file, rules, &mut names, notebook),
        refusals: read_rows(&file, refusals, &mut names, notebook),
        topics: read_rows(&file, topics, &mut names, notebook),
    };
    let rows = read.rules.len() + read.refusals.len() + read.topics.len();
    if rows > ROWS_MAX {
        notebook.doubtful(
            None,
            format!("there are {rows} rows, and {ROWS_MAX} are the most; leave some out"),
        );
    }
    read
}

/// All rows and lists.
#[derive(Debug, Clone, Default)]
pub(super) struct RulesFile {
    pub(super) words: WordLists,
    pub(super) rules: Vec<RuleRow>,
    pub(super) refusals: Vec<RefuseRow>,
    pub(super) topics: Vec<TopicRow>,
}

impl RulesFile {
    /// Line and name of the first row whose pattern is too large by itself.
    pub(super) fn too_large_a_pattern(&self) -> Option<(Option<usize>, &str)> {
        let rules = self.rules.iter().map(|rule| &rule.row);
        let refusals = self.refusals.iter().map(|refusal| &refusal.row);
        rules
            .chain(refusals)
            .find(|row| row.pattern.as_deref().is_some_and(is_too_large))
            .map(|row| (row.line, row.name.as_str()))
    }
}

/// `[words]`: words with spaces between them, in lower case.
#[derive(Debug, Clone, Default)]
pub(super) struct WordLists {
    pub(super) common: String,
    pub(super) you: String,
    pub(super) me: String,
    pub(super) us: String,
    pub(super) past: String,
    pub(super) fillers: String,
    pub(super) hedges: String,
    pub(super) states: String,
    pub(super) denials: String,
    pub(super) thens: String,
    pub(super) verbs: String,
    pub(super) lead_ins: Vec<String>,
    pub(super) noises: String,
    pub(super) asides: Vec<String>,
    pub(super) stumbles: String,
}

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

/// `[[rule]]`
#[derive(Debug, Clone)]
pub(super) struct RuleRow {
    pub(super) row: Row,
    pub(super) reason: String,
    pub(super) weight: f64,
    pub(super) fitting: Fitting,
    pub(super) matcher: Matcher,
}

/// `[[refuse]]`
#[derive(Debug, Clone)]
pub(super) struct RefuseRow {
    pub(super) row: Row,
    pub(super) reason: String,
    pub(super) reach: Reach,
}

/// `[[topic]]`
#[derive(Debug, Clone)]
pub(super) struct TopicRow {
    pub(super) row: Row,
}

/// Of which kinds the file takes nothing over.
fn read_replaced(file: &Section<'_>) -> Vec<&'static str> {
    match file.value("replace").map(Spanned::get_ref) {
        None | Some(DeValue::Boolean(false)) => Vec::new(),
        Some(DeValue::Boolean(true)) => KINDS.to_vec(),
        Some(DeValue::Array(_)) => file.read_list("replace", |typed| {
            KINDS
                .into_iter()
                .find(|kind| *kind == typed)
                .ok_or_else(|| {
                    Wrong::is(format!("is none of {}", KINDS.join(", ")))
                        .instead("write replace = [\"topic\"]")
                })
        }),
        Some(_) => {
            file.wrong(
                "replace",
                Wrong::is("is neither true nor a list")
                    .instead("write replace = true, or the kinds alone: replace = [\"topic\"]"),
            );
            Vec::new()
        }
    }
}

impl WordLists {
    /// The lists of the file, behind those of the base, or in their place. These are words of the language rather than of
    /// a field, so a list that the file does not have is the base's either way.
    fn read(
        file: &Section<'_>,
        base: Option<&RulesFile>,
        replaced: bool,
        notebook: &Notebook<'_>,
    ) -> Self {
        let mut lists = base.map_or_else(Self::default, |base| base.words.clone());
        let Some(words) = file.table("words", &WORDS) else {
            if base.is_none() && file.place("words").is_none() {
                notebook.doubtful(None, "there is no table [words]; write one".to_owned());
            }
            return lists;
        };
        for (key, list) in [
            ("common", &mut lists.common),
            ("you", &mut lists.you),
            ("me", &mut lists.me),
            ("us", &mut lists.us),
            ("past", &mut lists.past),
            ("fillers", &mut lists.fillers),
            ("hedges", &mut lists.hedges),
            ("states", &mut lists.states),
            ("denials", &mut lists.denials),
            ("thens", &mut lists.thens),
            ("verbs", &mut lists.verbs),
            ("noises", &mut lists.noises),
            ("stumbles", &mut lists.stumbles),
        ] {
            match words.text(key) {
                Some(own) if replaced => own.clone_into(list),
                Some(own) => *list = format!("{list} {own}"),
                None if base.is_none()
                    && words.place(key).is_none()
                    && !MAY_LACK.contains(&key) =>
                {
                    words.missing(key, "is missing");
                }
                None => {}
            }
        }
        for (key, list) in [
            ("lead_ins", &mut lists.lead_ins),
            ("asides", &mut lists.asides),
        ] {
            let own = words.read_list(key, |words| Ok(words.to_owned()));
            if replaced && words.place(key).is_some() {
                list.clear();
            }
            list.extend(own);
        }
        lists
    }
}

/// A row of one of the three kinds.
trait Kind: Clone {
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

    fn row(&self) -> &Row;

    fn row_mut(&mut self) -> &mut Row;

    /// Reads what this kind has beside a name, phrases, a pattern and examples.
    fn read(row: Row, section: &Section<'_>) -> Option<Self>;

    /// Takes over a change; none is left where it switches the row off.
    fn change(self, section: &Section<'_>) -> Option<Self>;
}

impl Kind for RuleRow {
    const KEY: &'static str = "rule";
    const SHAPE: &'static Shape = &RULE;
    const NEEDED: &'static [&'static str] = &["reason", "weight"];
    const CHANGE: &'static str = "weight";
    const IN_FULL: &'static str = "a rule of your own has a reason and something to look for, too";

    fn row(&self) -> &Row {
        &self.row
    }

    fn row_mut(&mut self) -> &mut Row {
        &mut self.row
    }

    fn read(row: Row, section: &Section<'_>) -> Option<Self> {
        let reason = section.read("reason", |text| line(text, REASON_CHARS_MAX));
        let weight = read_weight(section);
        let fitting = read_fitting(weight, section);
        let matcher = read_matcher(&row, section);
        Some(Self {
            row,
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

    fn row(&self) -> &Row {
        &self.row
    }

    fn row_mut(&mut self) -> &mut Row {
        &mut self.row
    }

    fn read(row: Row, section: &Section<'_>) -> Option<Self> {
        let reason = section.read("reason", |text| line(text, REASON_CHARS_MAX));
        let reach = section.read("reach", one_of);
        if section.place("phrases").is_none() && section.place("pattern").is_none() {
            section.lacks("there is nothing to look for; write phrases or a pattern");
        }
        Some(Self {
            row,
            reason: reason?,
            reach: reach?,
        })
    }

    fn change(self, section: &Section<'_>) -> Option<Self> {
        (section.flag("off") != Some(true)).then_some(self)
    }
}

impl Kind for TopicRow {
    const KEY: &'static str = "topic";
    const SHAPE: &'static Shape = &TOPIC;
    const NEEDED: &'static [&'static str] = &["phrases"];
    const CHANGE: &'static str = "off";
    const IN_FULL: &'static str = "a topic of your own has phrases, too";

    fn row(&self) -> &Row {
        &self.row
    }

    fn row_mut(&mut self) -> &mut Row {
        &mut self.row
    }

    fn read(row: Row, _: &Section<'_>) -> Option<Self> {
        Some(Self { row })
    }

    fn change(self, section: &Section<'_>) -> Option<Self> {
        (section.flag("off") != Some(true)).then_some(self)
    }
}

/// Names that are taken.
#[derive(Default)]
struct Names {
    /// Those of the base, with the kind of their row.
    built_in: BTreeMap<String, &'static str>,
    /// Those of the file, with their line.
    own: BTreeMap<String, usize>,
}

impl Names {
    fn built_in<K: Kind>(&mut self, rows: &[K]) {
        for row in rows {
            self.built_in.insert(row.row().name.clone(), K::KEY);
        }
    }
}

/// The rows of one kind: those of the base, changed or replaced where the file has their name, and then the file's own.
fn read_rows<'a, K: Kind>(
    file: &Section<'a>,
    base: &[K],
    names: &mut Names,
    notebook: &'a Notebook<'a>,
) -> Vec<K> {
    let mut rows: Vec<Option<K>> = base.iter().cloned().map(Some).collect();
    for row in rows.iter_mut().flatten() {
        row.row_mut().line = None;
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
            .and_then(|name| line(name, NAME_CHARS_MAX).ok());
        let label = readable_name.map_or(label, |name| format!("\"{name}\": "));
        let section = Section::open(K::SHAPE, label, at, table, notebook);
        let name = read_name::<K>(&section, names, notebook);
        let old = name
            .as_deref()
            .and_then(|name| base.iter().position(|row| row.row().name == name));
        let changes = section.has_only(&["name", K::CHANGE]);
        match (old, name) {
            (Some(nth), Some(_)) if changes => {
                if section.place(K::CHANGE).is_none() {
                    section.missing(K::CHANGE, "is missing");
                }
                rows[nth] = rows[nth].take().and_then(|row| row.change(&section));
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
    let name = section.read("name", |text| line(text, NAME_CHARS_MAX))?;
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
fn unknown_name<K: Kind>(section: &Section<'_>, name: &str, base: &[K]) {
    let names = base.iter().map(|row| row.row().name.as_str());
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
) -> Option<K> {
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
    K::read(row, section).filter(|_| whole)
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

fn read_weight(section: &Section<'_>) -> Option<f64> {
    section.number(
        "weight",
        |weight| weight.abs() <= WEIGHT_MAX,
        &format!("a number from -{WEIGHT_MAX} to {WEIGHT_MAX}"),
    )
}

/// What a fit may do with the weight.
fn read_fitting(weight: Option<f64>, section: &Section<'_>) -> Fitting {
    let bound = |key: &str| section.number(key, f64::is_finite, "a finite number");
    let fitting = Fitting {
        fit: section.flag("fit").unwrap_or(true),
        weight_min: bound("weight_min"),
        weight_max: bound("weight_max"),
    };
    let broken = weight.and_then(|weight| fitting.broken_bound(weight));
    if let Some(key) = broken {
        section.wrong(
            key,
            Wrong::is("does not hold of the weight itself").instead("change one of the two"),
        );
    }
    if !fitting.fit {
        for key in ["weight_min", "weight_max"] {
            if section.place(key).is_some() {
                section.wrong(
                    key,
                    Wrong::is("is for a fit, and fit = false").instead("take one of them out"),
                );
            }
        }
    }
    fitting
}

/// When the rule fires.
fn read_matcher(row: &Row, section: &Section<'_>) -> Option<Matcher> {
    let place = section.read("place", one_of);
    let bound = |key: &str| section.number(key, f64::is_finite, "a finite number");
    let (at_least, at_most) = (bound("at_least"), bound("at_most"));
    let measures: Vec<&str> = ["shape", "share", "position", "evidence"]
        .into_iter()
        .filter(|key| section.place(key).is_some())
        .collect();
    let has_words = section.place("phrases").is_some() || section.place("pattern").is_some();
    match (has_words, measures.as_slice()) {
        (true, []) => {
            for key in ["at_least", "at_most"] {
                if section.place(key).is_some() {
                    section.out_of_place(key, "shape, share, position or evidence");
                }
            }
            let listed = !row.phrases.is_empty() || row.pattern.is_some();
            listed.then(|| Matcher::Words(place.unwrap_or(Place::Any)))
        }
        (false, [key]) => {
            let measure: Measure = section.read(key, one_of)?;
            if *key == "share" && measure as usize >= SUMS {
                section.wrong(
                    key,
                    Wrong::is("is nothing that is counted word by word")
                        .instead("write shape, position or evidence"),
                );
            }
            if section.place("place").is_some() {
                section.out_of_place("place", "phrases or a pattern");
            }
            if section.place("at_least").is_none() && section.place("at_most").is_none() {
                section.lacks("there is no bound; write at_least, at_most or both");
            }
            let (at_least, at_most) = (
                at_least.unwrap_or(f64::NEG_INFINITY),
                at_most.unwrap_or(f64::INFINITY),
            );
            if at_least > at_most {
                section.wrong(
                    "at_least",
                    Wrong::is("is more than at_most, so that it never fires")
                        .instead("write the smaller of the two here"),
                );
            }
            Some(Matcher::Measure {
                measure,
                share: *key == "share",
                at_least,
                at_most,
            })
        }
        (false, []) => {
            section.lacks(
                "there is nothing to look for; write phrases, a pattern, or one of shape, share, position and evidence",
            );
            None
        }
        (_, [key, ..]) => {
            section.wrong(
                key,
                Wrong::is("is one thing too many to look for").instead(
                    "write phrases and a pattern, or one of shape, share, position and evidence, and a row of its own for the rest",
                ),
            );
            None
        }
    }
}
