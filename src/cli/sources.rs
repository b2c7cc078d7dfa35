//! `sources check`: what the program reads from a feed, or from every feed of the list.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde::Serialize;

use crate::cli::Common;
use crate::cli::breakdown::on_a_worker;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::output::say;
use crate::cli::tell::counted;
use crate::model::Entry;
use crate::model::Feed;
use crate::model::Source;
use crate::outside::transcriber::Transcriber;
use crate::outside::web::Answer;
use crate::outside::web::Purpose;
use crate::outside::web::Request;
use crate::outside::web::Web;
use crate::report::Exit;
use crate::stages::extract_text::is_teaser;
use crate::stages::read_feed::FEED_BYTES_MAX;
use crate::stages::read_feed::FeedOrigin;
use crate::stages::read_feed::read_feed;

/// Shows what is read from a feed in a file, or checks a list: the one of the settings, or one that is named as the file.
pub(super) async fn check(common: &Common, file: Option<&Path>) -> anyhow::Result<Exit> {
    match file {
        Some(list) if list.extension().is_some_and(|ending| ending == "toml") => {
            let common = Common {
                sources: list.to_owned(),
                ..common.clone()
            };
            check_list(&common).await
        }
        Some(feed) => check_file(common, feed),
        None => check_list(common).await,
    }
}

fn check_file(common: &Common, file: &Path) -> anyhow::Result<Exit> {
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let source = file
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let origin = FeedOrigin {
        source: &source,
        url: None,
        content_type: None,
        texts_since: None,
    };
    let read = on_a_worker(|| read_feed(&bytes, &origin));
    let feed = match read.with_context(|| file.display().to_string())? {
        Ok(feed) => feed,
        Err(error) => {
            say(&format!("takefive: {}: {error}", file.display()));
            return Ok(Exit::Sources);
        }
    };
    if common.json {
        print_json(&feed)?;
    } else if !common.quiet {
        print(&shown(&feed))?;
    }
    Ok(Exit::Done)
}

/// Reads every feed of the list once, stores nothing, and says what each one yields.
async fn check_list(common: &Common) -> anyhow::Result<Exit> {
    let settings = common.settings()?;
    let web = Web::new(&settings.fetch)?;
    let transcribe = settings.transcribe.as_ref();
    if let Some(transcribe) = transcribe {
        Transcriber::open(transcribe, &settings.store_path)?;
    }
    let mut checked = stream::iter(&settings.sources)
        .map(async |source| check_source(&web, source).await)
        .buffered(settings.fetch.in_flight);
    let mut failed = 0;
    while let Some(line) = checked.next().await {
        failed += usize::from(line.error.is_some());
        if common.json {
            print_json(&line)?;
        } else if !common.quiet {
            print(&line.shown())?;
        }
    }
    if let Some(transcribe) = transcribe.filter(|_| !common.json && !common.quiet) {
        print(&format!(
            "· episodes without a transcript are transcribed by {}, {} a run",
            transcribe.program.display(),
            transcribe.max_per_run
        ))?;
    }
    Ok(if failed == settings.sources.len() {
        Exit::Sources
    } else {
        Exit::Done
    })
}

/// What one source of the list yields.
#[derive(Serialize)]
struct Checked {
    name: String,
    entries: usize,
    /// The newest date in the feed.
    newest: Option<jiff::Timestamp>,
    /// Entries that link a transcript.
    with_transcript: usize,
    /// Entries whose content stands in the feed in full.
    with_full_content: usize,
    warnings: Vec<String>,
    error: Option<String>,
}

async fn check_source(web: &Web, source: &Source) -> Checked {
    let mut checked = Checked {
        name: source.name.clone(),
        entries: 0,
        newest: None,
        with_transcript: 0,
        with_full_content: 0,
        warnings: Vec::new(),
        error: None,
    };
    let request = Request {
        url: &source.feed,
        validators: None,
        credentials: source.credentials.as_ref(),
        bytes_max: FEED_BYTES_MAX,
        purpose: Purpose::Feed,
    };
    let page = match web.get(&request).await {
        Ok(Answer::Page(page)) => page,
        Ok(Answer::Unchanged { .. }) => {
            checked.error = Some("the server says unchanged, unasked".to_owned());
            return checked;
        }
        Err(error) => {
            checked.error = Some(error.to_string());
            return checked;
        }
    };
    let origin = FeedOrigin {
        source: &source.name,
        url: Some(&page.url),
        content_type: page.content_type.as_deref(),
        texts_since: None,
    };
    match on_a_worker(|| read_feed(&page.bytes, &origin)) {
        Ok(Ok(feed)) => {
            let full = |entry: &&Entry| {
                let html = entry.content.as_deref().or(entry.summary.as_deref());
                html.is_some_and(|html| !is_teaser(html))
            };
            checked.entries = feed.entries.len();
            checked.newest = feed
                .entries
                .iter()
                .filter_map(|entry| entry.published)
                .max();
            checked.with_transcript = feed
                .entries
                .iter()
                .filter(|entry| !entry.transcripts.is_empty())
                .count();
            checked.with_full_content = feed.entries.iter().filter(full).count();
            checked.warnings = feed.warnings;
        }
        Ok(Err(error)) => checked.error = Some(format!("{}: {error}", page.answered())),
        Err(broke) => checked.error = Some(broke.to_string()),
    }
    checked
}

impl Checked {
    fn shown(&self) -> String {
        let name = &self.name;
        if let Some(error) = &self.error {
            return format!("✗ {name}: {error}");
        }
        let newest = self.newest.map_or_else(
            || "undated".to_owned(),
            |newest| newest.strftime("%F").to_string(),
        );
        let mut out = format!(
            "✓ {name}: {}, newest {newest}",
            counted(self.entries, "entry", "entries")
        );
        for (count, what) in [
            (self.with_transcript, "with a transcript"),
            (self.with_full_content, "with full content"),
        ] {
            if count > 0 {
                let _ = write!(out, ", {count} {what}");
            }
        }
        for warning in &self.warnings {
            let _ = write!(out, "\n    {warning}");
        }
        out
    }
}

fn shown(feed: &Feed) -> String {
    let title = feed.title.as_deref().unwrap_or("(no title)");
    let entries = counted(feed.entries.len(), "entry", "entries");
    let mut out = format!("{title} · {entries}\n");
    if let Some(link) = &feed.link {
        let _ = writeln!(out, "  {link}");
    }
    for warning in &feed.warnings {
        let _ = writeln!(out, "  ! {warning}");
    }
    for entry in &feed.entries {
        let date = entry.published.map_or_else(
            || "no date   ".to_owned(),
            |date| date.strftime("%F").to_string(),
        );
        let _ = writeln!(out, "\n  {date}  {}", entry.title);
        let mut about = |what: &str, value: &str| {
            let _ = writeln!(out, "    {what:<12}{value}");
        };
        if let Some(link) = &entry.link {
            about("page", link.as_str());
        }
        if let Some(author) = &entry.author {
            about("author", author);
        }
        let number = |what: &str, number: u32| format!("{what} {number}");
        let season = entry.season.map(|season| number("season", season));
        let episode = entry.episode.map(|episode| number("episode", episode));
        let numbers: Vec<String> = season.into_iter().chain(episode).collect();
        if !numbers.is_empty() {
            about("number", &numbers.join(", "));
        }
        if let Some(enclosure) = &entry.enclosure {
            about("audio", enclosure.url.as_str());
        }
        for transcript in &entry.transcripts {
            let media_type = transcript.media_type.as_deref().unwrap_or("type not said");
            about("transcript", &format!("{} ({media_type})", transcript.url));
        }
        if let Some(chapters) = &entry.chapters {
            about("chapters", chapters.as_str());
        }
        if !entry.own_chapters.is_empty() {
            let count = entry.own_chapters.len();
            about("chapters", &format!("{count} in the feed itself"));
        }
        for person in &entry.people {
            about(&person.role, &person.name);
        }
        if !entry.soundbites.is_empty() {
            about("soundbites", &entry.soundbites.len().to_string());
        }
    }
    out
}
