//! Words of a feed as it writes them, plain or as HTML, and their way into either form.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use scraper::Html;
use scraper::Node;

use crate::stages::read_feed::decode::windows_1252;

/// Titles are cut at this many bytes before anything is done with them; a long one has 300.
const TITLE_BYTES_MAX: usize = 4 << 10;

/// A text and the form it is in.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Words<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) form: Form,
}

/// How a text is to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Every character stands for itself.
    Plain,
    /// HTML, escaped or inline.
    Html,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: impl Into<Cow<'a, str>>, form: Form) -> Self {
        Self {
            text: text.into(),
            form,
        }
    }

    /// One line of plain text: tags out, entities decoded, white space folded.
    pub(super) fn into_line(self) -> String {
        let text = cut(&self.text, TITLE_BYTES_MAX);
        if self.form != Form::Html || !has_markup(text) {
            return fold(text);
        }
        match text.rsplit_once('<') {
            // a tag that never ends is none, but "less than"
            Some((before, after)) if !after.contains('>') && !after.starts_with("!--") => {
                fold(&visible_text(&format!("{before}&lt;{after}")))
            }
            _ => fold(&visible_text(text)),
        }
    }

    /// HTML; plain text is escaped. Text without a single tag keeps its lines and paragraphs.
    pub(super) fn into_html(self) -> String {
        let text = self.text.trim();
        match self.form {
            Form::Html if !text.contains('\n') || has_tag(text) => {
                if text.len() == self.text.len() {
                    return self.text.into_owned(); // without a copy where it is owned already
                }
                text.to_owned()
            }
            Form::Html => lines_to_html(text),
            Form::Plain => lines_to_html(&escape(text)),
        }
    }
}

/// The text a reader sees in a piece of HTML.
pub(super) fn visible_text(html: &str) -> String {
    let mut text = String::new();
    for node in Html::parse_fragment(html).tree.nodes() {
        let Node::Text(piece) = node.value() else {
            continue;
        };
        let parent = node.parent();
        let unseen = parent.is_some_and(|parent| {
            let element = parent.value().as_element();
            element.is_some_and(|element| matches!(element.name(), "script" | "style" | "template"))
        });
        if !unseen {
            text.push_str(piece);
        }
    }
    text
}

/// Text as HTML that shows it.
pub(super) fn escape(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;"),
    )
}

/// White space folded to single spaces, none at the ends.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

/// The longest beginning of at most `bytes` bytes that ends between two characters.
pub(super) fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Tag or entity, going by the look of it.
fn has_markup(text: &str) -> bool {
    has_tag(text) || text.contains('&')
}

fn has_tag(text: &str) -> bool {
    let starts_tag = |after: &str| {
        after.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!'))
    };
    text.match_indices('<')
        .any(|(at, _)| starts_tag(&text[at + 1..]))
}

/// Blank lines part paragraphs, other line ends part lines.
fn lines_to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    let mut in_paragraph = false;
    let several = text.contains('\n');
    for line in text.lines().map(str::trim) {
        match (line.is_empty(), in_paragraph) {
            (true, true) => {
                html.push_str("</p>");
                in_paragraph = false;
            }
            (true, false) => {}
            (false, true) => {
                html.push_str("<br>");
                html.push_str(line);
            }
            (false, false) => {
                if several {
                    html.push_str("<p>");
                    in_paragraph = true;
                }
                html.push_str(line);
            }
        }
    }
    if in_paragraph {
        html.push_str("</p>");
    }
    html
}

/// What the names of entities stand for. XML knows five; the others are those of HTML, and what a document declares
/// itself is never looked at, so nothing can be made to grow.
#[derive(Default)]
pub(super) struct Entities {
    looked_up: RefCell<BTreeMap<String, Option<String>>>,
}

impl Entities {
    /// Distinct names that are looked up in one feed; HTML has about 250 that anyone uses.
    const LOOK_UPS_MAX: usize = 500;

    /// Appends what `&name;` stands for, or the reference as it was written.
    pub(super) fn push(&self, name: &str, text: &mut String) -> Reference {
        if let Some(number) = name.strip_prefix('#') {
            if let Some(character) = numbered(number) {
                text.push(character);
                return Reference::Known;
            }
            if number
                .strip_prefix(['x', 'X'])
                .unwrap_or(number)
                .bytes()
                .all(|b| b.is_ascii_hexdigit())
                && number.len() > 1
            {
                return Reference::Bare; // a forbidden character, written as a number
            }
        }
        if let Some(known) = quick_xml::escape::resolve_predefined_entity(name) {
            text.push_str(known);
            return Reference::Known;
        }
        if let Some(known) = self.of_html(name) {
            text.push_str(&known);
            return Reference::Known;
        }
        text.push('&');
        text.push_str(name);
        text.push(';');
        Reference::Bare
    }

    /// Text with its references decoded; an ampersand that starts none stands for itself.
    pub(super) fn decode<'a>(&self, text: &'a str) -> Cow<'a, str> {
        const REFERENCE_BYTES_MAX: usize = 40; // the longest name in HTML has 33
        let Some(first) = text.find('&') else {
            return Cow::Borrowed(text);
        };
        let mut decoded = String::with_capacity(text.len());
        decoded.push_str(&text[..first]);
        let mut rest = &text[first..];
        while let Some(after) = rest.strip_prefix('&') {
            let head = cut(after, REFERENCE_BYTES_MAX);
            let end = head.find(|c: char| !(c.is_ascii_alphanumeric() || c == '#'));
            rest = match end {
                Some(end) if end > 0 && head[end..].starts_with(';') => {
                    self.push(&head[..end], &mut decoded);
                    &after[end + 1..]
                }
                _ => {
                    decoded.push('&');
                    after
                }
            };
            let next = rest.find('&').unwrap_or(rest.len());
            decoded.push_str(&rest[..next]);
            rest = &rest[next..];
        }
        Cow::Owned(decoded)
    }

    /// As [`Entities::decode`], for a text that may be owned already.
    pub(super) fn decode_cow<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        match text {
            Cow::Borrowed(text) => self.decode(text),
            Cow::Owned(text) => Cow::Owned(self.decode(&text).into_owned()),
        }
    }

    fn of_html(&self, name: &str) -> Option<String> {
        if name.is_empty()
            || name.len() > 33
            || !name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        {
            return None;
        }
        let mut looked_up = self.looked_up.borrow_mut();
        if let Some(known) = looked_up.get(name) {
            return known.clone();
        }
        if looked_up.len() >= Self::LOOK_UPS_MAX {
            return None;
        }
        // the HTML parser has the table: a name it knows is no longer there when it has read it
        let shown = visible_text(&format!("&{name};"));
        let found = (!shown.contains('&') && !shown.ends_with(';')).then_some(shown);
        looked_up.insert(name.to_owned(), found.clone());
        found
    }
}

/// What a reference turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reference {
    /// It stands for a character.
    Known,
    /// It stands for itself.
    Bare,
}

/// The character of `&#233;` or `&#xe9;`; numbers between 128 and 159 are meant as windows-1252, as browsers read them.
fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => number.parse().ok()?,
    };
    let character = char::from_u32(code)?;
    if let Some(meant) = windows_1252(character) {
        return Some(meant);
    }
    let allowed = character >= ' ' || matches!(character, '\t' | '\n' | '\r');
    allowed.then_some(character)
}
