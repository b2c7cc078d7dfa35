//! A file of rules of the operator's own: what it may say, and what it is told when it is wrong.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use proptest::prelude::ProptestConfig;
use proptest::proptest;
use serde_json::Value;
use takefive::model::BlockKind;
use takefive::model::Document;
use takefive::model::TextOrigin;
use takefive::stages::find_insights::Context;
use takefive::stages::find_insights::RULES_BYTES_MAX;
use takefive::stages::find_insights::Rules;
use takefive::stages::find_insights::find_insights;

use crate::cases::hold_answers;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;

/// A passage about seasoning.
const BROTH: &str = "Taste the broth before you salt it, because the bones have brought more salt than you think. If you wait \
    for 20 minutes, you will need less of it than the recipe says.";

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/rules")
}

fn kitchen() -> Rules {
    let toml = fs::read_to_string(cases().join("kitchen/rules.toml")).expect("the case");
    Rules::with(&toml).expect("a file without mistakes")
}

fn document(text: &str) -> Document {
    let mut document = Document::new(TextOrigin::File);
    document.push(BlockKind::Paragraph, None, text);
    document
}

fn weight_of(rules: &Rules, name: &str) -> Option<f64> {
    rules
        .weights()
        .find(|(rule, _)| *rule == name)
        .map(|(_, weight)| weight)
}

#[track_caller]
fn told(toml: &str) -> String {
    Rules::check(toml)
        .expect_err("a file with a mistake")
        .problems()
        .named("rules.toml")
        .to_string()
}

#[test]
fn every_mistake_of_a_file_is_told_with_its_line() {
    hold_answers("rules", 7, |folder| {
        let toml = fs::read_to_string(folder.join("rules.toml")).expect("the input of the case");
        match Rules::check(&toml) {
            Ok(_) => "no mistakes\n".to_owned(),
            Err(error) => format!("{}\n", error.problems().named("rules.toml")),
        }
    });
}

#[test]
fn a_row_is_added_replaced_reweighed_or_switched_off_by_its_name() {
    let (own, built_in) = (kitchen(), Rules::built_in());
    assert_eq!(weight_of(&own, "heat-and-time"), Some(0.6));
    assert_eq!(weight_of(built_in, "heat-and-time"), None);
    assert_eq!(weight_of(&own, "comparison"), Some(0.5));
    assert_eq!(own.why("comparison"), built_in.why("comparison"));
    assert_eq!(weight_of(&own, "hype-words"), Some(0.0));
    assert_ne!(own.why("definition"), built_in.why("definition"));
    assert_eq!(
        weight_of(&own, "superlative"),
        weight_of(built_in, "superlative")
    );
    let [rules, refusals, topics] = own.counts();
    let [built_in_rules, built_in_refusals, _] = built_in.counts();
    assert_eq!(
        [rules, refusals, topics],
        [built_in_rules + 2, built_in_refusals + 1, 2]
    );
}

#[test]
fn the_same_program_finds_insights_of_another_field() {
    let document = document(BROTH);
    let (own, built_in) = (kitchen(), Rules::built_in());
    let ours = find_insights(&document, &Context::default(), &own);
    let usual = find_insights(&document, &Context::default(), built_in);
    assert!(
        ours[0].score > usual[0].score + 0.5,
        "{ours:#?}\n{usual:#?}"
    );
    assert_eq!(ours[0].topics, ["seasoning"]);
    let fired: Vec<&str> = ours[0]
        .reasons
        .iter()
        .map(|reason| reason.rule.as_str())
        .collect();
    assert!(fired.contains(&"taste-first") && fired.contains(&"heat-and-time"));
    for reason in &ours[0].reasons {
        assert!(own.why(&reason.rule).is_some(), "{}", reason.rule);
    }
}

#[test]
fn what_the_operator_refuses_is_never_quoted() {
    let sauce = document(
        "Most cooks never taste a sauce before the end, and the sauce shows it. If you stir in two tablespoons of flour at the \
         beginning, you will need less of everything, because nothing thickens a sauce better than patience.",
    );
    let card = |rules: &Rules| {
        let found = find_insights(&sauce, &Context::default(), rules);
        found
            .iter()
            .any(|candidate| candidate.text.contains("tablespoons"))
    };
    assert!(card(Rules::built_in()) && !card(&kitchen()));
}

#[test]
fn a_file_that_replaces_everything_takes_no_row_over_and_keeps_the_language() {
    let alone = "replace = true\n[[rule]]\nname = \"salty\"\nreason = \"It says something of salt.\"\nweight = 2.5\nphrases = [\"salt\"]\n";
    let rules = Rules::with(alone).expect("a file without mistakes");
    assert_eq!(rules.counts(), [1, 0, 0]);
    let found = find_insights(&document(BROTH), &Context::default(), &rules);
    assert_eq!(found[0].score.to_bits(), 2.5_f64.to_bits());
    assert_eq!(found[0].reasons.len(), 1);
}

#[test]
fn words_that_the_operator_lists_stand_beside_the_built_in_ones_or_in_their_place() {
    let row = "[[rule]]\nname = \"unsure\"\nreason = \"It is not sure of itself.\"\nweight = 3.0\nshape = \"hedges\"\nat_least = 1\n";
    let fires = |head: &str, text: &str| {
        let rules = Rules::with(&format!("{head}\n{row}")).expect("a file without mistakes");
        let found = find_insights(&document(text), &Context::default(), &rules);
        let reasons = found.first().map(|best| best.reasons.clone());
        reasons
            .unwrap_or_default()
            .iter()
            .any(|reason| reason.rule == "unsure")
    };
    let ours = BROTH.replace("you will need", "you will supposedly need");
    let theirs = BROTH.replace("you will need", "you will maybe need");
    let (ours, theirs) = (ours.as_str(), theirs.as_str());
    let list = "[words]\nhedges = \"supposedly\"";
    let replaced = "replace = [\"words\"]\n[words]\nhedges = \"supposedly\"";
    assert!(!fires("", ours) && fires("", theirs));
    assert!(fires(list, ours) && fires(list, theirs));
    assert!(fires(replaced, ours) && !fires(replaced, theirs));
}

#[test]
fn refusals_and_topics_are_switched_off_by_name() {
    let built_in = Rules::built_in().counts();
    let toml = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stages/find_insights/rules.toml"),
    )
    .expect("the built-in file");
    let first_of = |kind: &str| {
        let rows = toml.split(&format!("[[{kind}]]\nname = \"")).nth(1);
        let name = rows.and_then(|rows| rows.split('"').next());
        name.expect("a row of that kind").to_owned()
    };
    for (kind, nth) in [("refuse", 1), ("topic", 2)] {
        let name = first_of(kind);
        let off = format!("[[{kind}]]\nname = \"{name}\"\noff = true\n");
        let mut fewer = built_in;
        fewer[nth] -= 1;
        assert_eq!(Rules::with(&off).expect("no mistakes").counts(), fewer);
        let on = off.replace("true", "false");
        assert_eq!(Rules::with(&on).expect("no mistakes").counts(), built_in);
    }
}

#[test]
fn a_whole_file_laid_over_itself_changes_nothing() {
    let toml = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stages/find_insights/rules.toml"),
    )
    .expect("the built-in file");
    let (over, alone) = (
        Rules::with(&toml).expect("no mistakes"),
        Rules::parse(&toml).expect("no mistakes"),
    );
    let weights = |rules: &Rules| -> Vec<(String, f64)> {
        rules
            .weights()
            .map(|(name, weight)| (name.to_owned(), weight))
            .collect()
    };
    assert_eq!(weights(&over), weights(Rules::built_in()));
    assert_eq!(weights(&alone), weights(Rules::built_in()));
    assert_eq!(alone.sha256(), Rules::built_in().sha256());
}

#[test]
fn the_name_of_the_rules_covers_the_operators_file_and_the_built_in_one() {
    let (first, second) = ("# one\n", "# two\n");
    let name = |toml: &str| Rules::with(toml).expect("no mistakes").sha256().to_owned();
    assert_eq!(name(first), name(first));
    assert_ne!(name(first), name(second));
    let alone = Rules::parse(
        "[words]\ncommon = \"\"\nyou = \"\"\nme = \"\"\nus = \"\"\npast = \"\"\nfillers = \"\"\nhedges = \"\"\nverbs = \"\"\nlead_ins = []\n",
    );
    assert_ne!(
        alone.expect("no mistakes").sha256(),
        Rules::built_in().sha256()
    );
}

#[test]
fn the_built_in_file_has_no_mistakes() {
    let checked = Rules::check_built_in();
    assert!(checked.is_ok(), "{}", checked.expect_err("mistakes"));
}

#[test]
fn a_file_is_at_most_a_mebibyte_long_and_has_at_most_a_thousand_and_twenty_four_rows() {
    let padded = |bytes: usize| format!("#{}", " ".repeat(bytes - 1));
    assert!(Rules::check(&padded(RULES_BYTES_MAX)).is_ok());
    assert!(told(&padded(RULES_BYTES_MAX + 1)).contains("larger than 1 MiB"));
    let rows = |count: usize| {
        let row =
            |nth: usize| format!("[[topic]]\nname = \"topic {nth}\"\nphrases = [\"word{nth}\"]\n");
        let rows: String = (0..count).map(row).collect();
        format!("replace = true\n{rows}")
    };
    assert!(Rules::with(&rows(1024)).is_ok());
    assert!(told(&rows(1025)).contains("there are 1025 rows, and 1024 are the most"));
}

#[test]
fn a_weight_is_at_most_a_hundred() {
    let weight = |weight: &str| format!("[[rule]]\nname = \"comparison\"\nweight = {weight}\n");
    for allowed in ["100", "-100.0", "0"] {
        assert!(Rules::check(&weight(allowed)).is_ok(), "{allowed}");
    }
    for refused in ["100.1", "-101", "nan", "inf", "1e308"] {
        assert!(told(&weight(refused)).contains("weight is not a number from -100 to 100"));
    }
}

#[test]
fn patterns_that_would_take_too_much_room_are_refused() {
    let pattern = |pattern: &str| {
        format!(
            "[[rule]]\nname = \"r\"\nreason = \"It is large.\"\nweight = 1\npattern = '{pattern}'\n"
        )
    };
    let huge = told(&pattern("(?:[a-z]{900}){900}"));
    assert!(
        huge.starts_with("rules.toml:2: \"r\": its pattern takes too much room"),
        "{huge}"
    );
}

/// Rules that leave nothing of the claims of a newsroom but one word, which is worth much.
const ONLY_WISHES: &str = "replace = true\n[[rule]]\nname = \"wishful\"\nreason = \"It speaks of wishes.\"\nweight = 7.5\n\
    phrases = [\"wish\"]\nyes = [\"It is a wish.\"]\nno = [\"It is a plan.\"]\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_run_finds_by_the_operators_rules_and_explain_names_them() {
    let room = Newsroom::new()
        .await
        .with_rules(ONLY_WISHES)
        .blog("notes", DAY, &CLAIMS[2..4]);
    let chosen = room.run_on(DAY).exits(0).report();
    let insights = chosen["insights"].as_array().expect("a list");
    assert_eq!(insights.len(), 1, "{chosen}");
    assert!(
        insights[0]["text"]
            .as_str()
            .expect("a text")
            .contains("wish")
    );
    let reasons = serde_json::json!([{"rule": "wishful", "points": 7.5}]);
    assert_eq!(insights[0]["reasons"], reasons);
    let sha256: String = room
        .store()
        .query_row("SELECT digest ->> 'rules_sha256' FROM edition", [], |row| {
            row.get(0)
        })
        .expect("the edition names its rules");
    assert_eq!(
        sha256,
        Rules::with(ONLY_WISHES).expect("no mistakes").sha256()
    );
    let explained = room.takefive(["explain", "--date", DAY]).exits(0);
    assert!(
        explained.stdout.contains("It speaks of wishes."),
        "{explained:?}"
    );
    let preview = room.takefive(["preview", "--date", "2026-05-05", "--json"]);
    assert_eq!(preview.code, 0, "{preview:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_of_ones_own_is_read_by_the_rules_that_are_named_or_those_of_the_settings() {
    let room = Newsroom::new()
        .await
        .with_rules(ONLY_WISHES)
        .blog("notes", DAY, &CLAIMS[..1]);
    fs::write(room.path("talk.txt"), CLAIMS[3]).expect("the folder takes a file");
    fs::write(room.path("none.toml"), "").expect("the folder takes a file");
    let rules_of = |arguments: &[&str]| -> Vec<String> {
        let ran = room.takefive(arguments).exits(0);
        let best: Value =
            serde_json::from_str(ran.stdout.lines().next().expect("a candidate")).expect("JSON");
        let reasons = best["reasons"].as_array().expect("reasons");
        reasons
            .iter()
            .map(|reason| reason["rule"].as_str().expect("a name").to_owned())
            .collect()
    };
    for command in ["extract", "explain"] {
        assert_eq!(rules_of(&[command, "talk.txt", "--json"]), ["wishful"]);
        let named = rules_of(&[command, "talk.txt", "--json", "--rules", "none.toml"]);
        assert!(
            named.len() > 3 && !named.contains(&"wishful".to_owned()),
            "{named:?}"
        );
    }
    fs::remove_file(room.path("my-rules.toml")).expect("it was there");
    let gone = room.takefive(["extract", "talk.txt"]).exits(2);
    assert!(
        gone.stderr
            .contains("my-rules.toml: there is no such file of rules"),
        "{gone:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_of_rules_ends_every_step_before_anything_is_touched() {
    let room = Newsroom::new()
        .await
        .with_rules("replase = true\n[[rule]]\nname = \"comparison\"\nweight = \"much\"\n")
        .blog("notes", DAY, &CLAIMS[..1]);
    let told = "takefive: 2 things to mend; nothing was touched\n\
        my-rules.toml:1: there is no key \"replase\"; did you mean \"replace\"?\n\
        my-rules.toml:4: \"comparison\": weight is text, where a number is wanted; write weight = 0.3\n";
    for step in [
        &["run"][..],
        &["run", "--dry-run"],
        &["gather"],
        &["choose"],
        &["preview"],
        &["explain"],
        &["extract", "sources.toml"],
        &["explain", "sources.toml"],
    ] {
        let ran = room.takefive(step).exits(2);
        assert_eq!(
            (ran.stdout.as_str(), ran.stderr.as_str()),
            ("", told),
            "{step:?}"
        );
    }
    assert!(!room.path("takefive.db").exists());
    assert_eq!(room.web.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_check_tells_all_mistakes_and_ends_with_two_or_says_in_one_line_that_there_are_none()
{
    let room = Newsroom::new().await;
    for case in ["kitchen", "examples_that_do_not_hold"] {
        fs::copy(cases().join(case).join("rules.toml"), room.path(case)).expect("a copy");
    }
    let built_in = room.takefive(["rules", "check"]).exits(0);
    assert_eq!(built_in.stdout.lines().count(), 1, "{built_in:?}");
    let good = room.takefive(["rules", "check", "kitchen"]).exits(0);
    assert!(good.stdout.starts_with("kitchen: no mistakes; ") && good.stdout.lines().count() == 1);
    assert_eq!(
        room.takefive(["rules", "check", "kitchen", "--quiet"])
            .exits(0)
            .stdout,
        ""
    );
    let bad = room
        .takefive(["rules", "check", "examples_that_do_not_hold"])
        .exits(2);
    let lines: Vec<&str> = bad.stdout.lines().collect();
    assert!(
        lines[0].starts_with("examples_that_do_not_hold:8: \"slow-fire\": "),
        "{bad:?}"
    );
    assert_eq!(lines.last(), Some(&"4 things to mend"));
    let json = room
        .takefive(["rules", "check", "examples_that_do_not_hold", "--json"])
        .exits(2)
        .report();
    assert_eq!(json["mistakes"].as_array().map(Vec::len), Some(4));
    assert_eq!(json["mistakes"][0]["line"], 8);
    let json = room
        .takefive(["rules", "check", "kitchen", "--json"])
        .exits(0)
        .report();
    assert_eq!(
        (&json["counts"]["topic"], &json["mistakes"]),
        (&2.into(), &serde_json::json!([]))
    );
    room.takefive(["rules", "check", "nowhere.toml"]).exits(2);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn no_text_at_all_brings_the_reader_of_rules_down(
        text in "(\\[\\[?(rule|refuse|topic|words)\\]\\]?\n|(name|reason|weight|phrases|pattern|shape|at_least|yes|off|replace) = |[=\"'{}\\[\\]., 0-9\n\r\t#*^é-]|\"(comparison|words|a)\"\n|0.5\n){0,40}"
    ) {
        let _ = Rules::check(&text);
    }
}
