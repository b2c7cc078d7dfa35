//! `rules fit`: the weights that fit what people picked, written into a file of rules.

use std::fmt::Write as _;

use anyhow::Context as _;
use serde::Serialize;

use crate::cli::Common;
use crate::cli::FitArgs;
use crate::cli::breakdown::on_a_worker;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::rules::corpus_files::bench;
use crate::cli::rules::corpus_files::corpus;
use crate::cli::rules::corpus_files::rules;
use crate::cli::rules::table;
use crate::report::Exit;
use crate::workbench::bench::Judged;
use crate::workbench::fitting::FitOptions;
use crate::workbench::fitting::Fitted;
use crate::workbench::fitting::Kept;
use crate::workbench::fitting::Labelled;
use crate::workbench::fitting::cross_validated;
use crate::workbench::fitting::refitted;

/// Columns of a rule's name.
const RULE: usize = 26;

/// Fits the weights to a corpus and writes them into a file.
pub(super) fn fit(common: &Common, args: &FitArgs) -> anyhow::Result<Exit> {
    let file = args.rules.as_deref();
    let before = rules(file)?;
    let out = args
        .out
        .as_deref()
        .or(file)
        .context("name a file with --rules or --out")?;
    let corpus = corpus(&args.corpus)?;
    let worked = on_a_worker(|| {
        let options = FitOptions::default();
        let bench = bench(&corpus)?;
        let labelled = Labelled::new(&bench, &bench.surveys(before.rules()), &options);
        let fitted = labelled.fit(&before, &options)?;
        let after = refitted(&before, &fitted)?;
        let folds = usize::from(args.folds);
        let rankings = [
            bench.found_by("before", before.rules()),
            cross_validated(&bench, &labelled, &before, folds, &options)?,
            bench.found_by("after, in hindsight", after.rules()),
        ];
        let ways: Vec<Judged> = rankings
            .iter()
            .map(|ranking| bench.judge(ranking))
            .collect();
        anyhow::Ok((fitted, after, ways))
    });
    let (fitted, after, ways) = worked??;
    std::fs::write(out, after.toml())
        .with_context(|| format!("{} cannot be written", out.display()))?;
    if common.json {
        print_json(&Told {
            rules: &fitted,
            ways: &ways,
        })?;
    } else if !common.quiet {
        print(&format!(
            "{}\n{}\n\
             The figures to believe are those over the folds: there no episode is scored by weights that were fitted on it.\n\
             The weights are in {}.",
            changes(&fitted),
            table::judged(&ways),
            out.display()
        ))?;
    }
    Ok(Exit::Done)
}

/// What is told as JSON.
#[derive(Serialize)]
struct Told<'a> {
    rules: &'a [Fitted],
    ways: &'a [Judged],
}

/// The weight of each rule before and after, in file order.
fn changes(fitted: &[Fitted]) -> String {
    let mut out = format!("{:RULE$}  before   after  fires on  of which hit\n", "rule");
    for row in fitted {
        let share = match row.fires {
            0 => "-".to_owned(),
            fires => format!("{:.1} %", percent(row.hits, fires)),
        };
        let kept = match row.kept {
            None => "",
            Some(Kept::AsTheFileSays) => "  kept, as the file says",
            Some(Kept::NotInTheFile) => "  kept: built in, and not in the file",
            Some(Kept::FiresTooSeldom) => "  kept: it fires too seldom to tell",
        };
        let _ = writeln!(
            out,
            "{:<RULE$}  {:+6.2}  {:+6.2}  {:8}  {share:>12}{kept}",
            row.rule, row.before, row.after, row.fires
        );
    }
    out
}

fn percent(part: usize, whole: usize) -> f64 {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    100.0 * count(part) / count(whole)
}
