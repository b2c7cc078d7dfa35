//! Feeds that are not asked: what is still fresh, who wants to be left alone, and what the time did not reach.

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::blog_feed;

fn feed() -> Reply {
    Reply::ok("application/rss+xml", blog_feed("notes", DAY, &[CLAIMS[0]]))
}

async fn room_with(reply: Reply) -> Newsroom {
    Newsroom::new().await.source("notes", "article", reply)
}

fn asked(room: &Newsroom) -> usize {
    room.web.asked("/notes/feed").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_fresh_is_not_asked_and_its_entries_stay_on_the_shelf() {
    let room = room_with(feed().header("Cache-Control", "max-age=600")).await;
    room.takefive(["gather", "--date", DAY]).exits(0);
    let report = room.run_on(DAY).exits(0).report();
    assert_eq!(asked(&room), 1);
    assert_eq!(report["sources"][0]["status"], "fresh", "{report}");
    assert_eq!(report["insights"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_says_nothing_of_freshness_is_asked_once_a_run() {
    let room = room_with(feed()).await;
    room.run_on(DAY).exits(0);
    room.run_on(DAY).exits(0);
    assert_eq!(asked(&room), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_feed_is_asked_all_the_same_for_entries_that_were_too_old_before() {
    let room = room_with(feed().header("Cache-Control", "max-age=600")).await;
    room.takefive(["gather", "--date", "2026-05-20"]).exits(0);
    let report = room.run_on(DAY).exits(0).report();
    assert_eq!(asked(&room), 2);
    assert_eq!(report["insights"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_asks_for_peace_has_it_in_later_runs_too() {
    let busy = |status| Reply::status(status).header("Retry-After", "3600");
    for reply in [busy(429), busy(503), Reply::status(429)] {
        let room = room_with(reply).await;
        let first = room.run_on(DAY).exits(3).report();
        let second = room.run_on(DAY).exits(3).report();
        assert_eq!(asked(&room), 1, "{first}");
        let error = second["sources"][0]["error"].to_string();
        assert!(error.contains("wants to be left alone until"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn peace_ends_when_it_was_asked_to_and_when_the_feed_moves() {
    let room = room_with(Reply::status(429).header("Retry-After", "0")).await;
    room.run_on(DAY).exits(3);
    room.web.on("/notes/feed", feed());
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);

    let room = room_with(Reply::status(429).header("Retry-After", "3600")).await;
    room.run_on(DAY).exits(3);
    room.web.on("/moved", feed());
    room.write_settings();
    let file = room.path("sources.toml");
    let settings = std::fs::read_to_string(&file).expect("settings");
    let other = room.path("other.toml");
    std::fs::write(&other, settings.replace("/notes/feed", "/moved")).expect("settings");
    let arguments = ["run", "--json", "--sources", "other.toml", "--date", DAY];
    assert_eq!(room.takefive(arguments).exits(0).texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_trouble_that_names_no_time_is_asked_again_by_the_next_run() {
    let room = room_with(Reply::status(503)).await;
    room.run_on(DAY).exits(3);
    room.web.on("/notes/feed", feed());
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_time_for_reading_is_over_the_edition_is_made_of_what_was_read() {
    let room = Newsroom::new()
        .await
        .with_fetch("budget = \"2 seconds\"")
        .blog("notes", DAY, &[CLAIMS[0]])
        .source("slow", "article", Reply::silent());
    let report = room.run_on(DAY).exits(0).report();
    assert_eq!(report["insights"].as_array().map(Vec::len), Some(1));
    let slow = &report["sources"][1];
    assert_eq!(slow["status"], "failed", "{report}");
    assert!(
        slow["error"].to_string().contains("[fetch] budget"),
        "{slow}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_robots_are_asked_to_leave_alone_is_not_read_but_a_listed_transcript_is() {
    let room = Newsroom::new().await.podcast("talk", DAY, CLAIMS[1]);
    let all = "User-agent: *\nDisallow: /";
    room.web.on("/robots.txt", Reply::ok("text/plain", all));
    let link = room.web.url("/post");
    let teaser = format!(
        "<rss version=\"2.0\"><channel><title>t</title><item><title>A post</title><link>{link}</link>\
         <pubDate>Mon, 04 May 2026 06:00:00 +0000</pubDate><description>Read on.</description></item></channel></rss>"
    );
    let room = room.source("teasers", "article", Reply::ok("text/xml", teaser));
    room.web.on("/post", Reply::ok("text/html", "<p>Here</p>"));

    let report = room.run_on(DAY).exits(0).report();

    assert_eq!(room.web.asked("/post").len(), 0);
    assert_eq!(report["insights"][0]["source"], "talk", "{report}");
    assert_eq!(report["sources"][1]["entries_without_text"], 1);
}
