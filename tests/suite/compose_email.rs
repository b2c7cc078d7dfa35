//! The mail of an edition: what readers see, and what the wire carries.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::date;
use mail_parser::MessageParser;
use mail_parser::MimeHeaders as _;
use takefive::model::Digest;
use takefive::model::Email;
use takefive::model::Insight;
use takefive::model::MailWords;
use takefive::model::Secret;
use takefive::model::Subscriber;
use takefive::model::sha256_hex;
use takefive::settings::MailSettings;
use takefive::settings::SiteSettings;
use takefive::stages::compose_email::ComposeError;
use takefive::stages::compose_email::Letterhead;
use takefive::stages::compose_email::Mailing;
use takefive::stages::compose_email::Preview;
use takefive::stages::compose_email::Templates;
use takefive::stages::compose_email::compose_email;
use takefive::stages::compose_email::compose_preview;
use takefive::stages::compose_email::set_words;

pub(crate) mod edition;

mod hostile;

mod mistakes;

use edition::address;
use edition::ann;
use edition::article;
use edition::digest_of;
use edition::five;
use edition::insight;
use edition::mail_settings;
use edition::related;
use edition::site;
use edition::url;
use edition::voice;

fn built_in() -> Templates {
    static TRIED: LazyLock<Templates> = LazyLock::new(|| {
        Templates::new(&BTreeMap::new()).expect("the built-in templates are right")
    });
    TRIED.clone()
}

fn preview(digest: &Digest) -> Preview {
    let mail = mail_settings();
    let letterhead = Letterhead {
        mail: &mail,
        site: None,
    };
    compose_preview(digest, &letterhead, &built_in()).expect("a preview")
}

#[test]
fn what_fills_a_thin_day_is_labelled_with_its_day_and_nothing_else_is() {
    let mut older = insight("Price the value", "Price the value, not the cost of it.");
    older.of_earlier_day = Some(date(2026, 2, 28));
    let shown = preview(&digest_of(vec![
        insight("Ask twice", "Ask twice, then build."),
        older,
    ]));
    let day = "28\u{a0}February\u{a0}2026";
    let html = shown.html.replace("&nbsp;", "\u{a0}");
    assert_eq!(html.matches(day).count(), 1, "{html}");
    assert!(html.contains(&format!("From {day}")));
    let line = format!("The Roadmap Hour, about\u{a0}23:14, {day}");
    let words = shown.text.split_whitespace().collect::<Vec<_>>().join(" ");
    let wanted = line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&wanted), "{words}");
}

fn email_to(subscriber: &Subscriber, digest: &Digest) -> Email {
    let (mail, site) = (mail_settings(), site());
    let letterhead = Letterhead {
        mail: &mail,
        site: Some(&site),
    };
    try_to_compose(digest, subscriber, &letterhead).expect("an email")
}

fn compose(
    digest: &Digest,
    subscriber: &Subscriber,
    mail: &MailSettings,
    site: Option<&SiteSettings>,
) -> Email {
    try_to_compose(digest, subscriber, &Letterhead { mail, site }).expect("an email")
}

fn try_to_compose(
    digest: &Digest,
    subscriber: &Subscriber,
    letterhead: &Letterhead<'_>,
) -> Result<Email, ComposeError> {
    compose_email(&mailing(digest, letterhead)?, subscriber)
}

fn mailing(digest: &Digest, letterhead: &Letterhead<'_>) -> Result<Mailing, ComposeError> {
    let words = set_words(digest, letterhead, &built_in())?;
    Ok(Mailing::new(digest.clone(), letterhead, words))
}

fn parts(email: &Email) -> (String, String) {
    let message = MessageParser::default()
        .parse(&email.bytes)
        .expect("a message");
    let text = message
        .body_text(0)
        .expect("a text part")
        .replace("\r\n", "\n");
    let html = message
        .body_html(0)
        .expect("an HTML part")
        .replace("\r\n", "\n");
    (text, html)
}

/// Names of the header fields as they stand in the bytes, in order.
fn field_names(email: &Email) -> Vec<String> {
    let message = String::from_utf8(email.bytes.clone()).expect("ASCII");
    let (head, _) = message.split_once("\r\n\r\n").expect("a head");
    head.split("\r\n")
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap_or_default().to_owned())
        .collect()
}

fn field(email: &Email, name: &str) -> Option<String> {
    let message = MessageParser::default()
        .parse(&email.bytes)
        .expect("a message");
    let value = message.header_raw(name)?;
    Some(value.split_whitespace().collect::<Vec<_>>().join(" "))
}

const FIELDS: [&str; 12] = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
];

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let digest = digest_of(five());
    assert_eq!(email_to(&ann(), &digest), email_to(&ann(), &digest));
}

#[test]
fn a_token_stands_where_it_should_wherever_the_lines_of_the_mail_end() {
    let (mail, site) = (mail_settings(), site());
    let letterhead = Letterhead {
        mail: &mail,
        site: Some(&site),
    };
    let mut reader = ann();
    reader.leave_token = Secret::new("Qm3-first_token_of_ann01");
    for before in 0..160 {
        let line = |token: &str| format!("{}={token}é{token} and {token}\n", "ä".repeat(before));
        let words = MailWords {
            subject: "five".to_owned(),
            text: line("0123456789abcdef01234567"),
            html: line("0123456789abcdef01234567"),
            placeholder: "0123456789abcdef01234567".to_owned(),
        };
        let mailing = Mailing::new(digest_of(five()), &letterhead, words);
        let email = compose_email(&mailing, &reader).expect("an email");
        let (text, html) = parts(&email);
        let wanted = line("Qm3-first_token_of_ann01");
        assert_eq!(
            (text.trim_end(), html.trim_end()),
            (wanted.trim_end(), wanted.trim_end())
        );
        let message = String::from_utf8(email.bytes).expect("ASCII");
        let (_, body) = message.split_once("\r\n\r\n").expect("a head");
        assert!(body.lines().all(|line| line.len() <= 76));
    }
}

#[test]
fn words_that_are_set_once_carry_each_reader_s_own_way_to_leave_and_nobody_else_s() {
    let digest = digest_of(five());
    let (mail, site) = (mail_settings(), site());
    let letterhead = Letterhead {
        mail: &mail,
        site: Some(&site),
    };
    let mailing = mailing(&digest, &letterhead).expect("a mailing");
    let tokens = ["Qm3-first_token_of_ann01", "zZ9_other-token_of_ben02"];
    for nth in 0..tokens.len() {
        let mut reader = ann();
        reader.leave_token = Secret::new(tokens[nth]);
        let email = compose_email(&mailing, &reader).expect("an email");
        assert_eq!(email, email_to(&reader, &digest), "whoever came before");
        let (text, html) = parts(&email);
        assert!(
            text.contains(&format!("/leave/{}\n", tokens[nth])),
            "{text}"
        );
        assert!(
            text.contains(&format!("\nleave {}\n", tokens[nth])),
            "{text}"
        );
        assert!(
            html.contains(&format!("/leave/{}\"", tokens[nth])),
            "{html}"
        );
        for other in (0..tokens.len()).filter(|other| *other != nth) {
            assert!(!text.contains(tokens[other]) && !html.contains(tokens[other]));
        }
    }
}

#[test]
fn an_edition_that_quotes_what_holds_the_place_of_a_token_gives_no_token_away() {
    // the first two words that could hold the place
    let first = &sha256_hex(&0_u64.to_be_bytes())[..24];
    let second = &sha256_hex(&1_u64.to_be_bytes())[..24];
    let mut insights = five();
    insights[0].text =
        format!("A passage with {first} in it, which is what a prying writer could send in.");
    insights[0].entry_url = url(&format!("https://pry.example/?reader={second}"));
    let reader = ann();
    let (text, html) = parts(&email_to(&reader, &digest_of(insights)));
    for part in [&text, &html] {
        assert!(part.contains(first) && part.contains(second), "{part}");
        assert!(!part.contains(&format!("reader={}", reader.leave_token.reveal())));
    }
}

#[test]
fn each_field_stands_once_and_says_what_it_should() {
    let email = email_to(&ann(), &digest_of(five()));
    assert_eq!(field_names(&email), FIELDS);
    for (name, value) in [
        ("From", "\"Take Five\" <five@digest.example.org>"),
        ("To", "ann@reader.example"),
        ("Reply-To", "editor@digest.example.org"),
        ("Subject", "Raise the price before you add the feature"),
        ("Date", "Mon, 23 Nov 2026 06:30:05 +0000"),
        ("List-Id", "Take Five <take-five.digest.example.org>"),
        (
            "List-Unsubscribe",
            "<https://digest.example.org/leave/tok_EN-7b1f>, \
             <mailto:leave@digest.example.org?subject=leave%20tok_EN-7b1f>",
        ),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
    ] {
        assert_eq!(field(&email, name).as_deref(), Some(value), "{name}");
    }
    assert_eq!((email.date, email.subscriber), (date(2026, 11, 23), 7));
}

#[test]
fn the_message_id_is_one_reader_s_and_one_edition_s_and_names_nobody() {
    let digest = digest_of(five());
    let email = email_to(&ann(), &digest);
    assert_eq!(
        field(&email, "Message-ID"),
        Some(format!("<{}>", email.message_id))
    );
    let (local, domain) = email.message_id.split_once('@').expect("an id");
    assert_eq!((local.len(), domain), (32, "digest.example.org"));
    assert!(local.bytes().all(|byte| byte.is_ascii_hexdigit()));

    let moved = Subscriber {
        address: address("ann@elsewhere.example"),
        ..ann()
    };
    assert_eq!(email_to(&moved, &digest).message_id, email.message_id);
    let bob = Subscriber { id: 8, ..ann() };
    assert_ne!(email_to(&bob, &digest).message_id, email.message_id);
    let mut tomorrow = digest;
    tomorrow.date = date(2026, 11, 24);
    assert_ne!(email_to(&ann(), &tomorrow).message_id, email.message_id);
}

#[test]
fn the_wire_form_is_ascii_in_short_lines_that_end_in_crlf() {
    let mut insights = five();
    insights[0].headline = "Größe ist kein Ziel 🚀 ".repeat(300);
    insights[1].text = "x".repeat(50_000);
    let email = email_to(&ann(), &digest_of(insights));
    let message = String::from_utf8(email.bytes).expect("text");
    assert!(message.is_ascii());
    assert_eq!(
        message.matches('\n').count(),
        message.matches("\r\n").count()
    );
    assert_eq!(
        message.matches('\r').count(),
        message.matches("\r\n").count()
    );
    assert!(message.ends_with("\r\n"));
    let longest = message.split("\r\n").map(str::len).max();
    assert!(longest <= Some(78), "{longest:?}");
}

#[test]
fn text_comes_first_and_html_last() {
    let email = email_to(&ann(), &digest_of(five()));
    let message = MessageParser::default()
        .parse(&email.bytes)
        .expect("a message");
    let kinds: Vec<String> = message
        .parts
        .iter()
        .filter_map(|part| part.content_type())
        .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
        .collect();
    assert_eq!(kinds, ["multipart/alternative", "text/plain", "text/html"]);
}

#[test]
fn both_parts_carry_the_same_headlines_quotes_sources_and_links_in_order() {
    let digest = digest_of(five());
    let (text, html) = parts(&email_to(&ann(), &digest));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [&text, &html] {
        let mut from = 0;
        for insight in digest.insights() {
            for words in [&insight.headline, &insight.text] {
                let at = part[from..].find(words.as_str());
                from += at.unwrap_or_else(|| panic!("{words:?} is missing or out of order"));
            }
            assert!(part.contains(&insight.source));
            assert!(part.contains(&insight.entry_title));
        }
        for needed in [
            "#t=1394",
            "https://www.youtube.com/watch?v=abc123",
            "t=3723",
            "https://backlog.example.net/2026/meeting",
            "https://digest.example.org/leave/tok_EN-7b1f",
            "You get this mail because you asked for Take Five.",
            "1 Example Street, London",
        ] {
            assert!(part.contains(needed), "{needed}");
        }
    }
}

#[test]
fn what_readers_see_is_as_approved() {
    let preview = preview(&digest_of(five()));
    let (text, html) = parts(&email_to(&ann(), &digest_of(five())));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../approved/compose_email");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!("mail.txt", text);
        insta::assert_snapshot!("mail.html", html);
        insta::assert_snapshot!("preview.txt", preview.text);
    });
}

/// Label and address of the first card's last link.
fn action_of(insight: Insight) -> (String, String) {
    let html = preview(&digest_of(vec![insight])).html;
    let page = scraper::Html::parse_document(&html);
    let selector = scraper::Selector::parse(".action-link").expect("a selector");
    let link = page.select(&selector).next().expect("a link");
    (
        link.text().collect::<String>(),
        link.attr("href").unwrap_or_default().to_owned(),
    )
}

#[test]
fn the_link_leads_as_near_to_the_words_as_it_can() {
    let podcast = || insight("A claim", "Some words.");
    let with_page = |page: &str, seconds: f64| {
        let mut insight = podcast();
        insight.entry_url = url(page);
        insight.start_seconds = Some(seconds);
        insight
    };
    let audio = "https://audio.example.org/41.mp3?show=7&key=a";
    for (insight, label, link) in [
        (
            podcast(),
            "Listen from about 23:14",
            format!("{audio}#t=1394"),
        ),
        (
            with_page("https://roadmap.example.org/41", 0.0),
            "Listen from about 0:00",
            format!("{audio}#t=0"),
        ),
        (
            with_page("https://roadmap.example.org/41", 3_600.0),
            "Listen from about 1:00:00",
            format!("{audio}#t=3600"),
        ),
        (
            with_page("https://youtu.be/abc?start=3", 59.9),
            "Watch from about 0:59",
            "https://youtu.be/abc?t=59".to_owned(),
        ),
        (
            with_page("https://m.youtube.com/watch?v=a&t=4", 61.0),
            "Watch from about 1:01",
            "https://m.youtube.com/watch?v=a&t=61".to_owned(),
        ),
        (
            with_page("https://notyoutube.com/watch?v=a", 61.0),
            "Listen from about 1:01",
            format!("{audio}#t=61"),
        ),
        (
            Insight {
                enclosure_url: None,
                ..podcast()
            },
            "Open the episode (listen from about 23:14)",
            "https://roadmap.example.org/episodes/41".to_owned(),
        ),
        (
            Insight {
                start_seconds: None,
                ..podcast()
            },
            "Open the episode",
            "https://roadmap.example.org/episodes/41".to_owned(),
        ),
        (
            article("A claim", "Some words."),
            "Read it in place, paragraph 7",
            "https://backlog.example.net/2026/meeting".to_owned(),
        ),
    ] {
        let found = action_of(insight);
        assert_eq!((found.0.as_str(), found.1), (label, link));
    }
}

#[test]
fn a_time_that_is_none_is_not_shown() {
    for seconds in [f64::NAN, f64::INFINITY, -1.0, 86_400.0] {
        let mut insight = insight("A claim", "Some words.");
        insight.start_seconds = Some(seconds);
        assert_eq!(action_of(insight).0, "Open the episode", "{seconds}");
    }
}

#[test]
fn only_links_over_http_are_let_through() {
    let mut insight = insight("A claim", "Some words.");
    insight.entry_url = url("javascript:alert(1)");
    insight.enclosure_url = url("data:text/html,hello");
    let preview = preview(&digest_of(vec![insight]));
    for part in [&preview.html, &preview.text] {
        assert!(!part.contains("javascript:") && !part.contains("data:"));
    }
}

#[test]
fn without_a_site_leaving_goes_by_mail_alone() {
    let digest = digest_of(five());
    let mail = mail_settings();
    let off = SiteSettings {
        one_click: false,
        ..site()
    };
    for site in [None, Some(&off)] {
        let email = compose(&digest, &ann(), &mail, site);
        let expected = "<mailto:leave@digest.example.org?subject=leave%20tok_EN-7b1f>";
        assert_eq!(field(&email, "List-Unsubscribe").as_deref(), Some(expected));
        assert_eq!(field(&email, "List-Unsubscribe-Post"), None);
        let (text, html) = parts(&email);
        assert!(
            text.contains("write to leave@digest.example.org with the subject\nleave tok_EN-7b1f")
        );
        assert!(html.contains("mailto:leave@digest.example.org?subject=leave%20tok_EN-7b1f"));
    }
}

#[test]
fn without_an_address_for_leaving_an_answer_is_the_way() {
    let digest = digest_of(five());
    let mut mail = mail_settings();
    mail.leave_address = None;
    let email = compose(&digest, &ann(), &mail, None);
    let way = field(&email, "List-Unsubscribe").expect("a way");
    assert!(
        way.starts_with("<mailto:editor@digest.example.org?"),
        "{way}"
    );
    mail.reply_to = None;
    let email = compose(&digest, &ann(), &mail, None);
    let way = field(&email, "List-Unsubscribe").expect("a way");
    assert!(way.starts_with("<mailto:five@digest.example.org?"), "{way}");
    assert_eq!(field(&email, "Reply-To"), None);
}

#[test]
fn a_preview_names_no_reader_and_no_token() {
    let preview = preview(&digest_of(five()));
    for part in [&preview.html, &preview.text] {
        assert!(!part.contains("tok_EN") && !part.contains("ann@"));
        assert!(part.contains("In the mail, each reader's own way to leave stands here."));
    }
}

#[test]
fn the_subject_is_the_top_headline_cut_after_a_word() {
    let fits = format!("{} {}", "word".repeat(18), "abcde"); // 78 characters
    let long = format!("{} {}", "word".repeat(18), "abcdef"); // 79
    let one_word = "é".repeat(200);
    for (headline, subject) in [
        (fits.clone(), fits.clone()),
        (long, format!("{}…", "word".repeat(18))),
        (one_word, format!("{}…", "é".repeat(77))),
        (
            "Two\r\nlines\tand  spaces".to_owned(),
            "Two lines and spaces".to_owned(),
        ),
    ] {
        let digest = digest_of(vec![insight(&headline, "Some words.")]);
        assert_eq!(preview(&digest).subject, subject);
        let email = email_to(&ann(), &digest);
        let message = MessageParser::default()
            .parse(&email.bytes)
            .expect("a message");
        assert_eq!(message.subject(), Some(subject.as_str()));
    }
}

#[test]
fn the_preheader_is_of_the_length_that_inboxes_show_and_not_the_subject() {
    let preheader = |digest: &Digest| {
        let preview = preview(digest);
        let page = scraper::Html::parse_document(&preview.html);
        let selector =
            scraper::Selector::parse("body > .preheader:first-child").expect("a selector");
        let text: String = page
            .select(&selector)
            .next()
            .expect("first in the body")
            .text()
            .collect();
        assert_ne!(text, preview.subject);
        text
    };
    let expected = "Also: Every screen you remove is a decision you make for the user · \
                    Cancel the meeting and watch who reschedules it";
    assert_eq!(preheader(&digest_of(five())), expected);
    let single = insight(
        "Short",
        "Short. And this is what they say after it, for a while.",
    );
    let expected = "And this is what they say after it, for a while.";
    assert_eq!(preheader(&digest_of(vec![single])), expected);
    let short = || {
        insight(
            "Short",
            "Words that go on for a while, so that something can be shown of them.",
        )
    };
    let long = insight(&"long words ".repeat(40), "Some words.");
    for insights in [vec![short()], vec![short(), short()], vec![short(), long]] {
        let length = preheader(&digest_of(insights)).chars().count();
        assert!((35..=140).contains(&length), "{length}");
    }
}

#[test]
fn the_largest_edition_is_not_clipped() {
    let insights = (0..10)
        .map(|_| {
            let mut insight = insight(&"wörd ".repeat(100), &"wörd ".repeat(1_000));
            insight.topics = vec!["topic ".repeat(50); 9];
            let link = || url(&format!("https://x.example/{}", "a".repeat(470)));
            insight.also_said_by =
                vec![voice(Some(&"nämé ".repeat(40)), &"sörce ".repeat(40)); 4];
            insight.related = vec![related(&"öld ".repeat(80), true); 4];
            for voice in &mut insight.also_said_by {
                voice.enclosure_url = link();
            }
            for related in &mut insight.related {
                related.enclosure_url = link();
            }
            insight
        })
        .collect();
    let email = email_to(&ann(), &digest_of(insights));
    let (_, html) = parts(&email);
    assert!(html.len() < 75_000, "{}", html.len());
    assert!(html.contains("Also said by") && html.contains("A different view"));
    let message = MessageParser::default()
        .parse(&email.bytes)
        .expect("a message");
    let encoded = message.parts[2].raw_len();
    assert!(encoded < 102_000, "{encoded}");
}

#[test]
fn the_page_is_made_for_dark_rooms_small_screens_and_outlook() {
    let html = parts(&email_to(&ann(), &digest_of(five()))).1;
    for needed in [
        "<!DOCTYPE html>",
        "<html lang=\"en\"",
        "<div lang=\"en\"",
        "<meta name=\"color-scheme\" content=\"light dark\">",
        "<meta name=\"supported-color-schemes\" content=\"light dark\">",
        "@media (prefers-color-scheme: dark)",
        "@media (max-width: 480px)",
        "<!--[if mso]><table role=\"presentation\" width=\"600\"",
        "style=\"",
    ] {
        assert!(html.contains(needed), "{needed}");
    }
    let page = scraper::Html::parse_document(&html);
    let count = |selector: &str| {
        page.select(&scraper::Selector::parse(selector).expect("a selector"))
            .count()
    };
    assert_eq!((count("h1"), count("h2"), count("h3")), (1, 5, 0));
    assert_eq!(count("table"), count("table[role=presentation]"));
    assert_eq!(count("script, form, iframe, img, link, object"), 0);
}

#[test]
fn a_quote_that_begins_with_its_headline_is_whole_and_its_new_words_stand_out() {
    let told = "A setting is a decision handed on";
    let echo_of = |headline: &str, quote: &str| {
        let html = preview(&digest_of(vec![insight(headline, quote)])).html;
        let page = scraper::Html::parse_document(&html);
        let text = |selector: &str| {
            let selector = scraper::Selector::parse(selector).expect("a selector");
            let element = page.select(&selector).next();
            element.map(|element| element.text().collect::<String>())
        };
        assert_eq!(text(".quote"), Some(format!("“{quote}”")));
        text(".echo")
    };
    let quote = format!("{told}. We took fifty of them away.");
    assert_eq!(echo_of(told, &quote), Some(format!("{told}.")));
    for (headline, quote) in [
        (told, "We took fifty of them away."),
        (told, "A setting is a decision handed on."),
        (told, "A setting is a decision handed on"),
        (
            told,
            "A setting is a decision handed on to others. So it is.",
        ),
        ("A", "Abc. Words."),
    ] {
        assert_eq!(echo_of(headline, quote), None, "{quote}");
    }
}

#[test]
fn a_topic_that_another_one_says_already_is_left_out() {
    let topics_of = |topics: &[&str]| {
        let mut insight = insight("A claim", "Some words.");
        insight.topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        let html = preview(&digest_of(vec![insight])).html;
        let page = scraper::Html::parse_document(&html);
        let selector = scraper::Selector::parse(".topic").expect("a selector");
        page.select(&selector)
            .map(|topic| topic.text().collect::<String>())
            .collect::<Vec<_>>()
    };
    for (topics, shown) in [
        (
            &["growth & retention", "growth", "Retention"][..],
            &["growth & retention"][..],
        ),
        (&["growth", "growth & retention"], &["growth & retention"]),
        (&["pricing", "Pricing", "price"], &["pricing", "price"]),
        (&["a", "b", "c", "d"], &["a", "b", "c"]),
        (&["🚀", ""], &["🚀"]),
    ] {
        assert_eq!(topics_of(topics), shown);
    }
}

#[test]
fn a_place_without_a_link_is_told_in_words() {
    let mut unlinked = article("A claim", "Some words.");
    unlinked.entry_url = None;
    let preview = preview(&digest_of(vec![unlinked]));
    for part in [&preview.html, &preview.text] {
        assert!(part.contains("paragraph") && !part.contains("Read it in place"));
    }
}

#[test]
fn adverts_are_spoken_of_where_there_are_times() {
    let remark = "Times are about right";
    let said = preview(&digest_of(vec![insight("A claim", "Some words.")]));
    let written = preview(&digest_of(vec![article("A claim", "Some words.")]));
    assert!(said.html.contains(remark) && said.text.contains(remark));
    assert!(!written.html.contains(remark) && !written.text.contains(remark));
}

#[test]
fn a_link_with_a_name_and_password_in_it_is_nobody_s() {
    let mut insight = insight("A claim", "Some words.");
    insight.enclosure_url = url("https://ann:secret@audio.example.org/41.mp3");
    insight.entry_url = url("https://bank.example@other.example/41");
    let preview = preview(&digest_of(vec![insight]));
    for part in [&preview.html, &preview.text] {
        assert!(
            !part.contains("secret") && !part.contains("other.example"),
            "{part}"
        );
    }
}

#[test]
fn an_operator_s_own_template_wins() {
    let own = BTreeMap::from([
        (
            "subject.txt".to_owned(),
            "{{ title }}: {{ insights[0].headline }}".into(),
        ),
        ("digest.txt".to_owned(), "{% include 'card.txt' %}".into()),
        (
            "card.txt".to_owned(),
            "{{ insights | length }} of them".into(),
        ),
    ]);
    let templates = Templates::new(&own).expect("right");
    let mail = mail_settings();
    let letterhead = Letterhead {
        mail: &mail,
        site: None,
    };
    let preview = compose_preview(&digest_of(five()), &letterhead, &templates).expect("a preview");
    assert_eq!(
        preview.subject,
        "Take Five: Raise the price before you add the feature"
    );
    assert_eq!(preview.text, "5 of them\n");
    assert!(preview.html.contains("<h2"));
}

#[test]
fn names_that_need_care_in_a_header_get_it() {
    let mut mail = mail_settings();
    mail.from.name = Some("Fünf, \"täglich\" <x@y.example>\r\nBcc: z".to_owned());
    let mut digest = digest_of(five());
    digest.title = "Fünf: für (alle), täglich".to_owned();
    let email = compose(&digest, &ann(), &mail, None);
    let message = MessageParser::default()
        .parse(&email.bytes)
        .expect("a message");
    let from = message
        .from()
        .and_then(|from| from.first())
        .expect("a sender");
    assert_eq!(from.name(), Some("Fünf, \"täglich\" <x@y.example> Bcc: z"));
    assert_eq!(from.address(), Some("five@digest.example.org"));
    let list = field(&email, "List-Id").expect("a list");
    assert!(
        list.starts_with("=?utf-8?b?") && list.ends_with(" <take-five.digest.example.org>"),
        "{list}"
    );
    assert!(!field_names(&email).contains(&"Bcc".to_owned()));
}

#[test]
fn an_address_that_needs_smtputf8_concerns_its_reader_only() {
    let reader = Subscriber {
        address: address("jürgen@reader.example"),
        ..ann()
    };
    let mail = mail_settings();
    let letterhead = Letterhead {
        mail: &mail,
        site: None,
    };
    let error = try_to_compose(&digest_of(five()), &reader, &letterhead).expect_err("not ASCII");
    assert!(matches!(
        error,
        ComposeError::AddressNotAscii { subscriber: 7 }
    ));
    assert!(!error.to_string().contains("jürgen"));
}

#[test]
fn a_digest_from_before_1970_is_refused_and_the_first_moment_is_not() {
    let mail = mail_settings();
    let letterhead = Letterhead {
        mail: &mail,
        site: None,
    };
    let mut digest = digest_of(five());
    digest.chosen = Timestamp::UNIX_EPOCH;
    let email = try_to_compose(&digest, &ann(), &letterhead).expect("just possible");
    assert_eq!(
        field(&email, "Date").as_deref(),
        Some("Thu, 01 Jan 1970 00:00:00 +0000")
    );
    digest.chosen = Timestamp::from_second(-1).expect("a moment");
    let error = try_to_compose(&digest, &ann(), &letterhead).expect_err("too early");
    assert!(matches!(error, ComposeError::Date { edition: 12 }));
}

#[test]
fn a_card_names_who_else_says_it_and_links_to_the_minute() {
    let said = Insight {
        also_said_by: vec![
            voice(Some("Okon Bassey"), "Plain Roads"),
            voice(None, "The Dissent"),
        ],
        ..insight("A claim", "Some words.")
    };
    let (text, html) = parts(&email_to(&ann(), &digest_of(vec![said])));
    assert!(text.contains(
        "    Also said by Okon Bassey in Plain Roads (about 12:40):\n    https://audio.example.org/9.mp3#t=760\n"
    ));
    assert!(text.contains("    Also said in The Dissent (about 12:40):\n"));
    let page = scraper::Html::parse_document(&html);
    let line = scraper::Selector::parse(".also").expect("a selector");
    let lines: Vec<String> = page
        .select(&line)
        .map(|line| line.text().collect())
        .collect();
    assert_eq!(
        lines,
        [
            "Also said by Okon Bassey in Plain Roads (about\u{a0}12:40)",
            "Also said in The Dissent (about\u{a0}12:40)"
        ]
    );
    let anchor = scraper::Selector::parse(".also a").expect("a selector");
    let leads_to: Vec<_> = page
        .select(&anchor)
        .filter_map(|link| link.attr("href"))
        .collect();
    assert_eq!(leads_to, ["https://audio.example.org/9.mp3#t=760"; 2]);
}

#[test]
fn what_is_related_stands_below_with_its_date_and_a_different_view_is_called_one() {
    let said = Insight {
        related: vec![
            related("What agrees", false),
            related("What does not", true),
        ],
        ..insight("A claim", "Some words.")
    };
    let (text, html) = parts(&email_to(&ann(), &digest_of(vec![said])));
    assert!(text.contains(
        "    Related:\n\n    What agrees (The Long Way Round, 3 February 2026)\n    https://audio.example.org/3.mp3#t=61\n"
    ));
    let words: Vec<&str> = text.split_whitespace().collect();
    let view = "A different view: What does not (The Long Way Round, 3 February 2026)";
    assert!(words.join(" ").contains(view), "{text}");
    let page = scraper::Html::parse_document(&html);
    let count = |selector: &str| {
        let selector = scraper::Selector::parse(selector).expect("a selector");
        page.select(&selector).count()
    };
    assert_eq!((count(".related-line"), count(".differs")), (2, 1));
    let without = parts(&email_to(
        &ann(),
        &digest_of(vec![insight("A claim", "Some words.")]),
    ));
    assert!(!without.0.contains("Related") && !without.1.contains("class=\"related"));
}

#[test]
fn a_long_address_gives_way_to_the_page_and_a_card_shows_three_of_each() {
    let mut long = voice(Some("Okon Bassey"), "Plain Roads");
    long.enclosure_url = url(&format!("https://x.example/{}", "a".repeat(500)));
    let said = Insight {
        also_said_by: vec![long; 4],
        related: vec![related("What agrees", false); 4],
        ..insight("A claim", "Some words.")
    };
    let text = parts(&email_to(&ann(), &digest_of(vec![said]))).0;
    assert_eq!(text.matches("Also said by").count(), 3);
    assert_eq!(
        text.matches("    https://other.example.org/episodes/9\n")
            .count(),
        3
    );
    assert_eq!(text.matches("What agrees").count(), 3);
}
