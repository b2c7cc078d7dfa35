//! An address with placeholders, from which the address of a page of each entry is made.

use std::fmt::Write as _;

use url::Url;

use crate::model::Entry;

/// Longest address that is made, in bytes: what servers and proxies take.
const URL_BYTES_MAX: usize = 2_048;

/// What ends the last segment of a page's path without naming the page.
const PAGE_ENDINGS: [&str; 8] = ["html", "htm", "xhtml", "shtml", "php", "asp", "aspx", "jsp"];

/// An `http` or `https` address with at least one placeholder, none of which stands in its scheme or host (but for `{link}`,
/// which brings both).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageTemplate {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Placeholder),
}

/// What stands for a fact of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Placeholder {
    /// The last segment of the link's path that is not empty, without an ending such as `.html`.
    Slug,
    /// The GUID of the feed, percent-encoded.
    Guid,
    /// The link without query, fragment and slash at its end.
    Link,
}

/// Why a text is no template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotATemplate {
    /// The same page for every entry.
    #[error("has no placeholder, so every entry would have the same page")]
    NoPlaceholder,
    /// A name that means nothing, or a brace without its other one.
    #[error("has a placeholder that is none of {{slug}}, {{guid}} and {{link}}")]
    UnknownPlaceholder,
    /// Whose page it is must not hang on what a feed says.
    #[error("has a placeholder before its path")]
    InHost,
    /// `{link}` is a whole address.
    #[error("has {{link}}, which is a whole address, after its beginning")]
    LinkInside,
    /// Neither `http` nor `https`, or no address at all.
    #[error("is not an http or https address")]
    NotHttp,
    /// A user or a password.
    #[error("has a user or password in it")]
    UserInfo,
    /// What stands behind a `#` is never sent.
    #[error("has a #, and what stands behind it is never sent")]
    Fragment,
    /// Longer than servers take.
    #[error("is longer than 2048 characters")]
    TooLong,
}

impl PageTemplate {
    /// Reads a template such as `https://example.org/episodes/{slug}/transcript` or `{link}/transcript`.
    pub fn parse(text: &str) -> Result<Self, NotATemplate> {
        let text = text.trim();
        if text.len() > URL_BYTES_MAX {
            return Err(NotATemplate::TooLong);
        }
        let parts = parts(text)?;
        if !parts.iter().any(|part| matches!(part, Part::Place(_))) {
            return Err(NotATemplate::NoPlaceholder);
        }
        check_beginning(&parts)?;
        let tried = fill(&parts, |placeholder| {
            Some(match placeholder {
                Placeholder::Slug | Placeholder::Guid => "1".to_owned(),
                Placeholder::Link => "https://example.org/1".to_owned(),
            })
        });
        let url = tried
            .and_then(|url| Url::parse(&url).ok())
            .ok_or(NotATemplate::NotHttp)?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(NotATemplate::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(NotATemplate::Fragment);
        }
        Ok(Self { parts })
    }

    /// The address for an entry; none where the entry lacks what a placeholder stands for.
    pub fn of(&self, entry: &Entry) -> Option<Url> {
        let filled = fill(&self.parts, |placeholder| match placeholder {
            Placeholder::Slug => slug(entry.link.as_ref()?),
            Placeholder::Guid => entry.guid.as_deref().and_then(segment),
            Placeholder::Link => bare(entry.link.as_ref()?),
        })?;
        if filled.len() > URL_BYTES_MAX {
            return None;
        }
        Url::parse(&filled).ok()
    }
}

fn parts(mut text: &str) -> Result<Vec<Part>, NotATemplate> {
    let mut parts = Vec::new();
    while let Some(at) = text.find(['{', '}']) {
        if at > 0 {
            parts.push(Part::Text(text[..at].to_owned()));
        }
        let (name, rest) = text[at..]
            .strip_prefix('{')
            .and_then(|inside| inside.split_once('}'))
            .ok_or(NotATemplate::UnknownPlaceholder)?;
        parts.push(Part::Place(match name {
            "slug" => Placeholder::Slug,
            "guid" => Placeholder::Guid,
            "link" => Placeholder::Link,
            _ => return Err(NotATemplate::UnknownPlaceholder),
        }));
        text = rest;
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(parts)
}

/// Holds that scheme and host are written out, and are those of the web, or that a whole link stands for them.
fn check_beginning(parts: &[Part]) -> Result<(), NotATemplate> {
    let link = Part::Place(Placeholder::Link);
    if parts.iter().skip(1).any(|part| *part == link) {
        return Err(NotATemplate::LinkInside);
    }
    let head = match parts {
        // what follows must not go on with the host of a link that has no path
        [first, Part::Text(rest), ..] if *first == link && rest.starts_with(['/', '?']) => {
            return Ok(());
        }
        [Part::Text(head), ..] => head.to_ascii_lowercase(),
        _ => return Err(NotATemplate::InHost),
    };
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| head.strip_prefix(scheme))
        .ok_or(NotATemplate::NotHttp)?;
    if host.contains(['/', '?', '#']) {
        Ok(())
    } else {
        Err(NotATemplate::InHost)
    }
}

fn fill(parts: &[Part], value: impl Fn(Placeholder) -> Option<String>) -> Option<String> {
    parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Place(placeholder) => value(*placeholder),
        })
        .collect()
}

fn slug(link: &Url) -> Option<String> {
    let last = link.path_segments()?.rfind(|segment| !segment.is_empty())?;
    let name = match last.rsplit_once('.') {
        Some((name, ending))
            if !name.is_empty() && PAGE_ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) =>
        {
            name
        }
        _ => last,
    };
    segment_of_bytes(&percent_decoded(name))
}

/// The address of a page without what does not name it.
fn bare(link: &Url) -> Option<String> {
    if !matches!(link.scheme(), "http" | "https") {
        return None;
    }
    let mut link = link.clone();
    link.set_query(None);
    link.set_fragment(None);
    Some(link.as_str().trim_end_matches('/').to_owned())
}

fn segment(text: &str) -> Option<String> {
    segment_of_bytes(text.trim().as_bytes())
}

/// One segment of a path, or one value of a query: all that could end it, or begin something else, is encoded (RFC 3986 §2.3).
fn segment_of_bytes(bytes: &[u8]) -> Option<String> {
    // these two name other places than they say
    if matches!(bytes, b"" | b"." | b"..") {
        return None;
    }
    let mut out = String::new();
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02X}"); // writing to a text cannot fail
        }
    }
    Some(out)
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = match after {
            [high, low, ..] if *first == b'%' => hexadecimal(*high).zip(hexadecimal(*low)),
            _ => None,
        };
        if let Some((high, low)) = digits {
            out.push(high * 16 + low);
            rest = &after[2..];
        } else {
            out.push(*first);
            rest = after;
        }
    }
    out
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}
