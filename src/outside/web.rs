//! The door to the web: polite HTTP GET within limits, past an address guard.
//!
//! One [`Web`] serves the whole run: it keeps connections open for re-use and counts how many requests each host is
//! answering. Redirects are followed by hand, so that each address on the way passes the guard and credentials never
//! leave the host they were given for.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use reqwest::Client;
use reqwest::RequestBuilder;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header;
use reqwest::header::HeaderMap;
use reqwest::header::HeaderName;
use reqwest::header::HeaderValue;
use tokio::sync::OnceCell;
use tokio::time::timeout;
use url::Url;

use crate::model::Credentials;
use crate::model::Validators;
use crate::settings::FetchSettings;

pub use self::download::Download;
pub use self::download::DownloadError;
pub use self::error::TimeLimit;
pub use self::error::WebError;
pub use self::guard::Guard;
pub use self::limits::Limits;
pub use self::retry_after::RetryAfter;
pub use self::room::Body;
pub use self::trail::Trail;

use self::error::shown;
use self::freshness::fresh_for;
use self::guard::GuardedResolver;
use self::pace::Pace;
use self::peace::Peace;
use self::peace::Standing;
use self::peace::Then;
use self::peace::site_of;
use self::robots::Robots;
use self::room::Room;

mod body;
mod download;
mod error;
mod freshness;
mod guard;
mod limits;
mod pace;
mod peace;
mod retry_after;
mod robots;
mod room;
mod trail;
mod unpacker;

/// Our name in `robots.txt` (RFC 9309 §2.2.1).
const PRODUCT: &str = "takefive";

/// How we introduce ourselves (RFC 9110 §10.1.5); the operator's page follows.
const USER_AGENT: &str = concat!("takefive/", env!("CARGO_PKG_VERSION"));

/// What we can read, feeds first: a blog that has both under one address gives the feed (RFC 9110 §12.5.1).
const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, text/html, \
    application/xhtml+xml, text/vtt, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.9, */*;q=0.8";

/// What is unpacked: gzip by ourselves, the others by the client.
const ACCEPT_ENCODING: &str = "gzip, br, zstd, deflate";

/// Longest validator kept, in bytes: it is stored and sent back with each request, and real ones are under 100.
const VALIDATOR_BYTES_MAX: usize = 1024;

/// Longest `Content-Type` kept, in bytes: real ones are under 100.
const CONTENT_TYPE_BYTES_MAX: usize = 256;

/// Longest `Content-Type` shown in a sentence, in characters.
const TYPE_SHOWN_CHARS_MAX: usize = 60;

/// What an HTTP/2 server may send ahead of our reading on one stream, in bytes: a feed fits, 64 idle readers do not hurt.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;

/// The same for all streams of one connection, in bytes.
const CONNECTION_WINDOW_BYTES: u32 = 512 << 10;

/// The client side of HTTP for one run.
pub struct Web {
    client: Client,
    guard: Guard,
    pace: Pace,
    peace: Peace,
    limits: Limits,
    /// What each site asks of us, read when its first page is wanted.
    room: Room,
    robots: Mutex<HashMap<String, Arc<OnceCell<RobotsFile>>>>,
}

/// What became of a site's `robots.txt`.
type RobotsFile = Result<Robots, WebError>;

/// What to ask for.
pub struct Request<'a> {
    /// Where it stands; user information and fragment are not sent.
    pub url: &'a Url,
    /// What the last answer said of its version: makes the request conditional (RFC 9110 §13).
    pub validators: Option<&'a Validators>,
    /// What the host asks for before it serves. Sent to the scheme, host and port of `url`, and nowhere else.
    pub credentials: Option<&'a Credentials>,
    /// Most bytes of the answer once unpacked.
    pub bytes_max: usize,
    /// What it is, which decides whose wishes are asked about first.
    pub purpose: Purpose,
}

/// What stands at an address, as far as manners go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A feed that a person listed. Whether it wants to be left alone is for whoever asks to remember, feed by feed.
    Feed,
    /// A file that a feed lists for programs to read: not asked for while its site wants to be left alone.
    File,
    /// A page found by following links: the same, and only where `robots.txt` allows it (RFC 9309).
    Page,
    /// A site's `robots.txt`: a file of which only the first bytes are read where it is longer (RFC 9309 §2.5).
    Robots,
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// 304: the version we know is still the one. What the server did not repeat is kept from before.
    Unchanged {
        /// For the next request.
        validators: Validators,
        /// How long from now on the answer would be the same (RFC 9111 §4.2); at most six hours.
        fresh_for: Duration,
    },
    /// A page, feed, transcript or whatever stands there.
    Page(Page),
}

/// A whole answer.
#[derive(PartialEq, Eq)]
pub struct Page {
    /// Where it stands after all redirects: what relative links in it start from.
    pub url: Url,
    /// Status of the answer; 200, or another of its kind (RFC 9110 §15.3).
    pub status: u16,
    /// `Content-Type`, as the server wrote it.
    pub content_type: Option<String>,
    /// The body, unpacked; its character encoding is untouched.
    pub bytes: Body,
    /// For the next request.
    pub validators: Validators,
    /// How long from now on the answer would be the same (RFC 9111 §4.2); at most six hours.
    pub fresh_for: Duration,
}

impl Web {
    /// The door as `settings` want it, with the limits of everyday.
    pub fn new(settings: &FetchSettings) -> Result<Self, WebError> {
        Self::with_limits(settings, Limits::of(settings))
    }

    /// The door with limits of its own.
    pub fn with_limits(settings: &FetchSettings, limits: Limits) -> Result<Self, WebError> {
        let guard = Guard::new(&settings.allow_networks);
        let client = client(&guard, &limits, settings.about.as_ref())?;
        let pace = Pace::new(limits.per_host, limits.gap);
        Ok(Self {
            client,
            guard,
            pace,
            peace: Peace::default(),
            room: Room::new(limits.bodies, limits.patience),
            limits,
            robots: Mutex::default(),
        })
    }

    /// Tells the door the time on the wall, and which sites (scheme, host and port) an earlier run was asked to leave alone
    /// until when. Before that no site is left alone: there is no clock by which to do it.
    pub fn recall_peace(
        &self,
        now: Timestamp,
        sites: impl IntoIterator<Item = (String, Timestamp)>,
    ) {
        self.peace.recall(now, sites);
    }

    /// The sites (scheme, host and port) that have sent this run away since the last call, and until when: for later runs.
    pub fn new_peace(&self) -> Vec<(String, Timestamp)> {
        self.peace.take_new()
    }

    /// Asks once, and once more where a failure may have passed by then.
    ///
    /// Time spent waiting for a turn at a busy host does not count against [`Limits::request`]; all else does.
    pub async fn get(&self, request: &Request<'_>) -> Result<Answer, WebError> {
        let mut left = self.limits.request;
        let error = match self.follow(request, &mut left, Try::First).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match self.pause_before_retry(&error) {
            Some(pause) if pause < left => {
                tokio::time::sleep(pause).await;
                left -= pause;
                self.follow(request, &mut left, Try::Second).await
            }
            _ => Err(error),
        }
    }

    /// From the address asked for, over its redirects, to an answer.
    async fn follow(
        &self,
        request: &Request<'_>,
        left: &mut Duration,
        nth: Try,
    ) -> Result<Answer, WebError> {
        let mut trail = Trail::start(request.url, request.credentials, self.limits.redirects)?;
        loop {
            self.may_be_asked(trail.url(), request.purpose)
                .await
                .map_err(|error| trail.tell(error))?;
            let turn = self.pace.turn(trail.url()).await;
            // whoever was served before us may have been sent away
            self.heed_peace(trail.url(), request.purpose).await?;
            let started = Instant::now();
            let asked = timeout(*left, self.ask(&trail, request))
                .await
                .unwrap_or_else(|_| {
                    Err(WebError::timeout(
                        trail.url(),
                        TimeLimit::Request(self.limits.request),
                    ))
                });
            drop(turn);
            let took = started.elapsed();
            *left = left.saturating_sub(took);
            note(trail.url(), &asked, took);
            if request.purpose != Purpose::Feed {
                self.peace.heard(trail.url(), &asked);
            }
            if let (Err(error), Purpose::File | Purpose::Page | Purpose::Robots) =
                (&asked, request.purpose)
            {
                let then = match nth {
                    Try::First if self.pause_before_retry(error).is_some() => Then::OneMoreTry,
                    Try::First | Try::Second => Then::NoMore,
                };
                self.peace.note(trail.url(), error, then);
            }
            match asked.map_err(|error| trail.tell(error))?.outcome {
                Outcome::Answer(answer) => return Ok(answer),
                Outcome::Moved(location) => trail.follow(&location)?,
            }
        }
    }

    /// Refuses an address that the guard, its site or its `robots.txt` is against.
    async fn may_be_asked(&self, url: &Url, purpose: Purpose) -> Result<(), WebError> {
        self.guard.check(url)?;
        self.heed_peace(url, purpose).await?;
        match purpose {
            Purpose::Page => self.heed_robots(url).await,
            Purpose::Feed | Purpose::File | Purpose::Robots => Ok(()),
        }
    }

    /// Refuses an address whose site wants to be left alone, unless only for as long as is worth waiting.
    async fn heed_peace(&self, url: &Url, purpose: Purpose) -> Result<(), WebError> {
        if purpose == Purpose::Feed {
            return Ok(());
        }
        loop {
            match self.peace.standing(url, self.limits.retry_after) {
                Standing::Open => return Ok(()),
                Standing::Shortly(pause) => tokio::time::sleep(pause).await,
                Standing::LeftAlone(until) => {
                    let site = site_of(url);
                    return Err(WebError::LeftAlone { site, until });
                }
                Standing::Silent => {
                    let site = site_of(url);
                    return Err(WebError::Silent { site });
                }
            }
        }
    }

    /// Refuses an address that its site asks programs to leave alone. A site without such a file asks for nothing; one whose
    /// file cannot be had is left alone (RFC 9309 §2.3.1).
    async fn heed_robots(&self, url: &Url) -> Result<(), WebError> {
        let Ok(file) = url.join("/robots.txt") else {
            return Ok(());
        };
        let cell = {
            // a panic elsewhere cannot leave this map half-written
            let mut sites = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(sites.entry(url.origin().ascii_serialization()).or_default())
        };
        let robots = cell.get_or_init(|| self.read_robots(&file)).await;
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        match robots {
            Ok(robots) if robots.allow(path) => Ok(()),
            Ok(_) => Err(WebError::Robots { url: shown(url) }),
            Err(error @ (WebError::LeftAlone { .. } | WebError::Silent { .. })) => {
                Err(error.clone())
            }
            Err(error) => {
                // a site that asks for peace says until when
                self.heed_peace(url, Purpose::Page).await?;
                Err(WebError::NoRobots {
                    url: shown(url),
                    reason: error.to_string(),
                })
            }
        }
    }

    async fn read_robots(&self, url: &Url) -> RobotsFile {
        let request = Request {
            url,
            validators: None,
            credentials: None,
            bytes_max: robots::BYTES_MAX,
            purpose: Purpose::Robots,
        };
        // boxed, since the way to any page leads over this one
        match Box::pin(self.get(&request)).await {
            Ok(Answer::Page(page)) => Ok(Robots::read(&page.bytes, PRODUCT)),
            Err(error) if !says_nothing(&error) => Err(error),
            _ => Ok(Robots::default()),
        }
    }

    /// One request and its answer.
    async fn ask(&self, trail: &Trail<'_>, request: &Request<'_>) -> Result<Exchange, WebError> {
        let url = trail.url();
        let builder = self.client.get(url.clone());
        let builder = builder.header(header::ACCEPT_ENCODING, ACCEPT_ENCODING);
        let builder = conditional(builder, request.validators);
        let response = self.send(trail, builder).await?;

        let status = response.status();
        if let Some(location) = location(&response) {
            return Ok(Exchange::moved(status, location));
        }
        match (status, request.validators) {
            (StatusCode::NOT_MODIFIED, Some(known)) => {
                let headers = response.headers();
                let validators = validators(headers).or(known);
                Ok(Exchange::unchanged(status, validators, fresh_for(headers)))
            }
            _ if has_page(status) => {
                let content_type = text_of(
                    response.headers(),
                    header::CONTENT_TYPE,
                    CONTENT_TYPE_BYTES_MAX,
                );
                let validators = validators(response.headers());
                let fresh_for = fresh_for(response.headers());
                let bytes = self.read(url, response, request).await?;
                Ok(Exchange::page(
                    status,
                    Page {
                        url: url.clone(),
                        status: status.as_u16(),
                        content_type,
                        bytes,
                        validators,
                        fresh_for,
                    },
                ))
            }
            _ => Err(WebError::Status {
                url: shown(url),
                code: status.as_u16(),
                retry_after: RetryAfter::read(response.headers()),
            }),
        }
    }

    /// Sends a request with what may go along, and waits for the head of the answer.
    async fn send(&self, trail: &Trail<'_>, builder: RequestBuilder) -> Result<Response, WebError> {
        let url = trail.url();
        let builder = match trail.credentials() {
            Some(Credentials::Basic { user, password }) => {
                builder.basic_auth(user, Some(password.reveal()))
            }
            Some(Credentials::Bearer(token)) => builder.bearer_auth(token.reveal()),
            None => builder,
        };
        timeout(self.limits.first_byte, builder.send())
            .await
            .map_err(|_| WebError::timeout(url, TimeLimit::FirstByte(self.limits.first_byte)))?
            .map_err(|error| WebError::from_head(url, &error, &self.limits))
    }

    /// How long to wait before the second try; none where it would fail as the first did.
    fn pause_before_retry(&self, error: &WebError) -> Option<Duration> {
        match error {
            WebError::Connect { .. } | WebError::CutOff { .. } => Some(self.back_off()),
            WebError::Status {
                code: 502..=504,
                retry_after,
                ..
            } => match retry_after {
                None => Some(self.back_off()),
                Some(RetryAfter::In(pause)) if *pause <= self.limits.retry_after => {
                    Some(self.back_off().max(*pause))
                }
                Some(_) => None,
            },
            _ => None,
        }
    }

    /// Between one and two [`Limits::back_off`]: many requests that failed together do not come back together.
    fn back_off(&self) -> Duration {
        // without a source of chance the spread is lost and nothing else
        let chance = getrandom::u32().unwrap_or(0);
        self.limits.back_off
            + self
                .limits
                .back_off
                .mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web")
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // a query may hold a token
        f.debug_struct("Request")
            .field("url", &shown(self.url))
            .field("validators", &self.validators)
            .field("bytes_max", &self.bytes_max)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

impl Page {
    /// What the server said of it, as a report tells it: `https://a.example/feed: answered 200 with text/html`.
    pub fn answered(&self) -> String {
        let (url, status) = (shown(&self.url), self.status);
        let content_type = self.content_type.as_deref().unwrap_or_default();
        let readable = content_type.chars().filter(|c| !c.is_control());
        let kind: String = readable.take(TYPE_SHOWN_CHARS_MAX).collect();
        if kind.is_empty() {
            format!("{url}: answered {status} without a type")
        } else {
            format!("{url}: answered {status} with {kind}")
        }
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("url", &shown(&self.url))
            .field("status", &self.status)
            .field("content_type", &self.content_type)
            .field("bytes", &self.bytes)
            .field("validators", &self.validators)
            .field("fresh_for", &self.fresh_for)
            .finish()
    }
}

impl Validators {
    /// These, and from `known` what is missing.
    fn or(self, known: &Self) -> Self {
        Self {
            etag: self.etag.or_else(|| known.etag.clone()),
            last_modified: self.last_modified.or_else(|| known.last_modified.clone()),
        }
    }
}

/// Which try of a request it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Try {
    First,
    Second,
}

/// One request and what became of it.
struct Exchange {
    status: StatusCode,
    outcome: Outcome,
}

/// Where an exchange leads.
enum Outcome {
    Answer(Answer),
    Moved(String),
}

impl Exchange {
    fn moved(status: StatusCode, location: String) -> Self {
        let outcome = Outcome::Moved(location);
        Self { status, outcome }
    }

    fn unchanged(status: StatusCode, validators: Validators, fresh_for: Duration) -> Self {
        let outcome = Outcome::Answer(Answer::Unchanged {
            validators,
            fresh_for,
        });
        Self { status, outcome }
    }

    fn page(status: StatusCode, page: Page) -> Self {
        let outcome = Outcome::Answer(Answer::Page(page));
        Self { status, outcome }
    }

    fn bytes(&self) -> usize {
        match &self.outcome {
            Outcome::Answer(Answer::Page(page)) => page.bytes.len(),
            Outcome::Answer(Answer::Unchanged { .. }) | Outcome::Moved(_) => 0,
        }
    }
}

/// The HTTP client underneath: one for the run, so that connections are used again.
fn client(guard: &Guard, limits: &Limits, about: Option<&Url>) -> Result<Client, WebError> {
    let user_agent = about.map_or_else(
        || USER_AGENT.to_owned(),
        |about| format!("{USER_AGENT} (+{about})"),
    );
    let accept = HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(ACCEPT))]);
    let builder = || {
        Client::builder()
            .user_agent(&user_agent)
            .default_headers(accept.clone())
            // a proxy would look names up behind the guard's back
            .no_proxy()
            .dns_resolver(GuardedResolver::new(guard.clone()))
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(limits.connect)
            .pool_idle_timeout(limits.idle)
            .pool_max_idle_per_host(limits.per_host)
            // our own time limits end what a dead peer leaves hanging
            .tcp_keepalive(None)
            .http2_initial_stream_window_size(STREAM_WINDOW_BYTES)
            .http2_initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            // feeds on old servers: one odd header does not cost the answer
            .http1_ignore_invalid_headers_in_responses(true)
            .http1_allow_spaces_after_header_name_in_responses(true)
            .http1_allow_obsolete_multiline_headers_in_responses(true)
    };
    // a machine without root certificates still reads http; its https answers say what is missing
    builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build())
        .map_err(|error| WebError::from_start(&error))
}

/// Adds what makes a request conditional (RFC 9110 §13.1); a validator that cannot be a header value is left out.
fn conditional(builder: RequestBuilder, validators: Option<&Validators>) -> RequestBuilder {
    let Some(Validators {
        etag,
        last_modified,
    }) = validators
    else {
        return builder;
    };
    let value = |text: &Option<String>| HeaderValue::from_str(text.as_deref()?).ok();
    let mut headers = HeaderMap::new();
    headers.extend(value(etag).map(|value| (header::IF_NONE_MATCH, value)));
    headers.extend(value(last_modified).map(|value| (header::IF_MODIFIED_SINCE, value)));
    builder.headers(headers)
}

/// Where a redirect leads (RFC 9110 §15.4). A redirect that does not say where is none.
fn location(response: &Response) -> Option<String> {
    if !matches!(response.status().as_u16(), 300..=303 | 307 | 308) {
        return None;
    }
    let value = response.headers().get(header::LOCATION)?;
    // some servers write other than ASCII here; the URL parser encodes it
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Whether a failure is as good as a `robots.txt` that asks for nothing: there is none.
fn says_nothing(error: &WebError) -> bool {
    match error {
        WebError::Status { code, .. } => (400..500).contains(code) && *code != 429,
        // a way that does not end at a file (RFC 9309 §2.3.1.2)
        WebError::TooManyRedirects { .. }
        | WebError::RedirectLoop { .. }
        | WebError::BadRedirect { .. }
        | WebError::Refused { .. } => true,
        _ => false,
    }
}

/// Whether the answer brings what stands at the address: not for "no content" nor for a part that nobody asked for.
fn has_page(status: StatusCode) -> bool {
    status.is_success() && !matches!(status.as_u16(), 204..=206)
}

fn validators(headers: &HeaderMap) -> Validators {
    Validators {
        etag: text_of(headers, header::ETAG, VALIDATOR_BYTES_MAX),
        last_modified: text_of(headers, header::LAST_MODIFIED, VALIDATOR_BYTES_MAX),
    }
}

/// A header's value, where it is text and no longer than `bytes_max`.
fn text_of(headers: &HeaderMap, name: HeaderName, bytes_max: usize) -> Option<String> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty() && text.len() <= bytes_max).then(|| text.to_owned())
}

/// One line for `--log`: no path and no query, which may hold tokens.
fn note(url: &Url, asked: &Result<Exchange, WebError>, took: Duration) {
    let host = url.host_str().unwrap_or_default();
    let ms = took.as_millis();
    match asked {
        Ok(exchange) => {
            let status = exchange.status.as_u16();
            let bytes = exchange.bytes();
            tracing::debug!(host, status, bytes, ms, "asked");
        }
        Err(WebError::Status { code, .. }) => {
            tracing::debug!(host, status = code, bytes = 0, ms, "asked");
        }
        Err(error) => tracing::debug!(host, failed = error.kind(), ms, "asked"),
    }
}
