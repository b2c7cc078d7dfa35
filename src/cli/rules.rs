//! `rules`: a file of rules, tested.

use crate::cli::Common;
use crate::cli::RulesCommand;
use crate::report::Exit;

mod check;

/// Does what a `rules` command says.
pub(super) fn obey(common: &Common, command: &RulesCommand) -> anyhow::Result<Exit> {
    match command {
        RulesCommand::Check { file } => check::check(common, file.as_deref()),
    }
}
