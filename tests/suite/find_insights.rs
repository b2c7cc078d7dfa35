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
use takefive::stages::find_insights::Fate;
use takefive::stages::find_insights::Obstacle;
use takefive::stages::find_insights::Rules;
use takefive::stages::find_insights::find_insights;
use takefive::stages::find_insights::shown;
use takefive::stages::find_insights::why_not;

use crate::cases::cases_of;

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
    let cases = cases_of("find_insights");
    for case in &cases {
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
    }
    assert!(cases.len() >= 4);
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
        let line = error.problems().as_slice()[0].line;
        assert!(line >= Some(11), "{rest}: {error}");
    }
    let unknown = Rules::parse(&row("phrases = [\"a\"]\nwieght = 2\n")).expect_err("unknown key");
    assert!(unknown.to_string().contains("wieght"), "{unknown}");
}

#[test]
fn a_pattern_finds_the_same_however_it_is_searched_for() {
    let words = "[words]\ncommon = \"\"\nyou = \"\"\nme = \"\"\nus = \"\"\npast = \"\"\nfillers = \"\"\nhedges = \"\"\nverbs = \"\"\nlead_ins = []\n";
    // in so many words; behind its first words; at the head of a sentence; with flags of its own; anywhere; some of each
    let cases: [(&str, &[&str], &[&str]); 6] = [
        (
            r"\b(?:a|the) (?:team|crew)s? (?:isn't|is)\b",
            &[
                "So THE Crews is late.",
                "A team isn’t a list.",
                "It (the team is) small.",
            ],
            &[
                "The team isolates itself.",
                "Bathe team is late.",
                "The teamsis late.",
            ],
        ),
        (
            r"\b(?:more|less) (?:\w+ ){0,2}than\b",
            &["Less is more or less than it was.", "MORE than one."],
            &["Anymore than one.", "More of all the things than one."],
        ),
        (
            r"^(?:it's|that is) (?:a|the)\b",
            &["It’s a rule.", "that is the rule."],
            &["So it's a rule.", "It's another rule."],
        ),
        (
            r"(?-i)\bNo\b|\bnever\b",
            &["No cake.", "We never do."],
            &["There is no cake.", "Nevermore."],
        ),
        (
            r"\d ?%|\.\.\.",
            &["About 5% of it.", "Well... perhaps."],
            &["Five percent.", "It ends. It does."],
        ),
        (
            r"\bone of\b|\b(?:if|when) \w+ \w+,|x-ray",
            &["One of us.", "When they come, we go.", "The X-ray."],
            &["Someone offers.", "When they come we go.", "A ray."],
        ),
    ];
    for (pattern, yes, no) in cases {
        let file = format!(
            "{words}[[rule]]\nname = \"r\"\nreason = \"It is a test.\"\nweight = 1.0\npattern = '''{pattern}'''\nyes = {yes:?}\nno = {no:?}\n"
        );
        let mistakes = Rules::parse(&file).expect(pattern).mistakes();
        assert!(mistakes.is_empty(), "{pattern}: {mistakes:#?}");
    }
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
fn a_name_that_the_title_has_too_is_no_agreement() {
    let talk = |name: &str| {
        document(&format!(
            "Una: Where did you begin?\nVic: The most important lesson of {name} is that nobody trusts a forecast before it has been corrected in public, because people believe what they have seen.\nUna: And then?\nVic: People who left {name} took that along."
        ))
    };
    let in_the_title = |title: &str, name: &str| {
        let context = Context {
            title,
            ..Context::default()
        };
        find_insights(&talk(name), &context, Rules::built_in())
            .iter()
            .flat_map(|candidate| &candidate.reasons)
            .filter(|reason| reason.rule == "in-the-title")
            .count()
    };
    assert_eq!(in_the_title("Larkfield, and a lesson", "Larkfield"), 0);
    assert_eq!(in_the_title("A forecast, and its lesson", "Larkfield"), 1);
    assert_eq!(
        in_the_title("Larkfield, and a lesson", "larkfield"),
        1,
        "where a transcript has no capitals, nobody can tell a name"
    );
    assert_eq!(
        in_the_title("Scrum and its lesson", "Scrum"),
        1,
        "a word of the field is a subject"
    );
    assert_eq!(
        in_the_title("OKRs and a lesson", "OKRs"),
        1,
        "an abbreviation is a subject"
    );
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
fn stumbles_of_speech_are_shown_as_an_ellipsis_and_nothing_else_is() {
    for (text, wanted) in [
        ("We, um, ship it", "We, … ship it"),
        ("We um ship uh, um, it", "We … ship … it"),
        ("Um, we ship it", "we ship it"),
        ("We ship it um", "We ship it"),
        ("We, you know, ship it", "We, … ship it"),
        (
            "I mean, it works. You know, it does.",
            "it works. … it does.",
        ),
        ("So the the team ships", "So … the team ships"),
        ("The the team ships", "the team ships"),
        ("When I was — I was young", "When I was — I was young"),
        ("Then we should we should ship", "Then … we should ship"),
        ("Then we— we should ship", "Then … we should ship"),
        ("Then … um, we ship", "Then … we ship"),
        ("Then … um … we ship", "Then … we ship"),
        ("um … we ship … uh", "we ship"),
        (
            "He’s sure that it’s it’s late",
            "He’s sure that … it’s late",
        ),
    ] {
        let shown = shown(text, Rules::built_in());
        assert_eq!(shown.as_deref().unwrap_or(text), wanted, "{text}");
    }
    for kept in [
        "You know the team, and I mean it",
        "If you want it, it works",
        "It is very, very good",
        "It goes on and on and on",
        "They said that that was had had",
        "The ER is full, like every night",
        "Was that um? It was um.",
        "What it is is hard",
        "We told you, you know.",
        "um",
        "",
    ] {
        assert_eq!(shown(kept, Rules::built_in()), None, "{kept}");
    }
}

#[test]
fn what_a_candidate_shows_is_its_text_where_nobody_stumbled() {
    let stumbled = document(
        "Ann: Why is that?\nBen: The most important thing about a forecast, um, is who dares to correct it, and you have to do so in public.",
    );
    let candidates = found(&stumbled);
    assert!(candidates[0].text.contains("forecast, um, is"));
    let shown = candidates[0].shown.as_deref().expect("a stumble");
    assert!(shown.contains("forecast, … is"), "{shown}");
    let json = serde_json::to_value(&candidates[0]).expect("JSON");
    assert_eq!(json["shown"], shown);
    let fluent = document(
        "Ann: Why is that?\nBen: The most important thing about a forecast is who dares to correct it, and you have to do so in public.",
    );
    let candidates = found(&fluent);
    assert_eq!(candidates[0].shown, None);
    let json = serde_json::to_value(&candidates[0]).expect("JSON");
    assert_eq!(json.get("shown"), None);
}

#[test]
fn of_each_sentence_it_is_known_why_it_is_in_no_candidate() {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/find_insights/talk/input.txt"),
    )
    .expect("the case");
    let document = document(&text);
    let fates = |words: &str| -> Vec<Fate> {
        why_not(&document, &Context::default(), Rules::built_in(), words)
            .into_iter()
            .map(|sought| sought.fate)
            .collect()
    };
    let refused = |rule: &str, because_of: Option<&str>| Fate::Refused {
        rule: rule.to_owned(),
        because_of: because_of.map(str::to_owned),
    };
    assert_eq!(fates("WELCOME to the show!"), [refused("greeting", None)]);
    assert_eq!(
        fates("best rope there is"),
        [refused(
            "sponsor",
            Some("This episode is brought to you by Tarpaulin.")
        )]
    );
    assert_eq!(
        fates("the most important thing"),
        [Fate::Question, Fate::Candidate { rank: 1 }]
    );
    assert_eq!(fates("and then they sat down"), [Fate::Noise]);
    assert_eq!(
        fates("on every crossing"),
        [Fate::NoPassage(vec![
            Obstacle::TooShort,
            Obstacle::Neighbour
        ])]
    );
    assert!(matches!(
        fates("it was blue")[..],
        [Fate::Overlapped { .. }]
    ));
    assert!(fates("no such words").is_empty() && fates(" … ").is_empty());
    // words that run over the end of a sentence bring both
    assert_eq!(fates("to be wrong. If you write").len(), 2);
}

#[test]
fn a_sentence_stands_in_a_candidate_if_that_is_what_is_said_of_it() {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/find_insights/talk/input.txt"),
    )
    .expect("the case");
    let document = document(&text);
    let candidates = found(&document);
    let mut told = 0;
    for word in ["the", "and", "it", "you", "a", "promise"] {
        for sought in why_not(&document, &Context::default(), Rules::built_in(), word) {
            let rank = candidates
                .iter()
                .position(|candidate| candidate.text.contains(&sought.sentence))
                .map(|nth| nth + 1);
            let said = match sought.fate {
                Fate::Candidate { rank } => Some(rank),
                _ => None,
            };
            assert_eq!(said, rank, "{}", sought.sentence);
            told += 1;
        }
    }
    assert!(told > 20);
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
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(5), ..ProptestConfig::default() })]

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
    fn what_is_shown_lacks_nothing_but_listed_words_and_repeats(words in proptest::collection::vec(
        prop::sample::select(vec![
            "the", "The", "we", "I", "um", "Um,", "uh,", "you", "know,", "know", "mean,", "it", "it,", "ship.", "team,", "…", "—", "ER",
        ]), 0..40)) {
        let text = words.join(" ");
        if let Some(shown) = shown(&text, Rules::built_in()) {
            assert!(!shown.contains("… …") || text.contains("… …"), "{text} / {shown}");
            let plain = |word: &str| {
                word.trim_matches(|c: char| !c.is_alphanumeric())
                    .to_lowercase()
            };
            let mut kept = shown.split(' ').filter(|word| *word != "…").peekable();
            for (nth, word) in words.iter().enumerate().filter(|(_, word)| **word != "…") {
                if kept.peek() == Some(word) {
                    kept.next();
                    continue;
                }
                let listed = ["um", "uh", "you", "know", "i", "mean"].contains(&plain(word).as_str());
                let around = words[nth.saturating_sub(4)..nth]
                    .iter()
                    .chain(words[nth + 1..].iter().take(4));
                let said_again = around.map(|word| plain(word)).any(|next| next == plain(word));
                assert!(listed || said_again, "{word} is missing: {text} / {shown}");
            }
            assert_eq!(kept.next(), None, "{text} / {shown}");
        }
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
