//! The same episode in two feeds: the shelf in, one copy of each entry out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::SignedDuration;

use crate::model::EntryId;
use crate::model::Shelved;
use crate::model::Source;
use crate::stages::recognise::addresses;
use crate::stages::recognise::facts::title;

/// A network's feeds carry an episode on one day, or on the morning after.
const NEAR: SignedDuration = SignedDuration::from_hours(36);

/// Two files of one episode differ by the advertisements put into them.
const LENGTHS_APART: f64 = 0.1;

/// Words of a title that two shows hardly hit upon by chance, where something else speaks for it.
const TITLE_WORDS: usize = 3;

/// The same where nothing else does.
const TITLE_WORDS_ALONE: usize = 5;

/// With so many of those that share a fact each is compared: more entries of one title are alike, or one feed's template.
const COMPARED_MAX: usize = 50;

/// Keeps one copy of each entry that stands in several sources: that of the source with the greatest weight, and among equals
/// of the one that stands first in the file. The order in which sources were read has no part in it.
///
/// Entries of two sources are the same when they share the text, or the file and the title or nearly the date (36 hours), or
/// page and title, or when they came within 36 hours under one title: of three words where their lengths, in seconds in
/// `lengths`, agree or one of their passages does, and of five where nothing is known of these. Entries of one source are
/// never joined: that source told them apart.
pub fn keep_one_copy(
    shelf: Vec<Shelved>,
    sources: &[Source],
    lengths: &BTreeMap<EntryId, f64>,
) -> OneCopy {
    let entries = Entries::of(&shelf, lengths);
    let groups = entries.joined();
    let rank_of: BTreeMap<&str, usize> = by_weight(sources);
    let rank = |source: &str| rank_of.get(source).copied().unwrap_or(usize::MAX);
    // for each group the source whose copy stays
    let mut best: BTreeMap<usize, &str> = BTreeMap::new();
    for (entry, group) in entries.all.iter().zip(&groups) {
        let held = best.entry(*group).or_insert(entry.source);
        if (rank(entry.source), entry.source) < (rank(held), *held) {
            *held = entry.source;
        }
    }
    let kept_in: BTreeMap<EntryId, String> = (entries.all.iter().zip(&groups))
        .filter(|(entry, group)| best[group] != entry.source)
        .map(|(entry, group)| (entry.id.clone(), best[group].to_owned()))
        .collect();
    let mut one_copy = OneCopy::default();
    for shelved in shelf {
        match kept_in.get(&shelved.entry) {
            Some(kept_in) => one_copy.twins.push(Twin {
                kept_in: kept_in.clone(),
                shelved,
            }),
            None => one_copy.shelf.push(shelved),
        }
    }
    one_copy
}

/// The shelf with one copy of each entry.
#[derive(Debug, Default)]
pub struct OneCopy {
    /// What is left, in the order in which it came.
    pub shelf: Vec<Shelved>,
    /// What was left out, in that order.
    pub twins: Vec<Twin>,
}

/// A candidate whose entry stands in another source, too, and is kept there.
#[derive(Debug, Clone, PartialEq)]
pub struct Twin {
    /// The candidate.
    pub shelved: Shelved,
    /// Name of the source whose copy is kept.
    pub kept_in: String,
}

/// Ranks of sources: the heaviest is 0; among equals the order of the file counts.
fn by_weight(sources: &[Source]) -> BTreeMap<&str, usize> {
    let mut ranked: Vec<&Source> = sources.iter().collect();
    ranked.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let names = ranked.into_iter().map(|source| source.name.as_str());
    names.enumerate().map(|(rank, name)| (name, rank)).collect()
}

/// An entry with candidates on the shelf.
struct OnShelf<'a> {
    id: &'a EntryId,
    source: &'a str,
    first: &'a Shelved,
    texts: Vec<&'a str>,
    title: Option<String>,
    page: Option<String>,
    file: Option<String>,
    seconds: Option<f64>,
}

/// The entries of the shelf, by date and id.
struct Entries<'a> {
    all: Vec<OnShelf<'a>>,
}

impl<'a> Entries<'a> {
    fn of(shelf: &'a [Shelved], lengths: &BTreeMap<EntryId, f64>) -> Self {
        let mut by_id: BTreeMap<&EntryId, OnShelf<'a>> = BTreeMap::new();
        for shelved in shelf {
            let entry = by_id.entry(&shelved.entry).or_insert_with(|| OnShelf {
                id: &shelved.entry,
                source: &shelved.source,
                first: shelved,
                texts: Vec::new(),
                title: title(&shelved.entry_title),
                page: its_own(shelved.entry_url.as_ref().and_then(addresses::page)),
                file: its_own(shelved.enclosure_url.as_ref().and_then(addresses::file)),
                seconds: lengths.get(&shelved.entry).copied(),
            });
            entry.texts.push(&shelved.candidate.text);
        }
        let mut all: Vec<OnShelf<'a>> = by_id.into_values().collect();
        // stable: of one date by id
        all.sort_by_key(|entry| entry.first.published);
        Self { all }
    }

    /// For each entry the number of its group: that of the group's first entry.
    fn joined(&self) -> Vec<usize> {
        let mut sharing: BTreeMap<(u8, &str), Vec<usize>> = BTreeMap::new();
        for (nth, entry) in self.all.iter().enumerate() {
            let document = Some(entry.first.document_sha256.as_str());
            let facts = [
                document.filter(|sha256| !sha256.is_empty()),
                entry.file.as_deref(),
                entry.page.as_deref(),
                entry.title.as_deref(),
            ];
            for (kind, fact) in (0..).zip(facts) {
                if let Some(fact) = fact {
                    sharing.entry((kind, fact)).or_default().push(nth);
                }
            }
        }
        let mut groups = Groups((0..self.all.len()).collect());
        for sharing in sharing.into_values().filter(|sharing| sharing.len() > 1) {
            for (at, one) in sharing.iter().enumerate() {
                for other in sharing[at + 1..].iter().take(COMPARED_MAX) {
                    if are_twins(&self.all[*one], &self.all[*other]) {
                        groups.join(*one, *other);
                    }
                }
            }
        }
        (0..self.all.len()).map(|nth| groups.of(nth)).collect()
    }
}

/// Groups of entries: each points to an earlier one of its group, the first to itself.
struct Groups(Vec<usize>);

impl Groups {
    fn of(&mut self, nth: usize) -> usize {
        let mut first = nth;
        while self.0[first] != first {
            self.0[first] = self.0[self.0[first]];
            first = self.0[first];
        }
        first
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        self.0[one.max(other)] = one.min(other);
    }
}

fn are_twins(one: &OnShelf<'_>, other: &OnShelf<'_>) -> bool {
    fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
        one.is_some() && one == other
    }
    if one.source == other.source {
        return false;
    }
    let sha256 = |entry: &OnShelf<'_>| entry.first.document_sha256.clone();
    if sha256(one) == sha256(other) && !sha256(one).is_empty() {
        return true;
    }
    let apart = one.first.published.duration_since(other.first.published);
    let near = apart.abs() <= NEAR;
    let titled = agree(one.title.as_ref(), other.title.as_ref());
    if agree(one.file.as_ref(), other.file.as_ref()) && (titled || near) {
        return true;
    }
    if agree(one.page.as_ref(), other.page.as_ref()) && titled {
        return true;
    }
    let words = one
        .title
        .as_ref()
        .map_or(0, |title| title.split(' ').count());
    titled && near && words >= TITLE_WORDS && {
        let enough_words = words >= TITLE_WORDS_ALONE;
        match (one.seconds, other.seconds) {
            (Some(one), Some(other)) => (one - other).abs() <= LENGTHS_APART * one.max(other),
            _ => enough_words || share_a_passage(one, other),
        }
    }
}

fn share_a_passage(one: &OnShelf<'_>, other: &OnShelf<'_>) -> bool {
    let texts: BTreeSet<Option<String>> = one.texts.iter().map(|text| title(text)).collect();
    other.texts.iter().any(|text| texts.contains(&title(text)))
}

fn its_own(address: Option<String>) -> Option<String> {
    address.filter(|address| !addresses::is_a_place(address))
}
