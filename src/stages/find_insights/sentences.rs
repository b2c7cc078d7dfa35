//! Cuts a block of speech or prose into sentences.

/// The most words a sentence without an end may have before it is cut: nothing longer can stand in a passage.
const SENTENCE_WORDS_MAX: usize = 60;

/// From this many words on, an endless sentence is cut before the next word that opens a clause.
const CUT_FROM_WORDS: usize = 26;

/// At this many words an endless sentence is cut wherever it is.
const CUT_AT_WORDS: usize = 40;

/// Words before which an endless sentence may be cut.
const CLAUSE_WORDS: [&str; 13] = [
    "and", "but", "so", "because", "if", "when", "then", "which", "while", "or", "i", "you", "we",
];

/// Words whose full stop ends no sentence.
const ABBREVIATIONS: [&str; 33] = [
    "mr", "mrs", "ms", "dr", "prof", "sr", "jr", "st", "vs", "e.g", "i.e", "eg", "ie", "cf", "fig",
    "approx", "dept", "est", "inc", "ltd", "no", "vol", "pp", "ed", "gen", "rep", "sen", "gov",
    "jan", "feb", "aug", "sept", "dec",
];

/// A stretch of a text that says one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sentence {
    /// First byte.
    pub(super) from: usize,
    /// The byte after the last.
    pub(super) to: usize,
    /// Words, as white space parts them.
    pub(super) words: usize,
    /// Whether it begins in the middle of a longer sentence that had to be cut.
    pub(super) opens_cut: bool,
    /// Whether it ends there.
    pub(super) ends_cut: bool,
    /// Whether a speaker mark (`>>`) stands before it.
    pub(super) new_voice: bool,
}

/// Appends the sentences of `text[from..to]`, in which white space is single spaces. Every byte that is not white space
/// or a speaker mark (`>>`) belongs to exactly one sentence.
pub(super) fn split_sentences(text: &str, from: usize, to: usize, sentences: &mut Vec<Sentence>) {
    let block = &text[from..to];
    let lower_case = is_lower_case(block);
    let mut open: Option<usize> = None;
    let mut marked: Option<usize> = None;
    let mut words = 0;
    let mut at = 0;
    for word in words_of(block) {
        let (start, end) = (at, at + word.len());
        at = end + 1;
        let mark = word.bytes().all(|byte| byte == b'>' || byte == b'-');
        if mark {
            // the speaker mark of captions: whoever speaks now, it is not whoever spoke before
            if word.starts_with(">>")
                && let Some(first) = open.take()
            {
                close(
                    text,
                    from + first,
                    from + start.saturating_sub(1),
                    words,
                    sentences,
                );
                words = 0;
            }
            if word.starts_with(">>") {
                let next = sentences.len();
                flag(sentences, marked.replace(next));
            }
            if word.starts_with('>') || open.is_none() {
                continue;
            }
        }
        open.get_or_insert(start);
        words += 1;
        let following = block.get(at..).unwrap_or_default();
        if following.is_empty() || ends_sentence(word, following, lower_case) {
            if let Some(first) = open.take() {
                close(text, from + first, from + end, words, sentences);
            }
            words = 0;
        }
    }
    if let Some(first) = open {
        close(
            text,
            from + first,
            from + block.trim_end().len(),
            words,
            sentences,
        );
    }
    flag(sentences, marked);
}

/// The words of a text in which white space is single spaces: what `split(' ')` gives, which is slow on short words.
pub(super) fn words_of(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(end) = text.bytes().position(|byte| byte == b' ') else {
            return rest.take();
        };
        rest = Some(&text[end + 1..]);
        Some(&text[..end])
    })
}

/// Notes that the sentence with this number is the first after a speaker mark.
fn flag(sentences: &mut [Sentence], nth: Option<usize>) {
    if let Some(sentence) = nth.and_then(|nth| sentences.get_mut(nth)) {
        sentence.new_voice = true;
    }
}

/// Adds one sentence, in pieces where it is too long to be one.
fn close(text: &str, from: usize, to: usize, words: usize, sentences: &mut Vec<Sentence>) {
    if to <= from {
        return;
    }
    if words <= SENTENCE_WORDS_MAX {
        sentences.push(Sentence {
            from,
            to,
            words,
            opens_cut: false,
            ends_cut: false,
            new_voice: false,
        });
        return;
    }
    let mut first = from;
    let mut count = 0;
    let mut left = words;
    let mut at = from;
    let mut after_comma = false;
    for word in words_of(&text[from..to]) {
        let opens_clause = CLAUSE_WORDS
            .iter()
            .any(|clause| word.eq_ignore_ascii_case(clause));
        let cut =
            count >= CUT_AT_WORDS || (count >= CUT_FROM_WORDS && (opens_clause || after_comma));
        if cut && left >= 8 && at > first {
            sentences.push(Sentence {
                from: first,
                to: at - 1,
                words: count,
                opens_cut: first > from,
                ends_cut: true,
                new_voice: false,
            });
            first = at;
            count = 0;
        }
        after_comma = word.ends_with([',', ';', ':']);
        count += 1;
        left = left.saturating_sub(1);
        at += word.len() + 1;
    }
    sentences.push(Sentence {
        from: first,
        to,
        words: count,
        opens_cut: first > from,
        ends_cut: false,
        new_voice: false,
    });
}

/// Whether a sentence ends with `word`, which a space and `following` come after.
fn ends_sentence(word: &str, following: &str, lower_case: bool) -> bool {
    let bare = word.trim_end_matches(['"', '\'', ')', ']', '”', '’', '»', '*', '_']);
    let Some(end) = bare.chars().next_back() else {
        return false;
    };
    if !matches!(end, '.' | '!' | '?' | '…' | '。' | '！' | '？') {
        return false;
    }
    let next = words_of(following).next().unwrap_or_default();
    let opens = opens_sentence(next);
    if end != '.' {
        return opens || (lower_case && end != '…');
    }
    if bare.ends_with("..") {
        return opens && !next.starts_with("I'") && next != "I";
    }
    let stem = bare
        .trim_end_matches('.')
        .trim_start_matches(['(', '"', '“', '\'', '‘', '[']);
    if is_abbreviation(stem) {
        return false;
    }
    opens || lower_case
}

/// Whether a full stop after `stem` stands for letters left out.
fn is_abbreviation(stem: &str) -> bool {
    let mut letters = stem.chars();
    if let (Some(only), None) = (letters.next(), letters.next()) {
        // an initial; but "I." ends a sentence
        return only.is_uppercase() && only != 'I';
    }
    ABBREVIATIONS.iter().any(|known| {
        stem.eq_ignore_ascii_case(known)
            && (*known != "no" || stem.starts_with('N'))
            && *known != "ed"
    })
}

/// Whether a word can be the first of a sentence.
fn opens_sentence(word: &str) -> bool {
    let bare = word.trim_start_matches([
        '"', '\'', '(', '[', '“', '‘', '«', '*', '_', '-', '–', '—', '•', '>',
    ]);
    match bare.chars().next() {
        None => !word.is_empty(),
        Some(first) => {
            !first.is_lowercase() || bare.chars().skip(1).take(3).any(char::is_uppercase)
        }
    }
}

/// Whether the block is written without capitals, as many captions are: then lower case says nothing.
fn is_lower_case(block: &str) -> bool {
    let mut letters = 0_usize;
    let mut capitals = 0_usize;
    for byte in block.bytes().take(2_000) {
        letters += usize::from(byte.is_ascii_lowercase());
        capitals += usize::from(byte.is_ascii_uppercase());
    }
    letters > 200 && capitals * 200 < letters
}
