//! HTML in, a tree out that is neither too large nor too deep, and a walk through it without recursion.

use html5ever::driver;
use html5ever::driver::ParseOpts;
use html5ever::driver::Parser;
use html5ever::tendril::StrTendril;
use html5ever::tendril::TendrilSink;
use scraper::ElementRef;
use scraper::Html;
use scraper::HtmlTreeSink;
use scraper::Node;
use scraper::Selector;

use crate::stages::extract_text::NoText;
use crate::stages::extract_text::PAGE_DEPTH_MAX;
use crate::stages::extract_text::PAGE_NODES_MAX;

/// Bytes given to the parser between two looks at the tree. A few bytes of HTML can stand for thousands of nodes (open
/// formatting elements are built again in every paragraph), so the looks must be frequent.
const PIECE_BYTES: usize = 1024;

/// Parses a page or a fragment of one. The limits hold while it is parsed: a bomb is stopped, not counted afterwards.
pub(super) fn parse(html: &str) -> Result<Html, NoText> {
    let mut parser = driver::parse_document(
        HtmlTreeSink::new(Html::new_document()),
        ParseOpts::default(),
    );
    let mut seen = 0;
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES));
        parser.process(StrTendril::from_slice(piece));
        seen = look(&parser, seen)?;
        rest = after;
    }
    let html = parser.finish();
    Ok(html)
}

/// The elements that `selector` names, without those inside another of them.
pub(super) fn select<'a>(html: &'a Html, selector: &str) -> Result<Vec<ElementRef<'a>>, NoText> {
    let css = Selector::parse(selector).map_err(|_| NoText::SelectorNotCss(selector.to_owned()))?;
    let mut found: Vec<ElementRef<'a>> = Vec::new();
    for element in html.select(&css) {
        // in document order, so an outer one comes before what is in it
        let inside = found
            .last()
            .is_some_and(|outer| element.ancestors().any(|node| node.id() == outer.id()));
        if !inside {
            found.push(element);
        }
    }
    if found.is_empty() {
        return Err(NoText::SelectorFindsNothing(selector.to_owned()));
    }
    Ok(found)
}

/// One step of a walk.
pub(super) enum Step<'a> {
    /// An element begins.
    Open(ElementRef<'a>),
    /// Words.
    Text(&'a str),
    /// An element ends.
    Close(ElementRef<'a>),
}

/// Walks through `root` in document order; what `skips` says is passed over with all that is in it.
pub(super) fn walk<'a>(
    root: ElementRef<'a>,
    skips: fn(ElementRef<'_>) -> bool,
    mut take: impl FnMut(Step<'a>),
) {
    let mut here = *root;
    let mut entering = true;
    loop {
        if entering {
            let open =
                ElementRef::wrap(here).filter(|&element| here.id() == root.id() || !skips(element));
            if let Some(element) = open {
                take(Step::Open(element));
                if let Some(child) = here.first_child() {
                    here = child;
                    continue;
                }
                take(Step::Close(element));
            } else if let Node::Text(text) = here.value() {
                take(Step::Text(text));
            }
        } else if let Some(element) = ElementRef::wrap(here) {
            take(Step::Close(element));
        }
        if here.id() == root.id() {
            return;
        }
        let next = here.next_sibling();
        entering = next.is_some();
        match next.or_else(|| here.parent()) {
            Some(node) => here = node,
            None => return,
        }
    }
}

/// Whether an element holds machinery that is never shown as words.
pub(super) fn is_machinery(element: ElementRef<'_>) -> bool {
    is_wordless(element) || is_hidden(element)
}

fn is_wordless(element: ElementRef<'_>) -> bool {
    const NAMES: [&str; 14] = [
        "script", "style", "noscript", "template", "svg", "math", "head", "iframe", "object",
        "canvas", "video", "audio", "select", "textarea",
    ];
    NAMES.contains(&element.value().name())
}

/// Whether an element is machinery, or a box that lies over the page when a script wills it.
pub(super) fn is_machinery_or_overlay(element: ElementRef<'_>) -> bool {
    const WORDS: [&str; 8] = [
        "modal",
        "popup",
        "pop-up",
        "overlay",
        "dialog",
        "lightbox",
        "drawer",
        "offcanvas",
    ];
    let value = element.value();
    if is_machinery(element)
        || value.name() == "dialog"
        || value.attr("role") == Some("dialog")
        || value.attr("aria-modal") == Some("true")
    {
        return true;
    }
    if matches!(value.name(), "html" | "body" | "main" | "article") {
        // such classes there say that something lies over them
        return false;
    }
    value.classes().chain(value.id()).any(|name| {
        // longer names are generated and say nothing
        let head = name[..name.floor_char_boundary(60)].to_ascii_lowercase();
        WORDS.iter().any(|word| head.contains(word))
    })
}

/// Whether an element is no part of an article: machinery, navigation, forms, tables of data, code, figures, and the
/// boxes that publishers set around a text.
pub(super) fn is_no_prose(element: ElementRef<'_>) -> bool {
    const NAMES: [&str; 15] = [
        "nav",
        "footer",
        "aside",
        "form",
        "button",
        "input",
        "figure",
        "figcaption",
        "picture",
        "img",
        "pre",
        "dialog",
        "menu",
        "label",
        "fieldset",
    ];
    let name = element.value().name();
    if NAMES.contains(&name) || is_machinery(element) {
        return true;
    }
    match name {
        "table" => !is_layout(element),
        "sup" => is_footnote_mark(element),
        // inline code is words of its sentence; by itself it is a listing
        "code" => element
            .parent()
            .and_then(ElementRef::wrap)
            .is_some_and(|outer| matches!(outer.value().name(), "body" | "code")),
        "html" | "body" | "main" | "article" => false,
        _ => is_furniture_box(element),
    }
}

/// Whether an element holds no words of a text, whatever stands around it: machinery, code, tables of data, and what is
/// said about pictures. Unlike in [`is_no_prose`], what is hidden and the boxes that publishers name are looked into, for
/// it is an extractor that chooses among what is found, and sites hide articles and give such names to them too.
pub(super) fn is_no_text(element: ElementRef<'_>) -> bool {
    match element.value().name() {
        "pre" => true,
        "table" => !is_layout(element),
        _ => is_no_word(element),
    }
}

/// The same, but for code and tables.
pub(super) fn is_no_word(element: ElementRef<'_>) -> bool {
    const NAMES: [&str; 8] = [
        "button",
        "input",
        "figcaption",
        "picture",
        "img",
        "dialog",
        "label",
        "fieldset",
    ];
    let name = element.value().name();
    NAMES.contains(&name) || is_wordless(element) || (name == "sup" && is_footnote_mark(element))
}

fn is_hidden(element: ElementRef<'_>) -> bool {
    let element = element.value();
    element.attr("hidden").is_some()
        || element.attr("aria-hidden") == Some("true")
        || element.attr("style").is_some_and(|style| {
            let style = style.replace(' ', "").to_ascii_lowercase();
            style.contains("display:none") || style.contains("visibility:hidden")
        })
}

/// Old pages and letters are laid out in tables: those hold paragraphs or headings, and no column heads.
fn is_layout(table: ElementRef<'_>) -> bool {
    if matches!(table.value().attr("role"), Some("presentation" | "none")) {
        return true;
    }
    let mut prose = false;
    for name in table
        .descendants()
        .filter_map(ElementRef::wrap)
        .map(|element| element.value().name())
    {
        match name {
            "th" => return false,
            "p" | "h1" | "h2" | "h3" | "h4" => prose = true,
            _ => {}
        }
    }
    prose
}

/// A raised number with a link is the mark of a footnote, not a word of the sentence.
fn is_footnote_mark(element: ElementRef<'_>) -> bool {
    element
        .descendants()
        .filter_map(ElementRef::wrap)
        .any(|inner| inner.value().name() == "a")
}

/// Whether the class, id or role of an element says that it is a box set around the text.
pub(super) fn is_furniture_box(element: ElementRef<'_>) -> bool {
    const STARTS: [&str; 24] = [
        "cookie",
        "consent",
        "newsletter",
        "subscribe",
        "subscription",
        "share-",
        "sharing",
        "sharedaddy",
        "social",
        "related",
        "comments",
        "sidebar",
        "breadcrumb",
        "author-bio",
        "author-box",
        "jp-relatedposts",
        "advert",
        "promo",
        "sr-only",
        "visually-hidden",
        "screen-reader",
        "footnote-anchor",
        "post-meta",
        "table-of-contents",
    ];
    let element = element.value();
    if matches!(
        element.attr("role"),
        Some("navigation" | "banner" | "contentinfo" | "complementary" | "search")
    ) {
        return true;
    }
    let named = element.classes().chain(element.id());
    named.into_iter().any(|name| {
        // one of these prefixes is at most 17 bytes long
        let head = name[..name.floor_char_boundary(24)].to_ascii_lowercase();
        STARTS.iter().any(|start| head.starts_with(start))
    })
}

/// Looks at what was added to the tree since `seen` nodes.
fn look(parser: &Parser<HtmlTreeSink>, seen: usize) -> Result<usize, NoText> {
    let html = parser.tokenizer.sink.sink.0.borrow();
    let count = html.tree.nodes().len();
    if count > PAGE_NODES_MAX {
        return Err(NoText::TooLarge {
            what: "nodes in the page",
            max: PAGE_NODES_MAX,
        });
    }
    for node in html.tree.nodes().rev().take(count - seen) {
        // the document itself is no element
        if node.ancestors().nth(PAGE_DEPTH_MAX).is_some() {
            return Err(NoText::TooLarge {
                what: "elements nested in one another",
                max: PAGE_DEPTH_MAX,
            });
        }
    }
    Ok(count)
}
