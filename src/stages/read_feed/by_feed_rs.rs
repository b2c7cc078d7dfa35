//! The reading by feed-rs, laid under what the lenient reading found.

use std::borrow::Cow;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use feed_rs::model;
use feed_rs::model::FeedType;
use feed_rs::parser::Builder;
use jiff::Timestamp;
use url::Url;

use crate::stages::read_feed::draft::EntryDraft;
use crate::stages::read_feed::draft::FeedDraft;
use crate::stages::read_feed::words::Form;
use crate::stages::read_feed::words::Words;

/// Lets feed-rs read `root`, the bytes of `text` from the root element on, and takes titles, texts, files, lengths and authors from
/// it where the draft has none. Dates, links and ids stay as the lenient reading found them: feed-rs loses some, and makes up
/// others. It takes longer than all else that is done with a feed, so it is given those entries alone of which the lenient
/// reading found no title or no text, and that were not published before `since`.
pub(super) fn lay_under(
    draft: &mut FeedDraft<'_>,
    text: &str,
    root: Range<usize>,
    base: Option<&Url>,
    since: Option<Timestamp>,
) {
    let (root, mut wanted) = excerpt(&mut draft.entries, text, root, since);
    if wanted.is_empty() {
        return;
    }
    let Some(read) = read(&root, base) else {
        return; // it is strict: one odd role loses it the feed. The lenient reading stands alone then
    };
    let html_by_default = read.feed_type != FeedType::Atom;
    let words = |text: model::Text| {
        let plain = text.content_type.as_str() == "text/plain" && !html_by_default;
        Words::new(text.content, if plain { Form::Plain } else { Form::Html })
    };
    if let Some(title) = read.title {
        draft.title.offer(9, words(title));
    }
    for (entry, read) in pairs(&mut wanted, read.entries) {
        if let Some(title) = read.title {
            entry.title.offer(9, words(title));
        }
        if let Some(summary) = read.summary {
            entry.summary.offer(9, words(summary));
        }
        // what is neither text nor markup is a file in base64
        let legible = |kind: &str| kind.starts_with("text/") || kind.ends_with("ml");
        if let Some(content) = read.content.filter(|it| legible(it.content_type.as_str())) {
            let plain = content.content_type.as_str() == "text/plain";
            if let Some(body) = content.body {
                let form = if plain { Form::Plain } else { Form::Html };
                entry.content.offer(9, Words::new(body, form));
            }
        }
        for name in read.authors.into_iter().filter_map(|person| person.name) {
            entry.author.offer(9, name);
        }
        take_media(entry, read.media);
    }
}

/// The entries that feed-rs is asked about, and the document without the others.
fn excerpt<'d, 'a, 't>(
    entries: &'d mut [EntryDraft<'a>],
    text: &'t str,
    root: Range<usize>,
    since: Option<Timestamp>,
) -> (Cow<'t, str>, Vec<&'d mut EntryDraft<'a>>) {
    let of = entries.len();
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return (Cow::Borrowed(&text[root]), Vec::new());
    };
    let (head, tail) = (root.start..first.place.start, last.place.end..root.end);
    let wanted: Vec<_> = (entries.iter_mut())
        .filter(|entry| entry.lacks_words() && entry.is_since(since))
        .collect();
    if wanted.len() == of {
        return (Cow::Borrowed(&text[root]), wanted);
    }
    let places = wanted.iter().map(|entry| entry.place.clone());
    let parts = [head].into_iter().chain(places).chain([tail]);
    (parts.map(|part| &text[part]).collect(), wanted)
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
    drafts: &'d mut [&mut EntryDraft<'a>],
    read: Vec<model::Entry>,
) -> impl Iterator<Item = (&'d mut EntryDraft<'a>, model::Entry)> {
    let whole = drafts.len() == read.len();
    let mut read = read.into_iter().peekable();
    drafts.iter_mut().filter_map(move |draft| {
        let same = whole || same_entry(draft, read.peek()?);
        same.then(|| read.next())
            .flatten()
            .map(|entry| (&mut **draft, entry))
    })
}

fn same_entry(draft: &EntryDraft<'_>, read: &model::Entry) -> bool {
    let guid = draft.guid.as_deref();
    let link = draft.link.get().map(Url::as_str);
    let links = || read.links.iter().any(|read| Some(read.href.trim()) == link);
    guid.is_some_and(|guid| guid == read.id.trim()) || links()
}
