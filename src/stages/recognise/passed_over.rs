//! What was too old when it was met: a new date does not make it young.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::model::Entry;
use crate::model::sha256;
use crate::stages::recognise::addresses;
use crate::stages::recognise::facts::title;

/// Records of one source: the id and the page of each entry of the longest reading.
const RECORDS_MAX: usize = 4_000;

/// Records of entries that the newest reading does not hold any more: a feed whose GUIDs churn must not fill the store.
const RECORDS_OF_BEFORE_MAX: usize = 500;

/// Bytes of one record: a fingerprint of the id or the page, one of the title, the date.
const RECORD_BYTES: usize = 24;

/// The entries of a source that were older than the look-back window when a run met them first. A store keeps them as bytes.
///
/// Without them a feed that dates its whole archive anew, as happens when a site moves, would come in as so many new entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOver {
    /// By id, and by page.
    records: BTreeMap<[u8; 8], Old>,
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
        let records = bytes.chunks_exact(RECORD_BYTES).map(|entry| {
            let old = Old {
                title: part(entry, 1),
                published: i64::from_be_bytes(part(entry, 2)),
            };
            (part(entry, 0), old)
        });
        Self {
            records: records.collect(),
            seen: BTreeSet::new(),
        }
    }

    /// The same as bytes, 24 a record: those of this reading, and 500 of earlier ones, 4,000 at most.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (now, before): (Vec<_>, Vec<_>) =
            (self.records.iter()).partition(|(key, _)| self.seen.contains(*key));
        let before = before.into_iter().take(RECORDS_OF_BEFORE_MAX);
        let mut kept: Vec<_> = now.into_iter().chain(before).take(RECORDS_MAX).collect();
        kept.sort_by_key(|(key, _)| *key);
        let parts = kept
            .into_iter()
            .map(|(key, old)| [*key, old.title, old.published.to_be_bytes()]);
        parts.collect::<Vec<_>>().concat().concat()
    }

    /// Remembers an entry that is passed over under its date; of one that is remembered the first date stays.
    pub fn remember(&mut self, entry: &Entry) {
        let Some(published) = entry.published else {
            return;
        };
        let (keys, title) = (keys(entry), title_of(entry));
        let first = self.first_of(&keys, title);
        let old = Old {
            title,
            published: first.unwrap_or(published.as_microsecond()),
        };
        for key in keys {
            self.records.insert(key.fingerprint, old);
            self.seen.insert(key.fingerprint);
        }
    }

    /// The date under which an entry was passed over. It must come under the same id or page, and under the same title where
    /// that does not name one thing in the world: `latest` is another entry each time.
    pub fn first_date(&self, entry: &Entry) -> Option<Timestamp> {
        if self.records.is_empty() {
            return None;
        }
        let first = self.first_of(&keys(entry), title_of(entry));
        Timestamp::from_microsecond(first?).ok()
    }

    fn first_of(&self, keys: &[Key], title: [u8; 8]) -> Option<i64> {
        keys.iter().find_map(|key| {
            let old = self.records.get(&key.fingerprint)?;
            let is_same = old.title == title || addresses::names_one_thing(&key.names);
            is_same.then_some(old.published)
        })
    }
}

/// What an entry is found by.
struct Key {
    fingerprint: [u8; 8],
    /// The GUID or the page, which may name one thing in the world.
    names: String,
}

fn keys(entry: &Entry) -> Vec<Key> {
    let page = entry.link.as_ref().and_then(addresses::page);
    let by_page = page
        .filter(|page| !addresses::is_a_place(page))
        .map(|page| Key {
            fingerprint: fingerprint(&page),
            names: page,
        });
    let guid = entry.guid.as_deref().map(addresses::guid);
    let by_id = Key {
        fingerprint: fingerprint(entry.id.as_str()),
        names: guid.unwrap_or_default(),
    };
    [by_id].into_iter().chain(by_page).collect()
}

fn title_of(entry: &Entry) -> [u8; 8] {
    fingerprint(&title(&entry.title).unwrap_or_default())
}

/// The first 64 bits of a hash: of 4,000 records two are the same by chance once in two billion feeds.
fn fingerprint(text: &str) -> [u8; 8] {
    let hash = sha256(text.as_bytes());
    std::array::from_fn(|nth| hash[nth])
}
