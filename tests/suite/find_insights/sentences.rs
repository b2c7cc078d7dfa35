//! Where one sentence ends and the next begins, in speech and in prose.

use std::fs;

use takefive::stages::find_insights::sentences;

use crate::cases::cases_of;
use crate::find_insights::document;

#[test]
fn each_text_is_cut_where_its_sentences_end() {
    let cases = cases_of("split_sentences");
    for case in &cases {
        let input = fs::read_to_string(case.join("input.txt")).expect("input.txt");
        let expected = fs::read_to_string(case.join("expected.txt")).expect("expected.txt");
        let document = document(&input);
        let found: Vec<&str> = sentences(&document)
            .into_iter()
            .map(|range| &document.text()[range])
            .collect();
        let expected: Vec<&str> = expected.lines().collect();
        assert_eq!(found, expected, "{}", case.display());
    }
    assert!(cases.len() >= 7);
}
