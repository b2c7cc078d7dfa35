//! The patterns of the rules. What a pattern says in so many words becomes phrases; one that begins with certain words is
//! tried only where they stand, and only from there on; the rest are searched for together.

use regex::bytes::RegexSet;
use regex::bytes::RegexSetBuilder;
use regex_automata::Anchored;
use regex_automata::Input;
use regex_automata::PatternID;
use regex_automata::hybrid::dfa::Cache;
use regex_automata::hybrid::dfa::DFA;
use regex_automata::nfa::thompson;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::syntax;
use regex_syntax::ast::Ast;
use regex_syntax::ast::parse::Parser as AstParser;
use regex_syntax::hir::Hir;
use regex_syntax::hir::HirKind;
use regex_syntax::hir::Look;
use regex_syntax::hir::literal::Extractor;

use super::phrases::Meaning;

/// The most bytes of all compiled patterns that wait for their first words, and of those that are searched for together: a
/// bound on what an operator's may cost.
const PATTERN_BYTES_MAX: usize = 8 << 20;

/// The most patterns that wait for their first words: a bit each.
const GATES_MAX: usize = 64;

/// The most phrases of all rows: beyond that, patterns are searched for as they stand.
const PHRASES_MAX: usize = 50_000;

/// The most wordings of one pattern that are written out as phrases.
const WORDINGS_MAX: usize = 2_000;

/// The most bytes of such a wording.
const WORDING_BYTES_MAX: usize = 100;

/// The most wordings of how a pattern begins whose end is open; fewer are shorter.
const GATE_WORDINGS_MAX: usize = 250;

/// The most bytes of such a beginning.
const GATE_BYTES_MAX: usize = 16;

/// The patterns of all rows, ready to be searched for.
#[derive(Debug)]
pub(super) struct Patterns {
    gated: DFA,
    gated_bits: Vec<usize>,
    rest: RegexSet,
    rest_bits: Vec<usize>,
}

/// One sentence after another, searched for the patterns: what was learnt of them in one helps in the next.
#[derive(Debug)]
pub(super) struct PatternSearch<'a> {
    patterns: &'a Patterns,
    cache: Cache,
    /// The gates behind which the pattern was found in this sentence, a bit each.
    found: u64,
}

/// Gathers the patterns of all rows.
#[derive(Debug, Default)]
pub(super) struct PatternCompiler {
    gated: Vec<String>,
    gated_bits: Vec<usize>,
    rest: Vec<String>,
    rest_bits: Vec<usize>,
}

impl PatternCompiler {
    /// Takes in the pattern of the row with this bit. Adds to `phrases` what it says in so many words, and the words it
    /// begins with: those are found as `gates` and more.
    pub(super) fn add(
        &mut self,
        bit: usize,
        pattern: &str,
        gates: usize,
        phrases: &mut Vec<(Vec<u8>, Meaning)>,
    ) -> Result<(), String> {
        let tree = AstParser::new()
            .parse(&pattern)
            .map_err(|error| error.to_string())?;
        let branches: Vec<&str> = match &tree {
            // a flag set in one branch would hold in the next
            Ast::Alternation(tree) if !sets_flags(&pattern) => tree
                .asts
                .iter()
                .map(|branch| &pattern[branch.span().start.offset..branch.span().end.offset])
                .collect(),
            _ => vec![&pattern],
        };
        let mut rest = Vec::new();
        for branch in branches {
            // letters stand for both cases in phrases, so that they are not spelt out here
            let hir = regex_syntax::ParserBuilder::new()
                .unicode(false)
                .utf8(false)
                .build()
                .parse(branch)
                .map_err(|error| error.to_string())?;
            let begins = wordings(&hir).filter(|_| !sets_flags(&pattern));
            let Some((wordings, whole)) = begins else {
                rest.push(branch);
                continue;
            };
            let found = if phrases.len() + wordings.len() > PHRASES_MAX {
                None
            } else if whole {
                Some(bit)
            } else {
                self.gate(bit, branch).map(|gate| gates + gate)
            };
            let Some(found) = found else {
                rest.push(branch);
                continue;
            };
            phrases.extend(wordings.into_iter().map(|wording| {
                let meaning = Meaning {
                    bit: found,
                    opens: false,
                    prefix: !whole,
                };
                (wording, meaning)
            }));
        }
        if !rest.is_empty() {
            self.rest.push(rest.join("|"));
            self.rest_bits.push(bit);
        }
        Ok(())
    }

    /// The number of a new gate for this pattern, if there is room.
    fn gate(&mut self, bit: usize, pattern: &str) -> Option<usize> {
        if self.gated.len() == GATES_MAX {
            return None;
        }
        self.gated.push(pattern.to_owned());
        self.gated_bits.push(bit);
        Some(self.gated.len() - 1)
    }

    /// All patterns that were taken in, or why they are too many.
    pub(super) fn build(self) -> Result<Patterns, String> {
        let gated = DFA::builder()
            .syntax(
                syntax::Config::new()
                    .case_insensitive(true)
                    .unicode(false)
                    .utf8(false),
            )
            .thompson(
                thompson::Config::new()
                    .utf8(false)
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(PATTERN_BYTES_MAX)),
            )
            .configure(
                DFA::config()
                    .starts_for_each_pattern(true)
                    .skip_cache_capacity_check(true),
            )
            .build_many(&self.gated)
            .map_err(|error| error.to_string())?;
        let rest = RegexSetBuilder::new(&self.rest)
            .case_insensitive(true)
            .unicode(false)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Patterns {
            gated,
            gated_bits: self.gated_bits,
            rest,
            rest_bits: self.rest_bits,
        })
    }
}

impl Patterns {
    /// A search that has found nothing yet.
    pub(super) fn search(&self) -> PatternSearch<'_> {
        PatternSearch {
            patterns: self,
            cache: self.gated.create_cache(),
            found: 0,
        }
    }
}

impl PatternSearch<'_> {
    /// The row of the pattern behind this gate, whose words stand at the byte `from` of the sentence: where the pattern
    /// stands there too, and was not found in this sentence before.
    pub(super) fn enter(&mut self, gate: usize, sentence: &[u8], from: usize) -> Option<usize> {
        if self.found >> gate & 1 == 1 {
            return None;
        }
        let there = Input::new(sentence)
            .range(from..)
            .anchored(Anchored::Pattern(PatternID::must(gate)))
            .earliest(true);
        let dfa = &self.patterns.gated;
        let end = dfa.try_search_fwd(&mut self.cache, &there);
        end.ok().flatten()?;
        self.found |= 1 << gate;
        Some(self.patterns.gated_bits[gate])
    }

    /// Calls `found` with the row of each pattern without a gate that stands in the sentence; the next one is a new one.
    pub(super) fn finish(&mut self, sentence: &[u8], mut found: impl FnMut(usize)) {
        self.found = 0;
        if !self.patterns.rest_bits.is_empty() {
            for nth in self.patterns.rest.matches(sentence) {
                found(self.patterns.rest_bits[nth]);
            }
        }
    }
}

/// Whether a pattern sets flags of its own, and so may mean more than it says.
fn sets_flags(pattern: &str) -> bool {
    pattern.matches("(?").count() > pattern.matches("(?:").count()
}

/// The words that a branch of a pattern begins with, at the head of a word; and whether they are all of it, up to the end
/// of a word. None where they cannot be told.
fn wordings(branch: &Hir) -> Option<(Vec<Vec<u8>>, bool)> {
    let HirKind::Concat(parts) = branch.kind() else {
        return None;
    };
    let (first, mut parts) = parts.split_first()?;
    let HirKind::Look(head @ (Look::WordAscii | Look::Start)) = first.kind() else {
        return None;
    };
    let mut closed = false;
    if let Some((last, before)) = parts.split_last()
        && matches!(last.kind(), HirKind::Look(Look::WordAscii))
    {
        closed = true;
        parts = before;
    }
    let free = parts
        .iter()
        .all(|part| part.properties().look_set().is_empty());
    let body = Hir::concat(parts.to_vec());
    let bounded = body.properties().maximum_len().is_some();
    let seq = Extractor::new()
        .limit_class(4)
        .limit_repeat(1)
        .limit_literal_len(if bounded {
            WORDING_BYTES_MAX
        } else {
            GATE_BYTES_MAX
        })
        .limit_total(if bounded {
            WORDINGS_MAX
        } else {
            GATE_WORDINGS_MAX
        })
        .extract(&body);
    let literals = seq.literals()?;
    let is_word = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    if literals.is_empty()
        || !literals
            .iter()
            .all(|literal| is_word(literal.as_bytes().first()))
    {
        return None;
    }
    let whole = *head == Look::WordAscii
        && closed
        && free
        && literals
            .iter()
            .all(|literal| literal.is_exact() && is_word(literal.as_bytes().last()));
    let mut wordings: Vec<Vec<u8>> = literals
        .iter()
        .map(|literal| literal.as_bytes().to_vec())
        .collect();
    wordings.sort();
    wordings.dedup();
    Some((wordings, whole))
}
