//! `history add` and `history check`: what counts as told, added to and asked from outside.

use std::fmt::Write as _;
use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use crate::cli::Common;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::output::say;
use crate::outside::store::Store;
use crate::pipeline::history;
use crate::pipeline::history::Added;
use crate::pipeline::history::BadLine;
use crate::pipeline::history::Checked;
use crate::report::Exit;

/// Bad lines that are told in full.
const BAD_LINES_SHOWN: u64 = 10;

/// Takes the passages of a file into memory.
pub(super) fn add(common: &Common, file: &Path) -> anyhow::Result<Exit> {
    let (called, lines) = open(file)?;
    let mut store = Store::open(&common.store_path()?)?;
    let mut bad_lines = BadLines::of(&called);
    let added = history::add(&mut store, lines, |bad| bad_lines.tell(bad))
        .with_context(|| called.clone())?;
    let Added {
        new,
        already,
        bad_lines: bad,
    } = added;
    if common.json {
        print_json(&json!({ "new": new, "already": already, "bad_lines": bad }))?;
    } else if !common.quiet {
        let mut sentence = format!("{new} added");
        if already > 0 {
            let _ = write!(sentence, ", {already} known already");
        }
        if bad > 0 {
            let _ = write!(sentence, ", {bad} left out");
        }
        print(&format!("{sentence}."))?;
    }
    Ok(bad_lines.end(bad))
}

/// Says of each passage of a file whether it was told.
pub(super) fn check(common: &Common, file: &Path) -> anyhow::Result<Exit> {
    let (called, lines) = open(file)?;
    let store = Store::open(&common.store_path()?)?;
    let mut bad_lines = BadLines::of(&called);
    let answer = |checked: Vec<Checked>| {
        let told: Vec<String> = checked
            .iter()
            .map(|checked| in_words(common, checked))
            .collect();
        if common.quiet && !common.json {
            return Ok(());
        }
        print(&told.join("\n")).map_err(io::Error::other)
    };
    let bad = history::check(&store, lines, |bad| bad_lines.tell(bad), answer)
        .with_context(|| called.clone())?;
    Ok(bad_lines.end(bad))
}

fn in_words(common: &Common, Checked { id, original }: &Checked) -> String {
    let outcome = if original.is_some() {
        "repeat"
    } else {
        "fresh"
    };
    if common.json {
        json!({ "id": id, "outcome": outcome, "original": original }).to_string()
    } else {
        let original = original
            .as_ref()
            .map_or_else(String::new, |id| format!("\t{id}"));
        format!("{id}\t{outcome}{original}")
    }
}

/// Tells bad lines by their number; not what they hold, which may be anything.
struct BadLines<'a> {
    called: &'a str,
    told: u64,
}

impl<'a> BadLines<'a> {
    fn of(called: &'a str) -> Self {
        Self { called, told: 0 }
    }

    fn tell(&mut self, bad: &BadLine) {
        if self.told < BAD_LINES_SHOWN {
            say(&format!(
                "takefive: {}:{}: {}",
                self.called, bad.line, bad.problem
            ));
        }
        self.told += 1;
    }

    fn end(&self, count: u64) -> Exit {
        if count > BAD_LINES_SHOWN {
            let more = count - BAD_LINES_SHOWN;
            say(&format!("takefive: {}: and {more} lines more", self.called));
        }
        if count == 0 {
            Exit::Done
        } else {
            Exit::Settings
        }
    }
}

/// What the file is called, and its lines.
fn open(file: &Path) -> anyhow::Result<(String, Box<dyn BufRead>)> {
    if file == Path::new("-") {
        return Ok(("standard input".to_owned(), Box::new(io::stdin().lock())));
    }
    let called = file.display().to_string();
    let opened = File::open(file).with_context(|| format!("{called} cannot be read"))?;
    Ok((called, Box::new(BufReader::new(opened))))
}
