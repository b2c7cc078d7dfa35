//! The candidates of past days found again in the documents that are kept.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::thread;

use jiff::Timestamp;

use crate::model::Background;
use crate::model::Candidate;
use crate::model::Document;
use crate::model::Shelved;
use crate::outside::store::PastReading;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::stages::find_insights::Context;
use crate::stages::find_insights::Rules;
use crate::stages::find_insights::find_insights;

/// Finds candidates again. Those of the last stretches of time are remembered, since one day's shelf is most of the next one's.
pub(super) struct Finder<'a> {
    store: &'a Store,
    by: By<'a>,
    rules: BTreeMap<String, Arc<Rules>>,
    found: BTreeMap<i64, Arc<Vec<Candidate>>>,
    /// Readings that were asked for since the last [`Finder::forget_others`].
    asked: BTreeSet<i64>,
    missing: BTreeSet<Missing>,
}

/// By which rules candidates are found.
pub(super) enum By<'a> {
    /// Those of the time.
    Kept,
    /// These, with these topics of the sources in the place of those of the time.
    Others {
        rules: &'a Arc<Rules>,
        topics: BTreeMap<&'a str, &'a [String]>,
    },
}

/// What would be needed, and is not there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Missing {
    /// The document of this entry was let go.
    LetGo { title: String },
    /// The entry was read by a program that did not keep what else it knew.
    NotKept { title: String },
    /// The document of this entry is not what it was.
    Damaged { title: String },
    /// The rules of the time are not there, or this program cannot read them.
    Rules { why: String },
}

/// A document with what was known beside it, to be worked on.
struct Task {
    number: i64,
    document: Document,
    background: Background,
    rules: Arc<Rules>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(store: &'a Store, by: By<'a>) -> Self {
        Self {
            store,
            by,
            rules: BTreeMap::new(),
            found: BTreeMap::new(),
            asked: BTreeSet::new(),
            missing: BTreeSet::new(),
        }
    }

    /// The shelf of a stretch of time, as it was when the reading number `upto` was the last.
    pub(super) fn shelf(
        &mut self,
        from: Timestamp,
        to: Timestamp,
        upto: i64,
    ) -> anyhow::Result<Vec<Shelved>> {
        let readings = self.store.readings(from, to, upto)?;
        let desks = thread::available_parallelism().map_or(2, usize::from);
        let mut tasks = Vec::new();
        for reading in &readings {
            self.asked.insert(reading.number);
            if !self.found.contains_key(&reading.number)
                && let Some(task) = self.task(reading)?
            {
                tasks.push(task);
            }
            // no more documents in memory than there are processors
            if tasks.len() == desks {
                self.work(&tasks);
                tasks.clear();
            }
        }
        self.work(&tasks);
        let mut all = Vec::new();
        for reading in &readings {
            let candidates = self.found.get(&reading.number).map(Arc::clone);
            all.extend(shelved(reading, &candidates.unwrap_or_default()));
        }
        Ok(all)
    }

    /// What was missing since the last time this was asked.
    pub(super) fn take_missing(&mut self) -> BTreeSet<Missing> {
        std::mem::take(&mut self.missing)
    }

    /// Forgets what was found in readings that nobody has asked for since the last time.
    pub(super) fn forget_others(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        self.found.retain(|number, _| asked.contains(number));
    }

    /// What the rules are called by which everything is found, where it is found by the same.
    pub(super) fn rules_sha256(&self) -> Option<&str> {
        match &self.by {
            By::Kept => None,
            By::Others { rules, .. } => Some(rules.sha256()),
        }
    }

    fn task(&mut self, reading: &PastReading) -> anyhow::Result<Option<Task>> {
        let title = reading.title.clone();
        let document = match self.store.document(&reading.document_sha256) {
            Ok(Some(document)) => document,
            Ok(None) => return Ok(self.lacks(Missing::LetGo { title })),
            Err(StoreError::Damaged { .. }) => {
                return Ok(self.lacks(Missing::Damaged { title }));
            }
            Err(error) => return Err(error.into()),
        };
        let Some(mut background) = reading.background.clone() else {
            return Ok(self.lacks(Missing::NotKept { title }));
        };
        let rules = match &self.by {
            By::Others { rules, topics } => {
                if let Some(topics) = topics.get(reading.source.as_str()) {
                    background.topics = topics.to_vec();
                }
                Arc::clone(rules)
            }
            By::Kept => match self.rules_of(reading)? {
                Ok(rules) => rules,
                Err(missing) => return Ok(self.lacks(missing)),
            },
        };
        Ok(Some(Task {
            number: reading.number,
            document,
            background,
            rules,
        }))
    }

    fn lacks(&mut self, missing: Missing) -> Option<Task> {
        self.missing.insert(missing);
        None
    }

    /// The rules by which the candidates of a reading were found.
    fn rules_of(&mut self, reading: &PastReading) -> anyhow::Result<Result<Arc<Rules>, Missing>> {
        let Some(sha256) = &reading.rules_sha256 else {
            let title = reading.title.clone();
            return Ok(Err(Missing::NotKept { title }));
        };
        if let Some(rules) = self.rules.get(sha256) {
            return Ok(Ok(Arc::clone(rules)));
        }
        let rules = match self.store.rules_text(sha256)? {
            _ if sha256 == Rules::built_in().sha256() => Arc::clone(Rules::built_in()),
            Some(text) => match Rules::kept(&text) {
                Ok(rules) => Arc::new(rules),
                Err(error) => {
                    return Ok(Err(Missing::Rules {
                        why: format!("this program cannot read the rules of then: {error}"),
                    }));
                }
            },
            None => {
                return Ok(Err(Missing::Rules {
                    why: "the rules of then are not kept".to_owned(),
                }));
            }
        };
        self.rules.insert(sha256.clone(), Arc::clone(&rules));
        Ok(Ok(rules))
    }

    /// Works on documents, each on a processor of its own.
    fn work(&mut self, tasks: &[Task]) {
        let found: Vec<(i64, Vec<Candidate>)> = thread::scope(|scope| {
            let workers: Vec<_> = tasks
                .iter()
                .map(|task| {
                    let work = || {
                        let context = Context::from(&task.background);
                        find_insights(&task.document, &context, &task.rules)
                    };
                    (task.number, scope.spawn(work))
                })
                .collect();
            // where the stage breaks down there is no candidate, as on the day itself
            let done = workers
                .into_iter()
                .map(|(number, worker)| (number, worker.join().unwrap_or_default()));
            done.collect()
        });
        for (number, candidates) in found {
            self.found.insert(number, Arc::new(candidates));
        }
    }
}

/// The candidates of a reading as they stood on the shelf: in the order of the text.
fn shelved(reading: &PastReading, candidates: &[Candidate]) -> Vec<Shelved> {
    let mut candidates: Vec<&Candidate> = candidates.iter().collect();
    candidates.sort_by_key(|candidate| (candidate.from, candidate.to));
    candidates
        .into_iter()
        .map(|candidate| Shelved {
            source: reading.source.clone(),
            entry: reading.entry.clone(),
            entry_title: reading.title.clone(),
            entry_url: reading.link.clone(),
            enclosure_url: reading.enclosure.clone(),
            published: reading.published,
            document_sha256: reading.document_sha256.clone(),
            machine_heard: reading.machine_heard,
            candidate: candidate.clone(),
        })
        .collect()
}
