//! Memory: what counts as told, and who has which fingerprints. How fingerprints are taken is none of the store's business.
//!
//! A look-up of many texts sorts all their fingerprints and reads each bucket that they fall into once, in the order in which
//! buckets stand in the file: a day's twenty thousand candidates are one pass over the table, not twenty thousand searches.

use jiff::civil::Date;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::Row;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use rusqlite::params;

use crate::model::Recalled;
use crate::model::Telling;
use crate::model::Told;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_date;
use crate::outside::store::columns::from_size;
use crate::outside::store::columns::to_date;
use crate::outside::store::columns::to_size;

/// Values of the upper half of a fingerprint.
const BUCKETS: usize = 1 << 16;

/// Bytes of one holder of a fingerprint: lower half of the fingerprint, number of the passage, how many it has.
const HOLDER_BYTES: usize = 7;

/// Holders of one fingerprint that are looked at, the first told. A run of words that more passages have tells little, and
/// where one passage was told often, its oldest tellings are enough.
const HOLDERS_MAX: usize = 24;

/// Told passages that are brought up for one text at most: those that share most fingerprints with it.
const BROUGHT_UP_MAX: usize = 3;

/// Of so many fingerprints that two texts could share they must share the worth of one that nobody else has. Texts of the
/// same speech with 15 % of errors share half of them.
const COULD_SHARE: usize = 11;

/// What a shared fingerprint is worth, by the number of its holders: what fewer have tells more. Never so little that a
/// passage which was told often is not found.
const WORTH_BY_HOLDERS: [usize; 10] = [0, 10, 8, 7, 7, 6, 6, 5, 5, 5];
const WORTH_LEAST: usize = 4;

/// Worth of a fingerprint that nobody else has.
const WORTH_WHOLE: usize = 10;

/// A passage told outside our editions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedIn {
    /// Its name.
    pub id: String,
    /// Its words.
    pub text: String,
    /// Its fingerprints.
    pub fingerprints: Vec<u32>,
}

/// What became of a passage that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memorised {
    /// It counts as told from now on.
    New,
    /// It was there already, word by word.
    Already,
    /// Its name belongs to another text, which stays.
    NameTaken,
}

impl Store {
    /// Takes passages into memory, all of them or none, and says of each what became of it. The fingerprints were taken by
    /// that method.
    pub fn add_told(
        &mut self,
        passages: &[HandedIn],
        method: u32,
    ) -> Result<Vec<Memorised>, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        use_method(&transaction, method)?;
        let outcomes = outcomes(&transaction, passages)?;
        let mut number = last_number(&transaction)?;
        let mut names: Vec<(&str, i64)> = Vec::new();
        let mut index = Index::default();
        let mut insert = transaction.prepare_cached(
            "INSERT INTO told (number, fingerprinted, id, text) VALUES (?1, 1, ?2, ?3)",
        )?;
        let new = passages.iter().zip(&outcomes);
        for (passage, _) in new.filter(|(_, outcome)| **outcome == Memorised::New) {
            number += 1;
            insert.execute(params![number, passage.id, passage.text])?;
            names.push((&passage.id, number));
            index.put(number, &passage.fingerprints)?;
        }
        drop(insert);
        names.sort_unstable();
        let mut insert =
            transaction.prepare_cached("INSERT INTO told_id (id, number) VALUES (?1, ?2)")?;
        for name in names {
            insert.execute(name)?;
        }
        drop(insert);
        index.write(&transaction)?;
        transaction.commit()?;
        Ok(outcomes)
    }

    /// Told passages whose fingerprints are wanting or were taken by another method: number and text, so many at most.
    pub fn wanting_fingerprints(
        &self,
        method: u32,
        limit: usize,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let taken = taken_by(&self.connection)?;
        if taken.is_some_and(|taken| taken != method) {
            let transaction = self.writing()?;
            use_method(&transaction, method)?;
            transaction.commit()?;
        }
        let mut statement = self.connection.prepare_cached(
            "SELECT t.number, coalesce(t.text, s.text)
             FROM told t LEFT JOIN sent_insight s ON s.date = t.date AND s.position = t.position
             WHERE t.fingerprinted = 0 ORDER BY t.number LIMIT ?1",
        )?;
        let wanting =
            statement.query_map([from_size(limit)], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(wanting.collect::<Result<_, _>>()?)
    }

    /// Whether fingerprints of told passages are wanting or were taken by another method.
    pub fn lacks_fingerprints(&self, method: u32) -> Result<bool, StoreError> {
        let wanting = self
            .connection
            .prepare_cached("SELECT 1 FROM told WHERE fingerprinted = 0 LIMIT 1")?
            .exists([])?;
        let taken = taken_by(&self.connection)?;
        Ok(wanting || taken.is_some_and(|taken| taken != method))
    }

    /// Writes down fingerprints that were wanting, by the number of their passage.
    pub fn put_fingerprints(
        &self,
        method: u32,
        taken: &[(i64, Vec<u32>)],
    ) -> Result<(), StoreError> {
        let transaction = self.writing()?;
        use_method(&transaction, method)?;
        let mut index = Index::default();
        for (number, fingerprints) in taken {
            // another program may have done it in between
            if mark(&transaction, *number)? {
                index.put(*number, fingerprints)?;
            }
        }
        index.write(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    /// Gives the insights of that day's edition, which are told since it was saved, their fingerprints, in their order.
    pub fn memorise(
        &mut self,
        date: Date,
        method: u32,
        fingerprints: &[Vec<u32>],
    ) -> Result<(), StoreError> {
        // a savepoint: the edition itself may be saved in the same transaction
        let transaction = self.connection.savepoint()?;
        use_method(&transaction, method)?;
        let mut index = Index::default();
        for (nth, fingerprints) in fingerprints.iter().enumerate() {
            let number: i64 = transaction
                .prepare_cached("SELECT number FROM told WHERE date = ?1 AND position = ?2")?
                .query_row(params![from_date(date), from_size(nth + 1)], |row| {
                    row.get(0)
                })?;
            if mark(&transaction, number)? {
                index.put(number, fingerprints)?;
            }
        }
        index.write(&transaction)?;
        transaction.commit()?;
        Ok(())
    }

    /// The number of the last passage that was told before that day's edition; none where the day has no edition.
    pub fn told_before(&self, date: Date) -> Result<Option<i64>, StoreError> {
        let first = self
            .connection
            .prepare_cached("SELECT min(number) FROM told WHERE date = ?1")?
            .query_row([from_date(date)], |row| row.get::<_, Option<i64>>(0))?;
        Ok(first.map(|first| first - 1))
    }

    /// A transaction of a store that is held for reading, as by an explanation: what memory lacks is made up for then, too.
    fn writing(&self) -> Result<Transaction<'_>, StoreError> {
        let behaviour = TransactionBehavior::Immediate;
        Ok(Transaction::new_unchecked(&self.connection, behaviour)?)
    }

    /// For each text, given by its fingerprints, the told passages that it may repeat: all, or those up to the number `upto`.
    pub fn recall(&self, texts: &[Vec<u32>], upto: Option<i64>) -> Result<Recalled, StoreError> {
        // one moment of the store; whoever only looks at it has one already
        let moment = self.connection.is_autocommit();
        let _moment = moment
            .then(|| self.connection.unchecked_transaction())
            .transpose()?;
        let view = &self.connection;
        let found = Found::of(view, texts)?;
        let mut near: Vec<Vec<i64>> = texts.iter().map(|text| found.likely(text)).collect();
        drop(found);
        let mut numbers: Vec<i64> = near.iter().flatten().copied().collect();
        numbers.sort_unstable();
        numbers.dedup();
        let mut told = Vec::new();
        let mut places: Vec<(i64, usize)> = Vec::new();
        let mut statement = view.prepare_cached(COUNTS_AS_TOLD)?;
        for number in numbers {
            if let Some(passage) = statement
                .query_row(params![number, upto], to_told)
                .optional()?
            {
                places.push((number, told.len()));
                told.push(passage);
            }
        }
        let place = |number: &i64| {
            let at = places.binary_search_by_key(number, |place| place.0).ok()?;
            Some(places[at].1)
        };
        let near = near
            .iter_mut()
            .map(|numbers| std::mem::take(numbers).iter().filter_map(place).collect())
            .collect();
        Ok(Recalled::near(told, near))
    }
}

/// A told passage by its number, unless it came later than the passage with the other number: what history is to an edition.
const COUNTS_AS_TOLD: &str = "\
    SELECT t.date, t.position, s.headline, t.id, coalesce(t.text, s.text)
    FROM told t LEFT JOIN sent_insight s ON s.date = t.date AND s.position = t.position
    WHERE t.number = ?1 AND (?2 IS NULL OR t.number <= ?2)";

/// Takes one passage into memory; its fingerprints are wanting.
pub(super) fn put_passage(
    connection: &Connection,
    id: &str,
    text: &str,
) -> Result<Memorised, StoreError> {
    if let Some(there) = text_of(connection, id)? {
        return Ok(if there == text {
            Memorised::Already
        } else {
            Memorised::NameTaken
        });
    }
    let number = last_number(connection)? + 1;
    connection
        .prepare_cached("INSERT INTO told (number, id, text) VALUES (?1, ?2, ?3)")?
        .execute(params![number, id, text])?;
    connection
        .prepare_cached("INSERT INTO told_id (id, number) VALUES (?1, ?2)")?
        .execute(params![id, number])?;
    Ok(Memorised::New)
}

/// Fingerprints of another method are forgotten; whoever had some wants new ones.
fn use_method(transaction: &Connection, method: u32) -> Result<(), StoreError> {
    let taken = taken_by(transaction)?;
    if taken == Some(method) {
        return Ok(());
    }
    if taken.is_some() {
        transaction.execute_batch(
            "DELETE FROM fingerprint; DELETE FROM fingerprint_method;
             UPDATE told SET fingerprinted = 0 WHERE fingerprinted = 1;",
        )?;
    }
    transaction.execute(
        "INSERT INTO fingerprint_method (method) VALUES (?1)",
        [method],
    )?;
    Ok(())
}

/// By which method the fingerprints that are there were taken.
fn taken_by(connection: &Connection) -> Result<Option<u32>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT method FROM fingerprint_method")?
        .query_row([], |row| row.get(0))
        .optional()?)
}

/// Whether the passage had no fingerprints until now.
fn mark(transaction: &Connection, number: i64) -> Result<bool, StoreError> {
    let changed = transaction
        .prepare_cached(
            "UPDATE told SET fingerprinted = 1 WHERE number = ?1 AND fingerprinted = 0",
        )?
        .execute([number])?;
    Ok(changed == 1)
}

/// What is to become of each passage: names are compared with those of memory, of our editions and of the list itself.
fn outcomes(transaction: &Connection, passages: &[HandedIn]) -> Result<Vec<Memorised>, StoreError> {
    let mut in_order: Vec<usize> = (0..passages.len()).collect();
    in_order.sort_by_key(|&nth| (&passages[nth].id, nth));
    let mut outcomes = vec![Memorised::New; passages.len()];
    let mut held: Option<(&str, String)> = None; // name and text of what holds the name
    for nth in in_order {
        let HandedIn { id, text, .. } = &passages[nth];
        if held.as_ref().is_none_or(|(name, _)| name != id) {
            held = text_of(transaction, id)?.map(|text| (id.as_str(), text));
        }
        outcomes[nth] = match &held {
            Some((_, there)) if there == text => Memorised::Already,
            Some(_) => Memorised::NameTaken,
            None => {
                held = Some((id, text.clone()));
                Memorised::New
            }
        };
    }
    Ok(outcomes)
}

/// The text of the passage with that name, if there is one.
fn text_of(transaction: &Connection, id: &str) -> Result<Option<String>, StoreError> {
    let elsewhere = transaction
        .prepare_cached(
            "SELECT t.text FROM told_id i JOIN told t ON t.number = i.number WHERE i.id = ?1",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?;
    let insight = || -> Option<(Date, i64)> {
        let (date, position) = id.split_once('#')?;
        Some((date.parse().ok()?, position.parse().ok()?))
    };
    match (elsewhere, insight()) {
        (None, Some((date, position))) => Ok(transaction
            .prepare_cached("SELECT text FROM sent_insight WHERE date = ?1 AND position = ?2")?
            .query_row(params![from_date(date), position], |row| row.get(0))
            .optional()?),
        (text, _) => Ok(text),
    }
}

fn last_number(transaction: &Connection) -> Result<i64, StoreError> {
    Ok(transaction
        .prepare_cached("SELECT coalesce(max(number), 0) FROM told")?
        .query_row([], |row| row.get(0))?)
}

fn to_told(row: &Row<'_>) -> rusqlite::Result<Told> {
    let telling = match row.get::<_, Option<String>>(0)? {
        Some(date) => Telling::Edition {
            date: to_date(0, &date)?,
            position: to_size(1, row.get(1)?)?,
            headline: row.get(2)?,
        },
        None => Telling::Elsewhere { id: row.get(3)? },
    };
    Ok(Told {
        telling,
        text: row.get(4)?,
    })
}

/// Holders that are to be written.
#[derive(Default)]
struct Index {
    holders: Vec<(u32, u32, u8)>,
}

impl Index {
    fn put(&mut self, number: i64, fingerprints: &[u32]) -> Result<(), StoreError> {
        let number = u32::try_from(number).map_err(|_| StoreError::Damaged {
            what: format!("passage {number} is beyond the most that memory can number"),
        })?;
        let count = count_byte(fingerprints.len());
        let holders = fingerprints
            .iter()
            .map(|fingerprint| (*fingerprint, number, count));
        self.holders.extend(holders);
        Ok(())
    }

    /// Each bucket is written once, in the order of the file.
    fn write(mut self, transaction: &Connection) -> Result<(), StoreError> {
        self.holders.sort_unstable();
        let mut read =
            transaction.prepare_cached("SELECT holders FROM fingerprint WHERE bucket = ?1")?;
        let mut write = transaction.prepare_cached(
            "INSERT OR REPLACE INTO fingerprint (bucket, holders) VALUES (?1, ?2)",
        )?;
        let mut bytes: Vec<u8> = Vec::new();
        for together in self
            .holders
            .chunk_by(|a, b| bucket_of(a.0) == bucket_of(b.0))
        {
            let bucket = bucket_of(together[0].0);
            bytes.clear();
            let mut rows = read.query([bucket])?;
            if let Some(row) = rows.next()? {
                let there = row.get_ref(0)?.as_blob().map_err(|_| damaged(bucket))?;
                bytes.extend_from_slice(there);
            }
            drop(rows);
            for (fingerprint, number, count) in together {
                let [_, _, lower @ ..] = fingerprint.to_be_bytes();
                bytes.extend_from_slice(&lower);
                bytes.extend_from_slice(&number.to_be_bytes());
                bytes.push(*count);
            }
            write.execute(params![bucket, bytes])?;
        }
        Ok(())
    }
}

/// What a look-up found: for each fingerprint that was asked for its first holders.
struct Found {
    /// Fingerprints in order, with where their holders begin; one more at the end.
    asked: Vec<(u32, usize)>,
    /// For each bucket where its fingerprints begin in `asked`; one more at the end.
    begin_of: Vec<usize>,
    /// Number of the passage, and how many fingerprints it has.
    holders: Vec<(u32, u8)>,
}

impl Found {
    fn of(view: &Connection, texts: &[Vec<u32>]) -> Result<Self, StoreError> {
        let mut all: Vec<u32> = texts.iter().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        let mut found = Self {
            asked: Vec::with_capacity(all.len() + 1),
            begin_of: Vec::with_capacity(BUCKETS + 1),
            holders: Vec::new(),
        };
        let mut read = view.prepare_cached("SELECT holders FROM fingerprint WHERE bucket = ?1")?;
        // for the lower half of a fingerprint its place among those asked for in this bucket, counted from 1
        let mut place_of = vec![0_u16; BUCKETS];
        let mut of_bucket: Vec<(u16, u32, u8)> = Vec::new();
        let mut counts: Vec<usize> = Vec::new();
        for together in all.chunk_by(|a, b| bucket_of(*a) == bucket_of(*b)) {
            let bucket = bucket_of(together[0]);
            found
                .begin_of
                .resize(bucket as usize + 1, found.asked.len());
            let mut rows = read.query([bucket])?;
            let bytes = match rows.next()? {
                Some(row) => row.get_ref(0)?.as_blob().map_err(|_| damaged(bucket))?,
                None => &[],
            };
            let (holders, rest) = bytes.as_chunks::<HOLDER_BYTES>();
            if !rest.is_empty() {
                return Err(damaged(bucket));
            }
            for (place, fingerprint) in (1..).zip(together) {
                place_of[lower_of(*fingerprint)] = place;
            }
            of_bucket.clear();
            counts.clear();
            counts.resize(together.len() + 1, 0);
            for [high, low, number @ .., count] in holders {
                let place = place_of[usize::from(u16::from_be_bytes([*high, *low]))];
                if place > 0 {
                    let seen = &mut counts[usize::from(place)];
                    *seen += 1;
                    if *seen <= HOLDERS_MAX {
                        of_bucket.push((place, u32::from_be_bytes(*number), *count));
                    }
                }
            }
            of_bucket.sort_unstable();
            let mut holders = of_bucket.iter().peekable();
            for (place, fingerprint) in (1..).zip(together) {
                place_of[lower_of(*fingerprint)] = 0;
                found.asked.push((*fingerprint, found.holders.len()));
                while let Some(holder) = holders.next_if(|holder| holder.0 == place) {
                    found.holders.push((holder.1, holder.2));
                }
            }
        }
        found.begin_of.resize(BUCKETS + 1, found.asked.len());
        found.asked.push((u32::MAX, found.holders.len()));
        Ok(found)
    }

    /// The passages that share enough fingerprints with a text for being the same, most first, the first told among equals.
    fn likely(&self, text: &[u32]) -> Vec<i64> {
        let mut sharing: Vec<(u32, u8, usize)> = Vec::new();
        for fingerprint in text {
            let bucket = bucket_of(*fingerprint) as usize;
            let (begin, end) = (self.begin_of[bucket], self.begin_of[bucket + 1]);
            let at = self.asked[begin..end]
                .iter()
                .position(|asked| asked.0 == *fingerprint);
            if let Some(at) = at.map(|at| begin + at) {
                let holders = &self.holders[self.asked[at].1..self.asked[at + 1].1];
                let worth = WORTH_BY_HOLDERS.get(holders.len()).unwrap_or(&WORTH_LEAST);
                sharing.extend(
                    holders
                        .iter()
                        .map(|(number, count)| (*number, *count, *worth)),
                );
            }
        }
        sharing.sort_unstable();
        let own = count_byte(text.len());
        let mut shared: Vec<(usize, u32)> = sharing
            .chunk_by(|a, b| a.0 == b.0)
            .map(|same| (same.iter().map(|holder| holder.2).sum(), same[0]))
            .filter(|(worth, (_, count, _)): &(usize, _)| {
                worth * COULD_SHARE >= usize::from(own.min(*count)) * WORTH_WHOLE
            })
            .map(|(worth, (number, ..))| (worth, number))
            .collect();
        shared.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        shared.truncate(BROUGHT_UP_MAX);
        shared
            .into_iter()
            .map(|(_, number)| i64::from(number))
            .collect()
    }
}

fn bucket_of(fingerprint: u32) -> u32 {
    fingerprint >> 16
}

fn lower_of(fingerprint: u32) -> usize {
    let [_, _, high, low] = fingerprint.to_be_bytes();
    usize::from(u16::from_be_bytes([high, low]))
}

/// How many fingerprints a text has, as far as a byte can tell.
fn count_byte(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

fn damaged(bucket: u32) -> StoreError {
    StoreError::Damaged {
        what: format!("bucket {bucket} of the fingerprints"),
    }
}
