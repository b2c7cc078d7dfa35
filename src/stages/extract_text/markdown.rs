//! Markdown in, its headings, paragraphs, list items and quotations out; code, tables, pictures and comments never.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::BlockKind;

use crate::stages::extract_text::NoText;
use crate::stages::extract_text::pieces;
use crate::stages::extract_text::pieces::Piece;

mod inline;

/// Lines of the longest front matter; a rule at the head of a text is not one.
const FRONT_MATTER_LINES_MAX: usize = 200;

/// What a reader does not see: how it begins and ends, and how many bytes it has at most. Longer ones are a mistake in
/// the file, and text.
const UNSEEN: [(&str, &str, usize); 6] = [
    ("<!--", "-->", usize::MAX),
    ("{% highlight", "{% endhighlight %}", usize::MAX),
    ("{% comment", "{% endcomment %}", usize::MAX),
    ("{%", "%}", 4_000),
    ("{{", "}}", 4_000),
    ("{:", "}", 200),
];

static TABLE_RULE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?$").expect("the pattern is a constant")
});
static DEFINITION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^\[[^\]]+\]:\s*\S").expect("the pattern is a constant"));
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[-*+]|\d{1,3}[.)])\s+(.*)$").expect("the pattern is a constant")
});
static HTML_BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)^</?(?:address|article|aside|audio|blockquote|body|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|h[1-6]|head|header|hr|html|iframe|img|li|link|main|nav|ol|p|picture|pre|script|section|source|style|summary|svg|table|tbody|td|tfoot|th|thead|tr|ul|video)(?:[\s/>]|$)")
        .expect("the pattern is a constant")
});

/// The pieces of a Markdown text (CommonMark, with the tables, front matter and template tags that blogs use).
pub(super) fn pieces(text: &str) -> Result<Vec<Piece>, NoText> {
    let text = without_unseen(body(text));
    let mut reader = Reader::default();
    for line in text.lines() {
        reader.line(line);
    }
    reader.end();
    reader.finish()
}

/// The text below the front matter.
fn body(text: &str) -> &str {
    let text = text.trim_start();
    let mut lines = text.split_inclusive('\n');
    let Some(fence) = lines
        .next()
        .filter(|first| matches!(first.trim_end(), "---" | "+++"))
    else {
        return text;
    };
    let mut length = fence.len();
    for line in lines.take(FRONT_MATTER_LINES_MAX) {
        length += line.len();
        if line.trim_end() == fence.trim_end() {
            return &text[length..];
        }
    }
    text
}

/// The text without comments and the tags of template engines.
fn without_unseen(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    let mut at = 0;
    // where the next end of each sort stands, so that no byte is looked at for each beginning anew
    let mut ends: [Option<usize>; UNSEEN.len()] = [None; UNSEEN.len()];
    while let Some(offset) = text[at..].find(['<', '{']) {
        seen.push_str(&text[at..at + offset]);
        at += offset;
        let mut sorts = UNSEEN
            .iter()
            .zip(&mut ends)
            .filter(|((begin, ..), _)| text[at..].starts_with(begin));
        let after = sorts.find_map(|(sort, end)| after_unseen(text, at, *sort, end));
        if after.is_none() {
            seen.push_str(&text[at..=at]);
        }
        at = after.unwrap_or(at + 1);
    }
    seen.push_str(&text[at..]);
    seen
}

/// The byte after what begins at `at`, if it ends soon enough; `known` is the last end of its sort that was found.
fn after_unseen(
    text: &str,
    at: usize,
    sort: (&str, &str, usize),
    known: &mut Option<usize>,
) -> Option<usize> {
    let (begin, end, bytes_max) = sort;
    let inside = at + begin.len();
    let close = match *known {
        Some(close) if close >= inside => close,
        _ => text[inside..]
            .find(end)
            .map_or(usize::MAX, |offset| inside + offset),
    };
    *known = Some(close);
    (close < usize::MAX && close - at <= bytes_max).then(|| close + end.len())
}

#[derive(Default)]
struct Reader {
    /// What was read: prose as it stands in the file, or a block of HTML.
    blocks: Vec<Block>,
    open: Option<Block>,
    /// The fence that ends the code block we are in.
    fence: Option<String>,
    in_table: bool,
}

enum Block {
    Prose { kind: BlockKind, lines: Vec<String> },
    Html { lines: Vec<String> },
}

impl Reader {
    fn line(&mut self, raw: &str) {
        let line = raw.trim();
        if let Some(fence) = &self.fence {
            let closes =
                line.starts_with(fence.as_str()) && line.trim_start_matches(&fence[..1]).is_empty();
            if closes {
                self.fence = None;
            }
            return;
        }
        if line.is_empty() {
            self.in_table = false;
            if !self.is_raw_html() {
                self.end();
            }
            return;
        }
        if let Some(Block::Html { lines }) = &mut self.open {
            lines.push(line.to_owned());
            if self.is_raw_html_closed(line) {
                self.end();
            }
            return;
        }
        if self.is_code(raw, line) || self.is_table(line) || DEFINITION.is_match(line) {
            return;
        }
        if HTML_BLOCK.is_match(line) {
            self.begin(Block::Html {
                lines: vec![line.to_owned()],
            });
            if self.is_raw_html_closed(line) {
                self.end();
            }
            return;
        }
        self.prose(line);
    }

    fn prose(&mut self, line: &str) {
        let hashes = line.bytes().take_while(|&byte| byte == b'#').count();
        // many hands leave out the space; a single hash without one may be a tag or a channel
        if (1..=6).contains(&hashes) && (hashes > 1 || line[hashes..].starts_with([' ', '\t'])) {
            let heading = line[hashes..].trim().trim_end_matches('#');
            self.begin(Block::Prose {
                kind: BlockKind::Heading,
                lines: vec![heading.to_owned()],
            });
            self.end();
        } else if self.underlines(line) || is_rule(line) {
            self.end();
        } else if let Some(quoted) = line.strip_prefix('>') {
            self.quotation(quoted.trim_start_matches(['>', ' ']));
        } else if let Some(item) = ITEM.captures(line) {
            self.begin(Block::Prose {
                kind: BlockKind::ListItem,
                lines: vec![item[1].to_owned()],
            });
        } else if let Some(Block::Prose { lines, .. }) = &mut self.open {
            lines.push(line.to_owned());
        } else {
            self.begin(Block::Prose {
                kind: BlockKind::Paragraph,
                lines: vec![line.to_owned()],
            });
        }
    }

    fn quotation(&mut self, quoted: &str) {
        if quoted.is_empty() {
            self.end();
        } else if let Some(Block::Prose {
            kind: BlockKind::Quotation,
            lines,
        }) = &mut self.open
        {
            lines.push(quoted.to_owned());
        } else {
            self.begin(Block::Prose {
                kind: BlockKind::Quotation,
                lines: vec![quoted.to_owned()],
            });
        }
    }

    /// A line of `=` or `-` below a paragraph makes a heading of it.
    fn underlines(&mut self, line: &str) -> bool {
        let rule = line.len() > 1
            && (line.bytes().all(|byte| byte == b'=') || line.bytes().all(|byte| byte == b'-'));
        if let Some(Block::Prose { kind, .. }) = self.open.as_mut().filter(|_| rule)
            && *kind == BlockKind::Paragraph
        {
            *kind = BlockKind::Heading;
            return true;
        }
        false
    }

    fn is_code(&mut self, raw: &str, line: &str) -> bool {
        for mark in ["```", "~~~"] {
            if line.starts_with(mark) {
                self.end();
                let length = line
                    .bytes()
                    .take_while(|byte| mark.as_bytes().contains(byte))
                    .count();
                let opens_and_closes = line.len() > length && line[length..].contains(mark);
                self.fence = (!opens_and_closes).then(|| line[..length].to_owned());
                return true;
            }
        }
        // below a list item, indented lines go on with the item
        let in_list = matches!(
            self.blocks.last(),
            Some(Block::Prose {
                kind: BlockKind::ListItem,
                ..
            })
        );
        self.open.is_none() && !in_list && (raw.starts_with("    ") || raw.starts_with('\t'))
    }

    fn is_table(&mut self, line: &str) -> bool {
        if line.contains('|') && TABLE_RULE.is_match(line) {
            // the line before the rule was the table's head
            self.open = None;
            self.in_table = true;
        }
        self.in_table || (line.len() > 1 && line.starts_with('|') && line.ends_with('|'))
    }

    /// Scripts, styles and code may hold blank lines.
    fn is_raw_html(&self) -> bool {
        let Some(Block::Html { lines }) = &self.open else {
            return false;
        };
        lines
            .first()
            .is_some_and(|line| raw_element(line).is_some())
    }

    /// Whether the raw element that the open block begins with ends on this line.
    fn is_raw_html_closed(&self, line: &str) -> bool {
        let Some(Block::Html { lines }) = &self.open else {
            return false;
        };
        let name = lines.first().and_then(|first| raw_element(first));
        name.is_some_and(|name| line.to_ascii_lowercase().contains(&format!("</{name}")))
    }

    fn begin(&mut self, block: Block) {
        self.end();
        self.open = Some(block);
    }

    fn end(&mut self) {
        self.blocks.extend(self.open.take());
    }

    fn finish(self) -> Result<Vec<Piece>, NoText> {
        let mut found = Vec::new();
        for block in self.blocks {
            match block {
                Block::Prose { kind, lines } => {
                    let words = inline::words(&lines.join("\n"));
                    if words.chars().any(char::is_alphanumeric) {
                        found.push(Piece::new(heading_or(kind, &lines), words));
                    }
                }
                Block::Html { lines } => found.extend(pieces::of_fragment(&lines.join("\n"))?),
            }
        }
        Ok(found)
    }
}

/// A paragraph of one bold line is a heading that nobody marked up.
fn heading_or(kind: BlockKind, lines: &[String]) -> BlockKind {
    let [line] = lines else { return kind };
    let inner = line
        .strip_prefix("**")
        .and_then(|rest| rest.strip_suffix("**"));
    let is_heading = inner.is_some_and(|inner| {
        !inner.contains("**") && !inner.ends_with(['.', '!', '…']) && inner.len() < 100
    });
    if kind == BlockKind::Paragraph && is_heading {
        BlockKind::Heading
    } else {
        kind
    }
}

fn raw_element(line: &str) -> Option<&'static str> {
    let head: Cow<'_, str> = line[..line.floor_char_boundary(8)]
        .to_ascii_lowercase()
        .into();
    ["script", "style", "pre"].into_iter().find(|name| {
        head.strip_prefix('<')
            .is_some_and(|rest| rest.starts_with(name))
    })
}

fn is_rule(line: &str) -> bool {
    ['-', '*', '_', '='].into_iter().any(|mark| {
        line.chars().all(|letter| letter == mark || letter == ' ')
            && line.chars().filter(|&letter| letter == mark).count() > 2
    })
}
