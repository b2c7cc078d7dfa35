//! Candidates in, one a point out: what was told lately is a repeat, what somebody else says, too, joins the best that says it.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::Heard;
use super::SharedThought;
use super::Thought;
use super::compare_thoughts;
use crate::model::Fresh;
use crate::model::SentInsight;
use crate::model::Shelved;
use crate::model::Voice;

/// More voices than these crowd a card; whoever comes behind them is a repeat.
const VOICES_MAX: usize = 3;

/// Takes candidates in the order given, best first. One that makes the point of something in `recent`, or of a better
/// candidate of its own source, is told already. One that makes the point of a better candidate of another source joins it:
/// one voice a source, three at most; what is more is told already, too.
pub fn converge(candidates: Vec<Fresh>, recent: &[SentInsight]) -> Converged {
    let sent: Vec<Thought> = recent.iter().map(|sent| Thought::of(&sent.text)).collect();
    let read = |fresh: &Fresh| Thought::of(&fresh.shelved().candidate.text);
    let thoughts: Vec<Thought> = candidates.iter().map(read).collect();
    let heard = Heard::count(sent.iter().chain(&thoughts));
    // only what makes a point can make it again: who makes which, sent and kept
    let mut sent_by_point: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (nth, thought) in sent.iter().enumerate() {
        for point in thought.points_said() {
            sent_by_point.entry(point).or_default().push(nth);
        }
    }
    let mut kept_by_point: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut kept_thoughts: Vec<&Thought> = Vec::new();
    let sent_thoughts: Vec<&Thought> = sent.iter().collect();
    let mut converged = Converged::default();
    for (fresh, thought) in candidates.into_iter().zip(&thoughts) {
        let alike = |by_point: &BTreeMap<usize, Vec<usize>>, others: &[&Thought]| {
            let points = thought.points_said();
            let known = points.filter_map(|point| by_point.get(&point)).flatten();
            // the most alike, and among equals the first
            let found = known.filter_map(|nth| {
                let likeness = compare_thoughts(thought, others[*nth], &heard);
                Some((likeness.nearness, *nth, likeness.same?))
            });
            found
                .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
                .map(|(_, nth, shared)| (nth, shared))
        };
        if let Some((nth, shared)) = alike(&sent_by_point, &sent_thoughts) {
            converged.told.push(Told {
                shelved: fresh.shelved().clone(),
                by: Teller::Sent {
                    date: recent[nth].date,
                    headline: recent[nth].headline.clone(),
                },
                shared,
            });
        } else if let Some((nth, shared)) = alike(&kept_by_point, &kept_thoughts) {
            let better = &mut converged.fresh[nth];
            let joins = may_join(better, &fresh);
            if joins {
                better.join(voice_of(fresh.shelved()));
            }
            let headline = better.shelved().candidate.headline.clone();
            converged.told.push(Told {
                shelved: fresh.shelved().clone(),
                by: if joins {
                    Teller::Joined { headline }
                } else {
                    Teller::Today { headline }
                },
                shared,
            });
        } else {
            for point in thought.points_said() {
                kept_by_point
                    .entry(point)
                    .or_default()
                    .push(kept_thoughts.len());
            }
            kept_thoughts.push(thought);
            converged.fresh.push(fresh);
        }
    }
    converged
}

/// What became of the candidates.
#[derive(Debug, Default)]
pub struct Converged {
    /// One a point, in the order given, each with whoever else makes it.
    pub fresh: Vec<Fresh>,
    /// The others.
    pub told: Vec<Told>,
}

/// A candidate whose point somebody else makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The candidate.
    pub shelved: Shelved,
    /// Who makes the point.
    pub by: Teller,
    /// Which point, and the words that both have.
    pub shared: SharedThought,
}

/// Who makes the point of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Teller {
    /// An insight that was sent lately.
    Sent {
        /// The day of its edition.
        date: Date,
        /// Its headline.
        headline: String,
    },
    /// A better candidate of the day, under which this one is named.
    Joined {
        /// Its headline.
        headline: String,
    },
    /// A better candidate of the day.
    Today {
        /// Its headline.
        headline: String,
    },
}

fn may_join(better: &Fresh, other: &Fresh) -> bool {
    let (voices, source) = (better.also_said_by(), &other.shelved().source);
    let mut sources = voices.iter().map(|voice| &voice.source);
    let document = &other.shelved().document_sha256;
    voices.len() < VOICES_MAX
        && better.shelved().source != *source
        // one text in two feeds is not said twice
        && better.shelved().document_sha256 != *document
        && !voices.iter().any(|voice| voice.receipt.document_sha256 == *document)
        && !sources.any(|known| known == source)
}

fn voice_of(shelved: &Shelved) -> Voice {
    let candidate = &shelved.candidate;
    Voice {
        headline: candidate.headline.clone(),
        text: candidate.text.clone(),
        shown: candidate.shown.clone(),
        source: shelved.source.clone(),
        entry_title: shelved.entry_title.clone(),
        entry_url: shelved.entry_url.clone(),
        enclosure_url: shelved.enclosure_url.clone(),
        published: shelved.published,
        speaker: candidate.speaker.clone(),
        start_seconds: candidate.start_seconds,
        receipt: shelved.receipt(),
    }
}
