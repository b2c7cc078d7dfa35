//! An episode as the world offers it: captions with voice tags, a line of words a cue, and nobody's role.

use std::fmt::Write as _;

use crate::workbench::corpus::Episode;

/// Words of a cue: what a caption line holds.
const CUE_WORDS: usize = 14;

/// Seconds a word takes where the next utterance does not say when this one ends: a brisk talker's pace.
const WORD_SECONDS: f64 = 0.36;

/// Seconds a word takes at least: whole seconds in a corpus put short turns on top of each other.
const WORD_SECONDS_MIN: f64 = 0.1;

/// The episode as a WebVTT file. Times within an utterance are spread evenly over its words, and no cue begins before the
/// one above it.
pub fn captions(episode: &Episode) -> String {
    let mut vtt = "WEBVTT\n".to_owned();
    let mut clock = 0.0_f64;
    for (nth, utterance) in episode.utterances.iter().enumerate() {
        let words: Vec<&str> = utterance.text.split_whitespace().collect();
        let begin = utterance.start.unwrap_or(clock).max(clock);
        let next = episode
            .utterances
            .get(nth + 1)
            .and_then(|next| next.start)
            .unwrap_or(0.0);
        let pace = if next > begin {
            ((next - begin) / count(words.len().max(1))).max(WORD_SECONDS_MIN)
        } else if nth + 1 == episode.utterances.len() {
            WORD_SECONDS
        } else {
            WORD_SECONDS_MIN
        };
        let voice = utterance
            .speaker
            .as_deref()
            .map_or_else(String::new, |name| {
                let name: Vec<&str> = name.split_whitespace().collect();
                format!("<v {}>", name.join(" ").replace(['<', '>', '&'], ""))
            });
        clock = begin;
        for cue in words.chunks(CUE_WORDS) {
            let until = clock + count(cue.len()) * pace;
            let text = cue
                .join(" ")
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;");
            let _ = write!(
                vtt,
                "\n{} --> {}\n{voice}{text}\n",
                stamp(clock),
                stamp(until)
            );
            clock = until;
        }
    }
    vtt
}

/// Hours, minutes, seconds and thousandths (WebVTT §4.1).
fn stamp(seconds: f64) -> String {
    let minutes = (seconds / 60.0).floor();
    let hours = (minutes / 60.0).floor();
    format!(
        "{hours:02}:{:02}:{:06.3}",
        minutes - hours * 60.0,
        seconds - minutes * 60.0
    )
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
