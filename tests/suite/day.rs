//! The day's job from feeds to mail: the real program, real feeds, a real mail server, a real file of state.

use std::collections::BTreeSet;

use mail_parser::MessageParser;
use serde_json::Value;

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::blog_feed;
use crate::world::newsroom::fed;
use crate::world::newsroom::ran;
use crate::world::newsroom::vtt;
use crate::world::newsroom::wait_for;
use crate::world::smtp::Act;
use crate::world::smtp::Stage;

fn source<'a>(report: &'a Value, name: &str) -> &'a Value {
    let sources = report["sources"].as_array().expect("sources are a list");
    sources
        .iter()
        .find(|source| source["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {report}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_goes_from_feeds_to_one_mail_a_reader() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben");
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann", "ben"]);
    assert_eq!(ran.deliveries("accepted"), 2);
    let texts = ran.texts();
    assert_eq!(texts.len(), 3, "{ran:?}");
    let messages = room.smtp.messages();
    let mail = MessageParser::new()
        .parse(&messages[0].bytes)
        .expect("a mail");
    let body = mail
        .body_text(0)
        .expect("a text part")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    for text in &texts {
        assert!(body.contains(text.as_str()), "{text} is not in {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_quote_is_found_again_where_its_receipt_says() {
    let room = Newsroom::with_three_sources().await;
    let report = room.run_on(DAY).exits(0).report();
    for insight in report["insights"].as_array().unwrap() {
        let receipt = &insight["receipt"];
        let document: String = room
            .store()
            .query_row(
                "SELECT text FROM document WHERE sha256 = ?1",
                [receipt["document_sha256"].as_str()],
                |row| row.get(0),
            )
            .expect("the document is kept");
        let byte = |name: &str| usize::try_from(receipt[name].as_u64().unwrap()).unwrap();
        assert_eq!(
            &document[byte("from_byte")..byte("to_byte")],
            insight["text"].as_str().unwrap()
        );
        if insight["source"] == "talk" {
            // the guest's first cue begins eight seconds after the host's
            assert_eq!(insight["speaker"], "Gus Guest");
            assert_eq!(receipt["start_seconds"], 68.0);
        } else {
            assert_eq!(receipt["paragraph"], 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_sends_nothing_twice_and_whoever_came_in_between_gets_todays() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    let first = room.run_on(DAY).exits(0);
    let second = room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann"]);
    assert_eq!(first.texts(), second.texts());
    let room = room.subscriber("ben");
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann", "ben"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_left_gets_nothing() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben");
    room.takefive(["subscribers", "remove", "ann@reader.example"])
        .exits(0);
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ben"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_day_shares_no_insight_with_the_first() {
    let room = Newsroom::new()
        .await
        .with_line("max_per_source = 2")
        .blog("notes", DAY, &CLAIMS)
        .subscriber("ann");
    let first = room.run_on(DAY).exits(0).texts();
    let second = room.run_on(NEXT_DAY).exits(0).texts();
    assert_eq!(
        (first.len(), second.len()),
        (2, 2),
        "two of six from one source a day"
    );
    let all: BTreeSet<&String> = first.iter().chain(&second).collect();
    assert_eq!(all.len(), 4, "{first:?} {second:?}");
    assert_eq!(room.sent_to(), ["ann", "ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_thought_in_two_feeds_stands_in_the_edition_once() {
    let reworded = CLAIMS[3].replace("everybody", "everyone");
    let room =
        Newsroom::new()
            .await
            .blog("notes", DAY, &[CLAIMS[3]])
            .blog("letters", DAY, &[&reworded]);
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(ran.texts().len(), 1);
    assert_eq!(ran.report()["repeats"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_feed_costs_a_line_and_never_the_digest() {
    let room = Newsroom::with_three_sources()
        .await
        .source(
            "down",
            "podcast",
            Reply::status(503).header("Retry-After", "3600"),
        )
        .source("gone", "article", Reply::status(404))
        .source(
            "page",
            "article",
            Reply::ok(
                "text/html",
                "<!doctype html><html><body>Welcome</body></html>",
            ),
        )
        .source(
            "noise",
            "article",
            Reply::ok("application/rss+xml", vec![0u8; 2_000]),
        )
        .source("endless", "article", Reply::endless())
        .subscriber("ann");
    let ran = room.run_on(DAY).exits(0);
    let report = ran.report();
    for name in ["down", "gone", "page", "noise", "endless"] {
        let line = source(&report, name);
        assert_eq!(line["status"], "failed", "{name}");
        assert!(
            line["error"].as_str().is_some_and(|error| error.len() > 20),
            "{line}"
        );
    }
    assert_eq!(source(&report, "talk")["status"], "fetched");
    assert_eq!(ran.texts().len(), 3);
    assert_eq!(room.sent_to(), ["ann"]);
    room.takefive(["gather", "--date", DAY, "--strict"])
        .exits(3);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_source_can_be_read_the_program_says_so_with_its_exit_code() {
    let room = Newsroom::new()
        .await
        .source("down", "podcast", Reply::status(404))
        .subscriber("ann");
    let ran = room.run_on(DAY).exits(3);
    assert!(ran.report()["edition"].is_null());
    assert_eq!(room.sent_to(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_insight_there_is_no_mail_and_a_reason() {
    let dull = "Did the train come on time today? Was there a seat for each of us?";
    let room = Newsroom::new()
        .await
        .blog("notes", DAY, &[dull])
        .subscriber("ann");
    let ran = room.run_on(DAY).exits(0);
    assert!(
        ran.report()["reason"]
            .as_str()
            .is_some_and(|reason| !reason.is_empty()),
        "{ran:?}"
    );
    assert!(ran.report()["edition"].is_null());
    assert_eq!(room.sent_to(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unchanged_feed_is_asked_once_and_nothing_of_it_is_read_again() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    let report = room.run_on(DAY).exits(0).report();
    for name in ["talk", "notes", "letters"] {
        assert_eq!(source(&report, name)["status"], "unchanged");
        assert_eq!(source(&report, name)["entries_new"], 0);
        assert_eq!(room.web.asked(&format!("/{name}/feed")).len(), 2);
    }
    assert_eq!(room.web.asked("/talk/1.vtt").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_feeds_only_found_is_read_by_the_next_gather_though_the_feed_is_unchanged() {
    let room = Newsroom::with_three_sources().await;
    room.takefive(["gather", "--feeds-only", "--date", DAY])
        .exits(0);
    assert_eq!(room.web.asked("/talk/1.vtt").len(), 0);
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(source(&ran.report(), "talk")["status"], "unchanged");
    assert_eq!(ran.texts().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_that_could_not_be_fetched_is_tried_again_by_the_next_run() {
    let room = Newsroom::new().await.podcast("talk", DAY, CLAIMS[0]);
    room.web.on("/talk/1.vtt", Reply::status(500));
    let report = room.run_on(DAY).exits(0).report();
    let notes = &source(&report, "talk")["notes"];
    assert!(
        notes.to_string().contains("left for the next run"),
        "{notes}"
    );
    room.web
        .on("/talk/1.vtt", Reply::ok("text/vtt", vtt(CLAIMS[0])));
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(source(&ran.report(), "talk")["status"], "unchanged");
    assert_eq!(ran.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_episode_between_articles_is_read_as_show_notes() {
    let item = format!(
        "<item><title>An episode</title><guid>1</guid><pubDate>Mon, 04 May 2026 06:00:00 +0000</pubDate>\
         <enclosure url=\"https://notes.example/1.mp3\" length=\"1\" type=\"audio/mpeg\"/>\
         <description><![CDATA[<p>{}</p>]]></description></item>",
        CLAIMS[2]
    );
    let feed = format!("<rss version=\"2.0\"><channel><title>notes</title>{item}</channel></rss>");
    let room =
        Newsroom::new()
            .await
            .source("notes", "article", Reply::ok("application/rss+xml", feed));
    let report = room.run_on(DAY).exits(0).report();
    assert_eq!(
        source(&report, "notes")["entries_without_text"],
        1,
        "a blurb is never quoted: {report}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_tomorrow_waits_for_tomorrow() {
    let room = Newsroom::new().await.blog("notes", NEXT_DAY, &[CLAIMS[0]]);
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 0);
    assert_eq!(room.run_on(NEXT_DAY).exits(0).texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_day_finds_its_entries_though_the_feed_is_unchanged() {
    let room = Newsroom::new()
        .await
        .with_line("look_back = \"1 day\"")
        .blog("notes", DAY, &[CLAIMS[0]]);
    assert_eq!(room.run_on("2026-05-09").exits(0).texts().len(), 0);
    assert_eq!(room.run_on(DAY).exits(0).texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_named_source_is_read() {
    let room = Newsroom::with_three_sources().await;
    let ran = room
        .takefive(["run", "--json", "--date", DAY, "--only", "notes"])
        .exits(0);
    assert_eq!(ran.texts().len(), 1);
    assert_eq!(room.web.asked("/talk/feed").len(), 0);
    let unknown = room.takefive(["run", "--only", "nobody"]).exits(2);
    assert!(
        unknown.stderr.contains("nobody") && unknown.stderr.contains("notes"),
        "{unknown:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_marks_nothing_and_sends_nothing() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    let before = std::fs::read(room.path("takefive.db")).unwrap();
    let ran = room
        .takefive(["run", "--dry-run", "--json", "--date", DAY])
        .exits(0);
    assert_eq!(ran.texts().len(), 3);
    assert_eq!(ran.deliveries("waiting"), 1);
    assert_eq!(
        std::fs::read(room.path("takefive.db")).unwrap(),
        before,
        "the store must be as it was"
    );
    assert_eq!(room.sent_to(), [""; 0]);
    assert_eq!(room.run_on(DAY).exits(0).texts(), ran.texts());
    assert_eq!(room.sent_to(), ["ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_writes_what_readers_would_see_and_sends_nothing() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    let ran = room
        .takefive(["preview", "--date", DAY, "--out", "look"])
        .exits(0);
    let html = std::fs::read_to_string(room.path("look/digest.html")).unwrap();
    let text = std::fs::read_to_string(room.path("look/digest.txt")).unwrap();
    assert!(
        html.contains("<html") && ran.stdout.contains(text.trim()),
        "{ran:?}"
    );
    assert_eq!(room.sent_to(), [""; 0]);
    assert_eq!(
        room.run_on(DAY).exits(0).texts().len(),
        3,
        "a preview must not use anything up"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_mail_server_the_mails_lie_in_the_outbox_with_a_preview() {
    let room = Newsroom::with_three_sources()
        .await
        .with_outbox()
        .subscriber("ann")
        .subscriber("ben");
    room.run_on(DAY).exits(0);
    let mut files: Vec<String> = std::fs::read_dir(room.path("outbox").join(DAY))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, ["0001.eml", "0002.eml", "digest.html", "digest.txt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_told_with_their_lines_and_nothing_is_touched() {
    let room = Newsroom::new()
        .await
        .with_line("size = 50")
        .row("notes", "blog")
        .row("notes", "article");
    let ran = room.takefive(["run"]).exits(2);
    let lines: Vec<&str> = ran
        .stderr
        .lines()
        .filter(|line| line.contains("sources.toml:"))
        .collect();
    assert!(
        lines.len() >= 3,
        "size, kind and the name given twice: {ran:?}"
    );
    assert!(!room.path("takefive.db").exists());
    assert_eq!(room.web.requests(), 0);
    room.takefive(["run", "--sources", "elsewhere.toml"])
        .exits(2);
    room.takefive(["run", "--no-such-flag"]).exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_address_is_not_asked_unless_the_operator_allows_it() {
    let room = Newsroom::with_three_sources().await;
    room.write_settings();
    let settings = std::fs::read_to_string(room.path("sources.toml")).unwrap();
    let closed = settings.replace("allow_networks = [\"127.0.0.0/8\"]", "");
    std::fs::write(room.path("closed.toml"), closed).unwrap();
    let ran = room
        .takefive(["run", "--sources", "closed.toml", "--date", DAY])
        .exits(3);
    assert!(ran.stdout.contains("allow_networks"), "{ran:?}");
    assert_eq!(room.web.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_at_the_same_time_steps_back_with_its_own_code() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    room.smtp.script(Stage::Dot, Act::Hang);
    let mut first = room
        .command(["run", "--quiet", "--date", DAY])
        .spawn()
        .unwrap();
    wait_for("the first run to send", || {
        room.smtp.commands().iter().any(|command| command == ".")
    });
    let second = room.run_on(DAY).exits(5);
    assert!(second.stderr.contains("another run"), "{second:?}");
    first.kill().unwrap();
    first.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_names_no_address_and_no_token_however_much_it_tells() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    for format in ["text", "json"] {
        let day = if format == "text" { DAY } else { NEXT_DAY };
        let mut command = room.command(["run", "--quiet", "--log", format, "--date", day]);
        let ran = ran(command.env("TAKEFIVE_LOG", "trace")).exits(0);
        assert!(ran.stderr.contains("takefive::"), "it logs: {ran:?}");
        let token: String = room
            .store()
            .query_row("SELECT leave_token FROM subscriber", [], |row| row.get(0))
            .unwrap();
        for private in [token.as_str(), "ann@reader.example"] {
            assert!(!ran.stderr.contains(private), "{private} in {}", ran.stderr);
        }
    }
    assert_eq!(room.sent_to(), ["ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_three_steps_one_by_one_are_the_run() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    room.takefive(["gather", "--date", DAY]).exits(0);
    let chosen = room.takefive(["choose", "--json", "--date", DAY]).exits(0);
    assert_eq!(chosen.texts().len(), 3);
    assert_eq!(room.sent_to(), [""; 0]);
    room.takefive(["send", "--edition", DAY]).exits(0);
    assert_eq!(room.sent_to(), ["ann"]);
    assert_eq!(room.run_on(DAY).exits(0).texts(), chosen.texts());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_inputs_give_the_same_five() {
    let first = Newsroom::with_three_sources().await;
    let second = Newsroom::with_three_sources().await;
    assert_eq!(first.run_on(DAY).texts(), second.run_on(DAY).texts());
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_says_why_a_passage_made_the_five_and_why_another_did_not() {
    let room = Newsroom::new().await.blog("notes", DAY, &CLAIMS);
    room.run_on(DAY).exits(0);
    let ran = room
        .takefive(["explain", "--date", NEXT_DAY, "--json", "--top", "30"])
        .exits(0);
    let lines = ran.lines();
    let verdicts = |chosen: bool| -> Vec<&str> {
        lines
            .iter()
            .filter(|line| line["chosen"] == chosen)
            .map(|line| line["verdict"].as_str().unwrap())
            .collect()
    };
    assert_eq!(verdicts(true), ["in the five"; 2]);
    assert_eq!(
        verdicts(false)
            .iter()
            .filter(|verdict| verdict.starts_with("told before"))
            .count(),
        2
    );
    assert!(
        verdicts(false)
            .iter()
            .any(|verdict| verdict.contains("same source") || verdict.contains("same entry")),
        "{lines:?}"
    );
    for line in &lines {
        let points: f64 = line["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(|reason| reason["points"].as_f64().unwrap())
            .sum();
        assert!(
            (points - line["score"].as_f64().unwrap()).abs() < 1e-6,
            "the points add up to the score: {line}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn extract_is_a_filter_from_a_document_to_lines_of_json() {
    let room = Newsroom::new().await;
    let document = format!("{}\n\n{}\n", CLAIMS[0], CLAIMS[3]);
    let ran = fed(
        &mut room.command(["extract", "--json", "--top", "1", "-"]),
        document.as_bytes(),
    )
    .exits(0);
    let line: Value = serde_json::from_str(ran.stdout.trim()).unwrap();
    assert_eq!(line["rank"], 1);
    let text = line["text"].as_str().unwrap();
    assert!(
        CLAIMS[0].contains(text) || CLAIMS[3].contains(text),
        "verbatim: {text}"
    );
    assert!(
        line["headline"].as_str().unwrap().split(' ').count() >= 5,
        "{line}"
    );
    let missing = room.takefive(["extract", "nowhere.vtt"]).exits(1);
    assert!(missing.stderr.contains("nowhere.vtt"), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_check_tells_what_is_read_from_a_feed_file_and_from_the_list() {
    let room = Newsroom::with_three_sources()
        .await
        .source("gone", "article", Reply::status(404));
    std::fs::write(room.path("feed.xml"), blog_feed("notes", DAY, &CLAIMS[..2])).unwrap();
    let feed = room
        .takefive(["sources", "check", "feed.xml", "--json"])
        .exits(0)
        .report();
    assert_eq!(feed["title"], "notes");
    assert_eq!(feed["entries"].as_array().unwrap().len(), 2);
    assert!(
        feed["entries"][0]["published"]
            .as_str()
            .unwrap()
            .starts_with(DAY)
    );
    let list = room.takefive(["sources", "check"]).exits(0);
    assert!(
        list.stdout.contains("✓ talk: 1 entry") && list.stdout.contains("✗ gone"),
        "{list:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stumble_is_an_ellipsis_for_readers_and_itself_in_the_receipt() {
    let claim = CLAIMS[0].replace("and who has it", "and, um, who has it");
    let room = Newsroom::new()
        .await
        .podcast("talk", DAY, &claim)
        .subscriber("ann");
    let report = room.run_on(DAY).exits(0).report();
    let insight = &report["insights"][0];
    assert!(
        insight["text"].as_str().unwrap().contains("and, um, who"),
        "{report}"
    );
    assert!(
        insight["shown"].as_str().unwrap().contains("and, … who"),
        "{report}"
    );
    let (from, to) = (
        &insight["receipt"]["from_byte"],
        &insight["receipt"]["to_byte"],
    );
    let length = to.as_u64().unwrap() - from.as_u64().unwrap();
    assert_eq!(length, insight["text"].as_str().unwrap().len() as u64);
    let messages = room.smtp.messages();
    let mail = MessageParser::default().parse(&messages[0].bytes).unwrap();
    for body in [mail.body_text(0), mail.body_html(0)] {
        let words = body
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            words.contains("and, … who") && !words.contains("um,"),
            "{words}"
        );
    }
    let explained = room.takefive(["explain", "--date", DAY]).exits(0);
    assert!(explained.stdout.contains("um,"), "{explained:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thin_day_is_shorter_or_filled_with_what_was_never_sent_or_passed_over() {
    let on_a_day_without_news = async |policy: &str| {
        let room = Newsroom::new()
            .await
            .with_line("look_back = \"1 day\"")
            .with_line(policy)
            .blog("notes", DAY, &CLAIMS);
        let first = room.run_on(DAY).exits(0).texts();
        let later = room.run_on("2026-05-06").exits(0);
        (first, later)
    };
    let (first, later) = on_a_day_without_news("thin_day = \"shorter\"").await;
    assert_eq!((first.len(), later.texts().len()), (2, 0));

    let (first, later) = on_a_day_without_news("thin_day = \"older\"").await;
    let texts = later.texts();
    assert_eq!((first.len(), texts.len()), (2, 2));
    assert!(texts.iter().all(|text| !first.contains(text)), "{texts:?}");
    let report = later.report();
    assert_eq!(report["insights"][0]["of_earlier_day"], DAY, "{report}");

    let (first, later) = on_a_day_without_news("thin_day = \"none\"").await;
    assert_eq!((first.len(), later.texts().len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_wants_a_full_edition_says_how_much_of_one_there_was() {
    let room = Newsroom::with_three_sources()
        .await
        .with_line("thin_day = \"none\"")
        .subscriber("ann");
    let report = room.run_on(DAY).exits(0).report();
    assert_eq!(
        report["reason"],
        "the edition would have only 3 of 5 insights, and [digest] thin_day is \"none\""
    );
    assert!(room.sent_to().is_empty());
}

/// One point in three wordings, and somebody who is against it.
const PROBLEM: [&str; 3] = [
    "Most teams are attached to their solution, and so they never hear that it does not help. If you fall in love with the \
     problem instead, you will throw away three solutions before a customer ever pays for one.",
    "The biggest mistake of founders is to marry the first solution that works on a slide. The best of them stay obsessed \
     with the problem, because a customer with a real problem forgives two wrong solutions and never forgives indifference.",
    "The most important skill in product work is to be in love with the problem for longer than anybody else. Every \
     solution is only the answer of this year, and the customer leaves when the problem comes back.",
];
const AGAINST: &str = "Everybody tells you to fall in love with the problem, and that is wrong for most companies. A customer \
    never pays for a problem that is well understood, the customer pays for a solution, and most teams do not have one.";

#[tokio::test(flavor = "multi_thread")]
async fn two_shows_that_make_one_point_are_one_insight_with_both_receipts() {
    let room = Newsroom::new()
        .await
        .podcast("talk", DAY, PROBLEM[0])
        .blog("notes", DAY, &[PROBLEM[1], CLAIMS[1]])
        .with_line("max_per_entry = 2")
        .subscriber("ann");
    let ran = room.run_on(DAY).exits(0);
    let report = ran.report();
    let insights = report["insights"].as_array().unwrap();
    let joined: Vec<&Value> = insights
        .iter()
        .filter(|insight| insight["also_said_by"].is_array())
        .collect();
    assert_eq!((insights.len(), joined.len()), (2, 1), "{report}");
    let voice = &joined[0]["also_said_by"][0];
    assert_ne!(voice["source"], joined[0]["source"]);
    let receipt = &voice["receipt"];
    let document: String = room
        .store()
        .query_row(
            "SELECT text FROM document WHERE sha256 = ?1",
            [receipt["document_sha256"].as_str()],
            |row| row.get(0),
        )
        .unwrap();
    let byte = |name: &str| usize::try_from(receipt[name].as_u64().unwrap()).unwrap();
    assert_eq!(
        &document[byte("from_byte")..byte("to_byte")],
        voice["text"].as_str().unwrap()
    );
    let mail = room.smtp.messages();
    let mail = MessageParser::new().parse(&mail[0].bytes).unwrap();
    assert!(mail.body_text(0).unwrap().contains("Also said"));
    let told = room
        .takefive(["explain", "--date", DAY, "--top", "50"])
        .exits(0)
        .stdout;
    let told: Vec<&str> = told.split_whitespace().collect();
    let told = told.join(" ");
    for needed in [
        "also said by Gus Guest in talk",
        "the point: love the problem, not the solution",
        "both speak of customer, solution",
    ] {
        assert!(told.contains(needed), "{needed} in {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_point_comes_again_after_two_weeks_and_not_a_day_before() {
    let (still, again) = ("2026-05-18", "2026-05-19");
    let room = Newsroom::new()
        .await
        .blog("notes", DAY, &[PROBLEM[0]])
        .blog("letters", NEXT_DAY, &[PROBLEM[1]])
        .blog("papers", still, &[PROBLEM[2]]);
    assert_eq!(room.run_on(DAY).exits(0).texts(), [PROBLEM[0]]);
    for day in [NEXT_DAY, still] {
        let report = room.run_on(day).report();
        assert_eq!(report["insights"].as_array().unwrap().len(), 0, "{report}");
    }
    assert_eq!(room.run_on(again).exits(0).texts(), [PROBLEM[2]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_told_before_of_a_subject_hangs_under_the_card_with_its_day() {
    let room = Newsroom::new()
        .await
        .blog("notes", DAY, &[PROBLEM[0]])
        .blog("letters", NEXT_DAY, &[AGAINST])
        .subscriber("ann");
    let first = room.run_on(DAY).exits(0).report();
    assert_eq!(first["insights"][0]["related"], Value::Null);
    let second = room.run_on(NEXT_DAY).exits(0).report();
    let related = &second["insights"][0]["related"][0];
    assert_eq!(related["date"], DAY, "{second}");
    assert_eq!(related["headline"], first["insights"][0]["headline"]);
    assert_eq!(related["differs"], true);
    let messages = room.smtp.messages();
    let mail = MessageParser::new().parse(&messages[1].bytes).unwrap();
    assert!(mail.body_text(0).unwrap().contains("A different view"));
}
