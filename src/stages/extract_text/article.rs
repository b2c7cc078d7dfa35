//! An article page in, its text without what stands around it out.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use dom_smoothie::Readability;
use scraper::Html;
use trafilatura::ExtractionFocus;
use trafilatura::Options;
use url::Url;

use crate::stages::extract_text::ARTICLE_NODES_MAX;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::furniture;
use crate::stages::extract_text::page;
use crate::stages::extract_text::pieces;
use crate::stages::extract_text::pieces::LineBreaks;
use crate::stages::extract_text::pieces::Piece;
use crate::stages::extract_text::walls;
use crate::stages::extract_text::within;

/// Characters below which a result is no article, and the second way is tried: error pages are shorter than this.
const ARTICLE_CHARACTERS_MIN: usize = 200;
/// Ampersands up to which the second extractor is tried: it takes quadratic time over them, and articles have hundreds.
const AMPERSANDS_MAX: usize = 10_000;

/// The pieces of the article on a page: what the operator's selector names, else what the most precise extractor measured
/// finds, else what the second one finds.
pub(super) fn pieces(
    source: &str,
    selector: Option<&str>,
    url: Option<&Url>,
) -> Result<Vec<Piece>, NoText> {
    let page = page::parse(source)?;
    if let Some(selector) = selector {
        let text = furniture::without(selected(&page, selector)?);
        return finished(text, &page, source, 1);
    }
    within(
        page.tree.nodes().len(),
        ARTICLE_NODES_MAX,
        "nodes in the page",
    )?;
    let mut text = furniture::without(precise(source));
    let few_ampersands = source.bytes().filter(|&byte| byte == b'&').count() <= AMPERSANDS_MAX;
    if walls::characters(&text) < ARTICLE_CHARACTERS_MIN && few_ampersands {
        let second = furniture::without(readable(source, url));
        if walls::characters(&second) > walls::characters(&text) {
            text = second;
        }
    }
    finished(text, &page, source, ARTICLE_CHARACTERS_MIN)
}

/// The pieces of what a selector names.
pub(super) fn selected(page: &Html, selector: &str) -> Result<Vec<Piece>, NoText> {
    let found = page::select(page, selector)?;
    let pieces = |element| pieces::of_element(element, page::is_no_prose, LineBreaks::InParagraphs);
    Ok(found.into_iter().flat_map(pieces).collect())
}

fn finished(
    text: Vec<Piece>,
    page: &Html,
    source: &str,
    characters_min: usize,
) -> Result<Vec<Piece>, NoText> {
    if let Some(wall) = walls::around(&text, page, source) {
        return Err(wall);
    }
    if walls::characters(&text) < characters_min {
        return Err(NoText::NothingReadable);
    }
    Ok(text)
}

/// The extractors are other people's code on other people's pages: a panic there means that they found nothing.
fn precise(source: &str) -> Vec<Piece> {
    let options = Options::default()
        .with_focus(ExtractionFocus::FavorPrecision)
        .with_exclude_comments(true);
    let found = catch_unwind(AssertUnwindSafe(|| trafilatura::extract(source, &options)));
    let Ok(Ok(found)) = found else {
        return Vec::new();
    };
    pieces::of_fragment(&found.content_html).unwrap_or_default()
}

fn readable(source: &str, url: Option<&Url>) -> Vec<Piece> {
    let found = catch_unwind(AssertUnwindSafe(|| {
        Readability::new(source, url.map(Url::as_str), None).and_then(|mut page| page.parse())
    }));
    let Ok(Ok(found)) = found else {
        return Vec::new();
    };
    pieces::of_fragment(&found.content).unwrap_or_default()
}
