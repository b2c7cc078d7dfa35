//! What editions cite: the words and their place, which stay when the rest of a document goes.

use rusqlite::Connection;
use rusqlite::OptionalExtension as _;
use rusqlite::params;

use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_size;

/// A range of a document's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// SHA-256 of the text in hexadecimal.
    pub document_sha256: &'a str,
    /// First byte.
    pub from_byte: usize,
    /// The byte after its last.
    pub to_byte: usize,
}

impl Store {
    /// The words of a span that an edition cites.
    pub fn cited(&self, span: Span<'_>) -> Result<Option<String>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT text FROM cited_span WHERE document_sha256 = ?1 AND from_byte = ?2 AND to_byte = ?3",
            )?
            .query_row(
                params![
                    span.document_sha256,
                    from_size(span.from_byte),
                    from_size(span.to_byte)
                ],
                |row| row.get(0),
            )
            .optional()?)
    }

    /// The text that is stored under this SHA-256, whatever it says by now; none where it is not kept (any more).
    pub fn stored_text(&self, document_sha256: &str) -> Result<Option<String>, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT text FROM document WHERE sha256 = ?1 AND dropped IS NULL")?
            .query_row([document_sha256], |row| row.get(0))
            .optional()?)
    }
}

/// Keeps a span of a document for good, where the document says `words` there; whether it does.
pub(super) fn keep_span(
    connection: &Connection,
    span: Span<'_>,
    words: &str,
) -> Result<bool, StoreError> {
    let (from, to) = (from_size(span.from_byte), from_size(span.to_byte));
    let rows = connection
        .prepare_cached(
            "INSERT INTO cited_span (document_sha256, from_byte, to_byte, text)
             SELECT sha256, ?2, ?3, ?4 FROM document
             WHERE sha256 = ?1 AND dropped IS NULL
               AND substr(CAST(text AS BLOB), ?2 + 1, ?3 - ?2) = CAST(?4 AS BLOB)
             ON CONFLICT DO UPDATE SET text = excluded.text",
        )?
        .execute(params![span.document_sha256, from, to, words])?;
    Ok(rows > 0)
}
