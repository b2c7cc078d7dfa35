//! A text's fingerprints: a few numbers, of which two texts of the same speech nearly always share some.

use crate::stages::drop_repeats::words::Word;
use crate::stages::drop_repeats::words::followed;

/// Words of a run.
const RUN_WORDS: usize = 3;

/// Fingerprints that a text has at least, where it has so many runs. A text of few words has them all, so that it is also
/// found inside a longer one.
const LEAST: usize = 12;

/// Below this rank a run is kept: half of the runs with one uncommon word, all with more.
const KEPT_BELOW: u64 = u64::MAX / 2;

/// The fingerprints of a text, ordered, each once: hashes of the runs of three words that a rule keeps wherever they stand.
/// The rule looks at nothing but the run, so that two texts keep the same runs of what they share, however long they are.
/// Runs of common words alone are kept only where there are too few others.
pub(super) fn fingerprints(words: &[Word]) -> Vec<u32> {
    let mut runs: Vec<(u64, u64)> = words.windows(RUN_WORDS).map(ranked).collect();
    if runs.is_empty() {
        // one or two words are one run
        runs.extend((!words.is_empty()).then(|| ranked(words)));
    }
    runs.sort_unstable();
    runs.dedup();
    let kept = runs.partition_point(|(rank, _)| *rank < KEPT_BELOW);
    runs.truncate(kept.max(LEAST));
    // the low half: the high one is what they were chosen by
    #[expect(clippy::cast_possible_truncation, reason = "half of a hash is a hash")]
    let mut fingerprints: Vec<u32> = runs.into_iter().map(|(_, run)| run as u32).collect();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    fingerprints
}

/// The hash of a run, behind its rank: the smallest ranks are kept.
fn ranked(run: &[Word]) -> (u64, u64) {
    let hash = run.iter().fold(0, |hash, word| followed(hash, word.hash));
    let uncommon = run.iter().filter(|word| !word.common).count();
    let rank = match u64::try_from(uncommon) {
        Ok(uncommon @ 1..) => hash / uncommon,
        _ => KEPT_BELOW + hash / 2,
    };
    (rank, hash)
}
