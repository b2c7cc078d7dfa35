//! `explain FILE --find`: why the words that somebody misses are in no candidate.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::cli::Common;
use crate::cli::ExplainArgs;
use crate::cli::extract::look_into;
use crate::cli::output::print;
use crate::cli::tell;
use crate::cli::tell::ordinal;
use crate::report::Exit;
use crate::stages::find_insights::Context;
use crate::stages::find_insights::Fate;
use crate::stages::find_insights::Obstacle;
use crate::stages::find_insights::PASSAGE_WORDS_MAX;
use crate::stages::find_insights::PASSAGE_WORDS_MIN;
use crate::stages::find_insights::Rules;
use crate::stages::find_insights::Sought;
use crate::stages::find_insights::why_not;

/// Says of each sentence that has the words what became of it.
pub(super) fn explain(
    common: &Common,
    args: &ExplainArgs,
    (file, words): (&Path, &str),
    rules: &Rules,
) -> anyhow::Result<Exit> {
    let sought = look_into(file, args.kind, |document| {
        why_not(document, &Context::default(), rules, words)
    })?;
    let mut out = String::new();
    for sought in &sought {
        if common.json {
            let _ = writeln!(out, "{}", as_json(sought, rules));
        } else {
            out += &as_text(sought, rules);
        }
    }
    if sought.is_empty() && !common.json {
        out += "These words do not stand in it; try fewer of them, as they were said.\n";
    }
    if (common.json || !common.quiet) && !out.is_empty() {
        print(&out)?;
    }
    Ok(Exit::Done)
}

fn as_json(sought: &Sought, rules: &Rules) -> serde_json::Value {
    let rank = match sought.fate {
        Fate::Candidate { rank } | Fate::Overlapped { rank } => Some(rank),
        _ => None,
    };
    json!({
        "sentence": sought.sentence, "speaker": sought.speaker, "start_seconds": sought.start_seconds,
        "is_candidate": matches!(sought.fate, Fate::Candidate { .. }), "verdict": verdict(&sought.fate, rules),
        "rank": rank, "passage": sought.passage,
    })
}

fn as_text(sought: &Sought, rules: &Rules) -> String {
    let mut out = tell::quoted(&sought.sentence);
    let mut place: Vec<String> = sought.speaker.iter().cloned().collect();
    place.extend(sought.start_seconds.map(tell::clock));
    if !place.is_empty() {
        out += &tell::attribution(&place);
    }
    let mark = match sought.fate {
        Fate::Candidate { .. } => "    ✓ ",
        _ => "    ✗ ",
    };
    out += &tell::hanging(mark, &verdict(&sought.fate, rules));
    if let Some(passage) = &sought.passage {
        out.push_str(match sought.fate {
            Fate::Candidate { .. } => "\n",
            _ => "\n      The best passage with it:\n\n",
        });
        out += &tell::hanging("    ", &passage.headline);
        out += &tell::quoted(&passage.text);
        out.push('\n');
        out += &tell::reasons(&passage.reasons, rules);
        let _ = writeln!(out, "    {:>6.2}  points", passage.score);
    }
    out.push_str("\n\n");
    out
}

/// What became of a sentence, as a sentence.
fn verdict(fate: &Fate, rules: &Rules) -> String {
    match fate {
        Fate::Candidate { rank } => {
            format!("stands in the {} candidate of the document", ordinal(*rank))
        }
        Fate::Refused { rule, because_of } => {
            let why = rules.why(rule).unwrap_or_default();
            let place = because_of.as_ref().map_or_else(String::new, |other| {
                format!(" What it looks for stands close by: “{other}”")
            });
            format!("refused by the rule {rule}: {why}{place}")
        }
        Fate::NotTheAuthors => "a heading, or quoted from somebody else".to_owned(),
        Fate::PassingVoice => "its voice is heard too shortly to be a guest's".to_owned(),
        Fate::Question => "a question".to_owned(),
        Fate::Noise => "has a link or code in it, or words that could not be heard".to_owned(),
        Fate::NotTheTalk => {
            "belongs to an introduction, a teaser or something else that is never quoted".to_owned()
        }
        Fate::NoPassage(obstacles) => {
            let told: Vec<String> = obstacles.iter().copied().map(obstacle).collect();
            format!(
                "no passage can be cut that has it: alone or with what stands around it, it would {}",
                told.join(", or ")
            )
        }
        Fate::NoHeadline => "no passage with it has a claim that makes a clean headline".to_owned(),
        Fate::TooFewPoints => "as much speaks against it as for it, or more".to_owned(),
        Fate::Overlapped { rank } => format!(
            "a better passage shares a sentence with it, the {} candidate of the document",
            ordinal(*rank)
        ),
        Fate::Outdone => "the document has as many better ones as are kept".to_owned(),
    }
}

/// What a passage would do that cannot be cut, to follow "would".
fn obstacle(obstacle: Obstacle) -> String {
    let (least, most) = (PASSAGE_WORDS_MIN, PASSAGE_WORDS_MAX);
    let text = match obstacle {
        Obstacle::OpensCut => "open in mid-sentence",
        Obstacle::EndsCut => "end in mid-sentence",
        Obstacle::LeadsIn => "open with a sentence that only leads in",
        Obstacle::TooShort => return format!("be shorter than {least} words"),
        Obstacle::TooLong => return format!("be longer than {most} words"),
        Obstacle::Neighbour => "take in a sentence that must not be quoted",
        Obstacle::TwoVoices => "have two voices",
    };
    text.to_owned()
}
