//! What each element of a feed is for: RSS, Atom, Dublin Core, iTunes, Media RSS and the podcast namespace.

use std::borrow::Cow;

use url::Url;

use crate::model::Chapter;
use crate::model::Enclosure;
use crate::model::TranscriptLink;
use crate::stages::read_feed::TRANSCRIPTS_MAX;
use crate::stages::read_feed::draft::Alternative;
use crate::stages::read_feed::draft::EntryDraft;
use crate::stages::read_feed::draft::FeedDraft;
use crate::stages::read_feed::draft::Rank;
use crate::stages::read_feed::durations::read_duration;
use crate::stages::read_feed::durations::read_start;
use crate::stages::read_feed::namespaces::Space;
use crate::stages::read_feed::tag::Surroundings;
use crate::stages::read_feed::tag::Tag;
use crate::stages::read_feed::tag::resolve;

/// How the names of recordings end.
const SOUND_ENDINGS: [&str; 12] = [
    "mp3", "m4a", "m4b", "aac", "ogg", "oga", "opus", "wav", "flac", "mp4", "m4v", "mov",
];

/// How the names of pictures and papers end.
const PICTURE_ENDINGS: [&str; 7] = ["jpg", "jpeg", "png", "gif", "webp", "svg", "pdf"];

/// What an open element is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// The root of a feed, or a lone Atom entry.
    Root,
    /// An RSS channel.
    Channel,
    /// An item or entry.
    Entry,
    /// Only holds together elements that belong to the entry.
    Group,
    /// Its text is wanted.
    Leaf,
    /// Part of the text of a leaf.
    Inside,
    /// Its attributes may be wanted; what it holds is not.
    Passed,
}

/// Where an element stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Outside of any feed.
    Outside,
    /// Directly in the feed.
    Feed,
    /// Directly in an entry.
    Entry,
    /// In an element whose text is wanted.
    Leaf,
    /// In an element that is passed over.
    Passed,
}

/// Where the text of an element goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    Title(Rank),
    Link,
    Language,
    Guid,
    Date(Rank),
    Author(Rank),
    Summary(Rank),
    Content(Rank),
    Duration,
    Soundbite,
    Person,
    Season(Rank),
    Episode(Rank),
}

pub(super) fn is_entry(tag: &Tag<'_>) -> bool {
    tag.space == Space::Feed && matches!(&*tag.known_as, "item" | "entry")
}

/// The role of an element by its name and place.
pub(super) fn role_of(tag: &Tag<'_>, place: Place) -> Role {
    let name = &*tag.known_as;
    match place {
        Place::Outside if tag.space == Space::Feed => match name {
            "rss" | "rdf" | "feed" | "channel" | "entry" => Role::Root,
            _ => Role::Passed,
        },
        Place::Leaf => Role::Inside,
        Place::Feed if is_entry(tag) => Role::Entry,
        Place::Feed if tag.space == Space::Feed && name == "channel" => Role::Channel,
        Place::Feed | Place::Entry if slot_of(tag, place).is_some() => Role::Leaf,
        Place::Entry => match (tag.space, name) {
            (Space::Media, "group" | "content")
            | (Space::Podcast, "alternateenclosure")
            | (Space::Chapters, "chapters") => Role::Group,
            _ => Role::Passed,
        },
        Place::Outside | Place::Feed | Place::Passed => Role::Passed,
    }
}

/// Where the text of an element in a feed or entry goes; `None` where nobody asks for it.
pub(super) fn slot_of(tag: &Tag<'_>, place: Place) -> Option<Slot> {
    let in_entry = place == Place::Entry;
    let slot = match (tag.space, &*tag.known_as) {
        (Space::Feed, "title") => Slot::Title(0),
        (Space::DublinCore, "title") => Slot::Title(1),
        // with an address in an attribute it is Atom's
        (Space::Feed, "link") if !tag.attributes.contains("href") => Slot::Link,
        (Space::Feed, "author") => Slot::Author(0),
        (Space::Podcast, "person") => Slot::Person,
        (Space::Feed | Space::DublinCore, "language") if !in_entry => Slot::Language,
        (Space::Podcast, "guid") if !in_entry => Slot::Guid,
        _ if !in_entry => return None,
        (Space::Media, "title") => Slot::Title(2),
        (Space::Itunes, "title") => Slot::Title(3),
        (Space::Feed, "guid" | "id") | (Space::DublinCore, "identifier") => Slot::Guid,
        (Space::Feed, "pubdate" | "published") => Slot::Date(0),
        (Space::Feed | Space::DublinCore, "issued") | (Space::DublinCore, "date") => Slot::Date(1),
        (Space::Feed | Space::DublinCore, "created") | (Space::Feed, "date") => Slot::Date(2),
        (Space::Feed | Space::DublinCore, "updated" | "modified") => Slot::Date(3),
        (Space::DublinCore, "creator" | "author") => Slot::Author(1),
        (Space::Itunes, "author") => Slot::Author(2),
        (Space::Feed, "description" | "summary") => Slot::Summary(0),
        (Space::DublinCore, "description" | "abstract") | (Space::Feed, "abstract") => {
            Slot::Summary(1)
        }
        (Space::Itunes, "summary" | "description") => Slot::Summary(2),
        (Space::Media, "description") => Slot::Summary(3),
        (Space::Itunes, "subtitle") => Slot::Summary(4),
        (Space::Content, "encoded") | (Space::Feed, "content") => Slot::Content(0),
        (Space::Xhtml, "body" | "div") | (Space::Feed, "body" | "fullitem") => Slot::Content(1),
        (Space::Itunes, "duration") => Slot::Duration,
        (Space::Podcast, "soundbite") => Slot::Soundbite,
        (Space::Podcast, "season") => Slot::Season(0),
        (Space::Itunes, "season") => Slot::Season(1),
        (Space::Podcast, "episode") => Slot::Episode(0),
        (Space::Itunes, "episode") => Slot::Episode(1),
        _ => return None,
    };
    Some(slot)
}

impl<'a> FeedDraft<'a> {
    /// Takes what an element of the feed says in its attributes.
    pub(super) fn take_attributes(&mut self, tag: &Tag<'a>, around: &Surroundings<'_>) {
        match (tag.space, &*tag.known_as) {
            (Space::Feed, "link") => {
                let found = AtomLink::read(tag, around);
                if let Some(found) = found.filter(|found| found.rel == "alternate") {
                    // an RSS feed may link to its Atom twin this way
                    self.link.offer(1 + found.page_rank(), found.url);
                }
            }
            // CDF, older than RSS, says in attributes what others say in elements
            (Space::Feed, "channel") => {
                if let Some(url) = tag.address("href", around) {
                    self.link.offer(3, url);
                }
            }
            _ => {}
        }
    }
}

impl<'a> EntryDraft<'a> {
    /// Takes what an element of the entry says in its attributes.
    pub(super) fn take_attributes(&mut self, tag: &Tag<'a>, around: &Surroundings<'_>) {
        match (tag.space, &*tag.known_as) {
            (Space::Feed, "item") => self.take_cdf(tag, around),
            (Space::Feed, "link") => self.take_link(tag, around),
            (Space::Feed, "enclosure") => self.take_file(0, "url", tag, around),
            (Space::Media, "content") => {
                self.take_file(2, "url", tag, around);
                let duration = tag.attribute("duration", around.entities);
                let seconds = duration.and_then(|text| read_duration(&text));
                self.duration_seconds = self.duration_seconds.or(seconds);
            }
            (Space::Podcast, "alternateenclosure") => self.take_alternative(tag, around),
            (Space::Podcast, "source") => self.take_source(tag, around),
            (Space::Podcast, "transcript") => self.take_transcript(tag, around),
            (Space::Podcast, "chapters") if self.chapters.is_none() => {
                self.chapters = tag.address("url", around);
            }
            (Space::Chapters, "chapter") => self.take_chapter(tag, around),
            _ => {}
        }
    }

    /// Page and date of an item of CDF.
    fn take_cdf(&mut self, tag: &Tag<'a>, around: &Surroundings<'_>) {
        if let Some(url) = tag.address("href", around) {
            self.link.offer(3, url);
        }
        if let Some(date) = tag.attribute("lastmod", around.entities) {
            self.dates.push((3, date));
        }
    }

    fn take_link(&mut self, tag: &Tag<'a>, around: &Surroundings<'_>) {
        let Some(link) = AtomLink::read(tag, around) else {
            return;
        };
        match &*link.rel {
            "alternate" => self.link.offer(link.page_rank(), link.url),
            "enclosure" => {
                let bytes = tag.attribute("length", around.entities);
                let bytes = bytes.and_then(|length| length.parse().ok());
                self.offer_file(1, link.url, link.media_type, bytes);
            }
            _ => {}
        }
    }

    fn take_file(&mut self, rank: Rank, address: &str, tag: &Tag<'a>, around: &Surroundings<'_>) {
        let Some(url) = tag.address(address, around) else {
            return;
        };
        let attribute = |name: &str| tag.attribute(name, around.entities);
        let media_type = attribute("type").or_else(|| attribute("medium"));
        let length = attribute("length").or_else(|| attribute("fileSize"));
        let bytes = length.and_then(|length| length.parse().ok());
        self.offer_file(rank, url, media_type, bytes);
    }

    /// What its sources have in common. The one that the feed calls the default comes first, then sound before moving pictures.
    fn take_alternative(&mut self, tag: &Tag<'a>, around: &Surroundings<'_>) {
        let attribute = |name: &str| tag.attribute(name, around.entities);
        let default = attribute("default").is_some_and(|says| says.eq_ignore_ascii_case("true"));
        let media_type = attribute("type");
        let sound = media_type
            .as_deref()
            .is_some_and(|kind| kind.starts_with("audio"));
        let rank = match (default, sound) {
            (true, _) => 3,
            (false, true) => 4,
            (false, false) => 5,
        };
        let length = attribute("length");
        self.alternative = Alternative {
            rank,
            media_type,
            bytes: length.and_then(|length| length.parse().ok()),
        };
    }

    fn take_source(&mut self, tag: &Tag<'a>, around: &Surroundings<'_>) {
        let Some(url) = tag.address("uri", around) else {
            return; // in a network that has no web addresses
        };
        let of_all = &self.alternative;
        let (rank, bytes) = (of_all.rank, of_all.bytes);
        let own_type = tag.attribute("contentType", around.entities);
        let media_type = own_type.or_else(|| of_all.media_type.clone());
        self.offer_file(rank, url, media_type, bytes);
    }

    /// Offers a file as the enclosure; pictures and documents are none.
    pub(super) fn offer_file(
        &mut self,
        rank: Rank,
        url: Url,
        media_type: Option<Cow<'_, str>>,
        bytes: Option<u64>,
    ) {
        let kind = media_type
            .as_deref()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let typed_as_sound = kind.starts_with("audio") || kind.starts_with("video");
        let silent = [
            "image",
            "text/",
            "application/pdf",
            "document",
            "executable",
        ];
        let typed_as_silent = silent.iter().any(|silent| kind.starts_with(silent));
        // servers and scripts call a recording "text/html", and pictures nothing at all
        let named_as_sound = || ends_in(&url, &SOUND_ENDINGS);
        let sounds = typed_as_sound || named_as_sound();
        if !sounds && (typed_as_silent || ends_in(&url, &PICTURE_ENDINGS)) {
            return;
        }
        let enclosure = Enclosure {
            url,
            media_type: media_type
                .map(Cow::into_owned)
                .filter(|kind| kind.contains('/')),
            bytes: bytes.filter(|&bytes| bytes > 0),
        };
        // a type that says nothing of sound comes after all that do
        self.enclosure
            .offer(if sounds { rank } else { rank + 10 }, enclosure);
    }

    fn take_chapter(&mut self, tag: &Tag<'a>, around: &Surroundings<'_>) {
        let attribute = |name: &str| tag.attribute(name, around.entities);
        let start = attribute("start").and_then(|start| read_start(&start));
        let chapter = start
            .zip(attribute("title"))
            .and_then(|(start, title)| Chapter::read(start, &title));
        if self.own_chapters.len() < Chapter::COUNT_MAX {
            self.own_chapters.extend(chapter);
        } else {
            self.over.chapters += usize::from(chapter.is_some());
        }
    }

    fn take_transcript(&mut self, tag: &Tag<'a>, around: &Surroundings<'_>) {
        let Some(url) = tag.address("url", around) else {
            return;
        };
        let owned = |name: &str| tag.attribute(name, around.entities).map(Cow::into_owned);
        let transcript = TranscriptLink {
            url,
            media_type: owned("type"),
            language: owned("language"),
            rel: owned("rel"),
        };
        self.offer_transcript(transcript);
    }

    pub(super) fn offer_transcript(&mut self, transcript: TranscriptLink) {
        if self.transcripts.contains(&transcript) {
            return;
        }
        if self.transcripts.len() < TRANSCRIPTS_MAX {
            self.transcripts.push(transcript);
        } else {
            self.over.transcripts += 1;
        }
    }
}

/// Whether the last part of an address ends in one of these.
fn ends_in(url: &Url, endings: &[&str]) -> bool {
    let ending = url.path().rsplit_once('.').map_or("", |(_, ending)| ending);
    endings
        .iter()
        .any(|known| known.eq_ignore_ascii_case(ending))
}

/// An Atom link (RFC 4287 §4.2.7).
struct AtomLink<'a> {
    url: Url,
    rel: Cow<'a, str>,
    media_type: Option<Cow<'a, str>>,
}

impl<'a> AtomLink<'a> {
    fn read(tag: &Tag<'a>, around: &Surroundings<'_>) -> Option<Self> {
        let href = tag.attribute("href", around.entities)?;
        let rel = tag
            .attribute("rel", around.entities)
            .unwrap_or(Cow::Borrowed("alternate"));
        let short = rel.rsplit('/').next().unwrap_or(&rel).to_ascii_lowercase();
        Some(Self {
            url: resolve(&href, around.base)?,
            rel: Cow::Owned(short),
            media_type: tag.attribute("type", around.entities),
        })
    }

    /// 0 for a page that a person reads, 1 for the entry in another form.
    fn page_rank(&self) -> Rank {
        let kind = self.media_type.as_deref().unwrap_or("text/html");
        u8::from(!kind.to_ascii_lowercase().contains("html"))
    }
}
