//! A feed as it was written, gathered by any of the readers, on its way to a [`Feed`].

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::collections::HashSet;
use std::ops::Range;

use jiff::Timestamp;
use url::Url;

use crate::model::Chapter;
use crate::model::Enclosure;
use crate::model::Entry;
use crate::model::EntryId;
use crate::model::Feed;
use crate::model::Person;
use crate::model::Soundbite;
use crate::model::TranscriptLink;
use crate::stages::read_feed::TRANSCRIPTS_MAX;
use crate::stages::read_feed::dates::read_date;
use crate::stages::read_feed::words::Words;

/// Longest GUID that is kept for later readings: addresses, which make the longest, stay below. A longer one still makes an id.
pub(super) const GUID_BYTES_MAX: usize = 2_000;

/// A feed as a reader found it.
#[derive(Default)]
pub(super) struct FeedDraft<'a> {
    pub(super) title: Ranked<Words<'a>>,
    pub(super) link: Ranked<Url>,
    pub(super) language: Ranked<Cow<'a, str>>,
    /// `podcast:guid`
    pub(super) guid: Option<String>,
    /// Who writes where an entry does not say it (RFC 4287 §4.2.1, JSON Feed 1.1).
    pub(super) author: Ranked<String>,
    /// Who takes part where an entry does not say it (podcast namespace, `podcast:person` of a channel).
    pub(super) people: Vec<Person>,
    pub(super) entries: Vec<EntryDraft<'a>>,
    pub(super) warnings: Vec<String>,
    /// An entry was there of which too little is left.
    pub(super) lost_entry: bool,
}

/// An entry as a reader found it.
#[derive(Default)]
pub(super) struct EntryDraft<'a> {
    /// Where its element stands in the text of the feed, in bytes.
    pub(super) place: Range<usize>,
    pub(super) guid: Option<Cow<'a, str>>,
    pub(super) title: Ranked<Words<'a>>,
    pub(super) link: Ranked<Url>,
    /// Dates as written; a lower rank is nearer to "published".
    pub(super) dates: Vec<(Rank, Cow<'a, str>)>,
    /// What the dates come to, once asked for.
    pub(super) published: OnceCell<Option<Timestamp>>,
    pub(super) author: Ranked<String>,
    pub(super) summary: Ranked<Words<'a>>,
    pub(super) content: Ranked<Words<'a>>,
    pub(super) enclosure: Ranked<Enclosure>,
    /// The `podcast:alternateEnclosure` whose sources are being read.
    pub(super) alternative: Alternative<'a>,
    pub(super) duration_seconds: Option<f64>,
    pub(super) transcripts: Vec<TranscriptLink>,
    pub(super) chapters: Option<Url>,
    pub(super) own_chapters: Vec<Chapter>,
    pub(super) soundbites: Vec<Soundbite>,
    pub(super) people: Vec<Person>,
    pub(super) season: Ranked<u32>,
    pub(super) episode: Ranked<u32>,
    pub(super) over: Over,
}

/// What an alternative enclosure says of all its sources.
#[derive(Default)]
pub(super) struct Alternative<'a> {
    pub(super) rank: Rank,
    pub(super) media_type: Option<Cow<'a, str>>,
    pub(super) bytes: Option<u64>,
}

/// How many of what an entry lists were passed over because it lists too many.
#[derive(Default)]
pub(super) struct Over {
    pub(super) transcripts: usize,
    pub(super) chapters: usize,
}

/// How near a value is to what is looked for: 0 is the very thing.
pub(super) type Rank = u8;

/// The best of several values on offer: the lowest rank, and of equals the first.
pub(super) struct Ranked<T>(Option<(Rank, T)>);

impl<T> Default for Ranked<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Ranked<T> {
    pub(super) fn offer(&mut self, rank: Rank, value: T) {
        if self.0.as_ref().is_none_or(|(held, _)| rank < *held) {
            self.0 = Some((rank, value));
        }
    }

    pub(super) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    pub(super) fn take(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}

impl Ranked<String> {
    /// As [`Ranked::offer`], but a second name of the same rank joins the first.
    pub(super) fn offer_name(&mut self, rank: Rank, name: String) {
        const NAMES_BYTES_MAX: usize = 300; // a dozen names
        match &mut self.0 {
            Some((held, names)) if *held == rank => {
                let known = names.split(", ").any(|known| known == name);
                if !known && names.len() + name.len() < NAMES_BYTES_MAX {
                    names.push_str(", ");
                    names.push_str(&name);
                }
            }
            _ => self.offer(rank, name),
        }
    }
}

impl FeedDraft<'_> {
    /// The feed, with ids that every reading of it gives again. Entries before `texts_since` have no texts.
    pub(super) fn into_feed(mut self, source: &str, texts_since: Option<Timestamp>) -> Feed {
        let author = self.author.take();
        let (mut undated, mut over) = (0, Over::default());
        for draft in &self.entries {
            undated += usize::from(draft.published().is_none() && !draft.dates.is_empty());
            over.transcripts += draft.over.transcripts;
            over.chapters += draft.over.chapters;
        }
        if undated > 0 {
            let dates = counted(undated, "date", "dates");
            self.warnings.push(format!("{dates} could not be read."));
        }
        self.warnings.extend(over.told());
        let ids = ids(&self.entries, source, &mut self.warnings);
        let with_ids = self.entries.into_iter().zip(ids);
        let entries = with_ids.map(|(draft, id)| {
            let mut entry = draft.into_entry(id, author.as_ref(), texts_since);
            if entry.people.is_empty() {
                entry.people.clone_from(&self.people);
            }
            entry
        });
        let entries = entries.collect();
        Feed {
            title: self
                .title
                .take()
                .map(Words::into_line)
                .filter(|title| !title.is_empty()),
            link: self.link.take(),
            language: self.language.take().map(Cow::into_owned),
            guid: self.guid,
            entries,
            warnings: self.warnings,
        }
    }
}

impl Over {
    fn told(&self) -> impl Iterator<Item = String> {
        let kinds = [
            (
                self.transcripts,
                "transcript",
                "transcripts",
                TRANSCRIPTS_MAX,
            ),
            (self.chapters, "chapter", "chapters", Chapter::COUNT_MAX),
        ];
        kinds
            .into_iter()
            .filter(|(over, ..)| *over > 0)
            .map(|(over, one, several, most)| {
                let were = if over == 1 { "was" } else { "were" };
                let passed_over = counted(over, one, several);
                format!("{passed_over} {were} passed over: of one entry {most} are read.")
            })
    }
}

impl EntryDraft<'_> {
    /// The date nearest to "published" that can be read, of several of one kind the earliest, when it was out already; asked for
    /// once all dates are there.
    fn published(&self) -> Option<Timestamp> {
        *self.published.get_or_init(|| {
            let mut ranks: Vec<_> = self.dates.iter().collect();
            ranks.sort_by_key(|(rank, _)| *rank);
            let groups = ranks.chunk_by(|(one, _), (other, _)| one == other);
            let mut earliest =
                groups.map(|group| group.iter().filter_map(|(_, text)| read_date(text)).min());
            earliest.find_map(|date| date)
        })
    }

    /// Whether a title or any text of it is still to be found.
    pub(super) fn lacks_words(&self) -> bool {
        let texts = [&self.summary, &self.content];
        self.title.get().is_none() || texts.iter().all(|text| text.get().is_none())
    }

    /// Whether it was published since then; what nobody can date may always have been.
    pub(super) fn is_since(&self, since: Option<Timestamp>) -> bool {
        since.is_none_or(|since| self.published().is_none_or(|published| published >= since))
    }

    fn into_entry(
        self,
        id: EntryId,
        feed_author: Option<&String>,
        texts_since: Option<Timestamp>,
    ) -> Entry {
        let published = self.published();
        let has_texts = self.is_since(texts_since);
        let html = |words: Ranked<Words<'_>>| {
            let html = words.take().filter(|_| has_texts).map(Words::into_html);
            html.filter(|html| !html.is_empty())
        };
        let (summary, content) = match (html(self.summary), html(self.content)) {
            (Some(summary), Some(content)) if summary == content => (None, Some(content)),
            // whichever is longer is the content, whatever element it stood in
            (Some(summary), Some(content)) if summary.len() > content.len() => {
                (Some(content), Some(summary))
            }
            pair => pair,
        };
        Entry {
            id,
            guid: self
                .guid
                .map(Cow::into_owned)
                .filter(|guid| guid.len() <= GUID_BYTES_MAX),
            title: self.title.take().map(Words::into_line).unwrap_or_default(),
            link: self.link.take(),
            published,
            author: self.author.take().or_else(|| feed_author.cloned()),
            summary,
            content,
            enclosure: self.enclosure.take(),
            duration_seconds: self.duration_seconds,
            transcripts: self.transcripts,
            chapters: self.chapters,
            own_chapters: self.own_chapters,
            soundbites: self.soundbites,
            people: self.people,
            season: self.season.take(),
            episode: self.episode.take(),
        }
    }
}

/// What the id of an entry may be made of, by falling preference: the GUID, the link, title with date and file.
fn keys(draft: &EntryDraft<'_>) -> [Option<String>; 3] {
    let guid = draft.guid.as_deref().map(str::to_owned);
    let link = draft.link.get().map(Url::to_string);
    let file = draft.enclosure.get().map_or("", |file| file.url.as_str());
    let date = draft.dates.first().map_or("", |(_, text)| text.trim());
    let title = draft.title.get().cloned().map(Words::into_line);
    let told = format!("{}\n{date}\n{file}", title.unwrap_or_default());
    [guid, link, Some(told)]
}

/// Of each entry the id of its first key that no other entry of the feed has, and where it has none, of all that is told
/// of it together. Copies are counted from the end, where the oldest stand, so that a new one leaves the others their ids.
fn ids(drafts: &[EntryDraft<'_>], source: &str, warnings: &mut Vec<String>) -> Vec<EntryId> {
    let guids = || drafts.iter().filter_map(|draft| draft.guid.as_deref());
    if guids().collect::<HashSet<&str>>().len() == drafts.len() {
        // as in most feeds
        return guids().map(|guid| EntryId::new(source, guid)).collect();
    }
    let keys: Vec<[Option<String>; 3]> = drafts.iter().map(keys).collect();
    let mut holders: [HashMap<&str, usize>; 3] = Default::default();
    for keys in &keys {
        for (holders, key) in holders.iter_mut().zip(keys) {
            if let Some(key) = key {
                *holders.entry(key).or_default() += 1;
            }
        }
    }
    let mut given: HashMap<EntryId, usize> = HashMap::new();
    let mut ids = Vec::with_capacity(drafts.len());
    let (mut shared, mut copies) = (0, 0);
    for (draft, keys) in drafts.iter().zip(&keys).rev() {
        let alone = |nth: usize| {
            let key = keys[nth].as_deref()?;
            (holders[nth].get(key) == Some(&1)).then_some(key)
        };
        shared += usize::from(keys[0].is_some() && alone(0).is_none());
        let by_one_key = (0..keys.len())
            .find_map(alone)
            .map(|key| EntryId::new(source, key));
        // the GUID of one entry may be the link of another, which then must not take the same id
        let free = by_one_key.filter(|id| !given.contains_key(id));
        let mut id = free.unwrap_or_else(|| id_of_all(draft, keys, source));
        let holders = given.entry(id.clone()).or_insert(0);
        *holders += 1;
        if *holders > 1 {
            copies += 1;
            id = EntryId::new(source, &format!("{id}\n{holders}"));
        }
        ids.push(id);
    }
    ids.reverse();
    if shared > 0 {
        let entries = counted(shared, "entry shares its", "entries share a");
        warnings.push(format!(
            "{entries} GUID with another; links or titles tell them apart."
        ));
    }
    if copies > 0 {
        let copies = counted(copies, "entry repeats", "entries repeat");
        warnings.push(format!("{copies} another word for word."));
    }
    ids
}

/// The id of all that is told of an entry.
fn id_of_all(draft: &EntryDraft<'_>, keys: &[Option<String>; 3], source: &str) -> EntryId {
    let texts = [&draft.summary, &draft.content].map(|words| words.get().map(|words| &*words.text));
    let told: Vec<&str> = keys
        .iter()
        .map(Option::as_deref)
        .chain(texts)
        .map(Option::unwrap_or_default)
        .collect();
    EntryId::new(source, &told.join("\n"))
}

/// `1 entry`, `2 entries`.
pub(super) fn counted(number: usize, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}
