//! `history`: what was found and sent, searched, measured, pruned, carried away and taken over.

use std::path::PathBuf;

use clap::Subcommand;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::span;
use crate::report::Exit;

mod carry;

mod memory;

mod prune;

mod search;

mod stats;

/// `history …`
#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// Take passages into memory as told: they are never chosen again, nor is what says the same
    ///
    /// Each line of the file is a name, a tab and the text of the passage. Lines of any number are read;
    /// empty ones are passed over. A name that memory knows with the same text changes nothing; with
    /// another text it is left out, as are lines without a tab, a name or a word, and the exit code is 2
    /// then. Each fifty thousand lines are written down together, so that after a crash the same file
    /// can be added once more.
    #[command(verbatim_doc_comment)]
    Add {
        /// The lines, or - for standard input
        file: PathBuf,
    },
    /// Say of each passage of a file whether it was told before; take nothing into memory
    ///
    /// The lines are those of `history add`. For each, in their order, stands one on standard output:
    ///   `id<TAB>fresh`
    ///   `id<TAB>repeat<TAB>id-of-the-original`
    /// The original is what memory has; an insight of an edition is called by its day and place, such
    /// as 2026-03-01#2. What memory does not know may be a repeat of an earlier line of the same file.
    #[command(verbatim_doc_comment)]
    Check {
        /// The lines, or - for standard input
        file: PathBuf,
    },
    /// Find passages by their words, in any form that has the same stem; sent or not, best first
    Search {
        /// The words, all of which a passage must have
        #[arg(required = true, value_name = "WORDS")]
        words: Vec<String>,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 10)]
        top: usize,
    },
    /// Count what is kept, and how much room it takes
    Stats,
    /// Let documents go that were read longer ago, and give their room back to the disk
    ///
    /// What editions cite stays for good, word for word, and so does everything that was sent. What was
    /// found in these documents and not sent goes with them. Replays need the documents.
    #[command(verbatim_doc_comment)]
    Prune {
        /// What is younger stays, such as "90 days"; `[store] keep_documents` if absent
        #[arg(long, value_name = "SPAN", value_parser = span)]
        keep: Option<SignedDuration>,
    },
    /// Write all editions as JSON Lines, with receipts; nothing in it is about readers
    Export {
        /// The file, or - for standard output
        file: PathBuf,
    },
    /// Take over the editions of another store, so that nothing of them is told again
    ///
    /// All of them or none: a line that is wrong, or contradicts what is here, is told with its number. The
    /// same file again changes nothing. Editions that were taken over are never mailed from here.
    #[command(verbatim_doc_comment)]
    Import {
        /// The file, or - for standard input
        file: PathBuf,
    },
}

/// Does what a `history` command says.
pub(super) fn obey(
    common: &Common,
    command: &HistoryCommand,
    now: Timestamp,
) -> anyhow::Result<Exit> {
    match command {
        HistoryCommand::Add { file } => memory::add(common, file),
        HistoryCommand::Check { file } => memory::check(common, file),
        HistoryCommand::Search { words, top } => search::search(common, &words.join(" "), *top),
        HistoryCommand::Stats => stats::stats(common),
        HistoryCommand::Prune { keep } => prune::prune(common, *keep, now),
        HistoryCommand::Export { file } => carry::export(common, file),
        HistoryCommand::Import { file } => carry::import(common, file),
    }
}
