//! The rules as data: read from TOML, checked, and compiled.

use std::sync::Arc;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::RulesText;
use crate::settings::Notebook;
use crate::settings::Problems;

use super::examples::Mistake;
use super::language::Language;

use file::RulesFile;
use rows::RefuseRow;
use rows::RuleRow;
use rows::Typed;
use search::CannotCompile;
use search::Compiler;
use search::Finder;
use words::Words;

pub use leeway::Leeway;
pub(super) use search::Search;
pub(super) use words::kind;

mod file;

mod rows;

mod matcher;

mod leeway;

mod shape;

mod values;

mod search;

mod words;

/// The rules that travel in the binary.
const BUILT_IN: &str = include_str!("rules.toml");

/// The same as rows, for a file to be laid over.
static BUILT_IN_ROWS: LazyLock<RulesFile> = LazyLock::new(|| {
    let (notebook, document) = Notebook::open(BUILT_IN, &shape::TABLES);
    let rows = file::read(document.get_ref(), None, &notebook);
    let told = notebook.close();
    told.expect("the built-in file has no mistakes, or no test would pass");
    rows
});

/// Most bytes of a file: the built-in one has an eighth of it.
pub const FILE_BYTES_MAX: usize = 1 << 20;

/// The most rules, refusals and topics in one file: a bound on the work for each sentence.
pub(super) const ROWS_MAX: usize = 1_024;

/// What makes a passage an insight: rules with their points, what must never pass, topics and word lists.
#[derive(Debug, Clone)]
pub struct Rules {
    pub(super) rows: Vec<Rule>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) topics: Vec<Topic>,
    /// The language that the word lists are in.
    pub(super) language: Option<Language>,
    pub(super) words: Words,
    // compiled once, however often the rules are given other weights
    pub(super) finder: Arc<Finder>,
    text: RulesText,
}

/// Why a file of rules cannot be used: every mistake in it, with its line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(transparent)]
pub struct RulesError(#[from] Problems);

impl RulesError {
    /// The mistakes, first line first; they can be shown with the name of the file.
    pub fn problems(&self) -> &Problems {
        &self.0
    }
}

/// Whether the examples of a file are tried when it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Examples {
    Tried,
    Untried,
}

/// One rule.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) weight: f64,
    pub(super) leeway: Leeway,
    pub(super) matcher: Matcher,
    pub(super) yes: Vec<Example>,
    pub(super) no: Vec<Example>,
    pub(super) line: Option<usize>,
}

/// A text on which a row matches, or does not.
#[derive(Debug, Clone)]
pub(super) struct Example {
    pub(super) text: String,
    /// Line on which it begins, counted from 1.
    pub(super) line: usize,
}

/// When a rule fires.
#[derive(Debug, Clone, Copy)]
pub(super) enum Matcher {
    /// Its phrases or its pattern stand in this place.
    Words(Place),
    /// A measure of the passage lies between two bounds, both included.
    Measure {
        measure: Measure,
        /// Whether what is counted is told in percent of the passage's words.
        share: bool,
        at_least: f64,
        at_most: f64,
    },
}

/// Where the words of a rule must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Place {
    /// In any sentence of the passage.
    Any,
    /// In its first sentence.
    First,
    /// In its last sentence.
    Last,
    /// In what the other voice says right after a passage that closes a turn.
    Reply,
    /// In the last sentences of the turn before.
    Question,
    /// In a sentence of the passage with a term that the speaker coins there and comes back to.
    Coinage,
}

/// What can be counted about a passage. The first ones are sums over its sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(usize)]
pub(super) enum Measure {
    Words,
    You,
    Me,
    Us,
    Past,
    Fillers,
    Hedges,
    States,
    Denials,
    Thens,
    Names,
    Numbers,
    Terms,
    Stems,
    Quotes,
    Commas,
    TitleWords,
    NotesWords,
    HeadingWords,
    /// Of the chapter that it stands in.
    ChapterWords,
    AnnouncedWords,
    AskedWords,
    EchoedWords,
    TakenUpWords,
    ThemeWords,
    Repeated,
    Soundbite,
    Pulled,
    Sentences,
    LongestSentence,
    SentencesBefore,
    SentencesAfter,
    WordsBefore,
    TurnWords,
    QuestionWords,
    DocumentTenth,
    /// As before, of talk alone.
    TalkTenth,
    AfterQuestion,
    Guest,
    Host,
    Prose,
    /// How well the headline stands: told when it is written.
    Headline,
}

/// How many measures are sums over the sentences: those before [`Measure::Sentences`].
pub(super) const SUMS: usize = Measure::Sentences as usize;

/// How many measures there are.
pub(super) const MEASURES: usize = Measure::Headline as usize + 1;

/// What must never be quoted.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) reach: Reach,
    pub(super) yes: Vec<Example>,
    pub(super) no: Vec<Example>,
    pub(super) line: Option<usize>,
}

/// How far a refusal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reach {
    /// The sentence it stands in.
    Sentence,
    /// That sentence and what follows in the same turn or paragraph, as far as an advertisement lasts.
    Rest,
    /// That sentence and what follows, where a sentence with the reach `rest` or `before` comes while an advertisement
    /// may last; else nothing.
    Pitch,
    /// That sentence and what stands before it in the same turn, back to a `pitch`, or as far as an advertisement lasts.
    Before,
    /// The whole paragraph; in speech, where nobody reads out furniture, its sentence.
    Block,
    /// What stands in a chapter whose title it is found in; nothing where it stands in a text.
    Chapter,
}

/// What a passage may be about.
#[derive(Debug, Clone)]
pub(super) struct Topic {
    pub(super) name: String,
    pub(super) yes: Vec<Example>,
    pub(super) no: Vec<Example>,
    pub(super) line: Option<usize>,
}

impl Rules {
    /// The rules that travel in the binary, compiled once.
    pub fn built_in() -> &'static Arc<Self> {
        static RULES: LazyLock<Arc<Rules>> = LazyLock::new(|| {
            let rules = Rules::compile(&BUILT_IN_ROWS, RulesText::new(BUILT_IN, None));
            Arc::new(rules.expect("the built-in patterns are compiled by every test"))
        });
        &RULES
    }

    /// Reads a file of rules that stands alone: `[words]` with every list, `[[rule]]`, `[[refuse]]` and `[[topic]]`.
    pub fn parse(toml: &str) -> Result<Self, RulesError> {
        Self::read(toml, None, Examples::Untried)
    }

    /// Reads an operator's file and lays it over the built-in rules. A row with a new name is added, one with the name of a
    /// built-in row replaces it; `name` and `weight` alone change the weight of a rule, `name` and `off = true` take a
    /// refusal or a topic away. `[words]` extends the built-in lists. `replace = true` leaves the built-in rows out, or
    /// those of the kinds that it names.
    pub fn with(toml: &str) -> Result<Self, RulesError> {
        Self::read(toml, Some(&BUILT_IN_ROWS), Examples::Untried)
    }

    /// As [`Rules::with`], but the examples of the file's own rows have to hold, too.
    pub fn check(toml: &str) -> Result<Self, RulesError> {
        Self::read(toml, Some(&BUILT_IN_ROWS), Examples::Tried)
    }

    /// As [`Rules::check`], of the built-in file.
    pub fn check_built_in() -> Result<Self, RulesError> {
        Self::read(BUILT_IN, None, Examples::Tried)
    }

    /// Reads rules that were kept, as they were in force then: those that came with the program of the time, with the
    /// operator's file of the time over them.
    pub fn kept(text: &RulesText) -> Result<Self, RulesError> {
        let Some(own) = text.own() else {
            return Self::parse(text.built_in());
        };
        let (notebook, document) = Notebook::open(text.built_in(), &shape::TABLES);
        let rows = file::read(document.get_ref(), None, &notebook);
        notebook.close()?;
        let rules = Self::read(own, Some(&rows), Examples::Untried)?;
        Ok(Self {
            text: text.clone(),
            ..rules
        })
    }

    fn read(toml: &str, base: Option<&RulesFile>, examples: Examples) -> Result<Self, RulesError> {
        if toml.len() > FILE_BYTES_MAX {
            let mebibytes = FILE_BYTES_MAX >> 20;
            return Err(RulesError(Problems::of_the_file(format!(
                "the file is larger than {mebibytes} MiB; leave out what is not a rule"
            ))));
        }
        let (notebook, document) = Notebook::open(toml, &shape::TABLES);
        let rows = file::read(document.get_ref(), base, &notebook);
        let text = match base {
            Some(_) => RulesText::new(BUILT_IN, Some(toml)),
            None => RulesText::new(toml, None),
        };
        let compiled = Self::compile(&rows, text);
        match &compiled {
            Err(error) => match rows.too_large_a_pattern() {
                Some((Some(line), name)) => notebook.wrong_on_line(
                    line,
                    format!("\"{name}\": its pattern takes too much room; write a shorter one"),
                ),
                _ => notebook.doubtful(None, format!("{error}; write shorter patterns")),
            },
            Ok(rules) if examples == Examples::Tried && notebook.is_toml() => {
                for Mistake { line, row, problem } in rules.mistakes() {
                    notebook.wrong_on_line(line, format!("\"{row}\": {problem}"));
                }
            }
            Ok(_) => {}
        }
        notebook.close()?;
        Ok(compiled.expect("what cannot be compiled is a problem"))
    }

    /// Puts the words of all rows into one finder and one set of patterns.
    fn compile(file: &RulesFile, text: RulesText) -> Result<Self, CannotCompile> {
        let mut compiler = Compiler::default();
        let mut rules = Vec::new();
        for Typed { row, own } in &file.rules {
            let RuleRow {
                reason,
                weight,
                fitting,
                matcher,
            } = own;
            compiler.take(row)?;
            rules.push(Rule {
                name: row.name.clone(),
                reason: reason.clone(),
                weight: *weight,
                leeway: fitting.leeway(*weight),
                matcher: *matcher,
                yes: row.yes.clone(),
                no: row.no.clone(),
                line: row.line,
            });
        }
        let mut refusals = Vec::new();
        for Typed { row, own } in &file.refusals {
            let RefuseRow { reason, reach } = own;
            compiler.take(row)?;
            refusals.push(Refusal {
                name: row.name.clone(),
                reason: reason.clone(),
                reach: *reach,
                yes: row.yes.clone(),
                no: row.no.clone(),
                line: row.line,
            });
        }
        let mut topics = Vec::new();
        for Typed { row, .. } in &file.topics {
            compiler.take(row)?;
            topics.push(Topic {
                name: row.name.clone(),
                yes: row.yes.clone(),
                no: row.no.clone(),
                line: row.line,
            });
        }
        Ok(Self {
            rows: rules,
            refusals,
            topics,
            language: Language::of_words(&file.words.common),
            words: Words::new(&file.words),
            finder: Arc::new(compiler.build()?),
            text,
        })
    }

    /// The reason behind the rule of this name, as a sentence for readers.
    pub fn why(&self, rule: &str) -> Option<&str> {
        self.rows
            .iter()
            .find(|row| row.name == rule)
            .map(|row| row.reason.as_str())
            .or_else(|| {
                self.refusals
                    .iter()
                    .find(|row| row.name == rule)
                    .map(|row| row.reason.as_str())
            })
    }

    /// Names and points of all rules, in file order.
    pub fn weights(&self) -> impl Iterator<Item = (&str, f64)> {
        self.rows
            .iter()
            .map(|rule| (rule.name.as_str(), rule.weight))
    }

    /// The same rules with other weights, in file order, for what is measured and not written down: they keep their name.
    #[must_use]
    pub fn weighing(&self, weights: &[f64]) -> Self {
        let mut rules = self.clone();
        for (row, weight) in rules.rows.iter_mut().zip(weights) {
            row.weight = *weight;
        }
        rules
    }

    /// How far a fit may move the weight of each rule, in file order.
    pub fn leeways(&self) -> impl Iterator<Item = Leeway> {
        self.rows.iter().map(|rule| rule.leeway)
    }

    /// The text of the rules that travel in the binary.
    pub fn built_in_toml() -> &'static str {
        BUILT_IN
    }

    /// How many rules, refusals and topics there are.
    pub fn counts(&self) -> [usize; 3] {
        [self.rows.len(), self.refusals.len(), self.topics.len()]
    }

    /// SHA-256 in hexadecimal of the file's text, and of the built-in file where it is laid over that: what rules are told
    /// apart by.
    pub fn sha256(&self) -> &str {
        self.text.sha256()
    }

    /// The texts that they were read from.
    pub fn text(&self) -> &RulesText {
        &self.text
    }

    /// How many words of 64 bits hold what was found in a sentence.
    pub(super) fn stride(&self) -> usize {
        (self.rows.len() + self.refusals.len() + self.topics.len())
            .div_ceil(64)
            .max(1)
    }

    /// The bit of the refusal with this number.
    pub(super) fn refusal_bit(&self, nth: usize) -> usize {
        self.rows.len() + nth
    }

    /// The bit of the topic with this number.
    pub(super) fn topic_bit(&self, nth: usize) -> usize {
        self.rows.len() + self.refusals.len() + nth
    }

    /// Whether this is the bit of a refusal that looks at titles of chapters alone.
    pub(super) fn is_of_chapters(&self, bit: usize) -> bool {
        bit.checked_sub(self.rows.len())
            .and_then(|nth| self.refusals.get(nth))
            .is_some_and(|refusal| refusal.reach == Reach::Chapter)
    }
}
