//! Episodes of which no transcript can be had, given to the operator's own program for speech: one at a time, each once.

use std::cell::Cell;
use std::cell::RefCell;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::time::Instant;
use url::Url;

use crate::model::Enclosure;
use crate::model::Entry;
use crate::model::Source;
use crate::outside::store::HEARING_TRIES_MAX;
use crate::outside::store::Hearing;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::transcriber::Transcriber;
use crate::outside::transcriber::TranscriberError;
use crate::outside::web::Download;
use crate::outside::web::DownloadError;
use crate::outside::web::Web;
use crate::pipeline::Job;
use crate::pipeline::Progress;
use crate::settings::TranscribeSettings;
use crate::stages::extract_text::TRANSCRIPT_BYTES_MAX;

/// The share of the time for reading that is kept back at its end, in which sources with a transcribed episode are stored.
const KEPT_BACK: f64 = 0.1;

/// No more than this is kept back: the text of an episode is read in a second or two.
const KEPT_BACK_MAX: Duration = Duration::from_secs(30);

/// What transcribes, and for how long.
pub(super) struct Listener<'a> {
    job: &'a Job<'a>,
    settings: &'a TranscribeSettings,
    /// None in a rehearsal: what is heard then would be forgotten.
    transcriber: Option<&'a Transcriber>,
    web: &'a Web,
    store: &'a RefCell<&'a mut Store>,
    /// When the time for transcribing is over.
    end: Instant,
    /// Who holds it may transcribe.
    turn: Mutex<()>,
    /// How many episodes more may be transcribed in this run; who waits for a turn has a place.
    places: Cell<usize>,
}

/// What listening came to.
pub(super) enum Listened {
    /// Captions (WebVTT).
    Captions(String),
    /// There is nothing to be heard, or it was tried often enough.
    None(String),
    /// It failed; the next run tries again.
    Later(String),
    /// It was not tried in this run, for a reason that other entries may share.
    Postponed(String),
}

impl<'a> Listener<'a> {
    /// Who listens until the time for reading, which begins now, is nearly over.
    pub(super) fn new(
        job: &'a Job<'a>,
        settings: &'a TranscribeSettings,
        transcriber: Option<&'a Transcriber>,
        web: &'a Web,
        store: &'a RefCell<&'a mut Store>,
    ) -> Self {
        let budget = job.settings.fetch.budget;
        let kept_back = budget.mul_f64(KEPT_BACK).min(KEPT_BACK_MAX);
        Self {
            job,
            settings,
            transcriber,
            web,
            store,
            end: Instant::now() + budget - kept_back,
            turn: Mutex::new(()),
            places: Cell::new(settings.max_per_run),
        }
    }

    /// What is heard in the audio of an episode, now or in an earlier run; nothing where it has none.
    pub(super) async fn listen(
        &self,
        source: &Source,
        entry: &Entry,
    ) -> Result<Option<Listened>, StoreError> {
        let Some(audio) = entry.enclosure.as_ref().filter(|file| may_be_heard(file)) else {
            return Ok(None);
        };
        if let Some(known) = self.known(&audio.url)? {
            return Ok(Some(known));
        }
        let Some(transcriber) = self.transcriber else {
            let reason = "transcribed by a run, not by a rehearsal";
            return Ok(Some(Listened::Postponed(reason.to_owned())));
        };
        // who has no place does not wait for a turn: other sources are read meanwhile
        let most = self.settings.max_per_run;
        let Some(left) = self.places.get().checked_sub(1) else {
            let reason = format!("transcribed by a later run ([transcribe] max_per_run = {most})");
            return Ok(Some(Listened::Postponed(reason)));
        };
        self.places.set(left);
        let _turn = self.turn.lock().await;
        // it may stand in two feeds
        if let Some(known) = self.known(&audio.url)? {
            self.places.set(self.places.get() + 1);
            return Ok(Some(known));
        }
        if self.time_left().is_zero() {
            return Ok(Some(out_of_time()));
        }
        let title = entry.title.as_str();
        (self.job.progress)(Progress::Transcribing { title });
        let listened = self.transcribe(source, &audio.url, transcriber).await?;
        Ok(Some(listened))
    }

    fn known(&self, audio: &Url) -> Result<Option<Listened>, StoreError> {
        Ok(match self.store.borrow().hearing(audio)? {
            Some(Hearing::Captions(captions)) => Some(Listened::Captions(captions)),
            Some(Hearing::Failed { tries, reason }) if tries >= HEARING_TRIES_MAX => {
                Some(Listened::None(format!("{reason} ({tries} times)")))
            }
            _ => None,
        })
    }

    async fn transcribe(
        &self,
        source: &Source,
        url: &Url,
        transcriber: &Transcriber,
    ) -> Result<Listened, StoreError> {
        let (audio, mut file) = match transcriber.audio_file(url.path()) {
            Ok(audio) => audio,
            Err(error) => {
                return Ok(Listened::Later(format!(
                    "its audio cannot be kept: {error}"
                )));
            }
        };
        let own_host = url.origin() == source.feed.origin();
        let wanted = Download {
            url,
            credentials: source.credentials.as_ref().filter(|_| own_host),
            bytes_max: self.settings.audio_bytes_max,
            time: self.time_left(),
        };
        if let Err(error) = self.web.download(&wanted, &mut file).await {
            return Ok(not_fetched(&error));
        }
        drop(file);

        let attempt = Attempt::begin(self.store, url, self.job.day.now)?;
        let limit = self.time_left();
        let started = Instant::now();
        let heard = transcriber
            .transcribe(&audio, limit, TRANSCRIPT_BYTES_MAX)
            .await;
        let (seconds, well) = (started.elapsed().as_secs(), heard.is_ok());
        tracing::debug!(source = source.name, seconds, well, "transcribed");
        let reason = match heard {
            Ok(captions) => {
                attempt.succeeded(&captions)?;
                return Ok(Listened::Captions(captions));
            }
            // it was begun late, or cannot be begun, which says nothing about the file
            Err(TranscriberError::Timeout(_)) if limit < self.settings.timeout / 2 => {
                return Ok(out_of_time());
            }
            Err(error @ TranscriberError::Program { .. }) => {
                return Ok(Listened::Later(error.to_string()));
            }
            Err(error) => error.to_string(),
        };
        attempt.failed(&reason)?;
        // the last try is known for what it is
        Ok(self.known(url)?.unwrap_or(Listened::Later(reason)))
    }

    fn time_left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

/// A try that counts unless we end it early: then it is taken back when this is dropped.
struct Attempt<'a, 's> {
    store: &'a RefCell<&'s mut Store>,
    audio: &'a Url,
    at: Timestamp,
    settled: bool,
}

impl<'a, 's> Attempt<'a, 's> {
    fn begin(
        store: &'a RefCell<&'s mut Store>,
        audio: &'a Url,
        at: Timestamp,
    ) -> Result<Self, StoreError> {
        store.borrow_mut().begin_hearing(audio, at)?;
        Ok(Self {
            store,
            audio,
            at,
            settled: false,
        })
    }

    fn succeeded(mut self, captions: &str) -> Result<(), StoreError> {
        self.settled = true;
        let mut store = self.store.borrow_mut();
        store.put_hearing(self.audio, captions, self.at)
    }

    fn failed(mut self, reason: &str) -> Result<(), StoreError> {
        self.settled = true;
        let mut store = self.store.borrow_mut();
        store.put_failed_hearing(self.audio, reason)
    }
}

impl Drop for Attempt<'_, '_> {
    fn drop(&mut self) {
        // nothing holds the store while it waits; and a try too many that counts is no harm
        if let Ok(mut store) = self.store.try_borrow_mut()
            && !self.settled
        {
            let _ = store.take_back_hearing(self.audio);
        }
    }
}

fn out_of_time() -> Listened {
    let reason = "transcribed by a later run: the time for reading is over ([fetch] budget)";
    Listened::Postponed(reason.to_owned())
}

fn not_fetched(error: &DownloadError) -> Listened {
    match error {
        DownloadError::Web(error) if !error.may_pass() => Listened::None(error.to_string()),
        DownloadError::TooLarge { .. } => Listened::None(format!(
            "its audio: {error}; raise [transcribe] max_megabytes if it is to be heard"
        )),
        DownloadError::Web(_) | DownloadError::File(_) => {
            Listened::Later(format!("its audio: {error}"))
        }
    }
}

/// Whether a file can have speech in it. What says nothing of its type is tried.
fn may_be_heard(file: &Enclosure) -> bool {
    file.media_type.as_deref().is_none_or(|media_type| {
        let media_type = media_type.trim().to_ascii_lowercase();
        media_type.is_empty()
            || [
                "audio/",
                "video/",
                "application/octet-stream",
                "application/ogg",
            ]
            .iter()
            .any(|heard| media_type.starts_with(heard))
    })
}
