//! The `[[source]]` rows of the file.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use toml::Spanned;
use toml::de::DeValue;
use url::Url;

use crate::model::Credentials;
use crate::model::PageTemplate;
use crate::model::Secret;
use crate::model::Source;
use crate::model::SourceKind;
use crate::settings::problems::Notebook;
use crate::settings::read::Surroundings;
use crate::settings::section::Section;
use crate::settings::section::Wrong;
use crate::settings::shape;
use crate::settings::values;

/// Most sources: a day's polite reading of more takes longer than a day's job should.
const SOURCES_MAX: usize = 20_000;

/// Most topics of a source: more than a few say nothing.
const TOPICS_MAX: usize = 20;

/// Reads all rows, in file order; those with a mistake are left out after it was written down.
pub(super) fn read_sources<'a>(
    file: &Section<'a>,
    notebook: &'a Notebook<'a>,
    surroundings: Surroundings<'_>,
) -> Vec<Source> {
    if file.place("source").is_none() {
        notebook.doubtful(
            None,
            "there is no source to read; add one: [[source]] and below it name = \"A Show\", kind = \"podcast\" \
             (or \"article\"), feed = \"https://example.org/feed.xml\", each on its own line"
                .to_owned(),
        );
    }
    let rows = file.rows("source");
    if let Some(first_too_many) = rows.get(SOURCES_MAX) {
        let text = format!(
            "there are {} sources and {SOURCES_MAX} are the most; leave out the rest from here on",
            rows.len()
        );
        notebook.wrong(first_too_many.span().start, text);
    }
    let mut seen = Seen::default();
    let rows = rows.iter().take(SOURCES_MAX).enumerate();
    let mut sources: Vec<Source> = rows
        .filter_map(|(nth, row)| read_source(nth, row, &mut seen, notebook, surroundings))
        .collect();
    sources.shrink_to_fit(); // of ten thousand the spare room is two megabytes
    sources
}

/// The environment variables in which rows say that their secrets are.
pub(super) fn secret_variables(file: &Section<'_>) -> BTreeSet<String> {
    let Some(rows) = file
        .value("source")
        .and_then(|rows| rows.get_ref().as_array())
    else {
        return BTreeSet::new();
    };
    rows.iter()
        .filter_map(|row| row.get_ref().as_table()?.get("credentials"))
        .filter_map(|credentials| credentials.get_ref().as_table())
        .flat_map(|credentials| {
            ["password_env", "bearer_env"]
                .into_iter()
                .filter_map(|key| credentials.get(key)?.get_ref().as_str())
        })
        .map(|name| name.trim().to_owned())
        .collect()
}

/// Names and feeds of the rows above, each with its line.
#[derive(Default)]
struct Seen {
    names: BTreeMap<String, usize>,
    feeds: BTreeMap<Url, usize>,
}

fn read_source<'a>(
    nth: usize,
    row: &'a Spanned<DeValue<'a>>,
    seen: &mut Seen,
    notebook: &'a Notebook<'a>,
    surroundings: Surroundings<'_>,
) -> Option<Source> {
    let at = row.span().start;
    let label = format!("source {}: ", nth + 1);
    let Some(table) = row.get_ref().as_table() else {
        notebook.wrong(
            at,
            format!("{label}is not a table; write it as a [[source]] row"),
        );
        return None;
    };
    let readable_name = table
        .get("name")
        .and_then(|name| name.get_ref().as_str())
        .and_then(|name| values::line(name).ok());
    let label = readable_name.map_or(label, |name| format!("\"{name}\": "));
    let row = Section::open(&shape::SOURCE, label, at, table, notebook);
    for key in ["name", "kind", "feed"] {
        if row.place(key).is_none() {
            row.missing(key, "is missing");
        }
    }

    // everything is read before anything is given up, so that all mistakes of the row are found
    let name = row.read("name", values::line);
    let kind = row.read("kind", kind);
    let feed = row.read("feed", values::web_url);
    if let Some(name) = &name {
        refuse_second_name(&row, name, &mut seen.names, notebook);
    }
    if let Some(feed) = &feed {
        refuse_second_feed(&row, feed, &mut seen.feeds, notebook);
    }
    let language = row.read("language", values::language);
    let weight = row
        .number(
            "weight",
            |weight| weight > 0.0 && weight <= 10.0,
            "more than 0 and at most 10",
        )
        .unwrap_or(1.0);
    let topics = read_topics(&row);
    let selector = row.read("selector", values::selector);
    let (transcript, transcript_page) = read_transcript(&row, notebook);
    let credentials = read_credentials(&row, notebook, surroundings);
    Some(Source {
        name: name?,
        kind: kind?,
        feed: feed?,
        language,
        weight,
        topics,
        selector,
        transcript,
        transcript_page,
        credentials,
    })
}

fn kind(text: &str) -> Result<SourceKind, Wrong> {
    match text.trim() {
        "podcast" => Ok(SourceKind::Podcast),
        "article" => Ok(SourceKind::Article),
        _ => Err(Wrong::is("is neither \"podcast\" nor \"article\"")),
    }
}

fn refuse_second_name(
    row: &Section<'_>,
    name: &str,
    names: &mut BTreeMap<String, usize>,
    notebook: &Notebook<'_>,
) {
    let line = notebook.line(row.place("name").unwrap_or(row.at()));
    if let Some(first) = names.get(name) {
        let what = format!("is the name of another source too, on line {first}");
        row.wrong(
            "name",
            Wrong::is(what).instead("give each source a name of its own"),
        );
    } else {
        names.insert(name.to_owned(), line);
    }
}

fn refuse_second_feed(
    row: &Section<'_>,
    feed: &Url,
    feeds: &mut BTreeMap<Url, usize>,
    notebook: &Notebook<'_>,
) {
    let line = notebook.line(row.place("feed").unwrap_or(row.at()));
    // what stands behind the # is never sent, so the server gives the same feed
    let mut feed = feed.clone();
    feed.set_fragment(None);
    if let Some(first) = feeds.get(&feed) {
        let what = format!("is read already by the source on line {first}");
        row.wrong(
            "feed",
            Wrong::is(what).instead("leave one of the two sources out"),
        );
    } else {
        feeds.insert(feed, line);
    }
}

fn read_topics(row: &Section<'_>) -> Vec<String> {
    let mut topics: Vec<String> = Vec::new();
    for topic in row.read_list("topics", values::topic) {
        if !topics.contains(&topic) {
            topics.push(topic);
        }
    }
    if topics.len() > TOPICS_MAX {
        let what = format!("has more than {TOPICS_MAX} entries");
        row.wrong(
            "topics",
            Wrong::is(what).instead("keep those that say the most"),
        );
    }
    topics
}

/// The selector of the transcript, and the template of the pages that it stands on: a selector alone as text, both in a table.
fn read_transcript<'a>(
    row: &Section<'a>,
    notebook: &'a Notebook<'a>,
) -> (Option<String>, Option<PageTemplate>) {
    let Some(value) = row.value("transcript") else {
        return (None, None);
    };
    let Some(table) = value.get_ref().as_table() else {
        return (row.read("transcript", values::transcript_selector), None);
    };
    let label = format!("{}transcript: ", row.label());
    let at = value.span().start;
    let transcript = Section::open(&shape::TRANSCRIPT, label, at, table, notebook);
    if transcript.place("selector").is_none() && transcript.place("url").is_none() {
        transcript.missing("selector", "is missing, and so is url");
    }
    (
        transcript.read("selector", values::selector),
        transcript.read("url", values::page_template),
    )
}

fn read_credentials<'a>(
    row: &Section<'a>,
    notebook: &'a Notebook<'a>,
    surroundings: Surroundings<'_>,
) -> Option<Credentials> {
    let value = row.value("credentials")?;
    let Some(table) = value.get_ref().as_table() else {
        row.mistyped("credentials", value, "a table");
        return None;
    };
    let label = format!("{}credentials: ", row.label());
    let at = value.span().start;
    let given = Section::open(&shape::CREDENTIALS, label, at, table, notebook);
    let user = given.read("user", values::line);
    let password = read_secret(&given, "password_env", surroundings);
    let token = read_secret(&given, "bearer_env", surroundings);

    let has = |key: &str| given.place(key).is_some();
    match (has("user"), has("password_env"), has("bearer_env")) {
        (true, true, false) => Some(Credentials::Basic {
            user: user?,
            password: password?,
        }),
        (false, false, true) => token.map(Credentials::Bearer),
        (_, _, true) => {
            let instead = "keep bearer_env, or user and password_env";
            given.wrong(
                "bearer_env",
                Wrong::is("stands beside a user or a password").instead(instead),
            );
            None
        }
        (has_user, _, false) => {
            let key = if has_user { "password_env" } else { "user" };
            given.missing(key, "is missing");
            None
        }
    }
}

/// The secret in the environment variable that `key` names.
fn read_secret(
    credentials: &Section<'_>,
    key: &str,
    surroundings: Surroundings<'_>,
) -> Option<Secret> {
    let variable = credentials.read(key, values::variable)?;
    let secret = surroundings.secret(&variable);
    if secret.is_none() {
        credentials.wrong(
            key,
            Wrong::is(format!(
                "names the environment variable {variable}, which is not set or empty"
            ))
            .instead(format!("set {variable} before the run")),
        );
    }
    secret
}
