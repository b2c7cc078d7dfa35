//! What is known of an entry, in a form that stays the same when its writing changes.

use jiff::Timestamp;

use crate::model::Entry;
use crate::model::EntryId;
use crate::model::KnownEntry;
use crate::stages::recognise::addresses;

/// The facts of an entry. What a front page or a rolling name would tell is left out: it tells nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    /// Our id, which was made of the GUID or of what stands in for it.
    pub(super) id: EntryId,
    pub(super) guid: Option<String>,
    /// The page; of a known entry where it stood after redirects, too.
    pub(super) links: Vec<String>,
    pub(super) enclosure: Option<String>,
    pub(super) title: Option<String>,
    /// Microseconds since 1970, as the store keeps them; of a known entry the first date and the newest.
    pub(super) published: Vec<i64>,
    /// Whether it is known and its text is still to be fetched.
    pub(super) waiting: bool,
}

impl Facts {
    /// The facts of an entry of a reading; `home` is the page of the show, as [`addresses::page`] writes it.
    pub(super) fn of(entry: &Entry, home: Option<&str>) -> Self {
        let link = entry.link.as_ref().and_then(addresses::page);
        let file = entry.enclosure.as_ref().map(|file| &file.url);
        Self {
            id: entry.id.clone(),
            guid: guid(entry.guid.as_deref()),
            links: link
                .filter(|link| is_its_own(link, home))
                .into_iter()
                .collect(),
            enclosure: file
                .and_then(addresses::file)
                .filter(|file| is_its_own(file, None)),
            title: title(&entry.title),
            published: entry
                .published
                .map(Timestamp::as_microsecond)
                .into_iter()
                .collect(),
            waiting: false,
        }
    }

    /// The facts of an entry that was met before.
    pub(super) fn of_known(entry: &KnownEntry, home: Option<&str>) -> Self {
        let mut links: Vec<String> = [&entry.link, &entry.landed]
            .into_iter()
            .filter_map(|link| addresses::page(link.as_ref()?))
            .filter(|link| is_its_own(link, home))
            .collect();
        links.dedup();
        let mut published: Vec<i64> = [entry.published, entry.republished]
            .into_iter()
            .flatten()
            .map(Timestamp::as_microsecond)
            .collect();
        published.dedup();
        Self {
            id: entry.id.clone(),
            guid: guid(entry.guid.as_deref()),
            links,
            enclosure: entry
                .enclosure
                .as_ref()
                .and_then(addresses::file)
                .filter(|file| is_its_own(file, None)),
            title: title(&entry.title),
            published,
            waiting: entry.waiting,
        }
    }

    /// Whether its GUID is nothing but its page's address: then the two are one fact.
    pub(super) fn guid_is_link(&self) -> bool {
        self.guid.is_some() && self.guid.as_ref() == self.links.first()
    }

    /// All that is told of it besides ids, as it was told last; the same for copies.
    pub(super) fn told(&self) -> Told<'_> {
        Told {
            link: self.links.first().map(String::as_str),
            enclosure: self.enclosure.as_deref(),
            title: self.title.as_deref(),
            published: self.published.last().copied(),
        }
    }
}

/// What is told of an entry besides ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Told<'a> {
    pub(super) link: Option<&'a str>,
    pub(super) enclosure: Option<&'a str>,
    pub(super) title: Option<&'a str>,
    pub(super) published: Option<i64>,
}

impl Told<'_> {
    /// Whether it is rich, or at least a page and a title.
    pub(super) fn is_comparable(&self) -> bool {
        self.is_rich() || (self.link.is_some() && self.title.is_some())
    }

    /// Whether an entry of which just this is told can hardly be another: a file or a date, and something besides.
    pub(super) fn is_rich(&self) -> bool {
        let told = [
            self.link.is_some(),
            self.enclosure.is_some(),
            self.title.is_some(),
            self.published.is_some(),
        ];
        (told[1] || told[3]) && told.into_iter().filter(|is_told| *is_told).count() >= 2
    }
}

/// The words of a title, in lower case: without marks, white space, tags and the names of characters that a page left in it.
pub(super) fn title(text: &str) -> Option<String> {
    let mut words = String::with_capacity(text.len());
    let mut is_between = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skipped = match c {
            '<' => closing(rest, b'>', 200),
            '&' => closing(rest, b';', 10),
            _ => None,
        };
        if c.is_alphanumeric() {
            if is_between && !words.is_empty() {
                words.push(' ');
            }
            words.extend(c.to_lowercase());
        }
        is_between = !c.is_alphanumeric();
        rest = &rest[skipped.unwrap_or(c.len_utf8())..];
    }
    (!words.is_empty()).then_some(words)
}

/// Bytes up to and with the sign that ends a tag or a named character, where that comes soon and no space begins it.
fn closing(text: &str, end: u8, bytes_max: usize) -> Option<usize> {
    let at = text.bytes().take(bytes_max).position(|byte| byte == end)?;
    let inner = &text[1..at];
    let begins = inner.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '#');
    (begins && (end == b'>' || !inner.contains(' '))).then_some(at + 1)
}

fn guid(text: Option<&str>) -> Option<String> {
    let key = addresses::guid(text?);
    (!key.is_empty() && !addresses::is_a_place(&key)).then_some(key)
}

fn is_its_own(address: &str, home: Option<&str>) -> bool {
    home != Some(address) && !addresses::is_a_place(address)
}
