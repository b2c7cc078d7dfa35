//! An edition for those who have none yet, in the program's own words.

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use crate::model::Digest;
use crate::model::Insight;
use crate::model::Receipt;
use crate::model::sha256_hex;

/// What a specimen tells in one place.
struct Told {
    headline: &'static str,
    words: &'static str,
    /// Who says it, at which second; none in an article.
    said: Option<(&'static str, f64)>,
    topic: &'static str,
}

const TOLD: [Told; 3] = [
    Told {
        headline: "Send the first one to yourself",
        words: "Before you write to a thousand people, write to one, and make it yourself. Whatever is broken is broken for \
                all of them, and you are the only one who will say so within the hour.",
        said: Some(("A Speaker", 754.0)),
        topic: "delivery",
    },
    Told {
        headline: "A newsletter is a promise about tomorrow morning",
        words: "People do not subscribe to a page, they subscribe to a habit. The day it does not come they forgive you; \
                the day it comes twice they ask themselves why they let you in.",
        said: None,
        topic: "habits",
    },
    Told {
        headline: "Make it easy to leave and fewer will",
        words: "The shortest way out is a compliment to the reader. Those who stay beside an open door stay because they \
                want to, and you can count them.",
        said: Some(("Another Speaker", 3_725.0)),
        topic: "retention",
    },
];

/// An edition of `date` that nobody chose, under this title.
pub fn specimen(date: Date, title: &str, now: Timestamp) -> Option<Digest> {
    let insights = TOLD.iter().map(|told| insight(told, now)).collect();
    Digest::new(date, 1, title.to_owned(), now, insights)
}

fn insight(told: &Told, now: Timestamp) -> Insight {
    let Told {
        headline,
        words,
        said,
        topic,
    } = *told;
    let page = Url::parse("https://example.org/a-specimen").ok();
    let (speaker, start_seconds) = match said {
        Some((speaker, second)) => (Some(speaker.to_owned()), Some(second)),
        None => (None, None),
    };
    Insight {
        headline: headline.to_owned(),
        text: words.to_owned(),
        shown: None,
        score: 1.0,
        reasons: Vec::new(),
        source: "A Specimen".to_owned(),
        entry_title: "Written for this test".to_owned(),
        entry_url: page.clone(),
        enclosure_url: said.and_then(|_| Url::parse("https://example.org/a-specimen.mp3").ok()),
        published: now,
        of_earlier_day: None,
        speaker: speaker.clone(),
        start_seconds,
        receipt: Receipt {
            entry_url: page,
            document_sha256: sha256_hex(words.as_bytes()),
            from_byte: 0,
            to_byte: words.len(),
            speaker,
            start_seconds,
            paragraph: said.is_none().then_some(2),
        },
        topics: vec![topic.to_owned()],
        also_said_by: Vec::new(),
        related: Vec::new(),
    }
}
