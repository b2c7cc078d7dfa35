//! A reading of a feed and what earlier readings met in; which entry is which out.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::hash::Hash;

use jiff::Timestamp;
use url::Url;

use crate::model::Entry;
use crate::model::EntryId;
use crate::model::KnownEntry;
use crate::stages::recognise::facts::Facts;
use crate::stages::recognise::facts::Told;

mod addresses;

mod facts;

mod passed_over;
pub use passed_over::PassedOver;

mod twins;
pub use twins::OneCopy;
pub use twins::Twin;
pub use twins::keep_one_copy;

/// Tells which entries of a reading were met before, and gives those the ids that they have; the others keep the ids with
/// which they come, or get ones of their own where those are taken.
///
/// Compared are five facts: GUID, page, file, title and date, each in a form in which its usual changes do not show (scheme,
/// alias of the host, tracking, counting hosts before a file; case and marks of a title). A fact that several entries of the
/// reading hold, or several known ones, tells nothing, nor does the address of the show's page or of whatever is the newest.
/// Two entries are the same
///
/// - when a GUID agrees that names one thing in the world (a UUID, an address with a number or a phrase in it), or
/// - when two facts agree. If these are GUID and page alone, and neither names one thing, then of title, date and file not
///   two may disagree: `…/the-show` is the address of a place. Or
/// - when GUID, page or file agrees and at most one of the others disagrees, or
/// - when the title agrees and there is nothing else to compare.
///
/// GUIDs come first, then pages, files, titles; since whatever counts is held by one entry on each side, the order of the
/// entries does not matter. Word-for-word copies are paired one by one.
pub fn recognise(reading: Reading<'_>, known: &[KnownEntry]) -> Recognised {
    let Reading {
        source,
        home,
        entries,
    } = reading;
    let ids: BTreeSet<&EntryId> = entries.iter().map(|entry| &entry.id).collect();
    if known.is_empty() && ids.len() == entries.len() {
        return Recognised {
            new: entries,
            ..Recognised::default()
        };
    }
    let home = home.and_then(addresses::page);
    let read: Vec<Facts> = entries
        .iter()
        .map(|entry| Facts::of(entry, home.as_deref()))
        .collect();
    let held: Vec<Facts> = known
        .iter()
        .map(|entry| Facts::of_known(entry, home.as_deref()))
        .collect();
    let mut pairs = Pairs::new(read.len(), held.len());
    pair_copies(&mut pairs, source, &read, &held);
    let holders = Holders::of(&read, &held);
    pair_by_facts(&mut pairs, &holders, &read, &held);
    let mut recognised = Recognised::default();
    let mut guids = Guids::default();
    let mut taken: BTreeSet<EntryId> = known.iter().map(|known| known.id.clone()).collect();
    for ((nth, mut entry), facts) in entries.into_iter().enumerate().zip(&read) {
        if let Some(of) = pairs.of_read[nth] {
            let known = &known[of];
            if holders.tells_one(facts) {
                guids.compare(&entry, known);
            }
            entry.id = known.id.clone();
            recognised.met.push(Met {
                changed: has_changed(&entry, known),
                waiting_since: known.waiting.then_some(known.first_seen),
                entry,
            });
        } else {
            entry.id = free_id(source, facts, &taken);
            taken.insert(entry.id.clone());
            recognised.new.push(entry);
        }
    }
    recognised.warning = guids.warning();
    recognised
}

/// One reading of a feed.
#[derive(Debug, Clone)]
pub struct Reading<'a> {
    /// Name of the source.
    pub source: &'a str,
    /// The show's own page, which is no entry's.
    pub home: Option<&'a Url>,
    /// Its entries, as the feed was read.
    pub entries: Vec<Entry>,
}

/// Which entries of a reading are which.
#[derive(Debug, Default)]
pub struct Recognised {
    /// Those that were met before, under the ids that they have.
    pub met: Vec<Met>,
    /// Those that were not.
    pub new: Vec<Entry>,
    /// What is odd about the GUIDs of the feed, as a sentence.
    pub warning: Option<String>,
}

/// An entry that was met before.
#[derive(Debug, Clone, PartialEq)]
pub struct Met {
    /// The entry as its feed tells it now, under the id that it has.
    pub entry: Entry,
    /// Whether what is told of it has changed.
    pub changed: bool,
    /// When it was met first, where its text is still to be fetched.
    pub waiting_since: Option<Timestamp>,
}

/// Which entry of the reading is which known one.
struct Pairs {
    of_read: Vec<Option<usize>>,
    is_held: Vec<bool>,
}

impl Pairs {
    fn new(read: usize, known: usize) -> Self {
        Self {
            of_read: vec![None; read],
            is_held: vec![false; known],
        }
    }

    fn join(&mut self, read: usize, known: usize) {
        self.of_read[read] = Some(known);
        self.is_held[known] = true;
    }

    fn are_free(&self, read: usize, known: usize) -> bool {
        self.of_read[read].is_none() && !self.is_held[known]
    }
}

/// Pairs entries of which the same is told: under the same id, or else one by one where that can be no chance.
fn pair_copies(pairs: &mut Pairs, source: &str, read: &[Facts], held: &[Facts]) {
    let mut by_told: HashMap<Told<'_>, Vec<usize>> = HashMap::new();
    let mut by_id: HashMap<&EntryId, usize> = HashMap::new();
    for was_read in [true, false] {
        for (nth, facts) in (held.iter().enumerate()).filter(|(_, held)| held.waiting != was_read) {
            by_told.entry(facts.told()).or_default().push(nth);
            by_id.insert(&facts.id, nth);
        }
    }
    for (nth, facts) in read.iter().enumerate() {
        let mut id = facts.id.clone();
        while let Some(of) = by_id.get(&id).copied() {
            if held[of].told() == facts.told() && pairs.are_free(nth, of) {
                pairs.join(nth, of);
                break;
            }
            id = next_id(source, facts, &id);
        }
    }
    for (nth, facts) in read.iter().enumerate() {
        let told = facts.told();
        let alike = by_told.get(&told).into_iter().flatten();
        let free = alike.copied().find(|of| {
            let guids = facts.guid.as_ref().zip(held[*of].guid.as_ref());
            let guids_differ = guids.is_some_and(|(read, known)| read != known);
            let tells = told.is_rich() || (told.is_comparable() && !guids_differ);
            tells && pairs.are_free(nth, *of)
        });
        if let Some(of) = free {
            pairs.join(nth, of);
        }
    }
}

/// Pairs entries by the facts that they share.
fn pair_by_facts(pairs: &mut Pairs, holders: &Holders<'_>, read: &[Facts], held: &[Facts]) {
    for fact in [Fact::Guid, Fact::Link, Fact::Enclosure, Fact::Title] {
        for (nth, facts) in read.iter().enumerate() {
            let Some(of) = holders.known_by(fact, facts) else {
                continue;
            };
            if pairs.are_free(nth, of) && holders.are_the_same(facts, &held[of]) {
                pairs.join(nth, of);
            }
        }
    }
}

/// What can be compared by its writing.
#[derive(Debug, Clone, Copy)]
enum Fact {
    Guid,
    Link,
    Enclosure,
    Title,
}

/// Who holds which fact.
struct Holders<'a> {
    guids: Held<&'a str>,
    ids: HashMap<&'a str, usize>,
    links: Held<&'a str>,
    enclosures: Held<&'a str>,
    titles: Held<&'a str>,
    dates: Held<i64>,
}

/// For each value of a fact its one holder in the reading, and its one known holder.
type Held<T> = HashMap<T, [Holder; 2]>;

/// Which side a fact is looked at from: the index into [`Held`].
const READ: usize = 0;
const KNOWN: usize = 1;

/// Who holds a value of a fact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Holder {
    #[default]
    Nobody,
    One(usize),
    Several,
}

impl Holder {
    fn add(&mut self, nth: usize) {
        *self = match *self {
            Self::Nobody => Self::One(nth),
            Self::One(known) if known == nth => Self::One(nth),
            _ => Self::Several,
        };
    }
}

/// What two entries have to say to each other in one fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Agree,
    Disagree,
    Silent,
}

impl<'a> Holders<'a> {
    fn of(read: &'a [Facts], held: &'a [Facts]) -> Self {
        let mut holders = Self {
            guids: Held::new(),
            ids: HashMap::new(),
            links: Held::new(),
            enclosures: Held::new(),
            titles: Held::new(),
            dates: Held::new(),
        };
        // copies are one holder: what several copies hold still tells of one entry
        let mut firsts: HashMap<Told<'_>, usize> = HashMap::new();
        for (nth, facts) in read.iter().enumerate() {
            let told = facts.told();
            let first = if told.is_rich() {
                *firsts.entry(told).or_insert(nth)
            } else {
                nth
            };
            holders.add(READ, nth, first, facts);
        }
        let mut firsts: HashMap<Told<'_>, usize> = HashMap::new();
        // an older program took an entry with another GUID for another entry; of such copies the one that was read counts
        for was_read in [true, false] {
            for (nth, facts) in
                (held.iter().enumerate()).filter(|(_, held)| held.waiting != was_read)
            {
                let told = facts.told();
                let first = if told.is_comparable() {
                    *firsts.entry(told).or_insert(nth)
                } else {
                    nth
                };
                holders.add(KNOWN, nth, first, facts);
                if facts.guid.is_none() {
                    holders.ids.insert(facts.id.as_str(), nth);
                }
            }
        }
        holders
    }

    /// Enters the facts of an entry under the first of its copies; its GUID is its own.
    fn add(&mut self, side: usize, nth: usize, first: usize, facts: &'a Facts) {
        fn enter<T: Eq + Hash>(
            held: &mut Held<T>,
            side: usize,
            nth: usize,
            values: impl IntoIterator<Item = T>,
        ) {
            for value in values {
                held.entry(value).or_default()[side].add(nth);
            }
        }
        enter(&mut self.guids, side, nth, facts.guid.as_deref());
        enter(
            &mut self.links,
            side,
            first,
            facts.links.iter().map(String::as_str),
        );
        enter(
            &mut self.enclosures,
            side,
            first,
            facts.enclosure.as_deref(),
        );
        enter(&mut self.titles, side, first, facts.title.as_deref());
        enter(
            &mut self.dates,
            side,
            first,
            facts.published.iter().copied(),
        );
    }

    /// The known entry that alone holds this fact of an entry of the reading, which alone holds it there.
    fn known_by(&self, fact: Fact, read: &Facts) -> Option<usize> {
        let (held, value) = match fact {
            Fact::Guid => (&self.guids, read.guid.as_deref()),
            Fact::Link => (&self.links, read.links.first().map(String::as_str)),
            Fact::Enclosure => (&self.enclosures, read.enclosure.as_deref()),
            Fact::Title => (&self.titles, read.title.as_deref()),
        };
        let found = value.and_then(|value| match held.get(value) {
            Some([Holder::One(_), Holder::One(nth)]) => Some(*nth),
            _ => None,
        });
        match fact {
            // whoever was met by a program that did not write GUIDs down has an id that was made of it
            Fact::Guid => found.or_else(|| self.ids.get(read.id.as_str()).copied()),
            _ => found,
        }
    }

    /// Whether the GUID of an entry of the reading is its own there, so that its id was made of it.
    fn tells_one(&self, read: &Facts) -> bool {
        let holders = read.guid.as_deref().and_then(|guid| self.guids.get(guid));
        holders.is_some_and(|holders| matches!(holders[READ], Holder::One(_)))
    }

    /// Whether an entry of the reading and a known one are the same, by the rules at the head of this room.
    fn are_the_same(&self, read: &Facts, known: &Facts) -> bool {
        let guid = if known.guid.is_none() && known.id == read.id && self.tells_one(read) {
            Verdict::Agree
        } else {
            compare(&self.guids, read.guid.as_deref(), known.guid.as_deref())
        };
        let names_one =
            |key: Option<&String>| key.is_some_and(|key| addresses::names_one_thing(key));
        if guid == Verdict::Agree && names_one(read.guid.as_ref()) {
            return true;
        }
        let link = compare(
            &self.links,
            read.links.first().map(String::as_str),
            known.links.iter().map(String::as_str),
        );
        let enclosure = compare(
            &self.enclosures,
            read.enclosure.as_deref(),
            known.enclosure.as_deref(),
        );
        let title = compare(&self.titles, read.title.as_deref(), known.title.as_deref());
        let published = compare(
            &self.dates,
            read.published.first().copied(),
            known.published.iter().copied(),
        );
        // a GUID that is its page's address agrees and disagrees once
        let link_besides = if read.guid_is_link() && link == guid {
            Verdict::Silent
        } else {
            link
        };
        let all = [guid, link_besides, enclosure, title, published];
        let count = |verdict| all.iter().filter(|is| **is == verdict).count();
        let (agree, disagree) = (count(Verdict::Agree), count(Verdict::Disagree));
        if agree >= 2 {
            let content = [enclosure, title, published];
            let content_agrees = content.contains(&Verdict::Agree);
            let content_disagrees = content
                .iter()
                .filter(|is| **is == Verdict::Disagree)
                .count();
            return content_agrees || content_disagrees < 2 || names_one(read.links.first());
        }
        let addressed = [guid, link, enclosure].contains(&Verdict::Agree);
        (addressed && disagree <= 1) || (title == Verdict::Agree && disagree == 0)
    }
}

/// Compares one fact; what several hold says nothing.
fn compare<T: Eq + Hash>(
    held: &Held<T>,
    read: Option<T>,
    known: impl IntoIterator<Item = T>,
) -> Verdict {
    let tells = |value: &T| {
        held.get(value)
            .is_some_and(|holders| !holders.contains(&Holder::Several))
    };
    let Some(read) = read.filter(tells) else {
        return Verdict::Silent;
    };
    let mut verdict = Verdict::Silent;
    for value in known {
        if value == read {
            return Verdict::Agree;
        }
        if tells(&value) {
            verdict = Verdict::Disagree;
        }
    }
    verdict
}

/// Whether what is told of an entry is not what the store has of it.
fn has_changed(entry: &Entry, known: &KnownEntry) -> bool {
    fn differs<T: PartialEq>(told: Option<&T>, known: Option<&T>) -> bool {
        told.is_some() && told != known
    }
    let microseconds = |time: Option<Timestamp>| time.map(Timestamp::as_microsecond);
    let file = entry.enclosure.as_ref().map(|file| &file.url);
    let newest = known.republished.or(known.published);
    differs(entry.guid.as_ref(), known.guid.as_ref())
        || differs(entry.link.as_ref(), known.link.as_ref())
        || differs(file, known.enclosure.as_ref())
        || (!entry.title.is_empty() && entry.title != known.title)
        || (entry.published.is_some() && microseconds(entry.published) != microseconds(newest))
}

/// The id with which an entry comes, or the first other one that nobody has.
fn free_id(source: &str, facts: &Facts, taken: &BTreeSet<EntryId>) -> EntryId {
    let mut id = facts.id.clone();
    while taken.contains(&id) {
        id = next_id(source, facts, &id);
    }
    id
}

/// The id to try after `id`, for an entry whose GUID is another's, too: made of all that is told.
fn next_id(source: &str, facts: &Facts, id: &EntryId) -> EntryId {
    let told = facts.told();
    let date = told
        .published
        .map_or_else(String::new, |published| published.to_string());
    let told = [
        id.as_str(),
        told.link.unwrap_or_default(),
        told.enclosure.unwrap_or_default(),
        told.title.unwrap_or_default(),
        &date,
    ];
    EntryId::new(source, &told.join("\n"))
}

/// How the GUIDs of a feed hold from reading to reading.
#[derive(Debug, Default)]
struct Guids {
    compared: usize,
    changed: usize,
}

impl Guids {
    fn compare(&mut self, entry: &Entry, known: &KnownEntry) {
        if let (Some(now), Some(then)) = (&entry.guid, &known.guid) {
            self.compared += 1;
            self.changed += usize::from(addresses::guid(now) != addresses::guid(then));
        }
    }

    /// One sentence where most GUIDs are others than before. One or two among many are a publisher's correction.
    fn warning(&self) -> Option<String> {
        let Self { compared, changed } = self;
        (2 * changed > *compared).then(|| {
            format!(
                "The GUIDs of this feed change ({changed} of {compared} are others than at the last reading). Its entries were \
                 recognised by their pages, files, titles and dates, so nothing is read or sent twice and nothing needs to be \
                 done; but an entry that changes in those, too, will count as new."
            )
        })
    }
}
