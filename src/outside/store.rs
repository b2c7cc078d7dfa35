//! What we remember: one SQLite file, created and migrated by the program.
//!
//! Calls are short and synchronous; asynchronous code makes them on a thread that may block. Two programs may use one file
//! at a time (a run and the leave page do); two *runs* are kept apart by [`RunLock`].

use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;
use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::backup::Backup;
use rusqlite::backup::StepResult;
use rusqlite::config::DbConfig;

pub use crate::outside::store::audit::Audit;
pub use crate::outside::store::audit::Fault;
pub use crate::outside::store::carry::Carried;
pub use crate::outside::store::carry::CarryError;
pub use crate::outside::store::deliveries::Attempt;
pub use crate::outside::store::deliveries::DeliveryPage;
pub use crate::outside::store::deliveries::DeliveryRow;
pub use crate::outside::store::deliveries::Due;
pub use crate::outside::store::deliveries::DueWalk;
pub use crate::outside::store::deliveries::Outcome;
pub use crate::outside::store::deliveries::Round;
pub use crate::outside::store::gathered::FeedMemory;
pub use crate::outside::store::gathered::Harvest;
pub use crate::outside::store::gathered::HarvestedEntry;
pub use crate::outside::store::gathered::KNOWN_ENTRIES_MAX;
pub use crate::outside::store::gathered::ReadBy;
pub use crate::outside::store::gathered::Reading;
pub use crate::outside::store::gathered::Rest;
pub use crate::outside::store::gathered::TRIES_MAX;
pub use crate::outside::store::heard::HEARING_TRIES_MAX;
pub use crate::outside::store::heard::Hearing;
pub use crate::outside::store::prune::Pruned;
pub use crate::outside::store::readings::PastReading;
pub use crate::outside::store::records::EditionRecord;
pub use crate::outside::store::records::KeptWords;
pub use crate::outside::store::records::WordsOrigin;
pub use crate::outside::store::run_lock::RunLock;
pub use crate::outside::store::search::Hit;
pub use crate::outside::store::spans::Span;
pub use crate::outside::store::stats::Stats;
pub use crate::outside::store::stats::TableSize;
pub use crate::outside::store::subscribers::Added;
pub use crate::outside::store::subscribers::Consent;
pub use crate::outside::store::subscribers::ConsentSource;
pub use crate::outside::store::subscribers::SubscriberRow;
pub use crate::outside::store::subscribers::SubscriberStatus;
pub use crate::outside::store::told::HandedIn;
pub use crate::outside::store::told::Memorised;

mod columns;

mod schema;

mod gathered;

mod left_alone;

mod heard;

mod editions;

mod told;

mod deliveries;

mod audit;

mod subscribers;

mod run_lock;

mod readings;

mod records;

mod spans;

mod prune;

mod search;

mod stats;

mod carry;

pub mod state;

/// How long a call waits for another program that is writing: writes are short, so more than this is a fault.
const BUSY_PATIENCE: Duration = Duration::from_secs(10);

/// The open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
}

impl Store {
    /// Opens the store at `path`, creating the file (readable by its owner only) and bringing its tables up to date.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let cannot_open = |cause: String| StoreError::Open {
            path: path.to_owned(),
            cause,
        };
        create_private(path).map_err(|error| cannot_open(error.to_string()))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)
            .map_err(|error| cannot_open(error.to_string()))?;
        Self::prepared(connection, path)
    }

    /// A copy of the store in memory for dry runs and previews, empty where there is no file. What happens to it is
    /// forgotten; the file is neither created nor changed.
    pub fn throw_away(path: &Path) -> Result<Self, StoreError> {
        let mut copy = Connection::open_in_memory()?;
        if path.exists() {
            let cannot_open = |cause: String| StoreError::Open {
                path: path.to_owned(),
                cause,
            };
            let original = open_untouched(path).map_err(|error| cannot_open(error.to_string()))?;
            original.busy_timeout(BUSY_PATIENCE)?;
            schema::check(&original, path)?;
            // all pages in one step: one moment of the store
            if Backup::new(&original, &mut copy)?.step(-1)? != StepResult::Done {
                return Err(cannot_open("another program is changing it".to_owned()));
            }
        }
        Self::prepared(copy, path)
    }

    /// The store at one moment, to be read only: no row of it can be changed through this, however large it is nothing is
    /// copied, and what others write meanwhile does not show. A store of an older program is brought up to date in a copy in
    /// memory; where there is no file, it is empty.
    pub fn look_at(path: &Path) -> Result<Self, StoreError> {
        if !path.exists() {
            return Self::throw_away(path);
        }
        let connection = open_untouched(path).map_err(|error| StoreError::Open {
            path: path.to_owned(),
            cause: error.to_string(),
        })?;
        connection.busy_timeout(BUSY_PATIENCE)?;
        schema::check(&connection, path)?;
        if !schema::is_current(&connection)? {
            drop(connection);
            return Self::throw_away(path);
        }
        connection.set_prepared_statement_cache_capacity(64);
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        // never committed: all that is read is of one moment
        connection.execute_batch("BEGIN")?;
        Ok(Self { connection })
    }

    /// An empty store for the length of one command: a temporary file of SQLite's own, which goes when it is closed.
    pub fn temporary() -> Result<Self, StoreError> {
        Self::prepared(Connection::open("")?, Path::new("temporary store"))
    }

    fn prepared(mut connection: Connection, path: &Path) -> Result<Self, StoreError> {
        connection.busy_timeout(BUSY_PATIENCE)?;
        connection.set_prepared_statement_cache_capacity(64); // more than there are statements
        // else a statement that a partial index might serve is planned anew each time its parameters are set
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        schema::check(&connection, path)?;
        schema::use_write_ahead_log(&connection, BUSY_PATIENCE)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // a row that is replaced is taken out of the search, too
        connection.pragma_update(None, "recursive_triggers", true)?;
        // addresses must not end up in temporary files elsewhere on the disk
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        schema::migrate(&mut connection, path)?;
        let store = Self { connection };
        store.survive(Loss::OfPower)?;
        Ok(store)
    }

    /// What a commit survives from here on. A new store survives the loss of power; whatever was committed before that was
    /// asked for is on the disk with the next commit.
    pub fn survive(&self, loss: Loss) -> Result<(), StoreError> {
        // pages of 4 KiB after which the log is copied into the store, which waits for the disk
        let (synchronous, checkpoint) = match loss {
            Loss::OfPower => ("FULL", 1_000),
            Loss::OfTheProgram => ("NORMAL", 8_000),
        };
        self.connection
            .pragma_update(None, "synchronous", synchronous)?;
        self.connection
            .pragma_update(None, "wal_autocheckpoint", checkpoint)?;
        Ok(())
    }
}

/// What may come to pass right after a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The power fails. Each commit waits for the disk. The row "attempting" must be there before the first octet of a message
    /// leaves, else a crash could send that message twice unseen.
    OfPower,
    /// The program dies, or is killed. If the power fails, the newest commits may be missing, in whole: enough for what is
    /// read again the next time, and a thousand times as quick.
    OfTheProgram,
}

/// Why the store could not be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or created.
    #[error("{}: the store cannot be opened: {cause}; check that its folder exists and may be written", path.display())]
    Open {
        /// Path of the store.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The file belongs to another program.
    #[error("{}: this is not a store of takefive; name another file", path.display())]
    Foreign {
        /// Path of the file.
        path: PathBuf,
    },
    /// The file was written by a newer version of the program.
    #[error(
        "{}: the store was written by a newer takefive (its tables are version {found}, this program knows {known}); \
         install the newer program", path.display()
    )]
    Newer {
        /// Path of the store.
        path: PathBuf,
        /// Version of its tables.
        found: usize,
        /// The newest version that this program knows.
        known: usize,
    },
    /// Another run is at work.
    #[error("another run is at work on this store (it holds {}); wait until it has ended", lock_file.display())]
    Locked {
        /// Path of the lock file.
        lock_file: PathBuf,
    },
    /// The lock file cannot be used.
    #[error("{}: the lock of the store cannot be used: {cause}", lock_file.display())]
    LockFile {
        /// Path of the lock file.
        lock_file: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// There is another edition of that day, or with that number.
    #[error("the edition of {date} is saved already and cannot be changed")]
    EditionExists {
        /// Day of the edition.
        date: Date,
    },
    /// An edition cites what the store does not hold.
    #[error("the edition of {date} cites document {sha256}, which the store does not hold")]
    NoSuchDocument {
        /// Day of the edition.
        date: Date,
        /// The document it cites.
        sha256: String,
    },
    /// A quote is not what stands in its document.
    #[error(
        "\"{headline}\" of {date} does not stand in its document where its receipt says, so it must not be sent; \
         please report this with the address of the source"
    )]
    NotVerbatim {
        /// Day of the edition.
        date: Date,
        /// Headline of the insight.
        headline: String,
    },
    /// The delivery is not in a state from which this step can be taken; another program may have taken it.
    #[error(
        "the delivery of {date} to subscriber {subscriber} cannot be {step}: its row says otherwise"
    )]
    OutOfStep {
        /// Day of the edition.
        date: Date,
        /// Number of the subscriber.
        subscriber: i64,
        /// The step that was refused.
        step: &'static str,
    },
    /// A row does not hold what the program wrote.
    #[error("the store is damaged: {what}; restore a copy")]
    Damaged {
        /// Which row.
        what: String,
    },
    /// No randomness for a token.
    #[error("the system gives no random numbers: {0}")]
    Random(getrandom::Error),
    /// SQLite failed.
    #[error("the store cannot be read or written: {0}")]
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// Makes the file, if it is not there.
fn create_private(path: &Path) -> io::Result<()> {
    match new_private_file(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}

/// Makes a file that only its owner can read, for it will hold addresses.
fn new_private_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(drop)
}

/// Opens the file for reading and leaves everything as it was when it is closed again.
fn open_untouched(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // a read-only connection would leave an empty log beside the file; SQLite falls back to one where it must
    let connection = Connection::open_with_flags(path, flags)?;
    if beside(path, "-wal").exists() {
        // the log may hold what a crash left behind: closing must not write it into the file
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    }
    Ok(connection)
}

/// The path with something added to the file's name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
