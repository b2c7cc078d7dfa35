//! The patterns of the rules. What a pattern says in so many words becomes phrases; one that begins with certain words is
//! tried only where they stand, one that begins where a sentence does only there; the rest are searched for together.

use std::panic::RefUnwindSafe;
use std::panic::UnwindSafe;

use regex::bytes::RegexBuilder;
use regex::bytes::RegexSet;
use regex::bytes::RegexSetBuilder;
use regex_automata::Anchored;
use regex_automata::Input;
use regex_automata::PatternID;
use regex_automata::hybrid::dfa::Cache;
use regex_automata::hybrid::dfa::DFA;
use regex_automata::nfa::thompson;
use regex_automata::nfa::thompson::WhichCaptures;
use regex_automata::util::pool::Pool;
use regex_automata::util::pool::PoolGuard;
use regex_syntax::ParserBuilder;
use regex_syntax::ast::Ast;
use regex_syntax::ast::parse::Parser as AstParser;
use regex_syntax::hir::Class;
use regex_syntax::hir::Hir;
use regex_syntax::hir::HirKind;
use regex_syntax::hir::Look;
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::translate::TranslatorBuilder;

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

/// Whether a pattern takes too much room, whatever stands beside it.
pub(super) fn is_too_large(pattern: &str) -> bool {
    RegexBuilder::new(pattern)
        .case_insensitive(true)
        .unicode(false)
        .size_limit(PATTERN_BYTES_MAX)
        .build()
        .is_err()
}

/// The patterns of all rows, ready to be searched for.
#[derive(Debug)]
pub(super) struct Patterns {
    /// Those behind gates and, after them, those that begin where a sentence does.
    fixed: DFA,
    gated_bits: Vec<usize>,
    head_bits: Vec<usize>,
    /// What earlier searches have learnt.
    caches: Pool<Cache, NewCache>,
    rest: RegexSet,
    rest_bits: Vec<usize>,
    rest_signs: Signs,
}

type NewCache = Box<dyn Fn() -> Cache + Send + Sync + UnwindSafe + RefUnwindSafe>;

/// One sentence after another, searched for the patterns: what was learnt of them in one helps in the next.
#[derive(Debug)]
pub(super) struct PatternSearch<'a> {
    patterns: &'a Patterns,
    cache: PoolGuard<'a, Cache, NewCache>,
    /// The gates behind which the pattern was found in this sentence, a bit each.
    found: u64,
}

/// Gathers the patterns of all rows.
#[derive(Debug, Default)]
pub(super) struct PatternCompiler {
    gated: Vec<Hir>,
    gated_bits: Vec<usize>,
    heads: Vec<Hir>,
    head_bits: Vec<usize>,
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
            .parse(pattern)
            .map_err(|error| error.to_string())?;
        let own_flags = sets_flags(pattern);
        let branches = match &tree {
            // a flag set in one branch would hold in the next
            Ast::Alternation(tree) if !own_flags => tree.asts.as_slice(),
            whole => std::slice::from_ref(whole),
        };
        let mut rest = Vec::new();
        for branch in branches {
            // letters stand for both cases in phrases, so that they are not spelt out here
            let hir = translated(pattern, branch, Case::AsWritten)?;
            let span = branch.span();
            let text = &pattern[span.start.offset..span.end.offset];
            if own_flags {
                rest.push(text);
                continue;
            }
            let Some((wordings, whole)) = wordings(&hir) else {
                if hir.properties().look_set_prefix().contains(Look::Start) {
                    self.heads.push(translated(pattern, branch, Case::Either)?);
                    self.head_bits.push(bit);
                } else {
                    rest.push(text);
                }
                continue;
            };
            let found = if phrases.len() + wordings.len() > PHRASES_MAX {
                None
            } else if whole {
                Some(bit)
            } else if self.gated.len() < GATES_MAX {
                self.gated.push(translated(pattern, branch, Case::Either)?);
                self.gated_bits.push(bit);
                Some(gates + self.gated.len() - 1)
            } else {
                None
            };
            let Some(found) = found else {
                rest.push(text);
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

    /// All patterns that were taken in, or why they are too many.
    pub(super) fn build(mut self) -> Result<Patterns, String> {
        self.gated.append(&mut self.heads);
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(PATTERN_BYTES_MAX)),
            )
            .build_many_from_hir(&self.gated)
            .map_err(|error| error.to_string())?;
        let fixed = DFA::builder()
            .configure(
                DFA::config()
                    .starts_for_each_pattern(true)
                    .skip_cache_capacity_check(true),
            )
            .build_from_nfa(nfa)
            .map_err(|error| error.to_string())?;
        let rest = RegexSetBuilder::new(&self.rest)
            .case_insensitive(true)
            .unicode(false)
            .size_limit(PATTERN_BYTES_MAX)
            .dfa_size_limit(PATTERN_BYTES_MAX)
            .build()
            .map_err(|error| error.to_string())?;
        let mut rest_signs = Signs::default();
        for pattern in &self.rest {
            rest_signs.add(pattern);
        }
        let searched = fixed.clone();
        Ok(Patterns {
            fixed,
            caches: Pool::new(Box::new(move || searched.create_cache())),
            gated_bits: self.gated_bits,
            head_bits: self.head_bits,
            rest,
            rest_bits: self.rest_bits,
            rest_signs,
        })
    }
}

impl Patterns {
    /// What a sentence must have in it for those without a gate to stand there, unless they stand at its head.
    pub(super) fn signs(&self) -> &Signs {
        &self.rest_signs
    }

    /// A search that has found nothing yet.
    pub(super) fn search(&self) -> PatternSearch<'_> {
        PatternSearch {
            patterns: self,
            cache: self.caches.get(),
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
        if !self.stands(gate, sentence, from) {
            return None;
        }
        self.found |= 1 << gate;
        Some(self.patterns.gated_bits[gate])
    }

    /// Calls `found` with the row of each pattern without a gate that stands in the sentence, of those that need signs
    /// only where there are `signs`; the next sentence is a new one.
    pub(super) fn finish(&mut self, sentence: &[u8], signs: bool, mut found: impl FnMut(usize)) {
        self.found = 0;
        let gates = self.patterns.gated_bits.len();
        for (nth, &bit) in self.patterns.head_bits.iter().enumerate() {
            if self.stands(gates + nth, sentence, 0) {
                found(bit);
            }
        }
        if signs && !self.patterns.rest_bits.is_empty() {
            for nth in self.patterns.rest.matches(sentence) {
                found(self.patterns.rest_bits[nth]);
            }
        }
    }

    /// Whether the pattern with this number stands at the byte `from` of the sentence.
    fn stands(&mut self, pattern: usize, sentence: &[u8], from: usize) -> bool {
        let there = Input::new(sentence)
            .range(from..)
            .anchored(Anchored::Pattern(PatternID::must(pattern)))
            .earliest(true);
        let end = self.patterns.fixed.try_search_fwd(&mut self.cache, &there);
        end.is_ok_and(|end| end.is_some())
    }
}

/// What a sentence must have in it for any of some patterns to stand there: bytes that few sentences have.
#[derive(Debug)]
pub(super) struct Signs {
    /// For each byte how many others stand behind it at least, where it is a sign; else more than any sentence has.
    behind: [u32; 256],
}

impl Default for Signs {
    fn default() -> Self {
        Self {
            behind: [u32::MAX; 256],
        }
    }
}

impl Signs {
    /// Adds the signs of a pattern. One that can do without any could stand in every sentence.
    fn add(&mut self, pattern: &str) {
        let parsed = ParserBuilder::new()
            .case_insensitive(true)
            .unicode(false)
            .utf8(false)
            .build()
            .parse(pattern);
        match parsed.ok().and_then(|hir| signs_of(&hir)) {
            Some(signs) => {
                for (byte, behind) in signs {
                    let least = &mut self.behind[usize::from(byte)];
                    *least = behind.min(*least);
                }
            }
            None => self.behind = [0; 256],
        }
    }

    /// How many bytes must stand behind the word for one of its own to be a sign.
    pub(super) fn in_word(&self, word: &str) -> u32 {
        let needed = |(behind, byte): (u32, u8)| match self.behind[usize::from(byte)] {
            u32::MAX => u32::MAX,
            needed => needed.saturating_sub(behind),
        };
        let backwards = (0..).zip(word.bytes().rev());
        backwards.map(needed).min().unwrap_or(u32::MAX)
    }
}

/// Bytes of which one stands in every text that the pattern matches, none of them common, each with the number of bytes
/// that stand behind it at least. None where there are no such bytes.
fn signs_of(pattern: &Hir) -> Option<Vec<(u8, u32)>> {
    match pattern.kind() {
        HirKind::Literal(literal) => sign_of(&literal.0).map(|sign| vec![sign]),
        HirKind::Class(Class::Bytes(class)) => class
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .map(|byte| sign_of(&[byte]))
            .collect(),
        HirKind::Class(Class::Unicode(class)) => class
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .map(|letter| sign_of(letter.encode_utf8(&mut [0; 4]).as_bytes()))
            .collect(),
        HirKind::Repetition(repeated) if repeated.min > 0 => signs_of(&repeated.sub),
        HirKind::Capture(group) => signs_of(&group.sub),
        HirKind::Concat(parts) => {
            let (nth, mut signs) = (0..)
                .zip(parts)
                .find_map(|(nth, part)| Some((nth, signs_of(part)?)))?;
            let after = parts[nth + 1..]
                .iter()
                .map(|part| part.properties().minimum_len());
            let after: usize = after.map(Option::unwrap_or_default).sum();
            let after = u32::try_from(after).ok()?;
            for (_, behind) in &mut signs {
                *behind += after;
            }
            Some(signs)
        }
        HirKind::Alternation(branches) => {
            let signs: Option<Vec<_>> = branches.iter().map(signs_of).collect();
            signs.map(|signs| signs.concat())
        }
        _ => None,
    }
}

/// The first of some bytes that is not common, and how many stand behind it.
fn sign_of(bytes: &[u8]) -> Option<(u8, u32)> {
    let at = bytes.iter().position(|&byte| !is_common(byte))?;
    let behind = u32::try_from(bytes.len() - 1 - at).ok()?;
    Some((bytes[at], behind))
}

/// Whether a byte stands in many sentences. Beyond ASCII, those that a character begins with are shared by hundreds, and
/// curly quotes and dashes have the second byte in common, too.
fn is_common(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b' ' | b',' | b'\'' | 0x80 | 0xC0..)
}

/// Which letters the letters of a pattern stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    AsWritten,
    Either,
}

/// What a branch of a pattern means.
fn translated(pattern: &str, branch: &Ast, case: Case) -> Result<Hir, String> {
    TranslatorBuilder::new()
        .case_insensitive(case == Case::Either)
        .unicode(false)
        .utf8(false)
        .build()
        .translate(pattern, branch)
        .map_err(|error| error.to_string())
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
