//! The words of the field, read once: which of them mean the same, which do not count, and the points that people make.

use std::sync::LazyLock;

use serde::Deserialize;

use super::points::Point;
use crate::model::stems::StemMap;
use crate::model::stems::StemSet;
use crate::model::stems::stem;

/// The built-in lists.
pub(super) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    Vocabulary::read(include_str!("field.toml"), include_str!("points.toml"))
        .expect("the lists are part of the program, and a test reads them")
});

/// What is known of words.
#[derive(Debug)]
pub(super) struct Vocabulary {
    /// For each term, as a number for its stems in a row: its group.
    groups: StemMap<usize>,
    names: Vec<String>,
    often_groups: Vec<bool>,
    opposites: Vec<(usize, usize)>,
    unheard: StemSet,
    often: StemSet,
    negations: StemSet,
    doubts: StemSet,
    points: Vec<Point>,
    point_names: Vec<String>,
    /// For each part of a way of saying a point: the point.
    point_of_part: Vec<usize>,
    /// For each term of a point's way of saying it: the parts that it stands for.
    parts: StemMap<Vec<usize>>,
    /// What every term begins with, and the terms themselves.
    beginnings: StemSet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldFile {
    unheard: String,
    often: String,
    negations: String,
    doubts: Vec<String>,
    opposites: Vec<[String; 2]>,
    area: Vec<AreaRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AreaRow {
    #[expect(dead_code, reason = "a name for whoever reads the file")]
    name: String,
    groups: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PointsFile {
    point: Vec<PointRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PointRow {
    pub(super) name: String,
    pub(super) says: Vec<String>,
    #[serde(default)]
    pub(super) denies: Vec<String>,
}

impl Vocabulary {
    /// Reads the two lists; the error says which row is wrong.
    pub(super) fn read(field: &str, points: &str) -> Result<Self, String> {
        let file: FieldFile = toml::from_str(field).map_err(|error| error.to_string())?;
        let stems = |text: &str| text.split_whitespace().map(stem).collect::<StemSet>();
        let mut vocabulary = Self {
            groups: StemMap::default(),
            names: Vec::new(),
            often_groups: Vec::new(),
            opposites: Vec::new(),
            unheard: stems(&file.unheard),
            often: stems(&file.often),
            negations: stems(&file.negations),
            doubts: file.doubts.iter().map(|term| number(term)).collect(),
            points: Vec::new(),
            point_names: Vec::new(),
            point_of_part: Vec::new(),
            parts: StemMap::default(),
            beginnings: StemSet::default(),
        };
        file.doubts.iter().for_each(|term| vocabulary.begin(term));
        let terms = vocabulary.add_groups(&file)?;
        let group_named = |name: &str| {
            let found = vocabulary.names.iter().position(|known| known == name);
            found.ok_or_else(|| format!("no group is named {name:?}"))
        };
        let opposites: Result<Vec<_>, String> = file
            .opposites
            .iter()
            .map(|[one, other]| Ok((group_named(one)?, group_named(other)?)))
            .collect();
        vocabulary.opposites = opposites?;
        let file: PointsFile = toml::from_str(points).map_err(|error| error.to_string())?;
        for row in &file.point {
            let names = vocabulary.names.clone();
            let terms_of = |name: &str| {
                let nth = names.iter().position(|known| known == name)?;
                Some(terms[nth].clone())
            };
            let from = vocabulary.points.last().map_or(0, Point::parts_end);
            let mut add = |part, term: &str| {
                for form in forms_of(term) {
                    vocabulary.begin(&form);
                    let parts = vocabulary.parts.entry(number(&form)).or_default();
                    if !parts.contains(&part) {
                        parts.push(part);
                    }
                }
            };
            let point = Point::read(row, &terms_of, &mut add, from)?;
            let nth = vocabulary.points.len();
            vocabulary.point_of_part.resize(point.parts_end(), nth);
            vocabulary.points.push(point);
            vocabulary.point_names.push(row.name.clone());
        }
        Ok(vocabulary)
    }

    /// The terms of each group.
    fn add_groups(&mut self, file: &FieldFile) -> Result<Vec<Vec<String>>, String> {
        let mut terms = Vec::new();
        for row in &file.area {
            for group in &row.groups {
                let group: Vec<String> = group
                    .split(',')
                    .map(|term| term.trim().to_owned())
                    .collect();
                let nth = terms.len();
                for term in &group {
                    let known = self.groups.insert(number(term), nth);
                    if let Some(known) = known.filter(|known| *known != nth) {
                        let name: &String = &self.names[known];
                        return Err(format!("{term:?} stands in the group {name:?}, too"));
                    }
                }
                self.names.push(group[0].clone());
                self.often_groups
                    .push(group.iter().any(|term| self.often.contains(&stem(term))));
                terms.push(group);
            }
        }
        // what somebody listed goes before what an ending makes of another word
        for (nth, group) in terms.iter().enumerate() {
            for form in group.iter().flat_map(|term| forms_of(term)) {
                self.begin(&form);
                self.groups.entry(number(&form)).or_insert(nth);
            }
        }
        Ok(terms)
    }

    /// Notes what a term begins with.
    fn begin(&mut self, term: &str) {
        let stems: Vec<u64> = words(term).iter().map(|word| stem(word)).collect();
        let beginnings = Numbers::new(&stems);
        self.beginnings.extend(beginnings.map(|(_, number)| number));
    }

    /// The runs of words with which `stems` begins that may be terms: the words of each, and its number.
    pub(super) fn terms_at(&self, stems: &[u64]) -> impl Iterator<Item = (usize, u64)> {
        Numbers::new(stems).take_while(|(_, number)| self.beginnings.contains(number))
    }

    /// The group of a term, and what it is called.
    pub(super) fn group(&self, number: u64) -> Option<(usize, &str)> {
        let group = *self.groups.get(&number)?;
        Some((group, &self.names[group]))
    }

    /// The parts of points' ways that a term stands for.
    pub(super) fn parts(&self, number: u64) -> &[usize] {
        self.parts.get(&number).map_or(&[], Vec::as_slice)
    }

    /// A point, by its number.
    pub(super) fn point(&self, number: usize) -> &Point {
        &self.points[number]
    }

    /// The number of the point that a part belongs to.
    pub(super) fn point_of_part(&self, part: usize) -> usize {
        self.point_of_part[part]
    }

    /// What a point is called.
    pub(super) fn name_of(&self, point: usize) -> &str {
        &self.point_names[point]
    }

    /// Whether a word never counts.
    pub(super) fn is_unheard(&self, stem: u64) -> bool {
        self.unheard.contains(&stem)
    }

    /// Whether a word denies what follows it.
    pub(super) fn is_negation(&self, stem: u64) -> bool {
        self.negations.contains(&stem)
    }

    /// Whether a term keeps its distance from what is said.
    pub(super) fn is_doubt(&self, number: u64) -> bool {
        self.doubts.contains(&number)
    }

    /// Whether two groups are opposites.
    pub(super) fn are_opposite(&self, one: usize, other: usize) -> bool {
        let pairs = self.opposites.iter();
        pairs
            .copied()
            .any(|pair| pair == (one, other) || pair == (other, one))
    }

    /// Whether a concept is a term of the field that is not said everywhere.
    pub(super) fn is_telling(&self, concept: Concept) -> bool {
        matches!(concept, Concept::Group(group) if !self.often_groups[group])
    }

    /// The share of passages that say a concept, as far as nobody has counted.
    pub(super) fn expected_share(&self, concept: Concept) -> f64 {
        const OFTEN: f64 = 0.06;
        const OF_THE_FIELD: f64 = 0.012; // a group of a handful of words
        const SELDOM: f64 = 0.004;
        match concept {
            Concept::Group(group) if self.often_groups[group] => OFTEN,
            Concept::Group(_) => OF_THE_FIELD,
            Concept::Word(stem) if self.often.contains(&stem) => OFTEN,
            Concept::Word(_) => SELDOM,
        }
    }
}

/// What a word means, as far as we know it: what the words of its group mean, or itself alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Concept {
    /// A group of the list.
    Group(usize),
    /// A word that is in none, by its stem.
    Word(u64),
}

/// The words of a text in lower case, hyphens between them taken as spaces.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for piece in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '’' | '%')) {
        let percent = piece.ends_with('%');
        let word = piece.trim_matches(|c: char| !c.is_alphanumeric());
        if !word.is_empty() {
            words.push(word.replace('’', "'").to_lowercase());
        }
        if percent {
            words.push("percent".to_owned());
        }
    }
    words
}

/// The numbers of a run of stems, of one word, of two, and so on (FNV-1a).
struct Numbers<'a> {
    stems: &'a [u64],
    length: usize,
    number: u64,
}

impl<'a> Numbers<'a> {
    fn new(stems: &'a [u64]) -> Self {
        Self {
            stems,
            length: 0,
            number: 0xcbf2_9ce4_8422_2325,
        }
    }
}

impl Iterator for Numbers<'_> {
    type Item = (usize, u64);

    fn next(&mut self) -> Option<(usize, u64)> {
        let stem = self.stems.get(self.length)?;
        self.length += 1;
        let mixed = (self.number ^ stem).wrapping_mul(0x0100_0000_01b3);
        self.number = mixed.rotate_left(23);
        Some((self.length, self.number))
    }
}

fn number(term: &str) -> u64 {
    let stems: Vec<u64> = words(term).iter().map(|word| stem(word)).collect();
    Numbers::new(&stems).last().map_or(0, |(_, number)| number)
}

/// A term with the endings that the stemmer leaves on short words: on its first word or on its last.
fn forms_of(term: &str) -> Vec<String> {
    let words = words(term);
    let mut forms = vec![words.join(" ")];
    for nth in [0, words.len().saturating_sub(1)] {
        let Some(word) = words.get(nth) else {
            continue;
        };
        for form in endings(word) {
            let mut words = words.clone();
            words[nth] = form;
            forms.push(words.join(" "));
        }
    }
    forms
}

fn endings(word: &str) -> Vec<String> {
    if word.len() < 3 {
        return Vec::new();
    }
    let mut forms: Vec<String> = ["s", "es", "ed", "d", "ing"]
        .iter()
        .map(|ending| format!("{word}{ending}"))
        .collect();
    if let Some(trunk) = word.strip_suffix('e') {
        forms.push(format!("{trunk}ing"));
    }
    if let Some(trunk) = word.strip_suffix('y') {
        forms.extend([format!("{trunk}ies"), format!("{trunk}ied")]);
    }
    let last = word
        .chars()
        .last()
        .filter(|last| "bdgklmnprt".contains(*last));
    if let Some(last) = last {
        forms.extend([format!("{word}{last}ing"), format!("{word}{last}ed")]);
    }
    forms
}
