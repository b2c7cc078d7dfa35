//! A sentence as words that a headline can be made of: without fillers, repetitions and quotation marks.

use super::lists::Lists;

/// The most words of a sentence that are looked at for a claim.
const SENTENCE_WORDS_MAX: usize = 90;

/// So many capitals without one small letter are no abbreviations in a row.
const SHOUTED_LETTERS_MIN: usize = 16;

/// A word of a sentence, and how it may be shown.
#[derive(Debug, Clone)]
pub(super) struct Word {
    /// As shown, without marks that end or quote.
    pub(super) shown: String,
    /// In lower case, with straight apostrophes.
    pub(super) key: String,
    /// The mark after it, if any: `,` for whatever parts clauses, `:` for a colon.
    pub(super) mark: Option<char>,
    /// Whether a quotation opens with it.
    pub(super) quotes: bool,
    /// Whether the mark after it is one that breaks a sentence off (`…`, `--`).
    pub(super) breaks: bool,
    /// Whether the sentence ends with it.
    pub(super) closes: bool,
}

/// The words of a sentence.
pub(super) fn words_of(sentence: &str) -> Vec<Word> {
    let lists = Lists::get();
    let shouted = is_shouted(sentence);
    let mut words: Vec<Word> = Vec::new();
    for raw in sentence.split(' ').take(SENTENCE_WORDS_MAX) {
        let tail = raw.trim_end_matches(['"', '”', '’', '\'', ')', ']', '*', '_']);
        let breaks = tail.ends_with(['…', '–', '—']) || tail.ends_with("..") || tail.ends_with('-');
        let mark = match tail.chars().next_back() {
            Some(':') => Some(':'),
            Some(',' | ';' | '–' | '—' | '.' | '…' | '!' | '?') => Some(','),
            _ if raw == "-" || raw == "--" => Some(','),
            _ => None,
        };
        let shown = raw.trim_matches(|c: char| !(c.is_alphanumeric() || "%$£€+#".contains(c)));
        let key = shown.to_lowercase().replace('’', "'");
        let again = words.last().is_some_and(|last| last.key == key);
        if shown.is_empty() || again || lists.fillers.has(&key) {
            if let Some(last) = words.last_mut() {
                let kept = if again { mark } else { last.mark.or(mark) };
                last.mark = kept;
                last.breaks |= breaks;
            }
            continue;
        }
        let shown = if shouted {
            lists.spelt(&key).unwrap_or(&key).to_owned()
        } else {
            shown.to_owned()
        };
        words.push(Word {
            shown,
            key,
            mark,
            quotes: raw.starts_with(['"', '“', '‘', '\'']),
            breaks,
            closes: false,
        });
        if let [.., first, second] = words.as_slice()
            && lists
                .filler_pairs
                .iter()
                .any(|pair| pair.0.iter().eq([&first.key, &second.key]))
            && is_aside(&words)
        {
            words.truncate(words.len() - 2);
        }
    }
    if let Some(last) = words.last_mut() {
        last.closes =
            last.mark == Some(',') && !last.breaks && sentence.trim_end().ends_with(['.', '!']);
    }
    words
}

/// Whether a sentence is written in capitals from end to end, as some captions are: a headline of it says the same words as
/// one writes them elsewhere.
fn is_shouted(sentence: &str) -> bool {
    let capitals = sentence.chars().filter(|c| c.is_uppercase()).count();
    capitals >= SHOUTED_LETTERS_MIN && !sentence.chars().any(char::is_lowercase)
}

/// Whether the last two words stand aside rather than in the sentence ("what you know" is no filler).
fn is_aside(words: &[Word]) -> bool {
    let [before @ .., first, second] = words else {
        return false;
    };
    match first.key.as_str() {
        "kind" | "sort" => before.last().is_none_or(|word| {
            !matches!(
                word.key.as_str(),
                "a" | "the"
                    | "this"
                    | "that"
                    | "what"
                    | "same"
                    | "some"
                    | "any"
                    | "every"
                    | "right"
                    | "of"
                    | "one"
            )
        }),
        _ => second.mark.is_some() && before.last().is_none_or(|word| word.mark.is_some()),
    }
}

/// The words as a headline: a capital first, no mark at the end.
pub(super) fn show(words: &[Word]) -> String {
    let mut headline = String::new();
    for (nth, word) in words.iter().enumerate() {
        if nth == 0 {
            let mut letters = word.shown.chars();
            if let Some(first) = letters.next() {
                headline.extend(first.to_uppercase());
                headline.push_str(letters.as_str());
            }
        } else {
            headline.push(' ');
            headline.push_str(&word.shown);
        }
        if let Some(mark) = word.mark.filter(|_| nth + 1 < words.len()) {
            headline.push(mark);
        }
    }
    headline
}
