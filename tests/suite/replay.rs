//! Past editions are made again byte for byte, tried by other rules, and their quotes are found again: by the real program, in
//! real stores.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;
use takefive::demo;
use takefive::demo::world::World;
use takefive::model::RulesText;
use takefive::model::sha256_hex;
use takefive::pipeline::Stop;
use takefive::stages::find_insights::Rules;
use tempfile::TempDir;

use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::Ran;
use crate::world::newsroom::program;
use crate::world::newsroom::ran;

/// What `replay` says of an edition, as JSON.
fn replayed(room: &Newsroom, day: &str, code: i32) -> Value {
    room.takefive(["replay", day, "--json"])
        .exits(code)
        .report()
}

/// Whether one of the differences is in this place and has these words.
#[track_caller]
fn assert_differs(replayed: &Value, place: &str, words: &str) {
    let differences = replayed["differences"].as_array().expect("a list");
    let said = differences.iter().any(|one| {
        one["in"] == place
            && one["what"]
                .as_str()
                .is_some_and(|what| what.contains(words))
    });
    assert!(said, "{place}: {words}: {replayed}");
}

fn hash_of(path: &Path) -> String {
    sha256_hex(&fs::read(path).expect("the file is there"))
}

/// Three days of the demo on which the clock stood at a day that is none of theirs, and is not today.
async fn demo_of_another_day() -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    let now = "2026-03-07T04:05:06.789Z".parse().expect("a moment");
    let (_ask, stop) = Stop::new();
    demo::demo(folder.path(), now, stop, |_| Ok(()))
        .await
        .expect("the demo ends well");
    folder
}

fn in_folder(folder: &TempDir, arguments: &[&str]) -> Ran {
    ran(&mut program(folder.path(), arguments))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_edition_of_the_demo_is_made_again_byte_for_byte_on_another_day() {
    let folder = demo_of_another_day().await;
    let store = folder.path().join("takefive.db");
    let before = hash_of(&store);
    for _restart in 0..2 {
        for day in World::DAYS {
            let said = in_folder(&folder, &["replay", &day.to_string()]).exits(0);
            assert!(said.stdout.contains("byte for byte the same"), "{said:?}");
        }
    }
    in_folder(&folder, &["verify"]).exits(0);
    assert_eq!(hash_of(&store), before, "a replay changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_quote_of_the_demo_is_verified_and_one_changed_character_is_named() {
    let folder = demo_of_another_day().await;
    let said = in_folder(&folder, &["verify"]).exits(0);
    assert!(said.stdout.contains("to the last character"), "{said:?}");
    let store = Connection::open(folder.path().join("takefive.db")).unwrap();
    let (headline, sha256, from): (String, String, i64) = store
        .query_row(
            "SELECT headline, document_sha256, from_byte FROM sent_insight WHERE date = '2026-03-03' AND position = 2",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .unwrap();
    let text: String = store
        .query_row(
            "SELECT text FROM document WHERE sha256 = ?1",
            [&sha256],
            |row| row.get(0),
        )
        .unwrap();
    let at = usize::try_from(from).unwrap() + 3;
    let mut bytes = text.into_bytes();
    bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
    let changed = String::from_utf8(bytes).unwrap();
    store
        .execute(
            "UPDATE document SET text = ?1 WHERE sha256 = ?2",
            [&changed, &sha256],
        )
        .unwrap();
    drop(store);
    for arguments in [&["verify"][..], &["verify", "2026-03-03"]] {
        let said = in_folder(&folder, arguments).exits(6).stdout;
        let named =
            format!("Edition 2 of 2026-03-03, insight 2 “{headline}”: the stored document says “");
        assert!(said.contains(&named), "{said}");
        assert!(said.contains("its SHA-256 is another"), "{said}");
    }
    in_folder(&folder, &["verify", "2026-03-02"]).exits(0);
    let said = in_folder(&folder, &["verify", "--json", "2026-03-03"])
        .exits(6)
        .report();
    assert_eq!(said["faults"][0]["position"], 2);
    assert_eq!(said["faults"][0]["headline"], headline.as_str());
    let said = in_folder(&folder, &["replay", "2026-03-03"])
        .exits(6)
        .stdout;
    assert!(said.contains("its document is not what was read"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_edition_or_span_or_history_fails_verification() {
    for (change, words) in [
        (
            "DROP TRIGGER edition_is_final;
             UPDATE edition SET digest = json_replace(digest, '$.insights[0].text',
               replace(digest ->> '$.insights[0].text', 'a', 'e'))",
            "the stored document says",
        ),
        (
            "DROP TRIGGER edition_is_final;
             UPDATE edition SET digest = json_replace(digest, '$.insights[0].headline', 'Nobody said this zebra')",
            "which the quote does not",
        ),
        (
            "DROP TRIGGER edition_is_final;
             UPDATE edition SET digest = json_set(digest, '$.insights[0].shown', 'Words of somebody else')",
            "readers are shown",
        ),
        (
            "DROP TRIGGER edition_is_final;
             UPDATE edition SET digest = json_replace(digest, '$.insights[0].receipt.from_byte', 1)",
            "the stored document says",
        ),
        (
            "UPDATE cited_span SET text = text || '.'",
            "the span that was kept for good says",
        ),
        (
            "DROP TRIGGER history_is_final; UPDATE sent_insight SET text = text || '.'",
            "history has other words",
        ),
    ] {
        let room = Newsroom::with_three_sources().await;
        room.run_on(DAY).exits(0);
        room.takefive(["verify", DAY]).exits(0);
        room.store().execute_batch(change).unwrap();
        let said = room.takefive(["verify", DAY]).exits(6).stdout;
        assert!(said.contains(words), "{change}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_whoever_else_says_it_are_kept_and_verified_like_the_rest() {
    let folder = demo_of_another_day().await;
    let store = Connection::open(folder.path().join("takefive.db")).unwrap();
    let voices: i64 = store
        .query_row(
            "SELECT count(*) FROM edition, json_each(digest, '$.insights') insight,
               json_each(insight.value, '$.also_said_by')",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert!(voices > 0, "two shows of the demo make one point");
    let quotes: i64 = store
        .query_row("SELECT count(*) FROM sent_insight", [], |row| row.get(0))
        .unwrap();
    let spans: i64 = store
        .query_row("SELECT count(*) FROM cited_span", [], |row| row.get(0))
        .unwrap();
    assert_eq!(spans, quotes + voices);
    in_folder(&folder, &["verify"]).exits(0);
    store
        .execute_batch(
            "UPDATE cited_span SET text = text || '.' WHERE NOT EXISTS (SELECT 1 FROM sent_insight s
               WHERE s.document_sha256 = cited_span.document_sha256 AND s.from_byte = cited_span.from_byte)",
        )
        .unwrap();
    drop(store);
    let said = in_folder(&folder, &["verify"]).exits(6).stdout;
    assert!(said.contains("also said as “"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ellipsis_stands_for_what_is_left_out_and_for_nothing_else() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    room.store()
        .execute_batch("DROP TRIGGER edition_is_final")
        .unwrap();
    let text: String = room
        .store()
        .query_row(
            "SELECT digest ->> '$.insights[0].text' FROM edition",
            [],
            |row| row.get(0),
        )
        .unwrap();
    let words: Vec<&str> = text.split(' ').collect();
    let without_the_third = [&words[..2], &["…"], &words[3..]].concat().join(" ");
    let without_a_mark = [&words[..2], &words[3..]].concat().join(" ");
    let without_head_and_end = words[2..words.len() - 2].join(" ");
    let reordered = [&words[5..], &["…"], &words[..5]].concat().join(" ");
    for (shown, code) in [
        (without_the_third, 0),
        (without_head_and_end, 0),
        (without_a_mark, 6),
        (reordered, 6),
    ] {
        room.store()
            .execute(
                "UPDATE edition SET digest = json_set(digest, '$.insights[0].shown', ?1)",
                [&shown],
            )
            .unwrap();
        let said = room.takefive(["verify"]);
        assert_eq!(said.code, code, "{shown}: {said:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_gathered_or_sent_since_has_no_part_in_a_replay() {
    let own = "[[rule]]\nname = \"contrast\"\nweight = 0.9\n";
    let room = Newsroom::new()
        .await
        .with_rules(own)
        .with_line("max_per_source = 1")
        .blog("notes", DAY, &CLAIMS[..3])
        .podcast("talk", DAY, CLAIMS[3])
        .subscriber("ann");
    room.run_on(DAY).exits(0);
    // more of the same day, read too late; then a day that tells some of it; other rules, settings and titles
    let room = room.blog("late", DAY, &[CLAIMS[4]]).with_line("size = 2");
    fs::write(
        room.path("my-rules.toml"),
        "[[rule]]\nname = \"contrast\"\nweight = -2.0\n",
    )
    .unwrap();
    room.takefive(["gather", "--date", DAY]).exits(0);
    room.run_on(NEXT_DAY).exits(0);
    room.store()
        .execute_batch(
            "UPDATE entry SET title = 'Renamed ' || title, published = published + 1000000, id = 'f' || id",
        )
        .unwrap();
    for day in [DAY, NEXT_DAY] {
        let said = replayed(&room, day, 0);
        assert_eq!(said["same"], true, "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_is_saved_with_all_that_it_keeps_or_not_at_all() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    room.takefive(["gather", "--date", DAY]).exits(0);
    for table in ["edition_record", "mailing", "cited_span"] {
        room.store()
            .execute_batch(&format!(
                "CREATE TRIGGER no_room BEFORE INSERT ON {table} BEGIN SELECT raise(ABORT, 'the disk is full'); END"
            ))
            .unwrap();
        let ran = room.takefive(["choose", "--date", DAY]).exits(1);
        assert!(ran.stderr.contains("nothing is sent"), "{table}: {ran:?}");
        for table in [
            "edition",
            "edition_record",
            "mailing",
            "cited_span",
            "sent_insight",
        ] {
            let rows: i64 = room
                .store()
                .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                    row.get(0)
                })
                .unwrap();
            assert_eq!(rows, 0, "{table}");
        }
        room.store().execute_batch("DROP TRIGGER no_room").unwrap();
    }
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann"]);
    replayed(&room, DAY, 0);
}

#[test]
fn rules_that_were_kept_are_read_as_they_were_in_force_then() {
    let built_in =
        Rules::built_in_toml().replacen("name = \"contrast\"", "name = \"contrast-of-then\"", 1);
    let own = "[[rule]]\nname = \"contrast-of-then\"\nweight = 7.25\n";
    assert!(Rules::with(own).is_err(), "no rule of now has this name");
    let text = RulesText::new(&built_in, Some(own));
    let rules = Rules::kept(&text).unwrap();
    assert!(
        rules
            .weights()
            .any(|weight| weight == ("contrast-of-then", 7.25))
    );
    assert_eq!(rules.sha256(), text.sha256());
    assert_eq!(rules.text(), &text);
    let now = Rules::with("[[rule]]\nname = \"contrast\"\nweight = 7.25\n").unwrap();
    let again = Rules::kept(now.text()).unwrap();
    assert_eq!(again.sha256(), now.sha256());
    assert!(again.weights().eq(now.weights()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_names_the_insight_and_the_field_that_differ() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    room.store()
        .execute_batch(
            "DROP TRIGGER edition_is_final;
             UPDATE edition SET digest = json_replace(digest, '$.insights[1].score', 9.5, '$.title', 'Another')",
        )
        .unwrap();
    let said = replayed(&room, DAY, 6);
    assert_eq!(said["same"], false);
    assert_differs(
        &said,
        "edition",
        "title was \"Another\" and is \"Take Five\"",
    );
    assert_differs(&said, "insight", "score was 9.5 and is ");
    // one that stands elsewhere, and one that was never there
    room.store()
        .execute_batch(
            "UPDATE edition SET digest = json_replace(json_remove(digest, '$.insights[2]'),
               '$.insights[0]', json_extract(digest, '$.insights[1]'),
               '$.insights[1]', json_extract(digest, '$.insights[0]'))",
        )
        .unwrap();
    let said = replayed(&room, DAY, 6);
    assert_differs(&said, "insight", "stands at 2 now");
    assert_differs(&said, "insight", "was not chosen then");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tells_that_templates_have_changed_and_the_first_line_that_differs() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("templates = \"mine\"");
    fs::create_dir(room.path("mine")).unwrap();
    fs::write(room.path("mine/subject.txt"), "First words").unwrap();
    room.run_on(DAY).exits(0);
    replayed(&room, DAY, 0);
    fs::write(room.path("mine/subject.txt"), "Other words").unwrap();
    let said = replayed(&room, DAY, 6);
    assert_differs(
        &said,
        "mail",
        "subject: line 1 was “First words” and is “Other words”",
    );
    assert_differs(&said, "mail", "the templates have changed since");
    fs::write(room.path("mine/subject.txt"), "First words").unwrap();
    replayed(&room, DAY, 0);
    // the address for leaving stands in the words, and is that of then
    let room = room.with_only_mail("templates = \"mine\"\nreply_to = \"editor@digest.example\"");
    replayed(&room, DAY, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tells_of_another_version_of_an_older_program_and_of_no_edition() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    room.store()
        .execute_batch(
            "DROP TRIGGER edition_record_is_final; UPDATE edition_record SET program = '0.0.7'",
        )
        .unwrap();
    let said = replayed(&room, DAY, 0);
    assert!(
        said["notes"][0]
            .as_str()
            .unwrap()
            .contains("takefive 0.0.7"),
        "{said}"
    );
    room.store()
        .execute_batch("DELETE FROM edition_record")
        .unwrap();
    assert_differs(&replayed(&room, DAY, 6), "record", "an older program");
    let said = room.takefive(["replay", NEXT_DAY]).exits(2);
    assert!(said.stderr.contains("no edition of 2026-05-05"), "{said:?}");
    room.takefive(["verify", NEXT_DAY]).exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_words_of_a_mail_are_kept_unsent_and_corrected_until_the_first_message() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("templates = \"mine\"");
    fs::create_dir(room.path("mine")).unwrap();
    fs::write(room.path("mine/subject.txt"), "With a mistake").unwrap();
    let room = room.subscriber("ann");
    room.takefive(["gather", "--date", DAY]).exits(0);
    room.takefive(["choose", "--date", DAY]).exits(0);
    let subject = || -> String {
        room.store()
            .query_row("SELECT subject FROM mailing", [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!(subject(), "With a mistake");
    replayed(&room, DAY, 0);
    fs::write(room.path("mine/subject.txt"), "Corrected").unwrap();
    room.takefive(["send", "--edition", DAY]).exits(0);
    assert_eq!(subject(), "Corrected");
    let sent = String::from_utf8_lossy(&room.smtp.messages()[0].bytes).into_owned();
    assert!(sent.contains("Subject: Corrected"), "{sent}");
    replayed(&room, DAY, 0);
    // final now, whatever is run again, and whoever comes later
    fs::write(room.path("mine/subject.txt"), "Too late").unwrap();
    let room = room.subscriber("ben");
    room.run_on(DAY).exits(0);
    let subjects: Vec<String> = room
        .store()
        .prepare("SELECT subject FROM mailing")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(subjects, ["Corrected"]);
    let sent = String::from_utf8_lossy(&room.smtp.messages()[1].bytes).into_owned();
    assert!(sent.contains("Subject: Corrected"), "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_taken_before_sending_goes_on_with_the_words_that_may_have_gone_out() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("templates = \"mine\"");
    fs::create_dir(room.path("mine")).unwrap();
    fs::write(room.path("mine/subject.txt"), "First words").unwrap();
    let room = room.subscriber("ann");
    room.takefive(["gather", "--date", DAY]).exits(0);
    room.takefive(["choose", "--date", DAY]).exits(0);
    let key = room.takefive(["state", "key"]).exits(0).stdout;
    let keyed = |arguments: &[&str]| {
        let mut command = room.command(arguments);
        ran(command.env("TAKEFIVE_STATE_KEY", key.trim())).exits(0);
    };
    keyed(&[
        "state",
        "pack",
        "packed.age",
        "--before-send",
        "--edition",
        DAY,
    ]);
    fs::remove_file(room.path("takefive.db")).unwrap();
    keyed(&["state", "unpack", "packed.age"]);
    // the machine that goes on has other templates, and does not know what went out
    fs::write(room.path("mine/subject.txt"), "Other words").unwrap();
    room.run_on(DAY).exits(0);
    let sent = String::from_utf8_lossy(&room.smtp.messages()[0].bytes).into_owned();
    assert!(sent.contains("Subject: First words"), "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn other_rules_show_what_would_have_gone_come_and_moved() {
    let room = Newsroom::new()
        .await
        .with_line("size = 2")
        .blog("notes", DAY, &[CLAIMS[0]])
        .blog("letters", DAY, &[CLAIMS[1]])
        .blog("essays", DAY, &[CLAIMS[2]]);
    let texts = room.run_on(DAY).exits(0).texts();
    let said = room.takefive(["whatif", "--json"]).exits(0).lines();
    assert_eq!(said[0]["same"], 2);
    assert_eq!(said[0]["other_rules"], false);
    assert_eq!(said[1]["summary"]["changed"], 0);
    let out = (0..3)
        .find(|nth| !texts.contains(&CLAIMS[*nth].to_owned()))
        .unwrap();
    // a rule for a phrase of the one that was left out
    let phrase = [
        "lists of promises",
        "carries everything",
        "any later campaign",
    ][out];
    fs::write(
        room.path("other.toml"),
        format!(
            "[[rule]]\nname = \"of-this-test\"\nreason = \"It has the phrase.\"\nweight = 50.0\nphrases = [\"{phrase}\"]\n\
             yes = [\"It is {phrase} here.\"]\nno = [\"It is not.\"]\n"
        ),
    )
    .unwrap();
    let store = hash_of(&room.path("takefive.db"));
    let said = room
        .takefive(["whatif", "--rules", "other.toml", "--days", "30", "--json"])
        .exits(0)
        .lines();
    assert_eq!(said[0]["date"], DAY);
    assert_eq!(said[0]["other_rules"], true);
    assert_eq!(said[0]["other_settings"], false);
    assert_eq!(said[0]["gone"].as_array().unwrap().len(), 1, "{said:?}");
    assert_eq!(said[0]["come"][0]["position"], 1);
    assert!(said[0]["come"][0]["score"].as_f64().unwrap() > 40.0);
    assert_eq!(said[0]["moved"][0]["was"]["position"], 1);
    assert_eq!(said[0]["moved"][0]["is"]["position"], 2);
    assert_eq!(said[1]["summary"]["changed"], 1);
    let text = room
        .takefive(["whatif", "--rules", "other.toml"])
        .exits(0)
        .stdout;
    assert!(
        text.contains("edition 1 (other rules): 1 gone, 1 come, 1 moved, 0 as before"),
        "{text}"
    );
    assert_eq!(hash_of(&room.path("takefive.db")), store);
    // another file of settings, for the same store
    let other = fs::read_to_string(room.path("sources.toml")).unwrap();
    fs::write(
        room.path("other.toml"),
        other.replace("size = 2", "size = 1"),
    )
    .unwrap();
    let said = room
        .takefive(["whatif", "--sources", "other.toml", "--json"])
        .exits(0)
        .lines();
    assert_eq!(said[0]["other_settings"], true);
    assert_eq!(said[0]["gone"][0]["position"], 2);
    let room = room
        .with_line("max_per_source = 1\nmax_per_entry = 1\n")
        .with_line("look_back = \"2 days\"");
    let said = room.takefive(["whatif", "--json"]).exits(0).lines();
    assert_eq!(said[0]["other_settings"], true);
    assert_eq!(said[0]["same"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn editions_whose_documents_were_let_go_are_named_and_not_made_again() {
    let room = Newsroom::with_three_sources().await;
    room.run_on(DAY).exits(0);
    room.store()
        .execute_batch("UPDATE reading SET read_at = read_at - 100 * 86400000000")
        .unwrap();
    let room = room
        .blog("essays", NEXT_DAY, &[CLAIMS[3]])
        .with_line("look_back = \"1 day\"");
    room.run_on("2026-05-06").exits(0);
    let documents: i64 = room
        .store()
        .query_row(
            "SELECT count(*) FROM document WHERE dropped IS NULL",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(
        documents, 1,
        "the run lets go of what is older than 90 days"
    );
    let said = replayed(&room, DAY, 6);
    assert_differs(
        &said,
        "documents",
        "the documents of 3 entries are no longer kept",
    );
    replayed(&room, "2026-05-06", 0);
    let said = room.takefive(["whatif", "--json"]).exits(0).lines();
    assert!(
        said[0]["not_redone"]
            .as_str()
            .unwrap()
            .contains("no longer kept"),
        "{said:?}"
    );
    assert_eq!(said[1]["not_redone"], Value::Null);
    assert_eq!(said[2]["summary"]["not_redone"], 1);
    let said = room.takefive(["verify", "--json"]).exits(0).lines();
    assert_eq!(said[0]["from_spans"], 3);
    assert_eq!(said[1]["from_spans"], 0);
    let said = room.takefive(["verify"]).exits(0).stdout;
    assert!(
        said.contains("3 were found in the span that is kept"),
        "{said}"
    );
    // a span in which one character is another is told like a document
    room.store()
        .execute_batch("UPDATE cited_span SET text = replace(text, 'roadmaps', 'Roadmaps')")
        .unwrap();
    let said = room.takefive(["verify"]).exits(6).stdout;
    assert!(
        said.contains("the span that was kept for good says"),
        "{said}"
    );
}
