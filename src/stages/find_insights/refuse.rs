//! What must never pass: advertisements, greetings, housekeeping, questions, boilerplate, links, code.

use crate::model::BlockKind;

use super::reading::Reading;
use super::rules::Reach;
use super::voices::Voice;

/// How many words an advertisement that one voice reads can have: no more is refused for one sign of it.
const READ_WORDS: usize = 260;

/// A turn of a guest with more words than this is an answer; the conversation has begun.
const ANSWER_WORDS_MIN: usize = 40;

/// Marks of a sentence that is code or a table rather than language.
const CODE_MARKS: [&str; 9] = ["()", "{", "}", "=>", "==", "::", "</", "/>", "|"];

/// Marks of speech that nobody could write down.
const UNHEARD_MARKS: [&str; 9] = [
    "[inaudible",
    "[crosstalk",
    "[music",
    "[laughter",
    "[foreign",
    "[unintelligible",
    "(inaudible",
    "(crosstalk",
    "[?",
];

/// Marks the sentences that can never be part of a passage.
pub(super) fn refuse_sentences(reading: &mut Reading<'_>) {
    // what the host says before anyone has answered introduces and advertises
    let answered = reading
        .turns
        .iter()
        .position(|turn| turn.voice == Voice::Guest && turn.words > ANSWER_WORDS_MIN)
        .unwrap_or(0);
    for turn in 0..reading.turns.len() {
        let (first, end) = (reading.turns[turn].first, reading.turns[turn].end);
        let host = reading.turns[turn].voice == Voice::Host;
        let never = !reading.turns[turn].quotable
            || reading.turns[turn].voice == Voice::Passing
            || (host && turn < answered);
        let mut rest = 0_usize;
        let mut block = false;
        for nth in first..end {
            let reach = refusal(reading, nth);
            match reach {
                Some(Reach::Rest) => {
                    rest = READ_WORDS;
                    block |= host;
                }
                Some(Reach::Block) => block = true,
                Some(Reach::Sentence) | None => {}
            }
            let refused = never || rest > 0 || reach.is_some() || is_noise(reading.text(nth));
            rest = rest.saturating_sub(reading.sentences[nth].words);
            reading.facts[nth].refused |= refused;
        }
        // a whole turn falls only where it is short enough to be one thing
        let short = reading.turns[turn].words <= READ_WORDS * 2
            || reading.document.blocks()[turn].kind != BlockKind::Utterance;
        if block && short {
            reading.facts[first..end]
                .iter_mut()
                .for_each(|facts| facts.refused = true);
        }
    }
}

/// The widest reach of all refusals that the sentence's words call for.
fn refusal(reading: &Reading<'_>, sentence: usize) -> Option<Reach> {
    let rules = reading.rules;
    let mut widest = None;
    for (nth, row) in rules.refusals.iter().enumerate() {
        if !reading.has(sentence, rules.refusal_bit(nth)) {
            continue;
        }
        widest = match (widest, row.reach) {
            (Some(Reach::Block), _) | (_, Reach::Block) => Some(Reach::Block),
            (Some(Reach::Rest), _) | (_, Reach::Rest) => Some(Reach::Rest),
            _ => Some(Reach::Sentence),
        };
    }
    widest
}

/// Whether a sentence is a question, has a link or code in it, or was not understood by who wrote it down.
pub(super) fn is_noise(text: &str) -> bool {
    if let Some(letters) = letters_if_plain(text) {
        return letters * 100 < text.len() * 80;
    }
    if text.contains('?') || text.contains("://") || text.contains("www.") || text.contains('@') {
        return true;
    }
    if text.contains(['[', '(', '{', '}', '=', ':', '<', '>', '|', '`']) {
        let lower = text.to_ascii_lowercase();
        if UNHEARD_MARKS.iter().any(|mark| lower.contains(mark))
            || CODE_MARKS.iter().any(|mark| text.contains(mark))
            || text.contains('`')
        {
            return true;
        }
    }
    let letters = text
        .chars()
        .filter(|c| c.is_alphabetic() || *c == ' ')
        .count();
    let all = text.chars().count();
    letters * 100 < all * 80
}

/// The letters and spaces of a sentence that has nothing but them and the usual marks in it, as most have.
fn letters_if_plain(text: &str) -> Option<usize> {
    let sentence = text.strip_suffix('.').unwrap_or(text);
    let mut letters = 0_usize;
    let mut marks = 0_usize;
    for byte in sentence.bytes() {
        letters += usize::from(byte.is_ascii_alphabetic() || byte == b' ');
        marks += usize::from(matches!(byte, b',' | b'\'' | b'-' | b'"' | b'!' | b';'));
    }
    (letters + marks == sentence.len() && !text.ends_with("www.")).then_some(letters)
}
