//! Work for the processors, away from the task that waits for the network.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::pipeline::gather::stopwatch::Stage;
use crate::pipeline::gather::stopwatch::Stopwatch;

/// As many pieces of work at once as there are processors: more would only take memory.
pub(super) struct Desks {
    free: Semaphore,
    stopwatch: Arc<Stopwatch>,
}

/// A stage panicked: a defect of ours, which must not cost more than the item it happened on.
#[derive(Debug, thiserror::Error)]
#[error("the program broke down on it; please report this with the address of the feed")]
pub(super) struct StageBroke;

impl Desks {
    /// One desk a processor.
    pub(super) fn new(stopwatch: Arc<Stopwatch>) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            free: Semaphore::new(processors),
            stopwatch,
        }
    }

    /// Does a piece of work of a stage when a desk is free.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        stage: Stage,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StageBroke> {
        let _desk = self.free.acquire().await.map_err(|_| StageBroke)?;
        let stopwatch = Arc::clone(&self.stopwatch);
        tokio::task::spawn_blocking(move || stopwatch.time(stage, work))
            .await
            .map_err(|_| StageBroke)
    }
}
