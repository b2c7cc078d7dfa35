//! `rules check`: every mistake of a file of rules, with its line.

use std::path::Path;

use anyhow::Context as _;

use crate::cli::Common;
use crate::cli::breakdown::on_a_worker;
use crate::cli::output::print;
use crate::cli::tell::counted;
use crate::report::Exit;
use crate::stages::find_insights::Rules;

/// Tells the mistakes of a file, or of the rules that come with the program.
pub(super) fn check(common: &Common, file: Option<&Path>) -> anyhow::Result<Exit> {
    let own = match file {
        Some(file) => {
            let toml = std::fs::read_to_string(file)
                .with_context(|| format!("{} cannot be read", file.display()))?;
            Some(Rules::parse(&toml)?)
        }
        None => None,
    };
    let rules = own.as_ref().unwrap_or_else(|| Rules::built_in());
    let mistakes = on_a_worker(|| rules.mistakes())?;
    for mistake in &mistakes {
        print(&format!(
            "{}: \"{}\": {}",
            mistake.line, mistake.row, mistake.problem
        ))?;
    }
    if !mistakes.is_empty() {
        return Ok(Exit::Settings);
    }
    if !common.quiet {
        print(&counted(rules.weights().count(), "rule", "rules"))?;
    }
    Ok(Exit::Done)
}
