//! Memory for bodies: all that are being read, or wait to be parsed, share so much of it.
//!
//! Without it, each of the sources in flight could hold a whole body while the processors are busy with others.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// The room that there is.
pub(super) struct Room {
    /// Kibibytes.
    free: Arc<Semaphore>,
    /// Kibibytes that one body waits for at most; a larger one takes more than it waited for.
    waited_for_max: u32,
    patience: Duration,
}

/// A place in the room, until it is dropped.
pub(super) struct Place {
    held: Option<OwnedSemaphorePermit>,
}

/// A whole body, with the place that it takes.
pub struct Body {
    bytes: Vec<u8>,
    _place: Place,
}

impl Room {
    /// Room for so many bytes, shared by four at least, for which a body waits so long at most.
    pub(super) fn new(bytes: usize, patience: Duration) -> Self {
        let all = kibibytes(bytes);
        Self {
            free: Arc::new(Semaphore::new(all as usize)),
            waited_for_max: (all / 4).max(1),
            patience,
        }
    }

    /// Waits for a place for a body that will likely take so many bytes.
    pub(super) async fn place(&self, likely: usize) -> Place {
        let waited_for = kibibytes(likely).clamp(1, self.waited_for_max);
        let held = Arc::clone(&self.free).acquire_many_owned(waited_for);
        Place {
            held: timeout(self.patience, held).await.ok().and_then(Result::ok),
        }
    }
}

impl Place {
    /// The body that the place was for. What it does not need of it is free again.
    pub(super) fn hold(mut self, bytes: Vec<u8>) -> Body {
        if let Some(held) = &mut self.held {
            let needed = kibibytes(bytes.len()).max(1) as usize;
            drop(held.split(held.num_permits().saturating_sub(needed)));
        }
        Body {
            bytes,
            _place: self,
        }
    }
}

fn kibibytes(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(1 << 10)).unwrap_or(u32::MAX)
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl PartialEq for Body {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Body {}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}
