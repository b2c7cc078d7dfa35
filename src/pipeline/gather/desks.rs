//! Work for the processors, away from the task that waits for the network.

use tokio::sync::Semaphore;

/// As many pieces of work at once as there are processors: more would only take memory.
pub(super) struct Desks(Semaphore);

/// A stage panicked: a defect of ours, which must not cost more than the item it happened on.
#[derive(Debug, thiserror::Error)]
#[error("the program broke down on it; please report this with the address of the feed")]
pub(super) struct StageBroke;

impl Desks {
    /// One desk a processor.
    pub(super) fn new() -> Self {
        Self(Semaphore::new(
            std::thread::available_parallelism().map_or(2, usize::from),
        ))
    }

    /// Does a piece of work when a desk is free.
    pub(super) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, StageBroke> {
        let _desk = self.0.acquire().await.map_err(|_| StageBroke)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| StageBroke)
    }
}
