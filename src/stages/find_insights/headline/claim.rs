//! How good a headline a whole clause would be: a claim about how things are in general, that leans on nothing said before.

use super::super::rules::Rules;
use super::super::rules::kind;
use super::lists::Lists;
use super::whole::Clause;
use super::words::Word;
use crate::model::stems::stem;

/// What every whole clause starts from.
const BASE: f64 = 0.2;

/// How well the stretch would do as a headline, whatever stands around it.
pub(super) fn quality(span: &[Word], clause: Clause, rules: &Rules) -> f64 {
    let length = match span.len() {
        7..=12 => 0.0,
        6 | 13 => 0.1,
        _ => 0.2,
    };
    let substance = match content_words(span, rules) {
        1 if span.len() >= 8 => 0.6,
        0 | 1 => 0.9,
        2 => 0.4,
        _ => 0.0,
    };
    BASE + subject_worth(span, clause, rules) + verb_worth(span, clause, rules) + turn_worth(span)
        - weakness(span)
        - length
        - substance
}

/// What the subject of the clause gives: general ones give most, the speaker's own take most.
fn subject_worth(span: &[Word], clause: Clause, rules: &Rules) -> f64 {
    let lists = Lists::get();
    if clause.advice {
        return if clause.conditional { 0.3 } else { 0.25 };
    }
    let subject = &span[clause.from..clause.verb.max(clause.from + 1)];
    let key = subject[0].key.as_str();
    let has = |key: &str| subject.iter().any(|word| word.key == key);
    let own = match key {
        "i" if span.get(1).is_some_and(|next| next.key == "don't") => -1.0,
        "i" | "i'm" | "i've" | "i'd" | "i'll" | "my" | "let's" => -1.6,
        "we" if tells_of_us(span, clause) => -1.3,
        "we" | "we've" | "our" => -0.9,
        "we're" | "we'd" | "we'll" => -1.1,
        "there" | "there's" => 0.1,
        "people" | "everyone" | "everybody" if is_talk(span, clause) => -0.5,
        "you" | "you're" | "you've" | "you'll" | "you'd" => you_worth(span, clause),
        "the" => the_worth(span, subject),
        "to" | "not" => -0.5,
        "being" => -0.1,
        "what" | "how" | "why" | "where" | "whether" | "that" | "who" => -0.2,
        "a" | "an" | "your" => 0.2,
        "some" | "all" | "any" | "each" => 0.0,
        _ if lists.general.has(key) => 0.4,
        // "in that process, they learn …": who?
        _ if clause.conditional && lists.pointers.has(key) && lists.places.has(&span[0].key) => {
            -1.2
        }
        _ if clause.conditional && lists.pointers.has(key) => -0.4,
        // "pricing is …", "small teams ship …": named without an article, and so in general
        _ if rules.words.kinds(stem(key)) & kind::COMMON == 0 => 0.3,
        _ => 0.0,
    };
    let leans = has("this") || has("these") || has("those") || has("here") || has("there");
    let condition = if clause.conditional { 0.25 } else { 0.0 };
    own + condition - if leans { 0.4 } else { 0.0 }
}

/// "You have to …" is advice; "you have …", "you can …" tell a story with a you in it.
fn you_worth(span: &[Word], clause: Clause) -> f64 {
    if clause.conditional {
        return 0.1;
    }
    let second = span
        .get(clause.from + 1)
        .map_or("", |word| word.key.as_str());
    let third = span
        .get(clause.from + 2)
        .map_or("", |word| word.key.as_str());
    let first = span[clause.from].key.as_str();
    match (second, third) {
        _ if first != "you" => -0.6,
        // "you have to play the game": true of anything
        _ if is_duty(second, third) && span.len() <= 6 => -0.75,
        _ if is_duty(second, third) && span.len() == 7 => -0.35,
        ("don't", "want") | ("want", "to") => -0.4,
        ("have" | "need", "to")
        | ("should" | "must" | "don't" | "can't" | "cannot" | "won't" | "shouldn't" | "never", _) => {
            0.15
        }
        ("can" | "could" | "may" | "might" | "will", _) => -0.6,
        _ => -0.75,
    }
}

/// Whether "you …" goes on with what one has to do.
fn is_duty(second: &str, third: &str) -> bool {
    matches!(
        (second, third),
        ("have" | "need", "to") | ("should" | "must", _)
    )
}

/// "The biggest …", "the job …" are known to all; of "the harbour" one asks which.
fn the_worth(span: &[Word], subject: &[Word]) -> f64 {
    let lists = Lists::get();
    let known = subject
        .iter()
        .skip(1)
        .take(3)
        .any(|word| lists.known_subjects.has(&word.key) || word.key.ends_with("est"));
    let told = subject.iter().skip(2).any(|word| {
        matches!(
            word.key.as_str(),
            "of" | "who" | "that" | "you" | "with" | "to" | "between" | "behind"
        )
    });
    if is_ordinal(span) {
        -1.2
    } else if known && (told || subject.len() > 2) {
        0.5
    } else if known {
        0.3
    } else if told {
        0.1
    } else {
        -0.55
    }
}

/// Whether a "like" opens what somebody says, or only fills ("no like …", "to like rebuild …").
fn is_talk_of(span: &[Word], nth: usize) -> bool {
    let before = nth.checked_sub(1).map_or("", |nth| span[nth].key.as_str());
    let next = span.get(nth + 1).map_or("", |word| word.key.as_str());
    match before {
        "no" => true,
        "to" => !matches!(
            next,
            "to" | "it" | "the" | "a" | "your" | "you" | "what" | "each"
        ),
        "is" | "are" | "be" | "i'm" | "we're" | "they're" | "you're" => {
            matches!(
                next,
                "i" | "we"
                    | "you"
                    | "our"
                    | "my"
                    | "it's"
                    | "i'm"
                    | "we're"
                    | "oh"
                    | "hey"
                    | "well"
                    | "they"
            )
        }
        _ => false,
    }
}

/// "We have …", "we use …": what a firm is like, not how things are.
fn tells_of_us(span: &[Word], clause: Clause) -> bool {
    matches!(
        span[clause.verb].key.as_str(),
        "have"
            | "use"
            | "help"
            | "are"
            | "do"
            | "get"
            | "build"
            | "work"
            | "focus"
            | "try"
            | "run"
            | "make"
    )
}

/// "People talk about …", "everybody is going around …": what they do with their mouths is no claim.
fn is_talk(span: &[Word], clause: Clause) -> bool {
    matches!(
        span[clause.verb].key.as_str(),
        "talk" | "say" | "ask" | "says" | "talks" | "come" | "comes" | "tell" | "tells"
    ) || (span[clause.verb].key == "are"
        && span
            .get(clause.verb + 1)
            .is_some_and(|next| next.key.ends_with("ing")))
}

/// Whether the stretch opens by counting ("the third is …"), so that its subject stands elsewhere.
fn is_ordinal(span: &[Word]) -> bool {
    let key = |nth: usize| span.get(nth).map_or("", |word| word.key.as_str());
    matches!(
        key(1),
        "first"
            | "second"
            | "third"
            | "fourth"
            | "other"
            | "last"
            | "next"
            | "latter"
            | "former"
            | "same"
    ) && (key(3) == "is"
        || matches!(
            key(2),
            "is" | "one" | "part" | "thing" | "piece" | "was" | "way" | "reason" | "step"
        ))
}

/// What the verb gives: what happened once is no claim, and a verb without anything behind it says nothing.
fn verb_worth(span: &[Word], clause: Clause, rules: &Rules) -> f64 {
    let lists = Lists::get();
    let verb = span[clause.verb].key.as_str();
    let mut worth = -(f64::from(u32::try_from(clause.surplus).unwrap_or(u32::MAX)) * 0.9);
    let past = lists.pasts.has(verb) || (verb.len() >= 5 && verb.ends_with("ed"));
    let later = span[clause.verb + 1..]
        .iter()
        .filter(|word| {
            matches!(
                word.key.as_str(),
                "was" | "were" | "had" | "did" | "went" | "came" | "said" | "told"
            )
        })
        .count();
    if past && !clause.advice {
        worth -= 1.0;
    } else if later > 0 {
        worth -= 0.4;
    }
    let behind = &span[clause.verb + 1..];
    // a comma between the subject and its verb: a thought that began again, or a list
    let parted = span[clause.from..clause.verb]
        .iter()
        .any(|word| word.mark.is_some());
    if parted {
        worth -= 1.1;
    }
    // "pricing is the most important …"
    if judges(behind) && matches!(verb, "is" | "are") {
        worth += 0.35;
    }
    // "has grown", "we've seen": what has happened so far
    let perfect = (matches!(verb, "has" | "have" | "haven't" | "hasn't") || verb.ends_with("'ve"))
        && behind.iter().take(2).any(|word| {
            lists.perfects.has(&word.key) || (word.key.len() >= 5 && word.key.ends_with("ed"))
        });
    if perfect {
        worth -= 0.7;
    }
    if !clause.advice && content_words(behind, rules) == 0 {
        worth -= 0.5;
    }
    // what is just now changing, growing or being done is news, not a claim
    let going = matches!(verb, "is" | "are" | "you're" | "we're")
        && behind.first().is_some_and(|word| {
            word.key.len() > 5 && word.key.ends_with("ing") && !clause.conditional
        });
    if going && !subject_is_known(span) {
        worth -= 0.3;
    }
    worth
}

/// Whether the words open with a judgement: "the most important …", "the only …".
fn judges(behind: &[Word]) -> bool {
    let [article, word, third, ..] = behind else {
        return false;
    };
    article.key == "the"
        && third.mark.is_none()
        && (matches!(
            word.key.as_str(),
            "most" | "only" | "best" | "single" | "worst"
        ) || (word.key.len() > 5 && word.key.ends_with("est")))
}

fn subject_is_known(span: &[Word]) -> bool {
    span.iter()
        .take(4)
        .any(|word| Lists::get().known_subjects.has(&word.key))
}

/// What a turn of thought gives: a comparison, or one thing instead of another.
fn turn_worth(span: &[Word]) -> f64 {
    let has = |key: &str| span.iter().any(|word| word.key == key);
    let compared = has("than") || has("instead") || has("never") || has("only");
    let denied = (has("not") || has("isn't") || has("aren't") || has("don't") || has("doesn't"))
        && (has("but") || has("it's") || has("they're"));
    if compared || denied { 0.2 } else { 0.0 }
}

/// How many of the words carry a meaning of their own.
fn content_words(span: &[Word], rules: &Rules) -> usize {
    span.iter()
        .filter(|word| rules.words.kinds(stem(&word.key)) & kind::COMMON == 0)
        .count()
}

/// "Most people think that …" tells what the speaker is about to deny.
fn is_others_belief(span: &[Word]) -> bool {
    let others = ["most", "many", "some", "people", "everyone", "everybody"];
    let believe = [
        "think", "thinks", "believe", "believes", "assume", "assumes",
    ];
    let many = span.first().is_some_and(|first| first.key == "a")
        && span.get(1).is_some_and(|second| second.key == "lot");
    (many
        || span
            .first()
            .is_some_and(|first| others.contains(&first.key.as_str())))
        && span
            .iter()
            .take(5)
            .any(|word| believe.contains(&word.key.as_str()))
}

/// What the words after the first take from a headline: pointers, names, talk, commas.
fn weakness(span: &[Word]) -> f64 {
    let lists = Lists::get();
    let mut cost = if is_others_belief(span) { 2.0 } else { 0.0 };
    for (nth, word) in span.iter().enumerate() {
        let key = word.key.as_str();
        let before = nth.checked_sub(1).map(|before| &span[before]);
        cost += pointer_cost(span, nth);
        if lists.leaning.has(key) && nth + 1 < span.len() {
            cost += 0.3;
        }
        if key == "another"
            && before.is_some_and(|before| matches!(before.key.as_str(), "is" | "are"))
        {
            cost += 1.5;
        }
        if lists.vague.has(key) {
            cost += 0.2;
        }
        if lists.noises.has(key) {
            cost += 1.0;
        }
        let answered = key == "if" && span[nth..].windows(2).any(|pair| pair[0].mark.is_some());
        if matches!(key, "if" | "because")
            && !answered
            && before.is_some_and(|before| before.key == "is")
        {
            cost += 2.0;
        }
        // "the difference is when you design things": and what then?
        let announced = span[..nth].iter().any(|word| {
            matches!(
                word.key.as_str(),
                "difference"
                    | "thing"
                    | "problem"
                    | "point"
                    | "reason"
                    | "idea"
                    | "reality"
                    | "truth"
            )
        });
        if key == "when"
            && announced
            && before.is_some_and(|before| before.key == "is")
            && span[nth..span.len() - 1]
                .iter()
                .all(|word| word.mark.is_none())
        {
            cost += 2.0;
        }
        let letters = word.shown.as_bytes();
        let name = before.is_some()
            && letters[0].is_ascii_uppercase()
            && letters.iter().any(u8::is_ascii_lowercase)
            && !key.starts_with('i');
        if name {
            cost += 0.25;
        }
        // a comma in the middle is a breath too many; in "if …, …" it belongs
        if word.mark.is_some()
            && nth > 0
            && nth + 1 < span.len()
            && !lists.conditions.has(&span[0].key)
        {
            let goes_on = matches!(
                span[nth + 1].key.as_str(),
                "and"
                    | "but"
                    | "not"
                    | "it's"
                    | "because"
                    | "which"
                    | "so"
                    | "they're"
                    | "than"
                    | "or"
                    | "you're"
            );
            let again = lists.subjects.has(&span[nth + 1].key);
            cost += match (goes_on, again) {
                (true, _) => 0.2,
                (false, false) => 0.4,
                (false, true) => 0.7,
            };
        }
        // "being like, …", "teams are like our goal is …": somebody's speech
        if key == "like" && (word.mark.is_some() || is_talk_of(span, nth)) {
            cost += 1.5;
        }
    }
    if span
        .last()
        .is_some_and(|last| lists.weak_enders.has(&last.key))
    {
        cost += 0.4;
    }
    if span.last().is_some_and(|last| last.mark == Some(':')) {
        cost += 0.5;
    }
    cost
}

/// What a word that points elsewhere costs: little where what it points at stands in the headline too.
fn pointer_cost(span: &[Word], nth: usize) -> f64 {
    let before = &span[..nth];
    let many = before.iter().any(|word| {
        word.key.len() > 3 && word.key.ends_with('s') && !word.key.contains('\'')
            || Lists::get().general.has(&word.key)
    });
    let one = nth >= 4
        && before.iter().any(|word| {
            matches!(
                word.key.as_str(),
                "a" | "an" | "the" | "your" | "every" | "each" | "no"
            )
        });
    match span[nth].key.as_str() {
        "he" | "she" | "him" | "her" | "his" | "he's" | "she's" => 0.5,
        "this" | "these" | "those" => 0.8,
        "they" | "them" | "their" | "they're" | "they've" | "they'll" if many => 0.05,
        "they" | "them" | "their" | "they're" | "they've" | "they'll" => 0.6,
        "it" | "it's" if announces(span, nth) => 0.05,
        "it" | "it's" | "its" | "that's" if one && span[nth - 1].key != "of" => 0.15,
        "it" | "it's" | "its" | "that's" | "it'll" => 0.7,
        // "that" brings a clause, or else it points backwards
        "that" if nth > 0 && points_back(span, nth) => 0.8,
        "i" | "i'm" | "my" | "me" | "i've" | "i'd" | "myself" if nth > 0 => 0.4,
        "we" | "we're" | "our" | "us" | "we've" if nth > 0 => 0.15,
        _ => 0.0,
    }
}

/// Whether an "it" stands for what follows: "it's hard to …", "it takes years to …".
fn announces(span: &[Word], nth: usize) -> bool {
    let behind = |range: std::ops::Range<usize>| {
        span.get(range.start.min(span.len())..range.end.min(span.len()))
            .unwrap_or_default()
    };
    let opens = span[nth].key == "it's"
        || behind(nth + 1..nth + 2).iter().any(|word| {
            matches!(
                word.key.as_str(),
                "is" | "takes" | "becomes" | "makes" | "gets" | "can" | "will" | "feels"
            )
        });
    let judged = behind(nth + 1..nth + 5).iter().any(|word| {
        matches!(
            word.key.as_str(),
            "hard"
                | "harder"
                | "easy"
                | "easier"
                | "important"
                | "better"
                | "best"
                | "possible"
                | "impossible"
                | "takes"
                | "worth"
                | "critical"
                | "tempting"
                | "difficult"
                | "useful"
                | "dangerous"
                | "easiest"
        )
    });
    opens && judged && behind(nth + 2..nth + 8).iter().any(|word| word.key == "to")
}

/// Whether a "that" points backwards instead of bringing a clause.
fn points_back(span: &[Word], nth: usize) -> bool {
    let before = span[nth - 1].key.as_str();
    // "an audience that is big enough"
    let tells_which = span
        .get(nth + 1)
        .is_some_and(|next| matches!(next.key.as_str(), "is" | "can" | "will"))
        && before.len() > 4
        && !matches!(
            before,
            "think"
                | "about"
                | "after"
                | "before"
                | "believe"
                | "means"
                | "while"
                | "because"
                | "where"
        )
        && span[nth].mark.is_none()
        && nth >= 2;
    if tells_which {
        return false;
    }
    let alone = span[nth].mark.is_some()
        || span.get(nth + 1).is_none_or(|next| {
            matches!(
                next.key.as_str(),
                "and"
                    | "but"
                    | "or"
                    | "as"
                    | "because"
                    | "is"
                    | "in"
                    | "to"
                    | "with"
                    | "for"
                    | "at"
                    | "can"
                    | "will"
                    | "company"
                    | "product"
                    | "team"
                    | "person"
                    | "way"
                    | "point"
                    | "kind"
                    | "time"
                    | "one"
            )
        });
    alone
        && (nth + 1 == span.len()
            || !matches!(
                before,
                "things" | "thing" | "people" | "one" | "something" | "anything" | "everything"
            ))
        || matches!(
            before,
            "of" | "about" | "with" | "to" | "for" | "like" | "do" | "from"
        )
}
