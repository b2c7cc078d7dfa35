//! A text as the words that two hearings of the same speech have in common.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::hash::Hasher;
use std::sync::LazyLock;

/// Words of English that say nothing about what a text is about, one blank apart.
const COMMON: &str = include_str!("common.txt");

/// Sounds that one engine writes down and another leaves out, and names of money that one writes as a sign.
const PASSED_OVER: [&str; 18] = [
    "um", "uh", "uhm", "umm", "uhh", "er", "erm", "hm", "hmm", "mm", "mmm", "mhm", "ah", "eh",
    "huh", "dollar", "dollars", "bucks",
];

/// What is said as one word and written as several, or the other way about, or in two manners.
const WRITTEN_OUT: [(&str, &str); 40] = [
    ("gonna", "going to"),
    ("wanna", "want to"),
    ("gotta", "got to"),
    ("kinda", "kind of"),
    ("sorta", "sort of"),
    ("lemme", "let me"),
    ("gimme", "give me"),
    ("cause", "because"),
    ("cuz", "because"),
    ("yeah", "yes"),
    ("yep", "yes"),
    ("yup", "yes"),
    ("ok", "okay"),
    ("alright", "all right"),
    ("til", "until"),
    ("till", "until"),
    ("thru", "through"),
    ("cannot", "can not"),
    ("dont", "do not"),
    ("doesnt", "does not"),
    ("didnt", "did not"),
    ("isnt", "is not"),
    ("wasnt", "was not"),
    ("arent", "are not"),
    ("cant", "can not"),
    ("couldnt", "could not"),
    ("wouldnt", "would not"),
    ("shouldnt", "should not"),
    ("havent", "have not"),
    ("im", "i am"),
    ("ive", "i have"),
    ("id", "i would"),
    ("youre", "you are"),
    ("youve", "you have"),
    ("theyre", "they are"),
    ("weve", "we have"),
    ("thats", "that is"),
    ("its", "it is"),
    ("whats", "what is"),
    ("lets", "let us"),
];

/// Words after which `'s` stands for "is"; after all others it makes a possessive, which is heard like a plural.
const BEFORE_IS: [&str; 14] = [
    "it",
    "that",
    "what",
    "he",
    "she",
    "there",
    "here",
    "who",
    "where",
    "how",
    "when",
    "why",
    "this",
    "everything",
];

/// Words of numbers with what they are worth.
const NUMBERS: [(&str, u64); 27] = [
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
];

/// The last of them, and what multiplies.
const MORE_NUMBERS: [(&str, u64); 6] = [
    ("ninety", 90),
    ("hundred", 100),
    ("thousand", 1_000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
    ("k", 1_000),
];

/// Most digits of a number that is computed with: more are a name.
const DIGITS_MAX: usize = 12;

/// One word, as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Word {
    /// Of its letters: the same on every machine and in every version of this method.
    pub(super) hash: u64,
    /// Whether nearly every text has it.
    pub(super) common: bool,
}

/// The words of a text without case, marks, fillers and endings; short forms written out, numbers in digits.
pub(super) fn words_of(text: &str) -> Vec<Word> {
    let mut heard = Heard::default();
    let mut token = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let next = characters.peek().copied();
        let in_number = |mark: char| {
            character == mark
                && token.ends_with(|c: char| c.is_ascii_digit())
                && next.is_some_and(|c| c.is_ascii_digit())
        };
        match character {
            '\'' | '’' | 'ʼ' if !token.is_empty() => token.push('\''),
            '\u{300}'..='\u{36f}' => {} // an accent that stands by itself
            _ if character.is_alphanumeric() => {
                // "10x", "5k": a number and a word
                let number_ends = character.is_alphabetic()
                    && token.ends_with(|c: char| c.is_ascii_digit())
                    && token.starts_with(|c: char| c.is_ascii_digit());
                if number_ends {
                    heard.token(&token);
                    token.clear();
                }
                push_plain(&mut token, character);
            }
            _ if in_number(',') => {}
            _ if in_number('.') => token.push('.'),
            _ => {
                heard.token(&token);
                token.clear();
                match character {
                    '%' => heard.token("percent"),
                    '&' => heard.token("and"),
                    _ => {}
                }
            }
        }
    }
    heard.token(&token);
    heard.end_number();
    heard.words
}

/// FNV-1a (64 bits), its bits mixed once more (SplitMix64), since what is kept of runs depends on their order.
pub(super) fn hash(bytes: impl Iterator<Item = u8>) -> u64 {
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mixed(hash)
}

/// The hash of one thing followed by another.
pub(super) fn followed(one: u64, other: u64) -> u64 {
    mixed(one.rotate_left(23) ^ other.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// What a token is, where it is more than its letters.
#[derive(Debug, Clone, Copy)]
enum Known {
    PassedOver,
    WrittenOut(&'static str),
    Number(u64),
    Common,
}

/// What is known of tokens, by their hashes. A word of another spelling with the same 64 bits would have to be looked for.
static KNOWN: LazyLock<HashMap<u64, Known, BuildHasherDefault<AsItIs>>> = LazyLock::new(|| {
    let mut known: HashMap<&'static str, Known> = COMMON
        .split_whitespace()
        .map(|word| (word, Known::Common))
        .collect();
    known.extend(PASSED_OVER.map(|word| (word, Known::PassedOver)));
    known.extend(WRITTEN_OUT.map(|(short, long)| (short, Known::WrittenOut(long))));
    known.extend(NUMBERS.map(|(word, value)| (word, Known::Number(value))));
    known.extend(MORE_NUMBERS.map(|(word, value)| (word, Known::Number(value))));
    known
        .into_iter()
        .map(|(word, known)| (hash(word.bytes()), known))
        .collect()
});

/// A hash is its own hash.
#[derive(Default)]
struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = hash(bytes.iter().copied());
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Words so far, and the number that is being spelled.
#[derive(Default)]
struct Heard {
    words: Vec<Word>,
    number: Option<Spelled>,
    /// An "and" that belongs to the number, if one goes on.
    and: bool,
}

/// A number that is being spelled.
#[derive(Clone, Copy)]
struct Spelled {
    /// Thousands and millions behind us.
    finished: u64,
    /// Below the next thousand.
    current: u64,
    /// The last word of it.
    last: u64,
}

impl Heard {
    /// Takes what stands between two marks or blanks.
    fn token(&mut self, token: &str) {
        let token = token.trim_end_matches('\'');
        if token.is_empty() {
            return;
        }
        if token.as_bytes().contains(&b'\'')
            && let Some((stem, ending)) = token.rsplit_once('\'')
        {
            self.contraction(stem, ending);
            return;
        }
        if token.len() <= DIGITS_MAX
            && token.as_bytes()[0].is_ascii_digit()
            && let Ok(value) = token.parse::<u64>()
        {
            self.end_number();
            self.number = Some(Spelled {
                finished: 0,
                current: value,
                last: value,
            });
            return;
        }
        let hash = hash(token.bytes());
        match KNOWN.get(&hash) {
            Some(Known::PassedOver) => {}
            Some(Known::WrittenOut(words)) => {
                for word in words.split(' ') {
                    self.plain(word, true);
                }
            }
            Some(Known::Number(value))
                if *value < 1_000 || self.number.is_some() || token != "k" =>
            {
                self.spell(*value);
            }
            Some(Known::Common)
                if token == "and" && self.number.is_some_and(|n| n.last % 100 == 0) =>
            {
                self.and = true;
            }
            // "nineteenth" and "19th" are left to the comparison
            _ if matches!(token, "st" | "nd" | "rd" | "th") && self.number.is_some() => {}
            Some(Known::Common) => self.push(Word { hash, common: true }),
            _ => self.plain(token, false),
        }
    }

    fn contraction(&mut self, stem: &str, ending: &str) {
        let (stem, more) = match (stem, ending) {
            ("can", "t") => ("can", "not"),
            ("won", "t") => ("will", "not"),
            (_, "t") => (stem.strip_suffix('n').unwrap_or(stem), "not"),
            (_, "re") => (stem, "are"),
            (_, "ve") => (stem, "have"),
            (_, "ll") => (stem, "will"),
            (_, "d") => (stem, "would"),
            (_, "m") => (stem, "am"),
            ("let", "s") => (stem, "us"),
            (_, "s") if BEFORE_IS.contains(&stem) => (stem, "is"),
            (_, "s") => (stem, ""),
            _ => {
                let joined: String = [stem, ending].concat().replace('\'', "");
                self.plain(&joined, false);
                return;
            }
        };
        self.token(&stem.replace('\'', ""));
        if !more.is_empty() {
            self.plain(more, true);
        }
    }

    /// Takes one more word of a number.
    fn spell(&mut self, value: u64) {
        let Some(so_far) = self.number else {
            let (finished, current) = if value >= 1_000 {
                (value, 0)
            } else {
                (0, value)
            };
            self.number = Some(Spelled {
                finished,
                current,
                last: value,
            });
            return;
        };
        let Spelled {
            finished,
            current,
            last,
        } = so_far;
        let goes_on = match value {
            1_000.. => Some((
                finished.saturating_add(current.max(1).saturating_mul(value)),
                0,
            )),
            100 if (1..100).contains(&current) => Some((finished, current * 100)),
            1..10 if matches!(last, 20 | 30 | 40 | 50 | 60 | 70 | 80 | 90) => {
                Some((finished, current + value))
            }
            1..100 if last >= 100 && current % 100 == 0 => Some((finished, current + value)),
            // "twenty twenty-four", "nineteen eighty"
            10..100 if matches!(current, 19 | 20) && finished == 0 => {
                Some((0, current * 100 + value))
            }
            _ => None,
        };
        if let Some((finished, current)) = goes_on {
            self.and = false;
            self.number = Some(Spelled {
                finished,
                current,
                last: value,
            });
        } else {
            self.end_number();
            self.spell(value);
        }
    }

    /// The number is over: it becomes a word.
    fn end_number(&mut self) {
        let and = std::mem::take(&mut self.and);
        if let Some(number) = self.number.take() {
            let value = number.finished.saturating_add(number.current);
            self.words.push(Word {
                hash: hash(value.to_string().bytes()),
                common: value <= 3,
            });
        }
        if and {
            self.words.push(Word {
                hash: hash(b"and".iter().copied()),
                common: true,
            });
        }
    }

    fn plain(&mut self, word: &str, common: bool) {
        let hash = if common {
            hash(word.bytes())
        } else {
            hash_of_stem(word)
        };
        self.push(Word { hash, common });
    }

    fn push(&mut self, word: Word) {
        self.end_number();
        self.words.push(word);
    }
}

/// The hash of a word without the endings that are misheard, and as spelled in America.
fn hash_of_stem(word: &str) -> u64 {
    if !word.is_ascii() || word.len() < 4 {
        return hash(word.bytes());
    }
    let stem = match word {
        _ if word.len() > 4 && word.ends_with("ies") => &word[..word.len() - 2], // "y" is "i" below
        _ if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") => word,
        _ => word.strip_suffix('s').unwrap_or(word),
    };
    let stem = match stem {
        _ if stem.len() > 5 && stem.ends_with("ing") => &stem[..stem.len() - 3],
        _ if stem.len() > 4 && stem.ends_with("ed") => &stem[..stem.len() - 2],
        _ => stem.strip_suffix('e').unwrap_or(stem),
    };
    let bytes = stem.as_bytes();
    let last = bytes[bytes.len() - 1];
    let doubled = bytes.len() > 3 && last.is_ascii_lowercase() && last == bytes[bytes.len() - 2];
    let bytes = &bytes[..bytes.len() - usize::from(doubled)];
    let american = |at: usize| match bytes[at] {
        b's' if at >= 3
            && bytes[at - 1] == b'i'
            && bytes[at + 1..].iter().all(u8::is_ascii_lowercase) =>
        {
            let rest = &bytes[at + 1..];
            if rest.is_empty() || rest.starts_with(b"ation") {
                b'z'
            } else {
                b's'
            }
        }
        b'y' if at + 1 == bytes.len() => b'i',
        byte => byte,
    };
    hash((0..bytes.len()).map(american))
}

/// The letter in lower case, without the accents of Western Europe.
fn push_plain(token: &mut String, character: char) {
    if character.is_ascii() {
        token.push(character.to_ascii_lowercase());
        return;
    }
    for letter in character.to_lowercase() {
        token.push(match letter {
            'à'..='å' => 'a',
            'ç' => 'c',
            'è'..='ë' => 'e',
            'ì'..='ï' => 'i',
            'ñ' => 'n',
            'ò'..='ö' | 'ø' => 'o',
            'ù'..='ü' => 'u',
            'ý' | 'ÿ' => 'y',
            'š' => 's',
            'ž' => 'z',
            other => other,
        });
    }
}
