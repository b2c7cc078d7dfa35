//! Fresh candidates in, the edition's insights out, with a reason for each one that was passed over.

use std::collections::BTreeMap;

use crate::model::EntryId;
use crate::model::Fresh;
use crate::model::Insight;
use crate::model::Receipt;
use crate::model::Shelved;
use crate::settings::DigestSettings;

/// Takes candidates in the order given, best first, until the edition is full: none below the bar, not too many of one
/// source or entry. An edition is rather short than padded.
pub fn pick_top(fresh: Vec<Fresh>, rules: &DigestSettings) -> Picked {
    let mut of_source: BTreeMap<String, usize> = BTreeMap::new();
    let mut of_entry: BTreeMap<EntryId, usize> = BTreeMap::new();
    let mut picked = Picked::default();
    for candidate in fresh {
        let shelved = candidate.shelved();
        let of_source = of_source.entry(shelved.source.clone()).or_default();
        let of_entry = of_entry.entry(shelved.entry.clone()).or_default();
        let against = if shelved.candidate.score < rules.min_score {
            Some(PassedOver::BelowBar)
        } else if picked.chosen.len() >= rules.size {
            Some(PassedOver::EditionFull)
        } else if *of_entry >= rules.max_per_entry {
            Some(PassedOver::EnoughOfEntry)
        } else if *of_source >= rules.max_per_source {
            Some(PassedOver::EnoughOfSource)
        } else {
            None
        };
        if let Some(why) = against {
            picked.passed_over.push((candidate, why));
            continue;
        }
        *of_source += 1;
        *of_entry += 1;
        picked.chosen.push(candidate);
    }
    picked
}

/// What a candidate lacks to be chosen before some of those that are: the fewest points with which it would be the next, and
/// whose place it would take. The limits on source, entry and size count, and so does the bar.
pub fn lacking(candidate: &Shelved, chosen: &[Fresh], rules: &DigestSettings) -> Lacking {
    let (mut of_entry, mut of_source) = (0, 0);
    let in_the_way = chosen.iter().enumerate().position(|(before, fresh)| {
        let other = fresh.shelved();
        of_entry += usize::from(other.entry == candidate.entry);
        of_source += usize::from(other.source == candidate.source);
        // behind this one it would be one too many
        before + 1 >= rules.size
            || of_entry >= rules.max_per_entry
            || of_source >= rules.max_per_source
    });
    let needed = in_the_way.map_or(f64::NEG_INFINITY, |nth| {
        chosen[nth].shelved().candidate.score
    });
    Lacking {
        points: needed.max(rules.min_score) - candidate.candidate.score,
        in_place_of: in_the_way,
    }
}

/// What would put a candidate into an edition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lacking {
    /// So many points more; none where it is as good as the one in its way.
    pub points: f64,
    /// Number of the chosen one whose place it would take; none where there is room.
    pub in_place_of: Option<usize>,
}

/// The insights of an edition, and what did not make it.
#[derive(Debug, Default)]
pub struct Picked {
    /// Best first; empty when nothing reaches the bar.
    pub chosen: Vec<Fresh>,
    /// The others, best first, each with the first thing that spoke against it.
    pub passed_over: Vec<(Fresh, PassedOver)>,
}

impl Picked {
    /// The insights of the edition, best first.
    pub fn insights(&self) -> Vec<Insight> {
        self.chosen.iter().map(insight_from).collect()
    }
}

/// Why a fresh candidate is not in the edition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassedOver {
    /// Its score is below `min_score`.
    BelowBar,
    /// `size` better ones were found.
    EditionFull,
    /// `max_per_entry` better ones come from its entry.
    EnoughOfEntry,
    /// `max_per_source` better ones come from its source.
    EnoughOfSource,
}

fn insight_from(fresh: &Fresh) -> Insight {
    let shelved = fresh.shelved();
    let candidate = &shelved.candidate;
    Insight {
        headline: candidate.headline.clone(),
        text: candidate.text.clone(),
        shown: candidate.shown.clone(),
        score: candidate.score,
        reasons: candidate.reasons.clone(),
        source: shelved.source.clone(),
        entry_title: shelved.entry_title.clone(),
        entry_url: shelved.entry_url.clone(),
        enclosure_url: shelved.enclosure_url.clone(),
        published: shelved.published,
        speaker: candidate.speaker.clone(),
        start_seconds: candidate.start_seconds,
        receipt: Receipt {
            entry_url: shelved.entry_url.clone(),
            document_sha256: shelved.document_sha256.clone(),
            from_byte: candidate.from,
            to_byte: candidate.to,
            speaker: candidate.speaker.clone(),
            start_seconds: candidate.start_seconds,
            paragraph: candidate.paragraph,
        },
        topics: candidate.topics.clone(),
        also_said_by: fresh.also_said_by().to_vec(),
        related: Vec::new(),
    }
}
