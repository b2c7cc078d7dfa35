//! The same thought in other words: what counts as it, what joins, what is a repeat, and what is only related.
//!
//! `cargo test --test suite thoughts:: -- --nocapture` prints what is found of the pairs in `tests/cases/thoughts`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::civil::date;
use serde::Deserialize;
use takefive::model::Archived;
use takefive::model::Candidate;
use takefive::model::EntryId;
use takefive::model::Fresh;
use takefive::model::Insight;
use takefive::model::Recalled;
use takefive::model::SentInsight;
use takefive::model::Shelved;
use takefive::stages::compare_thoughts::Converged;
use takefive::stages::compare_thoughts::Heard;
use takefive::stages::compare_thoughts::Likeness;
use takefive::stages::compare_thoughts::Pick;
use takefive::stages::compare_thoughts::Teller;
use takefive::stages::compare_thoughts::Thought;
use takefive::stages::compare_thoughts::compare_thoughts;
use takefive::stages::compare_thoughts::converge;
use takefive::stages::compare_thoughts::relate;
use takefive::stages::drop_repeats::drop_repeats;

use crate::compose_email::edition::insight;

/// One point in three wordings, and somebody who is against it.
const PROBLEM: &str = "Fall in love with the problem and not with your solution. Teams that are proud of what they built \
    do not hear it when a customer tells them that it does not help.";
const PROBLEM_TOO: &str = "The customer pays you for a problem that goes away. So stay obsessed with the problem, and treat \
    each solution as something that you will throw out on a Friday without tears.";
const PROBLEM_AS_WELL: &str = "I have seen clever people who were in love with the problem beat clever people with a finished \
    solution, because they were the ones who still asked the customer on the last day.";
const AGAINST: &str = "Everybody tells you to fall in love with the problem. But a customer buys a solution, and I have met a \
    hundred teams that knew their problem by heart and had nothing to sell.";
const OTHER: &str = "Put the price on the first page. Whoever has to ask for the price has already decided that it is too \
    high, and you will never meet them.";

#[derive(Deserialize)]
struct Pairs {
    pair: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    label: String,
    first: String,
    second: String,
}

/// What is found of the pairs of a file.
struct Found {
    right: usize,
    wrong: usize,
    all: usize,
}

impl Found {
    fn precision(&self) -> f64 {
        f64::from(u32::try_from(self.right).unwrap())
            / f64::from(u32::try_from(self.right + self.wrong).unwrap())
    }

    fn recall(&self) -> f64 {
        f64::from(u32::try_from(self.right).unwrap()) / f64::from(u32::try_from(self.all).unwrap())
    }
}

fn find_in(pairs: &str, name: &str) -> Found {
    let pairs: Pairs = toml::from_str(pairs).unwrap();
    let mut found = Found {
        right: 0,
        wrong: 0,
        all: 0,
    };
    for pair in &pairs.pair {
        assert!(["same", "related", "different"].contains(&pair.label.as_str()));
        let is_same = pair.label == "same";
        found.all += usize::from(is_same);
        match (compare(&pair.first, &pair.second).same, is_same) {
            (Some(_), true) => found.right += 1,
            (Some(_), false) => found.wrong += 1,
            (None, _) => {}
        }
    }
    println!(
        "{name}: {} pairs, {} of them the same point; precision {:.3}, recall {:.3}",
        pairs.pair.len(),
        found.all,
        found.precision(),
        found.recall()
    );
    found
}

fn compare(first: &str, second: &str) -> Likeness {
    compare_thoughts(&Thought::of(first), &Thought::of(second), &Heard::default())
}

fn shelved(source: &str, entry: &str, score: f64, text: &str) -> Shelved {
    Shelved {
        source: source.to_owned(),
        entry: EntryId::new(source, entry),
        entry_title: entry.to_owned(),
        entry_url: None,
        enclosure_url: None,
        published: Timestamp::UNIX_EPOCH,
        document_sha256: format!("{source} {entry}"),
        machine_heard: false,
        candidate: Candidate {
            from: 10,
            to: 10 + text.len(),
            text: text.to_owned(),
            shown: None,
            headline: format!("What {source} says"),
            speaker: Some(format!("Speaker of {source}")),
            start_seconds: Some(754.0),
            paragraph: None,
            score,
            reasons: Vec::new(),
            topics: Vec::new(),
        },
    }
}

fn fresh(shelf: Vec<Shelved>) -> Vec<Fresh> {
    drop_repeats(shelf, &Recalled::default()).fresh
}

fn sent(day: Date, text: &str) -> SentInsight {
    SentInsight {
        date: day,
        headline: "As it was told".to_owned(),
        text: text.to_owned(),
    }
}

fn sources_of(converged: &Converged) -> Vec<&str> {
    let kept = converged.fresh.iter();
    kept.map(|fresh| fresh.shelved().source.as_str()).collect()
}

fn archived(day: Date, position: usize, document: &str, text: &str) -> Archived {
    Archived {
        date: day,
        position,
        text: text.to_owned(),
        document_sha256: document.to_owned(),
    }
}

#[test]
fn pairs_of_the_same_point_are_found_and_others_are_not() {
    let tuning = find_in(include_str!("../cases/thoughts/tuning.toml"), "tuning half");
    assert!(tuning.precision() >= 0.99 && tuning.recall() >= 0.70);
    let held_out = find_in(
        include_str!("../cases/thoughts/held_out.toml"),
        "held-out half",
    );
    assert!(held_out.precision() >= 0.89 && held_out.recall() >= 0.75);
}

#[test]
fn of_points_that_are_not_listed_next_to_none_is_called_the_same() {
    let blind = find_in(include_str!("../cases/thoughts/blind.toml"), "blind");
    assert!(blind.wrong <= 1, "a wrong one is a quote that nobody gets");
}

#[test]
fn the_same_point_is_told_with_its_name_and_the_words_that_both_have() {
    let shared = compare(PROBLEM, PROBLEM_TOO).same.unwrap();
    assert_eq!(
        shared.point.as_deref(),
        Some("love the problem, not the solution")
    );
    assert!(shared.words.contains(&"solution".to_owned()), "{shared:?}");
    assert_eq!(compare(PROBLEM, OTHER).same, None);
}

#[test]
fn whoever_repeats_a_point_to_contradict_it_does_not_make_it() {
    let likeness = compare(PROBLEM, AGAINST);
    assert_eq!(likeness.same, None);
    assert!(likeness.opposed.is_some());
}

#[test]
fn comparing_is_the_same_in_both_directions() {
    let texts = [PROBLEM, PROBLEM_TOO, PROBLEM_AS_WELL, AGAINST, OTHER];
    for first in texts {
        for second in texts {
            let (there, back) = (compare(first, second), compare(second, first));
            assert_eq!(there.same.is_some(), back.same.is_some());
            assert_eq!(there.opposed.is_some(), back.opposed.is_some());
            assert!((there.nearness - back.nearness).abs() < 1e-12);
        }
    }
}

#[test]
fn any_text_can_be_read() {
    for text in [
        "",
        " ",
        "…",
        "'",
        "’s",
        "%",
        "a% b%%",
        "\u{0}",
        "é’é",
        "not not not",
        "don't",
    ] {
        let likeness = compare(text, text);
        assert_eq!(likeness.same, None, "{text:?}");
        assert!((0.0..=1.0 + 1e-9).contains(&likeness.nearness), "{text:?}");
    }
    let long = PROBLEM.repeat(500);
    assert!(compare(&long, PROBLEM_TOO).same.is_some());
}

#[test]
fn a_point_of_another_source_joins_the_better_candidate_with_its_receipt() {
    let converged = converge(
        fresh(vec![
            shelved("A", "1", 5.0, PROBLEM),
            shelved("B", "1", 4.0, PROBLEM_TOO),
            shelved("C", "1", 3.0, OTHER),
        ]),
        &[],
    );
    assert_eq!(sources_of(&converged), ["A", "C"]);
    let voices = converged.fresh[0].also_said_by();
    assert_eq!(voices.len(), 1);
    assert_eq!(voices[0].speaker.as_deref(), Some("Speaker of B"));
    assert_eq!(voices[0].text, PROBLEM_TOO);
    assert_eq!(voices[0].receipt.document_sha256, "B 1");
    assert_eq!(
        (voices[0].receipt.from_byte, voices[0].receipt.to_byte),
        (10, 10 + PROBLEM_TOO.len())
    );
    assert_eq!(voices[0].receipt.start_seconds, Some(754.0));
    assert!(
        matches!(&converged.told[0].by, Teller::Joined { headline } if headline == "What A says")
    );
}

#[test]
fn a_point_of_the_same_source_is_merely_a_repeat() {
    let converged = converge(
        fresh(vec![
            shelved("A", "1", 5.0, PROBLEM),
            shelved("A", "2", 4.0, PROBLEM_TOO),
        ]),
        &[],
    );
    assert_eq!(sources_of(&converged), ["A"]);
    assert!(converged.fresh[0].also_said_by().is_empty());
    assert!(matches!(converged.told[0].by, Teller::Today { .. }));
}

#[test]
fn a_source_has_one_voice_and_a_card_three() {
    let again = |extra: &str| format!("{PROBLEM_TOO} {extra}");
    let mut shelf = vec![
        shelved("A", "1", 9.0, PROBLEM),
        shelved("B", "1", 8.0, PROBLEM_TOO),
    ];
    shelf.push(shelved("B", "2", 7.0, PROBLEM_AS_WELL));
    for (nth, source) in ["C", "D", "E"].iter().enumerate() {
        let score = 6.0 - f64::from(u32::try_from(nth).unwrap());
        shelf.push(shelved(source, "1", score, &again(source)));
    }
    // by words some of them are repeats: here only the point counts
    let kept: Vec<Fresh> = shelf.into_iter().flat_map(|one| fresh(vec![one])).collect();
    let converged = converge(kept, &[]);
    let voices = converged.fresh[0].also_said_by();
    let sources: Vec<&str> = voices.iter().map(|voice| voice.source.as_str()).collect();
    assert_eq!(sources, ["B", "C", "D"]);
    assert_eq!(converged.told.len(), 5);
}

#[test]
fn what_makes_the_point_of_something_sent_lately_is_a_repeat_that_names_it() {
    let converged = converge(
        fresh(vec![
            shelved("A", "1", 5.0, PROBLEM),
            shelved("B", "1", 4.0, OTHER),
        ]),
        &[sent(date(2026, 5, 1), PROBLEM_TOO)],
    );
    assert_eq!(sources_of(&converged), ["B"]);
    assert_eq!(
        converged.told[0].by,
        Teller::Sent {
            date: date(2026, 5, 1),
            headline: "As it was told".to_owned()
        }
    );
    assert!(converged.told[0].shared.point.is_some());
}

#[test]
fn whoever_is_against_a_point_is_kept_beside_it() {
    let converged = converge(
        fresh(vec![
            shelved("A", "1", 5.0, PROBLEM),
            shelved("B", "1", 4.0, AGAINST),
        ]),
        &[],
    );
    assert_eq!(sources_of(&converged), ["A", "B"]);
}

/// Two of one subject, with other points.
const RETENTION: &str = "Retention is decided during onboarding. The first session has to end with something that the user \
    would miss, or no campaign will bring anyone back.";
const RETENTION_OLD: &str = "We cut our onboarding to one screen and retention did not move, since the campaign had promised \
    another product than the one that people found.";

fn picks(own: &[Insight], archive: &[Archived], hung: &[(Date, usize)]) -> Vec<Vec<Pick>> {
    relate(own, archive, &hung.iter().copied().collect::<BTreeSet<_>>())
}

#[test]
fn related_is_what_speaks_of_the_subject_without_making_the_point() {
    let archive = [
        archived(date(2026, 1, 1), 1, "a", RETENTION_OLD),
        archived(date(2026, 1, 2), 1, "b", OTHER),
        archived(date(2026, 1, 3), 1, "c", PROBLEM_TOO),
    ];
    let found = picks(
        &[insight("", RETENTION), insight("", PROBLEM)],
        &archive,
        &[],
    );
    let days: Vec<Vec<Date>> = found
        .iter()
        .map(|picks| picks.iter().map(|pick| pick.date).collect())
        .collect();
    assert_eq!(days, [vec![date(2026, 1, 1)], vec![]]);
    assert!(!found[0][0].differs);
}

#[test]
fn a_different_view_is_marked() {
    let archive = [archived(date(2026, 1, 1), 2, "a", AGAINST)];
    let found = picks(&[insight("", PROBLEM)], &archive, &[]);
    let expected = Pick {
        date: date(2026, 1, 1),
        position: 2,
        differs: true,
    };
    assert_eq!(found, [vec![expected]]);
}

#[test]
fn nothing_hangs_twice_in_an_edition_and_no_entry_twice_under_a_card() {
    let twice = [
        archived(date(2026, 1, 1), 1, "a", RETENTION_OLD),
        archived(date(2026, 1, 2), 1, "a", RETENTION_OLD),
    ];
    let found = picks(
        &[insight("", RETENTION), insight("", RETENTION)],
        &twice,
        &[],
    );
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1]);
    assert_ne!(found[0], found[1]);
    // the insight's own entry is not related to it
    let own = [archived(
        date(2026, 1, 1),
        1,
        &"0".repeat(64),
        RETENTION_OLD,
    )];
    assert_eq!(picks(&[insight("", RETENTION)], &own, &[]), [vec![]]);
}

#[test]
fn what_hung_in_the_last_week_comes_last_and_three_are_enough() {
    let archive: Vec<Archived> = (1..=4)
        .map(|day| archived(date(2026, 1, day), 1, &day.to_string(), RETENTION_OLD))
        .collect();
    let days = |hung: &[(Date, usize)]| -> Vec<i8> {
        let found = picks(&[insight("", RETENTION)], &archive, hung);
        found[0].iter().map(|pick| pick.date.day()).collect()
    };
    assert_eq!(days(&[]), [4, 3, 2], "the latest of equals");
    assert_eq!(days(&[(date(2026, 1, 4), 1)]), [3, 2, 1]);
}

#[test]
fn an_edition_of_an_older_program_reads_back_and_writes_the_same() {
    let old = serde_json::to_string(&insight("A claim", "Some words.")).unwrap();
    assert!(!old.contains("also_said_by") && !old.contains("related"));
    let read: Insight = serde_json::from_str(&old).unwrap();
    assert!(read.also_said_by.is_empty() && read.related.is_empty());
    assert_eq!(serde_json::to_string(&read).unwrap(), old);
}
