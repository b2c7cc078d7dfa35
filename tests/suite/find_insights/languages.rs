//! Which texts the rules can serve.

use std::fs;
use std::path::Path;

use takefive::stages::find_insights::Context;
use takefive::stages::find_insights::Rules;
use takefive::stages::find_insights::another_language;
use takefive::stages::find_insights::find_insights;

use crate::find_insights::document;

#[test]
fn a_text_in_another_language_is_told_by_each_of_its_sentences() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/languages");
    let rules = Rules::built_in();
    let mut cases = 0;
    for case in fs::read_dir(folder).expect("the folder of cases") {
        let case = case.expect("a case").path();
        let ours = case.file_stem().is_some_and(|name| name == "en");
        let text = fs::read_to_string(&case).expect("a text");
        for line in text.lines() {
            let told = another_language(&document(line), rules);
            assert_eq!(told.is_none(), ours, "{told:?}: {line}");
        }
        cases += 1;
    }
    assert!(cases >= 12);
}

#[test]
fn the_language_has_a_name_and_the_text_no_candidates() {
    let german = "Die meisten Teams wissen nicht, was sie nicht bauen werden, und das ist das Problem, wenn man ein Product hat.";
    let text = format!(
        "{german}\nThe most important thing is that you have to say no.\n{german}\n{german}"
    );
    let document = document(&text);
    let rules = Rules::built_in();
    assert_eq!(another_language(&document, rules), Some("German"));
    assert!(find_insights(&document, &Context::default(), rules).is_empty());
}

#[test]
fn rules_whose_words_are_of_another_language_read_that_one() {
    let words = |common: &str| {
        format!(
            "[words]\ncommon = \"{common}\"\nyou = \"\"\nme = \"\"\nus = \"\"\npast = \"\"\nfillers = \"\"\nhedges = \"\"\nverbs = \"\"\nlead_ins = []\n"
        )
    };
    let german = Rules::parse(&words("der die das und ist nicht ein eine wir sie")).expect("rules");
    let nothing = Rules::parse(&words("")).expect("rules");
    let in_german = document("Wir wissen nicht, was das ist, und das ist nicht schlimm.");
    let in_english = document("We do not know what that is, and that is not so bad.");
    assert_eq!(another_language(&in_german, &german), None);
    assert_eq!(another_language(&in_english, &german), Some("English"));
    assert_eq!(another_language(&in_german, &nothing), None);
}
