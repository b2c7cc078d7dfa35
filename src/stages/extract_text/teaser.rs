//! Feed content that only teases the linked article is told from content that is the article.

use std::sync::LazyLock;

use regex::Regex;

use crate::stages::extract_text::furniture;
use crate::stages::extract_text::pieces;
use crate::stages::extract_text::pieces::Piece;

/// Characters below which content is a teaser whatever it says: not one paragraph of an article.
const TEASER_CHARACTERS_MAX: usize = 280;
/// Characters from which content that ends with "read more" is an article with a link below it.
const ARTICLE_CHARACTERS_MIN: usize = 4_000;

static GOES_ON_ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:\[…\]|\[\.\.\.\]|…|\.\.\.|(?:continue|keep) reading\b.{0,60}|read (?:more|on|the (?:full|rest|whole|entire|complete|original))\b.{0,80}|(?:view|see) (?:the )?(?:full |original )?(?:post|article|story)\b.{0,60}|click (?:here|through) to (?:read|continue)\b.{0,60}|more\s*(?:»|→|>>))[\s»→›>.)\]]*$",
    )
    .expect("the pattern is a constant")
});

/// Whether the content that a feed carries (HTML) only teases the linked article: it is very short, or it breaks off with
/// an ellipsis, "Read more" or "Continue reading".
pub fn is_teaser(html: &str) -> bool {
    // what is too large or too deep to be read is no teaser; reading it will say so
    pieces::of_fragment(html).is_ok_and(|all| article(all).is_none())
}

/// The pieces of an article without furniture; none where they only tease it.
pub(super) fn article(all: Vec<Piece>) -> Option<Vec<Piece>> {
    let last = all.iter().rfind(|piece| !is_source_line(&piece.text));
    let goes_on_elsewhere = last.is_some_and(|last| GOES_ON_ELSEWHERE.is_match(last.text.trim()));
    let kept = furniture::without(all);
    let characters: usize = kept.iter().map(|piece| piece.text.chars().count()).sum();
    let enough = if goes_on_elsewhere {
        ARTICLE_CHARACTERS_MIN
    } else {
        TEASER_CHARACTERS_MAX
    };
    (characters >= enough).then_some(kept)
}

/// The line that blog programs add below a teaser and below a whole article alike.
fn is_source_line(text: &str) -> bool {
    text.contains("appeared first on") || text.contains("first appeared on")
}
