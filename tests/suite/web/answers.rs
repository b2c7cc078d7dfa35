//! What comes back.

use std::time::Duration;

use takefive::outside::web::Answer;

use crate::web::failure_at;
use crate::web::knowing;
use crate::web::open_web;
use crate::web::page_at;
use crate::web::status_of;
use crate::web::validators;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

#[tokio::test]
async fn a_page_comes_with_its_place_type_bytes_and_validators() {
    let server = HttpServer::start().await;
    let reply = Reply::ok("text/html; charset=utf-8", "<p>Ship less.</p>")
        .header("ETag", "W/\"7\"")
        .header("Last-Modified", "Sun, 01 Nov 2026 08:00:00 GMT");
    server.on("/page", reply);

    let page = page_at(&open_web(), &server.url("/page?draft=no#end")).await;

    assert_eq!(page.url, server.url("/page?draft=no"));
    assert_eq!(
        page.content_type.as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(*page.bytes, *b"<p>Ship less.</p>");
    assert_eq!(page.status, 200);
    let told = format!(
        "{}: answered 200 with text/html; charset=utf-8",
        server.url("/page")
    );
    assert_eq!(page.answered(), told);
    assert_eq!(page.validators.etag.as_deref(), Some("W/\"7\""));
    assert_eq!(
        page.validators.last_modified.as_deref(),
        Some("Sun, 01 Nov 2026 08:00:00 GMT")
    );
}

#[tokio::test]
async fn what_is_unchanged_is_not_sent_again_and_keeps_its_validators() {
    let server = HttpServer::start().await;
    let reply = Reply::ok("text/xml", "<rss/>")
        .header("ETag", "\"7\"")
        .header("Last-Modified", "Sun, 01 Nov 2026 08:00:00 GMT")
        .conditional();
    server.on("/feed", reply);
    let web = open_web();
    let known = page_at(&web, &server.url("/feed")).await.validators;

    let answer = web.get(&knowing(&server.url("/feed"), &known)).await;

    let unchanged = Answer::Unchanged {
        validators: known.clone(),
        fresh_for: Duration::ZERO,
    };
    assert_eq!(answer, Ok(unchanged));
    let asked = server.asked("/feed");
    assert_eq!(asked[0].header("if-none-match"), None);
    assert_eq!(asked[1].header("if-none-match"), Some("\"7\""));
    assert_eq!(
        asked[1].header("if-modified-since"),
        Some("Sun, 01 Nov 2026 08:00:00 GMT")
    );
}

#[tokio::test]
async fn an_unchanged_answer_may_renew_one_validator_and_keep_the_other() {
    let server = HttpServer::start().await;
    server.on("/feed", Reply::status(304).header("ETag", "\"8\""));
    let known = validators("\"7\"", "Sun, 01 Nov 2026 08:00:00 GMT");

    let answer = open_web().get(&knowing(&server.url("/feed"), &known)).await;

    let validators = validators("\"8\"", "Sun, 01 Nov 2026 08:00:00 GMT");
    let unchanged = Answer::Unchanged {
        validators,
        fresh_for: Duration::ZERO,
    };
    assert_eq!(answer, Ok(unchanged));
}

#[tokio::test]
async fn unchanged_is_no_answer_to_who_knows_nothing() {
    let server = HttpServer::start().await;
    server.on("/feed", Reply::status(304));

    let error = failure_at(&open_web(), &server.url("/feed")).await;

    assert_eq!(status_of(&error), 304);
}

#[tokio::test]
async fn stored_validators_that_are_no_header_values_are_left_out() {
    let server = HttpServer::start().await;
    server.on("/feed", Reply::ok("text/xml", "<rss/>"));
    let known = validators("\"7\"\r\nX-Injected: yes", "Sun, 01 Nov 2026 08:00:00 GMT");

    let answer = open_web().get(&knowing(&server.url("/feed"), &known)).await;

    assert!(matches!(answer, Ok(Answer::Page(_))));
    let asked = &server.asked("/feed")[0];
    assert_eq!(asked.header("if-none-match"), None);
    assert_eq!(asked.header("x-injected"), None);
    assert!(asked.header("if-modified-since").is_some());
}

#[tokio::test]
async fn a_validator_is_kept_up_to_its_limit() {
    let server = HttpServer::start().await;
    let web = open_web();
    for (length, is_kept) in [(1024, true), (1025, false)] {
        let etag = "e".repeat(length);
        server.on("/feed", Reply::ok("text/xml", "").header("ETag", &etag));

        let page = page_at(&web, &server.url("/feed")).await;

        assert_eq!(page.validators.etag, is_kept.then_some(etag));
    }
}

#[tokio::test]
async fn an_answer_without_a_page_is_an_error_with_its_status() {
    let server = HttpServer::start().await;
    let web = open_web();
    for status in [204, 205, 206, 301, 400, 401, 404, 410, 418, 429, 500, 501] {
        server.on("/page", Reply::status(status));

        let error = failure_at(&web, &server.url("/page")).await;

        assert_eq!(status_of(&error), status);
    }
    assert_eq!(server.requests(), 12, "none of these was asked for again");
}
