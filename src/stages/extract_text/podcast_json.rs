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

/// Bytes of a file of another shape: it is held as a tree, which takes twenty times its room. Ten hours told by sentence
/// are under 2 MiB.
const OTHER_SHAPE_BYTES_MAX: usize = 4 << 20;

/// The cues of `{"segments": [{"speaker", "startTime", "endTime", "body"}]}`. The shapes and names that speech-to-text
/// programs use for the same things are understood too. A segment without a speaker goes on; one word a segment is joined
/// into sentences with punctuation where it belongs.
pub(super) fn cues(text: &str) -> Result<Vec<Cue<'static>>, NoText> {
    let wrong = |error: &dyn std::fmt::Display| NoText::NotPodcastJson(error.to_string());
    let told = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<Segment>>(text)
    } else {
        serde_json::from_str::<Transcript>(text).map(|transcript| transcript.segments)
    };
    let segments = match told {
        Ok(segments) if !segments.is_empty() => segments,
        told => {
            let other = of_another_shape(text);
            match told {
                Err(error) if other.is_empty() => return Err(wrong(&error)),
                _ => other,
            }
        }
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
    if are_thousandths(&cues) {
        for cue in &mut cues {
            cue.start = cue.start.map(|start| start / 1000.0);
            cue.end = cue.end.map(|end| end / 1000.0);
        }
    }
    Ok(cues)
}

/// Whether the times are thousandths of seconds: whole numbers, and nobody takes so long for a word.
fn are_thousandths(cues: &[Cue<'_>]) -> bool {
    const SECONDS_A_WORD_MAX: f64 = 20.0;
    let (mut seconds, mut words) = (0.0, 0.0);
    for cue in cues {
        if let (Some(start), Some(end)) = (cue.start, cue.end) {
            if start.fract() != 0.0 || end.fract() != 0.0 {
                return false;
            }
            seconds += end - start;
            words += cue.text.split_whitespace().map(|_| 1.0).sum::<f64>();
        }
    }
    words > 0.0 && seconds > words * SECONDS_A_WORD_MAX
}

/// The segments of a file of another shape: one object a line, or a list under one of the names that programs give it.
fn of_another_shape(text: &str) -> Vec<Segment> {
    if text.len() > OTHER_SHAPE_BYTES_MAX {
        return Vec::new();
    }
    let values: Vec<Value> = serde_json::Deserializer::from_str(text)
        .into_iter()
        .map_while(Result::ok)
        .take(CUES_MAX + 1)
        .collect();
    let [only] = values.as_slice() else {
        return values.iter().filter_map(segment_of).collect();
    };
    let lists = LISTS.iter().filter_map(|path| only.pointer(path));
    let mut found = lists
        .chain([only])
        .filter_map(Value::as_array)
        .map(|list| list.iter().filter_map(segment_of).collect::<Vec<_>>())
        .find(|segments| !segments.is_empty())
        .unwrap_or_default();
    // some give the voices numbers, and their names elsewhere
    if let Some(voices) = only.get("speakers").and_then(Value::as_array) {
        for segment in &mut found {
            let voice = voices
                .iter()
                .find(|voice| voice.get("id").is_some_and(|id| *id == segment.speaker));
            if let Some(name) = voice.and_then(|voice| voice.get("name")) {
                segment.speaker = name.clone();
            }
        }
    }
    found
}

/// Where the list of segments stands (RFC 6901), in the order in which they are looked for: turns before words.
const LISTS: [&str; 14] = [
    "/segments",
    "/utterances",
    "/results/utterances",
    "/monologues",
    "/transcription",
    "/transcript/segments",
    "/transcript",
    "/data/segments",
    "/results/segments",
    "/paragraphs",
    "/cues",
    "/captions",
    "/results/items",
    "/words",
];

/// A segment by whatever names its parts have; none where it says nothing.
fn segment_of(value: &Value) -> Option<Segment> {
    let first = |paths: &[&str]| paths.iter().find_map(|path| value.pointer(path)).cloned();
    let said = first(&[
        "/body",
        "/text",
        "/transcript",
        "/punctuated_word",
        "/word",
        "/content",
        "/sentence",
        "/alternatives/0/content",
        "/alternatives/0/transcript",
    ]);
    let said = said.filter(Value::is_string).or_else(|| {
        let parts = value.get("elements").or_else(|| value.get("words"))?;
        let word = |part: &Value| {
            let named = ["value", "punctuated_word", "word", "text"];
            let word = named.iter().find_map(|name| part.get(*name)?.as_str());
            word.map(str::to_owned)
        };
        let words: Vec<String> = parts.as_array()?.iter().filter_map(word).collect();
        // those that give the spaces too are not to be given more
        let spaced = words.iter().any(|word| word.trim().is_empty());
        let mut said = String::new();
        for word in &words {
            if !spaced && !clings(word) {
                said.push(' ');
            }
            said.push_str(word);
        }
        Some(Value::String(said))
    })?;
    Some(Segment {
        speaker: first(&[
            "/speaker/name",
            "/speaker",
            "/speakerName",
            "/speaker_name",
            "/speaker_label",
        ])
        .unwrap_or_default(),
        start: first(&[
            "/startTime",
            "/start",
            "/start_time",
            "/begin",
            "/timestamps/from",
            "/from",
            "/elements/0/ts",
            "/words/0/start",
        ])
        .unwrap_or_default(),
        end: first(&["/endTime", "/end", "/end_time", "/timestamps/to", "/to"]).unwrap_or_default(),
        body: said,
    })
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
    #[serde(default, alias = "text", alias = "transcript")]
    body: Value,
}

impl Segment {
    fn into_cue(self) -> Cue<'static> {
        let words = |value: &Value| value.as_str().map(str::to_owned);
        let name = match &self.speaker {
            Value::Number(number) => Some(format!("Speaker {number}")),
            other => other
                .as_str()
                .or_else(|| other.get("name")?.as_str())
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
