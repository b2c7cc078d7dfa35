//! What becomes of transcripts, pages, feed content and notes on their way to a document.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::proptest;
use proptest::sample::Index;
use proptest::sample::select;
use proptest::test_runner::Config;
use takefive::model::BlockKind;
use takefive::model::Document;
use takefive::model::TranscriptLink;
use takefive::stages::extract_text::ARTICLE_NODES_MAX;
use takefive::stages::extract_text::BLOCKS_MAX;
use takefive::stages::extract_text::CUES_MAX;
use takefive::stages::extract_text::Material;
use takefive::stages::extract_text::NoText;
use takefive::stages::extract_text::PAGE_BYTES_MAX;
use takefive::stages::extract_text::PAGE_DEPTH_MAX;
use takefive::stages::extract_text::PAGE_NODES_MAX;
use takefive::stages::extract_text::PageText;
use takefive::stages::extract_text::TRANSCRIPT_BYTES_MAX;
use takefive::stages::extract_text::TextKind;
use takefive::stages::extract_text::canonical_link;
use takefive::stages::extract_text::extract_text;
use takefive::stages::extract_text::guess_kind;
use takefive::stages::extract_text::is_teaser;
use takefive::stages::extract_text::transcripts_by_preference;

use crate::cases::cases_of;
use toml::Table;
use url::Url;

/// Each case is a folder with `input.…`, `expected.txt` and, where something is known beside the bytes, `about.toml`
/// (`kind`, `content_type`, `selector`). Without a kind it is guessed.
#[test]
fn every_case_reads_as_expected() {
    let mut wrong = String::new();
    let mut count = 0;
    for case in cases_of("extract_text") {
        let input = input_of(&case);
        let bytes = fs::read(&input).expect("a case has an input");
        let about: Table = fs::read_to_string(case.join("about.toml"))
            .unwrap_or_default()
            .parse()
            .expect("TOML");
        let known = |key: &str| {
            about
                .get(key)
                .map(|value| value.as_str().expect("a string"))
        };
        let kind = known("kind").map_or_else(
            || guess_kind(&bytes, input.to_str(), known("content_type")),
            kind_named,
        );
        let material = Material {
            content_type: known("content_type"),
            selector: known("selector"),
            ..Material::of_file(kind, &bytes)
        };
        let found = rendered(&extract_text(&material));
        let expected = fs::read_to_string(case.join("expected.txt")).unwrap_or_default();
        if found != expected {
            writeln!(
                wrong,
                "--- {} ({kind:?})\nexpected:\n{expected}found:\n{found}",
                case.display()
            )
            .expect("a string");
        }
        count += 1;
    }
    assert!(count >= 70, "only {count} cases were found");
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_bytes_say_what_a_file_is_before_its_name_does() {
    let guess =
        |text: &str, name: &str, media: &str| guess_kind(text.as_bytes(), Some(name), Some(media));
    assert_eq!(
        guess(
            "\u{feff}WEBVTT\n\n00:01.000 --> 00:02.000\nHello",
            "a.srt",
            "text/plain"
        ),
        TextKind::Vtt
    );
    assert_eq!(
        guess(
            "1\n00:00:01,000 --> 00:00:02,000\nHello",
            "a.vtt",
            "text/vtt"
        ),
        TextKind::Srt
    );
    assert_eq!(
        guess("{\"segments\": []}", "a.txt", "text/html"),
        TextKind::PodcastJson
    );
    assert_eq!(
        guess("[00:12] Ann: Hello", "a.txt", "text/plain"),
        TextKind::Plain
    );
    assert_eq!(
        guess(
            "<!DOCTYPE html><html><body><p>Hello</p>",
            "a.json",
            "application/json"
        ),
        TextKind::ArticlePage
    );
    assert_eq!(
        guess("<p>Hello</p>", "a.txt", "text/plain"),
        TextKind::FeedContent
    );
    let cites = "<html><cite>Ann:</cite> <time>0:01</time><p>Hi</p><cite>Ben:</cite><time>0:02</time><p>Hi</p>";
    assert_eq!(
        guess(cites, "a.html", "text/html"),
        TextKind::TranscriptPage
    );
    assert_eq!(
        guess("Hello & goodbye", "a.md", "text/plain"),
        TextKind::Markdown
    );
    assert_eq!(guess("# Hello\n\nGoodbye", "", ""), TextKind::Markdown);
    assert_eq!(guess("Hello\n\nGoodbye", "", ""), TextKind::Plain);
    assert_eq!(guess("", "", ""), TextKind::Plain);
}

#[test]
fn the_transcript_that_keeps_most_comes_first() {
    let link = |path: &str, media_type: Option<&str>| TranscriptLink {
        url: Url::parse(&format!("https://example.org/{path}")).expect("a URL"),
        media_type: media_type.map(str::to_owned),
        language: None,
        rel: None,
    };
    let offered = [
        link("unknown", Some("application/octet-stream")),
        link("1", Some("text/plain")),
        link("2", Some("text/html; charset=utf-8")),
        link("3.SRT?token=x", None),
        link("4", Some("Application/SRT")),
        link("5.vtt", Some("text/plain")),
        link("6", Some("application/json")),
        link("7.json", Some("application/octet-stream")),
    ];
    let paths: Vec<&str> = transcripts_by_preference(&offered, None)
        .iter()
        .map(|link| link.url.path())
        .collect();
    assert_eq!(
        paths,
        [
            "/6", "/7.json", "/5.vtt", "/3.SRT", "/4", "/2", "/1", "/unknown"
        ]
    );
}

#[test]
fn a_transcript_in_another_language_comes_last() {
    let link = |path: &str, language: Option<&str>, rel: Option<&str>| TranscriptLink {
        url: Url::parse(&format!("https://example.org/{path}")).expect("a URL"),
        media_type: None,
        language: language.map(str::to_owned),
        rel: rel.map(str::to_owned),
    };
    let offered = [
        link("es.json", Some("es"), None),
        link("captions", Some("en-GB"), Some("captions")),
        link("untold.html", None, None),
        link("en.vtt", Some("EN_us"), None),
    ];
    let paths = |language| {
        let sorted = transcripts_by_preference(&offered, language);
        sorted
            .into_iter()
            .map(|link| link.url.path())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        paths(Some("en")),
        ["/en.vtt", "/captions", "/untold.html", "/es.json"]
    );
    assert_eq!(
        paths(None),
        ["/es.json", "/en.vtt", "/captions", "/untold.html"]
    );
}

#[test]
fn a_page_says_where_it_stands() {
    let here = Url::parse("https://www.example.org/p?id=4#top").expect("a URL");
    let said = |head: &str| {
        let page = format!("<html><head>{head}</head><body><p>Words.</p></body></html>");
        canonical_link(page.as_bytes(), None, &here).map(String::from)
    };
    let link = |href: &str| said(&format!("<link rel=\"x Canonical\" href=\"{href}\">"));
    let own = Some("https://www.example.org/posts/rows".to_owned());
    assert_eq!(link("/posts/rows#end"), own);
    assert_eq!(
        said("<meta property=\"og:url\" content=\"https://www.example.org/posts/rows\">"),
        own
    );
    assert_eq!(
        link("http://example.org/posts/rows"),
        Some("http://example.org/posts/rows".to_owned()),
    );
    for nothing_new in [
        "",
        "#end",
        "https://www.example.org/p?id=4",
        "/",
        "https://elsewhere.example/posts/rows",
        "https://www.example.org:8080/posts/rows",
        "https://ann@www.example.org/posts/rows",
        "mailto:ann@example.org",
        "javascript:0",
        "http://[",
    ] {
        assert_eq!(link(nothing_new), None, "{nothing_new}");
    }
    let in_the_body = "</head><body><link rel=\"canonical\" href=\"/posts/rows\">";
    assert_eq!(said(in_the_body), None, "readers write there");
}

#[test]
fn all_that_a_page_shows_is_read_where_that_is_wanted() {
    let shown = |case: &str| {
        let bytes =
            fs::read(format!("tests/cases/extract_text/{case}/input.html")).expect("a case");
        let material = Material::of_file(TextKind::ArticlePage, &bytes);
        assert!(extract_text(&material).is_err(), "{case}");
        let document = extract_text(&Material {
            wanted: PageText::AllThatIsShown,
            ..material
        });
        document.expect("a text").text().to_owned()
    };
    assert!(shown("page_behind_a_paywall").starts_with("The waiting list was an accident."));
    assert!(shown("page_with_nothing_on_it").contains("There is no page here."));
}

#[test]
fn a_page_too_large_for_the_extractors_gives_what_its_markup_calls_the_article() {
    let sentence = "Four people can keep one promise, and they can say which one it is. ".repeat(4);
    let of_nodes = |count: usize, around: (&str, &str)| {
        let (open, close) = around;
        let page = format!("{open}<p>{sentence}</p>{close}{}", "<br>".repeat(count));
        extract_text(&Material::of_file(TextKind::ArticlePage, page.as_bytes()))
    };
    for element in ["article", "main"] {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let read = of_nodes(ARTICLE_NODES_MAX, (&open, &close));
        let read = read.expect("a document");
        assert_eq!(read.text(), sentence.trim(), "{element}");
    }
    assert!(matches!(
        of_nodes(ARTICLE_NODES_MAX, ("<div>", "</div>")),
        Err(NoText::TooLarge { .. })
    ));
    assert!(matches!(
        of_nodes(PAGE_NODES_MAX, ("<article>", "</article>")),
        Err(NoText::TooLarge { .. })
    ));
}

#[test]
fn what_is_read_of_a_page_stands_there_as_it_was_written() {
    // elements that extractors do not know, spaces where they set some, and a paragraph of which they leave one word
    let paragraphs = [
        "At <time>nine</time> on a Monday the list was <strong>longer</strong>: nobody had taken a row out of it for a year.",
        "We asked <a href=\"/a\">three</a>, <q>who is stuck?</q>, and <abbr>how</abbr> we know; the answers came within the hour.",
        "The rest of <em>it</em> is a habit and no document, and a habit has no owner who can be promoted away from it.",
    ];
    let page = format!(
        "<html><head><title>Rows</title></head><body><article><h1>Rows</h1><p>{}</p><p>{}</p><div>{}</div><p>{}</p></article></body></html>",
        paragraphs[0],
        paragraphs[1],
        paragraphs[2],
        paragraphs[0].replace("nine", "ten"),
    );
    let read = extract_text(&Material::of_file(TextKind::ArticlePage, page.as_bytes()));
    let read = read.expect("a document");
    let texts: Vec<&str> = read
        .blocks()
        .iter()
        .map(|block| read.text_of(block))
        .collect();
    assert_eq!(
        texts,
        [
            "At nine on a Monday the list was longer: nobody had taken a row out of it for a year.",
            "We asked three, who is stuck?, and how we know; the answers came within the hour.",
            "The rest of it is a habit and no document, and a habit has no owner who can be promoted away from it.",
            "At ten on a Monday the list was longer: nobody had taken a row out of it for a year.",
        ]
    );
}

#[test]
fn a_teaser_is_told_from_an_article() {
    let sentence = "A roadmap is a list of promises, and each of them is paid for by somebody who is not in the room. ";
    let article = format!("<p>{}</p>", sentence.repeat(6));
    let long_article = format!("<p>{}</p>", sentence.repeat(60));
    assert!(!is_teaser(&article));
    assert!(
        is_teaser(&format!("<p>{sentence}</p>")),
        "one sentence is no article"
    );
    for end in ["…", "...", "[&#8230;]", " [...]"] {
        assert!(
            is_teaser(&article.replace("</p>", &format!("{end}</p>"))),
            "it breaks off with {end}"
        );
    }
    for link in [
        "Read more",
        "Continue reading →",
        "Read the full article on our site",
        "Keep reading with a free trial",
    ] {
        let more = format!("<p><a href=\"https://example.org\">{link}</a></p>");
        assert!(is_teaser(&format!("{article}{more}")), "{link}");
        assert!(
            !is_teaser(&format!("{long_article}{more}")),
            "a whole article with {link} below it"
        );
    }
}

#[test]
fn a_wall_is_told_from_prose_about_one() {
    let prose = "<p>Four people can keep one promise, and they can say which one it is without looking it up.</p>".repeat(6);
    let with = |sign: &str| {
        let page = format!(
            "<html><body><article><h1>Small teams</h1>{prose}<p>{sign}</p></article></body></html>"
        );
        extract_text(&Material::of_file(TextKind::ArticlePage, page.as_bytes())).err()
    };
    for sign in [
        "This post is for paid subscribers",
        "Subscribe to continue reading",
        "Already a member? Sign in to read the full story.",
        "To continue reading, please log in.",
        "You have reached your limit of free articles this month.",
        "Create a free account to unlock this article",
    ] {
        assert_eq!(with(sign), Some(NoText::Paywall), "{sign}");
    }
    for sign in [
        "Upgrade your process to keep shipping in December.",
        "Sign up for a pilot to access the people who pay.",
        "Subscribe to read more posts like this one.",
        "We asked members to read the contract aloud.",
        "Join the team to see what the numbers leave out.",
    ] {
        assert_eq!(with(sign), None, "{sign}");
    }
}

#[test]
fn ten_hours_of_captions_are_read() {
    let mut captions = String::from("WEBVTT\n\n");
    for second in 0..36_000 {
        let (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60);
        let name = if second / 60 % 2 == 0 { "Ann" } else { "Ben" };
        writeln!(
            captions,
            "{hour:02}:{minute:02}:{rest:02}.000 --> {hour:02}:{minute:02}:{rest:02}.900\n<v {name}>Word number {second}.\n"
        )
        .expect("a string");
    }
    let document =
        extract_text(&Material::of_file(TextKind::Vtt, captions.as_bytes())).expect("a document");
    assert_eq!(document.blocks().len(), 600);
    let last = document
        .text()
        .find("Word number 35999.")
        .expect("the last word");
    assert_eq!(document.seconds_at(last), Some(35_999.0));
}

#[test]
fn too_many_bytes_are_refused() {
    let of_bytes = |kind, count: usize| {
        let text = "Ann: a word. ".repeat(count / 13 + 1);
        extract_text(&Material::of_file(kind, &text.as_bytes()[..count]))
    };
    assert!(of_bytes(TextKind::Markdown, PAGE_BYTES_MAX).is_ok());
    let refused = NoText::TooLarge {
        what: "bytes",
        max: PAGE_BYTES_MAX,
    };
    assert_eq!(
        of_bytes(TextKind::Markdown, PAGE_BYTES_MAX + 1),
        Err(refused)
    );
    assert!(of_bytes(TextKind::Plain, TRANSCRIPT_BYTES_MAX).is_ok());
    let refused = NoText::TooLarge {
        what: "bytes",
        max: TRANSCRIPT_BYTES_MAX,
    };
    assert_eq!(
        of_bytes(TextKind::Plain, TRANSCRIPT_BYTES_MAX + 1),
        Err(refused)
    );
}

#[test]
fn too_many_blocks_are_refused() {
    let of_blocks = |count: usize| {
        extract_text(&Material::of_file(
            TextKind::Plain,
            "Few words here.\n\n".repeat(count).as_bytes(),
        ))
    };
    assert_eq!(
        of_blocks(BLOCKS_MAX).map(|document| document.blocks().len()),
        Ok(BLOCKS_MAX)
    );
    assert_eq!(
        of_blocks(BLOCKS_MAX + 1),
        Err(NoText::TooLarge {
            what: "blocks",
            max: BLOCKS_MAX
        })
    );
}

#[test]
fn a_page_may_be_deep_but_not_bottomless() {
    // the document, html and body are above the first of them, and the text is below the last
    let nested = |depth: usize| {
        format!(
            "{}{}",
            "<div>".repeat(depth),
            "<p>Some words about teams.</p>".repeat(20)
        )
    };
    for kind in [
        TextKind::ArticlePage,
        TextKind::TranscriptPage,
        TextKind::FeedContent,
        TextKind::Notes,
        TextKind::Markdown,
    ] {
        let read = |depth: usize| extract_text(&Material::of_file(kind, nested(depth).as_bytes()));
        let too_deep = NoText::TooLarge {
            what: "elements nested in one another",
            max: PAGE_DEPTH_MAX,
        };
        assert_ne!(read(PAGE_DEPTH_MAX - 4), Err(too_deep.clone()), "{kind:?}");
        let refused = read(PAGE_DEPTH_MAX - 3);
        assert_eq!(refused, Err(too_deep.clone()), "{kind:?}");
        assert_eq!(read(100_000), Err(too_deep), "{kind:?}");
    }
}

#[test]
fn a_page_of_too_many_nodes_is_refused() {
    // a break is one node; beside them a page has the document, html, head and body
    let of_nodes = |kind, count: usize| {
        extract_text(&Material::of_file(
            kind,
            "<br>".repeat(count - 4).as_bytes(),
        ))
    };
    let refused = |max| {
        Err(NoText::TooLarge {
            what: "nodes in the page",
            max,
        })
    };
    assert_eq!(
        of_nodes(TextKind::Notes, PAGE_NODES_MAX),
        Err(NoText::NotesWithoutTakeaways)
    );
    assert_eq!(
        of_nodes(TextKind::Notes, PAGE_NODES_MAX + 1),
        refused(PAGE_NODES_MAX)
    );
    assert_eq!(
        of_nodes(TextKind::ArticlePage, ARTICLE_NODES_MAX),
        Err(NoText::NothingReadable)
    );
    assert_eq!(
        of_nodes(TextKind::ArticlePage, ARTICLE_NODES_MAX + 1),
        refused(ARTICLE_NODES_MAX)
    );
}

#[test]
fn a_page_that_multiplies_itself_is_stopped() {
    // each paragraph opens every unclosed font again: a few kilobytes that stand for a hundred million nodes
    let mut bomb = String::new();
    for size in 0..150 {
        write!(bomb, "<font size={size}>").expect("a string");
    }
    bomb.push_str(&"<p>x".repeat(600_000));
    let refused = extract_text(&Material::of_file(TextKind::ArticlePage, bomb.as_bytes()));
    assert_eq!(
        refused,
        Err(NoText::TooLarge {
            what: "nodes in the page",
            max: PAGE_NODES_MAX
        })
    );
}

#[test]
fn a_selector_that_is_wrong_says_so() {
    let page = b"<html><body><p>Some words.</p></body></html>";
    for kind in [TextKind::ArticlePage, TextKind::TranscriptPage] {
        let with = |selector| {
            extract_text(&Material {
                selector: Some(selector),
                ..Material::of_file(kind, page)
            })
        };
        assert_eq!(
            with(".gone"),
            Err(NoText::SelectorFindsNothing(".gone".to_owned()))
        );
        assert_eq!(with("p["), Err(NoText::SelectorNotCss("p[".to_owned())));
        assert!(with("p").is_ok());
    }
}

#[test]
fn a_json_file_without_segments_says_so() {
    for text in ["{}", "[]", "{\"segments\": 3}", "{\"segments\"", "null", ""] {
        let refused = extract_text(&Material::of_file(TextKind::PodcastJson, text.as_bytes()));
        assert!(
            matches!(refused, Err(NoText::NotPodcastJson(_))),
            "{text}: {refused:?}"
        );
    }
}

#[test]
fn hostile_repetition_does_not_hang() {
    let hostile = [
        "<",
        "<v ",
        "<a <",
        "{\\",
        "&",
        "&#",
        "[",
        "](",
        "![",
        "[[",
        "`",
        "``` ` ",
        "*_",
        "\\",
        ">>",
        "> ",
        "Ann: ",
        "->",
        "00:01 --> 00:02\n",
        "(00:12) ",
        "[00:00:",
        "A B C D: x\n",
        "- ",
        "|",
        "{%",
        "<!--",
        "<td>",
        "<table>",
        "<b><p>",
        "</p>",
        "\r",
        "é",
        "<br>",
        "#",
        "~~~\n",
        "{\"segments\":[",
        "[1,",
    ];
    for piece in hostile {
        for kind in KINDS {
            // the extractors of article pages take long where they take linear time, too
            let bytes = if kind == TextKind::ArticlePage {
                2 << 10
            } else {
                16 << 10
            };
            let begun = Instant::now();
            let read = extract_text(&Material::of_file(
                kind,
                piece.repeat(bytes / piece.len()).as_bytes(),
            ));
            let seconds = begun.elapsed().as_secs();
            // linear time is far below this on any machine, quadratic time above it
            assert!(
                seconds < 5,
                "{piece:?} as {kind:?} took {seconds} s: {:?}",
                read.err()
            );
        }
    }
}

#[test]
fn too_many_cues_are_refused() {
    let of_cues = |count: usize| {
        extract_text(&Material::of_file(
            TextKind::Srt,
            "0:01 --> 0:02\nword\n".repeat(count).as_bytes(),
        ))
    };
    assert!(of_cues(CUES_MAX).is_ok());
    assert_eq!(
        of_cues(CUES_MAX + 1),
        Err(NoText::TooLarge {
            what: "cues",
            max: CUES_MAX
        })
    );
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..2_000), kind in select(&KINDS[..])) {
        check(kind, &bytes);
        guess_kind(&bytes, None, None);
    }

    #[test]
    fn a_case_cut_and_mended_anywhere_is_read_or_refused(
        nth in any::<Index>(),
        edits in vec((any::<Index>(), select(&MARKS[..]), 0usize..40, 0usize..200), 0..12),
        kind in select(&KINDS[..]),
    ) {
        let cases = cases_of("extract_text");
        let mut bytes = fs::read(input_of(&cases[nth.index(cases.len())])).expect("a case has an input");
        for (at, mark, times, gone) in edits {
            let at = at.index(bytes.len() + 1);
            let upto = (at + gone).min(bytes.len());
            bytes.splice(at..upto, mark.repeat(times).into_bytes());
        }
        check(kind, &bytes);
        check(guess_kind(&bytes, None, None), &bytes);
    }

    #[test]
    fn any_mixture_of_marks_is_read_or_refused(words in vec(select(&MARKS[..]), 0..300), kind in select(&KINDS[..])) {
        let text = words.concat();
        check(kind, text.as_bytes());
        is_teaser(&text);
    }
}

const KINDS: [TextKind; 9] = [
    TextKind::Vtt,
    TextKind::Srt,
    TextKind::PodcastJson,
    TextKind::TranscriptPage,
    TextKind::ArticlePage,
    TextKind::FeedContent,
    TextKind::Notes,
    TextKind::Markdown,
    TextKind::Plain,
];

const MARKS: [&str; 64] = [
    "\n",
    "\n\n",
    " ",
    "word ",
    "Ann: ",
    "Ben Fox: ",
    "Ann Lee (00:12): ",
    "[00:12] ",
    "0:12",
    "00:00:01.000 --> 00:00:02.000\n",
    "00:00:03,000 --> 00:00:04,000\n",
    "WEBVTT\n\n",
    "NOTE ",
    "1\n",
    "<v Ann>",
    "</v>",
    "<c.x>",
    "<00:01>",
    "&amp;",
    "&#x27;",
    "&",
    "<",
    ">",
    ">> ",
    "- ",
    "♪",
    "[music]",
    "(laughs)",
    "{\"segments\":[{\"body\":\"",
    "\",\"startTime\":",
    "}]}",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<table><tr><td>",
    "<th>",
    "<ul><li>",
    "</ul>",
    "<h2>",
    "Key takeaways",
    "</h2>",
    "<br>",
    "<a href=x>",
    "</a>",
    "<b>",
    "</b>",
    "<cite>",
    "</cite>",
    "<time>",
    "</time>",
    "<script>",
    "<!--",
    "-->",
    "---\n",
    "```\n",
    "# ",
    "> ",
    "| a |\n|---|\n",
    "![",
    "](",
    "`",
    "**",
    "é",
];

/// What must hold of any document: blocks lie in its text in order with a blank line between them, white space in them is
/// folded, nothing in them is invisible, times are times, and the same bytes give the same document.
fn check(kind: TextKind, bytes: &[u8]) {
    let material = Material::of_file(kind, bytes);
    let read = extract_text(&material);
    assert_eq!(read, extract_text(&material));
    read.iter().for_each(check_document);
    if kind == TextKind::ArticlePage {
        let shown = extract_text(&Material {
            wanted: PageText::AllThatIsShown,
            ..material
        });
        shown.iter().for_each(check_document);
    }
}

fn check_document(document: &Document) {
    assert!(!document.is_empty());
    let mut last = None;
    for block in document.blocks() {
        assert_eq!(block.from, last.map_or(0, |last| last + 2));
        assert!(block.from < block.to);
        let text = document.text_of(block);
        assert_eq!(text, text.split_whitespace().collect::<Vec<_>>().join(" "));
        assert!(!text.contains(|letter: char| letter.is_control() || letter == '\u{200b}'));
        let time = document.seconds_at(block.from);
        assert!(time.is_none_or(|time| time.is_finite() && time >= 0.0));
        last = Some(block.to);
    }
    assert_eq!(last, Some(document.text().len()));
}

fn input_of(case: &Path) -> PathBuf {
    let files = fs::read_dir(case)
        .expect("a case is a folder")
        .map(|entry| entry.expect("an entry").path());
    let mut inputs = files.filter(|file| file.file_stem().is_some_and(|stem| stem == "input"));
    inputs.next().expect("a case has an input")
}

fn kind_named(name: &str) -> TextKind {
    match name {
        "transcript-page" => TextKind::TranscriptPage,
        "article-page" => TextKind::ArticlePage,
        "feed-content" => TextKind::FeedContent,
        "notes" => TextKind::Notes,
        _ => panic!("no kind is called {name}"),
    }
}

fn rendered(read: &Result<Document, NoText>) -> String {
    let document = match read {
        Ok(document) => document,
        Err(error) => return format!("no text: {error}\n"),
    };
    let mut lines = String::new();
    for block in document.blocks() {
        let text = document.text_of(block);
        match block.kind {
            BlockKind::Utterance => {
                let time = document
                    .seconds_at(block.from)
                    .map_or("-".to_owned(), |seconds| format!("{seconds:.1}"));
                let speaker = block.speaker.as_deref().unwrap_or("-");
                writeln!(lines, "utterance {time} {speaker}: {text}")
            }
            BlockKind::Paragraph => writeln!(lines, "paragraph: {text}"),
            BlockKind::Heading => writeln!(lines, "heading: {text}"),
            BlockKind::ListItem => writeln!(lines, "item: {text}"),
            BlockKind::Quotation => writeln!(lines, "quotation: {text}"),
        }
        .expect("a string");
    }
    lines
}
