//! Numbers that look like chance and are the same in every run.

/// A sequence of numbers, from its seed on (SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// The next one, below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from(mixed >> 33).unwrap_or(0) % end
    }
}
