//! Bytes of a page, a transcript or a piece of a feed in, a document out.

use url::Url;

use crate::model::Document;
use crate::model::TextOrigin;

use crate::stages::extract_text::pieces::Piece;
use crate::stages::extract_text::turns::Line;
use crate::stages::extract_text::turns::Turns;

mod article;
mod captions;
mod clock;
mod declared;
mod decoding;
mod furniture;
mod kinds;
mod markdown;
mod names;
mod notes;
mod page;
mod pieces;
mod plain;
mod podcast_json;
mod speech;
mod teaser;
mod transcript_page;
mod turns;
mod verbatim;
mod walls;

pub use declared::canonical_link;
pub use kinds::guess_kind;
pub use kinds::transcripts_by_preference;
pub use teaser::is_teaser;

/// Most bytes of a transcript: ten hours told word by word in JSON are about 9 MiB.
pub const TRANSCRIPT_BYTES_MAX: usize = 16 << 20;
/// Most bytes of a page, an article or notes: a long essay is under 1 MiB, scripts included.
pub const PAGE_BYTES_MAX: usize = 4 << 20;
/// Most cues of a transcript: ten hours told word by word are about 100,000.
pub const CUES_MAX: usize = 400_000;
/// Most blocks of a document: ten hours of quick talk are under 10,000 turns.
pub const BLOCKS_MAX: usize = 50_000;
/// Most elements, texts and comments of a page: ten hours of transcript with an element for each word have about 300,000.
pub const PAGE_NODES_MAX: usize = 400_000;
/// Most of them where the article must be found on its page, which takes far longer than reading it: the largest articles
/// seen have about 20,000.
pub const ARTICLE_NODES_MAX: usize = 50_000;
/// How deep a page may be nested: browsers stop at 512, articles stay under 60, and the extractors recurse.
pub const PAGE_DEPTH_MAX: usize = 200;

/// Reads the document out of `material`. Transcripts become utterances, everything else headings, paragraphs, list items
/// and quotations in the order of the page, without the publisher's furniture.
pub fn extract_text(material: &Material<'_>) -> Result<Document, NoText> {
    let bytes_max = match material.kind {
        TextKind::Vtt
        | TextKind::Srt
        | TextKind::PodcastJson
        | TextKind::TranscriptPage
        | TextKind::Plain => TRANSCRIPT_BYTES_MAX,
        TextKind::ArticlePage | TextKind::FeedContent | TextKind::Notes | TextKind::Markdown => {
            PAGE_BYTES_MAX
        }
    };
    within(material.bytes.len(), bytes_max, "bytes")?;
    let text = decoding::decode(material.bytes, material.content_type);
    let origin = material.origin;
    let document = match material.kind {
        TextKind::Vtt | TextKind::Srt => speech::document(origin, captions::cues(&text)?),
        TextKind::PodcastJson => speech::document(origin, podcast_json::cues(&text)?),
        TextKind::TranscriptPage => transcript_page::document(origin, &text, material.selector)?,
        TextKind::ArticlePage => pieces::document(origin, article::pieces(&text, material)?),
        TextKind::FeedContent => {
            let article = teaser::article(pieces::of_fragment(&text)?);
            pieces::document(origin, article.ok_or(NoText::OnlyATeaser)?)
        }
        TextKind::Notes => pieces::document(origin, notes::takeaways(&text)?),
        TextKind::Markdown => {
            let pieces = markdown::pieces(&text)?;
            let turns = turns::read(pieces.iter().flat_map(Line::of_piece));
            prose_or_turns(origin, pieces, turns)?
        }
        TextKind::Plain => prose_or_turns(
            origin,
            plain::pieces(&text),
            turns::read(text.lines().map(Line::of)),
        )?,
    };
    within(document.blocks().len(), BLOCKS_MAX, "blocks")?;
    if document.is_empty() {
        return Err(NoText::NothingReadable);
    }
    Ok(document)
}

/// What is to be read, and what is known about it.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// What it is.
    pub kind: TextKind,
    /// The bytes as they came.
    pub bytes: &'a [u8],
    /// `Content-Type` as the server said it; its `charset` is believed where the bytes do not say better.
    pub content_type: Option<&'a str>,
    /// Where it stands.
    pub url: Option<&'a Url>,
    /// CSS selector of the text on the page, where the operator gave one.
    pub selector: Option<&'a str>,
    /// What the document will say about where its text came from.
    pub origin: TextOrigin,
    /// What of an article's page is wanted.
    pub wanted: PageText,
}

/// What of an article's page is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageText {
    /// An article that may be quoted: the words before a wall, and those of an error, are none.
    AnArticle,
    /// Whatever the page shows, for somebody who asks what is read of this very page.
    AllThatIsShown,
}

impl<'a> Material<'a> {
    /// Bytes of which nothing else is known, as those of a file are.
    pub fn of_file(kind: TextKind, bytes: &'a [u8]) -> Self {
        Self {
            kind,
            bytes,
            content_type: None,
            url: None,
            selector: None,
            origin: TextOrigin::File,
            wanted: PageText::AnArticle,
        }
    }
}

/// What the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TextKind {
    /// WebVTT captions.
    Vtt,
    /// SubRip captions.
    Srt,
    /// A PodcastIndex transcript: `{"segments": [{"speaker", "startTime", "endTime", "body"}]}`.
    PodcastJson,
    /// A transcript as HTML.
    TranscriptPage,
    /// A whole HTML page around an article.
    ArticlePage,
    /// An HTML fragment that a feed carries as the content of an entry.
    FeedContent,
    /// An HTML fragment that a feed carries as show notes.
    Notes,
    /// Markdown: an article, or a transcript with speakers.
    Markdown,
    /// Plain text: an article, or a transcript with speakers.
    Plain,
}

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoText {
    /// No words, or too few to be an article.
    #[error("nothing readable in it; if the page needs it, give the source a `selector`")]
    NothingReadable,
    /// The feed carries the beginning only.
    #[error("the feed carries only a teaser; the linked page has the text")]
    OnlyATeaser,
    /// The text is for paying or signed-in readers.
    #[error("the page is behind a paywall")]
    Paywall,
    /// The page asks for consent to cookies instead of showing its text.
    #[error("the page shows a cookie wall instead of its text")]
    CookieWall,
    /// The page wants a browser with scripts, or suspects a robot.
    #[error("the page shows its text to browsers with scripts only")]
    NeedsBrowser,
    /// Notes without a heading such as "Key takeaways": blurbs are not quoted.
    #[error("the notes have no takeaways that may be quoted")]
    NotesWithoutTakeaways,
    /// Over a limit.
    #[error("more than {max} {what}: not read")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much may be.
        max: usize,
    },
    /// The selector matches nothing on the page.
    #[error("the selector `{0}` finds nothing on the page; the page may have changed")]
    SelectorFindsNothing(String),
    /// The selector cannot be read.
    #[error("the selector `{0}` is not CSS; write for example `article .post-body`")]
    SelectorNotCss(String),
    /// A JSON transcript that is not JSON, or has no segments.
    #[error("not a PodcastIndex JSON transcript: {0}")]
    NotPodcastJson(String),
}

/// A transcript where the turns are marked, else prose.
fn prose_or_turns(
    origin: TextOrigin,
    pieces: Vec<Piece>,
    turns: Turns,
) -> Result<Document, NoText> {
    if turns.is_transcript() {
        within(turns.cues.len(), CUES_MAX, "turns")?;
        return Ok(speech::document(origin, turns.without_footer()));
    }
    Ok(pieces::document(origin, furniture::without(pieces)))
}

/// Holds a limit.
fn within(count: usize, max: usize, what: &'static str) -> Result<(), NoText> {
    if count > max {
        return Err(NoText::TooLarge { what, max });
    }
    Ok(())
}

/// The words of an HTML fragment, one line a block: evidence of what an entry is about, never quoted. Empty where there
/// is nothing to read.
pub fn plain_words(html: &str) -> String {
    let pieces = pieces::of_fragment(html).unwrap_or_default();
    let lines: Vec<&str> = pieces.iter().map(|piece| piece.text.as_str()).collect();
    lines.join("\n")
}
