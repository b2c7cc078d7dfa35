//! `preview --watch`: the chosen edition set again whenever the settings or a template change.
//!
//! What the few files hold is read and compared three times a second. That notices what a watcher of the system would, and
//! also files on network drives and in containers, and editors that replace a file instead of writing it.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::json;

use super::PAGE;
use super::set;
use super::too_large;
use crate::cli::Common;
use crate::cli::output::print_json;
use crate::cli::output::say;
use crate::cli::templates;
use crate::model::Digest;
use crate::pipeline::Stop;
use crate::settings::Settings;

const PERIOD: Duration = Duration::from_millis(300); // a person does not see that it is later

/// Sets `digest` again after each change, and tells a mistake instead of ending; returns when asked to stop.
pub(super) async fn watch(
    common: &Common,
    digest: &Digest,
    out: &Path,
    at_first: Look,
    clock: fn() -> Timestamp,
    stop: &Stop,
) -> anyhow::Result<()> {
    tell_what_is_watched(common, &at_first);
    let mut folder = at_first.folder.clone();
    let mut set_last = at_first.clone();
    let mut seen_last = at_first;
    loop {
        tokio::select! {
            () = stop.asked() => return Ok(()),
            () = tokio::time::sleep(PERIOD) => {}
        }
        let seen = Look::at(common, folder.as_deref());
        let is_at_rest = seen == seen_last; // else it may be half written
        seen_last = seen;
        if !is_at_rest || seen_last == set_last {
            continue;
        }
        let begun = Instant::now();
        let outcome = common.settings().and_then(|settings| {
            folder.clone_from(&settings.mail.templates);
            set_again(digest, &settings, out)
        });
        // another folder is looked at from now on; what it held a moment ago is set already
        set_last = if folder == seen_last.folder {
            seen_last.clone()
        } else {
            Look::at(common, folder.as_deref())
        };
        seen_last = set_last.clone();
        tell(common, clock(), begun.elapsed(), &outcome)?;
    }
}

/// What the files hold of which a preview is made.
#[derive(Clone, PartialEq)]
pub(super) struct Look {
    folder: Option<PathBuf>,
    settings: Option<Vec<u8>>,
    templates: Result<BTreeMap<String, Vec<u8>>, String>,
}

impl Look {
    /// A look at the settings and at this folder of templates.
    pub(super) fn at(common: &Common, folder: Option<&Path>) -> Self {
        let templates = folder.map(templates::files).transpose();
        Self {
            folder: folder.map(Path::to_owned),
            settings: std::fs::read(&common.sources).ok(),
            templates: templates
                .map(Option::unwrap_or_default)
                .map_err(|error| error.to_string()),
        }
    }
}

/// The size of the page.
fn set_again(digest: &Digest, settings: &Settings, out: &Path) -> anyhow::Result<usize> {
    let templates = templates::read(settings.mail.templates.as_deref())?;
    Ok(set(digest, settings, &templates, out)?.html.len())
}

fn tell_what_is_watched(common: &Common, look: &Look) {
    if common.quiet || common.json {
        return;
    }
    let settings = common.sources.display();
    say(&match &look.folder {
        Some(folder) => format!(
            "Watching {} and {settings}; Ctrl-C ends it.",
            folder.display()
        ),
        None => format!(
            "Watching {settings} alone: there are no templates of your own. To begin some, type\n  \
             takefive templates export my-templates\n\
             and set [mail] templates = \"my-templates\". Ctrl-C ends it."
        ),
    });
}

fn tell(
    common: &Common,
    now: Timestamp,
    took: Duration,
    outcome: &anyhow::Result<usize>,
) -> anyhow::Result<()> {
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if common.json {
        return print_json(&match outcome {
            Ok(bytes) => json!({ "at": now, "milliseconds": milliseconds, "page_bytes": bytes }),
            Err(problem) => json!({ "at": now, "problem": format!("{problem:#}") }),
        });
    }
    // the machine's own clock is the one that the person at it looks at
    let time = now
        .to_zoned(jiff::tz::TimeZone::system())
        .strftime("%H:%M:%S");
    match outcome {
        Ok(_) if common.quiet => {}
        Ok(bytes) => {
            let kilobytes = bytes.div_ceil(1_000);
            say(&format!(
                "{time}  {PAGE} written again, {kilobytes} kB, in {milliseconds} ms"
            ));
            if let Some(warning) = too_large(*bytes) {
                say(&warning);
            }
        }
        Err(problem) => say(&format!("{time}  {problem:#}")),
    }
    Ok(())
}
