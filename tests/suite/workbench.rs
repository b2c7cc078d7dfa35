//! The workbench: what counts as a hit, what is scored, and how weights are fitted.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;
use takefive::stages::find_insights::Rules;
use takefive::workbench::baselines::Baseline;
use takefive::workbench::bench::Bench;
use takefive::workbench::captions::captions;
use takefive::workbench::corpus::Corpus;
use takefive::workbench::corpus::Episode;
use takefive::workbench::corpus::Gold;
use takefive::workbench::corpus::Utterance;
use takefive::workbench::fitting::FitOptions;
use takefive::workbench::fitting::FittedRows;
use takefive::workbench::fitting::Kept;
use takefive::workbench::fitting::Labelled;
use takefive::workbench::fitting::cross_validated;
use takefive::workbench::fitting::fit;
use takefive::workbench::fitting::refitted;
use takefive::workbench::guards::guards;
use takefive::workbench::guards::is_sound;
use takefive::workbench::guards::opens_pointing;
use takefive::workbench::hits::GoldIndex;
use takefive::workbench::hits::Hit;
use takefive::workbench::hits::counted;
use takefive::workbench::ranking::Pick;
use takefive::workbench::ranking::Ranking;
use takefive::workbench::regression::Cases;
use takefive::workbench::regression::Outcome;
use takefive::workbench::regression::regress;
use takefive::workbench::scores::Level;
use takefive::workbench::scores::Tried;
use takefive::workbench::scores::scores;
use takefive::workbench::weights::RulesText;
use takefive::workbench::weights::with_weights;

use crate::world::newsroom::program;
use crate::world::newsroom::ran;

/// Four small talks, and what was picked out of them.
fn talks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/workbench/talks")
}

/// The episodes of the talks as files, and their gold.
fn talk_files() -> (Vec<(String, String)>, String) {
    let mut episodes: Vec<(String, String)> = fs::read_dir(talks().join("episodes"))
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (
                format!("episodes/{name}"),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    episodes.sort();
    let gold = fs::read_to_string(talks().join("gold.jsonl")).unwrap();
    (episodes, gold)
}

fn talk_corpus() -> Corpus {
    let (episodes, gold) = talk_files();
    Corpus::read(&episodes, &gold).unwrap()
}

/// So many words that nobody else says, such as `a0 a1 a2`.
fn words(name: &str, count: usize) -> String {
    let words: Vec<String> = (0..count).map(|nth| format!("{name}{nth}")).collect();
    words.join(" ")
}

fn gold(text: &str, grade: u8) -> Gold {
    Gold {
        episode: "talk".to_owned(),
        text: text.to_owned(),
        grade,
        start: Some(100.0),
        utt_end: Some(130.0),
    }
}

fn hits(text: &str, gold_text: &str, start_seconds: Option<f64>) -> bool {
    !GoldIndex::new(&[gold(gold_text, 1)])
        .hits(text, start_seconds)
        .is_empty()
}

#[test]
fn half_of_the_shorter_text_is_a_hit_and_a_word_less_is_none() {
    let picked = words("a", 20);
    let with_ten = format!("{} {}", words("a", 10), words("x", 10));
    let with_nine = format!("{} {}", words("a", 9), words("x", 11));
    assert!(hits(&with_ten, &picked, None));
    assert!(!hits(&with_nine, &picked, None));
    // the shorter text may be the picked one
    let long = format!("{} {}", words("x", 40), words("a", 10));
    assert!(hits(&long, &picked, None));
    assert!(!hits(
        &format!("{} {}", words("x", 40), words("a", 9)),
        &picked,
        None
    ));
}

#[test]
fn in_the_same_utterance_four_words_of_ten_are_enough() {
    let picked = words("a", 20);
    let with_eight = format!("{} {}", words("a", 8), words("x", 12));
    let with_seven = format!("{} {}", words("a", 7), words("x", 13));
    for inside in [99.0, 100.0, 131.0] {
        assert!(hits(&with_eight, &picked, Some(inside)), "{inside}");
        assert!(!hits(&with_seven, &picked, Some(inside)), "{inside}");
    }
    for outside in [Some(98.9), Some(131.1), None] {
        assert!(!hits(&with_eight, &picked, outside), "{outside:?}");
    }
}

#[test]
fn words_count_as_shared_in_runs_of_three_only() {
    let picked = words("a", 12);
    assert!(hits("a0 a1 a2 x x a4 a5 a6 x x a8 a9", &picked, None));
    assert!(!hits("a0 a1 x x a4 a5 x x a7 a8 x x", &picked, None));
}

#[test]
fn case_marks_and_fillers_do_not_part_two_texts() {
    let picked = "It’s the people, um, who stay that you should have asked.";
    assert!(hits(
        "IT'S THE PEOPLE WHO STAY (that you should HAVE) asked",
        picked,
        None
    ));
}

#[test]
fn essays_and_slogans_never_hit() {
    let picked = words("a", 95);
    assert!(hits(&words("a", 90), &picked, None));
    assert!(!hits(&words("a", 91), &picked, None));
    assert!(hits(&words("a", 8), &picked, None));
    assert!(!hits(&words("a", 7), &picked, None));
}

#[test]
fn a_picked_passage_counts_once_and_the_best_of_several_counts() {
    let hit = |gold: usize, grade: u8, share: f64| Hit { gold, grade, share };
    let tried = vec![
        vec![hit(0, 1, 0.9), hit(1, 3, 0.5)],
        vec![hit(1, 3, 0.8)],
        vec![hit(1, 3, 1.0), hit(0, 1, 0.6)],
        vec![],
    ];
    assert_eq!(counted(&tried, 1), [Some(3), None, Some(1), None]);
    assert_eq!(counted(&tried, 2), [Some(3), None, None, None]);
    let of_equal_grade = vec![vec![hit(0, 2, 0.6), hit(1, 2, 0.7)], vec![hit(0, 2, 0.6)]];
    assert_eq!(counted(&of_equal_grade, 1), [Some(2), Some(2)]);
}

#[test]
fn scores_are_what_a_hand_computes() {
    let golds = [
        GoldIndex::new(&[gold(&words("a", 9), 1), gold(&words("b", 9), 3)]),
        GoldIndex::new(&[gold(&words("c", 9), 1)]),
    ];
    let hits = |name: &str| golds[0].hits(&words(name, 9), None);
    let tried = [
        Tried {
            hits: vec![vec![], hits("b"), hits("a")],
            words: vec![9, 9, 12],
        },
        Tried::default(),
    ];
    let scores_of = |level| scores(&tried, &golds, level);
    let any = scores_of(Level::Any).unwrap();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    assert_eq!(any.episodes, 2);
    // two of five, and none of five
    near(any.precision_at_5, 0.2);
    near(any.hit_at_5, 0.5);
    near(any.mrr, 0.25);
    near(any.mean_words, 10.0);
    // 7 at the second place and 1 at the third, of 7 at the first and 1 at the second; the other episode has nothing
    let ideal = 7.0 + 1.0 / 3.0_f64.log2();
    near(
        any.ndcg_at_10,
        (7.0 / 3.0_f64.log2() + 1.0 / 2.0) / ideal / 2.0,
    );
    assert!(any.interval.0 <= 0.2 && 0.2 <= any.interval.1);
    assert_eq!(any.interval, scores_of(Level::Any).unwrap().interval);
    let human = scores_of(Level::Human).unwrap();
    assert_eq!(
        human.episodes, 1,
        "an episode without gold of a level is left out"
    );
    near(human.precision_at_5, 0.2);
    near(human.ndcg_at_10, 1.0 / 3.0_f64.log2());
}

#[test]
fn precision_looks_at_five_and_the_first_hit_may_be_the_tenth() {
    let golds: Vec<Gold> = (0..12)
        .map(|nth| gold(&words(&format!("g{nth}n"), 9), 1))
        .collect();
    let index = GoldIndex::new(&golds);
    let tried_at = |place: usize| {
        let mut hits = vec![vec![]; 12];
        hits[place] = index.hits(&golds[0].text, None);
        let tried = Tried {
            hits,
            words: vec![9; 12],
        };
        scores(&[tried], std::slice::from_ref(&index), Level::Any).unwrap()
    };
    assert!(tried_at(4).precision_at_5 > 0.19);
    assert!(tried_at(5).precision_at_5 == 0.0);
    assert!(tried_at(9).mrr > 0.09);
    assert!(tried_at(10).mrr == 0.0);
}

#[test]
fn guards_tell_what_a_top_five_must_not_be() {
    for pointing in [
        "It works.",
        "And that makes it slow.",
        "So they’re late.",
        "\"This is it.\"",
        "but SHE left",
    ] {
        assert!(opens_pointing(pointing), "{pointing}");
    }
    for standing in [
        "Items work.",
        "And teams are slow.",
        "So and it.",
        "Then it works.",
        "",
    ] {
        assert!(!opens_pointing(standing), "{standing}");
    }
    let text = "Small teams, they decide faster because fewer people have to be told.";
    assert!(is_sound(
        "Small teams decide faster because fewer people have to be told",
        text
    ));
    assert!(is_sound("Small teams decide faster because", text));
    assert!(!is_sound("Small teams decide faster", text), "four words");
    assert!(
        !is_sound("Large teams decide faster because", text),
        "a word of its own"
    );
    let pick = |text: &str, headline: Option<&str>| Pick {
        text: text.to_owned(),
        start_seconds: None,
        headline: headline.map(str::to_owned),
    };
    let picks = [
        pick(text, Some("Small teams decide faster because")),
        pick("Is that so?", Some("No word of it at all")),
        pick(&words("a", 91), None),
        pick(&words("a", 90), None),
    ];
    let episode = format!("Well. {text} {}", words("a", 91));
    let told = guards(picks.iter().map(|pick| (pick, episode.as_str())));
    assert_eq!(told.passages, 4);
    assert_eq!(told.over_90_words, 1);
    assert!((told.questions - 0.25).abs() < 1e-9);
    assert!((told.verbatim - 0.75).abs() < 1e-9);
    assert_eq!(told.sound_headlines, Some(0.5));
}

#[test]
fn an_episode_becomes_captions_as_a_player_gets_them() {
    let utterance = |speaker: &str, start: f64, text: &str| Utterance {
        speaker: Some(speaker.to_owned()),
        start: Some(start),
        text: text.to_owned(),
    };
    let episode = Episode {
        slug: "talk".to_owned(),
        utterances: vec![
            utterance(
                "Mira <host>",
                3599.0,
                "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
            ),
            utterance("Jonas", 3607.0, "Profit & loss -->\nand so on"),
            // the clock of a corpus has whole seconds
            utterance("Mira", 3607.0, "Yes"),
        ],
    };
    assert_eq!(
        captions(&episode),
        "WEBVTT\n\
         \n00:59:59.000 --> 01:00:06.000\n<v Mira host>one two three four five six seven eight nine ten eleven twelve thirteen fourteen\n\
         \n01:00:06.000 --> 01:00:07.000\n<v Mira host>fifteen sixteen\n\
         \n01:00:07.000 --> 01:00:07.700\n<v Jonas>Profit &amp; loss --&gt; and so on\n\
         \n01:00:07.700 --> 01:00:08.060\n<v Mira>Yes\n"
    );
}

#[test]
fn a_wrong_corpus_is_told_with_file_and_line() {
    let (episodes, gold) = talk_files();
    let told = |episodes: &[(String, String)], gold: &str| {
        Corpus::read(episodes, gold).unwrap_err().to_string()
    };
    let mut broken = episodes.clone();
    broken[1].1 = broken[1]
        .1
        .replacen("\"start\": 8,", "\"start\": \"soon\",", 1);
    let error = told(&broken, &gold);
    assert!(error.starts_with("episodes/garden.json:11: "), "{error}");
    let second = gold.lines().nth(1).unwrap();
    for (wrong, why) in [
        (
            second.replace("\"grade\": 2", "\"grade\": 4"),
            "write 1, 2 or 3",
        ),
        (
            second.replace("harbour", "harbor"),
            "no file of episodes/ has the slug \"harbor\"",
        ),
        (
            second.replace("\"text\"", "\"words\""),
            "missing field `text`",
        ),
        ("harbour".to_owned(), "expected"),
    ] {
        let error = told(&episodes, &gold.replacen(second, &wrong, 1));
        assert!(
            error.starts_with("gold.jsonl:2: ") && error.contains(why),
            "{error}"
        );
    }
    let mut twice = episodes.clone();
    twice.push(("episodes/z.json".to_owned(), episodes[0].1.clone()));
    let error = told(&twice, &gold);
    assert!(
        error.contains("episodes/z.json") && error.contains("episodes/bakery.json"),
        "{error}"
    );
    assert!(told(&[], &gold).contains("no episode"));
    assert!(told(&episodes, "\n").contains("no golden passage"));
}

#[test]
fn an_episode_in_which_nothing_is_said_is_told_by_its_name() {
    let (mut episodes, gold) = talk_files();
    episodes.push((
        "episodes/quiet.json".to_owned(),
        r#"{"slug": "quiet", "utterances": [{"speaker": "Mira", "text": " "}]}"#.to_owned(),
    ));
    let corpus = Corpus::read(&episodes, &gold).unwrap();
    let told = Bench::new(&corpus).unwrap_err().to_string();
    assert!(
        told.starts_with("episode \"quiet\": nothing readable"),
        "{told}"
    );
}

#[test]
fn what_people_picked_scores_as_high_as_can_be() {
    let (_, gold) = talk_files();
    let mut picks: BTreeMap<String, Vec<(u8, Pick)>> = BTreeMap::new();
    for line in gold.lines() {
        let row: Gold = serde_json::from_str(line).unwrap();
        let pick = Pick {
            text: row.text,
            start_seconds: None,
            headline: None,
        };
        picks
            .entry(row.episode)
            .or_default()
            .push((row.grade, pick));
    }
    let best_first = |mut picks: Vec<(u8, Pick)>| {
        picks.sort_by_key(|(grade, _)| std::cmp::Reverse(*grade));
        picks.into_iter().map(|(_, pick)| pick).collect()
    };
    let ranking = Ranking {
        way: "people".to_owned(),
        picks: picks.into_values().map(best_first).collect(),
    };
    let bench = Bench::new(&talk_corpus()).unwrap();
    let judged = bench.judge(&ranking);
    assert_eq!(judged.scores.len(), 3);
    for row in &judged.scores {
        assert!(row.ndcg_at_10 > 0.999 && row.mrr > 0.999, "{row:?}");
    }
    assert!((judged.scores[0].precision_at_5 - 0.6).abs() < 1e-9);
    assert!(judged.guards.verbatim > 0.999);
}

#[test]
fn a_baseline_picks_from_what_the_guest_says_and_never_the_same_twice() {
    let bench = Bench::new(&talk_corpus()).unwrap();
    let surveys = bench.surveys(Rules::built_in());
    let (episodes, _) = talk_files();
    for baseline in Baseline::ALL {
        let ranking = bench.picked_by(baseline, &surveys);
        assert_eq!(ranking, bench.picked_by(baseline, &surveys), "{baseline:?}");
        for (picks, (file, text)) in ranking.picks.iter().zip(&episodes) {
            let episode: Episode = serde_json::from_str(text).unwrap();
            assert!(!picks.is_empty(), "{baseline:?} {file}");
            let guest = &episode.utterances[1].speaker;
            let mut heard = String::new();
            for pick in picks {
                let said = episode
                    .utterances
                    .iter()
                    .find(|utterance| utterance.text.contains(&pick.text));
                assert_eq!(&said.unwrap().speaker, guest, "{baseline:?} {}", pick.text);
                assert!(!heard.contains(&pick.text));
                heard += &pick.text;
            }
        }
    }
    let lead = bench.picked_by(Baseline::Lead, &surveys);
    assert!(lead.picks[0][0].start_seconds < lead.picks[0][1].start_seconds);
    let longest = bench.picked_by(Baseline::Longest, &surveys);
    let length = |nth: usize| longest.picks[0][nth].text.split_whitespace().count();
    assert!(length(0) >= length(1));
}

/// Cases in which some of four rules fire, with outcomes as these weights make them likely.
fn planted(weights: [f64; 4], level: f64) -> Cases {
    let mut state = 7_u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(state >> 32).unwrap()) / f64::from(u32::MAX)
    };
    let mut cases = Cases::default();
    for _ in 0..20_000 {
        let fired: Vec<usize> = (0..4).filter(|_| draw() < 0.3).collect();
        let sum: f64 = level + fired.iter().map(|rule| weights[*rule]).sum::<f64>();
        let hit = draw() < 1.0 / (1.0 + (-sum).exp());
        cases.push(&fired, Outcome { hit, times: 1.0 });
    }
    cases
}

#[test]
fn a_regression_finds_the_weights_that_made_the_cases() {
    let free = [(f64::NEG_INFINITY, f64::INFINITY); 4];
    let weights = [1.5, 0.4, -1.0, 0.0];
    let found = regress(&planted(weights, -2.0), &free, 1.0);
    for (found, planted) in found.iter().zip(weights) {
        assert!((found - planted).abs() < 0.15, "{found} for {planted}");
    }
}

#[test]
fn a_regression_keeps_within_bounds_and_is_held_near_nothing_by_the_ridge() {
    let cases = planted([1.5, 0.4, -1.0, 0.0], -2.0);
    let bounds = [
        (0.0, 1.0),
        (f64::NEG_INFINITY, 0.0),
        (-0.25, 2.0),
        (0.5, 0.75),
    ];
    let bound = regress(&cases, &bounds, 1.0);
    let at_bounds: Vec<u64> = bound.iter().map(|weight| weight.to_bits()).collect();
    assert_eq!(
        at_bounds,
        [1.0_f64, 0.0, -0.25, 0.5].map(f64::to_bits),
        "{bound:?}"
    );
    let free = [(f64::NEG_INFINITY, f64::INFINITY); 4];
    let loose = regress(&cases, &free, 1.0);
    let tight = regress(&cases, &free, 2_000.0);
    for (loose, tight) in loose.iter().zip(&tight).take(3) {
        assert!(tight.abs() < loose.abs() && tight.signum() == loose.signum());
    }
}

#[test]
fn a_regression_gives_the_same_bits_each_time_and_ends_where_all_cases_are_alike() {
    let free = [(f64::NEG_INFINITY, f64::INFINITY); 4];
    let bits = |weights: Vec<f64>| -> Vec<u64> { weights.into_iter().map(f64::to_bits).collect() };
    let cases = planted([1.5, 0.4, -1.0, 0.0], -2.0);
    assert_eq!(
        bits(regress(&cases, &free, 10.0)),
        bits(regress(&cases.clone(), &free, 10.0))
    );
    let mut alike = Cases::default();
    for _ in 0..50 {
        alike.push(
            &[0, 2],
            Outcome {
                hit: true,
                times: 2.0,
            },
        );
    }
    for weight in
        regress(&alike, &free, 1.0)
            .into_iter()
            .chain(regress(&Cases::default(), &free, 1.0))
    {
        assert!(weight.is_finite());
    }
}

/// A file of four rules; `rows` are further keys of each.
fn four_rules(weights: [f64; 4], rows: [&str; 4]) -> String {
    let names = ["first", "second", "third", "fourth"];
    let mut toml = "replace = true\n\n[words]\n".to_owned();
    for list in [
        "common", "you", "me", "us", "past", "fillers", "hedges", "verbs",
    ] {
        toml.extend([list, " = \"\"\n"]);
    }
    toml += "lead_ins = []\n";
    for ((name, weight), keys) in names.iter().zip(weights).zip(rows) {
        let _ = write!(
            toml,
            "\n[[rule]] # of {name} things\nname = \"{name}\"\nreason = \"It says {name}.\"\nweight = {weight:?} # so far\nphrases = [\"{name}\"]\n{keys}\nyes = [\"{name}\"]\nno = [\"x\"]\n"
        );
    }
    toml
}

#[test]
fn a_fit_keeps_signs_bounds_and_what_the_file_keeps() {
    let cases = planted([1.5, 0.4, -1.0, 0.3], -2.0);
    let options = FitOptions {
        ridge: 1.0,
        ..FitOptions::default()
    };
    let fitted = |weights: [f64; 4], rows: [&str; 4]| {
        let rules = RulesText::of_file(four_rules(weights, rows)).unwrap();
        fit(&cases, &rules, &options).unwrap()
    };
    let after =
        |weights, rows| -> Vec<f64> { fitted(weights, rows).iter().map(|row| row.after).collect() };
    let plain = after([0.1, 0.1, -0.1, 0.1], [""; 4]);
    assert!(
        plain[0] > plain[1] && plain[1] > plain[3] && plain[3] > 0.0 && plain[2] < -0.8,
        "{plain:?}"
    );
    // what is set against its sign keeps what shows the sign
    let against = after([0.1, -0.2, 0.2, 0.1], [""; 4]);
    assert_eq!((against[1], against[2]), (-0.04, 0.04));
    let rows = fitted(
        [0.1, 0.7, -0.1, 0.0],
        [
            "weight_max = 0.5",
            "fit = false",
            "weight_min = -0.3\nweight_max = 0.3",
            "",
        ],
    );
    let weights: Vec<f64> = rows.iter().map(|row| row.after).collect();
    assert_eq!(weights, [0.5, 0.7, -0.3, 0.0]);
    assert_eq!(rows[1].kept, Some(Kept::AsTheFileSays));
    assert_eq!(rows[3].kept, Some(Kept::AsTheFileSays));
    // a rule that is kept takes no part of the others' weight with it
    let beside = after([0.1, 0.7, -0.1, 0.1], ["", "fit = false", "", ""]);
    assert!((beside[0] - plain[0]).abs() < 0.02 && (beside[2] - plain[2]).abs() < 0.02);
}

#[test]
fn a_rule_that_fires_too_seldom_keeps_its_weight() {
    let mut cases = planted([1.5, 0.4, -1.0, 0.0], -2.0);
    let rules = RulesText::of_file(four_rules([0.1, 0.1, -0.1, 0.1], [""; 4])).unwrap();
    let (fires, _) = cases.fires(4)[0];
    let kept = |cases: &Cases, fires_min: usize| {
        let options = FitOptions {
            fires_min,
            ..FitOptions::default()
        };
        fit(cases, &rules, &options).unwrap()[0].kept
    };
    assert_eq!(kept(&cases, fires), None);
    assert_eq!(kept(&cases, fires + 1), Some(Kept::FiresTooSeldom));
    cases.push(
        &[0],
        Outcome {
            hit: false,
            times: 1.0,
        },
    );
    assert_eq!(kept(&cases, fires + 1), None);
}

#[test]
fn bounds_that_cannot_hold_are_told_with_their_line() {
    for (keys, why) in [
        ("weight_min = 0.5", "does not hold of the weight"),
        ("weight_max = 0.05", "does not hold of the weight"),
        ("weight_min = nan", "is not a finite number"),
        ("weight_max = 2.0\nfit = false", "is for a fit"),
        ("fit = 0", "true or false"),
    ] {
        let toml = four_rules([0.1, 0.1, 0.1, 0.1], ["", keys, "", ""]);
        let error = Rules::with(&toml).unwrap_err();
        let told = error.problems().named("own.toml").to_string();
        let bound = keys.lines().next().unwrap();
        let line = 1 + toml.lines().position(|line| line == bound).unwrap();
        assert!(
            told.starts_with(&format!("own.toml:{line}: \"second\": ")) && told.contains(why),
            "{told}"
        );
    }
}

#[test]
fn a_file_over_the_built_in_rules_is_fitted_where_it_names_a_weight() {
    let own = "[[rule]]\nname = \"superlative\"\nweight = 3.0\n\n[[rule]]\nname = \"framework\"\nweight = 0.0\n";
    let rules = RulesText::of_file(own.to_owned()).unwrap();
    let bench = Bench::new(&talk_corpus()).unwrap();
    let options = FitOptions {
        fires_min: 1,
        ..FitOptions::default()
    };
    let labelled = Labelled::new(&bench, &bench.surveys(rules.rules()), &options);
    let fitted = labelled.fit(&rules, &options).unwrap();
    for row in &fitted {
        let kept = match row.rule.as_str() {
            "superlative" => None,
            "framework" => Some(Kept::AsTheFileSays),
            _ => Some(Kept::NotInTheFile),
        };
        assert_eq!(row.kept, kept, "{}", row.rule);
    }
    let text = refitted(&rules, &fitted).unwrap();
    assert_ne!(text.toml(), own);
    assert_eq!(text.toml().lines().count(), own.lines().count());
}

#[test]
fn cross_validation_can_fit_the_whole_of_a_short_file_and_the_rules_under_it() {
    // as it weighs in the built-in file: a rule that fires in no other fold keeps its weight
    let mut weights = Rules::built_in().weights();
    let (_, weight) = weights.find(|(rule, _)| *rule == "superlative").unwrap();
    let own = format!("[[rule]]\nname = \"superlative\"\nweight = {weight}\n");
    let rules = RulesText::of_file(own).unwrap();
    let bench = Bench::new(&talk_corpus()).unwrap();
    let of_the_file = FitOptions {
        ridge: 5.0,
        fires_min: 1,
        ..FitOptions::default()
    };
    let all = FitOptions {
        rows: FittedRows::All,
        ..of_the_file
    };
    let labelled = Labelled::new(&bench, &bench.surveys(rules.rules()), &of_the_file);
    let moved = |options: &FitOptions| -> Vec<String> {
        let fitted = labelled.fit(&rules, options).unwrap().into_iter();
        let moved = fitted.filter(|row| row.kept.is_none());
        moved.map(|row| row.rule).collect()
    };
    assert_eq!(moved(&of_the_file), ["superlative"]);
    assert!(moved(&all).len() > 20, "{:?}", moved(&all));

    let whole = RulesText::built_in();
    let picks = |rules: &RulesText, options: &FitOptions| {
        cross_validated(&bench, &labelled, rules, 2, options)
            .unwrap()
            .picks
    };
    assert_eq!(picks(&rules, &all), picks(&whole, &all));
    assert_ne!(picks(&rules, &all), picks(&rules, &of_the_file));
}

#[test]
fn new_weights_change_the_numbers_of_a_file_and_nothing_else() {
    let toml = four_rules([0.4, -1.0, 0.25, 2.0], [""; 4]).replace("0.25", "0.250 ");
    let weights = BTreeMap::from([
        ("first".to_owned(), 0.4567),
        ("second".to_owned(), -0.001),
        ("third".to_owned(), 0.2504),
    ]);
    let text = with_weights(&toml, &weights).unwrap();
    let expected = toml
        .replace("weight = 0.4 #", "weight = 0.46 #")
        .replace("weight = -1.0 #", "weight = 0.0 #");
    assert_eq!(text, expected);
    assert_ne!(text, toml);
}

/// Fits the built-in rules to a corpus and cross-validates them; small as it is, every rule counts.
fn fitted_text(corpus: &Corpus) -> (String, Vec<Vec<Pick>>) {
    let options = FitOptions {
        ridge: 5.0,
        fires_min: 5,
        ..FitOptions::default()
    };
    let rules = RulesText::built_in();
    let bench = Bench::new(corpus).unwrap();
    let labelled = Labelled::new(&bench, &bench.surveys(rules.rules()), &options);
    let fitted = refitted(&rules, &labelled.fit(&rules, &options).unwrap()).unwrap();
    let picks = cross_validated(&bench, &labelled, &rules, 2, &options)
        .unwrap()
        .picks;
    (fitted.toml().to_owned(), picks)
}

#[test]
fn a_fit_is_the_same_byte_for_byte_and_never_reads_who_picked_or_who_is_the_host() {
    let (episodes, gold) = talk_files();
    let plain = fitted_text(&Corpus::read(&episodes, &gold).unwrap());
    assert_ne!(
        plain.0,
        Rules::built_in_toml(),
        "the fit has changed something"
    );
    let told: Vec<(String, String)> = episodes
        .iter()
        .rev()
        .map(|(file, text)| {
            let mut episode: Value = serde_json::from_str(text).unwrap();
            for (nth, utterance) in episode["utterances"]
                .as_array_mut()
                .unwrap()
                .iter_mut()
                .enumerate()
            {
                utterance["role"] = Value::from(if nth % 2 == 0 { "guest" } else { "host" });
            }
            episode["title"] = Value::from("What most teams get wrong");
            (file.clone(), episode.to_string())
        })
        .collect();
    let origins: Vec<String> = gold
        .lines()
        .enumerate()
        .map(|(nth, line)| {
            let mut row: Value = serde_json::from_str(line).unwrap();
            row["sources"] = Value::from(vec![format!("reader-{}", nth % 3)]);
            row["votes"] = Value::from(nth);
            row.to_string()
        })
        .collect();
    assert_eq!(
        fitted_text(&Corpus::read(&told, &origins.join("\n")).unwrap()),
        plain
    );
}

#[test]
fn eval_prints_scores_of_the_rules_beside_those_of_the_baselines() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = talks();
    let arguments = [
        "rules",
        "eval",
        "--corpus",
        corpus.to_str().unwrap(),
        "--folds",
        "2",
        "--predictions",
        "picks.jsonl",
    ];
    let told = ran(&mut program(folder.path(), arguments)).exits(0).stdout;
    for way in [
        "rules",
        "fitted, 2 folds",
        "random",
        "lead",
        "longest",
        "TF-IDF centroid",
        "LexRank",
    ] {
        let rows = told
            .lines()
            .filter(|line| line.starts_with(&format!("{way}  ")))
            .count();
        assert_eq!(rows, 4, "{way} at three levels and in the guards:\n{told}");
    }
    let report = ran(&mut program(
        folder.path(),
        arguments.iter().chain(&["--json"]),
    ))
    .exits(0)
    .report();
    assert_eq!(report["episodes"], 4);
    assert_eq!(report["passages"], 12);
    let scores = &report["ways"][0]["scores"][0];
    assert_eq!(scores["level"], "any");
    for name in [
        "precision_at_5",
        "interval",
        "hit_at_5",
        "ndcg_at_10",
        "mrr",
        "mean_words",
    ] {
        assert!(!scores[name].is_null(), "{name}");
    }
    let picks = fs::read_to_string(folder.path().join("picks.jsonl")).unwrap();
    let first: Value = serde_json::from_str(picks.lines().next().unwrap()).unwrap();
    assert_eq!(first["episode"], "bakery");
    assert_eq!(first["rank"], 1);
    assert!(first["text"].is_string() && first["start"].is_number());
}

#[test]
fn fit_writes_a_file_of_rules_that_can_be_used_and_fitted_again() {
    let folder = tempfile::tempdir().unwrap();
    let corpus = talks();
    let corpus = corpus.to_str().unwrap();
    let fit = ["rules", "fit", "--corpus", corpus, "--folds", "2"];
    let run = |more: &[&str]| ran(&mut program(folder.path(), fit.iter().chain(more)));
    run(&["--out", "own.toml"]).exits(0);
    let own = fs::read_to_string(folder.path().join("own.toml")).unwrap();
    Rules::parse(&own).unwrap();
    let report = run(&["--rules", "own.toml", "--json"]).exits(0).report();
    assert_eq!(
        report["rules"].as_array().unwrap().len(),
        Rules::built_in().weights().count()
    );
    assert_eq!(report["ways"].as_array().unwrap().len(), 3);
    // fitted to the same talks, in place
    assert_eq!(
        fs::read_to_string(folder.path().join("own.toml")).unwrap(),
        own
    );
    run(&[]).exits(2);
    let nowhere = run(&["--corpus", "nowhere", "--out", "x.toml"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    assert!(!folder.path().join("x.toml").exists());
}
