//! `sources check`: what the program reads from a feed, or from every feed of the list.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Context as _;
use futures_util::StreamExt as _;
use futures_util::stream;
use serde::Serialize;

use crate::cli::Common;
use crate::cli::output::print;
use crate::model::Entry;
use crate::model::Feed;
use crate::model::Source;
use crate::outside::web::Answer;
use crate::outside::web::Request;
use crate::outside::web::Web;
use crate::report::Exit;
use crate::stages::extract_text::is_teaser;
use crate::stages::read_feed::FEED_BYTES_MAX;
use crate::stages::read_feed::FeedOrigin;
use crate::stages::read_feed::read_feed;

/// Shows what is read from a feed in a file.
pub(super) fn check_file(common: &Common, file: &Path) -> anyhow::Result<Exit> {
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let source = file
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let feed = match read_feed(
        &bytes,
        &FeedOrigin {
            source: &source,
            url: None,
            content_type: None,
        },
    ) {
        Ok(feed) => feed,
        Err(error) => {
            anstream::eprintln!("{}: {error}", file.display());
            return Ok(Exit::Sources);
        }
    };
    if common.json {
        print(&serde_json::to_string(&feed)?)?;
    } else if !common.quiet {
        print(&shown(&feed))?;
    }
    Ok(Exit::Done)
}

/// Reads every feed of the list once, stores nothing, and says what each one yields.
pub(super) async fn check_list(common: &Common) -> anyhow::Result<Exit> {
    let settings = common.settings()?;
    let web = Web::new(&settings.fetch)?;
    let mut checked = stream::iter(&settings.sources)
        .map(async |source| check(&web, source).await)
        .buffered(settings.fetch.in_flight);
    let mut failed = 0;
    while let Some(line) = checked.next().await {
        failed += usize::from(line.error.is_some());
        if common.json {
            print(&serde_json::to_string(&line)?)?;
        } else if !common.quiet {
            print(&line.shown())?;
        }
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

async fn check(web: &Web, source: &Source) -> Checked {
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
    };
    match read_feed(&page.bytes, &origin) {
        Ok(feed) => {
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
        Err(error) => checked.error = Some(error.to_string()),
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
            "✓ {name}: {} entries, newest {newest}, {} with a transcript, {} with full content",
            self.entries, self.with_transcript, self.with_full_content
        );
        for warning in &self.warnings {
            let _ = write!(out, "\n    {warning}");
        }
        out
    }
}

fn shown(feed: &Feed) -> String {
    let mut out = format!("{}\n", feed.title.as_deref().unwrap_or("(no title)"));
    for warning in &feed.warnings {
        let _ = writeln!(out, "  ! {warning}");
    }
    for entry in &feed.entries {
        let date = entry.published.map_or_else(
            || "no date".to_owned(),
            |date| date.strftime("%F").to_string(),
        );
        let _ = writeln!(out, "  {date}  {}", entry.title);
        if let Some(link) = &entry.link {
            let _ = writeln!(out, "              {link}");
        }
        for transcript in &entry.transcripts {
            let media_type = transcript.media_type.as_deref().unwrap_or("type not said");
            let _ = writeln!(
                out,
                "              transcript ({media_type}) {}",
                transcript.url
            );
        }
    }
    out
}
