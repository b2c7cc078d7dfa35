//! Marks in a transcript that nobody said: sounds, times, changes of speaker, bullets.

/// The most bytes between the brackets of a mark; more is an aside.
const MARK_BYTES_MAX: usize = 60;

/// The most words of a mark in square brackets.
const SQUARE_WORDS_MAX: usize = 6;

/// The most words of a mark in round brackets: more is an aside that was said.
const ROUND_WORDS_MAX: usize = 3;

/// What a mark begins to say about a sound, or about speech that nobody could write down.
const SOUNDS: [&str; 30] = [
    "inaudible",
    "unintelligible",
    "indistinct",
    "indiscernible",
    "crosstalk",
    "cross-talk",
    "overlapping",
    "foreign",
    "music",
    "laugh",
    "chuckl",
    "giggl",
    "applau",
    "clap",
    "cheer",
    "silence",
    "pause",
    "noise",
    "cough",
    "sigh",
    "sniff",
    "snort",
    "gasp",
    "clears",
    "beep",
    "bleep",
    "snaps",
    "ringing",
    "audio",
    "phonetic",
];

/// Bytes of the mark that `text` begins with, such as `[music]`, `(laughs)`, `[00:12:34]` or `[NEW_PARAGRAPH]`.
pub(super) fn bracketed_mark(text: &str) -> Option<usize> {
    let (close, words_max) = match text.as_bytes().first()? {
        b'[' => (b']', SQUARE_WORDS_MAX),
        b'(' => (b')', ROUND_WORDS_MAX),
        _ => return None,
    };
    let inside = text
        .bytes()
        .skip(1)
        .take(MARK_BYTES_MAX)
        .position(|byte| byte == close)?;
    let inner = &text[1..=inside];
    (is_time(inner) || is_machine_mark(inner) || is_sound(inner, words_max)).then_some(inside + 2)
}

/// Whether a mark stands anywhere in the text.
pub(super) fn holds_mark(text: &str) -> bool {
    text.bytes()
        .enumerate()
        .filter(|(_, byte)| matches!(byte, b'[' | b'('))
        .any(|(at, _)| bracketed_mark(&text[at..]).is_some())
}

/// Whether a character opens an item of a list.
pub(super) fn is_bullet(c: char) -> bool {
    matches!(c, '•' | '‣' | '▪' | '●' | '◦' | '∙' | '■')
}

/// Whether a character is a dash of any length.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—')
}

/// `00:12:34`, `1:02.500 --> 1:04`
fn is_time(inner: &str) -> bool {
    inner.contains(':')
        && inner.starts_with(|c: char| c.is_ascii_digit())
        && inner
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b":.,-> ".contains(&byte))
}

/// `NEW_PARAGRAPH`, `BLANK_AUDIO`, `?`
fn is_machine_mark(inner: &str) -> bool {
    inner.starts_with('?')
        || (inner.contains('_') && !inner.bytes().any(|byte| byte.is_ascii_lowercase()))
}

fn is_sound(inner: &str, words_max: usize) -> bool {
    let mut sound = false;
    let mut words = 0;
    for word in inner.split_whitespace() {
        words += 1;
        sound |= SOUNDS.iter().any(|known| {
            word.get(..known.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(known))
        });
    }
    sound && words <= words_max
}
