//! What must never pass: advertisements, greetings, housekeeping, questions, boilerplate, links, code.

use std::ops::Range;

use crate::model::BlockKind;

use super::marks::holds_mark;
use super::reading::Reading;
use super::reading::Turn;
use super::reading::is_closing;
use super::rules::Measure;
use super::rules::Reach;
use super::sentences::count_bytes;
use super::voices::Voice;

/// How many words an advertisement that one voice reads can have: no more is refused for one sign of it.
const READ_WORDS: usize = 260;

/// An author's box, a notice or a caption has at most so many words; in a longer paragraph only its sentence falls.
const FURNITURE_WORDS: usize = 80;

/// A turn of a guest with more words than this is an answer; the conversation has begun.
const ANSWER_WORDS_MIN: usize = 40;

/// A sentence of at least so many words tells by itself which language it is in.
const TELLING_WORDS_MIN: usize = 6;

/// The most signs of advertising whose thing is looked for: more is a text about advertising.
const SIGNS_MAX: usize = 100;

/// The name of a thing that is advertised has at least so many letters: shorter ones are words too often.
const NAME_BYTES_MIN: usize = 4;

/// Marks of a sentence that is code or a table rather than language.
const CODE_MARKS: [&str; 9] = ["()", "{", "}", "=>", "==", "::", "</", "/>", "|"];

/// Marks the sentences that can never be part of a passage.
pub(super) fn refuse_sentences(reading: &mut Reading<'_>) {
    let told: Vec<Told> = (0..reading.sentences.len())
        .map(|nth| what_is_told(reading, nth))
        .collect();
    // what the host says before anyone has answered introduces and advertises
    let answered = reading
        .turns
        .iter()
        .position(|turn| turn.voice == Voice::Guest && turn.words > ANSWER_WORDS_MIN)
        .unwrap_or(0);
    for turn in 0..reading.turns.len() {
        let Turn {
            first,
            end,
            voice,
            quotable,
            words,
            prose,
            ..
        } = reading.turns[turn];
        let host = voice == Voice::Host;
        let never = !quotable || voice == Voice::Passing || (host && turn < answered);
        let mut foreign = false;
        for (nth, told) in told.iter().enumerate().take(end).skip(first) {
            foreign = is_foreign(reading, nth, foreign);
            let refused = never || foreign || told.any || is_noise(reading.text(nth));
            reading.facts[nth].refused |= refused;
            // half a quotation reads as a slip
            let sentence = reading.sentences[nth];
            reading.facts[nth].may_open &= !sentence.opens_quoted;
            reading.facts[nth].may_close &= !sentence.ends_quoted;
        }
        // a whole block falls only where it is short enough to be one thing; furniture of a page is not spoken
        let is_furniture =
            prose && words <= FURNITURE_WORDS && told[first..end].iter().any(|told| told.block);
        let is_reading = words <= READ_WORDS * 2
            && told[first..end]
                .iter()
                .any(|told| told.rest && (host || prose));
        if is_furniture || is_reading || is_entry(reading, turn) {
            refuse(reading, first..end);
        }
    }
    refuse_readings(reading, &told);
    refuse_praise(reading, &told);
}

/// Whether a block is an item of a list that is no sentence: it has no full stop.
fn is_entry(reading: &Reading<'_>, turn: usize) -> bool {
    let block = &reading.document.blocks()[turn];
    block.kind == BlockKind::ListItem
        && !reading
            .document
            .text_of(block)
            .trim_end_matches(is_closing)
            .ends_with(['.', '!', '…', '。'])
}

/// What the refusals say of one sentence, by how far they reach.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "several rows may speak of one sentence"
)]
struct Told {
    any: bool,
    rest: bool,
    pitch: bool,
    before: bool,
    block: bool,
}

fn what_is_told(reading: &Reading<'_>, sentence: usize) -> Told {
    let mut told = Told::default();
    let rules = reading.rules;
    // in nearly every sentence nothing is to be refused
    if !reading.has_any(sentence, rules.refusal_bit(0)..rules.topic_bit(0)) {
        return told;
    }
    for (nth, row) in rules.refusals.iter().enumerate() {
        if !reading.has(sentence, rules.refusal_bit(nth)) {
            continue;
        }
        match row.reach {
            Reach::Sentence | Reach::Chapter => {}
            Reach::Rest => told.rest = true,
            Reach::Pitch => {
                // it needs an advertisement to follow
                told.pitch = true;
                continue;
            }
            Reach::Before => told.before = true,
            Reach::Block => told.block = true,
        }
        told.any = true;
    }
    told
}

fn refuse(reading: &mut Reading<'_>, sentences: Range<usize>) {
    for facts in &mut reading.facts[sentences] {
        facts.refused = true;
    }
}

/// Refuses advertisements that are read aloud: from the first sign of one to the end of the turn or to where the talk is
/// taken up again, and back to where the praise began.
fn refuse_readings(reading: &mut Reading<'_>, told: &[Told]) {
    for (sentences, host) in stretches(reading) {
        let mut left = 0_usize;
        let mut pitch: Option<(usize, usize)> = None;
        let mut said = 0_usize;
        for nth in sentences.clone() {
            if told[nth].pitch {
                pitch = pitch
                    .filter(|&(_, at)| said - at <= READ_WORDS)
                    .or(Some((nth, said)));
            }
            if told[nth].rest || told[nth].before {
                if let Some((first, _)) = pitch.take().filter(|&(_, at)| said - at <= READ_WORDS) {
                    refuse(reading, first..nth);
                } else if told[nth].before && host && left == 0 {
                    let first = back_by(reading, sentences.start, nth);
                    refuse(reading, first..nth);
                }
                left = if told[nth].before { 0 } else { READ_WORDS };
            }
            let words = reading.sentences[nth].words;
            reading.facts[nth].refused |= left > 0;
            left = left.saturating_sub(words);
            said += words;
        }
    }
}

/// The sentences that one voice may read in one go, and whether it may be the host's: a turn, or turns in a row that
/// nobody is named for.
fn stretches(reading: &Reading<'_>) -> Vec<(Range<usize>, bool)> {
    let mut stretches: Vec<(Range<usize>, bool)> = Vec::new();
    let mut unnamed = false;
    for (turn, block) in reading.turns.iter().zip(reading.document.blocks()) {
        let nobody = block.kind == BlockKind::Utterance && block.speaker.is_none();
        match stretches.last_mut() {
            Some((sentences, _)) if nobody && unnamed => sentences.end = turn.end,
            _ => stretches.push((turn.first..turn.end, turn.voice != Voice::Guest)),
        }
        unnamed = nobody;
    }
    stretches
}

/// The first sentence, from `start` on, that lies within an advertisement's length before that one.
fn back_by(reading: &Reading<'_>, start: usize, nth: usize) -> usize {
    let mut words = 0;
    (start..nth)
        .rev()
        .take_while(|&at| {
            words += reading.sentences[at].words;
            words <= READ_WORDS
        })
        .last()
        .unwrap_or(nth)
}

/// Refuses what is said near an advertisement of the thing that it advertises, which its address names.
fn refuse_praise(reading: &mut Reading<'_>, told: &[Told]) {
    let mut signs = 0;
    for (nth, told) in told.iter().enumerate() {
        if !told.rest || signs == SIGNS_MAX {
            continue;
        }
        signs += 1;
        let Some(name) = advertised(reading.text(nth)) else {
            continue;
        };
        let own = reading.facts[nth].turn;
        let near = back_by(reading, 0, nth)..forth_by(reading, nth);
        for at in near {
            let turn = reading.facts[at].turn;
            let theirs = turn != own && reading.turns[turn].voice == Voice::Guest;
            let named = || {
                reading
                    .text(at)
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| {
                        word.eq_ignore_ascii_case(&name) && word.starts_with(char::is_uppercase)
                    })
            };
            if !theirs && named() {
                reading.facts[at].refused = true;
            }
        }
    }
}

/// The sentence behind the last that lies within an advertisement's length after that one.
fn forth_by(reading: &Reading<'_>, nth: usize) -> usize {
    let mut words = 0;
    let after = reading.sentences[nth..]
        .iter()
        .take_while(|sentence| {
            words += sentence.words;
            words <= READ_WORDS
        })
        .count();
    nth + after
}

/// The name in the first address of a sentence: of `tarpaulin.com/show` it is `tarpaulin`.
fn advertised(text: &str) -> Option<String> {
    text.split(' ').find_map(|word| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        let (name, rest) = word.split_once('.')?;
        let address = ["com", "co", "io", "ai", "org", "net", "dev", "app", "so"]
            .iter()
            .any(|ending| {
                rest.strip_prefix(ending)
                    .is_some_and(|after| !after.starts_with(char::is_alphanumeric))
            });
        (address && name.len() >= NAME_BYTES_MIN && name.bytes().all(|b| b.is_ascii_alphanumeric()))
            .then(|| name.to_owned())
    })
}

/// Whether a sentence is in another language than the one that the rules serve. What is too short to tell goes with the
/// sentence before it.
fn is_foreign(reading: &Reading<'_>, nth: usize, before: bool) -> bool {
    let Some(language) = reading.rules.language else {
        return false;
    };
    let facts = &reading.facts[nth].sums;
    // nearly every sentence is told by this: where the rules know half of the words, they speak its language
    let unknown = usize::from(facts[Measure::Stems as usize]);
    let words = reading.sentences[nth].words;
    if unknown * 2 < words {
        return before && words < TELLING_WORDS_MIN && language.is_silent_in(reading.text(nth));
    }
    if words < TELLING_WORDS_MIN {
        return before && language.is_silent_in(reading.text(nth));
    }
    language.foreign_to(reading.text(nth).split(' ')).is_some()
}

/// Whether a sentence is a question, has a link or code in it, or was not understood by who wrote it down.
pub(super) fn is_noise(text: &str) -> bool {
    if let Some(letters) = letters_if_plain(text) {
        return letters * 100 < text.len() * 80;
    }
    if text.contains('?') || text.contains("://") || text.contains("www.") || text.contains('@') {
        return true;
    }
    if text.contains(['[', '(', '{', '}', '=', ':', '<', '>', '|', '`'])
        && (text.contains('`')
            || CODE_MARKS.iter().any(|mark| text.contains(mark))
            || holds_mark(text))
    {
        return true;
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
    let bytes = sentence.as_bytes();
    let letters = count_bytes(bytes, |byte| byte.is_ascii_alphabetic() || byte == b' ');
    let marks = count_bytes(bytes, |byte| {
        matches!(byte, b',' | b'\'' | b'-' | b'"' | b'!' | b';')
    });
    (letters + marks == sentence.len() && !text.ends_with("www.")).then_some(letters)
}
