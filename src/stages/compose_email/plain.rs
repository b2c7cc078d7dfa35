//! Words from outside made safe to stand in one line of a mail.

/// `text` as one line of at most `characters_max` characters: white space folded, control characters and those that turn
/// the direction of what follows left out, and what is too long cut after a word, with an ellipsis.
pub(super) fn one_line(text: &str, characters_max: usize) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let start = line.len();
        if !line.is_empty() {
            line.push(' ');
        }
        let before_word = line.len();
        line.extend(word.chars().filter(|c| !turns_direction(*c)));
        if line.len() == before_word {
            line.truncate(start);
        }
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
    let at_word = line[..cut].rfind(' ').filter(|at| *at > cut / 2);
    line.truncate(at_word.unwrap_or(cut));
    let kept = line
        .trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-".contains(c))
        .len();
    line.truncate(kept);
    line.push('…');
    line
}

/// Embeddings, overrides and isolates (Unicode UAX #9 §2) reach over the words around them; a byte order mark and the
/// interlinear marks are not text at all.
fn turns_direction(c: char) -> bool {
    matches!(
        c,
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
    )
}
