//! What a page says of itself — where it stands, what it is called, how long it is, whether it is free — is read off its
//! tags.

use scraper::ElementRef;
use scraper::Html;
use serde_json::Value;
use url::Url;

use crate::stages::extract_text::decoding;
use crate::stages::extract_text::page;

/// Bytes of structured data that are read: an article with all of its text is under 256 KiB.
const DATA_BYTES_MAX: usize = 1 << 20;
/// Values of structured data that are looked at: an article has some dozens, a page of products thousands.
const DATA_VALUES_MAX: usize = 20_000;
/// Bytes in which a head ends, if it ends: a page has its style sheets there.
const HEAD_BYTES_MAX: usize = 512 << 10;
/// Titles and highest headings that are looked at; a page has one of each.
const TITLES_MAX: usize = 10;

/// The address that a page fetched from `url` calls its own (`<link rel="canonical">`, RFC 6596; else `og:url`), without
/// its fragment; none where that is `url` itself, another site, or the site's home page, as bad templates have it.
pub fn canonical_link(bytes: &[u8], content_type: Option<&str>, url: &Url) -> Option<Url> {
    let source = decoding::decode(&bytes[..bytes.len().min(HEAD_BYTES_MAX)], content_type);
    let head = page::parse(head_of(&source)).ok()?;
    canonical(&head, url)
}

/// What JSON-LD says of the article on a page (schema.org `Article`).
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct ArticleData {
    /// `isAccessibleForFree` is false.
    pub(super) not_free: bool,
    /// `wordCount`, or the words of `articleBody`.
    pub(super) words: Option<usize>,
    /// `cssSelector` of the parts that are not free.
    pub(super) shut_parts: Vec<String>,
}

/// The structured data of a page.
pub(super) fn article_data(page: &Html) -> ArticleData {
    let mut data = ArticleData::default();
    let mut bytes_left = DATA_BYTES_MAX;
    let mut values_left = DATA_VALUES_MAX;
    let scripts = elements(page).filter(|element| {
        element.value().name() == "script"
            && element
                .attr("type")
                .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
    });
    for script in scripts {
        let text: String = script.text().collect();
        let Some(left) = bytes_left.checked_sub(text.len()) else {
            break;
        };
        bytes_left = left;
        let Ok(value) = serde_json::from_str::<Value>(text.trim()) else {
            continue;
        };
        data.read(&value, &mut values_left);
    }
    data
}

impl ArticleData {
    fn read(&mut self, root: &Value, values_left: &mut usize) {
        let mut waiting = vec![root];
        while let Some(value) = waiting.pop() {
            let Some(left) = values_left.checked_sub(1) else {
                return;
            };
            *values_left = left;
            match value {
                Value::Array(values) => waiting.extend(values.iter().rev()),
                Value::Object(fields) => {
                    self.read_article(value);
                    waiting.extend(fields.values().rev());
                }
                _ => {}
            }
        }
    }

    fn read_article(&mut self, value: &Value) {
        let says_no = |value: &Value| match value {
            Value::Bool(free) => !free,
            Value::String(free) => free.trim().to_ascii_lowercase().ends_with("false"),
            _ => false,
        };
        self.not_free |= value.get("isAccessibleForFree").is_some_and(says_no);
        if !is_article(value) {
            let shut = value.get("isAccessibleForFree").is_some_and(says_no);
            let selector = value.get("cssSelector").and_then(Value::as_str);
            self.shut_parts
                .extend(selector.filter(|_| shut).map(str::to_owned));
            return;
        }
        let counted = match value.get("wordCount") {
            Some(Value::Number(count)) => count.as_u64(),
            Some(Value::String(count)) => count.trim().parse().ok(),
            _ => None,
        };
        let body = value
            .get("articleBody")
            .and_then(Value::as_str)
            .map(|body| body.split_whitespace().count());
        let counted = counted.and_then(|count| usize::try_from(count).ok());
        self.words = self.words.max(counted).max(body);
    }
}

fn is_article(value: &Value) -> bool {
    let says = |kind: &Value| {
        kind.as_str()
            .is_some_and(|kind| kind.ends_with("Article") || kind.ends_with("Posting"))
    };
    match value.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(says),
        Some(kind) => says(kind),
        None => false,
    }
}

/// What the page calls itself, in its head and in its highest headings.
pub(super) fn titles(page: &Html) -> Vec<String> {
    let headings =
        elements(page).filter(|element| matches!(element.value().name(), "title" | "h1"));
    let told = meta(page, &["og:title", "twitter:title"]).map(str::to_owned);
    headings
        .take(TITLES_MAX)
        .map(|element| element.text().collect())
        .chain(told)
        .collect()
}

fn canonical(head: &Html, url: &Url) -> Option<Url> {
    let link = elements(head).find_map(|element| {
        let rel = element.attr("rel")?;
        let says = |word: &str| word.eq_ignore_ascii_case("canonical");
        (element.value().name() == "link" && rel.split_ascii_whitespace().any(says))
            .then(|| element.attr("href"))
            .flatten()
    });
    let written = link.or_else(|| meta(head, &["og:url"]))?;
    let mut own = url.join(written.trim()).ok()?;
    own.set_fragment(None);
    let mut here = url.clone();
    here.set_fragment(None);
    let names_a_page = own.path() != "/" || own.query().is_some();
    (own != here && names_a_page && is_same_site(&own, url)).then_some(own)
}

/// The same host, whether or not it begins with `www.` or `m.`, by HTTP.
fn is_same_site(own: &Url, url: &Url) -> bool {
    let host = |url: &Url| {
        let host = url.host_str()?;
        let bare = ["www.", "m.", "amp."]
            .iter()
            .find_map(|label| host.strip_prefix(label));
        Some(bare.unwrap_or(host).to_owned())
    };
    matches!(own.scheme(), "http" | "https")
        && own.port() == url.port()
        && own.username().is_empty()
        && host(own) == host(url)
}

fn meta<'a>(head: &'a Html, called: &[&str]) -> Option<&'a str> {
    called.iter().find_map(|called| {
        elements(head).find_map(|element| {
            let name = element.attr("property").or_else(|| element.attr("name"))?;
            (element.value().name() == "meta" && name.trim().eq_ignore_ascii_case(called))
                .then(|| element.attr("content"))
                .flatten()
                .filter(|content| !content.trim().is_empty())
        })
    })
}

fn elements(page: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    page.tree.nodes().filter_map(ElementRef::wrap)
}

/// The source up to the beginning of the body.
fn head_of(source: &str) -> &str {
    let is_body = |at: &usize| {
        source.as_bytes()[*at..]
            .get(1..5)
            .is_some_and(|name| name.eq_ignore_ascii_case(b"body"))
    };
    let body = memchr::memchr_iter(b'<', source.as_bytes()).find(is_body);
    &source[..body.unwrap_or(source.len())]
}
