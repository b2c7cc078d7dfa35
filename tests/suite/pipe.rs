//! A program that takes mail as sendmail does: small shell scripts in its place, each run for real.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use jiff::civil::date;
use takefive::model::Email;
use takefive::model::EmailAddress;
use takefive::model::Secret;
use takefive::outside::mailer::Mailer;
use takefive::outside::mailer::MailerError;
use takefive::outside::mailer::Outcome;
use takefive::outside::mailer::Refusal;
use takefive::outside::mailer::TimeLimits;
use takefive::settings::Sendmail;
use takefive::settings::Transport;
use takefive::stages::compose_email::DkimSigner;
use tempfile::TempDir;

use crate::world::dkim::Records;
use crate::world::dkim::verify;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::ran;

/// Writes down what it is given, and takes it.
const TAKES: &str = "printf '%s\\n' \"$@\" > \"$0.args\"; cat > \"$0.$6.eml\"";

/// A script in a folder of its own.
struct Script {
    folder: TempDir,
}

impl Script {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("mail"), text).expect("written");
        Self { folder }
    }

    /// What it wrote beside itself.
    fn wrote(&self, ending: &str) -> String {
        fs::read_to_string(self.folder.path().join(format!("mail.{ending}"))).expect("written")
    }

    /// Run by a shell, since a file that was just written cannot always be started itself.
    fn mailer(&self, limits: TimeLimits) -> Mailer {
        let script = self.folder.path().join("mail");
        let sendmail = Sendmail {
            program: "/bin/sh".into(),
            arguments: vec![script.to_str().expect("text").to_owned(), "first".into()],
        };
        Mailer::open(&Transport::Sendmail(sendmail), "digest.example.org", limits)
            .expect("there is a shell")
    }

    async fn outcome(&self, email: &Email) -> Outcome {
        outcome(&self.mailer(TimeLimits::STANDARD), email).await
    }
}

async fn outcome(mailer: &Mailer, email: &Email) -> Outcome {
    let mut session = mailer.connect().await.expect("nothing to connect to");
    let outcome = match session.offer(email).await {
        Ok(welcome) => welcome.hand_over().await,
        Err(outcome) => outcome,
    };
    session.quit().await;
    outcome
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

fn email_to(to: &str, bytes: &[u8]) -> Email {
    Email {
        date: date(2026, 11, 23),
        subscriber: 1,
        to: address(to),
        return_path: address("five@digest.example.org"),
        message_id: "1@digest.example.org".to_owned(),
        bytes: bytes.to_vec(),
    }
}

fn email() -> Email {
    let bytes = b"Subject: five\r\n\r\none\r\n.\r\n.two\r\n";
    email_to("ann@reader.example", bytes)
}

#[tokio::test]
async fn the_program_is_given_sender_reader_and_the_message_with_plain_line_ends() {
    let script = Script::new(TAKES);
    let expected = Outcome::Accepted {
        reply: "taken by sendmail".to_owned(),
    };
    assert_eq!(script.outcome(&email()).await, expected);
    assert_eq!(
        script.wrote("args"),
        "first\n-i\n-f\nfive@digest.example.org\n--\nann@reader.example\n"
    );
}

#[tokio::test]
async fn the_message_arrives_whole() {
    let script = Script::new("cat > \"$0.eml\"");
    let long = "a line of some length, again and again\r\n".repeat(10_000);
    for message in ["Subject: five\r\n\r\none\r\n.\r\n.two\r\n", &long] {
        let email = email_to("ann@reader.example", message.as_bytes());
        let outcome = script.outcome(&email).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        assert!(script.wrote("eml") == message.replace("\r\n", "\n"));
    }
}

#[tokio::test]
async fn how_the_program_ends_is_what_became_of_the_message() {
    for (code, expected) in [
        (0, "accepted"),
        (1, "deferred"),
        (63, "deferred"),
        (64, "stopped"),
        (65, "content"),
        (66, "stopped"),
        (67, "dead"),
        (68, "dead"),
        (69, "deferred"),
        (70, "deferred"),
        (74, "deferred"),
        (75, "deferred"),
        (76, "deferred"),
        (77, "stopped"),
        (78, "stopped"),
        (79, "deferred"),
        (126, "stopped"),
        (127, "stopped"),
    ] {
        let outcome = Script::new(&format!("cat > /dev/null; exit {code}"))
            .outcome(&email())
            .await;
        let became = match &outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Deferred { .. } => "deferred",
            Outcome::Refused {
                why: Refusal::DeadAddress,
                ..
            } => "dead",
            Outcome::Refused {
                why: Refusal::Content,
                ..
            } => "content",
            Outcome::Stopped(error) if !error.may_pass() => "stopped",
            _ => "something else",
        };
        assert_eq!(became, expected, "{code}: {outcome:?}");
    }
}

#[tokio::test]
async fn where_the_program_repeats_the_answer_of_a_server_that_says_what_became_of_the_message() {
    for (code, words, expected) in [
        (65, "550 5.1.1 no such user", "DeadAddress"),
        (
            65,
            "550-5.1.1 no such user\nserver message: 550 5.1.1 here",
            "DeadAddress",
        ),
        (65, "550 5.7.1 not from you", "Policy"),
        (69, "450 4.2.0 greylisted", "Deferred"),
        (69, "554 5.6.0 no", "Content"),
        (69, "552 5.2.2 full", "MailboxFull"),
        (1, "421 4.3.2 closing", "Deferred"),
        (75, "550 5.1.1 no such user", "Deferred"),
        (77, "535 5.7.8 wrong password", "Stopped"),
        (69, "1550 5.1.1 is no answer", "Deferred"),
        (69, "550 4.1.1 is no answer", "Deferred"),
        (69, "554", "Deferred"),
        (69, "55\u{e9} 5.1.1", "Deferred"),
    ] {
        let script = Script::new(&format!(
            "cat > /dev/null\ncat >&2 <<'END'\nmsg: server message: {words}\nEND\nexit {code}"
        ));
        let outcome = format!("{:?}", script.outcome(&email()).await);
        assert!(outcome.contains(expected), "{code} {words}: {outcome}");
    }
}

#[tokio::test]
async fn a_program_that_is_killed_leaves_the_fate_of_the_message_open() {
    let script = Script::new("cat > /dev/null; kill -9 $$");
    match script.outcome(&email()).await {
        Outcome::Unknown { reason } => assert!(reason.contains("was killed"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_program_that_does_not_end_is_ended_and_the_fate_of_the_message_is_open() {
    for reads in ["cat > /dev/null;", ""] {
        let script = Script::new(&format!(
            "echo $$ > \"$0.pid\"; {reads} exec tail -f /dev/null"
        ));
        let mailer = script.mailer(TimeLimits {
            final_dot: Duration::from_millis(800),
            ..TimeLimits::STANDARD
        });
        let long = email_to("ann@reader.example", &b"Subject: five\r\n".repeat(10_000));
        match outcome(&mailer, &long).await {
            Outcome::Unknown { reason } => assert!(reason.contains("did not end"), "{reason}"),
            other => panic!("{other:?}"),
        }
        let alive = Command::new("kill")
            .args(["-0", script.wrote("pid").trim()])
            .output()
            .expect("kill is there");
        assert!(!alive.status.success(), "it was ended");
    }
}

#[tokio::test]
async fn an_end_before_the_message_was_read_is_no_acceptance() {
    let long = email_to("ann@reader.example", &b"Subject: five\r\n".repeat(100_000));
    let ended_well = Script::new("exit 0").outcome(&long).await;
    assert!(
        matches!(ended_well, Outcome::Unknown { .. }),
        "{ended_well:?}"
    );
    let no_reader = Script::new("exit 67").outcome(&long).await;
    assert!(
        matches!(no_reader, Outcome::Refused { .. }),
        "{no_reader:?}"
    );
}

#[tokio::test]
async fn what_the_program_says_is_shown_in_short_and_without_addresses() {
    let script = Script::new(
        "cat > /dev/null; echo \"mail: ann@reader.example from five@digest.example.org: (Ann) is unknown\" >&2; exit 67",
    );
    match script.outcome(&email()).await {
        Outcome::Refused { reply, .. } => assert_eq!(
            reply,
            "sendmail ended with 67: mail: (hidden) from (hidden): ((hidden)) is unknown"
        ),
        other => panic!("{other:?}"),
    }
    let talkative =
        Script::new("yes 'words upon words' | head -c 1000000 >&2; cat > /dev/null; exit 75");
    match talkative.outcome(&email()).await {
        Outcome::Deferred { reply, .. } => assert!(reply.chars().count() < 250, "{reply}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_recipient_that_a_program_could_take_for_something_else_is_never_given_to_it() {
    for to in [
        "-oQ/tmp@reader.example",
        "|sh@reader.example",
        "/etc/x@reader.example",
    ] {
        let script = Script::new("echo > \"$0.ran\"");
        let outcome = script
            .outcome(&email_to(to, b"Subject: five\r\n\r\n"))
            .await;
        let refused = matches!(
            outcome,
            Outcome::Refused {
                why: Refusal::Content,
                ..
            }
        );
        assert!(refused, "{outcome:?}");
        assert!(!script.folder.path().join("mail.ran").exists());
    }
}

#[test]
fn a_program_that_is_not_there_is_told_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = folder.path().join("text");
    fs::write(&text, "not a program").expect("written");
    let opening = |program: PathBuf| {
        let sendmail = Sendmail {
            program,
            arguments: Vec::new(),
        };
        Mailer::open(
            &Transport::Sendmail(sendmail),
            "digest.example.org",
            TimeLimits::STANDARD,
        )
        .expect_err("no program")
    };
    for (program, told) in [
        (folder.path().join("absent"), "write the whole path"),
        (text, "not a program that can be started"),
        (
            folder.path().to_owned(),
            "not a program that can be started",
        ),
    ] {
        let error = opening(program);
        assert!(matches!(error, MailerError::Program { .. }));
        assert!(error.to_string().contains(told), "{error}");
    }
}

/// A newsroom whose mail goes to a script.
async fn newsroom(script: &str) -> Newsroom {
    let room = Newsroom::new().await.with_outbox();
    fs::write(room.path("mail"), script).expect("the folder takes a file");
    let script = room.path("mail");
    let script = script.to_str().expect("text");
    room.with_mail(&format!(
        "sendmail = [\"/bin/sh\", \"{script}\", \"first\"]"
    ))
    .blog("blog", DAY, &CLAIMS[..2])
}

fn key() -> Secret {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/dkim/keys/rsa_2048.pem");
    Secret::new(fs::read_to_string(file).expect("a key made for tests"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_goes_to_each_reader_through_the_program_signed_and_without_our_secrets() {
    let script = format!("env > \"$0.env\"; {TAKES}").replace("$6.eml", "$6");
    let room = newsroom(&script)
        .await
        .with_mail("[mail.dkim]\ndomain = \"digest.example\"\nselector = \"five\"");
    let takefive = |arguments: &[&str]| {
        let mut command = room.command(arguments);
        command.env("TAKEFIVE_DKIM_KEY", key().reveal());
        ran(command.env("TAKEFIVE_SMTP_PASSWORD", "correct horse")).exits(0)
    };
    takefive(&[
        "subscribers",
        "add",
        "ann@reader.example",
        "ben@reader.example",
    ]);
    takefive(&["run", "--date", DAY]);
    let signer = DkimSigner::new("digest.example", "five", &key()).expect("a good key");
    let record = signer.dns_record();
    let records = Records::from([(record.name, record.value)]);
    for reader in ["ann", "ben"] {
        // as it goes over the wire, where each line feed has its carriage return again
        let written = fs::read_to_string(room.path(&format!("mail.{reader}@reader.example")));
        let message = written.expect("given to the script").replace('\n', "\r\n");
        assert!(message.contains(&format!("\r\nTo: {reader}@reader.example\r\n")));
        assert_eq!(verify(message.as_bytes(), &records), Ok(1));
    }
    let environment = fs::read_to_string(room.path("mail.env")).expect("written");
    assert!(environment.contains("PATH=") && !environment.contains("TAKEFIVE_"));
    takefive(&["run", "--date", DAY]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_not_set_up_stops_the_run_and_spares_the_readers() {
    let room = newsroom("cat > /dev/null; echo ran >> \"$0.ran\"; echo 'no account' >&2; exit 78")
        .await
        .subscribers(3);
    let report = room.run_on(DAY).exits(4).report();
    assert_eq!(report["deliveries"]["waiting"], 3);
    let told = report["mail_problems"].to_string();
    assert!(
        told.contains("no account") && told.contains("see that it is set up"),
        "{told}"
    );
    let runs = fs::read_to_string(room.path("mail.ran")).expect("it ran");
    assert_eq!(runs.lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whom_the_program_does_not_know_gets_nothing_more() {
    let room = newsroom("cat > /dev/null; case $6 in reader2@*) exit 67;; esac")
        .await
        .subscribers(3);
    let report = room.run_on(DAY).exits(4).report();
    assert_eq!(report["deliveries"]["accepted"], 2);
    assert_eq!(report["deliveries"]["refused"], 1);
    let list = room.takefive(["subscribers", "list"]).exits(0).stdout;
    assert!(list.contains("suppressed  reader2@"), "{list}");
    assert!(list.contains("active      reader3@"), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_program_nothing_is_fetched() {
    let room = Newsroom::new()
        .await
        .with_outbox()
        .with_mail("sendmail = \"/nowhere/sendmail\"")
        .blog("blog", DAY, &CLAIMS[..2])
        .subscriber("ann");
    let ran = room.takefive(["run", "--date", DAY]);
    assert!(
        ran.stderr.contains("[mail] sendmail /nowhere/sendmail"),
        "{ran:?}"
    );
    ran.exits(2);
    assert_eq!(room.web.requests(), 0);
}
