//! Addresses as one writing each, so that two ways of writing one address are the same.

use std::collections::BTreeSet;

use url::Url;
use url::form_urlencoded;

/// First labels of host names that name another door to the same house: a page at one stands at the others, too.
const ALIASES: &[&str] = &[
    "www", "www1", "www2", "m", "mobile", "amp", "feed", "feeds", "rss",
];

/// Files that a server gives for their folder.
const INDEX_FILES: &[&str] = &[
    "index.html",
    "index.htm",
    "index.php",
    "index.asp",
    "index.aspx",
    "index.jsp",
    "index.xml",
    "default.htm",
    "default.html",
    "default.asp",
    "default.aspx",
    "amp",
];

/// Parameters that say who came from where. `utm_…` and its likes stand in [`TRACKING_HEADS`].
const TRACKING: &[&str] = &[
    "_branch_match_id",
    "_hsenc",
    "_hsmi",
    "amp",
    "cmp",
    "cmpid",
    "cid_source",
    "ck_subscriber_id",
    "dclid",
    "dicbo",
    "epik",
    "fbclid",
    "gbraid",
    "gclid",
    "gclsrc",
    "gi",
    "hsctatracking",
    "igsh",
    "igshid",
    "isfreemail",
    "ito",
    "mbid",
    "mkt_tok",
    "msclkid",
    "ncid",
    "oly_anon_id",
    "oly_enc_id",
    "outputtype",
    "partner",
    "publication_id",
    "r",
    "rb_clickid",
    "ref",
    "ref_src",
    "ref_url",
    "referer",
    "referrer",
    "rss",
    "s_cid",
    "s_kwcid",
    "share",
    "showwelcome",
    "si",
    "sk_source",
    "smid",
    "source",
    "spm",
    "sr_share",
    "srsltid",
    "taid",
    "triedredirect",
    "trk",
    "trkcampaign",
    "ttclid",
    "twclid",
    "vero_conv",
    "vero_id",
    "wbraid",
    "wickedid",
    "wt_mc",
    "xtor",
    "yclid",
];

/// How parameters begin that say who came from where.
const TRACKING_HEADS: &[&str] = &[
    "utm_", "mc_", "mtm_", "matomo_", "pk_", "piwik_", "at_", "hsa_", "sc_", "ns_",
];

/// Parameters of audio files that change with the day or the listener, not with the file.
const FILE_TOKENS: &[&str] = &[
    "aid",
    "cache",
    "cachebuster",
    "cb",
    "dest-id",
    "download",
    "dl",
    "expires",
    "feed",
    "from",
    "_from",
    "key",
    "key-pair-id",
    "modified",
    "nocache",
    "policy",
    "sig",
    "signature",
    "t",
    "tk",
    "token",
    "ts",
    "updated",
    "v",
    "ver",
    "version",
];

/// Hosts that count downloads and carry the next host in their path, or the host of a company below which all its are.
const MEASURING: &[&str] = &[
    "arttrk.com",
    "blubrry.com",
    "chartable.com",
    "chrt.fm",
    "chtbl.com",
    "claritaspod.com",
    "clrtpod.com",
    "cohst.app",
    "frequency.podcastics.com",
    "growx.podkite.com",
    "gum.fm",
    "mgln.ai",
    "op3.dev",
    "pdcn.co",
    "pdrl.fm",
    "pdst.fm",
    "pfx.vpixl.com",
    "podcorn.com",
    "podderapp.com",
    "podscribe.com",
    "podsights.com",
    "podtrac.com",
    "prfx.byspotify.com",
    "pscrb.fm",
    "pynkmetrics.com",
    "r.zen.ai",
    "swap.fm",
    "tracking.feedpress.it",
    "trk.podtrac.com",
    "vpixl.com",
    "wondery.live",
];

/// The most counting hosts before one file: shows with six have been seen.
const MEASURING_MAX: usize = 20;

/// Ends of file names, which look like the last part of a host name and are none.
const FILE_ENDS: &[&str] = &[
    "aac", "aif", "aiff", "asp", "aspx", "flac", "htm", "html", "jsp", "mkv", "mov", "mpeg", "mpg",
    "mpga", "oga", "ogg", "opus", "php", "rss", "wav", "webm", "wma", "xml",
];

/// Words that name whatever is the newest, wherever they stand.
const ROLLING: &[&str] = &[
    "current",
    "latest",
    "latest-episode",
    "most-recent",
    "newest",
    "now",
    "recent",
    "this-week",
    "today",
];

/// Words that name a place at which something else stands each time, unless something before them says which.
const PLACES: &[&str] = &[
    "article",
    "articles",
    "audio",
    "blog",
    "default",
    "episode",
    "episodes",
    "feed",
    "home",
    "homepage",
    "index",
    "listen",
    "main",
    "news",
    "newsletter",
    "null",
    "podcast",
    "podcasts",
    "post",
    "posts",
    "rss",
    "show",
    "shows",
    "undefined",
    "untitled",
];

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
        is_tracking(name) || (is_named && FILE_TOKENS.contains(&name))
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
    let last = path.rsplit('/').next().unwrap_or(path);
    let stem = last.split_once('.').map_or(last, |(stem, _)| stem);
    let stem = stem.to_lowercase();
    let says_which = |c: char| c.is_ascii_digit() || matches!(c, '-' | '_' | '?');
    ROLLING.contains(&stem.as_str())
        || PLACES.contains(&stem.as_str()) && !path.contains(says_which)
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
        && ALIASES.contains(&first)
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

/// The path, from its first slash; empty where it leads to the front page.
fn path(url: &Url) -> String {
    let mut parts: Vec<String> = url
        .path()
        .split('/')
        .filter(|part| !part.is_empty())
        .map(plainly_escaped)
        .collect();
    if parts
        .last()
        .is_some_and(|last| INDEX_FILES.contains(&last.to_ascii_lowercase().as_str()))
    {
        parts.pop();
    }
    // the slash stays behind a bare host: it tells an address from a word
    format!("/{}", parts.join("/"))
}

/// One writing of what may be written with and without `%xx` (RFC 3986 §6.2.2).
fn plainly_escaped(part: &str) -> String {
    let mut plain = String::with_capacity(part.len());
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
    plain + rest
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
    TRACKING.contains(&name) || TRACKING_HEADS.iter().any(|head| name.starts_with(head))
}

/// What a counting host sends its caller on to, where `url` is one: an address written out in its path, or a host name with a
/// path behind it.
fn next_host(url: &Url) -> Option<Url> {
    let host = url.host_str()?;
    let counts = MEASURING.iter().any(|known| {
        host.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
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
        && !FILE_ENDS.contains(&end.as_str());
    known_end
        && labels.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}
