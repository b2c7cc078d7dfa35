//! What was told before: brought up for the day's candidates, added to and asked from outside.

use std::io;
use std::io::BufRead;
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::thread::available_parallelism;

use crate::model::Recalled;
use crate::outside::store::HandedIn;
use crate::outside::store::Memorised;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::stages::drop_repeats::FINGERPRINT_METHOD;
use crate::stages::drop_repeats::Place;
use crate::stages::drop_repeats::Texts;
use crate::stages::drop_repeats::find_originals;
use crate::stages::drop_repeats::find_told;
use crate::stages::drop_repeats::fingerprints;

mod lines;
pub use lines::BadLine;
pub use lines::LINE_BYTES_MAX;
pub use lines::LineProblem;
use lines::Lines;
use lines::NamedText;

/// Passages of one transaction when memory is added to, and texts whose fingerprints are made up for at a time: few enough
/// for 100 MB and for a second or two in which other programs wait.
const ADDED_AT_ONCE: usize = 100_000;

/// Lines that are checked in one pass over the store: more than a day has candidates.
const CHECKED_AT_ONCE: usize = 25_000;

/// Bytes of text at a time, where lines are long.
const BYTES_AT_ONCE: usize = 32 << 20;

/// The store at one moment, for whoever chooses again and changes nothing. Where memory lacks fingerprints, it is a copy that
/// can be given them.
pub fn look_back(path: &Path) -> Result<Store, StoreError> {
    let store = Store::look_at(path)?;
    if store.lacks_fingerprints(FINGERPRINT_METHOD)? {
        return Store::throw_away(path);
    }
    Ok(store)
}

/// Brings up for each text the told passages that it may repeat: all, or those up to the number `upto`. Told passages whose
/// fingerprints are wanting, since an older program wrote them, get theirs first.
pub fn recall(store: &Store, texts: &Texts, upto: Option<i64>) -> Result<Recalled, StoreError> {
    loop {
        let wanting = store.wanting_fingerprints(FINGERPRINT_METHOD, ADDED_AT_ONCE)?;
        if wanting.is_empty() {
            break;
        }
        let taken: Vec<_> = wanting
            .iter()
            .map(|(number, text)| (*number, fingerprints(text)))
            .collect();
        store.put_fingerprints(FINGERPRINT_METHOD, &taken)?;
    }
    store.recall(texts.fingerprints(), upto)
}

/// Takes passages into memory as told, from lines `id<TAB>text`. `tell` hears of each line that is left out. What was taken
/// before an error stays; the same lines again change nothing.
pub fn add(
    store: &mut Store,
    lines: impl BufRead,
    mut tell: impl FnMut(&BadLine),
) -> Result<Added, HistoryError> {
    let mut lines = Lines::of(lines);
    let mut added = Added::default();
    let mut tell = |bad: &BadLine| tell(bad);
    loop {
        let mut batch = lines.next_batch(ADDED_AT_ONCE, BYTES_AT_ONCE, &mut |bad| {
            added.bad_lines += 1;
            tell(bad);
        })?;
        if batch.is_empty() {
            return Ok(added);
        }
        let numbers: Vec<u64> = batch.iter().map(|named| named.line).collect();
        let share = batch
            .len()
            .div_ceil(available_parallelism().map_or(1, NonZero::get));
        let mut parts: Vec<Vec<NamedText>> = Vec::new();
        while !batch.is_empty() {
            parts.push(batch.split_off(batch.len().saturating_sub(share)));
        }
        let passages = side_by_side(
            parts
                .into_iter()
                .rev()
                .map(|part| move || part.into_iter().map(handed_in).collect::<Vec<_>>()),
        );
        let passages: Vec<_> = passages.into_iter().flatten().collect();
        let outcomes = store.add_told(&passages, FINGERPRINT_METHOD)?;
        for (line, outcome) in numbers.into_iter().zip(outcomes) {
            match outcome {
                Memorised::New => added.new += 1,
                Memorised::Already => added.already += 1,
                Memorised::NameTaken => {
                    added.bad_lines += 1;
                    tell(&BadLine {
                        line,
                        problem: LineProblem::NameTaken,
                    });
                }
            }
        }
    }
}

/// Says of each line `id<TAB>text` whether its text was told before, some thousand lines at a time and in their order: by
/// what history knows, else by an earlier line that was fresh. Nothing is taken into memory. `tell` hears of each line that
/// cannot be checked; how many those are is returned.
pub fn check(
    store: &Store,
    lines: impl BufRead,
    mut tell: impl FnMut(&BadLine),
    mut answer: impl FnMut(Vec<Checked>) -> io::Result<()>,
) -> Result<u64, HistoryError> {
    let mut lines = Lines::of(lines);
    let mut bad_lines = 0;
    let mut before: Option<Store> = None;
    let mut next = |bad_lines: &mut u64| {
        lines.next_batch(CHECKED_AT_ONCE, BYTES_AT_ONCE, &mut |bad| {
            *bad_lines += 1;
            tell(bad);
        })
    };
    let mut batch = next(&mut bad_lines)?;
    while !batch.is_empty() {
        let checked = check_batch(store, before.as_ref(), &batch)?;
        let after = next(&mut bad_lines)?;
        if !after.is_empty() {
            // the next lines may repeat these: what is fresh is kept for as long as this takes
            let before = match &mut before {
                Some(before) => before,
                none => none.insert(Store::temporary()?),
            };
            let fresh: Vec<_> = batch
                .into_iter()
                .zip(&checked)
                .filter(|(_, checked)| checked.original.is_none())
                .map(|(named, _)| handed_in(named))
                .collect();
            before.add_told(&fresh, FINGERPRINT_METHOD)?;
        }
        answer(checked).map_err(HistoryError::Output)?;
        batch = after;
    }
    Ok(bad_lines)
}

/// A line that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Its name.
    pub id: String,
    /// The name of what told it before; none where it is fresh.
    pub original: Option<String>,
}

/// What became of the lines that were to be added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Added {
    /// Passages that memory did not have.
    pub new: u64,
    /// Passages that it had under the same name.
    pub already: u64,
    /// Lines that were left out.
    pub bad_lines: u64,
}

/// Why lines could not be read to the end.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The input failed.
    #[error("the lines cannot be read: {0}")]
    Input(io::Error),
    /// The output failed.
    #[error("the answers cannot be written: {0}")]
    Output(io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn check_batch(
    store: &Store,
    before: Option<&Store>,
    batch: &[NamedText],
) -> Result<Vec<Checked>, StoreError> {
    let share = batch
        .len()
        .div_ceil(available_parallelism().map_or(1, NonZero::get));
    let read = |part: &[NamedText]| Texts::of(part.iter().map(|named| named.text.as_str()));
    let texts = side_by_side(batch.chunks(share).map(|part| move || read(part)))
        .into_iter()
        .reduce(|mut texts, others| {
            texts.append(others);
            texts
        });
    let Some(texts) = texts else {
        return Ok(Vec::new());
    };
    let mut layers = vec![recall(store, &texts, None)?];
    if let Some(before) = before {
        layers.push(recall(before, &texts, None)?);
    }
    let layers: Vec<&Recalled> = layers.iter().collect();
    let (texts, layers) = (&texts, &layers);
    let ranges = (0..batch.len()).step_by(share);
    let told = side_by_side(ranges.map(|from| {
        let range = from..(from + share).min(batch.len());
        move || find_told(texts, range, layers)
    }));
    let originals = find_originals(texts, told.concat());
    let name_of = |place: Place| match place {
        Place::Told { layer, nth } => layers[layer].told()[nth].telling.id(),
        Place::Earlier(nth) => batch[nth].id.clone(),
    };
    let checked = batch
        .iter()
        .zip(originals)
        .map(|(named, original)| Checked {
            id: named.id.clone(),
            original: original.map(name_of),
        });
    Ok(checked.collect())
}

/// What each piece of work yields, all of them done at once.
fn side_by_side<T: Send>(work: impl Iterator<Item = impl FnOnce() -> T + Send>) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> = work.map(|work| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| {
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}

fn handed_in(named: NamedText) -> HandedIn {
    HandedIn {
        fingerprints: fingerprints(&named.text),
        id: named.id,
        text: named.text,
    }
}
