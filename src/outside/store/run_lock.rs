//! One run at a time on one store.

use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::path::Path;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use crate::outside::store::StoreError;
use crate::outside::store::beside;

/// How long to wait between two looks at the lock.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Proof that no other run works on this store. The operating system lets go of it when the program ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl RunLock {
    /// Takes the lock of the store at `path` (a file `<store>.lock` beside it), waiting at most `patience` for another run
    /// to end; then it is [`StoreError::Locked`]. Blocks the thread meanwhile.
    pub fn take(path: &Path, patience: Duration) -> Result<Self, StoreError> {
        let lock_file = beside(path, ".lock");
        let cannot_use = |cause| StoreError::LockFile {
            lock_file: lock_file.clone(),
            cause,
        };
        // the file stays behind: were it removed, two runs could hold locks on two files of one name
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_file)
            .map_err(cannot_use)?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::Error(cause)) => return Err(cannot_use(cause)),
                Err(TryLockError::WouldBlock) => {}
            }
            let left = patience.saturating_sub(started.elapsed());
            if left.is_zero() {
                return Err(StoreError::Locked { lock_file });
            }
            thread::sleep(left.min(LOOK_AGAIN));
        }
    }
}
