//! The engine: what it picks, what it never picks, and what it calls it.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use takefive::model::BlockKind;
use takefive::model::Candidate;
use takefive::model::Document;
use takefive::model::Person;
use takefive::model::Soundbite;
use takefive::model::TextOrigin;
use takefive::stages::find_insights::CANDIDATES_MAX;
use takefive::stages::find_insights::Context;
use takefive::stages::find_insights::Rules;
use takefive::stages::find_insights::RulesError;
use takefive::stages::find_insights::find_insights;

mod languages;

mod properties;

mod sentences;

/// Reads a small document: "Name: words" is a turn, "# " a heading, "> " a quotation, "* " an item, the rest paragraphs.
fn document(text: &str) -> Document {
    let mut document = Document::new(TextOrigin::File);
    for (nth, line) in text.lines().enumerate() {
        let speaker = line
            .split_once(": ")
            .filter(|(name, _)| name.len() < 8 && !name.contains(' '));
        let start_seconds = f64::from(u32::try_from(nth).expect("few lines")) * 30.0;
        if let Some((name, words)) = speaker {
            document.push_speech(Some(name), Some(start_seconds), words);
        } else if let Some(words) = line.strip_prefix("# ") {
            document.push(BlockKind::Heading, None, words);
        } else if let Some(words) = line.strip_prefix("> ") {
            document.push(BlockKind::Quotation, None, words);
        } else if let Some(words) = line.strip_prefix("* ") {
            document.push(BlockKind::ListItem, None, words);
        } else {
            document.push(BlockKind::Paragraph, None, line);
        }
    }
    document
}

fn found(document: &Document) -> Vec<Candidate> {
    find_insights(document, &Context::default(), Rules::built_in())
}

/// What holds of every list of candidates, whatever the document.
fn check(document: &Document, candidates: &[Candidate]) {
    assert!(candidates.len() <= CANDIDATES_MAX);
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for candidate in candidates {
        assert_eq!(
            candidate.text,
            document.text()[candidate.from..candidate.to]
        );
        let words = candidate.text.split_whitespace().count();
        assert!(
            (12..=90).contains(&words),
            "{words} words: {}",
            candidate.text
        );
        assert!(!candidate.text.contains('?'), "{}", candidate.text);
        assert!(candidate.score > 0.0);
        let sum: f64 = candidate.reasons.iter().map(|reason| reason.points).sum();
        assert!((candidate.score - sum).abs() < 0.01);
        assert!(candidate.reasons.is_sorted_by(|a, b| a.points >= b.points));
        assert!(
            spans
                .iter()
                .all(|(from, to)| candidate.to <= *from || candidate.from >= *to),
            "two candidates share words"
        );
        spans.push((candidate.from, candidate.to));
        check_headline(candidate);
    }
    assert!(candidates.is_sorted_by(|a, b| a.score >= b.score));
}

fn check_headline(candidate: &Candidate) {
    let headline = &candidate.headline;
    let words: Vec<String> = headline.split(' ').map(bare).collect();
    assert!((5..=14).contains(&words.len()), "{headline}");
    let own: HashSet<String> = candidate.text.split(' ').map(bare).collect();
    for word in &words {
        assert!(
            own.contains(word),
            "\"{word}\" of \"{headline}\" is not in: {}",
            candidate.text
        );
    }
    assert!(!headline.starts_with(char::is_lowercase), "{headline}");
    assert!(!headline.ends_with(['.', ',', '!', '?', ':']), "{headline}");
    let leaning = [
        "so", "and", "but", "it", "this", "that", "they", "he", "she", "these", "those",
    ];
    assert!(!leaning.contains(&words[0].as_str()), "{headline}");
    let open = [
        "the", "a", "an", "of", "to", "and", "but", "or", "in", "on", "with", "for", "because",
        "is", "are",
    ];
    assert!(
        !open.contains(&words[words.len() - 1].as_str()),
        "{headline}"
    );
}

fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !(c.is_alphanumeric() || "%$£€+#".contains(c)))
        .to_lowercase()
}

#[test]
fn each_case_gives_what_it_should_and_nothing_it_must_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/find_insights");
    let mut cases = 0;
    for case in fs::read_dir(folder).expect("the folder of cases") {
        let case = case.expect("a case").path();
        let input = fs::read_to_string(case.join("input.txt")).expect("input.txt");
        let expected = fs::read_to_string(case.join("expected.txt")).expect("expected.txt");
        let document = document(&input);
        let candidates = found(&document);
        check(&document, &candidates);
        let all: Vec<&str> = candidates
            .iter()
            .map(|candidate| candidate.text.as_str())
            .collect();
        for line in expected.lines() {
            let (what, words) = line
                .split_once(": ")
                .expect("has, not, once or headline, and words");
            let headlines = || {
                candidates
                    .iter()
                    .map(|candidate| candidate.headline.as_str())
            };
            let count = all.iter().filter(|text| text.contains(words)).count();
            let holds = match what {
                "has" => count > 0,
                "not" => count == 0,
                "once" => count == 1,
                "headline" => headlines().any(|headline| headline == words),
                "no headline" => headlines().all(|headline| !headline.contains(words)),
                other => panic!("{other} is not a claim"),
            };
            let shown: Vec<&str> = headlines().collect();
            assert!(holds, "{}: {line}\n{all:#?}\n{shown:#?}", case.display());
        }
        cases += 1;
    }
    assert!(cases >= 4);
}

#[test]
fn every_rule_keeps_its_own_examples() {
    let mistakes = Rules::built_in().mistakes();
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[test]
fn every_rule_can_say_why() {
    let rules = Rules::built_in();
    for (name, weight) in rules.weights() {
        let why = rules.why(name).expect("a reason");
        assert!(
            why.ends_with('.') && why.split(' ').count() >= 4,
            "{name}: {why}"
        );
        assert!(weight.is_finite());
    }
    assert_eq!(rules.why("no such rule"), None);
    assert_eq!(rules.sha256().len(), 64);
}

#[test]
fn a_file_of_rules_with_a_mistake_is_told_by_line() {
    let words = "[words]\ncommon = \"\"\nyou = \"\"\nme = \"\"\nus = \"\"\npast = \"\"\nfillers = \"\"\nhedges = \"\"\nverbs = \"\"\nlead_ins = []\n";
    assert!(Rules::parse(words).is_ok());
    let row = |rest: &str| {
        format!("{words}[[rule]]\nname = \"r\"\nreason = \"It is a test.\"\nweight = 1.0\n{rest}")
    };
    assert!(Rules::parse(&row("phrases = [\"a word\"]\n")).is_ok());
    for rest in [
        "",
        "pattern = '(('\n",
        "phrases = [\"\"]\n",
        "shape = \"words\"\n",
        "phrases = [\"a\"]\nat_least = 1\n",
    ] {
        let error = Rules::parse(&row(rest)).expect_err(rest);
        assert!(
            matches!(error, RulesError::Row { line: 12, .. }),
            "{rest}: {error}"
        );
    }
    let unknown = Rules::parse(&row("phrases = [\"a\"]\nwieght = 2\n")).expect_err("unknown key");
    assert!(unknown.to_string().contains("wieght"), "{unknown}");
}

#[test]
fn a_host_named_by_the_feed_is_believed() {
    let text = "Kim: You have to write the answer down before you ask anyone, because the most important answer is the one you expect.\nLou: The best teams always write the answer down before they ask, because nobody trusts an answer that came too late.";
    let document = document(text);
    let person = |name: &str, role: &str| Person {
        name: name.to_owned(),
        role: role.to_owned(),
    };
    let best = |people: &[Person]| {
        let context = Context {
            people,
            ..Context::default()
        };
        let candidates = find_insights(&document, &context, Rules::built_in());
        candidates
            .first()
            .and_then(|candidate| candidate.speaker.clone())
    };
    let first = best(&[person("Kim", "host"), person("Lou Long", "guest")]);
    let second = best(&[person("Kim", "guest"), person("Lou Long", "host")]);
    assert_eq!(first.as_deref(), Some("Lou"));
    assert_eq!(second.as_deref(), Some("Kim"));
}

#[test]
fn what_the_feed_says_of_an_entry_gives_points() {
    let text = "Una: Why is that?\nVic: The most important thing about a forecast is who dares to correct it, and you have to do so in public.";
    let document = document(text);
    let plain = found(&document);
    let context = Context {
        title: "Dare to correct a forecast in public",
        ..Context::default()
    };
    let titled = find_insights(&document, &context, Rules::built_in());
    assert!(titled[0].score > plain[0].score);
    let soundbites = [Soundbite {
        start_seconds: 28.0,
        duration_seconds: 10.0,
        title: None,
    }];
    let context = Context {
        soundbites: &soundbites,
        ..Context::default()
    };
    let clipped = find_insights(&document, &context, Rules::built_in());
    assert!(clipped[0].score > plain[0].score);
}

#[test]
fn topics_are_those_of_the_words_and_then_the_operators() {
    let document = document(
        "The most important roadmap decision is the one that you take back before anyone has asked, since nobody else will.",
    );
    let topics = ["gardens".to_owned()];
    let context = Context {
        topics: &topics,
        ..Context::default()
    };
    let candidates = find_insights(&document, &context, Rules::built_in());
    assert_eq!(candidates[0].topics[0], "prioritisation & roadmaps");
    assert!(candidates[0].topics.contains(&"gardens".to_owned()));
    assert_eq!(candidates[0].paragraph, Some(1));
}

#[test]
fn a_passage_has_twelve_words_at_least_and_ninety_at_most() {
    let short = "You have to write down the most important answer before asking";
    assert_eq!(short.split(' ').count(), 11);
    assert!(found(&document(&format!("{short}."))).is_empty());
    assert_eq!(found(&document(&format!("{short} anyone."))).len(), 1);
    let clause = "The best teams write a plan down and they always correct it, since every plan is wrong at first and people know. ";
    let many = clause.repeat(30);
    let document = document(&many);
    check(&document, &found(&document));
}

#[test]
fn the_same_document_gives_the_same_candidates() {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/find_insights/talk/input.txt"),
    )
    .expect("the case");
    let document = document(&text);
    assert_eq!(found(&document), found(&document));
}

#[test]
fn abbreviations_and_decimals_do_not_end_a_sentence() {
    let text = "The most important rate is the one you can explain, and Dr. Adams says that it is 2.5 percent, e.g. for small vs. large teams.";
    let document = document(text);
    let candidates = found(&document);
    assert_eq!(candidates.len(), 1);
    assert_eq!(candidates[0].text, text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: proptest::test_runner::RngSeed::Fixed(5), ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(lines in proptest::collection::vec("\\PC{0,300}", 0..12), speech in any::<bool>()) {
        let mut document = Document::new(TextOrigin::Transcript);
        for (nth, line) in lines.iter().enumerate() {
            if speech {
                document.push_speech(Some(["Ann", "Ben"][nth % 2]), None, line);
            } else {
                document.push(BlockKind::Paragraph, None, line);
            }
        }
        check(&document, &found(&document));
    }

    #[test]
    fn any_order_of_words_is_survived(words in proptest::collection::vec(
        prop::sample::select(vec![
            "the", "most", "important", "you", "have", "to", "if", "is", "that", "and", "So", "But", "teams", "never", "fail.",
            "because,", "I", "think", "great", "leaders", "it's", "not", "um,", "…", "\"Wow", "don’t", ">>", "--", "that's", "why.",
            "strategy", "what", "matters:", "roadmap", "Dr.", "e.g.", "45%", "$3", "you", "know,", "kind", "of", "right.", "é", "日本。",
        ]), 0..400)) {
        let document = document(&words.join(" "));
        check(&document, &found(&document));
    }
}
