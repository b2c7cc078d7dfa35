//! Finished messages out: each ends in exactly one outcome, and only a lost answer to the final dot leaves it unknown.

use std::path::Path;
use std::time::Duration;

use jiff::civil::date;
use takefive::model::Email;
use takefive::model::EmailAddress;
use takefive::model::Secret;
use takefive::outside::mailer::Mailer;
use takefive::outside::mailer::MailerError;
use takefive::outside::mailer::Outcome;
use takefive::outside::mailer::Refusal;
use takefive::outside::mailer::Session;
use takefive::outside::mailer::TimeLimits;
use takefive::outside::mailer::edition_folder;
use takefive::outside::mailer::write_preview;
use takefive::settings::Security;
use takefive::settings::SmtpServer as Server;
use takefive::settings::Transport;

use crate::world::smtp::Act;
use crate::world::smtp::SmtpServer;
use crate::world::smtp::Stage;

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

fn email(subscriber: i64) -> Email {
    Email {
        date: date(2026, 11, 23),
        subscriber,
        to: address(&format!("reader-{subscriber}@reader.example")),
        return_path: address("five@digest.example.org"),
        message_id: format!("{subscriber}@digest.example.org"),
        bytes: b"Subject: five\r\n\r\none\r\n.two\r\n.\r\nthree\r\n".to_vec(),
    }
}

fn in_clear(server: &SmtpServer) -> Server {
    Server {
        host: "127.0.0.1".to_owned(),
        port: server.address().port(),
        security: Security::None,
        login: None,
        ca_file: None,
    }
}

fn open(server: Server) -> Mailer {
    Mailer::open(
        &Transport::Smtp(server),
        "digest.example.org",
        TimeLimits::STANDARD,
    )
    .expect("nothing to go wrong yet")
}

/// A short limit in the one place where a server will be silent.
fn impatient(server: &SmtpServer, limits: TimeLimits) -> Mailer {
    Mailer::open(
        &Transport::Smtp(in_clear(server)),
        "digest.example.org",
        limits,
    )
    .expect("nothing to go wrong yet")
}

async fn session(server: &SmtpServer) -> Session {
    open(in_clear(server)).connect().await.expect("a session")
}

/// What becomes of the message to a subscriber.
async fn sent(session: &mut Session, subscriber: i64) -> Outcome {
    let email = email(subscriber);
    match session.offer(&email).await {
        Ok(welcome) => welcome.hand_over().await,
        Err(outcome) => outcome,
    }
}

/// What becomes of one message when `act` is done at `stage`.
async fn outcome_of(stage: Stage, act: Act) -> Outcome {
    let server = SmtpServer::start().await;
    server.script(stage, act);
    sent(&mut session(&server).await, 1).await
}

async fn no_session(stage: Stage, act: Act) -> MailerError {
    let server = SmtpServer::start().await;
    server.script(stage, act);
    let mut settings = in_clear(&server);
    settings.login = Some(("operator".to_owned(), Secret::new("correct horse")));
    open(settings).connect().await.expect_err("no session")
}

#[tokio::test]
async fn a_message_arrives_as_it_was_written() {
    let server = SmtpServer::start().await;
    let mut session = session(&server).await;
    let outcome = sent(&mut session, 1).await;
    assert_eq!(
        outcome,
        Outcome::Accepted {
            reply: "250 2.0.0 kept".to_owned()
        }
    );
    let received = server.messages().remove(0);
    assert_eq!(received.from, "five@digest.example.org");
    assert_eq!(received.to, ["reader-1@reader.example"]);
    assert_eq!(
        received.bytes,
        email(1).bytes,
        "dots at the head of a line are the wire's affair"
    );
}

#[tokio::test]
async fn many_messages_go_over_one_connection() {
    let server = SmtpServer::start().await;
    let mut session = session(&server).await;
    for subscriber in 1..=20 {
        let outcome = sent(&mut session, subscriber).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
    }
    session.quit().await;
    assert_eq!(server.messages().len(), 20);
    assert_eq!(server.connections(), 1);
    assert_eq!(
        server.commands().first().map(String::as_str),
        Some("EHLO digest.example.org")
    );
    assert_eq!(server.commands().last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn what_is_taken_back_never_leaves_and_the_next_message_goes() {
    let server = SmtpServer::start().await;
    let mut session = session(&server).await;
    let kept = email(1);
    let welcome = session.offer(&kept).await.expect("welcome");
    welcome.take_back().await;
    assert!(matches!(
        sent(&mut session, 2).await,
        Outcome::Accepted { .. }
    ));
    let messages = server.messages();
    assert_eq!(messages.len(), 1);
    assert_eq!(messages[0].to, ["reader-2@reader.example"]);
}

#[tokio::test]
async fn what_a_refused_recipient_means_is_told_by_the_enhanced_code() {
    for (reply, expected) in [
        ("550 5.1.1 no such user", Refusal::DeadAddress),
        ("550-5.1.1 no such\r\n550 5.1.1 user", Refusal::DeadAddress),
        ("553 5.1.2 no such domain", Refusal::DeadAddress),
        ("501 5.1.3 bad address", Refusal::DeadAddress),
        ("556 5.1.10 null MX", Refusal::DeadAddress),
        (
            "550 sorry, no mailbox here by that name (#5.1.1)",
            Refusal::DeadAddress,
        ),
        ("552 5.2.2 mailbox full", Refusal::MailboxFull),
        ("550 5.7.1 spam", Refusal::Policy),
        ("554 5.7.26 not authenticated", Refusal::Policy),
        ("550 mailbox unavailable", Refusal::Unexplained),
        ("550 blocked, see 192.5.1.1", Refusal::Unexplained),
        ("550 5.1.8 bad sender", Refusal::Unexplained),
    ] {
        match outcome_of(Stage::Rcpt, Act::Reply(reply)).await {
            Outcome::Refused { why, .. } => assert_eq!(why, expected, "{reply}"),
            other => panic!("{reply}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_recipient_who_is_not_taken_now_is_deferred() {
    for reply in [
        "450 4.2.0 greylisted",
        "452 4.2.2 mailbox full",
        "451 4.3.0 try later",
        "452 4.5.3 too many recipients",
        "552 too many recipients",
    ] {
        let outcome = outcome_of(Stage::Rcpt, Act::Reply(reply)).await;
        assert_eq!(
            outcome,
            Outcome::Deferred {
                reply: reply.to_owned(),
                mailbox_full: reply.contains("4.2.2"),
            }
        );
    }
}

#[tokio::test]
async fn after_a_refusal_the_connection_serves_the_next_reader() {
    for (stage, reply) in [
        (Stage::Rcpt, "550 5.1.1 no such user"),
        (Stage::Rcpt, "450 4.2.0 greylisted"),
        (Stage::Data, "451 4.3.0 not now"),
        (Stage::Dot, "554 5.6.0 no"),
        (Stage::Dot, "451 4.3.0 not now"),
    ] {
        let server = SmtpServer::start().await;
        server.script(stage, Act::Reply(reply));
        let mut session = session(&server).await;
        sent(&mut session, 1).await;
        let next = sent(&mut session, 2).await;
        assert!(
            matches!(next, Outcome::Accepted { .. }),
            "{reply}: {next:?}"
        );
        assert_eq!(server.messages().remove(0).to, ["reader-2@reader.example"]);
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_no_after_the_dot_is_about_the_message() {
    for (reply, expected) in [
        ("554 transaction failed", Refusal::Content),
        ("552 5.3.4 too big", Refusal::Content),
        ("550 5.7.1 spam", Refusal::Policy),
        ("550 5.1.1 nobody", Refusal::DeadAddress),
        ("552 5.2.2 full", Refusal::MailboxFull),
    ] {
        let outcome = outcome_of(Stage::Dot, Act::Reply(reply)).await;
        let expected = Outcome::Refused {
            reply: reply.to_owned(),
            why: expected,
        };
        assert_eq!(outcome, expected);
    }
    let later = outcome_of(Stage::Dot, Act::Reply("451 4.3.0 later")).await;
    assert_eq!(
        later,
        Outcome::Deferred {
            reply: "451 4.3.0 later".to_owned(),
            mailbox_full: false,
        }
    );
}

#[tokio::test]
async fn a_connection_lost_before_the_message_leaves_no_doubt() {
    for stage in [Stage::Mail, Stage::Rcpt, Stage::Data] {
        for act in [Act::Drop, Act::Reply("421 4.3.2 closing")] {
            let outcome = outcome_of(stage, act).await;
            assert!(
                matches!(outcome, Outcome::ServerGone { .. }),
                "{stage:?}, {act:?}: {outcome:?}"
            );
        }
    }
    let refused_at_the_end = outcome_of(Stage::Dot, Act::Reply("421 4.3.2 closing")).await;
    assert!(matches!(refused_at_the_end, Outcome::ServerGone { .. }));
}

#[tokio::test]
async fn an_answer_lost_after_the_dot_is_unknown_whether_or_not_the_server_kept_it() {
    for (act, kept) in [(Act::Drop, 0), (Act::KeepAndDrop, 1)] {
        let server = SmtpServer::start().await;
        server.script(Stage::Dot, act);
        let outcome = sent(&mut session(&server).await, 1).await;
        assert_eq!(
            outcome,
            Outcome::Unknown {
                reason: "connection lost".to_owned()
            }
        );
        assert_eq!(server.messages().len(), kept);
    }
}

#[tokio::test]
async fn a_connection_lost_within_the_message_is_never_taken_for_success_or_refusal() {
    let outcome = outcome_of(Stage::Body, Act::Drop).await;
    assert!(
        matches!(
            outcome,
            Outcome::Unknown { .. } | Outcome::ServerGone { .. }
        ),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn after_the_end_of_a_connection_nothing_is_pretended() {
    let server = SmtpServer::start().await;
    server.script(Stage::Mail, Act::Drop);
    let mut session = session(&server).await;
    sent(&mut session, 1).await;
    let again = sent(&mut session, 1).await;
    assert!(matches!(again, Outcome::ServerGone { .. }), "{again:?}");
    session.quit().await;
    assert!(server.messages().is_empty());
}

#[tokio::test]
async fn silence_ends_at_the_limit_of_its_stage() {
    let short = Duration::from_millis(60);
    for (stage, limits) in [
        (
            Stage::Rcpt,
            TimeLimits {
                command: short,
                ..TimeLimits::STANDARD
            },
        ),
        (
            Stage::Data,
            TimeLimits {
                data: short,
                ..TimeLimits::STANDARD
            },
        ),
        (
            Stage::Dot,
            TimeLimits {
                final_dot: short,
                ..TimeLimits::STANDARD
            },
        ),
    ] {
        let server = SmtpServer::start().await;
        server.script(stage, Act::Hang);
        let mut session = impatient(&server, limits)
            .connect()
            .await
            .expect("a session");
        let outcome = sent(&mut session, 1).await;
        let unknown = matches!(outcome, Outcome::Unknown { .. });
        assert_eq!(unknown, stage == Stage::Dot, "{stage:?}: {outcome:?}");
        assert!(unknown || matches!(outcome, Outcome::ServerGone { .. }));
    }
    let server = SmtpServer::start().await;
    server.script(Stage::Connect, Act::Hang);
    let limits = TimeLimits {
        greeting: short,
        ..TimeLimits::STANDARD
    };
    let error = impatient(&server, limits)
        .connect()
        .await
        .expect_err("silence");
    assert!(
        matches!(error, MailerError::Unreachable { .. }),
        "{error:?}"
    );
}

#[test]
fn the_standard_limits_are_those_of_the_rfc() {
    let TimeLimits {
        greeting,
        command,
        data,
        final_dot,
        ..
    } = TimeLimits::default();
    assert_eq!(
        [greeting, command, data, final_dot].map(|limit| limit.as_secs()),
        [300, 300, 120, 600]
    );
}

#[tokio::test]
async fn a_server_that_takes_no_mail_from_us_stops_the_run_and_spares_the_reader() {
    for (reply, stopped_by) in [
        ("550 5.7.1 sender not allowed", "Unwelcome"),
        ("530 5.7.0 log in first", "Login"),
        ("451 4.3.0 not now", "Busy"),
    ] {
        match outcome_of(Stage::Mail, Act::Reply(reply)).await {
            Outcome::Stopped(error) => {
                assert!(
                    format!("{error:?}").starts_with(stopped_by),
                    "{reply}: {error:?}"
                );
            }
            other => panic!("{reply}: {other:?}"),
        }
    }
    let outcome = outcome_of(Stage::Rcpt, Act::Reply("530 5.7.0 log in first")).await;
    assert!(
        matches!(outcome, Outcome::Stopped(MailerError::Login { .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_session_that_cannot_begin_says_why_and_what_to_do() {
    for (stage, reply, expected) in [
        (
            Stage::Connect,
            "554 5.7.1 go away",
            "refuses mail from here at the greeting (554 5.7.1 go away)",
        ),
        (
            Stage::Connect,
            "421 4.3.2 busy",
            "not now, at the greeting (421 4.3.2 busy); run again later",
        ),
        (Stage::Ehlo, "550 5.7.1 no", "refuses mail from here"),
        (
            Stage::Auth,
            "535 5.7.8 wrong password",
            "login refused (535 5.7.8 wrong password); check the user",
        ),
        (
            Stage::Auth,
            "454 4.7.0 later",
            "not now, at the login (454 4.7.0 later)",
        ),
    ] {
        let text = no_session(stage, Act::Reply(reply)).await.to_string();
        assert!(text.contains(expected), "{text}");
    }
    let text = no_session(Stage::Connect, Act::Drop).await.to_string();
    assert!(text.contains("no connection (connection lost)"), "{text}");
}

#[tokio::test]
async fn nobody_listening_is_told_plainly() {
    let settings = Server {
        host: "127.0.0.1".to_owned(),
        port: 1, // reserved: nobody listens there
        security: Security::None,
        login: None,
        ca_file: None,
    };
    let error = open(settings).connect().await.expect_err("nobody there");
    assert!(
        error
            .to_string()
            .contains("check [mail] smtp and the network"),
        "{error}"
    );
}

#[tokio::test]
async fn without_starttls_nothing_is_sent_in_clear() {
    let server = SmtpServer::start().await;
    let mut settings = in_clear(&server);
    settings.security = Security::StartTls;
    settings.login = Some(("operator".to_owned(), Secret::new("correct horse")));
    let error = open(settings).connect().await.expect_err("no TLS");
    assert!(
        error.to_string().contains("it does not offer STARTTLS"),
        "{error}"
    );
    assert!(
        server
            .commands()
            .iter()
            .all(|command| !command.starts_with("AUTH"))
    );
}

#[tokio::test]
async fn replies_are_shown_without_addresses_and_secrets() {
    let reply =
        "550 5.1.1 <Reader-1@reader.example>: (READER-1) is no reader-12 of mailto:x@y.example";
    let outcome = outcome_of(Stage::Rcpt, Act::Reply(reply)).await;
    let expected = "550 5.1.1 <(hidden)>: ((hidden)) is no reader-12 of (hidden)";
    assert_eq!(
        outcome,
        Outcome::Refused {
            reply: expected.to_owned(),
            why: Refusal::DeadAddress
        }
    );
    let login = no_session(
        Stage::Auth,
        Act::Reply("535 operator/correct horse refused"),
    )
    .await;
    let told = format!("{login} {login:?}");
    assert!(
        !told.contains("operator") && !told.contains("horse"),
        "{told}"
    );
}

#[tokio::test]
async fn long_replies_are_cut() {
    let reply: &'static str = Box::leak(format!("550 5.7.1 {}", "x".repeat(900)).into_boxed_str());
    match outcome_of(Stage::Rcpt, Act::Reply(reply)).await {
        Outcome::Refused { reply, .. } => assert_eq!(reply.chars().count(), 201),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_trust_file_that_is_none_is_told_before_anything_is_connected() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ca.pem");
    let trying = |path: &Path| {
        let server = Server {
            host: "mail.example.org".to_owned(),
            port: 465,
            security: Security::ImplicitTls,
            login: None,
            ca_file: Some(path.to_owned()),
        };
        Mailer::open(
            &Transport::Smtp(server),
            "digest.example.org",
            TimeLimits::STANDARD,
        )
        .expect_err("not a trust file")
        .to_string()
    };
    assert!(trying(&path).contains("No such file"));
    std::fs::write(&path, "not a certificate").expect("written");
    assert!(trying(&path).contains("there is no certificate in it; give a file"));
}

#[tokio::test]
async fn the_outbox_keeps_one_file_per_reader_and_rewriting_it_is_harmless() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailer = Mailer::open(
        &Transport::Outbox(folder.path().join("outbox")),
        "digest.example.org",
        TimeLimits::STANDARD,
    )
    .expect("a folder");
    for _ in 0..2 {
        let mut session = mailer.connect().await.expect("always there");
        for subscriber in [7, 12_345] {
            let outcome = sent(&mut session, subscriber).await;
            let reply = format!("written to 2026-11-23/{subscriber:04}.eml");
            assert_eq!(outcome, Outcome::Accepted { reply });
        }
        session.quit().await;
    }
    let edition = edition_folder(&folder.path().join("outbox"), date(2026, 11, 23));
    assert_eq!(names_in(&edition), ["0007.eml", "12345.eml"]);
    let written = std::fs::read(edition.join("0007.eml")).expect("there");
    assert_eq!(written, email(7).bytes);
}

#[tokio::test]
async fn an_outbox_that_cannot_be_written_stops_the_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("outbox");
    std::fs::write(&file, "a file where a folder should be").expect("written");
    let mailer = Mailer::open(
        &Transport::Outbox(file),
        "digest.example.org",
        TimeLimits::STANDARD,
    )
    .expect("not looked at yet");
    let mut session = mailer.connect().await.expect("always there");
    let outcome = sent(&mut session, 1).await;
    assert!(
        matches!(outcome, Outcome::Stopped(MailerError::Outbox { .. })),
        "{outcome:?}"
    );
}

#[test]
fn a_preview_is_two_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let edition = folder.path().join("2026-11-23");
    write_preview(&edition, "<p>five</p>", "five\n").expect("written");
    assert_eq!(names_in(&edition), ["digest.html", "digest.txt"]);
    let text = std::fs::read_to_string(edition.join("digest.txt")).expect("there");
    assert_eq!(text, "five\n");
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|file| {
            file.expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}
