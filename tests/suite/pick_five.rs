//! From the shelf to the five: weights, repeats, limits and the bar.

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Date;
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
use takefive::settings::ThinDay;
use takefive::stages::drop_repeats::Original;
use takefive::stages::drop_repeats::Sifted;
use takefive::stages::drop_repeats::drop_repeats;
use takefive::stages::pick_top::AGE;
use takefive::stages::pick_top::Occasion;
use takefive::stages::pick_top::Picked;
use takefive::stages::pick_top::VARIETY;
use takefive::stages::pick_top::Why;
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
        freshness: 0.1,
        variety: 0.3,
        thin_day: ThinDay::Shorter,
    }
}

/// The first of January 1970, with three days behind it and nothing told in the week.
const OCCASION: Occasion<'_> = Occasion {
    date: date(1970, 1, 1),
    from: Timestamp::constant(-3 * 86_400, 0),
    week: &[],
};

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
        transcript_page: None,
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
        machine_heard: false,
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
    pick_by(shelf, &settings(), &OCCASION)
}

fn pick_by(shelf: Vec<Shelved>, rules: &DigestSettings, occasion: &Occasion<'_>) -> Picked {
    pick_top(
        drop_repeats(shelf, &Recalled::default()).fresh,
        rules,
        occasion,
    )
}

/// The headlines of an edition, in its order.
fn headlines(picked: &Picked) -> Vec<String> {
    let insights = picked.insights();
    insights
        .into_iter()
        .map(|insight| insight.headline)
        .collect()
}

/// A candidate of another entry and source each time, with a leading topic.
fn about(topic: &str, score: f64) -> Shelved {
    let name = format!("{topic}{score}");
    let text: Vec<String> = (0..9).map(|word| format!("{name}x{word}")).collect();
    let mut shelved = shelved(&name, "1", score, &text.join(" "));
    shelved.candidate.topics = vec![topic.to_owned()];
    shelved.candidate.headline = name;
    shelved
}

/// A candidate of an entry that was published so many days before the edition.
fn days_old(days: i64, score: f64) -> Shelved {
    let mut shelved = about(&format!("{days} days, "), score);
    shelved.published = Timestamp::UNIX_EPOCH - SignedDuration::from_hours(24 * days);
    shelved
}

fn why_not(picked: &Picked) -> Vec<Why> {
    picked.passed_over.iter().map(|passed| passed.why).collect()
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
    assert_eq!(why_not(&picked), [Why::EditionFull, Why::EditionFull]);
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
    assert_eq!(why_not(&picked), [Why::EnoughOfEntry, Why::EnoughOfSource]);
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
    assert_eq!(why_not(&picked), [Why::BelowBar]);
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
    let picked = pick_by(shelf.clone(), &rules, &OCCASION);
    let mut told = Vec::new();
    for passed in &picked.passed_over {
        let missed = passed.placed.shelved();
        let lacking = passed.lacking.expect("points would put it in");
        told.push((lacking.points, lacking.in_place_of));
        for (more, chosen) in [(0.001, true), (-0.001, false)] {
            let again = with_more(&shelf, missed, lacking.points + more);
            let is_in = has(&pick_by(again, &rules, &OCCASION), missed);
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
}

/// The shelf with so many points more for one of its candidates, best first.
fn with_more(shelf: &[Shelved], raised: &Shelved, points: f64) -> Vec<Shelved> {
    let mut shelf = shelf.to_vec();
    for row in &mut shelf {
        if row.candidate.text == raised.candidate.text {
            row.candidate.score += points;
        }
    }
    shelf.sort_by(|a, b| b.candidate.score.total_cmp(&a.candidate.score));
    shelf
}

fn has(picked: &Picked, sought: &Shelved) -> bool {
    let mut chosen = picked.chosen.iter();
    chosen.any(|placed| placed.shelved().candidate.text == sought.candidate.text)
}

#[test]
fn what_is_lacking_counts_age_and_topic_too() {
    let rules = DigestSettings {
        size: 3,
        ..settings()
    };
    let mut old = days_old(2, 4.0);
    old.candidate.topics = vec!["pricing".to_owned()];
    let shelf = vec![
        about("pricing", 5.0),
        about("growth", 4.5),
        about("pricing", 4.2),
        old,
        about("pricing", 3.0),
        about("hiring", 1.0),
    ];
    let picked = pick_by(shelf.clone(), &rules, &OCCASION);
    assert_eq!(headlines(&picked), ["pricing5", "growth4.5", "pricing4.2"]);
    for passed in &picked.passed_over {
        let missed = passed.placed.shelved();
        let lacking = passed.lacking.expect("points would put it in");
        for (more, chosen) in [(0.001, true), (-0.001, false)] {
            let again = with_more(&shelf, missed, lacking.points + more);
            let is_in = has(&pick_by(again, &rules, &OCCASION), missed);
            assert_eq!(is_in, chosen, "{} {more}", missed.candidate.headline);
        }
    }
}

#[test]
fn a_day_of_age_costs_points_which_stand_among_the_reasons() {
    let picked = pick(vec![days_old(2, 4.1), days_old(0, 4.0)]);
    assert_eq!(headlines(&picked), ["0 days, 4", "2 days, 4.1"]);
    let insight = &picked.insights()[1];
    assert!((insight.score - 3.9).abs() < 1e-9);
    let age = insight.reasons.iter().find(|reason| reason.rule == AGE);
    assert!(age.is_some_and(|reason| (reason.points + 0.2).abs() < 1e-9));
    let points: f64 = insight.reasons.iter().map(|reason| reason.points).sum();
    assert!((points - insight.score).abs() < 1e-9);
}

#[test]
fn age_is_counted_in_days_of_the_operators_time_zone() {
    let mut evening = about("growth", 4.0);
    evening.published = "1969-12-31T16:00:00Z".parse().expect("a time");
    let tokyo = DigestSettings {
        time_zone: TimeZone::get("Asia/Tokyo").expect("a zone"),
        ..settings()
    };
    let score = |rules| pick_by(vec![evening.clone()], &rules, &OCCASION).insights()[0].score;
    assert!(
        (score(settings()) - 3.9).abs() < 1e-9,
        "yesterday in London"
    );
    assert!((score(tokyo) - 4.0).abs() < 1e-9, "today in Tokyo");
}

#[test]
fn age_does_not_push_a_passage_below_the_bar() {
    let picked = pick(vec![days_old(2, 2.0), days_old(0, 1.99)]);
    assert_eq!(headlines(&picked), ["2 days, 2"]);
}

#[test]
fn a_topic_that_the_edition_has_makes_room_for_another() {
    let shelf = vec![
        about("growth", 5.0),
        about("growth", 4.9),
        about("growth", 4.8),
        about("pricing", 4.7),
        about("hiring", 4.15),
    ];
    let picked = pick(shelf.clone());
    assert_eq!(
        headlines(&picked),
        [
            "growth5",
            "pricing4.7",
            "growth4.9",
            "growth4.8",
            "hiring4.15"
        ]
    );
    let third = &picked.insights()[3];
    let variety = third.reasons.iter().find(|reason| reason.rule == VARIETY);
    assert!(variety.is_some_and(|reason| (reason.points + 0.6).abs() < 1e-9));
    let by_score_alone = DigestSettings {
        variety: 0.0,
        ..settings()
    };
    let picked = pick_by(shelf, &by_score_alone, &OCCASION);
    assert_eq!(
        headlines(&picked),
        [
            "growth5",
            "growth4.9",
            "growth4.8",
            "pricing4.7",
            "hiring4.15"
        ]
    );
}

#[test]
fn a_topic_that_the_week_was_full_of_stands_back() {
    let shelf = || vec![about("growth", 4.2), about("pricing", 4.0)];
    assert_eq!(headlines(&pick(shelf())), ["growth4.2", "pricing4"]);
    let week: Vec<String> = ["growth", "growth", "growth", "pricing"]
        .map(str::to_owned)
        .to_vec();
    let occasion = Occasion {
        week: &week[..3],
        ..OCCASION
    };
    let picked = pick_by(shelf(), &settings(), &occasion);
    assert_eq!(headlines(&picked), ["pricing4", "growth4.2"]);
    let occasion = Occasion {
        week: &week,
        ..OCCASION
    };
    // three quarters of the points against a quarter of them: 3.975 and 3.925
    let picked = pick_by(shelf(), &settings(), &occasion);
    assert_eq!(headlines(&picked), ["growth4.2", "pricing4"]);
}

#[test]
fn a_thin_day_is_filled_from_earlier_days_only_where_that_is_the_policy() {
    let shelf = || vec![days_old(1, 3.0), days_old(2, 1.0), days_old(5, 6.0)];
    for (thin_day, wanted) in [
        (ThinDay::Older, vec!["1 days, 3", "5 days, 6"]),
        (ThinDay::None, vec![]),
    ] {
        let rules = DigestSettings {
            thin_day,
            ..settings()
        };
        assert_eq!(headlines(&pick_by(shelf(), &rules, &OCCASION)), wanted);
    }
    let rules = DigestSettings {
        thin_day: ThinDay::Older,
        ..settings()
    };
    let earlier: Vec<Option<Date>> = pick_by(shelf(), &rules, &OCCASION)
        .insights()
        .iter()
        .map(|insight| insight.of_earlier_day)
        .collect();
    assert_eq!(earlier, [None, Some(date(1969, 12, 27))]);
}

#[test]
fn what_is_from_earlier_days_takes_no_place_from_what_is_not() {
    let rules = DigestSettings {
        size: 2,
        thin_day: ThinDay::Older,
        ..settings()
    };
    let shelf = vec![days_old(0, 3.0), days_old(1, 2.5), days_old(5, 9.0)];
    let picked = pick_by(shelf, &rules, &OCCASION);
    assert_eq!(headlines(&picked), ["0 days, 3", "1 days, 2.5"]);
    let passed = &picked.passed_over[0];
    assert_eq!((passed.why, passed.lacking), (Why::EditionFull, None));
}

#[test]
fn an_edition_that_is_all_or_nothing_is_sent_when_it_is_full() {
    let rules = DigestSettings {
        size: 2,
        thin_day: ThinDay::None,
        ..settings()
    };
    let full = vec![about("growth", 3.0), about("pricing", 2.0)];
    assert_eq!(pick_by(full.clone(), &rules, &OCCASION).insights().len(), 2);
    let thin = pick_by(full[..1].to_vec(), &rules, &OCCASION);
    assert!(thin.insights().is_empty());
    assert_eq!(why_not(&thin), [Why::ThinDay]);
}
