//! What can be read: a text whose every byte range names the same words for ever.

use serde::Deserialize;
use serde::Serialize;

use crate::model::sha256_hex;

/// The readable text of an entry. Blocks are ranges of one text in which each run of white space is one space, or a
/// blank line between two blocks, so that a span of bytes names the same words for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    origin: TextOrigin,
    text: String,
    blocks: Vec<Block>,
    marks: Vec<TimeMark>,
}

impl Document {
    /// An empty document, to be written block by block.
    pub fn new(origin: TextOrigin) -> Self {
        Self {
            origin,
            text: String::new(),
            blocks: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Makes room for so many more bytes and time marks at once: a text of many megabytes would be copied as it grows.
    pub(crate) fn reserve(&mut self, bytes: usize, marks: usize) {
        self.text.reserve(bytes);
        self.marks.reserve(marks);
    }

    /// Appends a block; white space is folded, and a text that is empty then is left out.
    pub fn push(&mut self, kind: BlockKind, speaker: Option<&str>, text: &str) {
        if text.split_whitespace().next().is_none() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let from = self.text.len();
        self.push_words(text);
        let to = self.text.len();
        self.blocks.push(Block {
            kind,
            speaker: speaker.map(str::to_owned),
            from,
            to,
        });
    }

    /// Appends what `speaker` says from `start_seconds` on: to the open utterance when the same person goes on, else as a
    /// new one. Words that do not follow a mark keep the time of the mark before them.
    pub fn push_speech(&mut self, speaker: Option<&str>, start_seconds: Option<f64>, text: &str) {
        if text.split_whitespace().next().is_none() {
            return;
        }
        let goes_on = self.blocks.last().is_some_and(|last| {
            last.kind == BlockKind::Utterance && last.speaker.as_deref() == speaker
        });
        if !goes_on {
            self.push_turn(speaker, start_seconds, text);
            return;
        }
        let at_byte = self.text.len() + 1;
        self.text.push(' ');
        self.push_words(text);
        let to = self.text.len();
        if let Some(last) = self.blocks.last_mut() {
            last.to = to;
        }
        self.mark(at_byte, start_seconds);
    }

    /// Appends the words of a text, with single spaces between them.
    fn push_words(&mut self, text: &str) {
        let text = text.trim();
        if is_single_spaced(text) {
            self.text.push_str(text);
            return;
        }
        for (nth, word) in text.split_whitespace().enumerate() {
            if nth > 0 {
                self.text.push(' ');
            }
            self.text.push_str(word);
        }
    }

    /// Appends what `speaker` says from `start_seconds` on as a new utterance, also when the last one is of the same
    /// speaker: a pause, or a change between two people whom nobody names.
    pub fn push_turn(&mut self, speaker: Option<&str>, start_seconds: Option<f64>, text: &str) {
        if text.split_whitespace().next().is_none() {
            return;
        }
        self.push(BlockKind::Utterance, speaker, text);
        let at_byte = self.blocks.last().map_or(0, |block| block.from);
        self.mark(at_byte, start_seconds);
    }

    fn mark(&mut self, at_byte: usize, start_seconds: Option<f64>) {
        if let Some(start_seconds) = start_seconds {
            self.marks.push(TimeMark {
                at_byte,
                start_seconds,
            });
        }
    }

    /// Where the text came from.
    pub fn origin(&self) -> TextOrigin {
        self.origin
    }

    /// All of the text; blocks and spans are byte ranges of it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The blocks in order; they do not overlap.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The words of one block.
    pub fn text_of(&self, block: &Block) -> &str {
        &self.text[block.from..block.to]
    }

    /// Seconds from the start of the audio at which the words at `byte` are said: the last mark at or before them that
    /// stands in the same block, else none.
    pub fn seconds_at(&self, byte: usize) -> Option<f64> {
        let upto = self.marks.partition_point(|mark| mark.at_byte <= byte);
        let mark = self.marks[..upto].last()?;
        let block = self.blocks.partition_point(|block| block.to <= byte);
        (mark.at_byte >= self.blocks.get(block)?.from).then_some(mark.start_seconds)
    }

    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// SHA-256 of the text in hexadecimal: what a receipt names the document by.
    pub fn sha256(&self) -> String {
        sha256_hex(self.text.as_bytes())
    }
}

/// Where the text of a document came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextOrigin {
    /// A transcript that the feed links.
    Transcript,
    /// A transcript on the episode's page.
    TranscriptPage,
    /// What a program of the operator's heard in the audio.
    Transcribed,
    /// The takeaways in the show notes.
    Notes,
    /// Full content carried by the feed.
    FeedContent,
    /// The linked page.
    ArticlePage,
    /// A file that someone handed over.
    File,
}

/// One stretch of a document: a turn of a conversation, or a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
    /// First byte in the document's text.
    pub from: usize,
    /// The byte after the last.
    pub to: usize,
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// A turn of one speaker.
    Utterance,
    /// A paragraph of prose.
    Paragraph,
    /// A heading: evidence, never quoted.
    Heading,
    /// An item of a list.
    ListItem,
    /// Somebody else's words set apart: evidence, never quoted.
    Quotation,
}

/// From this byte on, the words are said at this time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TimeMark {
    /// Byte in the document's text.
    pub at_byte: usize,
    /// Seconds from the start of the audio (WebVTT §4.1).
    pub start_seconds: f64,
}

/// Whether a text is plain ASCII with single spaces for white space, as nearly every caption is: then there is nothing to
/// mend in it.
pub(crate) fn is_single_spaced(text: &str) -> bool {
    let bytes = text.as_bytes();
    // without a branch a byte, so that many bytes are looked at together
    let odd = bytes
        .iter()
        .fold(0, |odd, byte| odd | u8::from(!(b' '..=b'~').contains(byte)));
    let pairs = bytes.iter().zip(bytes.iter().skip(1));
    let doubled = pairs.fold(0, |doubled, (&this, &next)| {
        doubled | (u8::from(this == b' ') & u8::from(next == b' '))
    });
    odd | doubled == 0
}
