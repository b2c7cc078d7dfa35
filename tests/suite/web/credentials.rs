//! Credentials stay with the host they are for.

use std::net::Ipv4Addr;

use takefive::outside::web::Answer;

use crate::web::basic;
use crate::web::bearer;
use crate::web::open_web;
use crate::web::page_at;
use crate::web::private;
use crate::web::trail;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

#[tokio::test]
async fn credentials_are_sent_to_the_host_they_are_for() {
    let server = HttpServer::start().await;
    server.on("/old", Reply::redirect(302, "/feed"));
    server.on("/feed", Reply::ok("text/xml", "<rss/>"));
    let cases = [
        (bearer("t0ken"), "Bearer t0ken"),
        (basic("ann", "open sesame"), "Basic YW5uOm9wZW4gc2VzYW1l"),
    ];
    for (nth, (credentials, expected)) in cases.iter().enumerate() {
        let url = server.url("/old");
        let answer = open_web().get(&private(&url, credentials)).await;

        assert!(matches!(answer, Ok(Answer::Page(_))));
        for path in ["/old", "/feed"] {
            let asked = &server.asked(path)[nth];
            assert_eq!(asked.header("authorization"), Some(*expected));
        }
    }
}

#[tokio::test]
async fn credentials_do_not_follow_to_another_host_nor_come_back_with_it() {
    let home = HttpServer::start().await;
    let other_port = HttpServer::start().await;
    let other_host = HttpServer::start_at(Ipv4Addr::new(127, 0, 0, 2)).await;
    for other in [&other_port, &other_host] {
        home.on("/feed", Reply::redirect(302, other.url("/away").as_str()));
        other.on("/away", Reply::redirect(302, home.url("/inner").as_str()));
        home.on("/inner", Reply::ok("text/xml", "<rss/>"));

        let url = home.url("/feed");
        let answer = open_web().get(&private(&url, &bearer("t0ken"))).await;

        assert!(matches!(answer, Ok(Answer::Page(_))));
        assert_eq!(other.asked("/away")[0].header("authorization"), None);
    }
    for asked in home.asked("/feed") {
        assert_eq!(asked.header("authorization"), Some("Bearer t0ken"));
    }
    for asked in home.asked("/inner") {
        assert_eq!(asked.header("authorization"), None);
    }
}

#[tokio::test]
async fn user_information_in_an_address_is_sent_to_nobody() {
    let server = HttpServer::start().await;
    let with_user = |path: &str| {
        let mut url = server.url(path);
        url.set_username("ann").expect("http has user information");
        url.set_password(Some("open-sesame"))
            .expect("http has user information");
        url
    };
    server.on("/old", Reply::redirect(302, with_user("/new").as_str()));
    server.on("/new", Reply::ok("text/html", "here"));

    let page = page_at(&open_web(), &with_user("/old")).await;

    assert_eq!(page.url, server.url("/new"));
    for path in ["/old", "/new"] {
        assert_eq!(server.asked(path)[0].header("authorization"), None);
    }
}

#[tokio::test]
async fn a_token_that_is_no_header_value_is_told_and_not_shown() {
    let server = HttpServer::start().await;

    let url = server.url("/feed");
    let error = open_web()
        .get(&private(&url, &bearer("t0ken\nsecond-line")))
        .await
        .expect_err("it cannot be sent");

    assert_eq!(error.kind(), "unsendable");
    assert!(!format!("{error} {error:?}").contains("t0ken"));
    assert_eq!(server.requests(), 0);
}

#[test]
fn a_redirect_changes_what_may_go_along() {
    let kept = true;
    let dropped = false;
    let cases = [
        ("https://a.example/x", "/y", kept),
        ("https://a.example/x", "https://a.example:443/y", kept),
        ("https://a.example/x", "https://A.Example/y", kept),
        ("https://a.example/x", "https://a.example:444/y", dropped),
        ("https://a.example/x", "https://www.a.example/y", dropped),
        (
            "https://a.example/x",
            "https://a.example.evil.example/y",
            dropped,
        ),
        ("https://a.example/x", "//b.example/y", dropped),
        ("http://a.example/x", "https://a.example/y", dropped),
    ];
    let credentials = bearer("t0ken");
    for (from, to, expected) in cases {
        let mut trail = trail(from, Some(&credentials));

        trail.follow(to).expect("it may be followed");

        assert_eq!(trail.credentials().is_some(), expected, "{from} to {to}");
    }
}

#[test]
fn with_credentials_there_is_no_way_from_https_to_http() {
    let credentials = bearer("t0ken");
    let down = "http://a.example/x";

    let error = trail("https://a.example/x", Some(&credentials))
        .follow(down)
        .expect_err("it is refused");
    assert_eq!(error.kind(), "downgrade");

    // an address that a private feed leads to may hold a token, although the credentials stayed behind
    let mut over_another = trail("https://a.example/x", Some(&credentials));
    over_another
        .follow("https://b.example/x")
        .expect("it may be followed");
    let error = over_another.follow(down).expect_err("it is refused");
    assert_eq!(error.kind(), "downgrade");

    trail("https://a.example/x", None)
        .follow(down)
        .expect("without credentials there is nothing to lose");
}
