//! What is cut is said in the report, once a source and counted.

use std::fmt::Write as _;

use takefive::stages::extract_text::ARTICLE_NODES_MAX;
use takefive::stages::extract_text::PAGE_BYTES_MAX;
use takefive::stages::read_feed::TRANSCRIPTS_MAX;

use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::blog_feed;

/// New entries of one source that are read in one run.
const ENTRIES_READ: usize = 50;

/// What the line of the first source notes.
fn notes(room: &Newsroom) -> Vec<String> {
    let report = room.run_on(DAY).exits(0).report();
    let notes = report["sources"][0]["notes"].as_array().expect("a list");
    notes
        .iter()
        .map(|note| note.as_str().expect("a sentence").to_owned())
        .collect()
}

/// A blog whose posts stand on pages of their own.
async fn blog_of(pages: &[String]) -> Newsroom {
    let room = Newsroom::new().await;
    let mut items = String::new();
    for (nth, page) in pages.iter().enumerate() {
        let path = format!("/page/{nth}");
        room.web.on(&path, Reply::ok("text/html", page.clone()));
        let link = room.web.url(&path);
        let _ = write!(
            items,
            "<item><title>Post {nth}</title><link>{link}</link><pubDate>Mon, 04 May 2026 06:00:00 +0000</pubDate></item>"
        );
    }
    let feed = format!("<rss version=\"2.0\"><channel><title>t</title>{items}</channel></rss>");
    room.source("posts", "article", Reply::ok("text/xml", feed))
}

/// A page with an article, a piece of markup, and a comment that fills it up to a length.
fn page(markup: &str, length: usize) -> String {
    let claims = CLAIMS.map(|claim| format!("<p>{claim}</p>")).concat();
    let head = format!("<html><body><article>{claims}{markup}</article></body></html>");
    let filling = length.saturating_sub(head.len() + "<!---->".len());
    format!("{head}<!--{}-->", "x".repeat(filling))
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_are_too_long() {
    let pages = [PAGE_BYTES_MAX, PAGE_BYTES_MAX + 1, PAGE_BYTES_MAX + 2];
    let room = blog_of(&pages.map(|length| page("", length))).await;

    let notes = notes(&room);

    let told = format!(
        "2 entries are without text, since what has it is too large: more than {PAGE_BYTES_MAX} bytes"
    );
    assert_eq!(notes, [told]);
    assert_eq!(room.web.asked("/page/1").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_with_too_many_elements() {
    // of a page that marks its article, that alone would be read
    let elements = |number: usize| page(&"<i></i>".repeat(number), 0).replace("article", "div");
    let room = blog_of(&[elements(1000), elements(ARTICLE_NODES_MAX)]).await;

    let notes = notes(&room);

    assert_eq!(notes.len(), 1, "{notes:?}");
    let told = format!(
        "1 entry is without text, since what has it is too large: more than {ARTICLE_NODES_MAX} "
    );
    assert!(notes[0].starts_with(&told), "{notes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn transcripts_of_an_entry() {
    for (listed, over) in [(TRANSCRIPTS_MAX, 0), (TRANSCRIPTS_MAX + 2, 2)] {
        let room = Newsroom::new().await;
        let mut transcripts = String::new();
        for nth in 0..listed {
            let url = room.web.url(&format!("/{nth}.vtt"));
            let _ = write!(
                transcripts,
                "<podcast:transcript url=\"{url}\" type=\"text/vtt\"/>"
            );
        }
        let feed = format!(
            "<rss version=\"2.0\" xmlns:podcast=\"https://podcastindex.org/namespace/1.0\"><channel><title>t</title>\
             <item><title>Talk</title><guid>1</guid><pubDate>Mon, 04 May 2026 06:00:00 +0000</pubDate>{transcripts}\
             </item></channel></rss>"
        );
        let room = room.source("talk", "podcast", Reply::ok("text/xml", feed));

        let notes = notes(&room);

        let told = format!("{over} transcripts were passed over: of one entry 32 are read.");
        assert_eq!(notes, vec![told; over / 2]);
        let last = TRANSCRIPTS_MAX - 1;
        assert_eq!(room.web.asked(&format!("/{last}.vtt")).len(), 1);
        assert_eq!(room.web.asked(&format!("/{TRANSCRIPTS_MAX}.vtt")).len(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_of_one_run() {
    for (listed, left) in [(ENTRIES_READ, 0), (ENTRIES_READ + 2, 2)] {
        let claims: Vec<String> = (0..listed)
            .map(|nth| format!("Claim number {nth} of many. {}", CLAIMS[0]))
            .collect();
        let claims: Vec<&str> = claims.iter().map(String::as_str).collect();
        let feed = Reply::ok("text/xml", blog_feed("notes", DAY, &claims));
        let room = Newsroom::new().await.source("notes", "article", feed);

        let first = notes(&room);

        let told = format!("{left} entries are left for the next run");
        assert_eq!(first, vec![told; left / 2]);
        assert_eq!(notes(&room), Vec::<String>::new());
    }
}
