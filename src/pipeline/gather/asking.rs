//! What is asked of a source's host, and what it had to say.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use crate::model::Source;
use crate::model::Validators;
use crate::outside::store::FeedMemory;
use crate::outside::store::Rest;
use crate::outside::web::Answer;
use crate::outside::web::Page;
use crate::outside::web::Purpose;
use crate::outside::web::Request;
use crate::outside::web::Web;
use crate::outside::web::WebError;
use crate::pipeline::gather::Reader;
use crate::pipeline::gather::desks::StageBroke;
use crate::stages::read_feed::FEED_BYTES_MAX;

/// What a feed's host had to say.
pub(super) enum News {
    /// Nothing new: what is to be remembered now.
    Unchanged(FeedMemory),
    /// It was not asked: its last answer is still good.
    Fresh(FeedMemory),
    /// The feed.
    Page(Page),
}

/// Why a source has no yield.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceFailed {
    #[error(transparent)]
    Web(#[from] WebError),
    /// What was answered, and why that is no feed.
    #[error("{0}")]
    Feed(String),
    #[error(transparent)]
    Broke(#[from] StageBroke),
    #[error("not asked: its host wants to be left alone until {0:.0}")]
    LeftAlone(Timestamp),
}

impl Reader<'_> {
    /// Asks for the feed, and whether it has changed at all where that is enough.
    pub(super) async fn ask(
        &self,
        source: &Source,
        memory: Option<&FeedMemory>,
    ) -> Result<News, SourceFailed> {
        if let Some(Rest::Peace(until)) = memory.and_then(|memory| memory.rest)
            && self.day.now < until
        {
            return Err(SourceFailed::LeftAlone(until));
        }
        // "not changed since" would hide the entries that were too old for the day of the last reading
        let memory = memory.filter(|memory| memory.window_from <= self.day.from);
        if let Some(memory) = memory
            && let Some(Rest::Fresh(until)) = memory.rest
            && self.day.now < until
        {
            return Ok(News::Fresh(memory.clone()));
        }
        let validators = memory.map(|memory| &memory.validators);
        let answer = get(self.web, source, &source.feed, Wanted::feed(validators)).await?;
        Ok(match answer {
            Answer::Page(page) => News::Page(page),
            Answer::Unchanged {
                validators,
                fresh_for,
            } => News::Unchanged(FeedMemory {
                validators,
                window_from: memory.map_or(self.day.from, |memory| memory.window_from),
                rest: self.fresh(fresh_for),
            }),
        })
    }

    /// Until when a feed is as good as asked anew.
    pub(super) fn fresh(&self, fresh_for: Duration) -> Option<Rest> {
        let until = self.day.now.checked_add(fresh_for).ok()?;
        (!fresh_for.is_zero()).then_some(Rest::Fresh(until))
    }

    /// Until when a feed that failed is left alone, where its host wants that.
    pub(super) fn peace_after(&self, failed: &SourceFailed) -> Option<Timestamp> {
        match failed {
            SourceFailed::Web(error) => {
                error.peace_until(self.day.now.saturating_add(self.began.elapsed()).ok()?)
            }
            _ => None,
        }
    }
}

/// What is asked for at an address.
pub(super) struct Wanted<'a> {
    validators: Option<&'a Validators>,
    bytes_max: usize,
    purpose: Purpose,
}

impl<'a> Wanted<'a> {
    /// A feed that a person listed, unless it is as before.
    pub(super) fn feed(validators: Option<&'a Validators>) -> Self {
        Self {
            validators,
            bytes_max: FEED_BYTES_MAX,
            purpose: Purpose::Feed,
        }
    }

    /// A file that a feed lists for programs to read.
    pub(super) fn listed(bytes_max: usize) -> Self {
        Self {
            validators: None,
            bytes_max,
            purpose: Purpose::File,
        }
    }

    /// A page that a feed links for people.
    pub(super) fn page(bytes_max: usize) -> Self {
        Self {
            validators: None,
            bytes_max,
            purpose: Purpose::Page,
        }
    }
}

/// Asks for an address; what the source's own host wants to see is shown to that host only.
pub(super) async fn get(
    web: &Web,
    source: &Source,
    url: &Url,
    wanted: Wanted<'_>,
) -> Result<Answer, WebError> {
    let Wanted {
        validators,
        bytes_max,
        purpose,
    } = wanted;
    let own_host = url.origin() == source.feed.origin();
    let credentials = source.credentials.as_ref().filter(|_| own_host);
    web.get(&Request {
        url,
        validators,
        credentials,
        bytes_max,
        purpose,
    })
    .await
}
