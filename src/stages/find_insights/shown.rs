//! The words of a passage in, the same words without what a speaker stumbles over out.

use super::rules::Rules;

/// The longest run of words that is said twice by mistake: "what we did, what we did was …".
const RUN_WORDS_MAX: usize = 4;

/// The text as readers see it: listed noises ("um"), listed asides between commas ("you know") and listed words that are
/// said twice at once are left out, an ellipsis in their place, and nothing else changes. At the head and at the end there
/// is no ellipsis, and never one beside another. `None` where nothing is to be left out.
pub fn shown(text: &str, rules: &Rules) -> Option<String> {
    let words: Vec<&str> = text.split(' ').collect();
    let mut left_out = vec![false; words.len()];
    let mut at = 0;
    while at < words.len() {
        let count = left_out_at(&words, at, rules);
        left_out[at..at + count].fill(true);
        at += count.max(1);
    }
    if !left_out.contains(&true) {
        return None;
    }
    let mut shown = String::with_capacity(text.len());
    let mut gap = false;
    for (word, left_out) in words.iter().zip(left_out) {
        if left_out {
            gap = true;
            continue;
        }
        // an ellipsis of the text's own beside a gap stands for both, and at the head there is none
        let word = if gap && (shown.is_empty() || shown.ends_with('…')) {
            word.trim_start_matches('…')
        } else {
            word
        };
        if word.is_empty() {
            continue;
        }
        if !shown.is_empty() {
            let marked = shown.ends_with('…') || word.starts_with('…');
            shown.push_str(if gap && !marked { " … " } else { " " });
        }
        shown.push_str(word);
        gap = false;
    }
    if gap && shown.ends_with(" …") {
        shown.truncate(shown.len() - " …".len());
    }
    (!shown.is_empty()).then_some(shown)
}

/// How many words from here on are to be left out.
fn left_out_at(words: &[&str], at: usize, rules: &Rules) -> usize {
    let rest = &words[at..];
    if rules.words.is_noise(&spoken(rest[0]))
        && matches!(mark_behind(rest[0]), "" | "," | "-" | "–" | "—")
    {
        return 1;
    }
    let set_off = at == 0 || words[at - 1].ends_with([',', '.', '?', '!']);
    if set_off {
        for aside in rules.words.asides() {
            let said = rest.get(..aside.len()).unwrap_or_default();
            let same = said
                .iter()
                .zip(aside)
                .all(|(word, part)| spoken(word) == **part);
            if !said.is_empty() && same && said[said.len() - 1].ends_with(',') {
                return aside.len();
            }
        }
    }
    // the longest first: "I think I think" is one stumble, not two
    (1..=RUN_WORDS_MAX)
        .rev()
        .find(|&count| is_said_twice(rest, count, rules))
        .unwrap_or(0)
}

/// Whether the first words are at once said again, by mistake rather than for effect: they begin with a word that nobody
/// repeats on purpose.
fn is_said_twice(words: &[&str], count: usize, rules: &Rules) -> bool {
    let Some((first, second)) = words.get(..count * 2).map(|words| words.split_at(count)) else {
        return false;
    };
    rules.words.is_stumble(&spoken(first[0]))
        // behind a comma a new clause may begin: "if you want it, it works"
        && first
            .iter()
            .all(|word| matches!(mark_behind(word), "" | "-" | "–" | "—"))
        && first
            .iter()
            .zip(second)
            .all(|(one, other)| spoken(one) == spoken(other) && !spoken(one).is_empty())
}

/// A word as it is said; what is written in capitals throughout is a name, not a noise.
fn spoken(word: &str) -> String {
    let word = word
        .trim_matches(|c: char| !c.is_alphanumeric())
        .replace('’', "'");
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    if capitals > 1 {
        word
    } else {
        word.to_lowercase()
    }
}

/// What stands behind the letters of a word; where something opens before them, all of it.
fn mark_behind(word: &str) -> &str {
    let end = word
        .rfind(char::is_alphanumeric)
        .and_then(|at| Some(at + word[at..].chars().next()?.len_utf8()));
    match end {
        Some(end) if word.starts_with(char::is_alphanumeric) => &word[end..],
        _ => word,
    }
}
