//! Joining and leaving: one set of rules for the command line, the leave page and, later, the mailbox.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use crate::model::EmailAddress;
use crate::model::NotAnAddress;
use crate::outside::store::Added;
use crate::outside::store::Consent;
use crate::outside::store::ConsentSource;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::SubscriberRow;

/// Largest list that is read: more than half a million addresses.
pub const LIST_BYTES_MAX: usize = 16 << 20;

/// Longest leave token that is looked up: ours have 24 characters.
const TOKEN_CHARACTERS_MAX: usize = 64;

/// Names that programs give to the column of addresses, in lower case.
const EMAIL_COLUMNS: &[&str] = &["email", "e-mail", "email address", "e-mail address"];

/// Adds one address by hand; the operator answers for its owner's consent.
pub fn add(store: &mut Store, address: &EmailAddress, at: Timestamp) -> Result<Added, StoreError> {
    let source = ConsentSource::CommandLine;
    store.add_subscriber(address, &Consent { source, at })
}

/// Adds all good addresses of a list, or none where the store fails.
pub fn import(
    store: &mut Store,
    list: &AddressList,
    at: Timestamp,
) -> Result<Imported, StoreError> {
    let source = ConsentSource::Import;
    let mut imported = Imported::default();
    for added in store.add_subscribers(&list.addresses, &Consent { source, at })? {
        match added {
            Added::New(_) => imported.new += 1,
            Added::Already(_) => imported.already += 1,
            Added::Suppressed => imported.suppressed += 1,
            // nobody comes back by import, so this is always the second
            Added::Back(_) | Added::StaysAway => imported.stay_away += 1,
        }
    }
    Ok(imported)
}

/// Everyone ever added, by number.
pub fn list(store: &Store) -> Result<Vec<SubscriberRow>, StoreError> {
    store.subscribers()
}

/// Lets the owner of an address leave; whether they were subscribed.
pub fn leave(store: &mut Store, address: &EmailAddress, at: Timestamp) -> Result<bool, StoreError> {
    store.remove_subscriber(address, at)
}

/// Lets the bearer of a leave token leave; whether they were subscribed. Nobody who asks from outside is told.
pub fn leave_by_token(store: &mut Store, token: &str, at: Timestamp) -> Result<bool, StoreError> {
    let possible = (1..=TOKEN_CHARACTERS_MAX).contains(&token.len())
        && token
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if !possible {
        return Ok(false);
    }
    store.remove_by_token(token, at)
}

/// Reads a list of addresses: a text with one on each line, or a CSV file (RFC 4180; commas, semicolons or tabs) whose first
/// line names a column `email`. Empty lines and lines that begin with `#` are passed over. UTF-8, or UTF-16 with its mark.
pub fn read_list(bytes: &[u8]) -> Result<AddressList, ReadListError> {
    if bytes.len() > LIST_BYTES_MAX {
        return Err(ReadListError::TooLarge);
    }
    let (text, _, _) = encoding_rs::UTF_8.decode(bytes);
    let mut list = AddressList::default();
    let mut seen = BTreeSet::new();
    let mut take = |line: u64, field: &str| match parse_field(field) {
        Err(problem) => list.bad_lines.push(BadLine { line, problem }),
        Ok(address) if seen.insert(address.as_str().to_lowercase()) => list.addresses.push(address),
        Ok(_) => list.repeated += 1,
    };
    match table_of(&text) {
        None => {
            for (line, words) in (1..).zip(text.lines()) {
                let words = without_comment(words);
                if !words.is_empty() {
                    take(line, words);
                }
            }
        }
        Some(Table { delimiter, column }) => {
            let rows = csv::ReaderBuilder::new()
                .delimiter(delimiter)
                .comment(Some(b'#'))
                .flexible(true)
                .trim(csv::Trim::All)
                .from_reader(text.as_bytes())
                .into_records();
            for row in rows {
                let row = row.map_err(|error| ReadListError::Csv(error.to_string()))?;
                let line = row.position().map_or(0, csv::Position::line);
                take(line, row.get(column).unwrap_or_default());
            }
        }
    }
    Ok(list)
}

/// What a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressList {
    /// Its addresses in order, each once.
    pub addresses: Vec<EmailAddress>,
    /// Lines that name an address of an earlier line again.
    pub repeated: usize,
    /// Lines that do not hold an address.
    pub bad_lines: Vec<BadLine>,
}

/// A line that does not hold an address. What it holds is not repeated: it may be somebody's personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1.
    pub line: u64,
    /// What is wrong with it.
    pub problem: NotAnAddress,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.problem)
    }
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// New subscribers.
    pub new: usize,
    /// Addresses that were subscribed before.
    pub already: usize,
    /// Addresses that get nothing: mail bounced, or the owner complained.
    pub suppressed: usize,
    /// Addresses whose owners had left: they stay away.
    pub stay_away: usize,
}

/// Why a list could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadListError {
    /// Larger than [`LIST_BYTES_MAX`].
    #[error("the list is larger than {} MiB; import it in parts", LIST_BYTES_MAX >> 20)]
    TooLarge,
    /// The rows cannot be told apart.
    #[error("the list cannot be read as CSV: {0}")]
    Csv(String),
}

/// Where the addresses stand in a CSV file.
struct Table {
    delimiter: u8,
    column: usize,
}

/// A file whose first line names a column of addresses is a table.
fn table_of(text: &str) -> Option<Table> {
    let first = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))?;
    [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
        let column = first.split(char::from(delimiter)).position(|name| {
            let name = name.trim().trim_matches('"').trim().to_lowercase();
            EMAIL_COLUMNS.contains(&name.as_str())
        })?;
        Some(Table { delimiter, column })
    })
}

/// The line without what follows a `#` at its beginning or after white space; inside an address the sign is allowed.
fn without_comment(line: &str) -> &str {
    let line = line.trim();
    let comment = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|&at| at == 0 || line[..at].ends_with(char::is_whitespace));
    comment.map_or(line, |at| line[..at].trim_end())
}

fn parse_field(field: &str) -> Result<EmailAddress, NotAnAddress> {
    // this is what stands where the bytes were in another encoding
    if field.contains(char::REPLACEMENT_CHARACTER) {
        return Err(NotAnAddress::Character);
    }
    EmailAddress::parse(field)
}
