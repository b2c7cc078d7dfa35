//! A document in, the passages that people would pick out of it: each with its points, the rules that gave them, and a
//! headline of its own words.

use std::ops::Range;

use crate::model::Background;
use crate::model::BlockKind;
use crate::model::Candidate;
use crate::model::Chapter;
use crate::model::Document;
use crate::model::Person;
use crate::model::Reason;
use crate::model::Soundbite;

use best_first::BestFirst;
use headline::Headline;
use headline::HeadlineWriter;
use language::sample;
use passages::Passage;
use passages::Weigher;
use passages::best_passages;
use reading::Reading;
use rules::Measure;
use sentences::split_sentences;

pub use examples::Mistake;
pub use passages::WORDS_MAX as PASSAGE_WORDS_MAX;
pub use passages::WORDS_MIN as PASSAGE_WORDS_MIN;
pub use rules::FILE_BYTES_MAX as RULES_BYTES_MAX;
pub use rules::Leeway;
pub use rules::Rules;
pub use rules::RulesError;
pub use shown::shown;
pub use survey::Considered;
pub use survey::Survey;
pub use survey::survey;
pub use why_not::Fate;
pub use why_not::Obstacle;
pub use why_not::Sought;
pub use why_not::why_not;

mod sentences;

mod marks;

mod language;

mod voices;

mod phrases;

mod patterns;

mod vocabulary;

mod reading;

mod names;

mod chapters;

mod terms;

mod refuse;

mod passages;

mod best_first;

mod headline;

mod survey;

mod rules;

mod examples;

mod shown;

mod why_not;

/// The most candidates of one document: more than any edition looks at.
pub const CANDIDATES_MAX: usize = 30;

/// The score above which a product manager would be glad of a passage; the usual quality bar. With the built-in rules half
/// of all passages lie above 0.5 and one in twenty above 2.0, and those were picked by people three times as often.
pub const SCORE_GLAD: f64 = 2.0;

/// How many passages, overlapping ones among them, get a headline: the points for it decide which of them come first.
const HEADLINES_MAX: usize = 600;

/// Fewer points than this are none.
const SCORE_MIN: f64 = 0.005;

/// The most topics of a passage.
const TOPICS_MAX: usize = 3;

/// What is known of the entry that a document belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Title of the entry; empty where unknown.
    pub title: &'a str,
    /// Plain words of its show notes or summary; empty where there are none.
    pub notes: &'a str,
    /// Who takes part.
    pub people: &'a [Person],
    /// Clips the show's editors cut.
    pub soundbites: &'a [Soundbite],
    /// Its chapters, in any order.
    pub chapters: &'a [Chapter],
    /// Topics the operator filed its source under.
    pub topics: &'a [String],
}

impl<'a> From<&'a Background> for Context<'a> {
    fn from(background: &'a Background) -> Self {
        Self {
            title: &background.title,
            notes: &background.notes,
            people: &background.people,
            soundbites: &background.soundbites,
            chapters: &background.chapters,
            topics: &background.topics,
        }
    }
}

/// The passages worth quoting, best first and at most [`CANDIDATES_MAX`]; no two share a sentence. Only passages with more
/// points for than against, and of which a clean headline can be made, are among them.
pub fn find_insights(document: &Document, context: &Context<'_>, rules: &Rules) -> Vec<Candidate> {
    if another_language(document, rules).is_some() {
        return Vec::new();
    }
    let reading = Reading::new(document, context, rules);
    let weigher = Weigher::new(&reading);
    let writer = HeadlineWriter::new(&reading);
    let passages = best_passages(&reading).into_iter().take(HEADLINES_MAX);
    let mut best_first = BestFirst::new(passages, weigher.headline_points_max());
    let mut taken = vec![false; reading.sentences.len()];
    let mut candidates = Vec::new();
    while candidates.len() < CANDIDATES_MAX
        && let Some(mut next) = best_first.next()
    {
        let Passage {
            first,
            last,
            mut score,
        } = next.passage;
        if taken[first..=last].contains(&true) {
            continue;
        }
        if let Some(headline) = next.headline.take() {
            if score < SCORE_MIN {
                break;
            }
            taken[first..=last].fill(true);
            candidates.push(candidate(
                &reading,
                &weigher,
                context,
                next.passage,
                headline,
            ));
        } else if let Some(headline) = writer.write(first, last) {
            weigher.fire_on_headline(headline.strength, |rule| {
                score += rules.rows[rule].weight;
            });
            best_first.line_up(&next, headline, score);
        }
    }
    candidates.retain(|candidate| candidate.score >= SCORE_MIN);
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.from.cmp(&b.from)));
    candidates
}

/// The name of the language that a document is in, where that is plainly another than the one that the rules' word lists
/// are in. Such a document has no candidates. What its feed claims is not asked: many say `en` because a template does.
pub fn another_language(document: &Document, rules: &Rules) -> Option<&'static str> {
    rules.language?.foreign_to(sample(document))
}

/// The sentences of a document as byte ranges of its text, in order: what passages are made of. Each lies in one block;
/// what no sentence holds is white space, or a mark that nobody said.
pub fn sentences(document: &Document) -> Vec<Range<usize>> {
    let mut sentences = Vec::new();
    for block in document.blocks() {
        split_sentences(document.text(), block.from, block.to, &mut sentences);
    }
    sentences
        .iter()
        .map(|sentence| sentence.from..sentence.to)
        .collect()
}

/// A passage as it goes on its way.
fn candidate(
    reading: &Reading<'_>,
    weigher: &Weigher<'_>,
    context: &Context<'_>,
    passage: Passage,
    headline: Headline,
) -> Candidate {
    let document = reading.document;
    let from = reading.sentences[passage.first].from;
    let to = reading.sentences[passage.last].to;
    let turn = reading.facts[passage.first].turn;
    let block = &document.blocks()[turn];
    let mut reasons = Vec::new();
    let mut note = |rule: usize| {
        let rule = &reading.rules.rows[rule];
        if rule.weight != 0.0 {
            reasons.push(Reason {
                rule: rule.name.clone(),
                points: rule.weight,
            });
        }
    };
    weigher.fire(passage.first, passage.last, &mut note);
    weigher.fire_on_headline(headline.strength, &mut note);
    reasons.sort_by(|a, b| {
        b.points
            .total_cmp(&a.points)
            .then_with(|| a.rule.cmp(&b.rule))
    });
    Candidate {
        from,
        to,
        text: document.text()[from..to].to_owned(),
        shown: (block.kind == BlockKind::Utterance)
            .then(|| shown(&document.text()[from..to], reading.rules))
            .flatten(),
        headline: headline.text,
        speaker: block.speaker.clone(),
        start_seconds: document.seconds_at(from),
        paragraph: (block.kind != BlockKind::Utterance).then_some(turn + 1),
        score: points(&reasons),
        reasons,
        topics: topics(reading, context, passage),
    }
}

/// The sum of the points, without the dust of binary fractions.
fn points(reasons: &[Reason]) -> f64 {
    let sum: f64 = reasons.iter().map(|reason| reason.points).sum();
    (sum * 1000.0).round() / 1000.0
}

/// What a passage is about: topics of the lexicon by how many of its sentences name them, then the operator's own.
fn topics(reading: &Reading<'_>, context: &Context<'_>, passage: Passage) -> Vec<String> {
    let rules = reading.rules;
    let mut hits = vec![0_usize; rules.topics.len()];
    let mut search = rules.finder.search();
    for sentence in passage.first..=passage.last {
        if reading.facts[sentence].sums[Measure::Terms as usize] == 0 {
            continue;
        }
        search.find(reading.text(sentence), |bit| {
            if let Some(topic) = bit.checked_sub(rules.topic_bit(0)) {
                hits[topic] += 1;
            }
        });
    }
    let mut counts: Vec<(usize, usize)> = hits
        .into_iter()
        .enumerate()
        .filter(|(_, hits)| *hits > 0)
        .map(|(topic, hits)| (hits, topic))
        .collect();
    counts.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut topics: Vec<String> = counts
        .into_iter()
        .take(TOPICS_MAX)
        .map(|(_, topic)| rules.topics[topic].name.clone())
        .collect();
    for topic in context.topics {
        if topics.len() < TOPICS_MAX && !topics.contains(topic) {
            topics.push(topic.clone());
        }
    }
    topics
}
