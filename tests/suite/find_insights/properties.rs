//! What holds of whatever comes in: of arbitrary strings and bytes, and of texts made like transcripts and pages.

use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop_oneof;
use proptest::proptest;
use proptest::sample::select;
use proptest::test_runner::Config;
use proptest::test_runner::RngSeed;
use takefive::model::BlockKind;
use takefive::model::Document;
use takefive::model::TextOrigin;
use takefive::stages::extract_text::Material;
use takefive::stages::extract_text::TextKind;
use takefive::stages::extract_text::extract_text;
use takefive::stages::find_insights::Context;
use takefive::stages::find_insights::Rules;
use takefive::stages::find_insights::find_insights;
use takefive::stages::find_insights::sentences;

const KINDS: [TextKind; 9] = [
    TextKind::Vtt,
    TextKind::Srt,
    TextKind::PodcastJson,
    TextKind::TranscriptPage,
    TextKind::Plain,
    TextKind::ArticlePage,
    TextKind::FeedContent,
    TextKind::Notes,
    TextKind::Markdown,
];

/// Words that a headline may have beside those of its passage.
const FUNCTION_WORDS: [&str; 10] = [
    "a", "an", "the", "is", "are", "to", "of", "and", "you", "that",
];

/// The same cases on every run, and no files left behind.
fn cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(5),
        ..Config::default()
    }
}

fn read(kind: TextKind, bytes: &[u8]) -> Option<Document> {
    let material = Material::of_file(kind, bytes);
    extract_text(&material).ok()
}

/// Each sentence lies in one block, none shares a byte with another, and what lies between is nothing that was said.
fn check_sentences(document: &Document) {
    let text = document.text();
    let found = sentences(document);
    for block in document.blocks() {
        let mut upto = block.from;
        let within = found
            .iter()
            .filter(|sentence| sentence.start >= block.from && sentence.start < block.to);
        for sentence in within {
            assert!(sentence.start >= upto && sentence.start < sentence.end);
            assert!(sentence.end <= block.to);
            assert!(!text[sentence.clone()].contains("\n\n"));
            check_gap(&text[upto..sentence.start]);
            upto = sentence.end;
        }
        check_gap(&text[upto..block.to]);
    }
    assert!(found.is_sorted_by(|a, b| a.end <= b.start));
}

fn check_gap(gap: &str) {
    let mut inside = false;
    let said = gap.chars().any(|c| {
        inside = (inside || matches!(c, '[' | '(')) && !matches!(c, ']' | ')');
        c.is_alphanumeric() && !inside
    });
    assert!(!said, "no sentence has: {gap}");
}

/// Checks what is found in a document; tells how many candidates there are.
fn check_candidates(document: &Document) -> usize {
    let rules = Rules::built_in();
    let candidates = find_insights(document, &Context::default(), rules);
    assert_eq!(
        candidates,
        find_insights(document, &Context::default(), rules)
    );
    let all = sentences(document);
    let mut spans = Vec::new();
    for candidate in &candidates {
        let (from, to) = (candidate.from, candidate.to);
        assert_eq!(candidate.text, document.text()[from..to]);
        assert!(candidate.text.split_whitespace().count() <= 90);
        let within = all
            .iter()
            .filter(|sentence| sentence.start >= from && sentence.end <= to);
        assert!((1..=4).contains(&within.count()), "{}", candidate.text);
        let block = document
            .blocks()
            .iter()
            .find(|block| block.from <= from && to <= block.to)
            .expect("one block holds it");
        assert_eq!(block.speaker, candidate.speaker);
        check_headline(&candidate.headline, &candidate.text);
        spans.push((from, to));
    }
    spans.sort_unstable();
    assert!(spans.is_sorted_by(|a, b| a.1 <= b.0));
    candidates.len()
}

/// 5 to 14 words, each of them one of the passage's: itself, or sharing all but its ending.
fn check_headline(headline: &str, passage: &str) {
    let split = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    let words = headline.split_whitespace().count();
    assert!((5..=14).contains(&words), "{headline}");
    let own: HashSet<String> = split(passage).into_iter().collect();
    let stem = |word: &str| -> String { word.chars().take(4).collect() };
    let stems: HashSet<String> = own.iter().map(|word| stem(word)).collect();
    for word in split(headline) {
        assert!(
            own.contains(&word)
                || FUNCTION_WORDS.contains(&word.as_str())
                || (word.chars().count() > 4 && stems.contains(&stem(&word))),
            "\"{word}\" of \"{headline}\" is not in: {passage}"
        );
    }
}

/// Clauses as people say them, whole and in halves.
fn clause() -> impl Strategy<Value = &'static str> {
    select(vec![
        "you have to write down what you expect before you look",
        "The most important thing about a plan is who may change it",
        "If nobody can say when it has failed, it is a wish",
        "a roadmap is a list of guesses",
        "Most teams do not fail because they promise too much",
        "and so we went to Kiel in May",
        "I think that the best teams never",
        "Great leaders always say the plain thing first",
        "because nobody would have asked",
        "um, you know, it was sort of",
        "What did you learn from that",
        "this episode is brought to you by a rope",
        "Speaking of which, I've been using a net",
        "go to rope.example/net",
        "Thank you so much for having me",
        "Dr. Lund said at 9 a.m. on Jan. 4",
        "\"Ship it",
        "he said.\" Nobody",
        "und das ist nicht die Frage, die wir uns stellen",
        "la mejor pregunta es la que nadie sabe contestar",
        "[inaudible 00:12:10]",
        "(laughs)",
        "[00:01:02]",
        "WE ARE GOING TO SHIP IT NOW",
        "日本の製品",
    ])
}

fn stop() -> impl Strategy<Value = &'static str> {
    select(vec![
        ". ", ". ", ". ", ", ", " ", "? ", "?! ", "... ", "… ", ".", " >> ", " - ", "。", ".\" ",
        "\n",
    ])
}

/// What somebody says in one go.
fn speech() -> impl Strategy<Value = String> {
    vec((clause(), stop()), 1..14).prop_map(|parts| {
        parts
            .iter()
            .flat_map(|(words, stop)| [*words, *stop])
            .collect()
    })
}

fn line_of_captions() -> impl Strategy<Value = String> {
    prop_oneof![
        speech(),
        (select(vec!["Ann", "Ben", "Speaker 1", ">>"]), speech())
            .prop_map(|(who, words)| format!("{who}: {words}")),
        (select(vec!["Ann", "Ben"]), speech()).prop_map(|(who, words)| format!("<v {who}>{words}")),
        Just("[music]".to_owned()),
    ]
}

fn captions() -> impl Strategy<Value = String> {
    vec((line_of_captions(), 0_u32..9), 1..16).prop_map(|cues| {
        let mut seconds = 0;
        let mut file = vec!["WEBVTT\n\n".to_owned()];
        for (words, pause) in cues {
            seconds += pause;
            let at = format!("00:{:02}:{:02}", seconds / 60 % 60, seconds % 60);
            file.push(format!("{at}.000 --> {at}.900\n{words}\n\n"));
        }
        file.concat()
    })
}

fn page() -> impl Strategy<Value = String> {
    let tag = select(vec![
        "p",
        "h2",
        "li",
        "blockquote",
        "pre",
        "td",
        "figcaption",
        "nav",
        "div",
    ]);
    vec((tag, speech()), 1..16).prop_map(|parts| {
        let body: Vec<String> = parts
            .iter()
            .map(|(tag, words)| format!("<{tag}>{words}</{tag}>"))
            .collect();
        let body = body.join("\n");
        format!("<!doctype html><title>Rope</title><article>{body}</article>")
    })
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn any_text_falls_into_sentences(lines in vec("\\PC{0,120}", 0..8), unnamed in any::<bool>()) {
        let mut document = Document::new(TextOrigin::Transcript);
        for line in &lines {
            if unnamed {
                document.push_turn(None, None, line);
            } else {
                document.push(BlockKind::Paragraph, None, line);
            }
        }
        check_sentences(&document);
        check_candidates(&document);
    }

    #[test]
    fn any_marks_fall_into_sentences(line in "[-a-cA-C0-2 .,!?…\"“”'()\\[\\]>•:–—。I]{0,200}") {
        let mut document = Document::new(TextOrigin::Transcript);
        document.push_speech(None, None, &line);
        check_sentences(&document);
        check_candidates(&document);
    }
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn captions_of_any_shape_keep_the_promises(file in captions()) {
        if let Some(document) = read(TextKind::Vtt, file.as_bytes()) {
            check_sentences(&document);
            check_candidates(&document);
        }
    }

    #[test]
    fn pages_of_any_shape_keep_the_promises(file in page()) {
        for kind in [TextKind::FeedContent, TextKind::Markdown] {
            if let Some(document) = read(kind, file.as_bytes()) {
                check_sentences(&document);
                check_candidates(&document);
            }
        }
    }

    #[test]
    fn bytes_of_any_encoding_are_survived(bytes in vec(any::<u8>(), 0..300), file in speech(), kind in select(KINDS.to_vec())) {
        let wide: Vec<u8> = [0xFF, 0xFE]
            .into_iter()
            .chain(file.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        let narrow: Vec<u8> = file.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
        let mixed: Vec<u8> = file.bytes().zip(&bytes).flat_map(|(a, b)| [a, *b]).collect();
        for bytes in [&bytes, &wide, &narrow, &mixed] {
            if let Some(document) = read(kind, bytes) {
                check_sentences(&document);
                check_candidates(&document);
            }
        }
    }
}

#[test]
fn the_generated_texts_have_candidates() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::new(cases(1));
    let mut found = 0;
    for _ in 0..24 {
        let file = captions().new_tree(&mut runner).expect("a tree").current();
        found +=
            read(TextKind::Vtt, file.as_bytes()).map_or(0, |document| check_candidates(&document));
    }
    assert!(
        found > 8,
        "{found}: else the properties above hold of nothing"
    );
}
