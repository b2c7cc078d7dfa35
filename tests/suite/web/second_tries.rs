//! What is tried once more, and what is told when that fails too.

use std::time::Duration;

use jiff::Timestamp;
use takefive::outside::web::Limits;
use takefive::outside::web::RetryAfter;
use takefive::outside::web::WebError;

use crate::web::SHORT;
use crate::web::address;
use crate::web::failure_at;
use crate::web::open_web;
use crate::web::page_at;
use crate::web::quick;
use crate::web::timestamp;
use crate::web::web_with;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

#[tokio::test]
async fn what_may_have_passed_is_tried_once_more() {
    let server = HttpServer::start().await;
    let web = open_web();
    let passing = [
        Reply::reset(),
        Reply::status(502),
        Reply::status(503),
        Reply::status(504),
        Reply::status(503).header("Retry-After", "0"),
        Reply::ok("text/html", "cut off in the middle").cut_after(7),
    ];
    for (nth, first) in passing.into_iter().enumerate() {
        let path = format!("/{nth}");
        server.in_turn(&path, [first, Reply::ok("text/html", "there")]);

        let page = page_at(&web, &server.url(&path)).await;

        assert_eq!(*page.bytes, *b"there", "{path}");
        assert_eq!(server.asked(&path).len(), 2, "{path}");
    }
}

#[tokio::test]
async fn a_second_failure_is_the_answer() {
    let server = HttpServer::start().await;
    let web = open_web();
    let lasting = [
        (Reply::reset(), "cut-off"),
        (Reply::status(503), "status"),
        (Reply::ok("text/html", "cut off").cut_after(3), "cut-off"),
    ];
    for (nth, (reply, kind)) in lasting.into_iter().enumerate() {
        let path = format!("/{nth}");
        server.on(&path, reply);

        let error = failure_at(&web, &server.url(&path)).await;

        assert_eq!(error.kind(), kind, "{path}");
        assert_eq!(server.asked(&path).len(), 2, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_not_asked_for_again() {
    let server = HttpServer::start().await;
    let web = open_web();
    let head = "HTTP/1.1 200 OK\r\n";
    let cases = [
        "SSH-2.0-Said\r\n".to_owned(),
        "<rss version=\"2.0\"></rss>".to_owned(),
        "ICY 200 OK\r\n\r\n".to_owned(),
        "\0\0\0\x04\0\0\0\0\0".to_owned(),
        format!("{head}Content-Length: -5\r\n\r\nwords"),
        format!("{head}Content-Length: 5\r\nContent-Length: 3\r\n\r\nwords"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nZZZ\r\nwords"),
        format!("{head}X-Big: {}\r\n\r\n", "z".repeat(1 << 20)),
        format!("{head}{}\r\n", "X-Many: y\r\n".repeat(1000)),
        format!(
            "{head}Transfer-Encoding: chunked\r\n\r\n1;{}",
            "x".repeat(1 << 20)
        ),
    ];
    for (nth, bytes) in cases.into_iter().enumerate() {
        let path = format!("/{nth}");
        server.on(&path, Reply::raw(bytes));

        let error = failure_at(&web, &server.url(&path)).await;

        assert_eq!(error.kind(), "not-http", "{error}");
        assert!(error.may_pass(), "a later run asks again");
        assert_eq!(server.asked(&path).len(), 1, "{error}");
    }
}

#[tokio::test]
async fn a_second_try_waits_for_the_back_off_and_only_within_the_time_of_the_request() {
    let server = HttpServer::start().await;
    server.on("/page", Reply::status(503));
    let patient = web_with(Limits {
        back_off: SHORT,
        ..quick()
    });
    let hurried = web_with(Limits {
        back_off: SHORT,
        request: SHORT,
        ..quick()
    });

    failure_at(&patient, &server.url("/page")).await;
    let asked = server.asked("/page");
    assert_eq!(asked.len(), 2);
    assert!(asked[1].at.duration_since(asked[0].at) >= SHORT);

    failure_at(&hurried, &server.url("/page")).await;
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn a_longer_peace_than_we_wait_for_is_told_and_kept() {
    let server = HttpServer::start().await;
    let web = web_with(Limits {
        retry_after: Duration::from_secs(3),
        ..quick()
    });
    let date = |seconds| {
        Reply::status(503)
            .header("Date", "Sun, 01 Nov 2026 08:00:00 GMT")
            .header("Retry-After", &format!("Sun, 01 Nov 2026 08:{seconds} GMT"))
    };
    let seconds = |text| Reply::status(429).header("Retry-After", text);
    let within = |seconds| Some(RetryAfter::In(Duration::from_secs(seconds)));
    let week = 7 * 24 * 60 * 60;
    let cases = [
        (Reply::status(503).header("Retry-After", "4"), within(4)),
        (date("00:04"), within(4)),
        (date("10:00"), within(600)),
        (seconds("120"), within(120)),
        (seconds("604800"), within(week)),
        (seconds("604801"), within(week)),
        (seconds("99999999999999999999999"), within(week)),
        (seconds("-5"), None),
        (seconds("soon"), None),
        (seconds(""), None),
        (
            seconds("Sun, 01 Nov 2026 08:00:00 GMT"),
            Some(RetryAfter::At(timestamp("2026-11-01T08:00:00Z"))),
        ),
    ];
    for (nth, (reply, expected)) in cases.into_iter().enumerate() {
        let path = format!("/{nth}");
        server.on(&path, reply);

        let error = failure_at(&web, &server.url(&path)).await;

        let WebError::Status { retry_after, .. } = error else {
            panic!("{error:?}");
        };
        assert_eq!(retry_after, expected, "{path}");
        assert_eq!(server.asked(&path).len(), 1, "{path}");
    }
}

#[test]
fn peace_ends_within_a_week_and_not_in_the_past() {
    let now = timestamp("2026-11-22T06:00:00Z");
    let cases = [
        (
            RetryAfter::In(Duration::from_secs(90)),
            "2026-11-22T06:01:30Z",
        ),
        (RetryAfter::In(Duration::MAX), "2026-11-29T06:00:00Z"),
        (
            RetryAfter::At(timestamp("2026-11-22T07:00:00Z")),
            "2026-11-22T07:00:00Z",
        ),
        (
            RetryAfter::At(timestamp("2026-11-01T07:00:00Z")),
            "2026-11-22T06:00:00Z",
        ),
        (
            RetryAfter::At(timestamp("2027-11-01T07:00:00Z")),
            "2026-11-29T06:00:00Z",
        ),
    ];
    for (peace, ends) in cases {
        assert_eq!(peace.moment(now), timestamp(ends));
    }
    assert_eq!(
        RetryAfter::In(Duration::ZERO).moment(Timestamp::MAX),
        Timestamp::MAX
    );
}

#[tokio::test]
async fn a_host_that_is_down_is_told() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        listener.local_addr().expect("it has an address").port()
    };

    let error = failure_at(
        &open_web(),
        &address(&format!("http://127.0.0.1:{port}/feed")),
    )
    .await;

    assert_eq!(error.kind(), "connect");
    assert!(error.to_string().contains("onnection refused"), "{error}");
}

#[tokio::test]
async fn a_host_that_is_not_who_it_says_is_told() {
    let server = HttpServer::start().await;

    let url = address(&format!("https://127.0.0.1:{}/feed", server.port()));
    let error = failure_at(&open_web(), &url).await;

    assert_eq!(error.kind(), "tls", "{error}");
    assert_eq!(server.asked("/feed").len(), 0);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_told() {
    let name = "x".repeat(64); // a label has 63 characters at most, so nobody has to be asked

    let error = failure_at(&open_web(), &address(&format!("http://{name}.example/"))).await;

    assert_eq!(error.kind(), "dns", "{error}");
}
