//! A PodcastIndex JSON transcript in, cues out.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use crate::stages::extract_text::CUES_MAX;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::captions;
use crate::stages::extract_text::clock;
use crate::stages::extract_text::speech::Cue;
use crate::stages::extract_text::within;

/// The cues of `{"segments": [{"speaker", "startTime", "endTime", "body"}]}`. The names that speech-to-text programs use
/// for the same things are understood too. A segment without a speaker goes on; one word a segment is joined into
/// sentences with punctuation where it belongs.
pub(super) fn cues(text: &str) -> Result<Vec<Cue<'static>>, NoText> {
    let wrong = |error: &dyn std::fmt::Display| NoText::NotPodcastJson(error.to_string());
    let segments = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<Segment>>(text).map_err(|error| wrong(&error))?
    } else {
        serde_json::from_str::<Transcript>(text)
            .map_err(|error| wrong(&error))?
            .segments
    };
    if segments.is_empty() {
        return Err(wrong(&"it has no `segments`"));
    }
    within(segments.len(), CUES_MAX, "segments")?;
    let mut cues: Vec<Cue<'static>> = Vec::with_capacity(segments.len());
    for segment in segments {
        let cue = segment.into_cue();
        match cues.last_mut() {
            Some(last)
                if clings(&cue.text)
                    && cue
                        .speaker
                        .as_ref()
                        .is_none_or(|name| last.speaker.as_ref() == Some(name)) =>
            {
                let text = last.text.to_mut();
                text.truncate(text.trim_end().len());
                text.push_str(cue.text.trim());
                last.end = cue.end.or(last.end);
            }
            _ => cues.push(cue),
        }
    }
    Ok(cues)
}

#[derive(Deserialize)]
struct Transcript {
    #[serde(default, alias = "utterances", alias = "cues", alias = "captions")]
    segments: Vec<Segment>,
}

#[derive(Deserialize)]
struct Segment {
    #[serde(default, alias = "speakerName")]
    speaker: Value,
    #[serde(default, rename = "startTime", alias = "start", alias = "start_time")]
    start: Value,
    #[serde(default, rename = "endTime", alias = "end", alias = "end_time")]
    end: Value,
    #[serde(default, alias = "text")]
    body: Value,
}

impl Segment {
    fn into_cue(self) -> Cue<'static> {
        let words = |value: &Value| value.as_str().map(str::to_owned);
        let name = match &self.speaker {
            Value::Number(number) => Some(format!("Speaker {number}")),
            other => other
                .as_str()
                .and_then(captions::speaker)
                .map(Cow::into_owned),
        };
        Cue {
            speaker: name.map(Cow::Owned),
            start: seconds(&self.start),
            end: seconds(&self.end),
            text: words(&self.body).unwrap_or_default().into(),
        }
    }
}

/// Seconds as a number, as a number in a string, or as a clock.
fn seconds(value: &Value) -> Option<f64> {
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok().or_else(|| clock::seconds(text)),
        _ => None,
    };
    seconds.filter(|seconds: &f64| seconds.is_finite() && *seconds >= 0.0)
}

/// Whether a segment is the end of the word before it: `,` or `'s`.
fn clings(text: &str) -> bool {
    const ENDS: [&str; 8] = ["'s", "'t", "'re", "'ve", "'ll", "'d", "'m", "n't"];
    let text = text.trim();
    let only_marks = !text.is_empty() && text.chars().all(|letter| ",.?!;:%)”’…".contains(letter));
    only_marks || ENDS.contains(&text.replace('’', "'").to_lowercase().as_str())
}
