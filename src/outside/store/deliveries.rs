//! The ledger: how far the mail of an edition to each subscriber has come.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::OptionalExtension as _;
use rusqlite::params;
use serde::Serialize;

use crate::model::DeliveryState;
use crate::model::MailWords;
use crate::model::Subscriber;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_date;
use crate::outside::store::columns::from_json;
use crate::outside::store::columns::from_size;
use crate::outside::store::columns::from_timestamp;
use crate::outside::store::columns::to_size;
use crate::outside::store::columns::to_timestamp;
use crate::outside::store::records::WordsOrigin;
use crate::outside::store::subscribers::to_subscriber;
use crate::settings::OnUnknown;

/// Which rows of the ledger are asked for.
#[derive(Debug, Clone, Copy)]
pub struct DeliveryPage {
    /// Day of the edition.
    pub date: Date,
    /// In this state only.
    pub state: Option<DeliveryState>,
    /// Of subscribers with a number above this.
    pub after: i64,
    /// Rows at most.
    pub at_most: usize,
}

/// A row of the ledger, as it is shown: people by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryRow {
    /// Day of the edition.
    pub date: Date,
    /// Number of the subscriber.
    pub subscriber: i64,
    /// How far it has come.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u32,
    /// How many copies may have arrived unseen.
    pub times_unknown: u32,
    /// `Message-ID` without the angle brackets, once it was tried.
    pub message_id: Option<String>,
    /// The server's answer or what went wrong.
    pub reason: Option<String>,
    /// When a deferred one is tried again.
    pub not_before: Option<Timestamp>,
    /// When the state was last written.
    pub changed: Option<Timestamp>,
}

/// A delivery that can be tried now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// To whom.
    pub subscriber: Subscriber,
    /// Waiting, deferred or unknown.
    pub state: DeliveryState,
    /// How often it was tried before.
    pub attempts: u32,
    /// SHA-256 of the message of the attempt before: a retry has the same bytes.
    pub message_sha256: Option<String>,
}

/// Which deliveries a run asks for, one round after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// What waits, what was deferred and whose time has come, and, where the policy is to resend, what is unknown for the
    /// first time.
    First(OnUnknown),
    /// What was deferred and whose time has come.
    Again,
}

impl Round {
    /// One copy may have arrived unseen for each time the fate was unknown: never a third.
    fn unknown_below(self) -> Option<i64> {
        match self {
            Self::First(OnUnknown::Resend) => Some(2),
            Self::First(OnUnknown::Skip) => Some(0),
            Self::Again => None,
        }
    }
}

/// A walk over what can be tried for one edition, page by page, by number of the subscriber, with those at the end who
/// refused an edition of the week before (were they first, their refusals could stop every day's run). Never someone who
/// left.
#[derive(Debug)]
pub struct DueWalk {
    date: Date,
    now: Timestamp,
    round: Round,
    /// Which half the walk is in; none where it has ended.
    refused_lately: Option<bool>,
    /// The subscriber it has come to.
    after: i64,
}

impl DueWalk {
    /// A walk that has not begun.
    pub fn new(date: Date, now: Timestamp, round: Round) -> Self {
        Self {
            date,
            now,
            round,
            refused_lately: Some(false),
            after: 0,
        }
    }

    /// The day of the edition.
    pub fn date(&self) -> Date {
        self.date
    }
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
    /// Whether the server said that the mailbox is full.
    pub mailbox_full: bool,
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

    /// The next page of what can be tried; an empty one where the walk has ended.
    pub fn due(&self, walk: &mut DueWalk) -> Result<Vec<Due>, StoreError> {
        loop {
            let Some(refused_lately) = walk.refused_lately else {
                return Ok(Vec::new());
            };
            let page = self.due_page(walk, refused_lately)?;
            if let Some(last) = page.last() {
                walk.after = last.subscriber.id;
                return Ok(page);
            }
            walk.after = 0;
            walk.refused_lately = (!refused_lately).then_some(true);
        }
    }

    fn due_page(&self, walk: &DueWalk, refused_lately: bool) -> Result<Vec<Due>, StoreError> {
        let is_or_not = if refused_lately { "IN" } else { "NOT IN" };
        let mut statement = self.connection.prepare_cached(&format!(
            "SELECT s.id, s.address, s.leave_token, d.state, d.attempts, d.message_sha256
             FROM delivery d JOIN subscriber s ON s.id = d.subscriber
             WHERE d.date = ?1 AND d.subscriber > ?4 AND s.status = 'active' AND {IS_DUE}
               AND d.subscriber {is_or_not} (SELECT subscriber FROM delivery WHERE state = 'refused' AND date IN (
                 date(?1, '-1 day'), date(?1, '-2 days'), date(?1, '-3 days'), date(?1, '-4 days'),
                 date(?1, '-5 days'), date(?1, '-6 days'), date(?1, '-7 days')))
             ORDER BY d.subscriber LIMIT ?5",
        ))?;
        let (now, unknown_below) = (from_timestamp(walk.now), walk.round.unknown_below());
        let date = from_date(walk.date);
        let due = statement.query_map(
            params![date, now, unknown_below, walk.after, DUE_PAGE],
            |row| {
                Ok(Due {
                    subscriber: to_subscriber(row)?,
                    state: to_state(3, &row.get::<_, String>(3)?)?,
                    attempts: row.get(4)?,
                    message_sha256: row.get(5)?,
                })
            },
        )?;
        Ok(due.collect::<Result<_, _>>()?)
    }

    /// How many deliveries a walk will meet.
    pub fn count_due(&self, walk: &DueWalk) -> Result<usize, StoreError> {
        let count = self
            .connection
            .prepare_cached(&format!(
                "SELECT count(*) FROM delivery d JOIN subscriber s ON s.id = d.subscriber
                 WHERE d.date = ?1 AND s.status = 'active' AND {IS_DUE}"
            ))?
            .query_row(
                params![
                    from_date(walk.date),
                    from_timestamp(walk.now),
                    walk.round.unknown_below()
                ],
                |row| to_size(0, row.get(0)?),
            )?;
        Ok(count)
    }

    /// When the first of those is due again whom this edition has put off since a moment.
    pub fn next_deferred(
        &self,
        date: Date,
        since: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let first: Option<i64> = self
            .connection
            .prepare_cached(
                "SELECT min(d.not_before) FROM delivery d JOIN subscriber s ON s.id = d.subscriber
                 WHERE d.date = ?1 AND d.state = 'deferred' AND d.changed >= ?2 AND s.status = 'active'",
            )?
            .query_row(params![from_date(date), from_timestamp(since)], |row| row.get(0))?;
        Ok(first.map(|at| to_timestamp(0, at)).transpose()?)
    }

    /// Runs `work` as one transaction: all of it is on the disk when this returns, or none of it. One transaction for what
    /// several connections have to write down costs the disk no more than one for a single row.
    pub fn together<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        match work(self) {
            Ok(done) => {
                self.connection.execute_batch("COMMIT")?;
                Ok(done)
            }
            Err(error) => {
                // the first error is the one to tell
                let _ = self.connection.execute_batch("ROLLBACK");
                Err(error)
            }
        }
    }

    /// The words of the mail of that day's edition, if they are final: somebody's message was begun with them.
    pub fn final_mail_words(&self, date: Date) -> Result<Option<MailWords>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT subject, text, html, placeholder FROM mailing WHERE date = ?1
                   AND EXISTS (SELECT 1 FROM delivery WHERE date = ?1 AND attempts > 0)",
            )?
            .query_row([from_date(date)], |row| {
                Ok(MailWords {
                    subject: row.get(0)?,
                    text: row.get(1)?,
                    html: row.get(2)?,
                    placeholder: row.get(3)?,
                })
            })
            .optional()?)
    }

    /// Sets the words of the mail of that day's edition, anew where they are not final.
    pub fn set_mail_words(
        &mut self,
        date: Date,
        words: &MailWords,
        origin: &WordsOrigin,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO mailing
                   (date, subject, text, html, placeholder, program, templates_sha256, letterhead)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                 ON CONFLICT (date) DO UPDATE SET
                   subject = excluded.subject, text = excluded.text, html = excluded.html,
                   placeholder = excluded.placeholder, program = excluded.program,
                   templates_sha256 = excluded.templates_sha256, letterhead = excluded.letterhead
                 WHERE NOT EXISTS (SELECT 1 FROM delivery WHERE date = ?1 AND attempts > 0)",
            )?
            .execute(params![
                from_date(date),
                words.subject,
                words.text,
                words.html,
                words.placeholder,
                origin.program,
                origin.templates_sha256,
                from_json(&origin.letterhead)?,
            ])?;
        Ok(())
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
                "UPDATE delivery SET state = ?3, reason = ?4, not_before = ?5, changed = ?6, mailbox_full = ?7,
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
                outcome.mailbox_full,
            ])?;
        in_step(rows, outcome.date, outcome.subscriber, step)
    }

    /// Writes down that no message can be made for this subscriber, and why.
    pub fn refuse_unsent(
        &mut self,
        date: Date,
        subscriber: i64,
        reason: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = self
            .connection
            .prepare_cached(
                "UPDATE delivery SET state = 'refused', reason = ?3, changed = ?4
                 WHERE date = ?1 AND subscriber = ?2 AND state IN ('waiting', 'deferred', 'unknown')",
            )?
            .execute(params![
                from_date(date),
                subscriber,
                reason,
                from_timestamp(at)
            ])?;
        in_step(rows, date, subscriber, "refused")
    }

    /// In how many editions in a row, up to that day's, the last answer for this subscriber was that the mailbox is full;
    /// `most` are looked at.
    pub fn editions_full(
        &self,
        date: Date,
        subscriber: i64,
        most: usize,
    ) -> Result<usize, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT mailbox_full FROM delivery WHERE subscriber = ?1 AND date <= ?2 ORDER BY date DESC LIMIT ?3",
        )?;
        let full = statement.query_map(
            params![subscriber, from_date(date), from_size(most)],
            |row| row.get::<_, bool>(0),
        )?;
        let full: Vec<bool> = full.collect::<Result<_, _>>()?;
        Ok(full.iter().take_while(|full| **full).count())
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

    /// Rows of the ledger, by number of the subscriber.
    pub fn deliveries(&self, page: &DeliveryPage) -> Result<Vec<DeliveryRow>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT subscriber, state, attempts, times_unknown, message_id, reason, not_before, changed
             FROM delivery WHERE date = ?1 AND subscriber > ?2 AND state = coalesce(?3, state)
             ORDER BY subscriber LIMIT ?4",
        )?;
        let rows = statement.query_map(
            params![
                from_date(page.date),
                page.after,
                page.state.map(DeliveryState::as_str),
                from_size(page.at_most)
            ],
            |row| {
                let time = |column| {
                    let at: Option<i64> = row.get(column)?;
                    at.map(|at| to_timestamp(column, at)).transpose()
                };
                Ok(DeliveryRow {
                    date: page.date,
                    subscriber: row.get(0)?,
                    state: to_state(1, &row.get::<_, String>(1)?)?,
                    attempts: row.get(2)?,
                    times_unknown: row.get(3)?,
                    message_id: row.get(4)?,
                    reason: row.get(5)?,
                    not_before: time(6)?,
                    changed: time(7)?,
                })
            },
        )?;
        Ok(rows.collect::<Result<_, _>>()?)
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

/// Rows of a page: enough for every connection to have work, few enough to be nothing.
const DUE_PAGE: i64 = 256;

/// What can be tried; ?2 is the time, ?3 below how many unknown fates another try is allowed, or nothing in a later round.
const IS_DUE: &str = "((d.state = 'deferred' AND coalesce(d.not_before, ?2) <= ?2)
     OR (d.state = 'waiting' AND ?3 IS NOT NULL)
     OR (d.state = 'unknown' AND d.times_unknown < ?3))";

/// A waiting row for each active subscriber who has none.
pub(super) const ENROL: &str = "INSERT INTO delivery (date, subscriber, state)
     SELECT ?1, id, 'waiting' FROM subscriber WHERE status = 'active'
       AND NOT EXISTS (SELECT 1 FROM imported_edition WHERE date = ?1)
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
