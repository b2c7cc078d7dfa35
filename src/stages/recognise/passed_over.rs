//! What was too old when it was met: a new date does not make it young.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::Entry;
use crate::model::sha256_hex;
use crate::stages::recognise::addresses;
use crate::stages::recognise::facts::title;

/// Entries of one source that are remembered: twice what one reading has. Those of the newest reading come first.
const ENTRIES_MAX: usize = 4_000;

/// Bytes of one entry: the beginning of its id, a fingerprint of its title, its date.
const ENTRY_BYTES: usize = 24;

/// The entries of a source that were older than the look-back window when a run met them first. A store keeps them as bytes.
///
/// Without them a feed that dates its whole archive anew, as happens when a site moves, would come in as so many new entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOver {
    entries: BTreeMap<[u8; 8], Old>,
    /// Those of this reading.
    seen: BTreeSet<[u8; 8]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Old {
    title: [u8; 8],
    /// Microseconds since 1970.
    published: i64,
}

impl PassedOver {
    /// What was written by [`PassedOver::to_bytes`]; a rest that is no entry is left out.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let part = |entry: &[u8], nth: usize| -> [u8; 8] {
            let mut part = [0; 8];
            part.copy_from_slice(&entry[8 * nth..8 * (nth + 1)]);
            part
        };
        let entries = bytes.chunks_exact(ENTRY_BYTES).map(|entry| {
            let old = Old {
                title: part(entry, 1),
                published: i64::from_be_bytes(part(entry, 2)),
            };
            (part(entry, 0), old)
        });
        Self {
            entries: entries.collect(),
            seen: BTreeSet::new(),
        }
    }

    /// The same as bytes, 24 an entry, at most 4,000 entries.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (now, before): (Vec<_>, Vec<_>) =
            (self.entries.iter()).partition(|(id, _)| self.seen.contains(*id));
        let mut kept: Vec<_> = now.into_iter().chain(before).take(ENTRIES_MAX).collect();
        kept.sort_by_key(|(id, _)| *id);
        let bytes = kept.into_iter().flat_map(|(id, old)| {
            [*id, old.title, old.published.to_be_bytes()]
                .into_iter()
                .flatten()
        });
        bytes.collect()
    }

    /// Remembers an entry that is passed over under its date; of one that is remembered the first date stays.
    pub fn remember(&mut self, entry: &Entry) {
        let Some(published) = entry.published else {
            return;
        };
        let id = fingerprint(entry.id.as_str());
        if self.first_date(entry).is_none() {
            let old = Old {
                title: title_of(entry),
                published: published.as_microsecond(),
            };
            self.entries.insert(id, old);
        }
        self.seen.insert(id);
    }

    /// The date under which an entry was passed over. It must come under the same id, and under the same title where its GUID
    /// does not name one thing in the world: `latest` is another entry each time.
    pub fn first_date(&self, entry: &Entry) -> Option<Timestamp> {
        let old = self.entries.get(&fingerprint(entry.id.as_str()))?;
        let named = entry
            .guid
            .as_deref()
            .is_some_and(|guid| addresses::names_one_thing(&addresses::guid(guid)));
        let same = named || old.title == title_of(entry);
        Timestamp::from_microsecond(old.published)
            .ok()
            .filter(|_| same)
    }
}

fn title_of(entry: &Entry) -> [u8; 8] {
    fingerprint(&title(&entry.title).unwrap_or_default())
}

/// The first 64 bits of a hash: of 4,000 entries two are the same by chance once in two billion feeds.
fn fingerprint(text: &str) -> [u8; 8] {
    let hash = sha256_hex(text.as_bytes());
    let bits = u64::from_str_radix(&hash[..16], 16).unwrap_or_default();
    bits.to_be_bytes()
}
