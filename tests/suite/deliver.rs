//! The saved digest on its way: who gets it, what is written down, and what becomes of it when servers and machines fail.

use std::io::BufRead as _;
use std::io::BufReader;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::wait_for;
use crate::world::smtp::Act;
use crate::world::smtp::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_after_the_dot_leaves_an_unknown_that_the_next_run_sends_once_more() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben");
    // the server has the whole message and never answers
    room.smtp.script(Stage::Dot, Act::Hang);
    let mut killed = room
        .command(["run", "--quiet", "--date", DAY])
        .spawn()
        .unwrap();
    wait_for("the whole message to have arrived", || {
        room.smtp.commands().iter().any(|command| command == ".")
    });
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(room.sent_to(), [""; 0]);
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann", "ben"]);
    assert_eq!(ran.deliveries("accepted"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_fate_is_shown_and_sent_again_only_by_the_next_run_and_only_with_the_same_bytes()
{
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    room.smtp.script(Stage::Dot, Act::KeepAndDrop);
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(ran.deliveries("unknown"), 1);
    assert_eq!(room.sent_to(), ["ann"], "not again in the same run");
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann", "ann"]);
    let messages = room.smtp.messages();
    assert_eq!(messages[0].bytes, messages[1].bytes);
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to().len(), 2, "it is settled now");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_fate_is_left_alone_where_the_operator_prefers_that() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("on_unknown = \"skip\"")
        .subscriber("ann");
    room.smtp.script(Stage::Dot, Act::KeepAndDrop);
    room.run_on(DAY).exits(0);
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann"]);
    assert_eq!(ran.deliveries("unknown"), 1, "it stays to be seen");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_address_is_refused_once_and_never_mailed_again_and_the_others_get_theirs() {
    let room = Newsroom::new()
        .await
        .blog("notes", DAY, &CLAIMS)
        .subscriber("ann")
        .subscriber("ben");
    room.smtp
        .script(Stage::Rcpt, Act::Reply("550 5.1.1 No such user"));
    let ran = room.run_on(DAY).exits(4);
    assert_eq!(ran.deliveries("refused"), 1);
    assert!(
        !ran.stdout.contains("ann@") && !ran.stderr.contains("ann@"),
        "no address in a report: {ran:?}"
    );
    room.run_on(NEXT_DAY).exits(0);
    assert_eq!(room.sent_to(), ["ben", "ben"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whose_mailbox_is_full_is_not_asked_again_at_once() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben");
    room.smtp
        .script(Stage::Rcpt, Act::Reply("452 4.2.2 Mailbox full"));
    assert_eq!(room.run_on(DAY).exits(4).deliveries("deferred"), 1);
    room.run_on(DAY).exits(4);
    assert_eq!(room.sent_to(), ["ben"]);
    // half an hour later
    room.store()
        .execute(
            "UPDATE delivery SET not_before = 0 WHERE state = 'deferred'",
            [],
        )
        .unwrap();
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ben", "ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_mail_server_takes_nothing_everyone_waits_and_the_next_run_delivers() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben");
    room.smtp
        .script(Stage::Connect, Act::Reply("554 No service here"));
    let ran = room.run_on(DAY).exits(4);
    assert_eq!(ran.deliveries("waiting"), 2);
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann", "ben"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_lost_before_the_message_is_opened_again_in_the_same_run() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    room.smtp.script(Stage::Rcpt, Act::Drop);
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn yesterdays_mail_that_did_not_go_goes_before_todays() {
    let room = Newsroom::new()
        .await
        .blog("notes", DAY, &CLAIMS)
        .subscriber("ann");
    room.smtp
        .script(Stage::Connect, Act::Reply("554 No service here"));
    room.run_on(DAY).exits(4);
    room.run_on(NEXT_DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann", "ann"]);
    let messages = room.smtp.messages();
    assert_ne!(
        messages[0].bytes, messages[1].bytes,
        "yesterday's and today's"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_is_busy_for_a_moment_is_asked_again_in_the_same_run() {
    for (stage, reply) in [
        (Stage::Connect, "421 4.3.2 Too many connections"),
        (Stage::Mail, "451 4.3.2 Not just now"),
    ] {
        let room = Newsroom::with_three_sources().await.subscriber("ann");
        room.smtp.script(stage, Act::Reply(reply));
        room.run_on(DAY).exits(0);
        assert_eq!(room.sent_to(), ["ann"], "{reply}");
        assert_eq!(room.smtp.connections(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_server_that_stays_busy_is_left_in_peace_after_three_tries() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    for _ in 0..3 {
        room.smtp
            .script(Stage::Connect, Act::Reply("421 4.3.2 Too many connections"));
    }
    let ran = room.run_on(DAY).exits(4);
    assert_eq!(ran.deliveries("waiting"), 1);
    assert_eq!(room.smtp.connections(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_nobody_answers_for_stop_the_run_before_all_come_twice() {
    let room = Newsroom::with_three_sources().await.subscribers(5);
    for _ in 0..3 {
        room.smtp.script(Stage::Dot, Act::KeepAndDrop);
    }
    let ran = room.run_on(DAY).exits(4);
    assert_eq!(
        (ran.deliveries("unknown"), ran.deliveries("waiting")),
        (3, 2)
    );
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to().len(), 8, "three of them twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_carries_fifty_messages_and_not_one_more() {
    for (readers, connections) in [(50, 1), (51, 2)] {
        let room = Newsroom::with_three_sources()
            .await
            .with_mail("connections = 1")
            .subscribers(readers);
        room.run_on(DAY).exits(0);
        assert_eq!(room.sent_to().len(), readers);
        assert_eq!(room.smtp.connections(), connections, "{readers} readers");
        let goodbyes = room
            .smtp
            .commands()
            .iter()
            .filter(|command| *command == "QUIT")
            .count();
        assert_eq!(goodbyes, connections, "each is taken leave of");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_for_policy_stop_the_run_when_they_are_three_and_a_tenth_of_all() {
    for (taken_before, waiting) in [(27, 2), (28, 0)] {
        let room = Newsroom::with_three_sources()
            .await
            .with_mail("connections = 1")
            .subscribers(taken_before + 3 + 2);
        for _ in 0..taken_before {
            room.smtp.script(Stage::Rcpt, Act::Reply("250 2.1.5 ok"));
        }
        for _ in 0..3 {
            room.smtp
                .script(Stage::Rcpt, Act::Reply("550 5.7.1 Not from you"));
        }
        let ran = room.run_on(DAY).exits(4);
        assert_eq!(ran.deliveries("refused"), 3);
        assert_eq!(
            ran.deliveries("waiting"),
            waiting,
            "{taken_before} taken before"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_whose_servers_refuse_us_never_stop_the_mail_of_the_others_two_days_running() {
    let room = Newsroom::new()
        .await
        .blog("notes", DAY, &CLAIMS)
        .subscriber("ann")
        .subscriber("ben")
        .subscriber("cat")
        .subscriber("dan");
    let refuse = || {
        for _ in 0..3 {
            room.smtp
                .script(Stage::Rcpt, Act::Reply("550 5.7.1 Not from you"));
        }
    };
    refuse();
    let ran = room.run_on(DAY).exits(4);
    assert_eq!(
        (ran.deliveries("refused"), ran.deliveries("waiting")),
        (3, 1)
    );
    room.run_on(DAY).exits(4);
    assert_eq!(
        room.sent_to(),
        ["dan"],
        "a later run goes on with the others"
    );
    room.run_on(NEXT_DAY).exits(0);
    assert_eq!(room.sent_to(), ["dan", "dan", "ann", "ben", "cat"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_killed_before_the_message_leaves_no_doubt_behind() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    room.smtp.script(Stage::Rcpt, Act::Hang);
    let mut killed = room
        .command(["run", "--quiet", "--date", DAY])
        .spawn()
        .unwrap();
    wait_for("the envelope", || {
        room.smtp
            .commands()
            .iter()
            .any(|command| command.starts_with("RCPT"))
    });
    killed.kill().unwrap();
    killed.wait().unwrap();
    let state: String = room
        .store()
        .query_row("SELECT state FROM delivery", [], |row| row.get(0))
        .unwrap();
    assert_eq!(state, "waiting");
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_the_run_at_a_safe_place_and_the_next_run_goes_on() {
    for signal in ["INT", "TERM"] {
        let room = Newsroom::with_three_sources()
            .await
            .subscriber("ann")
            .subscriber("ben");
        // the greeting never comes: nothing is on its way, so there is nothing to wait for
        room.smtp.script(Stage::Connect, Act::Hang);
        let running = room
            .command(["run", "--date", DAY])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        wait_for("the run to reach the mail server", || {
            room.smtp.connections() == 1
        });
        interrupt(&running, signal);
        let output = running.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(130));
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(
            told.contains("2 waiting") && told.contains("next run goes on"),
            "{told}"
        );
        room.run_on(DAY).exits(0);
        assert_eq!(room.sent_to(), ["ann", "ben"]);
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_twice_ends_a_run_that_waits_for_an_answer_and_the_fate_is_kept_as_unknown() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben");
    room.smtp.script(Stage::Dot, Act::Hang);
    let mut running = room
        .command(["run", "--quiet", "--date", DAY])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for("the message to be on its way", || {
        room.smtp.commands().iter().any(|command| command == ".")
    });
    interrupt(&running, "INT");
    let mut told = BufReader::new(running.stderr.take().unwrap()).lines();
    assert!(
        told.any(|line| line.unwrap().contains("once more to stop at once")),
        "it waits for the answer"
    );
    interrupt(&running, "INT");
    assert_eq!(running.wait().unwrap().code(), Some(130));
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(ran.deliveries("accepted"), 2);
    assert_eq!(room.sent_to(), ["ann", "ben"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_yesterdays_edition_is_told_on_its_last_day() {
    let room = Newsroom::new()
        .await
        .blog("notes", DAY, &CLAIMS)
        .subscriber("ann");
    room.smtp
        .script(Stage::Rcpt, Act::Reply("452 4.2.2 Mailbox full"));
    let ran = room.run_on(DAY).exits(4);
    let told = ran.report()["mail_problems"].to_string();
    assert!(told.contains("put off: 452 4.2.2 Mailbox full"), "{told}");
    // half an hour has not gone by
    let ran = room.run_on(NEXT_DAY).exits(4);
    assert_eq!(room.sent_to(), ["ann"], "today's");
    assert_eq!(ran.deliveries("accepted"), 1);
    let told = ran.report()["mail_problems"].to_string();
    assert!(told.contains(DAY) && told.contains("1 deferred"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_was_put_off_for_a_moment_is_served_in_the_same_run() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben");
    room.smtp
        .script(Stage::Rcpt, Act::Reply("451 4.7.1 Come back later"));
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ben", "ann"]);
    assert_eq!(ran.deliveries("accepted"), 2);
    let told = ran.report()["mail_problems"].to_string();
    assert_eq!(told, "[]", "nothing is left to tell");
    let goodbyes = room.smtp.commands();
    let goodbyes = goodbyes.iter().filter(|command| *command == "QUIT");
    assert_eq!(goodbyes.count(), 2, "no connection waits meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_readers_are_served_over_several_connections_each_once() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("connections = 3")
        .subscribers(30);
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(ran.deliveries("accepted"), 30);
    let mut sent_to = room.sent_to();
    sent_to.sort();
    sent_to.dedup();
    assert_eq!((sent_to.len(), room.smtp.messages().len()), (30, 30));
    assert_eq!(room.smtp.connections(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_one_connection_gets_everything_over_that_one() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("connections = 3")
        .subscribers(30);
    room.smtp
        .script(Stage::Connect, Act::Reply("220 here"))
        .script(Stage::Connect, Act::Reply("421 4.7.0 Too many connections"))
        .script(Stage::Connect, Act::Reply("421 4.7.0 Too many connections"));
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(ran.deliveries("accepted"), 30);
    assert_eq!(room.smtp.messages().len(), 30);
    assert_eq!(
        room.smtp.connections(),
        3,
        "two were refused, and not tried again"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_is_tried_once_however_many_connections_are_wanted() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("connections = 8")
        .subscribers(100);
    room.smtp
        .script(Stage::Mail, Act::Reply("530 5.7.0 Authentication required"));
    let ran = room.run_on(DAY).exits(4);
    assert_eq!(ran.deliveries("waiting"), 100);
    assert_eq!(room.smtp.connections(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_messages_go_out_in_a_second_than_the_operator_allows() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("per_second = 4")
        .subscribers(5);
    let began = Instant::now();
    room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to().len(), 5);
    assert!(
        began.elapsed() >= Duration::from_secs(1),
        "the fifth begins a second after the first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_time_for_sending_is_over_the_rest_waits_for_the_next_run_and_the_report_says_so()
{
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("per_second = 1\nbudget = \"1 second\"")
        .subscribers(9);
    let ran = room.run_on(DAY).exits(4);
    assert!(ran.deliveries("waiting") > 0, "{ran:?}");
    let told = ran.report()["mail_problems"].to_string();
    assert!(
        told.contains("budget") && told.contains("next run"),
        "{told}"
    );
    let room = room.with_only_mail("");
    room.run_on(DAY).exits(0);
    let mut sent_to = room.sent_to();
    sent_to.sort();
    sent_to.dedup();
    assert_eq!((sent_to.len(), room.smtp.messages().len()), (9, 9));
}

#[tokio::test(flavor = "multi_thread")]
async fn bounces_come_back_to_an_address_that_tells_the_message_and_hides_the_reader() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("bounce_address = \"bounces@digest.example\"")
        .subscriber("ann")
        .subscriber("ben");
    room.run_on(DAY).exits(0);
    let senders: Vec<String> = room
        .smtp
        .messages()
        .into_iter()
        .map(|message| message.from)
        .collect();
    assert_ne!(senders[0], senders[1]);
    for (nth, sender) in senders.iter().enumerate() {
        let begins = format!("bounces+{}-20260504-", nth + 1);
        assert!(
            sender.starts_with(&begins) && sender.ends_with("@digest.example"),
            "{sender}"
        );
        assert!(!sender.contains("ann") && !sender.contains("ben"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_is_full_for_five_editions_in_a_row_gets_nothing_more() {
    let room = Newsroom::new().await.blog("notes", DAY, &CLAIMS[..1]);
    let days = [
        "2026-05-04",
        "2026-05-05",
        "2026-05-06",
        "2026-05-07",
        "2026-05-08",
        "2026-05-09",
    ];
    let room = days
        .iter()
        .zip(CLAIMS)
        .skip(1)
        .fold(room, |room, (day, claim)| {
            room.blog(&format!("notes-{day}"), day, &[claim])
        })
        .with_line("look_back = \"12 hours\"")
        .subscriber("ann");
    for (nth, day) in days.iter().enumerate() {
        room.smtp
            .script(Stage::Rcpt, Act::Reply("552 5.2.2 Mailbox full"));
        let ran = room.run_on(day);
        let told = ran.report()["mail_problems"].to_string();
        match nth {
            0..4 => assert!(
                told.contains("refused") && !told.contains("nothing more"),
                "{told}"
            ),
            4 => assert!(told.contains("5 editions in a row"), "{told}"),
            _ => assert_eq!(told, "[]", "nobody is asked any more"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resent_message_has_the_words_of_the_first_though_the_templates_have_changed() {
    let room = Newsroom::with_three_sources()
        .await
        .with_mail("templates = \"mine\"");
    std::fs::create_dir(room.path("mine")).unwrap();
    std::fs::write(room.path("mine/subject.txt"), "First words").unwrap();
    let room = room.subscriber("ann").subscriber("ben");
    room.smtp.script(Stage::Dot, Act::KeepAndDrop);
    room.smtp
        .script(Stage::Dot, Act::Reply("452 4.2.2 Mailbox full"));
    room.run_on(DAY).exits(4);
    std::fs::write(room.path("mine/subject.txt"), "Other words").unwrap();
    room.store()
        .execute(
            "UPDATE delivery SET not_before = 0 WHERE state = 'deferred'",
            [],
        )
        .unwrap();
    room.run_on(DAY).exits(0);
    let messages = room.smtp.messages();
    assert_eq!(room.sent_to(), ["ann", "ann", "ben"]);
    assert_eq!(messages[0].bytes, messages[1].bytes);
    let words = String::from_utf8_lossy(&messages[2].bytes);
    assert!(
        words.contains("Subject: First words"),
        "one edition, one mail"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_fate_stays_unknown_where_the_second_copy_would_be_another_mail() {
    let room = Newsroom::with_three_sources().await.subscriber("ann");
    room.smtp.script(Stage::Dot, Act::KeepAndDrop);
    room.run_on(DAY).exits(0);
    let room = room.with_mail("reply_to = \"editor@digest.example\"");
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann"]);
    assert_eq!(ran.deliveries("unknown"), 1);
    let told = ran.report()["mail_problems"].to_string();
    assert!(told.contains("would not be the same"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_is_sent_by_its_day_however_old_and_no_other_with_it() {
    let room = Newsroom::new()
        .await
        .blog("notes", DAY, &CLAIMS)
        .subscriber("ann");
    room.takefive(["gather", "--date", DAY]).exits(0);
    room.takefive(["choose", "--date", DAY]).exits(0);
    room.takefive(["choose", "--date", NEXT_DAY]).exits(0);
    room.takefive(["send", "--edition", NEXT_DAY]).exits(0);
    assert_eq!(room.sent_to(), ["ann"], "that of the day before waits");
    room.takefive(["send", "--edition", DAY]).exits(0);
    assert_eq!(room.sent_to(), ["ann", "ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_each_mail_is_shown_by_number_and_never_by_address() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben")
        .subscriber("cat");
    room.smtp
        .script(
            Stage::Rcpt,
            Act::Reply("550 5.1.1 No such user: ann@reader.example"),
        )
        .script(Stage::Dot, Act::Drop);
    room.run_on(DAY).exits(4);
    let told = room.takefive(["deliveries"]).exits(0).stdout;
    let states: Vec<Vec<&str>> = told
        .lines()
        .map(|line| line.split_whitespace().take(2).collect())
        .collect();
    assert_eq!(
        states[..3],
        [["1", "refused"], ["2", "unknown"], ["3", "accepted"]]
    );
    assert!(
        told.contains(&format!(
            "Edition of {DAY}: 1 accepted, 1 refused, 1 unknown."
        )),
        "{told}"
    );
    assert!(
        told.contains("550 5.1.1") && !told.contains("ann@"),
        "{told}"
    );
    let refused = room
        .takefive([
            "deliveries",
            "--edition",
            DAY,
            "--state",
            "refused",
            "--json",
        ])
        .exits(0)
        .lines();
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0]["subscriber"], 1);
    assert_eq!(refused[0]["attempts"], 1);
    room.takefive(["deliveries", "--edition", "2026-01-01"])
        .exits(2);
    room.takefive(["deliveries", "--state", "lost"]).exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_proves_that_each_reader_is_accounted_for_and_finds_the_one_who_is_not() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben")
        .subscriber("cat");
    room.smtp
        .script(Stage::Rcpt, Act::Reply("550 5.1.1 No such user"))
        .script(Stage::Dot, Act::KeepAndDrop);
    room.run_on(DAY).exits(4);
    let told = room.takefive(["deliveries", "audit"]).exits(0).stdout;
    assert!(
        told.contains("3 readers") && told.contains("Proved"),
        "{told}"
    );
    room.run_on(DAY).exits(0);
    let audit = room
        .takefive(["deliveries", "audit", "--json"])
        .exits(0)
        .report();
    assert_eq!(audit["proved"], true);
    assert_eq!(
        (
            &audit["accepted"],
            &audit["accepted_perhaps_twice"],
            &audit["refused"]
        ),
        (&2.into(), &1.into(), &1.into())
    );
    // somebody tampers with the ledger
    for (tamper, fault) in [
        (
            "DELETE FROM delivery WHERE subscriber = 3",
            "has no delivery",
        ),
        (
            "UPDATE delivery SET reason = NULL WHERE subscriber = 1",
            "without a reason",
        ),
        (
            "UPDATE delivery SET message_id = NULL WHERE subscriber = 2",
            "without the message being written down",
        ),
    ] {
        room.store().execute(tamper, []).unwrap();
        let told = room.takefive(["deliveries", "audit"]).exits(4).stdout;
        assert!(
            told.contains(fault) && told.contains("Not proved"),
            "{told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_says_what_is_not_at_an_end() {
    let room = Newsroom::with_three_sources()
        .await
        .subscriber("ann")
        .subscriber("ben");
    room.smtp
        .script(Stage::Connect, Act::Reply("554 No service here"));
    room.run_on(DAY).exits(4);
    let told = room.takefive(["deliveries", "audit"]).exits(4).stdout;
    assert!(told.contains("2  not at an end"), "{told}");
    room.takefive(["subscribers", "remove", "ben@reader.example"])
        .exits(0);
    room.takefive(["send", "--edition", DAY]).exits(0);
    let told = room.takefive(["deliveries", "audit"]).exits(0).stdout;
    assert!(told.contains("1  left before"), "{told}");
}

/// Sends a signal, as a terminal or the system would.
#[cfg(unix)]
fn interrupt(running: &Child, signal: &str) {
    let sent = Command::new("sh")
        .args(["-c", &format!("kill -{signal} {}", running.id())])
        .status()
        .expect("there is a shell");
    assert!(sent.success());
}
