//! What a choice sees of the store: all of it, or what was there when an edition was chosen.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::Digest;
use crate::model::EntryId;
use crate::model::Recalled;
use crate::model::SentInsight;
use crate::model::Shelved;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::pipeline::history::recall;
use crate::stages::drop_repeats::Texts;

/// What a choice sees. Whoever decides about an edition looks at the store through this and in no other way: a replay sees
/// the store as it was, and must come to the same.
pub(super) struct View<'a> {
    store: &'a Store,
    before: Option<u32>,
    /// Number of the last passage that counts as told.
    told_upto: Option<i64>,
    shelf: Shelf<'a>,
}

/// Where candidates come from.
enum Shelf<'a> {
    /// As they were found and put away.
    Stored,
    /// Found again.
    Found(RefCell<&'a mut FindAgain<'a>>),
}

/// Finds the candidates of a stretch of time again: from its first moment up to but not including its last.
pub(super) type FindAgain<'a> =
    dyn FnMut(Timestamp, Timestamp) -> anyhow::Result<Vec<Shelved>> + 'a;

impl<'a> View<'a> {
    /// What the choice for a day sees: the shelf as it is, and the history before that day's edition where there is one.
    pub(super) fn of_day(store: &'a Store, date: Date) -> Result<Self, StoreError> {
        Ok(Self {
            store,
            before: store.edition_number(date)?,
            told_upto: store.told_before(date)?,
            shelf: Shelf::Stored,
        })
    }

    /// What the choice of an edition saw, its candidates found again.
    pub(super) fn of_edition(
        store: &'a Store,
        edition: &Digest,
        find: &'a mut FindAgain<'a>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            store,
            before: Some(edition.edition),
            told_upto: store.told_before(edition.date)?,
            shelf: Shelf::Found(RefCell::new(find)),
        })
    }

    /// The candidates of all entries published (or first seen, where the feed does not say) from `from` up to but not
    /// including `to`: by source, entry and place in the text.
    pub(super) fn shelf(&self, from: Timestamp, to: Timestamp) -> anyhow::Result<Vec<Shelved>> {
        match &self.shelf {
            Shelf::Stored => Ok(self.store.shelf(from, to)?),
            Shelf::Found(find) => (find.borrow_mut())(from, to),
        }
    }

    /// The editions from one day to another, both included, that had been chosen.
    pub(super) fn editions(&self, from: Date, to: Date) -> Result<Vec<Digest>, StoreError> {
        self.store.editions_before(self.before, from, to)
    }

    /// The lengths in seconds of the entries of a shelf, where their feeds say them. They are written down once and kept.
    pub(super) fn lengths(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<EntryId, f64>, StoreError> {
        self.store.lengths(from, to)
    }

    /// For each text the told passages that it may repeat.
    pub(super) fn recall(&self, texts: &Texts) -> Result<Recalled, StoreError> {
        recall(self.store, texts, self.told_upto)
    }

    /// The insights that had been sent from one day on, before another; oldest edition first, best first within each.
    pub(super) fn sent(&self, from: Date, to: Date) -> Result<Vec<SentInsight>, StoreError> {
        self.store.sent_before(self.before, from, to)
    }

    /// What the editions before a day had told, oldest first: day, place, words, and the document they stand in.
    pub(super) fn archive(
        &self,
        date: Date,
    ) -> Result<Vec<(Date, usize, String, String)>, StoreError> {
        self.store.archive_before(self.before, date)
    }

    /// An edition that [`View::archive`] tells of.
    pub(super) fn edition(&self, date: Date) -> Result<Option<Digest>, StoreError> {
        self.store.edition(date)
    }
}
