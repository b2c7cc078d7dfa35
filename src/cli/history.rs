//! `history`: what was found and sent, searched, measured, pruned, carried away and taken over.

use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::HistoryCommand;
use crate::report::Exit;

mod carry;

mod memory;

mod prune;

mod search;

mod stats;

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
