//! From the shelf to the five: weights, repeats, limits and the bar.

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use takefive::model::Candidate;
use takefive::model::EntryId;
use takefive::model::Reason;
use takefive::model::Recalled;
use takefive::model::Shelved;
use takefive::model::Source;
use takefive::model::SourceKind;
use takefive::model::Telling;
use takefive::model::Told;
use takefive::settings::DigestSettings;
use takefive::stages::drop_repeats::Original;
use takefive::stages::drop_repeats::Sifted;
use takefive::stages::drop_repeats::drop_repeats;
use takefive::stages::pick_top::PassedOver;
use takefive::stages::pick_top::Picked;
use takefive::stages::pick_top::lacking;
use takefive::stages::pick_top::pick_top;
use takefive::stages::weigh::weigh;

const ROADMAP: &str = "A roadmap that lists features is a list of promises nobody has checked. Write down the problem, who \
    has it and what it costs them, and let the team find the feature; half of the list will not survive the week.";
const PRICING: &str = "Pricing is the part of the product that every customer uses. If nobody on your team can say why the \
    middle plan costs what it does, you have not priced it, you have copied it from somebody who guessed.";
const RETENTION: &str = "Retention is decided in the first ten minutes. We moved the import step before the sign-up form, and \
    the share of people who were still there in week four went from eleven to nineteen per cent.";

fn settings() -> DigestSettings {
    DigestSettings {
        title: "Take Five".to_owned(),
        size: 5,
        time_zone: TimeZone::UTC,
        look_back: SignedDuration::from_hours(72),
        max_per_source: 2,
        max_per_entry: 1,
        min_score: 2.0,
    }
}

fn source(name: &str, weight: f64) -> Source {
    Source {
        name: name.to_owned(),
        kind: SourceKind::Podcast,
        feed: "https://example.org/feed.xml".parse().expect("a URL"),
        language: None,
        weight,
        topics: Vec::new(),
        selector: None,
        transcript: None,
        credentials: None,
    }
}

fn shelved(source: &str, entry: &str, score: f64, text: &str) -> Shelved {
    Shelved {
        source: source.to_owned(),
        entry: EntryId::new(source, entry),
        entry_title: entry.to_owned(),
        entry_url: None,
        enclosure_url: None,
        published: Timestamp::UNIX_EPOCH,
        document_sha256: String::new(),
        candidate: Candidate {
            from: 0,
            to: text.len(),
            text: text.to_owned(),
            shown: None,
            headline: format!("{score} from {source}"),
            speaker: None,
            start_seconds: None,
            paragraph: None,
            score,
            reasons: vec![Reason {
                rule: "claim".to_owned(),
                points: score,
            }],
            topics: Vec::new(),
        },
    }
}

/// A text that shares no three words in a row with another nth.
fn distinct(nth: usize) -> String {
    (0..40)
        .map(|word| format!("w{nth}x{word}"))
        .collect::<Vec<_>>()
        .join(" ")
}

fn sent(text: &str) -> Told {
    Told {
        telling: Telling::Edition {
            date: date(2026, 3, 1),
            position: 1,
            headline: "As it was told".to_owned(),
        },
        text: text.to_owned(),
    }
}

fn sift(text: &str, history: &[Told]) -> Sifted {
    let shelf = vec![shelved("A", "1", 5.0, text)];
    drop_repeats(shelf, &Recalled::all(history.to_vec()))
}

fn pick(shelf: Vec<Shelved>) -> Picked {
    pick_top(drop_repeats(shelf, &Recalled::default()).fresh, &settings())
}

fn why_not(picked: &Picked) -> Vec<PassedOver> {
    picked.passed_over.iter().map(|(_, why)| *why).collect()
}

#[test]
fn a_heavier_source_comes_first_and_its_weight_is_a_reason() {
    let shelf = vec![
        shelved("A", "1", 4.0, ROADMAP),
        shelved("B", "1", 3.0, PRICING),
    ];
    let weighed = weigh(shelf, &[source("A", 1.0), source("B", 1.5)]);
    assert_eq!(weighed[0].source, "B");
    assert!((weighed[0].candidate.score - 4.5).abs() < 1e-9);
    let points: f64 = weighed[0]
        .candidate
        .reasons
        .iter()
        .map(|reason| reason.points)
        .sum();
    assert!(
        (points - 4.5).abs() < 1e-9,
        "the reasons must add up to the score, not {points}"
    );
}

#[test]
fn a_weight_does_not_push_a_bad_passage_further_down() {
    let weighed = weigh(vec![shelved("A", "1", -1.0, ROADMAP)], &[source("A", 3.0)]);
    assert!((weighed[0].candidate.score + 1.0).abs() < 1e-9);
}

#[test]
fn what_comes_from_a_source_that_left_the_list_is_not_weighed() {
    assert!(
        weigh(
            vec![shelved("Gone", "1", 4.0, ROADMAP)],
            &[source("A", 1.0)]
        )
        .is_empty()
    );
}

#[test]
fn equal_scores_are_ordered_by_date_then_id_whatever_the_order_they_came_in() {
    let mut newer = shelved("A", "3", 4.0, RETENTION);
    newer.published = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1);
    let shelf = vec![
        shelved("A", "1", 4.0, ROADMAP),
        shelved("A", "2", 4.0, PRICING),
        newer.clone(),
    ];
    let mut reversed = shelf.clone();
    reversed.reverse();
    let sources = [source("A", 1.0)];
    let weighed = weigh(shelf, &sources);
    assert_eq!(weighed, weigh(reversed, &sources));
    assert_eq!(weighed[0], newer);
}

#[test]
fn what_was_sent_is_a_repeat_and_says_when_it_was_told() {
    let sifted = sift(ROADMAP, &[sent(PRICING), sent(ROADMAP)]);
    assert!(sifted.fresh.is_empty());
    let original = Original::Sent {
        date: date(2026, 3, 1),
        headline: "As it was told".to_owned(),
    };
    assert_eq!(sifted.repeats[0].original, original);
}

#[test]
fn case_punctuation_and_white_space_do_not_make_a_thought_new() {
    let shouted = ROADMAP.to_uppercase().replace([',', ';', '.'], " ");
    assert!(sift(&shouted, &[sent(ROADMAP)]).fresh.is_empty());
}

#[test]
fn two_changed_words_do_not_make_a_thought_new() {
    let changed = ROADMAP
        .replace("promises", "wishes")
        .replace("team", "squad");
    assert!(sift(&changed, &[sent(ROADMAP)]).fresh.is_empty());
}

#[test]
fn a_dropped_sentence_does_not_make_a_thought_new() {
    let (first, second) = ROADMAP.split_once(". ").expect("two sentences");
    assert!(sift(second, &[sent(ROADMAP)]).fresh.is_empty());
    assert!(
        sift(&format!("{second} {first}."), &[sent(ROADMAP)])
            .fresh
            .is_empty()
    );
}

#[test]
fn another_thought_on_the_same_subject_is_fresh() {
    let other = "A roadmap is useful when it says what will not be built this year, because then people stop asking for it \
        and start to ask which of the remaining problems is worth the wait.";
    assert_eq!(
        sift(other, &[sent(ROADMAP), sent(PRICING), sent(RETENTION)])
            .fresh
            .len(),
        1
    );
}

#[test]
fn of_two_candidates_that_say_the_same_the_better_stays() {
    let again = ROADMAP.replace("nobody has", "no one has");
    let sifted = drop_repeats(
        vec![
            shelved("A", "1", 5.0, ROADMAP),
            shelved("B", "1", 4.0, &again),
        ],
        &Recalled::default(),
    );
    assert_eq!(sifted.fresh.len(), 1);
    assert_eq!(sifted.fresh[0].shelved().source, "A");
    assert_eq!(
        sifted.repeats[0].original,
        Original::Today {
            headline: "5 from A".to_owned()
        }
    );
}

#[test]
fn texts_of_one_or_two_words_are_compared_whole() {
    assert!(sift("Ship it", &[sent("ship it!")]).fresh.is_empty());
    assert_eq!(sift("Ship this", &[sent("Ship it")]).fresh.len(), 1);
    assert_eq!(sift("", &[]).fresh.len(), 1);
}

#[test]
fn the_edition_is_the_five_best() {
    let shelf = (0..7u32).map(|nth| {
        shelved(
            &format!("S{nth}"),
            "1",
            9.0 - f64::from(nth),
            &distinct(nth as usize),
        )
    });
    let picked = pick(shelf.collect());
    let scores: Vec<f64> = picked
        .insights()
        .iter()
        .map(|insight| insight.score)
        .collect();
    assert_eq!(scores, [9.0, 8.0, 7.0, 6.0, 5.0]);
    assert_eq!(
        why_not(&picked),
        [PassedOver::EditionFull, PassedOver::EditionFull]
    );
}

#[test]
fn at_most_two_come_from_one_source_and_one_from_one_entry() {
    let shelf = vec![
        shelved("A", "1", 9.0, &distinct(1)),
        shelved("A", "1", 8.0, &distinct(2)),
        shelved("A", "2", 7.0, &distinct(3)),
        shelved("A", "3", 6.0, &distinct(4)),
        shelved("B", "1", 5.0, &distinct(5)),
    ];
    let picked = pick(shelf);
    let from: Vec<String> = picked
        .insights()
        .into_iter()
        .map(|insight| insight.source + &insight.entry_title)
        .collect();
    assert_eq!(from, ["A1", "A2", "B1"]);
    assert_eq!(
        why_not(&picked),
        [PassedOver::EnoughOfEntry, PassedOver::EnoughOfSource]
    );
}

#[test]
fn an_edition_is_rather_short_than_padded() {
    let picked = pick(vec![
        shelved("A", "1", 2.0, &distinct(1)),
        shelved("B", "1", 1.99, &distinct(2)),
    ]);
    assert_eq!(
        picked.insights().len(),
        1,
        "a score on the bar is in, one below it is not"
    );
    assert_eq!(why_not(&picked), [PassedOver::BelowBar]);
}

#[test]
fn a_receipt_names_the_document_and_the_span() {
    let mut candidate = shelved("A", "1", 5.0, ROADMAP);
    candidate.document_sha256 = "ab".repeat(32);
    candidate.candidate.from = 10;
    candidate.candidate.to = 10 + ROADMAP.len();
    candidate.candidate.start_seconds = Some(61.5);
    let insight = pick(vec![candidate]).insights().remove(0);
    assert_eq!(insight.receipt.document_sha256, "ab".repeat(32));
    assert_eq!(
        insight.receipt.to_byte - insight.receipt.from_byte,
        insight.text.len()
    );
    assert_eq!(insight.receipt.start_seconds, Some(61.5));
}

#[test]
fn what_is_lacking_is_just_enough_to_be_chosen() {
    let rules = DigestSettings {
        size: 3,
        ..settings()
    };
    let words = |nth: usize| format!("{nth} one{nth} two{nth} three{nth} four{nth}");
    let rows = [
        ("a", "a1", 5.0),
        ("a", "a1", 4.5), // enough of its entry
        ("a", "a2", 4.0),
        ("a", "a3", 3.5), // enough of its source
        ("b", "b1", 3.0),
        ("c", "c1", 2.5), // the edition is full
        ("d", "d1", 1.0), // below the bar
    ];
    let shelf: Vec<Shelved> = rows
        .iter()
        .enumerate()
        .map(|(nth, (source, entry, score))| shelved(source, entry, *score, &words(nth)))
        .collect();
    let picked = pick_top(
        drop_repeats(shelf.clone(), &Recalled::default()).fresh,
        &rules,
    );
    let mut told = Vec::new();
    for (fresh, _) in &picked.passed_over {
        let (missed, lacking) = (
            fresh.shelved(),
            lacking(fresh.shelved(), &picked.chosen, &rules),
        );
        told.push((lacking.points, lacking.in_place_of));
        for (more, chosen) in [(0.001, true), (-0.001, false)] {
            let mut again = shelf.clone();
            for row in &mut again {
                if row.candidate.text == missed.candidate.text {
                    row.candidate.score += lacking.points + more;
                }
            }
            again.sort_by(|a, b| b.candidate.score.total_cmp(&a.candidate.score));
            let picked = pick_top(drop_repeats(again, &Recalled::default()).fresh, &rules);
            let is_in = picked
                .chosen
                .iter()
                .any(|fresh| fresh.shelved().candidate.text == missed.candidate.text);
            assert_eq!(is_in, chosen, "{} {more}", missed.candidate.headline);
        }
    }
    assert_eq!(
        told,
        [
            (0.5, Some(0)),
            (0.5, Some(1)),
            (0.5, Some(2)),
            (2.0, Some(2))
        ]
    );
    let nobody = lacking(&shelf[6], &[], &rules);
    assert_eq!((nobody.points, nobody.in_place_of), (1.0, None));
}
