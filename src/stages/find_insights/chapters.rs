//! Which chapter a sentence stands in, and what the title of that chapter says of it.

use crate::model::Chapter;

use super::reading::Reading;
use super::rules::Measure;
use crate::model::stems::StemSet;

/// A chapter that advertises lasts at most so many seconds; the marks behind a longer one are missing or wrong.
const READ_SECONDS_MAX: f64 = 300.0;

/// A chapter as the rules see it.
pub(super) struct ReadChapter {
    start_seconds: f64,
    /// What its title is about.
    pub(super) subject: StemSet,
    /// The refusals that its title calls for, as bits.
    refusals: Vec<usize>,
}

/// The chapters in the order of their times, with the stems of their titles and what is to be refused of them.
pub(super) fn read_chapters(chapters: &[Chapter], reading: &Reading<'_>) -> Vec<ReadChapter> {
    let rules = reading.rules;
    let mut search = rules.finder.search();
    let mut read: Vec<ReadChapter> = chapters
        .iter()
        .take(Chapter::COUNT_MAX)
        .map(|chapter| {
            let mut refusals = Vec::new();
            search.find(&chapter.title, |bit| {
                if rules.is_of_chapters(bit) {
                    refusals.push(bit);
                }
            });
            ReadChapter {
                start_seconds: chapter.start_seconds,
                subject: reading.subject_of(&chapter.title),
                refusals,
            }
        })
        .collect();
    read.sort_by(|a, b| a.start_seconds.total_cmp(&b.start_seconds));
    for nth in 0..read.len() {
        let begins = read[nth].start_seconds;
        let ends = read.get(nth + 1).map(|next| next.start_seconds);
        if ends.is_none_or(|ends| ends - begins > READ_SECONDS_MAX) {
            read[nth].refusals.clear();
        }
    }
    read
}

/// Counts the words that each sentence shares with the title of the chapter that it stands in; where nobody knows when it is
/// said, with the title that it shares most with. Marks what stands in a chapter of which nothing is to be quoted.
pub(super) fn mark_chapters(reading: &mut Reading<'_>, chapters: &[ReadChapter], stems: &[u64]) {
    for nth in 0..reading.sentences.len() {
        let own = reading.stems_in(nth, stems);
        let shared = |chapter: &ReadChapter| {
            own.iter()
                .filter(|stem| chapter.subject.contains(stem))
                .count()
        };
        let count = match reading.document.seconds_at(reading.sentences[nth].from) {
            Some(seconds) => {
                let begun = chapters.partition_point(|chapter| chapter.start_seconds <= seconds);
                let Some(chapter) = begun.checked_sub(1).map(|at| &chapters[at]) else {
                    continue;
                };
                for &bit in &chapter.refusals {
                    reading.mark(nth, bit);
                }
                shared(chapter)
            }
            None => chapters.iter().map(shared).max().unwrap_or_default(),
        };
        reading.facts[nth].sums[Measure::ChapterWords as usize] =
            u16::try_from(count).unwrap_or(u16::MAX);
    }
}
