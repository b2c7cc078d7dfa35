//! A conversation as the transcript formats of the podcast namespace write it.

use std::iter;

use serde_json::json;

use crate::demo::world::conversation::Conversation;
use crate::demo::world::markup::escape;

/// WebVTT with the speaker in a voice tag on every cue (WebVTT §4.2.2).
pub(super) fn vtt(conversation: &Conversation) -> String {
    let cues = conversation.cues().into_iter().map(|cue| {
        format!(
            "\n{} --> {}\n<v {}>{}\n",
            clock(cue.start_seconds, '.'),
            clock(cue.end_seconds, '.'),
            cue.speaker,
            cue.text.replace('&', "&amp;").replace('<', "&lt;")
        )
    });
    let head = "WEBVTT\n\nNOTE Made by hand. Tell us about mistakes.\n".to_owned();
    iter::once(head).chain(cues).collect::<Vec<_>>().concat()
}

/// SubRip with the speaker's name before the first words of a turn.
pub(super) fn srt(conversation: &Conversation) -> String {
    let cues = conversation.cues();
    let numbered = cues.iter().zip(1..).map(|(cue, number)| {
        let (name, colon) = if cue.opens_turn {
            (cue.speaker, ": ")
        } else {
            ("", "")
        };
        format!(
            "{number}\n{} --> {}\n{name}{colon}{}\n\n",
            clock(cue.start_seconds, ','),
            clock(cue.end_seconds, ','),
            cue.text
        )
    });
    numbered.collect::<Vec<_>>().concat()
}

/// JSON as the podcast namespace describes it: segments with speaker, times and body.
pub(super) fn json(conversation: &Conversation) -> String {
    let segments: Vec<_> = conversation
        .cues()
        .iter()
        .map(|cue| {
            json!({
                "speaker": cue.speaker,
                "startTime": milliseconds(cue.start_seconds),
                "endTime": milliseconds(cue.end_seconds),
                "body": cue.text,
            })
        })
        .collect();
    json!({"version": "1.0.0", "segments": segments}).to_string()
}

/// Chapters as the podcast namespace describes them (JSON chapters 1.2).
pub(super) fn chapters(conversation: &Conversation) -> String {
    let chapters: Vec<_> = conversation
        .chapters()
        .iter()
        .map(|chapter| {
            json!({"startTime": milliseconds(chapter.start_seconds), "title": chapter.title})
        })
        .collect();
    json!({"version": "1.2.0", "chapters": chapters}).to_string()
}

/// HTML with the speaker in `cite` and the time in `time` before each turn.
pub(super) fn html(conversation: &Conversation) -> String {
    conversation
        .turns()
        .iter()
        .map(|turn| {
            format!(
                "<cite>{}:</cite>\n<time>{}</time>\n<p>{}</p>\n",
                escape(&turn.speaker),
                minutes(turn.start_seconds),
                escape(&turn.text)
            )
        })
        .collect::<Vec<_>>()
        .concat()
}

/// HTML as people paste it under an episode: the name in bold, the time in brackets, then the words.
pub(super) fn pasted(conversation: &Conversation) -> String {
    conversation
        .turns()
        .iter()
        .map(|turn| {
            format!(
                "<p><strong>{}</strong> [{}]: {}</p>\n",
                escape(&turn.speaker),
                minutes(turn.start_seconds),
                escape(&turn.text)
            )
        })
        .collect::<Vec<_>>()
        .concat()
}

/// `00:12:34.567`, with the mark that the format wants before the milliseconds.
fn clock(seconds: f64, mark: char) -> String {
    let (whole, thousandths) = split_seconds(seconds);
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}{mark}{thousandths:03}")
}

/// `12:34`.
fn minutes(seconds: f64) -> String {
    let (whole, _) = split_seconds(seconds);
    format!("{}:{:02}", whole / 60, whole % 60)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an episode lasts minutes and begins at zero"
)]
fn split_seconds(seconds: f64) -> (u64, u64) {
    let thousandths = (seconds * 1000.0).round() as u64;
    (thousandths / 1000, thousandths % 1000)
}

/// The same number with three decimals.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1000.0).round() / 1000.0
}
