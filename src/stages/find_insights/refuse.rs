//! What must never pass: advertisements, greetings, housekeeping, questions, boilerplate, links, code.

use crate::model::BlockKind;

use super::marks::holds_mark;
use super::reading::Reading;
use super::rules::Measure;
use super::rules::Reach;
use super::voices::Voice;

/// How many words an advertisement that one voice reads can have: no more is refused for one sign of it.
const READ_WORDS: usize = 260;

/// A turn of a guest with more words than this is an answer; the conversation has begun.
const ANSWER_WORDS_MIN: usize = 40;

/// A sentence of at least so many words tells by itself which language it is in.
const TELLING_WORDS_MIN: usize = 6;

/// Marks of a sentence that is code or a table rather than language.
const CODE_MARKS: [&str; 9] = ["()", "{", "}", "=>", "==", "::", "</", "/>", "|"];

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
        let mut foreign = false;
        for nth in first..end {
            foreign = is_foreign(reading, nth, foreign);
            let reach = refusal(reading, nth);
            match reach {
                Some(Reach::Rest) => {
                    rest = READ_WORDS;
                    block |= host;
                }
                Some(Reach::Block) => block = true,
                Some(Reach::Sentence) | None => {}
            }
            let refused =
                never || foreign || rest > 0 || reach.is_some() || is_noise(reading.text(nth));
            rest = rest.saturating_sub(reading.sentences[nth].words);
            reading.facts[nth].refused |= refused;
            // half a quotation reads as a slip
            let sentence = reading.sentences[nth];
            reading.facts[nth].may_open &= !sentence.opens_quoted;
            reading.facts[nth].may_close &= !sentence.ends_quoted;
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
