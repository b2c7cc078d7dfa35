//! Which stage of gathering took how much processor time.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use crate::outside::cpu_time;
use crate::report::StageTime;
use crate::report::Timings;

/// A stage whose time is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    ReadFeed,
    ExtractText,
    FindInsights,
    Store,
}

impl Stage {
    /// All of them, in the order of the day.
    const ALL: [Self; 4] = [
        Self::ReadFeed,
        Self::ExtractText,
        Self::FindInsights,
        Self::Store,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::ReadFeed => "read_feed",
            Self::ExtractText => "extract_text",
            Self::FindInsights => "find_insights",
            Self::Store => "store",
        }
    }
}

/// Adds up what pieces of work take, in whichever thread they are done.
pub(super) struct Stopwatch {
    began: Instant,
    before: Duration,
    stages: Mutex<[(Duration, u64); Stage::ALL.len()]>,
}

impl Stopwatch {
    /// Begins now.
    pub(super) fn start() -> Self {
        Self {
            began: Instant::now(),
            before: cpu_time::of_program(),
            stages: Mutex::default(),
        }
    }

    /// Does a piece of work of a stage, all of it in this thread.
    pub(super) fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let before = cpu_time::of_thread();
        let done = work();
        let took = cpu_time::of_thread().saturating_sub(before);
        // a panic elsewhere cannot leave a sum half-written
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let (sum, pieces) = &mut stages[stage as usize];
        *sum += took;
        *pieces += 1;
        done
    }

    /// What has come together until now. What is no stage's is the network's: requests, answers and their unpacking.
    pub(super) fn read(&self) -> Timings {
        let in_all = cpu_time::of_program().saturating_sub(self.before);
        let sums = *self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        let stages: Vec<StageTime> = (Stage::ALL.into_iter().zip(sums))
            .map(|(stage, (took, pieces))| StageTime {
                stage: stage.name(),
                cpu_seconds: took.as_secs_f64(),
                pieces,
            })
            .collect();
        let of_stages: Duration = sums.iter().map(|(took, _)| *took).sum();
        Timings {
            seconds: self.began.elapsed().as_secs_f64(),
            cpu_seconds: in_all.as_secs_f64(),
            network_cpu_seconds: in_all.saturating_sub(of_stages).as_secs_f64(),
            stages,
            peak_memory_bytes: cpu_time::peak_memory(),
        }
    }
}
