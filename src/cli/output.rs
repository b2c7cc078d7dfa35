//! Standard output and standard error, to which a reader may have stopped listening.

use std::io;
use std::io::Write as _;

use anyhow::Context as _;
use serde::Serialize;

/// Writes a text and a line end. A pipe whose reader has gone (`| head`) is no error: there is nobody left to tell.
pub(super) fn print(text: &str) -> anyhow::Result<()> {
    write(&harmless(text))
}

/// Writes a value as one line of JSON.
pub(super) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    write(&serde_json::to_string(value)?)
}

/// Tells on standard error what went wrong, or what a person waits for. Where that is closed nobody is left to tell.
pub(super) fn say(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{}", harmless(text));
}

fn write(text: &str) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("standard output cannot be written"),
    }
}

/// Titles and answers of servers come from outside, and a terminal obeys control characters.
fn harmless(text: &str) -> String {
    text.chars()
        .filter(|character| matches!(character, '\n' | '\t') || !character.is_control())
        .collect()
}
