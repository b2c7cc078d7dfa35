//! The files of a corpus and of rules, from disk.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use anyhow::Context as _;

use crate::cli::entrance::WrongSettings;
use crate::cli::rules::text_of;
use crate::workbench::bench::Bench;
use crate::workbench::corpus::Corpus;
use crate::workbench::weights::RulesText;

/// Bytes of an episode: a talk of three hours is under 1 MiB.
const EPISODE_BYTES_MAX: u64 = 16 << 20;

/// Bytes of all golden passages: a hundred thousand are under 100 MiB.
const GOLD_BYTES_MAX: u64 = 256 << 20;

/// Episodes of a corpus: a bound on memory.
const EPISODES_MAX: usize = 10_000;

/// Reads a corpus: `episodes/*.json` and `gold.jsonl` in a folder.
pub(super) fn corpus(folder: &Path) -> anyhow::Result<Corpus> {
    let gold = text(&folder.join("gold.jsonl"), GOLD_BYTES_MAX)?;
    let below = folder.join("episodes");
    let listed = std::fs::read_dir(&below)
        .map_err(|error| wrong(format!("{}: cannot be listed: {error}", below.display())))?;
    let mut files: Vec<PathBuf> = Vec::new();
    for file in listed {
        let path = file
            .with_context(|| format!("{} cannot be listed", below.display()))?
            .path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    if files.len() > EPISODES_MAX {
        return Err(wrong(format!(
            "{}: more than {EPISODES_MAX} episodes",
            below.display()
        )));
    }
    files.sort();
    let mut episodes = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        episodes.push((format!("episodes/{name}"), text(&file, EPISODE_BYTES_MAX)?));
    }
    Corpus::read(&episodes, &gold).map_err(|error| wrong(error.to_string()))
}

/// Lays a corpus out.
pub(super) fn bench(corpus: &Corpus) -> anyhow::Result<Bench> {
    Bench::new(corpus).map_err(|error| wrong(error.to_string()))
}

/// The rules of a file over the built-in ones; without a file, those that come with the program.
pub(super) fn rules(file: Option<&Path>) -> anyhow::Result<RulesText> {
    let Some(file) = file else {
        return Ok(RulesText::built_in());
    };
    let read = RulesText::of_file(text_of(file)?);
    Ok(read.map_err(|error| WrongSettings::of(error.problems(), file))?)
}

fn text(file: &Path, bytes_max: u64) -> anyhow::Result<String> {
    let unreadable = |error| wrong(format!("{}: cannot be read: {error}", file.display()));
    let mut text = String::new();
    let opened = File::open(file).map_err(unreadable)?;
    opened
        .take(bytes_max + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > bytes_max {
        return Err(wrong(format!(
            "{}: larger than {} MiB",
            file.display(),
            bytes_max >> 20
        )));
    }
    Ok(text)
}

/// The person who typed the command can mend it.
fn wrong(problem: String) -> anyhow::Error {
    WrongSettings(problem).into()
}
