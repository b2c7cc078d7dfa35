//! What an extractor chose in, the same stretches as the page itself has them out.

use std::collections::HashMap;
use std::hash::DefaultHasher;
use std::hash::Hash as _;
use std::hash::Hasher as _;

use crate::model::BlockKind;

use crate::stages::extract_text::pieces::Piece;

/// Words that are looked up together: three say where they stand.
const TOGETHER: usize = 3;
/// Percentage of the chosen words that must be found again for the page to be believed: an extractor can also take the
/// text out of a page's data.
const FOUND_PERCENT_MIN: usize = 80;
/// Most words on the page, in per cent of the chosen ones: more would be another choice.
const WORDS_PERCENT_MAX: usize = 150;
/// Pieces between two neighbours in which a scrap is looked for.
const SCRAP_PIECES_MAX: usize = 20;
/// Words of a scrap: what stands in one inline element.
const SCRAP_WORDS_MAX: usize = 12;
/// Words of a piece that a scrap can be left of.
const SCRAP_PIECE_WORDS_MIN: usize = 8;

/// The pieces of `page` (all of its pieces, in order) of which `chosen` are made. Extractors lose the words of elements that
/// they do not know, set spaces where there are none, and leave a single word of a paragraph; what is quoted must stand as
/// it was written. Where too little of the choice is on the page as it was chosen, it stays as it is.
pub(super) fn as_on_the_page(chosen: Vec<Piece>, page: &[Piece]) -> Vec<Piece> {
    let choice = Choice::of(&chosen);
    let mut candidates = Vec::new();
    for (nth, piece) in page.iter().enumerate() {
        candidates.extend(choice.candidate(nth, &words_of(&piece.text)));
    }
    let mut kept = in_order(&candidates, choice.words.len());
    let found: usize = kept.iter().map(|kept| kept.covered).sum();
    let words: usize = kept.iter().map(|kept| kept.words).sum();
    let all = choice.words.len();
    if found * 100 < all * FOUND_PERCENT_MIN || words * 100 > all * WORDS_PERCENT_MAX {
        return chosen;
    }
    choice.add_scraps(page, &mut kept);
    kept.iter().map(|kept| piece_of(&page[kept.nth])).collect()
}

/// The piece as it stands. A list of links that an extractor chose is one that the author made.
fn piece_of(piece: &Piece) -> Piece {
    let linked = match piece.kind {
        BlockKind::ListItem => 0,
        _ => piece.linked,
    };
    Piece {
        linked,
        ..piece.clone()
    }
}

/// A piece of the page that may be one of those chosen.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// Which of the page's pieces it is.
    nth: usize,
    /// Where its first words stand among the chosen ones.
    at: usize,
    /// Its words, and how many of them are among the chosen ones.
    words: usize,
    covered: usize,
}

/// What was chosen, as words.
struct Choice {
    words: Vec<u64>,
    /// Where each piece of it begins and ends.
    pieces: Vec<(usize, usize)>,
    /// Where words that stand together are first, and whether they are there again.
    places: HashMap<u64, (usize, bool)>,
    /// Where pieces that are too short for that stand first.
    short: HashMap<Vec<u64>, usize>,
}

impl Choice {
    fn of(chosen: &[Piece]) -> Self {
        let mut choice = Self {
            words: Vec::new(),
            pieces: Vec::new(),
            places: HashMap::new(),
            short: HashMap::new(),
        };
        for piece in chosen {
            let words = words_of(&piece.text);
            let from = choice.words.len();
            if words.len() < TOGETHER {
                choice.short.entry(words.clone()).or_insert(from);
            }
            for (nth, together) in words.windows(TOGETHER).enumerate() {
                choice
                    .places
                    .entry(hash_of(together))
                    .and_modify(|(_, again)| *again = true)
                    .or_insert((from + nth, false));
            }
            choice.words.extend(words);
            choice.pieces.push((from, choice.words.len()));
        }
        choice
    }

    /// The piece with these words, where at least half of them were chosen.
    fn candidate(&self, nth: usize, words: &[u64]) -> Option<Candidate> {
        if words.is_empty() {
            return None;
        }
        if words.len() < TOGETHER {
            let at = *self.short.get(words)?;
            return Some(Candidate {
                nth,
                at,
                words: words.len(),
                covered: words.len(),
            });
        }
        let (mut covered, mut upto) = (0, 0);
        let (mut first, mut first_alone) = (None, None);
        for (from, together) in words.windows(TOGETHER).enumerate() {
            let Some(&(at, again)) = self.places.get(&hash_of(together)) else {
                continue;
            };
            covered += (from + TOGETHER) - upto.max(from);
            upto = from + TOGETHER;
            let begins = at.saturating_sub(from);
            first.get_or_insert(begins);
            if !again {
                first_alone.get_or_insert(begins);
            }
        }
        let at = first_alone.or(first)?;
        (covered * 2 >= words.len()).then_some(Candidate {
            nth,
            at,
            words: words.len(),
            covered,
        })
    }

    /// Adds the paragraphs of which only a scrap was chosen.
    fn add_scraps(&self, page: &[Piece], kept: &mut Vec<Candidate>) {
        let mut added = Vec::new();
        for &(from, to) in &self.pieces {
            let next = kept.partition_point(|kept| kept.at <= from);
            let before = next.checked_sub(1).map(|before| kept[before]);
            let taken = before.is_some_and(|before| from < before.at + before.covered);
            let (Some(before), Some(after)) = (before, kept.get(next)) else {
                continue;
            };
            if taken || from == to || to - from > SCRAP_WORDS_MAX {
                continue;
            }
            let between = (before.nth + 1..after.nth).take(SCRAP_PIECES_MAX);
            let scrap = &self.words[from..to];
            added.extend(between.filter(|&nth| is_left_of(scrap, &page[nth])).take(1));
        }
        for nth in added {
            let place = kept.partition_point(|kept| kept.nth < nth);
            if kept.get(place).is_none_or(|kept| kept.nth != nth) {
                let at = place.checked_sub(1).map_or(0, |before| kept[before].at);
                kept.insert(
                    place,
                    Candidate {
                        nth,
                        at,
                        words: 0,
                        covered: 0,
                    },
                );
            }
        }
    }
}

/// Whether these words are a scrap of a paragraph.
fn is_left_of(scrap: &[u64], piece: &Piece) -> bool {
    let letters = piece
        .text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count();
    let words = words_of(&piece.text);
    words.len() >= SCRAP_PIECE_WORDS_MIN
        && piece.linked * 2 < letters
        && words.windows(scrap.len()).any(|part| part == scrap)
}

/// Of the candidates, which stand in the page's order, those that stand in the order of the choice too, so that they cover
/// the most words: a copy of a paragraph elsewhere on the page is not taken twice.
fn in_order(candidates: &[Candidate], words: usize) -> Vec<Candidate> {
    // best[..] is a Fenwick tree over places: the most words covered by a row that ends there, and its last candidate
    let mut best: Vec<(usize, Option<usize>)> = vec![(0, None); words + 2];
    let mut before: Vec<Option<usize>> = Vec::with_capacity(candidates.len());
    let mut last: (usize, Option<usize>) = (0, None);
    for (nth, candidate) in candidates.iter().enumerate() {
        let (mut sum, mut from) = (0, None);
        let mut place = candidate.at.min(words);
        while place > 0 {
            if best[place].0 > sum {
                (sum, from) = best[place];
            }
            place &= place - 1;
        }
        sum += candidate.covered;
        before.push(from);
        let mut place = candidate.at.min(words) + 1;
        while place < best.len() {
            if sum > best[place].0 {
                best[place] = (sum, Some(nth));
            }
            place += place & place.wrapping_neg();
        }
        if sum > last.0 {
            last = (sum, Some(nth));
        }
    }
    let mut kept = Vec::new();
    let mut at = last.1;
    while let Some(nth) = at {
        kept.push(candidates[nth]);
        at = before[nth];
    }
    kept.reverse();
    kept
}

/// The words of a text without the signs between them, which extractors space as they like.
fn words_of(text: &str) -> Vec<u64> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut hasher = DefaultHasher::new();
            word.hash(&mut hasher);
            hasher.finish()
        })
        .collect()
}

fn hash_of(words: &[u64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}
