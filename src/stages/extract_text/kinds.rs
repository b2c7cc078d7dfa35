//! What a file is: by its bytes first, since wrong extensions and media types are common.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::TranscriptLink;

use crate::stages::extract_text::TextKind;
use crate::stages::extract_text::decoding;

/// Bytes looked at: captions, JSON and pages show what they are within them.
const HEAD_BYTES_MAX: usize = 64 << 10;

static CUE_TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^\s*(?:\d+:)?\d+:\d+([.,]\d+)?\s*-{1,2}>\s*(?:\d+:)?\d+:\d+")
        .expect("the pattern is a constant")
});
static ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?i)<(?:p|div|br|li|ul|ol|h[1-6]|cite|section|article|span|table|blockquote)[\s/>]",
    )
    .expect("the pattern is a constant")
});
static WHOLE_PAGE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)<(?:!doctype html|html|head|body)[\s>]").expect("the pattern is a constant")
});
static TURN_ELEMENTS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)<cite[\s>][^<]*</cite>\s*:?\s*<time[\s>]").expect("the pattern is a constant")
});
static MARKDOWN_SIGN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^#{1,6} \S|^```|\]\(https?://|^\*\*[^*]+\*\*|\A---\n")
        .expect("the pattern is a constant")
});

/// What `bytes` are; the file name and `Content-Type` decide only between what the bytes leave open.
pub fn guess_kind(bytes: &[u8], file_name: Option<&str>, content_type: Option<&str>) -> TextKind {
    let head = decoding::decode(&bytes[..bytes.len().min(HEAD_BYTES_MAX)], content_type);
    let head = head.trim_start();
    by_bytes(head).unwrap_or_else(|| by_name(file_name, content_type, head))
}

/// The transcripts on offer, best first: those in the source's own `language` (BCP 47) or in none that is told before
/// others, since a translation is nobody's words; then by what keeps speakers and times (PodcastIndex JSON, WebVTT, SubRip,
/// HTML, plain text). A type that says nothing is read off the address; equals stay in feed order.
pub fn transcripts_by_preference<'a>(
    offered: &'a [TranscriptLink],
    language: Option<&str>,
) -> Vec<&'a TranscriptLink> {
    let mut sorted: Vec<&TranscriptLink> = offered.iter().collect();
    sorted.sort_by_key(|link| (is_in_another(link, language), rank(link)));
    sorted
}

/// Whether a transcript says that it is in another language; a region makes no difference.
fn is_in_another(link: &TranscriptLink, language: Option<&str>) -> bool {
    let bare = |tag: &str| {
        let tag = tag.trim().split(['-', '_']).next().unwrap_or_default();
        tag.to_ascii_lowercase()
    };
    match (&link.language, language) {
        (Some(its), Some(own)) => bare(its) != bare(own),
        _ => false,
    }
}

fn by_bytes(head: &str) -> Option<TextKind> {
    if head
        .get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case("WEBVTT"))
    {
        return Some(TextKind::Vtt);
    }
    let after = |bracket: char| head.strip_prefix(bracket).map(str::trim_start);
    if after('{').is_some_and(|rest| rest.starts_with(['"', '}']))
        || after('[').is_some_and(|rest| rest.starts_with('{'))
    {
        return Some(TextKind::PodcastJson);
    }
    if head.starts_with('<') && (WHOLE_PAGE.is_match(head) || ELEMENT.is_match(head)) {
        return Some(html_kind(head));
    }
    let cue = CUE_TIME.captures(head)?;
    let comma = cue
        .get(1)
        .is_some_and(|fraction| fraction.as_str().starts_with(','));
    Some(if comma { TextKind::Srt } else { TextKind::Vtt })
}

fn html_kind(head: &str) -> TextKind {
    if TURN_ELEMENTS.find_iter(head).nth(1).is_some() {
        TextKind::TranscriptPage
    } else if WHOLE_PAGE.is_match(head) {
        TextKind::ArticlePage
    } else {
        TextKind::FeedContent
    }
}

fn by_name(file_name: Option<&str>, content_type: Option<&str>, head: &str) -> TextKind {
    let extension = file_name.and_then(extension).unwrap_or_default();
    let media = content_type.map(media_type).unwrap_or_default();
    let has_elements = ELEMENT.is_match(head);
    match (extension.as_str(), media.as_str()) {
        ("md" | "markdown" | "mdx", _) | (_, "text/markdown") => TextKind::Markdown,
        ("html" | "htm" | "xhtml", _) | (_, "text/html" | "application/xhtml+xml")
            if has_elements =>
        {
            html_kind(head)
        }
        _ if MARKDOWN_SIGN.is_match(head) => TextKind::Markdown,
        _ => TextKind::Plain,
    }
}

/// Place in the order of preference; the last is for what cannot be told.
fn rank(link: &TranscriptLink) -> u8 {
    let media = link
        .media_type
        .as_deref()
        .map(media_type)
        .unwrap_or_default();
    let extension = extension(link.url.path()).unwrap_or_default();
    let by_extension = match extension.as_str() {
        "json" => 0,
        "vtt" | "webvtt" => 1,
        "srt" => 2,
        "html" | "htm" => 3,
        "txt" | "text" => 4,
        _ => 5,
    };
    match media.as_str() {
        "application/json" | "text/json" | "application/x-json" => 0,
        "text/vtt" | "text/webvtt" | "application/vtt" => 1,
        "application/x-subrip"
        | "application/srt"
        | "application/x-srt"
        | "text/srt"
        | "text/x-srt" => 2,
        _ if by_extension > 2 && link.rel.as_deref() == Some("captions") => 2,
        // servers call any text file by these two
        "text/html" if by_extension > 3 => 3,
        "text/plain" if by_extension > 4 => 4,
        _ => by_extension,
    }
}

fn media_type(content_type: &str) -> String {
    content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn extension(path: &str) -> Option<String> {
    let name = path.rsplit(['/', '\\']).next()?;
    Some(name.rsplit_once('.')?.1.to_ascii_lowercase())
}
