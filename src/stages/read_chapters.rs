//! Bytes of a chapters file in, the chapters of an episode out.

use serde::Deserialize;
use serde_json::Value;

use crate::model::Chapter;

/// Most bytes of a chapters file: three hundred chapters with addresses of pictures are under 200 KiB.
pub const CHAPTERS_BYTES_MAX: usize = 1 << 20;

/// Reads the chapters of an episode in the order of their times (JSON Chapters 1.2 of the podcast namespace, in UTF-8).
///
/// A chapter that is not in the table of contents (`"toc": false`) changes the picture and nothing else: the one before it
/// goes on. One without a title or a time is left out, and so is what comes after the first [`Chapter::COUNT_MAX`].
pub fn read_chapters(bytes: &[u8]) -> Result<Vec<Chapter>, NoChapters> {
    if bytes.len() > CHAPTERS_BYTES_MAX {
        return Err(NoChapters::TooLarge);
    }
    let text = String::from_utf8_lossy(bytes);
    // JSON allows no mark of the byte order, and files begin with one all the same (RFC 8259 §8.1)
    let file: ChaptersFile = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| NoChapters::NotChapters(error.to_string()))?;
    let mut chapters: Vec<Chapter> = file
        .chapters
        .iter()
        .filter_map(chapter)
        .take(Chapter::COUNT_MAX)
        .collect();
    chapters.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds));
    Ok(chapters)
}

/// Why there are no chapters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoChapters {
    /// It is longer than [`CHAPTERS_BYTES_MAX`].
    #[error("the chapters are longer than {} MiB: not read", CHAPTERS_BYTES_MAX >> 20)]
    TooLarge,
    /// It is something else.
    #[error("not JSON chapters of the podcast namespace: {0}")]
    NotChapters(String),
}

#[derive(Deserialize)]
struct ChaptersFile {
    chapters: Vec<Value>,
}

/// One chapter, where a reader of the table of contents would see it.
fn chapter(typed: &Value) -> Option<Chapter> {
    if typed.get("toc") == Some(&Value::Bool(false)) {
        return None;
    }
    let start_seconds = match typed.get("startTime")? {
        Value::Number(number) => number.as_f64()?,
        // some programs write every value as a text
        Value::String(number) => number.trim().parse().ok()?,
        _ => return None,
    };
    Chapter::read(start_seconds, typed.get("title")?.as_str()?)
}
