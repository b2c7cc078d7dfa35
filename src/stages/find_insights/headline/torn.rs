//! Whether something is missing from a stretch of words: before it, after it, or in the middle.

use super::lists::Lists;
use super::words::Word;

/// Whether the words were cut out of a thought that they do not tell whole: they lead to something that is not there, stop
/// short, ask, or hold two halves of different thoughts.
pub(super) fn lacks_something(span: &[Word]) -> bool {
    leads_nowhere(span)
        || asks(span)
        || is_unfinished(span)
        || span.windows(2).any(is_torn)
        || is_left_open(span)
        || is_half_a_comparison(span)
}

/// Whether the words open with what only leads to something else ("in terms of …", "let alone …").
fn leads_nowhere(span: &[Word]) -> bool {
    // "operated and improved by …": what was done, without whom it was done to
    let [first, second, ..] = span else {
        return false;
    };
    if first.key.len() > 5
        && first.key.ends_with("ed")
        && matches!(second.key.as_str(), "and" | "by")
    {
        return true;
    }
    matches!(
        (
            span[0].key.as_str(),
            span.get(1).map_or("", |word| word.key.as_str())
        ),
        ("in", "terms" | "case" | "addition")
            | ("let", "alone" | "me")
            | ("as", "far" | "opposed")
            | ("to", "me")
            | (
                "first",
                "the" | "we" | "you" | "i" | "is" | "two" | "three" | "year"
            )
            | ("something", "i" | "we" | "that")
            | ("with", "all" | "that")
            | ("over", "time")
            | ("step", "number" | "one" | "two" | "three")
            | (
                "let's",
                "take" | "say" | "go" | "talk" | "see" | "call" | "start"
            )
            | ("not", "to" | "only")
            | ("an", "example")
            | ("a", "great" | "good" | "perfect")
            | ("rather" | "frankly" | "on" | "very", _)
    ) && (span[0].key != "a" || span.get(2).is_some_and(|third| third.key == "example"))
}

/// Whether a question is put in the middle of the words ("it matters how quickly can you …").
fn asks(span: &[Word]) -> bool {
    let key = |nth: usize| span.get(nth).map_or("", |word| word.key.as_str());
    let turned = |nth: usize| {
        matches!(
            key(nth),
            "can" | "do" | "does" | "should" | "could" | "would" | "will" | "are" | "did"
        ) && matches!(
            key(nth + 1),
            "you" | "we" | "i" | "they" | "he" | "she" | "it" | "the"
        )
    };
    (0..span.len()).any(|nth| {
        matches!(
            key(nth),
            "how" | "what" | "why" | "where" | "when" | "who" | "which"
        ) && (turned(nth + 1) || (key(nth) == "how" && turned(nth + 2)))
    })
}

/// Whether something is missing after the last word.
fn is_unfinished(span: &[Word]) -> bool {
    let lists = Lists::get();
    let Some(last) = span.last() else {
        return true;
    };
    let closed = last.closes && lists.closers.has(&last.key);
    lists.bad_enders.has(&last.key) && !closed && !ends_a_clause(span) && !is_than_before(span)
}

/// Whether the last word is the verb of a clause that needs nothing behind it ("what they want").
fn ends_a_clause(span: &[Word]) -> bool {
    let [before @ .., subject, last] = span else {
        return false;
    };
    matches!(
        last.key.as_str(),
        "want"
            | "need"
            | "get"
            | "make"
            | "say"
            | "wanted"
            | "wants"
            | "needs"
            | "do"
            | "are"
            | "have"
    ) && matches!(
        subject.key.as_str(),
        "they"
            | "you"
            | "we"
            | "people"
            | "customers"
            | "users"
            | "customer"
            | "it"
            | "market"
            | "others"
            | "actually"
    ) && before.iter().rev().take(3).any(|word| {
        matches!(
            word.key.as_str(),
            "what" | "than" | "whatever" | "how" | "who" | "where"
        )
    })
}

/// "… than before", "… than ever before".
fn is_than_before(span: &[Word]) -> bool {
    let [.., third, second, last] = span else {
        return false;
    };
    last.key == "before" && (second.key == "than" || (second.key == "ever" && third.key == "than"))
}

/// Whether nothing can stand between these two words, and yet something does in the speaker's mind ("the because").
fn is_torn(pair: &[Word]) -> bool {
    let (left, right) = (pair[0].key.as_str(), pair[1].key.as_str());
    let parted = pair[0].mark.is_some();
    let article = matches!(
        left,
        "the" | "a" | "an" | "your" | "our" | "my" | "every" | "their"
    );
    let preposition = matches!(left, "of" | "at" | "from" | "into" | "with" | "for" | "the");
    let copula = matches!(left, "is" | "are" | "was");
    let no_noun = matches!(
        right,
        "is" | "are"
            | "was"
            | "were"
            | "be"
            | "because"
            | "and"
            | "but"
            | "or"
            | "to"
            | "of"
            | "in"
            | "on"
            | "at"
            | "for"
            | "with"
            | "he"
            | "she"
            | "they"
            | "we"
            | "you"
            | "it"
            | "i"
            | "this"
            | "that"
            | "these"
            | "if"
            | "so"
            | "when"
            | "the"
            | "a"
            | "an"
            | "it's"
            | "there's"
            | "has"
            | "have"
    );
    let no_object = matches!(
        right,
        "is" | "are"
            | "was"
            | "were"
            | "because"
            | "and"
            | "but"
            | "or"
            | "so"
            | "then"
            | "it's"
            | "you're"
            | "there's"
            | "we're"
    );
    let new_clause = matches!(
        right,
        "is" | "are"
            | "was"
            | "i"
            | "i'm"
            | "i've"
            | "we"
            | "we're"
            | "they"
            | "they're"
            | "he"
            | "she"
            | "it's"
            | "it"
            | "there's"
            | "you"
            | "you're"
            | "don't"
            | "can"
            | "will"
            | "has"
            | "have"
            | "do"
            | "does"
            | "for"
    );
    (article && (parted || no_noun))
        || (preposition && (parted || no_object))
        || (copula && (parted || new_clause))
        || (matches!(left, "be" | "been") && parted)
        // a capital behind a comma opens somebody's speech
        || (parted && opens_speech(&pair[1]))
        || pair[0].breaks
}

/// Whether the word is written as the first of a sentence, though it stands in the middle of one.
fn opens_speech(word: &Word) -> bool {
    let lists = Lists::get();
    word.shown.starts_with(char::is_uppercase)
        && !word.key.starts_with("i'")
        && word.key != "i"
        && (lists.subjects.has(&word.key)
            || lists.bad_openers.has(&word.key)
            || lists.noises.has(&word.key)
            || lists.pointers.has(&word.key))
}

/// Whether a quotation is opened, or one half of a pair is missing.
fn is_left_open(span: &[Word]) -> bool {
    let has = |key: &str| span.iter().any(|word| word.key == key);
    let quoted = span.windows(2).any(|pair| {
        pair[1].quotes && (pair[0].mark.is_some() || Lists::get().reports.has(&pair[0].key))
    });
    // "Andy, he …", "the areas, it …": the subject said twice
    let twice = !Lists::get().conditions.has(&span[0].key)
        && span.windows(2).take(8).any(|pair| {
            pair[0].mark.is_some()
                && matches!(
                    pair[1].key.as_str(),
                    "he" | "she" | "it" | "they" | "it's" | "they're" | "he's" | "she's"
                )
        })
        && !has("not")
        && !span.iter().any(|word| word.key.ends_with("n't"));
    // "bias and don't …": half of what was named
    let halved = span.len() > 2
        && span[1].key == "and"
        && (span[2].key.ends_with("n't")
            || matches!(span[2].key.as_str(), "you" | "i" | "we" | "they"));
    // "…, but my customers": what is said of them is missing
    let hanging = match span {
        [.., before, joint, article, last] => {
            before.mark.is_some()
                && !last.closes
                && matches!(joint.key.as_str(), "and" | "but")
                && matches!(
                    article.key.as_str(),
                    "my" | "our" | "your" | "the" | "a" | "even"
                )
        }
        _ => false,
    };
    // "the most important": of what?
    let unnamed = match span {
        [.., article, most, last] => {
            article.key == "the"
                && (matches!(most.key.as_str(), "most" | "least") && !last.key.ends_with('s')
                    || most.key == "number")
        }
        _ => false,
    };
    quoted
        || twice
        || halved
        || hanging
        || unnamed
        || span.iter().any(runs_on)
        || span.iter().any(|word| word.shown.contains(['(', '[', '{']))
        || (has("either") && !has("or"))
        || (has("between") && !(has("and") || has("two")))
        || (has("both") && !has("and"))
}

/// Whether two words have lost the space between them, as in what is left of a table ("expectationsPM").
fn runs_on(word: &Word) -> bool {
    let letters = word.shown.as_bytes();
    letters.len() > 6
        && letters[..4].iter().all(u8::is_ascii_alphabetic)
        && letters[1..4].iter().all(u8::is_ascii_lowercase)
        && letters.windows(3).any(|three| {
            three[0].is_ascii_lowercase()
                && three[1].is_ascii_uppercase()
                && three[2].is_ascii_uppercase()
        })
}

/// "The more you ship": whether what grows along with it is missing.
fn is_half_a_comparison(span: &[Word]) -> bool {
    let grows = |pair: &[Word]| {
        let key = pair[1].key.as_str();
        pair[0].key == "the" && (matches!(key, "more" | "less" | "fewer") || key.ends_with("er"))
    };
    let [first, second, ..] = span else {
        return false;
    };
    // "the more important question is …" compares nothing
    let compares = span.iter().skip(2).take(2).any(|word| {
        matches!(
            word.key.as_str(),
            "you" | "we" | "they" | "people" | "i" | "the" | "it"
        )
    });
    first.key == "the"
        && matches!(second.key.as_str(), "more" | "less" | "fewer")
        && compares
        && !span[2..].windows(2).any(grows)
}
