//! `rules`: a file of rules, tested, measured and fitted.

use crate::cli::Common;
use crate::cli::RulesCommand;
use crate::report::Exit;

mod check;

mod eval;

mod fit;

mod corpus_files;

mod table;

/// Does what a `rules` command says.
pub(super) fn obey(common: &Common, command: &RulesCommand) -> anyhow::Result<Exit> {
    match command {
        RulesCommand::Check { file } => check::check(common, file.as_deref()),
        RulesCommand::Eval(args) => eval::eval(common, args),
        RulesCommand::Fit(args) => fit::fit(common, args),
    }
}
