//! Every source → its new entries → their text → candidates, put on the shelf.

use std::cell::RefCell;

use futures_util::StreamExt as _;
use futures_util::stream;
use tokio::sync::Semaphore;
use url::Url;

use crate::model::Document;
use crate::model::Entry;
use crate::model::Feed;
use crate::model::Source;
use crate::model::SourceKind;
use crate::model::TextOrigin;
use crate::model::Validators;
use crate::outside::store::FeedMemory;
use crate::outside::store::Harvest;
use crate::outside::store::HarvestedEntry;
use crate::outside::store::Reading;
use crate::outside::store::Store;
use crate::outside::web::Answer;
use crate::outside::web::Page;
use crate::outside::web::Request;
use crate::outside::web::Web;
use crate::outside::web::WebError;
use crate::pipeline::Day;
use crate::pipeline::Doors;
use crate::pipeline::Job;
use crate::pipeline::Progress;
use crate::report::Report;
use crate::report::SourceLine;
use crate::report::SourceStatus;
use crate::stages::extract_text::Material;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::TextKind;
use crate::stages::extract_text::extract_text;
use crate::stages::extract_text::guess_kind;
use crate::stages::extract_text::is_teaser;
use crate::stages::extract_text::plain_words;
use crate::stages::extract_text::transcripts_by_preference;
use crate::stages::find_insights::Context;
use crate::stages::find_insights::Rules;
use crate::stages::find_insights::find_insights;
use crate::stages::read_feed::FeedOrigin;
use crate::stages::read_feed::ReadFeedError;
use crate::stages::read_feed::read_feed;

/// New entries of one source that are read in one run; the newest come first, the others wait for the next run. More than
/// this in a look-back of days is a feed of another kind than a show or a blog.
const ENTRIES_READ_MAX: usize = 50;

/// Bytes of a feed: a show with 1,000 episodes and long notes has about 10 MB.
const FEED_BYTES_MAX: usize = 16 << 20;

/// Bytes of a transcript: ten hours of word-by-word JSON are about 12 MB.
const TRANSCRIPT_BYTES_MAX: usize = 16 << 20;

/// Bytes of a page: a long essay with all its mark-up is under 2 MB.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// Reads every source, many at once, and puts what they yield on the shelf, source by source: a crash repeats a source or
/// has finished it. Memory is bounded by the sources in flight, never by how many there are.
pub async fn gather(
    job: &Job<'_>,
    depth: Depth,
    doors: &mut Doors,
    report: &mut Report,
) -> anyhow::Result<()> {
    let Job { settings, .. } = job;
    let reader = Reader {
        web: &doors.web,
        store: RefCell::new(&mut doors.store),
        day: &job.day,
        depth,
        // parsing is work for the processors: more at once than there are only takes memory
        desks: Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)),
    };
    let of = settings.sources.len();
    let mut lines: Vec<(usize, SourceLine)> = Vec::with_capacity(of);
    let errands = settings
        .sources
        .iter()
        .enumerate()
        .map(async |(nth, source)| (nth, reader.read(source).await));
    let mut results = stream::iter(errands).buffer_unordered(settings.fetch.in_flight);
    loop {
        let result = tokio::select! {
            result = results.next() => result,
            () = job.stop.asked() => None,
        };
        let Some((nth, line)) = result else { break };
        let line = line?;
        (job.progress)(Progress::Gathered {
            source: &line.name,
            done: lines.len() + 1,
            of,
        });
        lines.push((nth, line));
    }
    lines.sort_by_key(|(nth, _)| *nth);
    report.sources = lines.into_iter().map(|(_, line)| line).collect();
    report.interrupted = job.stop.is_asked();
    Ok(())
}

/// How far sources are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// The feeds alone; what is new in them waits in the store.
    Feeds,
    /// Transcripts and pages too.
    Texts,
}

/// Reads sources.
struct Reader<'a> {
    web: &'a Web,
    /// All sources are read by one task, which never waits while it holds the store.
    store: RefCell<&'a mut Store>,
    day: &'a Day,
    depth: Depth,
    desks: Semaphore,
}

/// Why a source has no yield.
#[derive(Debug, thiserror::Error)]
enum SourceFailed {
    #[error(transparent)]
    Web(#[from] WebError),
    #[error(transparent)]
    Feed(#[from] ReadFeedError),
    #[error(transparent)]
    Broke(#[from] StageBroke),
}

/// A stage panicked: a defect of ours, which must not cost more than the item it happened on.
#[derive(Debug, thiserror::Error)]
#[error("the program broke down on it; please report this with the address of the feed")]
struct StageBroke;

/// The text of an entry, or why there is none.
enum Text {
    Found(Document),
    /// There is none that may be quoted.
    None(String),
    /// It could not be fetched; the next run tries again.
    Later(String),
}

impl Reader<'_> {
    /// Reads one source and stores what it yields. A failed source is a line; an error is the store's.
    async fn read(&self, source: &Source) -> anyhow::Result<SourceLine> {
        let mut line = SourceLine::of(&source.name);
        match self.harvest(source, &mut line).await? {
            Ok(()) => {}
            Err(failed) => {
                line.status = SourceStatus::Failed;
                line.error = Some(failed.to_string());
            }
        }
        Ok(line)
    }

    async fn harvest(
        &self,
        source: &Source,
        line: &mut SourceLine,
    ) -> anyhow::Result<Result<(), SourceFailed>> {
        let memory = self
            .store
            .borrow()
            .feed_memory(&source.name, &source.feed)?;
        // "not changed since" would hide the entries that were too old for the day of the last reading
        let asked_before = memory
            .as_ref()
            .filter(|memory| memory.window_from <= self.day.from);
        let validators = asked_before.map(|memory| &memory.validators);
        let (memory, entries) = match self
            .get(source, &source.feed, validators, FEED_BYTES_MAX)
            .await
        {
            Err(error) => return Ok(Err(error.into())),
            Ok(Answer::Unchanged { validators }) => {
                line.status = SourceStatus::Unchanged;
                let window_from = asked_before.map_or(self.day.from, |memory| memory.window_from);
                (
                    FeedMemory {
                        validators,
                        window_from,
                    },
                    Vec::new(),
                )
            }
            Ok(Answer::Page(page)) => {
                let validators = page.validators.clone();
                let feed = match self.read_page(source, page).await {
                    Ok(feed) => feed,
                    Err(failed) => return Ok(Err(failed)),
                };
                line.notes.extend(feed.warnings);
                (
                    FeedMemory {
                        validators,
                        window_from: self.day.from,
                    },
                    feed.entries,
                )
            }
        };
        let mut found = self.not_known(source, entries)?;
        self.read_entries(source, &mut found, line).await;
        let harvest = Harvest {
            source: source.name.clone(),
            feed: source.feed.clone(),
            memory,
            entries: found,
        };
        self.store.borrow_mut().put_harvest(&harvest)?;
        Ok(Ok(()))
    }

    /// What is new in the feed and not too old, with what was found before and is still to be read; newest first.
    fn not_known(
        &self,
        source: &Source,
        entries: Vec<Entry>,
    ) -> anyhow::Result<Vec<HarvestedEntry>> {
        let store = self.store.borrow();
        let known = store.known_entries(&source.name)?;
        let new = entries
            .into_iter()
            .filter(|entry| !known.contains(&entry.id))
            .map(|entry| HarvestedEntry {
                entry,
                first_seen: self.day.seen,
                reading: Reading::Waiting,
            });
        let mut found: Vec<HarvestedEntry> =
            new.filter(|found| found.dated() >= self.day.from).collect();
        found.extend(store.waiting_entries(&source.name, self.day.from, self.day.to)?);
        found.sort_by(|a, b| {
            b.dated()
                .cmp(&a.dated())
                .then_with(|| a.entry.id.cmp(&b.entry.id))
        });
        Ok(found)
    }

    /// Reads the entries of the look-back window; those of later days, and those beyond the limit, go on waiting.
    async fn read_entries(
        &self,
        source: &Source,
        found: &mut [HarvestedEntry],
        line: &mut SourceLine,
    ) {
        let window = self.day.from..self.day.to;
        for found in found
            .iter_mut()
            .filter(|found| window.contains(&found.dated()))
        {
            line.entries_new += 1;
            if self.depth == Depth::Texts && line.entries_new <= ENTRIES_READ_MAX {
                found.reading = self.read_entry(source, &found.entry, line).await;
            }
        }
        if self.depth == Depth::Texts && line.entries_new > ENTRIES_READ_MAX {
            let left = line.entries_new - ENTRIES_READ_MAX;
            line.notes
                .push(format!("{left} entries are left for the next run"));
        }
    }

    async fn get(
        &self,
        source: &Source,
        url: &Url,
        validators: Option<&Validators>,
        bytes_max: usize,
    ) -> Result<Answer, WebError> {
        let own_host = url.origin() == source.feed.origin();
        let credentials = source.credentials.as_ref().filter(|_| own_host);
        self.web
            .get(&Request {
                url,
                validators,
                credentials,
                bytes_max,
            })
            .await
    }

    async fn read_page(&self, source: &Source, page: Page) -> Result<Feed, SourceFailed> {
        let name = source.name.clone();
        let feed = self.at_desk(move || {
            let origin = FeedOrigin {
                source: &name,
                url: Some(&page.url),
                content_type: page.content_type.as_deref(),
            };
            read_feed(&page.bytes, &origin)
        });
        Ok(feed.await??)
    }

    /// The text of one entry and the candidates in it.
    async fn read_entry(&self, source: &Source, entry: &Entry, line: &mut SourceLine) -> Reading {
        let document = match self.text_of(source, entry).await {
            Text::Found(document) => document,
            Text::None(reason) => {
                line.entries_without_text += 1;
                return Reading::NoText { reason };
            }
            Text::Later(reason) => {
                line.notes.push(format!(
                    "\"{}\" is left for the next run: {reason}",
                    entry.title
                ));
                return Reading::FailedForNow { reason };
            }
        };
        let (about, kind, topics) = (entry.clone(), source.kind, source.topics.clone());
        let found = self.at_desk(move || {
            let notes = notes_of(&about, kind).map_or_else(String::new, plain_words);
            let context = Context {
                title: &about.title,
                notes: &notes,
                people: &about.people,
                soundbites: &about.soundbites,
                topics: &topics,
            };
            let candidates = find_insights(&document, &context, Rules::built_in());
            (document, candidates)
        });
        match found.await {
            Ok((document, candidates)) => {
                line.candidates += candidates.len();
                Reading::Read {
                    document,
                    candidates,
                }
            }
            Err(broke) => Reading::NoText {
                reason: broke.to_string(),
            },
        }
    }

    async fn text_of(&self, source: &Source, entry: &Entry) -> Text {
        match source.kind {
            SourceKind::Podcast => self.text_of_episode(source, entry).await,
            SourceKind::Article => self.text_of_article(source, entry).await,
        }
    }

    /// A linked transcript, else one on the episode's page, else the takeaways in the notes.
    async fn text_of_episode(&self, source: &Source, entry: &Entry) -> Text {
        let mut last = Text::None("no transcript, and no takeaways in the notes".to_owned());
        for link in transcripts_by_preference(&entry.transcripts) {
            let kind = Kind::Guessed {
                media_type: link.media_type.clone(),
            };
            match self
                .fetch_text(source, &link.url, kind, TextOrigin::Transcript)
                .await
            {
                Text::Found(document) => return Text::Found(document),
                none => last = none,
            }
        }
        if let (Some(_), Some(page)) = (&source.transcript, &entry.link) {
            match self
                .fetch_text(
                    source,
                    page,
                    Kind::TranscriptPage,
                    TextOrigin::TranscriptPage,
                )
                .await
            {
                Text::Found(document) => return Text::Found(document),
                none => last = none,
            }
        }
        if let Text::Later(reason) = last {
            return Text::Later(reason);
        }
        for notes in [&entry.content, &entry.summary].into_iter().flatten() {
            if let Text::Found(document) = self
                .extract_own(notes, TextKind::Notes, TextOrigin::Notes)
                .await
            {
                return Text::Found(document);
            }
        }
        last
    }

    /// The feed's own content unless that is a teaser, else the linked page.
    async fn text_of_article(&self, source: &Source, entry: &Entry) -> Text {
        let content = entry
            .content
            .as_deref()
            .or(entry.summary.as_deref())
            .filter(|html| !is_teaser(html));
        let mut last = Text::None("no content in the feed, and no page linked".to_owned());
        if let Some(html) = content {
            match self
                .extract_own(html, TextKind::FeedContent, TextOrigin::FeedContent)
                .await
            {
                Text::Found(document) => return Text::Found(document),
                none => last = none,
            }
        }
        match &entry.link {
            Some(page) => {
                self.fetch_text(source, page, Kind::ArticlePage, TextOrigin::ArticlePage)
                    .await
            }
            None => last,
        }
    }

    /// What a feed carries itself.
    async fn extract_own(&self, html: &str, kind: TextKind, origin: TextOrigin) -> Text {
        let bytes = html.as_bytes().to_vec();
        self.extract(move || {
            let content_type = Some("text/html; charset=utf-8");
            extract_text(&Material {
                kind,
                bytes: &bytes,
                content_type,
                url: None,
                selector: None,
                origin,
            })
        })
        .await
    }

    /// What stands at an address.
    async fn fetch_text(&self, source: &Source, url: &Url, kind: Kind, origin: TextOrigin) -> Text {
        let bytes_max = match kind {
            Kind::Guessed { .. } => TRANSCRIPT_BYTES_MAX,
            Kind::TranscriptPage | Kind::ArticlePage => PAGE_BYTES_MAX,
        };
        let page = match self.get(source, url, None, bytes_max).await {
            Ok(Answer::Page(page)) => page,
            Ok(Answer::Unchanged { .. }) => {
                return Text::Later("the server says unchanged, unasked".to_owned());
            }
            Err(error) if error.may_pass() => return Text::Later(error.to_string()),
            Err(error) => return Text::None(error.to_string()),
        };
        let (article, transcript) = (source.selector.clone(), source.transcript.clone());
        self.extract(move || {
            let Page {
                url,
                content_type,
                bytes,
                ..
            } = &page;
            let content_type = content_type.as_deref();
            let (kind, selector) = match &kind {
                Kind::Guessed { media_type } => (
                    guess_kind(
                        bytes,
                        Some(url.path()),
                        media_type.as_deref().or(content_type),
                    ),
                    None,
                ),
                Kind::TranscriptPage => (TextKind::TranscriptPage, transcript.as_deref()),
                Kind::ArticlePage => (TextKind::ArticlePage, article.as_deref()),
            };
            extract_text(&Material {
                kind,
                bytes,
                content_type,
                url: Some(url),
                selector,
                origin,
            })
        })
        .await
    }

    async fn extract(
        &self,
        work: impl FnOnce() -> Result<Document, NoText> + Send + 'static,
    ) -> Text {
        match self.at_desk(work).await {
            Ok(Ok(document)) => Text::Found(document),
            Ok(Err(no_text)) => Text::None(no_text.to_string()),
            Err(broke) => Text::None(broke.to_string()),
        }
    }

    /// Does work for the processors away from the task that waits for the network, one piece a processor.
    async fn at_desk<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StageBroke> {
        let _desk = self.desks.acquire().await.map_err(|_| StageBroke)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| StageBroke)
    }
}

/// What is said of an entry beside its text. The content of an article is its text, and cannot speak for itself.
fn notes_of(entry: &Entry, kind: SourceKind) -> Option<&str> {
    let (content, summary) = (entry.content.as_deref(), entry.summary.as_deref());
    match kind {
        SourceKind::Podcast => content.or(summary),
        SourceKind::Article => content.and(summary),
    }
}

/// What is expected at an address.
enum Kind {
    /// A transcript of some format.
    Guessed { media_type: Option<String> },
    /// An episode's page.
    TranscriptPage,
    /// An article's page.
    ArticlePage,
}
