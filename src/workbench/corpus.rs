//! A corpus as it lies on disk: episodes, and the passages that people picked out of them.

use std::collections::HashMap;

use serde::Deserialize;

/// The most golden passages of one corpus: a bound on memory, far above any that exists.
const GOLD_MAX: usize = 1_000_000;

/// Episodes with what was picked out of them. Of the labels only words, place and grade are read, never who chose them.
#[derive(Debug, Clone, PartialEq)]
pub struct Corpus {
    /// Ordered by slug.
    pub(super) episodes: Vec<Episode>,
    /// For each episode, its passages in file order.
    pub(super) gold: Vec<Vec<Gold>>,
}

/// One episode. Of its file only what any published transcript has is read: who speaks, when, and what; no roles.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Episode {
    /// The name by which gold and predictions mean it.
    pub slug: String,
    /// What is said, in order.
    pub utterances: Vec<Utterance>,
}

/// What one voice says in a row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Utterance {
    /// Name of the voice.
    #[serde(default)]
    pub speaker: Option<String>,
    /// Seconds from the start of the audio.
    #[serde(default)]
    pub start: Option<f64>,
    /// The words.
    pub text: String,
}

/// A passage that was picked.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Gold {
    /// Slug of its episode.
    pub episode: String,
    /// The words.
    pub text: String,
    /// How sure the label is: 1 picked by one reader, 2 by several, 3 cut by the show's own editors.
    pub grade: u8,
    /// Seconds at which its first utterance begins.
    #[serde(default)]
    pub start: Option<f64>,
    /// Seconds at which its last utterance ends.
    #[serde(default)]
    pub utt_end: Option<f64>,
}

/// Why a corpus cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CorpusError {
    /// A file is not what it should be.
    #[error("{file}:{line}: {problem}")]
    Malformed {
        /// Name of the file.
        file: String,
        /// Line in it, counted from 1.
        line: usize,
        /// What is wrong and what is expected.
        problem: String,
    },
    /// Two files are of one episode.
    #[error("{file}: the slug \"{slug}\" is that of {first} too; give each episode its own")]
    Twice {
        /// Name of the second file.
        file: String,
        /// Name of the first.
        first: String,
        /// What both are called.
        slug: String,
    },
    /// There is nothing in it.
    #[error("no {0} in the corpus; it needs episodes/*.json and gold.jsonl")]
    Empty(&'static str),
}

impl Corpus {
    /// Reads the episodes, each the name and text of a file, and the lines of `gold.jsonl`.
    pub fn read(episodes: &[(String, String)], gold: &str) -> Result<Self, CorpusError> {
        let mut read = Vec::new();
        let mut files: HashMap<String, &str> = HashMap::new();
        for (file, text) in episodes {
            let episode: Episode = serde_json::from_str(text).map_err(|error| {
                malformed(
                    file,
                    error.line(),
                    &error,
                    "{slug, utterances: [{speaker, start, text}]}",
                )
            })?;
            if let Some(first) = files.insert(episode.slug.clone(), file) {
                return Err(CorpusError::Twice {
                    file: file.clone(),
                    first: first.to_owned(),
                    slug: episode.slug,
                });
            }
            read.push(episode);
        }
        if read.is_empty() {
            return Err(CorpusError::Empty("episode"));
        }
        read.sort_by(|a, b| a.slug.cmp(&b.slug));
        let gold = read_gold(gold, &read)?;
        Ok(Self {
            episodes: read,
            gold,
        })
    }

    /// How many episodes there are.
    pub fn episodes(&self) -> usize {
        self.episodes.len()
    }

    /// How many passages were picked out of them.
    pub fn passages(&self) -> usize {
        self.gold.iter().map(Vec::len).sum()
    }
}

/// The golden passages of each episode.
fn read_gold(lines: &str, episodes: &[Episode]) -> Result<Vec<Vec<Gold>>, CorpusError> {
    const FILE: &str = "gold.jsonl";
    let mut gold = vec![Vec::new(); episodes.len()];
    let mut count = 0;
    for (nth, line) in lines.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |problem: String| CorpusError::Malformed {
            file: FILE.to_owned(),
            line: nth + 1,
            problem,
        };
        let row: Gold = serde_json::from_str(line)
            .map_err(|error| malformed(FILE, nth + 1, &error, "{episode, text, grade}"))?;
        if !(1..=3).contains(&row.grade) {
            return Err(wrong(format!("grade {}: write 1, 2 or 3", row.grade)));
        }
        let Ok(episode) = episodes.binary_search_by(|episode| episode.slug.cmp(&row.episode))
        else {
            return Err(wrong(format!(
                "no file of episodes/ has the slug \"{}\"",
                row.episode
            )));
        };
        count += 1;
        if count > GOLD_MAX {
            return Err(wrong(format!("more than {GOLD_MAX} passages")));
        }
        gold[episode].push(row);
    }
    if count == 0 {
        return Err(CorpusError::Empty("golden passage"));
    }
    Ok(gold)
}

fn malformed(file: &str, line: usize, error: &serde_json::Error, shape: &str) -> CorpusError {
    let told = error.to_string();
    // the place is told by the file and line in front
    let what = told.split(" at line ").next().unwrap_or(&told);
    CorpusError::Malformed {
        file: file.to_owned(),
        line: line.max(1),
        problem: format!("{what}; write {shape}"),
    }
}
