//! What was told before is found again, however it comes back: in a day's choice, and from outside.

use std::fmt::Write as _;
use std::fs;

use jiff::civil::Date;
use proptest::prelude::*;
use takefive::model::Recalled;
use takefive::model::Telling;
use takefive::model::Told;
use takefive::outside::store::HandedIn;
use takefive::outside::store::Memorised;
use takefive::outside::store::Store;
use takefive::pipeline::history::LINE_BYTES_MAX;
use takefive::pipeline::history::recall;
use takefive::stages::drop_repeats::FINGERPRINT_METHOD;
use takefive::stages::drop_repeats::Place;
use takefive::stages::drop_repeats::Texts;
use takefive::stages::drop_repeats::find_originals;
use takefive::stages::drop_repeats::find_told;
use takefive::stages::drop_repeats::fingerprints;
use tempfile::TempDir;

use crate::shelter::OLD_WORDS;
use crate::shelter::Shelter;
use crate::shelter::edition_of;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::Ran;
use crate::world::newsroom::fed;
use crate::world::newsroom::program;
use crate::world::newsroom::ran;

const ORIGINAL: &str = "We raised the price of the smallest plan by twenty-five percent, and nobody wrote to us. What did change is \
    who signed up: fewer hobbyists, more bakeries with three or four shops. Don't read that as proof that prices don't \
    matter; read it as a sign that we had been selling to the wrong people.";

/// The same words again, each in its own disguise.
const AGAIN: [(&str, &str); 9] = [
    ("exact", ORIGINAL),
    (
        "case, marks and white space",
        "WE RAISED THE PRICE OF THE SMALLEST PLAN BY TWENTY FIVE PERCENT  AND NOBODY WROTE TO US WHAT DID CHANGE IS WHO SIGNED \
         UP FEWER HOBBYISTS   MORE BAKERIES WITH THREE OR FOUR SHOPS DON’T READ THAT AS PROOF THAT PRICES DON’T MATTER READ IT \
         AS A SIGN THAT WE HAD BEEN SELLING TO THE WRONG PEOPLE",
    ),
    (
        "two words changed",
        "We raised the price of the smallest plan by twenty-five percent, and nobody complained to us. What did change is who \
         signed up: fewer hobbyists, more florists with three or four shops. Don't read that as proof that prices don't \
         matter; read it as a sign that we had been selling to the wrong people.",
    ),
    (
        "a sentence dropped",
        "We raised the price of the smallest plan by twenty-five percent, and nobody wrote to us. Don't read that as proof that \
         prices don't matter; read it as a sign that we had been selling to the wrong people.",
    ),
    (
        "sentences reordered",
        "Don't read that as proof that prices don't matter; read it as a sign that we had been selling to the wrong people. We \
         raised the price of the smallest plan by twenty-five percent, and nobody wrote to us. What did change is who signed \
         up: fewer hobbyists, more bakeries with three or four shops.",
    ),
    (
        "another engine",
        "um we raised the price of the smallest plan by 25% and nobody rode to us what did change is who sign up fewer hobby \
         ists more bakeries with 3 or 4 shops do not read that as proof that prices do not matter reed it as a sign we had \
         been selling too the wrong people",
    ),
    (
        "inside a longer passage",
        "Here is a thing I told them in the autumn. We raised the price of the smallest plan by twenty-five percent, and nobody \
         wrote to us. What did change is who signed up: fewer hobbyists, more bakeries with three or four shops. Don't read \
         that as proof that prices don't matter; read it as a sign that we had been selling to the wrong people. After that \
         the whole board wanted to try it with every other plan we had.",
    ),
    (
        "a part of it",
        "What did change is who signed up: fewer hobbyists, more bakeries with three or four shops.",
    ),
    (
        "a teaser",
        "We raised the price of the smallest plan by twenty-five percent, and nobody wrote to us…",
    ),
];

/// On the same subject, in other words.
const OTHERS: [&str; 3] = [
    "We raised the price of the largest plan last year and lost two customers, both of whom came back within a month because \
     nobody else could import their orders.",
    "What people sign up for is rarely what they pay for. Ask the bakeries among your customers which of the screens they \
     opened this week, and you will be surprised.",
    "Prices do matter, of course. The question is whether you have the nerve to write to the people who pay least and tell \
     them that the plan they are on is going away.",
];

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn told(text: &str) -> Told {
    Told {
        telling: Telling::Elsewhere { id: "t".to_owned() },
        text: text.to_owned(),
    }
}

fn originals(texts: &[&str], recalled: &Recalled) -> Vec<Option<Place>> {
    let read = Texts::of(texts.iter().copied());
    let told = find_told(&read, 0..texts.len(), &[recalled]);
    find_originals(&read, told)
}

fn handed_in(id: &str, text: &str) -> HandedIn {
    HandedIn {
        id: id.to_owned(),
        text: text.to_owned(),
        fingerprints: fingerprints(text),
    }
}

/// What memory brings up for one text, by name: all, or what was told before that day's edition.
fn brought_up(store: &Store, text: &str, before: Option<Date>) -> Vec<String> {
    let upto = before.and_then(|day| store.told_before(day).unwrap());
    let recalled = recall(store, &Texts::of([text].into_iter()), upto).unwrap();
    let named = recalled.told().iter().map(|told| told.telling.id());
    named.collect()
}

/// A folder in which the program runs without settings.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn history(&self, command: &str, lines: &str) -> Ran {
        let arguments = ["history", command, "-", "--store", "memory.db"];
        fed(&mut program(self.0.path(), arguments), lines.as_bytes())
    }
}

// the pure part

#[test]
fn what_was_told_is_known_again_in_every_disguise() {
    for (kind, text) in AGAIN {
        let found = originals(&[text], &Recalled::all(vec![told(ORIGINAL)]));
        assert_eq!(found, [Some(Place::Told { layer: 0, nth: 0 })], "{kind}");
        let found = originals(&[ORIGINAL, text], &Recalled::default());
        assert_eq!(found, [None, Some(Place::Earlier(0))], "{kind}");
    }
}

#[test]
fn another_point_on_the_same_subject_is_not_a_repeat() {
    let mut texts = OTHERS.to_vec();
    texts.extend(CLAIMS);
    let found = originals(&texts, &Recalled::all(vec![told(ORIGINAL)]));
    assert_eq!(found, vec![None; texts.len()]);
}

#[test]
fn a_turn_of_phrase_that_two_short_passages_share_is_not_a_repeat() {
    let one = "That's a great question. I would start with the invoices.";
    let other = "That's a great question, and nobody in the room had an answer to it.";
    assert_eq!(originals(&[one, other], &Recalled::default()), [None, None]);
}

#[test]
fn numbers_and_short_forms_are_the_same_however_they_are_written() {
    for (one, other) in [
        (
            "we'll pay $1,000 by 2024",
            "we will pay one thousand dollars by twenty twenty-four",
        ),
        (
            "it's 250 people, don't hire",
            "it is two hundred and fifty people, do not hire",
        ),
        (
            "10x growth at 5k stores",
            "ten x growth at five thousand stores",
        ),
        (
            "the café’s organisation grew 50%",
            "the cafes organization grew fifty percent",
        ),
    ] {
        assert_eq!(fingerprints(one), fingerprints(other), "{one}");
    }
    assert_ne!(
        fingerprints("we met 20 teams"),
        fingerprints("we met 21 teams")
    );
}

#[test]
fn of_several_originals_the_most_alike_is_named_and_among_equals_the_first() {
    let (_, shorter) = AGAIN[3];
    let recalled = Recalled::all(vec![told(AGAIN[2].1), told(ORIGINAL), told(ORIGINAL)]);
    let found = originals(&[ORIGINAL], &recalled);
    assert_eq!(found, [Some(Place::Told { layer: 0, nth: 1 })]);
    let found = originals(&[ORIGINAL, shorter, shorter], &Recalled::default());
    assert_eq!(
        found[1..],
        [Some(Place::Earlier(0)), Some(Place::Earlier(0))]
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_with_a_word_repeats_itself(text in "\\PC{0,200}") {
        let found = originals(&[&text, &text], &Recalled::default());
        // "%" and "&" are said, too
        let has_words = text.contains(|c: char| c.is_alphanumeric() || "%&".contains(c));
        prop_assert!(found[0].is_none());
        prop_assert!(has_words || found[1].is_none());
        let taken = fingerprints(&text);
        prop_assert!(taken.is_sorted_by(|a, b| a < b));
        prop_assert_eq!(found[1].is_some(), !taken.is_empty());
    }
}

// the store

#[test]
fn passages_are_taken_in_once_and_brought_up_for_what_repeats_them() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let passages = [
        handed_in("one", ORIGINAL),
        handed_in("two", CLAIMS[0]),
        handed_in("one", ORIGINAL),
        handed_in("two", CLAIMS[1]),
    ];
    let outcomes = store.add_told(&passages, FINGERPRINT_METHOD).unwrap();
    assert_eq!(
        outcomes,
        [
            Memorised::New,
            Memorised::New,
            Memorised::Already,
            Memorised::NameTaken
        ]
    );
    let outcomes = store.add_told(&passages[1..], FINGERPRINT_METHOD).unwrap();
    assert_eq!(
        outcomes,
        [Memorised::Already, Memorised::Already, Memorised::NameTaken]
    );
    drop(store);
    let store = shelter.open();
    for (kind, text) in AGAIN {
        assert_eq!(brought_up(&store, text, None), ["one"], "{kind}");
    }
    assert_eq!(brought_up(&store, CLAIMS[2], None), [""; 0]);
}

#[test]
fn what_was_told_very_often_is_still_known() {
    let mut store = Store::temporary().unwrap();
    let often: Vec<HandedIn> = (0..60)
        .map(|nth| handed_in(&format!("told-{nth}"), &format!("{ORIGINAL} Number {nth}.")))
        .collect();
    store.add_told(&often, FINGERPRINT_METHOD).unwrap();
    for (kind, text) in AGAIN {
        assert!(
            brought_up(&store, text, None).contains(&"told-0".to_owned()),
            "{kind}"
        );
    }
}

#[test]
fn an_edition_is_in_memory_for_every_day_but_its_own() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let digest = edition_of(&mut store, day(DAY), 1);
    let text = &digest.insights()[0].text;
    let named = format!("{DAY}#1");
    assert_eq!(brought_up(&store, text, None), [&*named]);
    assert_eq!(brought_up(&store, text, Some(day(NEXT_DAY))), [&*named]);
    assert_eq!(brought_up(&store, text, Some(day(DAY))), [""; 0]);
    // its name belongs to it
    let taken = [handed_in(&named, text), handed_in(&named, ORIGINAL)];
    let outcomes = store.add_told(&taken, FINGERPRINT_METHOD).unwrap();
    assert_eq!(outcomes, [Memorised::Already, Memorised::NameTaken]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_edition_is_in_the_index_from_the_moment_it_is_saved() {
    let room = Newsroom::new().await.blog("notes", DAY, &CLAIMS[..2]);
    room.run_on(DAY).exits(0);
    let count = |sql: &str| -> i64 { room.store().query_row(sql, [], |row| row.get(0)).unwrap() };
    let sent = count("SELECT count(*) FROM sent_insight");
    assert!(sent > 0);
    assert_eq!(
        count("SELECT count(*) FROM told WHERE fingerprinted = 1"),
        sent
    );
    assert_eq!(
        count("SELECT count(*) FROM told WHERE fingerprinted = 0"),
        0
    );
}

#[test]
fn what_an_older_program_sent_is_in_memory_as_soon_as_it_is_needed() {
    // the tables as they were before there was a memory
    let shelter = Shelter::of_version(3);
    let store = shelter.open();
    assert_eq!(brought_up(&store, OLD_WORDS, None), ["2026-05-01#1"]);
}

#[test]
fn fingerprints_of_an_older_method_are_taken_anew() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, day(DAY), 1);
    let older = HandedIn {
        fingerprints: vec![1, 2, 3],
        ..handed_in("one", ORIGINAL)
    };
    store.add_told(&[older], FINGERPRINT_METHOD + 1).unwrap();
    assert_eq!(brought_up(&store, ORIGINAL, None), ["one"]);
    let wanting = store.wanting_fingerprints(FINGERPRINT_METHOD, 10).unwrap();
    assert_eq!(wanting, []);
}

#[test]
fn a_crash_while_fingerprints_are_made_up_for_leaves_the_rest_wanting() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let first = edition_of(&mut store, day(DAY), 1);
    let second = edition_of(&mut store, day(NEXT_DAY), 2);
    let wanting = store.wanting_fingerprints(FINGERPRINT_METHOD, 1).unwrap();
    let (number, text) = &wanting[0];
    let taken = [(*number, fingerprints(text))];
    store.put_fingerprints(FINGERPRINT_METHOD, &taken).unwrap();
    drop(store); // the crash
    let store = shelter.open();
    let wanting = store.wanting_fingerprints(FINGERPRINT_METHOD, 10).unwrap();
    assert_eq!(wanting.len(), 1);
    store.put_fingerprints(FINGERPRINT_METHOD, &taken).unwrap(); // a second time changes nothing
    for digest in [first, second] {
        let found = brought_up(&store, &digest.insights()[0].text, None);
        assert!(found.contains(&format!("{}#1", digest.date)), "{found:?}");
    }
    let holders: i64 = shelter
        .raw()
        .query_row(
            "SELECT sum(length(holders)) / 7 FROM fingerprint",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let told: usize = fingerprints(text).len() + fingerprints(&wanting[0].1).len();
    assert_eq!(usize::try_from(holders).unwrap(), told);
}

// from outside

#[test]
fn history_is_added_to_and_asked_line_by_line() {
    let desk = Desk::new();
    let added = desk.history("add", &format!("a\t{ORIGINAL}\n\nb\t{}\r\n", CLAIMS[0]));
    assert_eq!(added.exits(0).stdout, "2 added.\n");
    let again = desk.history("add", &format!("a\t{ORIGINAL}\n"));
    assert_eq!(again.exits(0).stdout, "0 added, 1 known already.\n");
    let mut lines = String::new();
    for (nth, (_, text)) in AGAIN.iter().enumerate() {
        writeln!(lines, "q{nth}\t{text}").unwrap();
    }
    writeln!(
        lines,
        "new\t{}\nonce more\t{}",
        CLAIMS[1],
        CLAIMS[1].to_lowercase()
    )
    .unwrap();
    let mut expected = String::new();
    for nth in 0..AGAIN.len() {
        writeln!(expected, "q{nth}\trepeat\ta").unwrap();
    }
    expected += "new\tfresh\nonce more\trepeat\tnew\n";
    for _ in 0..2 {
        // asking leaves nothing behind
        assert_eq!(desk.history("check", &lines).exits(0).stdout, expected);
    }
}

#[test]
fn bad_lines_are_told_by_their_number_and_the_others_are_taken() {
    let desk = Desk::new();
    let lines = format!(
        "a\t{ORIGINAL}\nno tab here\n\tno name\nc\t…\na\t{}\nd\t{}\n",
        CLAIMS[0], CLAIMS[1]
    );
    let added = desk.history("add", &lines).exits(2);
    assert_eq!(added.stdout, "2 added, 4 left out.\n");
    for number in 2..=5 {
        let named = format!("standard input:{number}: ");
        assert!(added.stderr.contains(&named), "{number}: {}", added.stderr);
    }
    assert!(!added.stderr.contains("no tab here"), "{}", added.stderr);
    let checked = desk.history("check", &lines).exits(2);
    assert_eq!(checked.stdout, "a\trepeat\ta\na\tfresh\nd\trepeat\td\n");
}

#[test]
fn a_line_may_be_a_mebibyte_long_and_no_byte_longer() {
    let desk = Desk::new();
    let longest = format!("a\t{}", "word ".repeat(LINE_BYTES_MAX / 5));
    for (length, code) in [(LINE_BYTES_MAX, 0), (LINE_BYTES_MAX + 1, 2)] {
        let line = format!("{}x", &longest[..length - 1]);
        let checked = desk.history("check", &format!("{line}\nb\tthe next one\n"));
        let checked = checked.exits(code);
        let expected = if code == 0 {
            "a\tfresh\nb\tfresh\n"
        } else {
            "b\tfresh\n"
        };
        assert_eq!(checked.stdout, expected);
    }
}

#[test]
fn what_is_not_text_is_told_and_a_mark_of_utf_8_is_not_part_of_a_name() {
    let desk = Desk::new();
    let file = desk.0.path().join("list.tsv");
    fs::write(&file, b"\xef\xbb\xbfa\tone two three\nb\t\xff\xfe\n").unwrap();
    let arguments = ["history", "check", "list.tsv", "--store", "memory.db"];
    let checked = ran(&mut program(desk.0.path(), arguments)).exits(2);
    assert_eq!(checked.stdout, "a\tfresh\n");
    assert!(
        checked.stderr.contains("list.tsv:2: not UTF-8"),
        "{}",
        checked.stderr
    );
    let missing = ["history", "check", "missing.tsv", "--store", "memory.db"];
    let failed = ran(&mut program(desk.0.path(), missing)).exits(1);
    assert!(failed.stderr.contains("missing.tsv"), "{}", failed.stderr);
}

#[test]
fn with_json_every_answer_is_an_object_of_its_own() {
    let desk = Desk::new();
    let run = |command: &str, lines: &str| {
        let arguments = ["history", command, "-", "--store", "memory.db", "--json"];
        fed(&mut program(desk.0.path(), arguments), lines.as_bytes()).exits(0)
    };
    let added = run("add", &format!("a\t{ORIGINAL}\n")).report();
    assert_eq!((&added["new"], &added["bad_lines"]), (&1.into(), &0.into()));
    let checked = run("check", &format!("b\t{ORIGINAL}\nc\t{}\n", CLAIMS[0])).lines();
    assert_eq!(checked[0]["original"], "a");
    assert_eq!(checked[1]["outcome"], "fresh");
}

#[test]
fn a_line_is_a_repeat_of_one_that_came_many_thousand_lines_before() {
    let desk = Desk::new();
    let mut lines = format!("first\t{ORIGINAL}\n");
    for nth in 0..25_100 {
        writeln!(lines, "n{nth}\tw{nth} v{nth} u{nth}").unwrap();
    }
    writeln!(lines, "last\t{ORIGINAL}").unwrap();
    let checked = desk.history("check", &lines).exits(0);
    assert!(checked.stdout.ends_with("last\trepeat\tfirst\n"));
    assert_eq!(checked.stdout.matches("\tfresh\n").count(), 25_101);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_elsewhere_is_not_chosen() {
    let room = Newsroom::new().await.blog("notes", DAY, &CLAIMS[..2]);
    fs::write(room.path("told.tsv"), format!("letter 7\t{}\n", CLAIMS[0])).unwrap();
    room.takefive(["history", "add", "told.tsv"]).exits(0);
    let texts = room.run_on(DAY).exits(0).texts();
    assert!(!texts.is_empty());
    assert!(
        texts.iter().all(|text| !CLAIMS[0].contains(text.as_str())),
        "{texts:?}"
    );
    let explained = room.takefive(["explain", "--date", DAY]).exits(0).stdout;
    assert!(explained.contains("letter 7"), "{explained}");
    let asked = fed(
        &mut room.command(["history", "check", "-"]),
        format!("q\t{}\n", texts[0]).as_bytes(),
    );
    assert_eq!(asked.stdout, format!("q\trepeat\t{DAY}#1\n"));
}
