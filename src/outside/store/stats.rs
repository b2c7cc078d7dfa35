//! How much the store holds, and how large it is.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::ErrorCode;
use serde::Serialize;

use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::to_date;
use crate::outside::store::columns::to_size;
use crate::outside::store::columns::to_timestamp;

/// What the store holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Stats {
    /// Editions.
    pub editions: usize,
    /// Of these the ones taken over from another store.
    pub editions_imported: usize,
    /// Insights in them.
    pub sent: usize,
    /// Day of the oldest edition.
    pub oldest_edition: Option<Date>,
    /// Day of the newest edition.
    pub newest_edition: Option<Date>,
    /// Entries that were ever met.
    pub entries: usize,
    /// Of these the ones that wait to be read.
    pub entries_waiting: usize,
    /// Candidates that are kept.
    pub candidates: usize,
    /// Documents whose text is kept.
    pub documents: usize,
    /// Bytes of these texts.
    pub document_bytes: usize,
    /// Cited documents of which only the spans are kept.
    pub documents_let_go: usize,
    /// Spans that editions cite.
    pub spans: usize,
    /// When the oldest document that is kept was read.
    pub oldest_reading: Option<Timestamp>,
    /// When the newest was.
    pub newest_reading: Option<Timestamp>,
    /// Texts of rules that editions were chosen by.
    pub rules: usize,
    /// Bytes of the file.
    pub file_bytes: usize,
    /// Bytes in it that are free, and filled before it grows.
    pub free_bytes: usize,
    /// Bytes by table, with its indexes, largest first; empty where this SQLite cannot tell.
    pub tables: Vec<TableSize>,
}

/// How large a table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableSize {
    /// Its name.
    pub table: String,
    /// Its bytes, with those of its indexes.
    pub bytes: usize,
}

impl Store {
    /// Counts what the store holds.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        let view = &self.connection;
        let number = |query: &str| -> Result<usize, StoreError> {
            Ok(view.query_row(query, [], |row| to_size(0, row.get(0)?))?)
        };
        let date = |query: &str| -> Result<Option<Date>, StoreError> {
            let text: Option<String> = view.query_row(query, [], |row| row.get(0))?;
            Ok(text.map(|text| to_date(0, &text)).transpose()?)
        };
        let moment = |query: &str| -> Result<Option<Timestamp>, StoreError> {
            let at: Option<i64> = view.query_row(query, [], |row| row.get(0))?;
            Ok(at.map(|at| to_timestamp(0, at)).transpose()?)
        };
        let page_bytes = number("PRAGMA page_size")?;
        Ok(Stats {
            editions: number("SELECT count(*) FROM edition")?,
            editions_imported: number("SELECT count(*) FROM imported_edition")?,
            sent: number("SELECT count(*) FROM sent_insight")?,
            oldest_edition: date("SELECT min(date) FROM edition")?,
            newest_edition: date("SELECT max(date) FROM edition")?,
            entries: number("SELECT count(*) FROM entry")?,
            entries_waiting: number("SELECT count(*) FROM entry WHERE waiting IS NOT NULL")?,
            candidates: number("SELECT count(*) FROM candidate")?,
            documents: number("SELECT count(*) FROM document WHERE dropped IS NULL")?,
            document_bytes: number("SELECT coalesce(sum(octet_length(text)), 0) FROM document")?,
            documents_let_go: number("SELECT count(*) FROM document WHERE dropped IS NOT NULL")?,
            spans: number("SELECT count(*) FROM cited_span")?,
            oldest_reading: moment("SELECT min(read_at) FROM reading WHERE dropped IS NULL")?,
            newest_reading: moment("SELECT max(read_at) FROM reading WHERE dropped IS NULL")?,
            rules: number("SELECT count(*) FROM rules")?,
            file_bytes: number("PRAGMA page_count")? * page_bytes,
            free_bytes: number("PRAGMA freelist_count")? * page_bytes,
            tables: self.table_sizes()?,
        })
    }

    fn table_sizes(&self) -> Result<Vec<TableSize>, StoreError> {
        let sizes = self.connection.prepare(
            "SELECT coalesce(s.tbl_name, d.name), sum(d.pgsize) FROM dbstat d LEFT JOIN sqlite_schema s ON s.name = d.name
             WHERE d.aggregate = TRUE GROUP BY 1 ORDER BY 2 DESC, 1",
        );
        let mut sizes = match sizes {
            Ok(sizes) => sizes,
            // a SQLite without dbstat does not know the table
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::Unknown) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(error.into()),
        };
        let rows = sizes.query_map([], |row| {
            Ok(TableSize {
                table: row.get(0)?,
                bytes: to_size(1, row.get(1)?)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
