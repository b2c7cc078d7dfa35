//! Addresses as one writing each, so that two ways of writing one address are the same.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use url::Url;
use url::form_urlencoded;

/// The most counting hosts before one file: shows with six have been seen.
const MEASURING_MAX: usize = 20;

/// The page that an address leads to: without scheme, usual port, alias of the host, end slash, index file, fragment (except
/// where that is a route), and whatever only says who came from where; parameters in their order by name.
pub(super) fn page(url: &Url) -> Option<String> {
    let host = host(url)?;
    let fragment = url.fragment().filter(|text| text.starts_with(['/', '!']));
    let query = query(url, is_tracking);
    Some(joined(&host, &path(url), &query, fragment))
}

/// The audio or video file that an address leads to: as [`page`], and without the hosts that count downloads on the way.
pub(super) fn file(url: &Url) -> Option<String> {
    let mut url = url.clone();
    for _ in 0..MEASURING_MAX {
        let Some(next) = next_host(&url) else { break };
        url = next;
    }
    let host = host(&url)?;
    let path = path(&url);
    // behind a program's name a parameter may say which file
    let is_named = path
        .rsplit('/')
        .next()
        .is_some_and(|last| last.contains('.'));
    let query = query(&url, |name| {
        is_tracking(name) || (is_named && LISTS.file_tokens.contains(name))
    });
    Some(joined(&host, &path, &query, None))
}

/// A GUID: an address without its scheme and the alias of its host, anything else as it is.
pub(super) fn guid(text: &str) -> String {
    let text = text.trim();
    let address = Url::parse(text).ok().filter(Url::has_host);
    let key = address.as_ref().and_then(|url| {
        let host = host(url)?;
        Some(joined(
            &host,
            &path(url),
            &query(url, |_| false),
            url.fragment(),
        ))
    });
    key.unwrap_or_else(|| text.to_owned())
}

/// Whether a page, a file or a GUID, as the functions above write it, names a place at which something else stands each
/// time: the front page, or `/podcast/latest`.
pub(super) fn is_a_place(key: &str) -> bool {
    let (_, path) = key.split_once('/').unwrap_or(("", key));
    if path.is_empty() {
        // a bare host, or a GUID that is nothing but a slash
        return key.contains('/');
    }
    let (path_alone, query) = path.split_once('?').unwrap_or((path, ""));
    let last = path_alone.rsplit('/').next().unwrap_or(path_alone);
    let stem = last.split_once('.').map_or(last, |(stem, _)| stem);
    let stem = stem.to_lowercase();
    let says_which = |c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '?');
    (LISTS.rolling.contains(&stem) && !query.contains(says_which))
        || (LISTS.places.contains(&stem) && !path.contains(says_which))
}

/// Whether a GUID or a page names one thing in the world: an address with a number or a phrase in it, a UUID, or anything of 20
/// characters with a number.
pub(super) fn names_one_thing(key: &str) -> bool {
    /// Shorter ones are numbers and words that the next entry, or the next show, may have, too.
    const LONG: usize = 20;
    if is_a_place(key) {
        return false;
    }
    let numbered = key.contains(|c: char| c.is_ascii_digit());
    match key.split_once('/') {
        Some((host, path)) if host.contains('.') => {
            let last = path.rsplit('/').next().unwrap_or(path);
            let words = last.split(['-', '_']).filter(|word| !word.is_empty());
            path.contains(|c: char| c.is_ascii_digit() || c == '?') || words.count() >= 3
        }
        // a phrase without a number may be the name of the show
        _ => numbered && key.chars().count() >= LONG,
    }
}

/// What addresses are made of that says nothing about which entry they lead to; what each list holds is told in its file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lists {
    aliases: BTreeSet<String>,
    index_files: BTreeSet<String>,
    tracking: BTreeSet<String>,
    tracking_heads: Vec<String>,
    file_tokens: BTreeSet<String>,
    measuring: BTreeSet<String>,
    file_ends: BTreeSet<String>,
    rolling: BTreeSet<String>,
    places: BTreeSet<String>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    toml::from_str(include_str!("addresses.toml"))
        .expect("the lists are part of the program, and every test of this room reads them")
});

fn joined(host: &str, path: &str, query: &str, fragment: Option<&str>) -> String {
    let mut key = format!("{host}{path}");
    for (mark, part) in [('?', query), ('#', fragment.unwrap_or_default())] {
        if !part.is_empty() {
            key.push(mark);
            key.push_str(part);
        }
    }
    key
}

fn host(url: &Url) -> Option<String> {
    let mut host = url.host_str()?.trim_end_matches('.');
    while let Some((first, rest)) = host.split_once('.')
        && LISTS.aliases.contains(first)
        && rest.contains('.')
    {
        host = rest;
    }
    // the other scheme's port is what a careless rewriting leaves behind
    Some(match url.port() {
        None | Some(80 | 443) => host.to_owned(),
        Some(port) => format!("{host}:{port}"),
    })
}

/// The path, from its first slash; nothing but that where it leads to the front page.
fn path(url: &Url) -> String {
    let mut parts: Vec<&str> = url.path().split('/').collect();
    parts.retain(|part| !part.is_empty());
    if parts
        .last()
        .is_some_and(|last| LISTS.index_files.contains(&last.to_ascii_lowercase()))
    {
        parts.pop();
    }
    if parts.is_empty() {
        // behind a bare host it tells an address from a word
        return "/".to_owned();
    }
    let mut path = String::with_capacity(url.path().len() + 1);
    for part in parts {
        path.push('/');
        push_plainly_escaped(&mut path, part);
    }
    path
}

/// One writing of what may be written with and without `%xx` (RFC 3986 §6.2.2).
fn push_plainly_escaped(plain: &mut String, part: &str) {
    let mut rest = part;
    while let Some((before, after)) = rest.split_once('%') {
        plain.push_str(before);
        let octet = after
            .get(..2)
            .and_then(|two| u8::from_str_radix(two, 16).ok());
        match (octet, after.get(..2)) {
            (Some(octet), _) if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) => {
                plain.push(char::from(octet));
            }
            (Some(_), Some(two)) => {
                plain.push('%');
                plain.push_str(&two.to_ascii_uppercase());
            }
            _ => {
                plain.push('%');
                rest = after;
                continue;
            }
        }
        rest = &after[2..];
    }
    plain.push_str(rest);
}

fn query(url: &Url, left_out: impl Fn(&str) -> bool) -> String {
    if url.query().is_none_or(str::is_empty) {
        return String::new();
    }
    let pairs: BTreeSet<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| !left_out(&name.to_lowercase()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn is_tracking(name: &str) -> bool {
    LISTS.tracking.contains(name)
        || LISTS
            .tracking_heads
            .iter()
            .any(|head| name.starts_with(head))
}

/// What a counting host sends its caller on to, where `url` is one: an address written out in its path, or a host name with a
/// path behind it.
fn next_host(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let mut counts = LISTS.measuring.contains(host);
    let mut above = host;
    while let Some((_, rest)) = above.split_once('.')
        && !counts
    {
        counts = LISTS.measuring.contains(rest);
        above = rest;
    }
    if !counts {
        return None;
    }
    let query = url
        .query()
        .map_or_else(String::new, |query| format!("?{query}"));
    let path = url.path();
    let lower = path.to_ascii_lowercase();
    for written in [
        "/https://",
        "/http://",
        "/https:/",
        "/http:/",
        "/https%3a%2f%2f",
        "/http%3a%2f%2f",
    ] {
        if let Some(at) = lower.find(written) {
            let rest = path.get(at + written.len()..)?;
            let rest = if written.ends_with("%2f") {
                rest.replace("%2F", "/").replace("%2f", "/")
            } else {
                rest.to_owned()
            };
            return Url::parse(&format!("https://{rest}{query}")).ok();
        }
    }
    let parts: Vec<&str> = path.split('/').collect();
    let at = (1..parts.len().checked_sub(1)?).find(|nth| is_host_name(parts[*nth]))?;
    Url::parse(&format!("https://{}{query}", parts[at..].join("/"))).ok()
}

/// Whether a part of a path is the name of a host: labels with a letters-only end that is no kind of file.
fn is_host_name(part: &str) -> bool {
    let part = part.split_once(':').map_or(part, |(name, _)| name);
    let Some((labels, end)) = part.rsplit_once('.') else {
        return false;
    };
    let end = end.to_ascii_lowercase();
    let known_end = (2..=12).contains(&end.len())
        && end.bytes().all(|byte| byte.is_ascii_lowercase())
        && !LISTS.file_ends.contains(&end);
    known_end
        && labels.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}
