//! The cases of a room: a folder each, with what goes in and what comes out.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// The folders of a room's cases, in order of their names.
pub(crate) fn cases_of(room: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases")
        .join(room);
    let entries = fs::read_dir(folder).expect("the folder of cases");
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    folders.sort();
    folders
}

/// Holds what `tell` says of each case against its `expected.txt`. `APPROVE=1` writes the answers down, to be read before
/// they are committed.
pub(crate) fn hold_answers(room: &str, cases_min: usize, tell: impl Fn(&Path) -> String) {
    let approve = std::env::var_os("APPROVE").is_some();
    let folders = cases_of(room);
    let mut wrong: Vec<String> = Vec::new();
    for folder in &folders {
        let told = tell(folder);
        let answer = folder.join("expected.txt");
        if approve {
            fs::write(&answer, &told).expect("the answer can be written");
        }
        let expected = fs::read_to_string(&answer).expect("the answer of the case");
        if told != expected {
            wrong.push(format!("{}:\n{told}", folder.display()));
        }
    }
    assert!(folders.len() >= cases_min);
    assert!(wrong.is_empty(), "{}", wrong.concat());
}
