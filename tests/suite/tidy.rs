//! The house rules: who may import whom, what the pure rooms may touch, how a file begins, and names nobody may use.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

/// The floors of the house, from the ground up. A file may name its own room and the floors below, never a neighbour.
const FLOORS: [&[&str]; 4] = [
    &["model", "settings"],
    &["stages", "outside", "report"],
    &["pipeline", "subscriptions", "workbench"],
    &["cli", "demo", "serve", "main", "lib"],
];

/// What no stage may touch: disk, network, threads of its own, the calendar clock, chance.
const NOT_IN_STAGES: [&str; 11] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::thread",
    "SystemTime",
    "Timestamp::now",
    "Zoned::now",
    "reqwest",
    "tokio",
    "rusqlite",
    "getrandom",
];

/// Rooms that would hold everything and explain nothing.
const BANNED_NAMES: [&str; 7] = [
    "utils", "util", "helpers", "common", "manager", "types", "core",
];

/// A file of `src` and its text.
struct Source {
    /// Path below `src`, with slashes.
    path: String,
    text: String,
}

impl Source {
    /// `stages/read_feed/repair.rs` is in the room `stages::read_feed`.
    fn room(&self) -> Vec<&str> {
        let path = self.path.strip_suffix(".rs").unwrap_or(&self.path);
        let parts: Vec<&str> = path.split('/').collect();
        let deep = if matches!(parts[0], "stages" | "outside") {
            2
        } else {
            1
        };
        parts.into_iter().take(deep).collect()
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(folder).expect("src can be listed") {
            let path: PathBuf = file.expect("src can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(&root).expect("it was found below src");
                let path_below = below.to_string_lossy().replace('\\', "/");
                sources.push(Source {
                    path: path_below,
                    text: fs::read_to_string(&path).expect("sources are text"),
                });
            }
        }
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(
        sources.len() > 20,
        "the walk must have found the program, not an empty folder"
    );
    sources
}

fn floor_of(room: &str) -> usize {
    FLOORS
        .iter()
        .position(|floor| floor.contains(&room))
        .unwrap_or_else(|| {
            panic!("src/{room} stands on no floor: add it to FLOORS, and to ARCHITECTURE.md")
        })
}

/// The rooms that a file names with `crate::…`, such as `stages::read_feed` or `model`.
fn rooms_named(text: &str) -> Vec<Vec<&str>> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut named = Vec::new();
    for line in code {
        for (at, _) in line.match_indices("crate::") {
            let path = &line[at + "crate::".len()..];
            let end = path
                .find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
                .unwrap_or(path.len());
            let parts: Vec<&str> = path[..end]
                .split("::")
                .filter(|part| !part.is_empty())
                .collect();
            let deep = if matches!(parts.first(), Some(&("stages" | "outside"))) {
                2
            } else {
                1
            };
            named.push(parts.into_iter().take(deep).collect());
        }
    }
    named
}

#[test]
fn a_floor_names_only_the_floors_below_it() {
    for source in sources() {
        let room = source.room();
        for named in rooms_named(&source.text) {
            if named.is_empty() || named == room {
                continue;
            }
            let (own, other) = (floor_of(room[0]), floor_of(named[0]));
            // the ground and the entrances are one room each; stages and doors must not know their neighbours
            let neighbour = own == other && own == 1;
            assert!(
                other <= own && !neighbour,
                "src/{} names crate::{}: a floor names only the floors below it; let the pipeline join the two",
                source.path,
                named.join("::"),
            );
        }
    }
}

#[test]
fn a_stage_touches_no_disk_no_network_no_clock_and_no_chance() {
    for source in sources()
        .iter()
        .filter(|source| source.path.starts_with("stages"))
    {
        for (nth, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            for banned in NOT_IN_STAGES {
                assert!(
                    !code.contains(banned),
                    "src/{}:{} names {banned}: a stage is a function of its arguments; do this in a door and hand the value in",
                    source.path,
                    nth + 1,
                );
            }
        }
    }
}

#[test]
fn only_the_entrances_read_the_calendar_clock() {
    for source in sources() {
        let entrance = matches!(source.path.as_str(), "main.rs" | "serve.rs");
        let reads =
            source.text.contains("Timestamp::now") || source.text.contains("SystemTime::now");
        assert!(
            entrance || !reads,
            "src/{}: hand the time in; it is read in main.rs",
            source.path
        );
    }
}

#[test]
fn each_file_opens_with_its_purpose() {
    for source in sources() {
        let first = source.text.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("//! ") && first.len() > 15,
            "src/{}: begin with a sentence: //! …",
            source.path
        );
    }
}

#[test]
fn no_room_has_a_name_that_could_hold_everything() {
    for source in sources() {
        for part in source.path.trim_end_matches(".rs").split('/') {
            assert!(
                !BANNED_NAMES.contains(&part),
                "src/{}: name the room after what it does",
                source.path
            );
        }
    }
}

#[test]
fn nothing_in_the_program_unwraps() {
    for source in sources() {
        for (nth, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or(line);
            assert!(
                !code.contains(".unwrap()"),
                "src/{}:{}: return an error, or expect with a reason",
                source.path,
                nth + 1
            );
        }
    }
}

#[test]
fn every_dependency_has_its_reason_beside_it() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .expect("Cargo.toml is there");
    let mut in_dependencies = false;
    let mut seen = 0;
    for line in manifest.lines() {
        if line.starts_with('[') {
            in_dependencies = line.contains("dependencies]");
        } else if in_dependencies && line.contains('=') {
            seen += 1;
            let reason = line.rsplit_once("# ").map_or("", |(_, reason)| reason);
            assert!(
                reason.len() > 10,
                "Cargo.toml: say why this is needed: {line}"
            );
        }
    }
    assert!(seen > 20, "the dependencies must have been found");
}
