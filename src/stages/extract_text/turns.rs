//! Lines of a written transcript in, the turns that they mark out.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::BlockKind;

use crate::stages::extract_text::clock;
use crate::stages::extract_text::furniture;
use crate::stages::extract_text::names;
use crate::stages::extract_text::names::Names;
use crate::stages::extract_text::names::Place;
use crate::stages::extract_text::pieces::Piece;
use crate::stages::extract_text::speech::Cue;

/// A line of a transcript, or what its markup says of it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Line {
    /// The markup says that this is the speaker of what follows.
    Speaker(String),
    /// The markup says that this is the time of what follows, in seconds.
    Time(f64),
    /// Words; a head such as `Ann Lee (00:12):` may stand before them.
    Text(String),
}

impl Line {
    /// A line of words.
    pub(super) fn of(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// The lines of a piece of prose: headings are no speech, and the colon in a list item follows a label.
    pub(super) fn of_piece(piece: &Piece) -> Vec<Self> {
        match piece.kind {
            BlockKind::Heading => Vec::new(),
            BlockKind::ListItem => vec![Self::Text(format!("- {}", piece.text))],
            _ => piece.text.lines().map(Self::of).collect(),
        }
    }
}

/// What the lines gave.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// A cue for each turn, from the first marked one on.
    pub(super) cues: Vec<Cue<'static>>,
    /// Lines with words; heads with a name and a time (or from markup); heads with a time alone; heads with a name alone.
    lines: usize,
    certain: usize,
    timed: usize,
    named: usize,
}

impl Turns {
    /// Whether the text is a transcript rather than prose in which somebody is named now and then: two heads with name
    /// and time, or a name before every third line, or a time before every third.
    pub(super) fn is_transcript(&self) -> bool {
        self.certain > 1
            || (self.named > 1 && self.named * 3 >= self.lines)
            || (self.timed > 2 && self.timed * 3 >= self.lines)
    }

    /// The cues, without the publisher's own words below the transcript, which hang on the last turn.
    pub(super) fn without_footer(mut self) -> Vec<Cue<'static>> {
        if let Some(last) = self.cues.last_mut() {
            let spoken: Vec<&str> = last
                .text
                .lines()
                .take_while(|line| !furniture::is_furniture(line))
                .collect();
            last.text = spoken.join("\n").into();
        }
        self.cues
    }

    /// Whether there is any turn at all, for text that is known to be a transcript.
    pub(super) fn any(&self) -> bool {
        self.certain + self.named + self.timed > 0
    }
}

/// Reads the turns. Known heads: `Name (00:12)`, `Name 0:12`, `[00:12] Name:`, `Name: [00:12]`, `Name:`, a time alone
/// (the speaker goes on), and a name of two words or more alone on its line when it recurs.
pub(super) fn read(lines: impl Iterator<Item = Line>) -> Turns {
    let lines: Vec<Line> = lines
        .filter(|line| !matches!(line, Line::Text(text) if text.trim().is_empty()))
        .collect();
    let texts = || {
        lines.iter().filter_map(|line| match line {
            Line::Text(text) => Some(after_time(text).1),
            _ => None,
        })
    };
    let names = Names::among(texts());
    let mut alone: BTreeMap<&str, usize> = BTreeMap::new();
    for text in texts().filter(|text| is_bare_name(text)) {
        *alone.entry(text).or_default() += 1;
    }
    let mut reader = Reader::default();
    for line in &lines {
        match line {
            Line::Speaker(name) => {
                reader.turns.certain += 1;
                reader.speaker = Some(name.clone());
            }
            Line::Time(start) => {
                reader.turns.timed += 1;
                reader.start = Some(*start);
            }
            Line::Text(text) => {
                reader.turns.lines += 1;
                if alone.get(text.trim()).is_some_and(|&count| count > 1) {
                    reader.turns.named += 1;
                    reader.speaker = Some(text.trim().to_owned());
                } else {
                    reader.read(text.trim(), &names);
                }
            }
        }
    }
    reader.turns
}

static NAME_AND_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^([^\[\](){}:<>]{2,60}?)\s*[-–—,|:]?\s*",
        r"(?:\[(\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)[^\]]{0,20}\]|\((\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)[^)]{0,20}\))\s*:?\s*(.*)$"
    ))
    .expect("the pattern is a constant")
});
static NAME_AND_BARE_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^([^\[\](){}:<>]{2,60}?)[\s,–—|-]+(\d{1,3}:\d{2}(?::\d{2})?)$")
        .expect("the pattern is a constant")
});
static TIME_FIRST: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^(?:\[(\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)[^\]]{0,20}\]|\((\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)[^)]{0,20}\)",
        r"|(\d{1,3}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?)(?:\s*[-–—]\s*\d{1,3}:\d{2}(?::\d{2})?)?(?:\s|$))\s*(?:[-–—|:]\s*)?(.*)$"
    ))
    .expect("the pattern is a constant")
});

#[derive(Default)]
struct Reader {
    turns: Turns,
    /// What markup said since the last words.
    speaker: Option<String>,
    start: Option<f64>,
}

impl Reader {
    fn read(&mut self, line: &str, names: &Names) {
        let found = NAME_AND_TIME
            .captures(line)
            .or_else(|| NAME_AND_BARE_TIME.captures(line));
        if let Some(found) = found.filter(|found| names::is_name(&found[1])) {
            self.turns.certain += 1;
            let time = found
                .iter()
                .skip(2)
                .flatten()
                .find_map(|part| clock::seconds(part.as_str()));
            let rest = found.get(4).map_or("", |rest| rest.as_str());
            self.begin(Some(&found[1]), time, rest);
            return;
        }
        let (time, rest) = after_time(line);
        let said = self.turns.cues.last().map_or("", |cue| &*cue.text);
        let place = if time.is_some() {
            Place::AfterSentence
        } else {
            Place::after(said)
        };
        if let Some((name, words)) = names.split(rest, place) {
            self.turns.named += 1;
            self.turns.certain += usize::from(time.is_some());
            let (later, words) = after_time(words);
            self.begin(Some(name), time.or(later), words);
        } else if time.is_some() {
            self.turns.timed += 1;
            self.begin(None, time, rest);
        } else if self.speaker.is_some() || self.start.is_some() {
            self.begin(None, None, line);
        } else if let Some(last) = self.turns.cues.last_mut() {
            let text = last.text.to_mut();
            text.push('\n');
            text.push_str(line);
        }
        // words before the first head are titles and dates
    }

    fn begin(&mut self, name: Option<&str>, time: Option<f64>, words: &str) {
        let speaker = name
            .map(|name| name.trim().to_owned())
            .or(self.speaker.take());
        let start = time.or(self.start);
        self.speaker = None;
        self.start = None;
        if words.is_empty() {
            // the words stand on the next line
            self.speaker = speaker;
            self.start = start;
            return;
        }
        self.turns.cues.push(Cue {
            speaker: speaker.map(Cow::Owned),
            start,
            end: None,
            text: words.to_owned().into(),
        });
    }
}

/// The time that a line begins with, and the rest of it.
fn after_time(line: &str) -> (Option<f64>, &str) {
    let line = line.trim();
    let Some(found) = TIME_FIRST.captures(line) else {
        return (None, line);
    };
    let time = (1..=3)
        .find_map(|nth| found.get(nth))
        .and_then(|time| clock::seconds(time.as_str()));
    match (time, found.get(4)) {
        (Some(time), Some(rest)) => (Some(time), rest.as_str()),
        _ => (None, line),
    }
}

/// A name of two words or more and nothing else.
fn is_bare_name(text: &str) -> bool {
    text.contains(' ') && !text.ends_with(['.', '!', '?', ',']) && names::is_name(text)
}
