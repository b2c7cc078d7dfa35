//! An entry that its feed tells otherwise is the same entry: it is not read again, not sent again, and keeps its id.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::date_of;
use crate::world::newsroom::vtt;

/// The day after the next.
const THIRD_DAY: &str = "2026-05-06";

/// An entry as a feed tells it.
#[derive(Clone)]
struct Item {
    guid: String,
    link: String,
    title: String,
    day: &'static str,
    file: Option<String>,
    text: Text,
}

#[derive(Clone)]
enum Text {
    At(String),
    OnItsPage,
}

impl Item {
    /// The episode whose transcript stands at `/text/nth.vtt`.
    fn episode(room: &Newsroom, nth: usize) -> Self {
        let path = format!("/text/{nth}.vtt");
        room.web.on(&path, Reply::ok("text/vtt", vtt(CLAIMS[nth])));
        Self {
            guid: format!("episode-{nth}"),
            link: format!("http://show.example/episodes/{nth}"),
            title: format!("Number {nth}, with somebody else"),
            day: DAY,
            file: Some(format!("http://files.example/{nth}.mp3")),
            text: Text::At(room.web.url(&path).to_string()),
        }
    }

    /// The article whose page stands there.
    fn article(link: String) -> Self {
        Self {
            guid: "article-4".to_owned(),
            link,
            title: "Number 4, written down".to_owned(),
            day: DAY,
            file: None,
            text: Text::OnItsPage,
        }
    }

    fn told(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

/// A feed of these, without validators: it is given anew each time it is asked for.
fn feed(items: &[Item]) -> Reply {
    let mut out = String::new();
    for item in items {
        let file = item.file.as_ref().map_or_else(String::new, |file| {
            format!("<enclosure url=\"{file}\" length=\"1\" type=\"audio/mpeg\"/>")
        });
        let text = match &item.text {
            Text::At(url) => format!("<podcast:transcript url=\"{url}\" type=\"text/vtt\"/>"),
            Text::OnItsPage => String::new(),
        };
        let _ = write!(
            out,
            "<item><title>{}</title><guid isPermaLink=\"false\">{}</guid><link>{}</link><pubDate>{}</pubDate>{file}{text}\
             </item>",
            item.title,
            item.guid,
            item.link.replace('&', "&amp;"),
            date_of(item.day),
        );
    }
    Reply::ok(
        "application/rss+xml",
        format!(
            "<rss version=\"2.0\"xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"><channel><title>A feed</title>\
             <link>http://show.example</link>{out}</channel></rss>"
        ),
    )
}

fn line<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sources = report["sources"].as_array().unwrap();
    sources
        .iter()
        .find(|source| source["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {report}"))
}

/// The notes of a source that speak of GUIDs.
fn of_guids(report: &Value, name: &str) -> Vec<String> {
    let notes = line(report, name)["notes"].as_array().unwrap();
    let notes = notes.iter().map(|note| note.as_str().unwrap().to_owned());
    notes.filter(|note| note.contains("GUID")).collect()
}

/// Id, title and date (as the store keeps it) of each entry, in the order in which they were met.
fn entries(room: &Newsroom) -> Vec<(String, String, i64)> {
    let store = room.store();
    let mut rows = store
        .prepare("SELECT id, title, dated FROM entry ORDER BY number")
        .unwrap();
    let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    rows.unwrap().map(Result::unwrap).collect()
}

/// What a feed may do to an episode that was read and sent.
type Change = (&'static str, fn(&mut Item));

const CHANGES: [Change; 9] = [
    ("another GUID", |item| "9f3c".clone_into(&mut item.guid)),
    ("https", |item| {
        item.link = item.link.replace("http://", "https://");
        item.file = item
            .file
            .take()
            .map(|file| file.replace("http://", "https://"));
    }),
    ("alias, tracking and another GUID", |item| {
        "9f3c".clone_into(&mut item.guid);
        item.link = item.link.replace("http://", "https://www.") + "/?utm_source=feed&ref=rss#top";
    }),
    ("another house", |item| {
        "https://elsewhere.example/p/a-better-address".clone_into(&mut item.link);
    }),
    ("a file behind counting hosts, and another GUID", |item| {
        "9f3c".clone_into(&mut item.guid);
        item.file = item
            .file
            .take()
            .map(|file| file.replace("http://", "https://op3.dev/e/pdst.fm/e/") + "?updated=5");
    }),
    ("a date that was set anew", |item| item.day = NEXT_DAY),
    ("another title", |item| {
        "What nobody checks".clone_into(&mut item.title);
    }),
    ("title and date", |item| {
        "What nobody checks".clone_into(&mut item.title);
        item.day = NEXT_DAY;
    }),
    ("GUID, link and file, since the show has moved", |item| {
        "https://pods.example/?p=9".clone_into(&mut item.guid);
        "https://pods.example/e/9".clone_into(&mut item.link);
        item.file = Some("https://pods.example/media/9.mp3".to_owned());
    }),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_episode_that_is_told_otherwise_is_neither_read_nor_sent_again() {
    for (what, change) in CHANGES {
        let room = Newsroom::new().await;
        let episode = Item::episode(&room, 0);
        let room = room
            .source("talk", "podcast", feed(std::slice::from_ref(&episode)))
            .subscriber("ann");
        assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1, "{what}");
        let before = entries(&room);

        let changed = episode.told(change);
        room.web
            .on("/talk/feed", feed(std::slice::from_ref(&changed)));
        let report = room.run_on(NEXT_DAY).exits(0).report();
        assert_eq!(line(&report, "talk")["entries_new"], 0, "{what}: {report}");
        assert_eq!(report["insights"], Value::Array(Vec::new()), "{what}");
        assert_eq!(room.web.asked("/text/0.vtt").len(), 1, "{what}");
        assert_eq!(room.sent_to(), ["ann"], "{what}");

        let after = entries(&room);
        assert_eq!(after.len(), 1, "{what}: {after:?}");
        assert_eq!(
            (&after[0].0, after[0].2),
            (&before[0].0, before[0].2),
            "{what}"
        );
        assert_eq!(
            after[0].1, changed.title,
            "{what}: the row says what the feed says now"
        );
        // what was sent stays as it was sent
        let sent = room.run_on(DAY).exits(0).report();
        assert_eq!(
            sent["insights"][0]["entry_title"],
            before[0].1.as_str(),
            "{what}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_whose_guids_churn_resends_nothing_and_earns_one_warning_a_run() {
    let room = Newsroom::new().await;
    let episodes: Vec<Item> = (0..3).map(|nth| Item::episode(&room, nth)).collect();
    let churned = |reading: usize| -> Vec<Item> {
        let anew = |item: &Item| {
            item.clone()
                .told(|item| item.guid = format!("{reading}-{}", item.guid))
        };
        episodes.iter().map(anew).collect()
    };
    let room = room
        .with_line("max_per_source = 5")
        .source("talk", "podcast", feed(&churned(0)))
        .subscriber("ann");
    let first = room.run_on(DAY).exits(0);
    assert_eq!(first.texts().len(), 3);
    assert_eq!(of_guids(&first.report(), "talk"), [""; 0]);
    for (reading, day) in [(1, DAY), (2, NEXT_DAY), (3, THIRD_DAY)] {
        room.web.on("/talk/feed", feed(&churned(reading)));
        let report = room.run_on(day).exits(0).report();
        assert_eq!(line(&report, "talk")["entries_new"], 0, "{day}: {report}");
        let warnings = of_guids(&report, "talk");
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("3 of 3"), "{warnings:?}");
    }
    for nth in 0..3 {
        assert_eq!(room.web.asked(&format!("/text/{nth}.vtt")).len(), 1);
    }
    assert_eq!(entries(&room).len(), 3);
    assert_eq!(room.sent_to(), ["ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_that_share_guid_and_link_are_told_apart_also_from_the_next_one() {
    let room = Newsroom::new().await;
    let sharing = |nth: usize| {
        Item::episode(&room, nth).told(|item| {
            "the-show".clone_into(&mut item.guid);
            "http://show.example/all-episodes".clone_into(&mut item.link);
        })
    };
    let three = [sharing(2), sharing(1), sharing(0)];
    let room = room
        .with_line("max_per_source = 5")
        .source("talk", "podcast", feed(&three[1..]))
        .subscriber("ann");
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 2);
    let third = three.map(|item| item.told(|item| item.day = NEXT_DAY));
    room.web.on("/talk/feed", feed(&third));
    let ran = room.run_on(NEXT_DAY).exits(0);
    assert_eq!(line(&ran.report(), "talk")["entries_new"], 1, "{ran:?}");
    assert_eq!(ran.texts().len(), 1);
    for nth in 0..3 {
        assert_eq!(room.web.asked(&format!("/text/{nth}.vtt")).len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_of_one_entry_that_is_always_the_latest_is_told_each_day() {
    let room = Newsroom::new().await;
    let latest = |nth: usize, day: &'static str| {
        Item::episode(&room, nth).told(|item| {
            "latest".clone_into(&mut item.guid);
            "http://show.example/latest".clone_into(&mut item.link);
            item.day = day;
        })
    };
    let days = [latest(0, DAY), latest(1, NEXT_DAY), latest(2, THIRD_DAY)];
    let room = room.row("talk", "podcast").subscriber("ann");
    for item in days {
        let day = item.day;
        room.web.on("/talk/feed", feed(&[item]));
        for new in [1, 0] {
            let ran = room.run_on(day).exits(0);
            assert_eq!(line(&ran.report(), "talk")["entries_new"], new, "{day}");
            assert_eq!(ran.texts().len(), 1, "{day}");
        }
    }
    assert_eq!(room.sent_to(), ["ann", "ann", "ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_dated_anew_does_not_come_in_as_news() {
    let room = Newsroom::new().await;
    let old = |nth: usize| Item::episode(&room, nth).told(|item| item.day = "2026-03-02");
    let archive = [old(1), old(2)];
    let news = Item::episode(&room, 3).told(|item| item.day = NEXT_DAY);
    let dated_anew = archive
        .clone()
        .map(|item| item.told(|item| item.day = NEXT_DAY));
    let room = room
        .source("talk", "podcast", feed(&archive))
        .subscriber("ann");
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 0);
    let mut now = dated_anew.to_vec();
    now.insert(0, news);
    room.web.on("/talk/feed", feed(&now));
    for new in [1, 0] {
        let report = room.run_on(NEXT_DAY).exits(0).report();
        let line = line(&report, "talk");
        assert_eq!(line["entries_new"], new, "{report}");
        assert!(
            line["notes"]
                .to_string()
                .contains("2 old entries come with a new date"),
            "{report}"
        );
    }
    assert_eq!(room.web.asked("/text/1.vtt").len(), 0);
    // an edition of the day on which they came out still finds them
    let report = room.run_on("2026-03-02").exits(0).report();
    assert_eq!(
        line(&report, "talk")["entries_new"],
        0,
        "they say another day now: {report}"
    );
    room.web.on("/talk/feed", feed(&archive));
    let report = room.run_on("2026-03-03").exits(0).report();
    assert_eq!(line(&report, "talk")["entries_new"], 2, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_down_keeps_waiting_and_is_fetched_at_its_newest_address() {
    let room = Newsroom::new().await;
    let old = room.web.url("/old/say-what-you-will-not-build").to_string();
    let new = room.web.url("/new/say-what-you-will-not-build").to_string();
    room.web
        .on("/old/say-what-you-will-not-build", Reply::status(500));
    room.web.on(
        "/new/say-what-you-will-not-build",
        Reply::ok(
            "text/html",
            format!("<article><p>{}</p></article>", CLAIMS[4].repeat(2)),
        ),
    );
    let article = Item::article(old);
    let room = room
        .source("notes", "article", feed(std::slice::from_ref(&article)))
        .subscriber("ann");
    let report = room.run_on(DAY).exits(0).report();
    assert!(
        line(&report, "notes")["notes"]
            .to_string()
            .contains("next run"),
        "{report}"
    );
    let before = entries(&room);
    let asked = room.web.asked("/old/say-what-you-will-not-build").len();

    let moved = article.told(|item| {
        "another".clone_into(&mut item.guid);
        item.link = new;
    });
    room.web.on("/notes/feed", feed(&[moved]));
    assert_eq!(room.run_on(NEXT_DAY).exits(0).texts().len(), 1);
    assert_eq!(room.web.asked("/new/say-what-you-will-not-build").len(), 1);
    assert_eq!(
        room.web.asked("/old/say-what-you-will-not-build").len(),
        asked
    );
    assert_eq!(entries(&room), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_whose_link_led_elsewhere_is_the_same_under_the_address_where_it_was_found() {
    let room = Newsroom::new().await;
    let page = "/articles/say-what-you-will-not-build";
    room.web.on("/go/1", Reply::redirect(302, page));
    let html = format!("<article><p>{}</p></article>", CLAIMS[4].repeat(2));
    room.web.on(page, Reply::ok("text/html", html));
    let through = Item::article(room.web.url("/go/1").to_string());
    let direct = through.clone().told(|item| {
        "another".clone_into(&mut item.guid);
        item.day = NEXT_DAY;
        item.link = room.web.url(page).to_string();
    });
    let room = room
        .source("notes", "article", feed(&[through]))
        .subscriber("ann");
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
    room.web.on("/notes/feed", feed(&[direct]));
    let report = room.run_on(NEXT_DAY).exits(0).report();
    assert_eq!(line(&report, "notes")["entries_new"], 0, "{report}");
    assert_eq!(room.web.asked(page).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_is_the_same_under_the_address_that_its_page_calls_its_own() {
    let room = Newsroom::new().await;
    let (number, page) = ("/numbered/4", "/articles/say-what-you-will-not-build");
    let html = format!(
        "<head><link rel=\"canonical\" href=\"{page}\"></head><article><p>{}</p></article>",
        CLAIMS[4].repeat(2)
    );
    room.web.on(number, Reply::ok("text/html", html));
    let numbered = Item::article(room.web.url(number).to_string());
    let named = numbered.clone().told(|item| {
        "another".clone_into(&mut item.guid);
        item.day = NEXT_DAY;
        item.link = room.web.url(page).to_string();
    });
    let room = room
        .source("notes", "article", feed(&[numbered]))
        .subscriber("ann");
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
    room.web.on("/notes/feed", feed(&[named]));
    let report = room.run_on(NEXT_DAY).exits(0).report();
    assert_eq!(line(&report, "notes")["entries_new"], 0, "{report}");
    assert_eq!(room.web.asked(page).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_program_met_is_recognised() {
    for (what, change) in [CHANGES[0], CHANGES[3], CHANGES[8]] {
        let room = Newsroom::new().await;
        let episode = Item::episode(&room, 0);
        let room = room
            .source("talk", "podcast", feed(std::slice::from_ref(&episode)))
            .subscriber("ann");
        assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1, "{what}");
        // an older program wrote down neither the GUID nor the length
        room.store()
            .execute("UPDATE entry SET guid = NULL, duration_seconds = NULL", [])
            .unwrap();
        let before = entries(&room);
        room.web.on("/talk/feed", feed(&[episode.told(change)]));
        let report = room.run_on(NEXT_DAY).exits(0).report();
        assert_eq!(line(&report, "talk")["entries_new"], 0, "{what}: {report}");
        assert_eq!(of_guids(&report, "talk"), [""; 0], "{what}");
        assert_eq!(room.web.asked("/text/0.vtt").len(), 1, "{what}");
        let after = entries(&room);
        assert_eq!((after.len(), &after[0].0), (1, &before[0].0), "{what}");
    }
}

/// Two sources with the same episode, told by each in its own way, of which `late` is slow to answer.
async fn two_feeds_of_one_episode(late: &str) -> Newsroom {
    let room = Newsroom::new().await;
    let own =
        Item::episode(&room, 0).told(|item| "Say no, with Ada Okafor".clone_into(&mut item.title));
    let network = own.clone().told(|item| {
        "https://network.example/?p=5".clone_into(&mut item.guid);
        "https://network.example/shows/5".clone_into(&mut item.link);
        item.file = Some("https://op3.dev/e/files.example/0.mp3?updated=7".to_owned());
        item.text = Text::At(room.web.url("/text/network.vtt").to_string());
    });
    // another machine has listened to it
    let heard = CLAIMS[0]
        .replace("promises", "premises")
        .replace("half", "a half");
    room.web
        .on("/text/network.vtt", Reply::ok("text/vtt", vtt(&heard)));
    let mut room = room;
    for (name, item) in [("talk", own), ("network", network)] {
        let reply = feed(&[item]);
        let reply = if name == late {
            reply.after(Duration::from_millis(300))
        } else {
            reply
        };
        room = room.source(name, "podcast", reply);
    }
    room
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_episode_in_two_feeds_is_told_once_whichever_is_read_first() {
    for late in ["talk", "network"] {
        let room = two_feeds_of_one_episode(late).await.subscriber("ann");
        let report = room.run_on(DAY).exits(0).report();
        let insights = report["insights"].as_array().unwrap();
        let from: Vec<&str> = insights
            .iter()
            .map(|insight| insight["source"].as_str().unwrap())
            .collect();
        assert_eq!(from, ["talk"], "{late}: {report}");
        let explained = room
            .takefive(["explain", "--date", NEXT_DAY, "--json", "--top", "50"])
            .exits(0);
        let lines = explained.lines();
        let of_network: Vec<&Value> = lines
            .iter()
            .filter(|line| line["from"].as_str().unwrap().starts_with("network"))
            .collect();
        assert!(!of_network.is_empty());
        for line in of_network {
            assert_eq!(line["verdict"], "the same episode as in talk");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_episode_comes_from_the_heavier_source() {
    let room = two_feeds_of_one_episode("").await;
    room.write_settings();
    let settings = std::fs::read_to_string(room.path("sources.toml")).unwrap();
    let heavier = settings.replace("name = \"network\"", "name = \"network\"\nweight = 1.2");
    std::fs::write(room.path("heavier.toml"), heavier).unwrap();
    let report = room
        .takefive([
            "run",
            "--json",
            "--date",
            DAY,
            "--sources",
            "heavier.toml",
            "--dry-run",
        ])
        .exits(0)
        .report();
    assert_eq!(report["insights"][0]["source"], "network", "{report}");
    assert_eq!(report["insights"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_entries_of_one_feed_with_one_title_are_both_read() {
    let room = Newsroom::new().await;
    let column = |nth: usize| {
        Item::episode(&room, nth).told(|item| "This week in product".clone_into(&mut item.title))
    };
    let (first, next) = (column(1), column(2).told(|item| item.day = NEXT_DAY));
    let room = room
        .source("talk", "podcast", feed(std::slice::from_ref(&first)))
        .subscriber("ann");
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
    room.web.on("/talk/feed", feed(&[next, first]));
    let ran = room.run_on(NEXT_DAY).exits(0);
    assert_eq!(line(&ran.report(), "talk")["entries_new"], 1, "{ran:?}");
    assert_eq!(ran.texts().len(), 1);
}
