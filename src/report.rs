//! What happened: kept, skipped and why, delivered; and the exit code that follows from it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;
use serde::Serialize;

use crate::model::DeliveryState;
use crate::model::Insight;

/// What one run did. As JSON it is what `run --json` prints.
#[derive(Debug, Clone, Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer that programs read by its name"
)]
pub struct Report {
    /// The day of the edition.
    pub date: Date,
    /// Number of the edition; none where there is none.
    pub edition: Option<u32>,
    /// Whether an earlier run chose it; the insights of a day never change.
    pub chosen_before: bool,
    /// Whether this is a rehearsal: nothing is marked, nothing is sent.
    pub dry_run: bool,
    /// One line a source, in the order of the settings.
    pub sources: Vec<SourceLine>,
    /// Candidates of the day that were weighed.
    pub candidates: usize,
    /// How many of them had been told before, or say the same as a better one of the day.
    pub repeats: usize,
    /// The insights of the edition, best first.
    pub insights: Vec<Insight>,
    /// Why there is no edition, or none was sent.
    pub reason: Option<String>,
    /// The deliveries of the edition, as the ledger has them.
    pub deliveries: Deliveries,
    /// The folder with what was written of the edition: mails that go into an outbox, or a preview.
    pub written_to: Option<PathBuf>,
    /// What went wrong with mail, one sentence each; subscribers by number.
    pub mail_problems: Vec<String>,
    /// Whether the mail server could not be used.
    #[serde(skip)]
    pub mail_server_unusable: bool,
    /// Whether mails were left: of an earlier edition on its last day, or when the time for sending was over.
    #[serde(skip)]
    pub mail_left: bool,
    /// Whether someone stopped the run before its end.
    pub interrupted: bool,
    /// What gathering took of the machine, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
}

/// What gathering took of the machine. Processor time is summed over all threads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Timings {
    /// Seconds by the clock.
    pub seconds: f64,
    /// Seconds of processor time in all.
    pub cpu_seconds: f64,
    /// Of these the ones that are no stage's: requests, answers and their unpacking, chapters.
    pub network_cpu_seconds: f64,
    /// Those of each stage, in the order of the day.
    pub stages: Vec<StageTime>,
    /// The most memory that the program had at one moment, in bytes, where the system tells.
    pub peak_memory_bytes: Option<u64>,
}

/// The processor time of one stage.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageTime {
    /// Its name.
    pub stage: &'static str,
    /// Seconds of processor time.
    pub cpu_seconds: f64,
    /// Pieces of work: feeds, texts, or calls of the store.
    pub pieces: u64,
}

/// What became of one source.
#[derive(Debug, Clone, Serialize)]
pub struct SourceLine {
    /// Its name.
    pub name: String,
    /// How its feed was read.
    pub status: SourceStatus,
    /// Entries of the look-back window that were not known before.
    pub entries_new: usize,
    /// New entries with no text that may be quoted.
    pub entries_without_text: usize,
    /// New entries read from words that a machine heard.
    #[serde(skip_serializing_if = "is_zero")]
    pub transcribed: usize,
    /// Passages found in the new entries.
    pub candidates: usize,
    /// Why it failed.
    pub error: Option<String>,
    /// What was repaired, cut or left for the next run, one sentence each.
    pub notes: Vec<String>,
}

impl SourceLine {
    /// The line of a source that was fetched and had nothing new.
    pub fn of(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            status: SourceStatus::Fetched,
            entries_new: 0,
            entries_without_text: 0,
            transcribed: 0,
            candidates: 0,
            error: None,
            notes: Vec::new(),
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde calls is given a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// How a feed was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceStatus {
    /// The server gave it.
    Fetched,
    /// The server said that it is as before.
    Unchanged,
    /// It was not asked: its last answer is still good.
    Fresh,
    /// It could not be read.
    Failed,
}

/// How many deliveries are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Deliveries {
    /// The server took responsibility.
    pub accepted: u64,
    /// Not tried yet.
    pub waiting: u64,
    /// Refused for good.
    pub refused: u64,
    /// To be tried again later.
    pub deferred: u64,
    /// Sent, and no answer came back.
    pub unknown: u64,
}

impl From<&BTreeMap<DeliveryState, u64>> for Deliveries {
    fn from(counts: &BTreeMap<DeliveryState, u64>) -> Self {
        let of = |state| counts.get(&state).copied().unwrap_or(0);
        Self {
            accepted: of(DeliveryState::Accepted),
            waiting: of(DeliveryState::Waiting),
            refused: of(DeliveryState::Refused),
            deferred: of(DeliveryState::Deferred),
            // an attempt that is still written down as open has no known end
            unknown: of(DeliveryState::Unknown) + of(DeliveryState::Attempting),
        }
    }
}

impl Report {
    /// A report of a day on which nothing has happened yet.
    pub fn of(date: Date) -> Self {
        Self {
            date,
            edition: None,
            chosen_before: false,
            dry_run: false,
            sources: Vec::new(),
            candidates: 0,
            repeats: 0,
            insights: Vec::new(),
            reason: None,
            deliveries: Deliveries::default(),
            written_to: None,
            mail_problems: Vec::new(),
            mail_server_unusable: false,
            mail_left: false,
            interrupted: false,
            timings: None,
        }
    }

    /// Sources that could not be read.
    pub fn failed_sources(&self) -> impl Iterator<Item = &SourceLine> {
        self.sources
            .iter()
            .filter(|source| source.status == SourceStatus::Failed)
    }

    /// Whether there were sources, and not one of them could be read.
    pub fn all_sources_failed(&self) -> bool {
        !self.sources.is_empty() && self.failed_sources().count() == self.sources.len()
    }

    /// How the process ends; `strictness` decides what a failed source means.
    pub fn exit(&self, strictness: Strictness) -> Exit {
        let failed = self.failed_sources().count();
        if self.interrupted {
            Exit::Interrupted
        } else if self.mail_server_unusable
            || self.mail_left
            || self.deliveries.refused + self.deliveries.deferred > 0
        {
            Exit::Mail
        } else if self.all_sources_failed() || (strictness == Strictness::EverySource && failed > 0)
        {
            Exit::Sources
        } else {
            Exit::Done
        }
    }
}

/// What a failed source means for the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// It is a line of the report, unless all failed.
    AnySource,
    /// One is enough to fail.
    EverySource,
}

/// The exit codes of the program. When several apply, the first of 1, 2, 5, 4, 3, 6 counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done; failed sources are lines of the report.
    Done,
    /// 1: something nobody expected.
    Unexpected,
    /// 2: the settings, or the command line, are wrong; nothing was touched.
    Settings,
    /// 3: no source could be read, or one could not and `--strict` was given.
    Sources,
    /// 4: deliveries were refused or deferred, or the mail server cannot be used.
    Mail,
    /// 5: another run holds the lock.
    Locked,
    /// 6: what was kept is not what it should be: a quote is not found again, or an edition cannot be made again.
    Differs,
    /// 130: stopped by Ctrl-C; the next run goes on where this one stopped.
    Interrupted,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Unexpected => 1,
            Self::Settings => 2,
            Self::Sources => 3,
            Self::Mail => 4,
            Self::Locked => 5,
            Self::Differs => 6,
            Self::Interrupted => 130,
        }
    }
}
