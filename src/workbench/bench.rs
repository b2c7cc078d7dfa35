//! A corpus laid out to work on: every episode read as captions, its gold ready to be compared with.

use crate::model::Document;
use crate::stages::extract_text::Material;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::TextKind;
use crate::stages::extract_text::extract_text;
use crate::stages::find_insights::Context;
use crate::stages::find_insights::Rules;
use crate::stages::find_insights::Survey;
use crate::stages::find_insights::find_insights;
use crate::stages::find_insights::survey;

use crate::workbench::baselines::Baseline;
use crate::workbench::captions::captions;
use crate::workbench::chance::number_of;
use crate::workbench::corpus::Corpus;
use crate::workbench::guards::Guards;
use crate::workbench::guards::guards;
use crate::workbench::hits::GoldIndex;
use crate::workbench::ranking::Pick;
use crate::workbench::ranking::Ranking;
use crate::workbench::scores::LOOKED_AT;
use crate::workbench::scores::Level;
use crate::workbench::scores::Scores;
use crate::workbench::scores::TOP;
use crate::workbench::scores::Tried;
use crate::workbench::scores::scores;
use crate::workbench::side_by_side::side_by_side;

/// The episodes of a corpus, read.
#[derive(Debug)]
pub struct Bench {
    episodes: Vec<Laid>,
    gold: Vec<GoldIndex>,
}

/// One episode.
#[derive(Debug)]
struct Laid {
    slug: String,
    /// What `extract_text` made of its captions.
    document: Document,
    /// Its own words, white space folded.
    words: String,
}

/// What is wrong with an episode.
#[derive(Debug, thiserror::Error)]
#[error("episode \"{slug}\": {problem}")]
pub struct Unreadable {
    /// Its slug.
    pub slug: String,
    /// Why there is no document.
    pub problem: NoText,
}

/// How a way of picking did.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Judged {
    /// What picked.
    pub way: String,
    /// At each level that the corpus has gold of.
    pub scores: Vec<Scores>,
    /// What its top fives are like.
    pub guards: Guards,
}

impl Bench {
    /// Reads every episode the way `extract --kind vtt` does: captions in, a document out, nothing else known of it.
    pub fn new(corpus: &Corpus) -> Result<Self, Unreadable> {
        let read = side_by_side(&corpus.episodes, |_, episode| {
            let vtt = captions(episode);
            let material = Material::of_file(TextKind::Vtt, vtt.as_bytes());
            let words: Vec<&str> = episode
                .utterances
                .iter()
                .flat_map(|utterance| utterance.text.split_whitespace())
                .collect();
            let document = extract_text(&material).map_err(|problem| Unreadable {
                slug: episode.slug.clone(),
                problem,
            })?;
            Ok(Laid {
                slug: episode.slug.clone(),
                document,
                words: words.join(" "),
            })
        });
        Ok(Self {
            episodes: read.into_iter().collect::<Result<_, _>>()?,
            gold: corpus
                .gold
                .iter()
                .map(|gold| GoldIndex::new(gold))
                .collect(),
        })
    }

    /// Slugs of the episodes, in order.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        self.episodes.iter().map(|episode| episode.slug.as_str())
    }

    /// What the rules find, at most ten of each episode.
    pub fn found_by(&self, way: &str, rules: &Rules) -> Ranking {
        Ranking {
            way: way.to_owned(),
            picks: self.picks(|_| rules),
        }
    }

    /// What is found in each episode by the rules that are handed out for its number.
    pub(super) fn picks<'a>(&self, rules: impl Fn(usize) -> &'a Rules + Sync) -> Vec<Vec<Pick>> {
        side_by_side(&self.episodes, |nth, episode| {
            let found = find_insights(&episode.document, &Context::default(), rules(nth));
            found.into_iter().take(LOOKED_AT).map(Pick::of).collect()
        })
    }

    /// Every passage that the rules weigh, of each episode.
    pub fn surveys(&self, rules: &Rules) -> Vec<Survey> {
        side_by_side(&self.episodes, |_, episode| {
            survey(&episode.document, &Context::default(), rules)
        })
    }

    /// What a baseline picks from the same passages.
    pub fn picked_by(&self, baseline: Baseline, surveys: &[Survey]) -> Ranking {
        let picks = side_by_side(surveys, |nth, survey| {
            let episode = &self.episodes[nth];
            baseline.picks(survey, &episode.document, number_of(&episode.slug))
        });
        Ranking {
            way: baseline.name().to_owned(),
            picks,
        }
    }

    /// The best grade of the gold that the passage from one byte to another hits.
    pub(super) fn grade_of(&self, episode: usize, from: usize, to: usize) -> Option<u8> {
        let document = &self.episodes[episode].document;
        self.gold[episode]
            .hits(&document.text()[from..to], document.seconds_at(from))
            .into_iter()
            .map(|hit| hit.grade)
            .max()
    }

    /// Scores and guards of a ranking.
    pub fn judge(&self, ranking: &Ranking) -> Judged {
        let tried = side_by_side(&ranking.picks, |nth, picks| Tried {
            hits: picks
                .iter()
                .map(|pick| self.gold[nth].hits(&pick.text, pick.start_seconds))
                .collect(),
            words: picks
                .iter()
                .map(|pick| pick.text.split_whitespace().count())
                .collect(),
        });
        let tops = ranking
            .picks
            .iter()
            .zip(&self.episodes)
            .flat_map(|(picks, episode)| {
                picks
                    .iter()
                    .take(TOP)
                    .map(|pick| (pick, episode.words.as_str()))
            });
        Judged {
            way: ranking.way.clone(),
            scores: Level::ALL
                .into_iter()
                .filter_map(|level| scores(&tried, &self.gold, level))
                .collect(),
            guards: guards(tops),
        }
    }
}
