//! How long an answer is as good as a new one (RFC 9111 §4.2), for a cache of one reader.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;

/// Longest freshness believed: a feed that says "a year" is still asked four times a day.
const FRESH_MAX: Duration = Duration::from_hours(6);

/// How long from now on nothing else would come; nothing where the answer does not say.
pub(super) fn fresh_for(headers: &HeaderMap) -> Duration {
    let lifetime = match max_age(headers) {
        CacheControl::Never => return Duration::ZERO,
        CacheControl::For(seconds) => seconds,
        CacheControl::Silent => until_expiry(headers).unwrap_or(0),
    };
    // what lay in a cache on the way has used up part of it
    let age = seconds(text(headers, &header::AGE).unwrap_or_default()).unwrap_or(0);
    Duration::from_secs(lifetime.saturating_sub(age)).min(FRESH_MAX)
}

/// What `Cache-Control` says.
enum CacheControl {
    /// Ask each time.
    Never,
    /// Good for so many seconds.
    For(u64),
    /// Nothing of it.
    Silent,
}

fn max_age(headers: &HeaderMap) -> CacheControl {
    let mut said = CacheControl::Silent;
    let values = headers.get_all(header::CACHE_CONTROL);
    let directives = values
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','));
    for directive in directives {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "no-store" | "no-cache" => return CacheControl::Never,
            // one that cannot be read counts as stale (RFC 9111 §4.2.1), and of several the shortest does
            "max-age" => {
                let value = seconds(value.trim().trim_matches('"')).unwrap_or(0);
                said = match said {
                    CacheControl::For(other) => CacheControl::For(other.min(value)),
                    _ => CacheControl::For(value),
                };
            }
            _ => {}
        }
    }
    said
}

/// Seconds between `Date` and `Expires`, by the server's own clock.
fn until_expiry(headers: &HeaderMap) -> Option<u64> {
    let date = |name| -> Option<Timestamp> {
        let text = text(headers, name)?;
        DateTimeParser::new().parse_timestamp(text).ok()
    };
    let (expires, now) = (date(&header::EXPIRES)?, date(&header::DATE)?);
    u64::try_from(expires.as_second() - now.as_second()).ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// A number of seconds; one that does not fit is as good as for ever.
fn seconds(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}
