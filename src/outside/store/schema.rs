//! The tables, and how a store of an older program becomes one of this program.

use std::path::Path;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection;
use rusqlite::ErrorCode;
use rusqlite::TransactionBehavior;

use crate::outside::store::StoreError;
use crate::outside::store::columns::from_size;
use crate::outside::store::columns::to_size;

/// Each step from one version of the tables to the next. A step that was released is never edited: add another.
const MIGRATIONS: &[&str] = &[
    include_str!("schema/0001_ground.sql"),
    include_str!("schema/0002_shown.sql"),
    include_str!("schema/0003_sending.sql"),
    include_str!("schema/0004_told.sql"),
    include_str!("schema/0005_recognition.sql"),
    include_str!("schema/0006_replay.sql"),
    include_str!("schema/0007_resting.sql"),
    include_str!("schema/0008_left_alone.sql"),
    include_str!("schema/0009_heard.sql"),
    include_str!("schema/0010_found_at_once.sql"),
];

/// `PRAGMA application_id` of our files: the letters "take".
const APPLICATION_ID: i64 = 0x7461_6b65;

/// The version of the tables that this program writes.
const KNOWN: usize = MIGRATIONS.len();

/// Refuses a file that is not ours, or that a newer program wrote, before anything in it is changed.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    // one view of the file: another program may be creating the tables at this moment
    let view = connection.unchecked_transaction()?;
    check_view(&view, path)
}

fn check_view(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let foreign = || StoreError::Foreign {
        path: path.to_owned(),
    };
    let number = |name: &str| match connection
        .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
    {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => Err(foreign()),
        other => other.map_err(StoreError::from),
    };
    let application = number("application_id")?;
    // a negative version is nobody's of ours
    let found = usize::try_from(number("user_version")?).map_err(|_| foreign())?;
    if application == APPLICATION_ID {
        if found > KNOWN {
            return Err(StoreError::Newer {
                path: path.to_owned(),
                found,
                known: KNOWN,
            });
        }
        return Ok(());
    }
    let empty = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| {
        row.get::<_, i64>(0)
    })? == 0;
    if empty && application == 0 && found == 0 {
        Ok(())
    } else {
        Err(foreign())
    }
}

/// Turns on write-ahead logging, so that readers and the one writer do not wait for each other. SQLite does not wait by
/// itself while another program is doing the same to a new file.
pub(super) fn use_write_ahead_log(
    connection: &Connection,
    patience: Duration,
) -> Result<(), StoreError> {
    let started = Instant::now();
    loop {
        let answer = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match answer {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && started.elapsed() < patience =>
            {
                thread::sleep(Duration::from_millis(10));
            }
            // a store in memory answers "memory": it has no log and needs none
            other => return other.map(drop).map_err(StoreError::from),
        }
    }
}

/// Whether the tables are those of this program.
pub(super) fn is_current(connection: &Connection) -> Result<bool, StoreError> {
    Ok(version(connection)? == KNOWN)
}

fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| to_size(0, row.get(0)?))
}

/// Brings the tables up to date, all steps in one transaction.
pub(super) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    if is_current(connection)? {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // once more under the lock: another program may have done it in between
    check_view(&transaction, path)?;
    let found = version(&transaction)?;
    for step in &MIGRATIONS[found..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", from_size(KNOWN))?;
    transaction.commit()?;
    Ok(())
}
