//! What a document that is no feed looks like, so that an operator can see at once what came instead.

use std::fmt;

use url::Url;

use crate::stages::read_feed::tag::Tag;
use crate::stages::read_feed::tag::resolve;
use crate::stages::read_feed::words::Entities;
use crate::stages::read_feed::words::cut;
use crate::stages::read_feed::words::fold;

/// Only so much of a page is looked at: its head, and some text after it.
const PAGE_BYTES_MAX: usize = 256 << 10;

/// Length of the quoted beginning in characters: one line of a report.
const FIRST_WORDS_CHARS_MAX: usize = 80;

/// What was found where a feed should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing but white space.
    Empty,
    /// An HTML page.
    HtmlPage,
    /// JSON that is no JSON Feed.
    Json,
    /// XML whose root is no feed's, such as a site map.
    Xml,
    /// Text without markup.
    PlainText,
    /// Bytes that are no text: a picture, an archive, a document.
    Binary,
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty document",
            Self::HtmlPage => "an HTML page",
            Self::Json => "JSON of another kind",
            Self::Xml => "XML of another kind",
            Self::PlainText => "plain text",
            Self::Binary => "data that is no text",
        })
    }
}

/// What a document is that no reader took for a feed.
pub(super) fn look_at(bytes: &[u8], text: &str) -> Look {
    const HEAD_BYTES: usize = 1 << 10;
    let start = text.trim_start();
    let head = cut(start, HEAD_BYTES).to_ascii_lowercase();
    let zeros = bytes
        .iter()
        .take(HEAD_BYTES)
        .filter(|byte| matches!(byte, 0 | 0x7f))
        .count();
    let packed = bytes.starts_with(&[0x1f, 0x8b])
        || bytes.starts_with(b"PK\x03\x04")
        || bytes.starts_with(b"%PDF");
    if start.is_empty() && zeros == 0 {
        Look::Empty
    } else if packed || zeros > 0 && !start.starts_with('<') {
        Look::Binary
    } else if ["<!doctype html", "<html", "<head", "<body"]
        .iter()
        .any(|tag| head.contains(tag))
    {
        Look::HtmlPage
    } else if start.starts_with(['{', '[']) {
        Look::Json
    } else if start.starts_with("<?xml") {
        Look::Xml
    } else if start.starts_with("<!--") || start.starts_with("<div") || start.starts_with("<p>") {
        Look::HtmlPage
    } else if start.starts_with('<') {
        Look::Xml
    } else {
        Look::PlainText
    }
}

/// The beginning as a person would read it, on one line, without control characters.
pub(super) fn first_words(text: &str, look: Look) -> String {
    let head = cut(text, PAGE_BYTES_MAX);
    let shown = match look {
        Look::Empty | Look::Binary => return String::new(),
        Look::HtmlPage => page_words(head),
        Look::Json | Look::Xml | Look::PlainText => head.to_owned(),
    };
    let unseen = |c: char| c.is_control() && !c.is_whitespace();
    let words = fold(&shown.replace(unseen, ""));
    match words.char_indices().nth(FIRST_WORDS_CHARS_MAX) {
        Some((end, _)) => format!("{}…", words[..end].trim_end()),
        None => words,
    }
}

/// The feed that a page links to (`<link rel="alternate" type="application/rss+xml">`).
pub(super) fn linked_feed(text: &str, origin: Option<&Url>) -> Option<Url> {
    let entities = Entities::default();
    let addresses = pieces(cut(text, PAGE_BYTES_MAX)).filter_map(|piece| {
        let Piece::Tag(inside) = piece else {
            return None;
        };
        let tag = Tag::new(inside);
        if tag.known_as != "link" {
            return None;
        }
        let lower = |name: &str| {
            tag.attribute(name, &entities)
                .map(|value| value.to_ascii_lowercase())
        };
        let rel = lower("rel")?;
        let kind = lower("type").unwrap_or_default();
        let alternate = rel
            .split_whitespace()
            .any(|word| word == "alternate" || word == "feed");
        let feed = [
            "application/rss+xml",
            "application/atom+xml",
            "application/feed+json",
            "application/rdf+xml",
        ];
        let json = kind == "application/json"; // as JSON Feed 1.0 announced itself
        let found = alternate && (json || feed.iter().any(|known| kind.starts_with(known)));
        found.then(|| tag.attribute("href", &entities)).flatten()
    });
    addresses.map(|address| resolve(&address, origin)).next()?
}

/// The beginning of the text of a page, the words of two elements apart from each other.
fn page_words(html: &str) -> String {
    const ENOUGH_BYTES: usize = 4 << 10; // a line of it is shown
    let mut words = String::new();
    for piece in pieces(html) {
        match piece {
            Piece::Text(text) => words.push_str(text),
            Piece::Tag(_) => words.push(' '),
        }
        if words.len() > ENOUGH_BYTES {
            break;
        }
    }
    Entities::default().decode(&words).into_owned()
}

/// A piece of a page.
enum Piece<'a> {
    Text(&'a str),
    /// What stands between the brackets.
    Tag(&'a str),
}

/// The pieces of a page in their order, without comments, scripts and style sheets. No tree is made of it: what comes in the
/// place of a feed may be nested in any way.
fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = html;
    std::iter::from_fn(move || {
        loop {
            if let Some(comment) = rest.strip_prefix("<!--") {
                rest = comment.split_once("-->").map_or("", |(_, after)| after);
                continue;
            }
            let after = rest.strip_prefix('<');
            let names = |c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?');
            let Some(after) = after.filter(|after| after.starts_with(names)) else {
                let first = rest.chars().next()?;
                let end = rest[first.len_utf8()..].find('<');
                let (text, next) =
                    rest.split_at(end.map_or(rest.len(), |end| end + first.len_utf8()));
                rest = next;
                return Some(Piece::Text(text));
            };
            let (inside, mut next) = after.split_once('>').unwrap_or((after, ""));
            let begins = |text: &str, name: &str| {
                let head = text.get(..name.len());
                head.is_some_and(|head| head.eq_ignore_ascii_case(name))
            };
            let unseen = ["script", "style", "template"];
            if let Some(name) = unseen.into_iter().find(|name| begins(inside, name)) {
                let mut ends = next.match_indices("</");
                let end = ends.find(|(at, _)| begins(&next[at + 2..], name));
                next = end.map_or("", |(at, _)| &next[at..]);
            }
            rest = next;
            return Some(Piece::Tag(inside));
        }
    })
}
