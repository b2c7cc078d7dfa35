//! An edition as a reader could get it, and those who write and read it.

use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::date;
use takefive::model::Digest;
use takefive::model::EmailAddress;
use takefive::model::Insight;
use takefive::model::Receipt;
use takefive::model::Related;
use takefive::model::Secret;
use takefive::model::Subscriber;
use takefive::model::Voice;
use takefive::settings::MailSettings;
use takefive::settings::Mailbox;
use takefive::settings::OnUnknown;
use takefive::settings::SendingSettings;
use takefive::settings::SiteSettings;
use takefive::settings::Transport;
use url::Url;

pub(crate) fn url(text: &str) -> Option<Url> {
    Url::parse(text).ok()
}

pub(crate) fn insight(headline: &str, text: &str) -> Insight {
    Insight {
        headline: headline.to_owned(),
        text: text.to_owned(),
        shown: None,
        score: 7.5,
        reasons: Vec::new(),
        source: "The Roadmap Hour".to_owned(),
        entry_title: "Pricing without tears".to_owned(),
        entry_url: url("https://roadmap.example.org/episodes/41"),
        enclosure_url: url("https://audio.example.org/41.mp3?show=7&key=a"),
        of_earlier_day: None,
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
            machine_heard: false,
        },
        topics: vec!["pricing".to_owned(), "discovery".to_owned()],
        also_said_by: Vec::new(),
        related: Vec::new(),
    }
}

/// An article: no speaker, no time, a paragraph.
pub(crate) fn article(headline: &str, text: &str) -> Insight {
    let said = insight(headline, text);
    Insight {
        source: "Notes from the Backlog".to_owned(),
        entry_title: "The meeting that ended itself".to_owned(),
        entry_url: url("https://backlog.example.net/2026/meeting"),
        enclosure_url: None,
        speaker: None,
        start_seconds: None,
        receipt: Receipt {
            paragraph: Some(7),
            ..said.receipt.clone()
        },
        topics: vec!["rituals".to_owned()],
        ..said
    }
}

/// Somebody else who says it, elsewhere.
pub(crate) fn voice(speaker: Option<&str>, source: &str) -> Voice {
    let page = url("https://other.example.org/episodes/9");
    Voice {
        headline: "The same in other words".to_owned(),
        text: "Nobody says this twice in the same words.".to_owned(),
        shown: None,
        source: source.to_owned(),
        entry_title: "Once more".to_owned(),
        entry_url: page.clone(),
        enclosure_url: url("https://audio.example.org/9.mp3"),
        published: Timestamp::UNIX_EPOCH,
        speaker: speaker.map(str::to_owned),
        start_seconds: Some(760.2),
        receipt: Receipt {
            entry_url: page,
            document_sha256: "1".repeat(64),
            from_byte: 0,
            to_byte: 41,
            speaker: speaker.map(str::to_owned),
            start_seconds: Some(760.2),
            paragraph: None,
            machine_heard: false,
        },
    }
}

/// What an edition of February told.
pub(crate) fn related(headline: &str, differs: bool) -> Related {
    Related {
        date: date(2026, 2, 3),
        position: 1,
        differs,
        headline: headline.to_owned(),
        source: "The Long Way Round".to_owned(),
        entry_title: "An older episode".to_owned(),
        entry_url: url("https://long.example.org/3"),
        enclosure_url: url("https://audio.example.org/3.mp3"),
        speaker: Some("Hanne Voll".to_owned()),
        start_seconds: Some(61.0),
    }
}

/// One of each: audio, film, article, an episode without times, audio again.
pub(crate) fn five() -> Vec<Insight> {
    vec![
        insight(
            "Raise the price before you add the feature",
            "We spent two quarters building the thing people said they would pay for. Then we doubled the price of what \
             we already had, and nobody left. The feature was never the constraint; our nerve was.",
        ),
        Insight {
            source: "Shipping Weekly".to_owned(),
            entry_title: "Why our onboarding lost a screen and won a market".to_owned(),
            entry_url: url("https://www.youtube.com/watch?v=abc123&t=5"),
            speaker: Some("Tomasz Brandt".to_owned()),
            start_seconds: Some(3_723.0),
            topics: vec!["onboarding".to_owned(), "activation".to_owned()],
            ..insight(
                "Every screen you remove is a decision you make for the user",
                "We took out the team-size question because we could guess it. Sign-ups went up by a ninth, and support \
                 tickets did not move at all.",
            )
        },
        article(
            "Cancel the meeting and watch who reschedules it",
            "For one month I deleted every recurring meeting I owned. Four came back, set up by the people who needed \
             them. The other eleven had been mine alone.",
        ),
        Insight {
            source: "Second Draft".to_owned(),
            entry_title: "Jobs, regrets, and the closed tab".to_owned(),
            enclosure_url: None,
            speaker: Some("Marguerite Lindqvist-Achebe".to_owned()),
            start_seconds: None,
            topics: vec!["interviews".to_owned()],
            ..insight(
                "Talk to the customers who nearly bought",
                "The people who churned will tell you a story that makes them look sensible. The people who nearly \
                 bought still remember the moment they closed the tab.",
            )
        },
        Insight {
            source: "Product Kitchen".to_owned(),
            entry_title: "Saying no on paper".to_owned(),
            speaker: Some("Devi Raman".to_owned()),
            start_seconds: Some(512.0),
            topics: ["strategy", "focus", "planning"]
                .map(str::to_owned)
                .to_vec(),
            also_said_by: vec![
                voice(Some("Okon Bassey"), "Plain Roads"),
                voice(None, "The Dissent"),
            ],
            related: vec![
                related("Write the strategy down before the budget", false),
                related(
                    "A strategy that everybody understands is worth more than a bold one",
                    true,
                ),
            ],
            ..insight(
                "A strategy that nobody can disagree with is a slogan",
                "I ask teams to write down the sensible thing they decided not to do. If the page stays empty there is \
                 no strategy yet, there is a poster.",
            )
        },
    ]
}

pub(crate) fn digest_of(insights: Vec<Insight>) -> Digest {
    Digest::new(
        date(2026, 11, 23),
        12,
        "Take Five".to_owned(),
        "2026-11-23T06:30:05Z".parse().expect("a moment"),
        insights,
    )
    .expect("not empty")
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

pub(crate) fn mail_settings() -> MailSettings {
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
        dkim: None,
        bounce_address: None,
        sending: SendingSettings::default(),
    }
}

pub(crate) fn site() -> SiteSettings {
    SiteSettings {
        base_url: Url::parse("https://digest.example.org/").expect("a URL"),
        one_click: true,
    }
}

pub(crate) fn ann() -> Subscriber {
    Subscriber {
        id: 7,
        address: address("ann@reader.example"),
        leave_token: Secret::new("tok_EN-7b1f"),
    }
}
