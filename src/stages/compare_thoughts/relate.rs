//! The insights of an edition and the archive in, what of the archive goes with each out.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::Heard;
use super::Thought;
use super::compare_thoughts;
use crate::model::Archived;
use crate::model::Insight;

/// More under one card is a list, not a hint.
const RELATED_MAX: usize = 3;

/// What hung under a card of the last week counts so much of its nearness.
const HUNG_LATELY: f64 = 0.5;

/// Chooses, for each insight, what of the archive is near it in subject without making its point: at most three, of
/// different entries, none of its own. In one edition nothing is chosen twice, and what `hung_lately` is chosen last.
pub fn relate(
    insights: &[Insight],
    archive: &[Archived],
    hung_lately: &BTreeSet<(Date, usize)>,
) -> Vec<Vec<Pick>> {
    let thoughts: Vec<Thought> = insights.iter().map(|own| Thought::of(&own.text)).collect();
    let archived: Vec<Thought> = archive.iter().map(|old| Thought::of(&old.text)).collect();
    let heard = Heard::count(archived.iter().chain(&thoughts));
    let mut offers: Vec<Vec<Offer>> = thoughts.iter().map(|_| Vec::new()).collect();
    for (nth, thought) in archived.iter().enumerate() {
        for (insight, offers) in offers.iter_mut().enumerate() {
            if !thoughts[insight].touches(thought) {
                continue;
            }
            let likeness = compare_thoughts(&thoughts[insight], thought, &heard);
            let related = likeness.is_near() || likeness.opposed.is_some();
            if !related || likeness.same.is_some() || is_of_entry(&insights[insight], &archive[nth])
            {
                continue;
            }
            let place = (archive[nth].date, archive[nth].position);
            let weight = if hung_lately.contains(&place) {
                HUNG_LATELY
            } else {
                1.0
            };
            offers.push(Offer {
                nearness: likeness.nearness * weight,
                nth,
                differs: likeness.opposed.is_some(),
            });
        }
    }
    for offers in &mut offers {
        // the nearest, and among equals the latest
        offers.sort_by(|a, b| {
            let place = |offer: &Offer| (archive[offer.nth].date, archive[offer.nth].position);
            (b.nearness.total_cmp(&a.nearness)).then_with(|| place(b).cmp(&place(a)))
        });
    }
    choose(&offers, archive)
}

/// What of the archive is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pick {
    /// The day of its edition.
    pub date: Date,
    /// Its place there, counted from 1.
    pub position: usize,
    /// Whether it sees the matter differently.
    pub differs: bool,
}

struct Offer {
    nearness: f64,
    nth: usize,
    differs: bool,
}

/// Deals out the offers in rounds, so that the first card does not take what is the only one for the last.
fn choose(offers: &[Vec<Offer>], archive: &[Archived]) -> Vec<Vec<Pick>> {
    let mut picks: Vec<Vec<Pick>> = offers.iter().map(|_| Vec::new()).collect();
    let mut entries: Vec<BTreeSet<&str>> = offers.iter().map(|_| BTreeSet::new()).collect();
    let mut taken: BTreeSet<usize> = BTreeSet::new();
    for _ in 0..RELATED_MAX {
        for (insight, offers) in offers.iter().enumerate() {
            let next = offers.iter().find(|offer| {
                let entry = archive[offer.nth].document_sha256.as_str();
                !taken.contains(&offer.nth) && !entries[insight].contains(entry)
            });
            let Some(offer) = next else {
                continue;
            };
            let old = &archive[offer.nth];
            taken.insert(offer.nth);
            entries[insight].insert(&old.document_sha256);
            picks[insight].push(Pick {
                date: old.date,
                position: old.position,
                differs: offer.differs,
            });
        }
    }
    picks
}

/// Whether an archived one comes from the entry of an insight, or of one that joined it.
fn is_of_entry(insight: &Insight, old: &Archived) -> bool {
    let voices = insight.also_said_by.iter().map(|voice| &voice.receipt);
    let mut receipts = voices.chain([&insight.receipt]);
    receipts.any(|receipt| receipt.document_sha256 == old.document_sha256)
}
