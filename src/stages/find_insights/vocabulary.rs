//! What the rules want to know of each word, told once and remembered: a talk is made of few words that are said often.

use super::phrases::Lead;
use super::rules::Measure;
use super::rules::Rules;
use super::rules::SUMS;
use super::rules::kind;
use crate::model::stems::stem;

/// How many words are remembered at a time, a power of two: the words that make up nearly all of any talk.
const REMEMBERED: usize = 1 << REMEMBERED_BITS;
const REMEMBERED_BITS: u32 = 12;

/// Kinds of words that are counted.
const COUNTED: [(u16, Measure); 9] = [
    (kind::YOU, Measure::You),
    (kind::ME, Measure::Me),
    (kind::US, Measure::Us),
    (kind::PAST, Measure::Past),
    (kind::FILLER, Measure::Fillers),
    (kind::HEDGE, Measure::Hedges),
    (kind::STATE, Measure::States),
    (kind::DENIAL, Measure::Denials),
    (kind::THEN, Measure::Thens),
];

/// What was told of the words of a text, of which the rules know nothing beyond their letters.
pub(super) struct Vocabulary<'a> {
    rules: &'a Rules,
    text: &'a str,
    /// Each word has one place; another that has the same takes it over.
    remembered: Vec<Word<'a>>,
}

/// A word as it stands between two spaces, its marks with it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    text: &'a str,
    /// Its first eight bytes: all of it, nearly always.
    head: u64,
    /// What it is counted as, where it is not the first of its sentence.
    pub(super) counts: Counts,
    /// Its stem.
    pub(super) stem: u64,
    /// Whether it carries meaning.
    pub(super) carries: bool,
    /// Whether a phrase of the rules may begin in it.
    pub(super) lead: Lead,
    /// How many bytes must stand behind it for a sign of a pattern to be in it.
    sign: u32,
}

/// How often each of the measures that count words was met: a byte for each of the first sixteen measures, so that words
/// are added up in one step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts(u128);

/// The measures that are counted word by word have a byte in [`Counts`].
const COUNTS: usize = size_of::<Counts>();
const _: () = assert!((Measure::Commas as usize) < COUNTS && COUNTS < SUMS);

impl Counts {
    /// The most words that are added up before a byte might overflow.
    pub(super) const WORDS_MAX: usize = u8::MAX as usize;

    fn one(measure: Measure) -> Self {
        Self(1 << (8 * measure as usize))
    }

    fn note(&mut self, measure: Measure) {
        self.0 |= Self::one(measure).0;
    }

    /// The same, but not counted as a name.
    pub(super) fn without_name(self) -> Self {
        Self(self.0 & !Self::one(Measure::Names).0)
    }

    /// Adds one word.
    pub(super) fn add(&mut self, word: Self) {
        self.0 += word.0;
    }

    /// Adds what was counted so far to the sums, and begins anew.
    pub(super) fn empty_into(&mut self, sums: &mut [u16; SUMS]) {
        let counts = std::mem::take(self).0.to_le_bytes();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum = sum.saturating_add(u16::from(count));
        }
    }
}

impl Word<'_> {
    /// Whether a pattern may stand in its sentence, of which so many bytes stand behind it.
    pub(super) fn is_sign_before(&self, behind: usize) -> bool {
        self.sign as usize <= behind
    }

    /// Its bytes.
    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Its first byte; zero where it has none.
    pub(super) fn first(&self) -> u8 {
        self.head.to_le_bytes()[0]
    }
}

impl<'a> Vocabulary<'a> {
    /// Knows no word of the text yet.
    pub(super) fn new(text: &'a str, rules: &'a Rules) -> Self {
        let mut vocabulary = Self {
            rules,
            text,
            remembered: Vec::new(),
        };
        let nothing = vocabulary.look_at("", 0);
        vocabulary.remembered = vec![nothing; REMEMBERED];
        vocabulary
    }

    /// Calls `tell` with the first byte of each word between two bytes of the text, and with what is known of the word.
    pub(super) fn read(&mut self, from: usize, to: usize, mut tell: impl FnMut(usize, &Word<'a>)) {
        let mut at = from;
        while at <= to {
            let (head, length) = head_of_word(&self.text.as_bytes()[at..], to - at);
            tell(at, self.word(head, at, length));
            at += length + 1;
        }
    }

    /// What is known of the word at these bytes, which begins with `head`.
    fn word(&mut self, head: u64, at: usize, length: usize) -> &Word<'a> {
        let text = &self.text[at..at + length];
        let tail = text
            .as_bytes()
            .last_chunk()
            .map_or(0, |eight| u64::from_le_bytes(*eight));
        let mixed =
            (head ^ tail.rotate_left(32) ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> (u64::BITS - REMEMBERED_BITS)) as usize;
        let known = &self.remembered[place];
        let same = known.head == head
            && known.text.len() == length
            && (length <= size_of::<u64>() || known.text == text);
        if !same {
            self.remembered[place] = self.look_at(text, head);
        }
        &self.remembered[place]
    }

    /// Looks at a word for the first time.
    fn look_at(&self, text: &'a str, head: u64) -> Word<'a> {
        let mut counts = Counts::default();
        if text.starts_with(['"', '“']) {
            counts.note(Measure::Quotes);
        }
        let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
        if bare.len() < text.len() && text.ends_with([',', ';']) {
            counts.note(Measure::Commas);
        }
        let mut word = Word {
            text,
            head,
            counts,
            stem: 0,
            carries: false,
            lead: self.rules.finder.lead_of(text),
            sign: self.rules.finder.sign_in(text),
        };
        let bytes = bare.as_bytes();
        let Some(first) = bytes.first() else {
            return word;
        };
        if first.is_ascii_digit() {
            word.counts.note(Measure::Numbers);
            return word;
        }
        word.stem = stem(bare);
        let kinds = self.rules.words.kinds(word.stem);
        for (kind, measure) in COUNTED {
            if kinds & kind != 0 {
                word.counts.note(measure);
            }
        }
        let capital = first.is_ascii_uppercase() && bytes.iter().any(u8::is_ascii_lowercase);
        if capital && kinds & (kind::ME | kind::COMMON) == 0 {
            word.counts.note(Measure::Names);
        }
        if kinds & kind::COMMON == 0 && bare.len() >= 3 {
            word.counts.note(Measure::Stems);
            word.carries = true;
        }
        word
    }
}

/// The first eight bytes of the word that `rest` begins with, zeros behind it, and its length: up to a space, and at
/// most `length_max`. Eight bytes are looked at together, since a loop over the few bytes of a word ends with a surprise
/// for the processor each time.
pub(super) fn head_of_word(rest: &[u8], length_max: usize) -> (u64, usize) {
    const BYTES: usize = size_of::<u64>();
    let mut head = rest.first_chunk::<BYTES>().map_or_else(
        || {
            let mut padded = [0; BYTES];
            padded[..rest.len()].copy_from_slice(rest);
            u64::from_le_bytes(padded)
        },
        |eight| u64::from_le_bytes(*eight),
    );
    let spaces = zero_bytes(head ^ (ONES * u64::from(b' ')));
    let length = if spaces == 0 {
        let after = rest.iter().skip(BYTES).position(|&byte| byte == b' ');
        after.map_or(rest.len(), |after| BYTES + after)
    } else {
        spaces.trailing_zeros() as usize / 8
    };
    let length = length.min(length_max);
    if length < BYTES {
        head &= (1 << (8 * length)) - 1;
    }
    (head, length)
}

/// Eight bytes of one.
pub(super) const ONES: u64 = u64::MAX / 0xFF;

/// The highest bit of each of eight bytes.
pub(super) const HIGH_BITS: u64 = ONES << 7;

/// None where none of the eight bytes is zero; else the lowest bit that is set stands in the first that is.
pub(super) fn zero_bytes(bytes: u64) -> u64 {
    bytes.wrapping_sub(ONES) & !bytes & HIGH_BITS
}
