//! The claim in a passage, cut out of its own words: nothing is added, and nothing but fillers and whole clauses is left out.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::reading::Reading;
use super::rules::Matcher;
use super::rules::Place;
use super::rules::Rules;
use super::rules::kind;
use super::stems::stem;

/// A headline says a whole thing: fewer words seldom do.
const WORDS_MIN: usize = 5;

/// More words are a sentence, not a headline.
const WORDS_MAX: usize = 14;

/// A headline below this is worse than none: the passage is dropped.
const STRENGTH_MIN: f64 = -1.0;

/// The most words of a sentence that are looked at for a claim.
const SENTENCE_WORDS_MAX: usize = 90;

/// The words of a list, for look-ups.
type Words = LazyLock<HashSet<&'static str>>;

fn listed(words: &'static str) -> HashSet<&'static str> {
    words.split_whitespace().collect()
}

/// Words that point at something said before: no headline opens with one.
static POINTERS: Words = LazyLock::new(|| {
    listed(
        "it this that they he she those these them him her his its their theirs it's that's they're he's she's it'll that'll \
         they'll they've they'd he'd she'd it'd itself themselves such which who whom whose same both here's there's there here",
    )
});

/// Words that no headline opens with, for they lean on what stood before.
static BAD_OPENERS: Words = LazyLock::new(|| {
    listed(
        "and but or so because than then nor yet also of at by from into onto upon as is are was were be been am \
         has had does did will would could can might may must shall should isn't aren't wasn't weren't who's too either neither \
         else though although however therefore thus hence plus etc yeah yes okay oh um uh like us me else other another \
         right again about rather certainly sometimes sometime oftentimes especially anyway anyways instead ultimately fundamentally i i'm i've i'll i'd my me maybe perhaps probably even which's versus vs per now well still",
    )
});

/// Words after which something is missing: no headline ends on one.
static BAD_ENDERS: Words = LazyLock::new(|| {
    listed(
        "a an the and or but nor so because of to in on at by for from with without into onto upon about as than that which who whom \
         whose what where when why how if unless until while whether though although since is are was were be been being am \
         has have had do does did will would can could should shall may might must i you we they he she it's i'm you're we're \
         they're he's she's that's there's what's i've you've we've they've i'll you'll we'll they'll i'd you'd my your our their his its her this these those \
         very really just not don't doesn't isn't aren't can't won't didn't wouldn't shouldn't couldn't more most less least some any every each \
         no such like kind sort only even also too quite almost pretty super many few several own same other another between among through \
         around over under after before during against toward towards across per via within along behind beyond \
         gonna gotta wanna going let let's lets make makes get gets give gives want wants need needs be then there actually basically literally maybe probably \
         one's out's mr mrs dr versus vs plus etc became become becomes seem seems having getting making doing trying being using \
         says said say call called whatever whoever these's something's because's already ever e.g i.e eg ie gosh oh",
    )
});

/// Words that begin a clause of its own.
static SUBJECTS: Words = LazyLock::new(|| {
    listed(
        "i you we they he she it people everyone everybody nobody someone somebody anyone the a an your our my their this that these those there \
         it's that's there's you're we're they're i'm i've you've we've they've you'll we'll they'll i'll you'd we'd then most many every each all some no \
         great good if when what don't never always let's product teams companies customers users leaders managers founders",
    )
});

/// Words that begin a clause which can be left out.
static SUBORDINATORS: Words = LazyLock::new(|| {
    listed(
        "because which if when unless while where since although whereas until though who so before after rather instead without",
    )
});

/// Words that begin a clause which needs another one after it.
static CONDITIONS: Words = LazyLock::new(|| {
    listed(
        "if when whenever once unless because while since although though until before after as whether where by without in to for with",
    )
});

/// Words that begin a phrase which can be left out, at a price.
static PLACES: Words =
    LazyLock::new(|| listed("by for in on at from through during within across among around"));

/// Words after which "that" brings the claim itself.
static CLAIM_VERBS: Words = LazyLock::new(|| {
    listed(
        "is was think believe believed know knew say saying found find learned realize realized means mean feel argue noticed understand remember realizing shows showed",
    )
});

/// Words dropped wherever they stand.
static FILLERS: Words = LazyLock::new(|| {
    listed(
        "um uh er hmm literally basically honestly actually really just obviously simply essentially",
    )
});

/// Pairs of words dropped wherever they stand.
const FILLER_PAIRS: [(&str, &str); 5] = [
    ("you", "know"),
    ("kind", "of"),
    ("sort", "of"),
    ("i", "mean"),
    ("of", "course"),
];

/// Tags dropped at the end.
const TAGS: [&str; 15] = [
    "all right",
    "right",
    "you know",
    "for sure",
    "i think",
    "i guess",
    "as well",
    "though",
    "anyway",
    "too",
    "okay",
    "to me",
    "i would say",
    "basically",
    "of course",
];

/// Base forms that advice opens with.
static IMPERATIVES: Words = LazyLock::new(|| {
    listed(
        "don't never always start focus stop think ask make find be build hire talk write go try pick get give let take look treat choose \
         trust say spend put keep show use remember avoid assume invest learn lead set create listen measure test ship launch fix solve understand \
         know define tell share read sell price design map run hold follow decide delegate empower prioritize optimize embrace accept \
         consider aim work help bring turn move do care leave cut kill add break begin limit protect",
    )
});

/// A word of a sentence, and how it may be shown.
#[derive(Debug, Clone)]
struct Word {
    /// As shown, without marks that end or quote.
    shown: String,
    /// In lower case, with straight apostrophes.
    key: String,
    /// The mark after it, if any: `,` for whatever parts clauses, `:` for a colon.
    mark: Option<char>,
}

/// A stretch of words that may be the headline, and how well it would do.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: usize,
    to: usize,
    strength: f64,
}

/// The claim of a passage in a line.
#[derive(Debug, Clone)]
pub(super) struct Headline {
    /// The words, capital first and without a mark at the end.
    pub(super) text: String,
    /// How well they stand alone; 0 is passable.
    pub(super) strength: f64,
}

/// The best headline of the passage from the sentence `first` to `last`, if it has one.
pub(super) fn write_headline(reading: &Reading<'_>, first: usize, last: usize) -> Option<Headline> {
    let mut best: Option<Headline> = None;
    for nth in first..=last {
        let worth = claim_worth(reading, nth);
        let words = words_of(reading.text(nth));
        for span in spans(&words, reading.rules) {
            let strength = span.strength + worth;
            let beats = best.as_ref().is_none_or(|best| strength > best.strength);
            if strength >= STRENGTH_MIN && beats {
                best = Some(Headline {
                    text: show(&words[span.from..span.to]),
                    strength,
                });
            }
        }
    }
    best
}

/// How much of a claim the sentence makes: what its own words give it by the rules.
fn claim_worth(reading: &Reading<'_>, sentence: usize) -> f64 {
    let points: f64 = reading
        .rules
        .rows
        .iter()
        .enumerate()
        .filter(|(nth, rule)| {
            matches!(rule.matcher, Matcher::Words(Place::Any)) && reading.has(sentence, *nth)
        })
        .map(|(_, rule)| rule.weight)
        .sum();
    points.clamp(-1.0, 1.5)
}

/// The words of a sentence without fillers, repetitions and quotation marks.
fn words_of(sentence: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for raw in sentence.split(' ').take(SENTENCE_WORDS_MAX) {
        let tail = raw.trim_end_matches(['"', '”', '’', '\'', ')', ']', '*', '_']);
        let mark = match tail.chars().next_back() {
            Some(':') => Some(':'),
            Some(',' | ';' | '–' | '—' | '.' | '…' | '!' | '?') => Some(','),
            _ if raw == "-" || raw == "--" => Some(','),
            _ => None,
        };
        let shown = raw.trim_matches(|c: char| !(c.is_alphanumeric() || "%$£€+#".contains(c)));
        if shown.is_empty() {
            if let Some(last) = words.last_mut() {
                last.mark = last.mark.or(mark);
            }
            continue;
        }
        let key = shown.to_lowercase().replace('’', "'");
        if words.last().is_some_and(|last| last.key == key) || FILLERS.contains(key.as_str()) {
            if let Some(last) = words.last_mut() {
                last.mark = last
                    .mark
                    .or(mark)
                    .filter(|_| mark.is_some() || last.key != key);
            }
            continue;
        }
        words.push(Word {
            shown: shown.to_owned(),
            key,
            mark,
        });
        if let [.., first, second] = words.as_slice()
            && FILLER_PAIRS.contains(&(first.key.as_str(), second.key.as_str()))
            && is_aside(&words)
        {
            words.truncate(words.len() - 2);
        }
    }
    words
}

/// Whether the last two words stand aside rather than in the sentence ("what you know" is no filler).
fn is_aside(words: &[Word]) -> bool {
    let [before @ .., first, second] = words else {
        return false;
    };
    match first.key.as_str() {
        "kind" | "sort" => before.last().is_none_or(|word| {
            !matches!(
                word.key.as_str(),
                "a" | "the"
                    | "this"
                    | "that"
                    | "what"
                    | "same"
                    | "some"
                    | "any"
                    | "every"
                    | "right"
                    | "of"
                    | "one"
            )
        }),
        _ => second.mark.is_some() && before.last().is_none_or(|word| word.mark.is_some()),
    }
}

/// Every stretch that could stand as a headline.
fn spans(words: &[Word], rules: &Rules) -> Vec<Span> {
    let mut spans = Vec::new();
    for (from, start_cost) in starts(words, rules) {
        for (to, end_cost) in ends(words, from, rules) {
            let count = to - from;
            if !(WORDS_MIN..=WORDS_MAX).contains(&count) {
                continue;
            }
            if let Some(quality) = quality(words, from, to, rules) {
                spans.push(Span {
                    from,
                    to,
                    strength: quality - start_cost - end_cost,
                });
            }
        }
    }
    spans
}

/// Where a headline may begin, and what that costs.
fn starts(words: &[Word], rules: &Rules) -> Vec<(usize, f64)> {
    let head = skip_lead_ins(words, 0, rules);
    let mut starts = vec![(head, 0.0)];
    for at in head + 1..words.len() {
        let before = &words[at - 1];
        let conditional = CONDITIONS.contains(words[head].key.as_str());
        let advice = IMPERATIVES.contains(words[at].key.as_str());
        // "a lot of people, for example, think …" is no advice to think
        if advice && !(conditional && before.mark.is_some()) && before.mark != Some(':') {
            continue;
        }
        // "when people think, oh, …": what follows is somebody's, not the speaker's
        let reported = before.mark.is_some()
            && words[at.saturating_sub(3)..at].iter().any(|word| {
                matches!(
                    word.key.as_str(),
                    "think" | "thinks" | "say" | "says" | "said" | "like" | "saying" | "oh"
                )
            });
        if reported {
            continue;
        }
        let subject = SUBJECTS.contains(words[at].key.as_str()) || advice;
        let cost = if before.mark == Some(':') {
            0.0
        } else if before.key == "that" && at >= 2 && brings_claim(&words[..at - 1]) {
            0.1
        } else if before.mark.is_some() {
            // the main clause of "if you …, …" says little without its condition
            if conditional { 0.9 } else { 0.4 }
        } else if subject
            && matches!(before.key.as_str(), "and" | "but" | "so" | "because")
            && at >= 2
        {
            0.5
        } else {
            continue;
        };
        let skipped = skip_lead_ins(words, at, rules);
        let hidden_advice = skipped > at
            && words
                .get(skipped)
                .is_some_and(|word| IMPERATIVES.contains(word.key.as_str()));
        if hidden_advice && before.mark != Some(':') {
            continue;
        }
        let plain = if subject || skipped > at { 0.0 } else { 0.4 };
        starts.push((skipped, cost + plain));
    }
    starts
}

/// Whether a "that" after these words brings what the speaker claims: not what is denied, asked, or what others say.
fn brings_claim(before: &[Word]) -> bool {
    let Some(verb) = before.last().map(|word| word.key.as_str()) else {
        return false;
    };
    let doubted = before.iter().rev().take(8).any(|word| {
        word.key.ends_with("n't")
            || matches!(
                word.key.as_str(),
                "not"
                    | "never"
                    | "no"
                    | "if"
                    | "whether"
                    | "nobody"
                    | "myth"
                    | "mistake"
                    | "wrong"
                    | "illusion"
                    | "fallacy"
            )
    });
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
    CLAIM_VERBS.contains(verb) && !doubted && (own || !reported)
}

/// The first word at or after `at` that is no lead-in.
fn skip_lead_ins(words: &[Word], mut at: usize, rules: &Rules) -> usize {
    while at < words.len() {
        let skipped = rules
            .lead_ins(&words[at].key)
            .iter()
            .filter(|rest| {
                let stretch = words.get(at + 1..=at + rest.len());
                let same =
                    stretch.is_some_and(|found| found.iter().map(|word| &word.key).eq(rest.iter()));
                // one word alone leads in only where a mark or the word itself says so ("one person", "just ship")
                same && (!rest.is_empty()
                    || words[at].mark.is_some()
                    || BAD_OPENERS.contains(words[at].key.as_str()))
            })
            .map(|rest| rest.len() + 1)
            .max();
        let Some(length) = skipped else { break };
        at += length;
    }
    at
}

/// Where a headline that begins at `from` may end, and what that costs.
fn ends(words: &[Word], from: usize, rules: &Rules) -> Vec<(usize, f64)> {
    let mut ends = Vec::new();
    let mut last = words.len();
    // tags such as ", right" say nothing
    for tag in TAGS {
        let length = tag.split(' ').count();
        if last > from + length
            && words[last - length - 1].mark.is_some()
            && tag
                .split(' ')
                .zip(&words[last - length..last])
                .all(|(word, found)| word == found.key)
        {
            last -= length;
        }
    }
    if last > from {
        ends.push((last, 0.0));
    }
    for to in from + WORDS_MIN..last.min(from + WORDS_MAX + 1) {
        let before = &words[to - 1];
        let next = &words[to];
        let leans = BAD_ENDERS.contains(before.key.as_str()) || rules.is_verb(&before.key);
        let after_next = words.get(to + 1).map_or("", |word| word.key.as_str());
        let joins = matches!(next.key.as_str(), "and" | "but" | "or" | "so")
            && SUBJECTS.contains(after_next);
        let denied = words[from..to]
            .iter()
            .any(|word| word.key == "not" || word.key.ends_with("n't"));
        if next.key == "but" && denied {
            continue;
        }
        if before.mark == Some(',') {
            let clause = joins
                || SUBORDINATORS.contains(next.key.as_str())
                || SUBJECTS.contains(next.key.as_str());
            ends.push((to, if clause { 0.3 } else { 1.0 }));
        } else if before.mark == Some(':') {
            ends.push((to, 1.2));
        } else if !leans && joins {
            ends.push((to, 0.4));
        } else if !leans && SUBORDINATORS.contains(next.key.as_str()) {
            // without a comma, "a place where …" says which place
            let restrictive = matches!(next.key.as_str(), "which" | "who" | "where" | "when");
            ends.push((to, if restrictive { 1.3 } else { 0.5 }));
        } else if !leans && PLACES.contains(next.key.as_str()) {
            ends.push((to, 1.1));
        }
    }
    ends
}

/// How well a stretch would do as a headline; none where it would be broken.
fn quality(words: &[Word], from: usize, to: usize, rules: &Rules) -> Option<f64> {
    let span = &words[from..to];
    let (first, last) = (&span[0], &span[span.len() - 1]);
    let opener = first.key.as_str();
    let mut quality = 0.2;
    if POINTERS.contains(opener)
        || (BAD_OPENERS.contains(opener) && !opener.starts_with('i') && opener != "my")
    {
        return None;
    }
    if matches!(opener, "is" | "isn't" | "into") {
        return None;
    }
    if BAD_ENDERS.contains(last.key.as_str()) {
        return None;
    }
    let imperative = IMPERATIVES.contains(opener)
        && (!matches!(opener, "never" | "always") || IMPERATIVES.contains(span[1].key.as_str()));
    if !has_main_verb(span, imperative, rules) {
        return None;
    }
    // a condition wants its consequence, behind a comma or behind a subject of its own
    if CONDITIONS.contains(opener) {
        let main = (3..span.len() - 2).find(|&nth| {
            span[nth - 1].mark.is_some()
                && (SUBJECTS.contains(span[nth].key.as_str())
                    || IMPERATIVES.contains(span[nth].key.as_str()))
                && !CONDITIONS.contains(span[nth].key.as_str())
        })?;
        if !span[main..].iter().any(|word| is_verb(word, rules)) {
            return None;
        }
        quality -= 0.1;
    }
    // a question that is no question: "how to …", "what makes …" need an answer in the same breath
    if matches!(
        opener,
        "what" | "how" | "why" | "where" | "whether" | "whatever" | "who" | "that"
    ) {
        let answered = span
            .iter()
            .skip(2)
            .any(|word| matches!(word.key.as_str(), "is" | "was" | "are" | "matters"));
        if !answered {
            return None;
        }
    }
    if opener == "to" || opener == "not" || opener == "being" {
        quality -= 0.6;
    }
    quality -= weakness(span);
    quality -= match content_words(span, rules) {
        0 | 1 => 0.9,
        2 => 0.3,
        _ => 0.0,
    };
    let has = |key: &str| span.iter().any(|word| word.key == key);
    if (has("either") && !has("or")) || (has("between") && !has("and")) {
        return None;
    }
    if matches!(opener, "i" | "i'm" | "i've" | "i'd" | "i'll" | "my") {
        quality -= 0.9;
    }
    if matches!(opener, "we" | "we're" | "we've" | "our") {
        quality -= 0.3;
    }
    if imperative
        || matches!(
            opener,
            "you" | "great" | "good" | "most" | "every" | "never" | "don't" | "people"
        )
    {
        quality += 0.2;
    }
    if matches!(
        last.key.as_str(),
        "it" | "that" | "them" | "this" | "stuff" | "things" | "too" | "there" | "here"
    ) {
        quality -= 0.4;
    }
    if matches!(opener, "let's" | "i") || is_ordinal(span) {
        quality -= 0.5;
    }
    if last.mark == Some(':') {
        quality -= 0.4;
    }
    quality -= match span.len() {
        7..=12 => 0.0,
        6 | 13 => 0.1,
        _ => 0.25,
    };
    Some(quality)
}

/// How many of the words carry a meaning of their own.
fn content_words(span: &[Word], rules: &Rules) -> usize {
    span.iter()
        .filter(|word| rules.kinds(stem(&word.key)) & kind::COMMON == 0)
        .count()
}

/// What the words after the first take from a headline: pointers, names, talk, commas.
fn weakness(span: &[Word]) -> f64 {
    let mut cost = 0.0;
    for (nth, word) in span.iter().enumerate().skip(1) {
        let key = word.key.as_str();
        match key {
            "he" | "she" | "him" | "her" | "his" | "he's" | "she's" => cost += 0.5,
            "this" | "these" | "those" => cost += 0.7,
            "they" | "them" | "their" | "they're" | "that's" => {
                cost += if nth < 4 { 0.6 } else { 0.3 };
            }
            "it" | "it's" | "its" => cost += if nth < 4 { 0.6 } else { 0.2 },
            // "that" brings a clause, or else it points backwards
            "that" if points_back(span, nth) => cost += 0.7,
            "i" | "i'm" | "my" | "me" | "i've" | "i'd" => cost += 0.3,
            "oh" | "gosh" | "uh" | "okay" | "ok" | "yeah" | "hey" | "wow" | "um" => cost += 1.0,
            "if" | "because" if span[nth - 1].key == "is" => cost += 2.0,
            "stuff" | "whatever" | "thing" | "things" | "something" | "gonna" | "like"
            | "guess" => cost += 0.2,
            _ => {}
        }
        let letters = word.shown.as_bytes();
        if letters[0].is_ascii_uppercase()
            && letters.iter().any(u8::is_ascii_lowercase)
            && !key.starts_with('i')
        {
            cost += 0.15;
        }
        // a comma in the middle is a breath too many; in "if …, …" it belongs
        if word.mark.is_some() && nth + 1 < span.len() && !CONDITIONS.contains(span[0].key.as_str())
        {
            cost += 0.2;
        }
    }
    cost
}

/// Whether a clause of its own stands in the stretch: a verb that no "that", "which" or "when" before it claims, and no
/// such word left without its verb.
fn has_main_verb(span: &[Word], imperative: bool, rules: &Rules) -> bool {
    let mut claimed = 0_usize;
    let mut found = imperative;
    let mut in_group = imperative;
    for (nth, word) in span.iter().enumerate() {
        let key = word.key.as_str();
        let before = nth.checked_sub(1).map(|before| &span[before]);
        let contracted = key.contains('\'')
            && rules.is_verb(key)
            && !key.ends_with("n't")
            && !matches!(key, "who's" | "what's" | "where's" | "how's");
        // "the things you do", "the best team I've seen": a clause without its "that"
        let unmarked = before.is_some_and(|before| {
            before.mark.is_none()
                && !is_relative(&before.key)
                && !rules.is_verb(&before.key)
                && !BAD_ENDERS.contains(before.key.as_str())
        });
        let infinitive = span.get(nth + 1).is_some_and(|next| next.key == "to");
        let clause = is_relative(key) && !infinitive && !(nth == 0 && key == "that");
        if clause || (unmarked && matches!(key, "you" | "we" | "i" | "they" | "he" | "she")) {
            claimed += 1;
            in_group = false;
        } else if unmarked && contracted && !matches!(key, "it's" | "that's" | "there's") {
            in_group = true;
            continue;
        }
        if contracted
            || (is_verb(word, rules) && before.is_some_and(|before| !blocks_verb(&before.key)))
        {
            if !in_group {
                if claimed > 0 {
                    claimed -= 1;
                } else {
                    found = true;
                }
            }
            in_group = true;
        } else if !matches!(
            key,
            "not"
                | "never"
                | "always"
                | "only"
                | "to"
                | "also"
                | "often"
                | "usually"
                | "you"
                | "we"
                | "i"
                | "they"
        ) {
            in_group = false;
        }
    }
    found && claimed == 0
}

/// Whether a word is in the list of verb forms, or is a regular past.
fn is_verb(word: &Word, rules: &Rules) -> bool {
    rules.is_verb(&word.key) || (word.key.len() >= 6 && word.key.ends_with("ed"))
}

/// Whether a word opens a clause that needs a verb of its own.
fn is_relative(key: &str) -> bool {
    matches!(
        key,
        "that"
            | "which"
            | "who"
            | "what"
            | "where"
            | "when"
            | "if"
            | "because"
            | "while"
            | "why"
            | "how"
            | "whether"
            | "unless"
            | "whenever"
            | "once"
    )
}

/// Whether a form after this word is a noun or an infinitive rather than the verb of the clause.
fn blocks_verb(before: &str) -> bool {
    matches!(
        before,
        "the"
            | "a"
            | "an"
            | "of"
            | "your"
            | "our"
            | "my"
            | "their"
            | "this"
            | "in"
            | "for"
            | "to"
            | "with"
            | "no"
            | "any"
            | "some"
            | "new"
            | "good"
            | "great"
            | "on"
            | "at"
            | "by"
            | "from"
            | "his"
            | "her"
            | "its"
            | "these"
            | "those"
            | "every"
            | "each"
    )
}

/// Whether a "that" points backwards instead of bringing a clause.
fn points_back(span: &[Word], nth: usize) -> bool {
    let before = span[nth - 1].key.as_str();
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

/// Whether the stretch opens by counting ("the third is …"), so that its subject stands elsewhere.
fn is_ordinal(span: &[Word]) -> bool {
    span[0].key == "the"
        && matches!(
            span[1].key.as_str(),
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
        )
        && span.get(2).is_some_and(|word| {
            matches!(
                word.key.as_str(),
                "is" | "one" | "part" | "thing" | "piece" | "was" | "way" | "reason"
            )
        })
}

/// The words as a headline: a capital first, no mark at the end.
fn show(words: &[Word]) -> String {
    let mut headline = String::new();
    for (nth, word) in words.iter().enumerate() {
        if nth == 0 {
            let mut letters = word.shown.chars();
            if let Some(first) = letters.next() {
                headline.extend(first.to_uppercase());
                headline.push_str(letters.as_str());
            }
        } else {
            headline.push(' ');
            headline.push_str(&word.shown);
        }
        if let Some(mark) = word.mark.filter(|_| nth + 1 < words.len()) {
            headline.push(mark);
        }
    }
    headline
}
