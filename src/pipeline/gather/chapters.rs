//! The chapters of an entry: those that stand in its feed, else those in the file that its feed links.

use crate::model::Chapter;
use crate::model::Entry;
use crate::model::Source;
use crate::outside::web::Answer;
use crate::outside::web::Web;
use crate::pipeline::gather::Wanted;
use crate::pipeline::gather::desks::Desks;
use crate::pipeline::gather::get;
use crate::pipeline::gather::stopwatch::Stage;
use crate::stages::read_chapters::CHAPTERS_BYTES_MAX;
use crate::stages::read_chapters::read_chapters;

/// The chapters of one entry. Their titles speak for what stands in its text, and no more: where they cannot be had, the
/// text is read without them, and the log alone tells.
pub(super) async fn chapters_of(
    source: &Source,
    entry: &Entry,
    web: &Web,
    desks: &Desks,
) -> Vec<Chapter> {
    let Some(url) = &entry.chapters else {
        return entry.own_chapters.clone();
    };
    if !entry.own_chapters.is_empty() {
        return entry.own_chapters.clone();
    }
    let failed = match get(web, source, url, Wanted::listed(CHAPTERS_BYTES_MAX)).await {
        Ok(Answer::Page(page)) => match desks
            .work(Stage::ExtractText, move || read_chapters(&page.bytes))
            .await
        {
            Ok(Ok(chapters)) => return chapters,
            Ok(Err(no_chapters)) => no_chapters.to_string(),
            Err(broke) => broke.to_string(),
        },
        Ok(Answer::Unchanged { .. }) => "the server says unchanged, unasked".to_owned(),
        Err(error) => error.to_string(),
    };
    tracing::debug!(source = source.name, failed, "read without chapters");
    Vec::new()
}
