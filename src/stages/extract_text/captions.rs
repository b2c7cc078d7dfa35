//! WebVTT and SubRip captions in, cues out; one tolerant reader for both, since files mix their habits.

use std::borrow::Cow;

use memchr::memchr_iter;
use memchr::memchr3;

use crate::model::is_single_spaced;

use crate::stages::extract_text::CUES_MAX;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::clock;
use crate::stages::extract_text::speech::Cue;
use crate::stages::extract_text::speech::lines_of;
use crate::stages::extract_text::within;

/// Lines of the last cue that a rolling caption can show again.
const ROLLED_LINES_MAX: usize = 3;
/// Bytes of a short cue with its times: for so many cues room is made at once.
const CUE_BYTES: usize = 64;
/// Share of cues, one in so many, that must repeat the line before them for a file to be of the rolling sort: people
/// repeat themselves too.
const ROLLING_ONE_IN: usize = 4;
/// Share of cues, one in so many, that must be the beginning of the next for a file to be of the growing sort.
const GROWING_ONE_IN: usize = 3;

/// The cues of a caption file: tags and entities out, voice tags as speakers, rolling repeats undone. Their words are
/// stretches of the text, as nearly all of them stand there as they are said.
pub(super) fn cues(text: &str) -> Result<Vec<Cue<'_>>, NoText> {
    let mut reader = Reader {
        cues: Vec::with_capacity((text.len() / CUE_BYTES).min(CUES_MAX)),
        ..Reader::default()
    };
    let web_vtt = text
        .trim_start()
        .get(..6)
        .is_some_and(|head| head.eq_ignore_ascii_case("WEBVTT"));
    let mut from = 0;
    for end in memchr_iter(b'\n', text.as_bytes()).chain([text.len()]) {
        reader.take_line(text[from..end].trim(), web_vtt);
        from = end + 1;
        within(reader.cues.len(), CUES_MAX, "cues")?;
    }
    reader.close();
    within(reader.cues.len(), CUES_MAX, "cues")?;
    let mut cues = reader.cues;
    unroll(&mut cues);
    ungrow(&mut cues);
    Ok(cues)
}

/// Reads cues as they stand in the file: a line with an arrow between two times, then lines up to a blank one. Headers,
/// numbers, notes and styles are passed over; in SubRip, which has no notes, lines after a blank one are the cue's own.
#[derive(Default)]
struct Reader<'a> {
    cues: Vec<Cue<'a>>,
    /// The times of the cue that is being read.
    times: Option<(f64, Option<f64>)>,
    /// Its lines, of which the last may turn out to be the number of the next.
    lines: Vec<&'a str>,
    /// Whether a line would be the cue's own.
    open: bool,
}

impl<'a> Reader<'a> {
    fn take_line(&mut self, line: &'a str, web_vtt: bool) {
        if let Some(times) = times(line) {
            // the number of this cue
            self.lines
                .pop_if(|line| line.bytes().all(|byte| byte.is_ascii_digit()));
            self.close();
            self.times = Some(times);
            self.open = true;
        } else if line.is_empty() {
            // a blank line right below the times is a mistake of the exporter
            self.open &= !web_vtt || self.lines.is_empty();
        } else if self.open {
            self.lines.push(line);
        }
    }

    /// Adds the cue that was read.
    fn close(&mut self) {
        let Some((start, end)) = self.times.take() else {
            return;
        };
        let empty = Cue {
            start: Some(start),
            end,
            ..Cue::default()
        };
        match self.lines.as_slice() {
            [] => add_voices("", empty, &mut self.cues),
            [only] => add_voices(only, empty, &mut self.cues),
            lines => {
                let payload = lines.join("\n");
                let mut cues = Vec::new();
                add_voices(&payload, empty, &mut cues);
                for cue in cues {
                    self.cues.push(cue.into_owned());
                }
            }
        }
        self.lines.clear();
    }
}

fn times(line: &str) -> Option<(f64, Option<f64>)> {
    if !line.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let arrow = line.as_bytes().windows(2).position(|pair| pair == b"->")?;
    let (start, rest) = (&line[..arrow], &line[arrow + 2..]);
    let start = clock_of(start.trim_end_matches('-'))?;
    let end = rest.split_whitespace().next().and_then(clock_of);
    Some((start, end))
}

/// Seconds of a time; some exporters set a colon before the thousandths too.
fn clock_of(text: &str) -> Option<f64> {
    clock::seconds(text).or_else(|| {
        let (whole, thousandths) = text.trim().rsplit_once(':')?;
        let decimal = whole.matches(':').count() == 2 && thousandths.len() == 3;
        decimal
            .then(|| clock::seconds(&format!("{whole}.{thousandths}")))
            .flatten()
    })
}

/// Adds a cue with these words, parted at its voice tags.
fn add_voices<'a>(words: &'a str, mut cue: Cue<'a>, cues: &mut Vec<Cue<'a>>) {
    let mut rest = words;
    while let Some(at) = memchr3(b'<', b'{', b'&', rest.as_bytes()) {
        cue.text += &rest[..at];
        rest = &rest[at..];
        // a sign that nothing closes is a word of its own, as in "x < 5"
        let (shown, length) = match rest.as_bytes()[0] {
            b'&' => entity(rest),
            b'<' => tag(rest, &mut cue, cues),
            b'{' if rest.starts_with("{\\") => {
                (Cow::Borrowed(""), end_of_tag(rest, '}').unwrap_or(1))
            }
            _ => (Cow::Borrowed(&rest[..1]), 1),
        };
        cue.text += shown;
        rest = &rest[length..];
    }
    cue.text += rest;
    cues.push(cue);
}

/// What a tag shows, and how long it is. A voice tag ends the cue of the voice before it.
fn tag<'a>(rest: &'a str, cue: &mut Cue<'a>, cues: &mut Vec<Cue<'a>>) -> (Cow<'a, str>, usize) {
    let first = rest.as_bytes().get(1).copied().unwrap_or_default();
    let end = end_of_tag(rest, '>').filter(|_| first.is_ascii_alphanumeric() || first == b'/');
    let Some(end) = end else {
        return (Cow::Borrowed("<"), 1);
    };
    let inside = &rest[1..end - 1];
    let voice = inside
        .strip_prefix(['v', 'V'])
        .filter(|after| after.starts_with([' ', '.', '\t']));
    if let Some((_, name)) = voice.and_then(|voice| voice.split_once(char::is_whitespace)) {
        let next = Cue {
            start: cue.start,
            end: cue.end,
            ..Cue::default()
        };
        let before = std::mem::replace(cue, next);
        if !before.text.trim().is_empty() {
            cues.push(before);
        }
        cue.speaker = speaker(name);
    }
    let shown = if inside.eq_ignore_ascii_case("br") || inside.eq_ignore_ascii_case("br/") {
        "\n"
    } else {
        ""
    };
    (Cow::Borrowed(shown), end)
}

/// Length of the tag that `rest` begins with; none where nothing closes it soon.
fn end_of_tag(rest: &str, close: char) -> Option<usize> {
    /// The longest tags are voices with classes; looking further for each `<` would take quadratic time.
    const TAG_BYTES_MAX: usize = 200;
    Some(rest[..rest.floor_char_boundary(TAG_BYTES_MAX)].find(close)? + 1)
}

/// A speaker's name as shown: entities read, white space folded, the colon after it gone; none where nothing is left.
pub(super) fn speaker(name: &str) -> Option<Cow<'_, str>> {
    const AFTER: [char; 3] = [':', ' ', ','];
    if is_single_spaced(name) && !name.contains('&') {
        let name = name.trim().trim_end_matches(AFTER);
        return (!name.is_empty()).then_some(Cow::Borrowed(name));
    }
    let mut shown = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = rest.find('&') {
        shown.push_str(&rest[..at]);
        let (letters, length) = entity(&rest[at..]);
        shown.push_str(&letters);
        rest = &rest[at + length..];
    }
    shown.push_str(rest);
    let mut folded = String::with_capacity(shown.len());
    for word in shown.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded.truncate(folded.trim_end_matches(AFTER).len());
    (!folded.is_empty()).then_some(Cow::Owned(folded))
}

/// What a character reference shows, and how long it is; `&` by itself is itself.
pub(super) fn entity(rest: &str) -> (Cow<'static, str>, usize) {
    /// `&#x10FFFF;` without the ampersand.
    const NAME_BYTES_MAX: usize = 10;
    let head = &rest[1..rest.floor_char_boundary(NAME_BYTES_MAX + 1).max(1)];
    let Some(length) = head.find(';') else {
        return (Cow::Borrowed("&"), 1);
    };
    let name = &head[..length];
    let shown = match name {
        "amp" => Cow::Borrowed("&"),
        "lt" => Cow::Borrowed("<"),
        "gt" => Cow::Borrowed(">"),
        "quot" => Cow::Borrowed("\""),
        "apos" => Cow::Borrowed("'"),
        "nbsp" => Cow::Borrowed(" "),
        "mdash" => Cow::Borrowed("—"),
        "ndash" => Cow::Borrowed("–"),
        "hellip" => Cow::Borrowed("…"),
        "lsquo" => Cow::Borrowed("‘"),
        "rsquo" => Cow::Borrowed("’"),
        "ldquo" => Cow::Borrowed("“"),
        "rdquo" => Cow::Borrowed("”"),
        "lrm" | "rlm" => Cow::Borrowed(""),
        _ => match numbered(name) {
            Some(letter) => Cow::Owned(letter.to_string()),
            None => return (Cow::Borrowed("&"), 1),
        },
    };
    (shown, length + 2)
}

fn numbered(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code).filter(|letter| !letter.is_control())
}

/// Rolling captions show the last lines again above each new one, and a cue that was shown whole once more: only what is
/// new stays. Equal cues at the same time are one.
fn unroll(cues: &mut Vec<Cue<'_>>) {
    cues.dedup_by(|next, last| {
        next.start == last.start && next.text == last.text && next.speaker == last.speaker
    });
    let repeats = cues
        .windows(2)
        .filter(|pair| repeats_a_line(&pair[0].text, &pair[1].text))
        .filter(|pair| rolled_lines(&last_lines(&pair[0].text), &pair[1].text) > 0)
        .count();
    if repeats < 2 || repeats * ROLLING_ONE_IN < cues.len() {
        return;
    }
    let mut shown: Vec<String> = Vec::new();
    for cue in cues.iter_mut() {
        let fresh: Vec<String> = lines(&cue.text)
            .skip(rolled_lines(&shown, &cue.text))
            .map(str::to_owned)
            .collect();
        cue.text = fresh.join("\n").into();
        shown.extend(fresh);
        shown.drain(..shown.len().saturating_sub(ROLLED_LINES_MAX));
    }
    cues.retain(|cue| !cue.text.trim().is_empty());
}

/// Live captions show each line again and again while it grows: only its last state stays, from the time of its first.
fn ungrow(cues: &mut Vec<Cue<'_>>) {
    let grows = |pair: &[Cue<'_>]| {
        let (last, next) = (pair[0].text.trim(), pair[1].text.trim());
        pair[0].speaker == pair[1].speaker
            && !last.is_empty()
            && next.len() > last.len()
            && next
                .strip_prefix(last)
                .is_some_and(|more| !more.starts_with(char::is_alphanumeric))
    };
    let count = cues.windows(2).filter(|pair| grows(pair)).count();
    if count < 2 || count * GROWING_ONE_IN < cues.len() {
        return;
    }
    let mut starts_at: Option<f64> = None;
    for nth in 0..cues.len() {
        let start = starts_at.take().or(cues[nth].start);
        let passing = cues.get(nth..nth + 2).is_some_and(grows);
        if passing {
            starts_at = start;
            cues[nth].text = Cow::Borrowed("");
        } else {
            cues[nth].start = start;
        }
    }
    cues.retain(|cue| !cue.text.is_empty());
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    lines_of(text)
        .map(str::trim)
        .filter(|line| !line.is_empty())
}

/// Whether the first line of `next` is any of the lines of `last`: nothing can be rolled else.
fn repeats_a_line(last: &str, next: &str) -> bool {
    lines(next)
        .next()
        .is_some_and(|first| lines(last).any(|line| line == first))
}

fn last_lines(text: &str) -> Vec<String> {
    let lines: Vec<String> = lines(text).map(str::to_owned).collect();
    lines[lines.len().saturating_sub(ROLLED_LINES_MAX)..].to_vec()
}

/// How many of the first lines of `text` are the last of `shown`.
fn rolled_lines(shown: &[String], text: &str) -> usize {
    let first: Vec<&str> = lines(text).take(ROLLED_LINES_MAX).collect();
    let most = first.len().min(shown.len());
    (1..=most)
        .rev()
        .find(|&count| {
            shown[shown.len() - count..]
                .iter()
                .zip(&first)
                .all(|(old, new)| old == new)
        })
        .unwrap_or(0)
}
