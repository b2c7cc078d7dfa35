//! The demo's world is what it says: its feeds, transcripts and pages are read back as a stranger would read them.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use feed_rs::model::Feed;
use feed_rs::model::FeedType;
use regex::Regex;
use reqwest::Client;
use reqwest::Response;
use reqwest::StatusCode;
use takefive::demo::world::World;
use takefive::model::SourceKind;

/// A source as the demo's settings list it.
struct Row {
    name: String,
    kind: SourceKind,
    feed: String,
}

#[tokio::test]
async fn each_feed_of_each_day_is_what_it_claims_to_be() {
    let world = started().await;
    for day in 1..=World::DAYS.len() {
        world.show_day(day);
        for row in good_rows(&world) {
            let answer = get(&row.feed).await;
            assert_eq!(answer.status(), StatusCode::OK, "{}", row.name);
            let media_type = header(&answer, "content-type");
            let feed = parsed(answer).await;

            let claimed = match media_type.split(';').next() {
                Some("application/atom+xml") => FeedType::Atom,
                Some("application/feed+json") => FeedType::JSON,
                _ => FeedType::RSS2,
            };
            assert_eq!(feed.feed_type, claimed, "{}", row.name);
            assert_eq!(feed.title.expect("a title").content, row.name);
            assert!(!feed.entries.is_empty(), "{} on day {day}", row.name);
            for entry in &feed.entries {
                let published = entry.published.expect("a date").date_naive().to_string();
                assert!(published <= World::DAYS[day - 1].to_string(), "{entry:?}");
                assert!(entry.id.starts_with("tag:takefive.example"), "{entry:?}");
                let has_audio = !entry.media.is_empty();
                assert_eq!(has_audio, row.kind == SourceKind::Podcast, "{entry:?}");
            }
        }
    }
}

#[tokio::test]
async fn each_day_brings_five_to_seven_entries_that_the_day_before_did_not_list() {
    let world = started().await;
    let mut before = BTreeSet::new();
    for (nth, day) in World::DAYS.iter().enumerate() {
        world.show_day(nth + 1);
        let mut listed = BTreeSet::new();
        let mut new = 0;
        for row in good_rows(&world) {
            for entry in parsed(get(&row.feed).await).await.entries {
                let is_of_today =
                    entry.published.expect("a date").date_naive().to_string() == day.to_string();
                assert!(
                    !(is_of_today && before.contains(&entry.id)),
                    "{} too early",
                    entry.id
                );
                new += usize::from(is_of_today);
                listed.insert(entry.id);
            }
        }
        assert!(before.is_subset(&listed));
        assert!((5..=7).contains(&new), "{new} new entries on {day}");
        before = listed;
    }
}

#[tokio::test]
async fn an_unchanged_feed_answers_304_and_a_changed_one_200() {
    let world = started().await;
    let mut changed = 0;
    for row in good_rows(&world) {
        world.show_day(1);
        let first = get(&row.feed).await;
        let etag = header(&first, "etag");
        assert!(header(&first, "last-modified").ends_with(" GMT"));

        let same = get_if_none_match(&row.feed, &etag).await;
        assert_eq!(same.status(), StatusCode::NOT_MODIFIED, "{}", row.name);
        assert_eq!(header(&same, "etag"), etag);
        assert!(same.bytes().await.expect("an answer").is_empty());

        world.show_day(3);
        let later = get_if_none_match(&row.feed, &etag).await;
        assert_eq!(later.status(), StatusCode::OK, "{}", row.name);
        changed += usize::from(header(&later, "etag") != etag);
    }
    assert_eq!(changed, 10);
}

#[tokio::test]
async fn two_feeds_are_bad_and_only_those() {
    let world = started().await;
    let bad: Vec<Row> = rows(&world)
        .into_iter()
        .filter(|row| World::EXPECTED_FAILURES.contains(&row.name.as_str()))
        .collect();
    assert_eq!(bad.len(), World::EXPECTED_FAILURES.len());

    let down = get(&bad[0].feed).await;
    assert_eq!(down.status(), StatusCode::SERVICE_UNAVAILABLE);

    let page = get(&bad[1].feed).await;
    assert_eq!(page.status(), StatusCode::OK);
    let bytes = page.bytes().await.expect("an answer");
    assert!(bytes.starts_with(b"<!doctype html>"));
    assert!(feed_rs::parser::parse(&bytes[..]).is_err());
}

#[tokio::test]
async fn the_settings_are_toml_with_the_fixed_names() {
    let world = started().await;
    let text = world.sources_toml("a \"quoted\" folder", "C:\\state\\five.db");
    let file: toml::Table = text.parse().expect("valid TOML");

    assert_eq!(
        file.keys().collect::<Vec<_>>(),
        ["digest", "fetch", "mail", "source", "store"]
    );
    assert_eq!(file["mail"]["outbox"].as_str(), Some("a \"quoted\" folder"));
    assert_eq!(file["store"]["path"].as_str(), Some("C:\\state\\five.db"));
    assert_eq!(
        file["fetch"]["allow_networks"][0].as_str(),
        Some("127.0.0.0/8")
    );
    assert_eq!(file["digest"]["size"].as_integer(), Some(5));
    let sources = file["source"].as_array().expect("a list of sources");
    for source in sources {
        for key in source.as_table().expect("a table").keys() {
            let known = ["name", "kind", "feed", "language", "topics", "transcript"];
            assert!(known.contains(&key.as_str()), "{key}");
        }
    }
    let names: BTreeSet<_> = sources.iter().map(|s| s["name"].as_str()).collect();
    assert_eq!(names.len(), 12);
}

#[tokio::test]
async fn every_link_into_the_world_leads_somewhere() {
    let world = started().await;
    world.show_day(3);
    let base = format!("http://{}", world.address());
    let link = Regex::new(&format!("{}[^\"#<\\s&]*", regex::escape(&base))).expect("a pattern");

    let mut seen = BTreeSet::new();
    let mut waiting: Vec<String> = good_rows(&world).into_iter().map(|row| row.feed).collect();
    while let Some(address) = waiting.pop() {
        let is_audio = std::path::Path::new(&address)
            .extension()
            .is_some_and(|ending| ending == "mp3");
        if is_audio || !seen.insert(address.clone()) {
            continue;
        }
        let answer = get(&address).await;
        assert_eq!(answer.status(), StatusCode::OK, "{address}");
        let bytes = answer.bytes().await.expect("an answer");
        let text = String::from_utf8_lossy(&bytes);
        waiting.extend(link.find_iter(&text).map(|found| found.as_str().to_owned()));
    }
    // ten feeds, ten home pages, and at least a page for each entry
    assert!(seen.len() > 40, "{} addresses", seen.len());
}

#[tokio::test]
async fn no_placeholder_is_left_in_what_is_served() {
    let world = started().await;
    world.show_day(3);
    for row in good_rows(&world) {
        let bytes = get(&row.feed).await.bytes().await.expect("an answer");
        assert!(
            !String::from_utf8_lossy(&bytes).contains("{{"),
            "{}",
            row.name
        );
    }
}

#[tokio::test]
async fn the_vtt_transcript_names_the_voice_of_each_cue_in_short_cues() {
    let world = started().await;
    let file = text(&world, "/the-second-question/the-renewal-call.vtt").await;
    assert!(file.starts_with("WEBVTT\n"));
    let mut speakers = BTreeSet::new();
    let mut last = String::new();
    let mut words = Vec::new();
    for cue in file.split("\n\n").skip(2) {
        let (times, line) = cue.split_once('\n').expect("times, then words");
        let (start, end) = times.split_once(" --> ").expect("two times");
        assert!(start < end && last.as_str() <= start, "{cue}");
        end.clone_into(&mut last);
        let (speaker, said) = line
            .strip_prefix("<v ")
            .and_then(|line| line.split_once('>'))
            .expect("a voice tag");
        speakers.insert(speaker.to_owned());
        words.push(said.split_whitespace().count());
    }
    assert_eq!(speakers.len(), 3);
    assert!(words.iter().sum::<usize>() > 2500);
    assert!(words.iter().all(|count| (1..=15).contains(count)));
}

#[tokio::test]
async fn the_srt_transcript_counts_its_cues_and_names_who_begins() {
    let world = started().await;
    let file = text(&world, "/room-for-doubt/two-hundred-tests.srt").await;
    for (nth, cue) in file.trim_end().split("\n\n").enumerate() {
        let lines: Vec<&str> = cue.lines().collect();
        assert_eq!(lines.len(), 3, "{cue}");
        assert_eq!(lines[0], (nth + 1).to_string());
        assert!(
            lines[1].contains(" --> ") && lines[1].contains(','),
            "{cue}"
        );
    }
    assert!(file.contains("\nEmeka Strand: "));
    assert!(file.contains("\nLeonie Hartwig: "));
}

#[tokio::test]
async fn the_json_episode_has_people_chapters_and_a_clip_that_is_in_it() {
    let world = started().await;
    world.show_day(2);
    let feed = text(&world, "/the-unbuilt/feed.xml").await;
    let clip = Regex::new(r#"startTime="([\d.]+)" duration="([\d.]+)">([^<]+)<"#)
        .expect("a pattern")
        .captures(&feed)
        .expect("a clip");
    let from: f64 = clip[1].parse().expect("seconds");
    let length: f64 = clip[2].parse().expect("seconds");
    assert_eq!(feed.matches("role=\"guest\"").count(), 2);

    let file = text(&world, "/the-unbuilt/the-button-that-guessed.json").await;
    let file: serde_json::Value = serde_json::from_str(&file).expect("JSON");
    let segments = file["segments"].as_array().expect("segments");
    let heard: Vec<&str> = segments
        .iter()
        .filter(|segment| {
            let end = segment["endTime"].as_f64().expect("seconds");
            from < end && end < from + length + 0.1
        })
        .map(|segment| segment["body"].as_str().expect("words"))
        .collect();
    let title = clip[3].replace("&#39;", "'");
    assert!(heard.join(" ").contains(&title), "{heard:?}");

    let chapters = text(&world, "/the-unbuilt/the-button-that-guessed.chapters.json").await;
    let chapters: serde_json::Value = serde_json::from_str(&chapters).expect("JSON");
    assert_eq!(chapters["chapters"].as_array().map(Vec::len), Some(6));
    assert_eq!(chapters["chapters"][0]["startTime"], 0.0);
}

#[tokio::test]
async fn the_html_transcript_gives_name_and_time_before_each_turn() {
    let world = started().await;
    let page = text(
        &world,
        "/kitchen-table-product/who-was-upset.transcript.html",
    )
    .await;
    let turn =
        Regex::new(r"<cite>(Bridget Oyelaran|Caspar Lindmark):</cite>\n<time>\d+:\d\d</time>\n<p>")
            .expect("a pattern");
    assert_eq!(turn.find_iter(&page).count(), page.matches("<p>").count());
    assert!(page.matches("<p>").count() > 30);
}

#[tokio::test]
async fn an_episode_without_a_transcript_tag_has_its_transcript_on_its_page() {
    let world = started().await;
    world.show_day(2);
    let feed = text(&world, "/northbound/feed.xml").await;
    assert!(!feed.contains("podcast:transcript url"));

    let page = text(&world, "/northbound/the-red-pencil").await;
    let page = scraper::Html::parse_document(&page);
    let selector = scraper::Selector::parse(".transcript p").expect("a selector");
    assert!(page.select(&selector).count() > 25);
}

#[tokio::test]
async fn the_feed_in_latin_1_says_so_and_keeps_its_accents() {
    let world = started().await;
    world.show_day(3);
    let address = format!("http://{}/atelier-metier/feed.xml", world.address());
    let bytes = get(&address).await.bytes().await.expect("an answer");
    assert!(std::str::from_utf8(&bytes).is_err());

    let (text, _, had_errors) = encoding_rs::WINDOWS_1252.decode(&bytes);
    assert!(!had_errors);
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"));
    for word in [
        "Métier",
        "Zoé Lefèvre",
        "Genève",
        "Évian",
        "Señor Núñez",
        "Zürich",
    ] {
        assert!(text.contains(word), "{word}");
    }
    // not in the encoding, so it is written as a reference
    assert!(text.contains("&#8364;9,000"));
}

#[tokio::test]
async fn an_article_behind_a_teaser_stands_among_menu_cookies_and_footer() {
    let world = started().await;
    let feed = text(&world, "/the-slow-funnel/feed.xml").await;
    assert!(!feed.contains("Oskar"));

    let page = text(&world, "/the-slow-funnel/the-empty-calendar").await;
    for part in [
        "Oskar",
        "use cookies",
        "class=\"menu\"",
        "Sign up",
        "You might also like",
        "Written by",
        "All rights reserved",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[tokio::test]
async fn what_was_said_on_the_first_day_is_published_again_on_the_second_and_the_third() {
    let world = started().await;
    let words = |file: &str| {
        let tags = Regex::new(r"(?m)^.*-->.*$|^\d+$|<[^>]*>").expect("a pattern");
        let text = tags.replace_all(file, " ").into_owned();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let said = words(&text(&world, "/the-second-question/the-renewal-call.vtt").await);
    let quoted = words(&text(&world, "/counterweight/annoying-on-purpose").await);
    let clips = words(&text(&world, "/the-second-question/three-clips.vtt").await);
    let tested = words(&text(&world, "/room-for-doubt/two-hundred-tests.srt").await);
    let replayed = words(&text(&world, "/room-for-doubt/the-interview-that-sold.srt").await);
    for (said, again, opening) in [
        (&said, &quoted, "Strategy is choosing which customers"),
        (&said, &clips, "The biggest mistake product teams make"),
        (&said, &clips, "Most roadmaps are a list"),
        (&tested, &replayed, "An experiment is worth running only"),
    ] {
        let passage = |text: &str| {
            let at = text.find(opening).expect(opening);
            text[at..].chars().take(200).collect::<String>()
        };
        assert_eq!(passage(said), passage(again));
    }
}

#[tokio::test]
async fn a_world_that_is_dropped_is_no_longer_served() {
    let world = started().await;
    let address = world.address();
    drop(world);
    // the listener closes as soon as the server's task is run once more
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

async fn started() -> World {
    World::start().await.expect("a free port")
}

fn rows(world: &World) -> Vec<Row> {
    let file: toml::Table = world
        .sources_toml("outbox", "five.db")
        .parse()
        .expect("valid TOML");
    file["source"]
        .as_array()
        .expect("a list of sources")
        .iter()
        .map(|row| Row {
            name: row["name"].as_str().expect("a name").to_owned(),
            kind: match row["kind"].as_str() {
                Some("podcast") => SourceKind::Podcast,
                _ => SourceKind::Article,
            },
            feed: row["feed"].as_str().expect("a feed").to_owned(),
        })
        .collect()
}

fn good_rows(world: &World) -> Vec<Row> {
    let mut rows = rows(world);
    rows.retain(|row| !World::EXPECTED_FAILURES.contains(&row.name.as_str()));
    rows
}

/// One client for all tests, since making one reads the system's certificates; it keeps no connection, because each test
/// has a runtime of its own.
fn client() -> &'static Client {
    static CLIENT: LazyLock<Client> = LazyLock::new(|| {
        let builder = Client::builder().no_proxy().pool_max_idle_per_host(0);
        builder.build().expect("a client")
    });
    &CLIENT
}

async fn get(address: &str) -> Response {
    client().get(address).send().await.expect("an answer")
}

async fn get_if_none_match(address: &str, etag: &str) -> Response {
    let request = client().get(address).header("if-none-match", etag);
    request.send().await.expect("an answer")
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name).expect(name);
    value.to_str().expect("plain text").to_owned()
}

async fn parsed(answer: Response) -> Feed {
    let bytes = answer.bytes().await.expect("an answer");
    feed_rs::parser::parse(&bytes[..]).expect("a feed")
}

async fn text(world: &World, path: &str) -> String {
    let answer = get(&format!("http://{}{path}", world.address())).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    String::from_utf8(answer.bytes().await.expect("an answer").to_vec()).expect("UTF-8")
}
