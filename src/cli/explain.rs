//! `explain`: why a passage did or did not make the five, rule by rule.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::cli::Common;
use crate::cli::ExplainArgs;
use crate::cli::extract::candidates_of;
use crate::cli::output::print;
use crate::cli::tell;
use crate::cli::tell::ordinal;
use crate::model::Candidate;
use crate::model::Digest;
use crate::model::EntryId;
use crate::model::Insight;
use crate::model::Recalled;
use crate::model::Shelved;
use crate::outside::store::Store;
use crate::pipeline::Considered;
use crate::pipeline::Day;
use crate::pipeline::consider;
use crate::report::Exit;
use crate::settings::DigestSettings;
use crate::stages::compare_thoughts::Teller;
use crate::stages::compare_thoughts::Told;
use crate::stages::compare_thoughts::converge;
use crate::stages::drop_repeats::Original;
use crate::stages::drop_repeats::drop_repeats;
use crate::stages::find_insights::Rules;
use crate::stages::pick_top::Lacking;
use crate::stages::pick_top::Occasion;
use crate::stages::pick_top::Placed;
use crate::stages::pick_top::Why;
use crate::stages::pick_top::pick_top;

mod absent;

/// Explains a document, or the shelf of a day.
pub(super) fn explain(common: &Common, args: &ExplainArgs, now: Timestamp) -> anyhow::Result<Exit> {
    let rules = match &args.file {
        Some(_) => common.rules_for_document(args.rules.as_deref())?,
        None => common.rules(&common.settings()?)?,
    };
    if let (Some(file), Some(words)) = (&args.file, &args.find) {
        return absent::explain(common, args, (file, words), &rules);
    }
    let cases = match &args.file {
        Some(file) => of_document(common, candidates_of(file, args.kind, &rules)?)?,
        None => of_day(common, args, now)?,
    };
    let sought = |case: &&Case| {
        let words = args.find.as_deref().unwrap_or_default();
        plain(&case.candidate.text).contains(&plain(words))
    };
    let mut out = String::new();
    let mut shown = 0;
    for case in cases.iter().filter(sought).take(args.top) {
        shown += 1;
        if common.json {
            let _ = writeln!(out, "{}", case.as_json(&rules));
        } else {
            out += &case.as_text(&rules);
        }
    }
    if !common.json {
        out += &ending(args, &cases, shown);
    }
    if (common.json || !common.quiet) && !out.is_empty() {
        print(&out)?;
    }
    Ok(Exit::Done)
}

/// What is said below the cases, where something is.
fn ending(args: &ExplainArgs, cases: &[Case], shown: usize) -> String {
    let (all, top) = (cases.len(), args.top);
    match (&args.file, &args.find) {
        (Some(_), _) if all == 0 => "No passage in it reads like an insight.\n".to_owned(),
        (None, _) if all == 0 => {
            "No candidate of that day is on the shelf; `takefive gather` puts them there.\n"
                .to_owned()
        }
        (_, Some(_)) if shown == 0 => format!(
            "None of the {all} candidates has these words. To see why, give the transcript or the page, too:\n\
             takefive explain FILE --find \"…\"\n"
        ),
        (_, None) if all > top => {
            format!("{top} of {all} candidates; --top {all} shows them all.\n")
        }
        _ => String::new(),
    }
}

/// The verdict on what is sent.
const IN_THE_FIVE: &str = "in the five";

/// The verdict on what was found too late.
const CAME_LATER: &str = "came after the five had been chosen";

/// A candidate and what became of it.
struct Case {
    candidate: Candidate,
    entry: EntryId,
    /// The source and the entry, where a day is explained.
    origin: Option<String>,
    chosen: bool,
    verdict: String,
    /// What would have put it in, where points would.
    lacking: Option<Missing>,
    /// Who else says it and what is related to it, a line each.
    company: Vec<String>,
    /// Whether a machine heard the words.
    machine_heard: bool,
    /// Its rank among all, and how many those are.
    rank: (usize, usize),
    /// Its rank among those of its entry, and how many those are.
    entry_rank: (usize, usize),
}

/// Points that a candidate lacks, and the headline of the one whose place it would take.
struct Missing {
    points: f64,
    in_place_of: Option<String>,
}

impl Case {
    /// The case of a candidate that had its turn, with the points that it had then.
    fn of(placed: &Placed, chosen: bool, verdict: String, lacking: Option<Missing>) -> Self {
        let mut case = Self::new(placed.shelved(), chosen, verdict, lacking);
        case.candidate.score = placed.points();
        case.candidate.reasons = placed.reasons();
        case
    }

    /// A case whose ranks are still to be told.
    fn new(shelved: &Shelved, chosen: bool, verdict: String, lacking: Option<Missing>) -> Self {
        let origin = format!("{} · {}", shelved.source, shelved.entry_title);
        Self {
            candidate: shelved.candidate.clone(),
            entry: shelved.entry.clone(),
            origin: (!shelved.source.is_empty()).then_some(origin),
            chosen,
            verdict,
            lacking,
            company: Vec::new(),
            machine_heard: shelved.machine_heard,
            rank: (0, 0),
            entry_rank: (0, 0),
        }
    }

    fn as_json(&self, rules: &Rules) -> serde_json::Value {
        let candidate = &self.candidate;
        let reasons: Vec<serde_json::Value> = candidate
            .reasons
            .iter()
            .map(|reason| {
                serde_json::json!({
                    "rule": reason.rule, "points": reason.points, "why": tell::why(reason, rules),
                })
            })
            .collect();
        let lacking = self.lacking.as_ref().map(|missing| {
            serde_json::json!({"points": missing.points, "in_place_of": missing.in_place_of})
        });
        serde_json::json!({
            "rank": self.rank.0, "of": self.rank.1, "entry_rank": self.entry_rank.0, "entry_of": self.entry_rank.1,
            "score": candidate.score, "chosen": self.chosen, "verdict": self.verdict, "lacking": lacking,
            "from": self.origin, "headline": candidate.headline, "text": candidate.text, "reasons": reasons,
            "company": self.company, "machine_heard": self.machine_heard,
        })
    }

    fn as_text(&self, rules: &Rules) -> String {
        let candidate = &self.candidate;
        let mut out = tell::headline(self.rank.0, candidate);
        let _ = writeln!(out, "    {}", self.ranks());
        let mark = if self.chosen { "    ✓ " } else { "    ✗ " };
        out += &tell::hanging(mark, &self.told());
        for line in &self.company {
            out += &tell::hanging("      ", line);
        }
        out.push('\n');
        out += &tell::passage(candidate, self.origin.as_deref());
        if self.machine_heard {
            let told = format!("{}: a word may be wrong", tell::MACHINE_HEARD);
            out += &tell::attribution(&[told]);
        }
        out.push('\n');
        out += &tell::reasons(&candidate.reasons, rules);
        let _ = writeln!(out, "    {:>6.2}  points\n\n", candidate.score);
        out
    }

    /// The verdict and what is lacking, as a sentence.
    fn told(&self) -> String {
        let Some(Missing {
            points,
            in_place_of,
        }) = &self.lacking
        else {
            return self.verdict.clone();
        };
        let place = in_place_of.as_ref().map_or_else(String::new, |headline| {
            format!(", in the place of “{headline}”")
        });
        format!(
            "{}; {points:.2} points more would have put it in{place}",
            self.verdict
        )
    }

    /// Its ranks, in words.
    fn ranks(&self) -> String {
        let ranked = |(rank, of): (usize, usize)| format!("{} of {of}", ordinal(rank));
        if self.origin.is_none() {
            return format!("{} in the document", ranked(self.rank));
        }
        let entry = match self.candidate.paragraph {
            Some(_) => "article",
            None => "episode",
        };
        format!(
            "{} of the day · {} in its {entry}",
            ranked(self.rank),
            ranked(self.entry_rank)
        )
    }
}

/// The candidates of one document, as if it were the only entry of the day.
fn of_document(common: &Common, candidates: Vec<Candidate>) -> anyhow::Result<Vec<Case>> {
    let digest = common
        .settings_if_any()?
        .map_or_else(DigestSettings::default, |settings| settings.digest);
    let entry = EntryId::new("", "");
    let shelf = candidates.into_iter().map(|candidate| Shelved {
        source: String::new(),
        entry: entry.clone(),
        entry_title: String::new(),
        entry_url: None,
        enclosure_url: None,
        published: Timestamp::UNIX_EPOCH,
        document_sha256: String::new(),
        machine_heard: false,
        candidate,
    });
    let sifted = drop_repeats(shelf.collect(), &Recalled::default());
    let converged = converge(sifted.fresh, &[]);
    let occasion = Occasion {
        date: Date::ZERO,
        from: Timestamp::MIN,
        week: &[],
    };
    let considered = Considered {
        picked: pick_top(converged.fresh, &digest, &occasion),
        repeats: sifted.repeats,
        twins: Vec::new(),
        insights: Vec::new(),
        told: converged.told,
    };
    let would_be_in = format!(
        "would make the five, unless better ones come from elsewhere: the bar is {:.2}",
        digest.min_score
    );
    Ok(cases(considered, &digest, &would_be_in))
}

/// The shelf of a day.
fn of_day(common: &Common, args: &ExplainArgs, now: Timestamp) -> anyhow::Result<Vec<Case>> {
    let mut settings = common.settings()?;
    common.keep_only(&mut settings, &args.day.only)?;
    let day = Day::new(
        args.day.date,
        now,
        &settings.digest.time_zone,
        settings.digest.look_back,
    )?;
    let store = Store::throw_away(&settings.store_path)?;
    let saved = store.edition(day.date)?;
    let considered = consider(&day, &settings, &store)?;
    let mut cases = cases(considered, &settings.digest, IN_THE_FIVE);
    if let Some(digest) = &saved {
        // what a run has chosen stays, whatever has come to the shelf since
        for case in &mut cases {
            if let Some(insight) = insight_of(digest, case) {
                case.chosen = true;
                case.company = company(insight);
                IN_THE_FIVE.clone_into(&mut case.verdict);
                case.lacking = None;
            } else if case.chosen {
                case.chosen = false;
                case.company.clear();
                CAME_LATER.clone_into(&mut case.verdict);
            }
        }
    }
    Ok(cases)
}

fn insight_of<'a>(digest: &'a Digest, case: &Case) -> Option<&'a Insight> {
    digest.insights().iter().find(|insight| {
        let origin = format!("{} · {}", insight.source, insight.entry_title);
        case.origin.as_deref() == Some(&origin) && insight.text == case.candidate.text
    })
}

/// What became of each candidate, best first.
fn cases(considered: Considered, digest: &DigestSettings, would_be_in: &str) -> Vec<Case> {
    let Considered {
        picked,
        repeats,
        twins,
        insights,
        told,
    } = considered;
    let passed_over = picked.passed_over.iter().map(|passed| {
        let verdict = verdict(passed.why, passed.placed.shelved(), digest);
        let missing = passed
            .lacking
            .map(|lacking| missing(lacking, &picked.chosen));
        Case::of(&passed.placed, false, verdict, missing)
    });
    let repeats = repeats.iter().map(|repeat| {
        let verdict = match &repeat.original {
            Original::Sent { date, headline } => {
                format!("told before, on {date}{}", under(headline, &repeat.shelved))
            }
            Original::Elsewhere { id } => format!("told before, outside our editions: {id}"),
            Original::Today { headline } => format!(
                "the same as a better candidate of the day{}",
                under(headline, &repeat.shelved)
            ),
        };
        Case::new(&repeat.shelved, false, verdict, None)
    });
    let twins = twins.iter().map(|twin| {
        let verdict = format!("the same episode as in {}", twin.kept_in);
        Case::new(&twin.shelved, false, verdict, None)
    });
    let chosen = picked
        .chosen
        .iter()
        .map(|placed| Case::of(placed, true, would_be_in.to_owned(), None));
    let told = told
        .iter()
        .map(|told| Case::new(&told.shelved, false, why_told(told), None));
    let mut cases: Vec<Case> = chosen
        .chain(passed_over)
        .chain(repeats)
        .chain(told)
        .chain(twins)
        .collect();
    for case in cases.iter_mut().filter(|case| case.chosen) {
        let own = |insight: &&Insight| insight.text == case.candidate.text;
        case.company = insights.iter().find(own).map(company).unwrap_or_default();
    }
    // stable: within equal scores the order of the choice stays
    cases.sort_by(|a, b| b.candidate.score.total_cmp(&a.candidate.score));
    rank(&mut cases);
    cases
}

/// What makes the point of a candidate, and which point that is.
fn why_told(told: &Told) -> String {
    let who = match &told.by {
        Teller::Sent { date, headline } => {
            format!(
                "makes a point that was sent on {date}{}",
                under(headline, &told.shelved)
            )
        }
        Teller::Joined { headline } => format!(
            "makes the point of a better candidate of the day, which names it as “also said by”{}",
            under(headline, &told.shelved)
        ),
        Teller::Today { headline } => format!(
            "makes the point of a better candidate of the day{}",
            under(headline, &told.shelved)
        ),
    };
    let point = told
        .shared
        .point
        .as_ref()
        .map_or_else(String::new, |point| format!("; the point: {point}"));
    format!(
        "{who}{point}; both speak of {}",
        told.shared.words.join(", ")
    )
}

/// Who else says what an insight says, and what is related to it, a line each.
fn company(insight: &Insight) -> Vec<String> {
    let voices = insight.also_said_by.iter().map(|voice| {
        let who = voice.speaker.as_deref().unwrap_or(&voice.source);
        format!("also said by {who} in {}: {}", voice.source, voice.headline)
    });
    let related = insight.related.iter().map(|related| {
        let view = if related.differs {
            "a different view"
        } else {
            "related"
        };
        format!(
            "{view}, {}: {} ({})",
            related.date, related.headline, related.source
        )
    });
    voices.chain(related).collect()
}

/// The headline under which something was told, where it is another one.
fn under(headline: &str, shelved: &Shelved) -> String {
    if headline == shelved.candidate.headline {
        String::new()
    } else {
        format!(": {headline}")
    }
}

/// Tells each case its ranks.
fn rank(cases: &mut [Case]) {
    let of = cases.len();
    let mut of_entry: BTreeMap<EntryId, usize> = BTreeMap::new();
    for (nth, case) in cases.iter_mut().enumerate() {
        let in_entry = of_entry.entry(case.entry.clone()).or_default();
        *in_entry += 1;
        case.rank = (nth + 1, of);
        case.entry_rank.0 = *in_entry;
    }
    for case in cases {
        case.entry_rank.1 = of_entry.get(&case.entry).copied().unwrap_or_default();
    }
}

/// What is lacking, in hundredths as they are shown: as few as are enough.
fn missing(lacking: Lacking, chosen: &[Placed]) -> Missing {
    let in_the_way = lacking
        .in_place_of
        .map(|nth| &chosen[nth].shelved().candidate);
    let hundredths = (lacking.points * 100.0 - 1e-6).ceil().max(1.0);
    Missing {
        points: hundredths / 100.0,
        in_place_of: in_the_way.map(|candidate| candidate.headline.clone()),
    }
}

fn verdict(why: Why, shelved: &Shelved, digest: &DigestSettings) -> String {
    let (entry, source) = (digest.max_per_entry, digest.max_per_source);
    let are = |count: usize| if count == 1 { "is" } else { "are" };
    match why {
        Why::BelowBar => format!(
            "below the bar of {:.2} by {:.2} points",
            digest.min_score,
            digest.min_score - shelved.candidate.score
        ),
        Why::EditionFull => "the edition is full".to_owned(),
        Why::ThinDay => "good enough, but too few others are, and thin_day is \"none\"".to_owned(),
        Why::EnoughOfEntry if shelved.source.is_empty() => format!(
            "good enough, but {entry} better of the same entry {} before it",
            if entry == 1 { "stands" } else { "stand" }
        ),
        Why::EnoughOfEntry => {
            format!("{entry} better of the same entry {} in", are(entry))
        }
        Why::EnoughOfSource => {
            format!("{source} better of the same source {} in", are(source))
        }
    }
}

/// A text without marks and capitals, for words to be looked for in.
fn plain(text: &str) -> String {
    let words = text.split_whitespace().map(|word| {
        let letters = word.chars().filter(|c| c.is_alphanumeric());
        letters.flat_map(char::to_lowercase).collect::<String>()
    });
    let words: Vec<String> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}
