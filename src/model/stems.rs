//! Words without their endings, as numbers: enough to see that two passages speak of the same thing.

use std::collections::HashMap;
use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;

/// A set of stems.
pub(crate) type StemSet = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Something known of each of many stems.
pub(crate) type StemMap<V> = HashMap<u64, V, BuildHasherDefault<AsItIs>>;

/// A set of words that the rules list. What is looked up comes from outside, but nothing from outside is ever put in.
pub(crate) type WordSet = HashSet<String, BuildHasherDefault<AsItIs>>;

/// Something known of each of the words that the rules list.
pub(crate) type WordMap<V> = HashMap<String, V, BuildHasherDefault<AsItIs>>;

/// A hasher for numbers that are hashes already, and for words (FNV-1a).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_u64(&mut self, stem: u64) {
        // the low bits of FNV are good, but a map looks at the high ones too
        self.0 = stem ^ (stem >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Shortest stem that an ending is taken from.
const STEM_BYTES_MIN: usize = 4;

/// A number for the word without case, apostrophe and common English endings (FNV-1a of what is left).
pub(crate) fn stem(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mark = bytes
        .iter()
        .position(|byte| *byte == b'\'' || *byte == 0xE2);
    let plain = mark.is_none();
    let mut end = mark
        .filter(|at| *at > 0 && word[*at..].starts_with(['\'', '’']))
        .map_or(bytes.len(), |at| {
            // "customer's" is "customer"; "don't" and "I've" stay what they are
            if word[at..]
                .trim_start_matches(['\'', '’'])
                .eq_ignore_ascii_case("s")
            {
                at
            } else {
                bytes.len()
            }
        });
    for ending in ["ing", "ed", "es", "s", "e"] {
        if end >= ending.len() + STEM_BYTES_MIN
            && bytes[end - ending.len()..end].eq_ignore_ascii_case(ending.as_bytes())
        {
            end -= ending.len();
            break;
        }
    }
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    if plain {
        for byte in &bytes[..end] {
            hash = (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
        }
        return hash;
    }
    let mut at = 0;
    while at < end {
        // a curly apostrophe counts as a straight one
        let byte = if bytes[at..].starts_with("’".as_bytes()) {
            at += 2;
            b'\''
        } else {
            bytes[at].to_ascii_lowercase()
        };
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}
