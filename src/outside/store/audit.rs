//! Whether the ledger accounts for everyone: each confirmed reader of an edition has one delivery, which the server took or
//! whose other end is explained.

use jiff::civil::Date;
use rusqlite::params;
use serde::Serialize;

use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_date;
use crate::outside::store::columns::from_timestamp;
use crate::outside::store::columns::to_date;
use crate::outside::store::columns::to_size;

/// Deliveries told one by one; beyond these their number tells enough.
const TOLD_MAX: i64 = 50;

/// What the ledger says of one edition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Whoever was subscribed when the edition was chosen and still is, and whoever has a row.
    pub readers: usize,
    /// The server took responsibility.
    pub accepted: usize,
    /// Of those: messages of which more than one copy may have arrived, since SMTP left an earlier fate open.
    pub accepted_perhaps_twice: usize,
    /// Refused, with the server's answer.
    pub refused: usize,
    /// Fate unknown, with what happened.
    pub unknown: usize,
    /// Left, or cannot be mailed to any more, before anything was sent.
    pub left: usize,
    /// Not at an end: waiting, deferred or being attempted; the next run, or `send --edition`, goes on with them.
    pub open: usize,
    /// What should not be, the first of each kind.
    pub faults: Vec<Fault>,
    /// How many there are of these in all.
    pub faults_in_all: usize,
}

/// A delivery that the ledger does not account for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Number of the subscriber.
    pub subscriber: i64,
    /// What is wrong.
    pub what: String,
}

impl Audit {
    /// Whether each reader has one accepted or one explained delivery.
    pub fn is_proved(&self) -> bool {
        self.open == 0 && self.faults_in_all == 0
    }
}

impl Store {
    /// Goes through the ledger of that day's edition. None where there is no such edition.
    pub fn audit(&self, date: Date) -> Result<Option<Audit>, StoreError> {
        let Some(digest) = self.edition(date)? else {
            return Ok(None);
        };
        // one moment of the store, whatever a run is writing meanwhile
        let view = self.connection.unchecked_transaction()?;
        let mut audit = Audit::default();
        let mut statement = view.prepare_cached(
            "SELECT count(*),
               sum(d.state = 'accepted'), sum(d.state = 'accepted' AND d.times_unknown > 0),
               sum(d.state = 'refused'), sum(d.state = 'unknown'),
               sum(d.state IN ('waiting', 'deferred') AND s.status <> 'active'),
               sum(d.state = 'attempting' OR (d.state IN ('waiting', 'deferred') AND s.status = 'active'))
             FROM delivery d JOIN subscriber s ON s.id = d.subscriber WHERE d.date = ?1",
        )?;
        statement.query_row([from_date(date)], |row| {
            let count = |column| {
                let number: Option<i64> = row.get(column)?;
                to_size(column, number.unwrap_or(0))
            };
            audit.readers = count(0)?;
            audit.accepted = count(1)?;
            audit.accepted_perhaps_twice = count(2)?;
            audit.refused = count(3)?;
            audit.unknown = count(4)?;
            audit.left = count(5)?;
            audit.open = count(6)?;
            Ok(())
        })?;
        for (what, query) in FAULTS {
            let found = format!("SELECT subscriber FROM ({query}) ORDER BY subscriber LIMIT ?3");
            let mut statement = view.prepare_cached(&found)?;
            let chosen = from_timestamp(digest.chosen);
            let numbers = statement
                .query_map(params![from_date(date), chosen, TOLD_MAX], |row| row.get(0))?;
            for subscriber in numbers {
                audit.faults.push(Fault {
                    subscriber: subscriber?,
                    what: what.to_owned(),
                });
            }
            // the third value is not asked for here, and SQLite wants as many as are named
            let count = format!("SELECT count(*) FROM ({query}) WHERE ?3 = ?3");
            let in_all = view
                .prepare_cached(&count)?
                .query_row(params![from_date(date), chosen, TOLD_MAX], |row| {
                    to_size(0, row.get(0)?)
                })?;
            audit.faults_in_all += in_all;
            if what == NO_ROW {
                audit.readers += in_all;
            }
        }
        Ok(Some(audit))
    }

    /// The newest edition.
    pub fn newest_edition(&self) -> Result<Option<Date>, StoreError> {
        let newest: Option<String> = self
            .connection
            .prepare_cached("SELECT max(date) FROM edition")?
            .query_row([], |row| row.get(0))?;
        Ok(newest.map(|date| to_date(0, &date)).transpose()?)
    }
}

const NO_ROW: &str = "was subscribed when the edition was chosen, and has no delivery";

/// What must not be, and who it is so of: ?1 is the day, ?2 when the edition was chosen.
const FAULTS: [(&str, &str); 5] = [
    (
        NO_ROW,
        "SELECT id AS subscriber FROM subscriber s WHERE s.status = 'active' AND s.since <= ?2
           AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.date = ?1 AND d.subscriber = s.id)",
    ),
    (
        "accepted without the message being written down",
        "SELECT subscriber FROM delivery WHERE date = ?1 AND ?2 = ?2 AND state = 'accepted'
           AND (message_id IS NULL OR message_sha256 IS NULL OR attempts < 1)",
    ),
    (
        "ended without a reason",
        "SELECT subscriber FROM delivery WHERE date = ?1 AND ?2 = ?2 AND state IN ('refused', 'unknown', 'deferred')
           AND coalesce(reason, '') = ''",
    ),
    (
        "has the Message-ID of another one's mail",
        "SELECT subscriber FROM delivery WHERE date = ?1 AND ?2 = ?2 AND message_id IN (
           SELECT message_id FROM delivery WHERE date = ?1 GROUP BY message_id HAVING count(*) > 1)",
    ),
    (
        "was sent again though its fate had been unknown twice",
        "SELECT subscriber FROM delivery WHERE date = ?1 AND ?2 = ?2 AND times_unknown > 2",
    ),
];
