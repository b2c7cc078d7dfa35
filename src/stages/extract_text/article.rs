//! An article page in, its text without what stands around it out.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use dom_smoothie::Readability;
use scraper::ElementRef;
use scraper::Html;
use trafilatura::ExtractionFocus;
use trafilatura::HtmlDateMode;
use trafilatura::Options;
use url::Url;

use crate::stages::extract_text::ARTICLE_NODES_MAX;
use crate::stages::extract_text::Material;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::PageText;
use crate::stages::extract_text::declared;
use crate::stages::extract_text::furniture;
use crate::stages::extract_text::page;
use crate::stages::extract_text::pieces;
use crate::stages::extract_text::pieces::LineBreaks;
use crate::stages::extract_text::pieces::Piece;
use crate::stages::extract_text::verbatim;
use crate::stages::extract_text::walls;
use crate::stages::extract_text::within;

/// Characters below which a result is no article, and the second way is tried: error pages are shorter than this.
const ARTICLE_CHARACTERS_MIN: usize = 200;
/// Characters of a result below which the second extractor is asked whether the first was misled, as it is by pages
/// without paragraphs: what it takes instead are the teasers below the article.
const SECOND_OPINION_CHARACTERS_MAX: usize = 2_500;
/// How many times as much the second must have found where what the first found is in it: less is what the first left out
/// with reason.
const PART_TIMES_MIN: usize = 5;
/// Breaks of an element in which they end paragraphs: five of them.
const BREAKS_MIN: usize = 10;
/// How much, in per cent of what the extractor found, must stand between them to be believed against it.
const BREAKS_PERCENT_MIN: usize = 80;
/// Bytes of a piece that are looked for on the page to tell where it stands.
const PLACE_BYTES: usize = 60;
/// Words of the longest title, and pieces among which it stands.
const HEAD_WORDS_MAX: usize = 30;
const HEAD_PIECES_MAX: usize = 8;
/// Ampersands up to which the second extractor is tried: it takes quadratic time over them, and articles have hundreds.
const AMPERSANDS_MAX: usize = 10_000;

/// The pieces of the article on a page: what the operator's selector names, else what the most precise extractor measured
/// finds, else what the second one finds; on a page too large for either, what its markup calls the article.
pub(super) fn pieces(source: &str, material: &Material<'_>) -> Result<Vec<Piece>, NoText> {
    let page = page::parse(source)?;
    if let Some(selector) = material.selector {
        let text = furniture::without(selected(&page, selector)?);
        return finished(text, &page, material.wanted, 1);
    }
    let text = match within(
        page.tree.nodes().len(),
        ARTICLE_NODES_MAX,
        "nodes in the page",
    ) {
        Ok(()) => found(source, &page, material),
        Err(too_large) => furniture::without(marked_up(&page, material.wanted).ok_or(too_large)?),
    };
    let text = without_head(text, &page);
    finished(text, &page, material.wanted, ARTICLE_CHARACTERS_MIN)
}

/// The pieces of what a selector names.
pub(super) fn selected(page: &Html, selector: &str) -> Result<Vec<Piece>, NoText> {
    let found = page::select(page, selector)?;
    let pieces = |element| pieces::of_element(element, page::is_no_prose, LineBreaks::InParagraphs);
    Ok(found.into_iter().flat_map(pieces).collect())
}

/// What the extractors find.
fn found(source: &str, page: &Html, material: &Material<'_>) -> Vec<Piece> {
    let (skips, skips_found): (Skips, Skips) = match material.wanted {
        PageText::AnArticle => (page::is_no_text, page::is_no_prose),
        PageText::AllThatIsShown => (page::is_no_word, page::is_no_word),
    };
    let all = pieces::of_element(page.root_element(), skips, LineBreaks::InParagraphs);
    let clean = |chosen| furniture::without(verbatim::as_on_the_page(chosen, &all));
    let first = clean(precise(source, skips_found));
    let characters = walls::characters(&first);
    if let Some(text) = laid_out_by_breaks(page) {
        let text = furniture::without(text);
        if walls::characters(&text) * 100 > characters * BREAKS_PERCENT_MIN {
            return text;
        }
    }
    let few_ampersands = source.bytes().filter(|&byte| byte == b'&').count() <= AMPERSANDS_MAX;
    if characters >= SECOND_OPINION_CHARACTERS_MAX || !few_ampersands {
        return first;
    }
    let second = clean(readable(source, material.url, skips_found));
    let longer = walls::characters(&second);
    let better = if characters < ARTICLE_CHARACTERS_MIN {
        longer > characters
    } else {
        let times = if mostly_in(&first, &second) {
            PART_TIMES_MIN
        } else {
            1
        };
        longer > characters * times && begins_no_later(&second, &first, &all)
    };
    if better { second } else { first }
}

/// The text of a page on which paragraphs end with breaks, as on the pages of old: what stands in the element with the
/// most of them. The extractors lose or break up the paragraphs there in which a word is bold or a link.
fn laid_out_by_breaks(page: &Html) -> Option<Vec<Piece>> {
    let mut paragraphs = 0;
    let mut breaks: BTreeMap<_, usize> = BTreeMap::new();
    for node in page.tree.nodes() {
        let name = ElementRef::wrap(node).map(|element| element.value().name());
        match (name, node.parent()) {
            (Some("br"), Some(parent)) => *breaks.entry(parent.id()).or_default() += 1,
            (Some("p"), _) => paragraphs += 1,
            _ => {}
        }
    }
    // of equals the first on the page
    let (most, parent) = breaks
        .into_iter()
        .map(|(parent, count)| (count, Reverse(parent)))
        .max()?;
    if most < BREAKS_MIN || most < paragraphs * 4 {
        return None;
    }
    let element = page.tree.get(parent.0).and_then(ElementRef::wrap)?;
    let text = pieces::of_element(element, page::is_no_prose, LineBreaks::InParagraphs);
    (walls::characters(&text) >= ARTICLE_CHARACTERS_MIN).then_some(text)
}

/// Whether what was found second begins no further down on the page: teasers and comments stand below their article.
fn begins_no_later(second: &[Piece], first: &[Piece], page: &[Piece]) -> bool {
    let all: Vec<String> = page.iter().map(folded).collect();
    let place = |text: &[Piece]| {
        let piece = text
            .iter()
            .map(folded)
            .find(|piece| piece.len() >= PLACE_BYTES)?;
        let head = &piece[..piece.floor_char_boundary(PLACE_BYTES)];
        all.iter().position(|piece| piece.contains(head))
    };
    match (place(second), place(first)) {
        (Some(second), Some(first)) => second <= first,
        _ => false,
    }
}

/// Whether at least half of what was found first is in what was found second.
fn mostly_in(first: &[Piece], second: &[Piece]) -> bool {
    let all: Vec<String> = second.iter().map(folded).collect();
    let all = all.join(" ");
    let (mut letters, mut shared) = (0, 0);
    for piece in first.iter().map(folded) {
        letters += piece.len();
        if all.contains(&piece) {
            shared += piece.len();
        }
    }
    shared * 2 >= letters
}

fn folded(piece: &Piece) -> String {
    piece.text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text without what stands between the top of the page and its first sentence: the title, which is told apart from
/// the text, and lines without a letter.
fn without_head(mut text: Vec<Piece>, page: &Html) -> Vec<Piece> {
    let head = text
        .iter()
        .take_while(|piece| piece.text.split_whitespace().nth(HEAD_WORDS_MAX).is_none())
        .take(HEAD_PIECES_MAX)
        .count();
    if head == 0 {
        return text;
    }
    let titles = declared::titles(page);
    let mut nth = 0;
    text.retain(|piece| {
        nth += 1;
        let letters = letters_of(&piece.text);
        nth > head || !(letters.is_empty() || titles.iter().any(|title| is_titled(title, &letters)))
    });
    text
}

/// Whether a page with this title has that line for its title: "Title | Site" has "Title".
fn is_titled(title: &str, letters: &str) -> bool {
    let title = letters_of(title);
    title == letters || (title.starts_with(letters) && letters.len() * 2 >= title.len())
}

/// The letters of a line, in lower case; none where there are only signs and numbers.
fn letters_of(line: &str) -> String {
    if !line.chars().any(char::is_alphabetic) {
        return String::new();
    }
    line.chars()
        .filter(|letter| letter.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// What the markup says is the article: the one element that is called so, else the main one. Whoever wants all that is
/// shown gets the whole page where nothing is.
fn marked_up(page: &Html, wanted: PageText) -> Option<Vec<Piece>> {
    for selector in ["article", "main, [role=main]"] {
        if let Ok(found) = page::select(page, selector)
            && let [only] = found.as_slice()
        {
            let text = pieces::of_element(*only, page::is_no_prose, LineBreaks::InParagraphs);
            return Some(text);
        }
    }
    (wanted == PageText::AllThatIsShown).then(|| whole(page))
}

/// All words that a page shows, with its navigation, its tables and its code.
fn whole(page: &Html) -> Vec<Piece> {
    pieces::of_element(
        page.root_element(),
        page::is_machinery,
        LineBreaks::InParagraphs,
    )
}

fn finished(
    text: Vec<Piece>,
    page: &Html,
    wanted: PageText,
    characters_min: usize,
) -> Result<Vec<Piece>, NoText> {
    if wanted == PageText::AllThatIsShown {
        return Ok(if text.is_empty() { whole(page) } else { text });
    }
    if let Some(wall) = walls::around(&text, page) {
        return Err(wall);
    }
    if walls::characters(&text) < characters_min {
        return Err(NoText::NothingReadable);
    }
    Ok(text)
}

/// The extractors are other people's code on other people's pages: a panic there means that they found nothing.
fn precise(source: &str, skips: Skips) -> Vec<Piece> {
    let options = Options::default()
        .with_focus(ExtractionFocus::FavorPrecision)
        .with_exclude_comments(true)
        .with_html_date_mode(HtmlDateMode::Disabled);
    let found = catch_unwind(AssertUnwindSafe(|| trafilatura::extract(source, &options)));
    let Ok(Ok(found)) = found else {
        return Vec::new();
    };
    pieces_found(&found.content_html, skips)
}

fn readable(source: &str, url: Option<&Url>, skips: Skips) -> Vec<Piece> {
    let found = catch_unwind(AssertUnwindSafe(|| {
        Readability::new(source, url.map(Url::as_str), None).and_then(|mut page| page.parse())
    }));
    let Ok(Ok(found)) = found else {
        return Vec::new();
    };
    pieces_found(&found.content, skips)
}

fn pieces_found(html: &str, skips: Skips) -> Vec<Piece> {
    page::parse(html).map_or_else(
        |_| Vec::new(),
        |page| pieces::of_element(page.root_element(), skips, LineBreaks::InParagraphs),
    )
}

/// What of a page is passed over.
type Skips = fn(ElementRef<'_>) -> bool;
