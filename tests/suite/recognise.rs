//! Which entry is which: every case of `tests/cases/recognise`, and one copy of what stands in two feeds.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use proptest::arbitrary::any;
use proptest::collection::btree_map;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::strategy::Strategy;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use takefive::model::Candidate;
use takefive::model::Enclosure;
use takefive::model::Entry;
use takefive::model::EntryId;
use takefive::model::KnownEntry;
use takefive::model::Shelved;
use takefive::model::Source;
use takefive::model::SourceKind;
use takefive::stages::recognise::OneCopy;
use takefive::stages::recognise::PassedOver;
use takefive::stages::recognise::Reading;
use takefive::stages::recognise::Recognised;
use takefive::stages::recognise::keep_one_copy;
use takefive::stages::recognise::recognise;
use url::Url;

/// The rows of a file of cases.
fn rows<T: DeserializeOwned>(file: &str) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/recognise");
    let text = fs::read_to_string(path.join(file)).expect("the cases are part of the repository");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What a case tells of an entry.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// Its name in the case, of a known one.
    #[serde(rename = "as")]
    name: Option<String>,
    guid: Option<String>,
    title: Option<String>,
    link: Option<Url>,
    landed: Option<Url>,
    file: Option<Url>,
    published: Option<Timestamp>,
    republished: Option<Timestamp>,
    #[serde(default)]
    older: bool,
    #[serde(default)]
    waiting: bool,
}

impl Told {
    /// The id that its reading gave it where it had its keys to itself.
    fn first_id(&self) -> EntryId {
        let link = self.link.as_ref().map(Url::to_string);
        let key = self.guid.clone().or(link).or(self.title.clone());
        EntryId::new("A Show", &key.unwrap_or_default())
    }

    fn known(&self) -> KnownEntry {
        let name = self.name.clone().expect("a known entry has a name");
        KnownEntry {
            id: if self.older {
                self.first_id()
            } else {
                EntryId::from_stored(name)
            },
            guid: self.guid.clone().filter(|_| !self.older),
            title: self.title.clone().unwrap_or_default(),
            link: self.link.clone(),
            landed: self.landed.clone(),
            enclosure: self.file.clone(),
            published: self.published,
            republished: self.republished,
            first_seen: Timestamp::UNIX_EPOCH,
            waiting: self.waiting,
        }
    }

    fn read(&self) -> Entry {
        Entry {
            id: self.first_id(),
            guid: self.guid.clone(),
            title: self.title.clone().unwrap_or_default(),
            link: self.link.clone(),
            published: self.published,
            author: None,
            summary: None,
            content: None,
            enclosure: self.file.clone().map(|url| Enclosure {
                url,
                media_type: None,
                bytes: None,
            }),
            duration_seconds: None,
            transcripts: Vec::new(),
            chapters: None,
            own_chapters: Vec::new(),
            soundbites: Vec::new(),
            people: Vec::new(),
            season: None,
            episode: None,
        }
    }
}

fn sorted_out(home: Option<&Url>, read: &[Told], known: &[Told]) -> Recognised {
    let reading = Reading {
        source: "A Show",
        home,
        entries: read.iter().map(Told::read).collect(),
    };
    let known: Vec<KnownEntry> = known.iter().map(Told::known).collect();
    recognise(reading, &known)
}

/// Whether an entry of which `read` is told is the one of which `known` is told.
fn are_one(known: &Told, read: &Told) -> bool {
    let known = Told {
        name: Some("a".to_owned()),
        ..known.clone()
    };
    let recognised = sorted_out(None, std::slice::from_ref(read), &[known]);
    recognised.new.is_empty()
}

// cases

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    why: String,
    home: Option<Url>,
    known: Vec<Told>,
    read: Vec<Told>,
    is: Vec<String>,
    warned: Option<String>,
    #[serde(default)]
    ordered: bool,
}

impl Case {
    /// Which known one each entry is, the entries being in this order.
    fn answer(&self, read: &[Told], known: &[Told]) -> (Vec<String>, Option<String>) {
        let names: BTreeMap<EntryId, String> = known
            .iter()
            .map(|told| (told.known().id, told.name.clone().unwrap()))
            .collect();
        let recognised = sorted_out(self.home.as_ref(), read, known);
        let entry_of = |told: &Told| {
            let same = |entry: &Entry| {
                let is = told.read();
                (&entry.guid, &entry.title, &entry.link, entry.published)
                    == (&is.guid, &is.title, &is.link, is.published)
            };
            let met = recognised.met.iter().map(|met| &met.entry);
            met.filter(|entry| same(entry))
                .map(|entry| names[&entry.id].clone())
                .next()
                .unwrap_or_else(|| "new".to_owned())
        };
        let is = read.iter().map(entry_of).collect();
        (is, recognised.warning)
    }
}

#[test]
fn each_entry_of_the_cases_is_recognised_as_expected() {
    let cases: Cases = rows("entries.toml");
    assert!(cases.case.len() > 35);
    for case in &cases.case {
        let (is, warning) = case.answer(&case.read, &case.known);
        assert_eq!(is, case.is, "{}", case.why);
        match &case.warned {
            None => assert_eq!(warning, None, "{}", case.why),
            Some(counts) => {
                let warning = warning.unwrap_or_default();
                assert!(
                    warning.contains(&format!("({counts} ")),
                    "{}: {warning}",
                    case.why
                );
            }
        }
    }
}

#[test]
fn the_order_of_the_entries_does_not_matter() {
    let cases: Cases = rows("entries.toml");
    let backwards = |told: &[Told]| -> Vec<Told> { told.iter().rev().cloned().collect() };
    for case in cases.case.iter().filter(|case| !case.ordered) {
        let (read, known) = (backwards(&case.read), backwards(&case.known));
        for (read, known) in [(&read, &case.known), (&case.read, &known), (&read, &known)] {
            let (is, _) = case.answer(read, known);
            let expected: Vec<&String> = read
                .iter()
                .map(|told| {
                    let same = |other: &&Told| format!("{other:?}") == format!("{told:?}");
                    let nth = case.read.iter().position(|other| same(&other)).unwrap();
                    &case.is[nth]
                })
                .collect();
            assert_eq!(is.iter().collect::<Vec<_>>(), expected, "{}", case.why);
        }
    }
}

#[derive(Deserialize)]
struct Rows {
    row: Vec<AddressRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AddressRow {
    why: String,
    fact: String,
    #[serde(default)]
    same: Vec<String>,
    #[serde(default)]
    different: Vec<String>,
}

impl AddressRow {
    fn told(&self, address: &str) -> Told {
        let url = || Some(address.parse().expect("an address"));
        match self.fact.as_str() {
            "link" => Told {
                link: url(),
                ..Told::default()
            },
            "file" => Told {
                file: url(),
                ..Told::default()
            },
            "guid" => Told {
                guid: Some(address.to_owned()),
                ..Told::default()
            },
            other => panic!("{other} is no fact"),
        }
    }
}

#[test]
fn addresses_are_compared_as_expected() {
    let rows: Rows = rows("addresses.toml");
    for row in &rows.row {
        assert!(row.same.len() > 1 || row.different.len() > 1, "{}", row.why);
        for (addresses, are_same) in [(&row.same, true), (&row.different, false)] {
            for one in addresses {
                for other in addresses.iter().filter(|other| *other != one) {
                    assert_eq!(
                        are_one(&row.told(one), &row.told(other)),
                        are_same,
                        "{}: {one} and {other}",
                        row.why
                    );
                }
            }
        }
    }
}

#[test]
fn an_address_that_is_a_place_tells_nothing_and_its_neighbour_does() {
    let link = |address: &str| Told {
        link: Some(address.parse().unwrap()),
        ..Told::default()
    };
    for (place, page) in [
        ("https://show.example", "https://show.example/?p=1"),
        ("https://show.example/", "https://show.example/cut"),
        (
            "https://show.example/podcast/",
            "https://show.example/podcast-7/",
        ),
        (
            "https://show.example/s1/latest",
            "https://show.example/s1/latest-news",
        ),
        (
            "https://show.example/latest.html",
            "https://show.example/latest?issue=5",
        ),
        (
            "https://show.example/news",
            "https://show.example/2026/news",
        ),
    ] {
        assert!(!are_one(&link(place), &link(place)), "{place}");
        assert!(are_one(&link(page), &link(page)), "{page}");
    }
}

proptest! {
    #[test]
    fn whatever_feeds_say_each_entry_gets_one_id_of_its_own_and_keeps_it(
        (first, second) in two_readings(),
    ) {
        let mut known = Vec::new();
        remember(&mut known, &sorted(&first, &[]));
        let before: BTreeSet<EntryId> = known.iter().map(|known| known.id.clone()).collect();
        prop_assert_eq!(before.len(), first.len());

        let once = sorted(&second, &known);
        let met = once.met.iter().map(|met| &met.entry);
        let ids: BTreeSet<&EntryId> = met.chain(&once.new).map(|entry| &entry.id).collect();
        prop_assert_eq!(ids.len(), second.len());
        prop_assert!(once.new.iter().all(|entry| !before.contains(&entry.id)));
        prop_assert!(once.met.iter().all(|met| before.contains(&met.entry.id)));

        remember(&mut known, &once);
        prop_assert_eq!(sorted(&second, &known).new, []);
    }
}

/// Two readings of a feed whose entries have few facts and share many of them. No two entries of a reading are copies: these
/// are paired one by one, of which there is a case.
fn two_readings() -> impl Strategy<Value = (Vec<Told>, Vec<Told>)> {
    let has = (any::<bool>(), any::<bool>(), any::<bool>());
    let entries = || btree_map((0_u8..3, 0_u8..3, 0_u8..3), 0_u8..3, 0..9);
    (has, entries(), entries()).prop_map(|((guids, links, dates), first, second)| {
        let told = |((link, title, date), guid)| Told {
            guid: guids.then(|| format!("g{guid}")),
            link: links.then(|| format!("https://notes.example/p{link}").parse().unwrap()),
            title: Some(format!("Title {title}")),
            published: dates.then(|| Timestamp::from_second(date).unwrap()),
            ..Told::default()
        };
        let all = |entries: BTreeMap<(u8, u8, u8), u8>| -> Vec<Told> {
            // what the feed does not say makes copies of entries that differ in just that
            let seen = |(link, title, date): (u8, u8, u8)| {
                (
                    link * u8::from(links),
                    title,
                    i64::from(date) * i64::from(dates),
                )
            };
            let distinct: BTreeMap<_, u8> = entries
                .into_iter()
                .map(|(facts, guid)| (seen(facts), guid))
                .collect();
            distinct.into_iter().map(told).collect()
        };
        (all(first), all(second))
    })
}

fn sorted(told: &[Told], known: &[KnownEntry]) -> Recognised {
    let entries = told.iter().map(Told::read).collect();
    let reading = Reading {
        source: "A Show",
        home: None,
        entries,
    };
    recognise(reading, known)
}

/// What the store does with a reading.
fn remember(known: &mut Vec<KnownEntry>, recognised: &Recognised) {
    for met in &recognised.met {
        let is_it = |known: &&mut KnownEntry| known.id == met.entry.id;
        put_change(known.iter_mut().find(is_it).unwrap(), &met.entry);
    }
    known.extend(recognised.new.iter().map(as_known));
}

/// What the store does with an entry of which something else is told now.
fn put_change(known: &mut KnownEntry, now: &Entry) {
    known.guid = now.guid.clone().or(known.guid.take());
    known.link = now.link.clone().or(known.link.take());
    if !now.title.is_empty() {
        known.title.clone_from(&now.title);
    }
    if now.published.is_some() {
        known.republished = now.published.filter(|now| Some(*now) != known.published);
    }
}

fn as_known(entry: &Entry) -> KnownEntry {
    KnownEntry {
        id: entry.id.clone(),
        guid: entry.guid.clone(),
        title: entry.title.clone(),
        link: entry.link.clone(),
        landed: None,
        enclosure: entry.enclosure.as_ref().map(|file| file.url.clone()),
        published: entry.published,
        republished: None,
        first_seen: Timestamp::UNIX_EPOCH,
        waiting: false,
    }
}

// what was too old

fn dated(guid: &str, title: &str, second: i64) -> Entry {
    Told {
        guid: Some(guid.to_owned()),
        title: Some(title.to_owned()),
        published: Timestamp::from_second(second).ok(),
        ..Told::default()
    }
    .read()
}

fn second(passed_over: &PassedOver, entry: &Entry) -> Option<i64> {
    passed_over.first_date(entry).map(Timestamp::as_second)
}

#[test]
fn the_date_under_which_an_old_entry_was_met_stays() {
    let mut passed_over = PassedOver::default();
    passed_over.remember(&dated("17", "Cut the roadmap", 5));
    passed_over.remember(&dated("17", "Cut the Roadmap!", 9));
    let again = PassedOver::from_bytes(&passed_over.to_bytes());
    assert_eq!(second(&again, &dated("17", "Cut the roadmap", 11)), Some(5));
    assert_eq!(second(&again, &dated("18", "Cut the roadmap", 11)), None);
}

#[test]
fn an_old_entry_under_a_guid_that_names_a_place_is_known_by_its_title_too() {
    let mut passed_over = PassedOver::default();
    let uuid = "8f0c3f60-8d6e-4f0c-9d43-1d7c4b1a0001";
    passed_over.remember(&dated("latest", "Cut", 5));
    passed_over.remember(&dated(uuid, "Cut", 6));
    assert_eq!(second(&passed_over, &dated("latest", "Ask", 11)), None);
    assert_eq!(second(&passed_over, &dated(uuid, "Ask", 11)), Some(6));
    passed_over.remember(&dated("latest", "Ask", 8));
    assert_eq!(second(&passed_over, &dated("latest", "Ask", 11)), Some(8));
}

#[test]
fn an_old_entry_is_known_by_its_page_when_its_guid_changes() {
    let at = |guid: &str, title: &str, page: &str| {
        let mut entry = dated(guid, title, 5);
        entry.link = Some(page.parse().unwrap());
        entry
    };
    let mut passed_over = PassedOver::default();
    passed_over.remember(&at("1", "Cut", "http://notes.example/cut"));
    let https = "https://www.notes.example/cut?utm_source=feed";
    assert_eq!(second(&passed_over, &at("2", "Cut", https)), Some(5));
    assert_eq!(second(&passed_over, &at("2", "Ask", https)), None);
    let front = "https://notes.example/";
    passed_over.remember(&at("3", "Cut", front));
    assert_eq!(second(&passed_over, &at("4", "Cut", front)), None);
}

#[test]
fn of_many_old_entries_those_of_the_newest_reading_are_remembered() {
    let entry = |nth: usize| dated(&format!("entry {nth}"), "Cut", 5);
    let mut passed_over = PassedOver::default();
    for nth in 0..4_001 {
        passed_over.remember(&entry(nth));
    }
    assert_eq!(passed_over.to_bytes().len(), 4_000 * 24);
    let mut next = PassedOver::from_bytes(&passed_over.to_bytes());
    for nth in 5_000..5_010 {
        next.remember(&entry(nth));
    }
    let bytes = next.to_bytes();
    assert_eq!(bytes.len(), (10 + 500) * 24);
    let kept = PassedOver::from_bytes(&bytes);
    assert!((5_000..5_010).all(|nth| kept.first_date(&entry(nth)).is_some()));
}

#[test]
fn an_undated_entry_is_never_too_old_and_torn_bytes_are_left_out() {
    let mut passed_over = PassedOver::default();
    let undated = Told {
        title: Some("Cut".to_owned()),
        ..Told::default()
    };
    passed_over.remember(&undated.read());
    assert_eq!(passed_over, PassedOver::default());
    passed_over.remember(&dated("17", "Cut", 5));
    let mut bytes = passed_over.to_bytes();
    bytes.extend([1; 23]);
    assert_eq!(
        PassedOver::from_bytes(&bytes).to_bytes(),
        passed_over.to_bytes()
    );
}

// the same episode in two feeds

const HOUR: i64 = 3_600;

fn source(name: &str, weight: f64) -> Source {
    Source {
        name: name.to_owned(),
        kind: SourceKind::Podcast,
        feed: "https://example.org/feed.xml".parse().unwrap(),
        language: None,
        weight,
        topics: Vec::new(),
        selector: None,
        transcript: None,
        transcript_page: None,
        credentials: None,
    }
}

/// The episode of a show, with one candidate; its text and its addresses are its source's own.
fn episode(source: &str, title: &str) -> Shelved {
    let text = format!("What {source} says about it is nobody else's.");
    let url = |end: &str| Some(format!("https://{source}.example/7{end}").parse().unwrap());
    Shelved {
        source: source.to_owned(),
        entry: EntryId::new(source, title),
        entry_title: title.to_owned(),
        entry_url: url(""),
        enclosure_url: url(".mp3"),
        published: Timestamp::UNIX_EPOCH,
        document_sha256: format!("text of {source} {title}"),
        machine_heard: false,
        candidate: Candidate {
            from: 0,
            to: text.len(),
            text,
            shown: None,
            headline: "A headline".to_owned(),
            speaker: None,
            start_seconds: None,
            paragraph: None,
            score: 4.0,
            reasons: Vec::new(),
            topics: Vec::new(),
        },
    }
}

fn later(episode: Shelved, seconds: i64) -> Shelved {
    Shelved {
        published: Timestamp::from_second(seconds).unwrap(),
        ..episode
    }
}

/// One copy of these, of sources of equal weight in the order a, b, c.
fn one_copy(shelf: Vec<Shelved>) -> OneCopy {
    with_lengths(shelf, &[])
}

fn with_lengths(shelf: Vec<Shelved>, lengths: &[(&Shelved, f64)]) -> OneCopy {
    let sources = ["a", "b", "c"].map(|name| source(name, 1.0));
    let lengths = lengths
        .iter()
        .map(|(shelved, seconds)| (shelved.entry.clone(), *seconds))
        .collect();
    keep_one_copy(shelf, &sources, &lengths)
}

/// The sources of what is kept, and of what is left out with where that is kept.
fn told(one_copy: &OneCopy) -> (Vec<&str>, Vec<(&str, &str)>) {
    let kept = one_copy.shelf.iter().map(|kept| kept.source.as_str());
    let twins = one_copy.twins.iter();
    (
        kept.collect(),
        twins
            .map(|twin| (twin.shelved.source.as_str(), twin.kept_in.as_str()))
            .collect(),
    )
}

fn are_twins(one: Shelved, other: Shelved) -> bool {
    !one_copy(vec![one, other]).twins.is_empty()
}

#[test]
fn the_first_of_the_file_keeps_an_episode_whichever_was_read_first() {
    let (a, b) = (
        episode("a", "Say no, with Ada and Ben"),
        episode("b", "Say no: with Ada and Ben"),
    );
    for shelf in [vec![a.clone(), b.clone()], vec![b, a]] {
        assert_eq!(told(&one_copy(shelf)), (vec!["a"], vec![("b", "a")]));
    }
}

#[test]
fn the_heavier_source_keeps_an_episode_wherever_it_stands_in_the_file() {
    let shelf = vec![
        episode("a", "Say no, with Ada and Ben"),
        episode("b", "Say no, with Ada and Ben"),
    ];
    let kept = keep_one_copy(
        shelf,
        &[source("a", 1.0), source("b", 1.1)],
        &BTreeMap::new(),
    );
    assert_eq!(told(&kept), (vec!["b"], vec![("a", "b")]));
}

#[test]
fn all_passages_of_a_copy_go_and_all_of_the_kept_one_stay() {
    let passage = |source: &str, from: usize| {
        let mut passage = episode(source, "Say no, with Ada and Ben");
        passage.candidate.from = from;
        passage
    };
    let shelf = vec![
        passage("b", 1),
        passage("a", 2),
        passage("b", 3),
        passage("a", 4),
    ];
    assert_eq!(
        told(&one_copy(shelf)),
        (vec!["a", "a"], vec![("b", "a"), ("b", "a")])
    );
}

#[test]
fn three_copies_are_one_also_where_two_of_them_share_nothing() {
    let a = episode("a", "Say no, with Ada and Ben");
    let mut b = episode("b", "Say no, with Ada and Ben");
    let mut c = episode("c", "Our bonus");
    let file = "https://op3.dev/e/files.example/7.mp3".parse().unwrap();
    b.enclosure_url = Some(file);
    c.enclosure_url = Some("https://files.example/7.mp3?updated=1".parse().unwrap());
    let all = one_copy(vec![c, b, a]);
    assert_eq!(told(&all), (vec!["a"], vec![("c", "a"), ("b", "a")]));
}

#[test]
fn entries_of_one_source_are_never_joined() {
    let mut again = episode("a", "Say no, with Ada and Ben");
    again.entry = EntryId::new("a", "again");
    let shelf = vec![again, episode("a", "Say no, with Ada and Ben")];
    assert_eq!(one_copy(shelf).twins, []);
}

#[test]
fn a_title_of_five_words_is_enough_within_36_hours_and_not_a_moment_later() {
    let a = || episode("a", "Say no with Ada Okafor");
    let b = |seconds| later(episode("b", "Say no with Ada Okafor"), seconds);
    assert!(are_twins(a(), b(36 * HOUR)));
    assert!(!are_twins(a(), b(36 * HOUR + 1)));
    assert!(are_twins(b(36 * HOUR), a()));
    let four = "Say no with Ada";
    assert!(!are_twins(episode("a", four), episode("b", four)));
}

#[test]
fn a_title_of_three_words_is_enough_where_a_passage_or_the_length_agrees() {
    let pair = |title: &str| (episode("a", title), episode("b", title));
    let (a, b) = pair("Say no, Ada");
    assert!(!are_twins(a.clone(), b.clone()));
    let mut same_words = b.clone();
    same_words.candidate.text = a.candidate.text.to_uppercase();
    assert!(are_twins(a.clone(), same_words));
    let long = |one: f64, other: f64| {
        let lengths = [(&a, one), (&b, other)];
        !with_lengths(vec![a.clone(), b.clone()], &lengths)
            .twins
            .is_empty()
    };
    assert!(long(1000.0, 900.0) && long(900.0, 1000.0));
    assert!(!long(1000.0, 899.0));
    let (a, b) = pair("Say no");
    let lengths = [(&a, 1000.0), (&b, 1000.0)];
    assert_eq!(with_lengths(vec![a.clone(), b.clone()], &lengths).twins, []);
}

#[test]
fn another_length_speaks_against_a_title_however_long() {
    let a = episode("a", "Say no with Ada Okafor");
    let b = episode("b", "Say no with Ada Okafor");
    let lengths = [(&a, 3000.0), (&b, 600.0)];
    assert_eq!(with_lengths(vec![a.clone(), b.clone()], &lengths).twins, []);
}

#[test]
fn one_file_is_one_episode_under_its_title_or_near_its_date() {
    let with_file = |source: &str, title: &str, seconds: i64, file: &str| Shelved {
        enclosure_url: Some(file.parse().unwrap()),
        ..later(episode(source, title), seconds)
    };
    let a = || with_file("a", "Say no", 0, "https://files.example/7.mp3");
    let b = |title: &str, seconds| {
        let file = "http://www.files.example/7.mp3?utm_source=b";
        with_file("b", title, seconds, file)
    };
    assert!(are_twins(a(), b("Ask why", 36 * HOUR)));
    assert!(!are_twins(a(), b("Ask why", 36 * HOUR + 1)));
    assert!(are_twins(a(), b("SAY NO!", 40 * HOUR)));
    let newest = "https://files.example/latest.mp3";
    assert!(!are_twins(
        with_file("a", "Say no", 0, newest),
        with_file("b", "Ask why", 0, newest)
    ));
}

#[test]
fn one_page_is_one_article_under_its_title() {
    let with_page = |source: &str, title: &str, page: &str| Shelved {
        entry_url: Some(page.parse().unwrap()),
        ..later(
            episode(source, title),
            if source == "a" { 0 } else { 60 * HOUR },
        )
    };
    let a = || with_page("a", "Say no", "https://notes.example/no");
    let b = |title: &str, page: &str| with_page("b", title, page);
    assert!(are_twins(
        a(),
        b("Say no!", "http://www.notes.example/no/?utm_source=b")
    ));
    assert!(!are_twins(a(), b("Ask why", "https://notes.example/no")));
    assert!(!are_twins(a(), b("Say no", "https://notes.example/yes")));
}

#[test]
fn one_text_is_one_entry_whatever_is_said_of_it() {
    let a = episode("a", "Say no");
    let mut b = later(episode("b", "Ask why"), 60 * HOUR);
    assert!(!are_twins(a.clone(), b.clone()));
    b.document_sha256.clone_from(&a.document_sha256);
    assert!(are_twins(a, b));
}

#[test]
fn two_shows_on_one_day_are_two() {
    let shelf = vec![
        episode("a", "Say no, with Ada and Ben"),
        episode("b", "Ask why, with Cem and Dot"),
    ];
    let kept = one_copy(shelf.clone());
    assert_eq!((kept.shelf, kept.twins), (shelf, Vec::new()));
}
