//! A folder with a store in it, and values to put there.

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use takefive::model::Background;
use takefive::model::BlockKind;
use takefive::model::Candidate;
use takefive::model::Digest;
use takefive::model::Document;
use takefive::model::EmailAddress;
use takefive::model::Enclosure;
use takefive::model::Entry;
use takefive::model::EntryId;
use takefive::model::Insight;
use takefive::model::Reason;
use takefive::model::Shelved;
use takefive::model::SourceKind;
use takefive::model::TextOrigin;
use takefive::model::Validators;
use takefive::outside::store::Added;
use takefive::outside::store::Consent;
use takefive::outside::store::ConsentSource;
use takefive::outside::store::FeedMemory;
use takefive::outside::store::Harvest;
use takefive::outside::store::HarvestedEntry;
use takefive::outside::store::ReadBy;
use takefive::outside::store::Reading;
use takefive::outside::store::Store;
use tempfile::TempDir;
use url::Url;

/// What an older program found and sent.
pub(crate) const OLD_WORDS: &str =
    "A roadmap that lists features is a list of promises nobody has checked.";

/// A folder with a store in it.
pub(crate) struct Shelter {
    folder: TempDir,
}

impl Shelter {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// The steps of the tables, oldest first.
    pub(crate) fn schema_steps() -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/outside/store/schema");
        let files = fs::read_dir(folder).unwrap();
        let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        let text = |file: &PathBuf| fs::read_to_string(file).unwrap();
        files.iter().map(text).collect()
    }

    /// A store as the program of that version left it, with one passage that was found at noon and sent once.
    pub(crate) fn of_version(version: usize) -> Self {
        let shelter = Self::new();
        let raw = shelter.raw();
        for step in &Self::schema_steps()[..version] {
            raw.execute_batch(step).unwrap();
        }
        raw.execute_batch(&format!(
            "PRAGMA application_id = 1952541541; PRAGMA user_version = {version};
             INSERT INTO document (sha256, text, layout) VALUES ('d1', '{OLD_WORDS}', '{{}}');
             INSERT INTO entry (id, source, title, published, first_seen, reading, document_sha256)
               VALUES ('e1', 'A Show', 'One', {noon}, {noon}, 'read', 'd1');
             INSERT INTO candidate (entry, from_byte, to_byte, text, headline, score, reasons, topics)
               VALUES (1, 0, {length}, '{OLD_WORDS}', 'Promises', 3.5, '[]', '[]');
             INSERT INTO edition (date, number, digest) VALUES ('2026-05-01', 1, '{{}}');
             INSERT INTO sent_insight (date, position, entry, headline, text, document_sha256, from_byte, to_byte)
               VALUES ('2026-05-01', 1, 'e1', 'Promises', '{OLD_WORDS}', 'd1', 0, {length});",
            noon = noon().as_microsecond(),
            length = OLD_WORDS.len(),
        ))
        .unwrap();
        shelter
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("takefive.db")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.path()).unwrap()
    }

    /// Names of all files in the folder.
    pub(crate) fn files(&self) -> BTreeSet<String> {
        fs::read_dir(self.folder.path())
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// The file as another program sees it.
    pub(crate) fn raw(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn after_noon() -> Timestamp {
    noon() + SignedDuration::from_secs(1)
}

pub(crate) fn noon() -> Timestamp {
    at("2026-05-04T12:00:00Z")
}

pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(crate) fn today() -> Date {
    day("2026-05-04")
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

pub(crate) fn by_hand() -> Consent {
    Consent {
        source: ConsentSource::CommandLine,
        at: noon(),
    }
}

pub(crate) fn feed() -> Url {
    Url::parse("https://show.example.org/feed.xml").unwrap()
}

pub(crate) fn entry(key: &str, published: Option<Timestamp>) -> Entry {
    Entry {
        id: EntryId::new("A Show", key),
        guid: Some(key.to_owned()),
        title: format!("About {key}"),
        link: Some(Url::parse(&format!("https://show.example.org/{key}")).unwrap()),
        published,
        author: None,
        summary: None,
        content: None,
        enclosure: Some(Enclosure {
            url: Url::parse(&format!("https://show.example.org/{key}.mp3")).unwrap(),
            media_type: Some("audio/mpeg".to_owned()),
            bytes: Some(5),
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

pub(crate) fn document(key: &str) -> Document {
    let mut document = Document::new(TextOrigin::Transcript);
    document.push(BlockKind::Heading, None, "What was learnt");
    document.push_speech(
        Some("Ada"),
        Some(61.25),
        &format!("Roadmaps about {key} are guesses. A guess that nobody checks becomes a promise."),
    );
    document.push_speech(
        Some("Ben"),
        Some(70.0),
        "And promises – «kept» or not – cost.",
    );
    document
}

pub(crate) fn candidate(document: &Document, from: usize, to: usize) -> Candidate {
    Candidate {
        from,
        to,
        text: document.text()[from..to].to_owned(),
        shown: Some("as readers see it".to_owned()),
        headline: "A guess becomes a promise".to_owned(),
        speaker: Some("Ada".to_owned()),
        start_seconds: Some(61.25),
        paragraph: None,
        score: 0.1 + 0.2,
        // numbers with as many digits as there are
        reasons: (1..=60)
            .map(|nth| Reason {
                rule: format!("rule-{nth}"),
                points: f64::from(nth).sqrt() / 70.0,
            })
            .collect(),
        topics: vec!["roadmap".to_owned()],
    }
}

pub(crate) fn read(key: &str, published: Option<Timestamp>) -> HarvestedEntry {
    let document = document(key);
    let candidates = vec![candidate(&document, 40, 60), candidate(&document, 17, 30)];
    let entry = entry(key, published);
    HarvestedEntry {
        first_seen: noon(),
        reading: Reading::Read {
            document,
            candidates,
            background: Box::new(Background::of(&entry, SourceKind::Podcast)),
        },
        landed: None,
        entry,
    }
}

pub(crate) fn failed(key: &str) -> HarvestedEntry {
    HarvestedEntry {
        entry: entry(key, None),
        first_seen: noon(),
        reading: Reading::FailedForNow {
            reason: "the host is down".to_owned(),
        },
        landed: None,
    }
}

pub(crate) fn memory() -> FeedMemory {
    FeedMemory {
        validators: Validators {
            etag: Some("\"five\"".to_owned()),
            last_modified: Some("Mon, 04 May 2026 05:00:00 GMT".to_owned()),
        },
        window_from: at("2026-05-01T00:00:00Z"),
        rest: None,
    }
}

pub(crate) fn harvest(entries: Vec<HarvestedEntry>) -> Harvest {
    Harvest {
        source: "A Show".to_owned(),
        feed: feed(),
        memory: memory(),
        by: ReadBy {
            at: noon(),
            rules_sha256: "00".repeat(32),
        },
        entries,
        changed: Vec::new(),
        passed_over: None,
    }
}

pub(crate) fn insight(shelved: &Shelved) -> Insight {
    let candidate = &shelved.candidate;
    Insight {
        headline: candidate.headline.clone(),
        text: candidate.text.clone(),
        shown: None,
        score: candidate.score * 1.1,
        reasons: candidate.reasons.clone(),
        source: shelved.source.clone(),
        entry_title: shelved.entry_title.clone(),
        entry_url: shelved.entry_url.clone(),
        enclosure_url: shelved.enclosure_url.clone(),
        of_earlier_day: None,
        published: shelved.published,
        speaker: candidate.speaker.clone(),
        start_seconds: candidate.start_seconds,
        receipt: shelved.receipt(),
        topics: candidate.topics.clone(),
        also_said_by: Vec::new(),
        related: Vec::new(),
    }
}

/// Gathers one entry and saves the edition of `date` made of its first candidate.
pub(crate) fn edition_of(store: &mut Store, date: Date, number: u32) -> Digest {
    let key = format!("episode-{number}");
    store
        .put_harvests([&harvest(vec![read(&key, Some(noon()))])])
        .unwrap();
    let shelf = store.shelf(noon(), after_noon()).unwrap();
    let shelved = shelf
        .iter()
        .find(|shelved| shelved.entry == EntryId::new("A Show", &key))
        .unwrap();
    let digest = Digest::new(
        date,
        number,
        "Take Five".to_owned(),
        at("2026-05-04T05:06:07.123456789Z"),
        vec![insight(shelved)],
    )
    .unwrap();
    store.save_edition(&digest).unwrap();
    digest
}

pub(crate) fn joined(store: &mut Store, name: &str) -> i64 {
    match store.add_subscriber(&address(name), &by_hand()).unwrap() {
        Added::New(id) => id,
        other => panic!("{other:?}"),
    }
}
