//! Every passage a document could be quoted by, and what the rules give it.

use super::reading::Reading;
use super::reading::Turn;
use super::rules::MEASURES;
use super::rules::Matcher;
use super::rules::Measure;
use super::rules::Place;
use super::rules::SUMS;
use super::voices::Voice;

/// The most sentences of a passage: a reader takes it in at once.
pub(super) const SENTENCES_MAX: usize = 4;

/// The fewest words of a passage: less is a slogan.
pub const WORDS_MIN: usize = 12;

/// The most words of a passage: more is an essay.
pub const WORDS_MAX: usize = 90;

/// A sentence of at most so many words may be a mere lead-in.
const LEAD_IN_WORDS_MAX: usize = 6;

/// Words that point at something said before.
const POINTERS: [&str; 13] = [
    "it", "this", "that", "they", "he", "she", "these", "those", "them", "his", "her", "their",
    "its",
];

/// The most passages weighed against each other for the last places. Each pick rules out at most 28 others (those
/// that share a sentence with it), so this is room for some 70 picks.
const BEST_MAX: usize = 2_000;

/// One to four sentences of one turn or paragraph.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Passage {
    /// Number of its first sentence.
    pub(super) first: usize,
    /// Number of its last.
    pub(super) last: usize,
    /// Points of all rules that fire.
    pub(super) score: f64,
}

/// The passages that get the most points, best first; of equals the earlier.
pub(super) fn best_passages(reading: &Reading<'_>) -> Vec<Passage> {
    let weigher = Weigher::new(reading);
    let better = |a: &Passage, b: &Passage| {
        b.score
            .total_cmp(&a.score)
            .then(a.first.cmp(&b.first))
            .then(a.last.cmp(&b.last))
    };
    let mut passages = Vec::new();
    for (first, last) in windows(reading) {
        let mut score = 0.0;
        weigher.fire(first, last, |rule| {
            score += reading.rules.rows[rule].weight;
        });
        passages.push(Passage { first, last, score });
        // now and then the worse half is let go: a long document has more passages than need be kept, or sorted
        if passages.len() == BEST_MAX * 2 {
            passages.select_nth_unstable_by(BEST_MAX, better);
            passages.truncate(BEST_MAX);
        }
    }
    passages.sort_unstable_by(better);
    passages.truncate(BEST_MAX);
    passages
}

/// First and last sentence of every passage that could be quoted.
pub(super) fn windows(reading: &Reading<'_>) -> impl Iterator<Item = (usize, usize)> {
    reading.turns.iter().flat_map(move |turn| {
        (turn.first..turn.end)
            .filter(move |&first| {
                reading.facts[first].may_open && !only_leads_in(reading, first, turn.end)
            })
            .flat_map(move |first| lasts(reading, first, turn.end).map(move |last| (first, last)))
    })
}

/// The sentences before `end` with which a passage that begins with `first` can end.
fn lasts(reading: &Reading<'_>, first: usize, end: usize) -> impl Iterator<Item = usize> {
    let mut words = 0;
    (first..end.min(first + SENTENCES_MAX))
        .map_while(move |last| {
            words += reading.sentences[last].words;
            let other_voice = last > first && reading.sentences[last].new_voice;
            let goes_on = !reading.facts[last].refused && !other_voice && words <= WORDS_MAX;
            goes_on.then_some((last, words))
        })
        .filter(move |&(last, words)| words >= WORDS_MIN && reading.facts[last].may_close)
        .map(|(last, _)| last)
}

/// Whether a sentence says nothing by itself ("So we looked at that.") and the next one can do without it: a thought begins
/// behind it. Where the next one points backwards, the sentence may say at what.
fn only_leads_in(reading: &Reading<'_>, nth: usize, end: usize) -> bool {
    let sum = |measure: Measure| reading.facts[nth].sums[measure as usize];
    if reading.sentences[nth].words > LEAD_IN_WORDS_MAX || nth + 1 == end {
        return false;
    }
    let slight = sum(Measure::Stems) <= 1;
    let told = sum(Measure::Names) + sum(Measure::Me) + sum(Measure::Past) > 0;
    points_back(reading.text(nth)) || ((slight || told) && !points_back(reading.text(nth + 1)))
}

/// Whether a sentence opens by pointing at the one before it.
fn points_back(sentence: &str) -> bool {
    sentence
        .split(' ')
        .map(|word| {
            word.trim_matches(|c: char| !c.is_alphanumeric())
                .to_lowercase()
                .replace('’', "'")
        })
        .find(|word| {
            !matches!(
                word.as_str(),
                "and" | "but" | "so" | "because" | "well" | "yeah"
            )
        })
        .is_some_and(|word| {
            let plain = word.split('\'').next().unwrap_or_default();
            POINTERS.contains(&plain)
        })
}

/// Tells which rules fire on a passage.
pub(super) struct Weigher<'a> {
    reading: &'a Reading<'a>,
    any: Vec<u64>,
    first: Vec<u64>,
    last: Vec<u64>,
    reply: Vec<u64>,
    question: Vec<u64>,
    measures: Vec<Bounds>,
}

/// Between what a measure must lie for a rule to fire.
struct Bounds {
    rule: usize,
    measure: Measure,
    share: bool,
    at_least: f64,
    at_most: f64,
}

impl Bounds {
    fn hold(&self, value: f64) -> bool {
        value >= self.at_least && value <= self.at_most
    }
}

impl<'a> Weigher<'a> {
    /// Sorts the rules by where they look.
    pub(super) fn new(reading: &'a Reading<'a>) -> Self {
        let none = vec![0_u64; reading.rules.stride()];
        let mut weigher = Self {
            reading,
            any: none.clone(),
            first: none.clone(),
            last: none.clone(),
            reply: none.clone(),
            question: none,
            measures: Vec::new(),
        };
        for (nth, rule) in reading.rules.rows.iter().enumerate() {
            let mask = match rule.matcher {
                Matcher::Measure {
                    measure,
                    share,
                    at_least,
                    at_most,
                } => {
                    weigher.measures.push(Bounds {
                        rule: nth,
                        measure,
                        share,
                        at_least,
                        at_most,
                    });
                    continue;
                }
                Matcher::Words(Place::Any | Place::Coinage) => &mut weigher.any,
                Matcher::Words(Place::First) => &mut weigher.first,
                Matcher::Words(Place::Last) => &mut weigher.last,
                Matcher::Words(Place::Reply) => &mut weigher.reply,
                Matcher::Words(Place::Question) => &mut weigher.question,
            };
            mask[nth / 64] |= 1 << (nth % 64);
        }
        weigher
    }

    /// Calls `fired` with the number of each rule that fires on the passage, once each.
    pub(super) fn fire(&self, first: usize, last: usize, mut fired: impl FnMut(usize)) {
        let reading = self.reading;
        let turn_number = reading.facts[first].turn;
        let turn = &reading.turns[turn_number];
        let closes_turn = last + 2 >= turn.end;
        for at in 0..self.any.len() {
            let mut bits = 0;
            for nth in first..=last {
                bits |= reading.bits(nth)[at] & self.any[at];
            }
            bits |= reading.bits(first)[at] & self.first[at];
            bits |= reading.bits(last)[at] & self.last[at];
            if closes_turn && self.reply[at] != 0 {
                for nth in reading.reply(turn_number) {
                    bits |= reading.bits(nth)[at] & self.reply[at];
                }
            }
            if self.question[at] != 0 {
                for nth in reading.question(turn_number) {
                    bits |= reading.bits(nth)[at] & self.question[at];
                }
            }
            while bits != 0 {
                fired(at * 64 + bits.trailing_zeros() as usize);
                bits &= bits - 1;
            }
        }
        let values = self.values(first, last, turn);
        let words = values[Measure::Words as usize].max(1.0);
        for bounds in &self.measures {
            let mut value = values[bounds.measure as usize];
            if bounds.share {
                value = value * 100.0 / words;
            }
            if bounds.hold(value) {
                fired(bounds.rule);
            }
        }
    }

    /// Calls `fired` with the number of each rule that fires on a headline of this strength.
    pub(super) fn fire_on_headline(&self, strength: f64, mut fired: impl FnMut(usize)) {
        for bounds in &self.measures {
            if bounds.measure == Measure::Headline && bounds.hold(strength) {
                fired(bounds.rule);
            }
        }
    }

    /// The most points that rules give for a headline.
    pub(super) fn headline_points_max(&self) -> f64 {
        self.measures
            .iter()
            .filter(|bounds| bounds.measure == Measure::Headline)
            .map(|bounds| self.reading.rules.rows[bounds.rule].weight.max(0.0))
            .sum()
    }

    /// The values of all measures, each at its number. Of what is not known no bound holds.
    fn values(&self, first: usize, last: usize, turn: &Turn) -> [f64; MEASURES] {
        let reading = self.reading;
        let yes = |told: bool| if told { 1.0 } else { 0.0 };
        let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
        let mut sums = [0_u32; SUMS];
        for facts in &reading.facts[first..=last] {
            for (sum, part) in sums.iter_mut().zip(facts.sums) {
                *sum += u32::from(part);
            }
        }
        // the one for the headline is told by `fire_on_headline`
        let mut values = [f64::NAN; MEASURES];
        for (value, sum) in values.iter_mut().zip(sums) {
            *value = f64::from(sum);
        }
        let longest = reading.sentences[first..=last]
            .iter()
            .map(|sentence| sentence.words)
            .max();
        let before = reading.facts[first].turn.checked_sub(1);
        let tenth = reading.sentences[first].from * 10 / reading.document.text().len().max(1);
        for (measure, value) in [
            (Measure::Sentences, count(last - first + 1)),
            (Measure::LongestSentence, count(longest.unwrap_or(0))),
            (Measure::SentencesBefore, count(first - turn.first)),
            (Measure::SentencesAfter, count(turn.end - 1 - last)),
            (
                Measure::WordsBefore,
                count(reading.facts[first].words_before),
            ),
            (Measure::TurnWords, count(turn.words)),
            (
                Measure::QuestionWords,
                count(before.map_or(0, |nth| reading.turns[nth].words)),
            ),
            (Measure::DocumentTenth, count(tenth)),
            // where a page puts its point is another matter than where a talk comes to it
            (
                Measure::TalkTenth,
                if turn.prose { f64::NAN } else { count(tenth) },
            ),
            (Measure::AfterQuestion, yes(turn.after_question)),
            (Measure::Guest, yes(turn.voice == Voice::Guest)),
            (Measure::Host, yes(turn.voice == Voice::Host)),
            (Measure::Prose, yes(turn.prose)),
        ] {
            values[measure as usize] = value;
        }
        values
    }
}
