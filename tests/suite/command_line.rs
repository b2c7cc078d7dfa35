//! What a stranger at a terminal sees: reports, errors, exit codes, and what programs read from standard output.

use std::fmt::Write as _;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::blog_feed;
use crate::world::newsroom::fed;
use crate::world::newsroom::ran;
use crate::world::smtp::Act;
use crate::world::smtp::Stage;

/// Columns of a wide terminal.
const COLUMNS: usize = 110;

/// One blog with two good passages.
async fn one_source() -> Newsroom {
    Newsroom::new().await.blog("notes", DAY, &CLAIMS[..2])
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_every_step_prints_one_object_and_nothing_else() {
    let room = one_source()
        .await
        .source("gone", "article", Reply::status(404))
        .subscriber("ann");
    for step in [
        &["run", "--dry-run", "--date", DAY][..],
        &["preview", "--date", DAY],
        &["gather", "--date", DAY],
        &["choose", "--date", DAY],
        &["send", "--edition", DAY],
        &["run", "--date", DAY],
    ] {
        let ran = room.takefive(step.iter().chain(&["--json"])).exits(0);
        assert_eq!(ran.stderr, "", "{step:?}");
        assert_eq!(ran.stdout.lines().count(), 1, "{step:?}");
        let report = ran.report();
        for name in ["date", "edition", "sources", "insights", "deliveries"] {
            assert!(report.get(name).is_some(), "{step:?}: {name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_scripts_read_has_the_names_that_were_promised() {
    let room = Newsroom::new()
        .await
        .podcast("talk", DAY, CLAIMS[0])
        .blog("notes", DAY, &[CLAIMS[1]])
        .subscriber("ann");
    let report = room.run_on(DAY).exits(0).report();
    let has = |value: &Value, names: &[&str]| {
        for name in names {
            assert!(value.get(name).is_some(), "{name} is not in {value}");
        }
    };
    has(
        &report["sources"][0],
        &["name", "status", "entries_new", "error"],
    );
    has(
        &report["deliveries"],
        &["accepted", "waiting", "refused", "deferred", "unknown"],
    );
    for insight in report["insights"].as_array().unwrap() {
        has(
            insight,
            &[
                "headline",
                "text",
                "score",
                "reasons",
                "source",
                "entry_title",
                "entry_url",
                "speaker",
                "start_seconds",
                "receipt",
                "topics",
            ],
        );
        has(
            &insight["receipt"],
            &[
                "entry_url",
                "document_sha256",
                "from_byte",
                "to_byte",
                "speaker",
            ],
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_every_command_takes_stands_before_or_after_its_name() {
    let room = one_source().await;
    let before = room
        .takefive(["--json", "--store", "a.db", "gather", "--date", DAY])
        .exits(0);
    let after = room
        .takefive(["gather", "--date", DAY, "--store", "b.db", "--json"])
        .exits(0);
    assert_eq!(before.stdout, after.stdout);
    assert!(room.path("a.db").exists() && room.path("b.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_json_goes_to_standard_error_line_by_line() {
    let room = one_source().await;
    let ran = room
        .takefive(["run", "--json", "--log", "json", "--date", DAY])
        .exits(0);
    assert_eq!(ran.report()["date"], DAY);
    assert!(!ran.stderr.is_empty());
    for line in ran.stderr.lines() {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_run_is_silent_unless_it_ends_badly() {
    let room = one_source().await.subscriber("ann").subscriber("ben");
    let good = room
        .takefive(["run", "--quiet", "--date", NEXT_DAY])
        .exits(0);
    assert_eq!((good.stdout.as_str(), good.stderr.as_str()), ("", ""));
    let room = one_source().await.subscriber("ann");
    room.smtp
        .script(Stage::Connect, Act::Reply("554 No service here"));
    let bad = room.takefive(["run", "--quiet", "--date", DAY]).exits(4);
    assert_eq!(bad.stdout, "");
    assert!(
        bad.stderr.contains("1 waiting") && bad.stderr.contains("554"),
        "cron mails what stands here: {bad:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_trouble_of_many_sources_is_one_line_of_the_report() {
    let mut room = one_source().await;
    for nth in 0..30 {
        room = room.source(&format!("gone{nth}"), "article", Reply::status(404));
    }
    let ran = room.takefive(["run", "--date", DAY]).exits(0);
    assert_eq!(ran.stdout.matches("answered 404").count(), 1, "{ran:?}");
    assert!(
        ran.stdout.contains("gone0, gone1, gone2 and 27 more"),
        "{ran:?}"
    );
    let sources = room.run_on(DAY).report()["sources"].clone();
    let failed = sources
        .as_array()
        .unwrap()
        .iter()
        .filter(|source| source["error"].is_string());
    assert_eq!(failed.count(), 30, "programs get all of them");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_troubles_ten_are_told_and_the_rest_is_counted() {
    for (troubles, more) in [(10, None), (11, Some("and 1 more"))] {
        let mut room = one_source().await;
        for nth in 0..troubles {
            let page = format!("<!doctype html><html><body>Number {nth}</body></html>");
            room = room.source(
                &format!("page{nth}"),
                "article",
                Reply::ok("text/html", page),
            );
        }
        let ran = room.takefive(["run", "--date", DAY]).exits(0);
        assert_eq!(ran.stdout.matches("✗ page").count(), 10, "{ran:?}");
        assert_eq!(
            ran.stdout.contains("--json has all of them"),
            more.is_some()
        );
        assert!(ran.stdout.contains(more.unwrap_or_default()), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_source_can_be_read_that_is_the_reason_given() {
    let room = Newsroom::new()
        .await
        .source("down", "podcast", Reply::status(404));
    let report = room.run_on(DAY).exits(3).report();
    let reason = report["reason"].as_str().unwrap();
    assert!(reason.contains("no source could be read"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_report_of_a_day_says_that_its_insights_were_chosen_before() {
    let room = one_source().await;
    let first = room.run_on(DAY).exits(0).report();
    assert_eq!(first["chosen_before"], false);
    let second = room.takefive(["run", "--date", DAY]).exits(0);
    assert!(
        second.stdout.contains("Chosen by an earlier run"),
        "{second:?}"
    );
    assert_eq!(room.run_on(DAY).report()["chosen_before"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_readers_the_report_says_how_to_add_one() {
    let room = one_source().await;
    let ran = room.takefive(["run", "--date", DAY]).exits(0);
    assert!(ran.stdout.contains("takefive subscribers add"), "{ran:?}");
    let room = room.subscriber("ann");
    let ran = room.takefive(["run", "--date", DAY]).exits(0);
    assert!(
        ran.stdout.contains("Mail        1 accepted\n"),
        "what is zero is not told: {ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_report_says_where_the_mails_lie_and_a_preview_where_it_was_written() {
    let room = one_source().await.with_outbox().subscriber("ann");
    let rehearsed = room.takefive(["run", "--dry-run", "--date", DAY]).exits(0);
    assert!(
        rehearsed.stdout.contains("would go to 1 reader")
            && !rehearsed.stdout.contains("outbox/2026"),
        "{rehearsed:?}"
    );
    let ran = room.takefive(["run", "--date", DAY]).exits(0);
    let folder = format!("outbox/{DAY}");
    assert!(ran.stdout.contains(&folder), "{ran:?}");
    assert_eq!(room.run_on(DAY).report()["written_to"], folder.as_str());
    let seen = room.takefive(["preview", "--date", DAY]).exits(0);
    assert!(seen.stderr.contains("Written to preview"), "{seen:?}");
    assert!(
        !seen.stdout.contains("Written to preview"),
        "standard output is the mail's text: {seen:?}"
    );
    std::fs::write(room.path("a-file"), "").unwrap();
    let stuck = room
        .takefive(["preview", "--date", DAY, "--out", "a-file"])
        .exits(1);
    assert!(stuck.stderr.contains("--out"), "{stuck:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_does_not_exist_is_a_mistake_of_the_command_line() {
    let room = one_source().await;
    for day in ["tomorrow", "2026-02-30", "9999-12-31"] {
        let ran = room.takefive(["run", "--date", day]).exits(2);
        assert!(ran.stderr.contains("--date"), "{ran:?}");
        assert!(ran.stderr.len() < 250, "{ran:?}");
    }
    assert!(!room.path("takefive.db").exists(), "nothing is touched");
    let past = room.takefive(["run", "--date", "2001-01-01"]).exits(0);
    assert!(past.stdout.contains("from 2000-12-29"), "{past:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_mistakes_in_the_settings_are_counted_and_each_has_its_line() {
    let room = one_source()
        .await
        .with_line("size = 50")
        .with_line("sizee = 5");
    let ran = room.takefive(["run"]).exits(2);
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines[0], "takefive: 2 things to mend; nothing was touched");
    assert!(
        lines[1..]
            .iter()
            .all(|line| line.starts_with("sources.toml:")),
        "{ran:?}"
    );
    std::fs::write(room.path("latin.toml"), b"[digest]\ntitle = \"caf\xE9\"\n").unwrap();
    let latin = room.takefive(["run", "--sources", "latin.toml"]).exits(2);
    assert!(latin.stderr.contains("UTF-8"), "{latin:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_stops_listening_is_no_error() {
    let room = one_source().await;
    let mut child = room
        .command(["run", "--date", DAY])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_under_standard_output_is_an_error_with_a_sentence() {
    let room = one_source().await;
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let child = room
        .command(["run", "--json", "--date", DAY])
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("standard output cannot be written"),
        "{stderr}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_mail_outweighs_a_failed_source() {
    let room = one_source()
        .await
        .source("gone", "article", Reply::status(404))
        .subscriber("ann");
    room.smtp
        .script(Stage::Rcpt, Act::Reply("550 5.7.1 Not wanted"));
    room.takefive(["run", "--strict", "--date", DAY]).exits(4);
    // the ledger of the edition is what counts, not what this run tried
    room.takefive(["run", "--strict", "--date", DAY]).exits(4);
    room.takefive(["run", "--strict", "--date", "2026-06-01"])
        .exits(3);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_says_that_nothing_is_lost() {
    let room = one_source()
        .await
        .source("slow", "article", Reply::silent());
    let child = room
        .command(["run", "--json", "--date", DAY])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    while room.web.asked("/slow/feed").is_empty() {
        assert!(started.elapsed() < Duration::from_secs(30));
        std::thread::yield_now();
    }
    let stopped = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(stopped.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["interrupted"], true);
    assert!(report["edition"].is_null());
    assert!(String::from_utf8_lossy(&output.stderr).contains("Stopping"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_defect_in_a_library_leaves_no_trace_on_standard_error() {
    // an author on whom feed-rs 3.0 panics, a sign of two bytes right before an address, in an entry that it is asked about
    let feed = blog_feed("odd", DAY, &CLAIMS[..1]).replace(
        "</channel>",
        "<item><guid>odd</guid><author>»pen@blog.example</author></item></channel>",
    );
    let room = Newsroom::new().await.source(
        "odd",
        "article",
        Reply::ok("application/rss+xml", feed.clone()),
    );
    std::fs::write(room.path("odd.xml"), feed).unwrap();
    for command in [
        &["sources", "check", "odd.xml"][..],
        &["run", "--date", DAY],
    ] {
        let ran = room.takefive(command).exits(0);
        assert_eq!(ran.stderr, "");
    }
    let mut logged = room.command(["sources", "check", "odd.xml", "--log", "text"]);
    let logged = ran(logged.env("TAKEFIVE_LOG", "error")).exits(0);
    assert!(
        logged.stderr.contains("a worker broke down") && !logged.stderr.contains("pen@"),
        "{logged:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_feed_says_cannot_command_the_terminal() {
    let room = Newsroom::new().await;
    let feed = r#"{"version":"https://jsonfeed.org/version/1.1","title":"\u001b[2JCleared","items":[{"id":"1","title":"a\u009b2J"}]}"#;
    std::fs::write(room.path("feed.json"), feed).unwrap();
    let ran = room.takefive(["sources", "check", "feed.json"]).exits(0);
    assert!(ran.stdout.contains("Cleared"), "{ran:?}");
    assert!(
        ran.stdout
            .chars()
            .all(|character| character == '\n' || !character.is_control()),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn extract_says_what_it_cannot_read_and_what_to_do() {
    let room = Newsroom::new().await;
    for (input, kind, said) in [
        (&b""[..], None, "standard input: nothing readable"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None, "is not a text"),
        (CLAIMS[0].as_bytes(), Some("vtt"), "--kind"),
        (b"{\"a\": 1}", None, "segments"),
    ] {
        let mut arguments = vec!["extract", "-"];
        arguments.extend(kind.map(|_| "--kind"));
        arguments.extend(kind);
        let ran = fed(&mut room.command(arguments), input).exits(1);
        assert!(ran.stderr.contains(said), "{said}: {ran:?}");
        assert_eq!(ran.stdout, "");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    }
    let utf_16: Vec<u8> = std::iter::once(0xFEFF)
        .chain(CLAIMS[0].encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let ran = fed(&mut room.command(["extract", "-"]), &utf_16).exits(0);
    assert!(ran.stdout.contains("roadmaps"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn extract_prints_the_text_alone_where_that_is_asked_for() {
    let room = Newsroom::new().await;
    let page = format!(
        "<html><body><nav>Home | About</nav><article><h1>One</h1><p>{}</p><p>{}</p></article></body></html>",
        CLAIMS[0], CLAIMS[1]
    );
    std::fs::write(room.path("page.html"), page).expect("the folder takes a file");
    let arguments = ["extract", "--kind", "html", "--text-only", "page.html"];
    let text = room.takefive(arguments).exits(0).stdout;
    assert_eq!(text.trim_end(), format!("{}\n\n{}", CLAIMS[0], CLAIMS[1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn extract_reads_sixteen_mebibytes_and_not_a_byte_more() {
    let room = Newsroom::new().await;
    let mut document = format!("{}\n", CLAIMS[0]).into_bytes();
    document.resize(16 << 20, b' ');
    std::fs::write(room.path("long.txt"), &document).unwrap();
    let ran = room.takefive(["extract", "long.txt"]).exits(0);
    assert!(ran.stdout.contains("roadmaps"), "{ran:?}");
    document.push(b' ');
    std::fs::write(room.path("long.txt"), &document).unwrap();
    let ran = room.takefive(["extract", "long.txt"]).exits(1);
    assert!(ran.stderr.contains("larger than 16 MiB"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_keeps_to_what_was_chosen_whatever_came_since() {
    let room = Newsroom::new()
        .await
        .with_line("size = 1")
        .blog("notes", DAY, &[CLAIMS[1]]);
    let chosen = room.run_on(DAY).exits(0).texts();
    let room = room.blog("letters", DAY, &[CLAIMS[2]]);
    room.run_on(DAY).exits(0);
    let ran = room.takefive(["explain", "--json", "--date", DAY]).exits(0);
    let lines = ran.lines();
    let of = |verdict: &str| lines.iter().find(|line| line["verdict"] == verdict);
    assert_eq!(of("in the five").unwrap()["text"], chosen[0].as_str());
    assert!(
        of("came after the five had been chosen").is_some(),
        "{ran:?}"
    );
    let text = room
        .takefive(["explain", "--top", "1", "--date", DAY])
        .exits(0);
    assert!(text.stdout.contains("--top 2"), "there is more: {text:?}");
    let empty = room.takefive(["explain", "--date", "2001-01-01"]).exits(0);
    assert!(empty.stdout.contains("takefive gather"), "{empty:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_ranks_and_what_was_lacking_within_eighty_columns() {
    let room = Newsroom::new()
        .await
        .with_line("size = 2")
        .blog("notes", DAY, &CLAIMS[..2])
        .blog("letters", DAY, &CLAIMS[2..5]);
    room.run_on(DAY).exits(0);
    let ran = room
        .takefive(["explain", "--json", "--date", DAY, "--top", "50"])
        .exits(0);
    let lines = ran.lines();
    for (nth, line) in lines.iter().enumerate() {
        assert_eq!(
            (&line["rank"], &line["of"]),
            (&(nth + 1).into(), &lines.len().into())
        );
        assert!(line["entry_rank"].as_u64() <= line["entry_of"].as_u64());
        let reasons = line["reasons"].as_array().unwrap();
        assert!(
            reasons
                .iter()
                .all(|reason| reason["why"].as_str().unwrap().ends_with('.'))
        );
        let points = line["lacking"]["points"].as_f64();
        assert_eq!(points.is_some(), line["chosen"] == false, "{line}");
        if let (Some(points), Some(last)) =
            (points, lines.iter().rfind(|line| line["chosen"] == true))
        {
            let needed = line["score"].as_f64().unwrap() + points;
            assert!(needed >= last["score"].as_f64().unwrap() - 1e-9, "{line}");
        }
    }
    let text = room
        .takefive(["explain", "--date", DAY, "--top", "50"])
        .exits(0)
        .stdout;
    assert!(text.contains(&format!(
        "1st of {} of the day · 1st of 1 in its article",
        lines.len()
    )));
    assert!(
        text.contains("points more would have put it in, in the place"),
        "{text}"
    );
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_finds_words_on_the_shelf_and_says_of_a_document_why_they_are_not_quoted() {
    let room = Newsroom::new().await.blog("notes", DAY, &CLAIMS[..2]);
    room.run_on(DAY).exits(0);
    let explain = |words: &str| {
        room.takefive(["explain", "--date", DAY, "--find", words])
            .exits(0)
            .stdout
    };
    let found = explain("stop paying FOR first");
    assert!(
        found.contains("never ask their customers") && !found.contains("roadmaps"),
        "{found}"
    );
    assert!(explain("a left-handed teapot").contains("takefive explain FILE --find"));
    let talk = format!(
        "{}\n\nHead to our sponsor and use code TEAPOT for a discount on all of it.\n",
        CLAIMS[0]
    );
    std::fs::write(room.path("talk.md"), talk).unwrap();
    let told = |arguments: &[&str]| {
        room.takefive([&["explain", "talk.md"], arguments].concat())
            .exits(0)
            .stdout
    };
    assert!(told(&["--find", "code teapot"]).contains("refused by the rule"));
    assert!(told(&["--find", "nobody has checked"]).contains("stands in the 1st candidate"));
    assert!(told(&["--find", "left-handed"]).contains("do not stand in it"));
    let line: Value = serde_json::from_str(&told(&["--find", "code teapot", "--json"])).unwrap();
    assert_eq!(
        (&line["is_candidate"], &line["rank"]),
        (&false.into(), &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_lines_of_a_list_are_told_by_number_on_standard_error() {
    let room = one_source().await;
    for (bad, more) in [(10, None), (11, Some("and 1 lines more"))] {
        let mut list = "name,email\nAnn,ann@reader.example\n".to_owned();
        for nth in 0..bad {
            let _ = writeln!(list, "Ben,nobody-{nth}");
        }
        let mut import = room.command(["subscribers", "import", "-", "--quiet"]);
        let ran = fed(&mut import, list.as_bytes()).exits(2);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains("standard input:3:"), "{ran:?}");
        assert_eq!(ran.stderr.lines().count(), 10 + usize::from(more.is_some()));
        assert!(ran.stderr.contains(more.unwrap_or_default()), "{ran:?}");
        assert!(!ran.stderr.contains("nobody-"), "it may be an address");
    }
    let listed = room.takefive(["subscribers", "list"]).exits(0);
    assert_eq!(listed.stdout.lines().count(), 1, "the good one is in");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_json_what_became_of_a_reader_is_json() {
    let room = one_source().await;
    let outcome = |arguments: &[&str]| {
        let all = ["subscribers", "--json"].iter().chain(arguments);
        room.takefive(all).exits(0).report()["outcome"].clone()
    };
    let address = "ann@reader.example";
    assert_eq!(outcome(&["add", address]), "new");
    assert_eq!(outcome(&["add", address]), "already");
    assert_eq!(outcome(&["remove", address]), "left");
    assert_eq!(outcome(&["remove", address]), "absent");
    assert_eq!(outcome(&["add", address]), "back");
    std::fs::write(room.path("list"), "ben@reader.example\n").unwrap();
    let imported = room
        .takefive(["subscribers", "import", "list", "--json"])
        .exits(0)
        .report();
    assert_eq!(
        (&imported["new"], &imported["already"]),
        (&1.into(), &0.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_place_of_a_feed_is_told_with_status_type_words_and_the_feed_it_links_to() {
    let page = "<!DOCTYPE html><html><head><title>Notes</title><script>if (a < b) {}</script>\
                <LINK REL='alternate' TYPE='application/rss+xml' HREF='/real.xml'></head>\
                <body><p>Welcome &amp; stay</p></body></html>";
    let room = Newsroom::new().await;
    let room = room.source("notes", "article", Reply::ok("text/html", page));
    let report = room.run_on(DAY).exits(3).report();
    let listed = room.takefive(["sources", "check", "--json"]).exits(3);
    for error in [&report["sources"][0]["error"], &listed.lines()[0]["error"]] {
        let error = error.as_str().expect("a sentence");
        let told = ": answered 200 with text/html: this is not a feed but an HTML page (“Notes Welcome & stay”); \
                    it links to a feed at ";
        assert!(error.contains(told), "{error}");
        assert!(error.contains("/real.xml"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_check_takes_a_list_by_name_and_shows_what_a_feed_carries() {
    let room = Newsroom::new().await.podcast("talk", DAY, CLAIMS[0]);
    let named = room
        .takefive(["sources", "check", "sources.toml", "--json"])
        .exits(0)
        .report();
    assert_eq!(named["with_transcript"], 1);
    let missing = room.takefive(["sources", "check", "no.toml"]).exits(2);
    assert!(missing.stderr.contains("no.toml"), "{missing:?}");
    std::fs::write(room.path("page.xml"), "<!doctype html><p>Hello").unwrap();
    let page = room
        .takefive(["sources", "check", "page.xml", "--json"])
        .exits(3);
    assert_eq!(page.stdout, "");
    assert!(page.stderr.starts_with("takefive: page.xml:"), "{page:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_cannot_be_used_is_named_and_left_as_it_is() {
    let room = one_source().await;
    let newer = room.path("newer.db");
    room.takefive(["gather", "--date", DAY, "--store", "newer.db"])
        .exits(0);
    rusqlite::Connection::open(&newer)
        .unwrap()
        .pragma_update(None, "user_version", 999)
        .unwrap();
    std::fs::write(
        room.path("letter.db"),
        "Dear reader, this is no database at all.",
    )
    .unwrap();
    for (store, said) in [
        ("newer.db", "newer takefive"),
        ("letter.db", "not a store of takefive"),
        ("nowhere/takefive.db", "nowhere/takefive.db"),
    ] {
        let before = std::fs::read(room.path(store)).ok();
        let ran = room.takefive(["run", "--json", "--store", store]).exits(1);
        assert!(ran.stderr.contains(said), "{ran:?}");
        assert_eq!(ran.stdout, "");
        assert_eq!(std::fs::read(room.path(store)).ok(), before);
    }
}

#[test]
fn the_demo_ends_with_what_to_do_next_and_leaves_foreign_folders_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let takefive = |arguments: &[&str]| {
        ran(&mut crate::world::newsroom::program(
            folder.path(),
            arguments,
        ))
    };
    let shown = takefive(&["demo"]).exits(0);
    assert_eq!(shown.stderr, "");
    let (_, ending) = shown.stdout.split_once("Next:").unwrap();
    let page = ending
        .split_whitespace()
        .find(|word| word.ends_with("digest.html"))
        .unwrap();
    assert!(folder.path().join(page).is_file(), "{page}");
    assert!(ending.contains("explain --sources takefive-demo/sources.toml --date 2026-03-04"));
    let told = takefive(&["demo", "--json"]).exits(0);
    let days = told.lines();
    assert_eq!(days.len(), 3);
    let of_the_last = |field: &str| {
        let mut insights = days[2]["insights"].as_array().unwrap().iter();
        insights.find_map(|insight| insight[field][0].as_object().cloned())
    };
    let voice = of_the_last("also_said_by").unwrap();
    assert_eq!(voice["speaker"], "Rhoda Kessler");
    let related = of_the_last("related").unwrap();
    assert_eq!(
        (&related["date"], &related["differs"]),
        (&"2026-03-02".into(), &true.into())
    );
    std::fs::create_dir(folder.path().join("mine")).unwrap();
    std::fs::write(folder.path().join("mine/takefive.db"), "precious").unwrap();
    let refused = takefive(&["demo", "--out", "mine"]).exits(1);
    assert!(refused.stderr.contains("--out"), "{refused:?}");
    assert_eq!(
        std::fs::read_to_string(folder.path().join("mine/takefive.db")).unwrap(),
        "precious"
    );
}

#[test]
fn the_help_of_every_command_fits_a_terminal_and_the_first_page_shows_where_to_begin() {
    let folder = tempfile::TempDir::new().unwrap();
    let help = |command: &[&str]| {
        let all = command.iter().chain(&["--help"]);
        ran(&mut crate::world::newsroom::program(folder.path(), all))
            .exits(0)
            .stdout
    };
    let first = help(&[]);
    for part in ["takefive demo", "Exit codes", "Options of every command"] {
        assert!(first.contains(part), "{part}: {first}");
    }
    let commands: Vec<&str> = first
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .map_while(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert_eq!(commands[0], "demo");
    for command in commands {
        for line in help(&[command]).lines() {
            assert!(line.chars().count() <= COLUMNS, "{command}: {line}");
        }
    }
    let nothing = ran(&mut crate::world::newsroom::program(folder.path(), [""; 0])).exits(2);
    assert_eq!(nothing.stdout, "");
}
