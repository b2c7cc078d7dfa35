//! What a top five must not be, whatever it hits: questions, words that hang in the air, essays, altered words.

use std::collections::HashSet;

use serde::Serialize;

use crate::workbench::hits::WORDS_MAX;
use crate::workbench::ranking::Pick;

/// Words that point at something said before.
const POINTERS: [&str; 8] = ["it", "this", "that", "they", "he", "she", "those", "these"];

/// Words of a headline, at least and at most.
const HEADLINE_WORDS: std::ops::RangeInclusive<usize> = 5..=14;

/// Shares of some passages, from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Guards {
    /// How many passages were looked at.
    pub passages: usize,
    /// Those that hold a question mark.
    pub questions: f64,
    /// Those that open with it, this, that, they, he, she, those or these, also after and, but or so.
    pub pointing_openings: f64,
    /// How many have over 90 words.
    pub over_90_words: usize,
    /// Those that stand word for word in the episode.
    pub verbatim: f64,
    /// Those under a headline of 5 to 14 words, each a word of the passage; none where there are no headlines.
    pub sound_headlines: Option<f64>,
}

/// Looks at the passages of several episodes, each with its episode's words, white space folded.
pub fn guards<'a>(picks: impl Iterator<Item = (&'a Pick, &'a str)>) -> Guards {
    let (mut passages, mut questions, mut pointing, mut over, mut verbatim) = (0, 0, 0, 0, 0);
    let (mut headlines, mut sound) = (0, 0);
    for (pick, episode) in picks {
        passages += 1;
        questions += usize::from(pick.text.contains('?'));
        pointing += usize::from(opens_pointing(&pick.text));
        over += usize::from(pick.text.split_whitespace().count() > WORDS_MAX);
        verbatim += usize::from(episode.contains(&pick.text));
        if let Some(headline) = &pick.headline {
            headlines += 1;
            sound += usize::from(is_sound(headline, &pick.text));
        }
    }
    Guards {
        passages,
        questions: share(questions, passages),
        pointing_openings: share(pointing, passages),
        over_90_words: over,
        verbatim: share(verbatim, passages),
        sound_headlines: (headlines > 0).then(|| share(sound, headlines)),
    }
}

/// Whether a passage opens with a word that points at what was said before.
pub fn opens_pointing(text: &str) -> bool {
    let lower = text.to_lowercase();
    let mut words = lower
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty());
    match words.next() {
        Some("and" | "but" | "so") => words.next().is_some_and(|word| POINTERS.contains(&word)),
        first => first.is_some_and(|word| POINTERS.contains(&word)),
    }
}

/// Whether a headline has the length of one, and no word that the passage does not have.
pub fn is_sound(headline: &str, text: &str) -> bool {
    let own: HashSet<String> = words(text).collect();
    HEADLINE_WORDS.contains(&headline.split_whitespace().count())
        && words(headline).all(|word| own.contains(&word))
}

/// Words without the marks around them, in small letters.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_whitespace()
        .map(|word| {
            word.trim_matches(|letter: char| !letter.is_alphanumeric())
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
}

fn share(part: usize, whole: usize) -> f64 {
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    if whole == 0 {
        0.0
    } else {
        count(part) / count(whole)
    }
}
