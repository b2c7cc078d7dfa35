//! What is let go: documents that nothing needs any more, with what was found in them. What was sent never goes.

use jiff::Timestamp;
use rusqlite::TransactionBehavior;
use rusqlite::params;
use serde::Serialize;

use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_timestamp;

/// Readings let go in one transaction: others who write wait for less than a second.
const AT_A_TIME: i64 = 500;

/// What was let go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pruned {
    /// Readings whose background went, with what was found in them.
    pub readings: usize,
    /// Documents whose text went.
    pub documents: usize,
    /// Of these the ones that editions cite: the cited words stay, with their place.
    pub documents_cited: usize,
    /// Candidates.
    pub candidates: usize,
}

impl Store {
    /// Lets go of what was read before a moment: the documents, but for the spans that editions cite, what was known of their
    /// entries, and the candidates found in them. The entries stay known, and history stays whole.
    pub fn prune(&mut self, before: Timestamp, now: Timestamp) -> Result<Pruned, StoreError> {
        let mut pruned = Pruned::default();
        // a document holds the same words, for as long as it is kept
        self.connection
            .prepare_cached("DELETE FROM heard WHERE at < ?1")?
            .execute([from_timestamp(before)])?;
        loop {
            let some = self.prune_some(before, now)?;
            if some.readings == 0 {
                return Ok(pruned);
            }
            pruned.readings += some.readings;
            pruned.documents += some.documents;
            pruned.documents_cited += some.documents_cited;
            pruned.candidates += some.candidates;
        }
    }

    fn prune_some(&mut self, before: Timestamp, now: Timestamp) -> Result<Pruned, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let last: Option<i64> = transaction
            .prepare_cached(
                "SELECT max(read_at) FROM
                   (SELECT read_at FROM reading WHERE dropped IS NULL AND read_at < ?1 ORDER BY read_at LIMIT ?2)",
            )?
            .query_row(params![from_timestamp(before), AT_A_TIME], |row| row.get(0))?;
        let Some(last) = last else {
            return Ok(Pruned::default());
        };
        let now = from_timestamp(now);
        // an entry that was read again since keeps its candidates: they are of the later reading
        let candidates = transaction
            .prepare_cached(
                "DELETE FROM candidate WHERE entry IN (
                   SELECT entry FROM reading WHERE dropped IS NULL AND read_at <= ?1
                   EXCEPT SELECT entry FROM reading WHERE dropped IS NULL AND read_at > ?1)",
            )?
            .execute([last])?;
        let documents =
            "SELECT document_sha256 FROM reading WHERE dropped IS NULL AND read_at <= ?1
             EXCEPT SELECT document_sha256 FROM reading WHERE dropped IS NULL AND read_at > ?1";
        let documents_cited = transaction
            .prepare_cached(&format!(
                "UPDATE document SET text = '', layout = '', dropped = ?2
                 WHERE dropped IS NULL AND sha256 IN ({documents})
                   AND sha256 IN (SELECT document_sha256 FROM cited_span
                                  UNION ALL SELECT document_sha256 FROM sent_insight)"
            ))?
            .execute([last, now])?;
        let uncited = transaction
            .prepare_cached(&format!(
                "DELETE FROM document WHERE dropped IS NULL AND sha256 IN ({documents})"
            ))?
            .execute([last])?;
        let readings = transaction
            .prepare_cached(
                "UPDATE reading SET background = NULL, dropped = ?2 WHERE dropped IS NULL AND read_at <= ?1",
            )?
            .execute([last, now])?;
        transaction.commit()?;
        Ok(Pruned {
            readings,
            documents: documents_cited + uncited,
            documents_cited,
            candidates,
        })
    }

    /// Gives the room of what was let go back to the disk: the file is written anew, which takes as much room again while it
    /// lasts, and nobody else can write meanwhile.
    pub fn compact(&mut self) -> Result<(), StoreError> {
        self.connection.execute_batch(
            "INSERT INTO passage_search (passage_search) VALUES ('optimize');
             VACUUM; PRAGMA wal_checkpoint(TRUNCATE);",
        )?;
        Ok(())
    }
}
