//! Feed content that only teases the linked article is told from content that is the article.

use std::sync::LazyLock;

use regex::Regex;

use crate::stages::extract_text::furniture;
use crate::stages::extract_text::pieces;

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
    let Ok(all) = pieces::of_fragment(html) else {
        // too large or too deep to be a teaser; reading it will say so
        return false;
    };
    let last = all
        .iter()
        .rfind(|piece| !is_source_line(&piece.text))
        .map(|piece| piece.text.trim().to_owned());
    let kept = furniture::without(all);
    let characters: usize = kept.iter().map(|piece| piece.text.chars().count()).sum();
    if characters < TEASER_CHARACTERS_MAX {
        return true;
    }
    characters < ARTICLE_CHARACTERS_MIN
        && last.is_some_and(|last| GOES_ON_ELSEWHERE.is_match(&last))
}

/// The line that blog programs add below a teaser and below a whole article alike.
fn is_source_line(text: &str) -> bool {
    text.contains("appeared first on") || text.contains("first appeared on")
}
