//! Cuts a block of speech or prose into sentences.

use super::marks::bracketed_mark;
use super::marks::is_bullet;
use super::marks::is_dash;
use super::vocabulary::HIGH_BITS;
use super::vocabulary::ONES;
use super::vocabulary::head_of_word;
use super::vocabulary::zero_bytes;

/// The most words a sentence without an end may have before it is cut: nothing longer can stand in a passage.
const SENTENCE_WORDS_MAX: usize = 60;

/// From this many words on, an endless sentence is cut before the next word that opens a clause.
const CUT_FROM_WORDS: usize = 26;

/// At this many words an endless sentence is cut wherever it is.
const CUT_AT_WORDS: usize = 40;

/// An aside in brackets, or a quotation, has at most so many words; more is a mark that nobody closed.
const ASIDE_WORDS_MAX: usize = 30;

/// A quotation has at most so many sentences; more is a mark that nobody closed.
const QUOTED_SENTENCES_MAX: usize = 8;

/// The end of an aside is looked for in so many bytes.
const ASIDE_BYTES_MAX: usize = 200;

/// So many bytes before a block tell how its text is written, where the block itself is too short to.
const NEIGHBOUR_BYTES: usize = 1_000;

/// So many bytes of a block tell how it is written.
const LETTERS_BYTES: usize = 2_000;

/// A text with fewer capitals than one in so many letters is written without them.
const LETTERS_A_CAPITAL: usize = 200;

/// So many letters tell whether a text is written without capitals.
const LETTERS_MIN: usize = 60;

/// Words before which an endless sentence may be cut.
const CLAUSE_WORDS: [&str; 13] = [
    "and", "but", "so", "because", "if", "when", "then", "which", "while", "or", "i", "you", "we",
];

/// Words whose full stop never ends a sentence: what they speak of comes next.
const NEVER_LAST: [&str; 22] = [
    "mr", "mrs", "ms", "dr", "prof", "st", "gen", "rep", "sen", "gov", "sgt", "capt", "rev", "vs",
    "e.g", "i.e", "eg", "ie", "cf", "approx", "ca", "hon",
];

/// Words whose full stop ends a sentence only where the next word is one that sentences begin with.
const SELDOM_LAST: [&str; 23] = [
    "inc", "ltd", "corp", "co", "llc", "bros", "jr", "sr", "dept", "est", "jan", "feb", "mar",
    "apr", "aug", "sept", "sep", "oct", "nov", "dec", "ave", "blvd", "mt",
];

/// Words whose full stop ends no sentence where a number comes next.
const BEFORE_NUMBERS: [&str; 12] = [
    "no", "nos", "p", "pp", "vol", "fig", "figs", "ch", "sec", "art", "eq", "approx",
];

/// Words that begin a sentence more often than a name.
const OPENERS: [&str; 79] = [
    "the", "a", "an", "it", "it's", "this", "that", "that's", "these", "those", "they", "they're",
    "we", "we're", "we've", "you", "you're", "he", "she", "i", "i'm", "i've", "but", "and", "so",
    "because", "if", "when", "what", "why", "how", "in", "on", "at", "for", "from", "there",
    "there's", "here", "then", "now", "my", "our", "your", "their", "his", "her", "its", "also",
    "however", "most", "some", "many", "not", "no", "yes", "yeah", "well", "as", "with", "to",
    "once", "after", "before", "while", "where", "who", "which", "let's", "don't", "every", "each",
    "all", "both", "another", "instead", "nobody", "everyone", "people",
];

/// Endings of names of sites and libraries, which a full stop without a space stands before.
const NAME_ENDINGS: [&str; 14] = [
    "com", "net", "org", "io", "js", "ai", "co", "ly", "tv", "py", "ts", "app", "dev", "md",
];

/// A stretch of a text that says one thing.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is seen on its own, and any of them may hold together"
)]
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
    /// Whether it begins in the middle of a quotation that was opened before it.
    pub(super) opens_quoted: bool,
    /// Whether it ends in the middle of a quotation that is closed after it.
    pub(super) ends_quoted: bool,
    /// Whether a mark stands before it that no passage goes across: a change of speaker (`>>`, a dialogue dash), a
    /// bullet, a sound, a time.
    pub(super) new_voice: bool,
}

/// Appends the sentences of `text[from..to]`, in which white space is single spaces. Every byte that is not white space
/// or a mark belongs to exactly one sentence.
pub(super) fn split_sentences(text: &str, from: usize, to: usize, sentences: &mut Vec<Sentence>) {
    let mut splitter = Splitter {
        text,
        block: &text[from..to],
        from,
        lower_case: is_lower_case(text, from, to),
        first: sentences.len(),
        sentences,
        open: None,
        words: 0,
        marked: false,
        aside: None,
        quote: None,
        opens_quoted: false,
    };
    splitter.split();
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

/// One pass over a block.
struct Splitter<'a> {
    text: &'a str,
    block: &'a str,
    /// Where the block begins in the text.
    from: usize,
    /// Whether it is written without capitals: then lower case says nothing.
    lower_case: bool,
    /// Number of the block's first sentence.
    first: usize,
    sentences: &'a mut Vec<Sentence>,
    /// Where in the block the open sentence began.
    open: Option<usize>,
    /// Words of the open sentence.
    words: usize,
    /// Whether a mark stands before the open sentence.
    marked: bool,
    /// The word of the open sentence with which an aside in round brackets began.
    aside: Option<usize>,
    /// Number of the sentence in which a quotation began.
    quote: Option<usize>,
    /// Whether the open sentence began inside a quotation.
    opens_quoted: bool,
}

impl Splitter<'_> {
    fn split(&mut self) {
        let mut at = 0;
        while at < self.block.len() {
            if let Some(bytes) = self.pass_mark(at) {
                at += bytes;
                continue;
            }
            let rest = &self.block.as_bytes()[at..];
            let (head, length) = head_of_word(rest, rest.len());
            let end = at + length;
            let ends_in = |byte: u8| byte.is_ascii_alphanumeric() || byte == b',';
            if length > 0
                && is_plain(head, &rest[..length])
                && rest[0].is_ascii_alphanumeric()
                && ends_in(rest[length - 1])
            {
                // as nearly every word
                self.open.get_or_insert(at);
                self.words += 1;
            } else if end > at {
                self.take_word(at, end);
            }
            at = end + 1;
        }
        self.close(self.block.trim_end().len());
    }

    /// Bytes of the mark that stands here, if one does. A speaker mark or a bullet ends the open sentence; other marks
    /// are only marks where no sentence is open.
    fn pass_mark(&mut self, at: usize) -> Option<usize> {
        if self.block.as_bytes()[at].is_ascii_alphanumeric() {
            return None;
        }
        let rest = &self.block[at..];
        let first = rest.chars().next()?;
        if first == ' ' && self.open.is_none() {
            return Some(1);
        }
        let at_word = at == 0 || self.block.as_bytes()[at - 1] == b' ' || self.open.is_none();
        if !at_word {
            return None;
        }
        let run = |is: fn(char) -> bool| rest.len() - rest.trim_start_matches(is).len();
        let speakers = run(|c| c == '>');
        if speakers >= 2 || is_bullet(first) {
            self.close(at.saturating_sub(1));
            self.marked = true;
            return Some(speakers.max(first.len_utf8()));
        }
        if self.open.is_some() {
            return None;
        }
        if first == '>' {
            return Some(1);
        }
        let dashes = run(is_dash);
        let after = rest[dashes..].chars().next();
        if dashes > 0 && after.is_none_or(|c| c == ' ' || c.is_alphabetic()) {
            self.marked = true;
            return Some(dashes);
        }
        let mark = bracketed_mark(rest)?;
        let stops = rest[mark..].len() - rest[mark..].trim_start_matches([':', '.', ',']).len();
        self.marked = true;
        Some(mark + stops)
    }

    /// Takes in the word at these bytes of the block, and ends the sentence where the word does.
    fn take_word(&mut self, mut start: usize, end: usize) {
        while let Some(bytes) = end_inside(&self.block[start..end]) {
            // one word for white space, so it counts where it ends
            self.open.get_or_insert(start);
            self.close(start + bytes);
            start += bytes;
        }
        let word = &self.block[start..end];
        self.open.get_or_insert(start);
        self.words += 1;
        let bytes = word.as_bytes();
        let plain = bytes[0].is_ascii_alphanumeric()
            && (bytes[bytes.len() - 1].is_ascii_alphanumeric() || bytes[bytes.len() - 1] == b',');
        if plain && !bytes.contains(&b'(') {
            return;
        }
        self.note_quotation(word);
        self.note_aside(word);
        let following = self.block.get(end + 1..).unwrap_or_default();
        if !self.in_aside(following) && self.ends_with(word, following) {
            self.close(end);
        }
    }

    /// Notes where a quotation begins and ends.
    fn note_quotation(&mut self, word: &str) {
        let head = word.trim_start_matches(['(', '[', '—', '-']);
        let tail = word.trim_end_matches(|c: char| c.is_ascii_punctuation() && c != '"');
        let opens = head.len() > 1 && head.starts_with(['"', '“', '„']);
        let closes = tail.len() > 1 && tail.ends_with(['"', '”', '“']);
        if opens {
            self.quote = Some(self.sentences.len());
        }
        if !closes {
            return;
        }
        let open = self.sentences.len();
        match self.quote.take() {
            Some(first) if open - first <= QUOTED_SENTENCES_MAX => {
                for sentence in &mut self.sentences[first..open] {
                    sentence.ends_quoted = true;
                }
                for sentence in self.sentences[first..open].iter_mut().skip(1) {
                    sentence.opens_quoted = true;
                }
                self.opens_quoted |= first < open;
            }
            // inches and seconds have such a mark too
            _ => {
                let inside = tail.trim_end_matches(['"', '”', '“']);
                self.opens_quoted |= !inside.ends_with(|c: char| c.is_ascii_digit());
            }
        }
    }

    /// Notes an aside in round brackets that begins inside the sentence.
    fn note_aside(&mut self, word: &str) {
        let last = |mark: u8| word.bytes().rposition(|byte| byte == mark);
        let (opens, closes) = (last(b'('), last(b')'));
        if closes > opens {
            self.aside = None;
        } else if opens.is_some() && self.words > 1 {
            self.aside = Some(self.words);
        }
    }

    /// Whether the sentence is inside an aside that will be closed.
    fn in_aside(&self, following: &str) -> bool {
        self.aside.is_some_and(|word| {
            self.words - word < ASIDE_WORDS_MAX
                && following
                    .bytes()
                    .take(ASIDE_BYTES_MAX)
                    .any(|byte| byte == b')')
        })
    }

    /// Whether the open sentence ends with `word`, which a space and `following` come after.
    fn ends_with(&self, word: &str, following: &str) -> bool {
        let bare = without_closing(word);
        let Some(end) = bare.chars().next_back() else {
            return false;
        };
        if !is_stop(end) {
            return false;
        }
        let next = words_of(following).next().unwrap_or_default();
        let opens = opens_sentence(next) || bracketed_mark(following).is_some();
        if end != '.' && end != '…' {
            return opens || self.lower_case;
        }
        if bare.ends_with("..") || end == '…' {
            return opens && !next.starts_with("I'") && !next.starts_with("I’") && next != "I";
        }
        let stem = bare
            .trim_end_matches('.')
            .trim_start_matches(['(', '"', '“', '\'', '‘', '[', '*', '_']);
        if self.words == 1 && is_list_number(stem) {
            return false;
        }
        (opens || self.lower_case) && !is_abbreviation(stem, next)
    }

    /// Ends the open sentence at this byte of the block.
    fn close(&mut self, end: usize) {
        let Some(open) = self.open.take() else { return };
        let opened = self.sentences.len();
        let (from, to) = (self.from + open, self.from + end);
        push_pieces(self.text, from, to, self.words, self.sentences);
        if let Some(sentence) = self.sentences.get_mut(opened) {
            sentence.new_voice = std::mem::take(&mut self.marked) && opened > self.first;
            sentence.opens_quoted = self.opens_quoted;
        }
        self.words = 0;
        self.aside = None;
        self.opens_quoted = false;
    }
}

/// Adds one sentence, in pieces where it is too long to be one.
fn push_pieces(text: &str, from: usize, to: usize, words: usize, sentences: &mut Vec<Sentence>) {
    if to <= from {
        return;
    }
    let whole = Sentence {
        from,
        to,
        words,
        opens_cut: false,
        ends_cut: false,
        opens_quoted: false,
        ends_quoted: false,
        new_voice: false,
    };
    if words <= SENTENCE_WORDS_MAX {
        sentences.push(whole);
        return;
    }
    let mut first = from;
    let mut count = 0;
    let mut left = words;
    let mut at = from;
    let mut after_comma = false;
    // where the word before began, if it opens a clause: "and then" is cut before its "and"
    let mut clause_at: Option<usize> = None;
    for word in words_of(&text[from..to]) {
        let opens_clause = CLAUSE_WORDS
            .iter()
            .any(|clause| word.eq_ignore_ascii_case(clause));
        let cut =
            count >= CUT_AT_WORDS || (count >= CUT_FROM_WORDS && (opens_clause || after_comma));
        if cut && left >= 8 && at > first {
            let before = clause_at.filter(|&clause| clause > first);
            let next = before.unwrap_or(at);
            let carried = usize::from(before.is_some());
            sentences.push(Sentence {
                from: first,
                to: next - 1,
                words: count - carried,
                opens_cut: first > from,
                ends_cut: true,
                ..whole
            });
            first = next;
            count = carried;
        }
        clause_at = opens_clause.then_some(at);
        after_comma = word.ends_with([',', ';', ':']);
        count += 1;
        left = left.saturating_sub(1);
        at += word.len() + 1;
    }
    sentences.push(Sentence {
        from: first,
        words: count,
        opens_cut: first > from,
        ..whole
    });
}

/// Whether no byte of a word ends a sentence inside it or opens an aside. `head` is its first eight bytes, which are
/// looked at together.
fn is_plain(head: u64, word: &[u8]) -> bool {
    let marks = b".!?(";
    if word.len() > size_of::<u64>() {
        return word
            .iter()
            .all(|byte| byte.is_ascii() && !marks.contains(byte));
    }
    head & HIGH_BITS == 0
        && marks
            .iter()
            .all(|&mark| zero_bytes(head ^ (ONES * u64::from(mark))) == 0)
}

/// The bytes of a word up to the end of a sentence inside it: scripts that write no spaces, and a space left out
/// (`done.Then`).
fn end_inside(word: &str) -> Option<usize> {
    let at = word
        .bytes()
        .position(|byte| matches!(byte, b'.' | b'!' | b'?') || byte >= 0xE3)?;
    for (at, c) in word.char_indices().skip_while(|(start, _)| *start < at) {
        let after = at + c.len_utf8();
        if matches!(c, '。' | '！' | '？' | '｡') {
            let closed = word[after..].trim_start_matches(|next| {
                is_stop(next) || is_closing(next) || matches!(next, '」' | '』' | '）')
            });
            let end = word.len() - closed.len();
            return (end < word.len()).then_some(end);
        }
        if after < word.len() && matches!(c, '.' | '!' | '?') && lacks_space(word, at, after) {
            return Some(after);
        }
    }
    None
}

/// Whether a space is left out between the stop that ends at `after` and the next sentence.
fn lacks_space(word: &str, stop: usize, after: usize) -> bool {
    let before = &word[..stop];
    let mut next = word[after..].chars();
    let small = |c: char| c.is_lowercase();
    let head = next.next().is_some_and(char::is_uppercase);
    let tail: String = word[after..]
        .chars()
        .take_while(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    head && (next
        .next()
        .is_some_and(|c| small(c) || c == '\'' || c == '’')
        || tail == "i")
        && before.chars().rev().take(2).filter(|c| small(*c)).count() == 2
        && !word.contains(['/', '@', ':', '_'])
        && !NAME_ENDINGS.contains(&tail.as_str())
}

/// A word without what may stand behind its stop: quotation marks, brackets, the number of a note.
fn without_closing(word: &str) -> &str {
    let bare = word.trim_end_matches(is_closing);
    if !word.ends_with(']') {
        return bare;
    }
    match bare.rfind('[') {
        Some(note) if note + 1 < bare.len() => {
            let number = bare[note + 1..].bytes().all(|byte| byte.is_ascii_digit());
            if number {
                bare[..note].trim_end_matches(is_closing)
            } else {
                bare
            }
        }
        _ => bare,
    }
}

fn is_closing(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | ')' | ']' | '”' | '“' | '’' | '»' | '«' | '*' | '_'
    )
}

/// Whether a character ends sentences, in whatever script.
fn is_stop(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | '…'
            | '。'
            | '！'
            | '？'
            | '｡'
            | '।'
            | '॥'
            | '؟'
            | '۔'
            | '።'
            | '։'
            | '။'
    )
}

/// Whether a full stop behind this stands in the number of a list's item: `1.`, `12.`, `B.`
fn is_list_number(stem: &str) -> bool {
    let bytes = stem.as_bytes();
    (bytes.len() <= 2 && bytes.iter().all(u8::is_ascii_digit))
        || (bytes.len() == 1 && bytes[0].is_ascii_alphabetic() && bytes[0] != b'I')
}

/// Whether the full stop between `stem` and `next` stands for letters left out, and not for an end.
fn is_abbreviation(stem: &str, next: &str) -> bool {
    let is_one_of = |list: &[&str]| list.iter().any(|known| stem.eq_ignore_ascii_case(known));
    let next = next.trim_start_matches(['"', '“', '(', '\'', '‘', '*', '_']);
    let number = next.starts_with(|c: char| c.is_ascii_digit() || c == '#' || c == '$');
    if is_one_of(&NEVER_LAST) || (number && is_one_of(&BEFORE_NUMBERS)) {
        return true;
    }
    let initial = stem.chars().count() == 1
        && stem.starts_with(char::is_uppercase)
        && (stem != "I" || is_initial(next));
    if !(initial || is_acronym(stem) || is_one_of(&SELDOM_LAST)) {
        return false;
    }
    let next = next
        .trim_end_matches([',', '.', '!', '?', ';', ':'])
        .replace('’', "'");
    !OPENERS
        .iter()
        .any(|opener| next.eq_ignore_ascii_case(opener))
}

/// `M.`
fn is_initial(word: &str) -> bool {
    word.len() == 2 && word.ends_with('.') && word.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Letters with full stops between them, the last one taken off: `U.S`, `a.m`, `Ph.D`.
fn is_acronym(stem: &str) -> bool {
    stem.contains('.')
        && stem.split('.').all(|part| {
            matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_alphabetic())
        })
}

/// Whether a word can be the first of a sentence.
fn opens_sentence(word: &str) -> bool {
    let bare = word.trim_start_matches([
        '"', '\'', '(', '[', '“', '‘', '«', '*', '_', '-', '–', '—', '•', '>', '¿', '¡', '„',
    ]);
    match bare.chars().next() {
        None => !word.is_empty(),
        Some(first) => {
            !first.is_lowercase() || bare.chars().skip(1).take(3).any(char::is_uppercase)
        }
    }
}

/// Whether the block is written without capitals, as many captions are. A block that is too short to tell is written as
/// what stands before it.
fn is_lower_case(text: &str, from: usize, to: usize) -> bool {
    let count = |bytes: &[u8]| {
        let letters = count_bytes(bytes, |byte| byte.is_ascii_lowercase());
        let capitals = count_bytes(bytes, |byte| byte.is_ascii_uppercase());
        (letters, capitals)
    };
    let bytes = text.as_bytes();
    let (mut letters, mut capitals) = count(&bytes[from..to.min(from + LETTERS_BYTES)]);
    if letters < LETTERS_MIN && capitals == 0 {
        (letters, capitals) = count(&bytes[from.saturating_sub(NEIGHBOUR_BYTES)..from]);
    }
    letters >= LETTERS_MIN && capitals * LETTERS_A_CAPITAL < letters
}

/// How many of the bytes are of a kind. Stretches whose count fits into one byte are counted many bytes at a time.
pub(super) fn count_bytes(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    bytes
        .chunks(usize::from(u8::MAX))
        .map(|stretch| {
            stretch
                .iter()
                .fold(0, |count, &byte| count + u8::from(is(byte)))
        })
        .map(usize::from)
        .sum()
}
