//! What a document that is no feed looks like, so that an operator can see at once what came instead.

use std::fmt;

use scraper::Html;
use scraper::Selector;
use url::Url;

use crate::stages::read_feed::tag::resolve;
use crate::stages::read_feed::words::cut;
use crate::stages::read_feed::words::fold;
use crate::stages::read_feed::words::page_text;

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
        Look::HtmlPage => page_text(head),
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
    let page = Html::parse_document(cut(text, PAGE_BYTES_MAX));
    let links = Selector::parse("link[rel][href]").ok()?;
    let mut feeds = page.select(&links).filter_map(|link| {
        let rel = link.attr("rel")?.to_ascii_lowercase();
        let kind = link.attr("type").unwrap_or_default().to_ascii_lowercase();
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
        found.then(|| link.attr("href")).flatten()
    });
    resolve(feeds.next()?, origin)
}
