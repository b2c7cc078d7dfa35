//! Feed bytes in, entries out: every case of `tests/cases/read_feed`, the limits, and properties that hold for any bytes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use takefive::model::Chapter;
use takefive::model::Feed;
use takefive::stages::read_feed::ENTRIES_MAX;
use takefive::stages::read_feed::FEED_BYTES_MAX;
use takefive::stages::read_feed::FeedOrigin;
use takefive::stages::read_feed::ReadFeedError;
use takefive::stages::read_feed::TRANSCRIPTS_MAX;
use takefive::stages::read_feed::read_feed;
use url::Url;

/// The bodies of the fuzz targets for feeds.
#[path = "../fuzz/src/feeds.rs"]
mod feeds;

/// What a case may say of where its bytes come from.
#[derive(Default, Deserialize)]
struct CaseOrigin {
    url: Option<Url>,
    content_type: Option<String>,
}

fn case_folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/read_feed");
    let listed = fs::read_dir(root).expect("the folder of cases is part of the repository");
    let mut folders: Vec<PathBuf> = listed
        .map(|entry| entry.expect("a readable folder").path())
        .collect();
    folders.sort();
    folders
}

fn input_of(folder: &Path) -> Vec<u8> {
    let mut files = fs::read_dir(folder)
        .expect("a case is a folder")
        .map(|file| file.expect("a readable file").path());
    let input = files.find(|file| file.file_stem().is_some_and(|stem| stem == "input"));
    fs::read(input.expect("each case has an input file")).expect("the input is readable")
}

fn read_bytes(bytes: &[u8]) -> Result<Feed, ReadFeedError> {
    let origin = FeedOrigin {
        source: "A Show",
        url: None,
        content_type: None,
        texts_since: None,
    };
    read_feed(bytes, &origin)
}

fn outcome(folder: &Path) -> Value {
    let origin = fs::read_to_string(folder.join("origin.json"));
    let origin: CaseOrigin = origin.map_or_else(
        |_| CaseOrigin::default(),
        |text| serde_json::from_str(&text).expect("origin.json holds a url and a content_type"),
    );
    let origin = FeedOrigin {
        source: "A Show",
        url: origin.url.as_ref(),
        content_type: origin.content_type.as_deref(),
        texts_since: None,
    };
    match read_feed(&input_of(folder), &origin) {
        Ok(feed) => serde_json::to_value(feed).expect("a feed has a form in JSON"),
        Err(error) => json!({ "error": error.to_string() }),
    }
}

#[test]
fn each_feed_of_the_cases_is_read_as_expected() {
    let approve = std::env::var_os("APPROVE_CASES").is_some();
    let mut wrong = Vec::new();
    for folder in case_folders() {
        let found = serde_json::to_string_pretty(&outcome(&folder))
            .expect("a value has a form in JSON")
            + "\n";
        let expected_file = folder.join("expected.json");
        if approve {
            fs::write(&expected_file, &found).expect("the folder of cases can be written to");
        }
        let expected = fs::read_to_string(&expected_file).unwrap_or_default();
        if found != expected {
            wrong.push(format!("{}\nfound:\n{found}", folder.display()));
        }
    }
    assert!(
        wrong.is_empty(),
        "set APPROVE_CASES=1 to write what was found, then read the difference\n{}",
        wrong.join("\n")
    );
}

/// A feed with one well-formed entry per number.
fn numbered_feed(entries: usize) -> String {
    use std::fmt::Write as _;
    let mut feed = String::from("<rss version=\"2.0\"><channel><title>Numbers</title>");
    for number in 0..entries {
        let written = write!(
            feed,
            "<item><guid isPermaLink=\"false\">n{number}</guid></item>"
        );
        written.expect("a String takes all");
    }
    feed.push_str("</channel></rss>");
    feed
}

fn ids(feed: &Feed) -> Vec<&str> {
    feed.entries.iter().map(|entry| entry.id.as_str()).collect()
}

#[test]
fn a_feed_with_the_most_entries_is_read_whole_and_one_more_is_cut_with_a_warning() {
    let full = read_bytes(numbered_feed(ENTRIES_MAX).as_bytes()).expect("a feed");
    assert_eq!((full.entries.len(), full.warnings.len()), (ENTRIES_MAX, 0));
    let over = read_bytes(numbered_feed(ENTRIES_MAX + 1).as_bytes()).expect("a feed");
    assert_eq!(over.entries.len(), ENTRIES_MAX);
    assert_eq!(
        over.warnings,
        [format!("Only the first {ENTRIES_MAX} entries were read.")]
    );
    assert_eq!(ids(&over), ids(&full));
}

#[test]
fn a_json_feed_with_one_entry_too_many_is_cut_with_a_warning() {
    let items =
        |number: usize| -> Vec<Value> { (0..number).map(|id| json!({ "id": id })).collect() };
    let feed = |number| {
        json!({ "version": "https://jsonfeed.org/version/1.1", "items": items(number) }).to_string()
    };
    let full = read_bytes(feed(ENTRIES_MAX).as_bytes()).expect("a feed");
    assert_eq!((full.entries.len(), full.warnings.len()), (ENTRIES_MAX, 0));
    let over = read_bytes(feed(ENTRIES_MAX + 1).as_bytes()).expect("a feed");
    assert_eq!((over.entries.len(), over.warnings.len()), (ENTRIES_MAX, 1));
}

#[test]
fn what_an_entry_lists_beyond_its_limits_is_passed_over_and_counted() {
    let transcript = |nth| format!("<podcast:transcript url=\"https://a.example/{nth}.vtt\"/>");
    let chapter = |nth| format!("<psc:chapter start=\"{nth}\" title=\"Part {nth}\"/>");
    let listed = |number, one: &dyn Fn(usize) -> String| (0..number).map(one).collect::<String>();
    let feed = |transcripts, chapters| {
        let transcripts = listed(transcripts, &transcript);
        let chapters = listed(chapters, &chapter);
        let item = format!(
            "<item><guid>1</guid>{transcripts}<psc:chapters version=\"1.2\">{chapters}</psc:chapters></item>"
        );
        let feed = format!(
            "<rss version=\"2.0\" xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" \
             xmlns:psc=\"http://podlove.org/simple-chapters\"><channel>{item}{}</channel></rss>",
            item.replace(">1<", ">2<")
        );
        read_bytes(feed.as_bytes()).expect("a feed")
    };
    let full = feed(TRANSCRIPTS_MAX, Chapter::COUNT_MAX);
    assert_eq!(full.entries[0].transcripts.len(), TRANSCRIPTS_MAX);
    assert_eq!(full.entries[0].own_chapters.len(), Chapter::COUNT_MAX);
    assert_eq!(full.warnings, Vec::<String>::new());

    let over = feed(TRANSCRIPTS_MAX + 1, Chapter::COUNT_MAX + 2);
    assert_eq!(over.entries, full.entries);
    let told = [
        format!("2 transcripts were passed over: of one entry {TRANSCRIPTS_MAX} are read."),
        format!(
            "4 chapters were passed over: of one entry {} are read.",
            Chapter::COUNT_MAX
        ),
    ];
    assert_eq!(over.warnings, told);

    let file =
        |nth| json!({ "url": format!("https://a.example/{nth}.vtt"), "mime_type": "text/vtt" });
    let files: Vec<Value> = (0..=TRANSCRIPTS_MAX).map(file).collect();
    let feed = json!({ "version": "https://jsonfeed.org/version/1.1", "items": [{ "id": 1, "attachments": files }] });
    let feed = read_bytes(feed.to_string().as_bytes()).expect("a feed");
    assert_eq!(feed.entries[0].transcripts.len(), TRANSCRIPTS_MAX);
    let told = format!("1 transcript was passed over: of one entry {TRANSCRIPTS_MAX} are read.");
    assert_eq!(feed.warnings, [told]);
}

#[test]
fn a_feed_of_the_greatest_length_is_read_and_one_byte_more_is_refused() {
    let mut feed = numbered_feed(1).into_bytes();
    feed.resize(FEED_BYTES_MAX, b' ');
    assert_eq!(read_bytes(&feed).expect("a feed").entries.len(), 1);
    feed.push(b' ');
    assert!(matches!(read_bytes(&feed), Err(ReadFeedError::TooLarge)));
}

#[test]
fn a_document_that_would_be_read_again_and_again_is_read_within_its_bounds() {
    const BYTES: usize = 200_000;
    let pieces = [
        "<",
        "<a",
        "<a ",
        "<a b=\"",
        "< ",
        "&",
        "&amp",
        "<![CDATA[",
        "<!--",
        "<!DOCTYPE a [",
        "<?",
        "</",
        "</a>",
        "<a>",
        "<itunes:category text=\"a\">",
        "<a xmlns:b=\"c\">",
        "<item>",
        "<title>",
        "<title><b>",
        "&#x110000;",
        "&Ouml",
    ];
    for piece in pieces {
        let flood = piece.repeat(BYTES / piece.len());
        let hostile =
            format!("<rss version=\"2.0\"><channel><item><title>First</title></item>{flood}");
        let read = read_bytes(hostile.as_bytes()).expect("what came before the flood is a feed");
        assert_eq!(read.entries[0].title, "First", "before a flood of {piece}");
        assert!(read.entries.len() <= ENTRIES_MAX);
    }
}

#[test]
fn what_stands_after_elements_nested_too_deeply_is_read() {
    let deep =
        "<itunes:category text=\"a\">".repeat(100_000) + &"</itunes:category>".repeat(100_000);
    let feed = format!(
        "<rss version=\"2.0\"><channel>{deep}<item><title>Then</title></item></channel></rss>"
    );
    let read = read_bytes(feed.as_bytes()).expect("a feed");
    assert_eq!(read.entries[0].title, "Then");
}

#[test]
fn an_author_that_makes_the_other_parser_panic_costs_nothing() {
    let feed = "<rss version=\"2.0\"><channel><item><title>Kept</title><author>筆者\u{3000}a@example.org</author></item></channel></rss>";
    let read = read_bytes(feed.as_bytes()).expect("a feed");
    assert_eq!(
        (
            read.entries[0].title.as_str(),
            read.entries[0].author.as_deref()
        ),
        ("Kept", Some("筆者"))
    );
}

/// Inputs of the cases that are feeds, with their folders' names.
static FEEDS_OF_THE_CASES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let named = case_folders()
        .into_iter()
        .map(|folder| (folder.display().to_string(), input_of(&folder)));
    named
        .filter(|(_, input)| read_bytes(input).is_ok())
        .collect()
});

#[test]
fn both_ways_of_reading_agree_on_every_case() {
    let mut compared = 0;
    for (name, input) in &*FEEDS_OF_THE_CASES {
        let Ok(text) = std::str::from_utf8(input) else {
            continue;
        };
        let sound = read_bytes(text.as_bytes()).expect("a feed");
        let root = ["<channel>", "<channel ", "<feed "]
            .into_iter()
            .find_map(|tag| text.find(tag));
        let Some(end) = root.and_then(|root| text[root..].find('>').map(|end| root + end + 1))
        else {
            continue;
        };
        // a bare ampersand leaves the lenient reading alone
        let broken = format!("{} & {}", &text[..end], &text[end..]);
        let broken = read_bytes(broken.as_bytes()).expect("a feed still");
        assert_eq!(broken.entries, sound.entries, "{name}");
        assert_eq!(broken.title, sound.title, "{name}");
        compared += 1;
    }
    assert!(compared > 15, "only {compared} cases were compared");
}

#[test]
fn a_feed_cut_anywhere_gives_its_first_entries_with_the_same_ids() {
    for name in [
        "rss_2_0",
        "atom_1_0",
        "podcast_namespace_in_full",
        "rdf_rss_1_0",
        "json_feed_1_1_with_integer_ids",
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/cases/read_feed")
            .join(name);
        let input = input_of(&folder);
        let whole = read_bytes(&input).expect("a feed");
        for end in 0..input.len() {
            let Ok(cut) = read_bytes(&input[..end]) else {
                continue;
            };
            assert!(ids(&whole).starts_with(&ids(&cut)), "{name} cut at {end}");
        }
    }
}

#[test]
fn an_error_quotes_neither_control_characters_nor_more_than_a_line() {
    let page = format!(
        "<html><body>\u{7}{}</body></html>",
        "word\u{1b} ".repeat(5_000)
    );
    let error = read_bytes(page.as_bytes())
        .expect_err("no feed")
        .to_string();
    assert!(
        error.len() < 200 && !error.contains(char::is_control),
        "{error}"
    );
}

/// A document made of the pieces feeds are made of, in any order.
fn scrambled(pieces: &[(usize, u8)]) -> String {
    const PIECES: [&str; 24] = [
        "<rss version=\"2.0\">",
        "<channel>",
        "<item>",
        "</item>",
        "<title>",
        "</title>",
        "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
        "<entry>",
        "</entry>",
        "<link href=\"/a\"/>",
        "<guid>",
        "</guid>",
        "<pubDate>Mon, 3 Nov 2025 1:00 PM</pubDate>",
        "<![CDATA[",
        "]]>",
        "&eacute;",
        "&",
        "<content type=\"xhtml\">",
        "</content>",
        "<br/>",
        "<podcast:transcript url=\"a.vtt\"/>",
        "<author><name>",
        "<itunes:duration>",
        "é\u{3000}a@b.cd ",
    ];
    let piece = |&(nth, byte): &(usize, u8)| match PIECES.get(nth) {
        Some(piece) => (*piece).to_owned(),
        None => char::from(byte).to_string(),
    };
    pieces.iter().map(piece).collect()
}

/// What holds for every reading, whatever the bytes.
fn holds(bytes: &[u8]) -> Result<(), proptest::test_runner::TestCaseError> {
    let Ok(feed) = read_bytes(bytes) else {
        return Ok(());
    };
    let again = read_bytes(bytes).expect("what is a feed once is a feed twice");
    prop_assert_eq!(&again, &feed);
    let distinct: BTreeSet<&str> = ids(&feed).into_iter().collect();
    prop_assert_eq!(distinct.len(), feed.entries.len());
    prop_assert!(feed.entries.len() <= ENTRIES_MAX);
    for entry in &feed.entries {
        prop_assert!(!entry.title.contains('\n') && entry.title.trim() == entry.title);
        prop_assert!(
            entry
                .link
                .as_ref()
                .is_none_or(|link| matches!(link.scheme(), "http" | "https"))
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
        holds(&bytes)?;
    }

    #[test]
    fn any_order_of_the_pieces_of_a_feed_is_read_or_refused(
        pieces in proptest::collection::vec((0_usize..30, any::<u8>()), 0..80),
    ) {
        holds(scrambled(&pieces).as_bytes())?;
    }

    #[test]
    fn whole_feeds_damaged_as_feeds_are_damaged_are_read_or_refused(
        steps in proptest::collection::vec(any::<u8>(), 2..75),
    ) {
        feeds::damaged_feeds(&steps);
    }

    #[test]
    fn whatever_the_server_says_any_bytes_are_read_or_refused(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        feeds::feeds(&bytes);
    }

    #[test]
    fn any_text_is_a_date_or_none(date in "[0-9a-zA-Zé:+−/., -]{0,40}") {
        holds(format!("<rss><channel><item><pubDate>{date}</pubDate></item></channel></rss>").as_bytes())?;
    }

    #[test]
    fn feeds_with_bytes_changed_taken_out_or_doubled_are_read_or_refused(
        which in any::<proptest::sample::Index>(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), 0_u8..3), 1..12),
    ) {
        let (_, mut bytes) = which.get(&FEEDS_OF_THE_CASES).clone();
        for (place, byte, kind) in changes {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => {
                    bytes.drain(at..(at + usize::from(byte)).min(bytes.len() - 1).max(at));
                }
                _ => {
                    let end = (at + usize::from(byte)).min(bytes.len());
                    let copy = bytes[at..end].to_vec();
                    bytes.splice(at..at, copy);
                }
            }
        }
        holds(&bytes)?;
    }
}

#[test]
fn dates_that_name_one_instant_are_read_and_others_are_not_guessed() {
    let dated = |date: &str| {
        let feed = format!(
            "<rss><channel><item><title>x</title><pubDate>{date}</pubDate></item></channel></rss>"
        );
        let read = read_bytes(feed.as_bytes()).expect("a feed");
        read.entries[0].published.map(|instant| instant.to_string())
    };
    let noon = Some("2025-03-21T12:00:00Z".to_owned());
    for same in [
        "Fri, 21 Mar 2025 12:00:00 GMT",
        "Fri, 21 Mar 2025 12:00:00 -0000",
        "21 Mar 2025 07:00 EST",
        "Friday, March 21, 2025 12:00 PM",
        "Mar 21, 2025 at 12:00",
        "2025-03-21T12:00:00Z",
        "2025-03-21 13:00:00 +01:00",
        "2025-03-21T12:00:00.000+0000",
        "20250321T120000Z",
        "2025-03-21T04:00:00-08",
        "2025-080T12:00:00Z",
        "2025/03/21 12:00:00",
        "Fri, 21 Mar 2025 20:00:00 HKT",
        "Sat, 21 Mar 2025 12:00:00 Z",
        "21.03.2025 12:00",
    ] {
        assert_eq!(dated(same), noon, "{same}");
    }
    for other in [
        "",
        "soon",
        "2025-13-01",
        "2025-02-32",
        "21 Mar",
        "03/04/2025",
        "12:00",
        "Fri, 21 Mar 2025 25:00:00 GMT",
        "99999999999999999999",
    ] {
        assert_eq!(dated(other), None, "{other}");
    }
}
