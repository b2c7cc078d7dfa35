//! Whether a stretch of words is a whole clause: with a verb of its own, and nothing left open.

use super::super::rules::Rules;
use super::lists::Lists;
use super::torn::lacks_something;
use super::verbs::is_singular;
use super::verbs::main_verb;
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
        || (lists.bad_openers.has(&first.key) && !is_me(&first.key))
        || lacks_something(span)
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

/// Whether the words open with "there's no …", which points at nothing.
fn says_there_is_none(span: &[Word]) -> bool {
    let key = |nth: usize| span.get(nth).map_or("", |word| word.key.as_str());
    (key(0) == "there's" && key(1) == "no")
        || (key(0) == "there" && matches!(key(1), "is" | "are") && key(2) == "no")
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

fn is_me(key: &str) -> bool {
    matches!(key, "i" | "i'm" | "i've" | "i'll" | "i'd" | "my")
}
