//! After the mail has gone: documents that are older than `[store] keep_documents` are let go.

use crate::outside::store::Pruned;
use crate::outside::store::Store;
use crate::pipeline::Job;

/// Lets go of documents that are older than the settings keep them, but for what editions cite.
pub fn let_go(job: &Job<'_>, store: &mut Store) -> anyhow::Result<Pruned> {
    let before = job.day.now.checked_sub(job.settings.keep_documents)?;
    let pruned = store.prune(before, job.day.now)?;
    tracing::debug!(?pruned, "let go of what is older than keep_documents");
    Ok(pruned)
}
