//! `Name:` at the beginning of a line is told from a sentence with a colon.

use std::collections::BTreeMap;

/// Words of the longest name: "Dr Maria del Carmen Ruiz".
const NAME_WORDS_MAX: usize = 5;
/// Bytes of the longest name.
const NAME_BYTES_MAX: usize = 60;

/// Words that begin a sentence or a note, not a name.
const NO_NAMES: [&str; 104] = [
    "a",
    "after",
    "also",
    "although",
    "an",
    "and",
    "answer",
    "any",
    "as",
    "at",
    "because",
    "before",
    "but",
    "by",
    "caution",
    "chapter",
    "conclusion",
    "consider",
    "disclaimer",
    "do",
    "don't",
    "each",
    "episode",
    "every",
    "exactly",
    "example",
    "fact",
    "finally",
    "first",
    "five",
    "for",
    "four",
    "from",
    "goal",
    "he",
    "her",
    "here",
    "here's",
    "his",
    "how",
    "i",
    "i'm",
    "idea",
    "if",
    "in",
    "intro",
    "introduction",
    "is",
    "it",
    "it's",
    "lesson",
    "lessons",
    "like",
    "listen",
    "maybe",
    "mistake",
    "my",
    "myth",
    "next",
    "no",
    "not",
    "note",
    "now",
    "okay",
    "on",
    "one",
    "option",
    "or",
    "our",
    "outro",
    "part",
    "point",
    "principle",
    "problem",
    "question",
    "reality",
    "remember",
    "result",
    "rule",
    "second",
    "she",
    "so",
    "solution",
    "step",
    "takeaway",
    "that",
    "that's",
    "the",
    "then",
    "there",
    "these",
    "they",
    "third",
    "this",
    "three",
    "tip",
    "to",
    "topic",
    "transcript",
    "two",
    "update",
    "warning",
    "we",
    "well",
];
const NO_NAMES_TOO: [&str; 22] = [
    "what",
    "what's",
    "when",
    "where",
    "which",
    "who",
    "why",
    "with",
    "yes",
    "you",
    "your",
    "thing",
    "title",
    "subtitle",
    "date",
    "author",
    "published",
    "duration",
    "length",
    "language",
    "link",
    "url",
];
/// Small words inside a name or a role.
const PARTICLES: [&str; 14] = [
    "van", "von", "der", "den", "de", "da", "di", "del", "la", "le", "bin", "al", "and", "&",
];

/// The names that stand at the beginning of lines.
#[derive(Debug, Default)]
pub(super) struct Names {
    counts: BTreeMap<String, usize>,
    lines: usize,
    named: usize,
    /// How many lines begin with something that comes again.
    recurring: usize,
}

impl Names {
    /// Counts what could be a name over all `lines`.
    pub(super) fn among<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut names = Self::default();
        for line in lines {
            names.lines += 1;
            if let Some((name, _)) = prefix(line) {
                names.named += 1;
                *names.counts.entry(name.to_lowercase()).or_default() += 1;
            }
        }
        names.recurring = names.counts.values().filter(|&&count| count > 1).sum();
        names
    }

    /// The name before the colon and the words after it, where it is somebody's: it comes again, or at least half of all
    /// lines begin with a name, or others come again and this one, once, stands where a sentence can begin.
    pub(super) fn split<'a>(&self, line: &'a str, place: Place) -> Option<(&'a str, &'a str)> {
        let (name, rest) = prefix(line)?;
        let recurs = self
            .counts
            .get(&name.to_lowercase())
            .is_some_and(|&count| count > 1);
        let once = self.recurring > 0 && place == Place::AfterSentence;
        (recurs || self.is_dense() || once).then_some((name, rest))
    }

    /// Whether any line begins with a name.
    pub(super) fn any(&self) -> bool {
        self.recurring > 0 || self.is_dense()
    }

    fn is_dense(&self) -> bool {
        self.named > 1 && self.named * 2 >= self.lines
    }
}

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// At the beginning, or after the end of a sentence.
    AfterSentence,
    /// In a sentence that began on the line before.
    MidSentence,
}

impl Place {
    /// The place after `words`.
    pub(super) fn after(words: &str) -> Self {
        let ends = words
            .trim_end()
            .chars()
            .next_back()
            .is_none_or(|last| !last.is_alphanumeric() && last != ',');
        if ends {
            Self::AfterSentence
        } else {
            Self::MidSentence
        }
    }
}

/// Whether `text` looks like the name or the role of a speaker: at most five words, each with a capital, and none that
/// begins a sentence.
pub(super) fn is_name(text: &str) -> bool {
    if text.len() > NAME_BYTES_MAX
        || text.chars().filter(|letter| letter.is_alphabetic()).count() < 2
    {
        return false;
    }
    let mut words = 0;
    for word in text.split_whitespace() {
        words += 1;
        let bare = word.trim_matches(['(', ')', ',', '.', '"', '“', '”']);
        if words > NAME_WORDS_MAX || !is_name_word(bare, words) {
            return false;
        }
    }
    words > 0
}

fn is_name_word(word: &str, nth: usize) -> bool {
    let lower = word.to_lowercase().replace('’', "'");
    if NO_NAMES.contains(&lower.as_str()) || NO_NAMES_TOO.contains(&lower.as_str()) {
        // "Speaker One" is a name, "Step One" is not: the first word tells
        return nth > 1
            && matches!(
                lower.as_str(),
                "a" | "one" | "two" | "three" | "four" | "five" | "i"
            );
    }
    if nth > 1 && PARTICLES.contains(&lower.as_str()) {
        return true;
    }
    let starts = word.chars().next().is_some_and(|first| {
        first.is_uppercase()
            || (nth > 1 && first.is_ascii_digit())
            || (first.is_alphabetic() && !first.is_lowercase())
    });
    starts
        && word
            .chars()
            .all(|letter| letter.is_alphanumeric() || ".'’-_&/".contains(letter))
}

/// `Name: words` as name and words.
fn prefix(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let head = &line[..line.floor_char_boundary(NAME_BYTES_MAX + 2)];
    let colon = head.find([':', '：'])?;
    let (name, rest) = line.split_at(colon);
    let rest = rest.trim_start_matches([':', '：']);
    // "10:30" and "https://" have no space after the colon
    let apart = rest.is_empty() || rest.starts_with(char::is_whitespace);
    let name = without_remark(name.trim());
    (apart && is_name(name)).then_some((name, rest.trim_start()))
}

/// `Ben Fox (he/him)` and `Ann Lee (host)` without what is in parentheses.
fn without_remark(name: &str) -> &str {
    let remark = name
        .strip_suffix(')')
        .and_then(|inside| inside.rsplit_once('('));
    match remark {
        Some((name, remark)) if !name.trim().is_empty() && !remark.contains(':') => name.trim_end(),
        _ => name,
    }
}
