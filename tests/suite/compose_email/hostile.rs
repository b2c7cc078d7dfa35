//! What feeds send in stays where it belongs: the mail has the shape that it has with tame words.

use std::collections::BTreeMap;

use mail_parser::MessageParser;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prop_oneof;
use takefive::model::Digest;
use takefive::model::Email;
use takefive::model::Insight;
use takefive::stages::compose_email::Letterhead;
use takefive::stages::compose_email::Templates;
use takefive::stages::compose_email::compose_preview;

use super::FIELDS;
use super::ann;
use super::article;
use super::digest_of;
use super::edition::related;
use super::edition::voice;
use super::email_to;
use super::field_names;
use super::insight;
use super::parts;
use super::url;

/// Words that would do harm in a mail if they were taken for more than words.
const HOSTILE: [&str; 30] = [
    "</p></td><script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"><img onerror=alert(1) src=x>",
    "\" onmouseover=\"alert(1)\" x='",
    "' onmouseover='alert(1)",
    "&lt;script&gt; &#60;b&#62; &amp;quot; &",
    "<!--[if mso]> --> <![endif]--> <style>*{display:none}</style>",
    "</title></style></head><base href=//evil.example>",
    "<wbr><bdo dir=rtl><plaintext><svg/onload=alert(1)>",
    "]]> <![CDATA[ <?xml ?>",
    "Claim\r\nBcc: everyone@example.org\r\n\r\nA second body",
    "Claim\nContent-Type: text/html\n\n<b>",
    "\rSubject: other\r",
    "{{ leave.mailto }} {% include 'digest.txt' %} {# note #}",
    "{% raw %}{{ insights }}{% for",
    "=?utf-8?q?Free_money=0D=0ABcc:_x=40example.org?=",
    "=?utf-8?b?RnJlZSBtb25leQ==?= =?utf-8?b?RnJlZSBtb25leQ==?=",
    "\u{202E}drawkcab\u{2066}\u{2069}\u{202A} \u{200F}right",
    "\u{2067}one\u{2067}\u{2068}two\u{202B}",
    "\u{200F}\u{61C}123 (abc) \u{5D0}\u{5D1}, \u{627}\u{644}",
    "👩‍👩‍👧‍👦 🇬🇧 ünï 漢字 🏴\u{E0067}\u{E0062}\u{E0073}\u{E007F}",
    "se\u{AD}cr\u{200B}et\u{2060}\u{FEFF}\u{200D}\u{200C}",
    "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}lgo",
    "a\u{0}\u{1}\u{7f}\u{85}\u{2028}\u{2029}\u{b}\u{1b}[31m",
    "--=_boundary--\r\n--=_0000\r\nContent-Type: text/html",
    ".\r\n.\r\nQUIT",
    "From ann@reader.example Mon Nov 23\r\nFrom nobody",
    "javascript:alert(1) data:text/html,hello",
    "-- \n> quoted\n------------------------------------------------------------------------",
    "5.  Another insight\n\n    “Words”",
    "$1 \\0 %0D%0ABcc: x =0D=0ABcc: x",
];

/// Words of which nothing can be seen.
const UNSEEN: [&str; 5] = [
    "",
    " \t\r\n",
    "\u{200B}\u{FEFF}\u{200D}\u{2060}",
    "\u{202E}\u{2066}\u{200F}\u{0}",
    "\u{AD}\u{3164}\u{301}\u{FE0F}\u{E0041}",
];

/// A field that comes from a feed, filled with these words.
type Field = (&'static str, fn(&mut Insight, &str));

const FEED_FIELDS: [Field; 10] = [
    ("headline", |insight, words| {
        words.clone_into(&mut insight.headline);
    }),
    ("quote", |insight, words| {
        words.clone_into(&mut insight.text);
        insight.shown = Some(words.to_owned());
    }),
    ("speaker", |insight, words| {
        insight.speaker = Some(words.to_owned());
    }),
    ("source", |insight, words| {
        words.clone_into(&mut insight.source);
    }),
    ("entry title", |insight, words| {
        words.clone_into(&mut insight.entry_title);
    }),
    ("topics", |insight, words| {
        insight.topics = vec![words.to_owned()];
    }),
    ("another voice", |insight, words| {
        for voice in &mut insight.also_said_by {
            voice.speaker = Some(words.to_owned());
        }
    }),
    ("another voice's source", |insight, words| {
        for voice in &mut insight.also_said_by {
            words.clone_into(&mut voice.source);
        }
    }),
    ("a related headline", |insight, words| {
        for related in &mut insight.related {
            words.clone_into(&mut related.headline);
        }
    }),
    ("a related source", |insight, words| {
        for related in &mut insight.related {
            words.clone_into(&mut related.source);
        }
    }),
];

/// An edition whose every card has these fields filled with `words`.
fn edition(fields: &[Field], words: &str) -> Digest {
    let mut insights = vec![insight("", ""), article("", "")];
    for insight in &mut insights {
        insight.also_said_by = vec![voice(None, ""), voice(None, "")];
        insight.related = vec![related("", false), related("", true)];
        for (_, fill) in FEED_FIELDS {
            fill(insight, "Calm words, and few");
        }
        for (_, fill) in fields {
            fill(insight, words);
        }
    }
    digest_of(insights)
}

fn email_of(digest: &Digest) -> Email {
    email_to(&ann(), digest)
}

/// What must be the same whatever the words are.
#[derive(Debug, PartialEq)]
struct Shape {
    fields: Vec<String>,
    parts: Vec<String>,
    elements: Vec<String>,
    lines: Vec<String>,
}

fn shape(email: &Email) -> Shape {
    let message = MessageParser::default()
        .parse(&email.bytes)
        .expect("a message");
    let (text, html) = parts(email);
    let elements = elements(&html);
    let hrefs: Vec<&str> = elements
        .iter()
        .filter_map(|element| element.rsplit(' ').next())
        .filter(|link| !link.is_empty())
        .collect();
    Shape {
        fields: field_names(email),
        parts: message
            .parts
            .iter()
            .map(|part| {
                let names = part.headers.iter().map(mail_parser::Header::name);
                names.collect::<Vec<_>>().join(" ")
            })
            .collect(),
        lines: lines(&text, &hrefs),
        elements: elements.clone(),
    }
}

/// The elements of a page in order, with the names of their attributes and where they lead.
fn elements(html: &str) -> Vec<String> {
    let page = scraper::Html::parse_document(html);
    let all = scraper::Selector::parse("*").expect("a selector");
    page.select(&all)
        // places to break a long word, and the part of a quote that its headline tells
        .filter(|element| element.value().name() != "wbr" && element.attr("class") != Some("echo"))
        .map(|element| {
            let mut names: Vec<&str> = element.value().attrs().map(|(name, _)| name).collect();
            names.sort_unstable();
            let href = element.attr("href").unwrap_or_default();
            format!("{} {names:?} {href}", element.value().name())
        })
        .collect()
}

/// The text part without the words of the cards: the numbers, the links, and the program's own lines.
fn lines(text: &str, links: &[&str]) -> Vec<String> {
    let is_own = |line: &&str| {
        !line.is_empty() && (!line.starts_with("    ") || links.contains(&line.trim()))
    };
    text.lines()
        .filter(is_own)
        // how long it takes to read may differ
        .map(|line| line.split(" · Edition").next().unwrap_or_default())
        .map(|line| match line.split_once(".  ") {
            Some((number, _)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                number.to_owned()
            }
            _ => line.to_owned(),
        })
        .collect()
}

/// What may stand in no part at all.
fn assert_clean(email: &Email, words: &str) {
    let message = MessageParser::default()
        .parse(&email.bytes)
        .expect("a message");
    assert_eq!(message.bcc(), None);
    let subject = message.subject().expect("a subject");
    let length = subject.chars().count();
    assert!((1..=78).contains(&length), "{length}: {subject:?}");
    assert!(
        !subject.contains("Free money"),
        "decoded once more: {subject:?}"
    );
    let (text, html) = parts(email);
    for part in [subject, &text, &html] {
        let stray = part.chars().find(|c| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}' | '\u{2067}')
                || matches!(c, '\u{200B}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
        });
        assert_eq!(stray, None, "{words:?}");
        assert!(!part.contains("leave%20tok") || part != subject);
    }
    assert!(
        !text.contains("mailto:"),
        "a template was filled from outside: {text}"
    );
    assert!(html.len() < 60_000, "{}", html.len());
    // an isolate that is open would reach over what follows
    let preheader = html.split("</div>").next().expect("a piece");
    for line in [subject, &text, preheader] {
        let count = |mark: char| line.matches(mark).count();
        assert_eq!(count('\u{2068}'), count('\u{2069}'), "{words:?}");
    }
}

#[test]
fn hostile_words_in_any_field_leave_the_mail_in_its_shape() {
    let tame = shape(&email_of(&edition(&[], "")));
    assert_eq!(tame.fields, FIELDS);
    assert_eq!(tame.parts.len(), 3);
    let long = "a".repeat(5_000);
    let long_words = "word ".repeat(1_000);
    let long_marks = "e\u{301}\u{1F3FB}".repeat(2_500);
    let hostile = HOSTILE
        .into_iter()
        .chain([&*long, &*long_words, &*long_marks]);
    for words in hostile {
        let each = FEED_FIELDS.iter().map(std::slice::from_ref);
        for fields in each.chain([&FEED_FIELDS[..]]) {
            let email = email_of(&edition(fields, words));
            let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
            assert_eq!(shape(&email), tame, "{names:?}: {words:?}");
            assert_clean(&email, words);
        }
    }
}

#[test]
fn words_of_which_nothing_is_seen_count_as_none() {
    for (name, fill) in FEED_FIELDS {
        let none = shape(&email_of(&edition(&[(name, fill)], "")));
        assert_eq!(none.fields, FIELDS);
        for words in UNSEEN {
            let email = email_of(&edition(&[(name, fill)], words));
            assert_eq!(shape(&email), none, "{name}: {words:?}");
            assert_clean(&email, words);
        }
    }
    for words in UNSEEN {
        let email = email_of(&edition(&FEED_FIELDS, words));
        assert_clean(&email, words);
        let html = parts(&email).1;
        let page = scraper::Html::parse_document(&html);
        let links = scraper::Selector::parse("a").expect("a selector");
        for link in page.select(&links) {
            let name: String = link.text().collect();
            assert!(!name.trim().is_empty(), "a link without a name: {words:?}");
        }
    }
}

#[test]
fn a_link_cannot_be_more_than_a_link() {
    let of = |link: &str| {
        let mut film = insight("A claim", "Some words.");
        film.entry_url = url(link);
        film.start_seconds = None;
        let mut said = insight("A claim", "Some words.");
        said.enclosure_url = url(link);
        let mut written = article("A claim", "Some words.");
        written.entry_url = url(link);
        let mut other = voice(Some("Somebody else"), "Elsewhere");
        other.enclosure_url = url(link);
        other.entry_url = None;
        written.also_said_by = vec![other];
        let mut older = related("An older claim", true);
        older.enclosure_url = url(link);
        older.entry_url = None;
        written.related = vec![older];
        assert!(film.entry_url.is_some(), "{link:?} is a URL");
        email_of(&digest_of(vec![film, said, written]))
    };
    let without_links = |shape: Shape| -> Vec<String> {
        let name = |element: &String| element.split("] ").next().map(str::to_owned);
        shape.elements.iter().filter_map(name).collect()
    };
    let tame = without_links(shape(&of("https://tame.example/41")));
    let none = without_links(shape(&of("ftp://files.example/41")));
    assert_ne!(tame, none);
    for (link, expected) in [
        ("https://x.example/\"><script>alert(1)</script>", &tame),
        (
            "https://x.example/?a=\"onclick='alert(1)'&b=<b>#\"><i>",
            &tame,
        ),
        ("https://x.example/\r\nBcc: everyone@example.org", &tame),
        ("https://x.example/\u{202E}gpj.exe?\u{2066}#\u{200F}", &tame),
        ("https://x.example/{{ leave.mailto }}{% raw %}", &tame),
        ("https://x.example/=?utf-8?q?x?=/--=_0/./From ", &tame),
        ("https://b\u{FC}cher.example/\u{5D0}", &tame),
        ("HTTPS://X.example/%0D%0ABcc:%20x", &tame),
        ("javascript:alert(1)//https://x.example", &none),
        ("data:text/html,<script>alert(1)</script>", &none),
        ("vbscript:msgbox", &none),
        ("file:///etc/passwd", &none),
        ("mailto:everyone@example.org?bcc=x", &none),
        ("https://name:word@x.example/", &none),
    ] {
        let email = of(link);
        let found = shape(&email);
        assert_eq!(found.fields, FIELDS);
        assert_eq!(found.parts.len(), 3);
        assert_eq!(&without_links(found), expected, "{link:?}");
        assert_clean(&email, link);
        let (text, html) = parts(&email);
        let page = scraper::Html::parse_document(&html);
        let links = scraper::Selector::parse("a").expect("a selector");
        for link in page.select(&links).filter_map(|link| link.attr("href")) {
            let known = ["https://", "mailto:leave@digest.example.org?"];
            assert!(known.iter().any(|known| link.starts_with(known)), "{link}");
            let is_plain = |c: char| c.is_ascii_graphic() && !"\"<>".contains(c);
            assert!(link.chars().all(is_plain), "{link}");
        }
        for line in text.lines().filter(|line| line.contains("://")) {
            assert_eq!(line.split_whitespace().count(), 1, "{line}");
        }
    }
}

#[test]
fn a_link_that_is_too_long_is_left_out_and_one_just_below_is_not() {
    let holds = |length: usize| {
        let start = "https://x.example/";
        let mut insight = insight("A claim", "Some words.");
        insight.enclosure_url = None;
        insight.entry_url = url(&format!("{start}{}", "a".repeat(length - start.len())));
        let (text, html) = parts(&email_of(&digest_of(vec![insight])));
        (
            text.contains("https://x.example/"),
            html.contains("https://x.example/"),
        )
    };
    assert_eq!(holds(1_400), (true, true));
    assert_eq!(holds(1_401), (false, false));
}

#[test]
fn words_from_right_to_left_do_not_turn_those_beside_them() {
    let mut insight = insight("A claim", "Some words.");
    insight.speaker = Some("\u{5D3}\u{5E0}\u{5D4}".to_owned());
    insight.entry_title = "\u{5E4}\u{5E8}\u{5E7} 12".to_owned();
    let (text, html) = parts(&email_of(&digest_of(vec![insight])));
    let expected = "— \u{2068}\u{5D3}\u{5E0}\u{5D4}\u{2069} in \u{2068}“\u{5E4}\u{5E8}\u{5E7} 12”\u{2069}, The Roadmap Hour, about 23:14";
    assert!(text.contains(expected), "{text}");
    let page = scraper::Html::parse_document(&html);
    for class in ["topic", "headline", "quote", "speaker", "where"] {
        let selector = scraper::Selector::parse(&format!(".{class}")).expect("a selector");
        let element = page.select(&selector).next().expect(class);
        assert_eq!(element.attr("dir"), Some("auto"), "{class}");
    }
}

#[test]
fn the_name_of_the_newsletter_and_of_its_sender_s_place_are_only_words_too() {
    for words in HOSTILE.into_iter().chain(UNSEEN) {
        let mut digest = edition(&[], "");
        digest.title = words.to_owned();
        let email = email_of(&digest);
        assert_eq!(field_names(&email), FIELDS, "{words:?}");
        let calm = email_of(&edition(&[], ""));
        assert_eq!(shape(&email).elements, shape(&calm).elements, "{words:?}");
        assert_clean(&email, words);
    }
}

#[test]
fn a_file_that_an_operator_s_page_includes_is_escaped_whatever_its_name() {
    let words = "Cut <b>half</b> & see \"why\"";
    let mut digest = edition(&FEED_FIELDS[..1], words);
    digest.title = "Take Five".to_owned();
    let mail = super::mail_settings();
    let letterhead = Letterhead {
        mail: &mail,
        site: None,
    };
    for name in ["card.html", "card.txt", "card", "card.j2", "card.css"] {
        let own = BTreeMap::from([
            (name.to_owned(), "<p>{{ insights[0].headline }}</p>".into()),
            (
                "digest.html".to_owned(),
                format!("{{% include '{name}' %}}").into(),
            ),
            (
                "digest.txt".to_owned(),
                format!("{{% include '{name}' %}}").into(),
            ),
        ]);
        let templates = Templates::new(&own).expect("right");
        let preview = compose_preview(&digest, &letterhead, &templates).expect("a preview");
        assert!(
            preview.html.contains("&lt;b&gt;half&lt;/b&gt; &amp; see"),
            "{name}: {}",
            preview.html
        );
        assert!(preview.text.contains(words), "{name}: {}", preview.text);
    }
}

/// Pieces of hostile words, and any characters at all.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        proptest::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
        proptest::sample::select(vec![
            "<", ">", "\"", "'", "&", "\r\n", "\n", "{{", "}}", "{%", "%}", "=?", "?=", "--", ".",
            "\u{202E}", "\u{2067}", "\u{200F}", "\u{5D0}", "\u{200B}", "\u{0}", "\u{a0}", "://",
            ":", "[", "]", "\\",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,12}",
        "[\\x00-\\x7f]{0,12}",
        proptest::char::any().prop_map(String::from),
    ];
    // it begins with a letter: a field with nothing to be seen in it is another test
    (Just("h"), proptest::collection::vec(piece, 0..10))
        .prop_map(|(letter, pieces)| letter.to_owned() + &pieces.concat())
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_words_make_a_mail_of_the_same_shape(words in proptest::collection::vec(nasty(), FEED_FIELDS.len())) {
        let calm = insight("Calm words", "Calm words that are said.");
        let mut wild = calm.clone();
        let mut tame = calm;
        for ((_, fill), words) in FEED_FIELDS.iter().zip(&words) {
            fill(&mut wild, words);
            fill(&mut tame, "Calm words, and few");
        }
        let email = email_of(&digest_of(vec![wild]));
        let tame = email_of(&digest_of(vec![tame]));
        proptest::prop_assert_eq!(shape(&email), shape(&tame));
        assert_clean(&email, &words.join(" | "));
    }
}

/// The HTML of the first headline.
fn headline_html(headline: &str) -> String {
    let html = parts(&email_of(&digest_of(vec![insight(
        headline,
        "Some words.",
    )])))
    .1;
    let page = scraper::Html::parse_document(&html);
    let selector = scraper::Selector::parse(".headline-link").expect("a selector");
    page.select(&selector).next().expect("a link").inner_html()
}

#[test]
fn marks_are_piled_four_high_and_no_higher() {
    let marks = |count: usize| format!("a{}b", "\u{301}".repeat(count));
    assert_eq!(headline_html(&marks(4)), marks(4));
    assert_eq!(headline_html(&marks(5)), marks(4));
    assert_eq!(headline_html(&marks(500)), marks(4));
}

#[test]
fn a_word_that_is_too_long_for_a_phone_can_break_and_a_shorter_one_does_not() {
    let whole = "a".repeat(24);
    assert_eq!(headline_html(&whole), whole);
    assert_eq!(
        headline_html(&format!("x {whole}& y")),
        "x aaaaaaaaaa<wbr>aaaaaaaaaa<wbr>aaaa&amp; y"
    );
    // Arabic letters hold on to each other, and Chinese lines break by themselves
    for word in ["\u{628}".repeat(60), "\u{6F22}".repeat(60)] {
        assert_eq!(headline_html(&word), word);
    }
    let accents = "e\u{301}".repeat(20);
    assert!(!headline_html(&accents).contains("<wbr>\u{301}"));
}

#[test]
fn a_picture_of_several_signs_is_not_left_half() {
    let family = "\u{1F469}\u{200D}\u{1F467}";
    // the cut falls behind what joins the two
    let subject = format!("{}{family}abc", "w".repeat(75));
    let email = email_of(&digest_of(vec![insight(&subject, "Some words.")]));
    let message = MessageParser::default()
        .parse(&email.bytes)
        .expect("a message");
    let subject = message.subject().expect("a subject");
    assert!(!subject.contains('\u{200D}'), "{subject:?}");
    assert!(subject.ends_with("w\u{1F469}…"), "{subject:?}");
}
