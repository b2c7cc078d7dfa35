//! History as JSON Lines, to be carried from one store to another: what was sent, with receipts. Nothing in it is about readers.
//!
//! The first line is `{"takefive_history":1,"program":"…"}`. Each further one is an edition, in the order of their numbers:
//! `{"edition":{…},"entries":[…]}`, the edition as `takefive run --json` tells its parts, and for each of its insights our id
//! of the entry, or null; or, after the editions, a passage that was told elsewhere: `{"told":{"id":"…","text":"…"}}`.

use std::io;
use std::io::BufRead;
use std::io::Read as _;
use std::io::Write;

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::TransactionBehavior;
use rusqlite::params;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::model::Digest;
use crate::model::Insight;
use crate::model::PROGRAM_VERSION;
use crate::model::Quote;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_date;
use crate::outside::store::columns::from_size;
use crate::outside::store::columns::from_timestamp;
use crate::outside::store::columns::to_date;
use crate::outside::store::editions::remember_sent;
use crate::outside::store::told::Memorised;
use crate::outside::store::told::put_passage;

/// The version of the format. A program refuses a later one.
const VERSION: u64 = 1;

/// Most bytes of a line: an edition of ten long insights has 40 kB.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// Most insights of an edition: settings allow ten.
const INSIGHTS_MAX: usize = 60;

/// Lines that are told as wrong; beyond these more would not help.
const WRONG_TOLD_MAX: usize = 50;

/// What was carried over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Carried {
    /// Editions that are new here.
    pub editions: usize,
    /// Insights in them.
    pub insights: usize,
    /// Passages told elsewhere that are new here.
    pub passages: usize,
    /// Editions and passages that were here already, the same.
    pub known: usize,
}

/// Why history could not be carried over; then nothing was.
#[derive(Debug, thiserror::Error)]
pub enum CarryError {
    /// The file is no history.
    #[error(
        "its first line is not that of a history: {{\"takefive_history\":1,…}}; `takefive history export` writes such a file"
    )]
    NotHistory,
    /// The file was written by a newer program.
    #[error(
        "it is a history of version {found}, and this program reads version {VERSION}; install the newer program"
    )]
    Newer {
        /// Its version.
        found: u64,
    },
    /// Lines that are no editions, or not those of this store.
    #[error("{}", told(.0))]
    Wrong(Vec<WrongLine>),
    /// The file cannot be read or written.
    #[error("{0}")]
    File(#[from] io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A line that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongLine {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    takefive_history: u64,
    program: String,
}

/// A line with an edition.
#[derive(Deserialize)]
struct EditionLine {
    edition: Value,
    #[serde(default)]
    entries: Vec<Option<String>>,
}

/// A line with a passage that was told elsewhere.
#[derive(Serialize, Deserialize)]
struct ToldLine {
    told: Passage,
}

/// A passage by the name under which it was handed in.
#[derive(Serialize, Deserialize)]
struct Passage {
    id: String,
    text: String,
}

/// What a line held that was not here.
enum Taken {
    Edition { insights: usize },
    Passage,
    Nothing,
}

impl Store {
    /// Writes the history; says how many editions.
    pub fn export_history(&self, out: &mut dyn Write) -> Result<usize, CarryError> {
        let head = Head {
            takefive_history: VERSION,
            program: PROGRAM_VERSION.to_owned(),
        };
        serde_json::to_writer(&mut *out, &head).map_err(io::Error::from)?;
        out.write_all(b"\n")?;
        let mut editions = 0;
        for date in self.edition_dates()? {
            let Some(edition) = self.edition_bytes(date)? else {
                continue;
            };
            let entries =
                entries_of(&self.connection, &from_date(date)).map_err(StoreError::from)?;
            let entries = serde_json::to_string(&entries).map_err(io::Error::from)?;
            // the bytes as they were saved: JSON that we wrote has no line ends in it
            writeln!(out, "{{\"edition\":{edition},\"entries\":{entries}}}")?;
            editions += 1;
        }
        let mut statement = self
            .connection
            .prepare("SELECT id, text FROM told WHERE id IS NOT NULL ORDER BY number")
            .map_err(StoreError::from)?;
        let mut rows = statement.query([]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let told = Passage {
                id: row.get(0).map_err(StoreError::from)?,
                text: row.get(1).map_err(StoreError::from)?,
            };
            serde_json::to_writer(&mut *out, &ToldLine { told }).map_err(io::Error::from)?;
            out.write_all(b"\n")?;
        }
        out.flush()?;
        Ok(editions)
    }

    /// Whether that day's edition was taken over from another store.
    pub fn is_imported(&self, date: Date) -> Result<bool, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT 1 FROM imported_edition WHERE date = ?1")?
            .exists([from_date(date)])?)
    }

    /// Takes over a history: all of it, or nothing where a line is wrong or contradicts what is here. The same again changes
    /// nothing. An edition that was taken over counts as told, and is never mailed from here.
    pub fn import_history(&mut self, input: &mut dyn BufRead) -> Result<Carried, CarryError> {
        let known_from = self.next_edition_number()?;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(StoreError::from)?;
        let mut lines = Lines { input, read: 0 };
        let head = lines.next()?.ok_or(CarryError::NotHistory)?;
        let head: Head = serde_json::from_slice(&head).map_err(|_| CarryError::NotHistory)?;
        if head.takefive_history > VERSION {
            return Err(CarryError::Newer {
                found: head.takefive_history,
            });
        }
        let mut carried = Carried::default();
        let mut wrong = Vec::new();
        loop {
            let taken = match lines.next() {
                Ok(Some(line)) if line.trim_ascii().is_empty() => continue,
                Ok(Some(line)) => take_over(&transaction, &line, known_from)?,
                Ok(None) => break,
                // where the rest of a line is not read, nobody knows where the next one begins
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                    wrong.push(WrongLine {
                        line: lines.read,
                        what: error.to_string(),
                    });
                    break;
                }
                Err(error) => return Err(error.into()),
            };
            match taken {
                Ok(Taken::Edition { insights }) => {
                    carried.editions += 1;
                    carried.insights += insights;
                }
                Ok(Taken::Passage) => carried.passages += 1,
                Ok(Taken::Nothing) => carried.known += 1,
                Err(what) => wrong.push(WrongLine {
                    line: lines.read,
                    what,
                }),
            }
        }
        if !wrong.is_empty() {
            return Err(CarryError::Wrong(wrong));
        }
        transaction.commit().map_err(StoreError::from)?;
        Ok(carried)
    }
}

/// Lines of a file, none of them too long.
struct Lines<'a> {
    input: &'a mut dyn BufRead,
    read: usize,
}

impl Lines<'_> {
    fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let bytes = (&mut *self.input)
            .take(LINE_BYTES_MAX + 1)
            .read_until(b'\n', &mut line)?;
        self.read += 1;
        if bytes as u64 > LINE_BYTES_MAX {
            let mebibytes = LINE_BYTES_MAX >> 20;
            let what = format!("is longer than {mebibytes} MiB, which no edition is");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        Ok((bytes > 0).then_some(line))
    }
}

/// Takes over what a line holds, or says what speaks against it. The outer error is the store's.
fn take_over(
    transaction: &Connection,
    line: &[u8],
    known_from: u32,
) -> Result<Result<Taken, String>, StoreError> {
    if let Ok(ToldLine { told }) = serde_json::from_slice(line) {
        return take_passage(transaction, &told);
    }
    let edition: EditionLine = match serde_json::from_slice(line) {
        Ok(edition) => edition,
        Err(error) => return Ok(Err(format!("is not an edition: {error}"))),
    };
    let digest = match read_digest(&edition) {
        Ok(digest) => digest,
        Err(what) => return Ok(Err(what)),
    };
    let date = from_date(digest.date);
    let here = transaction
        .prepare_cached("SELECT date, digest FROM edition WHERE date = ?1 OR number = ?2")?
        .query_map(params![date, digest.edition], |row| {
            Ok((
                to_date(0, &row.get::<_, String>(0)?)?,
                row.get::<_, String>(1)?,
            ))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    if let Some((other, saved)) = here.first() {
        let same = here.len() == 1
            && *other == digest.date
            && serde_json::from_str::<Value>(saved).is_ok_and(|saved| saved == edition.edition);
        return Ok(match same {
            true => Ok(Taken::Nothing),
            false if *other == digest.date => Err(format!(
                "the edition of {} is another one than that in the store",
                digest.date
            )),
            false => Err(format!(
                "edition {} is of {}, and in the store it is of {other}",
                digest.edition, digest.date
            )),
        });
    }
    for quote in digest.insights().iter().flat_map(Insight::quotes) {
        if let Some(what) = contradicted(transaction, quote)? {
            return Ok(Err(what));
        }
    }
    transaction
        .prepare_cached("INSERT INTO edition (date, number, digest) VALUES (?1, ?2, ?3)")?
        .execute(params![date, digest.edition, edition.edition.to_string()])?;
    transaction
        .prepare_cached("INSERT INTO imported_edition (date, known_from) VALUES (?1, ?2)")?
        .execute(params![date, known_from])?;
    for (nth, insight) in digest.insights().iter().enumerate() {
        for quote in insight.quotes() {
            keep_foreign_span(transaction, quote, digest.chosen)?;
        }
        let entry = edition.entries.get(nth).and_then(Option::as_deref);
        remember_sent(transaction, digest.date, nth + 1, insight, entry)?;
    }
    Ok(Ok(Taken::Edition {
        insights: digest.insights().len(),
    }))
}

/// Takes over a passage that was told elsewhere. Its fingerprints are wanting: whoever needs them makes them up.
fn take_passage(
    transaction: &Connection,
    passage: &Passage,
) -> Result<Result<Taken, String>, StoreError> {
    let Passage { id, text } = passage;
    if id.trim().is_empty() || text.trim().is_empty() {
        return Ok(Err("a passage has a name and words".to_owned()));
    }
    Ok(match put_passage(transaction, id, text)? {
        Memorised::New => Ok(Taken::Passage),
        Memorised::Already => Ok(Taken::Nothing),
        Memorised::NameTaken => Err(format!("\"{id}\" is another passage in the store")),
    })
}

/// The edition of a line, with receipts that can be.
fn read_digest(line: &EditionLine) -> Result<Digest, String> {
    let digest = Digest::deserialize(&line.edition)
        .map_err(|error| format!("is not an edition: {error}"))?;
    let insights = digest.insights();
    if digest.edition == 0 || !(1..=INSIGHTS_MAX).contains(&insights.len()) {
        return Err(format!(
            "an edition has a number from 1 and 1 to {INSIGHTS_MAX} insights"
        ));
    }
    for quote in insights.iter().flat_map(Insight::quotes) {
        let receipt = quote.receipt;
        let is_hash = receipt.document_sha256.len() == 64
            && receipt
                .document_sha256
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit());
        if !is_hash || receipt.to_byte.checked_sub(receipt.from_byte) != Some(quote.text.len()) {
            return Err(format!(
                "the receipt of \"{}\" cannot be: its bytes are not those of the words",
                quote.headline
            ));
        }
    }
    Ok(digest)
}

/// What in the store speaks against the receipt of a quote.
fn contradicted(connection: &Connection, quote: Quote<'_>) -> Result<Option<String>, StoreError> {
    let receipt = quote.receipt;
    let place = params![
        receipt.document_sha256,
        from_size(receipt.from_byte),
        from_size(receipt.to_byte),
    ];
    let here: Option<Vec<u8>> = connection
        .prepare_cached(
            "SELECT CAST(text AS BLOB) FROM cited_span WHERE document_sha256 = ?1 AND from_byte = ?2 AND to_byte = ?3
             UNION ALL SELECT substr(CAST(text AS BLOB), ?2 + 1, ?3 - ?2) FROM document WHERE sha256 = ?1 AND dropped IS NULL",
        )?
        .query_row(place, |row| row.get(0))
        .optional()?;
    let other = here.is_some_and(|here| here != quote.text.as_bytes());
    Ok(other.then(|| {
        format!(
            "\"{}\": its document says something else there in this store",
            quote.headline
        )
    }))
}

/// Keeps the words of a document that this store may never have seen.
fn keep_foreign_span(
    transaction: &Connection,
    quote: Quote<'_>,
    chosen: Timestamp,
) -> Result<(), StoreError> {
    let receipt = quote.receipt;
    transaction
        .prepare_cached(
            "INSERT INTO document (sha256, text, layout, dropped) VALUES (?1, '', '', ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![receipt.document_sha256, from_timestamp(chosen)])?;
    transaction
        .prepare_cached(
            "INSERT INTO cited_span (document_sha256, from_byte, to_byte, text) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            receipt.document_sha256,
            from_size(receipt.from_byte),
            from_size(receipt.to_byte),
            quote.text,
        ])?;
    Ok(())
}

fn entries_of(connection: &Connection, date: &str) -> rusqlite::Result<Vec<Option<String>>> {
    connection
        .prepare_cached("SELECT entry FROM sent_insight WHERE date = ?1 ORDER BY position")?
        .query_map([date], |row| row.get(0))?
        .collect()
}

fn told(wrong: &[WrongLine]) -> String {
    let mut told: Vec<String> = wrong
        .iter()
        .take(WRONG_TOLD_MAX)
        .map(|WrongLine { line, what }| format!("line {line}: {what}"))
        .collect();
    if wrong.len() > WRONG_TOLD_MAX {
        told.push(format!("and {} more", wrong.len() - WRONG_TOLD_MAX));
    }
    told.join("\n")
}
