//! The words of all rows, compiled so that one pass over a sentence tells all that match.

use super::super::patterns::PatternCompiler;
use super::super::patterns::PatternSearch;
use super::super::patterns::Patterns;
use super::super::phrases::Lead;
use super::super::phrases::Meaning;
use super::super::phrases::Phrases;
use super::ROWS_MAX;
use super::rows::Row;

/// The phrases and patterns of all rows.
#[derive(Debug)]
pub(in super::super) struct Finder {
    phrases: Phrases,
    patterns: Patterns,
}

impl Finder {
    /// Whether a phrase of any row may begin in this word of a sentence, unless it opens the sentence.
    pub(in super::super) fn lead_of(&self, word: &str) -> Lead {
        self.phrases.lead_of(word)
    }

    /// How many bytes must stand behind this word for a pattern to stand in its sentence by what the word has in it; no
    /// sentence has so many where it has nothing of the kind.
    pub(in super::super) fn sign_in(&self, word: &str) -> u32 {
        self.patterns.signs().in_word(word)
    }

    /// A search for the words of all rows.
    pub(in super::super) fn search(&self) -> Search<'_> {
        Search {
            phrases: &self.phrases,
            patterns: self.patterns.search(),
        }
    }
}

/// Looks for the words of all rows in one sentence after another.
#[derive(Debug)]
pub(in super::super) struct Search<'a> {
    phrases: &'a Phrases,
    patterns: PatternSearch<'a>,
}

impl Search<'_> {
    /// Tells `found` the bit of each row whose words stand in the sentence, once for each place of a phrase.
    pub(in super::super) fn find(&mut self, sentence: &str, found: impl FnMut(usize)) {
        let behind = sentence.match_indices(' ').map(|(space, _)| space + 1);
        self.find_from(sentence, [0].into_iter().chain(behind), true, found);
    }

    /// As [`Search::find`], where it is known in which words phrases may begin, by the first byte of each, and whether the
    /// signs of patterns stand in the sentence.
    pub(in super::super) fn find_from(
        &mut self,
        sentence: &str,
        words: impl IntoIterator<Item = usize>,
        signs: bool,
        mut found: impl FnMut(usize),
    ) {
        let bytes = sentence.as_bytes();
        let begin = sentence
            .find(|c: char| c.is_alphanumeric())
            .unwrap_or_default();
        self.phrases.find(bytes, begin, words, |bit, from| {
            let row = match bit.checked_sub(ROWS_MAX) {
                Some(gate) => self.patterns.enter(gate, bytes, from),
                None => Some(bit),
            };
            row.into_iter().for_each(&mut found);
        });
        self.patterns.finish(bytes, signs, found);
    }
}

/// Gathers the words of all rows; the bit of a row is its number.
#[derive(Default)]
pub(super) struct Compiler {
    rows: usize,
    phrases: Vec<(Vec<u8>, Meaning)>,
    patterns: PatternCompiler,
}

impl Compiler {
    /// Puts all of them into one finder.
    pub(super) fn build(self) -> Result<Finder, CannotCompile> {
        Ok(Finder {
            phrases: Phrases::new(self.phrases),
            patterns: self.patterns.build().map_err(CannotCompile)?,
        })
    }

    /// Takes in the words of the next row.
    pub(super) fn take(&mut self, row: &Row) -> Result<(), CannotCompile> {
        let bit = self.rows;
        self.rows += 1;
        for phrase in &row.phrases {
            let opens = phrase.starts_with('^');
            let prefix = phrase.ends_with('*');
            let text = phrase.trim_start_matches('^').trim_end_matches('*');
            let mut spellings = vec![text.to_owned()];
            if text.contains('\'') {
                spellings.push(text.replace('\'', "’"));
            }
            for spelling in spellings {
                let meaning = Meaning { bit, opens, prefix };
                self.phrases.push((spelling.into_bytes(), meaning));
            }
        }
        if let Some(pattern) = &row.pattern {
            self.patterns
                .add(bit, pattern, ROWS_MAX, &mut self.phrases)
                .map_err(CannotCompile)?;
        }
        Ok(())
    }
}

/// The patterns cannot be compiled together.
#[derive(Debug, thiserror::Error)]
#[error("the patterns are too many: {0}")]
pub(super) struct CannotCompile(String);
