//! One reading of a document: its sentences, and of each sentence all that the rules ask for.

use crate::model::BlockKind;
use crate::model::Document;

use super::Context;
use super::chapters::mark_chapters;
use super::chapters::read_chapters;
use super::names::names_among;
use super::phrases::Lead;
use super::refuse::refuse_sentences;
use super::rules::Measure;
use super::rules::Rules;
use super::rules::SUMS;
use super::rules::Search;
use super::rules::kind;
use super::sentences::Sentence;
use super::sentences::split_sentences;
use super::terms::mark_coinages;
use super::vocabulary::Counts;
use super::vocabulary::Vocabulary;
use super::voices::Voice;
use super::voices::tell_voices;
use crate::model::stems::StemMap;
use crate::model::stems::StemSet;
use crate::model::stems::stem;

/// Bytes of a short sentence: for so many sentences room is made at once, since what is known of all sentences of a long
/// document would be copied as it grows. Room that nobody enters costs nothing.
const SENTENCE_BYTES: usize = 48;

/// How many of a document's own words are its themes.
const THEMES: usize = 12;

/// A theme is said at least this often.
const THEME_COUNT_MIN: u32 = 5;

/// How many sentences at the end of a turn are its question, and at the head of the next its reply.
const NEIGHBOUR_SENTENCES: usize = 3;

/// In so many sentences after a turn the host takes up what was said, or does not.
const HOST_SENTENCES: usize = 12;

/// The share of a conversation (one part in so many) that may be a teaser.
const TEASER_PART: usize = 12;

/// A sentence this long (words) that comes twice is no chance.
const TEASER_WORDS_MIN: usize = 7;

/// What was read of a document.
pub(super) struct Reading<'a> {
    pub(super) document: &'a Document,
    pub(super) rules: &'a Rules,
    pub(super) sentences: Vec<Sentence>,
    pub(super) facts: Vec<Facts>,
    pub(super) turns: Vec<Turn>,
    bits: Vec<u64>,
    stride: usize,
}

/// What is known of one sentence.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts {
    /// Measures that add up over sentences.
    pub(super) sums: [u16; SUMS],
    /// Number of its turn or paragraph.
    pub(super) turn: usize,
    /// Words of the turn before it.
    pub(super) words_before: usize,
    /// Whether it can never be part of a passage.
    pub(super) refused: bool,
    /// Whether a passage can begin with it.
    pub(super) may_open: bool,
    /// Whether a passage can end with it.
    pub(super) may_close: bool,
    stems: (usize, usize),
}

/// A turn of the talk or a paragraph: a block, in sentences.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) first: usize,
    pub(super) end: usize,
    pub(super) voice: Voice,
    pub(super) words: usize,
    pub(super) quotable: bool,
    pub(super) prose: bool,
    pub(super) after_question: bool,
}

/// Reads one sentence after another.
struct Reader<'a> {
    vocabulary: Vocabulary<'a>,
    search: Search<'a>,
    /// Where in the sentence phrases may begin.
    leads: Vec<usize>,
    /// Stems of the words that carry meaning, of all sentences so far.
    stems: Vec<u64>,
}

impl Reader<'_> {
    /// Counts the words of a sentence by kind, and keeps the stems of those that carry meaning. Whether the signs of
    /// patterns stand in it.
    fn count(&mut self, sentence: Sentence, sums: &mut [u16; SUMS]) -> bool {
        let Sentence { from, to, .. } = sentence;
        let mut counts = Counts::default();
        let mut room = Counts::WORDS_MAX;
        let mut signs = false;
        let mut last = (from, Lead::NONE);
        self.leads.clear();
        self.vocabulary.read(from, to, |at, word| {
            if at == from {
                // there, a capital is no name
                counts.add(word.counts.without_name());
            } else {
                counts.add(word.counts);
            }
            room -= 1;
            if room == 0 {
                counts.empty_into(sums);
                room = Counts::WORDS_MAX;
            }
            if word.carries {
                self.stems.push(word.stem);
            }
            let (before, lead) = std::mem::replace(&mut last, (at, word.lead));
            if lead.holds_before(word.first()) {
                self.leads.push(before - from);
            }
            signs |= word.is_sign_before(to - at - word.len());
        });
        counts.empty_into(sums);
        if last.1.holds_at_the_end() {
            self.leads.push(last.0 - from);
        }
        signs
    }
}

impl<'a> Reading<'a> {
    /// Reads a document.
    pub(super) fn new(document: &'a Document, context: &Context<'_>, rules: &'a Rules) -> Self {
        let room = document.text().len() / SENTENCE_BYTES;
        let mut reading = Self {
            document,
            rules,
            sentences: Vec::with_capacity(room),
            facts: Vec::with_capacity(room),
            turns: Vec::with_capacity(document.blocks().len()),
            bits: Vec::with_capacity(room * rules.stride()),
            stride: rules.stride(),
        };
        let mut reader = Reader {
            vocabulary: Vocabulary::new(document.text(), rules),
            search: rules.finder.search(),
            leads: Vec::new(),
            stems: Vec::new(),
        };
        let voices = tell_voices(document, context.people);
        for (nth, block) in document.blocks().iter().enumerate() {
            let first = reading.sentences.len();
            split_sentences(
                document.text(),
                block.from,
                block.to,
                &mut reading.sentences,
            );
            let end = reading.sentences.len();
            reading.turns.push(Turn {
                first,
                end,
                voice: voices[nth],
                words: reading.sentences[first..end]
                    .iter()
                    .map(|sentence| sentence.words)
                    .sum(),
                quotable: !matches!(block.kind, BlockKind::Heading | BlockKind::Quotation),
                prose: block.kind != BlockKind::Utterance,
                after_question: false,
            });
            reading.read_turn(nth, block.kind, &mut reader);
        }
        reading.mark_questions();
        reading.gather_evidence(context, &reader.stems);
        refuse_sentences(&mut reading);
        reading
    }

    /// The words of one sentence.
    pub(super) fn text(&self, sentence: usize) -> &'a str {
        let Sentence { from, to, .. } = self.sentences[sentence];
        &self.document.text()[from..to]
    }

    /// What the rules found in one sentence: a bit a row.
    pub(super) fn bits(&self, sentence: usize) -> &[u64] {
        &self.bits[sentence * self.stride..][..self.stride]
    }

    /// Whether the row with this bit was found in the sentence.
    pub(super) fn has(&self, sentence: usize, bit: usize) -> bool {
        self.bits(sentence)[bit / 64] >> (bit % 64) & 1 == 1
    }

    /// Notes that the row with this bit holds of the sentence.
    pub(super) fn mark(&mut self, sentence: usize, bit: usize) {
        self.bits[sentence * self.stride + bit / 64] |= 1 << (bit % 64);
    }

    /// Takes that back.
    pub(super) fn unmark(&mut self, sentence: usize, bit: usize) {
        self.bits[sentence * self.stride + bit / 64] &= !(1 << (bit % 64));
    }

    /// Whether a row with one of these bits was found in the sentence.
    pub(super) fn has_any(&self, sentence: usize, bits: std::ops::Range<usize>) -> bool {
        let words = self.bits(sentence).iter().enumerate();
        let (first, last) = (bits.start / 64, bits.end / 64);
        words.skip(first).take(last + 1 - first).any(|(at, word)| {
            // of the word's bits, those from `start` up to `end`
            let from = u64::MAX << bits.start.saturating_sub(at * 64);
            let to = bits.end - at * 64;
            let before = if to < 64 { (1 << to) - 1 } else { u64::MAX };
            word & from & before != 0
        })
    }

    /// The sentences at the end of the turn before that one.
    pub(super) fn question(&self, turn: usize) -> std::ops::Range<usize> {
        let Some(before) = turn.checked_sub(1).map(|nth| self.turns[nth]) else {
            return 0..0;
        };
        before
            .end
            .saturating_sub(NEIGHBOUR_SENTENCES)
            .max(before.first)..before.end
    }

    /// The sentences at the head of the turn after that one.
    pub(super) fn reply(&self, turn: usize) -> std::ops::Range<usize> {
        let Some(after) = self.turns.get(turn + 1) else {
            return 0..0;
        };
        after.first..(after.first + NEIGHBOUR_SENTENCES).min(after.end)
    }

    /// Reads the sentences of one block.
    fn read_turn(&mut self, turn: usize, block: BlockKind, reader: &mut Reader<'_>) {
        let Turn { first, end, .. } = self.turns[turn];
        let stops = (first..end)
            .filter(|&nth| {
                self.text(nth)
                    .trim_end_matches(is_closing)
                    .ends_with(['.', '!', '?', '…'])
            })
            .count();
        let punctuated = stops > 0 || block == BlockKind::Paragraph;
        let cased = self.turn_is_cased(turn);
        let mut words_before = 0;
        for nth in first..end {
            let sentence = self.sentences[nth];
            let text = self.text(nth);
            let from = reader.stems.len();
            let mut sums = [0_u16; SUMS];
            let signs = reader.count(sentence, &mut sums);
            let bit_from = self.bits.len();
            self.bits.resize(bit_from + self.stride, 0);
            let bits = &mut self.bits[bit_from..];
            let first_topic = self.rules.topic_bit(0);
            let mut terms = 0_u16;
            let leads = reader.leads.iter().copied();
            reader.search.find_from(text, leads, signs, |bit| {
                if self.rules.is_of_chapters(bit) {
                    return;
                }
                bits[bit / 64] |= 1 << (bit % 64);
                terms = terms.saturating_add(u16::from(bit >= first_topic));
            });
            sums[Measure::Words as usize] = clamp(sentence.words);
            sums[Measure::Terms as usize] = terms;
            let ending = text.trim_end_matches(is_closing);
            let whole = ending.ends_with(['.', '!']) && !ending.ends_with("..");
            let loose = !punctuated || block == BlockKind::ListItem;
            let open_letter = text.chars().find(|c| c.is_alphanumeric());
            let mid_sentence = (sentence.opens_cut && punctuated)
                || (cased && open_letter.is_some_and(char::is_lowercase));
            self.facts.push(Facts {
                sums,
                turn,
                words_before,
                refused: false,
                may_open: !mid_sentence,
                may_close: whole || (loose && !ending.ends_with([',', ':', '-', '–', '—'])),
                stems: (from, reader.stems.len()),
            });
            words_before += sentence.words;
        }
    }

    /// Whether the turn is written with capitals at its sentences' heads.
    fn turn_is_cased(&self, turn: usize) -> bool {
        let Turn { first, end, .. } = self.turns[turn];
        (first..end)
            .filter_map(|nth| self.text(nth).chars().find(|c| c.is_alphanumeric()))
            .any(char::is_uppercase)
    }

    /// Marks turns that answer a question.
    fn mark_questions(&mut self) {
        for nth in 0..self.turns.len() {
            let other = |a: usize, b: usize| {
                let blocks = self.document.blocks();
                blocks[a].speaker != blocks[b].speaker || blocks[a].speaker.is_none()
            };
            let ask = |mut range: std::ops::Range<usize>| {
                range.any(|sentence| self.text(sentence).ends_with('?'))
            };
            let after = nth > 0 && other(nth - 1, nth) && ask(self.question(nth));
            self.turns[nth].after_question = after;
        }
    }

    /// Counts, for each sentence, what the text around it and the entry's own description say too.
    fn gather_evidence(&mut self, context: &Context<'_>, stems: &[u64]) {
        let mut title = self.stems_of(context.title);
        let mut notes = self.stems_of(context.notes);
        let mut chapters = read_chapters(context.chapters, self);
        let headings: StemSet = (0..self.sentences.len())
            .filter(|nth| self.stands_in_heading(*nth))
            .flat_map(|nth| self.stems_in(nth, stems))
            .copied()
            .collect();
        let titles = chapters.iter().flat_map(|chapter| &chapter.subject);
        let names = names_among(
            title
                .iter()
                .chain(&notes)
                .chain(&headings)
                .chain(titles)
                .copied(),
            self,
        );
        let is_no_name = |stem: &u64| !names.contains(stem);
        title.retain(is_no_name);
        notes.retain(is_no_name);
        for chapter in &mut chapters {
            chapter.subject.retain(is_no_name);
        }
        let announced = self.announced(stems);
        let themes = themes(stems);
        let nothing = StemSet::default();
        // one of each for all turns, emptied for the next
        let [mut heading, mut asked, mut echoed, mut taken_up] =
            [(); 4].map(|()| StemSet::default());
        for turn in 0..self.turns.len() {
            let Turn {
                first,
                end,
                quotable,
                ..
            } = self.turns[turn];
            let collect = |set: &mut StemSet, sentences: std::ops::Range<usize>| {
                set.clear();
                set.extend(sentences.flat_map(|nth| self.stems_in(nth, stems)));
            };
            if !quotable && self.document.blocks()[turn].kind == BlockKind::Heading {
                collect(&mut heading, first..end);
                heading.retain(is_no_name);
            }
            collect(&mut asked, self.question(turn));
            collect(&mut echoed, self.reply(turn));
            taken_up.clear();
            let after = end..self.sentences.len().min(end + HOST_SENTENCES);
            taken_up.extend(
                after
                    .filter(|nth| self.turns[self.facts[*nth].turn].voice == Voice::Host)
                    .flat_map(|nth| self.stems_in(nth, stems)),
            );
            for nth in first..end {
                let own = &stems[self.facts[nth].stems.0..self.facts[nth].stems.1];
                let shared = |with: &StemSet| {
                    if with.is_empty() {
                        0
                    } else {
                        clamp(own.iter().filter(|stem| with.contains(stem)).count())
                    }
                };
                let intro = announced
                    .as_ref()
                    .filter(|(until, _)| nth >= *until)
                    .map_or(&nothing, |(_, set)| set);
                let found = [
                    (Measure::TitleWords, shared(&title)),
                    (Measure::NotesWords, shared(&notes)),
                    (Measure::HeadingWords, shared(&heading)),
                    (Measure::AnnouncedWords, shared(intro)),
                    (Measure::ThemeWords, shared(&themes)),
                    (Measure::AskedWords, shared(&asked)),
                    (Measure::EchoedWords, shared(&echoed)),
                    (Measure::TakenUpWords, shared(&taken_up)),
                ];
                for (measure, count) in found {
                    self.facts[nth].sums[measure as usize] = count;
                }
            }
        }
        mark_chapters(self, &chapters, stems);
        mark_coinages(self, stems);
        self.mark_soundbites(context);
        self.mark_teaser();
        self.mark_pulled();
    }

    /// Marks the sentences that the show's editors cut a clip from.
    fn mark_soundbites(&mut self, context: &Context<'_>) {
        if context.soundbites.is_empty() {
            return;
        }
        for nth in 0..self.sentences.len() {
            let Some(seconds) = self.document.seconds_at(self.sentences[nth].from) else {
                continue;
            };
            let inside = context.soundbites.iter().any(|bite| {
                seconds >= bite.start_seconds - 1.0
                    && seconds <= bite.start_seconds + bite.duration_seconds
            });
            self.facts[nth].sums[Measure::Soundbite as usize] = u16::from(inside);
        }
    }

    /// Marks sentences that the opening of the talk quotes from it; what stands in the opening itself is refused.
    fn mark_teaser(&mut self) {
        let opening = self.sentences.len() / TEASER_PART;
        let mut teased: StemMap<Vec<usize>> = StemMap::default();
        let mut endings = StemSet::default();
        for nth in 0..self.sentences.len() {
            let speech = self.document.blocks()[self.facts[nth].turn].kind == BlockKind::Utterance;
            if !speech || self.sentences[nth].words < TEASER_WORDS_MIN {
                continue;
            }
            let text = self.text(nth);
            if nth < opening {
                teased.entry(letters(text)).or_default().push(nth);
                endings.insert(ending(text));
                continue;
            }
            // nearly every sentence ends in other letters than any of the opening
            if !endings.contains(&ending(text)) {
                continue;
            }
            if let Some(places) = teased.get(&letters(text)) {
                for &place in places {
                    self.facts[place].refused = true;
                }
                self.facts[nth].sums[Measure::Repeated as usize] = 1;
            }
        }
    }

    /// Marks the sentences of paragraphs that the page sets apart as a quotation, too.
    fn mark_pulled(&mut self) {
        let blocks = self.document.blocks();
        let keys = |of: BlockKind| -> Vec<(usize, u64)> {
            (0..self.sentences.len())
                .filter(|&nth| blocks[self.facts[nth].turn].kind == of)
                .filter(|&nth| self.sentences[nth].words >= TEASER_WORDS_MIN)
                .map(|nth| (nth, letters(self.text(nth))))
                .collect()
        };
        let quoted: StemSet = keys(BlockKind::Quotation)
            .into_iter()
            .map(|(_, key)| key)
            .collect();
        if quoted.is_empty() {
            return;
        }
        let pulled = keys(BlockKind::Paragraph)
            .into_iter()
            .filter(|(_, key)| quoted.contains(key))
            .map(|(nth, _)| nth);
        for nth in pulled {
            self.facts[nth].sums[Measure::Pulled as usize] = 1;
        }
    }

    /// What the host announces before the talk begins, and the sentence from which on it counts.
    fn announced(&self, stems: &[u64]) -> Option<(usize, StemSet)> {
        let begins = self
            .turns
            .iter()
            .position(|turn| turn.voice == Voice::Guest && turn.words > 40)?;
        let set: StemSet = self.turns[..begins]
            .iter()
            .filter(|turn| turn.voice == Voice::Host)
            .flat_map(|turn| turn.first..turn.end)
            .filter(|nth| !self.has_any(*nth, self.rules.refusal_bit(0)..self.rules.topic_bit(0)))
            .flat_map(|nth| self.stems_in(nth, stems))
            .copied()
            .collect();
        Some((self.turns[begins].first, set))
    }

    fn stands_in_heading(&self, sentence: usize) -> bool {
        self.document.blocks()[self.facts[sentence].turn].kind == BlockKind::Heading
    }

    /// The stems of one sentence that carry meaning.
    pub(super) fn stems_in<'b>(&self, sentence: usize, stems: &'b [u64]) -> &'b [u64] {
        let (from, to) = self.facts[sentence].stems;
        &stems[from..to]
    }

    /// What a title is about: the stems of a text from outside that carry meaning, without the words by which parts of a
    /// talk are called whatever their matter.
    pub(super) fn subject_of(&self, title: &str) -> StemSet {
        let mut subject = self.stems_of(title);
        subject.retain(|stem| self.rules.words.kinds(*stem) & kind::PART == 0);
        subject
    }

    /// The stems of a text from outside that carry meaning.
    fn stems_of(&self, text: &str) -> StemSet {
        text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
            .filter(|word| word.len() >= 3)
            .map(stem)
            .filter(|stem| self.rules.words.kinds(*stem) & kind::COMMON == 0)
            .collect()
    }
}

/// The words a document says most often, of those that carry meaning.
fn themes(stems: &[u64]) -> StemSet {
    let mut counts: StemMap<u32> = StemMap::default();
    for stem in stems {
        *counts.entry(*stem).or_insert(0) += 1;
    }
    let mut ranked: Vec<(u32, u64)> = counts
        .into_iter()
        .filter(|(_, count)| *count >= THEME_COUNT_MIN)
        .map(|(stem, count)| (count, stem))
        .collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked
        .into_iter()
        .take(THEMES)
        .map(|(_, stem)| stem)
        .collect()
}

/// A number for the letters and digits of a text, whatever its case and marks.
fn letters(text: &str) -> u64 {
    text.bytes()
        .filter(u8::is_ascii_alphanumeric)
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
        })
}

/// A number for the last eight of these letters and digits.
fn ending(text: &str) -> u64 {
    text.bytes()
        .rev()
        .filter(u8::is_ascii_alphanumeric)
        .take(size_of::<u64>())
        .fold(0, |number, byte| {
            number << 8 | u64::from(byte.to_ascii_lowercase())
        })
}

/// Marks that close a quotation or an aside after the full stop.
pub(super) fn is_closing(c: char) -> bool {
    matches!(c, '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '*' | '_')
}

fn clamp(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}
