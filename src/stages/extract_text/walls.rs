//! Pages that show a wall instead of their text are recognised.

use std::sync::LazyLock;

use regex::Regex;
use regex::RegexSet;
use scraper::Html;

use crate::stages::extract_text::NoText;
use crate::stages::extract_text::page;
use crate::stages::extract_text::pieces;
use crate::stages::extract_text::pieces::LineBreaks;
use crate::stages::extract_text::pieces::Piece;

/// Characters from which a text is an article in spite of what stands around it: previews are shorter.
const PREVIEW_CHARACTERS_MAX: usize = 6_000;
/// Characters up to which a text on a page declared as not free is a preview.
const DECLARED_PREVIEW_CHARACTERS_MAX: usize = 2_500;
/// Words up to which a piece can be the wall's sign rather than prose about such signs.
const SIGN_WORDS_MAX: usize = 40;
/// Characters up to which a page can be nothing but a consent box or a robot check.
const BOX_CHARACTERS_MAX: usize = 3_000;

static PAYWALL: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)\bthis (?:post|article|story|content|page|episode|essay) is (?:only )?(?:for|available to|reserved for|exclusive to|exclusively for) (?:our )?(?:paid |paying |premium )?(?:subscribers|members)",
        r"(?i)\b(?:subscribe|sign in|log in|sign up|register|upgrade|become a (?:paid )?(?:member|subscriber)|join|create (?:a|an|your)(?: free)? account)\b.{0,40}\bto (?:(?:continue|keep|finish) reading\b|continue$|unlock\b|(?:read|access|see) (?:the (?:full|rest|whole|entire)|this (?:post|article|story|content))\b)",
        r"(?i)\b(?:continue|keep) reading (?:this (?:post|article|story) )?(?:for free|with a|by subscribing|in the app)\b",
        r"(?i)\bto (?:continue|keep) reading,? (?:please )?(?:subscribe|sign in|log in|register|upgrade|become)\b",
        r"(?i)\byou(?:'|’)?(?:ve| have) (?:reached|used|read) (?:your|all|the) .{0,40}\b(?:limit|free (?:articles|stories|posts))",
        r"(?i)\bmade this story available to \S+ members only\b",
        r"(?i)^(?:unlock (?:this|the full) (?:post|article|story)|member-only story$|subscriber(?:s)?[- ]only (?:content|article|story))",
        r"(?i)\bthis (?:is a )?preview\b.{0,60}\b(?:subscribe|paid|upgrade)\b",
    ])
    .expect("the patterns are constants")
});
static DECLARED_NOT_FREE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)"isAccessibleForFree"\s*:\s*"?false"#).expect("the pattern is a constant")
});
static CONSENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:cookies?|consent|privacy|vendors|legitimate interest|personal(?:ised|ized) (?:ads|advertising|content))\b")
        .expect("the pattern is a constant")
});
static BROWSER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:enable javascript|javascript (?:is|must be) (?:disabled|enabled|required)|(?:verify|verifying|confirm) (?:that )?you are (?:a )?human|checking your browser|are you a robot|just a moment\.\.\.|unusual traffic)\b?")
        .expect("the pattern is a constant")
});

/// What the text of an article page is shut behind, if anything: `text` is what was found, `page` all of it.
pub(super) fn around(text: &[Piece], page: &Html, source: &str) -> Option<NoText> {
    let found = characters(text);
    if found > PREVIEW_CHARACTERS_MAX {
        return None;
    }
    let all = pieces::of_element(
        page.root_element(),
        page::is_machinery,
        LineBreaks::InParagraphs,
    );
    let signs = || {
        all.iter()
            .filter(|piece| piece.text.split_whitespace().nth(SIGN_WORDS_MAX).is_none())
    };
    if signs().any(|piece| PAYWALL.is_match(&fold(&piece.text)))
        || (found < DECLARED_PREVIEW_CHARACTERS_MAX && DECLARED_NOT_FREE.is_match(source))
    {
        return Some(NoText::Paywall);
    }
    let (about_consent, other): (Vec<&Piece>, Vec<&Piece>) =
        text.iter().partition(|piece| CONSENT.is_match(&piece.text));
    let length = |pieces: &[&Piece]| pieces.iter().map(|piece| piece.text.len()).sum::<usize>();
    if found < BOX_CHARACTERS_MAX && length(&about_consent) > length(&other) {
        return Some(NoText::CookieWall);
    }
    if found >= BOX_CHARACTERS_MAX / 10 {
        return None;
    }
    if characters(&all) < BOX_CHARACTERS_MAX {
        if all.iter().any(|piece| BROWSER.is_match(&piece.text))
            || BROWSER.is_match(&noscript(page))
        {
            return Some(NoText::NeedsBrowser);
        }
        if all
            .iter()
            .filter(|piece| CONSENT.is_match(&piece.text))
            .count()
            * 2
            > all.len()
        {
            return Some(NoText::CookieWall);
        }
    }
    None
}

/// Characters of the pieces.
pub(super) fn characters(pieces: &[Piece]) -> usize {
    pieces
        .iter()
        .map(|piece| piece.text.trim().chars().count())
        .sum()
}

fn fold(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the page says to browsers without scripts.
fn noscript(page: &Html) -> String {
    let elements = page.tree.nodes().filter_map(scraper::ElementRef::wrap);
    elements
        .filter(|element| element.value().name() == "noscript")
        .flat_map(|element| element.text())
        .collect()
}
