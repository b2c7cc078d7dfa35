//! Candidates and what memory brings up in; what has not been told before out.

use std::ops::Range;

use jiff::civil::Date;

use crate::model::Fresh;
use crate::model::Recalled;
use crate::model::Shelved;
use crate::model::Telling;
use crate::stages::drop_repeats::likeness::Wording;
use crate::stages::drop_repeats::likeness::likeness;
use crate::stages::drop_repeats::words::words_of;

mod words;

mod fingerprints;

mod likeness;

/// Version of the way in which fingerprints are taken. It goes up with every change of the words, the runs or the rule by
/// which some are kept: fingerprints of two versions cannot be compared.
pub const FINGERPRINT_METHOD: u32 = 1;

/// Earlier texts of one list that have a fingerprint of which so many are looked at, the first ones.
const HOLDERS_MAX: usize = 24;

/// Earlier texts of one list that a text is compared with word by word at most: those that share most fingerprints.
const COMPARED_MAX: usize = 4;

/// Of so many fingerprints that two texts could share they must share one to be compared. Texts of the same speech with 15 %
/// of errors share half of them.
const COULD_SHARE: usize = 8;

/// Sifts candidates, best first, into those that history does not know and those it does. Among the candidates
/// themselves the first, which is the best, is kept.
///
/// Two texts are the same when enough of the shorter one stands in pairs of neighbouring words that the other has as well:
/// more than half of a long text, up to 0.88 of a short one. Case, marks, fillers, short forms, the spelling of numbers, the
/// order of sentences and what the longer text has besides do not count.
pub fn drop_repeats(shelf: Vec<Shelved>, recalled: &Recalled) -> Sifted {
    let texts = Texts::of(shelf.iter().map(|shelved| &*shelved.candidate.text));
    let told = find_told(&texts, 0..shelf.len(), &[recalled]);
    let places = find_originals(&texts, told);
    let headlines: Vec<String> = shelf
        .iter()
        .map(|shelved| shelved.candidate.headline.clone())
        .collect();
    let mut sifted = Sifted::default();
    for (shelved, place) in shelf.into_iter().zip(places) {
        let original = match place {
            None => {
                sifted.fresh.push(Fresh::found_new(shelved));
                continue;
            }
            Some(Place::Told { nth, .. }) => Original::of(&recalled.told()[nth].telling),
            Some(Place::Earlier(nth)) => Original::Today {
                headline: headlines[nth].clone(),
            },
        };
        sifted.repeats.push(Repeat { shelved, original });
    }
    sifted
}

/// For each text of the range what it repeats of what was told: the most alike of the first layer that has one, and among
/// equals the first. Ranges may be asked for side by side.
pub fn find_told(texts: &Texts, range: Range<usize>, layers: &[&Recalled]) -> Vec<Option<Place>> {
    let of_text = |nth: usize| {
        let wording = &texts.wordings[nth];
        layers.iter().enumerate().find_map(|(layer, recalled)| {
            let places = recalled.places(nth).into_iter();
            let alike = places.filter_map(|place| {
                let told = Wording::of(words_of(&recalled.told()[place].text));
                Some((likeness(wording, &told)?, place))
            });
            most_alike(alike).map(|nth| Place::Told { layer, nth })
        })
    };
    range.map(of_text).collect()
}

/// Adds for each text that repeats nothing told what it repeats of the texts before it in the list: the most alike of those
/// that repeat nothing themselves, and among equals the first.
pub fn find_originals(texts: &Texts, mut originals: Vec<Option<Place>>) -> Vec<Option<Place>> {
    let list = Holders::of(&texts.fingerprints);
    for (nth, wording) in texts.wordings.iter().enumerate() {
        if originals[nth].is_none() {
            let earlier = list.before(nth, &originals).into_iter();
            let alike = earlier
                .filter_map(|other| Some((likeness(wording, &texts.wordings[other])?, other)));
            originals[nth] = most_alike(alike).map(Place::Earlier);
        }
    }
    originals
}

/// Texts that are to be compared, read once.
#[derive(Debug)]
pub struct Texts {
    wordings: Vec<Wording>,
    fingerprints: Vec<Vec<u32>>,
}

impl Texts {
    /// These texts, in this order.
    pub fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let wordings: Vec<Wording> = texts.map(|text| Wording::of(words_of(text))).collect();
        let fingerprints = wordings
            .iter()
            .map(|wording| fingerprints::fingerprints(wording.words()))
            .collect();
        Self {
            wordings,
            fingerprints,
        }
    }

    /// Puts others behind them.
    pub fn append(&mut self, mut others: Self) {
        self.wordings.append(&mut others.wordings);
        self.fingerprints.append(&mut others.fingerprints);
    }

    /// The fingerprints of each.
    pub fn fingerprints(&self) -> &[Vec<u32>] {
        &self.fingerprints
    }
}

/// The fingerprints of a text, in order: a few numbers of which two texts of the same speech nearly always share some.
pub fn fingerprints(text: &str) -> Vec<u32> {
    fingerprints::fingerprints(&words_of(text))
}

/// Where the original of a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It was told.
    Told {
        /// In which layer, counted from 0.
        layer: usize,
        /// Its place there.
        nth: usize,
    },
    /// It is an earlier text of the same list, at this place.
    Earlier(usize),
}

/// What became of the candidates.
#[derive(Debug, Default)]
pub struct Sifted {
    /// Not told before, best first.
    pub fresh: Vec<Fresh>,
    /// Told before, or told better by another candidate of the day.
    pub repeats: Vec<Repeat>,
}

/// A candidate that has been told before.
#[derive(Debug, Clone, PartialEq)]
pub struct Repeat {
    /// The candidate.
    pub shelved: Shelved,
    /// What told it.
    pub original: Original,
}

/// What told a thought first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Original {
    /// An insight that was sent.
    Sent {
        /// The day of its edition.
        date: Date,
        /// Its headline.
        headline: String,
    },
    /// A passage that was told outside our editions.
    Elsewhere {
        /// The name it was handed in under.
        id: String,
    },
    /// A better candidate of the same day.
    Today {
        /// Its headline.
        headline: String,
    },
}

impl Original {
    fn of(telling: &Telling) -> Self {
        match telling {
            Telling::Edition { date, headline, .. } => Self::Sent {
                date: *date,
                headline: headline.clone(),
            },
            Telling::Elsewhere { id } => Self::Elsewhere { id: id.clone() },
        }
    }
}

/// The most alike, and among equals the first.
fn most_alike(alike: impl Iterator<Item = (f64, usize)>) -> Option<usize> {
    alike
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
        .map(|(_, nth)| nth)
}

/// Which texts of a list have which fingerprints.
struct Holders<'a> {
    of_text: &'a [Vec<u32>],
    /// Fingerprint and place of the text, in order.
    sorted: Vec<(u32, usize)>,
    /// For each text where in `sorted` those fingerprints begin that an earlier one has as well.
    shared: Vec<Vec<usize>>,
}

impl<'a> Holders<'a> {
    fn of(of_text: &'a [Vec<u32>]) -> Self {
        let mut sorted: Vec<(u32, usize)> = (0..)
            .zip(of_text)
            .flat_map(|(nth, all)| all.iter().map(move |fingerprint| (*fingerprint, nth)))
            .collect();
        sorted.sort_unstable();
        let mut shared = vec![Vec::new(); of_text.len()];
        let mut begin = 0;
        for holders in sorted.chunk_by(|a, b| a.0 == b.0) {
            for (_, nth) in &holders[1..] {
                shared[*nth].push(begin);
            }
            begin += holders.len();
        }
        Self {
            of_text,
            sorted,
            shared,
        }
    }

    /// Those before the nth text that share most with it, of the ones that are originals.
    fn before(&self, nth: usize, originals: &[Option<Place>]) -> Vec<usize> {
        let mut sharing: Vec<usize> = Vec::new();
        for begin in &self.shared[nth] {
            let holders = self.sorted[*begin..]
                .iter()
                .take_while(|holder| holder.1 < nth)
                .filter(|holder| originals[holder.1].is_none());
            sharing.extend(holders.take(HOLDERS_MAX).map(|holder| holder.1));
        }
        sharing.sort_unstable();
        let own = self.of_text[nth].len();
        let mut counted: Vec<(usize, usize)> = sharing
            .chunk_by(|a, b| a == b)
            .map(|same| (same.len(), same[0]))
            .filter(|(shared, other)| shared * COULD_SHARE >= own.min(self.of_text[*other].len()))
            .collect();
        counted.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        counted.truncate(COMPARED_MAX);
        counted.into_iter().map(|(_, nth)| nth).collect()
    }
}
