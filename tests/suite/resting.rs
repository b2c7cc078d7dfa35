//! Feeds that are not asked: what is still fresh, who wants to be left alone, and what the time did not reach.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;
use takefive::outside::store::TRIES_MAX;

use crate::world::http::HttpServer;
use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::blog_feed;
use crate::world::newsroom::vtt;

fn feed() -> Reply {
    Reply::ok("application/rss+xml", blog_feed("notes", DAY, &[CLAIMS[0]]))
}

async fn room_with(reply: Reply) -> Newsroom {
    Newsroom::new().await.source("notes", "article", reply)
}

fn asked(room: &Newsroom) -> usize {
    asked_feed(room, "notes")
}

fn asked_feed(room: &Newsroom, source: &str) -> usize {
    room.web.asked(&format!("/{source}/feed")).len()
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

/// A blog of posts that stand on pages of their own: `/0`, `/1` and so on at `pages`, the first being the newest.
fn teasers(pages: &HttpServer, posts: usize) -> Reply {
    let mut items = String::new();
    for nth in 0..posts {
        let link = pages.url(&format!("/{nth}"));
        let minute = 59 - nth;
        let _ = write!(
            items,
            "<item><title>Post {nth}</title><link>{link}</link><guid>{nth}</guid>\
             <pubDate>Mon, 04 May 2026 06:{minute}:00 +0000</pubDate><description>Read on.</description></item>"
        );
    }
    let feed = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
    Reply::ok("text/xml", feed)
}

/// A page with an article that has an insight in it.
fn article(claim: &str) -> Reply {
    let filling = "Nobody in the room had a better idea that morning, so they wrote it on the wall and went to lunch. ";
    let page = format!(
        "<html><body><article><h1>A post</h1><p>{}</p><p>{claim}</p><p>{}</p></article></body></html>",
        filling.repeat(4),
        filling.repeat(4)
    );
    Reply::ok("text/html", page)
}

fn notes(report: &Value, source: usize) -> String {
    report["sources"][source]["notes"].to_string()
}

/// How often entries of the store were tried, in order of their titles.
fn tries(room: &Newsroom) -> Vec<u32> {
    let store = room.store();
    let mut tries = store
        .prepare("SELECT tries FROM entry ORDER BY title")
        .expect("a table");
    let tries = tries.query_map([], |row| row.get(0)).expect("rows");
    tries.map(|tries| tries.expect("a number")).collect()
}

/// The peace of every site ends now.
fn end_all_peace(room: &Newsroom) {
    let ended = room
        .store()
        .execute("UPDATE site_left_alone SET until = 1", [])
        .expect("a table");
    assert_eq!(ended, 1, "one site is left alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_that_asks_for_peace_has_it_in_later_runs_and_its_feed_is_asked_all_the_same()
{
    let busy = |status| Reply::status(status).header("Retry-After", "7200");
    let cases = [
        (busy(429), 7200),
        (busy(503), 7200),
        (Reply::status(429), 3600),
    ];
    for (reply, seconds) in cases {
        let room = Newsroom::new().await.podcast("talk", DAY, CLAIMS[0]);
        room.web.on("/talk/1.vtt", reply);
        let before = Timestamp::now();
        room.run_on(DAY).exits(0);
        let after = Timestamp::now();
        let second = room.run_on(DAY).exits(0).report();
        assert_eq!(room.web.asked("/talk/1.vtt").len(), 1, "{second}");
        assert_eq!(asked_feed(&room, "talk"), 2);
        let said = notes(&second, 0);
        assert!(
            said.contains("1 entry is left for later: http://127.0.0.1:")
                && said.contains("wants to be left alone until 20"),
            "{said}"
        );

        // the clock on the wall counts, not the day of the edition
        let until: i64 = room
            .store()
            .query_row("SELECT until FROM site_left_alone", [], |row| row.get(0))
            .expect("one site");
        let until = Timestamp::from_microsecond(until).expect("a moment");
        let pause = SignedDuration::from_secs(seconds);
        assert!(before + pause <= until && until <= after + pause, "{until}");

        room.web
            .on("/talk/1.vtt", Reply::ok("text/vtt", vtt(CLAIMS[0])));
        end_all_peace(&room);
        assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_was_not_asked_for_keeps_its_tries() {
    let room = Newsroom::new().await.podcast("talk", DAY, CLAIMS[0]);
    room.web.on("/talk/1.vtt", Reply::status(429));
    for _ in 0..=TRIES_MAX {
        room.takefive(["gather", "--date", DAY]).exits(0);
    }
    assert_eq!(tries(&room), [1]);
    end_all_peace(&room);
    room.web
        .on("/talk/1.vtt", Reply::ok("text/vtt", vtt(CLAIMS[0])));
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_asks_for_peace_is_left_alone_for_the_rest_of_the_run() {
    let pages = HttpServer::start().await;
    let other = HttpServer::start().await;
    for (nth, claim) in CLAIMS.iter().enumerate().take(3) {
        pages.on(&format!("/{nth}"), article(claim));
        other.on(&format!("/{nth}"), article(claim));
    }
    pages.on("/0", Reply::status(503).header("Retry-After", "600"));
    let room = Newsroom::new()
        .await
        .with_fetch("in_flight = 1")
        .source("busy", "article", teasers(&pages, 3))
        .source("same", "article", teasers(&pages, 2))
        .source("other", "article", teasers(&other, 1));

    let report = room.run_on(DAY).exits(0).report();

    let asked: Vec<usize> = (0..3)
        .map(|nth| pages.asked(&format!("/{nth}")).len())
        .collect();
    assert_eq!(asked, [1, 0, 0], "{report}");
    assert_eq!(pages.asked("/robots.txt").len(), 1);
    assert!(
        notes(&report, 0).contains("2 entries are left for later: http://127"),
        "{report}"
    );
    assert!(
        notes(&report, 1).contains("2 entries are left for later: http://127"),
        "{report}"
    );
    assert_eq!(asked_feed(&room, "same"), 1, "its feed is another matter");
    assert_eq!(report["sources"][2]["candidates"], 1, "so is another port");
    assert_eq!(tries(&room), [1, 0, 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_whose_robots_txt_asks_for_peace_has_it() {
    for busy in [
        Reply::status(429),
        Reply::status(503).header("Retry-After", "600"),
    ] {
        let pages = HttpServer::start().await;
        pages.on("/robots.txt", busy);
        pages.on("/0", article(CLAIMS[0]));
        let room = Newsroom::new()
            .await
            .source("posts", "article", teasers(&pages, 1));

        let first = room.run_on(DAY).exits(0).report();
        room.run_on(DAY).exits(0);

        assert!(
            notes(&first, 0).contains("1 entry is left for later: http://127"),
            "{first}"
        );
        assert_eq!((pages.requests(), tries(&room)), (1, vec![0]));

        pages.on("/robots.txt", Reply::status(404));
        end_all_peace(&room);
        assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn chapters_that_ask_for_peace_have_it_for_the_files_beside_them() {
    let files = HttpServer::start().await;
    let file = |name: &str| files.url(name);
    let item = |nth: usize| {
        let minute = 59 - nth;
        let (transcript, chapters) = (file(&format!("/{nth}.vtt")), file(&format!("/{nth}.json")));
        format!(
            "<item><title>Talk {nth}</title><guid>{nth}</guid><pubDate>Mon, 04 May 2026 06:{minute}:00 +0000</pubDate>\
             <enclosure url=\"https://t.example/{nth}.mp3\" length=\"1\" type=\"audio/mpeg\"/>\
             <podcast:transcript url=\"{transcript}\" type=\"text/vtt\"/><podcast:chapters url=\"{chapters}\" \
             type=\"application/json+chapters\"/></item>"
        )
    };
    for (nth, claim) in CLAIMS.iter().enumerate().take(2) {
        files.on(&format!("/{nth}.vtt"), Reply::ok("text/vtt", vtt(claim)));
        files.on(&format!("/{nth}.json"), Reply::status(429));
    }
    let feed = format!(
        "<rss version=\"2.0\" xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"><channel><title>t</title>{}{}\
         </channel></rss>",
        item(0),
        item(1)
    );
    let room = Newsroom::new()
        .await
        .source("talk", "podcast", Reply::ok("text/xml", feed));

    let report = room.run_on(DAY).exits(0).report();

    assert_eq!(
        report["insights"].as_array().map(Vec::len),
        Some(1),
        "{report}"
    );
    assert_eq!(files.requests(), 2);
    assert!(files.asked("/1.vtt").is_empty());
    assert!(
        notes(&report, 0).contains("1 entry is left for later"),
        "{report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_has_trouble_and_names_no_time_is_asked_again_by_the_next_run() {
    let pages = HttpServer::start().await;
    pages.on("/0", Reply::status(503));
    let room = Newsroom::new()
        .await
        .source("posts", "article", teasers(&pages, 1));
    room.run_on(DAY).exits(0);
    pages.on("/0", article(CLAIMS[0]));
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_down_today_is_not_given_up_for_what_was_never_there() {
    for busy in [Reply::status(500), Reply::status(429)] {
        let room = Newsroom::new().await.podcast("talk", DAY, CLAIMS[0]);
        let (good, gone) = (room.web.url("/talk/1.vtt"), room.web.url("/talk/gone.txt"));
        let feed = format!(
            "<rss version=\"2.0\" xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"><channel><title>t</title>\
             <item><title>Talk</title><guid>1</guid><pubDate>Mon, 04 May 2026 06:00:00 +0000</pubDate>\
             <podcast:transcript url=\"{good}\" type=\"text/vtt\"/><podcast:transcript url=\"{gone}\" \
             type=\"text/plain\"/></item></channel></rss>"
        );
        room.web.on("/talk/feed", Reply::ok("text/xml", feed));
        room.web.on("/talk/1.vtt", busy.clone());
        room.run_on(DAY).exits(0);
        room.web
            .on("/talk/1.vtt", Reply::ok("text/vtt", vtt(CLAIMS[0])));
        let _ = room.store().execute("DELETE FROM site_left_alone", []);
        assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1, "{busy:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_fail_for_one_reason_are_told_in_one_sentence() {
    let pages = HttpServer::start().await;
    for path in ["/0", "/1", "/2"] {
        pages.on(path, Reply::status(500));
    }
    let room = Newsroom::new()
        .await
        .source("posts", "article", teasers(&pages, 3));
    let report = room.run_on(DAY).exits(0).report();
    let address = pages.url("/0");
    let told = format!(
        "3 entries are left for the next run, \"Post 0\" first: {address}: answered 500; its server has trouble, the next \
         run tries again"
    );
    assert_eq!(report["sources"][0]["notes"], serde_json::json!([told]));
    assert_eq!(tries(&room), [1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_of_a_source_is_kept_when_the_time_does_not_last_for_all_of_it() {
    let pages = HttpServer::start().await;
    for nth in 0..50 {
        let reply = article(CLAIMS[nth % CLAIMS.len()]).after(Duration::from_millis(200));
        pages.on(&format!("/{nth}"), reply);
    }
    let room = Newsroom::new()
        .await
        .with_fetch("budget = \"6 seconds\"")
        .source("posts", "article", teasers(&pages, 50));
    let report = room.run_on(DAY).exits(0).report();
    let source = &report["sources"][0];
    assert_eq!(source["status"], "fetched", "{report}");
    assert!(source["candidates"].as_u64() > Some(0), "{report}");
    assert!(
        notes(&report, 0).contains("entries are left for the next run"),
        "{report}"
    );
    let (read, all) = (pages.requests() - 1, 50);
    assert!((1..all).contains(&read), "{read} pages");
    let asked_again = |nth: usize| pages.asked(&format!("/{nth}")).len();
    room.run_on(DAY).exits(0);
    assert_eq!(asked_again(0), 1, "what was read is not read again");
}
