//! What must hold of any bytes: no panic, no hang, and candidates that are what they say they are.
//!
//! `cargo +nightly fuzz run --fuzz-dir tests/fuzz transcripts`

mod feeds;

use takefive::model::BlockKind;
use takefive::model::Document;
use takefive::model::TextOrigin;
use takefive::stages::extract_text::Material;
use takefive::stages::extract_text::PageText;
use takefive::stages::extract_text::TextKind;
use takefive::stages::extract_text::extract_text;
use takefive::stages::extract_text::guess_kind;
use takefive::stages::find_insights::Context;
use takefive::stages::find_insights::Rules;
use takefive::stages::find_insights::find_insights;
use takefive::stages::find_insights::sentences as sentences_of;

/// A feed, or whatever else came in its place.
pub fn feeds(bytes: &[u8]) {
    feeds::feeds(bytes);
}

/// A feed damaged as the bytes say.
pub fn damaged_feeds(bytes: &[u8]) {
    feeds::damaged_feeds(bytes);
}

/// The first byte says of what kind the others are.
pub fn transcripts(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let kind = match kind % 6 {
        0 => TextKind::Vtt,
        1 => TextKind::Srt,
        2 => TextKind::PodcastJson,
        3 => TextKind::TranscriptPage,
        4 => TextKind::Plain,
        _ => guess_kind(bytes, None, None),
    };
    read(kind, bytes);
}

/// The first byte says of what kind the others are.
pub fn pages(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else {
        return;
    };
    let kind = match kind % 4 {
        0 => TextKind::ArticlePage,
        1 => TextKind::FeedContent,
        2 => TextKind::Notes,
        _ => TextKind::Markdown,
    };
    read(kind, bytes);
}

/// Each line is a block; its first byte says of what kind.
pub fn sentences(bytes: &[u8]) {
    let mut document = Document::new(TextOrigin::File);
    for line in String::from_utf8_lossy(bytes).lines() {
        let mut words = line.chars();
        match words.next() {
            Some('#') => document.push(BlockKind::Heading, None, words.as_str()),
            Some('*') => document.push(BlockKind::ListItem, None, words.as_str()),
            Some('<') => document.push_speech(Some("Ann"), Some(1.0), words.as_str()),
            Some('>') => document.push_speech(Some("Ben"), Some(2.0), words.as_str()),
            Some('/') => document.push_turn(None, None, words.as_str()),
            _ => document.push(BlockKind::Paragraph, None, line),
        }
    }
    check(&document);
}

/// A file of rules as an operator may write it.
pub fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(rules) = Rules::parse(&text) {
        let mut document = Document::new(TextOrigin::File);
        document.push(BlockKind::Paragraph, None, &text);
        let _ = find_insights(&document, &Context::default(), &rules);
        let _ = rules.mistakes();
    }
}

fn read(kind: TextKind, bytes: &[u8]) {
    let material = Material::of_file(kind, bytes);
    let document = extract_text(&material);
    assert_eq!(document, extract_text(&material));
    let shown = extract_text(&Material {
        wanted: PageText::AllThatIsShown,
        ..material
    });
    for document in [document, shown].into_iter().flatten() {
        check_blocks(&document);
        check(&document);
    }
}

/// Blocks lie in the text in order with a blank line between them, white space in them is folded, times are times.
fn check_blocks(document: &Document) {
    let mut next = 0;
    for block in document.blocks() {
        assert!(block.from == next && block.from < block.to);
        let text = document.text_of(block);
        assert_eq!(text, text.split_whitespace().collect::<Vec<_>>().join(" "));
        let time = document.seconds_at(block.from);
        assert!(time.is_none_or(|time| time.is_finite() && time >= 0.0));
        next = block.to + 2;
    }
    assert_eq!(next, document.text().len() + 2);
}

/// Sentences tile their blocks; candidates are passages of the document, apart from each other, and within the limits.
fn check(document: &Document) {
    let text = document.text();
    let mut upto = 0;
    for sentence in sentences_of(document) {
        assert!(sentence.start >= upto && sentence.start < sentence.end);
        assert!(!text[sentence.clone()].starts_with(' ') && !text[sentence.clone()].ends_with(' '));
        upto = sentence.end;
    }
    let mut spans = Vec::new();
    for candidate in find_insights(document, &Context::default(), Rules::built_in()) {
        assert_eq!(candidate.text, text[candidate.from..candidate.to]);
        assert!(candidate.text.split_whitespace().count() <= 90);
        let words = candidate.headline.split(' ').count();
        assert!((5..=14).contains(&words), "{}", candidate.headline);
        spans.push((candidate.from, candidate.to));
    }
    spans.sort_unstable();
    assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0));
}
