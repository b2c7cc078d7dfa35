//! Figures as tables for people.

use std::fmt::Write as _;

use crate::workbench::bench::Judged;
use crate::workbench::scores::Level;

/// Columns of a way's name.
const WAY: usize = 20;

/// Scores of several ways at each level, and below them what their top fives are like.
pub(super) fn judged(ways: &[Judged]) -> String {
    let mut out = String::new();
    for level in Level::ALL {
        let rows: Vec<_> = ways
            .iter()
            .filter_map(|way| Some((way, way.scores.iter().find(|row| row.level == level)?)))
            .collect();
        let Some((_, first)) = rows.first() else {
            continue;
        };
        let what = match level {
            Level::Any => "picked by anyone",
            Level::Strong => "picked by several, or by editors",
            Level::Human => "picked by editors",
        };
        let _ = writeln!(
            out,
            "{what}: {} episodes\n{:WAY$}    P@5   95 % interval   hit@5  nDCG@10    MRR  words",
            first.episodes, ""
        );
        for (way, row) in rows {
            let _ = writeln!(
                out,
                "{:<WAY$}  {:5.3}  [{:5.3}, {:5.3}]  {:6.3}  {:7.3}  {:5.3}  {:5.1}",
                way.way,
                row.precision_at_5,
                row.interval.0,
                row.interval.1,
                row.hit_at_5,
                row.ndcg_at_10,
                row.mrr,
                row.mean_words,
            );
        }
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "the top fives\n{:WAY$}  passages  with \"?\"  open on it, this …  over 90 words  verbatim  headline",
        ""
    );
    for way in ways {
        let guards = &way.guards;
        let headlines = guards
            .sound_headlines
            .map_or_else(|| "-".to_owned(), percent);
        let _ = writeln!(
            out,
            "{:<WAY$}  {:8}  {:>8}  {:>17}  {:13}  {:>8}  {headlines:>8}",
            way.way,
            guards.passages,
            percent(guards.questions),
            percent(guards.pointing_openings),
            guards.over_90_words,
            percent(guards.verbatim),
        );
    }
    out
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
