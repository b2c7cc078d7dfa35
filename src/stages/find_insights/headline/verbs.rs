//! Which word of a stretch is the verb of its clause.

use super::super::rules::Rules;
use super::lists::Lists;
use super::words::Word;

/// The number of the verb that no "that", "which" or "when" before it claims, and how many verbs there are beyond it. None
/// where there is no such verb, or where a "that" is left without its own.
pub(super) fn main_verb(span: &[Word], advice: bool, rules: &Rules) -> Option<(usize, usize)> {
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

/// Whether the form of a verb may follow one doing or one thing.
pub(super) fn is_singular(key: &str) -> bool {
    key.ends_with('s')
        || key.ends_with("n't") && !matches!(key, "don't" | "aren't" | "haven't" | "weren't")
        || key.ends_with("ed")
        || matches!(
            key,
            "can" | "will" | "must" | "may" | "might" | "should" | "would" | "could" | "cannot"
        )
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
                && !rules.words.is_verb(&before.key)
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
                && before.is_some_and(|before| rules.words.is_verb(&before.key));
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
        && rules.words.is_verb(key)
        && !key.ends_with("n't")
        && !matches!(key, "who's" | "what's" | "where's" | "how's")
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

/// Whether the word is a verb where it stands: one that may be a noun as well needs its subject right before it.
fn is_sure_verb(span: &[Word], nth: usize, rules: &Rules) -> bool {
    let lists = Lists::get();
    let key = span[nth].key.as_str();
    if !rules.words.is_verb(key) {
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
        pair[0].key == "to" && rules.words.is_verb(&pair[1].key) && !pair[1].key.ends_with('s')
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
