//! Show notes in, the takeaways that may be quoted out: blurbs, link lists, time stamps, sponsors and lives never.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::BlockKind;

use crate::stages::extract_text::NoText;
use crate::stages::extract_text::furniture;
use crate::stages::extract_text::page;
use crate::stages::extract_text::pieces;
use crate::stages::extract_text::pieces::LineBreaks;
use crate::stages::extract_text::pieces::Piece;
use crate::stages::extract_text::plain;

/// Words of a heading; a longer line is a sentence.
const HEADING_WORDS_MAX: usize = 10;
/// Words below which an item names a topic rather than say something about it.
const ITEM_WORDS_MIN: usize = 5;

/// "What you'll learn" and "In this episode" are not among them: topics of a blurb, not what was said.
static TAKEAWAYS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^(?:(?:our|my|the|some|\w+['’]s|episode|show|a few|top|\d+|three|five|seven|ten)\s+){0,3}(?:(?:key|main|top|big|biggest|major|core|important|actionable|practical)\s+)?(?:takeaways?|take-aways?|lessons?(?: learned| learnt)?|learnings|highlights|(?:key|main|top|biggest|core)\s+(?:insights?|points|ideas))\b(?:\s+(?:from|of|in|for)\b.*)?\s*(?:\([^)]*\))?\s*[:：]?$",
    )
    .expect("the pattern is a constant")
});
static NO_TAKEAWAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)https?://|\bwww\.|^\W*\d{1,2}:\d{2}|\bsponsor|brought to you by|\b(?:promo|discount|coupon)? ?code\b.{0,20}\b[A-Z0-9]{4,}",
        r"|\b\d+ ?% off\b|\bfree trial\b|\bsign up\b|\bsubscribe\b|\bfollow (?:us|me|him|her|them|the show)\b|\bad choices\b",
        r"|^(?:[A-Z]\S+ ){1,3}is (?:the |a |an )?(?:co-?)?(?:founder|ceo|cto|cpo|author|host|head|vp|director|chief|partner|coach)\b"
    ))
    .expect("the pattern is a constant")
});

/// What stands under headings or bold lead-ins such as "Key takeaways", "Lessons" or "Highlights", up to the next one.
pub(super) fn takeaways(html: &str) -> Result<Vec<Piece>, NoText> {
    let page = page::parse(html)?;
    let all = pieces::of_element(
        page.root_element(),
        page::is_no_prose,
        LineBreaks::EndPieces,
    );
    let mut found = Vec::new();
    let mut quotable = false;
    for piece in all {
        let (heading, words) = lead_in(&piece);
        if let Some(heading) = heading {
            quotable = TAKEAWAYS.is_match(heading);
        }
        let item = match plain::list_item(words) {
            Some(words) => Piece {
                kind: BlockKind::ListItem,
                text: words.to_owned(),
                ..piece
            },
            None => Piece {
                text: words.to_owned(),
                ..piece
            },
        };
        if quotable && is_takeaway(&item) {
            found.push(item);
        }
    }
    if found.is_empty() {
        return Err(NoText::NotesWithoutTakeaways);
    }
    Ok(found)
}

/// The heading that a piece is, or begins with, and the words after it.
fn lead_in(piece: &Piece) -> (Option<&str>, &str) {
    let text = piece.text.trim();
    let short = |text: &str| text.split_whitespace().nth(HEADING_WORDS_MAX).is_none();
    let heading = text.trim_start_matches(|letter: char| !letter.is_alphanumeric());
    if piece.kind == BlockKind::Heading
        || (short(text) && text.ends_with(':'))
        || TAKEAWAYS.is_match(heading)
    {
        return (Some(heading), "");
    }
    if let Some((before, after)) = heading.split_once(':')
        && TAKEAWAYS.is_match(before)
    {
        return (Some(before), after);
    }
    (None, text)
}

fn is_takeaway(piece: &Piece) -> bool {
    let letters = piece
        .text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count();
    let linked = piece.linked * 2 > letters;
    piece
        .text
        .split_whitespace()
        .nth(ITEM_WORDS_MIN - 1)
        .is_some()
        && !linked
        && !NO_TAKEAWAY.is_match(piece.text.trim())
        && !furniture::is_furniture(&piece.text)
}
