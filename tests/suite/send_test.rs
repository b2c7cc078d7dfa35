//! A test mail: the way that every mail goes, to one address, and nobody else hears of it.

use std::fs;

use mail_parser::Message;
use mail_parser::MessageParser;
use takefive::model::Secret;
use takefive::stages::compose_email::DkimSigner;

use crate::world::dkim::Records;
use crate::world::dkim::verify;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::ran;
use crate::world::smtp::Act;
use crate::world::smtp::Stage;

const TO: &str = "me@operator.example";

/// A newsroom in which an edition was sent to one reader.
async fn after_an_edition() -> Newsroom {
    let room = Newsroom::new()
        .await
        .with_site("https://digest.example/")
        .blog("blog", DAY, &CLAIMS[..2])
        .subscriber("ann");
    room.run_on(DAY).exits(0);
    room
}

/// All that the store holds.
fn contents(room: &Newsroom) -> String {
    let store = room.store();
    ["edition", "subscriber", "delivery"]
        .map(|table| {
            let mut rows = store
                .prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))
                .expect("a table");
            let columns = rows.column_count();
            let rows = rows.query_map([], |row| {
                (0..columns)
                    .map(|nth| Ok(format!("{:?}", row.get_ref(nth)?)))
                    .collect::<Result<Vec<_>, _>>()
            });
            let rows: Result<Vec<_>, _> = rows.expect("rows").collect();
            format!("{table}: {:?}", rows.expect("rows"))
        })
        .join("\n")
}

fn parsed(bytes: &[u8]) -> Message<'_> {
    MessageParser::default().parse(bytes).expect("a message")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_latest_edition_goes_to_one_address_and_the_ledger_does_not_hear_of_it() {
    let room = after_an_edition().await;
    let before = contents(&room);
    let told = room.takefive(["send-test", TO]).exits(0).stdout;
    assert!(
        told.contains("(edition 1 of 2026-05-04) was accepted: 250 2.0.0 kept"),
        "{told}"
    );
    assert!(
        told.contains("It is not signed") && told.contains("unsubscribe nobody"),
        "{told}"
    );
    assert!(!told.contains(TO), "{told}");
    assert_eq!(contents(&room), before);

    let messages = room.smtp.messages();
    let (first, test) = (parsed(&messages[0].bytes), parsed(&messages[1].bytes));
    assert_eq!(messages.len(), 2);
    assert_eq!(messages[1].to, [TO]);
    let subject = first.subject().expect("a subject");
    assert_eq!(test.subject(), Some(format!("[Test] {subject}").as_str()));
    assert_ne!(test.message_id(), first.message_id());
    let words = test.body_text(0).expect("text");
    assert!(
        words.contains("Most roadmaps are lists of promises"),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_test_is_a_mail_of_its_own_for_an_inbox() {
    let room = after_an_edition().await;
    room.takefive(["send-test", TO]).exits(0);
    room.takefive(["send-test", "other@operator.example"])
        .exits(0);
    room.takefive(["send-test", TO]).exits(0);
    let messages = room.smtp.messages();
    let mut ids: Vec<_> = messages
        .iter()
        .map(|message| parsed(&message.bytes).message_id().expect("one").to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_links_for_leaving_look_like_a_readers_and_leave_nobody() {
    let room = after_an_edition().await;
    room.takefive(["send-test", TO]).exits(0);
    let messages = room.smtp.messages();
    let field = |nth: usize| {
        let text = String::from_utf8(messages[nth].bytes.clone()).expect("ASCII");
        let (_, rest) = text.split_once("\r\nList-Unsubscribe: ").expect("a field");
        rest.split("\r\nList-Unsubscribe-Post")
            .next()
            .expect("the next")
            .to_owned()
    };
    let own: String = room
        .store()
        .query_row("SELECT leave_token FROM subscriber", [], |row| row.get(0))
        .expect("a reader");
    let token = "this-is-a-test-mail-only";
    assert_eq!(field(1), field(0).replace(&own, token));
    assert_eq!(own.len(), token.len());
    let test = String::from_utf8(messages[1].bytes.clone()).expect("ASCII");
    assert!(!test.contains(&own), "nobody's own way out");
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_edition_a_specimen_goes_and_no_store_is_made() {
    let room = Newsroom::new().await.blog("blog", DAY, &CLAIMS[..2]);
    let told = room.takefive(["send-test", TO]).exits(0).stdout;
    assert!(
        told.contains("a specimen, since there is no edition yet"),
        "{told}"
    );
    assert!(!room.path("takefive.db").exists());
    let messages = room.smtp.messages();
    let test = parsed(&messages[0].bytes);
    assert_eq!(
        test.subject(),
        Some("[Test] Send the first one to yourself")
    );
    assert_eq!(room.web.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_edition_goes_where_it_is_named_and_has_been_chosen() {
    let room = after_an_edition()
        .await
        .blog("other", NEXT_DAY, &CLAIMS[2..4]);
    room.run_on(NEXT_DAY).exits(0);
    let edition = |arguments: &[&str]| {
        let report = room.takefive(arguments).exits(0).report();
        (
            report["edition"].clone(),
            report["date"].clone(),
            report["state"].clone(),
        )
    };
    assert_eq!(
        edition(&["send-test", "--json", TO]),
        (2.into(), NEXT_DAY.into(), "accepted".into())
    );
    assert_eq!(
        edition(&["send-test", "--json", "--edition", DAY, TO]),
        (1.into(), DAY.into(), "accepted".into())
    );
    let none = room.takefive(["send-test", "--edition", "2026-01-01", TO]);
    assert!(none.stderr.contains("no edition of 2026-01-01"), "{none:?}");
    none.exits(2);
    let nobody = room.takefive(["send-test", "nobody"]);
    assert!(
        nobody.stderr.contains("ADDRESS: not an email address"),
        "{nobody:?}"
    );
    nobody.exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_says_against_it_is_told_and_ends_with_4() {
    for (stage, act, told) in [
        (
            Stage::Rcpt,
            Act::Reply("550 5.1.1 no such user"),
            "was refused: 550 5.1.1 no such user",
        ),
        (
            Stage::Rcpt,
            Act::Reply("450 4.2.0 greylisted"),
            "was deferred: 450 4.2.0 greylisted",
        ),
        (
            Stage::Connect,
            Act::Reply("554 5.7.1 go away"),
            "was not sent: mail server",
        ),
        (Stage::Data, Act::Drop, "was not sent: connection lost"),
        (
            Stage::Dot,
            Act::Drop,
            "may have arrived or not: connection lost",
        ),
    ] {
        let room = Newsroom::new().await.blog("blog", DAY, &CLAIMS[..1]);
        room.smtp.script(stage, act);
        let ran = room.takefive(["send-test", "--quiet", TO]);
        assert!(ran.stderr.contains(told), "{told}: {ran:?}");
        assert!(ran.stdout.is_empty() && !ran.stderr.contains(TO), "{ran:?}");
        ran.exits(4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_key_the_test_is_signed() {
    let key = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cases/dkim/keys/ed25519.pem"
    );
    let key = fs::read_to_string(key).expect("a key made for tests");
    let room = Newsroom::new()
        .await
        .with_mail("[mail.dkim]\ndomain = \"digest.example\"\nselector = \"five\"")
        .blog("blog", DAY, &CLAIMS[..1]);
    let mut command = room.command(["send-test", TO]);
    let told = ran(command.env("TAKEFIVE_DKIM_KEY", &key)).exits(0).stdout;
    assert!(told.contains("It is signed for digest.example."), "{told}");
    let signer = DkimSigner::new("digest.example", "five", &Secret::new(key)).expect("a good key");
    let record = signer.dns_record();
    let records = Records::from([(record.name, record.value)]);
    assert_eq!(verify(&room.smtp.messages()[0].bytes, &records), Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_can_go_into_the_outbox() {
    let room = Newsroom::new()
        .await
        .with_outbox()
        .blog("blog", DAY, &CLAIMS[..1])
        .subscriber("ann");
    room.run_on(DAY).exits(0);
    let told = room.takefive(["send-test", TO]).exits(0).stdout;
    assert!(told.contains("written to 2026-05-04/0000.eml"), "{told}");
    let bytes = fs::read(room.path("outbox/2026-05-04/0000.eml")).expect("written");
    assert!(
        parsed(&bytes)
            .subject()
            .expect("one")
            .starts_with("[Test] ")
    );
    assert!(
        room.path("outbox/2026-05-04/0001.eml").exists(),
        "the reader's own stays"
    );
}
