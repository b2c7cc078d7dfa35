//! What is kept, found, let go and carried away: in real files, by the real program.

use std::fs;

use jiff::SignedDuration;
use rusqlite::Connection;
use serde_json::Value;
use takefive::model::EntryId;
use takefive::outside::store::CarryError;
use takefive::outside::store::HarvestedEntry;
use takefive::outside::store::Pruned;
use takefive::outside::store::Reading;
use takefive::outside::store::Store;
use takefive::outside::store::StoreError;
use takefive::pipeline::verify;

use crate::shelter::Shelter;
use crate::shelter::after_noon;
use crate::shelter::candidate;
use crate::shelter::day;
use crate::shelter::document;
use crate::shelter::edition_of;
use crate::shelter::harvest;
use crate::shelter::noon;
use crate::shelter::read;
use crate::shelter::today;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::fed;

/// The tables as they were before this program kept what replays need.
const OLDER: [&str; 3] = [
    include_str!("../../src/outside/store/schema/0001_ground.sql"),
    include_str!("../../src/outside/store/schema/0002_shown.sql"),
    include_str!("../../src/outside/store/schema/0003_sending.sql"),
];

/// A store of an older program with two read entries, of which an edition cites one.
fn older_store() -> Shelter {
    // written by this program, and its rows moved into the older tables
    let newer = Shelter::new();
    let mut store = newer.open();
    edition_of(&mut store, today(), 1);
    store
        .put_harvests([&harvest(vec![read("uncited", Some(noon()))])])
        .unwrap();
    drop(store);
    let older = Shelter::new();
    let raw = older.raw();
    for step in OLDER {
        raw.execute_batch(step).unwrap();
    }
    raw.execute("ATTACH ?1 AS newer", [newer.path().to_str().unwrap()])
        .unwrap();
    for (table, columns) in [
        ("document", "sha256, text, layout"),
        (
            "entry",
            "number, id, source, title, link, enclosure, published, first_seen, reading, reason, tries, waiting, \
             document_sha256",
        ),
        (
            "candidate",
            "number, entry, from_byte, to_byte, text, headline, speaker, start_seconds, paragraph, score, reasons, \
             topics, shown",
        ),
        ("edition", "date, number, digest"),
        (
            "sent_insight",
            "date, position, entry, headline, text, document_sha256, from_byte, to_byte",
        ),
    ] {
        raw.execute_batch(&format!(
            "INSERT INTO main.{table} ({columns}) SELECT {columns} FROM newer.{table}"
        ))
        .unwrap();
    }
    raw.execute_batch("PRAGMA application_id = 1952541541; PRAGMA user_version = 3;")
        .unwrap();
    older
}

fn count(store: &Connection, query: &str) -> i64 {
    store.query_row(query, [], |row| row.get(0)).unwrap()
}

/// What stands in the index of words, by itself.
fn assert_index_whole(shelter: &Shelter) {
    let raw = shelter.raw();
    raw.execute_batch("INSERT INTO passage_search (passage_search) VALUES ('integrity-check')")
        .unwrap();
    assert_eq!(
        count(&raw, "SELECT count(*) FROM passage_search"),
        count(
            &raw,
            "SELECT (SELECT count(*) FROM candidate) + (SELECT count(*) FROM sent_insight)"
        )
    );
}

// stores of older programs

#[test]
fn a_store_of_an_older_program_gets_spans_and_a_search_and_can_be_verified_and_pruned() {
    let shelter = older_store();
    let mut store = shelter.open();
    let verified = verify(today(), &store).unwrap().unwrap();
    assert_eq!((verified.quotes, verified.from_spans), (1, 0));
    // its candidates are made up, and so are their headlines
    assert!(
        verified
            .faults
            .iter()
            .all(|fault| fault.what.contains("its headline says")),
        "{verified:?}"
    );
    assert_eq!(store.search("uncited", 9).unwrap().len(), 0);
    assert_eq!(store.search("guess", 9).unwrap().len(), 4);
    assert_index_whole(&shelter);
    assert_eq!(store.record(today()).unwrap(), None);
    let readings = store.readings(noon(), after_noon(), i64::MAX).unwrap();
    assert_eq!(readings.len(), 2);
    assert_eq!(readings[0].background, None);
    let pruned = store.prune(after_noon(), after_noon()).unwrap();
    assert_eq!((pruned.documents, pruned.documents_cited), (2, 1));
    let verified = verify(today(), &store).unwrap().unwrap();
    assert_eq!(verified.from_spans, 1);
    assert_index_whole(&shelter);
}

#[test]
fn a_look_at_a_store_of_an_older_program_leaves_it_as_it_is() {
    let shelter = older_store();
    let before = fs::read(shelter.path()).unwrap();
    let store = Store::look_at(&shelter.path()).unwrap();
    assert_eq!(store.search("guess", 9).unwrap().len(), 4);
    drop(store);
    assert!(fs::read(shelter.path()).unwrap() == before);
    assert_eq!(shelter.files(), ["takefive.db".to_owned()].into());
}

// looks

#[test]
fn a_look_at_the_store_changes_nothing_and_sees_one_moment() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let mut look = Store::look_at(&shelter.path()).unwrap();
    assert_eq!(look.edition_dates().unwrap(), [today()]);
    edition_of(&mut store, day("2026-05-05"), 2);
    assert_eq!(look.edition_dates().unwrap(), [today()]);
    assert!(
        look.put_harvests([&harvest(vec![read("new", None)])])
            .is_err()
    );
    assert!(look.prune(after_noon(), after_noon()).is_err());
    drop(look);
    let look = Store::look_at(&shelter.path()).unwrap();
    assert_eq!(look.edition_dates().unwrap().len(), 2);
    let nowhere = Shelter::new();
    let look = Store::look_at(&nowhere.path()).unwrap();
    assert_eq!(look.edition_dates().unwrap(), []);
    assert_eq!(nowhere.files(), std::collections::BTreeSet::new());
}

// readings

#[test]
fn readings_are_seen_as_they_were_when_an_edition_was_chosen() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    store
        .put_harvests([&harvest(vec![read("pricing", Some(noon()))])])
        .unwrap();
    store
        .put_harvests([&harvest(vec![read("pricing", Some(noon()))])])
        .unwrap();
    let at = |upto| store.readings(noon(), after_noon(), upto).unwrap();
    assert_eq!(
        at(i64::MAX).len(),
        1,
        "the same harvest again is no new reading"
    );
    let first = at(i64::MAX)[0].number;
    let raw = shelter.raw();
    raw.execute_batch("UPDATE entry SET title = 'Another title'")
        .unwrap();
    raw.execute_batch("UPDATE entry SET link = link, tries = tries + 1")
        .unwrap();
    assert_eq!(count(&raw, "SELECT count(*) FROM reading"), 2);
    assert_eq!(at(first)[0].title, "About pricing");
    assert_eq!(at(i64::MAX)[0].title, "Another title");
    assert_eq!(at(first - 1), []);
    assert_eq!(at(first)[0].background, at(i64::MAX)[0].background);
    // a later day than the shelf showed
    raw.execute_batch("UPDATE entry SET published = published + 3600000000")
        .unwrap();
    assert_eq!(at(first).len(), 1);
    assert_eq!(at(i64::MAX), []);
}

#[test]
fn an_edition_whose_quote_does_not_stand_in_its_document_is_not_saved() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    store
        .put_harvests([&harvest(vec![read("pricing", Some(noon()))])])
        .unwrap();
    shelter
        .raw()
        .execute_batch("UPDATE candidate SET text = text || '!'")
        .unwrap();
    let shelf = store.shelf(noon(), after_noon()).unwrap();
    let digest = takefive::model::Digest::new(
        today(),
        1,
        "Take Five".to_owned(),
        noon(),
        vec![crate::shelter::insight(&shelf[0])],
    )
    .unwrap();
    let error = store.save_edition(&digest).unwrap_err();
    assert!(matches!(error, StoreError::NotVerbatim { .. }), "{error}");
    assert_eq!(store.edition(today()).unwrap(), None);
    assert_eq!(store.sent().unwrap(), []);
}

// letting go

#[test]
fn what_is_younger_stays_and_what_is_older_goes_but_for_what_was_sent() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let digest = edition_of(&mut store, today(), 1);
    store
        .put_harvests([&harvest(vec![read("uncited", Some(noon()))])])
        .unwrap();
    let mut later = harvest(vec![read("later", Some(noon()))]);
    later.by.at = after_noon();
    store.put_harvests([&later]).unwrap();
    assert_eq!(store.shelf(noon(), after_noon()).unwrap().len(), 6);
    // read exactly then: not before
    assert_eq!(store.prune(noon(), noon()).unwrap(), Pruned::default());
    let pruned = store.prune(after_noon(), after_noon()).unwrap();
    assert_eq!(
        pruned,
        Pruned {
            readings: 2,
            documents: 2,
            documents_cited: 1,
            candidates: 4
        }
    );
    assert_eq!(
        store.prune(after_noon(), after_noon()).unwrap(),
        Pruned::default()
    );
    let shelf = store.shelf(noon(), after_noon()).unwrap();
    assert!(
        shelf
            .iter()
            .all(|shelved| shelved.entry == EntryId::new("A Show", "later")),
        "{shelf:?}"
    );
    assert_eq!(shelf.len(), 2);
    assert_eq!(store.edition(today()).unwrap(), Some(digest.clone()));
    assert_eq!(store.sent().unwrap().len(), 1);
    assert_eq!(
        store.known_entries("A Show").unwrap().len(),
        3,
        "nothing is read anew"
    );
    let cited = &digest.insights()[0].receipt.document_sha256;
    assert_eq!(store.document(cited).unwrap(), None);
    assert_eq!(store.stored_text(cited).unwrap(), None);
    assert_eq!(store.search("uncited", 9).unwrap(), []);
    assert_index_whole(&shelter);
    // one that is read again is whole again
    let mut again = harvest(vec![read("episode-1", Some(noon()))]);
    again.by.at = after_noon();
    store.put_harvests([&again]).unwrap();
    assert_eq!(store.document(cited).unwrap(), Some(document("episode-1")));
    assert_eq!(store.shelf(noon(), after_noon()).unwrap().len(), 4);
    store.compact().unwrap();
    assert_index_whole(&shelter);
    assert_eq!(verify(today(), &store).unwrap().unwrap().from_spans, 0);
}

#[test]
fn a_document_of_two_entries_stays_while_one_of_them_is_young() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let text = document("shared");
    let entry = |key: &str| HarvestedEntry {
        reading: match read("any", None).reading {
            Reading::Read { background, .. } => Reading::Read {
                document: text.clone(),
                candidates: vec![candidate(&text, 17, 30)],
                background,
            },
            other => other,
        },
        ..read(key, Some(noon()))
    };
    store.put_harvests([&harvest(vec![entry("old")])]).unwrap();
    let mut young = harvest(vec![entry("young")]);
    young.by.at = after_noon();
    store.put_harvests([&young]).unwrap();
    let pruned = store.prune(after_noon(), after_noon()).unwrap();
    assert_eq!((pruned.documents, pruned.candidates), (0, 1));
    assert_eq!(store.document(&text.sha256()).unwrap(), Some(text.clone()));
    let later = after_noon() + SignedDuration::from_secs(1);
    let pruned = store.prune(later, later).unwrap();
    assert_eq!((pruned.documents, pruned.candidates), (1, 1));
    assert_eq!(count(&shelter.raw(), "SELECT count(*) FROM document"), 0);
}

#[test]
fn more_than_fits_into_one_transaction_is_let_go_all_the_same() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    for nth in 0..1_201_i64 {
        let mut harvest = harvest(vec![read(&format!("entry-{nth}"), Some(noon()))]);
        harvest.by.at = noon() - SignedDuration::from_mins(nth % 7);
        store.put_harvests([&harvest]).unwrap();
    }
    let pruned = store.prune(after_noon(), after_noon()).unwrap();
    assert_eq!((pruned.readings, pruned.documents), (1_201, 1_201));
    assert_eq!(pruned.candidates, 2_402);
    assert_eq!(store.shelf(noon(), after_noon()).unwrap(), []);
    let before = store.stats().unwrap();
    assert!(before.free_bytes > before.file_bytes / 2, "{before:?}");
    store.compact().unwrap();
    let after = store.stats().unwrap();
    assert_eq!(after.free_bytes, 0);
    assert!(after.file_bytes < before.file_bytes / 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pruning_by_hand_keeps_what_editions_are_chosen_from_and_says_what_became_of_the_file() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    let said = room
        .takefive(["history", "prune", "--keep", "2 days"])
        .exits(2);
    assert!(said.stderr.contains("look_back"), "{said:?}");
    room.takefive(["history", "prune", "--keep", "soon"])
        .exits(2);
    let said = room
        .takefive(["history", "prune", "--keep", "3 days", "--json"])
        .exits(0)
        .report();
    assert_eq!(said["pruned"]["documents"], 0);
    room.store()
        .execute_batch("UPDATE reading SET read_at = read_at - 4 * 86400000000")
        .unwrap();
    let said = room
        .takefive(["history", "prune", "--keep", "3 days"])
        .exits(0);
    assert!(
        said.stdout
            .contains("Let go: 3 documents (3 cited, whose spans stay)"),
        "{said:?}"
    );
    room.takefive(["verify"]).exits(0);
    // what was let go is told by nobody twice
    let room = room.blog("echo", NEXT_DAY, &[CLAIMS[1]]);
    let ran = room.run_on(NEXT_DAY).exits(0);
    assert_eq!(ran.report()["repeats"], 1);
    assert_eq!(ran.texts().len(), 0);
}

// search

#[test]
fn a_search_finds_every_form_of_a_word_and_no_syntax() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let found = |words: &str| store.search(words, 50).unwrap().len();
    // one was sent, the other was not
    assert_eq!(found("guess"), 2);
    assert_eq!(found("GUESSES"), 2);
    assert_eq!(found("guess promise"), 2);
    assert_eq!(found("promise guess unheard"), 0);
    for odd in [
        "guess\"",
        "\"guess",
        "guess*",
        "^guess",
        "(guess",
        "guess)",
        "headline:guess",
        "-guess",
        "guess\0",
        "+guess",
        "{guess}",
        "guess'; DROP TABLE candidate; --",
        "guess — …",
        "&guess|",
    ] {
        let words = odd.to_lowercase();
        let more = words.contains("headline") || words.contains("drop");
        assert_eq!(found(odd), if more { 0 } else { 2 }, "{odd}");
    }
    for syntax in [
        "AND",
        "guess OR promise",
        "NEAR(guess promise)",
        "NOT guess",
    ] {
        assert_eq!(found(syntax), 0, "these are words like others: {syntax}");
    }
    assert_eq!(found(""), 0);
    assert_eq!(found("\"*(){}^:-+,."), 0);
    // sixty-four words are looked for, and what comes after them is not
    let and_a_zebra = |words: usize| format!("{}zebra", "guess ".repeat(words));
    assert_eq!(found(&and_a_zebra(63)), 0);
    assert_eq!(found(&and_a_zebra(64)), 2);
    assert_eq!(found(&and_a_zebra(100_000)), 2);
}

#[test]
fn a_search_says_what_was_sent_and_names_a_passage_once() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let hits = store.search("guess promise", 9).unwrap();
    let sent: Vec<_> = hits.iter().map(|hit| hit.sent).collect();
    assert!(
        sent.contains(&Some(today())) && sent.contains(&None),
        "{hits:?}"
    );
    for hit in &hits {
        assert_eq!(hit.source, "A Show");
        assert_eq!(hit.entry_title, "About episode-1");
        assert_eq!(
            hit.entry_url.as_deref(),
            Some("https://show.example.org/episode-1")
        );
        assert_eq!(hit.published, Some(noon()));
        assert_eq!(hit.edition.is_some(), hit.sent.is_some());
        assert_eq!(hit.score.is_some(), hit.sent.is_none());
    }
    assert_eq!(store.search("guess promise", 1).unwrap().len(), 1);
    // what was read anew is found in its new words only
    let mut text = document("episode-1");
    text.push(
        takefive::model::BlockKind::Paragraph,
        None,
        "A zebra in every sprint.",
    );
    let mut again = read("episode-1", Some(noon()));
    let from = text.text().find("A zebra").unwrap();
    let Reading::Read { background, .. } = again.reading else {
        panic!("the entry was read");
    };
    again.reading = Reading::Read {
        candidates: vec![candidate(&text, from, text.text().len())],
        document: text,
        background,
    };
    store.put_harvests([&harvest(vec![again])]).unwrap();
    let hits = store.search("zebras", 9).unwrap();
    assert_eq!(hits.len(), 1);
    assert_eq!(hits[0].text, "A zebra in every sprint.");
    assert_index_whole(&shelter);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_best_hit_comes_first_and_each_says_where_it_stands() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    let said = room
        .takefive(["history", "search", "roadmap", "problem", "--json"])
        .exits(0)
        .lines();
    assert_eq!(said.len(), 1);
    assert_eq!(said[0]["sent"], DAY);
    assert_eq!(said[0]["source"], "talk");
    let said = room
        .takefive(["history", "search", "nobody"])
        .exits(0)
        .stdout;
    assert!(said.contains("sent in edition 1 of 2026-05-04"), "{said}");
    let one = room
        .takefive(["history", "search", "nobody", "--top", "1", "--json"])
        .exits(0);
    assert_eq!(one.lines().len(), 1);
    let none = room.takefive(["history", "search", "zebra"]).exits(0);
    assert!(none.stdout.contains("No passage"), "{none:?}");
    room.takefive(["history", "search", "—"]).exits(2);
    room.takefive(["history", "search"]).exits(2);
}

// stats

#[tokio::test(flavor = "multi_thread")]
async fn stats_count_what_is_kept_and_tell_the_room_of_each_table() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    let stats = room
        .takefive(["history", "stats", "--json"])
        .exits(0)
        .report();
    assert_eq!(stats["editions"], 1);
    assert_eq!(stats["sent"], 3);
    assert_eq!(stats["spans"], 3);
    assert_eq!(stats["documents"], 3);
    assert_eq!(stats["entries"], 3);
    assert_eq!(stats["oldest_edition"], DAY);
    let file = fs::metadata(room.path("takefive.db")).unwrap().len();
    assert_eq!(stats["file_bytes"], file);
    let tables = stats["tables"].as_array().unwrap();
    let sum: u64 = tables
        .iter()
        .map(|table| table["bytes"].as_u64().unwrap())
        .sum();
    assert_eq!(sum + stats["free_bytes"].as_u64().unwrap(), file);
    assert!(
        tables
            .iter()
            .any(|table| table["table"] == "passage_search_data")
    );
    let text = room.takefive(["history", "stats"]).exits(0).stdout;
    assert!(text.contains("insights sent"), "{text}");
}

// export and import

/// A newsroom with the same sources that has heard of nothing, and the history of the first one beside it.
async fn heir(of: &Newsroom) -> Newsroom {
    of.takefive(["history", "export", "history.jsonl"]).exits(0);
    let heir = Newsroom::with_three_sources().await;
    fs::copy(of.path("history.jsonl"), heir.path("history.jsonl")).unwrap();
    heir
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_history_is_never_told_again_nor_mailed() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    room.run_on(DAY).exits(0);
    let heir = heir(&room).await.subscriber("ben");
    let said = heir
        .takefive(["history", "import", "history.jsonl", "--json"])
        .exits(0)
        .report();
    assert_eq!(
        (&said["editions"], &said["insights"]),
        (&Value::from(1), &Value::from(3))
    );
    let said = heir.run_on(DAY).exits(0).report();
    assert!(said["reason"].as_str().unwrap().contains("another store"));
    assert_eq!(
        heir.sent_to(),
        [""; 0],
        "whoever got it elsewhere does not get it again"
    );
    let next = heir.run_on(NEXT_DAY).exits(0);
    assert_eq!(next.texts(), [""; 0]);
    assert_eq!(next.report()["repeats"], 3);
    heir.takefive(["verify"]).exits(0);
    heir.takefive(["deliveries", "audit", "--edition", DAY])
        .exits(0);
    let hits = heir
        .takefive(["history", "search", "roadmaps", "--json"])
        .exits(0)
        .lines();
    assert_eq!(hits[0]["sent"], DAY);
    assert_eq!(hits[0]["entry_title"], "talk, the first");
    // and an edition of its own goes on counting
    let heir = heir.blog("essays", NEXT_DAY, &[CLAIMS[4]]);
    let own = heir.run_on(NEXT_DAY).exits(0).report();
    assert_eq!(own["edition"], 2);
    assert_eq!(heir.sent_to(), ["ben"]);
    heir.takefive(["replay", NEXT_DAY]).exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_history_again_changes_nothing_and_is_written_the_same() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    let heir = heir(&room).await;
    heir.takefive(["history", "import", "history.jsonl"])
        .exits(0);
    // what an edition of another store was chosen by is not known here
    for (room, replay) in [(&heir, 6), (&room, 0)] {
        let said = room
            .takefive(["history", "import", "history.jsonl", "--json"])
            .exits(0)
            .report();
        assert_eq!(
            (&said["editions"], &said["known"]),
            (&Value::from(0), &Value::from(1))
        );
        room.takefive(["history", "export", "again.jsonl"]).exits(0);
        assert_eq!(
            fs::read_to_string(room.path("again.jsonl")).unwrap(),
            fs::read_to_string(room.path("history.jsonl")).unwrap()
        );
        room.takefive(["replay", DAY]).exits(replay);
    }
    let piped = heir.takefive(["history", "export", "-"]).exits(0).stdout;
    assert_eq!(
        piped,
        fs::read_to_string(room.path("history.jsonl")).unwrap()
    );
    assert!(
        piped.starts_with("{\"takefive_history\":1,\"program\":\""),
        "{piped}"
    );
    assert!(!piped.contains("reader.example"));
    let said = fed(
        &mut heir.command(["history", "import", "-"]),
        piped.as_bytes(),
    )
    .exits(0);
    assert!(said.stdout.contains("1 was here already"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_contradicts_the_store_is_refused_by_line_and_whole() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    room.takefive(["history", "export", "history.jsonl"])
        .exits(0);
    let good = fs::read_to_string(room.path("history.jsonl")).unwrap();
    let (head, edition) = good.split_once('\n').unwrap();
    let edition = edition.trim_end();
    let other_day = edition.replace("\"date\":\"2026-05-04\"", "\"date\":\"2026-04-04\"");
    let new = other_day.replace("\"edition\":1,", "\"edition\":9,");
    let cases = [
        (
            edition.replace("Take Five", "Take Six"),
            "line 3: the edition of 2026-05-04 is another one",
        ),
        (
            other_day.clone(),
            "line 3: edition 1 is of 2026-04-04, and in the store it is of 2026-05-04",
        ),
        ("{\"edition\":{}}".to_owned(), "line 3: is not an edition"),
        ("not JSON".to_owned(), "line 3: is not an edition"),
        (
            new.replace("\"insights\":[", "\"insights\":[],\"others\":["),
            "1 to 60 insights",
        ),
        (new.replace("roadmaps", "Roadmap"), "line 3: the receipt of"),
        (
            new.replace("roadmaps", "Roadmaps"),
            "says something else there in this store",
        ),
        (
            format!("\"{}\"", "long ".repeat(220_000)),
            "line 3: is longer than 1 MiB",
        ),
    ];
    for (line, said) in cases {
        // a line that is fine goes nowhere with one that is not
        let fine = new
            .replace("\"edition\":9,", "\"edition\":8,")
            .replace("2026-04-04", "2026-04-03");
        fs::write(room.path("bad.jsonl"), format!("{head}\n{fine}\n{line}\n")).unwrap();
        let ran = room.takefive(["history", "import", "bad.jsonl"]).exits(2);
        assert!(
            ran.stderr.contains(said),
            "{said}: {}",
            &ran.stderr[..ran.stderr.len().min(600)]
        );
        assert!(ran.stderr.contains("nothing was taken over"));
        assert_eq!(count(&room.store(), "SELECT count(*) FROM edition"), 1);
    }
    for (text, said) in [
        (String::new(), "not that of a history"),
        (edition.to_owned(), "not that of a history"),
        (
            "{\"takefive_history\":2,\"program\":\"9.0.0\"}".to_owned(),
            "of version 2",
        ),
    ] {
        fs::write(room.path("bad.jsonl"), text).unwrap();
        let ran = room.takefive(["history", "import", "bad.jsonl"]).exits(2);
        assert!(ran.stderr.contains(said), "{ran:?}");
    }
    let ran = room
        .takefive(["history", "import", "missing.jsonl"])
        .exits(2);
    assert!(ran.stderr.contains("no such file"), "{ran:?}");
}

#[test]
fn a_line_and_an_edition_have_a_largest_size() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let mut file = Vec::new();
    store.export_history(&mut file).unwrap();
    let good = String::from_utf8(file).unwrap();
    let (head, edition) = good.split_once('\n').unwrap();
    let taken = |line: &str| {
        let file = format!("{head}\n{line}\n");
        Shelter::new().open().import_history(&mut file.as_bytes())
    };
    let padded = |bytes: usize| {
        let line = edition.trim_end();
        line.to_owned() + &" ".repeat(bytes - line.len())
    };
    // the line end counts
    assert_eq!(taken(&padded((1 << 20) - 1)).unwrap().editions, 1);
    assert!(matches!(taken(&padded(1 << 20)), Err(CarryError::Wrong(_))));
    let with = |count: usize| {
        let mut line: Value = serde_json::from_str(edition).unwrap();
        let insight = line["edition"]["insights"][0].clone();
        line["edition"]["insights"] = vec![insight; count].into();
        line.to_string()
    };
    assert_eq!(taken(&with(60)).unwrap().insights, 60);
    assert!(matches!(taken(&with(61)), Err(CarryError::Wrong(_))));
}

#[test]
fn an_edition_taken_over_later_has_no_part_in_what_was_chosen_before() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, day("2026-05-09"), 7);
    let other = Shelter::new();
    let mut earlier = other.open();
    edition_of(&mut earlier, today(), 3);
    let mut file = Vec::new();
    assert_eq!(earlier.export_history(&mut file).unwrap(), 1);
    store.import_history(&mut file.as_slice()).unwrap();
    assert_eq!(store.sent().unwrap().len(), 2);
    assert_eq!(
        store
            .sent_before(Some(7), jiff::civil::Date::MIN, jiff::civil::Date::MAX)
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .sent_before(Some(8), jiff::civil::Date::MIN, jiff::civil::Date::MAX)
            .unwrap()
            .len(),
        2
    );
    assert_eq!(store.next_edition_number().unwrap(), 8);
    let error = store.import_history(&mut "{}".as_bytes()).unwrap_err();
    assert!(matches!(error, CarryError::NotHistory), "{error}");
}
