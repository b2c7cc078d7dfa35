//! Chapters: read from a feed or from the file it links, and what their titles say of the passages that stand in them.

use proptest::prelude::any;
use proptest::prop_assert;
use proptest::proptest;
use takefive::model::Candidate;
use takefive::model::Chapter;
use takefive::model::Document;
use takefive::model::Entry;
use takefive::model::TextOrigin;
use takefive::stages::find_insights::Context;
use takefive::stages::find_insights::Fate;
use takefive::stages::find_insights::Rules;
use takefive::stages::find_insights::find_insights;
use takefive::stages::find_insights::why_not;
use takefive::stages::read_chapters::CHAPTERS_BYTES_MAX;
use takefive::stages::read_chapters::NoChapters;
use takefive::stages::read_chapters::read_chapters;
use takefive::stages::read_feed::FeedOrigin;
use takefive::stages::read_feed::read_feed;

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::vtt;

fn told(chapters: &[Chapter]) -> Vec<(f64, &str)> {
    chapters
        .iter()
        .map(|chapter| (chapter.start_seconds, chapter.title.as_str()))
        .collect()
}

#[test]
fn a_file_of_chapters_is_read_in_the_order_of_their_times() {
    let file = r#"{"version": "1.2.0", "title": "Locks", "chapters": [
        {"startTime": 92.5, "title": "  Small \n keys\u0007 ", "img": "https://locks.example/1.png"},
        {"startTime": 0, "title": "Hello", "toc": true, "url": "https://locks.example/"},
        {"startTime": 40, "title": "A picture of a key", "toc": false},
        {"startTime": "120", "title": "Written as a text"},
        {"startTime": -1, "title": "Before the start"},
        {"startTime": 130},
        {"startTime": 140, "title": " "},
        {"title": "No time"},
        7]}"#;
    let read = read_chapters(format!("\u{feff}{file}").as_bytes()).unwrap();
    assert_eq!(
        told(&read),
        [
            (0.0, "Hello"),
            (92.5, "Small keys"),
            (120.0, "Written as a text")
        ]
    );
}

#[test]
fn what_is_no_file_of_chapters_is_refused_with_a_reason() {
    for bytes in [
        &b""[..],
        b"<!doctype html><title>Not found</title>",
        b"[]",
        b"{\"version\": \"1.2.0\"}",
        b"{\"chapters\": {\"0\": \"Hello\"}}",
        b"\xff\xfe\x00",
    ] {
        let refused = read_chapters(bytes).unwrap_err();
        assert!(matches!(refused, NoChapters::NotChapters(_)), "{refused}");
    }
}

#[test]
fn chapters_are_bounded_in_bytes_in_number_and_in_the_length_of_a_title() {
    let file = |count: usize| {
        let rows: Vec<String> = (0..count)
            .map(|nth| format!("{{\"startTime\": {nth}, \"title\": \"Part {nth}\"}}"))
            .collect();
        format!("{{\"chapters\": [{}]}}", rows.join(","))
    };
    let most = Chapter::COUNT_MAX;
    assert_eq!(read_chapters(file(most).as_bytes()).unwrap().len(), most);
    assert_eq!(
        read_chapters(file(most + 1).as_bytes()).unwrap().len(),
        most
    );
    let padded = |bytes: usize| {
        let mut padded = file(1).into_bytes();
        padded.resize(bytes, b' ');
        padded
    };
    assert_eq!(read_chapters(&padded(CHAPTERS_BYTES_MAX)).unwrap().len(), 1);
    assert_eq!(
        read_chapters(&padded(CHAPTERS_BYTES_MAX + 1)),
        Err(NoChapters::TooLarge)
    );
    let longest = "ö".repeat(Chapter::TITLE_CHARS_MAX);
    assert_eq!(Chapter::read(0.0, &longest).unwrap().title, longest);
    let longer = format!("{longest}ö");
    assert_eq!(Chapter::read(0.0, &longer).unwrap().title, longest);
    assert_eq!(Chapter::read(f64::NAN, "Hello"), None);
}

#[test]
fn a_feed_may_have_so_many_chapters_of_its_own_and_no_more() {
    let feed = |count: usize| {
        let rows = "<psc:chapter start=\"1\" title=\"Part\"/>".repeat(count);
        format!(
            "<rss xmlns:psc=\"http://podlove.org/simple-chapters\"><channel><item><guid>1</guid>\
             <psc:chapters>{rows}</psc:chapters></item></channel></rss>"
        )
    };
    let read = |count: usize| {
        let origin = FeedOrigin {
            source: "locks",
            url: None,
            content_type: None,
            texts_since: None,
        };
        let feed = read_feed(feed(count).as_bytes(), &origin).unwrap();
        feed.entries[0].own_chapters.len()
    };
    assert_eq!(read(Chapter::COUNT_MAX), Chapter::COUNT_MAX);
    assert_eq!(read(Chapter::COUNT_MAX + 1), Chapter::COUNT_MAX);
}

proptest! {
    #[test]
    fn any_bytes_are_chapters_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_chapters(&bytes);
    }

    #[test]
    fn any_values_are_chapters_or_left_out(
        start in "-?[0-9]{0,3}(\\.[0-9])?(e[0-9]{1,3})?|null|\"[0-9.]{0,4}\"|\"nan\"|\"inf\"|\\[\\]",
        title in "\\PC{0,300}",
    ) {
        let title = serde_json::to_string(&title).unwrap();
        let file = format!("{{\"chapters\": [{{\"startTime\": {start}, \"title\": {title}}}]}}");
        for chapter in read_chapters(file.as_bytes()).unwrap_or_default() {
            prop_assert!(chapter.start_seconds.is_finite() && chapter.start_seconds >= 0.0);
            prop_assert!(!chapter.title.is_empty());
            prop_assert!(chapter.title.chars().count() <= Chapter::TITLE_CHARS_MAX);
        }
    }
}

#[test]
fn an_entry_that_was_stored_without_chapters_of_its_own_still_reads() {
    let origin = FeedOrigin {
        source: "locks",
        url: None,
        content_type: None,
        texts_since: None,
    };
    let feed = b"<rss><channel><item><guid>1</guid><title>Keys</title></item></channel></rss>";
    let entry = read_feed(feed, &origin).unwrap().entries.remove(0);
    let stored = serde_json::to_string(&entry).unwrap();
    assert!(!stored.contains("own_chapters"));
    assert_eq!(serde_json::from_str::<Entry>(&stored).unwrap(), entry);
}

/// A talk of two answers; the one about keys is heard at second 60, the one about doors at second 600.
fn talk(timed: bool) -> Document {
    let mut talk = Document::new(TextOrigin::File);
    for (second, speaker, words) in [
        (50.0, "Ann", "What have you learned about keys?"),
        (
            60.0,
            "Ben",
            "A small key is trusted sooner than a large one, because people can see in their hands how little it opens.",
        ),
        (590.0, "Ann", "What have you learned about doors?"),
        (
            600.0,
            "Ben",
            "A heavy door is opened more often than a light one, because people believe that something must be behind it.",
        ),
    ] {
        talk.push_turn(Some(speaker), timed.then_some(second), words);
    }
    talk
}

fn found(talk: &Document, chapters: &[(f64, &str)]) -> Vec<Candidate> {
    let chapters: Vec<Chapter> = chapters
        .iter()
        .map(|(start, title)| Chapter::read(*start, title).unwrap())
        .collect();
    let context = Context {
        chapters: &chapters,
        ..Context::default()
    };
    find_insights(talk, &context, Rules::built_in())
}

/// The words about which of the two the rule of chapters speaks for.
fn spoken_for(candidates: &[Candidate]) -> Vec<&str> {
    let mut named: Vec<&str> = candidates
        .iter()
        .filter(|candidate| {
            let mut reasons = candidate.reasons.iter();
            reasons.any(|reason| reason.rule == "in-its-chapter")
        })
        .map(|candidate| {
            if candidate.text.contains("key") {
                "key"
            } else {
                "door"
            }
        })
        .collect();
    named.sort_unstable();
    named
}

#[test]
fn a_title_speaks_for_what_is_said_in_its_chapter_alone() {
    let chapters = [(0.0, "The trusted key"), (300.0, "Heavy doors")];
    let swapped = [(0.0, "Heavy doors"), (300.0, "The trusted key")];
    assert_eq!(spoken_for(&found(&talk(true), &[])), [""; 0]);
    assert_eq!(spoken_for(&found(&talk(true), &chapters)), ["door", "key"]);
    assert_eq!(spoken_for(&found(&talk(true), &swapped)), [""; 0]);
    assert_eq!(
        spoken_for(&found(&talk(true), &[(600.0, "Heavy doors")])),
        ["door"],
        "a chapter begins with its first second"
    );
    assert_eq!(
        spoken_for(&found(&talk(true), &[(600.1, "Heavy doors")])),
        [""; 0]
    );
}

#[test]
fn where_nobody_knows_the_time_any_chapter_may_speak() {
    let swapped = [(0.0, "Heavy doors"), (300.0, "The trusted key")];
    assert_eq!(spoken_for(&found(&talk(false), &swapped)), ["door", "key"]);
}

#[test]
fn the_order_of_the_chapters_in_a_file_does_not_count() {
    let chapters = [(300.0, "Heavy doors"), (0.0, "The trusted key")];
    assert_eq!(spoken_for(&found(&talk(true), &chapters)), ["door", "key"]);
}

#[test]
fn what_stands_in_an_advertising_chapter_is_refused_by_name() {
    let advertised = [(0.0, "Sponsor: Small Keys Ltd"), (300.0, "Heavy doors")];
    let candidates = found(&talk(true), &advertised);
    assert_eq!(candidates.len(), 1);
    assert!(candidates[0].text.contains("door"));
    let chapters: Vec<Chapter> = advertised
        .iter()
        .filter_map(|(start, title)| Chapter::read(*start, title))
        .collect();
    let context = Context {
        chapters: &chapters,
        ..Context::default()
    };
    let sought = why_not(&talk(true), &context, Rules::built_in(), "A small key");
    let fate = Fate::Refused {
        rule: "advertising-chapter".to_owned(),
        because_of: None,
    };
    assert_eq!(sought[0].fate, fate);
}

#[test]
fn a_chapter_too_long_or_without_an_end_is_no_advertisement() {
    for chapters in [
        [(0.0, "Hello"), (50.0, "Ad break")],
        [(0.0, "Ad break"), (300.1, "Heavy doors")],
        [(0.0, "Ads that nobody sees"), (300.0, "Heavy doors")],
    ] {
        assert_eq!(found(&talk(true), &chapters).len(), 2, "{chapters:?}");
    }
    let untimed = [(0.0, "Ad break"), (300.0, "Heavy doors")];
    assert_eq!(found(&talk(false), &untimed).len(), 2);
}

/// A podcast whose one episode links a file of chapters.
async fn room_with_chapters(chapters: Reply) -> Newsroom {
    let room = Newsroom::new().await.podcast("talk", DAY, CLAIMS[0]);
    room.web.on("/talk/1.chapters.json", chapters);
    let link = room.web.url("/talk/1.chapters.json");
    let transcript = room.web.url("/talk/1.vtt");
    let feed = format!(
        "<rss xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"><channel><title>talk</title><item>\
         <title>The first</title><guid>1</guid><pubDate>Mon, 04 May 2026 06:00:00 +0000</pubDate>\
         <podcast:chapters url=\"{link}\" type=\"application/json+chapters\"/>\
         <podcast:transcript url=\"{transcript}\" type=\"text/vtt\"/></item></channel></rss>"
    );
    let feed = Reply::ok("application/rss+xml", feed)
        .header("ETag", "\"2\"")
        .conditional();
    room.web.on("/talk/feed", feed);
    room
}

fn rules_that_fired(room: &Newsroom) -> String {
    let explained = room.takefive(["explain", "--date", DAY, "--json"]).exits(0);
    let insight = &explained.lines()[0];
    insight["reasons"].to_string()
}

const ROADMAPS: &str =
    r#"{"version": "1.2.0", "chapters": [{"startTime": 0, "title": "Roadmaps and promises"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn chapters_that_a_feed_links_are_fetched_and_speak_for_the_passage() {
    let room = room_with_chapters(Reply::ok("application/json+chapters", ROADMAPS)).await;
    room.run_on(DAY).exits(0);
    assert_eq!(room.web.asked("/talk/1.chapters.json").len(), 1);
    let fired = rules_that_fired(&room);
    assert!(fired.contains("in-its-chapter"), "{fired}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_waits_keeps_its_chapters() {
    let room = room_with_chapters(Reply::ok("application/json+chapters", ROADMAPS)).await;
    room.takefive(["gather", "--feeds-only", "--date", DAY])
        .exits(0);
    assert_eq!(room.web.asked("/talk/1.chapters.json").len(), 0);
    room.run_on(DAY).exits(0);
    assert!(rules_that_fired(&room).contains("in-its-chapter"));
}

#[tokio::test(flavor = "multi_thread")]
async fn chapters_that_cannot_be_had_never_cost_an_entry_its_text() {
    for reply in [
        Reply::status(404),
        Reply::status(500),
        Reply::ok("text/html", "<!doctype html><title>Gone</title>"),
        Reply::endless(),
    ] {
        let room = room_with_chapters(reply).await;
        let ran = room.run_on(DAY).exits(0);
        assert_eq!(ran.texts().len(), 1);
        assert!(!rules_that_fired(&room).contains("in-its-chapter"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chapters_in_the_feed_itself_need_no_file() {
    let room = Newsroom::new().await;
    room.web
        .on("/talk/1.vtt", Reply::ok("text/vtt", vtt(CLAIMS[0])));
    let transcript = room.web.url("/talk/1.vtt");
    let link = room.web.url("/talk/1.chapters.json");
    let feed = format!(
        "<rss xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" xmlns:psc=\"http://podlove.org/simple-chapters\">\
         <channel><title>talk</title><item><title>The first</title><guid>1</guid>\
         <pubDate>Mon, 04 May 2026 06:00:00 +0000</pubDate><podcast:chapters url=\"{link}\"/>\
         <psc:chapters><psc:chapter start=\"0\" title=\"Roadmaps and promises\"/></psc:chapters>\
         <podcast:transcript url=\"{transcript}\" type=\"text/vtt\"/></item></channel></rss>"
    );
    let room = room.source("talk", "podcast", Reply::ok("application/rss+xml", feed));
    room.run_on(DAY).exits(0);
    assert_eq!(room.web.asked("/talk/1.chapters.json").len(), 0);
    assert!(rules_that_fired(&room).contains("in-its-chapter"));
}
