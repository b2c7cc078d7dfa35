//! Shows that publish transcripts on pages of their own: which page that is, and what is read from it.

use proptest::prelude::any;
use proptest::prop_assert;
use proptest::proptest;
use takefive::model::Entry;
use takefive::model::PageTemplate;
use takefive::stages::read_feed::FeedOrigin;
use takefive::stages::read_feed::read_feed;

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::date_of;
use crate::world::newsroom::vtt;

/// An entry with this link and this GUID.
fn entry(link: &str, guid: &str) -> Entry {
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>t</title><item><title>One</title><link>{link}</link>\
         <guid isPermaLink=\"false\">{guid}</guid></item></channel></rss>"
    );
    let origin = FeedOrigin {
        source: "t",
        url: None,
        content_type: None,
        texts_since: None,
    };
    read_feed(feed.as_bytes(), &origin)
        .unwrap()
        .entries
        .remove(0)
}

fn page(template: &str, link: &str, guid: &str) -> Option<String> {
    let template = PageTemplate::parse(template).unwrap();
    template.of(&entry(link, guid)).map(String::from)
}

#[test]
fn the_page_is_made_of_the_last_part_of_the_link() {
    let slug = |link: &str| page("https://t.example/{slug}/transcript", link, "1");
    for (link, expected) in [
        ("https://s.example/episodes/on-doors", "on-doors"),
        (
            "https://s.example/episodes/on-doors/?from=feed#x",
            "on-doors",
        ),
        ("https://s.example/episodes/on-doors//", "on-doors"),
        ("https://s.example/on-doors.html", "on-doors"),
        ("https://s.example/on-doors.PHP", "on-doors"),
        ("https://s.example/on-doors-2.0", "on-doors-2.0"),
        ("https://s.example/.html", ".html"),
        (
            "https://s.example/portes%20et%20cl%C3%A9s",
            "portes%20et%20cl%C3%A9s",
        ),
        ("https://s.example/a&amp;b=c+d", "a%26b%3Dc%2Bd"),
        ("https://s.example/a%2Fb", "a%2Fb"),
        ("https://s.example/100%", "100%25"),
    ] {
        let expected = format!("https://t.example/{expected}/transcript");
        assert_eq!(slug(link), Some(expected), "{link}");
    }
    assert_eq!(slug("https://s.example/"), None, "there is no last part");
    assert_eq!(slug("https://s.example/?p=7"), None);
    assert_eq!(slug(""), None, "there is no link");
}

#[test]
fn a_guid_is_one_part_of_the_address_whatever_it_holds() {
    let guid = |guid: &str| page("https://t.example/{guid}.vtt?of={guid}", "", guid);
    for (text, expected) in [
        ("ab-12_3.4~5", "ab-12_3.4~5"),
        (
            "https://s.example/?p=12&amp;q#z",
            "https%3A%2F%2Fs.example%2F%3Fp%3D12%26q%23z",
        ),
        ("../../admin", "..%2F..%2Fadmin"),
    ] {
        let expected = format!("https://t.example/{expected}.vtt?of={expected}");
        assert_eq!(guid(text), Some(expected));
    }
    assert_eq!(page("https://t.example/{guid}/x", "", ".."), None);
    assert_eq!(
        page("https://t.example/{guid}/x", "https://s.example/1", ""),
        None
    );
}

#[test]
fn a_link_is_gone_on_with_from_its_path() {
    let below = |link: &str| page("{link}/transcript", link, "1");
    let expected = Some("https://s.example/2026/on-doors/transcript".to_owned());
    assert_eq!(below("https://s.example/2026/on-doors"), expected);
    assert_eq!(below("https://s.example/2026/on-doors/?a=b#c"), expected);
    assert_eq!(
        below("https://s.example"),
        Some("https://s.example/transcript".to_owned())
    );
    assert_eq!(below(""), None);
}

#[test]
fn an_address_longer_than_servers_take_is_not_made() {
    let beginning = "https://t.example/";
    let room = 2_048 - beginning.len();
    let template = format!("{beginning}{{guid}}");
    let made = |length: usize| {
        let mut entry = entry("", "1");
        entry.guid = Some("g".repeat(length));
        PageTemplate::parse(&template).unwrap().of(&entry)
    };
    assert!(made(room).is_some());
    assert_eq!(made(room + 1), None);
    let long = |bytes: usize| format!("{template}{}", "x".repeat(bytes - template.len()));
    assert!(PageTemplate::parse(&long(2_048)).is_ok());
    assert!(PageTemplate::parse(&long(2_049)).is_err());
}

proptest! {
    #[test]
    fn no_feed_can_lead_a_template_to_another_host(guid in any::<String>(), link in any::<String>()) {
        let mut entry = entry("https://s.example/1", "1");
        entry.guid = Some(guid);
        entry.link = url::Url::parse(&format!("https://s.example/{link}")).ok();
        for text in ["https://t.example/{guid}/{slug}", "https://t.example/?{guid}={slug}"] {
            if let Some(url) = PageTemplate::parse(text).unwrap().of(&entry) {
                prop_assert!(url.origin().ascii_serialization() == "https://t.example", "{url}");
            }
        }
        if let Some(url) = PageTemplate::parse("{link}/t").unwrap().of(&entry) {
            prop_assert!(url.host_str() == Some("s.example"), "{url}");
        }
    }

    #[test]
    fn any_text_is_a_template_or_is_refused(text in any::<String>()) {
        let _ = PageTemplate::parse(&text);
    }
}

/// A show whose feed links no transcript.
async fn room(more: &str) -> Newsroom {
    let room = Newsroom::new().await;
    let page = room.web.url("/episodes/on-doors.html");
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>talk</title><item><title>On doors</title><guid>7 up</guid>\
         <link>{page}</link><pubDate>{}</pubDate><description>We talk about doors.</description></item></channel></rss>",
        date_of(DAY)
    );
    let base = room.web.url("");
    let line = more.replace("BASE", base.as_str().trim_end_matches('/'));
    room.source("talk", "podcast", Reply::ok("application/rss+xml", feed))
        .with_row_line(&line)
}

fn html(class: &str) -> String {
    format!(
        "<!doctype html><html><head><title>t</title></head><body><p>Welcome to the show.</p><div class=\"{class}\">\
         <p>{}</p></div><footer>All rights reserved.</footer></body></html>",
        CLAIMS[0]
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_a_template_names_is_read() {
    let room = room("transcript = { url = \"BASE/t/{slug}\", selector = \".words p\" }").await;
    room.web
        .on("/t/on-doors", Reply::ok("text/html", html("words")));
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(ran.texts(), [CLAIMS[0]]);
    assert_eq!(room.web.asked("/robots.txt").len(), 1);
    assert_eq!(room.web.asked("/episodes/on-doors.html").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn captions_in_the_place_of_a_page_are_read_as_captions_whatever_their_type() {
    for media_type in ["text/vtt", "text/html", "application/octet-stream"] {
        let room = room("transcript = { url = \"BASE/t/{guid}.txt\" }").await;
        room.web
            .on("/t/7%20up.txt", Reply::ok(media_type, vtt(CLAIMS[0])));
        let report = room.run_on(DAY).exits(0).report();
        let insight = &report["insights"][0];
        assert_eq!(insight["speaker"], "Gus Guest", "{report}");
        assert!(insight["start_seconds"].is_number());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn any_kind_of_transcript_may_stand_there() {
    let question = "What did you learn from it, and what would you tell others who begin?";
    let claim = CLAIMS[0];
    for body in [
        format!(
            "1\n00:00:01,000 --> 00:00:05,000\nHana: {question}\n\n2\n00:00:05,000 --> 00:00:30,000\nGus: {claim}\n"
        ),
        format!(
            "{{\"segments\": [{{\"speaker\": \"Hana\", \"startTime\": 1, \"body\": \"{question}\"}}, \
             {{\"speaker\": \"Gus\", \"startTime\": 5, \"body\": \"{claim}\"}}]}}"
        ),
        format!("Hana: {question}\n\nGus: {claim}\n\nHana: Thank you.\n"),
        format!(
            "<!doctype html><html><body><main><cite>Hana:</cite><time>0:01</time><p>{question}</p>\
             <cite>Gus:</cite><time>0:05</time><p>{claim}</p></main></body></html>"
        ),
    ] {
        let room = room("transcript = { url = \"BASE/t?of={slug}\" }").await;
        room.web.on("/t", Reply::ok("text/html", body.as_str()));
        let report = room.run_on(DAY).exits(0).report();
        assert_eq!(report["insights"][0]["speaker"], "Gus", "{body}: {report}");
        assert_eq!(room.web.asked("/t")[0].target, "/t?of=on-doors");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_page_is_not_there_the_selector_finds_the_transcript_on_the_episodes_own_page() {
    let room = room("transcript = { url = \"BASE/t/{slug}\", selector = \".words p\" }").await;
    room.web.on(
        "/episodes/on-doors.html",
        Reply::ok("text/html", html("words")),
    );
    assert_eq!(room.run_on(DAY).exits(0).texts(), [CLAIMS[0]]);
    assert_eq!(room.web.asked("/t/on-doors").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_a_day_after_the_episode_is_read_then() {
    let room = room("transcript = { url = \"BASE/t/{slug}\" }").await;
    let report = room
        .takefive(["gather", "--json", "--date", DAY])
        .exits(0)
        .report();
    let notes = report["sources"][0]["notes"].to_string();
    assert!(notes.contains("is left for the next run"), "{notes}");
    room.web
        .on("/t/on-doors", Reply::ok("text/vtt", vtt(CLAIMS[0])));
    assert_eq!(room.run_on(NEXT_DAY).exits(0).texts(), [CLAIMS[0]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_may_be_asked_to_leave_the_page_alone() {
    let room = room("transcript = { url = \"BASE/t/{slug}\" }").await;
    let rules = "User-agent: *\nDisallow: /t/";
    room.web.on("/robots.txt", Reply::ok("text/plain", rules));
    room.web
        .on("/t/on-doors", Reply::ok("text/vtt", vtt(CLAIMS[0])));
    room.takefive(["gather", "--date", DAY]).exits(0);
    assert_eq!(room.web.asked("/t/on-doors").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_a_template_cannot_be_filled_from_is_read_the_next_way() {
    let takeaways = format!(
        "<description><![CDATA[<h3>Key takeaways</h3><ul><li>{}</li></ul>]]></description>",
        CLAIMS[0]
    );
    let feed = format!(
        "<rss version=\"2.0\"><channel><title>talk</title><item><title>On doors</title><guid>7</guid>\
         <pubDate>{}</pubDate>{takeaways}</item></channel></rss>",
        date_of(DAY)
    );
    let room = Newsroom::new()
        .await
        .source("talk", "podcast", Reply::ok("application/rss+xml", feed))
        .with_row_line("transcript = { url = \"https://t.example/{slug}\" }");
    assert_eq!(room.run_on(DAY).exits(0).texts(), [CLAIMS[0]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_go_to_the_feeds_own_host_and_not_to_that_of_the_template() {
    let other =
        crate::world::http::HttpServer::start_at(std::net::Ipv4Addr::new(127, 0, 0, 2)).await;
    let url = other.url("/t");
    let line = format!(
        "transcript = {{ url = \"{url}/{{slug}}\" }}\ncredentials = {{ bearer_env = \"SHOW_TOKEN\" }}"
    );
    let room = room(&line).await;
    other.on("/t/on-doors", Reply::ok("text/vtt", vtt(CLAIMS[0])));
    let mut command = room.command(["run", "--json", "--date", DAY]);
    let ran = crate::world::newsroom::ran(command.env("SHOW_TOKEN", "a-token")).exits(0);
    assert_eq!(ran.texts(), [CLAIMS[0]]);
    assert!(
        room.web.asked("/talk/feed")[0]
            .header("authorization")
            .is_some()
    );
    assert!(
        other.asked("/t/on-doors")[0]
            .header("authorization")
            .is_none()
    );
}
