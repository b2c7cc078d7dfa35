//! Pages that show a wall instead of their text are recognised.

use std::sync::LazyLock;

use regex::Regex;
use regex::RegexSet;
use scraper::ElementRef;
use scraper::Html;

use crate::stages::extract_text::NoText;
use crate::stages::extract_text::declared;
use crate::stages::extract_text::declared::ArticleData;
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
/// Pieces between which a wall's sign and the end of the text before it lie: the sign may be taken for part of the text, and
/// a heading and a price list may stand between them.
const PIECES_BEFORE_THE_END_MAX: usize = 5;
const PIECES_AFTER_THE_END_MAX: usize = 15;
/// Bytes of a part that is said not to be free from which it is there all the same: two paragraphs.
const SHUT_PART_BYTES_MIN: usize = 600;
/// Characters up to which a page can be nothing but a consent box or a robot check.
const BOX_CHARACTERS_MAX: usize = 3_000;
/// Characters that such a check or a form for passwords can have in its middle.
const CHECK_CHARACTERS_MAX: usize = 1_500;
/// Words on a button.
const BUTTON_WORDS_MAX: usize = 5;

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
/// What a consent box says, and an article about such boxes does not: it speaks for the site, to the reader.
static CONSENT: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)\b(?:we|our partners|partners|this (?:web)?site|our (?:web)?site|vendors)\b.{0,60}\b(?:use|uses|store|stores|set|sets|access|process|share)\b.{0,60}\b(?:cookies|personal data|information on (?:a|your) device|similar technolog)",
        r"(?i)\b(?:your|withdraw|change|manage) (?:consent|choices|preferences|privacy (?:choices|settings))\b.{0,80}\b(?:cookies?|vendors|partners|privacy|any time|settings|withdraw|purposes)\b",
        r"(?i)\bby (?:clicking|choosing|continuing|accepting|using)\b.{0,80}\b(?:cookies|consent|agree)\b",
        r"(?i)\b(?:legitimate interests?|data processing purposes|strictly necessary cookies|personali[sz]ed (?:ads|advertising))\b",
    ])
    .expect("the patterns are constants")
});
/// What its buttons say.
static CONSENT_BUTTON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:i )?(?:accept|agree|reject|allow|manage|decline|got it|ok|okay|continue|customi[sz]e|only|save|consent|more options|yes)\b")
        .expect("the pattern is a constant")
});
static BROWSER: LazyLock<RegexSet> = LazyLock::new(|| {
    RegexSet::new([
        r"(?i)\benable (?:javascript|js)\b|\bjavascript (?:is|must be|appears to be) (?:disabled|enabled|required|turned off)\b",
        r"(?i)\b(?:verify|verifying|confirm|prove|ensure|check) (?:that )?you(?: are|'re|’re) (?:a |not a )?(?:human|robot|bot)\b",
        r"(?i)\bchecking (?:your browser|if the site connection is secure)\b|\breview the security of your connection\b",
        r"(?i)\bare you a (?:robot|human)\b|\bmade us think (?:that )?you (?:were|are) a (?:bot|robot)\b|\bunusual (?:traffic|activity)\b",
        r"(?i)\bpress (?:&|and) hold\b|\bcomplete the (?:security check|captcha)\b|\bddos protection\b|\bblocked by network security\b",
    ])
    .expect("the patterns are constants")
});
/// Titles of pages that stand in for others.
static CHECK_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\W*(?:just a moment|attention required|access (?:to this page )?(?:has been )?denied|pardon our interruption|are you a (?:robot|human)|robot check|human verification|(?:security|bot) (?:check|verification)|one moment,? please|verif(?:y|ying) you are|captcha|ddos-guard|please wait|checking your browser|error 1020|you (?:have been|are being) (?:blocked|rate limited)|429 |too many requests)",
    )
    .expect("the pattern is a constant")
});
/// Titles of pages that are not there.
static ERROR_TITLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)^\W*(?:(?:http )?(?:error )?(?:40[0-9]|410|451|50[0-4])\b|(?:(?:this|the) )?page (?:was )?(?:not found|unavailable|gone|missing)|not found\b|page (?:can(?:no|['’])t|could not) be found|(?:temporarily |content )?unavailable\b)",
    )
    .expect("the pattern is a constant")
});
/// What a page says to those who live elsewhere.
static ELSEWHERE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bunavailable (?:due to|for) legal reasons\b|\b(?:not|un)(?: |-)?available (?:in|to (?:readers|visitors|users) in) (?:your|most) (?:country|region|location|european)|\bfrom a country (?:belonging to|in) the european\b")
        .expect("the pattern is a constant")
});
/// What a page says to those whom it does not know.
static SIGN_IN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^(?:forgot(?:ten)?(?: your)? (?:password|username)|(?:sign|log) in(?: to| with| using|$)|don['’]t have an account|new (?:to|here)\b.{0,40}(?:join|sign up|register|create)|remember me|create (?:an|your) account)")
        .expect("the pattern is a constant")
});

/// What the text of an article page is shut behind, if anything: `text` is what was found, `page` all of it.
pub(super) fn around(text: &[Piece], page: &Html) -> Option<NoText> {
    let found = characters(text);
    if found > PREVIEW_CHARACTERS_MAX {
        return None;
    }
    let all = pieces::of_element(
        page.root_element(),
        page::is_machinery,
        LineBreaks::InParagraphs,
    );
    let said = declared::article_data(page);
    if !is_whole(text, page, &said) {
        let declared = said.not_free && found < DECLARED_PREVIEW_CHARACTERS_MAX;
        if declared || has_sign(text, &all, page) {
            return Some(NoText::Paywall);
        }
    }
    if found < BOX_CHARACTERS_MAX && is_consent_box(text, &all) {
        return Some(NoText::CookieWall);
    }
    if found < CHECK_CHARACTERS_MAX && characters(&all) < BOX_CHARACTERS_MAX {
        if is_check(found, page, &all) {
            return Some(NoText::NeedsBrowser);
        }
        if found < BOX_CHARACTERS_MAX / 5 && is_sign_in(page, &all) {
            return Some(NoText::Paywall);
        }
        if is_not_there(found, page, &all) {
            return Some(NoText::NothingReadable);
        }
    }
    None
}

/// Whether the page's own data say that this is all of it: at least three quarters of the words it counts, or the part
/// that is not free stands on the page.
fn is_whole(text: &[Piece], page: &Html, said: &ArticleData) -> bool {
    let words: usize = text
        .iter()
        .map(|piece| piece.text.split_whitespace().count())
        .sum();
    if said.words.is_some_and(|count| count > 0) {
        return said.words.is_some_and(|count| words * 4 >= count * 3);
    }
    said.shut_parts.iter().any(|selector| {
        let parts = page::select(page, selector).unwrap_or_default();
        let letters = parts.iter().flat_map(|part| {
            pieces::of_element(*part, page::is_no_prose, LineBreaks::InParagraphs)
        });
        letters.map(|piece| piece.text.trim().len()).sum::<usize>() >= SHUT_PART_BYTES_MIN
    })
}

/// Whether a sign stands where the text ends. Those in boxes that lie over the page are shown by scripts to whom the site
/// likes, so they count only where the text breaks off.
fn has_sign(text: &[Piece], all: &[Piece], page: &Html) -> bool {
    let is_sign = |piece: &&Piece| {
        piece.text.split_whitespace().nth(SIGN_WORDS_MAX).is_none()
            && PAYWALL.is_match(&fold(&piece.text))
    };
    if !all.iter().any(|piece| is_sign(&piece)) {
        return false;
    }
    if breaks_off(text) {
        return true;
    }
    let below = pieces::of_element(
        page.root_element(),
        page::is_machinery_or_overlay,
        LineBreaks::InParagraphs,
    );
    let last = text.last().map(|piece| fold(&piece.text));
    let end = last.and_then(|last| below.iter().rposition(|piece| fold(&piece.text) == last));
    let near = match end {
        Some(end) => {
            let from = end.saturating_sub(PIECES_BEFORE_THE_END_MAX);
            &below[from..below.len().min(end + PIECES_AFTER_THE_END_MAX)]
        }
        None => &below[..],
    };
    near.iter().any(|piece| is_sign(&piece))
}

/// Whether the last sentence has no end.
fn breaks_off(text: &[Piece]) -> bool {
    text.last().is_none_or(|piece| {
        let words = piece.text.trim_end();
        words.ends_with(['…', ',']) || words.ends_with("...") || words.ends_with("[…]")
    })
}

fn is_consent_box(text: &[Piece], all: &[Piece]) -> bool {
    let speaks_of_consent = |piece: &&Piece| CONSENT.is_match(&fold(&piece.text));
    let told = if text.is_empty() { all } else { text };
    let (about_consent, other): (Vec<&Piece>, Vec<&Piece>) =
        told.iter().partition(speaks_of_consent);
    let length = |pieces: &[&Piece]| pieces.iter().map(|piece| piece.text.len()).sum::<usize>();
    let has_button = all.iter().any(|piece| {
        let short = piece
            .text
            .split_whitespace()
            .nth(BUTTON_WORDS_MAX)
            .is_none();
        short && CONSENT_BUTTON.is_match(piece.text.trim())
    });
    let (about_consent, other) = (length(&about_consent), length(&other));
    // a button says it, or nothing else is said
    (about_consent > other * 4 || (has_button && about_consent > other))
        && (!text.is_empty() || characters(all) < BOX_CHARACTERS_MAX)
}

/// Whether the page looks at its reader instead of being read.
fn is_check(found: usize, page: &Html, all: &[Piece]) -> bool {
    let title = title(page);
    if found < BOX_CHARACTERS_MAX / 5 && CHECK_TITLE.is_match(title.trim()) {
        return true;
    }
    let says = |words: &str| BROWSER.is_match(&fold(words));
    if found < BOX_CHARACTERS_MAX / 10 {
        return all.iter().any(|piece| says(&piece.text)) || says(&noscript(page));
    }
    // a longer one says it at once
    all.iter().take(3).any(|piece| says(&piece.text))
}

/// Whether this is what a site says in the place of a page.
fn is_not_there(found: usize, page: &Html, all: &[Piece]) -> bool {
    let first = || all.iter().take(3);
    (found < BOX_CHARACTERS_MAX / 5 && ERROR_TITLE.is_match(title(page).trim()))
        || first().any(|piece| ELSEWHERE.is_match(&fold(&piece.text)))
}

/// Whether there is little but a form that asks for a password.
fn is_sign_in(page: &Html, all: &[Piece]) -> bool {
    let asks = page
        .tree
        .nodes()
        .filter_map(ElementRef::wrap)
        .any(|element| {
            element.value().name() == "input"
                && element
                    .attr("type")
                    .is_some_and(|kind| kind.eq_ignore_ascii_case("password"))
        });
    asks && all.iter().any(|piece| SIGN_IN.is_match(&fold(&piece.text)))
}

fn title(page: &Html) -> String {
    let elements = page.tree.nodes().filter_map(ElementRef::wrap);
    elements
        .filter(|element| element.value().name() == "title")
        .take(1)
        .flat_map(|element| element.text())
        .collect()
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
    let elements = page.tree.nodes().filter_map(ElementRef::wrap);
    elements
        .filter(|element| element.value().name() == "noscript")
        .flat_map(|element| element.text())
        .collect()
}
