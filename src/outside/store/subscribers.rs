//! People: who gets the digest, since when, and how they agreed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use rusqlite::Row;
use rusqlite::Transaction;
use rusqlite::TransactionBehavior;
use rusqlite::params;
use rusqlite::types::Type;

use crate::model::EmailAddress;
use crate::model::Secret;
use crate::model::Subscriber;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_timestamp;
use crate::outside::store::columns::to_timestamp;

/// Random bytes in a leave token: 144 bits, which nobody guesses, in 24 characters.
const TOKEN_BYTES: usize = 18;

/// How and when somebody agreed to get the digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// On which way.
    pub source: ConsentSource,
    /// When.
    pub at: Timestamp,
}

/// The way on which somebody joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentSource {
    /// The operator added them by hand.
    CommandLine,
    /// The operator imported a list.
    Import,
}

impl ConsentSource {
    /// The words for it in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CommandLine => "command line",
            Self::Import => "import",
        }
    }
}

/// What adding an address did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    /// A new subscriber with this number.
    New(i64),
    /// Nothing: this subscriber is active.
    Already(i64),
    /// This subscriber had left and is back.
    Back(i64),
    /// Nothing: its owner left, and a list is no wish to come back.
    StaysAway,
    /// Nothing: mail to the address bounced, or its owner complained.
    Suppressed,
}

/// Whether mail goes to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubscriberStatus {
    /// Asked for it and has not confirmed yet.
    Pending,
    /// Gets the digest.
    Active,
    /// Left.
    Left,
    /// Gets nothing, whatever anyone asks: mail bounced for good, or its owner complained.
    Suppressed,
}

impl SubscriberStatus {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Active, Self::Left, Self::Suppressed];

    /// The word for it everywhere.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Left => "left",
            Self::Suppressed => "suppressed",
        }
    }
}

/// A line of the list of subscribers, for the operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriberRow {
    /// Their number.
    pub id: i64,
    /// Their address, as typed.
    pub address: EmailAddress,
    /// Whether mail goes there.
    pub status: SubscriberStatus,
    /// When they joined last.
    pub since: Timestamp,
}

impl Store {
    /// Adds an address, or brings back one that left. Upper and lower case make no difference.
    pub fn add_subscriber(
        &mut self,
        address: &EmailAddress,
        consent: &Consent,
    ) -> Result<Added, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let added = add(&transaction, address, consent)?;
        transaction.commit()?;
        Ok(added)
    }

    /// Adds many addresses, all or none; the answers are in the same order.
    pub fn add_subscribers(
        &mut self,
        addresses: &[EmailAddress],
        consent: &Consent,
    ) -> Result<Vec<Added>, StoreError> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let added = addresses
            .iter()
            .map(|address| add(&transaction, address, consent))
            .collect::<Result<_, _>>()?;
        transaction.commit()?;
        Ok(added)
    }

    /// Lets the owner of this address leave; whether they were there to leave.
    pub fn remove_subscriber(
        &mut self,
        address: &EmailAddress,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let rows = self
            .connection
            .prepare_cached(
                "UPDATE subscriber SET status = 'left', left_at = ?2
                 WHERE address_key = ?1 AND status IN ('pending', 'active')",
            )?
            .execute(params![key_of(address), from_timestamp(at)])?;
        Ok(rows > 0)
    }

    /// Lets the bearer of this token leave; whether they were there to leave.
    pub fn remove_by_token(&mut self, token: &str, at: Timestamp) -> Result<bool, StoreError> {
        let rows = self
            .connection
            .prepare_cached(
                "UPDATE subscriber SET status = 'left', left_at = ?2
                 WHERE leave_token = ?1 AND status IN ('pending', 'active')",
            )?
            .execute(params![token, from_timestamp(at)])?;
        Ok(rows > 0)
    }

    /// Sends nothing more to this subscriber, and takes no new request for the address, for the reason given (with no
    /// address in it). The first reason stands.
    pub fn suppress(&mut self, id: i64, reason: &str, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE subscriber SET status = 'suppressed', suppression_reason = ?2, suppressed_at = ?3
                 WHERE id = ?1 AND status <> 'suppressed'",
            )?
            .execute(params![id, reason, from_timestamp(at)])?;
        Ok(())
    }

    /// Everyone ever added, by number.
    pub fn subscribers(&self) -> Result<Vec<SubscriberRow>, StoreError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT id, address, status, since FROM subscriber ORDER BY id")?;
        let rows = statement.query_map([], to_row)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The subscriber to whom this leave token was given.
    pub fn subscriber_by_token(&self, token: &str) -> Result<Option<SubscriberRow>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT id, address, status, since FROM subscriber WHERE leave_token = ?1",
            )?
            .query_row([token], to_row)
            .optional()?)
    }

    /// Whether mail still goes to this subscriber: asked once more right before each message.
    pub fn is_still_subscribed(&self, id: i64) -> Result<bool, StoreError> {
        Ok(self
            .connection
            .prepare_cached("SELECT 1 FROM subscriber WHERE id = ?1 AND status = 'active'")?
            .exists([id])?)
    }
}

/// A subscriber from the columns id, address, leave token.
pub(super) fn to_subscriber(row: &Row<'_>) -> rusqlite::Result<Subscriber> {
    Ok(Subscriber {
        id: row.get(0)?,
        address: to_address(1, &row.get::<_, String>(1)?)?,
        leave_token: Secret::new(row.get::<_, String>(2)?),
    })
}

fn add(
    transaction: &Transaction<'_>,
    address: &EmailAddress,
    consent: &Consent,
) -> Result<Added, StoreError> {
    let known = transaction
        .prepare_cached("SELECT id, status FROM subscriber WHERE address_key = ?1")?
        .query_row([key_of(address)], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                to_status(1, &row.get::<_, String>(1)?)?,
            ))
        })
        .optional()?;
    let at = from_timestamp(consent.at);
    let added = match known {
        Some((id, SubscriberStatus::Active)) => return Ok(Added::Already(id)),
        Some((_, SubscriberStatus::Suppressed)) => return Ok(Added::Suppressed),
        // the same list may be imported every day
        Some((_, SubscriberStatus::Left)) if consent.source == ConsentSource::Import => {
            return Ok(Added::StaysAway);
        }
        Some((id, status)) => {
            // the token stays: the links in older mails still let them leave
            transaction
                .prepare_cached(
                    "UPDATE subscriber SET status = 'active', address = ?2, since = ?3, left_at = NULL WHERE id = ?1",
                )?
                .execute(params![id, address.as_str(), at])?;
            match status {
                SubscriberStatus::Left => Added::Back(id),
                _ => Added::New(id),
            }
        }
        None => {
            transaction
                .prepare_cached(
                    "INSERT INTO subscriber (address, address_key, status, leave_token, since)
                     VALUES (?1, ?2, 'active', ?3, ?4)",
                )?
                .execute(params![address.as_str(), key_of(address), new_token()?, at])?;
            Added::New(transaction.last_insert_rowid())
        }
    };
    if let Added::New(id) | Added::Back(id) = added {
        transaction
            .prepare_cached("INSERT INTO consent (subscriber, at, source) VALUES (?1, ?2, ?3)")?
            .execute(params![id, at, consent.source.as_str()])?;
    }
    Ok(added)
}

/// What makes two spellings one address: servers tell upper from lower case in theory, people never do.
fn key_of(address: &EmailAddress) -> String {
    address.as_str().to_lowercase()
}

fn new_token() -> Result<String, StoreError> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(StoreError::Random)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn to_row(row: &Row<'_>) -> rusqlite::Result<SubscriberRow> {
    Ok(SubscriberRow {
        id: row.get(0)?,
        address: to_address(1, &row.get::<_, String>(1)?)?,
        status: to_status(2, &row.get::<_, String>(2)?)?,
        since: to_timestamp(3, row.get(3)?)?,
    })
}

fn to_address(column: usize, text: &str) -> rusqlite::Result<EmailAddress> {
    EmailAddress::parse(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into())
    })
}

fn to_status(column: usize, word: &str) -> rusqlite::Result<SubscriberStatus> {
    SubscriberStatus::ALL
        .into_iter()
        .find(|status| status.as_str() == word)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(column, "status".to_owned(), Type::Text))
}
