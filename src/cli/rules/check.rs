//! `rules check`: every mistake of a file of rules, with its line.

use std::path::Path;

use serde::Serialize;

use crate::cli::Common;
use crate::cli::breakdown::on_a_worker;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::rules::text_of;
use crate::cli::tell::counted;
use crate::report::Exit;
use crate::stages::find_insights::Rules;
use crate::stages::find_insights::RulesError;

/// Tells the mistakes of a file, or of the rules that come with the program.
pub(super) fn check(common: &Common, file: Option<&Path>) -> anyhow::Result<Exit> {
    let name = file.map_or_else(
        || "rules.toml".to_owned(),
        |file| file.display().to_string(),
    );
    let toml = file.map(text_of).transpose()?;
    let checked = on_a_worker(|| match &toml {
        Some(toml) => Rules::check(toml),
        None => Rules::check_built_in(),
    })?;
    let exit = match &checked {
        Ok(_) => Exit::Done,
        Err(_) => Exit::Settings,
    };
    if common.json {
        print_json(&Checked::of(&name, &checked))?;
        return Ok(exit);
    }
    match checked {
        Err(error) => {
            let problems = error.problems();
            print(&format!(
                "{}\n{}",
                problems.named(&name),
                counted(problems.as_slice().len(), "thing to mend", "things to mend"),
            ))?;
        }
        Ok(rules) if !common.quiet => {
            let [rule, refuse, topic] = rules.counts();
            let whose = match file {
                Some(_) => "with the built-in ones that it keeps",
                None => "all of them built in",
            };
            print(&format!(
                "{name}: no mistakes; {}, {} and {}, {whose}.",
                counted(rule, "rule", "rules"),
                counted(refuse, "refusal", "refusals"),
                counted(topic, "topic", "topics"),
            ))?;
        }
        Ok(_) => {}
    }
    Ok(exit)
}

/// What came of it, as JSON.
#[derive(Serialize)]
struct Checked<'a> {
    file: &'a str,
    /// What the file and the built-in rows come to together; absent where there are mistakes.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
    mistakes: Vec<Mistake<'a>>,
}

/// How many rows are in force.
#[derive(Serialize)]
struct Counts {
    rule: usize,
    refuse: usize,
    topic: usize,
}

#[derive(Serialize)]
struct Mistake<'a> {
    line: Option<usize>,
    problem: &'a str,
}

impl<'a> Checked<'a> {
    fn of(file: &'a str, checked: &'a Result<Rules, RulesError>) -> Self {
        let (counts, mistakes) = match checked {
            Ok(rules) => {
                let [rule, refuse, topic] = rules.counts();
                let counts = Counts {
                    rule,
                    refuse,
                    topic,
                };
                (Some(counts), Vec::new())
            }
            Err(error) => {
                let mistakes = error.problems().as_slice().iter().map(|problem| Mistake {
                    line: problem.line,
                    problem: &problem.text,
                });
                (None, mistakes.collect())
            }
        };
        Self {
            file,
            counts,
            mistakes,
        }
    }
}
