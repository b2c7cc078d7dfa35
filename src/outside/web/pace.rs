//! No host answers more than a few of our requests at the same time.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use url::Url;

/// So many hosts are remembered before those at which nobody waits are forgotten: several times as many as are asked at
/// the same time, and some 30 KiB, however many sources there are.
const IDLE_HOSTS_MAX: usize = 256;

/// Hands out turns, so many per host (name and port) at a time, in the order in which they were asked for.
#[derive(Debug)]
pub(super) struct Pace {
    per_host: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// The right to one request; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Pace {
    /// A pace of `per_host` requests at a time, at least one.
    pub(super) fn new(per_host: usize) -> Self {
        Self {
            per_host: per_host.max(1),
            hosts: Mutex::default(),
        }
    }

    /// Waits for a turn at the host of `url`.
    pub(super) async fn turn(&self, url: &Url) -> Turn {
        let permit = self.queue(url).acquire_owned().await;
        Turn {
            _permit: permit.expect("these semaphores are never closed"),
        }
    }

    fn queue(&self, url: &Url) -> Arc<Semaphore> {
        let port = url.port_or_known_default().unwrap_or(0);
        let host = format!("{}:{port}", url.host_str().unwrap_or_default());
        // a panic elsewhere cannot leave this map half-written
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= IDLE_HOSTS_MAX && !hosts.contains_key(&host) {
            // a queue that someone holds or waits in is referred to from there
            hosts.retain(|_, queue| Arc::strong_count(queue) > 1);
        }
        let queue = hosts
            .entry(host)
            .or_insert_with(|| Arc::new(Semaphore::new(self.per_host)));
        Arc::clone(queue)
    }
}
