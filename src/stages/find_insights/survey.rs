//! All that a document could be quoted by, and which rules fire on it: what weights are fitted on.

use crate::model::Document;

use super::Context;
use super::headline::HeadlineWriter;
use super::passages::Weigher;
use super::passages::windows;
use super::reading::Reading;
use super::rules::Rules;
use super::voices::Voice;

/// The sentences of a document and the passages made of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Survey {
    /// First byte and the byte after the last of each sentence, in order.
    pub sentences: Vec<(usize, usize)>,
    /// Every passage that the stage weighs, in order.
    pub passages: Vec<Considered>,
}

/// A passage that the stage weighs.
#[derive(Debug, Clone, PartialEq)]
pub struct Considered {
    /// Number of its first sentence.
    pub first: usize,
    /// Number of its last sentence.
    pub last: usize,
    /// Whether it is said by the voice that leads the talk.
    pub by_host: bool,
    /// Numbers of the rules that fire on it and on its headline, in no order; a rule's number is its place in the file.
    pub fired: Vec<usize>,
}

/// Surveys a document as [`find_insights`](super::find_insights) does, before it chooses.
pub fn survey(document: &Document, context: &Context<'_>, rules: &Rules) -> Survey {
    let reading = Reading::new(document, context, rules);
    let weigher = Weigher::new(&reading);
    let writer = HeadlineWriter::new(&reading);
    let considered = |(first, last): (usize, usize)| {
        let mut fired = Vec::new();
        weigher.fire(first, last, |rule| fired.push(rule));
        if let Some(headline) = writer.write(first, last) {
            weigher.fire_on_headline(headline.strength, |rule| fired.push(rule));
        }
        Considered {
            first,
            last,
            by_host: reading.turns[reading.facts[first].turn].voice == Voice::Host,
            fired,
        }
    };
    Survey {
        sentences: reading
            .sentences
            .iter()
            .map(|sentence| (sentence.from, sentence.to))
            .collect(),
        passages: windows(&reading).map(considered).collect(),
    }
}
