//! Who asks and who answers: infers from the talk itself which voice is the host's.

use std::collections::BTreeMap;

use crate::model::Block;
use crate::model::BlockKind;
use crate::model::Document;
use crate::model::Person;

use super::reading::is_closing;

/// What a voice is to the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Voice {
    /// Asks and leads.
    Host,
    /// Answers.
    Guest,
    /// Is heard for seconds in a long conversation: an advertisement, a trailer, a clip.
    Passing,
    /// Nobody can say; so it is with all prose.
    Unknown,
}

/// Words that only the one who leads the talk says.
const LEADING: [&str; 8] = [
    "my guest",
    "today's guest",
    "welcome to the",
    "welcome back to",
    "our guest",
    "i'm your host",
    "thank you so much for being here",
    "thanks for coming on",
];

/// A conversation this long (bytes) has room for passing voices.
const LONG_TALK_BYTES: usize = 9_000;

/// What is known of one voice.
#[derive(Default)]
struct Heard {
    turns: usize,
    bytes: usize,
    /// Turns that end on a question.
    questions: usize,
    leading: usize,
    first: usize,
}

/// The voice of each block.
pub(super) fn tell_voices(document: &Document, people: &[Person]) -> Vec<Voice> {
    let mut heard: BTreeMap<&str, Heard> = BTreeMap::new();
    for (nth, block) in document.blocks().iter().enumerate() {
        let Some(name) = speaker(block) else { continue };
        let text = document.text_of(block);
        let entry = heard.entry(name).or_insert_with(|| Heard {
            first: nth,
            ..Heard::default()
        });
        entry.turns += 1;
        entry.bytes += text.len();
        entry.questions += usize::from(text.trim_end_matches(is_closing).ends_with('?'));
        entry.leading += leading_words(text);
    }
    let total: usize = heard.values().map(|voice| voice.bytes).sum();
    let voices: BTreeMap<&str, Voice> = if heard.len() < 2 {
        BTreeMap::new()
    } else {
        let host = likely_host(&heard, total);
        heard
            .iter()
            .map(|(&name, voice)| {
                let passing = heard.len() > 2
                    && total > LONG_TALK_BYTES
                    && voice.turns <= 3
                    && voice.bytes * 60 < total;
                let told = people.iter().find(|person| same_person(&person.name, name));
                let what = match told.map(|person| person.role.as_str()) {
                    Some(role) if role.contains("host") => Voice::Host,
                    Some("guest") => Voice::Guest,
                    _ if passing => Voice::Passing,
                    _ if host == Some(name) => Voice::Host,
                    _ => Voice::Guest,
                };
                (name, what)
            })
            .collect()
    };
    document
        .blocks()
        .iter()
        .map(|block| {
            speaker(block)
                .and_then(|name| voices.get(name).copied())
                .unwrap_or(Voice::Unknown)
        })
        .collect()
}

/// The voice that leads, by its introductions, its questions a turn, and its having spoken first.
fn likely_host<'a>(heard: &BTreeMap<&'a str, Heard>, total: usize) -> Option<&'a str> {
    let first = heard.values().map(|voice| voice.first).min();
    let weigh = |voice: &Heard| {
        let asked = voice.questions * 200 / voice.turns.max(1);
        let share = voice.bytes * 100 / total.max(1);
        voice.leading.min(4) * 60
            + asked
            + usize::from(Some(voice.first) == first) * 20
            + (100 - share.min(100)) / 4
    };
    heard
        .iter()
        .filter(|(_, voice)| voice.turns > 1 && voice.bytes * 60 >= total)
        .max_by_key(|(_, voice)| (weigh(voice), std::cmp::Reverse(voice.first)))
        .map(|(name, _)| *name)
}

/// How many of the words that only a host says stand in the text.
fn leading_words(text: &str) -> usize {
    // introductions stand at the head of a turn; so a long answer costs nothing
    let mut end = text.len().min(600);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text[..end].to_ascii_lowercase().replace('’', "'");
    LEADING.iter().filter(|words| head.contains(*words)).count()
}

/// Whether a name of the feed and a name of the transcript are one person's: equal, or the one begins with the other.
fn same_person(told: &str, heard: &str) -> bool {
    let told = told.to_lowercase();
    let heard = heard.to_lowercase();
    let begins = |long: &str, short: &str| {
        !short.is_empty()
            && long
                .strip_prefix(short)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    begins(&told, &heard) || begins(&heard, &told)
}

/// The name of whoever speaks a block; prose has none.
fn speaker(block: &Block) -> Option<&str> {
    (block.kind == BlockKind::Utterance)
        .then_some(block.speaker.as_deref())
        .flatten()
}
