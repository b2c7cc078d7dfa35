//! The packed store is the store, readable with its key alone.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use crate::shelter::Shelter;
use crate::shelter::address;
use crate::shelter::day;
use crate::shelter::edition_of;
use crate::shelter::joined;
use crate::shelter::noon;
use crate::shelter::today;
use crate::world::newsroom::Ran;
use crate::world::newsroom::program;
use crate::world::newsroom::ran;
use jiff::civil::Date;
use takefive::model::DeliveryState;
use takefive::model::Secret;
use takefive::outside::store::Attempt;
use takefive::outside::store::Outcome;
use takefive::outside::store::Store;
use takefive::outside::store::state::Moment;
use takefive::outside::store::state::StateError;
use takefive::outside::store::state::new_key;
use takefive::outside::store::state::pack;
use takefive::outside::store::state::unpack;
use takefive::settings::OnUnknown;

use crate::world::due;

/// A store with an edition, and a folder to unpack in.
struct Move {
    from: Shelter,
    to: Shelter,
    key: Secret,
}

impl Move {
    fn new() -> Self {
        let this = Self {
            from: Shelter::new(),
            to: Shelter::new(),
            key: new_key().0,
        };
        let mut store = this.from.open();
        joined(&mut store, "ann@example.org");
        joined(&mut store, "ben@example.org");
        edition_of(&mut store, today(), 1);
        this
    }

    fn packed(&self) -> PathBuf {
        self.to.folder().join("state.age")
    }

    fn pack(&self, moment: Moment) {
        pack(&self.from.path(), &self.packed(), &self.key, moment).unwrap();
    }

    fn unpack(&self) -> Result<(), StateError> {
        unpack(&self.packed(), &self.to.path(), &self.key)
    }

    fn arrived(&self) -> Store {
        self.unpack().unwrap();
        self.to.open()
    }
}

fn files(names: &[&str]) -> std::collections::BTreeSet<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn counts(store: &Store) -> Vec<(DeliveryState, u64)> {
    let counts = store.delivery_counts(today()).unwrap();
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

/// The moment before the edition of that day goes out; of older ones nothing is sent any more.
fn about_to_send(date: Date) -> Moment {
    Moment::AboutToSend { oldest: date, date }
}

#[test]
fn what_was_packed_is_unpacked_as_it_was() {
    let world = Move::new();
    let mut before = world.from.open();
    before.enrol(today()).unwrap();
    world.pack(Moment::AtRest); // while it is open elsewhere
    let after = world.arrived();
    assert_eq!(after.subscribers().unwrap(), before.subscribers().unwrap());
    assert_eq!(
        after.edition(today()).unwrap(),
        before.edition(today()).unwrap()
    );
    assert_eq!(
        after.shelf(noon(), noon()).unwrap(),
        before.shelf(noon(), noon()).unwrap()
    );
    assert_eq!(
        due(&after, today(), noon(), OnUnknown::Skip),
        due(&before, today(), noon(), OnUnknown::Skip)
    );
    assert_eq!(counts(&after), [(DeliveryState::Waiting, 2)]);
}

#[test]
fn nothing_in_the_packed_file_can_be_read_and_nothing_else_is_left_behind() {
    let world = Move::new();
    world.pack(about_to_send(today()));
    let store = fs::read(world.from.path()).unwrap();
    let packed = fs::read(world.packed()).unwrap();
    let holds = |bytes: &[u8], words: &[u8]| bytes.windows(words.len()).any(|here| here == words);
    for words in [b"ann@example.org".as_slice(), b"SQLite format 3", b"guess"] {
        assert!(holds(&store, words));
        assert!(!holds(&packed, words));
    }
    assert!(packed.starts_with(b"age-encryption.org/v1\n"));
    assert_eq!(world.from.files(), files(&["takefive.db"]));
    assert_eq!(world.to.files(), files(&["state.age"]));
    world.unpack().unwrap();
    assert_eq!(world.to.files(), files(&["state.age", "takefive.db"]));
}

#[cfg(unix)]
#[test]
fn the_unpacked_store_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = Move::new();
    world.pack(Moment::AtRest);
    world.unpack().unwrap();
    let mode = fs::metadata(world.to.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0);
}

#[test]
fn a_machine_that_dies_while_it_sends_leaves_unknown_fates_not_waiting_ones() {
    let world = Move::new();
    let mut before = world.from.open();
    before.enrol(today()).unwrap();
    let ann = before.subscribers().unwrap()[0].id;
    let attempt = Attempt {
        date: today(),
        subscriber: ann,
        message_id: "1@digest.example.org",
        message_sha256: "00ff",
        at: noon(),
    };
    before.begin_attempt(&attempt).unwrap();
    before
        .finish_attempt(&Outcome {
            date: today(),
            subscriber: ann,
            state: DeliveryState::Accepted,
            reason: None,
            mailbox_full: false,
            not_before: None,
            at: noon(),
        })
        .unwrap();
    // cat has no row yet: this run would make one and send
    joined(&mut before, "cat@example.org");
    joined(&mut before, "dan@example.org");
    before
        .remove_subscriber(&address("dan@example.org"), noon())
        .unwrap();
    world.pack(about_to_send(today()));

    let mut after = world.arrived();
    assert_eq!(
        counts(&after),
        [(DeliveryState::Attempting, 2), (DeliveryState::Accepted, 1)]
    );
    assert_eq!(after.settle_interrupted().unwrap(), 2);
    let due = |policy| due(&after, today(), noon(), policy).len();
    assert_eq!(due(OnUnknown::Skip), 0);
    assert_eq!(due(OnUnknown::Resend), 2);
    // the machine that sends knows better, and its own store is as it was
    assert_eq!(
        counts(&before),
        [(DeliveryState::Waiting, 1), (DeliveryState::Accepted, 1)]
    );
}

#[test]
fn without_an_edition_that_day_nothing_is_marked() {
    let world = Move::new();
    world.from.open().enrol(today()).unwrap();
    world.pack(about_to_send(day("2026-05-05")));
    assert_eq!(counts(&world.arrived()), [(DeliveryState::Waiting, 2)]);
}

#[test]
fn packing_again_replaces_the_older_file() {
    let world = Move::new();
    world.pack(Moment::AtRest);
    joined(&mut world.from.open(), "cat@example.org");
    world.pack(Moment::AtRest);
    assert_eq!(world.arrived().subscribers().unwrap().len(), 3);
}

#[test]
fn a_store_that_is_there_is_not_overwritten_unless_it_is_the_same() {
    let world = Move::new();
    world.pack(Moment::AtRest);
    world.unpack().unwrap();
    world.unpack().unwrap();
    joined(&mut world.to.open(), "eve@example.org");
    let before = fs::read(world.to.path()).unwrap();
    let error = world.unpack().unwrap_err();
    assert!(matches!(error, StateError::StoreExists { .. }), "{error}");
    assert_eq!(fs::read(world.to.path()).unwrap(), before);
    assert_eq!(world.to.files(), files(&["state.age", "takefive.db"]));
}

#[test]
fn a_log_that_stands_alone_is_not_joined_to_an_unpacked_store() {
    let world = Move::new();
    world.pack(Moment::AtRest);
    fs::write(world.to.folder().join("takefive.db-wal"), "left behind").unwrap();
    let error = world.unpack().unwrap_err();
    assert!(matches!(error, StateError::StoreExists { .. }), "{error}");
    assert!(!world.to.path().exists());
}

#[test]
fn a_clear_copy_that_a_killed_program_left_is_removed() {
    let world = Move::new();
    let left = world.from.folder().join("takefive.db.packing");
    fs::write(&left, "ann@example.org").unwrap();
    world.pack(Moment::AtRest);
    assert!(!left.exists());
    world.unpack().unwrap();
}

#[test]
fn another_key_opens_nothing_and_says_so() {
    let mut world = Move::new();
    world.pack(Moment::AtRest);
    world.key = new_key().0;
    let error = world.unpack().unwrap_err();
    assert!(matches!(error, StateError::WrongKey { .. }), "{error}");
    assert_eq!(world.to.files(), files(&["state.age"]));
}

#[test]
fn a_bad_key_is_told_without_being_shown() {
    let world = Move::new();
    world.pack(Moment::AtRest);
    let good = world.key.reveal();
    let cut = &good[..good.len() - 1];
    let public = new_key().1;
    for bad in [cut, "hunter2", public.as_str()] {
        let key = Secret::new(bad);
        for error in [
            pack(&world.from.path(), &world.packed(), &key, Moment::AtRest).unwrap_err(),
            unpack(&world.packed(), &world.to.path(), &key).unwrap_err(),
        ] {
            assert!(matches!(error, StateError::NotAKey), "{error}");
            assert!(!format!("{error} {error:?}").contains(bad));
        }
    }
    for none in ["", " \n"] {
        let error = unpack(&world.packed(), &world.to.path(), &Secret::new(none)).unwrap_err();
        assert!(matches!(error, StateError::NoKey), "{error}");
    }
}

#[test]
fn a_key_file_of_age_keygen_is_a_key() {
    let world = Move::new();
    world.pack(Moment::AtRest);
    let file = format!(
        "# created: today\n# public key: age1\n{}\n",
        world.key.reveal()
    );
    unpack(&world.packed(), &world.to.path(), &Secret::new(file)).unwrap();
}

#[test]
fn a_key_is_one_of_the_age_kind() {
    let (secret, public) = new_key();
    assert!(secret.reveal().starts_with("AGE-SECRET-KEY-1"));
    assert!(public.starts_with("age1"));
    assert_ne!(new_key().0, secret);
}

#[test]
fn a_damaged_file_is_refused_and_nothing_is_put_in_place() {
    let world = Move::new();
    world.pack(Moment::AtRest);
    let whole = fs::read(world.packed()).unwrap();
    let mut flipped = whole.clone();
    let middle = whole.len() / 2;
    flipped[middle] ^= 1;
    let damaged = [
        Vec::new(),
        b"not an age file".to_vec(),
        whole[..whole.len() - 1].to_vec(),
        whole[..whole.len() / 2].to_vec(),
        flipped,
    ];
    for bytes in damaged {
        fs::write(world.packed(), bytes).unwrap();
        let error = world.unpack().unwrap_err();
        assert!(matches!(error, StateError::NotPacked { .. }), "{error}");
        assert_eq!(world.to.files(), files(&["state.age"]));
    }
}

#[test]
fn a_store_of_a_newer_program_is_not_put_in_place() {
    let world = Move::new();
    let newer = Shelter::new();
    // what only a newer program can write: its pack would carry this version
    drop(newer.open());
    newer.raw().pragma_update(None, "user_version", 99).unwrap();
    let identity: age::x25519::Identity = world.key.reveal().parse().unwrap();
    let bytes = fs::read(newer.path()).unwrap();
    fs::write(
        world.packed(),
        age::encrypt(&identity.to_public(), &bytes).unwrap(),
    )
    .unwrap();
    let error = world.unpack().unwrap_err();
    assert!(matches!(error, StateError::Store(_)), "{error}");
    assert_eq!(world.to.files(), files(&["state.age"]));
}

#[test]
fn there_must_be_a_store_to_pack() {
    let world = Move::new();
    let missing = world.from.folder().join("other.db");
    let error = pack(&missing, &world.packed(), &world.key, Moment::AtRest).unwrap_err();
    assert!(matches!(error, StateError::NoStore { .. }), "{error}");
    assert!(!missing.exists());
    assert_eq!(world.to.files(), files(&[]));
}

/// The program in a folder, on the store there, with a key or without.
fn takefive(folder: &Path, key: Option<&str>, arguments: &[&str]) -> Ran {
    let store = ["--store", "takefive.db"];
    let mut command = program(folder, arguments.iter().chain(&store));
    if let Some(key) = key {
        command.env("TAKEFIVE_STATE_KEY", key);
    }
    ran(&mut command)
}

/// A key as the program prints it.
fn printed_key(folder: &Path) -> String {
    let ran = takefive(folder, None, &["state", "key"]).exits(0);
    let key = ran.stdout.trim_end().to_owned();
    assert!(key.starts_with("AGE-SECRET-KEY-1"));
    assert_eq!(key.lines().count(), 1, "the secret alone, for a pipe");
    assert!(!ran.stderr.contains(&key) && ran.stderr.contains("age1"));
    key
}

#[test]
fn the_program_packs_a_store_and_makes_it_again_elsewhere() {
    let (here, there) = (Shelter::new(), Shelter::new());
    let key = printed_key(here.folder());
    joined(&mut here.open(), "ann@example.org");
    takefive(here.folder(), Some(&key), &["state", "pack", "state.age"]).exits(0);
    let packed = there.folder().join("state.age");
    fs::copy(here.folder().join("state.age"), packed).unwrap();
    takefive(
        there.folder(),
        Some(&key),
        &["state", "unpack", "state.age"],
    )
    .exits(0);
    assert_eq!(there.open().subscribers().unwrap().len(), 1);
}

#[test]
fn what_a_person_must_set_right_is_told_with_the_code_for_settings() {
    let shelter = Shelter::new();
    let folder = shelter.folder();
    let key = printed_key(folder);
    let other = printed_key(folder);
    joined(&mut shelter.open(), "ann@example.org");
    takefive(folder, Some(&key), &["state", "pack", "state.age"]).exits(0);
    joined(&mut shelter.open(), "ben@example.org");

    let unpack = ["state", "unpack", "state.age"];
    let key = Some(key.as_str());
    let cases = [
        (None, &unpack[..], "TAKEFIVE_STATE_KEY is not set"),
        (Some(" "), &unpack, "TAKEFIVE_STATE_KEY is not set"),
        (Some("hunter2"), &unpack, "not a secret age key"),
        (Some(&other), &unpack, "packed with another key"),
        (key, &unpack, "another store is there already"),
        (
            key,
            &["state", "unpack", "first.age"],
            "first.age: there is no such packed file",
        ),
        (
            key,
            &["state", "pack", "new.age", "--store", "missing.db"],
            "missing.db: there is no store to pack",
        ),
        (
            key,
            &["state", "pack", "new.age", "--edition", "2026-05-04"],
            "--before-send",
        ),
    ];
    for (key, arguments, sentence) in cases {
        let arguments: Vec<&str> = arguments.to_vec();
        let mut command = program(folder, &arguments);
        if !arguments.contains(&"--store") {
            command.args(["--store", "takefive.db"]);
        }
        if let Some(key) = key {
            command.env("TAKEFIVE_STATE_KEY", key);
        }
        let ran = ran(&mut command).exits(2);
        assert!(ran.stderr.contains(sentence), "{sentence}: {ran:?}");
        assert!(!ran.stderr.contains("hunter2"), "{ran:?}");
    }
    assert_eq!(shelter.open().subscribers().unwrap().len(), 2);
    assert!(!folder.join("new.age").exists());
}

#[test]
fn a_damaged_file_is_no_mistake_of_the_settings() {
    let world = Move::new();
    world.pack(Moment::AtRest);
    let whole = fs::read(world.packed()).unwrap();
    fs::write(world.packed(), &whole[..whole.len() / 2]).unwrap();
    let ran = takefive(
        world.to.folder(),
        Some(world.key.reveal()),
        &["state", "unpack", "state.age"],
    )
    .exits(1);
    assert!(
        ran.stderr.contains("not a packed store, or a damaged one"),
        "{ran:?}"
    );
    assert_eq!(world.to.files(), files(&["state.age"]));
}

#[test]
fn a_copy_before_sending_is_of_the_edition_that_is_named() {
    let world = Move::new();
    let folder = world.from.folder();
    fs::write(
        folder.join("sources.toml"),
        "[[source]]\nname = \"notes\"\nkind = \"article\"\nfeed = \"https://notes.example/feed\"\n",
    )
    .unwrap();
    let date = today().to_string();
    for (arguments, expected) in [
        (
            vec!["--before-send", "--edition", &date],
            DeliveryState::Attempting,
        ),
        (
            vec!["--before-send", "--edition", "2031-01-01"],
            DeliveryState::Waiting,
        ),
        (vec![], DeliveryState::Waiting),
    ] {
        world.from.open().enrol(today()).unwrap();
        let all = [vec!["state", "pack", "state.age"], arguments].concat();
        takefive(folder, Some(world.key.reveal()), &all).exits(0);
        let there = Shelter::new();
        unpack(&folder.join("state.age"), &there.path(), &world.key).unwrap();
        assert_eq!(counts(&there.open()), [(expected, 2)], "{all:?}");
    }
}
