//! Editions: written once, never edited; and the history that they make.

use jiff::civil::Date;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::Row;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use rusqlite::params;

use crate::model::Archived;
use crate::model::Digest;
use crate::model::Insight;
use crate::model::SentInsight;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_date;
use crate::outside::store::columns::from_json;
use crate::outside::store::columns::from_size;
use crate::outside::store::columns::to_date;
use crate::outside::store::columns::to_size;

impl Store {
    /// Every insight of every edition, oldest edition first, best first within each.
    pub fn sent(&self) -> Result<Vec<SentInsight>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT date, headline, text FROM sent_insight ORDER BY date, position",
        )?;
        let sent = statement.query_map([], to_sent)?;
        Ok(sent.collect::<Result<_, _>>()?)
    }

    /// What the editions before `date` told, oldest first.
    pub fn archive(&self, date: Date) -> Result<Vec<Archived>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT date, position, text, document_sha256 FROM sent_insight WHERE date < ?1 ORDER BY date, position",
        )?;
        let archive = statement.query_map([from_date(date)], |row| {
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
    pub fn save_edition(&mut self, digest: &Digest) -> Result<(), StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
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
        let mut statement = self.connection.prepare_cached(
            "SELECT date FROM edition WHERE date BETWEEN ?1 AND ?2 ORDER BY date",
        )?;
        let dates = statement.query_map([from_date(from), from_date(to)], |row| {
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
    transaction: &Transaction<'_>,
    date: Date,
    position: usize,
    insight: &Insight,
) -> Result<(), StoreError> {
    let receipt = &insight.receipt;
    let held = transaction
        .prepare_cached("SELECT 1 FROM document WHERE sha256 = ?1")?
        .exists([&receipt.document_sha256])?;
    if !held {
        return Err(StoreError::NoSuchDocument {
            date,
            sha256: receipt.document_sha256.clone(),
        });
    }
    transaction
        .prepare_cached(
            "INSERT INTO sent_insight (date, position, headline, text, document_sha256, from_byte, to_byte, entry)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,
               (SELECT id FROM entry WHERE document_sha256 = ?5 AND source = ?8 ORDER BY id LIMIT 1))",
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
        ])?;
    Ok(())
}

fn to_sent(row: &Row<'_>) -> rusqlite::Result<SentInsight> {
    Ok(SentInsight {
        date: to_date(0, &row.get::<_, String>(0)?)?,
        headline: row.get(1)?,
        text: row.get(2)?,
    })
}
