//! Progress bars on a terminal, none in a pipe.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::pipeline::Progress;

/// A bar for the step that is going on; clones are the same bar.
#[derive(Debug, Clone)]
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar on standard error where that is a terminal; otherwise one that shows nothing.
    pub(super) fn new(wanted: Wanted) -> Self {
        if wanted == Wanted::No || !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template(
            "{prefix:>10} {bar:30.cyan/dim} {pos}/{len} {elapsed}, {eta} to go {wide_msg}",
        );
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self(bar)
    }

    /// Shows that so many sources are to be read.
    pub(super) fn begin(&self, sources: usize) {
        self.0.set_prefix("Gathering");
        self.0.set_length(sources as u64);
        if !self.0.is_hidden() {
            self.0.enable_steady_tick(Duration::from_millis(200));
        }
    }

    /// Shows a step that is done, or begun where it takes long.
    pub(super) fn show(&self, progress: Progress<'_>) {
        let (prefix, done, of, message) = match progress {
            Progress::Gathered { source, done, of } => ("Gathering", done, of, source.to_owned()),
            Progress::Transcribing { title } => {
                // a feed could move the cursor of the terminal
                let title: String = title.chars().filter(|c| !c.is_control()).collect();
                self.0.set_message(format!("transcribing {title}"));
                return;
            }
            Progress::Sent { done, of } => ("Sending", done, of, String::new()),
        };
        self.0.set_prefix(prefix);
        self.0.set_length(of as u64);
        self.0.set_position(done as u64);
        self.0.set_message(message);
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

/// Whether a bar is wanted at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// On a terminal.
    Yes,
    /// Never.
    No,
}
