//! What people say to each other, with the time at which each word falls.

use crate::demo::world::script::ScriptError;

/// Seconds that a spoken word takes: about 155 words a minute, as in most interviews.
const WORD_SECONDS: f64 = 0.385;

/// Seconds of silence between two people.
const PAUSE_SECONDS: f64 = 0.6;

/// Most words of a cue: two lines of captions.
const CUE_WORDS_MAX: usize = 15;

/// Words from which on the end of a sentence also ends the cue.
const CUE_WORDS_ENOUGH: usize = 9;

/// A recorded conversation.
pub(super) struct Conversation {
    turns: Vec<Turn>,
    chapters: Vec<Chapter>,
}

/// What one person says before another does.
pub(super) struct Turn {
    /// Who speaks.
    pub(super) speaker: String,
    /// The words, with single spaces.
    pub(super) text: String,
    /// Seconds from the start of the audio.
    pub(super) start_seconds: f64,
}

/// A few words of a turn, as captions show them.
pub(super) struct Cue<'a> {
    /// Who speaks.
    pub(super) speaker: &'a str,
    /// Whether the turn begins here.
    pub(super) opens_turn: bool,
    /// The words.
    pub(super) text: String,
    /// Seconds from the start of the audio.
    pub(super) start_seconds: f64,
    /// Seconds from the start of the audio.
    pub(super) end_seconds: f64,
}

/// Where a part of the episode begins.
pub(super) struct Chapter {
    /// Its title.
    pub(super) title: String,
    /// Seconds from the start of the audio.
    pub(super) start_seconds: f64,
}

impl Conversation {
    /// Reads turns of the shape `Name: words`, with blank lines between them; a line `# Title` begins a chapter.
    pub(super) fn read(slug: &str, text: &str) -> Result<Self, ScriptError> {
        let mut turns: Vec<Turn> = Vec::new();
        let mut chapters = Vec::new();
        let mut now = 0.0;
        for block in text.split("\n\n").map(str::trim) {
            if block.is_empty() {
                continue;
            }
            if let Some(title) = block.strip_prefix("# ") {
                chapters.push(Chapter {
                    title: title.to_owned(),
                    start_seconds: now,
                });
                continue;
            }
            let Some((speaker, words)) = block.split_once(": ") else {
                return Err(ScriptError::NobodySpeaks {
                    slug: slug.to_owned(),
                    opening: block.chars().take(40).collect(),
                });
            };
            let turn = Turn {
                speaker: speaker.to_owned(),
                text: words.split_whitespace().collect::<Vec<_>>().join(" "),
                start_seconds: now,
            };
            now = turn.end_seconds() + PAUSE_SECONDS;
            turns.push(turn);
        }
        Ok(Self { turns, chapters })
    }

    /// The turns in order.
    pub(super) fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// The chapters in order; most conversations have none.
    pub(super) fn chapters(&self) -> &[Chapter] {
        &self.chapters
    }

    /// The same words in cues of at most [`CUE_WORDS_MAX`] words.
    pub(super) fn cues(&self) -> Vec<Cue<'_>> {
        self.turns.iter().flat_map(Turn::cues).collect()
    }

    /// Length of the audio in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.turns.last().map_or(0.0, Turn::end_seconds)
    }

    /// Start and length, in seconds, of the clip that begins with `opening` and ends with the turn.
    pub(super) fn clip(&self, opening: &str) -> Option<(f64, f64)> {
        self.turns.iter().find_map(|turn| {
            let at = turn.text.find(opening)?;
            let start = turn.seconds_after(turn.text[..at].split(' ').count() - 1);
            Some((start, turn.end_seconds() - start))
        })
    }
}

impl Turn {
    fn cues(&self) -> Vec<Cue<'_>> {
        let words: Vec<&str> = self.text.split(' ').collect();
        let mut cues = Vec::new();
        let mut from = 0;
        while from < words.len() {
            let to = from + cue_length(&words[from..]);
            cues.push(Cue {
                speaker: &self.speaker,
                opens_turn: from == 0,
                text: words[from..to].join(" "),
                start_seconds: self.seconds_after(from),
                end_seconds: self.seconds_after(to),
            });
            from = to;
        }
        cues
    }

    fn end_seconds(&self) -> f64 {
        self.seconds_after(self.text.split(' ').count())
    }

    fn seconds_after(&self, words: usize) -> f64 {
        let words = u32::try_from(words).unwrap_or(u32::MAX);
        self.start_seconds + f64::from(words) * WORD_SECONDS
    }
}

/// How many of the words make the next cue: up to the end of a sentence where that comes in time.
fn cue_length(words: &[&str]) -> usize {
    let most = words.len().min(CUE_WORDS_MAX);
    (CUE_WORDS_ENOUGH..=most)
        .find(|length| words[length - 1].ends_with(['.', '?', '!']))
        .unwrap_or(most)
}
