//! Whether a stretch of words is a whole clause: with a verb of its own, and nothing left open.

use super::super::rules::Rules;
use super::lists::Lists;
use super::words::Word;

/// The clause that a stretch of words makes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clause {
    /// Number of the first word of its subject; of its verb where it is advice.
    pub(super) from: usize,
    /// Number of its verb.
    pub(super) verb: usize,
    /// Whether it is advice.
    pub(super) advice: bool,
    /// Whether a condition or a circumstance stands before it.
    pub(super) conditional: bool,
    /// How many verbs more stand in it than it has room for.
    pub(super) surplus: usize,
}

/// The clause that the stretch makes, if it is a whole one.
pub(super) fn whole_clause(span: &[Word], rules: &Rules) -> Option<Clause> {
    let lists = Lists::get();
    let first = span.first()?;
    if (lists.pointers.has(&first.key) && !says_there_is_none(span))
        || leads_nowhere(span)
        || asks(span)
        || (lists.bad_openers.has(&first.key) && !is_me(&first.key))
        || is_unfinished(span)
        || span.windows(2).any(is_torn)
        || is_left_open(span)
        || is_half_a_comparison(span)
    {
        return None;
    }
    if lists.conditions.has(&first.key) {
        // a condition wants its consequence, behind a comma or behind a subject of its own
        let opens =
            |nth: usize| span[nth - 1].mark.is_some() && !lists.conditions.has(&span[nth].key);
        let last = span.len().saturating_sub(2);
        let from = (3..last)
            .find(|&nth| {
                opens(nth)
                    && (lists.subjects.has(&span[nth].key) || lists.advice.has(&span[nth].key))
            })
            .or_else(|| {
                (3..last).find(|&nth| {
                    opens(nth)
                        && !lists.bad_openers.has(&span[nth].key)
                        && !span[nth].key.ends_with("ing")
                        && span[nth..]
                            .iter()
                            .rev()
                            .skip(1)
                            .all(|word| word.mark.is_none())
                })
            })?;
        let advice = is_advice(&span[from..]);
        let (verb, surplus) = main_verb(&span[from..], advice, rules)?;
        return Some(Clause {
            from,
            verb: from + verb,
            advice,
            conditional: true,
            surplus,
        });
    }
    // a question that is no question: "how to …", "what makes …" need an answer in the same breath
    if matches!(
        first.key.as_str(),
        "what" | "how" | "why" | "where" | "whether" | "whatever" | "who" | "that"
    ) && !span
        .iter()
        .skip(2)
        .any(|word| matches!(word.key.as_str(), "is" | "was" | "are" | "matters"))
    {
        return None;
    }
    let advice = is_advice(span);
    let (verb, surplus) = main_verb(span, advice, rules)?;
    // "helping people get …" goes on; "helping people gets …" is said of the helping
    if !advice && first.key.len() > 5 && first.key.ends_with("ing") && !is_singular(&span[verb].key)
    {
        return None;
    }
    Some(Clause {
        from: 0,
        verb,
        advice,
        conditional: false,
        surplus,
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

/// Whether the words open with "there's no …", which points at nothing.
fn says_there_is_none(span: &[Word]) -> bool {
    let key = |nth: usize| span.get(nth).map_or("", |word| word.key.as_str());
    (key(0) == "there's" && key(1) == "no")
        || (key(0) == "there" && matches!(key(1), "is" | "are") && key(2) == "no")
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

/// Whether the words open with a verb that tells somebody what to do.
pub(super) fn is_advice(span: &[Word]) -> bool {
    let lists = Lists::get();
    let Some(first) = span.first() else {
        return false;
    };
    let second = span.get(1).map_or("", |word| word.key.as_str());
    lists.advice.has(&first.key)
        && first.mark.is_none()
        && (!matches!(first.key.as_str(), "never" | "always") || lists.advice.has(second))
        // "design is …", "focus means …", "care and attention": nouns
        && !matches!(second, "is" | "are" | "means" | "isn't" | "was" | "comes" | "and" | "of" | "can" | "will")
}

/// Whether the form of a verb may follow one doing or one thing.
fn is_singular(key: &str) -> bool {
    key.ends_with('s')
        || key.ends_with("n't") && !matches!(key, "don't" | "aren't" | "haven't" | "weren't")
        || key.ends_with("ed")
        || matches!(
            key,
            "can" | "will" | "must" | "may" | "might" | "should" | "would" | "could" | "cannot"
        )
}

fn is_me(key: &str) -> bool {
    matches!(key, "i" | "i'm" | "i've" | "i'll" | "i'd" | "my")
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

/// Whether a word that is in no list may be the verb of a clause that waits for one ("that the customer already counts").
fn may_be_verb(span: &[Word], nth: usize) -> bool {
    let lists = Lists::get();
    let key = span[nth].key.as_str();
    let [article, before] = [2, 1].map(|back| {
        nth.checked_sub(back)
            .map_or("", |before| span[before].key.as_str())
    });
    let behind_adverb = lists.between_verbs.has(before)
        || before.ends_with("ly")
        || matches!(
            before,
            "nobody" | "everybody" | "everyone" | "somebody" | "who"
        );
    let behind_one = matches!(
        article,
        "the" | "a" | "an" | "your" | "each" | "every" | "no"
    ) && !before.ends_with('s');
    key.len() >= 4 && key.ends_with('s') && !key.ends_with("ss") && (behind_adverb || behind_one)
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

/// The number of the verb that no "that", "which" or "when" before it claims, and how many verbs there are beyond it. None
/// where there is no such verb, or where a "that" is left without its own.
fn main_verb(span: &[Word], advice: bool, rules: &Rules) -> Option<(usize, usize)> {
    count_verbs(span, advice, |nth| is_sure_verb(span, nth, rules), rules)
        .or_else(|| {
            count_verbs(
                span,
                advice,
                |nth| is_sure_verb(span, nth, rules) || is_acting(span, nth),
                rules,
            )
        })
        .or_else(|| {
            let past = |nth: usize| {
                let word = &span[nth];
                is_regular_past(&word.key) && word.mark.is_none() && nth + 1 < span.len()
            };
            count_verbs(
                span,
                advice,
                |nth| is_sure_verb(span, nth, rules) || past(nth),
                rules,
            )
        })
}

fn count_verbs(
    span: &[Word],
    advice: bool,
    is_verb: impl Fn(usize) -> bool,
    rules: &Rules,
) -> Option<(usize, usize)> {
    let lists = Lists::get();
    let mut claimed = 0_usize;
    let mut found = advice.then_some(0);
    let mut surplus = 0;
    let mut in_group = advice;
    let mut room = false;
    for (nth, word) in span.iter().enumerate() {
        let key = word.key.as_str();
        let before = nth.checked_sub(1).map(|before| &span[before]);
        room |= before.is_some_and(|before| before.mark.is_some())
            || matches!(key, "and" | "but" | "or" | "so" | "than" | "as" | "because");
        let contracted = is_contracted(key, rules);
        // "the things you do", "the best team I've seen": a clause without its "that"
        let unmarked = before.is_some_and(|before| {
            before.mark.is_none()
                && !lists.relatives.has(&before.key)
                && !rules.is_verb(&before.key)
                && !lists.bad_enders.has(&before.key)
        });
        let infinitive = span.get(nth + 1).is_some_and(|next| next.key == "to");
        let clause = lists.relatives.has(key) && !infinitive && !(nth == 0 && key == "that");
        // "which customers you are willing to lose": the clause is open already
        let opened = claimed > 0
            && span[nth.saturating_sub(3)..nth]
                .iter()
                .any(|word| matches!(word.key.as_str(), "which" | "what" | "how" | "whose"));
        if clause
            || (unmarked && !opened && matches!(key, "you" | "we" | "i" | "they" | "he" | "she"))
        {
            claimed += 1;
            in_group = false;
        } else if unmarked && contracted && !matches!(key, "it's" | "that's" | "there's") {
            in_group = true;
            continue;
        }
        let free = before.is_some_and(|before| !lists.blocks_verb.has(&before.key));
        if contracted || (free && is_verb(nth)) || (claimed > 0 && may_be_verb(span, nth)) {
            // "the best thing you can do is …": a copula behind a verb belongs to another clause
            let apart = matches!(key, "is" | "are" | "isn't" | "aren't" | "was" | "were")
                && before.is_some_and(|before| rules.is_verb(&before.key));
            if !in_group || apart {
                if claimed > 0 {
                    claimed -= 1;
                } else if found.is_none() {
                    found = Some(nth);
                } else if !room {
                    surplus += 1;
                }
                room = false;
            }
            in_group = true;
        } else if !lists.between_verbs.has(key) {
            in_group = false;
        }
    }
    found.filter(|_| claimed == 0).map(|verb| (verb, surplus))
}

/// Whether the word is a subject and its verb in one ("you're").
fn is_contracted(key: &str, rules: &Rules) -> bool {
    key.contains('\'')
        && rules.is_verb(key)
        && !key.ends_with("n't")
        && !matches!(key, "who's" | "what's" | "where's" | "how's")
}

/// Whether the word is a verb where it stands: one that may be a noun as well needs its subject right before it.
fn is_sure_verb(span: &[Word], nth: usize, rules: &Rules) -> bool {
    let lists = Lists::get();
    let key = span[nth].key.as_str();
    if !rules.is_verb(key) {
        return false;
    }
    // "your acquisitions lead to consider": a person
    if key == "lead" && is_infinitive(span, nth + 1, rules) {
        return false;
    }
    !lists.verbs_or_nouns.has(key)
        || nth.checked_sub(1).is_some_and(|before| {
            let before = span[before].key.as_str();
            lists.between_verbs.has(before)
                || (before.len() > 4 && before.ends_with("ly"))
                || lists.general.has(before)
                || lists.relatives.has(before)
                || before.ends_with("n't")
                || matches!(
                    before,
                    "can" | "will" | "should" | "must" | "would" | "could" | "may" | "might" | "it" | "that" | "he" | "she" | "who"
                )
                // a plural before a plain form, or a thing before a form with an s
                || (before.len() > 2
                    && before.ends_with('s') != key.ends_with('s')
                    && !lists.advice.has(before))
        })
}

/// Whether "to" and a verb stand here.
fn is_infinitive(span: &[Word], nth: usize, rules: &Rules) -> bool {
    span.get(nth..nth + 2).is_some_and(|pair| {
        pair[0].key == "to" && rules.is_verb(&pair[1].key) && !pair[1].key.ends_with('s')
    })
}

/// Whether the word is a verb by its form and its neighbours: "courage begets …", between one thing and what it acts on.
fn is_acting(span: &[Word], nth: usize) -> bool {
    let lists = Lists::get();
    let key = span[nth].key.as_str();
    let (Some(before), Some(next)) = (nth.checked_sub(1).map(|nth| &span[nth]), span.get(nth + 1))
    else {
        return false;
    };
    let acts_on = matches!(
        next.key.as_str(),
        "the"
            | "a"
            | "an"
            | "your"
            | "you"
            | "their"
            | "our"
            | "its"
            | "how"
            | "what"
            | "why"
            | "more"
            | "less"
            | "people"
            | "no"
            | "every"
            | "everything"
            | "everyone"
            | "us"
    );
    let thing = !before.key.ends_with('s')
        && before.mark.is_none()
        && before.key.len() > 2
        && !lists.blocks_verb.has(&before.key)
        && !lists.bad_enders.has(&before.key)
        && !lists.places.has(&before.key);
    key.len() >= 4
        && key.ends_with('s')
        && !["ss", "us", "is", "'s"]
            .iter()
            .any(|ending| key.ends_with(ending))
        && acts_on
        && thing
}

fn is_regular_past(key: &str) -> bool {
    key.len() >= 6 && key.ends_with("ed")
}
