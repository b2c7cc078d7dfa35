//! The rules as data: read from TOML, checked, and compiled so that one pass over a sentence tells all that match.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;
use toml::Spanned;

use crate::model::sha256_hex;

use super::patterns::PatternCompiler;
use super::patterns::Patterns;
use super::phrases::Meaning;
use super::phrases::Phrases;
use super::stems::StemMap;
use super::stems::WordMap;
use super::stems::WordSet;
use super::stems::stem;

/// The rules that travel in the binary.
const BUILT_IN: &str = include_str!("rules.toml");

/// The most rules, refusals and topics in one file: a bound on the work for each sentence.
pub(super) const ROWS_MAX: usize = 1_024;

/// What makes a passage an insight: rules with their points, what must never pass, topics and word lists.
#[derive(Debug)]
pub struct Rules {
    pub(super) rows: Vec<Rule>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) topics: Vec<Topic>,
    words: StemMap<u8>,
    lead_ins: WordMap<Vec<Vec<String>>>,
    verbs: WordSet,
    phrases: Phrases,
    patterns: Patterns,
    sha256: String,
}

/// Why a file of rules cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RulesError {
    /// It is not TOML, or a key or value is not what it should be.
    #[error("rules: {0}")]
    Syntax(#[from] Box<toml::de::Error>),
    /// A row that cannot work.
    #[error("rules, line {line}: \"{name}\": {problem}")]
    Row {
        /// Line of the row's name, counted from 1.
        line: usize,
        /// Name of the row.
        name: String,
        /// What is wrong and what to write instead.
        problem: String,
    },
    /// More rows than are worth their time.
    #[error("rules: {0} rows; write at most {ROWS_MAX}")]
    TooMany(usize),
    /// The word lists or patterns cannot be compiled together.
    #[error("rules: {0}; write shorter patterns")]
    Compile(String),
}

/// One rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) weight: f64,
    pub(super) matcher: Matcher,
    pub(super) yes: Vec<String>,
    pub(super) no: Vec<String>,
    pub(super) line: usize,
}

/// When a rule fires.
#[derive(Debug)]
pub(super) enum Matcher {
    /// Its phrases or its pattern stand in this place.
    Words(Place),
    /// A measure of the passage lies between two bounds, both included.
    Measure {
        measure: Measure,
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
    Names,
    Numbers,
    Terms,
    Stems,
    Quotes,
    Commas,
    TitleWords,
    NotesWords,
    HeadingWords,
    AnnouncedWords,
    AskedWords,
    EchoedWords,
    ThemeWords,
    Repeated,
    Soundbite,
    Sentences,
    LongestSentence,
    SentencesBefore,
    SentencesAfter,
    TurnWords,
    DocumentTenth,
    AfterQuestion,
    Guest,
    Host,
    Prose,
    /// How well the headline stands: told when it is written.
    Headline,
}

/// How many measures are sums over the sentences: those before [`Measure::Sentences`].
pub(super) const SUMS: usize = Measure::Sentences as usize;

/// What must never be quoted.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) name: String,
    pub(super) reason: String,
    pub(super) reach: Reach,
    pub(super) yes: Vec<String>,
    pub(super) no: Vec<String>,
    pub(super) line: usize,
}

/// How far a refusal reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Reach {
    /// The sentence it stands in.
    Sentence,
    /// That sentence and what follows in the same turn or paragraph, as far as an advertisement lasts.
    Rest,
    /// The whole turn or paragraph.
    Block,
}

/// What a passage may be about.
#[derive(Debug)]
pub(super) struct Topic {
    pub(super) name: String,
    pub(super) yes: Vec<String>,
    pub(super) no: Vec<String>,
    pub(super) line: usize,
}

/// Kinds of words; a word can be of several.
pub(super) mod kind {
    pub(in super::super) const COMMON: u8 = 1;
    pub(in super::super) const YOU: u8 = 2;
    pub(in super::super) const ME: u8 = 4;
    pub(in super::super) const US: u8 = 8;
    pub(in super::super) const PAST: u8 = 16;
    pub(in super::super) const FILLER: u8 = 32;
    pub(in super::super) const HEDGE: u8 = 64;
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RulesFile {
    words: WordLists,
    #[serde(default)]
    rule: Vec<RuleRow>,
    #[serde(default)]
    refuse: Vec<RefuseRow>,
    #[serde(default)]
    topic: Vec<TopicRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WordLists {
    common: String,
    you: String,
    me: String,
    us: String,
    past: String,
    fillers: String,
    hedges: String,
    verbs: String,
    lead_ins: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleRow {
    name: Spanned<String>,
    reason: String,
    weight: f64,
    #[serde(default)]
    phrases: Vec<String>,
    pattern: Option<String>,
    place: Option<Place>,
    shape: Option<Measure>,
    position: Option<Measure>,
    evidence: Option<Measure>,
    at_least: Option<f64>,
    at_most: Option<f64>,
    #[serde(default)]
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefuseRow {
    name: Spanned<String>,
    reason: String,
    reach: Reach,
    #[serde(default)]
    phrases: Vec<String>,
    pattern: Option<String>,
    #[serde(default)]
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicRow {
    name: Spanned<String>,
    phrases: Vec<String>,
    #[serde(default)]
    yes: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
}

impl Rules {
    /// The rules that travel in the binary, compiled once.
    pub fn built_in() -> &'static Self {
        static RULES: LazyLock<Rules> = LazyLock::new(|| {
            Rules::parse(BUILT_IN).expect("the built-in file is read by a test of its own")
        });
        &RULES
    }

    /// Reads a file of rules: `[words]`, `[[rule]]`, `[[refuse]]` and `[[topic]]`.
    pub fn parse(toml: &str) -> Result<Self, RulesError> {
        let file: RulesFile = toml::from_str(toml).map_err(Box::new)?;
        let rows = file.rule.len() + file.refuse.len() + file.topic.len();
        if rows > ROWS_MAX {
            return Err(RulesError::TooMany(rows));
        }
        let mut compiler = Compiler::new(toml);
        let mut rules = Vec::new();
        for row in file.rule {
            rules.push(compiler.rule(row)?);
        }
        let mut refusals = Vec::new();
        for row in file.refuse {
            let line = compiler.words(&row.name, &row.phrases, row.pattern.as_deref())?;
            refusals.push(Refusal {
                name: row.name.into_inner(),
                reason: row.reason,
                reach: row.reach,
                yes: row.yes,
                no: row.no,
                line,
            });
        }
        let mut topics = Vec::new();
        for row in file.topic {
            let line = compiler.words(&row.name, &row.phrases, None)?;
            topics.push(Topic {
                name: row.name.into_inner(),
                yes: row.yes,
                no: row.no,
                line,
            });
        }
        let patterns = compiler
            .patterns
            .build()
            .map_err(|error| RulesError::Compile(error.to_string()))?;
        Ok(Self {
            rows: rules,
            refusals,
            topics,
            words: word_kinds(&file.words),
            lead_ins: lead_ins(&file.words.lead_ins),
            verbs: file
                .words
                .verbs
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            phrases: Phrases::new(&compiler.phrases),
            patterns,
            sha256: sha256_hex(toml.as_bytes()),
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

    /// SHA-256 of the file's text in hexadecimal: what an edition names its rules by.
    pub fn sha256(&self) -> &str {
        &self.sha256
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

    /// Kinds of the word whose stem this is.
    pub(super) fn kinds(&self, word: u64) -> u8 {
        self.words.get(&word).copied().unwrap_or(0)
    }

    /// Whether a word, in lower case, can be the verb of a clause.
    pub(super) fn is_verb(&self, word: &str) -> bool {
        self.verbs.contains(word)
    }

    /// What may stand before a claim and can be left out, of what begins with this word: the words after it.
    pub(super) fn lead_ins(&self, first: &str) -> &[Vec<String>] {
        self.lead_ins.get(first).map_or(&[], Vec::as_slice)
    }

    /// Tells `found` the bit of each row whose words stand in the sentence, once for each place.
    pub(super) fn find(&self, sentence: &str, mut found: impl FnMut(usize)) {
        let bytes = sentence.as_bytes();
        let begin = sentence
            .find(|c: char| c.is_alphanumeric())
            .unwrap_or_default();
        let mut gates = 0;
        self.phrases
            .find(bytes, begin, |bit| match bit.checked_sub(ROWS_MAX) {
                Some(gate) => gates |= 1 << gate,
                None => found(bit),
            });
        self.patterns.find(bytes, gates, found);
    }
}

/// Gathers the words of all rows; the bit of a row is its number.
struct Compiler<'a> {
    toml: &'a str,
    /// A byte of the file and its line.
    counted: (usize, usize),
    rows: usize,
    phrases: Vec<(Vec<u8>, Meaning)>,
    patterns: PatternCompiler,
    names: HashMap<String, usize>,
}

impl<'a> Compiler<'a> {
    fn new(toml: &'a str) -> Self {
        Self {
            toml,
            counted: (0, 1),
            rows: 0,
            phrases: Vec::new(),
            patterns: PatternCompiler::default(),
            names: HashMap::new(),
        }
    }

    /// The line of a byte of the file: counted on from the last one asked for, since rows come mostly in their order.
    fn line_of(&mut self, byte: usize) -> usize {
        let (counted, line) = self.counted;
        let (from, lines) = if byte < counted {
            (0, 1)
        } else {
            (counted, line)
        };
        let line = lines + self.toml[from..byte].matches('\n').count();
        self.counted = (byte, line);
        line
    }

    /// Takes in the words of the next row; gives its line.
    fn words(
        &mut self,
        name: &Spanned<String>,
        phrases: &[String],
        pattern: Option<&str>,
    ) -> Result<usize, RulesError> {
        let line = self.line_of(name.span().start);
        let wrong = |problem: String| RulesError::Row {
            line,
            name: name.get_ref().clone(),
            problem,
        };
        if let Some(first) = self.names.insert(name.get_ref().clone(), line) {
            return Err(wrong(format!(
                "line {first} has this name too; write another"
            )));
        }
        let bit = self.rows;
        self.rows += 1;
        for phrase in phrases {
            let opens = phrase.starts_with('^');
            let prefix = phrase.ends_with('*');
            let text = phrase.trim_start_matches('^').trim_end_matches('*');
            if text.trim().is_empty() {
                return Err(wrong("an empty phrase; take it out".to_owned()));
            }
            let mut spellings = vec![text.to_owned()];
            if text.contains('\'') {
                spellings.push(text.replace('\'', "’"));
            }
            for spelling in spellings {
                let meaning = Meaning { bit, opens, prefix };
                self.phrases.push((spelling.into_bytes(), meaning));
            }
        }
        if let Some(pattern) = pattern {
            self.patterns
                .add(bit, pattern, ROWS_MAX, &mut self.phrases)
                .map_err(|error| wrong(format!("its pattern cannot be read: {error}")))?;
        }
        Ok(line)
    }

    /// Takes in a rule.
    fn rule(&mut self, row: RuleRow) -> Result<Rule, RulesError> {
        let line = self.words(&row.name, &row.phrases, row.pattern.as_deref())?;
        let name = row.name.into_inner();
        let wrong = |problem: &str| RulesError::Row {
            line,
            name: name.clone(),
            problem: problem.to_owned(),
        };
        let has_words = !row.phrases.is_empty() || row.pattern.is_some();
        let measures: Vec<Measure> = [row.shape, row.position, row.evidence]
            .into_iter()
            .flatten()
            .collect();
        let matcher = match (has_words, measures.as_slice()) {
            (true, []) => {
                if row.at_least.is_some() || row.at_most.is_some() {
                    return Err(wrong(
                        "at_least and at_most belong to shape, position or evidence",
                    ));
                }
                Matcher::Words(row.place.unwrap_or(Place::Any))
            }
            (false, [measure]) => {
                if row.place.is_some() {
                    return Err(wrong("place belongs to phrases or a pattern; take it out"));
                }
                if row.at_least.is_none() && row.at_most.is_none() {
                    return Err(wrong("write at_least, at_most or both"));
                }
                Matcher::Measure {
                    measure: *measure,
                    at_least: row.at_least.unwrap_or(f64::NEG_INFINITY),
                    at_most: row.at_most.unwrap_or(f64::INFINITY),
                }
            }
            _ => {
                return Err(wrong(
                    "write either phrases and a pattern, or one of shape, position and evidence",
                ));
            }
        };
        if !row.weight.is_finite() {
            return Err(wrong("its weight is not a number"));
        }
        Ok(Rule {
            reason: row.reason,
            weight: row.weight,
            matcher,
            yes: row.yes,
            no: row.no,
            line,
            name,
        })
    }
}

/// The kinds of all listed words, by stem.
fn word_kinds(lists: &WordLists) -> StemMap<u8> {
    let mut kinds = StemMap::default();
    let mut note = |words: &str, kind: u8| {
        for word in words.split_whitespace() {
            *kinds.entry(stem(word)).or_insert(0) |= kind;
        }
    };
    note(&lists.common, kind::COMMON);
    note(&lists.you, kind::YOU | kind::COMMON);
    note(&lists.me, kind::ME | kind::COMMON);
    note(&lists.us, kind::US | kind::COMMON);
    note(&lists.past, kind::PAST);
    note(&lists.fillers, kind::FILLER | kind::COMMON);
    note(&lists.hedges, kind::HEDGE | kind::COMMON);
    kinds
}

/// Lead-ins by their first word.
fn lead_ins(listed: &[String]) -> WordMap<Vec<Vec<String>>> {
    let mut lead_ins: WordMap<Vec<Vec<String>>> = WordMap::default();
    for lead_in in listed {
        let mut words = lead_in.split(' ').map(str::to_owned);
        if let Some(first) = words.next() {
            lead_ins.entry(first).or_default().push(words.collect());
        }
    }
    lead_ins
}
