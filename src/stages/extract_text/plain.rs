//! Plain text in, its paragraphs, list items and headings out.

use crate::model::BlockKind;

use crate::stages::extract_text::pieces::Piece;

/// Characters up to which a line may have been wrapped by hand; longer ones are paragraphs by themselves.
const WRAPPED_LINE_CHARACTERS_MAX: usize = 100;
/// Words up to which a line by itself, without a full stop, is a heading.
const HEADING_WORDS_MAX: usize = 10;

/// The pieces of a plain text: blank lines part paragraphs; inside such a block lines are joined when they look wrapped,
/// and are paragraphs of their own when they are long or when each ends a sentence.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let mut pieces = Vec::new();
    for block in lines.split(|line| line.is_empty()) {
        add_block(block, &mut pieces);
    }
    pieces
}

/// The words of a list item without its bullet or number; none where the line is no item.
pub(super) fn list_item(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = match line.strip_prefix(['-', '*', '+', '•', '‣', '●', '▪', '◦', '·', '–', '—'])
    {
        Some(rest) => rest,
        None => line
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .strip_prefix(['.', ')'])?,
    };
    let numbered = line.starts_with(|letter: char| letter.is_ascii_digit());
    // "1987. It was …" is a sentence
    if numbered && line.find(['.', ')']).is_none_or(|digits| digits > 2) {
        return None;
    }
    let words = rest.trim_start();
    (rest.starts_with(char::is_whitespace)
        && !words.is_empty()
        && (numbered || !line.starts_with(['.', ')'])))
    .then_some(words)
}

fn add_block(block: &[&str], pieces: &mut Vec<Piece>) {
    let wrapped = is_wrapped(block);
    let mut open: Option<Piece> = None;
    for line in block {
        if let Some(item) = list_item(line) {
            pieces.extend(open.replace(Piece::new(BlockKind::ListItem, item)));
        } else if let Some(piece) = open.as_mut().filter(|_| wrapped) {
            piece.text.push(' ');
            piece.text.push_str(line);
        } else {
            pieces.extend(open.replace(Piece::new(kind(line, block.len()), *line)));
        }
    }
    pieces.extend(open);
}

/// Whether the lines of a block were broken for width rather than meaning.
fn is_wrapped(block: &[&str]) -> bool {
    let Some((_, before)) = block.split_last() else {
        return false;
    };
    let ends_sentence = |line: &&str| line.ends_with(['.', '!', '?', '”', '"', ':']);
    block
        .iter()
        .all(|line| line.chars().nth(WRAPPED_LINE_CHARACTERS_MAX).is_none())
        && !before.iter().all(ends_sentence)
}

fn kind(line: &str, lines_in_block: usize) -> BlockKind {
    let short = line.split_whitespace().nth(HEADING_WORDS_MAX).is_none();
    let open_ended = !line.ends_with(['.', '!', '?', '…', '”', '"', ')', ',', ';']);
    if lines_in_block == 1 && short && open_ended {
        BlockKind::Heading
    } else {
        BlockKind::Paragraph
    }
}
