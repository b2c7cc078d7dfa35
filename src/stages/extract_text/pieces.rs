//! HTML in, its headings, paragraphs, list items and quotations in order out.

use scraper::ElementRef;

use crate::model::BlockKind;
use crate::model::Document;
use crate::model::TextOrigin;

use crate::stages::extract_text::NoText;
use crate::stages::extract_text::decoding;
use crate::stages::extract_text::page;
use crate::stages::extract_text::page::Step;
use crate::stages::extract_text::plain;

/// Words of a paragraph all in bold up to which it is a heading that nobody marked up.
const BOLD_HEADING_WORDS_MAX: usize = 14;

/// A stretch of prose before furniture is taken out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    /// What it is.
    pub(super) kind: BlockKind,
    /// Its words; white space is not yet folded.
    pub(super) text: String,
    /// Letters of it that are links.
    pub(super) linked: usize,
}

impl Piece {
    /// A piece without links.
    pub(super) fn new(kind: BlockKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            linked: 0,
        }
    }
}

/// What a `<br>` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineBreaks {
    /// A space in a paragraph; two of them end it.
    InParagraphs,
    /// The end of a line that stands for itself, as in show notes and transcripts.
    EndPieces,
}

/// The document of these pieces.
pub(super) fn document(origin: TextOrigin, pieces: Vec<Piece>) -> Document {
    let mut document = Document::new(origin);
    for piece in pieces {
        document.push(piece.kind, None, &piece.text);
    }
    document
}

/// The pieces of a fragment as feeds carry it. A fragment without any element of structure is plain text.
pub(super) fn of_fragment(html: &str) -> Result<Vec<Piece>, NoText> {
    let page = page::parse(html)?;
    Ok(of_element(
        page.root_element(),
        page::is_no_prose,
        LineBreaks::InParagraphs,
    ))
}

/// The pieces of an element.
pub(super) fn of_element(
    root: ElementRef<'_>,
    skips: fn(ElementRef<'_>) -> bool,
    line_breaks: LineBreaks,
) -> Vec<Piece> {
    let mut writer = Writer::new(line_breaks);
    page::walk(root, skips, |step| writer.take(&step));
    writer.finish()
}

struct Writer {
    line_breaks: LineBreaks,
    pieces: Vec<Piece>,
    text: String,
    /// Letters of the open text; those in links; those in bold.
    letters: usize,
    linked: usize,
    bold: usize,
    /// How many elements of each sort are open.
    links_open: usize,
    bolds_open: usize,
    headings_open: usize,
    quotations_open: usize,
    items_open: usize,
    breaks_in_a_row: usize,
    structured: bool,
}

impl Writer {
    fn new(line_breaks: LineBreaks) -> Self {
        Self {
            line_breaks,
            pieces: Vec::new(),
            text: String::new(),
            letters: 0,
            linked: 0,
            bold: 0,
            links_open: 0,
            bolds_open: 0,
            headings_open: 0,
            quotations_open: 0,
            items_open: 0,
            breaks_in_a_row: 0,
            structured: false,
        }
    }

    fn take(&mut self, step: &Step<'_>) {
        match step {
            Step::Open(element) => self.open(element.value().name()),
            Step::Text(text) => self.write(text),
            Step::Close(element) => self.close(element.value().name()),
        }
    }

    fn open(&mut self, name: &str) {
        if name == "br" {
            self.structured = true;
            self.break_line();
            return;
        }
        if is_block(name) {
            self.end_piece();
            self.structured |= !matches!(name, "html" | "body");
        }
        if let Some(open) = self.counter(name) {
            *open += 1;
        }
    }

    fn close(&mut self, name: &str) {
        if is_block(name) {
            self.end_piece();
        }
        if let Some(open) = self.counter(name) {
            *open = open.saturating_sub(1);
        }
    }

    fn write(&mut self, text: &str) {
        let letters = text
            .chars()
            .filter(|letter| !letter.is_whitespace())
            .count();
        self.text.push_str(text);
        if letters == 0 {
            return;
        }
        self.breaks_in_a_row = 0;
        self.letters += letters;
        if self.links_open > 0 {
            self.linked += letters;
        }
        if self.bolds_open > 0 {
            self.bold += letters;
        }
    }

    fn break_line(&mut self) {
        self.breaks_in_a_row += 1;
        if self.line_breaks == LineBreaks::EndPieces || self.breaks_in_a_row > 1 {
            self.end_piece();
        } else {
            self.text.push('\n');
        }
    }

    fn end_piece(&mut self) {
        self.breaks_in_a_row = 0;
        let text = decoding::readable(&std::mem::take(&mut self.text)).into_owned();
        let (letters, linked, bold) = (self.letters, self.linked, self.bold);
        (self.letters, self.linked, self.bold) = (0, 0, 0);
        if letters > 0 {
            let kind = self.kind(&text, bold >= letters);
            self.pieces.push(Piece { kind, text, linked });
        }
    }

    fn kind(&self, text: &str, all_bold: bool) -> BlockKind {
        if self.quotations_open > 0 {
            BlockKind::Quotation
        } else if self.headings_open > 0 {
            BlockKind::Heading
        } else if self.items_open > 0 {
            BlockKind::ListItem
        } else if all_bold
            && text
                .split_whitespace()
                .nth(BOLD_HEADING_WORDS_MAX)
                .is_none()
            && !text.trim_end().ends_with(['.', '!', '…'])
        {
            BlockKind::Heading
        } else {
            BlockKind::Paragraph
        }
    }

    fn finish(mut self) -> Vec<Piece> {
        self.end_piece();
        if !self.structured
            && let [only] = self.pieces.as_slice()
        {
            return plain::pieces(&only.text);
        }
        self.pieces
    }

    fn counter(&mut self, name: &str) -> Option<&mut usize> {
        Some(match name {
            "a" => &mut self.links_open,
            "b" | "strong" => &mut self.bolds_open,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => &mut self.headings_open,
            "blockquote" => &mut self.quotations_open,
            "li" | "dd" => &mut self.items_open,
            _ => return None,
        })
    }
}

/// Whether an element begins and ends a piece.
pub(super) fn is_block(name: &str) -> bool {
    const NAMES: [&str; 38] = [
        "html",
        "body",
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "address",
        "center",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "hr",
        "details",
        "summary",
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "hgroup",
        "footer",
        "aside",
        "pre",
    ];
    NAMES.contains(&name)
}
