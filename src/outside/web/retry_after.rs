//! `Retry-After`: how long a server asks to be left in peace (RFC 9110 §10.2.3).

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::header;
use reqwest::header::HeaderMap;

/// Longest peace believed: a server that asks for more has made a mistake.
const SECONDS_MAX: u64 = 7 * 24 * 60 * 60;

/// How long a server asks to be left in peace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long from the answer on. A date is counted from the answer's own `Date`, so that a wrong clock does no harm.
    In(Duration),
    /// Until then: a date from a server that did not say what time it is there.
    At(Timestamp),
}

impl RetryAfter {
    /// The first moment at which to ask again, for an answer that came at `now`; never more than a week away.
    pub fn moment(self, now: Timestamp) -> Timestamp {
        let longest = now
            .checked_add(Duration::from_secs(SECONDS_MAX))
            .unwrap_or(Timestamp::MAX);
        match self {
            Self::In(pause) => now.checked_add(pause).map_or(longest, |at| at.min(longest)),
            Self::At(moment) => moment.clamp(now, longest),
        }
    }

    /// What the head of an answer says; none where it says nothing or nonsense.
    pub(super) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // digits that do not fit in 64 bits ask for too long as well
            let seconds = text.parse().unwrap_or(SECONDS_MAX).min(SECONDS_MAX);
            return Some(Self::In(Duration::from_secs(seconds)));
        }
        let until = date(text)?;
        let Some(there) = headers
            .get(header::DATE)
            .and_then(|value| date(value.to_str().ok()?))
        else {
            return Some(Self::At(until));
        };
        let seconds = u64::try_from(until.as_second() - there.as_second()).unwrap_or(0);
        Some(Self::In(Duration::from_secs(seconds.min(SECONDS_MAX))))
    }
}

impl fmt::Display for RetryAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::In(pause) => write!(f, "for {} s", pause.as_secs()),
            Self::At(moment) => write!(f, "until {moment:.0}"),
        }
    }
}

/// An HTTP date (RFC 9110 §5.6.7) in the form that everyone sends.
fn date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}
