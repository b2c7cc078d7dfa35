//! Readings: how each entry was read, and how the shelf showed it, at any moment that an edition was chosen.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use rusqlite::Row;
use rusqlite::Transaction;
use rusqlite::params;
use url::Url;

use crate::model::Background;
use crate::model::EntryId;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_json;
use crate::outside::store::columns::from_timestamp;
use crate::outside::store::columns::to_json;
use crate::outside::store::columns::to_timestamp;
use crate::outside::store::columns::to_url;
use crate::outside::store::gathered::ReadBy;

/// How an entry was read, and how the shelf showed it.
#[derive(Debug, Clone, PartialEq)]
pub struct PastReading {
    /// Grows with each reading of the store.
    pub number: i64,
    /// Name of the source.
    pub source: String,
    /// The entry.
    pub entry: EntryId,
    /// Its title at that time.
    pub title: String,
    /// Its page at that time.
    pub link: Option<Url>,
    /// Its audio file at that time.
    pub enclosure: Option<Url>,
    /// When it was published, or first seen where its feed did not say.
    pub published: Timestamp,
    /// Whether its document has the words that a machine heard.
    pub machine_heard: bool,
    /// SHA-256 of its document, which may have been let go since.
    pub document_sha256: String,
    /// By which rules its candidates were found; none where an older program read it.
    pub rules_sha256: Option<String>,
    /// What was known of it beside the document; none where an older program read it, or where it was let go.
    pub background: Option<Background>,
}

impl Store {
    /// The entries published (or first seen) from `from` up to but not including `to`, each as it was read and shown when
    /// the reading number `upto` was the last; by source and id.
    pub fn readings(
        &self,
        from: Timestamp,
        to: Timestamp,
        upto: i64,
    ) -> Result<Vec<PastReading>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT r.number, r.source, r.entry_id, r.title, r.link, r.enclosure, r.dated, r.document_sha256,
                    r.rules_sha256, r.background, r.machine_heard
             FROM reading r
             WHERE r.dated >= ?1 AND r.dated < ?2 AND r.number <= ?3
               AND NOT EXISTS (SELECT 1 FROM reading later
                               WHERE later.entry = r.entry AND later.number > r.number AND later.number <= ?3)
             ORDER BY r.source, r.entry_id",
        )?;
        let readings = statement.query_map(
            params![from_timestamp(from), from_timestamp(to), upto],
            to_reading,
        )?;
        Ok(readings.collect::<Result<_, _>>()?)
    }
}

/// Writes down how an entry was read. The same reading again is none.
pub(super) fn put_reading(
    transaction: &Transaction<'_>,
    entry: i64,
    background: &Background,
    by: &ReadBy,
) -> Result<(), StoreError> {
    let background = from_json(background)?;
    let same = transaction
        .prepare_cached(
            "SELECT r.document_sha256 = e.document_sha256 AND r.rules_sha256 IS ?2 AND r.background IS ?3
               AND r.entry_id = e.id AND r.source = e.source AND r.title = e.title AND r.link IS e.link AND r.enclosure IS e.enclosure AND r.dated = e.dated
               AND r.machine_heard = e.machine_heard
             FROM reading r JOIN entry e ON e.number = r.entry
             WHERE r.entry = ?1 AND r.dropped IS NULL ORDER BY r.number DESC LIMIT 1",
        )?
        .query_row(params![entry, by.rules_sha256, background], |row| {
            row.get::<_, bool>(0)
        })
        .optional()?;
    if same == Some(true) {
        return Ok(());
    }
    transaction
        .prepare_cached(
            "INSERT INTO reading
               (entry, read_at, document_sha256, rules_sha256, background, entry_id, source, title, link, enclosure, dated,
                machine_heard)
             SELECT number, ?2, document_sha256, ?3, ?4, id, source, title, link, enclosure, dated, machine_heard
             FROM entry WHERE number = ?1",
        )?
        .execute(params![
            entry,
            from_timestamp(by.at),
            by.rules_sha256,
            background
        ])?;
    Ok(())
}

fn to_reading(row: &Row<'_>) -> rusqlite::Result<PastReading> {
    Ok(PastReading {
        number: row.get(0)?,
        source: row.get(1)?,
        entry: EntryId::from_stored(row.get(2)?),
        title: row.get(3)?,
        link: to_url(4, row.get(4)?)?,
        enclosure: to_url(5, row.get(5)?)?,
        published: to_timestamp(6, row.get(6)?)?,
        machine_heard: row.get(10)?,
        document_sha256: row.get(7)?,
        rules_sha256: row.get(8)?,
        background: row
            .get::<_, Option<String>>(9)?
            .map(|text| to_json(9, &text))
            .transpose()?,
    })
}
