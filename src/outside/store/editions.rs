//! Editions: written once, never edited; and the history that they make.

use jiff::civil::Date;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::Row;
use rusqlite::params;

use crate::model::Archived;
use crate::model::Digest;
use crate::model::Insight;
use crate::model::Quote;
use crate::model::SentInsight;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_date;
use crate::outside::store::columns::from_json;
use crate::outside::store::columns::from_size;
use crate::outside::store::columns::to_date;
use crate::outside::store::columns::to_size;
use crate::outside::store::spans::Span;
use crate::outside::store::spans::keep_span;

impl Store {
    /// Every insight of every edition, oldest edition first, best first within each.
    pub fn sent(&self) -> Result<Vec<SentInsight>, StoreError> {
        self.sent_before(None, Date::MIN, Date::MAX)
    }

    /// The insights sent from one day on, before another, in editions with a smaller number than `before`, or in all; oldest
    /// edition first, best first within each. An edition that this store took over from another one counts for those that were chosen since.
    pub fn sent_before(
        &self,
        before: Option<u32>,
        from: Date,
        to: Date,
    ) -> Result<Vec<SentInsight>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.date, s.headline, s.text FROM sent_insight s
             JOIN edition e ON e.date = s.date LEFT JOIN imported_edition i ON i.date = s.date
             WHERE s.date >= ?2 AND s.date < ?3
               AND (?1 IS NULL OR (e.number < ?1 AND coalesce(i.known_from <= ?1, 1)))
             ORDER BY s.date, s.position",
        )?;
        let sent = statement.query_map(params![before, from_date(from), from_date(to)], to_sent)?;
        Ok(sent.collect::<Result<_, _>>()?)
    }

    /// Headline and words of the insights of that day's edition as history has them, best first.
    pub fn sent_in(&self, date: Date) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT headline, text FROM sent_insight WHERE date = ?1 ORDER BY position",
        )?;
        let sent = statement.query_map([from_date(date)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(sent.collect::<Result<_, _>>()?)
    }

    /// The number of that day's edition.
    pub fn edition_number(&self, date: Date) -> Result<Option<u32>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT number FROM edition WHERE date = ?1")?
            .query_row([from_date(date)], |row| row.get(0))
            .optional()?)
    }

    /// The days that have an edition, in the order in which these were chosen.
    pub fn edition_dates(&self) -> Result<Vec<Date>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT date FROM edition ORDER BY number")?;
        let dates = statement.query_map([], |row| to_date(0, &row.get::<_, String>(0)?))?;
        Ok(dates.collect::<Result<_, _>>()?)
    }

    /// The edition of that day in the bytes in which it was saved (JSON).
    pub fn edition_bytes(&self, date: Date) -> Result<Option<String>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT digest FROM edition WHERE date = ?1")?
            .query_row([from_date(date)], |row| row.get(0))
            .optional()?)
    }

    /// What the editions before `date` told that [`Store::sent_before`] counts, oldest first.
    pub fn archive_before(
        &self,
        before: Option<u32>,
        date: Date,
    ) -> Result<Vec<Archived>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.date, s.position, s.text, s.document_sha256 FROM sent_insight s
             JOIN edition e ON e.date = s.date LEFT JOIN imported_edition i ON i.date = s.date
             WHERE s.date < ?2 AND (?1 IS NULL OR (e.number < ?1 AND coalesce(i.known_from <= ?1, 1)))
             ORDER BY s.date, s.position",
        )?;
        let archive = statement.query_map(params![before, from_date(date)], |row| {
            Ok(Archived {
                date: to_date(0, &row.get::<_, String>(0)?)?,
                position: to_size(1, row.get(1)?)?,
                text: row.get(2)?,
                document_sha256: row.get(3)?,
            })
        })?;
        Ok(archive.collect::<Result<_, _>>()?)
    }

    /// The edition of that day, as it was saved.
    pub fn edition(&self, date: Date) -> Result<Option<Digest>, StoreError> {
        read_edition(&self.connection, date)
    }

    /// The edition of the latest day that has one.
    pub fn latest_edition(&self) -> Result<Option<Digest>, StoreError> {
        let date = self
            .connection
            .prepare_cached("SELECT date FROM edition ORDER BY date DESC LIMIT 1")?
            .query_row([], |row| to_date(0, &row.get::<_, String>(0)?))
            .optional()?;
        match date {
            Some(date) => self.edition(date),
            None => Ok(None),
        }
    }

    /// Saves an edition for good, with the documents that it cites. Saving the same one again changes nothing; another one
    /// of the same day, or with the same number, is [`StoreError::EditionExists`].
    ///
    /// Its insights count as told from then on; [`Store::memorise`] gives them their fingerprints.
    pub fn save_edition(&mut self, digest: &Digest) -> Result<(), StoreError> {
        // a savepoint: more may be kept in one transaction with the edition
        let transaction = self.connection.savepoint()?;
        let written = transaction
            .prepare_cached(
                "INSERT INTO edition (date, number, digest) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                from_date(digest.date),
                digest.edition,
                from_json(digest)?
            ])?;
        if written == 0 {
            return match read_edition(&transaction, digest.date)? {
                Some(saved) if saved == *digest => Ok(()),
                _ => Err(StoreError::EditionExists { date: digest.date }),
            };
        }
        for (nth, insight) in digest.insights().iter().enumerate() {
            put_sent(&transaction, digest.date, nth + 1, insight)?;
        }
        transaction.commit()?;
        Ok(())
    }

    /// The number that the next edition bears: 1 for the first.
    pub fn next_edition_number(&self) -> Result<u32, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT coalesce(max(number), 0) + 1 FROM edition")?
            .query_row([], |row| row.get(0))?)
    }

    /// The editions from one day to another, both included, oldest first.
    pub fn editions(&self, from: Date, to: Date) -> Result<Vec<Digest>, StoreError> {
        self.editions_before(None, from, to)
    }

    /// The same, of those alone that [`Store::sent_before`] counts.
    pub fn editions_before(
        &self,
        before: Option<u32>,
        from: Date,
        to: Date,
    ) -> Result<Vec<Digest>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT e.date FROM edition e LEFT JOIN imported_edition i ON i.date = e.date
             WHERE e.date BETWEEN ?2 AND ?3 AND (?1 IS NULL OR (e.number < ?1 AND coalesce(i.known_from <= ?1, 1)))
             ORDER BY e.date",
        )?;
        let dates = statement
            .query_map(params![before, from_date(from), from_date(to)], |row| {
                to_date(0, &row.get::<_, String>(0)?)
            })?;
        let dates: Vec<Date> = dates.collect::<Result<_, _>>()?;
        dates
            .into_iter()
            .filter_map(|date| self.edition(date).transpose())
            .collect()
    }
}

fn read_edition(connection: &Connection, date: Date) -> Result<Option<Digest>, StoreError> {
    let text = connection
        .prepare_cached("SELECT digest FROM edition WHERE date = ?1")?
        .query_row([from_date(date)], |row| row.get::<_, String>(0))
        .optional()?;
    text.map(|text| {
        serde_json::from_str(&text).map_err(|error| StoreError::Damaged {
            what: format!("edition of {date}: {error}"),
        })
    })
    .transpose()
}

fn put_sent(
    transaction: &Connection,
    date: Date,
    position: usize,
    insight: &Insight,
) -> Result<(), StoreError> {
    keep_cited(transaction, date, insight)?;
    remember_sent(transaction, date, position, insight, None)
}

/// Writes an insight into history. Where our id of its entry is not given, it is looked for.
pub(super) fn remember_sent(
    transaction: &Connection,
    date: Date,
    position: usize,
    insight: &Insight,
    entry: Option<&str>,
) -> Result<(), StoreError> {
    let receipt = &insight.receipt;
    transaction
        .prepare_cached(
            "INSERT INTO sent_insight (date, position, headline, text, document_sha256, from_byte, to_byte, entry)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,
               coalesce(?9, (SELECT id FROM entry WHERE document_sha256 = ?5 AND source = ?8 ORDER BY id LIMIT 1)))",
        )?
        .execute(params![
            from_date(date),
            from_size(position),
            insight.headline,
            insight.text,
            receipt.document_sha256,
            from_size(receipt.from_byte),
            from_size(receipt.to_byte),
            insight.source,
            entry,
        ])?;
    Ok(())
}

/// Keeps what an insight cites for good. Words that do not stand where their receipt says must not be sent.
fn keep_cited(transaction: &Connection, date: Date, insight: &Insight) -> Result<(), StoreError> {
    for Quote {
        headline,
        text,
        receipt,
        ..
    } in insight.quotes()
    {
        let held = transaction
            .prepare_cached("SELECT 1 FROM document WHERE sha256 = ?1 AND dropped IS NULL")?
            .exists([&receipt.document_sha256])?;
        if !held {
            return Err(StoreError::NoSuchDocument {
                date,
                sha256: receipt.document_sha256.clone(),
            });
        }
        let span = Span {
            document_sha256: &receipt.document_sha256,
            from_byte: receipt.from_byte,
            to_byte: receipt.to_byte,
        };
        if !keep_span(transaction, span, text)? {
            return Err(StoreError::NotVerbatim {
                date,
                headline: headline.to_owned(),
            });
        }
    }
    Ok(())
}

fn to_sent(row: &Row<'_>) -> rusqlite::Result<SentInsight> {
    Ok(SentInsight {
        date: to_date(0, &row.get::<_, String>(0)?)?,
        headline: row.get(1)?,
        text: row.get(2)?,
    })
}
