//! Every source → its new entries → their text → candidates, put on the shelf.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use tokio::time::Instant;
use tokio::time::sleep_until;

use crate::model::Background;
use crate::model::Entry;
use crate::model::EntryId;
use crate::model::KnownEntry;
use crate::model::Source;
use crate::model::SourceKind;
use crate::model::TextOrigin;
use crate::outside::store::FeedMemory;
use crate::outside::store::Harvest;
use crate::outside::store::HarvestedEntry;
use crate::outside::store::Loss;
use crate::outside::store::ReadBy;
use crate::outside::store::Reading;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::web::Page;
use crate::outside::web::Web;
use crate::pipeline::Day;
use crate::pipeline::Doors;
use crate::pipeline::Job;
use crate::pipeline::Progress;
use crate::report::Report;
use crate::report::SourceLine;
use crate::report::SourceStatus;
use crate::report::Timings;
use crate::stages::extract_text::plain_words;
use crate::stages::find_insights::Context;
use crate::stages::find_insights::Rules;
use crate::stages::find_insights::another_language;
use crate::stages::find_insights::find_insights;
use crate::stages::read_feed::FeedOrigin;
use crate::stages::read_feed::ReadFeedError;
use crate::stages::read_feed::read_feed;
use crate::stages::recognise;
use crate::stages::recognise::PassedOver;
use crate::stages::recognise::Recognised;
use crate::stages::recognise::recognise;

mod desks;
use desks::Desks;

mod stopwatch;
use stopwatch::Stage;
use stopwatch::Stopwatch;

mod asking;
use asking::News;
use asking::SourceFailed;
use asking::Wanted;
use asking::get;

mod chapters;
use chapters::chapters_of;

mod hearing;
use hearing::Listener;

mod set_aside;
use set_aside::SetAside;

mod texts;
use texts::Text;
use texts::Texts;

/// New entries of one source that are read in one run; the newest come first, the others wait for the next run. More than
/// this in a look-back of days is a feed of another kind than a show or a blog.
const ENTRIES_READ_MAX: usize = 50;

/// Sources that are stored in one go, so that what is ready waits for a hundredth of a second at most.
const STORED_AT_ONCE_MAX: usize = 16;

/// The share of the time for reading after which no text of an entry is begun: what was read of a source is stored when all of
/// it is done, which the last tenth of the time is for.
const TEXTS_SHARE: f64 = 0.9;

/// Reads every source, many at once, and puts what they yield on the shelf as soon as they are done: a crash repeats a source
/// or has finished it. Memory is bounded by the sources in flight, never by how many there are. Gives what it took of the machine.
///
/// All requests are under way in the thread that calls: to wake another one for each answer takes as long as to read it.
/// Parsing has the other processors. Panics outside of a runtime of several threads.
pub fn gather(
    job: &Job<'_>,
    depth: Depth,
    doors: &mut Doors,
    report: &mut Report,
) -> anyhow::Result<Timings> {
    let stopwatch = Arc::new(Stopwatch::start());
    doors.store.keep_rules(job.rules.text())?;
    doors.store.survive(Loss::OfTheProgram)?;
    tokio::task::block_in_place(|| -> anyhow::Result<()> {
        let network = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        network.block_on(read_sources(job, depth, doors, report, &stopwatch))
    })?;
    doors.store.survive(Loss::OfPower)?;
    Ok(stopwatch.read())
}

async fn read_sources(
    job: &Job<'_>,
    depth: Depth,
    doors: &mut Doors,
    report: &mut Report,
    stopwatch: &Arc<Stopwatch>,
) -> anyhow::Result<()> {
    let Job { settings, .. } = job;
    let left_alone = doors.store.sites_left_alone(job.day.now)?;
    doors.web.recall_peace(job.day.now, left_alone);
    let store = RefCell::new(&mut doors.store);
    let listener = settings.transcribe.as_ref().map(|transcribe| {
        let transcriber = doors.transcriber.as_ref();
        Listener::new(job, transcribe, transcriber, &doors.web, &store)
    });
    let reader = Reader {
        web: &doors.web,
        store: &store,
        day: &job.day,
        began: Instant::now(),
        texts_until: Instant::now() + settings.fetch.budget.mul_f64(TEXTS_SHARE),
        rules: &job.rules,
        depth,
        desks: Desks::new(Arc::clone(stopwatch)),
        stopwatch,
        listener: listener.as_ref(),
    };
    let of = settings.sources.len();
    let sources = settings.sources.iter();
    let mut lines: Vec<SourceLine> = sources.map(|source| SourceLine::of(&source.name)).collect();
    let mut is_read = vec![false; of];
    let mut done = 0;
    let errands = settings
        .sources
        .iter()
        .enumerate()
        .map(async |(nth, source)| reader.read(source).await.map(|visit| (nth, visit)));
    // whatever is there at once is stored at once
    let mut results = stream::iter(errands)
        .buffer_unordered(settings.fetch.in_flight)
        .ready_chunks(STORED_AT_ONCE_MAX);
    let end = Instant::now() + settings.fetch.budget;
    loop {
        let result = tokio::select! {
            result = results.next() => result,
            () = job.stop.asked() => None,
            () = sleep_until(end) => None,
        };
        let Some(visits) = result else { break };
        for (nth, line) in reader.put(visits)? {
            done += 1;
            (job.progress)(Progress::Gathered {
                source: &line.name,
                done,
                of,
            });
            // the name from before stays: small pieces that outlive all around them keep memory from being used again
            let name = std::mem::take(&mut lines[nth].name);
            lines[nth] = SourceLine { name, ..line };
            is_read[nth] = true;
        }
    }
    drop(results);
    // what the sources that were not finished were told
    reader.keep_peace()?;
    report.interrupted = job.stop.is_asked();
    let lines = lines.into_iter().zip(is_read);
    report.sources = if report.interrupted {
        lines
            .filter(|(_, is_read)| *is_read)
            .map(|(line, _)| line)
            .collect()
    } else {
        lines
            .map(|(line, is_read)| if is_read { line } else { not_reached(line) })
            .collect()
    };
    Ok(())
}

/// The line of a source for which the time did not last.
fn not_reached(line: SourceLine) -> SourceLine {
    SourceLine {
        status: SourceStatus::Failed,
        error: Some(
            "not read before the time for reading was over ([fetch] budget); the next run reads it"
                .to_owned(),
        ),
        ..line
    }
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
    store: &'a RefCell<&'a mut Store>,
    day: &'a Day,
    /// When reading began, at the time that the day has for now.
    began: Instant,
    /// From then on no text is begun.
    texts_until: Instant,
    rules: &'a Arc<Rules>,
    depth: Depth,
    desks: Desks,
    stopwatch: &'a Stopwatch,
    listener: Option<&'a Listener<'a>>,
}

/// What came of the visit to a source.
struct Visit {
    line: SourceLine,
    /// What is to be stored; nothing where all is as it was.
    harvest: Option<Harvest>,
}

/// What is to be read and written down of a source.
#[derive(Default)]
struct Sorted {
    /// New, or still to be read.
    found: Vec<HarvestedEntry>,
    /// Read, and told otherwise now.
    changed: Vec<Entry>,
    /// All that stand in the feed and were met before.
    met: BTreeSet<EntryId>,
    /// Too old, now or when they were met; none where no feed was read.
    passed_over: Option<PassedOver>,
}

impl<'a> Reader<'a> {
    /// Reads one source. A failed source is a line; an error is the store's.
    async fn read(&self, source: &Source) -> anyhow::Result<Visit> {
        let mut line = SourceLine::of(&source.name);
        let harvest = match self.harvest(source, &mut line).await? {
            Ok(harvest) => harvest,
            Err(failed) => {
                line.status = SourceStatus::Failed;
                line.error = Some(failed.to_string());
                None
            }
        };
        self.keep_peace()?;
        Ok(Visit { line, harvest })
    }

    /// Stores what visits yielded, all of it or nothing, and gives their lines.
    fn put(
        &self,
        visits: Vec<anyhow::Result<(usize, Visit)>>,
    ) -> anyhow::Result<Vec<(usize, SourceLine)>> {
        let visits: Vec<(usize, Visit)> = visits.into_iter().collect::<Result<_, _>>()?;
        let harvests = || {
            visits
                .iter()
                .filter_map(|(_, visit)| visit.harvest.as_ref())
        };
        if harvests().next().is_some() {
            let put = || self.store.borrow_mut().put_harvests(harvests());
            self.stopwatch.time(Stage::Store, put)?;
        }
        let lines = visits.into_iter().map(|(nth, visit)| (nth, visit.line));
        Ok(lines.collect())
    }

    /// Writes down which sites have asked this run to leave their pages and files alone.
    fn keep_peace(&self) -> anyhow::Result<()> {
        for (site, until) in self.web.new_peace() {
            self.store.borrow_mut().leave_alone(&site, until)?;
        }
        Ok(())
    }

    async fn harvest(
        &self,
        source: &Source,
        line: &mut SourceLine,
    ) -> anyhow::Result<Result<Option<Harvest>, SourceFailed>> {
        let before = self
            .store
            .borrow()
            .feed_memory(&source.name, &source.feed)?;
        let news = match self.ask(source, before.as_ref()).await {
            Ok(news) => news,
            Err(failed) => {
                if let Some(until) = self.peace_after(&failed) {
                    let mut store = self.store.borrow_mut();
                    store.put_peace(&source.name, &source.feed, until, self.day.from)?;
                }
                return Ok(Err(failed));
            }
        };
        let (status, memory, mut sorted) = match news {
            News::Unchanged(memory) => (SourceStatus::Unchanged, memory, Sorted::default()),
            News::Fresh(memory) => (SourceStatus::Fresh, memory, Sorted::default()),
            News::Page(page) => {
                let memory = FeedMemory {
                    validators: page.validators.clone(),
                    window_from: self.day.from,
                    rest: self.fresh(page.fresh_for),
                };
                let known = || self.store.borrow().known_entries(&source.name);
                let known = self.stopwatch.time(Stage::Store, known)?;
                let (recognised, warnings) = match self.read_page(source, page, known).await {
                    Ok(read) => read,
                    Err(failed) => return Ok(Err(failed)),
                };
                line.notes.extend(warnings);
                let sorted = self.sort(source, recognised, line)?;
                (SourceStatus::Fetched, memory, sorted)
            }
        };
        line.status = status;
        self.read_texts(source, &mut sorted, line).await?;
        let nothing =
            sorted.found.is_empty() && sorted.changed.is_empty() && sorted.passed_over.is_none();
        if nothing && before.as_ref() == Some(&memory) {
            return Ok(Ok(None)); // as on most mornings for most feeds
        }
        Ok(Ok(Some(Harvest {
            source: source.name.clone(),
            feed: source.feed.clone(),
            memory,
            by: ReadBy {
                at: self.day.now,
                rules_sha256: self.rules.sha256().to_owned(),
            },
            entries: sorted.found,
            changed: sorted.changed,
            passed_over: sorted.passed_over.map(|passed_over| passed_over.to_bytes()),
        })))
    }

    /// What is new in the feed and not too old, with what was found before and is still to be read, as the feed tells it now;
    /// and of what was read what is told anew.
    fn sort(
        &self,
        source: &Source,
        recognised: Recognised,
        line: &mut SourceLine,
    ) -> anyhow::Result<Sorted> {
        line.notes.extend(recognised.warning);
        let store = self.store.borrow();
        let mut sorted = Sorted::default();
        let mut passed_over = PassedOver::from_bytes(&store.passed_over(&source.name)?);
        let mut dated_anew = 0;
        for entry in recognised.new {
            let new = HarvestedEntry {
                entry,
                first_seen: self.day.seen,
                reading: Reading::Waiting,
                landed: None,
            };
            let too_old = |date: Timestamp| date < self.day.from;
            if too_old(new.dated()) {
                passed_over.remember(&new.entry);
            } else if passed_over.first_date(&new.entry).is_some_and(too_old) {
                passed_over.remember(&new.entry);
                dated_anew += 1;
            } else if !store.knows(&new.entry.id)? {
                sorted.found.push(new);
            }
        }
        if dated_anew > 0 {
            let come = if dated_anew == 1 {
                "entry comes"
            } else {
                "entries come"
            };
            line.notes.push(format!(
                "{dated_anew} old {come} with a new date and stay out: the date of the first meeting counts"
            ));
        }
        sorted.passed_over = Some(passed_over);
        for known in recognised.met {
            sorted.met.insert(known.entry.id.clone());
            let Some(first_seen) = known.waiting_since else {
                sorted.changed.extend(known.changed.then_some(known.entry));
                continue;
            };
            let waiting = HarvestedEntry {
                entry: known.entry,
                first_seen,
                reading: Reading::Waiting,
                landed: None,
            };
            let dated = waiting.dated();
            // of what is older the texts were left in the feed, and what is stored has them
            if dated >= self.day.from && (known.changed || dated < self.day.to) {
                sorted.found.push(waiting);
            }
        }
        Ok(sorted)
    }

    /// Reads what was found and what has been waiting, the newest first. Entries of later days than the look-back window, and
    /// those beyond the limit, go on waiting.
    async fn read_texts(
        &self,
        source: &Source,
        sorted: &mut Sorted,
        line: &mut SourceLine,
    ) -> anyhow::Result<()> {
        let window = self.day.from..self.day.to;
        let Sorted { found, met, .. } = sorted;
        if self.depth == Depth::Texts {
            let store = self.store.borrow();
            let waiting = store.waiting_entries(&source.name, window.start, window.end)?;
            found.extend((waiting.into_iter()).filter(|waiting| !met.contains(&waiting.entry.id)));
        }
        found.sort_by(|a, b| {
            b.dated()
                .cmp(&a.dated())
                .then_with(|| a.entry.id.cmp(&b.entry.id))
        });
        let mut set_aside = SetAside::default();
        let mut begun = 0;
        for found in found
            .iter_mut()
            .filter(|found| window.contains(&found.dated()))
        {
            line.entries_new += 1;
            if self.depth == Depth::Feeds {
                continue;
            }
            if begun < ENTRIES_READ_MAX && Instant::now() < self.texts_until {
                begun += 1;
                found.reading = self.read_entry(source, found, line, &mut set_aside).await?;
            } else {
                set_aside.left();
            }
        }
        line.notes.extend(set_aside.told());
        Ok(())
    }

    fn texts(&self) -> Texts<'_, 'a> {
        Texts {
            web: self.web,
            desks: &self.desks,
            listener: self.listener,
        }
    }

    /// The entries of a feed, each as new or as met before, and what was wrong with the feed.
    async fn read_page(
        &self,
        source: &Source,
        page: Page,
        known: Vec<KnownEntry>,
    ) -> Result<(Recognised, Vec<String>), SourceFailed> {
        let (name, answered) = (source.name.clone(), page.answered());
        let since = self.day.from;
        let read = self.desks.work(Stage::ReadFeed, move || {
            let origin = FeedOrigin {
                source: &name,
                url: Some(&page.url),
                content_type: page.content_type.as_deref(),
                texts_since: Some(since),
            };
            let feed = read_feed(&page.bytes, &origin)?;
            let reading = recognise::Reading {
                source: &name,
                home: feed.link.as_ref(),
                entries: feed.entries,
            };
            Ok::<_, ReadFeedError>((recognise(reading, &known), feed.warnings))
        });
        read.await?
            .map_err(|error| SourceFailed::Feed(format!("{answered}: {error}")))
    }

    /// The text of one entry and the candidates in it. Why one was not tried, or is too
    /// large to be read, is counted in `set_aside`.
    async fn read_entry(
        &self,
        source: &Source,
        found: &mut HarvestedEntry,
        line: &mut SourceLine,
        set_aside: &mut SetAside,
    ) -> Result<Reading, StoreError> {
        let text = self.texts().of(source, &found.entry).await?;
        let entry = &found.entry;
        let document = match text {
            Text::Found { document, landed } => {
                found.landed = landed;
                document
            }
            Text::None(reason) => {
                line.entries_without_text += 1;
                return Ok(Reading::NoText { reason });
            }
            Text::TooLarge(reason) => {
                line.entries_without_text += 1;
                let told = format!("without text, since what has it is too large: {reason}");
                set_aside.count(told);
                return Ok(Reading::NoText { reason });
            }
            Text::Postponed(reason) => {
                set_aside.count(reason);
                return Ok(Reading::Waiting);
            }
            Text::Later(reason) => {
                set_aside.failed(&entry.title, &reason);
                return Ok(Reading::FailedForNow { reason });
            }
        };
        let chapters = chapters_of(source, entry, self.web, &self.desks).await;
        let (about, kind, topics) = (entry.clone(), source.kind, source.topics.clone());
        let rules = Arc::clone(self.rules);
        let found = self.desks.work(Stage::FindInsights, move || {
            let background = Background {
                notes: notes_of(&about, kind).map_or_else(String::new, plain_words),
                chapters,
                topics,
                ..Background::of(&about, kind)
            };
            let candidates = find_insights(&document, &Context::from(&background), &rules);
            let other = another_language(&document, &rules);
            (document, candidates, background, other)
        });
        Ok(match found.await {
            Ok((_, _, _, Some(language))) => {
                line.entries_without_text += 1;
                Reading::NoText {
                    reason: format!("its text is in {language}, which the rules do not read"),
                }
            }
            Ok((document, candidates, background, None)) => {
                line.candidates += candidates.len();
                line.transcribed += usize::from(document.origin() == TextOrigin::Transcribed);
                Reading::Read {
                    document,
                    candidates,
                    background: Box::new(background),
                }
            }
            Err(broke) => Reading::NoText {
                reason: broke.to_string(),
            },
        })
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
