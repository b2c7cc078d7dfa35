//! Words from outside made safe to stand in one line of a mail.

use std::borrow::Cow;

/// Marks on one letter, such as accents; no script stacks more, and a pile of them is drawn over the lines around it.
const MARKS_MAX: usize = 4;

/// `text` as one line of at most `characters_max` characters: white space folded, what is not seen or turns the direction
/// of what follows left out, and what is too long cut after a word, with an ellipsis. Empty where nothing can be seen.
pub(super) fn one_line(text: &str, characters_max: usize) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let start = line.len();
        if !line.is_empty() {
            line.push(' ');
        }
        let before_word = line.len();
        let mut marks = 0;
        for c in word.chars().filter(|c| !has_no_place(*c)) {
            marks = if is_mark(c) { marks + 1 } else { 0 };
            if marks <= MARKS_MAX {
                line.push(c);
            }
        }
        if line.len() == before_word {
            line.truncate(start);
        }
    }
    if !line.chars().any(is_seen) {
        line.clear();
    }
    shorten(line, characters_max)
}

/// `line` cut after its last whole word within `characters_max` characters, or within the word where it is one long word.
pub(super) fn shorten(mut line: String, characters_max: usize) -> String {
    if line.chars().count() <= characters_max {
        return line;
    }
    let room = characters_max.saturating_sub(1); // for the ellipsis
    let cut = line
        .char_indices()
        .nth(room)
        .map_or(line.len(), |(at, _)| at);
    // the next word may begin just behind the cut
    let at_word = if line[cut..].starts_with(' ') {
        Some(cut)
    } else {
        line[..cut].rfind(' ').filter(|at| *at > cut / 2)
    };
    line.truncate(at_word.unwrap_or(cut));
    let kept = line
        .trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-".contains(c) || c == JOINER)
        .len();
    line.truncate(kept);
    line.push('…');
    line
}

/// `piece` for a line in which other words stand beside it. Words that run from right to left would draw the marks and
/// numbers beside them to their own side, so they stand in an isolate (Unicode UAX #9 §2.4.2).
pub(super) fn isolated(piece: &str) -> Cow<'_, str> {
    if piece.chars().any(runs_leftwards) {
        Cow::Owned(format!("\u{2068}{piece}\u{2069}"))
    } else {
        Cow::Borrowed(piece)
    }
}

/// Where a line may break within the words of `text` that are too long for a line of a phone, as byte positions. Only in
/// words of alphabets that are written in separate letters with spaces between the words; others break by their own rules.
pub(super) fn breaks(text: &str) -> Vec<usize> {
    const WHOLE_MAX: usize = 24; // characters of a word that fits
    const APART: usize = 10; // characters between two places to break: the widest letters, large, in 320 pixels
    let mut breaks = Vec::new();
    let mut at = 0;
    for word in text.split(' ') {
        if word.chars().count() > WHOLE_MAX {
            let mut before = JOINER;
            for (nth, (offset, c)) in word.char_indices().enumerate() {
                let is_plain = |c: char| c < '\u{590}' && !is_mark(c);
                if nth > 0 && nth % APART == 0 && is_plain(before) && is_plain(c) {
                    breaks.push(at + offset);
                }
                before = c;
            }
        }
        at += word.len() + 1;
    }
    breaks
}

/// Makes one picture of two, such as a family of four faces, or one shape of two letters.
const JOINER: char = '\u{200D}';

/// Embeddings, overrides and isolates (Unicode UAX #9 §2) reach over the words around them. The others are not seen
/// anywhere: marks of byte order and of lines of notes, soft hyphens, breaks and joints of no width, the tags in which
/// text can be hidden.
fn has_no_place(c: char) -> bool {
    matches!(
        c,
        '\u{202A}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{AD}'
            | '\u{180E}'
            | '\u{200B}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

/// Whether a reader sees anything of it by itself.
fn is_seen(c: char) -> bool {
    !c.is_whitespace()
        && !is_mark(c)
        && !matches!(
            c,
            '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{200C}'..='\u{200F}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{FE00}'..='\u{FE0F}'
                | '\u{FFA0}'
        )
}

/// The blocks of combining marks that go with any letter (Unicode chapter 7.9).
fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36F}'
            | '\u{483}'..='\u{489}'
            | '\u{1AB0}'..='\u{1AFF}'
            | '\u{1DC0}'..='\u{1DFF}'
            | '\u{20D0}'..='\u{20FF}'
            | '\u{FE20}'..='\u{FE2F}'
    )
}

/// The blocks of scripts that run from right to left, and the mark that stands for a letter of them.
fn runs_leftwards(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{8FF}'
            | '\u{200F}'
            | '\u{FB1D}'..='\u{FDFF}'
            | '\u{FE70}'..='\u{FEFE}'
            | '\u{10800}'..='\u{10FFF}'
            | '\u{1E800}'..='\u{1EFFF}'
    )
}
