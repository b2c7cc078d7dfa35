//! No host answers more than a few of our requests at the same time, nor one right after the other.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio::time::sleep_until;
use url::Url;

/// So many hosts are remembered before those at which nobody waits are forgotten: several times as many as are asked at
/// the same time, and some 30 KiB, however many sources there are.
const IDLE_HOSTS_MAX: usize = 256;

/// Hands out turns, so many per host (name and port) at a time, in the order in which they were asked for.
#[derive(Debug)]
pub(super) struct Pace {
    per_host: usize,
    gap: Duration,
    hosts: Mutex<HashMap<String, Arc<Queue>>>,
}

/// Who waits at one host.
#[derive(Debug)]
struct Queue {
    turns: Arc<Semaphore>,
    /// Before this nobody begins.
    next: Mutex<Instant>,
}

/// The right to one request; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Pace {
    /// A pace of `per_host` requests at a time, at least one, which begin `gap` apart.
    pub(super) fn new(per_host: usize, gap: Duration) -> Self {
        Self {
            per_host: per_host.max(1),
            gap,
            hosts: Mutex::default(),
        }
    }

    /// Waits for a turn at the host of `url`.
    pub(super) async fn turn(&self, url: &Url) -> Turn {
        let queue = self.queue(url);
        let permit = Arc::clone(&queue.turns).acquire_owned().await;
        let turn = Turn {
            _permit: permit.expect("these semaphores are never closed"),
        };
        if !self.gap.is_zero() {
            sleep_until(queue.begin(self.gap)).await;
        }
        turn
    }

    fn queue(&self, url: &Url) -> Arc<Queue> {
        let port = url.port_or_known_default().unwrap_or(0);
        let host = format!("{}:{port}", url.host_str().unwrap_or_default());
        // a panic elsewhere cannot leave this map half-written
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= IDLE_HOSTS_MAX && !hosts.contains_key(&host) {
            // a queue that someone waits in is referred to from there, one that someone holds a turn of has fewer of them,
            // and one that somebody was in just now still has to keep the next one waiting
            let now = Instant::now();
            hosts.retain(|_, queue| {
                Arc::strong_count(queue) > 1
                    || queue.turns.available_permits() < self.per_host
                    || queue.next() > now
            });
        }
        let queue = hosts.entry(host).or_insert_with(|| {
            Arc::new(Queue {
                turns: Arc::new(Semaphore::new(self.per_host)),
                next: Mutex::new(Instant::now()),
            })
        });
        Arc::clone(queue)
    }
}

impl Queue {
    /// The moment at which the next request may begin; the one after it begins `gap` later.
    fn begin(&self, gap: Duration) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let begin = (*next).max(Instant::now());
        *next = begin + gap;
        begin
    }

    fn next(&self) -> Instant {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
