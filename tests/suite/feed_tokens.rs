//! The token in the address of a feed goes to its host and nowhere else.

use crate::shelter::Shelter;
use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::Ran;
use crate::world::newsroom::blog_feed;
use crate::world::newsroom::ran;

/// Runs a day with a token in the query of each feed.
fn run_with(room: &Newsroom, token: &str) -> Ran {
    room.write_settings();
    let settings = std::fs::read_to_string(room.path("sources.toml")).expect("settings");
    let settings = settings.replace("/feed\"", &format!("/feed?token={token}\""));
    std::fs::write(room.path("private.toml"), settings).expect("settings");
    let arguments = [
        "run",
        "--json",
        "--log",
        "text",
        "--sources",
        "private.toml",
        "--date",
        DAY,
    ];
    let mut command = room.command(arguments);
    ran(command.env("TAKEFIVE_LOG", "trace"))
}

#[tokio::test(flavor = "multi_thread")]
async fn no_report_log_store_or_mail_has_it() {
    let feed = Reply::ok("text/xml", blog_feed("notes", DAY, &[CLAIMS[0]]));
    let page = "<html><head><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/real?token=t0ken\"></head>\
                <body>Please log in</body></html>";
    let room = Newsroom::new()
        .await
        .source(
            "notes",
            "article",
            feed.header("ETag", "\"1\"").conditional(),
        )
        .source("busy", "article", Reply::status(429))
        .source("gone", "article", Reply::status(404))
        .source("page", "article", Reply::ok("text/html", page))
        .source(
            "away",
            "article",
            Reply::redirect(302, "http://10.0.0.1/?token=t0ken"),
        )
        .subscriber("ann");

    for _ in 0..2 {
        let ran = run_with(&room, "t0ken");
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stderr.contains("asked"), "the log has something to say");
        assert!(!format!("{ran:?}").contains("t0ken"), "{ran:?}");
    }

    let asked = room.web.asked("/notes/feed");
    assert_eq!(asked[0].target, "/notes/feed?token=t0ken");
    assert_eq!(
        asked[1].header("if-none-match"),
        Some("\"1\""),
        "it is known again"
    );
    assert_eq!(room.web.asked("/busy/feed").len(), 1);
    let has_it = |bytes: &[u8]| bytes.windows(5).any(|part| part == b"t0ken");
    for file in ["takefive.db", "takefive.db-wal"] {
        let bytes = std::fs::read(room.path(file)).unwrap_or_default();
        assert!(!has_it(&bytes), "{file}");
    }
    let mails = room.smtp.messages();
    assert_eq!(mails.len(), 1);
    assert!(!has_it(format!("{mails:?}").as_bytes()));

    // with another token it is another feed: what the first one was told is not told to it
    run_with(&room, "an0ther");
    assert_eq!(
        room.web.asked("/notes/feed")[2].header("if-none-match"),
        None
    );
}

#[test]
fn a_store_of_an_older_program_forgets_it() {
    let shelter = Shelter::of_version(7);
    shelter
        .raw()
        .execute_batch(
            "INSERT INTO source (name, feed, window_from) VALUES
               ('private', 'https://a.example/feed?token=t0ken', 0), ('open', 'https://b.example/feed', 0)",
        )
        .expect("tables of version 7");
    drop(shelter.open());
    let raw = shelter.raw();
    let feeds = raw.prepare("SELECT feed FROM source ORDER BY feed");
    let mut feeds = feeds.expect("a table");
    let feeds: Vec<String> = feeds
        .query_map([], |row| row.get(0))
        .expect("rows")
        .map(|feed| feed.expect("text"))
        .collect();
    assert_eq!(feeds, ["https://a.example/feed", "https://b.example/feed"]);
}
