//! What is wrong with the file, in the order of its lines.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use toml::Spanned;
use toml::de::DeTable;

use crate::settings::shape::Shape;

/// Everything that is wrong with a file that an operator wrote, told at once and sorted by line; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

/// One thing that is wrong, and what to write instead. It repeats no address and no secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line in the file, from 1; `None` where the problem is of the whole file.
    pub line: Option<usize>,
    /// One sentence without a full stop.
    pub text: String,
}

/// Problems with the name of the file before each line.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    problems: &'a Problems,
    file_name: &'a str,
}

impl Problems {
    /// The one problem that hides all others.
    pub(crate) fn of_the_file(text: String) -> Self {
        Self(vec![Problem { line: None, text }])
    }

    /// The problems, first line first.
    pub fn as_slice(&self) -> &[Problem] {
        &self.0
    }

    /// The same with the file's name: `sources.toml:14: "A Show": feed is not a URL; …`, one to a line.
    pub fn named<'a>(&'a self, file_name: &'a str) -> Named<'a> {
        Named {
            problems: self,
            file_name,
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, problem) in self.0.iter().enumerate() {
            let gap = if nth == 0 { "" } else { "\n" };
            match problem.line {
                Some(line) => write!(f, "{gap}line {line}: {}", problem.text)?,
                None => write!(f, "{gap}{}", problem.text)?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, problem) in self.problems.0.iter().enumerate() {
            let gap = if nth == 0 { "" } else { "\n" };
            match problem.line {
                Some(line) => write!(f, "{gap}{}:{line}: {}", self.file_name, problem.text)?,
                None => write!(f, "{gap}{}: {}", self.file_name, problem.text)?,
            }
        }
        Ok(())
    }
}

/// Where problems are written down while the file is read.
pub(crate) struct Notebook<'a> {
    text: &'a str,
    tables: &'static [&'static Shape],
    line_starts: Vec<usize>,
    problems: RefCell<Vec<Problem>>,
    broken_lines: BTreeSet<usize>,
}

impl<'a> Notebook<'a> {
    /// Opens a notebook on the text of a file that may have these `tables`, with what of the text is TOML.
    pub(crate) fn open(
        text: &'a str,
        tables: &'static [&'static Shape],
    ) -> (Self, Spanned<DeTable<'a>>) {
        let line_starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        let mut notebook = Self {
            text,
            tables,
            line_starts,
            problems: RefCell::new(Vec::new()),
            broken_lines: BTreeSet::new(),
        };
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            notebook.broken(at.min(text.len()), error.message());
        }
        (notebook, document)
    }

    /// The tables that the file may have.
    pub(crate) fn tables(&self) -> &'static [&'static Shape] {
        self.tables
    }

    /// Whether the text is TOML from end to end.
    pub(crate) fn is_toml(&self) -> bool {
        self.broken_lines.is_empty()
    }

    /// Writes down what is wrong with what stands on a line.
    pub(crate) fn wrong_on_line(&self, line: usize, text: String) {
        self.note(Some(line), text);
    }

    /// The line (from 1) on which the byte `at` stands.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    /// Writes down that the text around the byte `at` is not TOML.
    fn broken(&mut self, at: usize, what: &str) {
        let line = self.line(at);
        let start = self.line_starts[line - 1];
        let column = self
            .text
            .get(start..at)
            .map_or(1, |before| before.chars().count() + 1);
        let what = match what {
            "duplicate key" => "the same key stands above; leave one of the two out",
            what => what,
        };
        // one broken place often gives several messages; the first says it best
        if self.broken_lines.insert(line) {
            self.note(Some(line), format!("not TOML at column {column}: {what}"));
        }
    }

    /// Writes down what is wrong with something that stands in the file.
    pub(crate) fn wrong(&self, at: usize, text: String) {
        let line = self.line(at);
        // what is left of a broken line says nothing about what was meant
        if !self.broken_lines.contains(&line) {
            self.note(Some(line), text);
        }
    }

    /// Writes down that something is missing or stands in the wrong table; where a header could not be read that says
    /// nothing, so only a file that is TOML from end to end shows it.
    pub(crate) fn doubtful(&self, at: Option<usize>, text: String) {
        if self.broken_lines.is_empty() {
            self.note(at.map(|at| self.line(at)), text);
        }
    }

    /// All that was written down, or nothing.
    pub(crate) fn close(self) -> Result<(), Problems> {
        let mut problems = self.problems.into_inner();
        if problems.is_empty() {
            return Ok(());
        }
        // stable: what was found first on a line stays first
        problems.sort_by_key(|problem| problem.line);
        Err(Problems(problems))
    }

    fn note(&self, line: Option<usize>, text: String) {
        self.problems.borrow_mut().push(Problem { line, text });
    }
}
