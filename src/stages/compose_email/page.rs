//! What the templates see of a digest: every text safe to stand in a line, every link http or https.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use url::Url;

use super::leave::Leave;
use super::plain::isolated;
use super::plain::one_line;
use super::plain::shorten;
use crate::model::Digest;
use crate::model::Insight;
use crate::model::Related;
use crate::model::Voice;

const HEADLINE_CHARACTERS_MAX: usize = 160; // a headline has 5 to 14 words
const QUOTE_CHARACTERS_MAX: usize = 1_600; // four long sentences; ten such cards stay under 60 kB
const NAME_CHARACTERS_MAX: usize = 80; // of a person, a show, or a newsletter
const TITLE_CHARACTERS_MAX: usize = 140; // of an episode or article
const TOPIC_CHARACTERS_MAX: usize = 30;
const TOPICS_MAX: usize = 3; // more are noise
const TOPICS_LOOKED_AT_MAX: usize = 12; // each is held against each other
const POSTAL_ADDRESS_CHARACTERS_MAX: usize = 200;
const URL_BYTES_MAX: usize = 1_400; // signed ones of audio hosts are shorter; ten cards of such stay under 90 kB

const VOICES_MAX: usize = 3; // beside a card; more are a crowd
const RELATED_MAX: usize = 3;
const SIDE_HEADLINE_CHARACTERS_MAX: usize = 120; // of what only hangs under a card
const SIDE_URL_BYTES_MAX: usize = 500; // a link to a minute is a tenth of it

/// All that hangs under the cards of an edition: twenty lines as they are, fewer where feeds fill them; more would let a
/// mail program cut the largest edition short.
const SIDE_BYTES_MAX: usize = 14_000;

/// What the page writes around one such line.
const SIDE_MARKUP_BYTES: usize = 450;

const PREHEADER_CHARACTERS_MIN: usize = 35; // shorter ones let the page's first words slip in
const PREHEADER_CHARACTERS_MAX: usize = 140; // what inboxes show

/// What is said of words that a machine heard: they are those of its captions, and a listener may hear others.
const MACHINE_HEARD: &str = "heard by a machine";

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
    /// Whether a link leads to a minute.
    has_times: bool,
    /// Whether there are words that a machine heard.
    has_heard: bool,
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
    /// Where the quote begins with the headline: that sentence of it, told already.
    quote_echo: Option<String>,
    /// The quote without its echo, all of it where there is none.
    quote_rest: String,
    speaker: Option<String>,
    entry_title: Option<String>,
    source: String,
    /// Speaker, entry, source and place in one line, for the text part.
    attribution: String,
    /// `about 23:14` or `paragraph 7`, with a space that does not break.
    place: Option<String>,
    /// `heard by a machine`, where the words are those that a machine heard.
    heard: Option<&'static str>,
    /// The day that it was published, where the edition looks back further than usual: `28 February 2026`.
    earlier_day: Option<String>,
    topics: Vec<String>,
    /// The topics in one line, for the text part.
    topics_line: Option<String>,
    /// Where the headline leads.
    link: Option<String>,
    /// Where the words can be heard or read.
    action: Option<Action>,
    /// The entry's page.
    page: Option<String>,
    /// Who else says it.
    also: Vec<Also>,
    /// What earlier editions told of it.
    related: Vec<Side>,
}

/// Somebody else who says it.
#[derive(Debug, Serialize)]
struct Also {
    /// Who says it, or where nobody is named, the source.
    name: String,
    /// The source, where somebody is named.
    source: Option<String>,
    place: Option<String>,
    /// Where it can be heard or read.
    link: Option<String>,
    /// All of it in one line, for the text part.
    line: String,
}

/// What an earlier edition told.
#[derive(Debug, Serialize)]
struct Side {
    headline: String,
    source: String,
    date: String,
    link: Option<String>,
    /// Whether it sees the matter differently.
    differs: bool,
    /// All of it in one line, for the text part.
    line: String,
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
        let mut insights: Vec<Card> = (1..)
            .zip(digest.insights())
            .map(|(number, insight)| Card::new(number, insight))
            .collect();
        keep_sides_short(&mut insights);
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
            has_times: digest
                .insights()
                .iter()
                .flat_map(|insight| {
                    let voices = insight.also_said_by.iter().map(Spot::from);
                    voices.chain([Spot::from(insight)])
                })
                .any(|spot| spot.whole_seconds().is_some()),
            has_heard: digest
                .insights()
                .iter()
                .flat_map(Insight::quotes)
                .any(|quote| quote.receipt.machine_heard),
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

/// What the inbox shows beside the subject: the next headlines, as many as fit whole, or else how the first quote goes on.
fn preheader(insights: &[Card]) -> String {
    let characters = |text: &str| text.chars().count();
    let mut line = String::new();
    for card in insights.iter().skip(1) {
        let before = if line.is_empty() { "Also: " } else { " · " };
        let more = format!("{before}{}", isolated(&card.headline));
        let fits = characters(&line) + characters(&more) <= PREHEADER_CHARACTERS_MAX;
        if !fits && characters(&line) >= PREHEADER_CHARACTERS_MIN {
            break;
        }
        line.push_str(&more);
    }
    if characters(&line) < PREHEADER_CHARACTERS_MIN
        && let Some(first) = insights.first()
    {
        if !line.is_empty() {
            line.push_str(" · ");
        }
        // the subject is the first headline
        if first.quote_echo.is_some() {
            line.push_str(&first.quote_rest);
        } else {
            line.push_str(&first.quote_marked);
        }
    }
    let mut line = shorten(line, PREHEADER_CHARACTERS_MAX);
    // the end of an isolate may have been cut away
    let count = |mark: char| line.matches(mark).count();
    let open = count('\u{2068}').saturating_sub(count('\u{2069}'));
    line.extend(std::iter::repeat_n('\u{2069}', open));
    line
}

impl Card {
    fn new(number: usize, insight: &Insight) -> Self {
        let name =
            |text: &str| Some(one_line(text, NAME_CHARACTERS_MAX)).filter(|name| !name.is_empty());
        let quote = one_line(insight.quote(), QUOTE_CHARACTERS_MAX);
        let headline = headline(insight, &quote);
        let speaker = insight.speaker.as_deref().and_then(name);
        let entry_title = Some(one_line(&insight.entry_title, TITLE_CHARACTERS_MAX))
            .filter(|title| !title.is_empty());
        let source = one_line(&insight.source, NAME_CHARACTERS_MAX);
        let spot = Spot::from(insight);
        let place = spot.place();
        let heard = insight.receipt.machine_heard.then_some(MACHINE_HEARD);
        let action = spot.action();
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
        let topics = topics(insight);
        let (quote_echo, quote_rest) = match echo(&headline, &quote) {
            Some((echo, rest)) => (Some(echo.to_owned()), rest.to_owned()),
            None => (None, quote.clone()),
        };
        Self {
            number,
            headline,
            quote_marked: format!("“{quote}”"),
            quote_echo,
            quote_rest,
            quote,
            attribution: attribution(
                speaker.as_deref(),
                entry_title.as_deref(),
                &source,
                with_hearing(place.as_deref(), heard).as_deref(),
            ),
            heard,
            earlier_day: insight.of_earlier_day.map(day_in_words),
            speaker,
            entry_title,
            source,
            place,
            topics_line: (!topics.is_empty()).then(|| {
                let topics: Vec<_> = topics.iter().map(|topic| isolated(topic)).collect();
                topics.join(" · ")
            }),
            topics,
            link,
            action,
            page,
            also: insight
                .also_said_by
                .iter()
                .filter_map(Also::new)
                .take(VOICES_MAX)
                .collect(),
            related: insight
                .related
                .iter()
                .filter_map(Side::new)
                .take(RELATED_MAX)
                .collect(),
        }
    }
}

/// Leaves out what hangs under the cards from where there would be too much of it.
fn keep_sides_short(cards: &mut [Card]) {
    let mut left = SIDE_BYTES_MAX;
    let mut fits = |line: &str, link: Option<&String>| {
        let bytes = SIDE_MARKUP_BYTES + line.len() + link.map_or(0, String::len);
        let room = left.checked_sub(bytes);
        left = room.unwrap_or_default();
        room.is_some()
    };
    for card in cards {
        card.also
            .retain(|also| fits(&also.line, also.link.as_ref()));
        card.related
            .retain(|related| fits(&related.line, related.link.as_ref()));
    }
}

impl Also {
    /// What is shown of a voice; nothing where neither a name nor a source can be seen.
    fn new(voice: &Voice) -> Option<Self> {
        let shown =
            |text: &str| Some(one_line(text, NAME_CHARACTERS_MAX)).filter(|line| !line.is_empty());
        let speaker = voice.speaker.as_deref().and_then(shown);
        let (name, source) = match (speaker, shown(&voice.source)) {
            (Some(speaker), source) => (speaker, source),
            (None, source) => (source?, None),
        };
        let spot = Spot::from(voice);
        let heard = voice.receipt.machine_heard.then_some(MACHINE_HEARD);
        let place = with_hearing(spot.place().as_deref(), heard);
        let mut line = match &source {
            Some(source) => format!("Also said by {} in {}", isolated(&name), isolated(source)),
            None => format!("Also said in {}", isolated(&name)),
        };
        if let Some(place) = &place {
            line.push_str(" (");
            line.push_str(place);
            line.push(')');
        }
        let leads_to = spot.side_link();
        if leads_to.is_some() {
            line.push(':');
        }
        Some(Self {
            name,
            source,
            place,
            link: leads_to,
            line,
        })
    }
}

impl Side {
    /// What is shown of something related; nothing where its headline or its source cannot be seen.
    fn new(related: &Related) -> Option<Self> {
        let shown = |text: &str, most| Some(one_line(text, most)).filter(|line| !line.is_empty());
        let headline = shown(&related.headline, SIDE_HEADLINE_CHARACTERS_MAX)?;
        let source = shown(&related.source, NAME_CHARACTERS_MAX)?;
        let date = day_in_words(related.date);
        let view = if related.differs {
            "A different view: "
        } else {
            ""
        };
        let link = Spot::from(related).side_link();
        Some(Self {
            line: format!(
                "{view}{} ({}, {date})",
                isolated(&headline),
                isolated(&source)
            ),
            headline,
            source,
            date,
            link,
            differs: related.differs,
        })
    }
}

/// A day as people write it, with spaces that do not break.
fn day_in_words(day: Date) -> String {
    day.strftime("%-d\u{a0}%B\u{a0}%Y").to_string()
}

/// The claim. No card goes without one: it names the link, and the first is the subject.
fn headline(insight: &Insight, quote: &str) -> String {
    let headline = one_line(&insight.headline, HEADLINE_CHARACTERS_MAX);
    if !headline.is_empty() {
        headline
    } else if !quote.is_empty() {
        one_line(quote, HEADLINE_CHARACTERS_MAX)
    } else {
        one_line(&format!("From {}", insight.source), HEADLINE_CHARACTERS_MAX)
    }
}

/// `quote` in two where its first sentence is the headline and others follow.
fn echo<'a>(headline: &str, quote: &'a str) -> Option<(&'a str, &'a str)> {
    let behind = quote.strip_prefix(headline)?;
    let rest = behind.trim_start_matches(['.', '!', '?', '…']);
    let rest = rest.strip_prefix(' ').filter(|_| rest != behind)?;
    let echo = quote[..quote.len() - rest.len()].trim_end();
    (!rest.is_empty()).then_some((echo, rest))
}

/// What it is about. One that is said in another with more words is left out: "pricing" beside "pricing & packaging".
fn topics(insight: &Insight) -> Vec<String> {
    let lines: Vec<String> = insight
        .topics
        .iter()
        .map(|topic| one_line(topic, TOPIC_CHARACTERS_MAX))
        .filter(|topic| !topic.is_empty())
        .take(TOPICS_LOOKED_AT_MAX)
        .collect();
    let words = |topic: &str| -> BTreeSet<String> {
        let words = topic.split(|c: char| !c.is_alphanumeric());
        let words = words.filter(|word| !word.is_empty());
        words.map(str::to_lowercase).collect()
    };
    let said_before = |nth: usize| {
        let own = words(&lines[nth]);
        (0..lines.len()).any(|other| {
            let others = words(&lines[other]);
            let all_said = !own.is_empty() && own.is_subset(&others);
            all_said && (own != others || other < nth)
        })
    };
    (0..lines.len())
        .filter(|nth| !said_before(*nth))
        .map(|nth| lines[nth].clone())
        .take(TOPICS_MAX)
        .collect()
}

/// A place, and how the words there came to be known.
fn with_hearing(place: Option<&str>, heard: Option<&str>) -> Option<String> {
    let parts: Vec<&str> = place.into_iter().chain(heard).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn attribution(
    speaker: Option<&str>,
    entry_title: Option<&str>,
    source: &str,
    place: Option<&str>,
) -> String {
    let mut line = String::from("— ");
    if let Some(speaker) = speaker {
        line.push_str(&isolated(speaker));
        line.push_str(" in ");
    }
    if let Some(entry_title) = entry_title {
        line.push_str(&isolated(&format!("“{entry_title}”")));
        line.push_str(", ");
    }
    line.push_str(&isolated(source));
    if let Some(place) = place {
        line.push_str(", ");
        line.push_str(place);
    }
    line
}

/// Where words stand: on a page, in a recording, at a second or in a paragraph.
struct Spot<'a> {
    page: Option<&'a Url>,
    recording: Option<&'a Url>,
    start_seconds: Option<f64>,
    paragraph: Option<usize>,
}

impl<'a> From<&'a Insight> for Spot<'a> {
    fn from(insight: &'a Insight) -> Self {
        Self {
            page: insight.entry_url.as_ref(),
            recording: insight.enclosure_url.as_ref(),
            start_seconds: insight.start_seconds,
            paragraph: insight.receipt.paragraph,
        }
    }
}

impl<'a> From<&'a Voice> for Spot<'a> {
    fn from(voice: &'a Voice) -> Self {
        Self {
            page: voice.entry_url.as_ref(),
            recording: voice.enclosure_url.as_ref(),
            start_seconds: voice.start_seconds,
            paragraph: voice.receipt.paragraph,
        }
    }
}

impl<'a> From<&'a Related> for Spot<'a> {
    fn from(related: &'a Related) -> Self {
        Self {
            page: related.entry_url.as_ref(),
            recording: related.enclosure_url.as_ref(),
            start_seconds: related.start_seconds,
            paragraph: None,
        }
    }
}

impl Spot<'_> {
    /// Where in the entry the words stand, for people.
    fn place(&self) -> Option<String> {
        if let Some(seconds) = self.whole_seconds() {
            return Some(format!("about\u{a0}{}", clock(seconds)));
        }
        self.paragraph
            .map(|paragraph| format!("paragraph\u{a0}{paragraph}"))
    }

    /// Where the words can be heard or read: at the minute on YouTube, else in the audio file, else on the entry's page.
    fn action(&self) -> Option<Action> {
        let page = self.page;
        let Some(seconds) = self.whole_seconds() else {
            let label = match self.paragraph {
                Some(paragraph) => format!("Read it in place, paragraph {paragraph}"),
                None => "Open the episode".to_owned(),
            };
            let url = page
                .and_then(web_link)
                .or_else(|| self.recording.and_then(web_link))?;
            return Some(Action { label, url });
        };
        let at = clock(seconds);
        if let Some(url) = page.filter(|url| is_youtube(url)) {
            return Some(Action {
                label: format!("Watch from about {at}"),
                url: web_link(&at_second_of_film(url, seconds))?,
            });
        }
        if let Some(audio) = self.recording {
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

    /// Where a line under a card leads: to the minute, or where that address is long, to the page.
    fn side_link(&self) -> Option<String> {
        let to_the_minute = self.action().map(|action| action.url);
        let page = || self.page.and_then(web_link);
        let is_short = |url: &String| url.len() <= SIDE_URL_BYTES_MAX;
        (to_the_minute.filter(is_short)).or_else(|| page().filter(is_short))
    }

    fn whole_seconds(&self) -> Option<u64> {
        const DAY_SECONDS: f64 = 86_400.0; // nothing that people listen to is longer
        let seconds = self
            .start_seconds
            .filter(|seconds| (0.0..DAY_SECONDS).contains(seconds))?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and a day, checked above"
        )]
        Some(seconds as u64)
    }
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

/// `url` as it may stand in a mail: over http or https, not endless, and without a name and password in it, which would
/// be the operator's own, or would make an address look like another one's.
fn web_link(url: &Url) -> Option<String> {
    let is_for_all = url.username().is_empty() && url.password().is_none();
    let is_web = matches!(url.scheme(), "http" | "https");
    (is_web && is_for_all && url.as_str().len() <= URL_BYTES_MAX).then(|| url.as_str().to_owned())
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
