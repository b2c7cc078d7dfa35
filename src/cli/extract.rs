//! `extract`: one document in, its candidates out, best first.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::cli::Common;
use crate::cli::ExtractArgs;
use crate::cli::FileKind;
use crate::cli::breakdown::on_a_worker;
use crate::cli::output::print;
use crate::cli::tell;
use crate::model::Candidate;
use crate::model::Document;
use crate::model::Reason;
use crate::report::Exit;
use crate::stages::extract_text::Material;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::PageText;
use crate::stages::extract_text::TextKind;
use crate::stages::extract_text::extract_text;
use crate::stages::extract_text::guess_kind;
use crate::stages::find_insights::Context;
use crate::stages::find_insights::Rules;
use crate::stages::find_insights::another_language;
use crate::stages::find_insights::find_insights;

/// Bytes of a document, as in a run: ten hours of word-by-word JSON are about 12 MB.
const DOCUMENT_BYTES_MAX: u64 = 16 << 20;

/// Bytes at the beginning in which a zero gives away that this is no text.
const HEAD_BYTES: usize = 8_000;

/// Prints the candidates of a document as text, or as JSON lines.
pub(super) fn extract(common: &Common, args: &ExtractArgs) -> anyhow::Result<Exit> {
    if args.text_only {
        let text = look(
            &args.file,
            args.kind,
            PageText::AllThatIsShown,
            |document| document.text().to_owned(),
        )?;
        print(&text)?;
        return Ok(Exit::Done);
    }
    let rules = common.rules_for_document(args.rules.as_deref())?;
    let candidates = candidates_of(&args.file, args.kind, &rules)?;
    let mut out = String::new();
    for (nth, candidate) in candidates.iter().take(args.top).enumerate() {
        if common.json {
            out += &serde_json::to_string(&Line::of(nth + 1, candidate))?;
            out.push('\n');
        } else {
            out += &tell::candidate(nth + 1, candidate, None);
            out += &tell::points(candidate.score, &candidate.reasons);
            out.push('\n');
        }
    }
    if candidates.is_empty() && !common.json {
        out += "No passage in it reads like an insight.\n";
    }
    if (common.json || !common.quiet) && !out.is_empty() {
        print(&out)?;
    }
    Ok(Exit::Done)
}

/// Reads a document and finds its candidates, best first.
pub(super) fn candidates_of(
    file: &Path,
    kind: Option<FileKind>,
    rules: &Rules,
) -> anyhow::Result<Vec<Candidate>> {
    let (candidates, other) = look_into(file, kind, |document| {
        let candidates = find_insights(document, &Context::default(), rules);
        (candidates, another_language(document, rules))
    })?;
    if let Some(language) = other {
        anyhow::bail!(
            "{}: its text is in {language}, which the rules do not read",
            called(file)
        );
    }
    Ok(candidates)
}

/// Reads a document and looks for something in it.
pub(super) fn look_into<T: Send>(
    file: &Path,
    kind: Option<FileKind>,
    look_at: impl FnOnce(&Document) -> T + Send,
) -> anyhow::Result<T> {
    look(file, kind, PageText::AnArticle, look_at)
}

fn look<T: Send>(
    file: &Path,
    kind: Option<FileKind>,
    wanted: PageText,
    look_at: impl FnOnce(&Document) -> T + Send,
) -> anyhow::Result<T> {
    let bytes = read(file)?;
    let called = called(file);
    anyhow::ensure!(
        !is_binary(&bytes),
        "{called} is not a text; give a transcript, a web page, Markdown or plain text"
    );
    let name = file.to_str();
    let kind = kind.map_or_else(|| guess_kind(&bytes, name, None), TextKind::from);
    let found = on_a_worker(move || {
        let document = extract_text(&Material {
            wanted,
            ..Material::of_file(kind, &bytes)
        });
        // the document has a text of its own
        drop(bytes);
        document.map(|document| look_at(&document))
    });
    found
        .with_context(|| called.clone())?
        .map_err(|no_text| match no_text {
            NoText::NothingReadable => anyhow::anyhow!(
                "{called}: nothing readable in it; if it is of another kind than it seems, name that with --kind"
            ),
            no_text => anyhow::anyhow!("{called}: {no_text}"),
        })
}

/// A file by its name, and - by what it stands for.
fn called(file: &Path) -> String {
    if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

/// Whether these are the bytes of a picture, a sound or a program. UTF-16, which has zeros too, says so in its first two.
fn is_binary(bytes: &[u8]) -> bool {
    let utf_16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    !utf_16 && bytes.iter().take(HEAD_BYTES).any(|&byte| byte == 0)
}

fn read(file: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let unreadable = || format!("{} cannot be read", called(file));
    if file == Path::new("-") {
        std::io::stdin()
            .take(DOCUMENT_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .with_context(unreadable)?;
    } else {
        let opened = std::fs::File::open(file).with_context(unreadable)?;
        opened
            .take(DOCUMENT_BYTES_MAX + 1)
            .read_to_end(&mut bytes)
            .with_context(unreadable)?;
    }
    anyhow::ensure!(
        bytes.len() as u64 <= DOCUMENT_BYTES_MAX,
        "{} is larger than {} MiB; a transcript of ten hours has 12",
        called(file),
        DOCUMENT_BYTES_MAX >> 20,
    );
    Ok(bytes)
}

/// A candidate as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    rank: usize,
    score: f64,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shown: Option<&'a str>,
    headline: &'a str,
    speaker: Option<&'a str>,
    start_seconds: Option<f64>,
    paragraph: Option<usize>,
    topics: &'a [String],
    reasons: &'a [Reason],
}

impl<'a> Line<'a> {
    fn of(rank: usize, candidate: &'a Candidate) -> Self {
        Self {
            rank,
            score: candidate.score,
            text: &candidate.text,
            shown: candidate.shown.as_deref(),
            headline: &candidate.headline,
            speaker: candidate.speaker.as_deref(),
            start_seconds: candidate.start_seconds,
            paragraph: candidate.paragraph,
            topics: &candidate.topics,
            reasons: &candidate.reasons,
        }
    }
}

impl From<FileKind> for TextKind {
    fn from(kind: FileKind) -> Self {
        match kind {
            FileKind::Vtt => Self::Vtt,
            FileKind::Srt => Self::Srt,
            FileKind::Json => Self::PodcastJson,
            FileKind::Html => Self::ArticlePage,
            FileKind::TranscriptHtml => Self::TranscriptPage,
            FileKind::Markdown => Self::Markdown,
            FileKind::Text => Self::Plain,
        }
    }
}
