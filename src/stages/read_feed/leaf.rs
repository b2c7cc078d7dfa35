//! An element whose text is wanted: gathers it, markup included, and puts it where it belongs.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::model::Person;
use crate::model::Soundbite;
use crate::stages::read_feed::draft::EntryDraft;
use crate::stages::read_feed::draft::FeedDraft;
use crate::stages::read_feed::draft::GUID_BYTES_MAX;
use crate::stages::read_feed::durations::read_duration;
use crate::stages::read_feed::elements::Place;
use crate::stages::read_feed::elements::Slot;
use crate::stages::read_feed::elements::is_entry;
use crate::stages::read_feed::elements::slot_of;
use crate::stages::read_feed::namespaces::Space;
use crate::stages::read_feed::tag::Tag;
use crate::stages::read_feed::tag::resolve;
use crate::stages::read_feed::words::Entities;
use crate::stages::read_feed::words::Form;
use crate::stages::read_feed::words::Words;
use crate::stages::read_feed::words::escape;
use crate::stages::read_feed::words::fold;

/// People and clips of one entry; a panel has a dozen.
const PEOPLE_MAX: usize = 64;

/// Room for what follows a first piece of text.
const GROWTH_BYTES: usize = 1 << 10;

/// Elements that HTML knows no end tag of.
const VOID_ELEMENTS: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// An open element whose text is being gathered.
pub(super) struct Leaf<'a> {
    slot: Slot,
    form: LeafForm,
    text: Cow<'a, str>,
    /// HTML, once an element has been found inside.
    markup: Option<String>,
    role: Option<Cow<'a, str>>,
    start_and_duration: Option<(f64, f64)>,
    /// The GUID may serve as a link: RSS says so unless `isPermaLink` denies it, and an Atom id often does.
    guid_is_link: bool,
    /// Elements open inside, and of a person, the part that the outermost of them is.
    inside: usize,
    part: Part,
    name: String,
}

/// How the text of an element is to be understood (RFC 4287 §3.1 and §4.1.3; `mode` is Atom 0.3's).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LeafForm {
    Plain,
    Html,
    /// Elements stand for themselves, and so do characters.
    Inline,
    Base64(Form),
    /// A file in base64, which is no text.
    File,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Name,
    Other,
}

/// Which of the two families a document belongs to: they differ in what text is by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Rss,
    Atom,
}

impl<'a> Leaf<'a> {
    pub(super) fn begin(tag: &Tag<'a>, slot: Slot, family: Family, entities: &Entities) -> Self {
        let number = |name: &str| -> Option<f64> { tag.attribute(name, entities)?.parse().ok() };
        let start_and_duration = match slot {
            Slot::Soundbite => number("startTime").zip(number("duration")),
            _ => None,
        };
        let role = match slot {
            Slot::Person => tag.attribute("role", entities),
            _ => None,
        };
        let guid_is_link = slot == Slot::Guid && {
            let permanent = tag.attribute("isPermaLink", entities);
            permanent.is_none_or(|says| !says.eq_ignore_ascii_case("false"))
        };
        Self {
            slot,
            form: form_of(tag, slot, family, entities),
            text: Cow::Borrowed(""),
            markup: None,
            role,
            start_and_duration,
            guid_is_link,
            inside: 0,
            part: Part::Whole,
            name: String::new(),
        }
    }

    pub(super) fn push(&mut self, text: Cow<'a, str>) {
        match (self.part, &mut self.markup) {
            (Part::Name, _) => self.name.push_str(&text),
            (Part::Other, _) => {}
            (Part::Whole, Some(markup)) => markup.push_str(&escape(&text)),
            (Part::Whole, None) if self.text.is_empty() => self.text = text,
            (Part::Whole, None) => {
                if let Cow::Borrowed(first) = self.text {
                    // of escaped HTML the next piece comes after a few bytes, and the whole has thousands
                    let mut whole = String::with_capacity(first.len() + text.len() + GROWTH_BYTES);
                    whole.push_str(first);
                    self.text = Cow::Owned(whole);
                }
                self.text.to_mut().push_str(&text);
            }
        }
    }

    pub(super) fn open_inside(&mut self, tag: &Tag<'a>) {
        self.inside += 1;
        if matches!(self.slot, Slot::Author(_)) {
            if self.inside == 1 {
                self.part = if tag.known_as == "name" {
                    Part::Name
                } else {
                    Part::Other
                };
            }
            return;
        }
        let text = &self.text;
        let markup = self.markup.get_or_insert_with(|| escape(text).into_owned());
        markup.push('<');
        markup.push_str(tag.local);
        markup.push_str(tag.attributes.trim_end_matches('/'));
        markup.push('>');
    }

    pub(super) fn close_inside(&mut self, name: &str) {
        self.inside = self.inside.saturating_sub(1);
        if self.inside == 0 {
            self.part = Part::Whole;
        }
        let local = name.split_once(':').map_or(name, |(_, local)| local);
        if VOID_ELEMENTS.contains(&local) {
            return;
        }
        if let Some(markup) = &mut self.markup {
            markup.push_str("</");
            markup.push_str(local);
            markup.push('>');
        }
    }

    /// Whether a tag shows that this element must have ended before it, though its end tag is missing.
    pub(super) fn ends_before(&self, tag: &Tag<'_>) -> bool {
        if is_entry(tag) {
            return true;
        }
        match self.slot {
            Slot::Author(_) => false,
            // these hold HTML, which has elements of its own with such names
            Slot::Summary(_) | Slot::Content(_) => match (tag.space, &*tag.known_as) {
                (Space::Feed, name) => matches!(
                    name,
                    "pubdate" | "guid" | "enclosure" | "description" | "published"
                ),
                (Space::Content, name) => name == "encoded",
                _ => false,
            },
            _ => {
                let known = slot_of(tag, Place::Entry).is_some() && tag.space != Space::Xhtml;
                known || tag.space == Space::Feed && tag.known_as == "enclosure"
            }
        }
    }

    pub(super) fn into_entry(self, entry: &mut EntryDraft<'a>, base: Option<&Url>) {
        match self.slot {
            Slot::Title(rank) => self.offer_words(|words| entry.title.offer(rank, words)),
            Slot::Summary(rank) => self.offer_words(|words| entry.summary.offer(rank, words)),
            Slot::Content(rank) => self.offer_words(|words| entry.content.offer(rank, words)),
            Slot::Link => {
                if let Some(link) = resolve(&self.text, base) {
                    entry.link.offer(0, link);
                }
            }
            Slot::Guid => self.into_guid(entry),
            Slot::Date(rank) => entry.dates.push((rank, self.text)),
            Slot::Author(rank) => {
                if let Some(name) = self.author_name() {
                    entry.author.offer_name(rank, name);
                }
            }
            Slot::Duration => {
                entry.duration_seconds = read_duration(&self.text).or(entry.duration_seconds);
            }
            Slot::Soundbite => {
                if let Some(soundbite) = self
                    .soundbite()
                    .filter(|_| entry.soundbites.len() < PEOPLE_MAX)
                {
                    entry.soundbites.push(soundbite);
                }
            }
            Slot::Person => {
                if let Some(person) = self.person().filter(|_| entry.people.len() < PEOPLE_MAX) {
                    entry.people.push(person);
                }
            }
            Slot::Season(rank) => {
                if let Ok(number) = self.text.trim().parse() {
                    entry.season.offer(rank, number);
                }
            }
            Slot::Episode(rank) => {
                if let Ok(number) = self.text.trim().parse() {
                    entry.episode.offer(rank, number);
                }
            }
            Slot::Language => {}
        }
    }

    pub(super) fn into_feed(self, feed: &mut FeedDraft<'a>, base: Option<&Url>) {
        match self.slot {
            Slot::Title(rank) => self.offer_words(|words| feed.title.offer(rank, words)),
            Slot::Link => {
                if let Some(link) = resolve(&self.text, base) {
                    feed.link.offer(0, link);
                }
            }
            Slot::Language => {
                let language = self.text.trim();
                if !language.is_empty() {
                    feed.language.offer(0, Cow::Owned(language.to_owned()));
                }
            }
            Slot::Guid => {
                let guid = self.text.trim();
                if feed.guid.is_none() && !guid.is_empty() && guid.len() <= GUID_BYTES_MAX {
                    feed.guid = Some(guid.to_owned());
                }
            }
            Slot::Author(rank) => {
                if let Some(name) = self.author_name() {
                    feed.author.offer_name(rank, name);
                }
            }
            Slot::Person => {
                if let Some(person) = self.person().filter(|_| feed.people.len() < PEOPLE_MAX) {
                    feed.people.push(person);
                }
            }
            _ => {}
        }
    }

    fn offer_words(self, offer: impl FnOnce(Words<'a>)) {
        if let Some(words) = self.into_words() {
            offer(words);
        }
    }

    /// The text in the form it turned out to have; `None` where there is none.
    fn into_words(self) -> Option<Words<'a>> {
        let (text, form) = match (self.markup, self.form) {
            (Some(markup), _) => (Cow::Owned(markup), Form::Html),
            (None, LeafForm::Plain) => (self.text, Form::Plain),
            (None, LeafForm::Html) => (self.text, Form::Html),
            (None, LeafForm::Inline) => (Cow::Owned(escape(&self.text).into_owned()), Form::Html),
            (None, LeafForm::Base64(form)) => (Cow::Owned(from_base64(&self.text)?), form),
            (None, LeafForm::File) => return None,
        };
        if text.trim().is_empty() {
            return None;
        }
        Some(Words { text, form })
    }

    /// The text on one line; `None` where nothing of it is to be seen.
    fn into_line(self) -> Option<String> {
        let line = self.into_words().map(Words::into_line);
        line.filter(|line| !line.is_empty())
    }

    fn into_guid(self, entry: &mut EntryDraft<'a>) {
        let guid = self.text.trim();
        if guid.is_empty() || entry.guid.is_some() {
            return;
        }
        // only a whole address: "1234" is no page beside the feed
        if let Some(link) = resolve(guid, None).filter(|_| self.guid_is_link) {
            entry.link.offer(3, link);
        }
        entry.guid = Some(Cow::Owned(guid.to_owned()));
    }

    fn author_name(self) -> Option<String> {
        let written = if self.name.trim().is_empty() {
            &*self.text
        } else {
            &self.name
        };
        let name = Words::new(written, Form::Html).into_line();
        person_name(&name)
    }

    fn person(self) -> Option<Person> {
        let role = self.role.as_deref().unwrap_or("host").to_lowercase();
        let name = self.into_line()?;
        Some(Person { name, role })
    }

    fn soundbite(self) -> Option<Soundbite> {
        let (start_seconds, duration_seconds) = self.start_and_duration?;
        let sound = start_seconds.is_finite()
            && start_seconds >= 0.0
            && duration_seconds.is_finite()
            && duration_seconds > 0.0;
        let title = self.into_line();
        sound.then_some(Soundbite {
            start_seconds,
            duration_seconds,
            title,
        })
    }
}

fn form_of(tag: &Tag<'_>, slot: Slot, family: Family, entities: &Entities) -> LeafForm {
    if !matches!(slot, Slot::Title(_) | Slot::Summary(_) | Slot::Content(_)) {
        return LeafForm::Plain;
    }
    let lower = |name: &str| {
        tag.attribute(name, entities)
            .map(|value| value.to_ascii_lowercase())
    };
    let (kind, mode) = if tag.attributes.is_empty() {
        (None, None)
    } else {
        (lower("type"), lower("mode"))
    };
    let form = match kind.as_deref() {
        None if family == Family::Atom
            && tag.space == Space::Feed
            && tag.known_as != "description" =>
        {
            LeafForm::Plain
        }
        None | Some("html" | "text/html") => LeafForm::Html,
        Some("text" | "plain") => LeafForm::Plain,
        Some("xhtml") => LeafForm::Inline,
        Some(kind) if kind.ends_with("/xml") || kind.ends_with("+xml") => LeafForm::Inline,
        Some(kind) if kind.starts_with("text/") => LeafForm::Plain,
        // "application/octet-stream" and the like: a file, were it not for titles that were packed the same way
        Some(_) if slot == Slot::Content(0) => LeafForm::File,
        Some(_) => LeafForm::Base64(Form::Html),
    };
    match (mode.as_deref(), form) {
        (Some("base64"), LeafForm::Html | LeafForm::Inline) => LeafForm::Base64(Form::Html),
        (Some("base64"), _) => LeafForm::Base64(Form::Plain),
        (Some("escaped"), LeafForm::Inline) => LeafForm::Html,
        (Some("xml"), LeafForm::Html) => LeafForm::Inline,
        _ => form,
    }
}

fn from_base64(text: &str) -> Option<String> {
    let packed: String = text.split_whitespace().collect();
    let bytes = STANDARD.decode(packed).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// The name in what RSS calls an author: `name`, `address (name)` or `name <address>`. An address alone is no name.
fn person_name(text: &str) -> Option<String> {
    let text = text.trim();
    if !text.contains('@') {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    if let Some((address, name)) = text.split_once('(') {
        let name = name.trim_end_matches(')').trim();
        if address.contains('@') && !name.is_empty() && !name.contains('@') {
            return Some(name.to_owned());
        }
    }
    let without: Vec<&str> = text
        .split_whitespace()
        .filter(|word| !word.contains('@'))
        .collect();
    let name = fold(&without.join(" "));
    let name = name.trim_matches(['"', '(', ')', '<', '>', ',', ' ']);
    (!name.is_empty()).then(|| name.to_owned())
}
