//! JSON Feed 1.0 and 1.1, read leniently: what is missing or of another kind costs its field, not the feed.

use std::borrow::Cow;

use serde_json::Deserializer;
use serde_json::Map;
use serde_json::Value;
use url::Url;

use crate::model::TranscriptLink;
use crate::stages::read_feed::ENTRIES_MAX;
use crate::stages::read_feed::draft::EntryDraft;
use crate::stages::read_feed::draft::FeedDraft;
use crate::stages::read_feed::tag::resolve;
use crate::stages::read_feed::words::Form;
use crate::stages::read_feed::words::Words;

type Object = Map<String, Value>;

/// Reads a JSON Feed; `None` when the text is no JSON, or JSON of another kind.
pub(super) fn read_json(text: &str, origin: Option<&Url>) -> Option<FeedDraft<'static>> {
    let mut draft = FeedDraft::default();
    let whole: Result<Value, _> = serde_json::from_str(text);
    let Ok(Value::Object(mut feed)) = whole else {
        if whole.is_ok() {
            return None; // JSON, but not an object
        }
        let items = whole_items(text)?;
        draft.warnings.push("The JSON is broken; the entries up to that place were read.".to_owned());
        add_entries(&mut draft, items, origin);
        return Some(draft).filter(|draft| !draft.entries.is_empty());
    };
    let version = feed.get("version").and_then(Value::as_str).unwrap_or_default();
    let says_so = version.contains("jsonfeed.org");
    let items = feed.remove("items");
    if !says_so && !matches!(&items, Some(Value::Array(items)) if items.iter().all(Value::is_object)) {
        return None;
    }
    if let Some(title) = text_of(&feed, "title") {
        draft.title.offer(0, Words::new(title, Form::Plain));
    }
    if let Some(link) = address_of(&feed, "home_page_url", origin) {
        draft.link.offer(0, link);
    }
    if let Some(language) = text_of(&feed, "language") {
        draft.language.offer(0, Cow::Owned(language));
    }
    for name in authors_of(&feed) {
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
    let objects = items.into_iter().take(ENTRIES_MAX).filter_map(|item| match item {
        Value::Object(item) => Some(item),
        _ => None,
    });
    draft.entries.extend(objects.map(|item| entry_of(&item, origin)));
}

fn entry_of(item: &Object, origin: Option<&Url>) -> EntryDraft<'static> {
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
    for (rank, name, form) in [(0, "content_html", Form::Html), (1, "content_text", Form::Plain)] {
        if let Some(content) = text_of(item, name) {
            entry.content.offer(rank, Words::new(content, form));
        }
    }
    for file in objects_of(item, "attachments") {
        take_attachment(&mut entry, file, origin);
    }
    entry
}

/// An attachment is the episode, or a transcript of it by its type.
fn take_attachment(entry: &mut EntryDraft<'_>, file: &Object, origin: Option<&Url>) {
    let Some(url) = address_of(file, "url", origin) else {
        return;
    };
    let media_type = text_of(file, "mime_type");
    let kind = media_type.as_deref().unwrap_or_default().to_ascii_lowercase();
    if matches!(kind.as_str(), "text/vtt" | "application/srt" | "application/x-subrip") {
        entry.transcripts.push(TranscriptLink {
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
fn authors_of(object: &Object) -> Vec<String> {
    let mut names: Vec<String> = objects_of(object, "authors").filter_map(|author| text_of(author, "name")).collect();
    let single = object.get("author").and_then(Value::as_object);
    if let Some(name) = single.filter(|_| names.is_empty()).and_then(|author| text_of(author, "name")) {
        names.push(name);
    }
    names
}

fn objects_of<'o>(object: &'o Object, name: &str) -> impl Iterator<Item = &'o Object> {
    /// Authors or attachments of one entry.
    const OBJECTS_MAX: usize = 64;
    let array = object.get(name).and_then(Value::as_array);
    array.into_iter().flatten().take(OBJECTS_MAX).filter_map(Value::as_object)
}

/// A text, or a number as a text (JSON Feed 1.1 asks for such ids to be taken).
fn text_of(object: &Object, name: &str) -> Option<String> {
    let text = match object.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn address_of(object: &Object, name: &str, origin: Option<&Url>) -> Option<Url> {
    resolve(object.get(name)?.as_str()?, origin)
}

/// The items of a broken document that are whole: those before the place where it breaks.
fn whole_items(text: &str) -> Option<Vec<Value>> {
    let (_, after) = text.split_once("\"items\"")?;
    let mut rest = after.trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')?;
    let mut items = Vec::new();
    while items.len() <= ENTRIES_MAX {
        let mut values = Deserializer::from_str(rest).into_iter::<Value>();
        let Some(Ok(item)) = values.next() else {
            break;
        };
        let after = &rest[values.byte_offset()..];
        items.push(item);
        let Some(next) = after.trim_start().strip_prefix(',') else {
            break;
        };
        rest = next;
    }
    Some(items)
}
