//! How our values stand in columns.

use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use crate::model::sha256_hex;
use crate::outside::store::StoreError;

/// A time as a column: microseconds since 1970-01-01T00:00Z.
pub(super) fn from_timestamp(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// A time from a column.
pub(super) fn to_timestamp(column: usize, microseconds: i64) -> rusqlite::Result<Timestamp> {
    Timestamp::from_microsecond(microseconds).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error.into())
    })
}

/// A day as a column: `YYYY-MM-DD`, which sorts as the days do.
pub(super) fn from_date(date: Date) -> String {
    date.to_string()
}

/// A day from a column.
pub(super) fn to_date(column: usize, text: &str) -> rusqlite::Result<Date> {
    text.parse()
        .map_err(|error: jiff::Error| text_fault(column, error))
}

/// The address of a feed as a column: with a hash in the place of what may be a password or token, so that a changed one is
/// told from the old one and neither can be read.
pub(super) fn from_feed(feed: &Url) -> String {
    /// Enough to tell the addresses of one source apart.
    const HASH_DIGITS: usize = 16;
    let mut bare = feed.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    // both fail only for addresses that have no such parts
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    if bare == *feed {
        return bare.into();
    }
    let hash = sha256_hex(feed.as_str().as_bytes());
    format!("{bare}?sha256={}", &hash[..HASH_DIGITS])
}

/// An address of the web from a column.
pub(super) fn to_url(column: usize, text: Option<String>) -> rusqlite::Result<Option<Url>> {
    text.map(|text| Url::parse(&text).map_err(|error| text_fault(column, error)))
        .transpose()
}

/// A list as a column.
pub(super) fn from_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Damaged {
        what: format!("a value cannot be written as JSON ({error})"),
    })
}

/// A list from a column.
pub(super) fn to_json<T: DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| text_fault(column, error))
}

/// A count from a column.
pub(super) fn to_size(column: usize, number: i64) -> rusqlite::Result<usize> {
    usize::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// A byte position as a column. Documents are far smaller than the largest integer of SQLite.
pub(super) fn from_size(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

fn text_fault(
    column: usize,
    error: impl std::error::Error + Send + Sync + 'static,
) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
