//! What the door allows an answer to cost, each limit with its reason.

use std::time::Duration;

use crate::settings::FetchSettings;

/// Longest time to a connection, name look-up and TLS included: across an ocean it takes under a second.
const CONNECT: Duration = Duration::from_secs(10);

/// Longest time to the head of the answer, connecting included: feeds that are made on request take some seconds.
const FIRST_BYTE: Duration = Duration::from_secs(20);

/// Longest silence between two pieces of a body: a server that sends at all sends each second.
const STALL: Duration = Duration::from_secs(15);

/// Longest time for one address with its redirects and its second try, waiting for a turn aside: nobody holds up the run.
const REQUEST: Duration = Duration::from_mins(1);

/// Most redirects in a row: http to https, with www, to a feed host and its mirror make four.
const REDIRECTS: usize = 8;

/// Most requests that one host answers for us at the same time: what a browser of old used.
const PER_HOST: usize = 2;

/// Shortest time between the beginnings of two requests to one host: four a second are noticed by no server.
const GAP: Duration = Duration::from_millis(250);

/// Shortest pause before a second try: a server that restarts needs about as long.
const BACK_OFF: Duration = Duration::from_millis(500);

/// Longest `Retry-After` that is waited for within a run; a longer one is left to the next run.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Bytes of all bodies together that are being read or wait to be parsed: twenty feeds as most are, which keep a dozen
/// processors busy.
const BODIES: usize = 4 << 20;

/// How long a body waits for its share of them. After that it is read all the same: sites that hold what they were given and
/// send nothing must not keep the others from being read.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a connection is kept that nobody uses: the next page of an entry is asked for at once or not at all, and each
/// open connection costs a file handle and, with TLS, some 40 KiB.
const IDLE: Duration = Duration::from_secs(2);

/// The limits of one [`Web`](crate::outside::web::Web). The size of an answer is limited by each request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Longest time to a connection, name look-up and TLS included.
    pub connect: Duration,
    /// Longest time to the head of the answer, connecting included.
    pub first_byte: Duration,
    /// Longest silence between two pieces of a body.
    pub stall: Duration,
    /// Longest time for one address with its redirects and its second try, waiting for a turn aside.
    pub request: Duration,
    /// Most redirects in a row.
    pub redirects: usize,
    /// Most requests that one host (name and port) answers for us at the same time.
    pub per_host: usize,
    /// Shortest time between the beginnings of two requests to one host.
    pub gap: Duration,
    /// Shortest pause before a second try; up to as much again is added by chance.
    pub back_off: Duration,
    /// Longest `Retry-After` that is waited for within a run.
    pub retry_after: Duration,
    /// Bytes of all bodies together that are being read or held.
    pub bodies: usize,
    /// How long a body waits for its share of them before it is read all the same.
    pub patience: Duration,
    /// How long a connection is kept that nobody uses.
    pub idle: Duration,
}

impl Limits {
    /// The limits of everyday, with what the operator decided.
    pub(super) fn of(settings: &FetchSettings) -> Self {
        Self {
            per_host: settings.per_host,
            gap: settings.gap,
            ..Self::default()
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: CONNECT,
            first_byte: FIRST_BYTE,
            stall: STALL,
            request: REQUEST,
            redirects: REDIRECTS,
            per_host: PER_HOST,
            gap: GAP,
            back_off: BACK_OFF,
            retry_after: RETRY_AFTER,
            bodies: BODIES,
            patience: PATIENCE,
            idle: IDLE,
        }
    }
}
