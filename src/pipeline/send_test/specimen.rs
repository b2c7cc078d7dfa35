//! An edition for those who have none yet, in the program's own words.

use jiff::Timestamp;
use jiff::civil::Date;
use url::Url;

use crate::model::Digest;
use crate::model::Insight;
use crate::model::Receipt;
use crate::model::Related;
use crate::model::Voice;
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
    let mut insights: Vec<Insight> = TOLD.iter().map(|told| insight(told, now)).collect();
    // what may hang under a card hangs under the first
    let page = Url::parse("https://example.org/another-specimen").ok();
    if let Some(first) = insights.first_mut() {
        first.also_said_by.push(voice(page.clone(), now));
        first.related.push(related(page, date));
    }
    Digest::new(date, 1, title.to_owned(), now, insights)
}

fn voice(page: Option<Url>, now: Timestamp) -> Voice {
    let words = "The first copy goes to the one who has to answer for it.";
    let speaker = Some("One More Speaker".to_owned());
    let start_seconds = Some(1_500.0);
    Voice {
        headline: "The first copy goes to the sender".to_owned(),
        text: words.to_owned(),
        shown: None,
        source: "Another Specimen".to_owned(),
        entry_title: "Written for this test, too".to_owned(),
        entry_url: page.clone(),
        enclosure_url: None,
        published: now,
        speaker: speaker.clone(),
        start_seconds,
        receipt: Receipt {
            entry_url: page,
            document_sha256: sha256_hex(words.as_bytes()),
            from_byte: 0,
            to_byte: words.len(),
            speaker,
            start_seconds,
            paragraph: None,
            machine_heard: false,
        },
    }
}

fn related(page: Option<Url>, date: Date) -> Related {
    Related {
        date,
        position: 1,
        differs: true,
        headline: "A test is no substitute for a reader".to_owned(),
        source: "An Older Specimen".to_owned(),
        entry_title: "Written for this test as well".to_owned(),
        entry_url: page,
        enclosure_url: None,
        speaker: None,
        start_seconds: None,
    }
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
            machine_heard: false,
        },
        topics: vec![topic.to_owned()],
        also_said_by: Vec::new(),
        related: Vec::new(),
    }
}
