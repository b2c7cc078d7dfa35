//! A small world of feeds on a loopback port: ten shows and blogs, three days of entries, and two feeds that are broken.

mod conversation;
mod feeds;
mod markup;
mod pages;
mod script;
mod shows;
mod transcripts;

use std::collections::BTreeMap;
use std::io;
use std::iter;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::civil::date;
use rust_embed::RustEmbed;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::demo::world::script::Script;
use crate::demo::world::script::read_script;
use crate::demo::world::shows::Form;
use crate::demo::world::shows::SHOWS;
use crate::demo::world::shows::Show;
use crate::model::SourceKind;
use crate::model::sha256_hex;

/// The source whose server is being repaired: `503`.
const DOWN: (&str, &str) = ("Out of Office", "/out-of-office/feed.xml");

/// The source whose feed has become a web page.
const NOT_A_FEED: (&str, &str) = ("The Landing Page", "/the-landing-page/feed");

/// Media type of a page.
const HTML: &str = "text/html; charset=utf-8";

/// The world while it stands: it is served until the value is dropped.
pub struct World {
    address: SocketAddr,
    site: Arc<Site>,
    /// Dropping it is what stops the server.
    _stop: oneshot::Sender<()>,
}

impl World {
    /// The days of the world, Monday to Wednesday. All entries of a day are out before six in the morning (UTC).
    pub const DAYS: [Date; 3] = [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)];

    /// Names of the sources that must fail on each day, and the only ones that may.
    pub const EXPECTED_FAILURES: [&str; 2] = [DOWN.0, NOT_A_FEED.0];

    /// Serves the world on a free loopback port, beginning with the first day. Needs a tokio runtime.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let site = Arc::new(Site::build(&format!("http://{address}"))?);
        let (stop, stopped) = oneshot::channel::<()>();
        let router = Router::new().fallback(answer).with_state(site.clone());
        tokio::spawn(async move {
            axum::serve(listener, router)
                .with_graceful_shutdown(async {
                    let _ = stopped.await; // an error says that the sender is gone: the same wish
                })
                .await
        });
        Ok(Self {
            address,
            site,
            _stop: stop,
        })
    }

    /// Where it is served.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on the feeds list what was published up to this day, 1 to 3; a number beyond that means the nearest one.
    pub fn show_day(&self, day: usize) {
        let last = Self::DAYS.len() - 1;
        self.site
            .day
            .store(day.saturating_sub(1).min(last), Ordering::Relaxed);
    }

    /// A `sources.toml` that reads this world, keeps its state in the file `store` and puts its mail into the folder
    /// `outbox`.
    pub fn sources_toml(&self, outbox: &str, store: &str) -> String {
        let base = format!("http://{}", self.address);
        let head = format!(
            r#"# The demo's settings. The world that they name is gone when the demo ends.

[digest]
title = "Take Five"
size = 5
time_zone = "Europe/London"
look_back = "3 days"
max_per_source = 2
max_per_entry = 1

[mail]
from = "Take Five <five@takefive.example>"
reply_to = "editor@takefive.example"
leave_address = "leave@takefive.example"
list_id = "demo.takefive.example"
postal_address = "1 Example Street, London"
outbox = {}

[store]
path = {}

[fetch]
in_flight = 16
gap = "0 seconds"
allow_networks = ["127.0.0.0/8"]
"#,
            quoted(outbox),
            quoted(store)
        );
        let good = SHOWS.iter().map(|show| source_of(show, &base));
        let bad = [DOWN, NOT_A_FEED]
            .map(|(name, path)| source(name, "article", &format!("{base}{path}")));
        iter::once(head)
            .chain(good)
            .chain(bad)
            .collect::<Vec<_>>()
            .concat()
    }
}

/// The entries of the shows, one file for each: `<show>/<entry>.txt`.
#[derive(RustEmbed)]
#[folder = "src/demo/world/shows/"]
struct Files;

/// All that can be asked for.
struct Site {
    /// Pages and transcripts, by path: the same on all days.
    pages: BTreeMap<String, Resource>,
    /// Feeds, by path, of each day.
    feeds: Vec<BTreeMap<String, Resource>>,
    /// The day that the feeds show, counted from 0.
    day: AtomicUsize,
}

/// Something with an address.
struct Resource {
    media_type: &'static str,
    body: Bytes,
    /// Strong entity tag (RFC 9110 §8.8.3).
    etag: String,
    changed: Timestamp,
}

impl Site {
    fn build(base: &str) -> io::Result<Self> {
        let mut site = Self {
            pages: BTreeMap::new(),
            feeds: World::DAYS.iter().map(|_| BTreeMap::new()).collect(),
            day: AtomicUsize::new(0),
        };
        for show in &SHOWS {
            let scripts = scripts_of(show, base)?;
            for (nth, day) in World::DAYS.iter().enumerate() {
                let out: Vec<&Script> = scripts.iter().filter(|s| s.day() <= *day).collect();
                let changed = out.first().map_or(Timestamp::UNIX_EPOCH, |s| s.published);
                let (media_type, bytes) = feeds::feed(show, &out, base);
                let feed = Resource::new(media_type, bytes, changed);
                site.feeds[nth].insert(show.feed_path(), feed);
            }
            site.add_pages(show, &scripts, base);
        }
        let page = Resource::new(
            HTML,
            pages::not_a_feed().into_bytes(),
            Timestamp::UNIX_EPOCH,
        );
        site.pages.insert(NOT_A_FEED.1.to_owned(), page);
        Ok(site)
    }

    fn add_pages(&mut self, show: &Show, scripts: &[Script], base: &str) {
        let oldest = scripts
            .last()
            .map_or(Timestamp::UNIX_EPOCH, |s| s.published);
        let home = Resource::new(HTML, pages::home(show, base).into_bytes(), oldest);
        self.pages.insert(format!("/{}/", show.slug), home);
        for script in scripts {
            let path = format!("/{}/{}", show.slug, script.slug);
            let mut add = |path: String, media_type, text: String| {
                let page = Resource::new(media_type, text.into_bytes(), script.published);
                self.pages.insert(path, page);
            };
            let related: Vec<&Script> = scripts
                .iter()
                .filter(|other| other.published < script.published)
                .collect();
            let page = pages::entry(show, script, &related, base);
            let (Some(conversation), Some((ending, media_type))) =
                (script.conversation(), show.transcript_type())
            else {
                add(path, HTML, page);
                continue;
            };
            let transcript = match show.form {
                Form::Vtt => transcripts::vtt(conversation),
                Form::Srt => transcripts::srt(conversation),
                Form::Json => transcripts::json(conversation),
                _ => pages::transcript(script, &transcripts::html(conversation)),
            };
            add(format!("{path}.{ending}"), media_type, transcript);
            if !conversation.chapters().is_empty() {
                let chapters = transcripts::chapters(conversation);
                add(
                    format!("{path}.chapters.json"),
                    "application/json+chapters",
                    chapters,
                );
            }
            add(path, HTML, page);
        }
    }

    fn find(&self, path: &str) -> Option<&Resource> {
        let feeds = &self.feeds[self.day.load(Ordering::Relaxed)];
        feeds.get(path).or_else(|| self.pages.get(path))
    }
}

impl Resource {
    fn new(media_type: &'static str, body: Vec<u8>, changed: Timestamp) -> Self {
        Self {
            media_type,
            etag: format!("\"{}\"", &sha256_hex(&body)[..16]),
            body: body.into(),
            changed,
        }
    }
}

/// The entries of a show, newest first.
fn scripts_of(show: &Show, base: &str) -> io::Result<Vec<Script>> {
    let mut scripts = Vec::new();
    for path in Files::iter() {
        let Some((folder, file)) = path.split_once('/') else {
            continue;
        };
        let (true, Some(slug)) = (folder == show.slug, file.strip_suffix(".txt")) else {
            continue;
        };
        let Some(file) = Files::get(&path) else {
            continue;
        };
        let text = std::str::from_utf8(&file.data).map_err(io::Error::other)?;
        scripts.push(read_script(slug, text, base).map_err(io::Error::other)?);
    }
    scripts.sort_by(|a, b| b.published.cmp(&a.published).then(a.slug.cmp(&b.slug)));
    Ok(scripts)
}

async fn answer(State(site): State<Arc<Site>>, uri: Uri, headers: HeaderMap) -> Response {
    if uri.path() == DOWN.1 {
        // an hour is longer than any run waits: it is not asked a second time on the same day
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, "3600"), (header::CONTENT_TYPE, HTML)],
            pages::down(),
        )
            .into_response();
    }
    let Some(resource) = site.find(uri.path()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let validators = [
        (header::ETAG, resource.etag.clone()),
        (
            header::LAST_MODIFIED,
            resource
                .changed
                .strftime("%a, %d %b %Y %H:%M:%S GMT")
                .to_string(),
        ),
    ];
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|tag| tag.trim().trim_start_matches("W/") == resource.etag);
    if known {
        return (StatusCode::NOT_MODIFIED, validators).into_response();
    }
    let media_type = [(header::CONTENT_TYPE, resource.media_type)];
    (validators, media_type, resource.body.clone()).into_response()
}

/// The row of a show.
fn source_of(show: &Show, base: &str) -> String {
    let kind = match show.kind() {
        SourceKind::Podcast => "podcast",
        SourceKind::Article => "article",
    };
    let topics: Vec<String> = show.topics.iter().map(|topic| quoted(topic)).collect();
    let transcript = match show.form {
        Form::TranscriptOnPage => "transcript = \".transcript\"\n",
        _ => "",
    };
    format!(
        "{}topics = [{}]\n{transcript}",
        source(show.name, kind, &format!("{base}{}", show.feed_path())),
        topics.join(", ")
    )
}

/// The lines that every source has.
fn source(name: &str, kind: &str, feed: &str) -> String {
    format!(
        "\n[[source]]\nname = {}\nkind = \"{kind}\"\nfeed = {}\nlanguage = \"en\"\n",
        quoted(name),
        quoted(feed)
    )
}

/// A TOML basic string: what JSON escapes, TOML reads.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
