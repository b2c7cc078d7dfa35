//! The templates of the mail: the built-in ones, or the operator's own of the same name.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::date;
use minijinja::AutoEscape;
use minijinja::Environment;
use minijinja::ErrorKind;
use minijinja::HtmlEscape;
use minijinja::State;
use minijinja::UndefinedBehavior;
use minijinja::value::Serde;
use minijinja::value::Value;
use url::Url;

use super::leave::Leave;
use super::page::Page;
use super::plain::breaks;
use super::plain::one_line;
use crate::model::Digest;
use crate::model::Insight;
use crate::model::Receipt;
use crate::model::Related;
use crate::model::Voice;
use crate::model::sha256_hex;
use crate::settings::nearest;

const SUBJECT: &str = "subject.txt";
const TEXT: &str = "digest.txt";
const HTML: &str = "digest.html";

const BUILT_IN: [(&str, &str); 3] = [
    (
        SUBJECT,
        include_str!("../../../templates/email/subject.txt"),
    ),
    (TEXT, include_str!("../../../templates/email/digest.txt")),
    (HTML, include_str!("../../../templates/email/digest.html")),
];

const SUBJECT_CHARACTERS_MAX: usize = 78; // RFC 5322 §2.1.1: a line that every client shows whole

/// `subject` as that of a test mail.
pub(super) fn test_subject(subject: &str) -> String {
    one_line(&format!("[Test] {subject}"), SUBJECT_CHARACTERS_MAX)
}

/// The templates, compiled and tried.
#[derive(Debug, Clone)]
pub struct Templates {
    /// For subject and text: words stand as they are.
    plain: Environment<'static>,
    /// For the page: all words are escaped, whatever the name of the file that they stand in.
    escaped: Environment<'static>,
    sha256: String,
}

impl Templates {
    /// The built-in templates, with `overrides` (file name to text) in the place of those of the same name; other names
    /// can be included from them. Each template is filled with specimens, so that a mistake shows here; a template that
    /// nobody names is one. Files that are neither named like a template nor included are left alone.
    pub fn new(overrides: &BTreeMap<String, Vec<u8>>) -> Result<Self, TemplateError> {
        let mut files = BTreeMap::from(BUILT_IN);
        for (name, bytes) in overrides {
            match str::from_utf8(bytes) {
                Ok(text) => {
                    files.insert(name, text.trim_start_matches(BYTE_ORDER_MARK));
                }
                Err(error) if is_named_like_template(name) => {
                    return Err(TemplateError {
                        file: name.clone(),
                        line: String::from_utf8_lossy(&bytes[..error.valid_up_to()])
                            .split('\n')
                            .count(),
                        problem: "this is not a text in UTF-8; save it as one".to_owned(),
                    });
                }
                Err(_) => {}
            }
        }
        let texts: Vec<&str> = files.values().copied().collect();
        files.retain(|file, _| is_named_like_template(file) || is_included(file, &texts));
        let templates = Self {
            plain: environment(&files, AutoEscape::None)?,
            escaped: environment(&files, AutoEscape::Html)?,
            sha256: sha256_of(&files),
        };
        for page in specimens() {
            templates.subject(&page)?;
            templates.text(&page)?;
            templates.html(&page)?;
        }
        idle_file(&files)?;
        Ok(templates)
    }

    /// SHA-256 of names and texts in hexadecimal: what templates are told apart by.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The built-in templates, name and text.
    pub fn built_in() -> [(&'static str, &'static str); 3] {
        BUILT_IN
    }

    pub(super) fn subject(&self, page: &Page) -> Result<String, TemplateError> {
        let subject = one_line(&fill(&self.plain, SUBJECT, page)?, SUBJECT_CHARACTERS_MAX);
        if subject.is_empty() {
            return Err(TemplateError {
                file: SUBJECT.to_owned(),
                line: 1,
                problem: "gives an empty subject".to_owned(),
            });
        }
        // words that look encoded (RFC 2047) would be decoded by the reader's program into something else
        Ok(subject
            .replace("=?", "= ?")
            .chars()
            .take(SUBJECT_CHARACTERS_MAX)
            .collect())
    }

    pub(super) fn text(&self, page: &Page) -> Result<String, TemplateError> {
        let mut text = fill(&self.plain, TEXT, page)?;
        text.truncate(text.trim_end().len());
        text.push('\n');
        Ok(text)
    }

    pub(super) fn html(&self, page: &Page) -> Result<String, TemplateError> {
        css_inline::CSSInliner::options()
            .keep_style_tags(true) // the rules for dark mode and small screens
            .keep_at_rules(true)
            .remove_inlined_selectors(true)
            .load_remote_stylesheets(false)
            .build()
            .inline(&fill(&self.escaped, HTML, page)?)
            .map_err(|error| TemplateError {
                file: HTML.to_owned(),
                line: 1,
                problem: one_line(&format!("style rules: {error}"), PROBLEM_CHARACTERS_MAX),
            })
    }
}

fn sha256_of(files: &BTreeMap<&str, &str>) -> String {
    let parts: Vec<&str> = files
        .iter()
        .flat_map(|(name, text)| [*name, *text])
        .collect();
    // a zero byte stands in no name
    sha256_hex(parts.join("\0").as_bytes())
}

/// What some editors put at the head of a text in UTF-8.
const BYTE_ORDER_MARK: char = '\u{FEFF}';

/// What filling one template may cost: steps, and blocks of 64 bytes that are made. The built-in ones need a tenth of it for
/// the largest edition.
const FUEL: u64 = 500_000;

/// The part decides how its words are written, not the names of the files that it is made of.
fn environment(
    files: &BTreeMap<&str, &str>,
    escape: AutoEscape,
) -> Result<Environment<'static>, TemplateError> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| escape.clone());
    environment.set_fuel(Some(FUEL));
    environment.set_debug(true); // tells which name is unknown
    environment.add_filter("wrap", wrap);
    environment.add_filter("breakable", breakable);
    for (name, text) in files {
        environment
            .add_template_owned((*name).to_owned(), (*text).to_owned())
            .map_err(|error| TemplateError::new(name, &error))?;
    }
    Ok(environment)
}

fn fill(environment: &Environment<'_>, name: &str, page: &Page) -> Result<String, TemplateError> {
    environment
        .get_template(name)
        .and_then(|template| template.render(Serde(page)))
        .map_err(|error| TemplateError::new(name, &error))
}

const PROBLEM_CHARACTERS_MAX: usize = 300; // a sentence or two; it may repeat the template's own text

/// A mistake in a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct TemplateError {
    /// The file, without its folder.
    pub file: String,
    /// The line in it, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl TemplateError {
    fn new(name: &str, error: &minijinja::Error) -> Self {
        // what went wrong in an included file comes wrapped up in one error a file
        let mut innermost = error;
        while let Some(within) = std::error::Error::source(innermost)
            .and_then(|source| source.downcast_ref::<minijinja::Error>())
            .filter(|within| within.name().is_some())
        {
            innermost = within;
        }
        Self {
            file: innermost.name().unwrap_or(name).to_owned(),
            line: innermost.line().unwrap_or(1),
            problem: one_line(&in_words(innermost), PROBLEM_CHARACTERS_MAX),
        }
    }
}

/// What is wrong, and where it can be told, what was meant.
fn in_words(error: &minijinja::Error) -> String {
    let kind = error.kind();
    if kind == ErrorKind::OutOfFuel {
        return "this takes too long; look for a loop over too many things".to_owned();
    }
    let Some(detail) = error.detail() else {
        return kind.to_string();
    };
    // "`insight.hedline` is undefined"
    let unknown = detail.split('`').nth(1).map(|name| name.rsplit('.').next());
    let names = names();
    match unknown
        .flatten()
        .and_then(|name| nearest(name, names.iter().map(String::as_str)))
    {
        Some(meant) if kind == ErrorKind::UndefinedError => {
            format!("{kind}: {detail}; did you mean {meant}?")
        }
        _ => format!("{kind}: {detail}"),
    }
}

/// What a page and its parts are made of.
fn names() -> BTreeSet<String> {
    fn collect(value: &serde_json::Value, names: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    names.insert(name.clone());
                    collect(value, names);
                }
            }
            serde_json::Value::Array(values) => {
                for value in values {
                    collect(value, names);
                }
            }
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    for page in specimens() {
        if let Ok(value) = serde_json::to_value(&page) {
            collect(&value, &mut names);
        }
    }
    names
}

/// Whether someone who wrote it thinks of it as a template; a picture or a note in the folder is none of our business.
fn is_named_like_template(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    ["html", "htm", "xhtml", "txt", "j2", "jinja", "jinja2"].contains(&ending.as_str())
}

/// Whether one of `texts` names the file as a template names another.
fn is_included(file: &str, texts: &[&str]) -> bool {
    let quoted = [format!("'{file}'"), format!("\"{file}\"")];
    let names = |text: &&str| quoted.iter().any(|name| text.contains(name));
    texts.iter().any(names)
}

/// A template that does nothing is most often one whose name is misspelt.
fn idle_file(files: &BTreeMap<&str, &str>) -> Result<(), TemplateError> {
    let names = || BUILT_IN.iter().map(|(name, _)| *name);
    let texts: Vec<&str> = files.values().copied().collect();
    let is_idle = |file: &str| {
        is_named_like_template(file)
            && !names().any(|name| name == file)
            && !is_included(file, &texts)
    };
    let Some(idle) = files.keys().find(|file| is_idle(file)) else {
        return Ok(());
    };
    let problem = match nearest(idle, names()) {
        Some(meant) => {
            format!("no template has this name, and none includes it; did you mean {meant}?")
        }
        None => format!(
            "no template has this name, and none includes it; the templates are {}",
            names().collect::<Vec<_>>().join(", ")
        ),
    };
    Err(TemplateError {
        file: (*idle).to_owned(),
        line: 1,
        problem,
    })
}

/// The filter `wrap(width, indent, first)`: words set in lines of at most `width` characters, the first behind `first`, the
/// others behind `indent`, as is the first where there is no `first`. A word that is longer stands alone. A space that does
/// not break holds its words together, and becomes a plain one.
fn wrap(text: &str, width: usize, indent: Option<&str>, first: Option<&str>) -> String {
    let indent = indent.unwrap_or_default();
    let mut wrapped = String::from(first.unwrap_or(indent));
    let mut column = wrapped.chars().count();
    let mut stands_alone = true;
    for word in text
        .split([' ', '\n', '\t'])
        .filter(|word| !word.is_empty())
    {
        let characters = word.chars().count();
        if !stands_alone && column + 1 + characters > width {
            wrapped.push('\n');
            wrapped.push_str(indent);
            column = indent.chars().count();
            stands_alone = true;
        }
        if !stands_alone {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += characters;
        stands_alone = false;
    }
    wrapped.replace('\u{a0}', " ")
}

/// The filter `breakable`: overlong words get places to break, for clients that drop style rules. For the page alone.
fn breakable(state: &State<'_, '_>, text: &str) -> Value {
    if *state.auto_escape() == AutoEscape::None {
        return Value::from(text);
    }
    let mut html = String::new();
    let mut from = 0;
    for at in breaks(text) {
        html += &HtmlEscape(&text[from..at]).to_string();
        html += "<wbr>";
        from = at;
    }
    html += &HtmlEscape(&text[from..]).to_string();
    Value::from_safe_string(html)
}

/// Pages on which every branch of a template is walked: with all that can be known of an insight, and with the least.
fn specimens() -> Vec<Page> {
    let full = specimen_insight(
        Url::parse("https://example.org/episode").ok(),
        Some("A Speaker"),
        Some(61.0),
        None,
    );
    let article = specimen_insight(
        Url::parse("https://example.org/article").ok(),
        None,
        None,
        Some(3),
    );
    let bare = specimen_insight(None, None, None, None);
    let with_page = Leave {
        page: Some("https://example.org/leave/token".to_owned()),
        mailto: "mailto:leave@example.org?subject=leave%20token".to_owned(),
        address: "leave@example.org".to_owned(),
        subject: "leave token".to_owned(),
    };
    let by_mail_only = Leave {
        page: None,
        ..with_page.clone()
    };
    [
        (
            vec![full.clone(), article, bare.clone()],
            Some("1 Example Street"),
            Some(&with_page),
        ),
        (vec![full], Some("1 Example Street"), Some(&by_mail_only)),
        (vec![bare], None, None),
    ]
    .into_iter()
    .filter_map(|(insights, postal_address, leave)| {
        let digest = Digest::new(
            date(2024, 2, 29),
            1,
            "A Newsletter".to_owned(),
            Timestamp::UNIX_EPOCH,
            insights,
        )?;
        let mut page = Page::new(&digest, postal_address, leave);
        page.take_subject("A subject");
        Some(page)
    })
    .collect()
}

fn specimen_insight(
    page: Option<Url>,
    speaker: Option<&str>,
    start_seconds: Option<f64>,
    paragraph: Option<usize>,
) -> Insight {
    let known = page.is_some();
    Insight {
        headline: "A claim in a few words".to_owned(),
        text: "The words themselves, as they were said.".to_owned(),
        shown: None,
        score: 1.0,
        reasons: Vec::new(),
        source: "A Source".to_owned(),
        entry_title: if page.is_some() { "A Title" } else { "" }.to_owned(),
        entry_url: page.clone(),
        enclosure_url: None,
        published: Timestamp::UNIX_EPOCH,
        of_earlier_day: None,
        speaker: speaker.map(str::to_owned),
        start_seconds,
        receipt: Receipt {
            entry_url: page,
            document_sha256: String::new(),
            from_byte: 0,
            to_byte: 0,
            speaker: speaker.map(str::to_owned),
            start_seconds,
            paragraph,
            machine_heard: false,
        },
        topics: speaker.map(|_| "a topic".to_owned()).into_iter().collect(),
        also_said_by: specimen_voices(known, start_seconds),
        related: specimen_related(known, start_seconds),
    }
}

/// One who is named and one who is not, where there is anything to be known.
fn specimen_voices(known: bool, start_seconds: Option<f64>) -> Vec<Voice> {
    let voice = |speaker: Option<&str>, page: Option<Url>| Voice {
        headline: "The claim again".to_owned(),
        text: "The same in other words.".to_owned(),
        shown: None,
        source: "Another Source".to_owned(),
        entry_title: "Another Title".to_owned(),
        entry_url: page.clone(),
        enclosure_url: None,
        published: Timestamp::UNIX_EPOCH,
        speaker: speaker.map(str::to_owned),
        start_seconds: start_seconds.filter(|_| speaker.is_some()),
        receipt: Receipt {
            entry_url: page,
            document_sha256: String::new(),
            from_byte: 0,
            to_byte: 0,
            speaker: speaker.map(str::to_owned),
            start_seconds: None,
            paragraph: None,
            machine_heard: false,
        },
    };
    if !known {
        return Vec::new();
    }
    let page = Url::parse("https://example.org/another").ok();
    vec![voice(Some("Another Speaker"), page), voice(None, None)]
}

/// One that agrees and one that does not.
fn specimen_related(known: bool, start_seconds: Option<f64>) -> Vec<Related> {
    let related = |position: usize, page: Option<Url>| Related {
        date: date(2024, 1, 31),
        position,
        differs: page.is_some(),
        headline: "What was told before".to_owned(),
        source: "An Earlier Source".to_owned(),
        entry_title: "An Earlier Title".to_owned(),
        entry_url: page,
        enclosure_url: None,
        speaker: None,
        start_seconds,
    };
    if !known {
        return Vec::new();
    }
    let page = Url::parse("https://example.org/earlier").ok();
    vec![related(1, page), related(2, None)]
}
