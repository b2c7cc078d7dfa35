//! What an answer may cost in bytes and time, packed or not.

use std::io::Write;
use std::time::Duration;

use takefive::outside::web::Answer;
use takefive::outside::web::Limits;
use takefive::outside::web::Request;
use takefive::outside::web::TimeLimit;
use takefive::outside::web::WebError;

use crate::web::KIBIBYTE;
use crate::web::LONG;
use crate::web::SHORT;
use crate::web::address;
use crate::web::asking;
use crate::web::failure_at;
use crate::web::limit_of;
use crate::web::open_web;
use crate::web::page_at;
use crate::web::quick;
use crate::web::web_with;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

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

        assert_eq!(*page.bytes, *text, "{packing}");
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

#[tokio::test]
async fn what_is_packed_more_than_once_or_under_an_old_name_is_told_and_not_taken_for_a_page() {
    let server = HttpServer::start().await;
    let web = open_web();
    let twice = gzip(&gzip(b"words"));
    let cases = [
        ("gzip, gzip", &twice),
        ("br, GZIP", &twice),
        ("x-gzip", &twice),
    ];
    for (packing, bytes) in cases {
        let reply = Reply::ok("text/html", bytes.clone()).header("Content-Encoding", packing);
        server.on("/page", reply);

        let error = failure_at(&web, &server.url("/page")).await;

        let why = format!("cannot be unpacked (it is packed as {packing})");
        assert!(error.to_string().contains(&why), "{error}");
        assert_eq!(error.kind(), "decode");
    }
    // what is no packing at all changes nothing
    for packing in ["identity", "UTF-8", "sdch"] {
        let reply = Reply::ok("text/html", "words").header("Content-Encoding", packing);
        server.on("/page", reply);
        assert_eq!(*page_at(&web, &server.url("/page")).await.bytes, *b"words");
    }
}

#[tokio::test]
async fn an_answer_in_crumbs_is_taken_up_to_a_number_of_them() {
    const CRUMBS_MAX: usize = 256 << 10;
    let server = HttpServer::start().await;
    let web = open_web();
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    // the end of the body takes one look more
    for (crumbs, fits) in [(CRUMBS_MAX - 1, true), (CRUMBS_MAX, false)] {
        let body = format!("{head}{}0\r\n\r\n", "1\r\nx\r\n".repeat(crumbs));
        server.on("/page", Reply::raw(body));

        let url = server.url("/page");
        match web.get(&asking(&url)).await {
            Ok(Answer::Page(page)) => assert!(fits && page.bytes.len() == crumbs),
            Err(error) => assert!(!fits && error.kind() == "not-http", "{error}"),
            Ok(other) => panic!("{other:?}"),
        }
    }
}

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
                Ok(Answer::Page(page)) => assert!(fits && *page.bytes == *body),
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
async fn a_body_waits_for_memory_until_another_is_dropped_but_not_for_ever() {
    let server = HttpServer::start().await;
    server.on("/page", Reply::ok("text/html", noise(40 * KIBIBYTE)));
    let url = server.url("/page");
    let with = |patience| {
        web_with(Limits {
            bodies: 64 * KIBIBYTE,
            patience,
            ..quick()
        })
    };

    let patient = with(LONG);
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(page_at(&patient, &url).await);
    }
    let fifth = page_at(&patient, &url);
    tokio::pin!(fifth);
    let waits = tokio::time::timeout(SHORT, &mut fifth).await;
    assert!(waits.is_err(), "there is no room for a fifth");
    held.pop();
    assert_eq!(fifth.await.bytes.len(), 40 * KIBIBYTE);

    let hasty = with(SHORT);
    let mut held = Vec::new();
    for _ in 0..5 {
        held.push(page_at(&hasty, &url).await);
    }
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
        *page_at(&web, &server.url("/slow")).await.bytes,
        *body.as_bytes()
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
