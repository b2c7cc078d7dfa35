//! Markdown's inline marks in, the words that a reader sees out.

use crate::stages::extract_text::captions;

/// Bytes of the longest address in a link; looking further for each bracket would take quadratic time.
const ADDRESS_BYTES_MAX: usize = 2_000;
/// Bytes of the longest inline tag.
const TAG_BYTES_MAX: usize = 500;

/// The words of a paragraph: links and emphasis by their text, code by its words, pictures, footnote marks and tags gone.
pub(super) fn words(text: &str) -> String {
    let closing = closing_brackets(text);
    let mut shown = String::with_capacity(text.len());
    // where link texts end: their closing bracket, and the byte after their address
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if let Some(&(close, after)) = ends.last()
            && at >= close
        {
            ends.pop();
            at = after.max(at);
            continue;
        }
        let rest = &text[at..];
        let first = rest.as_bytes()[0];
        at += match first {
            b'\\' => escaped(rest, &mut shown),
            b'`' => code(rest, &mut shown),
            b'!' if rest[1..].starts_with('[') => match closing.get(&(at + 1)) {
                Some(&close) => after_target(text, close) - at,
                None => keep(rest, &mut shown),
            },
            b'[' => match closing.get(&at) {
                Some(_) if rest[1..].starts_with('^') => after_target(text, closing[&at]) - at,
                Some(&close) if text[close + 1..].starts_with(['(', '[']) => {
                    ends.push((close, after_target(text, close)));
                    1
                }
                _ => keep(rest, &mut shown),
            },
            b'<' => tag(rest, &mut shown),
            b'&' => {
                let (letters, length) = captions::entity(rest);
                shown.push_str(&letters);
                length
            }
            b'*' | b'_' | b'~' => emphasis(text, at, &mut shown),
            _ => keep(rest, &mut shown),
        };
    }
    shown
}

/// Each opening bracket with its closing one.
fn closing_brackets(text: &str) -> std::collections::BTreeMap<usize, usize> {
    let mut open = Vec::new();
    let mut pairs = std::collections::BTreeMap::new();
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\\' => {
                escaped = !escaped;
                continue;
            }
            b'[' if !escaped => open.push(at),
            b']' if !escaped => {
                if let Some(opened) = open.pop() {
                    pairs.insert(opened, at);
                }
            }
            _ => {}
        }
        escaped = false;
    }
    pairs
}

/// The byte after `](address)`, `][label]` or the bracket alone.
fn after_target(text: &str, close: usize) -> usize {
    let after = close + 1;
    let rest = &text[after..text.floor_char_boundary(after + ADDRESS_BYTES_MAX)];
    let (open, shut) = match rest.bytes().next() {
        Some(b'(') => (b'(', b')'),
        Some(b'[') => (b'[', b']'),
        _ => return after,
    };
    let mut depth = 0_usize;
    for (at, byte) in rest.bytes().enumerate() {
        if byte == open {
            depth += 1;
        } else if byte == shut {
            depth -= 1;
            if depth == 0 {
                return after + at + 1;
            }
        }
    }
    after
}

fn keep(rest: &str, shown: &mut String) -> usize {
    let length = rest.chars().next().map_or(1, char::len_utf8);
    shown.push_str(&rest[..length]);
    length
}

fn escaped(rest: &str, shown: &mut String) -> usize {
    match rest[1..].chars().next().filter(char::is_ascii_punctuation) {
        Some(letter) => {
            shown.push(letter);
            2
        }
        None => keep(rest, shown),
    }
}

fn code(rest: &str, shown: &mut String) -> usize {
    let ticks = rest.bytes().take_while(|&byte| byte == b'`').count();
    let inside = &rest[ticks..rest.floor_char_boundary(ticks + ADDRESS_BYTES_MAX)];
    if let Some(length) = inside.find(&rest[..ticks]) {
        shown.push_str(&inside[..length]);
        return length + 2 * ticks;
    }
    shown.push_str(&rest[..ticks]);
    ticks
}

/// A tag shows nothing, except that `<br>` parts words; a sign that opens none is itself.
fn tag(rest: &str, shown: &mut String) -> usize {
    let head = &rest[..rest.floor_char_boundary(TAG_BYTES_MAX)];
    let opens = head[1..].starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '/');
    let Some(close) = head.find('>').filter(|_| opens) else {
        return keep(rest, shown);
    };
    if head[1..].to_ascii_lowercase().starts_with("br") {
        shown.push('\n');
    }
    close + 1
}

/// A run of marks that touches a word on one side is emphasis; between spaces it is itself, and so is `_` inside a word.
fn emphasis(text: &str, at: usize, shown: &mut String) -> usize {
    let mark = text.as_bytes()[at];
    let length = text[at..].bytes().take_while(|&byte| byte == mark).count();
    let before = text[..at].chars().next_back();
    let after = text[at + length..].chars().next();
    let space = |letter: Option<char>| letter.is_none_or(char::is_whitespace);
    let word = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    let is_itself = match mark {
        b'_' => (space(before) && space(after)) || (word(before) && word(after)),
        b'~' => length != 2,
        _ => space(before) && space(after),
    };
    if is_itself {
        shown.push_str(&text[at..at + length]);
    }
    length
}
