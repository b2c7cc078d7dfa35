//! The store remembers what it was told, exactly, also across crashes and beside other programs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use crate::shelter::OLD_WORDS;
use crate::shelter::Shelter;
use crate::shelter::address;
use crate::shelter::after_noon;
use crate::shelter::at;
use crate::shelter::by_hand;
use crate::shelter::candidate;
use crate::shelter::day;
use crate::shelter::document;
use crate::shelter::edition_of;
use crate::shelter::entry;
use crate::shelter::failed;
use crate::shelter::feed;
use crate::shelter::harvest;
use crate::shelter::joined;
use crate::shelter::memory;
use crate::shelter::noon;
use crate::shelter::read;
use crate::shelter::today;
use jiff::SignedDuration;
use jiff::civil::Date;
use takefive::model::Background;
use takefive::model::BlockKind;
use takefive::model::DeliveryState;
use takefive::model::Document;
use takefive::model::SourceKind;
use takefive::model::TextOrigin;
use takefive::model::sha256_hex;
use takefive::outside::store::Added;
use takefive::outside::store::Attempt;
use takefive::outside::store::Consent;
use takefive::outside::store::ConsentSource;
use takefive::outside::store::HarvestedEntry;
use takefive::outside::store::Outcome;
use takefive::outside::store::Reading;
use takefive::outside::store::RunLock;
use takefive::outside::store::Store;
use takefive::outside::store::StoreError;
use takefive::outside::store::SubscriberStatus;
use takefive::outside::store::TRIES_MAX;
use takefive::settings::OnUnknown;
use url::Url;

use crate::world::due;

fn attempt(subscriber: i64) -> Attempt<'static> {
    Attempt {
        date: today(),
        subscriber,
        message_id: "1@digest.example.org",
        message_sha256: "00ff",
        at: noon(),
    }
}

fn outcome(subscriber: i64, state: DeliveryState) -> Outcome<'static> {
    Outcome {
        date: today(),
        subscriber,
        state,
        reason: Some("250 2.0.0 taken"),
        mailbox_full: false,
        not_before: None,
        at: noon(),
    }
}

fn due_ids(store: &Store, on_unknown: OnUnknown) -> Vec<i64> {
    let due = due(store, today(), noon(), on_unknown);
    due.iter().map(|due| due.subscriber.id).collect()
}

fn nonzero(store: &Store) -> Vec<(DeliveryState, u64)> {
    let counts = store.delivery_counts(today()).unwrap();
    assert_eq!(counts.len(), 6);
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn hash_of(path: &Path) -> String {
    sha256_hex(&fs::read(path).unwrap())
}

// the file

#[test]
fn a_new_file_becomes_a_store_and_opens_again() {
    let shelter = Shelter::new();
    assert_eq!(shelter.open().next_edition_number().unwrap(), 1);
    assert_eq!(shelter.open().next_edition_number().unwrap(), 1);
    let journal: String = shelter
        .raw()
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(journal, "wal");
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let shelter = Shelter::new();
    let _store = shelter.open();
    for file in shelter.files() {
        let mode = fs::metadata(shelter.folder().join(&file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0, "{file}");
    }
}

#[test]
fn many_programs_may_create_the_store_at_once() {
    let shelter = Shelter::new();
    let path = shelter.path();
    thread::scope(|scope| {
        for nth in 0..8 {
            let path = &path;
            scope.spawn(move || {
                let mut store = Store::open(path).unwrap();
                joined(&mut store, &format!("reader{nth}@example.org"));
            });
        }
    });
    assert_eq!(shelter.open().subscribers().unwrap().len(), 8);
}

#[test]
fn two_connections_see_each_others_work() {
    let shelter = Shelter::new();
    let mut one = shelter.open();
    let mut two = shelter.open();
    joined(&mut one, "ann@example.org");
    joined(&mut two, "ben@example.org");
    assert_eq!(one.subscribers().unwrap(), two.subscribers().unwrap());
    assert_eq!(one.subscribers().unwrap().len(), 2);
}

#[test]
fn a_store_of_each_older_program_keeps_what_it_has() {
    for version in 1..Shelter::schema_steps().len() {
        let shelter = Shelter::of_version(version);
        let shelf = shelter.open().shelf(noon(), after_noon()).unwrap();
        assert_eq!(shelf.len(), 1, "version {version}");
        assert_eq!(shelf[0].candidate.text, OLD_WORDS);
        assert_eq!(shelf[0].candidate.shown, None);
        let told: i64 = shelter
            .raw()
            .query_row("SELECT count(*) FROM sent_insight", [], |row| row.get(0))
            .unwrap();
        assert_eq!(told, 1, "version {version}");
    }
}

#[test]
fn a_store_of_a_newer_program_is_refused_and_left_alone() {
    let shelter = Shelter::new();
    drop(shelter.open());
    let newer = Shelter::schema_steps().len() + 1;
    shelter
        .raw()
        .execute_batch(&format!("PRAGMA user_version = {newer}"))
        .unwrap();
    let before = hash_of(&shelter.path());
    let error = Store::open(&shelter.path()).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found, known, .. } if found == newer && known + 1 == newer),
        "{error}"
    );
    assert!(matches!(
        Store::throw_away(&shelter.path()).unwrap_err(),
        StoreError::Newer { .. }
    ));
    assert_eq!(hash_of(&shelter.path()), before);
}

#[test]
fn a_file_of_another_program_is_refused_and_left_alone() {
    let shelter = Shelter::new();
    fs::write(
        shelter.path(),
        "this is a letter, not a database".repeat(40),
    )
    .unwrap();
    let before = hash_of(&shelter.path());
    let error = Store::open(&shelter.path()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(hash_of(&shelter.path()), before);

    fs::remove_file(shelter.path()).unwrap();
    shelter
        .raw()
        .execute("CREATE TABLE song (title TEXT)", [])
        .unwrap();
    let before = hash_of(&shelter.path());
    let error = Store::open(&shelter.path()).unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    assert_eq!(hash_of(&shelter.path()), before);
}

#[test]
fn a_missing_folder_is_told_with_its_path() {
    let shelter = Shelter::new();
    let path = shelter.folder().join("missing").join("takefive.db");
    let error = Store::open(&path).unwrap_err().to_string();
    assert!(error.contains("missing"), "{error}");
    assert!(!path.exists());
}

// throw-away copies

#[test]
fn a_throw_away_copy_of_nothing_is_empty_and_creates_nothing() {
    let shelter = Shelter::new();
    let mut copy = Store::throw_away(&shelter.path()).unwrap();
    joined(&mut copy, "ann@example.org");
    assert_eq!(copy.subscribers().unwrap().len(), 1);
    assert_eq!(shelter.files(), BTreeSet::new());
}

#[test]
fn a_throw_away_copy_holds_what_the_store_holds_and_leaves_the_file_as_it_was() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    joined(&mut store, "ann@example.org");
    let digest = edition_of(&mut store, today(), 1);
    drop(store);
    let before = hash_of(&shelter.path());

    let mut copy = Store::throw_away(&shelter.path()).unwrap();
    assert_eq!(copy.edition(today()).unwrap(), Some(digest));
    assert_eq!(copy.enrol(today()).unwrap(), 1);
    drop(copy);

    assert_eq!(hash_of(&shelter.path()), before);
    assert_eq!(shelter.files(), ["takefive.db".to_owned()].into());
    assert_eq!(nonzero(&shelter.open()), []);
}

#[test]
fn a_throw_away_copy_sees_what_a_crash_left_in_the_log_and_leaves_it_there() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    joined(&mut store, "ann@example.org");
    // the files as they stand while the program is at work are what a crash leaves behind
    let crashed = Shelter::new();
    for file in ["takefive.db", "takefive.db-wal"] {
        fs::copy(shelter.folder().join(file), crashed.folder().join(file)).unwrap();
    }
    let hashes = |shelter: &Shelter| {
        ["takefive.db", "takefive.db-wal"].map(|file| hash_of(&shelter.folder().join(file)))
    };
    let before = hashes(&crashed);
    let copy = Store::throw_away(&crashed.path()).unwrap();
    assert_eq!(copy.subscribers().unwrap().len(), 1);
    drop(copy);
    assert_eq!(hashes(&crashed), before);
}

// the lock

#[test]
fn a_second_run_is_locked_out_until_the_first_ends() {
    let shelter = Shelter::new();
    let first = RunLock::take(&shelter.path(), Duration::ZERO).unwrap();
    for patience in [Duration::ZERO, Duration::from_millis(60)] {
        let error = RunLock::take(&shelter.path(), patience).unwrap_err();
        assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    }
    drop(first);
    RunLock::take(&shelter.path(), Duration::ZERO).unwrap();
}

#[test]
fn a_patient_run_gets_the_lock_when_the_first_ends() {
    let shelter = Shelter::new();
    let first = RunLock::take(&shelter.path(), Duration::ZERO).unwrap();
    thread::scope(|scope| {
        let second =
            scope.spawn(|| RunLock::take(&shelter.path(), Duration::from_mins(1)).map(drop));
        drop(first);
        second.join().unwrap().unwrap();
    });
}

#[test]
fn the_lock_does_not_hold_up_those_who_do_not_run() {
    let shelter = Shelter::new();
    let _lock = RunLock::take(&shelter.path(), Duration::ZERO).unwrap();
    joined(&mut shelter.open(), "ann@example.org");
}

// gathering

#[test]
fn a_harvest_is_read_back_as_it_was_put() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let harvested = read("pricing", Some(at("2026-05-03T06:00:00.123456Z")));
    store
        .put_harvests([&harvest(vec![harvested.clone()])])
        .unwrap();
    drop(store);

    let store = shelter.open();
    let Reading::Read {
        document,
        candidates,
        ..
    } = &harvested.reading
    else {
        panic!("the entry was read");
    };
    assert_eq!(
        store.feed_memory("A Show", &feed()).unwrap(),
        Some(memory())
    );
    let known = store.known_entries("A Show").unwrap();
    let known: Vec<_> = known.iter().map(|known| &known.id).collect();
    assert_eq!(known, [&harvested.entry.id]);
    assert_eq!(
        store.document(&document.sha256()).unwrap().as_ref(),
        Some(document)
    );
    let shelf = store
        .shelf(at("2026-05-03T06:00:00Z"), at("2026-05-03T07:00:00Z"))
        .unwrap();
    // in the order of the text, though they were put the other way round
    let found: Vec<_> = shelf.iter().map(|shelved| &shelved.candidate).collect();
    assert_eq!(found, [&candidates[1], &candidates[0]]);
    let shelved = &shelf[0];
    assert_eq!(shelved.source, "A Show");
    assert_eq!(shelved.entry, harvested.entry.id);
    assert_eq!(shelved.entry_title, "About pricing");
    assert_eq!(shelved.entry_url, harvested.entry.link);
    assert_eq!(
        shelved.enclosure_url.as_ref().map(Url::as_str),
        Some("https://show.example.org/pricing.mp3")
    );
    assert_eq!(Some(shelved.published), harvested.entry.published);
    assert_eq!(shelved.document_sha256, document.sha256());
}

#[test]
fn the_same_harvest_twice_is_the_harvest_once() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let harvest = harvest(vec![read("pricing", None), read("hiring", None)]);
    store.put_harvests([&harvest]).unwrap();
    let once = store.shelf(noon(), after_noon()).unwrap();
    store.put_harvests([&harvest]).unwrap();
    assert_eq!(once.len(), 4);
    assert_eq!(store.shelf(noon(), after_noon()).unwrap(), once);
}

#[test]
fn the_shelf_has_the_same_order_whatever_came_first() {
    let order = |keys: [&str; 3]| {
        let shelter = Shelter::new();
        let mut store = shelter.open();
        for key in keys {
            store
                .put_harvests([&harvest(vec![read(key, None)])])
                .unwrap();
        }
        store.shelf(noon(), after_noon()).unwrap()
    };
    assert_eq!(order(["a", "b", "c"]), order(["c", "a", "b"]));
}

#[test]
fn the_window_of_the_shelf_includes_its_first_moment_and_not_its_last() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let published = at("2026-05-03T06:00:00Z");
    store
        .put_harvests([&harvest(vec![read("pricing", Some(published))])])
        .unwrap();
    let second = SignedDuration::from_secs(1);
    let count = |from, to| store.shelf(from, to).unwrap().len();
    assert_eq!(count(published, published + second), 2);
    assert_eq!(count(published + second, published + second + second), 0);
    assert_eq!(count(published - second, published), 0);
}

#[test]
fn an_undated_entry_counts_from_when_it_was_first_seen() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let mut again = read("pricing", None);
    store.put_harvests([&harvest(vec![again.clone()])]).unwrap();
    again.first_seen = at("2026-06-01T00:00:00Z");
    store.put_harvests([&harvest(vec![again])]).unwrap();
    let shelf = store.shelf(noon(), after_noon()).unwrap();
    assert_eq!(shelf.len(), 2);
    assert_eq!(shelf[0].published, noon());
}

#[test]
fn a_feed_that_moved_is_asked_without_validators() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    store.put_harvests([&harvest(Vec::new())]).unwrap();
    let moved = Url::parse("https://elsewhere.example.org/feed.xml").unwrap();
    assert_eq!(
        store.feed_memory("A Show", &feed()).unwrap(),
        Some(memory())
    );
    assert_eq!(store.feed_memory("A Show", &moved).unwrap(), None);
}

#[test]
fn an_entry_without_text_is_known_and_not_on_the_shelf() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let silent = HarvestedEntry {
        reading: Reading::NoText {
            reason: "no transcript".to_owned(),
        },
        ..read("pricing", None)
    };
    store.put_harvests([&harvest(vec![silent])]).unwrap();
    assert_eq!(store.known_entries("A Show").unwrap().len(), 1);
    assert_eq!(store.shelf(noon(), after_noon()).unwrap(), []);
}

/// The titles of what still waits to be read.
fn waiting(store: &Store) -> Vec<String> {
    let waiting = store
        .waiting_entries("A Show", noon(), after_noon())
        .unwrap();
    waiting
        .into_iter()
        .map(|waiting| waiting.entry.title)
        .collect()
}

#[test]
fn an_entry_that_is_not_read_yet_waits_whole_and_leaves_once_it_is_read() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let found = HarvestedEntry {
        reading: Reading::Waiting,
        ..read("pricing", None)
    };
    store
        .put_harvests([&harvest(vec![
            found.clone(),
            failed("hiring"),
            read("focus", None),
        ])])
        .unwrap();
    assert_eq!(waiting(&store).len(), 2);
    let pricing = store
        .waiting_entries("A Show", noon(), after_noon())
        .unwrap();
    assert!(
        pricing.contains(&found),
        "the entry must come back as it went in"
    );
    assert_eq!(
        store.known_entries("A Show").unwrap().len(),
        3,
        "what waits is known: it is not found anew"
    );
    store
        .put_harvests([&harvest(vec![read("pricing", None), read("hiring", None)])])
        .unwrap();
    assert_eq!(waiting(&store), [""; 0]);
    assert_eq!(store.shelf(noon(), after_noon()).unwrap().len(), 6);
}

#[test]
fn an_entry_of_another_day_is_not_waited_for_today() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    store
        .put_harvests([&harvest(vec![failed("pricing")])])
        .unwrap();
    let later = after_noon() + SignedDuration::from_hours(1);
    assert_eq!(
        store
            .waiting_entries("A Show", after_noon(), later)
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .waiting_entries("A Show", at("2026-01-01T00:00:00Z"), noon())
            .unwrap(),
        []
    );
    assert_eq!(
        store
            .waiting_entries("Another", noon(), after_noon())
            .unwrap(),
        []
    );
}

#[test]
fn an_entry_that_fails_too_often_is_given_up() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    for nth in 1..=TRIES_MAX {
        store
            .put_harvests([&harvest(vec![failed("pricing")])])
            .unwrap();
        assert_eq!(waiting(&store).len(), usize::from(nth < TRIES_MAX), "{nth}");
    }
    assert_eq!(store.known_entries("A Show").unwrap().len(), 1);
}

#[test]
fn what_was_read_is_not_lost_when_a_later_try_fails() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    store
        .put_harvests([&harvest(vec![read("pricing", None)])])
        .unwrap();
    store
        .put_harvests([&harvest(vec![failed("pricing")])])
        .unwrap();
    assert_eq!(store.known_entries("A Show").unwrap().len(), 1);
    assert_eq!(store.shelf(noon(), after_noon()).unwrap().len(), 2);
    assert_eq!(
        store.feed_memory("A Show", &feed()).unwrap(),
        Some(memory())
    );
}

#[test]
fn a_document_with_one_letter_changed_is_told() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    store
        .put_harvests([&harvest(vec![read("pricing", None)])])
        .unwrap();
    let sha256 = document("pricing").sha256();
    shelter
        .raw()
        .execute(
            "UPDATE document SET text = replace(text, 'guess', 'Guess')",
            [],
        )
        .unwrap();
    let error = store.document(&sha256).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert_eq!(store.document(&"0".repeat(64)).unwrap(), None);
}

// editions

#[test]
fn an_edition_is_read_back_to_the_last_digit() {
    let shelter = Shelter::new();
    let digest = edition_of(&mut shelter.open(), today(), 1);
    let store = shelter.open();
    assert_eq!(store.edition(today()).unwrap(), Some(digest));
    assert_eq!(store.edition(day("2026-05-03")).unwrap(), None);
    assert_eq!(store.next_edition_number().unwrap(), 2);
}

#[test]
fn an_edition_is_saved_once_and_never_changed() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let digest = edition_of(&mut store, today(), 1);
    store.save_edition(&digest).unwrap();
    let mut other_title = digest.clone();
    other_title.title = "Another".to_owned();
    let mut other_day = digest.clone();
    other_day.date = day("2026-05-05");
    for other in [other_title, other_day] {
        let error = store.save_edition(&other).unwrap_err();
        assert!(matches!(error, StoreError::EditionExists { .. }), "{error}");
    }
    assert_eq!(store.sent().unwrap().len(), 1);
    for table in ["edition", "sent_insight"] {
        let update = format!("UPDATE {table} SET date = '2026-05-05'");
        assert!(shelter.raw().execute(&update, []).is_err(), "{table}");
    }
    assert_eq!(store.edition(today()).unwrap(), Some(digest));
}

#[test]
fn history_is_what_was_sent_oldest_first() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, day("2026-05-05"), 1);
    edition_of(&mut store, day("2026-05-04"), 2);
    let sent = store.sent().unwrap();
    assert_eq!(sent[0].headline, "A guess becomes a promise");
    let dates: Vec<Date> = sent.iter().map(|sent| sent.date).collect();
    assert_eq!(dates, [day("2026-05-04"), day("2026-05-05")]);
    let numbers = |from, to| -> Vec<u32> {
        store
            .editions(day(from), day(to))
            .unwrap()
            .iter()
            .map(|digest| digest.edition)
            .collect()
    };
    assert_eq!(numbers("2026-05-04", "2026-05-05"), [2, 1]);
    assert_eq!(numbers("2026-05-05", "2026-05-09"), [1]);
    assert_eq!(numbers("2026-05-06", "2026-05-09"), [0; 0]);
}

#[test]
fn what_an_edition_cites_cannot_be_thrown_away() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let digest = edition_of(&mut store, today(), 1);
    store
        .put_harvests([&harvest(vec![read("uncited", None)])])
        .unwrap();
    let raw = shelter.raw();
    raw.pragma_update(None, "foreign_keys", true).unwrap();
    let delete = |sha256: &str| raw.execute("DELETE FROM document WHERE sha256 = ?1", [sha256]);
    assert!(delete(&digest.insights()[0].receipt.document_sha256).is_err());
    assert_eq!(delete(&document("uncited").sha256()).unwrap(), 1);
}

#[test]
fn an_edition_that_cites_an_unknown_document_is_refused_whole() {
    let shelter = Shelter::new();
    let mut copy = Store::throw_away(&shelter.path()).unwrap();
    let digest = edition_of(&mut copy, today(), 1);
    let mut store = shelter.open();
    let error = store.save_edition(&digest).unwrap_err();
    assert!(
        matches!(error, StoreError::NoSuchDocument { .. }),
        "{error}"
    );
    assert_eq!(store.edition(today()).unwrap(), None);
}

// deliveries

#[test]
fn everyone_active_is_enrolled_once_and_a_late_comer_too() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let ann = joined(&mut store, "ann@example.org");
    let ben = joined(&mut store, "ben@example.org");
    joined(&mut store, "cat@example.org");
    store
        .remove_subscriber(&address("cat@example.org"), noon())
        .unwrap();
    assert_eq!(store.enrol(today()).unwrap(), 2);
    assert_eq!(store.enrol(today()).unwrap(), 0);
    assert_eq!(due_ids(&store, OnUnknown::Skip), [ann, ben]);
    let dan = joined(&mut store, "dan@example.org");
    assert_eq!(store.enrol(today()).unwrap(), 1);
    assert_eq!(due_ids(&store, OnUnknown::Skip), [ann, ben, dan]);
}

#[test]
fn nobody_is_enrolled_for_an_edition_that_does_not_exist() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    joined(&mut store, "ann@example.org");
    assert!(store.enrol(today()).is_err());
}

#[test]
fn what_was_accepted_or_refused_is_not_due_again() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    for (name, state) in [
        ("ann@example.org", DeliveryState::Accepted),
        ("ben@example.org", DeliveryState::Refused),
    ] {
        let id = joined(&mut store, name);
        store.enrol(today()).unwrap();
        store.begin_attempt(&attempt(id)).unwrap();
        store.finish_attempt(&outcome(id, state)).unwrap();
    }
    assert_eq!(due_ids(&store, OnUnknown::Resend), Vec::<i64>::new());
    assert_eq!(
        nonzero(&store),
        [(DeliveryState::Accepted, 1), (DeliveryState::Refused, 1)]
    );
}

#[test]
fn a_deferred_mail_is_due_when_its_time_has_come() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let ann = joined(&mut store, "ann@example.org");
    store.enrol(today()).unwrap();
    store.begin_attempt(&attempt(ann)).unwrap();
    let later = noon() + SignedDuration::from_mins(30);
    store
        .finish_attempt(&Outcome {
            not_before: Some(later),
            ..outcome(ann, DeliveryState::Deferred)
        })
        .unwrap();
    let due = |now| due(&store, today(), now, OnUnknown::Skip);
    assert_eq!(due(later - SignedDuration::from_secs(1)), []);
    let due = due(later);
    assert_eq!(due[0].state, DeliveryState::Deferred);
    assert_eq!(due[0].attempts, 1);
    assert_eq!(due[0].message_sha256.as_deref(), Some("00ff"));
}

#[test]
fn an_attempt_that_a_crash_cut_short_is_unknown_and_sent_at_most_once_more() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let ann = joined(&mut store, "ann@example.org");
    store.enrol(today()).unwrap();
    for due_again in [true, false] {
        store.begin_attempt(&attempt(ann)).unwrap();
        drop(store); // the crash
        store = shelter.open();
        assert_eq!(due_ids(&store, OnUnknown::Resend), Vec::<i64>::new());
        assert_eq!(store.settle_interrupted().unwrap(), 1);
        assert_eq!(store.settle_interrupted().unwrap(), 0);
        assert_eq!(nonzero(&store), [(DeliveryState::Unknown, 1)]);
        assert_eq!(due_ids(&store, OnUnknown::Skip), Vec::<i64>::new());
        assert_eq!(due_ids(&store, OnUnknown::Resend) == [ann], due_again);
    }
}

#[test]
fn an_unknown_fate_is_resent_once_also_when_it_was_deferred_before() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let ann = joined(&mut store, "ann@example.org");
    store.enrol(today()).unwrap();
    for (state, due_again) in [
        (DeliveryState::Deferred, true),
        (DeliveryState::Unknown, true),
        (DeliveryState::Unknown, false),
    ] {
        store.begin_attempt(&attempt(ann)).unwrap();
        store.finish_attempt(&outcome(ann, state)).unwrap();
        assert_eq!(due_ids(&store, OnUnknown::Resend) == [ann], due_again);
    }
}

#[test]
fn an_attempt_of_which_nothing_was_sent_is_taken_back() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let ann = joined(&mut store, "ann@example.org");
    store.enrol(today()).unwrap();
    store.begin_attempt(&attempt(ann)).unwrap();
    store.release_attempt(today(), ann, noon()).unwrap();
    let due = due(&store, today(), noon(), OnUnknown::Skip);
    assert_eq!(due[0].state, DeliveryState::Waiting);
    assert_eq!(due[0].attempts, 0);
    // of one that was unknown before, a copy may have arrived all the same
    store.begin_attempt(&attempt(ann)).unwrap();
    store
        .finish_attempt(&outcome(ann, DeliveryState::Unknown))
        .unwrap();
    store.begin_attempt(&attempt(ann)).unwrap();
    store.release_attempt(today(), ann, noon()).unwrap();
    assert_eq!(nonzero(&store), [(DeliveryState::Unknown, 1)]);
    assert_eq!(due_ids(&store, OnUnknown::Resend), [ann]);
}

#[test]
fn a_delivery_is_begun_by_one_program_only() {
    let shelter = Shelter::new();
    let mut one = shelter.open();
    let mut two = shelter.open();
    edition_of(&mut one, today(), 1);
    let ann = joined(&mut one, "ann@example.org");
    one.enrol(today()).unwrap();
    one.begin_attempt(&attempt(ann)).unwrap();
    let error = two.begin_attempt(&attempt(ann)).unwrap_err();
    assert!(matches!(error, StoreError::OutOfStep { .. }), "{error}");
    one.finish_attempt(&outcome(ann, DeliveryState::Accepted))
        .unwrap();
    for error in [
        two.begin_attempt(&attempt(ann)).unwrap_err(),
        two.finish_attempt(&outcome(ann, DeliveryState::Refused))
            .unwrap_err(),
        two.release_attempt(today(), ann, noon()).unwrap_err(),
    ] {
        assert!(matches!(error, StoreError::OutOfStep { .. }), "{error}");
    }
    assert_eq!(nonzero(&two), [(DeliveryState::Accepted, 1)]);
}

#[test]
fn an_attempt_does_not_end_as_waiting_or_attempting() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let ann = joined(&mut store, "ann@example.org");
    store.enrol(today()).unwrap();
    store.begin_attempt(&attempt(ann)).unwrap();
    for state in [DeliveryState::Waiting, DeliveryState::Attempting] {
        assert!(store.finish_attempt(&outcome(ann, state)).is_err());
    }
    assert_eq!(nonzero(&store), [(DeliveryState::Attempting, 1)]);
}

#[test]
fn a_reader_who_left_in_between_gets_nothing_and_is_not_waited_for() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let ann = joined(&mut store, "ann@example.org");
    store.enrol(today()).unwrap();
    assert!(store.is_still_subscribed(ann).unwrap());
    store
        .remove_subscriber(&address("ann@example.org"), noon())
        .unwrap();
    assert!(!store.is_still_subscribed(ann).unwrap());
    assert_eq!(due_ids(&store, OnUnknown::Resend), Vec::<i64>::new());
    assert!(store.begin_attempt(&attempt(ann)).is_err());
    assert_eq!(nonzero(&store), []);
    // and whoever comes back the same day gets the day's edition
    store
        .add_subscriber(&address("ann@example.org"), &by_hand())
        .unwrap();
    assert_eq!(due_ids(&store, OnUnknown::Resend), [ann]);
}

// subscribers

#[test]
fn an_address_in_another_case_is_the_same_subscriber() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let ann = joined(&mut store, "Ann@Example.org");
    let again = store
        .add_subscriber(&address("ANN@example.ORG"), &by_hand())
        .unwrap();
    assert_eq!(again, Added::Already(ann));
    let rows = store.subscribers().unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].address.as_str(), "Ann@example.org");
    assert_eq!(rows[0].status, SubscriberStatus::Active);
    assert_eq!(rows[0].since, noon());
    assert!(
        store
            .remove_subscriber(&address("aNN@example.org"), noon())
            .unwrap()
    );
    assert!(
        !store
            .remove_subscriber(&address("aNN@example.org"), noon())
            .unwrap()
    );
}

#[test]
fn who_comes_back_keeps_number_and_token_and_consents_anew() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    let ann = joined(&mut store, "ann@example.org");
    store.enrol(today()).unwrap();
    let token = |store: &Store| {
        let due = due(store, today(), noon(), OnUnknown::Skip);
        due[0].subscriber.leave_token.reveal().to_owned()
    };
    let before = token(&store);
    assert!(store.remove_by_token(&before, noon()).unwrap());
    assert!(!store.remove_by_token(&before, noon()).unwrap());
    let later = noon() + SignedDuration::from_hours(1);
    let mut again = |source| {
        store
            .add_subscriber(&address("ann@example.org"), &Consent { source, at: later })
            .unwrap()
    };
    assert_eq!(
        again(ConsentSource::Import),
        Added::StaysAway,
        "a list is no wish to come back"
    );
    let back = again(ConsentSource::CommandLine);
    assert_eq!(back, Added::Back(ann));
    assert_eq!(token(&store), before);
    assert_eq!(store.subscribers().unwrap()[0].since, later);
    let consents: i64 = shelter
        .raw()
        .query_row("SELECT count(*) FROM consent", [], |row| row.get(0))
        .unwrap();
    assert_eq!(consents, 2);
}

#[test]
fn a_suppressed_address_stays_so() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let ann = joined(&mut store, "ann@example.org");
    store
        .suppress(ann, "550 5.1.1 no such user", noon())
        .unwrap();
    let again = store
        .add_subscriber(&address("ann@example.org"), &by_hand())
        .unwrap();
    assert_eq!(again, Added::Suppressed);
    assert!(
        !store
            .remove_subscriber(&address("ann@example.org"), noon())
            .unwrap()
    );
    assert!(!store.is_still_subscribed(ann).unwrap());
    assert_eq!(
        store.subscribers().unwrap()[0].status,
        SubscriberStatus::Suppressed
    );
}

#[test]
fn tokens_are_long_different_and_fit_into_a_link() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let addresses: Vec<_> = (0..100)
        .map(|nth| address(&format!("reader{nth}@example.org")))
        .collect();
    let added = store.add_subscribers(&addresses, &by_hand()).unwrap();
    assert_eq!(added.len(), 100);
    edition_of(&mut store, today(), 1);
    store.enrol(today()).unwrap();
    let due = due(&store, today(), noon(), OnUnknown::Skip);
    let tokens: BTreeSet<_> = due
        .iter()
        .map(|due| due.subscriber.leave_token.reveal())
        .collect();
    assert_eq!(tokens.len(), 100);
    for token in tokens {
        assert_eq!(token.len(), 24);
        assert!(
            token
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        );
        let row = store.subscriber_by_token(token).unwrap();
        assert!(row.is_some());
    }
    assert_eq!(store.subscriber_by_token("").unwrap(), None);
}

#[test]
fn no_address_or_token_shows_when_values_are_printed() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    edition_of(&mut store, today(), 1);
    joined(&mut store, "ann@example.org");
    store.enrol(today()).unwrap();
    let due = due(&store, today(), noon(), OnUnknown::Skip);
    let printed = format!("{due:?} {:?} {store:?}", store.subscribers().unwrap());
    assert!(!printed.contains("ann@"), "{printed}");
    assert!(!printed.contains(due[0].subscriber.leave_token.reveal()));
}

#[test]
fn a_harvest_of_many_entries_is_put_away_whole() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let mut text = Document::new(TextOrigin::FeedContent);
    for nth in 0..400 {
        text.push(
            BlockKind::Paragraph,
            None,
            &format!("Sentence number {nth} says one thing about products and little else."),
        );
    }
    let candidates: Vec<_> = (0..30)
        .map(|nth| candidate(&text, nth * 10, nth * 10 + 60))
        .collect();
    let entries = (0..20)
        .map(|nth| HarvestedEntry {
            entry: entry(&format!("entry-{nth}"), None),
            first_seen: noon(),
            reading: Reading::Read {
                document: text.clone(),
                candidates: candidates.clone(),
                background: Box::new(Background::of(&entry("any", None), SourceKind::Article)),
            },
            landed: None,
        })
        .collect();
    let harvest = harvest(entries);
    store.put_harvests([&harvest]).unwrap();
    assert_eq!(store.shelf(noon(), after_noon()).unwrap().len(), 600);
}

#[test]
fn a_site_is_left_alone_until_its_moment_and_then_forgotten() {
    let shelter = Shelter::new();
    let mut store = shelter.open();
    let later = |minutes| noon() + SignedDuration::from_mins(minutes);
    store.leave_alone("https://a.example", later(10)).unwrap();
    store.leave_alone("https://b.example", later(20)).unwrap();
    // the longest wish counts
    store.leave_alone("https://b.example", later(15)).unwrap();
    drop(store);

    let mut store = shelter.open();
    let a = ("https://a.example".to_owned(), later(10));
    let b = ("https://b.example".to_owned(), later(20));
    assert_eq!(store.sites_left_alone(noon()).unwrap(), [a, b.clone()]);
    assert_eq!(store.sites_left_alone(later(10)).unwrap(), [b]);
    let left: i64 = shelter
        .raw()
        .query_row("SELECT count(*) FROM site_left_alone", [], |row| row.get(0))
        .unwrap();
    assert_eq!(left, 1);
}
