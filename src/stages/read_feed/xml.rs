//! The lenient reading of XML feeds: it takes RSS, RDF and Atom as they come, broken ones too, and gives what feed-rs lacks.
//!
//! quick-xml finds tags and text; which element is open is kept here, so that a missing or wrong end tag costs one
//! element and not the feed. Nothing a document declares about entities is ever looked at.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use url::Url;

use crate::stages::read_feed::ENTRIES_MAX;
use crate::stages::read_feed::draft::EntryDraft;
use crate::stages::read_feed::draft::FeedDraft;
use crate::stages::read_feed::draft::counted;
use crate::stages::read_feed::elements::Place;
use crate::stages::read_feed::elements::Role;
use crate::stages::read_feed::elements::is_entry;
use crate::stages::read_feed::elements::role_of;
use crate::stages::read_feed::elements::slot_of;
use crate::stages::read_feed::leaf::Family;
use crate::stages::read_feed::leaf::Leaf;
use crate::stages::read_feed::namespaces::Namespaces;
use crate::stages::read_feed::tag::Surroundings;
use crate::stages::read_feed::tag::Tag;
use crate::stages::read_feed::tag::resolve;
use crate::stages::read_feed::words::Entities;
use crate::stages::read_feed::words::Reference;

/// Elements inside one another; real feeds stay under 30, with the HTML in them.
const DEPTH_MAX: usize = 128;

/// What a lenient reading gave.
pub(super) struct XmlReading<'a> {
    pub(super) draft: FeedDraft<'a>,
    /// Whether the document is sound enough that feed-rs can read it too.
    pub(super) sound: bool,
    /// Where the root element begins: before it stand the declaration and whatever got there by mistake.
    pub(super) root_at: usize,
}

/// Reads an XML feed; `None` when no element of it is the root of a feed.
pub(super) fn read_xml<'a>(text: &'a str, base: Option<&Url>) -> Option<XmlReading<'a>> {
    let mut reading = Reading {
        text,
        entities: Entities::default(),
        namespaces: Namespaces::default(),
        bases: Vec::new(),
        origin: base.cloned(),
        open: Vec::new(),
        leaf: None,
        feed: FeedDraft::default(),
        entry: None,
        behind: 0,
        root_at: None,
        is_page: false,
        family: Family::Rss,
        nesting: 0,
        trouble: Trouble::default(),
    };
    reading.read();
    let root_at = reading.root_at?;
    reading.tell_troubles();
    Some(XmlReading {
        sound: !reading.trouble.any(),
        draft: FeedDraft {
            lost_entry: reading.trouble.cut == Cut::InsideAnEntry,
            ..reading.feed
        },
        root_at,
    })
}

/// What was wrong with the document's form.
#[derive(Default)]
struct Trouble {
    bare_ampersands: usize,
    stray_markup: usize,
    end_tags: usize,
    cut: Cut,
    entries_over: bool,
    too_deep: bool,
}

impl Trouble {
    fn any(&self) -> bool {
        let counts = self.bare_ampersands + self.stray_markup + self.end_tags;
        counts > 0 || self.cut != Cut::Nowhere || self.entries_over || self.too_deep
    }
}

/// Where the document breaks off.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Cut {
    #[default]
    Nowhere,
    BetweenEntries,
    InsideAnEntry,
}

struct Open<'a> {
    /// Name with its prefix, as the end tag will repeat it.
    name: &'a str,
    role: Role,
}

struct Reading<'a> {
    text: &'a str,
    entities: Entities,
    namespaces: Namespaces<'a>,
    /// `xml:base` in force, with the depth of the element that set it.
    bases: Vec<(usize, Url)>,
    origin: Option<Url>,
    open: Vec<Open<'a>>,
    leaf: Option<Leaf<'a>>,
    feed: FeedDraft<'a>,
    entry: Option<EntryDraft<'a>>,
    /// Behind what is being looked at.
    behind: usize,
    root_at: Option<usize>,
    /// It is an HTML page: feeds do not begin inside of one.
    is_page: bool,
    family: Family,
    /// Depth as a strict reader counts it.
    nesting: usize,
    trouble: Trouble,
}

/// What became of a start tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opened {
    Noted,
    TooDeep,
}

/// How a stretch of reading ended.
enum Stop {
    /// At the end of what is to be read.
    End,
    /// At markup that is none: reading goes on behind it.
    At(usize),
}

impl<'a> Reading<'a> {
    fn read(&mut self) {
        /// How often, in all, a byte may be looked at again after markup that turned out to be none.
        const REREADINGS_MAX: usize = 16;
        let mut budget = self.text.len().saturating_mul(REREADINGS_MAX);
        let mut from = 0;
        while let Stop::At(next) = self.read_stretch(from, &mut budget) {
            self.trouble.stray_markup += 1;
            from = next;
        }
        self.at_end();
    }

    /// Reads from byte `from` until the end, or until something that is no markup.
    fn read_stretch(&mut self, from: usize, budget: &mut usize) -> Stop {
        let Some(rest) = self.text.get(from..) else {
            return Stop::End;
        };
        let mut reader = Reader::from_str(rest);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            let before = from + position(reader.buffer_position());
            let event = reader.read_event();
            let after = from + position(reader.buffer_position());
            self.behind = after;
            match event {
                Ok(Event::Start(_)) if is_tag(&self.text[before..]) => {
                    self.on_start(before, strip(self.text, before, after, 1, 1));
                }
                Ok(Event::Empty(_)) if is_tag(&self.text[before..]) => {
                    let opened = self.on_start(before, strip(self.text, before, after, 1, 2));
                    self.nesting -= 1;
                    if opened == Opened::Noted {
                        self.close_down_to(self.open.len() - 1);
                    }
                }
                Ok(Event::Start(_) | Event::Empty(_)) => {
                    // a "<" that stands for itself
                    self.on_text(Cow::Borrowed("<"));
                    return goes_on(before + 1, after - before, budget);
                }
                Ok(Event::End(_)) => self.on_end(strip(self.text, before, after, 2, 1).trim_end()),
                Ok(Event::Text(text)) => self.on_text(text.into_inner()),
                Ok(Event::CData(text)) => self.on_text(text.into_inner()),
                Ok(Event::GeneralRef(name)) => self.on_reference(&name),
                Ok(Event::Eof) => return Stop::End,
                Ok(Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_)) => {}
                Err(_) if before >= self.text.len() => return Stop::End,
                Err(_) => {
                    let after = after.max(before + 1);
                    return goes_on(before + 1, after - before, budget);
                }
            }
            if self.trouble.entries_over || self.is_page {
                return Stop::End;
            }
        }
    }

    /// `before` is the tag's place in the text, `inside` what stands between its brackets.
    fn on_start(&mut self, before: usize, inside: &'a str) -> Opened {
        self.nesting += 1;
        let depth = self.open.len() + 1;
        self.trouble.too_deep |= self.nesting > DEPTH_MAX;
        if depth > DEPTH_MAX {
            return Opened::TooDeep;
        }
        let mut tag = Tag::new(inside);
        self.declare(&tag, depth);
        tag.space = self.namespaces.resolve(tag.prefix);
        let place = self.make_room(&tag);
        // elements that were never closed may have been closed just now
        let role = match (place, &mut self.leaf) {
            (Place::Leaf, Some(leaf)) => {
                leaf.open_inside(&tag);
                Role::Inside
            }
            _ => role_of(&tag, place),
        };
        self.is_page |= place == Place::Outside && tag.known_as == "html";
        if role == Role::Root && self.root_at.is_none() {
            self.root_at = Some(before);
            if matches!(&*tag.known_as, "feed" | "entry") {
                self.family = Family::Atom;
            }
        }
        if matches!(role, Role::Root | Role::Channel)
            && let Some(language) = tag.attribute("lang", &self.entities)
        {
            self.feed.language.offer(1, language);
        }
        if is_entry(&tag) && (role == Role::Entry || role == Role::Root) {
            self.begin_entry(&tag, before);
        }
        self.open.push(Open {
            name: tag.name,
            role,
        });
        self.begin(&tag, place, role);
        Opened::Noted
    }

    fn declare(&mut self, tag: &Tag<'a>, depth: usize) {
        if tag.attributes.contains("xmlns") {
            for (name, value) in tag.each_attribute() {
                let prefix = match name.split_once(':') {
                    Some(("xmlns", prefix)) => prefix,
                    None if name == "xmlns" => "",
                    _ => continue,
                };
                let uri = self.entities.decode_cow(value);
                self.namespaces.declare(depth, prefix, &uri);
            }
        }
        if tag.attributes.contains("xml:base") {
            let base = tag.attribute("base", &self.entities);
            if let Some(base) = base.and_then(|base| resolve(&base, self.base())) {
                self.bases.push((depth, base));
            }
        }
    }

    fn base(&self) -> Option<&Url> {
        innermost(&self.bases, self.origin.as_ref())
    }

    /// Where a tag stands, after closing what it shows to have been left open.
    fn make_room(&mut self, tag: &Tag<'a>) -> Place {
        let passed = self
            .open
            .last()
            .is_some_and(|open| open.role == Role::Passed);
        if is_entry(tag) && self.entry.is_some() && !passed {
            // an entry begins inside another: its end tag is missing
            let cut_off = self.open.iter().rposition(|open| open.role == Role::Entry);
            if let Some(depth) = cut_off {
                self.trouble.end_tags += 1;
                self.close_down_to(depth);
            }
        } else if self.leaf.as_ref().is_some_and(|leaf| leaf.ends_before(tag)) {
            let depth = self.open.iter().rposition(|open| open.role == Role::Leaf);
            self.trouble.end_tags += 1;
            self.close_down_to(depth.unwrap_or(self.open.len()));
        }
        match self.open.last().map(|open| open.role) {
            None => Place::Outside,
            Some(Role::Leaf | Role::Inside) => Place::Leaf,
            Some(Role::Entry | Role::Group) => Place::Entry,
            Some(Role::Root | Role::Channel) if self.entry.is_some() => Place::Entry,
            Some(Role::Root | Role::Channel) => Place::Feed,
            Some(Role::Passed) if self.root_at.is_none() => Place::Outside,
            // an entry, where none is open, shows that the element around it was never closed
            Some(Role::Passed) if self.entry.is_none() && is_entry(tag) => Place::Feed,
            Some(Role::Passed) => Place::Passed,
        }
    }

    /// Takes what the start tag itself says.
    fn begin(&mut self, tag: &Tag<'a>, place: Place, role: Role) {
        let around = Surroundings {
            entities: &self.entities,
            base: innermost(&self.bases, self.origin.as_ref()),
        };
        match (role, &mut self.entry) {
            (Role::Leaf, _) => {
                let slot = slot_of(tag, place);
                self.leaf = slot.map(|slot| Leaf::begin(tag, slot, self.family, &self.entities));
            }
            (Role::Passed | Role::Group, Some(entry)) if place == Place::Entry => {
                entry.take_attributes(tag, &around);
            }
            (Role::Entry, Some(entry)) => entry.take_attributes(tag, &around),
            (Role::Root | Role::Channel, None) => self.feed.take_attributes(tag, &around),
            (Role::Passed, None) if place == Place::Feed => self.feed.take_attributes(tag, &around),
            _ => {}
        }
    }

    fn begin_entry(&mut self, tag: &Tag<'a>, before: usize) {
        if self.origin.is_none() {
            // of a file on a disk nobody says where it stood: near its home page, by all likelihood
            self.origin = self.feed.link.get().cloned();
        }
        let mut entry = EntryDraft {
            place: before..before,
            ..EntryDraft::default()
        };
        if let Some(about) = tag.attribute("about", &self.entities) {
            // RSS 1.0 names its items by address (RDF)
            if let Some(link) = resolve(&about, self.base()) {
                entry.link.offer(3, link);
            }
            entry.guid = Some(about);
        }
        self.entry = Some(entry);
    }

    fn on_text(&mut self, text: Cow<'a, str>) {
        if let Some(leaf) = &mut self.leaf {
            leaf.push(text);
        }
    }

    fn on_reference(&mut self, name: &str) {
        if let Some(known) = resolve_predefined_entity(name) {
            return self.on_text(Cow::Borrowed(known));
        }
        let mut decoded = String::new();
        let reference = self.entities.push(name, &mut decoded);
        if reference == Reference::Bare {
            self.trouble.bare_ampersands += 1;
        }
        if let Some(leaf) = &mut self.leaf {
            leaf.push(Cow::Owned(decoded));
        }
    }

    fn on_end(&mut self, name: &str) {
        self.nesting = self.nesting.saturating_sub(1);
        let same = |open: &Open<'a>| open.name == name;
        let alike = |open: &Open<'a>| open.name.eq_ignore_ascii_case(name);
        let found = self
            .open
            .iter()
            .rposition(same)
            .or_else(|| self.open.iter().rposition(alike));
        let Some(depth) = found else {
            self.trouble.end_tags += 1;
            return;
        };
        if depth + 1 < self.open.len() || self.open[depth].name != name {
            self.trouble.end_tags += 1;
        }
        self.close_down_to(depth);
    }

    /// Closes open elements until only `depth` of them are left.
    fn close_down_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            let Some(closed) = self.open.pop() else {
                break;
            };
            match (closed.role, &mut self.leaf) {
                (Role::Inside, Some(leaf)) => leaf.close_inside(closed.name),
                (Role::Leaf, leaf) => {
                    if let Some(leaf) = leaf.take() {
                        self.keep(leaf);
                    }
                }
                (Role::Entry, _) => self.end_entry(),
                (Role::Root, _) if self.entry.is_some() => self.end_entry(),
                _ => {}
            }
        }
        self.namespaces.leave(depth);
        while self.bases.last().is_some_and(|(set_at, _)| *set_at > depth) {
            self.bases.pop();
        }
    }

    fn keep(&mut self, leaf: Leaf<'a>) {
        let base = innermost(&self.bases, self.origin.as_ref());
        match &mut self.entry {
            Some(entry) => leaf.into_entry(entry, base),
            None => leaf.into_feed(&mut self.feed, base),
        }
    }

    fn end_entry(&mut self) {
        let Some(mut entry) = self.entry.take() else {
            return;
        };
        entry.place.end = self.behind;
        if self.feed.entries.len() < ENTRIES_MAX {
            self.feed.entries.push(entry);
        } else {
            self.trouble.entries_over = true;
        }
    }

    /// What the end of the text finds open was cut off there.
    fn at_end(&mut self) {
        if self.trouble.entries_over {
            return;
        }
        self.trouble.cut = match (&self.entry, self.open.is_empty()) {
            (Some(_), _) => Cut::InsideAnEntry,
            (None, false) => Cut::BetweenEntries,
            (None, true) => Cut::Nowhere,
        };
        if self.trouble.cut == Cut::BetweenEntries {
            self.close_down_to(0);
        }
    }

    fn tell_troubles(&mut self) {
        let trouble = &self.trouble;
        let mut tell = |sentence: String| self.feed.warnings.push(sentence);
        if trouble.bare_ampersands > 0 {
            let found = counted(
                trouble.bare_ampersands,
                "ampersand begins",
                "ampersands begin",
            );
            tell(format!("{found} no known entity: read as text."));
        }
        if trouble.stray_markup > 0 {
            let found = counted(trouble.stray_markup, "“<” begins", "“<” begin");
            tell(format!("{found} no whole tag: read as text."));
        }
        if trouble.end_tags > 0 {
            let found = counted(trouble.end_tags, "end tag is", "end tags are");
            tell(format!(
                "{found} missing or wrong; the elements were closed where they must have ended."
            ));
        }
        if trouble.cut == Cut::InsideAnEntry {
            tell("The feed breaks off inside an entry, which was passed over.".to_owned());
        } else if trouble.cut == Cut::BetweenEntries {
            tell("The feed breaks off after its last whole entry.".to_owned());
        }
        if trouble.too_deep {
            tell(format!(
                "Elements nested deeper than {DEPTH_MAX} were passed over."
            ));
        }
        if trouble.entries_over {
            tell(format!("Only the first {ENTRIES_MAX} entries were read."));
        }
    }
}

/// The `xml:base` in force, else the address of the feed.
fn innermost<'r>(bases: &'r [(usize, Url)], origin: Option<&'r Url>) -> Option<&'r Url> {
    bases.last().map(|(_, base)| base).or(origin)
}

/// quick-xml counts in 64 bits; what is in memory fits the machine's word.
fn position(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

/// The text of a tag without `left` and `right` bytes of brackets.
fn strip(text: &str, before: usize, after: usize, left: usize, right: usize) -> &str {
    text.get(before + left..after.saturating_sub(right))
        .unwrap_or_default()
}

/// Whether `<` is followed by what can begin a name.
fn is_tag(text: &str) -> bool {
    text[1..].starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ':'))
}

/// Goes on at `next` as long as what has been read twice is within bounds: a hostile text must not cost its length squared.
fn goes_on(next: usize, read: usize, budget: &mut usize) -> Stop {
    if read > *budget {
        return Stop::End;
    }
    *budget -= read;
    Stop::At(next)
}
