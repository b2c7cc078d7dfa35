//! Origins that misbehave, beside good ones, as the whole program meets them.

use std::fmt::Write as _;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::blog_feed;

/// How often the feed of each source was asked for, and what its line says, without the address of the server.
fn told(room: &Newsroom, report: &Value) -> String {
    let mut told = String::new();
    for source in report["sources"].as_array().expect("a list") {
        let name = source["name"].as_str().expect("a name");
        let asked = room.web.asked(&format!("/{name}/feed")).len();
        let error = source["error"].as_str().unwrap_or("read");
        let error = error.replace(room.web.url("/").as_str(), "/");
        let notes: Vec<&str> = source["notes"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        let _ = writeln!(told, "{name} {asked} {error} {}", notes.join(" "));
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn each_is_asked_as_often_as_can_help_and_told_in_a_line_that_says_where_and_what_to_do() {
    let feed = || blog_feed("a", DAY, &[CLAIMS[0]]);
    let xml = |body: &str| Reply::ok("text/xml", body);
    let doctype = "<!DOCTYPE rss [<!ENTITY a SYSTEM \"file:///etc/passwd\"><!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]>";
    let with_entities = format!(
        "{doctype}{}",
        feed().replacen("<title>a", "<title>&a;&c;a", 1)
    );
    let packed = |body: &str| Reply::ok("text/xml", body).header("Content-Encoding", "gzip");
    let room = Newsroom::new()
        .await
        .source(
            "html",
            "article",
            Reply::ok("text/html; charset=utf-8", "<html><body><p>Please log in."),
        )
        .source("empty", "article", Reply::ok("", ""))
        .source("mislabelled", "article", Reply::ok("image/png", feed()))
        .source("not-packed", "article", packed(&feed()))
        .source("entities", "article", xml(&with_entities))
        .source("nothing", "article", Reply::status(204))
        .source("teapot", "article", Reply::status(418))
        .source("error", "article", Reply::status(500))
        .source("gateway", "article", Reply::status(502))
        .source(
            "file",
            "article",
            Reply::redirect(302, "file:///etc/passwd"),
        )
        .source(
            "metadata",
            "article",
            Reply::redirect(302, "http://169.254.169.254/latest?token=t"),
        )
        .source("circle", "article", Reply::redirect(302, "feed"))
        .source("ssh", "article", Reply::raw("SSH-2.0-Said\r\n"))
        .source(
            "old",
            "article",
            Reply::raw(format!("HTTP/1.0 200 OK\r\n\r\n{}", feed())),
        )
        .source("cut", "article", xml(&feed()).cut_after(40))
        .source("endless", "article", Reply::endless())
        .blog("good", DAY, &[CLAIMS[1]]);

    let first = room.run_on(DAY).exits(0).report();

    let told = told(&room, &first);
    let expected = "\
html 1 /html/feed: answered 200 with text/html; charset=utf-8: this is not a feed but an HTML page (“Please log in.”) \n\
empty 1 /empty/feed: answered 200 without a type: this is not a feed but an empty document \n\
mislabelled 1 read \n\
not-packed 1 /not-packed/feed: the answer cannot be unpacked (incorrect header check); its server compresses wrongly, tell its owner \n\
entities 1 read 2 ampersands begin no known entity: read as text.\n\
nothing 1 /nothing/feed: answered 204; open it in a browser \n\
teapot 1 /teapot/feed: answered 418; open it in a browser \n\
error 1 /error/feed: answered 500; its server has trouble, the next run tries again \n\
gateway 2 /gateway/feed: answered 502; its server has trouble, the next run tries again \n\
file 1 /file/feed: redirected to what is no web address; open it in a browser and use the address it ends at \n\
metadata 1 /metadata/feed, redirected to http://169.254.169.254/latest: not asked, its host is a link-local or metadata address (169.254.169.254); if that network is yours, list it in [fetch] allow_networks \n\
circle 1 /circle/feed: redirected in a circle; open it in a browser and use the address it ends at \n\
ssh 1 /ssh/feed: the answer is not HTTP as it should be (invalid HTTP version parsed); open it in a browser, and tell its owner \n\
old 1 read \n\
cut 2 /cut/feed: the answer broke off (end of file before message length reached); the next run tries again \n\
endless 1 /endless/feed: larger than 16777216 bytes once unpacked, dropped; use a smaller feed or page if there is one \n\
good 1 read \n";
    assert_eq!(told, expected);

    let second = room.run_on(DAY).exits(0).report();
    assert_eq!(second["sources"][16]["status"], "unchanged", "{second}");
    assert_eq!(room.web.asked("/metadata/feed").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_hang_hold_up_nobody_but_themselves() {
    let drip = Reply::ok("text/xml", "x".repeat(1000)).dripping(1, Duration::from_secs(1));
    let mut room = Newsroom::new()
        .await
        .with_fetch("budget = \"3 seconds\"\nper_host = 16")
        .source("drip", "article", drip);
    for nth in 0..12 {
        room = room.source(&format!("silent{nth}"), "article", Reply::silent());
    }
    let began = Instant::now();
    let room = room.blog("good", DAY, &[CLAIMS[0]]);
    let report = room.run_on(DAY).exits(0).report();
    assert_eq!(
        report["insights"].as_array().map(Vec::len),
        Some(1),
        "{report}"
    );
    assert!(room.web.asked("/good/feed")[0].at.duration_since(began) < Duration::from_secs(3));
    assert!(began.elapsed() < Duration::from_secs(15));
}
