//! Where a headline may begin and end in a sentence, and what may be left out of its middle.

use super::super::rules::Rules;
use super::WORDS_MAX;
use super::WORDS_MIN;
use super::lists::Lists;
use super::whole::is_advice;
use super::words::Word;

/// A place to cut, and what it costs to cut there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// Number of the word: the first of the headline, or the one after its last.
    pub(super) at: usize,
    /// What the cut takes from the headline's strength.
    pub(super) cost: f64,
}

/// How far into a sentence the verb of "the biggest mistake that most teams make is …" is looked for, in words.
const SUBJECT_WORDS_MAX: usize = 14;

/// The sentence itself, and the sentence without the clause that says whose mistake, way or job it speaks of.
pub(super) fn wordings(mut words: Vec<Word>, rules: &Rules) -> Vec<(Vec<Word>, f64)> {
    drop_asides(&mut words, rules);
    let shorter = without_whose(&words, rules);
    let mut wordings = vec![(words, 0.0)];
    let elsewhere = without_where(&wordings[0].0, rules);
    for shorter in [shorter, elsewhere].into_iter().flatten() {
        wordings.push((shorter, 0.35));
    }
    wordings
}

/// "The job of a founder [at the beginning] is …": without the phrase in brackets.
fn without_where(words: &[Word], rules: &Rules) -> Option<Vec<Word>> {
    let head = skip_lead_ins(words, 0, rules);
    let subject = words.get(head..words.len().min(head + SUBJECT_WORDS_MAX))?;
    if !matches!(subject.first()?.key.as_str(), "the" | "your") {
        return None;
    }
    let copula = subject.iter().position(|word| word.key == "is")?;
    let opens = (2..copula).rfind(|&nth| {
        matches!(
            subject[nth].key.as_str(),
            "at" | "in" | "on" | "during" | "within" | "across"
        )
    })?;
    let plain = subject[1..copula]
        .iter()
        .all(|word| word.mark.is_none() && !rules.words.is_verb(&word.key) && word.key != "that");
    if !plain {
        return None;
    }
    let mut shorter = words.to_vec();
    shorter.drain(head + opens..head + copula);
    Some(shorter)
}

/// Takes out what stands between two commas and only leads in ("…, for example, …"), and an "I think" on the way.
fn drop_asides(words: &mut Vec<Word>, rules: &Rules) {
    let conditional = words
        .get(skip_lead_ins(words, 0, rules))
        .is_some_and(|head| Lists::get().conditions.has(&head.key));
    let mut at = 1;
    while at < words.len() {
        let length = lead_in(words, at, rules)
            .filter(|length| words[at - 1].mark.is_some() && words[at + length - 1].mark.is_some());
        match length {
            Some(length) if at + length < words.len() => {
                words.drain(at..at + length);
                words[at - 1].mark = None;
            }
            _ if is_own_frame(words, at) && stands_aside(words, at, conditional) => {
                words.drain(at..at + 2);
            }
            _ => at += 1,
        }
    }
}

/// Whether "I think", "I believe" or the like stands at this word, with a clause behind it.
fn is_own_frame(words: &[Word], at: usize) -> bool {
    let Some([first, second, next]) = words.get(at..at + 3) else {
        return false;
    };
    first.key == "i"
        && matches!(
            second.key.as_str(),
            "think" | "believe" | "guess" | "suppose"
        )
        && second.mark.is_none()
        && !matches!(
            next.key.as_str(),
            "about" | "of" | "through" | "in" | "to" | "it" | "that" | "so" | "and" | "not" | "i"
        )
}

/// Whether an "I think" at this word can go without a trace: in the consequence of a condition, or behind a "that".
fn stands_aside(words: &[Word], at: usize, conditional: bool) -> bool {
    let before = &words[at - 1];
    if before.mark.is_some() {
        return conditional && before.mark == Some(',');
    }
    matches!(
        before.key.as_str(),
        "that" | "which" | "because" | "then" | "where"
    )
}

/// "The biggest mistake [that most teams make] is …": without the clause in brackets.
fn without_whose(words: &[Word], rules: &Rules) -> Option<Vec<Word>> {
    let lists = Lists::get();
    let head = skip_lead_ins(words, 0, rules);
    let subject = words.get(head..words.len().min(head + SUBJECT_WORDS_MAX))?;
    let one_of = subject.first()?.key == "one";
    if subject.first()?.key != "the" && !one_of {
        return None;
    }
    let copula = subject
        .iter()
        .position(|word| matches!(word.key.as_str(), "is" | "isn't"))?;
    let opens = (if one_of { 4 } else { 2 }..copula).find(|&nth| {
        let key = subject[nth].key.as_str();
        key == "that"
            || (nth > 2 && (lists.general.has(key) || key == "product"))
            || matches!(key, "you" | "we" | "i" | "they")
    })?;
    let verb = (opens + 1..copula)
        .take(5)
        .rfind(|&nth| rules.words.is_verb(&subject[nth].key))?;
    let rest = &subject[verb + 1..copula];
    if rest
        .first()
        .is_some_and(|word| !lists.places.has(&word.key))
    {
        return None;
    }
    let mut shorter = words.to_vec();
    shorter.drain(head + opens..=head + verb);
    Some(shorter)
}

/// Where a headline may begin.
pub(super) fn starts(words: &[Word], rules: &Rules) -> Vec<Cut> {
    let lists = Lists::get();
    let head = skip_lead_ins(words, 0, rules);
    let mut starts = vec![Cut {
        at: head,
        cost: 0.0,
    }];
    for at in head + 1..words.len() {
        let before = &words[at - 1];
        let conditional = lists.conditions.has(&words[head].key);
        let advice = is_advice(&words[at..]);
        if advice && before.key == "to" && names_the_way(&words[head..at - 1]) {
            starts.push(Cut { at, cost: 0.3 });
            continue;
        }
        // "a lot of people, for example, think …" is no advice to think
        if advice && !(conditional && before.mark.is_some()) && before.mark != Some(':') {
            continue;
        }
        // "when people think, oh, …": what follows is somebody's, not the speaker's
        let reported = before.mark.is_some()
            && words[at.saturating_sub(3)..at]
                .iter()
                .any(|word| lists.reports.has(&word.key));
        // "if this and that happens": what follows the "and" is part of the condition
        let conditioned = before.mark.is_none()
            && words[..at]
                .iter()
                .rev()
                .skip(1)
                .take_while(|word| word.mark.is_none())
                .any(|word| {
                    lists.conditions.has(&word.key)
                        && !lists.places.has(&word.key)
                        && word.key != "to"
                });
        if reported || (conditioned && matches!(before.key.as_str(), "and" | "but")) {
            continue;
        }
        let subject = lists.subjects.has(&words[at].key) || advice;
        let brought = before.key == "that" && at >= 2 && brings_claim(&words[..at - 1]);
        let framed = at >= 3
            && is_own_frame(words, at - 2)
            && (words[at - 3].mark.is_some()
                || matches!(words[at - 3].key.as_str(), "and" | "but" | "so" | "is"));
        let joined = at >= 2
            && words[at - 2].mark.is_some()
            && matches!(before.key.as_str(), "and" | "but" | "so" | "because");
        let cost = if before.mark == Some(':') || brought || framed {
            0.3
        } else if before.mark.is_some() {
            // the main clause of "if you …, …" says little without its condition
            match words[head].key.as_str() {
                "if" | "when" | "whenever" | "once" | "unless" | "until" => 1.2,
                _ => 0.8,
            }
        } else if joined
            || (subject && matches!(before.key.as_str(), "and" | "but" | "so" | "because"))
        {
            0.8
        } else if before.key == "is" && brings_clause(&words[head..at], &words[at..]) {
            0.4
        } else {
            continue;
        };
        let skipped = skip_lead_ins(words, at, rules);
        let hidden_advice = skipped > at
            && words
                .get(skipped)
                .is_some_and(|word| lists.advice.has(&word.key));
        if hidden_advice && before.mark != Some(':') {
            continue;
        }
        let plain = if subject || skipped > at { 0.0 } else { 0.3 };
        starts.push(Cut {
            at: skipped,
            cost: cost + plain,
        });
    }
    starts
}

/// Whether the words are "the best way to … is", "my advice is" or the like, so that what follows is the advice itself.
fn names_the_way(before: &[Word]) -> bool {
    let has = |any: &[&str]| before.iter().any(|word| any.contains(&word.key.as_str()));
    before.last().is_some_and(|word| word.key == "is")
        && has(&[
            "best", "fastest", "easiest", "simplest", "trick", "secret", "key", "advice", "rule",
            "answer", "what", "lesson",
        ])
        && !has(&["not", "never", "worst", "mistake", "wrong"])
}

/// Whether the words up to "is" only announce the clause behind them ("the thing with pricing is people never …").
fn brings_clause(before: &[Word], behind: &[Word]) -> bool {
    let lists = Lists::get();
    let announced = before.iter().take(8).any(|word| {
        matches!(
            word.key.as_str(),
            "thing"
                | "point"
                | "truth"
                | "fact"
                | "thesis"
                | "lesson"
                | "insight"
                | "reality"
                | "answer"
                | "learning"
                | "takeaway"
        )
    });
    let next = behind.first().map_or("", |word| word.key.as_str());
    let second_copula = behind
        .iter()
        .skip(2)
        .take(12)
        .any(|word| matches!(word.key.as_str(), "is" | "are"));
    announced
        && before.len() <= 9
        && !before.iter().any(|word| lists.doubts.has(&word.key))
        && (lists.general.has(next)
            || matches!(next, "you" | "you're" | "if" | "when" | "your" | "we")
            || (matches!(next, "the" | "a") && second_copula))
}

/// Whether a "that" after these words brings what the speaker claims: not what is denied, asked, or what others say.
fn brings_claim(before: &[Word]) -> bool {
    let lists = Lists::get();
    let Some(verb) = before.last().map(|word| word.key.as_str()) else {
        return false;
    };
    let learned = before.windows(2).rev().take(4).any(|pair| {
        matches!(pair[0].key.as_str(), "i" | "i've" | "we" | "we've")
            && matches!(
                pair[1].key.as_str(),
                "learned" | "found" | "realized" | "noticed" | "discovered" | "believe"
            )
    });
    let doubted = before
        .iter()
        .rev()
        .take(8)
        .any(|word| word.key.ends_with("n't") || lists.doubts.has(&word.key));
    let reported = matches!(
        verb,
        "think" | "believe" | "believed" | "say" | "feel" | "argue" | "saying"
    );
    let own = before.len().checked_sub(2).is_some_and(|at| {
        matches!(
            before[at].key.as_str(),
            "i" | "we" | "i'd" | "would" | "i'm" | "also" | "strongly"
        )
    });
    !doubted && (learned || (lists.claim_verbs.has(verb) && (own || !reported)))
}

/// The first word at or after `at` that is no lead-in.
pub(super) fn skip_lead_ins(words: &[Word], mut at: usize, rules: &Rules) -> usize {
    while let Some(length) = lead_in(words, at, rules) {
        at += length;
    }
    at
}

/// The length of the longest lead-in at this word.
fn lead_in(words: &[Word], at: usize, rules: &Rules) -> Option<usize> {
    let first = words.get(at)?;
    // "potentially, …", "typically, …"
    if first.mark == Some(',') && first.key.len() > 5 && first.key.ends_with("ly") {
        return Some(1);
    }
    rules
        .words
        .lead_ins(&first.key)
        .iter()
        .filter(|rest| {
            let stretch = words.get(at + 1..=at + rest.len());
            let same =
                stretch.is_some_and(|found| found.iter().map(|word| &word.key).eq(rest.iter()));
            // one word alone leads in only where a mark or the word itself says so ("one person", "just ship")
            same && (!rest.is_empty()
                || first.mark.is_some()
                || Lists::get().bad_openers.has(&first.key))
        })
        .map(|rest| rest.len() + 1)
        .max()
}

/// Where a headline that begins at `from` may end.
pub(super) fn ends(words: &[Word], from: usize, rules: &Rules) -> Vec<Cut> {
    let lists = Lists::get();
    let mut ends = Vec::new();
    let last = without_tags(words, from);
    if last > from {
        ends.push(Cut {
            at: last,
            cost: 0.0,
        });
    }
    for to in from + WORDS_MIN..last.min(from + WORDS_MAX + 1) {
        let before = &words[to - 1];
        let next = &words[to];
        let leans = lists.bad_enders.has(&before.key)
            || (rules.words.is_verb(&before.key) && !lists.intransitives.has(&before.key));
        let after_next = words.get(to + 1).map_or("", |word| word.key.as_str());
        let joins = matches!(next.key.as_str(), "and" | "but" | "or" | "so")
            && lists.subjects.has(after_next);
        let denied = words[from..to]
            .iter()
            .any(|word| word.key == "not" || word.key.ends_with("n't"));
        if next.key == "but" && denied {
            continue;
        }
        let subordinate = lists.subordinators.has(&next.key);
        // without its condition, a claim is another claim
        let conditional = matches!(
            next.key.as_str(),
            "if" | "when" | "unless" | "until" | "without"
        );
        let cost = if before.mark == Some(',') {
            match (
                joins || subordinate || lists.subjects.has(&next.key),
                conditional,
            ) {
                (_, true) => 0.8,
                (true, false) => 0.35,
                // ", not what …": the claim stands without what it denies
                (false, false) if next.key == "not" => 0.5,
                // "…, making every …": what comes along with it
                (false, false) if next.key.len() > 5 && next.key.ends_with("ing") => 0.6,
                (false, false) => 1.1,
            }
        } else if before.mark == Some(':') {
            1.2
        } else if !leans && joins {
            0.45
        } else if !leans && subordinate {
            // without a comma, "a place where …" says which place
            let restrictive = matches!(next.key.as_str(), "which" | "who" | "where");
            if restrictive || conditional { 1.3 } else { 0.5 }
        } else if next.key == "by"
            && before.key.ends_with("ed")
            && matches!(words[to - 2].key.as_str(), "is" | "are")
        {
            // "success is determined by …": who or what does it is the claim
            continue;
        } else if !leans && lists.places.has(&next.key) {
            // "the thesis is the job of a team in general is to …": the verb of what stands so far is still to come
            if is_subject_so_far(&words[from..to], &words[to..]) {
                continue;
            }
            0.9
        } else if !leans && next.key == "and" && describes(words, to - 1) {
            // "short-term and lasting …": half of what describes a thing
            continue;
        } else if !leans && matches!(next.key.as_str(), "and" | "but") {
            // the verb that stands so far has what it needs, or the stretch is no whole clause
            0.7
        } else {
            continue;
        };
        ends.push(Cut { at: to, cost });
    }
    ends
}

/// Whether what stands so far is the subject of a verb that comes soon, in the same breath: it has one "is" too few.
fn is_subject_so_far(so_far: &[Word], behind: &[Word]) -> bool {
    let is_copula = |word: &Word| matches!(word.key.as_str(), "is" | "are");
    let relative = |word: &Word| Lists::get().relatives.has(&word.key);
    so_far.iter().any(is_copula)
        && behind
            .iter()
            .take(6)
            .take_while(|word| word.mark.is_none() && !relative(word) && word.key != "and")
            .any(is_copula)
}

/// Whether the word may describe something that is still to come: an adjective that no form of "be" has brought.
fn describes(words: &[Word], at: usize) -> bool {
    let key = words[at].key.as_str();
    let adjective = key.len() > 4
        && [
            "er", "ed", "al", "ive", "ous", "ful", "ic", "able", "less", "ary", "term",
        ]
        .iter()
        .any(|ending| key.ends_with(ending));
    let brought = at >= 1
        && [1, 2].iter().any(|back| {
            at.checked_sub(*back).is_some_and(|before| {
                matches!(
                    words[before].key.as_str(),
                    "is" | "are" | "be" | "being" | "feel" | "the" | "your" | "you're"
                )
            })
        });
    adjective && !brought
}

/// The end of the words without tags such as ", right", which say nothing.
fn without_tags(words: &[Word], from: usize) -> usize {
    let mut last = words.len();
    for tag in &Lists::get().tags {
        let length = tag.0.len();
        if last > from + length
            && words[last - length - 1].mark.is_some()
            && words[last - length..last]
                .iter()
                .map(|word| &word.key)
                .eq(&tag.0)
        {
            last -= length;
        }
    }
    last
}
