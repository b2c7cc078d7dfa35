//! The door to the web, against a real server on the loopback.

use std::cell::RefCell;
use std::future::Future;
use std::io::Write;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::sync::Once;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use takefive::model::Credentials;
use takefive::model::Secret;
use takefive::outside::web::Answer;
use takefive::outside::web::Guard;
use takefive::outside::web::Limits;
use takefive::outside::web::Page;
use takefive::outside::web::Request;
use takefive::outside::web::RetryAfter;
use takefive::outside::web::TimeLimit;
use takefive::outside::web::Trail;
use takefive::outside::web::Validators;
use takefive::outside::web::Web;
use takefive::outside::web::WebError;
use takefive::settings::FetchSettings;
use takefive::settings::Network;
use url::Url;

use crate::world::http::Asked;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

const KIBIBYTE: usize = 1 << 10;
const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(20);

// what comes back

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
    assert_eq!(page.bytes, b"<p>Ship less.</p>");
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
    assert_eq!(answer, Ok(Answer::Unchanged { validators }));
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

// how we ask

#[tokio::test]
async fn we_say_who_we_are_and_what_we_can_read_and_nothing_of_where_we_come_from() {
    let server = HttpServer::start().await;
    let moved = Reply::redirect(302, "/new").header("Set-Cookie", "track=1");
    server.on("/old", moved);
    server.on("/new", Reply::ok("text/html", "here"));

    page_at(&open_web(), &server.url("/old")).await;

    for asked in [&server.asked("/old")[0], &server.asked("/new")[0]] {
        assert_eq!(asked.header("user-agent"), Some("takefive/0.1.0"));
        let accept = asked.header("accept").expect("we say what we read");
        assert!(accept.contains("application/rss+xml") && accept.contains("text/html"));
        let packings = asked.header("accept-encoding").expect("we can unpack");
        for packing in ["gzip", "br", "zstd", "deflate"] {
            assert!(packings.contains(packing), "{packings}");
        }
        assert_eq!(asked.header("referer"), None);
        assert_eq!(asked.header("cookie"), None);
        assert_eq!(asked.header("authorization"), None);
    }
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let server = HttpServer::start().await;
    server.on("/page", Reply::ok("text/html", "here"));
    let web = open_web();

    for _ in 0..5 {
        page_at(&web, &server.url("/page")).await;
    }

    assert_eq!(server.requests(), 5);
    let on_the_first = |asked: &Asked| asked.connection == 1;
    assert!(server.asked("/page").iter().all(on_the_first));
}

#[tokio::test]
async fn a_host_answers_two_requests_at_a_time_and_each_other_host_two_of_its_own() {
    let slow = || Reply::ok("text/html", "here").after(Duration::from_millis(40));
    let servers = [HttpServer::start().await, HttpServer::start().await];
    let web = open_web();
    for server in &servers {
        server.on("/page", slow());
    }

    let urls: Vec<Url> = (0..12).map(|nth| servers[nth % 2].url("/page")).collect();
    join_all(urls.iter().map(|url| page_at(&web, url))).await;

    for server in &servers {
        assert_eq!((server.requests(), server.most_at_once()), (6, 2));
    }
}

#[tokio::test]
async fn waiting_for_a_turn_is_not_held_against_a_request() {
    let server = HttpServer::start().await;
    server.on(
        "/page",
        Reply::ok("text/html", "here").after(Duration::from_millis(100)),
    );
    let web = web_with(Limits {
        per_host: 1,
        request: Duration::from_millis(400),
        ..quick()
    });

    let url = server.url("/page");
    join_all((0..6).map(|_| page_at(&web, &url))).await;

    assert_eq!(server.requests(), 6);
}

#[tokio::test]
async fn a_busy_host_keeps_its_limit_while_hundreds_of_others_come_and_go() {
    let server = HttpServer::start().await;
    server.on("/page", Reply::silent());
    let web = open_web();
    let url = server.url("/page");
    let page = asking(&url);
    let held = join_all([web.get(&page), web.get(&page)]);
    // nobody listens there, so each is forgotten as soon as it was asked
    let others: Vec<Url> = (0..300)
        .map(|nth| address(&format!("http://127.3.{}.{}:1/", nth / 200, 1 + nth % 200)))
        .collect();

    let third = async {
        join_all(others.iter().map(|url| failure_at(&web, url))).await;
        tokio::time::timeout(SHORT, web.get(&page)).await
    };

    tokio::select! {
        _ = held => panic!("a silent server answers nobody"),
        third = third => assert!(third.is_err(), "it still waits for its turn"),
    }
    assert_eq!(server.requests(), 2);
}

// unpacking

#[tokio::test]
async fn each_packing_that_we_name_is_unpacked() {
    let server = HttpServer::start().await;
    let web = open_web();
    let text = b"Good product teams say no more often than yes. ".repeat(40);
    let packings: [(&str, Vec<u8>); 4] = [
        ("gzip", gzip(&text)),
        ("deflate", deflate(&text)),
        ("br", brotli(&text)),
        ("zstd", zstd_raw(&text)),
    ];
    for (packing, packed) in packings {
        let reply = Reply::ok("text/html", packed).header("Content-Encoding", packing);
        server.on("/page", reply);

        let page = page_at(&web, &server.url("/page")).await;

        assert_eq!(page.bytes, text, "{packing}");
    }
}

#[tokio::test]
async fn what_cannot_be_unpacked_is_told_apart_from_what_broke_off() {
    let server = HttpServer::start().await;
    let web = open_web();
    let packed = gzip(&noise(20 * KIBIBYTE));
    let half = packed.len() / 2;
    let reply = |bytes: &[u8]| Reply::ok("text/html", bytes).header("Content-Encoding", "gzip");
    server.on("/not-packed", reply(b"plain words"));
    server.on("/half-packed", reply(&packed[..half]));
    server.on("/broken-off", reply(&packed).cut_after(half));

    let kind = async |path| failure_at(&web, &server.url(path)).await.kind();

    assert_eq!(kind("/not-packed").await, "decode");
    assert_eq!(kind("/half-packed").await, "decode");
    assert_eq!(kind("/broken-off").await, "cut-off");
}

// limits of size

#[tokio::test]
async fn an_answer_may_be_as_large_as_asked_for_and_not_a_byte_larger() {
    let server = HttpServer::start().await;
    let web = open_web();
    for (length, fits) in [(KIBIBYTE, true), (KIBIBYTE + 1, false)] {
        let body = noise(length);
        let length_told = Reply::ok("text/html", body.clone());
        let packed = Reply::ok("text/html", gzip(&body)).header("Content-Encoding", "gzip");
        let no_length = Reply::raw([b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &body].concat());
        for reply in [length_told, packed, no_length] {
            server.on("/page", reply);

            let url = server.url("/page");
            let answer = web
                .get(&Request {
                    bytes_max: KIBIBYTE,
                    ..asking(&url)
                })
                .await;

            match answer {
                Ok(Answer::Page(page)) => assert!(fits && page.bytes == body),
                Err(WebError::TooLarge { bytes_max, .. }) => {
                    assert!(!fits && bytes_max == KIBIBYTE);
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn bombs_and_endless_answers_are_dropped_when_they_pass_the_limit() {
    let server = HttpServer::start().await;
    let web = open_web();
    let bomb = zstd_of_zeros(4096); // half a gibibyte in 16 KiB
    server.on(
        "/bomb",
        Reply::ok("text/html", bomb).header("Content-Encoding", "zstd"),
    );
    server.on("/endless", Reply::endless());

    for path in ["/bomb", "/endless"] {
        let error = failure_at(&web, &server.url(path)).await;

        assert_eq!(error.kind(), "too-large");
        assert_eq!(server.asked(path).len(), 1);
    }
    // what the kernel buffers between the two ends, and no more
    assert!(server.bytes_sent() < 64 << 20);
}

#[tokio::test]
async fn a_promise_that_is_too_large_is_not_waited_for() {
    let server = HttpServer::start().await;
    server.on(
        "/huge",
        Reply::raw("HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n"),
    );

    let error = failure_at(&open_web(), &server.url("/huge")).await;

    assert_eq!(error.kind(), "too-large");
}

// limits of time

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_after_the_first_byte_limit() {
    let server = HttpServer::start().await;
    server.on("/page", Reply::silent());
    let web = web_with(Limits {
        first_byte: SHORT,
        ..quick()
    });

    let error = failure_at(&web, &server.url("/page")).await;

    assert_eq!(limit_of(&error), TimeLimit::FirstByte(SHORT));
    assert_eq!(server.requests(), 1, "no second try");
}

#[tokio::test]
async fn a_secure_connection_that_never_comes_about_is_given_up_after_the_connect_limit() {
    let web = web_with(Limits {
        connect: SHORT,
        ..quick()
    });
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    let port = silent.local_addr().expect("it has an address").port();

    let error = failure_at(&web, &address(&format!("https://127.0.0.1:{port}/"))).await;

    assert_eq!(limit_of(&error), TimeLimit::Connect(SHORT));
}

#[tokio::test]
async fn a_body_may_come_slowly_but_not_stop() {
    let server = HttpServer::start().await;
    let body = "slow and steady";
    let reply = |pause| Reply::ok("text/html", body).dripping(3, pause);
    server.on("/slow", reply(SHORT / 5));
    server.on("/stopped", reply(LONG));
    let web = web_with(Limits {
        stall: SHORT,
        ..quick()
    });

    // five pauses together are longer than the limit
    assert_eq!(
        page_at(&web, &server.url("/slow")).await.bytes,
        body.as_bytes()
    );
    let error = failure_at(&web, &server.url("/stopped")).await;
    assert_eq!(limit_of(&error), TimeLimit::Stall(SHORT));
    assert_eq!(server.asked("/stopped").len(), 1, "no second try");
}

#[tokio::test]
async fn an_answer_that_never_stops_dripping_is_given_up_after_the_request_limit() {
    let server = HttpServer::start().await;
    let body = vec![b'x'; 5000];
    server.on(
        "/drip",
        Reply::ok("text/html", body).dripping(1, Duration::from_millis(20)),
    );
    let web = web_with(Limits {
        request: SHORT,
        ..quick()
    });

    let error = failure_at(&web, &server.url("/drip")).await;

    assert_eq!(limit_of(&error), TimeLimit::Request(SHORT));
}

#[tokio::test]
async fn redirects_share_the_time_of_one_request() {
    let server = HttpServer::start().await;
    for nth in 0..8 {
        let next = format!("/{}", nth + 1);
        let reply = Reply::redirect(302, &next).after(SHORT / 3);
        server.on(&format!("/{nth}"), reply);
    }
    let web = web_with(Limits {
        request: SHORT,
        ..quick()
    });

    let error = failure_at(&web, &server.url("/0")).await;

    assert_eq!(limit_of(&error), TimeLimit::Request(SHORT));
    assert!(server.requests() < 5);
}

// second tries

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

        assert_eq!(page.bytes, b"there", "{path}");
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
        (Reply::raw("SSH-2.0-Said\r\n"), "cut-off"),
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

// redirects

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
            assert_eq!(page.bytes, b"here");
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
    assert_eq!(page_at(&web, &server.url(&last)).await.bytes, b"here");
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
        ("file:///etc/passwd", "scheme"),
        ("ftp://example.org/feed", "scheme"),
        ("data:text/xml,<rss/>", "scheme"),
        ("gopher://127.0.0.1/", "scheme"),
        ("http://", "bad-redirect"),
        ("http://[::1/", "bad-redirect"),
    ];
    for (location, kind) in cases {
        server.on("/feed", Reply::redirect(302, location));

        let error = failure_at(&web, &server.url("/feed")).await;

        assert_eq!(error.kind(), kind, "{location}");
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

// credentials

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

// the address guard

/// Addresses of each kind that is not public, in the notations that an attacker would try.
const NOT_PUBLIC: &[(&str, &str)] = &[
    ("0.0.0.0", "unspecified"),
    ("0.255.255.255", "unspecified"),
    ("10.0.0.0", "private"),
    ("10.255.255.255", "private"),
    ("100.64.0.0", "carrier"),
    ("100.127.255.255", "carrier"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.255", "loopback"),
    ("2130706433", "loopback"),
    ("0x7f000001", "loopback"),
    ("0x7f.1", "loopback"),
    ("0177.0.0.1", "loopback"),
    ("127.1", "loopback"),
    ("127.0.0.1.", "loopback"),
    ("１２７.0.0.1", "loopback"),
    ("169.254.0.0", "link-local"),
    ("169.254.169.254", "metadata"),
    ("2852039166", "metadata"),
    ("172.16.0.0", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.0", "reserved"),
    ("192.0.0.255", "reserved"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "reserved"),
    ("192.168.0.0", "private"),
    ("192.168.255.255", "private"),
    ("198.18.0.0", "benchmarking"),
    ("198.19.255.255", "benchmarking"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("224.0.0.0", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.0", "reserved"),
    ("255.255.255.255", "reserved"),
    ("[::]", "unspecified"),
    ("[::1]", "loopback"),
    ("[0:0:0:0:0:0:0:1]", "loopback"),
    ("[::2]", "reserved"),
    ("[::ffff:127.0.0.1]", "loopback"),
    ("[::ffff:7f00:1]", "loopback"),
    ("[::ffff:10.1.2.3]", "private"),
    ("[::ffff:169.254.169.254]", "metadata"),
    ("[::127.0.0.1]", "reserved"),
    ("[::ffff:0:127.0.0.1]", "reserved"),
    ("[64:ff9b::127.0.0.1]", "loopback"),
    ("[64:ff9b::a9fe:a9fe]", "metadata"),
    ("[64:ff9b:1::1.1.1.1]", "reserved"),
    ("[100::1]", "reserved"),
    ("[2001::1]", "tunnel"),
    ("[2001:2::1]", "reserved"),
    ("[2001:1ff:ffff::1]", "reserved"),
    ("[2001:db8::1]", "documentation"),
    ("[2001:db8:ffff::1]", "documentation"),
    ("[2002:7f00:1::]", "loopback"),
    ("[2002:a00:1::1]", "private"),
    ("[2002:a9fe:a9fe::1]", "metadata"),
    ("[3fff::1]", "documentation"),
    ("[3fff:fff::1]", "documentation"),
    ("[4000::1]", "reserved"),
    ("[1fff::1]", "reserved"),
    ("[5f00::1]", "reserved"),
    ("[fc00::1]", "unique-local"),
    ("[fd00:ec2::254]", "unique-local"),
    ("[fdff:ffff::1]", "unique-local"),
    ("[fe80::1]", "link-local"),
    ("[febf::1]", "link-local"),
    ("[fec0::1]", "site-local"),
    ("[ff02::1]", "multicast"),
];

/// The public neighbours of the networks above.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "203.0.114.0",
    "223.255.255.255",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::8.8.8.8]",
    "[2001:200::1]",
    "[2001:db7::1]",
    "[2001:db9::1]",
    "[2002:808:808::1]",
    "[2000::1]",
    "[3ffe::1]",
    "[3fff:1000::1]",
];

#[test]
fn addresses_that_are_not_public_are_refused_in_every_notation() {
    let guard = Guard::new(&[]);
    for (host, class) in NOT_PUBLIC {
        let url = address(&format!("http://{host}:8080/feed"));

        let error = guard.check(&url).expect_err(host);

        assert!(error.to_string().contains(class), "{host}: {error}");
    }
}

#[test]
fn public_addresses_and_names_pass() {
    let guard = Guard::new(&[]);
    for host in PUBLIC.iter().chain(&["example.org", "localhost"]) {
        let url = address(&format!("http://{host}/feed"));

        assert_eq!(guard.check(&url), Ok(()), "{host}");
    }
}

#[test]
fn an_allowed_network_opens_its_addresses_and_no_others() {
    let guard = Guard::new(&networks(&["10.1.128.0/17", "127.0.0.1/32", "fd12::/16"]));
    let cases = [
        ("10.1.128.0", true),
        ("10.1.255.255", true),
        ("10.1.127.255", false),
        ("10.2.0.0", false),
        ("127.0.0.1", true),
        ("127.0.0.2", false),
        ("127.0.0.0", false),
        ("::ffff:127.0.0.1", true),
        ("::ffff:127.0.0.2", false),
        ("::1", false),
        ("fd12:ffff::1", true),
        ("fd13::1", false),
        ("8.8.8.8", true),
    ];
    for (address, may_pass) in cases {
        let address: IpAddr = address.parse().expect("a case is an address");
        assert_eq!(guard.refusal(address).is_none(), may_pass, "{address}");
    }
    let all = Guard::new(&networks(&["0.0.0.0/0", "::/0"]));
    for address in ["255.255.255.255", "ff02::1", "::"] {
        let address: IpAddr = address.parse().expect("a case is an address");
        assert_eq!(all.refusal(address), None, "{address}");
    }
}

#[tokio::test]
async fn a_refused_address_is_not_even_connected_to() {
    let server = HttpServer::start().await;
    let web = Web::new(&settings(&[])).expect("the door opens");

    let error = failure_at(&web, &server.url("/feed")).await;

    assert_eq!(error.kind(), "refused");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_name_that_leads_to_a_refused_address_is_refused() {
    let server = HttpServer::start().await;
    let web = Web::new(&settings(&[])).expect("the door opens");
    for name in ["localhost", "LOCALHOST"] {
        let url = address(&format!("http://{name}:{}/feed", server.port()));

        let error = failure_at(&web, &url).await;

        assert_eq!(error.kind(), "refused", "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_name_is_asked_at_the_addresses_that_pass() {
    let server = HttpServer::start().await;
    server.on("/feed", Reply::ok("text/xml", "<rss/>"));

    // "localhost" may lead to ::1 as well, which is not among the allowed networks
    let url = address(&format!("http://localhost:{}/feed", server.port()));
    let page = page_at(&open_web(), &url).await;

    assert_eq!(page.bytes, b"<rss/>");
}

#[tokio::test]
async fn a_redirect_to_a_refused_address_is_not_followed() {
    // the first host may be asked, and it is the only one
    let server = HttpServer::start_at(Ipv4Addr::new(127, 9, 9, 9)).await;
    let neighbour = HttpServer::start().await;
    let web = Web::with_limits(&settings(&["127.9.9.9/32"]), quick()).expect("the door opens");
    let port = neighbour.port();
    let mut targets: Vec<String> = NOT_PUBLIC
        .iter()
        .map(|(host, _)| format!("http://{host}:{port}/feed"))
        .collect();
    targets.push(format!("http://localhost:{port}/feed"));
    targets.push(format!("//127.0.0.1:{port}/feed"));
    targets.push(format!("http:\\\\127.0.0.1:{port}\\feed"));
    targets.push(format!("http://127.9.9.9@127.0.0.1:{port}/feed"));
    for target in &targets {
        server.on("/over", Reply::redirect(302, target));
        server.on("/feed", Reply::redirect(302, "/over"));

        let error = failure_at(&web, &server.url("/feed")).await;

        assert_eq!(error.kind(), "refused", "{target}: {error}");
    }
    assert_eq!(neighbour.connections(), 0);
}

// what is never shown

#[tokio::test]
async fn errors_debug_output_and_logs_show_no_query_fragment_or_user_information() {
    let server = HttpServer::start().await;
    server.on("/ok", Reply::ok("text/html", "the body itself"));
    server.on("/late", Reply::silent());
    server.on("/huge", Reply::endless());
    server.on("/reset", Reply::reset());
    server.on(
        "/packed",
        Reply::ok("text/html", "no").header("Content-Encoding", "gzip"),
    );
    server.on(
        "/away",
        Reply::redirect(302, "http://10.0.0.1/there?token=t0ken"),
    );
    server.on("/file", Reply::redirect(302, "file:///there?token=t0ken"));
    server.on("/odd", Reply::redirect(302, "http://[t0ken"));
    server.on("/circle", Reply::redirect(302, "/circle?token=t0ken"));
    server.on("/secure", {
        let url = format!("https://{}/?token=t0ken", server.url("/").authority());
        Reply::redirect(302, &url)
    });
    let web = web_with(Limits {
        first_byte: SHORT,
        ..quick()
    });
    let paths = [
        "/ok", "/late", "/huge", "/reset", "/packed", "/away", "/file", "/odd", "/circle",
        "/secure", "/missing",
    ];
    let ask_all = async || {
        let mut told = String::new();
        for path in paths {
            let mut url = server.url(&format!("{path}?token=t0ken#t0ken"));
            url.set_username("t0ken")
                .expect("http has user information");
            url.set_password(Some("t0ken"))
                .expect("http has user information");
            let credentials = basic("ann", "t0ken");
            let request = private(&url, &credentials);
            let answer = web.get(&request).await;
            let debug = format!("{request:?} {answer:?} {web:?}");
            let text = answer.map_or_else(|error| error.to_string(), |_| String::new());
            told.extend([debug, text]);
        }
        told
    };
    let (log, mut told) = logged(ask_all()).await;

    assert!(
        told.contains("/missing: answered 404; it may have moved"),
        "{told}"
    );
    assert!(!told.contains("the body itself"));
    assert!(log.contains("status=200 bytes=15 ms="), "{log}");
    assert!(log.contains("failed=\"timeout\""), "{log}");
    told += &log;
    assert!(!told.contains("t0ken"), "{told}");
}

#[tokio::test]
async fn a_long_path_is_shown_in_part() {
    for (length, is_whole) in [(120, true), (121, false)] {
        let path = format!("/{}", "p".repeat(length - 1));
        let url = address(&format!("http://10.0.0.1{path}"));

        let text = failure_at(&open_web(), &url).await.to_string();

        assert_eq!(text.contains(&format!("{path}: ")), is_whole, "{text}");
        assert_eq!(text.contains("p…: "), !is_whole, "{text}");
    }
}

// asking

fn open_web() -> Web {
    web_with(quick())
}

fn web_with(limits: Limits) -> Web {
    Web::with_limits(&settings(&["127.0.0.0/8"]), limits).expect("the door opens")
}

/// The limits of everyday, but for the pause before a second try.
fn quick() -> Limits {
    Limits {
        back_off: Duration::from_millis(1),
        ..Limits::default()
    }
}

fn settings(allowed: &[&str]) -> FetchSettings {
    FetchSettings {
        in_flight: 64,
        allow_networks: networks(allowed),
    }
}

fn networks(written: &[&str]) -> Vec<Network> {
    let network = |written: &&str| {
        let (address, prefix) = written.split_once('/').expect("a network has a prefix");
        Network {
            address: address.parse().expect("a network has an address"),
            prefix: prefix.parse().expect("a prefix is a number"),
        }
    };
    written.iter().map(network).collect()
}

fn asking(url: &Url) -> Request<'_> {
    Request {
        url,
        validators: None,
        credentials: None,
        bytes_max: 1 << 20,
    }
}

fn knowing<'a>(url: &'a Url, validators: &'a Validators) -> Request<'a> {
    Request {
        validators: Some(validators),
        ..asking(url)
    }
}

fn private<'a>(url: &'a Url, credentials: &'a Credentials) -> Request<'a> {
    Request {
        credentials: Some(credentials),
        ..asking(url)
    }
}

async fn page_at(web: &Web, url: &Url) -> Page {
    match web.get(&asking(url)).await {
        Ok(Answer::Page(page)) => page,
        other => panic!("{url}: {other:?}"),
    }
}

async fn failure_at(web: &Web, url: &Url) -> WebError {
    match web.get(&asking(url)).await {
        Err(error) => error,
        Ok(answer) => panic!("{url}: {answer:?}"),
    }
}

fn status_of(error: &WebError) -> u16 {
    match error {
        WebError::Status { code, .. } => *code,
        other => panic!("{other:?}"),
    }
}

fn limit_of(error: &WebError) -> TimeLimit {
    match error {
        WebError::Timeout { limit, .. } => *limit,
        other => panic!("{other:?}"),
    }
}

fn trail<'a>(from: &str, credentials: Option<&'a Credentials>) -> Trail<'a> {
    Trail::start(&address(from), credentials, 8).expect("it is a web address")
}

fn address(text: &str) -> Url {
    text.parse().expect("a case is a URL")
}

fn timestamp(text: &str) -> Timestamp {
    text.parse().expect("a case is a timestamp")
}

fn validators(etag: &str, last_modified: &str) -> Validators {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Validators {
        etag: some(etag),
        last_modified: some(last_modified),
    }
}

fn bearer(token: &str) -> Credentials {
    Credentials::Bearer(Secret::new(token))
}

fn basic(user: &str, password: &str) -> Credentials {
    Credentials::Basic {
        user: user.to_owned(),
        password: Secret::new(password),
    }
}

/// What this thread logs while `work` runs, and what it gives.
async fn logged<T>(work: impl Future<Output = T>) -> (String, T) {
    static LISTENING: Once = Once::new();
    // one listener for all threads: with one of this thread alone, a place whose first event another thread sees stays
    // silent for good
    LISTENING.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| LinesOfThisThread)
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
        tracing::callsite::rebuild_interest_cache();
    });
    LINES.set(Some(Vec::new()));
    let value = work.await;
    let lines = LINES.take().unwrap_or_default();
    (String::from_utf8_lossy(&lines).into_owned(), value)
}

thread_local! {
    /// What was logged, while someone wants to know.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct LinesOfThisThread;

impl Write for LinesOfThisThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// packing

/// Bytes that do not pack well and are the same each time.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1_u32;
    let step = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(step).take(length).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("memory takes all bytes");
    packer.finish().expect("memory takes all bytes")
}

/// The zlib format, which HTTP calls "deflate" (RFC 9110 §8.4.1.2).
fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).expect("memory takes all bytes");
    packer.finish().expect("memory takes all bytes")
}

/// One stored block of up to 64 KiB and an empty last one (RFC 7932 §9.2).
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len() - 1).expect("a test text is short");
    let head = (length << 4) | (1 << 20);
    [&head.to_le_bytes()[..3], bytes, &[3]].concat()
}

/// One raw block (RFC 8878 §3.1.1) in a frame with a window of 128 KiB.
fn zstd_raw(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("a test text is short");
    let head = (length << 3) | 1;
    [&ZSTD_HEAD, &head.to_le_bytes()[..3], bytes].concat()
}

/// So many blocks of 128 KiB of zeros, four bytes each.
fn zstd_of_zeros(blocks: usize) -> Vec<u8> {
    let block = |last: u32| {
        let head = ((128 << 10) << 3) | (1 << 1) | last;
        let [a, b, c, _] = u32::to_le_bytes(head);
        [a, b, c, 0]
    };
    let mut packed = ZSTD_HEAD.to_vec();
    packed.extend((1..blocks).flat_map(|_| block(0)));
    packed.extend(block(1));
    packed
}

const ZSTD_HEAD: [u8; 6] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x38];
