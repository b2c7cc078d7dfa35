//! The store between two runs on machines that forget: packed into one encrypted file, and unpacked again.
//!
//! The file is in the age format (age-encryption.org/v1) for one X25519 key, so that other tools can open it too. The store
//! holds readers' addresses and other people's text: it never leaves the machine in any other form.

use std::fs;
use std::fs::File;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use age::DecryptError;
use age::Decryptor;
use age::Encryptor;
use age::secrecy::ExposeSecret as _;
use age::x25519::Identity;
use jiff::civil::Date;
use rusqlite::Connection;

use crate::model::Secret;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::beside;
use crate::outside::store::columns::from_date;
use crate::outside::store::deliveries::ENROL;
use crate::outside::store::new_private_file;
use crate::outside::store::schema;

/// Bytes compared at a time.
const BUFFER_BYTES: usize = 64 << 10;

/// Makes a key: the secret for `TAKEFIVE_STATE_KEY`, and the public part (`age1…`) by which people tell keys apart.
pub fn new_key() -> (Secret, String) {
    let identity = Identity::generate();
    let secret = Secret::new(identity.to_string().expose_secret());
    (secret, identity.to_public().to_string())
}

/// Writes an encrypted copy of the store, as it is at one moment, to `out`; an older file there is replaced in one step.
pub fn pack(store: &Path, out: &Path, key: &Secret, moment: Moment) -> Result<(), StateError> {
    let identity = identity_of(key)?;
    if !store.exists() {
        return Err(StateError::NoStore {
            path: store.to_owned(),
        });
    }
    // the clear copy stands beside the store, which is as private; it is removed however this ends
    let clear = Temporary::new(beside(store, ".packing"))?;
    copy_store(store, &clear.path)?;
    if let Moment::AboutToSend { oldest, date } = moment {
        mark_as_sending(&clear.path, oldest, date).map_err(StoreError::from)?;
    }
    let packed = Temporary::new(beside(out, ".part"))?;
    encrypt(&clear, &packed, &identity)?;
    packed.become_file(out)
}

/// Decrypts a packed store to where there is none yet. Where exactly this store stands already, nothing happens; any other
/// is left alone and told as [`StateError::StoreExists`].
pub fn unpack(from: &Path, store: &Path, key: &Secret) -> Result<(), StateError> {
    let identity = identity_of(key)?;
    if !from.exists() {
        return Err(StateError::NoPackedFile {
            path: from.to_owned(),
        });
    }
    let clear = Temporary::new(beside(store, ".unpacking"))?;
    decrypt(from, &clear, &identity)?;
    check_store(&clear.path, from)?;
    if store.exists() || beside(store, "-wal").exists() {
        return if same_bytes(store, &clear.path)? {
            Ok(())
        } else {
            Err(StateError::StoreExists {
                path: store.to_owned(),
            })
        };
    }
    clear.become_file(store)
}

/// At which moment of a run the store is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Nothing is under way.
    AtRest,
    /// The edition of that day is chosen and its mails go out next. In the copy each of them is written as attempting: if
    /// this machine dies while it sends, the next one starts from the copy, finds their fate unknown and settles it by
    /// `[mail] on_unknown`, where otherwise it would send all of them again without knowing.
    AboutToSend {
        /// Day of the oldest edition of which something may still be sent.
        oldest: Date,
        /// Day of the edition.
        date: Date,
    },
}

/// Why a store could not be packed or unpacked. No text of it shows the key.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// There is no key.
    #[error("no key: set TAKEFIVE_STATE_KEY to a secret age key (AGE-SECRET-KEY-1…)")]
    NoKey,
    /// What was given is not a key.
    #[error(
        "the key is not a secret age key: TAKEFIVE_STATE_KEY must hold the whole line that begins with AGE-SECRET-KEY-1"
    )]
    NotAKey,
    /// The file was packed with another key.
    #[error("{}: packed with another key; TAKEFIVE_STATE_KEY must be the one it was packed with", path.display())]
    WrongKey {
        /// The packed file.
        path: PathBuf,
    },
    /// There is nothing to unpack.
    #[error("{}: there is no such packed file; before the first `takefive state pack` there is nothing to unpack", path.display())]
    NoPackedFile {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is not what `pack` writes, or not all of it.
    #[error("{}: not a packed store, or a damaged one ({cause}); take an earlier one", path.display())]
    NotPacked {
        /// The packed file.
        path: PathBuf,
        /// What was wrong.
        cause: String,
    },
    /// There is nothing to pack.
    #[error("{}: there is no store to pack", path.display())]
    NoStore {
        /// Path of the store.
        path: PathBuf,
    },
    /// There is a store already, and it is another.
    #[error("{}: another store is there already; move it away (with what stands beside it) before unpacking", path.display())]
    StoreExists {
        /// Path of the store.
        path: PathBuf,
    },
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// The store itself cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A private file that is removed, with what SQLite may have put beside it, unless it became the real one.
struct Temporary {
    path: PathBuf,
}

impl Temporary {
    fn new(path: PathBuf) -> Result<Self, StateError> {
        // one that a killed program left behind holds plain addresses: it goes first
        let temporary = Self { path };
        temporary.remove();
        new_private_file(&temporary.path).map_err(at(&temporary.path))?;
        Ok(temporary)
    }

    fn become_file(self, target: &Path) -> Result<(), StateError> {
        fs::rename(&self.path, target).map_err(at(target))?;
        #[cfg(unix)]
        {
            // the new name must be on the disk as well as the bytes
            let folder = match target.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder,
                _ => Path::new("."),
            };
            File::open(folder)
                .and_then(|folder| folder.sync_all())
                .map_err(at(folder))?;
        }
        Ok(())
    }

    fn remove(&self) {
        for suffix in ["", "-journal", "-wal", "-shm"] {
            // most of them are not there; the one that is and cannot be removed is told by whoever creates it next
            let _ = fs::remove_file(beside(&self.path, suffix));
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.remove();
    }
}

/// The key in the text: the whole of it, or its line in a file that age-keygen wrote.
fn identity_of(key: &Secret) -> Result<Identity, StateError> {
    let text = key.reveal().trim();
    if text.is_empty() {
        return Err(StateError::NoKey);
    }
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && !line.starts_with('#'))
        .and_then(|line| line.parse().ok())
        .ok_or(StateError::NotAKey)
}

/// One moment of the store, also while others use it.
fn copy_store(store: &Path, copy: &Path) -> Result<(), StateError> {
    let name = copy.to_str().ok_or_else(|| StateError::File {
        path: copy.to_owned(),
        cause: io::Error::new(io::ErrorKind::InvalidInput, "the path is not UTF-8"),
    })?;
    let store = Store::open(store)?;
    store
        .connection
        .execute("VACUUM INTO ?1", [name])
        .map_err(StoreError::from)?;
    Ok(())
}

/// Writes all that a run is about to send as attempting. Whoever has no row yet gets one, since this run would make it.
fn mark_as_sending(copy: &Path, oldest: Date, date: Date) -> rusqlite::Result<()> {
    let connection = Connection::open(copy)?;
    connection.pragma_update(None, "journal_mode", "MEMORY")?; // a copy needs no log on the disk
    connection.pragma_update(None, "foreign_keys", true)?;
    let (oldest, date) = (from_date(oldest), from_date(date));
    let chosen = connection
        .prepare("SELECT 1 FROM edition WHERE date = ?1")?
        .exists([&date])?;
    if chosen {
        connection.execute(ENROL, [&date])?;
    }
    connection.execute(
        "UPDATE delivery SET state = 'attempting', attempts = attempts + 1
         WHERE date BETWEEN ?1 AND ?2 AND state IN ('waiting', 'deferred', 'unknown')
           AND subscriber IN (SELECT id FROM subscriber WHERE status = 'active')",
        [&oldest, &date],
    )?;
    connection.close().map_err(|(_, error)| error)
}

fn encrypt(clear: &Temporary, packed: &Temporary, identity: &Identity) -> Result<(), StateError> {
    let mut input = File::open(&clear.path).map_err(at(&clear.path))?;
    let output = open_to_write(&packed.path)?;
    let recipient = identity.to_public();
    let encryptor = Encryptor::with_recipients(std::iter::once(&recipient as _))
        .expect("one X25519 recipient is a valid set of recipients");
    let written = encryptor.wrap_output(output).and_then(|mut writer| {
        io::copy(&mut input, &mut writer)?;
        writer.finish()?.sync_all()
    });
    written.map_err(at(&packed.path))
}

fn decrypt(from: &Path, clear: &Temporary, identity: &Identity) -> Result<(), StateError> {
    let not_packed = |cause: &dyn std::fmt::Display| StateError::NotPacked {
        path: from.to_owned(),
        cause: cause.to_string(),
    };
    let input = BufReader::new(File::open(from).map_err(at(from))?);
    let mut reader = Decryptor::new_buffered(input)
        .and_then(|decryptor| decryptor.decrypt(std::iter::once(identity as _)))
        .map_err(|error| match error {
            DecryptError::NoMatchingKeys => StateError::WrongKey {
                path: from.to_owned(),
            },
            other => not_packed(&other),
        })?;
    let mut output = open_to_write(&clear.path)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        // a fault on this side is the packed file's, on the other side the disk's
        let count = reader
            .read(&mut buffer)
            .map_err(|error| not_packed(&error))?;
        if count == 0 {
            break;
        }
        io::Write::write_all(&mut output, &buffer[..count]).map_err(at(&clear.path))?;
    }
    output.sync_all().map_err(at(&clear.path))
}

/// Refuses what is no store, or a newer program's, before it is put in place.
fn check_store(clear: &Path, from: &Path) -> Result<(), StateError> {
    let empty = fs::metadata(clear).map_err(at(clear))?.len() == 0;
    if empty {
        return Err(StateError::NotPacked {
            path: from.to_owned(),
            cause: "it is empty".to_owned(),
        });
    }
    let connection = Connection::open(clear).map_err(StoreError::from)?;
    schema::check(&connection, from)?;
    Ok(())
}

fn same_bytes(one: &Path, other: &Path) -> Result<bool, StateError> {
    if !one.exists() || beside(one, "-wal").exists() {
        return Ok(false); // what the log holds belongs to the store
    }
    let length = |path: &Path| fs::metadata(path).map(|file| file.len()).map_err(at(path));
    if length(one)? != length(other)? {
        return Ok(false);
    }
    let open = |path: &Path| File::open(path).map(BufReader::new).map_err(at(path));
    let (mut one_bytes, mut other_bytes) = (open(one)?.bytes(), open(other)?.bytes());
    loop {
        let next = (
            one_bytes.next().transpose().map_err(at(one))?,
            other_bytes.next().transpose().map_err(at(other))?,
        );
        match next {
            (None, None) => return Ok(true),
            (a, b) if a != b => return Ok(false),
            _ => {}
        }
    }
}

fn open_to_write(path: &Path) -> Result<File, StateError> {
    File::options().write(true).open(path).map_err(at(path))
}

fn at(path: &Path) -> impl Fn(io::Error) -> StateError {
    let path = path.to_owned();
    move |cause| StateError::File {
        path: path.clone(),
        cause,
    }
}
