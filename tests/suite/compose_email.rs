//! The mail of an edition: what readers see, and what the wire carries.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::date;
use mail_parser::MessageParser;
use mail_parser::MimeHeaders;
use takefive::model::Digest;
use takefive::model::Email;
use takefive::model::EmailAddress;
use takefive::model::Insight;
use takefive::model::Receipt;
use takefive::model::Secret;
use takefive::model::Subscriber;
use takefive::settings::MailSettings;
use takefive::settings::Mailbox;
use takefive::settings::OnUnknown;
use takefive::settings::SiteSettings;
use takefive::settings::Transport;
use takefive::stages::compose_email::ComposeError;
use takefive::stages::compose_email::Letterhead;
use takefive::stages::compose_email::Preview;
use takefive::stages::compose_email::Templates;
use takefive::stages::compose_email::compose_email;
use takefive::stages::compose_email::compose_preview;
use url::Url;

fn url(text: &str) -> Option<Url> {
    Some(Url::parse(text).expect("the tests write valid URLs"))
}

fn insight(headline: &str, text: &str) -> Insight {
    Insight {
        headline: headline.to_owned(),
        text: text.to_owned(),
        score: 7.5,
        reasons: Vec::new(),
        source: "The Roadmap Hour".to_owned(),
        entry_title: "Pricing without tears".to_owned(),
        entry_url: url("https://roadmap.example.org/episodes/41"),
        enclosure_url: url("https://audio.example.org/41.mp3?show=7&key=a"),
        published: Timestamp::UNIX_EPOCH,
        speaker: Some("Ines Okafor".to_owned()),
        start_seconds: Some(1_394.6),
        receipt: Receipt {
            entry_url: url("https://roadmap.example.org/episodes/41"),
            document_sha256: "0".repeat(64),
            from_byte: 0,
            to_byte: text.len(),
            speaker: Some("Ines Okafor".to_owned()),
            start_seconds: Some(1_394.6),
            paragraph: None,
        },
        topics: vec!["pricing".to_owned(), "discovery".to_owned()],
    }
}

fn article(headline: &str, text: &str) -> Insight {
    let mut insight = insight(headline, text);
    insight.source = "Notes from the Backlog".to_owned();
    insight.entry_title = "The meeting that ended itself".to_owned();
    insight.entry_url = url("https://backlog.example.net/2026/meeting");
    insight.enclosure_url = None;
    insight.speaker = None;
    insight.start_seconds = None;
    insight.receipt.paragraph = Some(7);
    insight.topics = vec!["rituals".to_owned()];
    insight
}

fn film(headline: &str, text: &str) -> Insight {
    let mut insight = insight(headline, text);
    insight.source = "Shipping Weekly".to_owned();
    insight.entry_title = "Why our onboarding lost a screen and won a market".to_owned();
    insight.entry_url = url("https://www.youtube.com/watch?v=abc123&t=5");
    insight.speaker = Some("Tomasz Brandt".to_owned());
    insight.start_seconds = Some(3_723.0);
    insight.topics = vec!["onboarding".to_owned(), "activation".to_owned()];
    insight
}

fn five() -> Vec<Insight> {
    let mut untimed = insight(
        "Talk to the customers who nearly bought",
        "The people who churned will tell you a story that makes them look sensible. The people who nearly bought still \
         remember the moment they closed the tab.",
    );
    untimed.source = "Second Draft".to_owned();
    untimed.entry_title = "Jobs, regrets, and the closed tab".to_owned();
    untimed.speaker = Some("Marguerite Lindqvist-Achebe".to_owned());
    untimed.start_seconds = None;
    untimed.enclosure_url = None;
    untimed.topics = vec!["interviews".to_owned()];
    let mut last = insight(
        "A strategy that nobody can disagree with is a slogan",
        "I ask teams to write down the sensible thing they decided not to do. If the page stays empty there is no \
         strategy yet, there is a poster.",
    );
    last.source = "Product Kitchen".to_owned();
    last.entry_title = "Saying no on paper".to_owned();
    last.speaker = Some("Devi Raman".to_owned());
    last.start_seconds = Some(512.0);
    last.topics = vec!["strategy".to_owned(), "focus".to_owned(), "planning".to_owned()];
    vec![
        insight(
            "Raise the price before you add the feature",
            "We spent two quarters building the thing people said they would pay for. Then we doubled the price of what \
             we already had, and nobody left. The feature was never the constraint; our nerve was.",
        ),
        film(
            "Every screen you remove is a decision you make for the user",
            "We took out the team-size question because we could guess it. Sign-ups went up by a ninth, and support \
             tickets did not move at all.",
        ),
        article(
            "Cancel the meeting and watch who reschedules it",
            "For one month I deleted every recurring meeting I owned. Four came back, set up by the people who needed \
             them. The other eleven had been mine alone.",
        ),
        untimed,
        last,
    ]
}

fn digest_of(insights: Vec<Insight>) -> Digest {
    Digest::new(
        date(2026, 11, 23),
        12,
        "Take Five".to_owned(),
        "2026-11-23T06:30:05Z".parse().expect("a moment"),
        insights,
    )
    .expect("not empty")
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

fn mail_settings() -> MailSettings {
    MailSettings {
        from: Mailbox {
            name: Some("Take Five".to_owned()),
            address: address("five@digest.example.org"),
        },
        reply_to: Some(address("editor@digest.example.org")),
        leave_address: Some(address("leave@digest.example.org")),
        transport: Transport::Outbox(PathBuf::from("outbox")),
        list_id: Some("take-five.digest.example.org".to_owned()),
        postal_address: Some("1 Example Street, London".to_owned()),
        templates: None,
        on_unknown: OnUnknown::Resend,
    }
}

fn site() -> SiteSettings {
    SiteSettings {
        base_url: Url::parse("https://digest.example.org/").expect("a URL"),
        one_click: true,
    }
}

fn ann() -> Subscriber {
    Subscriber {
        id: 7,
        address: address("ann@reader.example"),
        leave_token: Secret::new("tok_EN-7b1f"),
    }
}

fn built_in() -> Templates {
    Templates::new(&BTreeMap::new()).expect("the built-in templates are right")
}

fn preview(digest: &Digest) -> Preview {
    let mail = mail_settings();
    let letterhead = Letterhead { mail: &mail, site: None };
    compose_preview(digest, &letterhead, &built_in()).expect("a preview")
}

fn email_to(subscriber: &Subscriber, digest: &Digest) -> Email {
    let (mail, site) = (mail_settings(), site());
    let letterhead = Letterhead { mail: &mail, site: Some(&site) };
    compose_email(digest, subscriber, &letterhead, &built_in()).expect("an email")
}

#[test]
fn throwaway() {
    let p = preview(&digest_of(five()));
    std::fs::write("/tmp/tf/mailshot/digest.html", &p.html).unwrap();
    println!("{}\n{}\n{}", p.subject, p.html.len(), p.text);
    let e = email_to(&ann(), &digest_of(five()));
    std::fs::write("/tmp/tf/mailshot/a.eml", &e.bytes).unwrap();
    println!("{}", String::from_utf8_lossy(&e.bytes[..2500]));
    let t = built_in(); let (mail, site) = (mail_settings(), site());
    let letterhead = Letterhead { mail: &mail, site: Some(&site) };
    let d = digest_of(five());
    let now = std::time::Instant::now();
    for _ in 0..20 { compose_email(&d, &ann(), &letterhead, &t).unwrap(); }
    println!("{:?} each", now.elapsed()/20);
}
