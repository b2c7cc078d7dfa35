//! What must hold of any bytes that come in the place of a feed, and feeds damaged in the ways in which feeds are.

use std::collections::BTreeSet;

use takefive::model::Feed;
use takefive::stages::read_feed::ENTRIES_MAX;
use takefive::stages::read_feed::FeedOrigin;
use takefive::stages::read_feed::ReadFeedError;
use takefive::stages::read_feed::read_feed;
use url::Url;

/// Whole feeds of each kind, to be damaged.
const WHOLE: [&[u8]; 10] = [
    include_bytes!("../../cases/read_feed/rss_2_0/input.xml"),
    include_bytes!("../../cases/read_feed/atom_1_0/input.xml"),
    include_bytes!("../../cases/read_feed/atom_0_3/input.xml"),
    include_bytes!("../../cases/read_feed/rdf_rss_1_0/input.xml"),
    include_bytes!("../../cases/read_feed/podcast_namespace_in_full/input.xml"),
    include_bytes!("../../cases/read_feed/alternative_enclosures_and_numbers/input.xml"),
    include_bytes!("../../cases/read_feed/chapters_in_the_feed_itself/input.xml"),
    include_bytes!("../../cases/read_feed/bare_ampersands_and_html_entities/input.xml"),
    include_bytes!("../../cases/read_feed/json_feed_1_1_with_integer_ids/input.json"),
    include_bytes!("../../cases/read_feed/json_feed_with_mistakes/input.json"),
];

/// What gets into feeds by mistake or by malice.
const PIECES: [&str; 40] = [
    "<",
    ">",
    "&",
    "\"",
    "'",
    "]]>",
    "<![CDATA[",
    "<!--",
    "-->",
    "<?x ",
    "?>",
    "<!DOCTYPE rss [<!ENTITY a \"&a;&a;\">]>",
    "&a;",
    "&eacute;",
    "&#x110000;",
    "&#146;",
    "&#xd800;",
    "\0",
    "\u{b}",
    "\u{85}",
    "\u{fffe}",
    "\u{feff}",
    "<item>",
    "</item>",
    "<entry>",
    "</entry>",
    "<title>",
    "</title>",
    "<html>",
    "<content type=\"xhtml\">",
    "<link href=\"//\" rel=\"enclosure\"/>",
    " xml:base=\"../\"",
    " xmlns=\"\"",
    "<guid>",
    "<pubDate>31 Feb 24:60</pubDate>",
    "<itunes:duration>1:2:3:4</itunes:duration>",
    "\\ud83d",
    "\\",
    "{\"id\":",
    "],",
];

/// Any bytes; the first says with what type and from where they come.
pub(crate) fn feeds(bytes: &[u8]) {
    let Some((said, bytes)) = bytes.split_first() else {
        return;
    };
    check(bytes, *said);
}

/// The first byte picks a feed; each three after it damage it once more, and the last one says how it comes.
pub(crate) fn damaged_feeds(bytes: &[u8]) {
    let [which, steps @ .., said] = bytes else {
        return;
    };
    let mut feed = whole(*which).to_vec();
    for step in steps.chunks_exact(3).take(24) {
        damage(
            &mut feed,
            step[0],
            usize::from(step[1]),
            usize::from(step[2]),
        );
        feed.truncate(1 << 16); // doubling again and again makes nothing new
    }
    check(&feed, *said);
}

fn whole(which: u8) -> &'static [u8] {
    WHOLE[usize::from(which) % WHOLE.len()]
}

/// `place` is where, in parts of 256 of the feed; `much` is how much, or of what kind.
fn damage(feed: &mut Vec<u8>, kind: u8, place: usize, much: usize) {
    let at = place * feed.len() / 256;
    let piece = PIECES[much % PIECES.len()];
    match kind % 16 {
        0 => feed.truncate(at),
        1 => {
            // an end tag goes missing
            if let Some((from, to)) = tag_after(feed, at, b"</") {
                feed.drain(from..to);
            }
        }
        2 => {
            // a tag comes twice, or very often
            if let Some((from, to)) = tag_after(feed, at, b"<") {
                let copies = feed[from..to].repeat(if much > 200 { 300 } else { 1 });
                feed.splice(from..from, copies);
            }
        }
        3 => {
            // the quotes of two attributes change places
            let quotes: Vec<usize> = (at..feed.len())
                .filter(|&at| feed[at] == b'"')
                .take(2 + much % 4)
                .collect();
            if let [first, .., last] = quotes[..] {
                feed[first..=last].reverse();
            }
        }
        4 => {
            // another feed goes on where this one stops
            let other = whole(u8::try_from(much).unwrap_or(0));
            feed.truncate(at);
            feed.extend_from_slice(&other[other.len() / 3..]);
        }
        5 => {
            let name = ["b", "item", "a:b", "media:group", "title"][much % 5];
            let (opened, closed) = (format!("<{name}>"), format!("</{name}>"));
            let deep = opened.repeat(much) + &closed.repeat(much / 2);
            feed.splice(at..at, deep.into_bytes());
        }
        6 => drop(feed.splice(at..at, format!("<{}>", "n".repeat(much * 64)).into_bytes())),
        7 => {
            let declared = |nth| format!(" xmlns:n{nth}=\"http://www.w3.org/2005/Atom\"");
            let spaces: Vec<String> = (0..much).map(declared).collect();
            let spaces = spaces.concat();
            if let Some((_, to)) = tag_after(feed, at, b"<") {
                feed.splice(to - 1..to - 1, spaces.into_bytes());
            }
        }
        8 => {
            if let Some((_, to)) = tag_after(feed, at, b"<") {
                feed.splice(
                    to - 1..to - 1,
                    format!(" a=\"{}\"", piece.repeat(much * 8)).into_bytes(),
                );
            }
        }
        9 => drop(
            feed.splice(
                at..at,
                piece
                    .bytes()
                    .cycle()
                    .take(piece.len() * (1 + much / 40))
                    .collect::<Vec<u8>>(),
            ),
        ),
        10 => drop(feed.splice(at..at, [u8::try_from(much).unwrap_or(0)])),
        11 => drop(feed.drain(at..(at + much).min(feed.len()))),
        12 => {
            // in another encoding
            let text = String::from_utf8_lossy(feed).into_owned();
            *feed = match much % 4 {
                0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                1 => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
                2 => text
                    .chars()
                    .flat_map(|c| u32::from(c).to_be_bytes())
                    .collect(),
                _ => text
                    .chars()
                    .map(|c| u8::try_from(c).unwrap_or(b'?'))
                    .collect(),
            };
        }
        13 => {
            let second = (at + much).min(feed.len());
            feed[at..second].reverse();
        }
        14 => {
            let end = (at + much * 4).min(feed.len());
            let copy = feed[at..end].to_vec();
            feed.splice(at..at, copy);
        }
        _ => drop(feed.splice(at..at, piece.bytes())),
    }
}

/// Where the first tag at or after `at` begins and ends.
fn tag_after(feed: &[u8], at: usize, begin: &[u8]) -> Option<(usize, usize)> {
    let from = at
        + feed[at..]
            .windows(begin.len())
            .position(|window| window == begin)?;
    let to = from + feed[from..].iter().position(|&byte| byte == b'>')? + 1;
    Some((from, to))
}

/// The same bytes give the same feed; ids are unique, and every value is what its field says.
fn check(bytes: &[u8], said: u8) {
    let url = Url::parse("https://user:pass-7f3@show.example.org/feeds/all.xml?token=key-7f3")
        .expect("an address");
    let content_type = match said % 8 {
        1 => Some("text/html"),
        2 => Some("application/rss+xml; charset=utf-8"),
        3 => Some("text/xml; charset=\"iso-8859-1\""),
        4 => Some("application/feed+json; charset=utf-16"),
        5 => Some("text/plain; charset=shift_jis"),
        6 => Some("; charset=;;"),
        _ => None,
    };
    let origin = FeedOrigin {
        source: "A Show",
        url: (said & 8 == 0).then_some(&url),
        content_type,
        texts_since: None,
    };
    match (read_feed(bytes, &origin), read_feed(bytes, &origin)) {
        (Ok(feed), Ok(again)) => {
            assert_eq!(feed, again);
            check_feed(&feed);
        }
        (Err(error), Err(again)) => check_error(&error, &again),
        _ => panic!("one reading is a feed and the other none"),
    }
}

fn check_feed(feed: &Feed) {
    let ids: BTreeSet<&str> = feed.entries.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids.len(), feed.entries.len());
    assert!(feed.entries.len() <= ENTRIES_MAX);
    assert!(
        feed.warnings
            .iter()
            .all(|warning| warning.ends_with('.') && warning.len() < 200)
    );
    for entry in &feed.entries {
        assert!(entry.title.trim() == entry.title && !entry.title.contains('\n'));
        let enclosure = entry.enclosure.as_ref().map(|file| &file.url);
        let transcripts = entry.transcripts.iter().map(|transcript| &transcript.url);
        let addresses = entry
            .link
            .iter()
            .chain(&entry.chapters)
            .chain(enclosure)
            .chain(transcripts);
        for address in addresses {
            assert!(matches!(address.scheme(), "http" | "https"), "{address}");
            let leaks = address.username() == "user" || address.query() == Some("token=key-7f3");
            assert!(
                !leaks,
                "the feed's own credentials are no part of its links: {address}"
            );
        }
        let seconds = entry.duration_seconds.into_iter();
        let clips = entry
            .soundbites
            .iter()
            .flat_map(|clip| [clip.start_seconds, clip.duration_seconds]);
        let chapters = entry
            .own_chapters
            .iter()
            .map(|chapter| chapter.start_seconds);
        assert!(
            seconds
                .chain(clips)
                .chain(chapters)
                .all(|seconds| seconds.is_finite() && seconds >= 0.0)
        );
        assert!(
            [&entry.summary, &entry.content]
                .into_iter()
                .flatten()
                .all(|html| !html.is_empty())
        );
        assert!(entry.people.iter().all(|person| !person.name.is_empty()));
    }
}

fn check_error(error: &ReadFeedError, again: &ReadFeedError) {
    let told = error.to_string();
    assert_eq!(told, again.to_string());
    assert!(
        !told.contains(char::is_control) && !told.contains("-7f3"),
        "{told}"
    );
}
