//! The reading by feed-rs, laid under what the lenient reading found.

use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use feed_rs::model;
use feed_rs::model::FeedType;
use feed_rs::parser::Builder;
use url::Url;

use crate::stages::read_feed::draft::EntryDraft;
use crate::stages::read_feed::draft::FeedDraft;
use crate::stages::read_feed::draft::Ranked;
use crate::stages::read_feed::words::Form;
use crate::stages::read_feed::words::Words;

/// Lets feed-rs read `text` and takes titles and texts from it, and files, lengths and authors where the draft has none.
/// Dates, links and ids stay as the lenient reading found them: feed-rs loses some, and makes up others.
pub(super) fn lay_under(draft: &mut FeedDraft<'_>, text: &str, base: Option<&Url>) {
    let Some(read) = read(text, base) else {
        return; // it is strict: one odd role loses it the feed. The lenient reading stands alone then
    };
    let html_by_default = read.feed_type != FeedType::Atom;
    let words = |text: model::Text| {
        let plain = text.content_type.as_str() == "text/plain" && !html_by_default;
        Words::new(text.content, if plain { Form::Plain } else { Form::Html })
    };
    if let Some(title) = read.title {
        prefer(&mut draft.title, words(title));
    }
    for (entry, read) in pairs(&mut draft.entries, read.entries) {
        if let Some(title) = read.title {
            prefer(&mut entry.title, words(title));
        }
        if let Some(summary) = read.summary {
            prefer(&mut entry.summary, words(summary));
        }
        // what is neither text nor markup is a file in base64
        let legible = |kind: &str| kind.starts_with("text/") || kind.ends_with("ml");
        if let Some(content) = read.content.filter(|it| legible(it.content_type.as_str())) {
            let plain = content.content_type.as_str() == "text/plain";
            if let Some(body) = content.body {
                prefer(
                    &mut entry.content,
                    Words::new(body, if plain { Form::Plain } else { Form::Html }),
                );
            }
        }
        for name in read.authors.into_iter().filter_map(|person| person.name) {
            entry.author.offer(9, name);
        }
        take_media(entry, read.media);
    }
}

/// What feed-rs makes of the text; `None` for an error, and for a panic, which a date or a name can bring about in it.
fn read(text: &str, base: Option<&Url>) -> Option<model::Feed> {
    let parser = Builder::new()
        .base_uri(base.map(Url::as_str))
        .id_generator(|_, _, _| String::new()) // no random ids
        .timestamp_parser(|_| None) // dates are read from the words themselves
        .sanitize_content(false)
        .build();
    catch_unwind(AssertUnwindSafe(|| parser.parse(text.as_bytes()).ok()))
        .ok()
        .flatten()
}

/// Takes their words for ours, unless ours are from a better place or in a form of which feed-rs keeps only a part.
fn prefer<'a>(ours: &mut Ranked<Words<'a>>, theirs: Words<'a>) {
    let keeps_more = ours.get().is_some_and(|words| words.intricate);
    if !keeps_more && !theirs.text.trim().is_empty() {
        ours.replace_at(0, theirs);
    }
}

fn take_media(entry: &mut EntryDraft<'_>, media: Vec<model::MediaObject>) {
    for object in media {
        if let Some(length) = object.duration {
            entry.duration_seconds.get_or_insert(length.as_secs_f64());
        }
        for file in object.content {
            let kind = file
                .content_type
                .map(|kind| kind.as_str().to_owned().into());
            if let Some(url) = file
                .url
                .filter(|url| matches!(url.scheme(), "http" | "https"))
            {
                entry.offer_file(4, url, kind, file.size);
            }
        }
        if let Some(description) = object.description {
            entry
                .summary
                .offer(9, Words::new(description.content, Form::Html));
        }
    }
}

/// Pairs of the same entry in both readings. feed-rs leaves some out, but never changes their order.
fn pairs<'d, 'a>(
    drafts: &'d mut [EntryDraft<'a>],
    read: Vec<model::Entry>,
) -> impl Iterator<Item = (&'d mut EntryDraft<'a>, model::Entry)> {
    let whole = drafts.len() == read.len();
    let mut read = read.into_iter().peekable();
    drafts.iter_mut().filter_map(move |draft| {
        let same = whole || same_entry(draft, read.peek()?);
        same.then(|| read.next())
            .flatten()
            .map(|entry| (draft, entry))
    })
}

fn same_entry(draft: &EntryDraft<'_>, read: &model::Entry) -> bool {
    let guid = draft.guid.as_deref();
    let link = draft.link.get().map(Url::as_str);
    let links = || read.links.iter().any(|read| Some(read.href.trim()) == link);
    guid.is_some_and(|guid| guid == read.id.trim()) || links()
}
