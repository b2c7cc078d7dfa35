//! What an operator may write into `sources.toml`, and what they are told when it is wrong.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZoneDatabase;
use proptest::prelude::ProptestConfig;
use proptest::proptest;
use takefive::model::Credentials;
use takefive::model::EmailAddress;
use takefive::model::SourceKind;
use takefive::settings::DkimKeyPlace;
use takefive::settings::OnUnknown;
use takefive::settings::Problems;
use takefive::settings::Security;
use takefive::settings::Sendmail;
use takefive::settings::Settings;
use takefive::settings::SmtpServer;
use takefive::settings::ThinDay;
use takefive::settings::TranscribeSettings;
use takefive::settings::Transport;

use crate::cases::hold_answers;

const SOURCE: &str =
    "[[source]]\nname = \"A Show\"\nkind = \"podcast\"\nfeed = \"https://example.org/feed.xml\"\n";

const SENDER: &str = "from = \"Take Five <five@digest.example.org>\"\n\
    leave_address = \"leave@digest.example.org\"\npostal_address = \"1 Example Street, London\"\n";

const FULL: &str = r##"
[digest]
title = "Six Thoughts"
size = 6
time_zone = "Asia/Kathmandu"
look_back = "1 week 12 hours"
max_per_source = 3
max_per_entry = 2
min_score = 1.5
freshness = 0.25
variety = 0
thin_day = "older"

[mail]
from = "\"Thoughts, Six\" <six@digest.example.org>"
reply_to = "editor@digest.example.org"
leave_address = "leave@digest.example.org"
ca_file = "extra.pem"
smtp = "smtps://ann%40digest.example.org@mail.example.org"
list_id = "six.digest.example.org"
postal_address = "1 Example Street, London"
templates = "/srv/templates"
on_unknown = "skip"

[mail.dkim]
domain = "Example.org"
selector = "Key1.six"
key_file = "keys/six.pem"

[site]
base_url = "https://digest.example.org/six"
one_click = true

[store]
path = "state/six.db"
keep_documents = "30 days"

[rules]
file = "rules/kitchen.toml"

[fetch]
in_flight = 1
per_host = 4
gap = "1 second"
budget = "5 minutes"
about = "https://digest.example.org/who"
allow_networks = ["127.77.0.0/16", "::1/128"]

[[source]]
name = " A Show "
kind = "article"
feed = "https://example.org/feed.xml?format=atom"
language = "pt-BR"
weight = 2
topics = [" strategy ", "pricing", "strategy"]
selector = "article .body"
transcript = { selector = "#transcript" }
credentials = { user = "ann@example.org", password_env = "SHOW_PASSWORD" }

[[source]]
name = "Another"
kind = "podcast"
feed = "http://example.org/other.xml"
transcript = "main > p"
credentials = { bearer_env = "SHOW_TOKEN" }
"##;

fn full() -> Settings {
    let variables = [
        ("TAKEFIVE_SMTP_PASSWORD", "smtp-secret"),
        ("SHOW_PASSWORD", "basic-secret"),
        ("SHOW_TOKEN", "bearer-secret"),
    ];
    parse_with(FULL, &variables).expect("a file without mistakes")
}

fn parse_with(text: &str, variables: &[(&str, &str)]) -> Result<Settings, Problems> {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    Settings::parse(text, Path::new("etc"), &|name| {
        variables.get(name).map(|value| (*value).to_owned())
    })
}

fn parse(text: &str) -> Result<Settings, Problems> {
    parse_with(text, &[])
}

fn settings(text: &str) -> Settings {
    match parse(text) {
        Ok(settings) => settings,
        Err(problems) => panic!("{}", problems.named("sources.toml")),
    }
}

fn problems(text: &str) -> String {
    parse(text)
        .expect_err("a file with a mistake")
        .named("sources.toml")
        .to_string()
}

fn server(mail: &str, variables: &[(&str, &str)]) -> SmtpServer {
    let settings = parse_with(&format!("[mail]\n{SENDER}{mail}\n{SOURCE}"), variables)
        .expect("a file without mistakes");
    match settings.mail.transport {
        Transport::Smtp(server) => server,
        other => panic!("{other:?} in place of the server"),
    }
}

fn is_refused(text: &str) -> bool {
    parse(text).is_err()
}

#[test]
fn each_mistake_is_told_with_its_line_and_what_to_write() {
    hold_answers("settings", 20, |folder| {
        let text = fs::read_to_string(folder.join("sources.toml")).expect("the input of the case");
        let variables = [("SHOW_PASSWORD", "from the environment"), ("EMPTY", "")];
        let told = parse_with(&text, &variables)
            .expect_err("each case has a mistake")
            .named("sources.toml")
            .to_string()
            + "\n";
        assert!(!told.contains("correct"), "{told} repeats a secret");
        told
    });
}

#[test]
fn a_file_with_nothing_but_a_source_gets_sensible_defaults() {
    let settings = settings(SOURCE);
    assert_eq!(settings.digest.title, "Take Five");
    assert_eq!(settings.digest.size, 5);
    assert_eq!(settings.digest.time_zone.iana_name(), Some("UTC"));
    assert_eq!(
        settings.digest.look_back,
        SignedDuration::from_hours(3 * 24)
    );
    assert_eq!(settings.digest.max_per_source, 2);
    assert_eq!(settings.digest.max_per_entry, 1);
    assert_eq!(settings.digest.thin_day, ThinDay::Shorter);
    assert_eq!(settings.mail.from.name.as_deref(), Some("Take Five"));
    assert_eq!(
        settings.mail.from.address.as_str(),
        "takefive@localhost.localdomain"
    );
    assert!(
        matches!(&settings.mail.transport, Transport::Outbox(path) if path == Path::new("etc/outbox"))
    );
    assert_eq!(settings.mail.on_unknown, OnUnknown::Resend);
    assert!(settings.mail.dkim.is_none());
    assert!(settings.site.is_none());
    assert_eq!(settings.store_path, Path::new("etc/takefive.db"));
    assert_eq!(settings.keep_documents, SignedDuration::from_hours(90 * 24));
    assert_eq!(settings.fetch.in_flight, 64);
    assert_eq!(settings.rules_file, None);
    assert!(settings.fetch.allow_networks.is_empty());
    let source = &settings.sources[0];
    assert_eq!(source.kind, SourceKind::Podcast);
    assert!((source.weight - 1.0).abs() < f64::EPSILON);
    assert!(source.topics.is_empty() && source.credentials.is_none());
}

#[test]
fn what_is_written_about_the_digest_arrives() {
    let settings = full();
    assert_eq!(settings.digest.title, "Six Thoughts");
    assert_eq!(settings.digest.size, 6);
    assert_eq!(
        settings.digest.time_zone.iana_name(),
        Some("Asia/Kathmandu")
    );
    assert_eq!(settings.digest.look_back, SignedDuration::from_hours(180));
    assert_eq!(settings.digest.max_per_source, 3);
    assert_eq!(settings.digest.max_per_entry, 2);
    assert!((settings.digest.min_score - 1.5).abs() < f64::EPSILON);
    assert!((settings.digest.freshness - 0.25).abs() < f64::EPSILON);
    assert!(settings.digest.variety.abs() < f64::EPSILON);
    assert_eq!(settings.digest.thin_day, ThinDay::Older);
    assert_eq!(settings.store_path, Path::new("etc/state/six.db"));
    assert_eq!(settings.keep_documents, SignedDuration::from_hours(30 * 24));
}

#[test]
fn what_is_written_about_mail_and_web_arrives() {
    let settings = full();
    let mail = &settings.mail;
    assert_eq!(mail.from.name.as_deref(), Some("Thoughts, Six"));
    assert_eq!(mail.from.address.as_str(), "six@digest.example.org");
    let address = |address: &Option<EmailAddress>| address.as_ref().map(|a| a.as_str().to_owned());
    assert_eq!(
        address(&mail.reply_to).as_deref(),
        Some("editor@digest.example.org")
    );
    assert_eq!(
        address(&mail.leave_address).as_deref(),
        Some("leave@digest.example.org")
    );
    assert_eq!(mail.list_id.as_deref(), Some("six.digest.example.org"));
    assert_eq!(
        mail.postal_address.as_deref(),
        Some("1 Example Street, London")
    );
    assert_eq!(mail.templates.as_deref(), Some(Path::new("/srv/templates")));
    assert_eq!(mail.on_unknown, OnUnknown::Skip);
    let dkim = mail.dkim.as_ref().expect("a signer");
    assert_eq!(
        (dkim.domain.as_str(), dkim.selector.as_str()),
        ("example.org", "key1.six")
    );
    assert!(matches!(&dkim.key, DkimKeyPlace::File(path) if path == Path::new("etc/keys/six.pem")));
    let Transport::Smtp(server) = &mail.transport else {
        panic!("the outbox in place of the server");
    };
    assert_eq!(
        (server.host.as_str(), server.port),
        ("mail.example.org", 465)
    );
    assert_eq!(server.security, Security::ImplicitTls);
    assert_eq!(server.ca_file.as_deref(), Some(Path::new("etc/extra.pem")));
    let (user, password) = server.login.as_ref().expect("a login");
    assert_eq!(
        (user.as_str(), password.reveal()),
        ("ann@digest.example.org", "smtp-secret")
    );

    let site = settings.site.as_ref().expect("a site");
    assert_eq!(site.base_url.as_str(), "https://digest.example.org/six/");
    assert!(site.one_click);
    assert_eq!(settings.fetch.in_flight, 1);
    assert_eq!(settings.fetch.per_host, 4);
    assert_eq!(settings.fetch.gap, Duration::from_secs(1));
    assert_eq!(settings.fetch.budget, Duration::from_mins(5));
    let about = settings.fetch.about.map(String::from);
    assert_eq!(about.as_deref(), Some("https://digest.example.org/who"));
    let rules = settings.rules_file.as_deref();
    assert_eq!(rules, Some(Path::new("etc/rules/kitchen.toml")));
    let prefixes: Vec<u8> = settings
        .fetch
        .allow_networks
        .iter()
        .map(|network| network.prefix)
        .collect();
    assert_eq!(prefixes, [16, 128]);
}

/// What `[mail.dkim]` of a domain gives, for mail from a writer.
fn signed_for(domain: &str, from: &str, variables: &[(&str, &str)]) -> Result<Settings, Problems> {
    let text = format!(
        "[mail]\nfrom = \"{from}\"\n[mail.dkim]\ndomain = \"{domain}\"\nselector = \"five\"\n{SOURCE}"
    );
    parse_with(&text, variables)
}

#[test]
fn a_domain_signs_for_itself_and_for_those_above_and_below_it() {
    let key = [("TAKEFIVE_DKIM_KEY", "key-secret")];
    for (domain, from, fits) in [
        ("digest.example.org", "five@digest.example.org", true),
        ("example.org", "five@digest.example.org", true),
        ("k.digest.example.org", "five@digest.example.org", true),
        ("org", "five@digest.example.org", false),
        ("igest.example.org", "five@digest.example.org", false),
        ("xdigest.example.org", "five@digest.example.org", false),
        ("other.example.org", "five@digest.example.org", false),
    ] {
        let read = signed_for(domain, from, &key);
        assert_eq!(read.is_ok(), fits, "{domain} for {from}");
    }
}

#[test]
fn the_key_that_signs_comes_from_a_file_or_from_the_environment_and_not_from_both() {
    let key = [("TAKEFIVE_DKIM_KEY", "key-secret")];
    let from = "five@digest.example.org";
    let settings = signed_for("digest.example.org", from, &key).expect("a key in the environment");
    assert!(!format!("{settings:?}").contains("key-secret"));
    let dkim = settings.mail.dkim.expect("a signer");
    assert!(matches!(dkim.key, DkimKeyPlace::Environment(key) if key.reveal() == "key-secret"));
    for nothing in [&[] as &[(&str, &str)], &[("TAKEFIVE_DKIM_KEY", "")]] {
        let told = signed_for("digest.example.org", from, nothing).expect_err("no key");
        let told = told.to_string();
        assert!(
            told.contains("and so is a key in the environment"),
            "{told}"
        );
    }
    let both = parse_with(FULL, &[("TAKEFIVE_DKIM_KEY", "key-secret")]).expect_err("two keys");
    let told = both.to_string();
    assert!(
        told.contains("key_file stands beside a key in the environment"),
        "{told}"
    );
    assert!(!told.contains("key-secret"), "{told}");
}

#[test]
fn a_program_that_takes_mail_is_a_path_or_a_list_with_its_arguments() {
    let program = |line: &str| {
        let text = format!("[mail]\n{SENDER}{line}\n{SOURCE}");
        match settings(&text).mail.transport {
            Transport::Sendmail(sendmail) => sendmail,
            other => panic!("{other:?} in place of the program"),
        }
    };
    assert_eq!(
        program("sendmail = \"/usr/sbin/sendmail\"\noutbox = \"outbox\""),
        Sendmail {
            program: "/usr/sbin/sendmail".into(),
            arguments: Vec::new(),
        }
    );
    assert_eq!(
        program("sendmail = [\"tools/mail.sh\", \"-a\", \"two words\"]"),
        Sendmail {
            program: "etc/tools/mail.sh".into(),
            arguments: vec!["-a".to_owned(), "two words".to_owned()],
        }
    );
}

#[test]
fn a_program_that_transcribes_has_limits_and_does_not_see_credentials() {
    let transcribe = |lines: &str| {
        let text = format!("{lines}\n{SOURCE}");
        settings(&text).transcribe.expect("a table")
    };
    assert!(settings(SOURCE).transcribe.is_none());
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let least = transcribe("[transcribe]\ncommand = [\"tools/hear\", \"-t\", \"4\"]");
    assert_eq!(
        least,
        TranscribeSettings {
            program: "etc/tools/hear".into(),
            arguments: words(&["-t", "4", "{audio}"]),
            timeout: Duration::from_mins(30), // as long as a run reads
            audio_bytes_max: 300_000_000,
            max_per_run: 3,
            withheld: BTreeSet::new(),
        }
    );
    let budget = "[fetch]\nbudget = \"5 hours\"\n[transcribe]\ncommand = [\"/hear\", \"--in={audio}\", \"-\"]";
    let long = transcribe(budget);
    assert_eq!(long.timeout, Duration::from_hours(2));
    assert_eq!(long.arguments, words(&["--in={audio}", "-"]));
    let full = transcribe(&format!(
        "{budget}\ntimeout = \"5 hours\"\nmax_megabytes = 4000\nmax_per_run = 100"
    ));
    assert_eq!(full.timeout, Duration::from_hours(5));
    assert_eq!(full.audio_bytes_max, 4_000_000_000);
    assert_eq!(full.max_per_run, 100);
    let withheld = format!("[transcribe]\ncommand = [\"/hear\"]\n{FULL}");
    let variables = [
        ("TAKEFIVE_SMTP_PASSWORD", "smtp-secret"),
        ("SHOW_PASSWORD", "basic-secret"),
        ("SHOW_TOKEN", "bearer-secret"),
    ];
    let full = parse_with(&withheld, &variables).expect("a file without mistakes");
    let withheld = full.transcribe.expect("a table").withheld;
    assert_eq!(
        withheld.iter().map(String::as_str).collect::<Vec<_>>(),
        ["SHOW_PASSWORD", "SHOW_TOKEN"]
    );
}

#[test]
fn what_is_written_about_sources_arrives() {
    let settings = full();
    let [first, second] = &settings.sources[..] else {
        panic!("two sources");
    };
    assert_eq!(first.name, "A Show");
    assert_eq!(first.kind, SourceKind::Article);
    assert_eq!(
        first.feed.as_str(),
        "https://example.org/feed.xml?format=atom"
    );
    assert_eq!(first.language.as_deref(), Some("pt-BR"));
    assert!((first.weight - 2.0).abs() < f64::EPSILON);
    assert_eq!(first.topics, ["strategy", "pricing"]);
    assert_eq!(first.selector.as_deref(), Some("article .body"));
    assert_eq!(first.transcript.as_deref(), Some("#transcript"));
    assert_eq!(second.transcript.as_deref(), Some("main > p"));
    assert!(first.transcript_page.is_none() && second.transcript_page.is_none());
    assert!(
        matches!(&first.credentials, Some(Credentials::Basic { user, password }) if user == "ann@example.org" && password.reveal() == "basic-secret")
    );
    assert!(
        matches!(&second.credentials, Some(Credentials::Bearer(token)) if token.reveal() == "bearer-secret")
    );
}

#[test]
fn settings_print_no_secret_and_no_address() {
    let settings = full();
    let printed = format!("{settings:?}");
    assert!(!printed.contains("-secret"), "{printed}");
    for address in ["editor@", "six@", "leave@", "ann@"] {
        assert!(!printed.contains(address), "{printed}");
    }
}

#[test]
fn the_port_and_the_security_of_the_mail_server_follow_its_address() {
    let starttls = server("smtp = \"smtp://mail.example.org\"", &[]);
    assert_eq!(
        (starttls.port, starttls.security),
        (587, Security::StartTls)
    );
    assert!(starttls.login.is_none());
    let implicit = server("smtp = \"smtps://mail.example.org:4650\"", &[]);
    assert_eq!(
        (implicit.port, implicit.security),
        (4650, Security::ImplicitTls)
    );
    let password = [("TAKEFIVE_SMTP_PASSWORD", "p")];
    let with_user = server("smtp = \"smtp://a+b&c@mail.example.org\"", &password);
    assert_eq!(with_user.login.expect("a login").0, "a+b&c");
}

#[test]
fn mail_goes_in_clear_only_to_this_machine() {
    for host in [
        "localhost",
        "mail.localhost",
        "127.0.0.1",
        "127.77.0.9",
        "[::1]",
    ] {
        let mail = format!("smtp = \"smtp://{host}:2525\"\ntls = \"none\"");
        assert_eq!(server(&mail, &[]).security, Security::None, "{host}");
    }
    for host in [
        "mail.example.org",
        "128.0.0.1",
        "[::2]",
        "localhost.example.org",
        "notlocalhost",
    ] {
        let text =
            format!("[mail]\n{SENDER}smtp = \"smtp://{host}:2525\"\ntls = \"none\"\n{SOURCE}");
        assert!(problems(&text).contains("[mail] tls is \"none\""), "{host}");
    }
    assert_eq!(
        server("smtp = \"smtp://[::1]\"\ntls = \"none\"", &[]).host,
        "::1"
    );
}

#[test]
fn an_empty_password_counts_as_missing() {
    let text = format!("[mail]\n{SENDER}smtp = \"smtp://ann@mail.example.org\"\n{SOURCE}");
    assert!(parse_with(&text, &[("TAKEFIVE_SMTP_PASSWORD", "")]).is_err());
    assert!(parse_with(&text, &[("TAKEFIVE_SMTP_PASSWORD", "x")]).is_ok());
}

#[test]
fn one_click_is_a_way_to_leave_on_https_or_on_this_machine() {
    let mail = "[mail]\nfrom = \"five@digest.example.org\"\npostal_address = \"1 Example Street\"\n\
        smtp = \"smtp://mail.example.org\"\n";
    let with = |site: &str| format!("{mail}[site]\n{site}\n{SOURCE}");
    for base_url in [
        "https://digest.example.org",
        "http://127.0.0.1:8080/",
        "http://localhost:8080",
    ] {
        let site = format!("base_url = \"{base_url}\"\none_click = true");
        let site = settings(&with(&site)).site.expect("a site");
        assert!(site.base_url.as_str().ends_with('/'));
    }
    assert!(is_refused(&with(
        "base_url = \"http://digest.example.org\"\none_click = true"
    )));
    assert!(is_refused(&with(
        "base_url = \"https://digest.example.org\""
    )));
    assert!(is_refused(&with(
        "base_url = \"https://digest.example.org\"\none_click = false"
    )));
    assert!(!is_refused(&format!(
        "[site]\nbase_url = \"http://digest.example.org\"\n{SOURCE}"
    )));
}

#[test]
fn each_number_has_a_first_and_a_last_value() {
    let digest = |line: &str| format!("[digest]\n{line}\n{SOURCE}");
    let fetch = |line: &str| format!("[fetch]\n{line}\n{SOURCE}");
    let store = |kept: &str| format!("[store]\nkeep_documents = '{kept}'\n{SOURCE}");
    let weight = |weight: &str| format!("{SOURCE}weight = {weight}\n");
    for (inside, outside) in [
        (digest("size = 1"), digest("size = 0")),
        (digest("size = 10"), digest("size = 11")),
        (digest("size = 0xA"), digest("size = 5.0")),
        (digest("max_per_source = 1"), digest("max_per_source = 0")),
        (digest("max_per_entry = 1"), digest("max_per_entry = 0")),
        (digest("min_score = -1.0"), digest("min_score = inf")),
        (digest("freshness = 0"), digest("freshness = -0.1")),
        (digest("variety = 10"), digest("variety = 10.01")),
        (fetch("in_flight = 1"), fetch("in_flight = 0")),
        (fetch("in_flight = 512"), fetch("in_flight = 513")),
        (fetch("per_host = 1"), fetch("per_host = 0")),
        (fetch("per_host = 16"), fetch("per_host = 17")),
        (fetch("gap = '0 seconds'"), fetch("gap = '-1 seconds'")),
        (fetch("gap = '1 minute'"), fetch("gap = '61 seconds'")),
        (
            fetch("budget = '1 second'"),
            fetch("budget = '999 milliseconds'"),
        ),
        (
            fetch("budget = '24 hours'"),
            fetch("budget = '24 hours 1 second'"),
        ),
        (
            fetch("about = 'https://example.org/a'"),
            fetch("about = 'ftp://example.org/a'"),
        ),
        (weight("10"), weight("10.01")),
        (weight("0.01"), weight("0.0")),
        (
            digest("look_back = '90 days'"),
            digest("look_back = '90 days 1 second'"),
        ),
        (
            digest("look_back = '1 second'"),
            digest("look_back = '0 seconds'"),
        ),
        (store("3 days"), store("2 days 23 hours")), // as long as the look-back at least
        (store("36500 days"), store("36501 days")),
        (
            format!("[digest]\nlook_back = '1 hour'\n{}", store("1 day")),
            format!("[digest]\nlook_back = '1 hour'\n{}", store("23 hours")),
        ),
    ] {
        assert!(!is_refused(&inside), "{inside}");
        assert!(is_refused(&outside), "{outside}");
    }
}

#[test]
fn each_text_has_a_longest_one() {
    let title = |length: usize| format!("[digest]\ntitle = \"{}\"\n{SOURCE}", "é".repeat(length));
    let topic = |length: usize| format!("{SOURCE}topics = [\"{}\"]\n", "é".repeat(length));
    let topics = |count: usize| {
        let topics: Vec<String> = (0..count).map(|nth| format!("\"topic {nth}\"")).collect();
        format!("{SOURCE}topics = [{}]\n", topics.join(", "))
    };
    let selector = |length: usize| format!("{SOURCE}selector = \"{}\"\n", "p".repeat(length));
    let feed = |length: usize| {
        let start = "https://example.org/";
        let path = "p".repeat(length - start.len());
        SOURCE.replace("https://example.org/feed.xml", &format!("{start}{path}"))
    };
    let list_id = |length: usize| {
        format!(
            "[mail]\nlist_id = \"a.{}\"\n{SOURCE}",
            "b".repeat(length - 2)
        )
    };
    for (longest, too_long) in [
        (title(200), title(201)),
        (topic(40), topic(41)),
        (topics(20), topics(21)),
        (selector(1_000), selector(1_001)),
        (feed(2_048), feed(2_049)),
        (list_id(255), list_id(256)),
    ] {
        assert!(!is_refused(&longest), "{longest}");
        assert!(is_refused(&too_long), "{too_long}");
    }
}

#[test]
fn a_file_has_a_largest_size() {
    let padded = |bytes: usize| {
        let comment = "#".repeat(bytes - SOURCE.len() - 1);
        format!("{comment}\n{SOURCE}")
    };
    assert!(parse(&padded(4 << 20)).is_ok());
    let told = problems(&padded((4 << 20) + 1));
    assert!(
        told.starts_with("sources.toml: the file is larger than 4 MiB"),
        "{told}"
    );
}

#[test]
fn twenty_thousand_sources_are_the_most() {
    let many = |count: usize| {
        let rows: Vec<String> = (0..count)
            .map(|nth| format!("{{name='{nth}',kind='podcast',feed='http://a.b/{nth}'}}"))
            .collect();
        format!("source=[{}]", rows.join(","))
    };
    assert_eq!(settings(&many(20_000)).sources.len(), 20_000);
    let told = problems(&many(20_001));
    assert!(told.contains("there are 20001 sources"), "{told}");
}

#[test]
fn time_zones_travel_with_the_program() {
    let bundled = TimeZoneDatabase::bundled();
    assert!(bundled.get("Pacific/Chatham").is_ok());
}

#[test]
fn a_key_of_any_length_is_told_briefly() {
    let text = format!("{} = 1\n{SOURCE}", "k".repeat(1 << 20));
    assert!(problems(&text).len() < 300);
}

#[test]
fn line_endings_and_a_byte_order_mark_do_not_move_the_lines() {
    let text = "\u{feff}[digest]\r\nsize = 99\r\n\r\n".to_owned() + &SOURCE.replace('\n', "\r\n");
    assert!(
        problems(&text).starts_with("sources.toml:2: [digest] size is not"),
        "{}",
        problems(&text)
    );
}

#[test]
fn the_list_in_the_repository_is_ready_to_run() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources.toml");
    let text = fs::read_to_string(path).expect("the list in the repository");
    let settings = settings(&text);
    assert!((15..=30).contains(&settings.sources.len()));
    assert!(matches!(settings.mail.transport, Transport::Outbox(_)));
    for source in &settings.sources {
        assert_eq!(source.feed.scheme(), "https", "{}", source.name);
        assert!(!source.topics.is_empty(), "{}", source.name);
    }
    assert!(text.contains("without live access") && text.contains("takefive sources check"));
}

#[test]
fn each_row_in_the_repository_says_what_text_it_yields() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources.toml");
    let text = fs::read_to_string(path).expect("the list in the repository");
    let yields = [
        "transcript tag",
        "page transcript",
        "full articles",
        "notes only",
        "not known",
    ];
    let mut said = "";
    for (line, next) in text.lines().zip(text.lines().skip(1)) {
        if yields
            .iter()
            .any(|words| line.starts_with(&format!("# {words}")))
        {
            said = line;
        }
        if next == "[[source]]" {
            assert!(
                !said.is_empty(),
                "a row says nothing about its text: {line}"
            );
            said = "";
        }
    }
}

#[test]
fn what_the_list_in_the_repository_offers_can_be_used() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("sources.toml");
    let text = fs::read_to_string(path).expect("the list in the repository");
    let keys = [
        "smtp",
        "tls",
        "ca_file",
        "from",
        "reply_to",
        "list_id",
        "on_unknown",
    ];
    let more = [
        "postal_address",
        "leave_address",
        "templates",
        "base_url",
        "one_click",
        "min_score",
        "thin_day",
        "freshness",
        "variety",
        "file",
        "domain",
        "key_file",
        "command",
        "timeout",
        "max_megabytes",
        "max_per_run",
    ];
    let mut used = Vec::new();
    for line in text.lines() {
        let offered = line.strip_prefix("# ").filter(|rest| {
            let key = rest.split(" = ").next().unwrap_or_default();
            let whole = [
                "[site]",
                "[rules]",
                "[transcribe]",
                "[mail.dkim]",
                "selector = \"takefive\"",
            ];
            whole.contains(rest) || keys.contains(&key) || more.contains(&key)
        });
        used.push(offered.unwrap_or(line));
    }
    let password = [("TAKEFIVE_SMTP_PASSWORD", "secret")];
    let settings = parse_with(&used.join("\n"), &password).expect("what is offered is right");
    assert!(matches!(settings.mail.transport, Transport::Smtp(_)));
    assert!(settings.mail.postal_address.is_some() && settings.mail.leave_address.is_some());
    assert!(settings.site.is_some_and(|site| site.one_click));
    assert!(settings.mail.dkim.is_some());
    assert!(settings.transcribe.is_some());

    let by_program: Vec<&str> = used
        .into_iter()
        .filter(|line| !line.starts_with("smtp = "))
        .map(|line| {
            line.strip_prefix("# ")
                .filter(|line| line.starts_with("sendmail = "))
                .unwrap_or(line)
        })
        .collect();
    let settings = parse(&by_program.join("\n")).expect("what is offered is right");
    assert!(matches!(settings.mail.transport, Transport::Sendmail(_)));
}

#[test]
fn problems_can_be_shown_without_a_file_name() {
    let problems = parse("[digest]\nsize = 0\n").expect_err("two mistakes");
    assert_eq!(problems.as_slice().len(), 2);
    assert_eq!(problems.as_slice()[1].line, Some(2));
    let shown = problems.to_string();
    assert!(shown.starts_with("there is no source"), "{shown}");
    assert!(shown.contains("\nline 2: [digest] size"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_at_all_brings_the_reader_down(
        text in "([a-z_]{1,9}|\\[\\[?(source|mail|digest|site)\\]?\\]|[=\"'{}\\[\\]., 0-9\n\r\t#@:/é-]){0,60}"
    ) {
        let _ = parse(&text);
    }
}

#[test]
fn whoever_has_a_site_is_known_by_it_unless_another_page_is_named() {
    let about = |text: &str| {
        let settings = parse(text).expect("right settings");
        settings.fetch.about.map(String::from)
    };
    let site = format!("[site]\nbase_url = \"https://digest.example.org\"\n{SOURCE}");
    assert_eq!(about(&site).as_deref(), Some("https://digest.example.org/"));
    assert_eq!(about(SOURCE), None);
    let named = format!("[fetch]\nabout = \"https://example.org/who\"\n{site}");
    assert_eq!(about(&named).as_deref(), Some("https://example.org/who"));
}
