//! Sites that want to be left alone.

use std::time::Duration;
use std::time::Instant;

use jiff::SignedDuration;
use jiff::Timestamp;
use takefive::outside::web::Answer;
use takefive::outside::web::Limits;
use takefive::outside::web::Purpose;
use takefive::outside::web::Request;
use takefive::outside::web::Web;
use takefive::outside::web::WebError;
use url::Url;

use crate::web::SHORT;
use crate::web::asking;
use crate::web::open_web;
use crate::web::quick;
use crate::web::timestamp;
use crate::web::web_with;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

/// The time on the wall in these tests.
fn now() -> Timestamp {
    timestamp("2026-11-22T06:00:00Z")
}

/// A door that was told the time.
fn punctual(limits: Limits) -> Web {
    let web = web_with(limits);
    web.recall_peace(now(), []);
    web
}

async fn ask(web: &Web, url: &Url, purpose: Purpose) -> Result<Answer, WebError> {
    let request = Request {
        purpose,
        ..asking(url)
    };
    web.get(&request).await
}

/// What came of asking for a file: there, a status, or left alone.
async fn file(web: &Web, url: &Url) -> String {
    match ask(web, url, Purpose::File).await {
        Ok(_) => "there".to_owned(),
        Err(WebError::Status { code, .. }) => code.to_string(),
        Err(error) => error.kind().to_owned(),
    }
}

/// The site of a server, as it is remembered.
fn site(server: &HttpServer) -> String {
    server.url("/").as_str().trim_end_matches('/').to_owned()
}

#[tokio::test]
async fn who_asks_for_peace_is_told_to_later_runs_once_and_not_asked_again() {
    let server = HttpServer::start().await;
    let web = punctual(quick());
    let cases = [("429", "120", 120), ("503", "120", 120), ("429", "", 3600)];
    for (status, wish, seconds) in cases {
        web.recall_peace(now(), []);
        let mut busy = Reply::status(status.parse().expect("a number"));
        if !wish.is_empty() {
            busy = busy.header("Retry-After", wish);
        }
        server.on("/busy", busy);
        server.on("/other", Reply::ok("text/vtt", "WEBVTT"));

        assert_eq!(file(&web, &server.url("/busy")).await, status);
        assert_eq!(file(&web, &server.url("/other")).await, "left-alone");

        let new = web.new_peace();
        let [(left_alone, until)] = new.as_slice() else {
            panic!("{new:?}");
        };
        assert_eq!(*left_alone, site(&server));
        let earliest = now() + SignedDuration::from_secs(seconds);
        assert!(earliest <= *until && *until < earliest + SignedDuration::from_mins(1));
        assert_eq!(web.new_peace(), []);
    }
    assert_eq!(server.requests(), cases.len());
}

#[tokio::test]
async fn what_an_earlier_run_was_told_holds_until_its_moment() {
    let server = HttpServer::start().await;
    server.on("/file", Reply::ok("text/vtt", "WEBVTT"));
    let web = open_web();
    let url = server.url("/file");
    let left = |seconds: i64| [(site(&server), now() + SignedDuration::from_secs(seconds))];

    web.recall_peace(now(), left(60));
    assert_eq!(file(&web, &url).await, "left-alone");
    let error = ask(&web, &url, Purpose::Page)
        .await
        .expect_err("left alone");
    let words = format!(
        "{}: not asked, it wants to be left alone until 2026-11-22T06:01:00Z; a later run asks it",
        site(&server)
    );
    assert_eq!(error.to_string(), words);
    assert_eq!(server.requests(), 0);
    assert_eq!(web.new_peace(), [], "nothing is new in it");

    web.recall_peace(now(), left(0));
    assert_eq!(file(&web, &url).await, "there");
}

#[tokio::test]
async fn a_feed_is_asked_whatever_its_site_said_of_files_and_says_nothing_of_them() {
    let server = HttpServer::start().await;
    server.on("/feed", Reply::status(429));
    server.on("/file", Reply::ok("text/vtt", "WEBVTT"));
    let web = punctual(quick());

    for _ in 0..2 {
        let error = ask(&web, &server.url("/feed"), Purpose::Feed).await;
        assert_eq!(error.expect_err("busy").kind(), "status");
    }
    assert_eq!(file(&web, &server.url("/file")).await, "there");

    server.on("/file", Reply::status(429));
    assert_eq!(file(&web, &server.url("/file")).await, "429");
    server.on("/feed", Reply::ok("text/xml", "<rss/>"));
    assert!(ask(&web, &server.url("/feed"), Purpose::Feed).await.is_ok());
}

#[tokio::test]
async fn the_site_that_a_redirect_leads_to_is_the_one_that_is_left_alone() {
    let (first, second) = (HttpServer::start().await, HttpServer::start().await);
    first.on("/over", Reply::redirect(302, second.url("/file").as_str()));
    first.on("/here", Reply::ok("text/vtt", "WEBVTT"));
    second.on("/file", Reply::status(429));
    let web = punctual(quick());

    assert_eq!(file(&web, &first.url("/over")).await, "429");
    assert_eq!(file(&web, &first.url("/over")).await, "left-alone");
    assert_eq!(file(&web, &first.url("/here")).await, "there");
    assert_eq!(second.requests(), 1);
}

#[tokio::test]
async fn a_short_peace_is_waited_for_and_one_that_comes_again_is_not() {
    let server = HttpServer::start().await;
    let busy = || Reply::status(503).header("Retry-After", "1");
    server.on("/other", Reply::ok("text/vtt", "WEBVTT"));
    let web = open_web();
    let (url, other) = (server.url("/busy"), server.url("/other"));

    web.recall_peace(
        now(),
        [(site(&server), now() + SignedDuration::from_secs(1))],
    );
    let began = Instant::now();
    assert_eq!(file(&web, &other).await, "there");
    assert!(began.elapsed() >= Duration::from_secs(1));

    server.in_turn("/busy", [busy(), Reply::ok("text/vtt", "WEBVTT")]);
    assert_eq!(file(&web, &url).await, "there");
    assert_eq!(web.new_peace(), []);

    server.on("/busy", busy());
    assert_eq!(file(&web, &url).await, "503");
    assert_eq!(file(&web, &other).await, "left-alone");
    assert_eq!(server.asked("/busy").len(), 4);
    assert_eq!(web.new_peace().len(), 1);
}

#[tokio::test]
async fn whoever_waits_for_a_turn_hears_that_the_site_sent_the_one_before_away() {
    let server = HttpServer::start().await;
    server.on("/file", Reply::status(429).after(SHORT));
    let web = punctual(Limits {
        per_host: 1,
        ..quick()
    });
    let url = server.url("/file");

    let all = tokio::join!(file(&web, &url), file(&web, &url), file(&web, &url));

    assert_eq!(
        all,
        ("429".into(), "left-alone".into(), "left-alone".into())
    );
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_site_that_keeps_three_in_a_row_waiting_gets_no_more_pages_and_files() {
    let server = HttpServer::start().await;
    server.on("/hangs", Reply::silent());
    server.on("/there", Reply::ok("text/vtt", "WEBVTT"));
    server.on("/gone", Reply::status(404));
    let other = HttpServer::start().await;
    other.on("/there", Reply::ok("text/vtt", "WEBVTT"));
    let web = punctual(Limits {
        first_byte: SHORT,
        ..quick()
    });
    let ask_all = async |paths: &str| {
        let mut came = Vec::new();
        for path in paths.split_whitespace() {
            came.push(file(&web, &server.url(path)).await);
        }
        came.join(" ")
    };

    // an answer, whatever it is, is a sign of life
    assert_eq!(
        ask_all("/hangs /hangs /there /hangs /hangs /gone /hangs /hangs /hangs").await,
        "timeout timeout there timeout timeout 404 timeout timeout timeout"
    );
    assert_eq!(ask_all("/there /hangs").await, "silent silent");
    assert_eq!(file(&web, &other.url("/there")).await, "there");
    assert_eq!(web.new_peace(), [], "it did not ask for anything");
    let feed = ask(&web, &server.url("/there"), Purpose::Feed).await;
    assert!(feed.is_ok(), "a feed has a host to itself");

    web.recall_peace(now(), []);
    assert_eq!(ask_all("/there").await, "there", "the next run asks again");
}
