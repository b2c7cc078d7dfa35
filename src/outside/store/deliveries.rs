//! The ledger: how far the mail of an edition to each subscriber has come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::params;

use crate::model::DeliveryState;
use crate::model::Subscriber;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_date;
use crate::outside::store::columns::from_timestamp;
use crate::outside::store::subscribers::to_subscriber;
use crate::settings::OnUnknown;

/// A delivery that can be tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// To whom.
    pub subscriber: Subscriber,
    /// Waiting, deferred or unknown.
    pub state: DeliveryState,
    /// How often it was tried before.
    pub attempts: u32,
    /// `Message-ID` of the attempt before: a retry has the same.
    pub message_id: Option<String>,
    /// SHA-256 of the message of the attempt before: a retry has the same bytes.
    pub message_sha256: Option<String>,
}

/// What is written down before the first octet goes out.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Day of the edition.
    pub date: Date,
    /// Number of the subscriber.
    pub subscriber: i64,
    /// `Message-ID` without the angle brackets.
    pub message_id: &'a str,
    /// SHA-256 of the message in hexadecimal.
    pub message_sha256: &'a str,
    /// Now.
    pub at: Timestamp,
}

/// What is written down after an attempt.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// Day of the edition.
    pub date: Date,
    /// Number of the subscriber.
    pub subscriber: i64,
    /// Accepted, refused, deferred or unknown.
    pub state: DeliveryState,
    /// The server's answer or what went wrong, with no address in it.
    pub reason: Option<&'a str>,
    /// When a deferred one is to be tried again; `None`: at the next opportunity.
    pub not_before: Option<Timestamp>,
    /// Now.
    pub at: Timestamp,
}

impl Store {
    /// Gives each active subscriber who has none yet a waiting row for the edition of that day; says how many.
    pub fn enrol(&mut self, date: Date) -> Result<u64, StoreError> {
        let rows = self
            .connection
            .prepare_cached(ENROL)?
            .execute([from_date(date)])?;
        Ok(rows as u64)
    }

    /// Turns what an interrupted run left as attempting, in any edition, into unknown; says how many. Only for the start of
    /// a run, under the lock.
    pub fn settle_interrupted(&mut self) -> Result<u64, StoreError> {
        let rows = self
            .connection
            .prepare_cached(
                "UPDATE delivery SET state = 'unknown', times_unknown = times_unknown + 1,
                   reason = 'the run was interrupted while it sent this message'
                 WHERE state = 'attempting'",
            )?
            .execute([])?;
        Ok(rows as u64)
    }

    /// What can be tried now for the edition of that day, by number of the subscriber, with those at the end who refused an
    /// edition of the week before (were they first, their refusals could stop every day's run): what waits, what was deferred and
    /// whose time has come, and, where the policy is to resend, what is unknown for the first time. Never to someone who
    /// left.
    pub fn due(
        &self,
        date: Date,
        now: Timestamp,
        on_unknown: OnUnknown,
    ) -> Result<Vec<Due>, StoreError> {
        // one copy may have arrived unseen for each time the fate was unknown: never a third
        let unknown_below = match on_unknown {
            OnUnknown::Resend => 2,
            OnUnknown::Skip => 0,
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT s.id, s.address, s.leave_token, d.state, d.attempts, d.message_id, d.message_sha256
             FROM delivery d JOIN subscriber s ON s.id = d.subscriber
             WHERE d.date = ?1 AND s.status = 'active'
               AND (d.state = 'waiting'
                 OR (d.state = 'deferred' AND coalesce(d.not_before, ?2) <= ?2)
                 OR (d.state = 'unknown' AND d.times_unknown < ?3))
             ORDER BY s.id IN (SELECT subscriber FROM delivery
                               WHERE date >= date(?1, '-7 days') AND date < ?1 AND state = 'refused'), s.id",
        )?;
        let due = statement.query_map(
            params![from_date(date), from_timestamp(now), unknown_below],
            |row| {
                Ok(Due {
                    subscriber: to_subscriber(row)?,
                    state: to_state(3, &row.get::<_, String>(3)?)?,
                    attempts: row.get(4)?,
                    message_id: row.get(5)?,
                    message_sha256: row.get(6)?,
                })
            },
        )?;
        Ok(due.collect::<Result<_, _>>()?)
    }

    /// Writes down, on the disk, that a message is about to go out. It is [`StoreError::OutOfStep`] where the delivery is
    /// not to be tried: another program has it, it is settled, or the subscriber left.
    pub fn begin_attempt(&mut self, attempt: &Attempt<'_>) -> Result<(), StoreError> {
        let rows = self
            .connection
            .prepare_cached(
                "UPDATE delivery SET state = 'attempting', attempts = attempts + 1, message_id = ?3,
                   message_sha256 = ?4, reason = NULL, not_before = NULL, changed = ?5
                 WHERE date = ?1 AND subscriber = ?2 AND state IN ('waiting', 'deferred', 'unknown')
                   AND EXISTS (SELECT 1 FROM subscriber WHERE id = ?2 AND status = 'active')",
            )?
            .execute(params![
                from_date(attempt.date),
                attempt.subscriber,
                attempt.message_id,
                attempt.message_sha256,
                from_timestamp(attempt.at),
            ])?;
        in_step(rows, attempt.date, attempt.subscriber, "tried")
    }

    /// Writes down what became of an attempt.
    pub fn finish_attempt(&mut self, outcome: &Outcome<'_>) -> Result<(), StoreError> {
        let step = "settled";
        if matches!(
            outcome.state,
            DeliveryState::Waiting | DeliveryState::Attempting
        ) {
            return in_step(0, outcome.date, outcome.subscriber, step);
        }
        let rows = self
            .connection
            .prepare_cached(
                "UPDATE delivery SET state = ?3, reason = ?4, not_before = ?5, changed = ?6,
                   times_unknown = times_unknown + (?3 = 'unknown')
                 WHERE date = ?1 AND subscriber = ?2 AND state = 'attempting'",
            )?
            .execute(params![
                from_date(outcome.date),
                outcome.subscriber,
                outcome.state.as_str(),
                outcome.reason,
                outcome.not_before.map(from_timestamp),
                from_timestamp(outcome.at),
            ])?;
        in_step(rows, outcome.date, outcome.subscriber, step)
    }

    /// Takes back an attempt of which certainly nothing was sent (the server could not be reached, say): it waits again and
    /// is not counted. One whose fate was unknown before is unknown again.
    pub fn release_attempt(
        &mut self,
        date: Date,
        subscriber: i64,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = self
            .connection
            .prepare_cached(
                "UPDATE delivery SET attempts = attempts - 1, changed = ?3,
                   state = CASE WHEN times_unknown > 0 THEN 'unknown' ELSE 'waiting' END
                 WHERE date = ?1 AND subscriber = ?2 AND state = 'attempting'",
            )?
            .execute(params![from_date(date), subscriber, from_timestamp(at)])?;
        in_step(rows, date, subscriber, "released")
    }

    /// How many deliveries of that day's edition are in each of the six states. Those of people who left before anything
    /// was sent to them are not counted: nobody waits for them.
    pub fn delivery_counts(&self, date: Date) -> Result<BTreeMap<DeliveryState, u64>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT d.state, count(*)
             FROM delivery d JOIN subscriber s ON s.id = d.subscriber
             WHERE d.date = ?1 AND (s.status = 'active' OR d.state NOT IN ('waiting', 'deferred'))
             GROUP BY d.state",
        )?;
        let found = statement.query_map([from_date(date)], |row| {
            Ok((
                to_state(0, &row.get::<_, String>(0)?)?,
                row.get::<_, i64>(1)?,
            ))
        })?;
        let mut counts: BTreeMap<_, _> = DeliveryState::ALL.map(|state| (state, 0)).into();
        for row in found {
            let (state, count) = row?;
            counts.insert(state, count.unsigned_abs());
        }
        Ok(counts)
    }
}

/// A waiting row for each active subscriber who has none.
pub(super) const ENROL: &str = "INSERT INTO delivery (date, subscriber, state)
     SELECT ?1, id, 'waiting' FROM subscriber WHERE status = 'active'
     ON CONFLICT DO NOTHING";

fn to_state(column: usize, word: &str) -> rusqlite::Result<DeliveryState> {
    DeliveryState::ALL
        .into_iter()
        .find(|state| state.as_str() == word)
        .ok_or_else(|| {
            rusqlite::Error::InvalidColumnType(
                column,
                "state".to_owned(),
                rusqlite::types::Type::Text,
            )
        })
}

fn in_step(rows: usize, date: Date, subscriber: i64, step: &'static str) -> Result<(), StoreError> {
    if rows == 1 {
        return Ok(());
    }
    Err(StoreError::OutOfStep {
        date,
        subscriber,
        step,
    })
}
