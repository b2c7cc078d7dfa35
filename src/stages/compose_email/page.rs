//! What the templates see of a digest: every text safe to stand in a line, every link http or https.

use serde::Serialize;
use url::Url;

use super::leave::Leave;
use super::plain::one_line;
use super::plain::shorten;
use crate::model::Digest;
use crate::model::Insight;

const HEADLINE_CHARACTERS_MAX: usize = 160; // a headline has 5 to 14 words
const QUOTE_CHARACTERS_MAX: usize = 1_600; // four long sentences; ten such cards stay under 60 kB
const NAME_CHARACTERS_MAX: usize = 80; // of a person, a show, or a newsletter
const TITLE_CHARACTERS_MAX: usize = 140; // of an episode or article
const TOPIC_CHARACTERS_MAX: usize = 30;
const TOPICS_MAX: usize = 3; // more are noise
const POSTAL_ADDRESS_CHARACTERS_MAX: usize = 200;
const URL_BYTES_MAX: usize = 1_800; // what mail clients open; longer ones are left out

const PREHEADER_CHARACTERS_MIN: usize = 35; // shorter ones let the page's first words slip in
const PREHEADER_CHARACTERS_MAX: usize = 140; // what inboxes show

const WORDS_A_MINUTE: usize = 220; // unhurried reading of prose

/// All that a template can name.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    subject: String,
    title: String,
    date: String,
    edition: u32,
    reading_minutes: usize,
    preheader: String,
    insights: Vec<Card>,
    leave: Option<Leave>,
    postal_address: Option<String>,
}

/// One insight as it is shown.
#[derive(Debug, Serialize)]
struct Card {
    number: usize,
    headline: String,
    /// The words as they stand in the source.
    quote: String,
    /// The same between quotation marks.
    quote_marked: String,
    speaker: Option<String>,
    entry_title: Option<String>,
    source: String,
    /// Speaker, entry, source and place in one line, for the text part.
    attribution: String,
    /// `about 23:14` or `paragraph 7`, with a space that does not break.
    place: Option<String>,
    topics: Vec<String>,
    /// Where the headline leads.
    link: Option<String>,
    /// Where the words can be heard or read.
    action: Option<Action>,
    /// The entry's page.
    page: Option<String>,
}

#[derive(Debug, Serialize)]
struct Action {
    label: String,
    url: String,
}

impl Page {
    /// The page of `digest`; `leave` is one reader's own way out, none in a preview.
    pub(super) fn new(
        digest: &Digest,
        postal_address: Option<&str>,
        leave: Option<&Leave>,
    ) -> Self {
        let insights: Vec<Card> = (1..)
            .zip(digest.insights())
            .map(|(number, insight)| Card::new(number, insight))
            .collect();
        let words: usize = insights
            .iter()
            .map(|card| {
                card.headline.split_whitespace().count() + card.quote.split_whitespace().count()
            })
            .sum();
        Self {
            subject: String::new(),
            title: one_line(&digest.title, NAME_CHARACTERS_MAX),
            date: digest.date.strftime("%A %-d %B %Y").to_string(),
            edition: digest.edition,
            reading_minutes: words.div_ceil(WORDS_A_MINUTE).max(1),
            preheader: preheader(&insights),
            insights,
            leave: leave.cloned(),
            postal_address: postal_address
                .map(|address| one_line(address, POSTAL_ADDRESS_CHARACTERS_MAX))
                .filter(|address| !address.is_empty()),
        }
    }

    /// Tells the page its subject, once that is known.
    pub(super) fn take_subject(&mut self, subject: &str) {
        subject.clone_into(&mut self.subject);
    }
}

/// What the inbox shows beside the subject: the next headlines, or how the only quote begins.
fn preheader(insights: &[Card]) -> String {
    let mut line = String::new();
    for card in insights.iter().skip(1) {
        if line.is_empty() {
            line.push_str("Also: ");
        } else {
            line.push_str(" · ");
        }
        line.push_str(&card.headline);
        if line.chars().count() >= PREHEADER_CHARACTERS_MIN {
            break;
        }
    }
    if line.chars().count() < PREHEADER_CHARACTERS_MIN
        && let Some(first) = insights.first()
    {
        if !line.is_empty() {
            line.push_str(" · ");
        }
        line.push_str(&first.quote_marked);
    }
    shorten(line, PREHEADER_CHARACTERS_MAX)
}

impl Card {
    fn new(number: usize, insight: &Insight) -> Self {
        let name =
            |text: &str| Some(one_line(text, NAME_CHARACTERS_MAX)).filter(|name| !name.is_empty());
        let quote = one_line(insight.quote(), QUOTE_CHARACTERS_MAX);
        let speaker = insight.speaker.as_deref().and_then(name);
        let entry_title = Some(one_line(&insight.entry_title, TITLE_CHARACTERS_MAX))
            .filter(|title| !title.is_empty());
        let source = one_line(&insight.source, NAME_CHARACTERS_MAX);
        let place = place(insight);
        let action = action(insight);
        let page = match &action {
            // a film's page opens at the minute
            Some(action) if insight.entry_url.as_ref().is_some_and(is_youtube) => {
                Some(action.url.clone())
            }
            _ => insight.entry_url.as_ref().and_then(web_link),
        };
        // the page of an episode says more than its audio file
        let link = page
            .clone()
            .or_else(|| action.as_ref().map(|action| action.url.clone()));
        Self {
            number,
            headline: one_line(&insight.headline, HEADLINE_CHARACTERS_MAX),
            quote_marked: format!("“{quote}”"),
            quote,
            attribution: attribution(
                speaker.as_deref(),
                entry_title.as_deref(),
                &source,
                place.as_deref(),
            ),
            speaker,
            entry_title,
            source,
            place,
            topics: insight
                .topics
                .iter()
                .map(|topic| one_line(topic, TOPIC_CHARACTERS_MAX))
                .filter(|topic| !topic.is_empty())
                .take(TOPICS_MAX)
                .collect(),
            link,
            action,
            page,
        }
    }
}

fn attribution(
    speaker: Option<&str>,
    entry_title: Option<&str>,
    source: &str,
    place: Option<&str>,
) -> String {
    let mut line = String::from("— ");
    if let Some(speaker) = speaker {
        line.push_str(speaker);
        line.push_str(" in ");
    }
    if let Some(entry_title) = entry_title {
        line.push('“');
        line.push_str(entry_title);
        line.push_str("”, ");
    }
    line.push_str(source);
    if let Some(place) = place {
        line.push_str(", ");
        line.push_str(place);
    }
    line
}

/// Where in the entry the words stand, for people.
fn place(insight: &Insight) -> Option<String> {
    if let Some(seconds) = whole_seconds(insight) {
        return Some(format!("about\u{a0}{}", clock(seconds)));
    }
    insight
        .receipt
        .paragraph
        .map(|paragraph| format!("paragraph\u{a0}{paragraph}"))
}

/// Where the words can be heard or read: at the minute on YouTube, else in the audio file, else on the entry's page.
fn action(insight: &Insight) -> Option<Action> {
    let page = insight.entry_url.as_ref();
    let Some(seconds) = whole_seconds(insight) else {
        let label = match insight.receipt.paragraph {
            Some(paragraph) => format!("Read it in place, paragraph {paragraph}"),
            None => "Open the episode".to_owned(),
        };
        let url = page
            .and_then(web_link)
            .or_else(|| insight.enclosure_url.as_ref().and_then(web_link))?;
        return Some(Action { label, url });
    };
    let at = clock(seconds);
    if let Some(url) = page.filter(|url| is_youtube(url)) {
        return Some(Action {
            label: format!("Watch from about {at}"),
            url: web_link(&at_second_of_film(url, seconds))?,
        });
    }
    if let Some(audio) = insight.enclosure_url.as_ref() {
        let mut audio = audio.clone();
        audio.set_fragment(Some(&format!("t={seconds}"))); // Media Fragments URI 1.0 §4.2.1
        if let Some(url) = web_link(&audio) {
            return Some(Action {
                label: format!("Listen from about {at}"),
                url,
            });
        }
    }
    Some(Action {
        label: format!("Open the episode (listen from about {at})"),
        url: page.and_then(web_link)?,
    })
}

fn is_youtube(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    ["youtube.com", "youtu.be", "youtube-nocookie.com"]
        .iter()
        .any(|site| {
            host.strip_suffix(site)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
}

fn at_second_of_film(url: &Url, seconds: u64) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "t" && name != "start")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut film = url.clone();
    film.query_pairs_mut()
        .clear()
        .extend_pairs(kept)
        .append_pair("t", &seconds.to_string());
    film
}

/// `url` as it may stand in a mail: over http or https, and not endless.
fn web_link(url: &Url) -> Option<String> {
    (matches!(url.scheme(), "http" | "https") && url.as_str().len() <= URL_BYTES_MAX)
        .then(|| url.as_str().to_owned())
}

fn whole_seconds(insight: &Insight) -> Option<u64> {
    const DAY_SECONDS: f64 = 86_400.0; // nothing that people listen to is longer
    let seconds = insight
        .start_seconds
        .filter(|seconds| (0.0..DAY_SECONDS).contains(seconds))?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and a day, checked above"
    )]
    Some(seconds as u64)
}

/// `23:14`, or `1:02:03` from an hour on.
fn clock(seconds: u64) -> String {
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours == 0 {
        format!("{minutes}:{seconds:02}")
    } else {
        format!("{hours}:{minutes:02}:{seconds:02}")
    }
}
