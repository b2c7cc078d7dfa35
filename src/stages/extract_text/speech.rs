//! Cues in, a document of utterances out: who speaks, from when on, and where one turn ends and the next begins.

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
pub(super) struct Cue {
    /// Who speaks, where the file says it apart from the words.
    pub(super) speaker: Option<String>,
    /// Seconds from the start of the audio.
    pub(super) start: Option<f64>,
    /// When it ends.
    pub(super) end: Option<f64>,
    /// The words; line ends are kept, for a new speaker may begin on each line.
    pub(super) text: String,
}

/// The document of these cues. A speaker goes on until another is named. Where nobody is named at all, an utterance ends
/// at `>>` or a dialogue dash, and at a pause of two seconds or more. A cue or line that holds nothing but a mark such as
/// `[music]` is left out; marks inside speech stay, for the text is verbatim.
pub(super) fn document(origin: TextOrigin, mut cues: Vec<Cue>) -> Document {
    put_in_order(&mut cues);
    let unnamed = cues.iter().filter(|cue| cue.speaker.is_none());
    let names = Names::among(
        unnamed
            .flat_map(|cue| cue.text.lines())
            .map(|line| after_turn_mark(line).1),
    );
    let anybody = cues.iter().any(|cue| cue.speaker.is_some()) || names.any();
    let mut writer = Writer {
        document: Document::new(origin),
        speaker: None,
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

struct Writer {
    document: Document,
    speaker: Option<String>,
    /// Whether anybody is named in the file.
    anybody: bool,
    /// Whether the next words open an utterance.
    turn: bool,
}

impl Writer {
    fn take(&mut self, cue: &Cue, known: &Names) {
        if let Some(speaker) = &cue.speaker {
            self.speaker = Some(speaker.clone());
        }
        let mut words = String::with_capacity(cue.text.len() + 1);
        for line in cue.text.lines().flat_map(turns_of) {
            let (turned, mut line) = after_turn_mark(line);
            let dialogue_dash = line.starts_with("- ") || line.starts_with("– ");
            let dashed = !self.anybody && dialogue_dash;
            if dashed {
                line = line.trim_start_matches(['-', '–']).trim_start();
            }
            let place = if turned {
                Place::AfterSentence
            } else {
                Place::after(self.last_words(&words))
            };
            let named = match cue.speaker {
                Some(_) => None,
                None => known.split(line, place),
            };
            if turned || dashed || named.is_some() {
                self.say(&mut words, cue.start);
                self.turn |= turned || dashed;
                if cue.speaker.is_none() && (turned || named.is_some()) {
                    self.speaker = named.map(|(name, _)| name.to_owned());
                }
            }
            let line = named.map_or(line, |(_, rest)| rest);
            if !is_lone_mark(line) {
                words.push_str(line);
                words.push('\n');
            }
        }
        self.say(&mut words, cue.start);
    }

    /// What was said last: in the open words, else in the document.
    fn last_words<'a>(&'a self, words: &'a str) -> &'a str {
        if words.is_empty() {
            self.document.text()
        } else {
            words
        }
    }

    fn say(&mut self, words: &mut String, start: Option<f64>) {
        if words.trim().is_empty() {
            words.clear();
            return;
        }
        let speaker = self.speaker.as_deref();
        if std::mem::take(&mut self.turn) {
            self.document.push_turn(speaker, start, words);
        } else {
            self.document.push_speech(speaker, start, words);
        }
        words.clear();
    }
}

/// Broken exporters swap neighbouring cues; a clock that begins anew belongs to a file glued from two.
fn put_in_order(cues: &mut [Cue]) {
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

/// `that is it. >> Is it?` as two lines.
fn turns_of(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        // the mark of this line stands at its start
        let marked = line.len() - line.trim_start_matches([' ', '>']).len();
        match line[marked..].find(">>") {
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
