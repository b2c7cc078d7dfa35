//! `rules`, and a file of rules read for whoever needs it.

use std::fs::File;
use std::io::ErrorKind;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use crate::cli::Common;
use crate::cli::RulesCommand;
use crate::cli::entrance::WrongSettings;
use crate::report::Exit;
use crate::stages::find_insights::RULES_BYTES_MAX;
use crate::stages::find_insights::Rules;

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

/// The rules of an operator's file over the built-in ones; every mistake is told at once.
pub(super) fn read(file: &Path) -> anyhow::Result<Arc<Rules>> {
    let toml = text_of(file)?;
    let rules = Rules::with(&toml).map_err(|error| WrongSettings::of(error.problems(), file))?;
    Ok(Arc::new(rules))
}

/// The text of a file of rules.
fn text_of(file: &Path) -> Result<String, WrongSettings> {
    let mut toml = String::new();
    let read = File::open(file).and_then(|file| {
        // a byte too many is enough to know that it is too long
        let bytes_max = RULES_BYTES_MAX as u64 + 1;
        file.take(bytes_max).read_to_string(&mut toml)
    });
    match read {
        Ok(_) => Ok(toml),
        Err(error) => {
            let name = file.display();
            Err(WrongSettings(match error.kind() {
                ErrorKind::NotFound => format!(
                    "{name}: there is no such file of rules; correct the path, or do without for the built-in rules"
                ),
                ErrorKind::InvalidData => {
                    format!("{name}: this is not a text in UTF-8; save it as one")
                }
                _ => format!("{name}: cannot be read: {error}"),
            }))
        }
    }
}
