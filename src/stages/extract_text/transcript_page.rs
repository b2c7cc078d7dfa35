//! A transcript as HTML in, a document of utterances out.

use scraper::ElementRef;

use crate::model::BlockKind;
use crate::model::Document;
use crate::model::TextOrigin;

use crate::stages::extract_text::CUES_MAX;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::clock;
use crate::stages::extract_text::decoding;
use crate::stages::extract_text::names;
use crate::stages::extract_text::page;
use crate::stages::extract_text::page::Step;
use crate::stages::extract_text::pieces;
use crate::stages::extract_text::speech;
use crate::stages::extract_text::turns;
use crate::stages::extract_text::turns::Line;
use crate::stages::extract_text::within;

/// The transcript that `selector` names, or the one that the whole page is. Turns are known by `<cite>` and `<time>`, by
/// elements whose class says "speaker", by cells and terms that hold a name, and by heads in the text. Where nothing
/// marks a turn, each paragraph of what the selector names is an utterance; without a selector there is no transcript.
pub(super) fn document(
    origin: TextOrigin,
    source: &str,
    selector: Option<&str>,
) -> Result<Document, NoText> {
    let html = page::parse(source)?;
    let roots = match selector {
        Some(selector) => page::select(&html, selector)?,
        None => vec![html.root_element()],
    };
    let mut writer = Writer::default();
    for root in roots {
        page::walk(root, is_no_speech, |step| writer.take(&step));
        writer.end_line();
    }
    let lines = writer.lines;
    let turns = turns::read(lines.iter().cloned());
    if turns.any() {
        within(turns.cues.len(), CUES_MAX, "turns")?;
        return Ok(speech::document(origin, turns.without_footer()));
    }
    if selector.is_none() {
        return Err(NoText::NothingReadable);
    }
    let mut document = Document::new(origin);
    for line in &lines {
        if let Line::Text(text) = line {
            document.push(BlockKind::Utterance, None, text);
        }
    }
    Ok(document)
}

/// What is no part of a transcript; unlike in articles, tables and labels may be.
fn is_no_speech(element: ElementRef<'_>) -> bool {
    const NAMES: [&str; 7] = ["nav", "footer", "aside", "form", "button", "img", "dialog"];
    NAMES.contains(&element.value().name())
        || page::is_machinery(element)
        || page::is_furniture_box(element)
}

#[derive(Default)]
struct Writer {
    lines: Vec<Line>,
    text: String,
}

impl Writer {
    fn take(&mut self, step: &Step<'_>) {
        match step {
            Step::Text(text) => self.text.push_str(text),
            Step::Open(element) => {
                let name = element.value().name();
                if name == "br" || pieces::is_block(name) || mark(*element).is_some() {
                    self.end_line();
                }
            }
            Step::Close(element) => match mark(*element) {
                Some(mark) => self.end_mark(mark),
                None if pieces::is_block(element.value().name()) => self.end_line(),
                None => {}
            },
        }
    }

    fn end_line(&mut self) {
        let text = folded(&std::mem::take(&mut self.text));
        // a colon between two marks is no word
        if text.chars().any(char::is_alphanumeric) {
            self.lines.push(Line::Text(text));
        }
    }

    fn end_mark(&mut self, mark: Mark) {
        let text = folded(&self.text);
        let name = text.trim_end_matches([':', ' ', ',']).trim();
        let line = match mark {
            Mark::Speaker if !name.is_empty() => Some(Line::Speaker(name.to_owned())),
            Mark::MaybeSpeaker if names::is_name(name) => Some(Line::Speaker(name.to_owned())),
            Mark::Time => {
                clock::seconds(text.trim_matches(['[', ']', '(', ')', ' '])).map(Line::Time)
            }
            _ => None,
        };
        match line {
            Some(line) => {
                self.text.clear();
                self.lines.push(line);
            }
            None => self.end_line(),
        }
    }
}

/// What the markup says of the text in an element.
#[derive(Debug, Clone, Copy)]
enum Mark {
    Speaker,
    MaybeSpeaker,
    Time,
}

fn mark(element: ElementRef<'_>) -> Option<Mark> {
    let is_followed = element
        .next_siblings()
        .any(|next| next.value().is_element());
    let element = element.value();
    let class_says = |word: &str| {
        // class names are short; a long one is generated and says nothing
        element
            .classes()
            .any(|class| class.len() < 60 && class.to_ascii_lowercase().contains(word))
    };
    match element.name() {
        "cite" => Some(Mark::Speaker),
        "time" => Some(Mark::Time),
        "dt" => Some(Mark::MaybeSpeaker),
        // the last cell of a row holds the words
        "td" if is_followed => Some(Mark::MaybeSpeaker),
        "span" | "div" | "p" | "a" | "b" | "strong" | "h3" | "h4" | "h5" | "h6"
            if class_says("speaker") =>
        {
            Some(Mark::MaybeSpeaker)
        }
        "span" | "div" | "p" | "a" if class_says("timestamp") || class_says("timecode") => {
            Some(Mark::Time)
        }
        _ => None,
    }
}

fn folded(text: &str) -> String {
    decoding::readable(text)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
