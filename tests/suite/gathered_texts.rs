//! Where a run finds the text of an entry: on its page, in its feed, or in a file that the feed lists.

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::date_of;

/// A feed of one article that carries `content` and links the page at `/page`.
fn feed(room: &Newsroom, content: &str) -> Reply {
    let body = format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>notes</title>\
         <item><title>The first</title><guid>1</guid><link>{}</link><pubDate>{}</pubDate>\
         <content:encoded><![CDATA[<p>{content}</p>]]></content:encoded></item></channel></rss>",
        room.web.url("/page"),
        date_of(DAY),
    );
    Reply::ok("application/rss+xml", body)
}

async fn room_with(page: &str, selector: &str) -> Newsroom {
    let room = Newsroom::new().await;
    room.web.on("/page", Reply::ok("text/html", page));
    let chatter =
        "Did you see the table by the window? Has somebody left a coat on one of the chairs?";
    let feed = feed(&room, &format!("{}</p><p>{chatter}", CLAIMS[1]));
    room.source("notes", "article", feed)
        .row_says(selector)
        .subscriber("ann")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_carries_its_articles_saves_the_visit_to_their_pages() {
    let room = room_with("<p>Nobody comes here.</p>", "").await;
    assert_eq!(room.run_on(DAY).exits(0).texts(), [CLAIMS[1]]);
    assert_eq!(room.web.asked("/page").len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_selector_names_is_asked_before_the_feed() {
    let page = format!("<div class=\"body\"><p>{}</p></div>", CLAIMS[2]);
    let room = room_with(&page, "selector = \".body\"").await;
    assert_eq!(room.run_on(DAY).exits(0).texts(), [CLAIMS[2]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_selector_finds_nothing_the_feed_speaks() {
    let page = format!("<div class=\"new\"><p>{}</p></div>", CLAIMS[2]);
    let room = room_with(&page, "selector = \".body\"").await;
    assert_eq!(room.run_on(DAY).exits(0).texts(), [CLAIMS[1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_a_feed_lists_as_a_transcript_keeps_its_turns() {
    let room = Newsroom::new().await;
    let page = format!(
        "<!DOCTYPE html><html><body><h1>Transcript</h1><p><b>Hana Host:</b> What did you learn?</p>\
         <p><b>Gil Guest:</b> {}</p><p><b>Hana Host:</b> Thank you.</p></body></html>",
        CLAIMS[3]
    );
    room.web.on("/turns", Reply::ok("text/html", page));
    let body = format!(
        "<rss version=\"2.0\" xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"><channel><title>talk</title>\
         <item><title>Gil Guest on strategy</title><guid>1</guid><pubDate>{}</pubDate>\
         <enclosure url=\"https://talk.example/1.mp3\" length=\"1\" type=\"audio/mpeg\"/>\
         <podcast:transcript url=\"{}\" type=\"text/html\"/></item></channel></rss>",
        date_of(DAY),
        room.web.url("/turns"),
    );
    let room = room
        .source("talk", "podcast", Reply::ok("application/rss+xml", body))
        .subscriber("ann");
    let report = room.run_on(DAY).exits(0).report();
    assert_eq!(report["insights"][0]["text"], CLAIMS[3], "{report}");
    assert_eq!(report["insights"][0]["speaker"], "Gil Guest", "{report}");
}
