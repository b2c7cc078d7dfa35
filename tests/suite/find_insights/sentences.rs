//! Where one sentence ends and the next begins, in speech and in prose.

use std::fs;
use std::path::Path;

use takefive::stages::find_insights::sentences;

use crate::find_insights::document;

#[test]
fn each_text_is_cut_where_its_sentences_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/split_sentences");
    let mut cases = 0;
    for case in fs::read_dir(folder).expect("the folder of cases") {
        let case = case.expect("a case").path();
        let input = fs::read_to_string(case.join("input.txt")).expect("input.txt");
        let expected = fs::read_to_string(case.join("expected.txt")).expect("expected.txt");
        let document = document(&input);
        let found: Vec<&str> = sentences(&document)
            .into_iter()
            .map(|range| &document.text()[range])
            .collect();
        let expected: Vec<&str> = expected.lines().collect();
        assert_eq!(found, expected, "{}", case.display());
        cases += 1;
    }
    assert!(cases >= 7);
}
