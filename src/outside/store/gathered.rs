//! What gathering remembers: feeds, entries, documents and the shelf of candidates.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use rusqlite::Row;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use rusqlite::params;
use url::Url;

use crate::model::Background;
use crate::model::Candidate;
use crate::model::Document;
use crate::model::Entry;
use crate::model::EntryId;
use crate::model::KnownEntry;
use crate::model::Shelved;
use crate::model::TextOrigin;
use crate::model::Validators;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_feed;
use crate::outside::store::columns::from_json;
use crate::outside::store::columns::from_size;
use crate::outside::store::columns::from_timestamp;
use crate::outside::store::columns::to_json;
use crate::outside::store::columns::to_size;
use crate::outside::store::columns::to_timestamp;
use crate::outside::store::columns::to_url;
use crate::outside::store::readings::put_reading;

/// Runs that try an entry whose page or transcript cannot be fetched; after that it counts as one without text. A week of
/// daily runs: a page that is gone for longer is gone.
pub const TRIES_MAX: u32 = 7;

/// Entries of one source with which a reading is compared, the newest met: ten times what one reading has. Older ones are
/// known by their ids alone.
pub const KNOWN_ENTRIES_MAX: usize = 20_000;

/// What is remembered of the last reading of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedMemory {
    /// What its host wants to be told at the next visit.
    pub validators: Validators,
    /// Entries published before this were passed over: "not changed since" says nothing about them.
    pub window_from: Timestamp,
    /// Until when it need not be asked.
    pub rest: Option<Rest>,
}

/// Why a feed is not asked for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Until then nothing else would come (RFC 9111 §4.2).
    Fresh(Timestamp),
    /// Until then its host wants to be left alone (RFC 9110 §10.2.3).
    Peace(Timestamp),
}

/// What one visit to a source yielded.
#[derive(Debug, Clone, PartialEq)]
pub struct Harvest {
    /// Name of the source.
    pub source: String,
    /// Address of its feed: what is remembered of one address is not told to another.
    pub feed: Url,
    /// What is to be remembered of this reading.
    pub memory: FeedMemory,
    /// When, and by which rules, its texts were read.
    pub by: ReadBy,
    /// Entries that were not known before, or were waiting to be read.
    pub entries: Vec<HarvestedEntry>,
    /// Entries that were met before and of which something else is told now, under the ids that they have.
    pub changed: Vec<Entry>,
    /// What is to be remembered of entries that were too old; nothing where no feed was read.
    pub passed_over: Option<Vec<u8>>,
}

/// When texts were read, and by which rules their candidates were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadBy {
    /// The time of the run.
    pub at: Timestamp,
    /// SHA-256 of the rules in hexadecimal.
    pub rules_sha256: String,
}

/// An entry and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct HarvestedEntry {
    /// The entry.
    pub entry: Entry,
    /// When a run first met it. The store keeps the first one it was told.
    pub first_seen: Timestamp,
    /// Its text.
    pub reading: Reading,
    /// Where its page stood after all redirects, if it was asked for and stands elsewhere.
    pub landed: Option<Url>,
}

impl HarvestedEntry {
    /// When it was published, or first seen where its feed does not say.
    pub fn dated(&self) -> Timestamp {
        self.entry.published.unwrap_or(self.first_seen)
    }
}

/// What the reading of an entry gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// A text, and what might be an insight in it (perhaps nothing).
    Read {
        /// The text.
        document: Document,
        /// Passages of it.
        candidates: Vec<Candidate>,
        /// What was known of the entry beside it when they were found.
        background: Box<Background>,
    },
    /// There is no quotable text; the entry is not asked for again.
    NoText {
        /// Why, in a few words.
        reason: String,
    },
    /// It has not been tried yet.
    Waiting,
    /// Its text could not be fetched today; the next run tries again, [`TRIES_MAX`] times in all.
    FailedForNow {
        /// Why, in a few words.
        reason: String,
    },
}

impl Store {
    /// What is remembered of this feed; nothing where the source is new or its feed has moved.
    pub fn feed_memory(&self, source: &str, feed: &Url) -> Result<Option<FeedMemory>, StoreError> {
        let memory = self
            .connection
            .prepare_cached(
                "SELECT etag, last_modified, window_from, rests_until, asked_for_peace
                 FROM source WHERE name = ?1 AND feed = ?2",
            )?
            .query_row(params![source, from_feed(feed)], |row| {
                let until = row.get::<_, Option<i64>>(3)?;
                let until = until.map(|until| to_timestamp(3, until)).transpose()?;
                let rest = if row.get(4)? {
                    Rest::Peace
                } else {
                    Rest::Fresh
                };
                Ok(FeedMemory {
                    validators: Validators {
                        etag: row.get(0)?,
                        last_modified: row.get(1)?,
                    },
                    window_from: to_timestamp(2, row.get(2)?)?,
                    rest: until.map(rest),
                })
            })
            .optional()?;
        Ok(memory)
    }

    /// The entries of this source that were ever met, oldest meeting first, of more than [`KNOWN_ENTRIES_MAX`] the newest.
    pub fn known_entries(&self, source: &str) -> Result<Vec<KnownEntry>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, guid, title, link, landed, enclosure, published, republished, first_seen, waiting IS NOT NULL
             FROM entry WHERE source = ?1 ORDER BY number DESC LIMIT ?2",
        )?;
        let known = statement.query_map(params![source, from_size(KNOWN_ENTRIES_MAX)], to_known)?;
        let mut known: Vec<KnownEntry> = known.collect::<Result<_, _>>()?;
        known.reverse();
        Ok(known)
    }

    /// Whether an entry of this id was ever met.
    pub fn knows(&self, entry: &EntryId) -> Result<bool, StoreError> {
        let known = self
            .connection
            .prepare_cached("SELECT 1 FROM entry WHERE id = ?1")?
            .exists([entry.as_str()])?;
        Ok(known)
    }

    /// What is remembered of entries of this source that were too old when they were met; empty where nothing is.
    pub fn passed_over(&self, source: &str) -> Result<Vec<u8>, StoreError> {
        let entries = self
            .connection
            .prepare_cached("SELECT entries FROM passed_over WHERE source = ?1")?
            .query_row([source], |row| row.get(0))
            .optional()?;
        Ok(entries.unwrap_or_default())
    }

    /// The lengths in seconds of the entries of a shelf, as [`Store::shelf`] bounds it, where their feeds say them.
    pub fn lengths(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<EntryId, f64>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, duration_seconds FROM entry
             WHERE dated >= ?1 AND dated < ?2 AND duration_seconds IS NOT NULL",
        )?;
        let lengths = statement.query_map([from_timestamp(from), from_timestamp(to)], |row| {
            Ok((EntryId::from_stored(row.get(0)?), row.get(1)?))
        })?;
        Ok(lengths.collect::<Result<_, _>>()?)
    }

    /// Entries of this source, published from `from` up to but not including `to`, whose text is still to be fetched.
    pub fn waiting_entries(
        &self,
        source: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<HarvestedEntry>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT waiting, first_seen, landed FROM entry
             WHERE source = ?1 AND waiting IS NOT NULL AND dated >= ?2 AND dated < ?3
             ORDER BY dated DESC, id",
        )?;
        let waiting = statement.query_map(
            params![source, from_timestamp(from), from_timestamp(to)],
            |row| {
                Ok(HarvestedEntry {
                    entry: to_json(0, &row.get::<_, String>(0)?)?,
                    first_seen: to_timestamp(1, row.get(1)?)?,
                    reading: Reading::Waiting,
                    landed: to_url(2, row.get(2)?)?,
                })
            },
        )?;
        Ok(waiting.collect::<Result<_, _>>()?)
    }

    /// Writes down what visits to sources yielded, all of it or nothing. The same harvest again changes nothing. Several at once
    /// cost less than one by one, since each commit writes every page that it touches.
    pub fn put_harvests<'h>(
        &mut self,
        harvests: impl IntoIterator<Item = &'h Harvest>,
    ) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        for harvest in harvests {
            put_harvest(&transaction, harvest)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// Writes down that a feed is to be left alone until then. Of a feed that was never read nothing else is known: no entry
    /// was passed over, so `day` stands for the window.
    pub fn put_peace(
        &mut self,
        source: &str,
        feed: &Url,
        until: Timestamp,
        day: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO source (name, feed, window_from, rests_until, asked_for_peace) VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT (name) DO UPDATE SET
                   etag = CASE WHEN feed = excluded.feed THEN etag END,
                   last_modified = CASE WHEN feed = excluded.feed THEN last_modified END,
                   window_from = CASE WHEN feed = excluded.feed THEN window_from ELSE excluded.window_from END,
                   feed = excluded.feed, rests_until = excluded.rests_until, asked_for_peace = 1",
            )?
            .execute(params![
                source,
                from_feed(feed),
                from_timestamp(day),
                from_timestamp(until)
            ])?;
        Ok(())
    }

    /// The candidates of all entries that were published (or first seen, where the feed does not say) from `from` up to but
    /// not including `to`: by source, entry and place in the text, whatever the order in which they came.
    pub fn shelf(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Shelved>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT e.source, e.id, e.title, e.link, e.enclosure, e.dated, e.document_sha256,
                    c.from_byte, c.to_byte, c.text, c.headline, c.speaker, c.start_seconds, c.paragraph, c.score,
                    c.reasons, c.topics, c.shown, e.machine_heard
             FROM entry e JOIN candidate c ON c.entry = e.number
             WHERE e.dated >= ?1 AND e.dated < ?2
             ORDER BY e.source, e.id, c.from_byte, c.to_byte",
        )?;
        let shelved =
            statement.query_map([from_timestamp(from), from_timestamp(to)], to_shelved)?;
        Ok(shelved.collect::<Result<_, _>>()?)
    }

    /// The document whose text has this SHA-256 (hexadecimal), if it is still kept.
    pub fn document(&self, sha256: &str) -> Result<Option<Document>, StoreError> {
        let damaged = |cause: &str| StoreError::Damaged {
            what: format!("document {sha256}: {cause}"),
        };
        let row = self
            .connection
            .prepare_cached(
                "SELECT text, layout FROM document WHERE sha256 = ?1 AND dropped IS NULL",
            )?
            .query_row([sha256], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
            })
            .optional()?;
        let Some((text, layout)) = row else {
            return Ok(None);
        };
        let mut whole: serde_json::Value =
            serde_json::from_str(&layout).map_err(|error| damaged(&error.to_string()))?;
        whole["text"] = text.into();
        let document: Document =
            serde_json::from_value(whole).map_err(|error| damaged(&error.to_string()))?;
        if document.sha256() != sha256 {
            return Err(damaged("its text has changed"));
        }
        Ok(Some(document))
    }
}

/// Writes what one visit to a source yielded.
fn put_harvest(transaction: &Transaction<'_>, harvest: &Harvest) -> Result<(), StoreError> {
    for harvested in &harvest.entries {
        put_entry(transaction, &harvest.source, harvested, &harvest.by)?;
    }
    for entry in &harvest.changed {
        put_change(transaction, entry)?;
    }
    if let Some(entries) = &harvest.passed_over {
        transaction
            .prepare_cached(
                "INSERT INTO passed_over (source, entries) VALUES (?1, ?2)
                 ON CONFLICT (source) DO UPDATE SET entries = excluded.entries WHERE entries <> excluded.entries",
            )?
            .execute(params![harvest.source, entries])?;
    }
    transaction
        .prepare_cached(
            "INSERT INTO source (name, feed, etag, last_modified, window_from, rests_until, asked_for_peace)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (name) DO UPDATE SET
               feed = excluded.feed, etag = excluded.etag, last_modified = excluded.last_modified,
               window_from = excluded.window_from, rests_until = excluded.rests_until,
               asked_for_peace = excluded.asked_for_peace",
        )?
        .execute(params![
            harvest.source,
            from_feed(&harvest.feed),
            harvest.memory.validators.etag,
            harvest.memory.validators.last_modified,
            from_timestamp(harvest.memory.window_from),
            harvest.memory.rest.map(|rest| match rest {
                Rest::Fresh(until) | Rest::Peace(until) => from_timestamp(until),
            }),
            matches!(harvest.memory.rest, Some(Rest::Peace(_))),
        ])?;
    Ok(())
}

/// Writes an entry, its document and its candidates. What was read once is not lost when a later try fails.
fn put_entry(
    transaction: &Transaction<'_>,
    source: &str,
    harvested: &HarvestedEntry,
    by: &ReadBy,
) -> Result<(), StoreError> {
    let (reading, reason, document_sha256, candidates) = match &harvested.reading {
        Reading::Read {
            document,
            candidates,
            ..
        } => {
            let sha256 = put_document(transaction, document)?;
            ("read", None, Some(sha256), candidates.as_slice())
        }
        Reading::NoText { reason } => ("no-text", Some(reason), None, [].as_slice()),
        Reading::Waiting => ("waiting", None, None, [].as_slice()),
        Reading::FailedForNow { reason } => ("failed", Some(reason), None, [].as_slice()),
    };
    let entry = &harvested.entry;
    let to_be_read = matches!(
        harvested.reading,
        Reading::Waiting | Reading::FailedForNow { .. }
    );
    let number = transaction
        .prepare_cached(
            "INSERT INTO entry
               (id, source, title, link, enclosure, published, first_seen, reading, reason, document_sha256, waiting, tries,
                guid, landed, duration_seconds, machine_heard)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?8 = 'failed', ?13, ?14, ?15, ?16)
             ON CONFLICT (id) DO UPDATE SET
               title = excluded.title, link = excluded.link, enclosure = excluded.enclosure,
               published = excluded.published, reading = excluded.reading, reason = excluded.reason,
               document_sha256 = excluded.document_sha256, tries = tries + excluded.tries,
               guid = coalesce(excluded.guid, guid), landed = coalesce(excluded.landed, landed),
               duration_seconds = coalesce(duration_seconds, excluded.duration_seconds),
               machine_heard = excluded.machine_heard,
               waiting = CASE WHEN tries + excluded.tries < ?12 THEN excluded.waiting END
             WHERE excluded.waiting IS NULL OR waiting IS NOT NULL
             RETURNING number",
        )?
        .query_row(
            params![
                entry.id.as_str(),
                source,
                entry.title,
                entry.link.as_ref().map(Url::as_str),
                entry.enclosure.as_ref().map(|enclosure| enclosure.url.as_str()),
                entry.published.map(from_timestamp),
                from_timestamp(harvested.first_seen),
                reading,
                reason,
                document_sha256,
                to_be_read.then(|| from_json(entry)).transpose()?,
                TRIES_MAX,
                entry.guid,
                harvested.landed.as_ref().map(Url::as_str),
                entry.duration_seconds,
                matches!(&harvested.reading, Reading::Read { document, .. } if document.origin() == TextOrigin::Transcribed),
            ],
            |row| row.get::<_, i64>(0),
        )
        .optional()?;
    let Some(number) = number else {
        return Ok(());
    };
    transaction
        .prepare_cached("DELETE FROM candidate WHERE entry = ?1")?
        .execute([number])?;
    for candidate in candidates {
        put_candidate(transaction, number, candidate)?;
    }
    if !candidates.is_empty() {
        // in the order of the rows: one that goes back makes the index write itself out
        transaction
            .prepare_cached(
                "INSERT INTO passage_search (rowid, headline, text)
                 SELECT 2 * number, headline, text FROM candidate WHERE entry = ?1 ORDER BY number",
            )?
            .execute([number])?;
    }
    if let Reading::Read { background, .. } = &harvested.reading {
        put_reading(transaction, number, background, by)?;
    }
    Ok(())
}

/// Writes down what a feed tells anew of an entry whose text needs no more reading. What it leaves out now stays, and so does
/// the date under which the entry was met: an old entry does not come back by being dated anew.
fn put_change(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE entry SET
               guid = coalesce(?2, guid), title = CASE WHEN ?3 = '' THEN title ELSE ?3 END, link = coalesce(?4, link),
               enclosure = coalesce(?5, enclosure), republished = CASE WHEN ?6 IS NULL THEN republished ELSE nullif(?6, published) END,
               duration_seconds = coalesce(duration_seconds, ?7)
             WHERE id = ?1 AND waiting IS NULL",
        )?
        .execute(params![
            entry.id.as_str(),
            entry.guid,
            entry.title,
            entry.link.as_ref().map(Url::as_str),
            entry
                .enclosure
                .as_ref()
                .map(|enclosure| enclosure.url.as_str()),
            entry.published.map(from_timestamp),
            entry.duration_seconds,
        ])?;
    Ok(())
}

fn put_document(transaction: &Transaction<'_>, document: &Document) -> Result<String, StoreError> {
    let sha256 = document.sha256();
    let known = transaction
        .prepare_cached("SELECT 1 FROM document WHERE sha256 = ?1 AND dropped IS NULL")?
        .exists([&sha256])?;
    if !known {
        let mut layout = serde_json::to_value(document).map_err(|error| StoreError::Damaged {
            what: format!("document {sha256} cannot be written as JSON ({error})"),
        })?;
        if let Some(fields) = layout.as_object_mut() {
            // the text stands in a column of its own, where search and people can read it
            fields.shift_remove("text");
        }
        transaction
            .prepare_cached(
                "INSERT INTO document (sha256, text, layout) VALUES (?1, ?2, ?3)
                 ON CONFLICT (sha256) DO UPDATE SET text = excluded.text, layout = excluded.layout, dropped = NULL",
            )?
            .execute(params![sha256, document.text(), layout.to_string()])?;
    }
    Ok(sha256)
}

fn put_candidate(
    transaction: &Transaction<'_>,
    entry: i64,
    candidate: &Candidate,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO candidate
               (entry, from_byte, to_byte, text, headline, speaker, start_seconds, paragraph, score, reasons, topics,
                shown)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            entry,
            from_size(candidate.from),
            from_size(candidate.to),
            candidate.text,
            candidate.headline,
            candidate.speaker,
            candidate.start_seconds,
            candidate.paragraph.map(from_size),
            candidate.score,
            from_json(&candidate.reasons)?,
            from_json(&candidate.topics)?,
            candidate.shown,
        ])?;
    Ok(())
}

fn to_known(row: &Row<'_>) -> rusqlite::Result<KnownEntry> {
    let time = |column: usize| {
        row.get::<_, Option<i64>>(column)?
            .map(|time| to_timestamp(column, time))
            .transpose()
    };
    Ok(KnownEntry {
        id: EntryId::from_stored(row.get(0)?),
        guid: row.get(1)?,
        title: row.get(2)?,
        link: to_url(3, row.get(3)?)?,
        landed: to_url(4, row.get(4)?)?,
        enclosure: to_url(5, row.get(5)?)?,
        published: time(6)?,
        republished: time(7)?,
        first_seen: to_timestamp(8, row.get(8)?)?,
        waiting: row.get(9)?,
    })
}

fn to_shelved(row: &Row<'_>) -> rusqlite::Result<Shelved> {
    Ok(Shelved {
        source: row.get(0)?,
        entry: EntryId::from_stored(row.get(1)?),
        entry_title: row.get(2)?,
        entry_url: to_url(3, row.get(3)?)?,
        enclosure_url: to_url(4, row.get(4)?)?,
        published: to_timestamp(5, row.get(5)?)?,
        document_sha256: row.get(6)?,
        machine_heard: row.get(18)?,
        candidate: Candidate {
            from: to_size(7, row.get(7)?)?,
            to: to_size(8, row.get(8)?)?,
            text: row.get(9)?,
            headline: row.get(10)?,
            speaker: row.get(11)?,
            start_seconds: row.get(12)?,
            paragraph: row
                .get::<_, Option<i64>>(13)?
                .map(|number| to_size(13, number))
                .transpose()?,
            score: row.get(14)?,
            reasons: to_json(15, &row.get::<_, String>(15)?)?,
            topics: to_json(16, &row.get::<_, String>(16)?)?,
            shown: row.get(17)?,
        },
    })
}
