//! `history prune`: documents that nothing needs any more are let go.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::day::LOCK_PATIENCE;
use crate::cli::entrance::WrongSettings;
use crate::cli::history::stats::size;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::tell;
use crate::outside::store::RunLock;
use crate::outside::store::Store;
use crate::report::Exit;

/// Lets go of what was read longer ago than `keep`, or than the settings keep it, and makes the file smaller.
pub(super) fn prune(
    common: &Common,
    keep: Option<SignedDuration>,
    now: Timestamp,
) -> anyhow::Result<Exit> {
    let settings = common.settings()?;
    let keep = keep.unwrap_or(settings.keep_documents);
    if keep < settings.digest.look_back {
        return Err(WrongSettings(
            "--keep is shorter than [digest] look_back: editions are still chosen from these documents; keep them longer"
                .to_owned(),
        )
        .into());
    }
    let _lock = RunLock::take(&settings.store_path, LOCK_PATIENCE)?;
    let mut store = Store::open(&settings.store_path)?;
    let before = store.stats()?.file_bytes;
    let pruned = store.prune(now.checked_sub(keep)?, now)?;
    store.compact()?;
    let after = store.stats()?.file_bytes;
    if common.json {
        print_json(&serde_json::json!({
            "pruned": pruned, "file_bytes_before": before, "file_bytes": after,
        }))?;
    } else if !common.quiet {
        print(&format!(
            "Let go: {} ({} cited, whose spans stay) and {}. The file had {} and has {}.",
            tell::counted(pruned.documents, "document", "documents"),
            pruned.documents_cited,
            tell::counted(pruned.candidates, "candidate", "candidates"),
            size(before),
            size(after)
        ))?;
    }
    Ok(Exit::Done)
}
