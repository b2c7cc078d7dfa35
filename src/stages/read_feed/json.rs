//! JSON Feed 1.0 and 1.1, read leniently: what is missing or of another kind costs its field, not the feed.

use std::borrow::Cow;

use serde_json::Map;
use serde_json::Value;
use url::Url;

use crate::model::TranscriptLink;
use crate::stages::read_feed::ENTRIES_MAX;
use crate::stages::read_feed::draft::EntryDraft;
use crate::stages::read_feed::draft::FeedDraft;
use crate::stages::read_feed::loose_json::Budget;
use crate::stages::read_feed::loose_json::end_of_value;
use crate::stages::read_feed::loose_json::mend;
use crate::stages::read_feed::tag::resolve;
use crate::stages::read_feed::words::Form;
use crate::stages::read_feed::words::Words;

type Object = Map<String, Value>;

/// Reads a JSON Feed; `None` when the text is no JSON, or JSON of another kind.
pub(super) fn read_json(text: &str, origin: Option<&Url>) -> Option<FeedDraft<'static>> {
    let mut draft = FeedDraft::default();
    let mut feed = match Budget::default().read(text) {
        Ok(Value::Object(feed)) => feed,
        Ok(_) => return None,
        Err(_) => mended(&mend(text), &mut draft)?,
    };
    let version = feed
        .get("version")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let says_so = version.contains("jsonfeed.org");
    let items = feed.remove("items");
    if !says_so
        && !matches!(&items, Some(Value::Array(items)) if items.iter().all(Value::is_object))
    {
        return None;
    }
    if let Some(title) = text_of(&mut feed, "title") {
        draft.title.offer(0, Words::new(title, Form::Plain));
    }
    if let Some(link) = address_of(&feed, "home_page_url", origin) {
        draft.link.offer(0, link);
    }
    if let Some(language) = text_of(&mut feed, "language") {
        draft.language.offer(0, Cow::Owned(language));
    }
    for name in authors_of(&mut feed) {
        draft.author.offer_name(0, name);
    }
    if let Some(Value::Array(items)) = items {
        add_entries(&mut draft, items, origin);
    }
    Some(draft)
}

fn add_entries(draft: &mut FeedDraft<'static>, items: Vec<Value>, origin: Option<&Url>) {
    if items.len() > ENTRIES_MAX {
        let cut = format!("Only the first {ENTRIES_MAX} entries were read.");
        draft.warnings.push(cut);
    }
    let objects = items
        .into_iter()
        .take(ENTRIES_MAX)
        .filter_map(|item| match item {
            Value::Object(item) => Some(item),
            _ => None,
        });
    draft
        .entries
        .extend(objects.map(|item| entry_of(item, origin)));
}

fn entry_of(mut item: Object, origin: Option<&Url>) -> EntryDraft<'static> {
    let item = &mut item;
    let mut entry = EntryDraft {
        guid: text_of(item, "id").map(Cow::Owned),
        ..EntryDraft::default()
    };
    for (rank, name) in [(0, "url"), (1, "external_url")] {
        if let Some(link) = address_of(item, name, origin) {
            entry.link.offer(rank, link);
        }
    }
    let guid_as_link = entry.guid.as_deref().and_then(|guid| resolve(guid, None));
    if let Some(link) = guid_as_link {
        entry.link.offer(3, link);
    }
    if let Some(title) = text_of(item, "title") {
        entry.title.offer(0, Words::new(title, Form::Plain));
    }
    for (rank, name) in [(0, "date_published"), (3, "date_modified")] {
        if let Some(date) = text_of(item, name) {
            entry.dates.push((rank, Cow::Owned(date)));
        }
    }
    for name in authors_of(item) {
        entry.author.offer_name(0, name);
    }
    if let Some(summary) = text_of(item, "summary") {
        entry.summary.offer(0, Words::new(summary, Form::Plain));
    }
    for (rank, name, form) in [
        (0, "content_html", Form::Html),
        (1, "content_text", Form::Plain),
    ] {
        if let Some(content) = text_of(item, name) {
            entry.content.offer(rank, Words::new(content, form));
        }
    }
    for mut file in objects_of(item, "attachments") {
        take_attachment(&mut entry, &mut file, origin);
    }
    entry
}

/// An attachment is the episode, or a transcript of it by its type.
fn take_attachment(entry: &mut EntryDraft<'_>, file: &mut Object, origin: Option<&Url>) {
    let Some(url) = address_of(file, "url", origin) else {
        return;
    };
    let media_type = text_of(file, "mime_type");
    let kind = media_type
        .as_deref()
        .unwrap_or_default()
        .to_ascii_lowercase();
    if matches!(
        kind.as_str(),
        "text/vtt" | "application/srt" | "application/x-subrip"
    ) {
        entry.offer_transcript(TranscriptLink {
            url,
            media_type,
            language: None,
            rel: None,
        });
        return;
    }
    let bytes = file.get("size_in_bytes").and_then(Value::as_u64);
    let seconds = file.get("duration_in_seconds").and_then(Value::as_f64);
    let seconds = seconds.filter(|seconds| *seconds > 0.0);
    entry.offer_file(0, url, media_type.map(Cow::Owned), bytes);
    entry.duration_seconds = entry.duration_seconds.or(seconds);
}

/// `authors` of version 1.1, else `author` of version 1.0.
fn authors_of(object: &mut Object) -> Vec<String> {
    let mut authors = objects_of(object, "authors");
    if let (true, Some(Value::Object(author))) = (authors.is_empty(), object.remove("author")) {
        authors.push(author);
    }
    authors
        .iter_mut()
        .filter_map(|author| text_of(author, "name"))
        .collect()
}

fn objects_of(object: &mut Object, name: &str) -> Vec<Object> {
    /// Authors or attachments of one entry.
    const OBJECTS_MAX: usize = 64;
    let Some(Value::Array(values)) = object.remove(name) else {
        return Vec::new();
    };
    let objects = values
        .into_iter()
        .take(OBJECTS_MAX)
        .filter_map(|value| match value {
            Value::Object(object) => Some(object),
            _ => None,
        });
    objects.collect()
}

/// Takes a text, or a number as a text (JSON Feed 1.1 asks for such ids to be taken).
fn text_of(object: &mut Object, name: &str) -> Option<String> {
    let text = match object.remove(name)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return None;
    }
    Some(if trimmed.len() == text.len() {
        text
    } else {
        trimmed.to_owned()
    })
}

fn address_of(object: &Object, name: &str, origin: Option<&Url>) -> Option<Url> {
    resolve(object.get(name)?.as_str()?, origin)
}

/// What a text gives that was mended, be it only a part of it.
fn mended(text: &str, draft: &mut FeedDraft<'_>) -> Option<Object> {
    let mut warn = |sentence: &str| draft.warnings.push(sentence.to_owned());
    match Budget::default().read(text) {
        Ok(Value::Object(feed)) => {
            warn("The JSON has strings or commas that it must not have; they were mended.");
            Some(feed)
        }
        Ok(_) => None,
        Err(_) => {
            let feed = whole_part(text)?;
            draft.lost_entry = true;
            warn("The JSON breaks off or is broken; the entries that are whole were read.");
            Some(feed)
        }
    }
}

/// Of a broken document, what comes before its items, and those of them that are whole.
fn whole_part(text: &str) -> Option<Object> {
    let (head, after) = text.split_once("\"items\"")?;
    let mut rest = after
        .trim_start()
        .strip_prefix(':')?
        .trim_start()
        .strip_prefix('[')?;
    let budget = Budget::default();
    let mut items = Vec::new();
    while let Some(end) = end_of_value(rest).filter(|_| items.len() <= ENTRIES_MAX) {
        let (item, after) = rest.split_at(end);
        items.extend(budget.read(item));
        let Some(next) = after.trim_start().strip_prefix(',') else {
            break;
        };
        rest = next;
    }
    let head = format!("{}}}", head.trim_end().trim_end_matches(','));
    let mut feed: Object = serde_json::from_str(&head).unwrap_or_default();
    feed.insert("items".to_owned(), Value::Array(items));
    Some(feed)
}
