//! Why an address was not read: what, where and what to do, without query strings, tokens or user information.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::outside::web::guard::LookUpError;
use crate::outside::web::limits::Limits;
use crate::outside::web::retry_after::RetryAfter;

/// Longest path shown, in bytes: enough to recognise a feed by.
const PATH_SHOWN_BYTES_MAX: usize = 120;

/// Longest reason shown, in characters: some come from what a server sent.
const REASON_CHARS_MAX: usize = 200;

/// How long is left alone who says "too many requests" and not for how long.
const TOO_MANY_REQUESTS: Duration = Duration::from_hours(1);

/// Why an address was not read. Each `url` is the address without user information, query and fragment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(
    missing_docs,
    reason = "the fields are told by the sentence of each variant"
)]
pub enum WebError {
    /// The door itself could not be opened.
    #[error("the HTTP client cannot start ({reason}); check this machine's TLS set-up")]
    Start { reason: String },
    /// The host is, or its name leads to, an address that may not be asked.
    #[error(
        "{url}: not asked, its host is {class} ({address}); if that network is yours, list it in [fetch] allow_networks"
    )]
    Refused {
        url: String,
        address: IpAddr,
        class: &'static str,
    },
    /// Neither `http` nor `https`.
    #[error("{url}: not asked, only http and https addresses are read; write one of these")]
    Scheme { url: String },
    /// The request cannot be put into words of HTTP: a credential with a line break, for one.
    #[error(
        "{url}: not asked, the request cannot be written ({reason}); check the credentials for line breaks"
    )]
    Unsendable { url: String, reason: String },
    /// The host's name was not found.
    #[error("{url}: the host was not found ({reason}); check its name and this machine's network")]
    Dns { url: String, reason: String },
    /// Nobody answered the door.
    #[error("{url}: no connection ({reason}); the host may be down, the next run tries again")]
    Connect { url: String, reason: String },
    /// The connection could not be made private, or the host is not who it says it is.
    #[error(
        "{url}: no secure connection ({reason}); open it in a browser, and check this machine's clock and certificates"
    )]
    Tls { url: String, reason: String },
    /// One of the time limits ran out.
    #[error("{url}: given up, {limit}; the next run tries again")]
    Timeout { url: String, limit: TimeLimit },
    /// The redirects do not end.
    #[error(
        "{url}: redirected more than {redirects_max} times; open it in a browser and use the address it ends at"
    )]
    TooManyRedirects { url: String, redirects_max: usize },
    /// The redirects lead back to where they were.
    #[error("{url}: redirected in a circle; open it in a browser and use the address it ends at")]
    RedirectLoop { url: String },
    /// The redirect leads to something that is neither `http` nor `https`, or no address at all.
    #[error(
        "{url}: redirected to what is no web address; open it in a browser and use the address it ends at"
    )]
    BadRedirect { url: String },
    /// The redirect leads from `https` to `http`, and the request had credentials.
    #[error(
        "{url}: asked with credentials and redirected from https to http, not followed; ask its host for an https address"
    )]
    Downgrade { url: String },
    /// More than the request was ready to take.
    #[error(
        "{url}: larger than {bytes_max} bytes once unpacked, dropped; use a smaller feed or page if there is one"
    )]
    TooLarge { url: String, bytes_max: usize },
    /// The server answered with something other than a page.
    #[error("{url}: answered {code}{}{}", peace(.retry_after.as_ref()), advice(*.code))]
    Status {
        url: String,
        code: u16,
        retry_after: Option<RetryAfter>,
    },
    /// What came is not HTTP, or not any that ends.
    #[error(
        "{url}: the answer is not HTTP as it should be ({reason}); open it in a browser, and tell its owner"
    )]
    NotHttp { url: String, reason: String },
    /// The answer ended before it was whole.
    #[error("{url}: the answer broke off ({reason}); the next run tries again")]
    CutOff { url: String, reason: String },
    /// The site asks programs to leave this page alone.
    #[error(
        "{url}: not asked, its site asks programs to leave it alone (robots.txt); quote from what its feed carries, or ask \
         its owner"
    )]
    Robots { url: String },
    /// Whether the site wants to be left alone could not be found out.
    #[error("{url}: not asked, its site's robots.txt cannot be read ({reason})")]
    NoRobots { url: String, reason: String },
    /// The site wants to be left alone for a while.
    #[error("{site}: not asked, it wants to be left alone until {until:.0}; a later run asks it")]
    LeftAlone { site: String, until: Timestamp },
    /// The site has not answered several requests of this run in time.
    #[error("{site}: not asked, it has kept others waiting in vain; the next run asks it")]
    Silent { site: String },
    /// The answer is packed in a way that cannot be undone.
    #[error(
        "{url}: the answer cannot be unpacked ({reason}); its server compresses wrongly, tell its owner"
    )]
    Decode { url: String, reason: String },
}

/// A time limit that ran out, with its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLimit {
    /// To a connection.
    Connect(Duration),
    /// To the head of the answer.
    FirstByte(Duration),
    /// Between two pieces of the body.
    Stall(Duration),
    /// For the whole request.
    Request(Duration),
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(limit) => write!(f, "no connection within {limit:?}"),
            Self::FirstByte(limit) => write!(f, "no answer within {limit:?}"),
            Self::Stall(limit) => write!(f, "nothing more came for {limit:?}"),
            Self::Request(limit) => write!(f, "not finished within {limit:?}"),
        }
    }
}

impl WebError {
    /// One word for it, for logs and counts.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Refused { .. } => "refused",
            Self::Scheme { .. } => "scheme",
            Self::Unsendable { .. } => "unsendable",
            Self::Dns { .. } => "dns",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::TooManyRedirects { .. } => "redirects",
            Self::RedirectLoop { .. } => "redirect-loop",
            Self::BadRedirect { .. } => "bad-redirect",
            Self::Downgrade { .. } => "downgrade",
            Self::TooLarge { .. } => "too-large",
            Self::Status { .. } => "status",
            Self::CutOff { .. } => "cut-off",
            Self::NotHttp { .. } => "not-http",
            Self::Decode { .. } => "decode",
            Self::Robots { .. } => "robots",
            Self::NoRobots { .. } => "no-robots",
            Self::LeftAlone { .. } => "left-alone",
            Self::Silent { .. } => "silent",
        }
    }

    /// Whether the same request may succeed in a later run.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Dns { .. }
            | Self::Connect { .. }
            | Self::Tls { .. }
            | Self::Timeout { .. }
            | Self::CutOff { .. }
            | Self::NotHttp { .. }
            | Self::NoRobots { .. }
            | Self::LeftAlone { .. }
            | Self::Silent { .. } => true,
            Self::Status { code, .. } => matches!(code, 408 | 425 | 429 | 500..=599),
            _ => false,
        }
    }

    /// Until when whoever gave this answer wants to be left alone, if it came at `now` (RFC 6585 §4, RFC 9110 §15.6.4).
    pub fn peace_until(&self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Status {
                code: 429 | 503,
                retry_after: Some(wish),
                ..
            } => Some(wish.moment(now)),
            Self::Status { code: 429, .. } => now.checked_add(TOO_MANY_REQUESTS).ok(),
            _ => None,
        }
    }

    /// The same for an address to which `first` was redirected.
    pub(super) fn over_from(mut self, first: &Url) -> Self {
        match &mut self {
            Self::Refused { url, .. }
            | Self::Dns { url, .. }
            | Self::Connect { url, .. }
            | Self::Tls { url, .. }
            | Self::Timeout { url, .. }
            | Self::TooLarge { url, .. }
            | Self::Status { url, .. }
            | Self::CutOff { url, .. }
            | Self::NotHttp { url, .. }
            | Self::Robots { url }
            | Self::NoRobots { url, .. }
            | Self::Decode { url, .. } => *url = format!("{}, redirected to {url}", shown(first)),
            _ => {}
        }
        self
    }

    pub(super) fn timeout(url: &Url, limit: TimeLimit) -> Self {
        let url = shown(url);
        Self::Timeout { url, limit }
    }

    /// What went wrong before the client was there.
    pub(super) fn from_start(error: &reqwest::Error) -> Self {
        Self::Start {
            reason: reason(error),
        }
    }

    /// What went wrong before the head of the answer was there.
    pub(super) fn from_head(asked: &Url, error: &reqwest::Error, limits: &Limits) -> Self {
        let url = shown(asked);
        if let Some(look_up) = chain(error).find_map(|cause| cause.downcast_ref()) {
            return match look_up {
                LookUpError::Refused { address, class } => Self::Refused {
                    url,
                    address: *address,
                    class,
                },
                LookUpError::Failed { reason } => Self::Dns {
                    url,
                    reason: reason.clone(),
                },
            };
        }
        let reason = reason(error);
        if error.is_builder() {
            Self::Unsendable { url, reason }
        } else if error.is_connect() && error.is_timeout() {
            let limit = TimeLimit::Connect(limits.connect);
            Self::Timeout { url, limit }
        } else if error.is_connect() && asked.scheme() == "https" && !from_system(error) {
            Self::Tls { url, reason }
        } else if error.is_connect() {
            Self::Connect { url, reason }
        } else if is_malformed(error) {
            Self::NotHttp { url, reason }
        } else {
            Self::CutOff { url, reason }
        }
    }

    /// What went wrong in the body of the answer.
    pub(super) fn from_body(url: &Url, error: &reqwest::Error) -> Self {
        let url = shown(url);
        let reason = reason(error);
        // reqwest calls both "decode": right under it lies the unpacker's I/O error, or the connection's own error
        if error.source().is_some_and(<dyn Error>::is::<io::Error>) {
            Self::Decode { url, reason }
        } else if is_malformed(error) {
            Self::NotHttp { url, reason }
        } else {
            Self::CutOff { url, reason }
        }
    }
}

/// The address as it may stand in reports and logs: without user information, query and fragment, which may hold tokens.
pub(super) fn shown(url: &Url) -> String {
    let scheme = url.scheme();
    let Some(host) = url.host_str() else {
        return format!("{scheme}:…");
    };
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let path = url.path();
    // a path of http and https is ASCII, so any byte is a boundary; of other schemes it may not be
    match path.get(..PATH_SHOWN_BYTES_MAX) {
        Some(head) if head.len() < path.len() => format!("{scheme}://{host}{port}{head}…"),
        _ => format!("{scheme}://{host}{port}{path}"),
    }
}

/// An error and what caused it, outermost first.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The innermost cause in words. Outer ones repeat it, or would show the whole address.
fn reason(error: &reqwest::Error) -> String {
    chain(error).skip(1).last().map_or_else(
        || "no reason given".to_owned(),
        |cause| {
            cause
                .to_string()
                .chars()
                .map(|c| if c.is_control() { ' ' } else { c })
                .take(REASON_CHARS_MAX)
                .collect()
        },
    )
}

/// Whether what came breaks the rules of HTTP: it would break them a second time, unlike what only ended too early.
fn is_malformed(error: &reqwest::Error) -> bool {
    let broken = |kind| {
        matches!(
            kind,
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
        )
    };
    chain(error).any(|cause| {
        let by_http = cause.downcast_ref::<hyper::Error>();
        let in_chunks = by_http
            .and_then(Error::source)
            .and_then(|cause| cause.downcast_ref::<io::Error>());
        by_http.is_some_and(hyper::Error::is_parse)
            || in_chunks.is_some_and(|cause| broken(cause.kind()))
    })
}

/// Whether the operating system refused, and not the TLS library on top of it.
fn from_system(error: &reqwest::Error) -> bool {
    chain(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.raw_os_error().is_some())
}

fn peace(retry_after: Option<&RetryAfter>) -> String {
    retry_after
        .map(|peace| format!(" and asks for peace {peace}"))
        .unwrap_or_default()
}

fn advice(code: u16) -> &'static str {
    match code {
        401 | 403 | 407 => "; check the source's credentials, or whether it is open at all",
        404 | 410 => "; it may have moved, look for its new address",
        429 => "; it was asked too often, a later run tries again",
        500..=599 => "; its server has trouble, the next run tries again",
        _ => "; open it in a browser",
    }
}
