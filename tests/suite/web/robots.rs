//! Pages that a site asks programs to leave alone.

use takefive::outside::web::Answer;
use takefive::outside::web::Purpose;
use takefive::outside::web::Request;
use takefive::outside::web::Web;
use takefive::outside::web::WebError;
use url::Url;

use crate::web::asking;
use crate::web::open_web;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

/// Whether a page that a feed links is read.
async fn is_read(web: &Web, url: &Url) -> Result<bool, WebError> {
    let page = Request {
        purpose: Purpose::Page,
        ..asking(url)
    };
    match web.get(&page).await {
        Ok(Answer::Page(_)) => Ok(true),
        Err(WebError::Robots { .. }) => Ok(false),
        Ok(answer) => panic!("{answer:?}"),
        Err(error) => Err(error),
    }
}

#[tokio::test]
async fn a_page_is_read_unless_its_site_asks_us_or_everybody_to_leave_it_alone() {
    let cases = [
        ("", "/any", true),
        ("User-agent: *\nDisallow: /", "/any", false),
        ("User-agent: *\nDisallow:", "/any", true),
        (
            "user-AGENT : *\r\nDISALLOW : /a # not this\r\n",
            "/a/b",
            false,
        ),
        ("\u{feff}User-agent: *\nDisallow: /a", "/a", false),
        ("User-agent: *\nDisallow: /a", "/b", true),
        // somebody else's group
        ("User-agent: otherbot\nDisallow: /", "/any", true),
        ("User-agent: takefivebot\nDisallow: /", "/any", true),
        // our own group stands for that of everybody
        (
            "User-agent: *\nDisallow: /\n\nUser-agent: TakeFive/1.0\nDisallow: /a",
            "/b",
            true,
        ),
        (
            "User-agent: takefive\nDisallow: /a\nUser-agent: *\nDisallow: /b",
            "/a",
            false,
        ),
        (
            "User-agent: takefive\nAllow: /\n\nUser-agent: *\nDisallow: /",
            "/any",
            true,
        ),
        // names in a row share a group, whatever else stands between them
        (
            "User-agent: takefive\nSitemap: /map\nUser-agent: otherbot\nDisallow: /a",
            "/a",
            false,
        ),
        // groups of one name are one
        (
            "User-agent: takefive\nDisallow: /a\n\nUser-agent: takefive\nDisallow: /b",
            "/a",
            false,
        ),
        ("Disallow: /", "/any", true),
        // the longest rule decides, and of equals the one that allows
        (
            "User-agent: *\nDisallow: /a\nAllow: /a/open",
            "/a/open/1",
            true,
        ),
        (
            "User-agent: *\nAllow: /a\nDisallow: /a/shut",
            "/a/shut/1",
            false,
        ),
        ("User-agent: *\nDisallow: /a\nAllow: /a", "/a", true),
        // signs
        ("User-agent: *\nDisallow: /*.php$", "/a.php", false),
        ("User-agent: *\nDisallow: /*.php$", "/a.php?b", true),
        (
            "User-agent: *\nDisallow: /*/private/*x",
            "/a/private/b/xy",
            false,
        ),
        ("User-agent: *\nDisallow: /*/private/*x", "/private/x", true),
        ("User-agent: *\nDisallow: /a$", "/a", false),
        ("User-agent: *\nDisallow: /a$", "/ab", true),
        ("User-agent: *\nDisallow: /*?draft=", "/a?draft=1", false),
        // one path, written in two ways
        ("User-agent: *\nDisallow: /caf%c3%a9", "/café", false),
        ("User-agent: *\nDisallow: /café", "/caf%C3%A9", false),
        ("User-agent: *\nDisallow: /%61", "/a", false),
        ("User-agent: *\nDisallow: /a%2Fb", "/a/b", true),
    ];
    for (robots, path, read) in cases {
        let server = HttpServer::start().await;
        server.on("/robots.txt", Reply::ok("text/plain", robots));
        let url = server.url(path);
        let asked = &url[url::Position::BeforePath..url::Position::AfterPath];
        server.on(asked, Reply::ok("text/html", "here"));

        let answer = is_read(&open_web(), &url).await;

        assert_eq!(answer, Ok(read), "{robots:?} {path}");
        assert_eq!(server.asked(asked).len(), usize::from(read));
    }
}

#[tokio::test]
async fn a_site_without_such_a_file_asks_for_nothing_and_one_that_cannot_be_asked_is_left_alone() {
    let cases = [
        (Reply::status(404), Some(true)),
        (Reply::status(403), Some(true)),
        (Reply::status(500), None),
        (Reply::status(429), None),
        (Reply::reset(), None),
        (Reply::redirect(301, "/elsewhere"), Some(false)),
        (Reply::redirect(301, "/robots.txt"), Some(true)),
        (Reply::redirect(301, "file:///robots.txt"), Some(true)),
        (
            Reply::redirect(301, "http://10.0.0.1/robots.txt"),
            Some(true),
        ),
    ];
    for (nth, (reply, read)) in cases.into_iter().enumerate() {
        let server = HttpServer::start().await;
        server.on("/robots.txt", reply);
        let all = "User-agent: *\nDisallow: /";
        server.on("/elsewhere", Reply::ok("text/plain", all));
        server.on("/page", Reply::ok("text/html", "here"));

        let answer = is_read(&open_web(), &server.url("/page")).await;

        assert_eq!(answer.as_ref().ok().copied(), read, "{nth}: {answer:?}");
        let may_pass = answer.is_err_and(|error| error.may_pass());
        assert_eq!(may_pass, read.is_none(), "{nth}");
    }
}

#[tokio::test]
async fn of_a_very_long_file_the_first_five_hundred_kibibytes_are_read() {
    const READ: usize = 500 << 10;
    let forbidden = "User-agent: *\nDisallow: /a\n";
    let filled =
        |length: usize| format!("{forbidden}#{}\n", "x".repeat(length - forbidden.len() - 2));
    let endless = |body: String| {
        let head = "HTTP/1.1 200 OK\r\n\r\n";
        Reply::raw(format!("{head}{body}"))
    };
    let rule = "Disallow: /b\n";
    let cases = [
        // the last rule that is read whole, and one that loses its end
        (format!("{}{rule}", filled(READ - rule.len())), "/b", false),
        (
            format!("{}{rule}", filled(READ - rule.len() + 1)),
            "/b",
            true,
        ),
        (
            format!("{}{rule}", filled(READ - rule.len() + 1)),
            "/a",
            false,
        ),
        (format!("{}{rule}", filled(2 * READ)), "/b", true),
        (format!("{}{rule}", filled(2 * READ)), "/a", false),
    ];
    for (nth, (robots, path, read)) in cases.into_iter().enumerate() {
        for reply in [Reply::ok("text/plain", robots.clone()), endless(robots)] {
            let server = HttpServer::start().await;
            server.on("/robots.txt", reply);
            server.on(path, Reply::ok("text/html", "here"));

            let answer = is_read(&open_web(), &server.url(path)).await;

            assert_eq!(answer, Ok(read), "{nth}");
        }
    }
}

#[tokio::test]
async fn a_site_is_asked_once_and_each_site_on_the_way_for_itself() {
    let (first, second) = (HttpServer::start().await, HttpServer::start().await);
    let there = second.url("/shut").to_string();
    first.on("/page", Reply::ok("text/html", "here"));
    first.on("/moved", Reply::redirect(302, &there));
    second.on("/shut", Reply::ok("text/html", "here"));
    let robots = "User-agent: takefive\nDisallow: /shut";
    second.on("/robots.txt", Reply::ok("text/plain", robots));
    let web = open_web();

    assert_eq!(is_read(&web, &first.url("/page")).await, Ok(true));
    assert_eq!(is_read(&web, &first.url("/moved")).await, Ok(false));

    assert_eq!(first.asked("/robots.txt").len(), 1);
    assert_eq!(second.asked("/shut").len(), 0);
}

#[tokio::test]
async fn what_was_listed_for_programs_is_read_whatever_the_file_says() {
    let server = HttpServer::start().await;
    let all = "User-agent: *\nDisallow: /";
    server.on("/robots.txt", Reply::ok("text/plain", all));
    server.on("/feed", Reply::ok("text/xml", "<rss/>"));

    let url = server.url("/feed");
    let answer = open_web().get(&asking(&url)).await;

    assert!(matches!(answer, Ok(Answer::Page(_))), "{answer:?}");
    assert_eq!(server.asked("/robots.txt").len(), 0);
}
