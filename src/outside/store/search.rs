//! Full text over all that was ever sent and all candidates that are kept.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::Row;
use rusqlite::params;
use serde::Serialize;

use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_size;
use crate::outside::store::columns::to_date;
use crate::outside::store::columns::to_timestamp;

/// Words of a query that are looked for: nobody types more by hand.
const QUERY_WORDS_MAX: usize = 64;

/// A passage that has the words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// The day of the edition that it was sent in; none where it was not sent.
    pub sent: Option<Date>,
    /// The number of that edition.
    pub edition: Option<u32>,
    /// Its place there, from 1.
    pub position: Option<u32>,
    /// Its headline.
    pub headline: String,
    /// Its words.
    pub text: String,
    /// Name of the source.
    pub source: String,
    /// Title of the entry.
    pub entry_title: String,
    /// The entry's page.
    pub entry_url: Option<String>,
    /// When the entry was published, where that is known.
    pub published: Option<Timestamp>,
    /// Points of a candidate that was not sent.
    pub score: Option<f64>,
}

impl Store {
    /// The passages that have all of these words, in any form that has the same stem; best first, at most `top`. Whatever
    /// stands between the words means nothing. Nothing is found where there is no word.
    pub fn search(&self, words: &str, top: usize) -> Result<Vec<Hit>, StoreError> {
        let Some(query) = query_of(words) else {
            return Ok(Vec::new());
        };
        // A headline says it shorter, so that its words count twice. A candidate that was sent is found as what was sent; the
        // two say the same and rank the same, so that a few more than are asked for are enough.
        let mut statement = self.connection.prepare_cached(
            "SELECT s.date, n.number, s.position, coalesce(s.headline, c.headline), coalesce(s.text, c.text),
                    coalesce(d.value ->> 'source', e.source), coalesce(d.value ->> 'entry_title', e.title),
                    CASE WHEN s.date IS NULL THEN e.link ELSE d.value ->> 'entry_url' END,
                    e.dated, c.score
             FROM (SELECT rowid AS id, bm25(passage_search, 2.0, 1.0) AS rank FROM passage_search
                   WHERE passage_search MATCH ?1 ORDER BY 2, 1 LIMIT ?2 * 4 + 16) found
             LEFT JOIN candidate c ON found.id % 2 = 0 AND c.number = found.id / 2
             LEFT JOIN edition n ON found.id % 2 = 1 AND n.number = found.id / 128
             LEFT JOIN sent_insight s ON s.date = n.date AND s.position = found.id % 128 / 2
             LEFT JOIN entry e ON e.number = coalesce(c.entry, (SELECT number FROM entry WHERE id = s.entry))
             LEFT JOIN json_each(n.digest, '$.insights') d ON d.key = s.position - 1
             WHERE s.date IS NOT NULL OR (c.number IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM sent_insight told WHERE told.document_sha256 = e.document_sha256
                 AND told.from_byte = c.from_byte AND told.to_byte = c.to_byte))
             ORDER BY found.rank, found.id LIMIT ?2",
        )?;
        let hits = statement.query_map(params![query, from_size(top)], to_hit)?;
        Ok(hits.collect::<Result<_, _>>()?)
    }
}

/// A query of FTS5 for all of these words, none of which can be taken for syntax. None where there is no word.
fn query_of(words: &str) -> Option<String> {
    let words: Vec<String> = words
        // a zero byte ends a query, and a word that is marks only would match nothing
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(QUERY_WORDS_MAX)
        .map(|word| format!("\"{word}\""))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn to_hit(row: &Row<'_>) -> rusqlite::Result<Hit> {
    Ok(Hit {
        sent: row
            .get::<_, Option<String>>(0)?
            .map(|date| to_date(0, &date))
            .transpose()?,
        edition: row.get(1)?,
        position: row.get(2)?,
        headline: row.get(3)?,
        text: row.get(4)?,
        source: row.get(5)?,
        entry_title: row.get(6)?,
        entry_url: row.get(7)?,
        published: row
            .get::<_, Option<i64>>(8)?
            .map(|at| to_timestamp(8, at))
            .transpose()?,
        score: row.get(9)?,
    })
}
