//! A wish to end early that every step can see.

use tokio::sync::watch;

/// Asks a run to end at the next safe place: between two sources, or between two messages.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

impl Stop {
    /// A wish nobody has made yet, and the handle with which it is made (by sending `true`).
    pub fn new() -> (watch::Sender<bool>, Self) {
        let (ask, asked) = watch::channel(false);
        (ask, Self(asked))
    }

    /// Whether the run was asked to end.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns once the run is asked to end; never when nobody can ask any more.
    pub async fn asked(&self) {
        if self.0.clone().wait_for(|asked| *asked).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
