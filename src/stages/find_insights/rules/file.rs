//! A file of rules as a person wrote it, laid over the rules it builds on; every mistake is written down with its line.

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::settings::Notebook;
use crate::settings::Section;
use crate::settings::Wrong;

use super::super::patterns::is_too_large;
use super::ROWS_MAX;
use super::rows::Kind;
use super::rows::Names;
use super::rows::RefuseRow;
use super::rows::RuleRow;
use super::rows::TopicRow;
use super::rows::Typed;
use super::rows::read_rows;
use super::shape::FILE;
use super::shape::WORDS;

/// Lists that a file which stands alone may do without: they change how a passage is shown, not which one is found.
const MAY_LACK: [&str; 6] = ["noises", "stumbles", "states", "denials", "thens", "parts"];

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
    pub(super) rules: Vec<Typed<RuleRow>>,
    pub(super) refusals: Vec<Typed<RefuseRow>>,
    pub(super) topics: Vec<Typed<TopicRow>>,
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
    pub(super) parts: String,
    pub(super) verbs: String,
    pub(super) lead_ins: Vec<String>,
    pub(super) noises: String,
    pub(super) asides: Vec<String>,
    pub(super) stumbles: String,
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
            ("parts", &mut lists.parts),
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
