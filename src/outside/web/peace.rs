//! Sites that asked to be left alone: none of their pages and files is asked for before then.
//!
//! A feed has a memory of its own, by its address, since many shows share one host: what one feed is told does not stop the
//! others. Pages and files are what a site's owner thinks of as one load, so of them a site (scheme, host, port) speaks as a
//! whole.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use url::Url;

use crate::outside::web::error::WebError;

/// Time limits in a row that a site's pages and files may run into before it gets none of the others in this run. Each takes
/// up to a minute, and an archive has fifty.
const SILENCES_MAX: usize = 3;

/// Who is left alone, and until when.
#[derive(Debug, Default)]
pub(super) struct Peace(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// A moment on the monotonic clock, and the time on the wall at it. None before anybody told the time.
    clock: Option<(Instant, Timestamp)>,
    /// By scheme, host and port.
    sites: BTreeMap<String, Wish>,
    /// How many requests in a row a site has not answered in time.
    silences: BTreeMap<String, usize>,
}

/// What a site wishes.
#[derive(Debug, Clone, Copy)]
struct Wish {
    until: Timestamp,
    /// It sent this run away, which does not come again; else the wish ends when its time is over.
    sent_away: bool,
    /// The next run does not know of it yet.
    new: bool,
}

/// How a site stands to being asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It may be asked.
    Open,
    /// It may be asked after so long, which is worth waiting for.
    Shortly(Duration),
    /// It is left alone until then.
    LeftAlone(Timestamp),
    /// It has kept too many waiting in vain.
    Silent,
}

/// What a refused request is followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// One more try when the site's time is over.
    OneMoreTry,
    /// None in this run.
    NoMore,
}

impl Peace {
    /// Takes over what an earlier run was told, and what time it is.
    pub(super) fn recall(
        &self,
        now: Timestamp,
        sites: impl IntoIterator<Item = (String, Timestamp)>,
    ) {
        let wish = |until| Wish {
            until,
            sent_away: false,
            new: false,
        };
        let mut known = self.known();
        known.clock = Some((Instant::now(), now));
        known.sites = sites
            .into_iter()
            .map(|(site, until)| (site, wish(until)))
            .collect();
        known.silences.clear();
    }

    /// Writes down whether the site of `url` answered in time.
    pub(super) fn heard<T>(&self, url: &Url, answer: &Result<T, WebError>) {
        let site = site_of(url);
        let mut known = self.known();
        if let Err(WebError::Timeout { .. }) = answer {
            *known.silences.entry(site).or_default() += 1;
        } else {
            known.silences.remove(&site);
        }
    }

    /// How the site of `url` stands to being asked; a wait of up to `patience` is worth while.
    pub(super) fn standing(&self, url: &Url, patience: Duration) -> Standing {
        let (known, site) = (self.known(), site_of(url));
        let silences = known.silences.get(&site);
        if silences.is_some_and(|silences| *silences >= SILENCES_MAX) {
            return Standing::Silent;
        }
        let Some((now, wish)) = known.now().zip(known.sites.get(&site).copied()) else {
            return Standing::Open;
        };
        // a wish of the past has no length
        let left = Duration::try_from(wish.until.duration_since(now)).unwrap_or_default();
        if wish.sent_away || left > patience {
            Standing::LeftAlone(wish.until)
        } else if left.is_zero() {
            Standing::Open
        } else {
            Standing::Shortly(left)
        }
    }

    /// Writes down what the site of `url` wishes, if its answer says anything of it.
    pub(super) fn note(&self, url: &Url, error: &WebError, then: Then) {
        let mut known = self.known();
        let Some(until) = known.now().and_then(|now| error.peace_until(now)) else {
            return;
        };
        let wish = Wish {
            until,
            sent_away: then == Then::NoMore,
            new: then == Then::NoMore,
        };
        known
            .sites
            .entry(site_of(url))
            // of several answers that were under way together the longest wish counts
            .and_modify(|old| {
                old.until = old.until.max(until);
                old.sent_away |= wish.sent_away;
                old.new |= wish.new;
            })
            .or_insert(wish);
    }

    /// What the next run has to know and was not told yet; each wish once.
    pub(super) fn take_new(&self) -> Vec<(String, Timestamp)> {
        let mut known = self.known();
        let new = known.sites.iter_mut().filter(|(_, wish)| wish.new);
        new.map(|(site, wish)| {
            wish.new = false;
            (site.clone(), wish.until)
        })
        .collect()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // a panic elsewhere cannot leave this half-written
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// The time on the wall.
    fn now(&self) -> Option<Timestamp> {
        let (began, then) = self.clock?;
        then.checked_add(began.elapsed()).ok()
    }
}

/// Scheme, host and port: no part of them is a secret.
pub(super) fn site_of(url: &Url) -> String {
    url.origin().ascii_serialization()
}
