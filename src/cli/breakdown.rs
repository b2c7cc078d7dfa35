//! Defects of the program itself: where they are told, and where they end.

use std::panic::PanicHookInfo;
use std::thread;

/// Keeps panics on worker threads quiet: they are caught, and become a line of the report or an error. A panic of the main
/// thread is the end, and asks for a report.
pub(super) fn expect_breakdowns() {
    let main = thread::current().id();
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic: &PanicHookInfo<'_>| {
        if thread::current().id() == main {
            usual(panic);
            crate::cli::output::say(
                "takefive: this is a defect of the program. Please report it, with the lines above and the command.",
            );
        } else {
            // the place alone: the words of a panic quote what was being read
            let place = panic.location().map(ToString::to_string);
            tracing::error!(place, "a worker broke down");
        }
    }));
}

/// Does work on bytes from outside on a thread of its own, so that a defect that they bring to light ends as an error.
pub(super) fn on_a_worker<T: Send>(work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().spawn_scoped(scope, work)?;
        worker.join().map_err(|_| {
            anyhow::anyhow!(
                "the program broke down on it; please report this, with the document if you may share it"
            )
        })
    })
}
