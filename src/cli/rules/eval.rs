//! `rules eval`: how well the rules find what people picked, beside ways that know nothing.

use std::fs::File;
use std::io::BufWriter;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::cli::Common;
use crate::cli::EvalArgs;
use crate::cli::breakdown::on_a_worker;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::rules::corpus_files::bench;
use crate::cli::rules::corpus_files::corpus;
use crate::cli::rules::corpus_files::rules;
use crate::cli::rules::table;
use crate::report::Exit;
use crate::workbench::baselines::Baseline;
use crate::workbench::bench::Bench;
use crate::workbench::bench::Judged;
use crate::workbench::fitting::FitOptions;
use crate::workbench::fitting::FittedRows;
use crate::workbench::fitting::Labelled;
use crate::workbench::fitting::cross_validated;
use crate::workbench::ranking::Ranking;

/// Measures the rules on a corpus.
pub(super) fn eval(common: &Common, args: &EvalArgs) -> anyhow::Result<Exit> {
    let rules = rules(args.rules.as_deref())?;
    let corpus = corpus(&args.corpus)?;
    let rankings = on_a_worker(|| {
        let bench = bench(&corpus)?;
        let surveys = bench.surveys(rules.rules());
        let mut rankings = vec![bench.found_by("rules", rules.rules())];
        if let Some(folds) = args.folds {
            let options = FitOptions {
                rows: FittedRows::All,
                ..FitOptions::default()
            };
            let labelled = Labelled::new(&bench, &surveys, &options);
            rankings.push(cross_validated(
                &bench,
                &labelled,
                &rules,
                usize::from(folds),
                &options,
            )?);
        }
        if let Some(file) = &args.predictions
            && let Some(ranking) = rankings.last()
        {
            write_predictions(file, &bench, ranking)
                .with_context(|| format!("{} cannot be written", file.display()))?;
        }
        for baseline in Baseline::ALL {
            rankings.push(bench.picked_by(baseline, &surveys));
        }
        let ways: Vec<Judged> = rankings
            .iter()
            .map(|ranking| bench.judge(ranking))
            .collect();
        anyhow::Ok(ways)
    });
    let told = Told {
        episodes: corpus.episodes(),
        passages: corpus.passages(),
        rules_sha256: rules.rules().sha256(),
        ways: rankings??,
    };
    if common.json {
        print_json(&told)?;
    } else if !common.quiet {
        print(&format!(
            "{} episodes, of which people picked {} passages\n\n{}",
            told.episodes,
            told.passages,
            table::judged(&told.ways)
        ))?;
    }
    Ok(Exit::Done)
}

/// What is told as JSON.
#[derive(Serialize)]
struct Told<'a> {
    episodes: usize,
    passages: usize,
    rules_sha256: &'a str,
    ways: Vec<Judged>,
}

/// One pick as a line of JSON.
#[derive(Serialize)]
struct Prediction<'a> {
    episode: &'a str,
    rank: usize,
    text: &'a str,
    start: Option<f64>,
    headline: Option<&'a str>,
}

fn write_predictions(file: &Path, bench: &Bench, ranking: &Ranking) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    for (episode, picks) in bench.slugs().zip(&ranking.picks) {
        for (nth, pick) in picks.iter().enumerate() {
            let line = Prediction {
                episode,
                rank: nth + 1,
                text: &pick.text,
                start: pick.start_seconds,
                headline: pick.headline.as_deref(),
            };
            serde_json::to_writer(&mut out, &line)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(())
}
