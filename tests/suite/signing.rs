//! Each message is signed so that receivers can check it, and so that nothing can be added to it unseen.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::ProptestConfig;
use proptest::proptest;
use takefive::model::Insight;
use takefive::model::Secret;
use takefive::stages::compose_email::DkimKeyError;
use takefive::stages::compose_email::DkimSigner;
use takefive::stages::compose_email::Letterhead;
use takefive::stages::compose_email::Mailing;
use takefive::stages::compose_email::Templates;
use takefive::stages::compose_email::compose_email;
use takefive::stages::compose_email::set_words;

use crate::compose_email::edition::ann;
use crate::compose_email::edition::digest_of;
use crate::compose_email::edition::five;
use crate::compose_email::edition::mail_settings;
use crate::compose_email::edition::site;
use crate::world::dkim::Records;
use crate::world::dkim::tags_of;
use crate::world::dkim::verify;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::Ran;
use crate::world::newsroom::program;
use crate::world::newsroom::ran;

/// Fields that nobody may add on the way.
const SEALED: [&str; 11] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
];

fn case(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/cases/dkim")
        .join(below)
}

fn key(name: &str) -> Secret {
    let file = case("keys").join(format!("{name}.pem"));
    Secret::new(fs::read_to_string(file).expect("a key made for tests"))
}

fn signer(name: &str) -> Arc<DkimSigner> {
    Arc::new(DkimSigner::new("digest.example.org", "five", &key(name)).expect("a good key"))
}

fn records(signer: &DkimSigner) -> Records {
    let record = signer.dns_record();
    BTreeMap::from([(record.name, record.value)])
}

/// The mail to Ann, signed.
fn signed(signer: &Arc<DkimSigner>) -> Vec<u8> {
    signed_mail_of(five(), "Take Five", signer)
}

fn signed_mail_of(insights: Vec<Insight>, writer: &str, signer: &Arc<DkimSigner>) -> Vec<u8> {
    let (digest, mut mail, site) = (digest_of(insights), mail_settings(), site());
    mail.from.name = Some(writer.to_owned());
    let letterhead = Letterhead {
        mail: &mail,
        site: Some(&site),
    };
    let templates = Templates::new(&BTreeMap::new()).expect("the built-in ones");
    let words = set_words(&digest, &letterhead, &templates).expect("an edition");
    let mut mailing = Mailing::new(digest, &letterhead, words);
    mailing.signer = Some(Arc::clone(signer));
    compose_email(&mailing, &ann()).expect("a mail").bytes
}

/// A message with a part of it replaced, which must be there.
fn with(message: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = std::str::from_utf8(message).expect("ASCII");
    assert!(text.contains(from), "{from:?} stands in the message");
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn what_another_program_signed_is_found_valid_by_the_checker_of_these_tests() {
    let file = case("signed_elsewhere/message.eml");
    let message = fs::read_to_string(file)
        .expect("there")
        .replace('\n', "\r\n");
    let records: Records = fs::read_to_string(case("signed_elsewhere/records.txt"))
        .expect("there")
        .lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(verify(message.as_bytes(), &records), Ok(2));
    let other_subject = message.replace("Three", "Four");
    assert_eq!(
        verify(other_subject.as_bytes(), &records),
        Err("the header was changed".to_owned())
    );
    let other_body = message.replace("spaces", "space");
    assert_eq!(
        verify(other_body.as_bytes(), &records),
        Err("the body was changed".to_owned())
    );
}

#[test]
fn a_signed_message_verifies_with_each_kind_of_key() {
    for name in ["rsa_2048", "rsa_2048_pkcs1", "rsa_4096", "ed25519"] {
        let signer = signer(name);
        let message = signed(&signer);
        assert_eq!(verify(&message, &records(&signer)), Ok(1), "{name}");
    }
}

#[test]
fn a_signature_says_what_the_standards_ask_for_and_no_more() {
    for (name, algorithm) in [("rsa_2048", "rsa-sha256"), ("ed25519", "ed25519-sha256")] {
        let tags = tags_of(&signed(&signer(name)));
        let names: Vec<&str> = tags.keys().map(String::as_str).collect();
        assert_eq!(names, ["a", "b", "bh", "c", "d", "h", "s", "t", "v"]);
        assert_eq!(tags["a"], algorithm);
        assert_eq!(tags["c"], "relaxed/relaxed");
        assert_eq!(tags["d"], "digest.example.org");
        assert_eq!(tags["s"], "five");
        assert_eq!(tags["t"], digest_of(five()).chosen.as_second().to_string());
    }
}

#[test]
fn each_field_is_signed_and_those_that_matter_once_more_than_they_occur() {
    let message = signed(&signer("rsa_2048"));
    let text = std::str::from_utf8(&message).expect("ASCII");
    let (header, _) = text.split_once("\r\n\r\n").expect("a header");
    let signed = tags_of(&message)["h"].clone();
    let named = |field: &str| signed.split(':').filter(|name| *name == field).count();
    let occurs = |field: &str| {
        let start = format!("\r\n{field}:");
        header.matches(&start).count()
    };
    for field in SEALED {
        assert_eq!(named(field), occurs(field) + 1, "{field}");
    }
    for field in ["List-Id", "Auto-Submitted"] {
        assert_eq!((named(field), occurs(field)), (1, 1), "{field}");
    }
    assert_eq!(occurs("Cc"), 0, "sealed, and not there");
}

#[test]
fn a_field_that_is_added_on_the_way_breaks_the_signature() {
    let signer = signer("rsa_2048");
    let (message, records) = (signed(&signer), records(&signer));
    for field in SEALED {
        let added = format!("{field}: somebody else <else@other.example>\r\n");
        let above = [added.as_bytes(), &message].concat();
        let below = with(&message, "\r\n\r\n", &format!("\r\n{added}\r\n"));
        for changed in [above, below] {
            assert!(verify(&changed, &records).is_err(), "{field}");
        }
    }
    let stamped = [b"Received: by a relay\r\n", message.as_slice()].concat();
    assert_eq!(verify(&stamped, &records), Ok(1), "what relays do add");
}

#[test]
fn a_field_or_a_word_that_is_changed_on_the_way_breaks_the_signature() {
    let signer = signer("ed25519");
    let (message, records) = (signed(&signer), records(&signer));
    for (from, to) in [
        ("List-Unsubscribe=One-Click", "List-Unsubscribe=Two-Clicks"),
        ("leave/", "stay/"),
        ("<five@digest.example.org>", "<six@digest.example.org>"),
        ("take-five.digest", "take-six.digest"),
        ("auto-generated", "no"),
        ("multipart/alternative", "multipart/mixed"),
        ("Raise the price", "Lower the price"),
    ] {
        let changed = with(&message, from, to);
        assert!(verify(&changed, &records).is_err(), "{from}");
    }
}

#[test]
fn white_space_that_servers_change_does_not_break_the_signature() {
    let signer = signer("rsa_2048");
    let (message, records) = (signed(&signer), records(&signer));
    for (from, to) in [
        ("Subject: ", "SUBJECT:  \t"),
        ("To: ann", "To:\r\n\tann"),
        ("DKIM-Signature: v=1; ", "DKIM-Signature: v=1;\r\n\t "),
    ] {
        let changed = with(&message, from, to);
        assert_ne!(changed, message);
        assert_eq!(verify(&changed, &records), Ok(1), "{from}");
    }
    let unfolded = std::str::from_utf8(&message)
        .expect("ASCII")
        .split_once("\r\n\r\n")
        .map(|(header, body)| format!("{}\r\n\r\n{body} \t\r\n\r\n", header.replace("\r\n ", " ")))
        .expect("a header");
    assert_eq!(verify(unfolded.as_bytes(), &records), Ok(1));
}

#[test]
fn the_same_message_is_signed_with_the_same_bytes() {
    for name in ["rsa_2048", "ed25519"] {
        assert_eq!(signed(&signer(name)), signed(&signer(name)), "{name}");
    }
}

#[test]
fn a_signature_fits_the_lines_of_a_mail() {
    let message = signed(&signer("rsa_4096"));
    let text = std::str::from_utf8(&message).expect("ASCII");
    let (signature, _) = text.split_once("\r\nFrom:").expect("a field below it");
    assert!(signature.starts_with("DKIM-Signature: v=1;"));
    for line in signature.split("\r\n") {
        assert!(line.len() <= 76 && !line.trim().is_empty(), "{line:?}");
    }
}

#[test]
fn both_forms_of_a_key_are_the_same_key() {
    assert_eq!(
        signer("rsa_2048").dns_record(),
        signer("rsa_2048_pkcs1").dns_record()
    );
}

#[test]
fn a_record_is_cut_into_strings_that_the_dns_can_hold() {
    let record = signer("rsa_2048").dns_record();
    assert_eq!(record.name, "five._domainkey.digest.example.org");
    assert!(record.value.starts_with("v=DKIM1; k=rsa; p=MII"));
    let strings = record.strings();
    assert_eq!(strings.concat(), record.value);
    assert_eq!(strings[0].len(), 255);
    assert!(strings.len() == 2 && strings[1].len() <= 255);
    assert_eq!(signer("ed25519").dns_record().strings().len(), 1);
}

#[test]
fn a_key_that_receivers_would_not_trust_or_cannot_check_is_refused() {
    let refused = |name: &str| {
        DkimSigner::new("digest.example.org", "five", &key(name)).expect_err("not a good key")
    };
    assert_eq!(refused("rsa_2047"), DkimKeyError::Weak);
    assert_eq!(refused("rsa_4104"), DkimKeyError::Long);
    assert_eq!(refused("ec"), DkimKeyError::NotAKey);
    assert_eq!(refused("ec_sec1"), DkimKeyError::NotAKey);
    assert_eq!(refused("public_only"), DkimKeyError::NotPem);
    assert_eq!(refused("with_a_password"), DkimKeyError::NotPem);
    let damaged = key("rsa_2048").reveal().replacen("MII", "MIJ", 1);
    for (text, expected) in [
        ("", DkimKeyError::NotPem),
        ("correct horse", DkimKeyError::NotPem),
        (damaged.as_str(), DkimKeyError::NotAKey),
        (
            "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            DkimKeyError::NotAKey,
        ),
    ] {
        let error = DkimSigner::new("digest.example.org", "five", &Secret::new(text));
        assert_eq!(error.expect_err("no key"), expected);
    }
}

#[test]
fn a_signer_shows_nothing_of_its_key() {
    for name in ["rsa_2048", "ed25519"] {
        let shown = format!("{:?}", signer(name));
        assert!(
            shown.len() < 120 && shown.contains("digest.example.org"),
            "{shown}"
        );
        assert!(!tells_of(&shown, &key(name)), "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_feed_says_the_message_verifies(
        headline in "(\\PC|[ \t.=:;é\u{1f600}]){0,300}",
        words in "(\\PC|[ \t\r\n.=]){0,300}",
        writer in "(\\PC|[ \t\"\\\\,;:<>@]){1,120}",
    ) {
        let signer = signer("ed25519");
        let mut insights = five();
        insights[0].headline = format!("A claim {headline}"); // there is none without a word
        insights[0].text = words;
        let message = signed_mail_of(insights, &writer, &signer);
        assert_eq!(verify(&message, &records(&signer)), Ok(1));
    }
}

/// Whether a text repeats a line of a key.
fn tells_of(text: &str, key: &Secret) -> bool {
    let mut lines = key.reveal().lines().filter(|line| !line.starts_with('-'));
    lines.any(|line| text.contains(line))
}

/// A newsroom with one reader, a blog, and the lines of `[mail.dkim]`.
async fn newsroom(lines: &str) -> Newsroom {
    Newsroom::new()
        .await
        .blog("blog", DAY, &CLAIMS[..2])
        .with_mail(&format!(
            "[mail.dkim]\ndomain = \"digest.example\"\nselector = \"five\"\n{lines}"
        ))
}

fn write_key(room: &Newsroom, text: &str, mode: u32) {
    let path = room.path("dkim.pem");
    fs::write(&path, text).expect("the folder takes a file");
    set_mode(&path, mode);
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

fn record_of(key: &Secret) -> Records {
    records(&DkimSigner::new("digest.example", "five", key).expect("a good key"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_message_that_is_sent_verifies_where_it_arrives() {
    let room = newsroom("key_file = \"dkim.pem\"").await;
    write_key(&room, key("rsa_2048").reveal(), 0o640);
    let room = room.subscribers(3);
    room.run_on(DAY).exits(0);
    let messages = room.smtp.messages();
    assert_eq!(messages.len(), 3);
    for message in messages {
        assert_eq!(verify(&message.bytes, &record_of(&key("rsa_2048"))), Ok(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_can_come_from_the_environment() {
    let room = newsroom("").await;
    let with_key = |arguments: &[&str]| {
        let mut command = room.command(arguments);
        ran(command.env("TAKEFIVE_DKIM_KEY", key("ed25519").reveal()))
    };
    with_key(&["subscribers", "add", "ann@reader.example"]).exits(0);
    with_key(&["run", "--date", DAY]).exits(0);
    let message = room.smtp.messages().remove(0);
    assert_eq!(verify(&message.bytes, &record_of(&key("ed25519"))), Ok(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_good_key_nothing_is_fetched_and_the_reason_is_told() {
    let room = newsroom("key_file = \"dkim.pem\"").await.subscriber("ann");
    let run = || room.takefive(["run", "--date", DAY, "--log", "json"]);
    let mut told = vec![run()];
    for (text, mode) in [
        (key("rsa_2048"), 0o604),
        (key("rsa_2048"), 0o660),
        (key("rsa_2047"), 0o600),
        (Secret::new("correct horse"), 0o600),
        (Secret::new("x".repeat((64 << 10) + 1)), 0o600),
    ] {
        write_key(&room, text.reveal(), mode);
        let ran = run();
        assert!(!tells_of(&format!("{ran:?}"), &text), "{ran:?}");
        assert!(!ran.stderr.contains("correct horse"), "{ran:?}");
        told.push(ran);
    }
    let expected = [
        "there is no such file; make one with `takefive mail dkim-key --out",
        "others than its owner may read or change it (mode 604)",
        "others than its owner may read or change it (mode 660)",
        "the RSA key has fewer than 2048 bits",
        "there is no private key in PEM form in it",
        "it is larger than 64 KiB",
    ];
    for (ran, expected) in told.into_iter().zip(expected) {
        assert!(ran.stderr.contains("[mail.dkim] key_file"), "{ran:?}");
        assert!(ran.stderr.contains(expected), "{expected}: {ran:?}");
        ran.exits(2);
    }
    assert_eq!(room.web.requests(), 0);
    assert!(room.smtp.messages().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_shows_neither_in_what_is_printed_nor_in_the_log() {
    let room = newsroom("key_file = \"dkim.pem\"").await;
    write_key(&room, key("rsa_2048").reveal(), 0o600);
    let room = room.subscriber("ann");
    let ran = ran(room
        .command(["run", "--date", DAY, "--log", "text"])
        .env("TAKEFIVE_LOG", "trace"));
    assert!(!tells_of(
        &format!("{}{}", ran.stdout, ran.stderr),
        &key("rsa_2048")
    ));
    ran.exits(0);
}

/// Makes a key and reads what is to go into the DNS.
fn made(room: &Newsroom, more: &[&str]) -> (Ran, Records) {
    let mut arguments = vec!["mail", "dkim-key", "--json"];
    arguments.extend(more);
    let ran = room.takefive(arguments).exits(0);
    let report = ran.report();
    let text = |key: &str| report[key].as_str().expect("a text").to_owned();
    (ran, BTreeMap::from([(text("name"), text("value"))]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_made_signs_and_its_record_checks() {
    for kind in [&[] as &[&str], &["--ed25519"]] {
        let room = Newsroom::new().await.blog("blog", DAY, &CLAIMS[..2]);
        let mut more = vec!["--selector", "five"];
        more.extend(kind);
        let (ran, records) = made(&room, &more);
        assert_eq!(
            records.keys().next().map(String::as_str),
            Some("five._domainkey.digest.example")
        );
        let key = Secret::new(fs::read_to_string(room.path("dkim.pem")).expect("written"));
        assert!(!tells_of(&format!("{ran:?}"), &key));
        let room = room
            .with_mail("[mail.dkim]\ndomain = \"digest.example\"\nselector = \"five\"\nkey_file = \"dkim.pem\"")
            .subscriber("ann");
        room.run_on(DAY).exits(0);
        let message = room.smtp.messages().remove(0);
        assert_eq!(verify(&message.bytes, &records), Ok(1));
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_for_its_owner_alone_and_never_replaces_another() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = Newsroom::new().await.blog("blog", DAY, &CLAIMS[..1]);
    made(&room, &["--ed25519"]);
    let path = room.path("dkim.pem");
    let first = fs::read(&path).expect("written");
    let mode = fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let again = room.takefive(["mail", "dkim-key"]);
    assert!(again.stderr.contains("never overwritten"), "{again:?}");
    again.exits(2);
    assert_eq!(fs::read(&path).expect("still there"), first);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_made_for_settings_that_still_lack_one() {
    let room = newsroom("").await;
    room.takefive(["run"]).exits(2);
    let (_, records) = made(&room, &["--ed25519"]);
    let name = records.keys().next().map(String::as_str);
    assert_eq!(name, Some("five._domainkey.digest.example"));
    let without = tempfile::tempdir().expect("a folder");
    let lost = ran(&mut program(without.path(), ["mail", "dkim-key"]));
    assert!(lost.stderr.contains("for which domain?"), "{lost:?}");
    lost.exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_told_what_to_do_with_a_new_key() {
    let room = Newsroom::new().await.blog("blog", DAY, &CLAIMS[..1]);
    let ran = room.takefive([
        "mail",
        "dkim-key",
        "--domain",
        "Example.org",
        "--out",
        "a.pem",
    ]);
    for part in [
        "The key is in a.pem.",
        "takefive._domainkey.example.org. IN TXT (\n    \"v=DKIM1; k=rsa; p=",
        "dig +short TXT takefive._domainkey.example.org",
        "[mail.dkim]\ndomain = \"example.org\"\nselector = \"takefive\"\nkey_file = \"a.pem\"",
    ] {
        assert!(ran.stdout.contains(part), "{part}: {}", ran.stdout);
    }
    ran.exits(0);
    for (arguments, told) in [
        (["--domain", "not a domain"], "--domain is not a domain"),
        (["--selector", "a_b"], "--selector is not a selector"),
    ] {
        let ran = room.takefive(["mail", "dkim-key"].into_iter().chain(arguments));
        assert!(ran.stderr.contains(told), "{ran:?}");
        ran.exits(2);
    }
}
