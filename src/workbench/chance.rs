//! Chance that falls the same way every time: numbers drawn from a seed, and a number for a name.

/// A generator of numbers: SplitMix64, which is small, fast and the same on every machine.
#[derive(Debug, Clone)]
pub(super) struct Chance {
    state: u64,
}

impl Chance {
    /// A generator that has drawn nothing yet.
    pub(super) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number.
    pub(super) fn draw(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is not 0; its lean towards small ones is below one part in 2^40.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        let bound = u128::try_from(bound).unwrap_or(u128::MAX);
        usize::try_from((u128::from(self.draw()) * bound) >> 64).unwrap_or(0)
    }
}

/// A number for a name, the same in every version and on every machine (FNV-1a, then mixed).
pub(super) fn number_of(name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    Chance::new(hash).draw()
}

/// The fold of a name, from 0 to `folds` - 1: a matter of the name alone, so that more episodes move no other.
pub(super) fn fold_of(name: &str, folds: usize) -> usize {
    let folds = u64::try_from(folds.max(1)).unwrap_or(1);
    usize::try_from(number_of(name) % folds).unwrap_or(0)
}
