//! Cues in, a document of utterances out: who speaks, from when on, and where one turn ends and the next begins.

use std::borrow::Cow;

use memchr::memchr;
use memchr::memmem;

use crate::model::Document;
use crate::model::TextOrigin;

use crate::stages::extract_text::names::Names;
use crate::stages::extract_text::names::Place;

/// Seconds of silence that end an utterance where nobody is named: shorter ones are breath.
const PAUSE_SECONDS_MIN: f64 = 2.0;
/// Seconds that a cue may come too early and still be put into order; more is a clock that began anew.
const DISORDER_SECONDS_MAX: f64 = 10.0;
/// Words of a remark in parentheses that stands alone, such as "(everybody laughs)"; longer ones are speech.
const REMARK_WORDS_MAX: usize = 6;

/// A stretch of speech as its file has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Cue<'a> {
    /// Who speaks, where the file says it apart from the words.
    pub(super) speaker: Option<Cow<'a, str>>,
    /// Seconds from the start of the audio.
    pub(super) start: Option<f64>,
    /// When it ends.
    pub(super) end: Option<f64>,
    /// The words; line ends are kept, for a new speaker may begin on each line.
    pub(super) text: Cow<'a, str>,
}

impl Cue<'_> {
    /// The same cue without the file.
    pub(super) fn into_owned(self) -> Cue<'static> {
        Cue {
            speaker: self.speaker.map(|name| name.into_owned().into()),
            start: self.start,
            end: self.end,
            text: self.text.into_owned().into(),
        }
    }
}

/// The document of these cues. A speaker goes on until another is named. Where nobody is named at all, an utterance ends
/// at `>>` or a dialogue dash, and at a pause of two seconds or more. A cue or line that holds nothing but a mark such as
/// `[music]` is left out; marks inside speech stay, for the text is verbatim.
pub(super) fn document(origin: TextOrigin, mut cues: Vec<Cue<'_>>) -> Document {
    put_in_order(&mut cues);
    let unnamed = cues.iter().filter(|cue| cue.speaker.is_none());
    let names = Names::among(
        unnamed
            .flat_map(|cue| lines_of(&cue.text))
            .map(|line| after_turn_mark(line).1),
    );
    let anybody = cues.iter().any(|cue| cue.speaker.is_some()) || names.any();
    let mut document = Document::new(origin);
    // a space or an empty line stands before the words of each
    let bytes = cues.iter().map(|cue| cue.text.len() + 2).sum();
    document.reserve(bytes, cues.len());
    let mut writer = Writer {
        document,
        speaker: None,
        words: String::new(),
        anybody,
        turn: true,
    };
    let mut heard_until: Option<f64> = None;
    for cue in &cues {
        if let (Some(start), Some(until)) = (cue.start, heard_until) {
            writer.turn |= !anybody && start - until >= PAUSE_SECONDS_MIN;
        }
        heard_until = cue.end.or(cue.start);
        writer.take(cue, &names);
    }
    writer.document
}

/// Whether a line holds nothing but a mark: `[music]`, `(laughs)`, `♪ la la ♪`.
pub(super) fn is_lone_mark(line: &str) -> bool {
    // as nearly every line
    if line.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        return false;
    }
    let line = line.trim().trim_end_matches('.');
    let between = |open: char, close: char| {
        line.strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .filter(|inner| !inner.contains([open, close]))
    };
    between('[', ']').is_some()
        || between('♪', '♪').is_some()
        || between('♫', '♫').is_some()
        || between('(', ')')
            .or_else(|| between('*', '*'))
            .is_some_and(|remark| remark.split_whitespace().nth(REMARK_WORDS_MAX).is_none())
        || line.chars().all(|letter| !letter.is_alphanumeric())
}

struct Writer<'a> {
    document: Document,
    speaker: Option<Cow<'a, str>>,
    /// Words of the open cue that are not in the document yet.
    words: String,
    /// Whether anybody is named in the file.
    anybody: bool,
    /// Whether the next words open an utterance.
    turn: bool,
}

impl<'a> Writer<'a> {
    fn take(&mut self, cue: &'a Cue<'_>, known: &Names) {
        if let Some(speaker) = &cue.speaker {
            self.speaker = Some(Cow::Borrowed(speaker));
        }
        for line in lines_of(&cue.text).flat_map(turns_of) {
            let (turned, mut line) = after_turn_mark(line);
            let dialogue_dash = line.starts_with("- ") || line.starts_with("– ");
            let dashed = !self.anybody && dialogue_dash;
            if dashed {
                line = line.trim_start_matches(['-', '–']).trim_start();
            }
            let named = match cue.speaker {
                Some(_) => None,
                None if turned => known.split(line, Place::AfterSentence),
                None => known.split(line, Place::after(self.last_words())),
            };
            if turned || dashed || named.is_some() {
                self.say(cue.start);
                self.turn |= turned || dashed;
                if cue.speaker.is_none() && (turned || named.is_some()) {
                    self.speaker = named.map(|(name, _)| Cow::Borrowed(name));
                }
            }
            let line = named.map_or(line, |(_, rest)| rest);
            if !is_lone_mark(line) {
                self.words.push_str(line);
                self.words.push(' ');
            }
        }
        self.say(cue.start);
    }

    /// What was said last: in the open words, else in the document.
    fn last_words(&self) -> &str {
        if self.words.is_empty() {
            self.document.text()
        } else {
            &self.words
        }
    }

    fn say(&mut self, start: Option<f64>) {
        let words = self.words.as_str();
        if !words.trim().is_empty() {
            let speaker = self.speaker.as_deref();
            if std::mem::take(&mut self.turn) {
                self.document.push_turn(speaker, start, words);
            } else {
                self.document.push_speech(speaker, start, words);
            }
        }
        self.words.clear();
    }
}

/// Broken exporters swap neighbouring cues; a clock that begins anew belongs to a file glued from two.
fn put_in_order(cues: &mut [Cue<'_>]) {
    let mut latest = f64::NEG_INFINITY;
    for cue in cues.iter() {
        let Some(start) = cue.start else { return };
        if start + DISORDER_SECONDS_MAX < latest {
            return;
        }
        latest = latest.max(start);
    }
    cues.sort_by(|a, b| {
        a.start
            .unwrap_or_default()
            .total_cmp(&b.start.unwrap_or_default())
    });
}

/// The lines of a text: what `lines` gives, which is slow on short ones.
pub(super) fn lines_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = (!text.is_empty()).then_some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = memchr(b'\n', text.as_bytes()) else {
            return rest.take();
        };
        rest = Some(&text[end + 1..]).filter(|rest| !rest.is_empty());
        Some(&text[..end])
    })
}

/// `that is it. >> Is it?` as two lines.
fn turns_of(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        // the mark of this line stands at its start
        let marked = line.len() - line.trim_start_matches([' ', '>']).len();
        match memmem::find(&line.as_bytes()[marked..], b">>") {
            Some(at) => {
                let (this, next) = line.split_at(marked + at);
                rest = Some(next);
                Some(this)
            }
            None => rest.take(),
        }
    })
}

/// Whether the line begins with `>>`, and the line without it.
fn after_turn_mark(line: &str) -> (bool, &str) {
    let line = line.trim();
    match line.strip_prefix(">>") {
        Some(rest) => (true, rest.trim_start_matches(['>', ' ', '-'])),
        None => (false, line),
    }
}
