//! How long an answer counts as good.

use std::time::Duration;

use crate::web::open_web;
use crate::web::page_at;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

#[tokio::test]
async fn an_answer_is_fresh_for_as_long_as_its_head_says_and_for_six_hours_at_most() {
    const HOUR: u64 = 3_600;
    let server = HttpServer::start().await;
    let web = open_web();
    let date = ("Date", "Sun, 01 Nov 2026 08:00:00 GMT");
    let expires = |time| ("Expires", time);
    let cases: [(&[(&str, &str)], u64); 17] = [
        (&[], 0),
        (&[("Cache-Control", "max-age=600")], 600),
        (&[("Cache-Control", "public, Max-Age=\"600\"")], 600),
        (&[("Cache-Control", "max-age=600"), ("Age", "540")], 60),
        (&[("Cache-Control", "max-age=600"), ("Age", "601")], 0),
        (&[("Cache-Control", "max-age=600, no-cache")], 0),
        (
            &[
                ("Cache-Control", "no-store"),
                ("Cache-Control", "max-age=600"),
            ],
            0,
        ),
        (&[("Cache-Control", "max-age=600, max-age=60")], 60),
        (&[("Cache-Control", "max-age=soon")], 0),
        (&[("Cache-Control", "max-age=-1")], 0),
        (&[("Cache-Control", "s-maxage=600")], 0), // for caches that others share
        (&[("Cache-Control", "max-age=21599")], 6 * HOUR - 1),
        (&[("Cache-Control", "max-age=31536000")], 6 * HOUR),
        (
            &[("Cache-Control", "max-age=99999999999999999999999")],
            6 * HOUR,
        ),
        (&[date, expires("Sun, 01 Nov 2026 09:00:00 GMT")], HOUR),
        (&[date, expires("Sun, 01 Nov 2026 07:00:00 GMT")], 0),
        (
            &[
                date,
                expires("Sun, 01 Nov 2026 09:00:00 GMT"),
                ("Cache-Control", "max-age=60"),
            ],
            60,
        ),
    ];
    for (nth, (head, seconds)) in cases.into_iter().enumerate() {
        let path = format!("/{nth}");
        let mut reply = Reply::ok("text/xml", "<rss/>");
        for (name, value) in head {
            reply = reply.header(name, value);
        }
        server.on(&path, reply);

        let page = page_at(&web, &server.url(&path)).await;

        assert_eq!(page.fresh_for, Duration::from_secs(seconds), "{head:?}");
    }
}
