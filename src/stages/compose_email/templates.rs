//! The templates of the mail: the built-in ones, or the operator's own of the same name.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::date;
use minijinja::Environment;
use minijinja::UndefinedBehavior;
use minijinja::value::Serde;
use url::Url;

use super::leave::Leave;
use super::page::Page;
use super::plain::one_line;
use crate::model::Digest;
use crate::model::Insight;
use crate::model::Receipt;

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
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
}

impl Templates {
    /// The built-in templates, with `overrides` (file name to text) in the place of those of the same name; other names
    /// can be included from them. Each template is filled once with a specimen, so that a mistake shows here.
    pub fn new(overrides: &BTreeMap<String, String>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.add_filter("wrap", wrap);
        let built_in = BUILT_IN
            .iter()
            .filter(|(name, _)| !overrides.contains_key(*name))
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let own = overrides
            .iter()
            .map(|(name, text)| (name.clone(), text.clone()));
        for (name, text) in built_in.chain(own) {
            environment
                .add_template_owned(name.clone(), text)
                .map_err(|error| TemplateError::new(&name, &error))?;
        }
        let templates = Self { environment };
        for page in specimens() {
            templates.subject(&page)?;
            templates.text(&page)?;
            templates.html(&page)?;
        }
        Ok(templates)
    }

    pub(super) fn subject(&self, page: &Page) -> Result<String, TemplateError> {
        let subject = one_line(&self.fill(SUBJECT, page)?, SUBJECT_CHARACTERS_MAX);
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
        let mut text = self.fill(TEXT, page)?;
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
            .inline(&self.fill(HTML, page)?)
            .map_err(|error| TemplateError {
                file: HTML.to_owned(),
                line: 1,
                problem: one_line(&format!("style rules: {error}"), PROBLEM_CHARACTERS_MAX),
            })
    }

    fn fill(&self, name: &str, page: &Page) -> Result<String, TemplateError> {
        self.environment
            .get_template(name)
            .and_then(|template| template.render(Serde(page)))
            .map_err(|error| TemplateError::new(name, &error))
    }
}

const PROBLEM_CHARACTERS_MAX: usize = 300; // a sentence or two; it may repeat the template's own text

/// A mistake in a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "templates/email/{file}:{line}: {problem}; correct the file, or take it away to use the built-in one"
)]
pub struct TemplateError {
    /// The file.
    pub file: String,
    /// The line in it, counted from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: String,
}

impl TemplateError {
    fn new(name: &str, error: &minijinja::Error) -> Self {
        let kind = error.kind().to_string();
        let problem = match error.detail() {
            Some(detail) => format!("{kind}: {detail}"),
            None => kind,
        };
        Self {
            file: error.name().unwrap_or(name).to_owned(),
            line: error.line().unwrap_or(1),
            problem: one_line(&problem, PROBLEM_CHARACTERS_MAX),
        }
    }
}

/// The filter `wrap(width, indent)`: words set in lines of at most `width` characters, each behind `indent`. A word that
/// is longer stands alone. A space that does not break holds its words together, and becomes a plain one.
fn wrap(text: &str, width: usize, indent: Option<&str>) -> String {
    let indent = indent.unwrap_or_default();
    let mut wrapped = String::from(indent);
    let mut column = 0;
    for word in text
        .split([' ', '\n', '\t'])
        .filter(|word| !word.is_empty())
    {
        let characters = word.chars().count();
        if column > 0 && column + 1 + characters > width {
            wrapped.push('\n');
            wrapped.push_str(indent);
            column = 0;
        }
        if column > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += characters;
    }
    wrapped.replace('\u{a0}', " ")
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
        },
        topics: speaker.map(|_| "a topic".to_owned()).into_iter().collect(),
    }
}
