//! How we ask: who we say we are, how often, and how many requests at a time.

use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use futures_util::future::join_all;
use takefive::outside::web::Limits;
use takefive::outside::web::Web;
use takefive::settings::FetchSettings;
use url::Url;

use crate::web::SHORT;
use crate::web::address;
use crate::web::asking;
use crate::web::failure_at;
use crate::web::open_web;
use crate::web::page_at;
use crate::web::quick;
use crate::web::settings;
use crate::web::web_with;
use crate::world::http::Asked;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

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
async fn whoever_reads_the_log_of_a_site_finds_the_page_of_the_operator() {
    let server = HttpServer::start().await;
    server.on("/page", Reply::ok("text/html", "here"));
    let settings = FetchSettings {
        about: Some(address("https://digest.example.org/about")),
        ..settings(&["127.0.0.0/8"])
    };
    let web = Web::new(&settings).expect("the door opens");

    page_at(&web, &server.url("/page")).await;

    let agent = "takefive/0.1.0 (+https://digest.example.org/about)";
    assert_eq!(server.asked("/page")[0].header("user-agent"), Some(agent));
}

#[tokio::test]
async fn two_requests_to_one_host_begin_a_gap_apart_and_no_other_host_waits_for_them() {
    const GAP: Duration = Duration::from_millis(80);
    let servers = [HttpServer::start().await, HttpServer::start().await];
    let web = web_with(Limits {
        gap: GAP,
        ..quick()
    });
    for server in &servers {
        server.on("/page", Reply::ok("text/html", "here"));
    }

    let urls: Vec<Url> = (0..6).map(|nth| servers[nth % 2].url("/page")).collect();
    join_all(urls.iter().map(|url| page_at(&web, url))).await;

    let begun = |server: &HttpServer| -> Vec<Instant> {
        server.asked("/page").iter().map(|asked| asked.at).collect()
    };
    let [first, second] = servers.each_ref().map(begun);
    for times in [&first, &second] {
        // what a timer rounds off is not worth a quarrel
        let apart = |pair: &[Instant]| pair[1] - pair[0] + Duration::from_millis(15) >= GAP;
        assert!(times.windows(2).all(apart), "{times:?}");
    }
    assert!(second[0] < first[1], "the second host waited for the first");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_door_serves_many_threads() {
    let server = HttpServer::start().await;
    server.on("/page", Reply::ok("text/html", "here"));
    let web = Arc::new(open_web());

    let asked = (0..8).map(|_| {
        let web = Arc::clone(&web);
        let url = server.url("/page");
        tokio::spawn(async move { page_at(&web, &url).await })
    });

    for page in join_all(asked).await {
        assert_eq!(*page.expect("no thread fails").bytes, *b"here");
    }
}
