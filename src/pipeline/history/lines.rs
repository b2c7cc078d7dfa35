//! Lines `id<TAB>text`, some at a time, however many there are.

use std::fmt;
use std::io;
use std::io::BufRead;

use crate::pipeline::history::HistoryError;

/// Longest line: a passage has some hundred bytes, and what is longer is no list of passages.
pub const LINE_BYTES_MAX: usize = 1 << 20;

/// Longest name of a passage in bytes.
const ID_BYTES_MAX: usize = 1_000;

/// Lines, as they come. Empty ones are passed over.
pub(super) struct Lines<R> {
    reader: R,
    /// Lines behind us.
    number: u64,
}

/// A line that holds what it should.
#[derive(Debug)]
pub(super) struct NamedText {
    pub(super) line: u64,
    pub(super) id: String,
    pub(super) text: String,
}

/// A line that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: LineProblem,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineProblem {
    /// It has one part.
    #[error("there is no tab between a name and a text; write id<TAB>text")]
    NoTab,
    /// Nothing stands before the tab.
    #[error("there is no name before the tab; write id<TAB>text")]
    NoName,
    /// The name is too long.
    #[error("the name before the tab has more than {ID_BYTES_MAX} bytes")]
    LongName,
    /// There is no word behind the tab.
    #[error("there are no words behind the tab; write id<TAB>text")]
    NoWords,
    /// Longer than [`LINE_BYTES_MAX`].
    #[error("longer than {} MiB: this is no passage", LINE_BYTES_MAX >> 20)]
    TooLong,
    /// Bytes in another encoding.
    #[error("not UTF-8; save the file as such")]
    NotUtf8,
    /// Its name belongs to another text.
    #[error("this name belongs to another text already; that one stays")]
    NameTaken,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn of(reader: R) -> Self {
        Self { reader, number: 0 }
    }

    /// The next lines, so many or so many bytes of them at most; none at the end. Bad ones are told.
    pub(super) fn next_batch(
        &mut self,
        lines_max: usize,
        bytes_max: usize,
        tell: &mut impl FnMut(&BadLine),
    ) -> Result<Vec<NamedText>, HistoryError> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut line = Vec::new();
        while batch.len() < lines_max && bytes < bytes_max {
            line.clear();
            let whole = self.read_line(&mut line).map_err(HistoryError::Input)?;
            let Some(whole) = whole else {
                break;
            };
            self.number += 1;
            if self.number == 1 && line.starts_with(b"\xef\xbb\xbf") {
                line.drain(..3); // the mark that some editors put before UTF-8
            }
            let parsed = if whole {
                parse(&line)
            } else {
                Err(LineProblem::TooLong)
            };
            match parsed {
                Ok(None) => {}
                Ok(Some((id, text))) => {
                    bytes += line.len();
                    batch.push(NamedText {
                        line: self.number,
                        id: id.to_owned(),
                        text: text.to_owned(),
                    });
                }
                Err(problem) => tell(&BadLine {
                    line: self.number,
                    problem,
                }),
            }
        }
        Ok(batch)
    }

    /// Reads up to the next line end, and says whether the line was kept whole; none at the end of the input.
    fn read_line(&mut self, line: &mut Vec<u8>) -> io::Result<Option<bool>> {
        let (mut any, mut whole) = (false, true);
        loop {
            let there = match self.reader.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                other => other?,
            };
            if there.is_empty() {
                return Ok(any.then_some(whole));
            }
            any = true;
            let end = there.iter().position(|byte| *byte == b'\n');
            let piece = &there[..end.unwrap_or(there.len())];
            if line.len() + piece.len() > LINE_BYTES_MAX {
                whole = false;
                line.clear();
            } else if whole {
                line.extend_from_slice(piece);
            }
            let used = piece.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                return Ok(Some(whole));
            }
        }
    }
}

/// Name and text; nothing of an empty line.
fn parse(line: &[u8]) -> Result<Option<(&str, &str)>, LineProblem> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = std::str::from_utf8(line).map_err(|_| LineProblem::NotUtf8)?;
    if line.trim().is_empty() && !line.contains('\t') {
        return Ok(None);
    }
    let (id, text) = line.split_once('\t').ok_or(LineProblem::NoTab)?;
    let (id, text) = (id.trim(), text.trim());
    if id.is_empty() {
        return Err(LineProblem::NoName);
    }
    if id.len() > ID_BYTES_MAX {
        return Err(LineProblem::LongName);
    }
    if !text.contains(char::is_alphanumeric) {
        return Err(LineProblem::NoWords);
    }
    Ok(Some((id, text)))
}
