//! Where a redirect may lead.

use takefive::outside::web::Answer;

use crate::web::address;
use crate::web::failure_at;
use crate::web::knowing;
use crate::web::open_web;
use crate::web::page_at;
use crate::web::quick;
use crate::web::validators;
use crate::web::web_with;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

#[tokio::test]
async fn redirects_of_all_kinds_are_followed_and_the_last_address_is_told() {
    let server = HttpServer::start().await;
    let web = open_web();
    server.on("/a/new", Reply::ok("text/html", "here"));
    let absolute = server.url("/a/new").to_string();
    for location in [absolute.as_str(), "/a/new", "new", "../a/new#part"] {
        for status in [300, 301, 302, 303, 307, 308] {
            server.on("/a/old", Reply::redirect(status, location));

            let page = page_at(&web, &server.url("/a/old")).await;

            assert_eq!(page.url, server.url("/a/new"));
            assert_eq!(*page.bytes, *b"here");
        }
    }
}

#[tokio::test]
async fn a_moved_feed_is_still_asked_whether_it_changed() {
    let server = HttpServer::start().await;
    let feed = Reply::ok("text/xml", "<rss/>").header("ETag", "\"7\"");
    server.on("/old", Reply::redirect(301, "/new"));
    server.on("/new", feed.conditional());
    let known = validators("\"7\"", "");

    let answer = open_web().get(&knowing(&server.url("/old"), &known)).await;

    assert!(matches!(answer, Ok(Answer::Unchanged { .. })));
}

#[tokio::test]
async fn so_many_redirects_are_followed_and_no_more() {
    let server = HttpServer::start().await;
    let limits = quick();
    let web = web_with(limits.clone());
    for nth in 1..=limits.redirects + 1 {
        let next = format!("/{}", nth - 1);
        server.on(&format!("/{nth}"), Reply::redirect(302, &next));
    }
    server.on("/0", Reply::ok("text/html", "here"));

    let last = format!("/{}", limits.redirects);
    assert_eq!(*page_at(&web, &server.url(&last)).await.bytes, *b"here");
    let one_more = format!("/{}", limits.redirects + 1);
    let error = failure_at(&web, &server.url(&one_more)).await;
    assert_eq!(error.kind(), "redirects");
}

#[tokio::test]
async fn a_circle_of_redirects_is_left_at_once() {
    let server = HttpServer::start().await;
    server.on("/a", Reply::redirect(302, "/b"));
    server.on("/b", Reply::redirect(302, "/a"));
    server.on("/self", Reply::redirect(302, "/self#again"));
    let web = open_web();

    assert_eq!(
        failure_at(&web, &server.url("/a")).await.kind(),
        "redirect-loop"
    );
    assert_eq!(
        failure_at(&web, &server.url("/self")).await.kind(),
        "redirect-loop"
    );
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_redirect_to_what_is_no_web_address_is_not_followed() {
    let server = HttpServer::start().await;
    let web = open_web();
    let cases = [
        "file:///etc/passwd",
        "ftp://example.org/feed",
        "data:text/xml,<rss/>",
        "gopher://127.0.0.1/",
        "http://",
        "http://[::1/",
    ];
    for location in cases {
        server.on("/feed", Reply::redirect(302, location));

        let error = failure_at(&web, &server.url("/feed")).await;

        assert_eq!(error.kind(), "bad-redirect", "{location}");
        let words = format!(
            "{}: redirected to what is no web address",
            server.url("/feed")
        );
        assert!(error.to_string().starts_with(&words), "{error}");
    }
}

#[tokio::test]
async fn an_error_after_a_redirect_tells_where_the_way_began() {
    let server = HttpServer::start().await;
    let web = open_web();
    server.on("/feed", Reply::redirect(302, "/over?token=t0ken"));
    let (first, over) = (server.url("/feed"), server.url("/over"));
    let cases = [
        (Reply::status(404), format!("{over}: answered 404")),
        (
            Reply::redirect(302, "http://10.0.0.1/feed?token=t0ken"),
            "http://10.0.0.1/feed: not asked".to_owned(),
        ),
        (
            Reply::raw("no HTTP\r\n"),
            format!("{over}: the answer is not HTTP"),
        ),
    ];
    for (reply, words) in cases {
        server.on("/over", reply);

        let error = failure_at(&web, &first).await.to_string();

        let words = format!("{first}, redirected to {words}");
        assert!(error.starts_with(&words), "{error}");
        assert!(!error.contains("t0ken"), "{error}");
    }
}

#[tokio::test]
async fn only_web_addresses_are_asked() {
    let web = open_web();
    for url in [
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "data:,words",
        "unix:/run/socket",
    ] {
        let error = failure_at(&web, &address(url)).await;

        assert_eq!(error.kind(), "scheme", "{url}");
    }
}
