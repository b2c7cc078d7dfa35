//! The file of an entry in, what was written there out: its head, its notes and its conversation or article.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::demo::world::conversation::Conversation;
use crate::demo::world::markup;

/// Reads the file of an entry: `key: value` lines, then the notes, then the body, with a line `---` between them. A
/// file with a `by:` line is an article, any other a conversation; the body may be missing.
pub(super) fn read_script(slug: &str, text: &str, base: &str) -> Result<Script, ScriptError> {
    let text = text.replace("{{base}}", base);
    let mut parts = text.splitn(3, "\n---\n");
    let head = parts.next().unwrap_or_default();
    let notes = parts.next().unwrap_or_default();
    let body = parts.next().unwrap_or_default();

    let value = |key: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value.trim().to_owned())
    };
    let missing = |key: &'static str| ScriptError::Missing {
        slug: slug.to_owned(),
        key,
    };
    let author = value("by");
    Ok(Script {
        slug: slug.to_owned(),
        title: value("title").ok_or_else(|| missing("title"))?,
        published: value("published")
            .and_then(|time| time.parse().ok())
            .ok_or_else(|| missing("published"))?,
        people: value("with")
            .map(|list| read_people(&list))
            .unwrap_or_default(),
        clip: value("clip"),
        notes: markup::to_html(notes),
        body: match (&author, body.trim().is_empty()) {
            (_, true) => Body::None,
            (Some(_), false) => Body::Article(markup::to_html(body)),
            (None, false) => Body::Conversation(Conversation::read(slug, body)?),
        },
        author,
    })
}

/// An entry as it was written.
pub(super) struct Script {
    /// Name of its file, and of its pages.
    pub(super) slug: String,
    /// Its title.
    pub(super) title: String,
    /// When its feed says that it was published.
    pub(super) published: Timestamp,
    /// Who wrote it, where it is an article.
    pub(super) author: Option<String>,
    /// Who takes part, and as what.
    pub(super) people: Vec<(String, String)>,
    /// The words with which the editors' clip begins.
    pub(super) clip: Option<String>,
    /// Show notes or teaser, as HTML.
    pub(super) notes: String,
    /// What it is about to be quoted from.
    pub(super) body: Body,
}

/// The long part of an entry.
pub(super) enum Body {
    /// There are only notes.
    None,
    /// People talk.
    Conversation(Conversation),
    /// Somebody writes; HTML.
    Article(String),
}

/// What is wrong with the file of an entry.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScriptError {
    /// A line of the head is not there or cannot be read.
    #[error(
        "demo world, {slug}: no line \"{key}: …\" that can be read; write one above the first ---"
    )]
    Missing {
        /// Name of the file.
        slug: String,
        /// Name of the line.
        key: &'static str,
    },
    /// A paragraph of a conversation that nobody says.
    #[error("demo world, {slug}: nobody says \"{opening}\"; begin each turn with \"Name: \"")]
    NobodySpeaks {
        /// Name of the file.
        slug: String,
        /// How the paragraph begins.
        opening: String,
    },
}

impl Script {
    /// The day on which it was published.
    pub(super) fn day(&self) -> Date {
        self.published.to_zoned(TimeZone::UTC).date()
    }

    /// What people say in it, where it is a conversation.
    pub(super) fn conversation(&self) -> Option<&Conversation> {
        match &self.body {
            Body::Conversation(conversation) => Some(conversation),
            Body::None | Body::Article(_) => None,
        }
    }

    /// The article, as HTML, where it is one.
    pub(super) fn article(&self) -> Option<&str> {
        match &self.body {
            Body::Article(html) => Some(html),
            Body::None | Body::Conversation(_) => None,
        }
    }
}

fn read_people(list: &str) -> Vec<(String, String)> {
    list.split(", ")
        .filter_map(|person| person.strip_suffix(')')?.split_once(" ("))
        .map(|(name, role)| (name.to_owned(), role.to_owned()))
        .collect()
}
