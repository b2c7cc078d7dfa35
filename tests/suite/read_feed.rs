//! Feed bytes in, entries out: every case of `tests/cases/read_feed`, the limits, and properties that hold for any bytes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use takefive::model::Feed;
use takefive::stages::read_feed::ENTRIES_MAX;
use takefive::stages::read_feed::FEED_BYTES_MAX;
use takefive::stages::read_feed::FeedOrigin;
use takefive::stages::read_feed::ReadFeedError;
use takefive::stages::read_feed::read_feed;
use url::Url;

/// What a case may say of where its bytes come from.
#[derive(Default, Deserialize)]
struct CaseOrigin {
    url: Option<Url>,
    content_type: Option<String>,
}

fn case_folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/read_feed");
    let listed = fs::read_dir(root).expect("the folder of cases is part of the repository");
    let mut folders: Vec<PathBuf> = listed.map(|entry| entry.expect("a readable folder").path()).collect();
    folders.sort();
    folders
}

fn input_of(folder: &Path) -> Vec<u8> {
    let mut files = fs::read_dir(folder).expect("a case is a folder").map(|file| file.expect("a readable file").path());
    let input = files.find(|file| file.file_stem().is_some_and(|stem| stem == "input"));
    fs::read(input.expect("each case has an input file")).expect("the input is readable")
}

fn read_bytes(bytes: &[u8]) -> Result<Feed, ReadFeedError> {
    let origin = FeedOrigin {
        source: "A Show",
        url: None,
        content_type: None,
    };
    read_feed(bytes, &origin)
}

fn outcome(folder: &Path) -> Value {
    let origin = fs::read_to_string(folder.join("origin.json"));
    let origin: CaseOrigin = origin.map_or_else(
        |_| CaseOrigin::default(),
        |text| serde_json::from_str(&text).expect("origin.json holds a url and a content_type"),
    );
    let origin = FeedOrigin {
        source: "A Show",
        url: origin.url.as_ref(),
        content_type: origin.content_type.as_deref(),
    };
    match read_feed(&input_of(folder), &origin) {
        Ok(feed) => serde_json::to_value(feed).expect("a feed has a form in JSON"),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

#[test]
fn each_feed_of_the_cases_is_read_as_expected() {
    let approve = std::env::var_os("APPROVE_CASES").is_some();
    let mut wrong = Vec::new();
    for folder in case_folders() {
        let found = serde_json::to_string_pretty(&outcome(&folder)).expect("a value has a form in JSON") + "\n";
        let expected_file = folder.join("expected.json");
        if approve {
            fs::write(&expected_file, &found).expect("the folder of cases can be written to");
        }
        let expected = fs::read_to_string(&expected_file).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{}\nfound:\n{found}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "set APPROVE_CASES=1 to write what was found, then read the difference\n{}", wrong.join("\n"));
}
