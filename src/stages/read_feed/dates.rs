//! Dates as feeds write them: RFC 3339 and its ISO 8601 relatives, RFC 822 and its many misspellings.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::civil::Time;
use jiff::tz::Offset;

/// The instant a feed's date names; without a zone it is taken as UTC, without a time as midnight. `None` where the text
/// could mean two days (`01/02/2025`), or none.
pub(super) fn read_date(text: &str) -> Option<Timestamp> {
    const DATE_BYTES_MAX: usize = 100; // the longest spelling of a date with its zone has under 60
    let text = text.trim();
    if text.is_empty() || text.len() > DATE_BYTES_MAX {
        return None;
    }
    iso(text).or_else(|| epoch(text)).or_else(|| spoken(text))
}

/// Parts found so far, in whatever order they come.
#[derive(Default)]
struct Parts {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    clock: Option<Clock>,
    afternoon: Option<bool>,
    offset_seconds: Option<i32>,
}

#[derive(Clone, Copy)]
struct Clock {
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
}

impl Parts {
    fn instant(&self) -> Option<Timestamp> {
        let (year, month, day) = (self.year?, self.month.unwrap_or(1), self.day.unwrap_or(1));
        if !(1..=31).contains(&day) {
            return None;
        }
        // "31 June" is meant as the day after 30 June
        let mut date = Date::new(year, month, 1).ok()?;
        date = date.checked_add((i32::from(day) - 1).days()).ok()?;
        let mut clock = self.clock.unwrap_or(Clock {
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
        });
        match self.afternoon {
            Some(true) if clock.hour < 12 => clock.hour += 12,
            Some(false) if clock.hour == 12 => clock.hour = 0,
            _ => {}
        }
        if clock.hour == 24 {
            clock.hour = 0;
            date = date.tomorrow().ok()?;
        }
        let second = clock.second.min(59); // a leap second
        let time = Time::new(clock.hour, clock.minute, second, clock.nanosecond).ok()?;
        let offset = Offset::from_seconds(self.offset_seconds.unwrap_or(0)).ok()?;
        offset.to_timestamp(date.to_datetime(time)).ok()
    }
}

/// `2025-03-21T07:00:00Z` and its shorter, looser and packed forms (ISO 8601, RFC 3339, W3C-DTF).
fn iso(text: &str) -> Option<Timestamp> {
    let date_end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '/' | '.')))
        .unwrap_or(text.len());
    let (date, rest) = text.split_at(date_end);
    let date = date.trim_end_matches(['-', '.']);
    let mut parts = Parts::default();
    let fields: Vec<&str> = date.split(['-', '/', '.']).collect();
    match fields[..] {
        [year, month, day] if year.len() == 4 => {
            parts.year = year.parse().ok();
            parts.month = Some(month.parse().ok()?);
            parts.day = Some(day.parse().ok()?);
        }
        [year, day] if year.len() == 4 && day.len() == 3 => {
            let january = Date::new(year.parse().ok()?, 1, 1).ok()?;
            let days: i16 = day.parse().ok().filter(|day| (1..=366).contains(day))?;
            let date = january.checked_add((i32::from(days) - 1).days()).ok()?;
            parts.year = Some(date.year());
            parts.month = Some(date.month());
            parts.day = Some(date.day());
        }
        [year, month] if year.len() == 4 => {
            parts.year = year.parse().ok();
            parts.month = Some(month.parse().ok()?);
        }
        [packed] if packed.len() == 8 => {
            parts.year = packed[..4].parse().ok();
            parts.month = packed[4..6].parse().ok();
            parts.day = packed[6..].parse().ok();
        }
        [year] if year.len() == 4 && rest.is_empty() => parts.year = year.parse().ok(),
        _ => return None,
    }
    let rest = rest.trim_start_matches(['T', 't', ' ', ',', '\t', '_']);
    if !rest.is_empty() {
        let time_end = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',')))
            .unwrap_or(rest.len());
        let (time, zone) = rest.split_at(time_end);
        parts.clock = Some(read_clock(time)?);
        for word in zone.split_whitespace() {
            read_zone_or_half(word, &mut parts)?;
        }
    }
    parts.instant()
}

/// Seconds or milliseconds since 1970.
fn epoch(text: &str) -> Option<Timestamp> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match text.len() {
        9 | 10 => Timestamp::from_second(text.parse().ok()?).ok(),
        13 => Timestamp::from_millisecond(text.parse().ok()?).ok(),
        _ => None,
    }
}

/// `Fri, 21 Mar 2025 07:00:00 GMT` (RFC 822, RFC 2822) with its parts in any order, and `21/03/2025` where that is one day.
fn spoken(text: &str) -> Option<Timestamp> {
    let mut parts = Parts::default();
    for word in text.split([' ', '\t', '\n', '\r', ',', '(', ')', '\u{a0}']) {
        let word = word.trim_end_matches('.');
        if word.is_empty() {
            continue;
        }
        if word.contains(':')
            && word.starts_with(|c: char| c.is_ascii_digit())
            && parts.clock.is_none()
        {
            clock_with_tail(word, &mut parts)?;
        } else if word.contains('/') {
            slashed(word, &mut parts)?;
        } else if let [day, month, year] = word.split('.').collect::<Vec<_>>()[..]
            && year.len() == 4
            && parts.day.is_none()
        {
            // "21.03.2025": where dots part the numbers, the day comes first
            parts.day = Some(day.parse().ok()?);
            parts.month = Some(month.parse().ok()?);
            parts.year = Some(year.parse().ok()?);
        } else if word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('-') {
            for piece in word.split('-') {
                day_part(piece, &mut parts)?;
            }
        } else if word.starts_with(['+', '-', '−'])
            || parts.clock.is_some() && word.contains(['+', '-'])
        {
            read_zone_or_half(word, &mut parts)?;
        } else {
            day_part(word, &mut parts)?;
        }
    }
    parts.day?;
    parts.month?;
    parts.instant()
}

/// `07:00:00`, and what clings to it: `07:00:00Z`, `7:00am`, `07:00:00+0100`.
fn clock_with_tail(word: &str, parts: &mut Parts) -> Option<()> {
    let end = word
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.')))
        .unwrap_or(word.len());
    let (clock, tail) = word.split_at(end);
    parts.clock = Some(read_clock(clock)?);
    if tail.is_empty() {
        return Some(());
    }
    read_zone_or_half(tail, parts)
}

/// `21/03/2025` or `03/21/2025`, where only one of them is a date.
fn slashed(word: &str, parts: &mut Parts) -> Option<()> {
    let numbers: Vec<i16> = word.split('/').map_while(|n| n.parse().ok()).collect();
    let [first, second, year] = numbers[..] else {
        return None;
    };
    let (day, month) = match (first, second) {
        (13..=31, 1..=12) => (first, second),
        (1..=12, 13..=31) => (second, first),
        (1..=12, 1..=12) if first == second => (first, second),
        _ => return None,
    };
    parts.day = i8::try_from(day).ok();
    parts.month = i8::try_from(month).ok();
    parts.year = Some(full_year(year, if year < 100 { 2 } else { 4 }));
    Some(())
}

/// A day, month, year or weekday; another word is a zone, or passed over.
fn day_part(word: &str, parts: &mut Parts) -> Option<()> {
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: i16 = word.parse().ok()?;
        if word.len() <= 2 && parts.day.is_none() {
            parts.day = i8::try_from(number).ok();
        } else if parts.year.is_none() {
            parts.year = Some(full_year(number, word.len()));
        } else {
            return None;
        }
        return Some(());
    }
    if let Some(month) = month(word) {
        if parts.month.is_none() {
            parts.month = Some(month);
        }
        return Some(());
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        // "21st"
        let day = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if day.len() > 2 || parts.day.is_some() {
            return None;
        }
        parts.day = Some(day.parse().ok()?);
        return Some(());
    }
    if parts.clock.is_some() {
        // a zone nobody knows leaves the clock as it stands
        let _ = read_zone_or_half(word, parts);
    }
    Some(())
}

fn full_year(number: i16, digits: usize) -> i16 {
    match digits {
        // RFC 2822 §4.3
        1 | 2 if number < 50 => number + 2000,
        1..=3 => number + 1900,
        _ => number,
    }
}

fn month(word: &str) -> Option<i8> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let lower = word.to_ascii_lowercase();
    if lower == "sept" {
        return Some(9);
    }
    let found = MONTHS
        .iter()
        .position(|name| lower.len() >= 3 && name.starts_with(&lower))?;
    i8::try_from(found + 1).ok()
}

/// `7:00`, `07:00:00`, `07:00:00.25`, `0700`, `070000`, `07`.
fn read_clock(text: &str) -> Option<Clock> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut fields: Vec<&str> = whole.split(':').collect();
    if let [packed] = fields[..] {
        fields = match packed.len() {
            4 => vec![&packed[..2], &packed[2..]],
            6 => vec![&packed[..2], &packed[2..4], &packed[4..]],
            _ => fields,
        };
    }
    let number = |at: usize, most: i8| -> Option<i8> {
        let field = fields.get(at).copied().unwrap_or("0");
        let value: i8 = field.parse().ok()?;
        (0..=most).contains(&value).then_some(value)
    };
    if fields.len() > 3 {
        return None;
    }
    let nanosecond = if fraction.is_empty() {
        0
    } else {
        format!("{fraction:0<9.9}").parse().ok()?
    };
    Some(Clock {
        hour: number(0, 24)?,
        minute: number(1, 59)?,
        second: number(2, 60)?,
        nanosecond,
    })
}

/// A zone (`Z`, `+01:00`, `EST`, `GMT+1`) or a half of the day (`pm`).
fn read_zone_or_half(word: &str, parts: &mut Parts) -> Option<()> {
    let lower = word.to_ascii_lowercase().replace('−', "-");
    match lower.as_str() {
        "am" | "a.m" => parts.afternoon = Some(false),
        "pm" | "p.m" => parts.afternoon = Some(true),
        _ => {
            let seconds = named_zone(&lower).or_else(|| numbered_zone(&lower))?;
            if parts.offset_seconds.is_none() || lower.starts_with(['+', '-']) {
                parts.offset_seconds = Some(seconds);
            }
        }
    }
    Some(())
}

/// `+0100`, `-05:30`, `+1`, and the same after `GMT` or `UTC`.
fn numbered_zone(lower: &str) -> Option<i32> {
    let digits_from = lower.find(['+', '-'])?;
    let (name, number) = lower.split_at(digits_from);
    if !matches!(name, "" | "gmt" | "utc" | "ut" | "z") {
        return None;
    }
    let sign = if number.starts_with('-') { -1 } else { 1 };
    let digits = number[1..].replace(':', "");
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        3 => digits.split_at(1),
        4 => digits.split_at(2),
        6 => (&digits[..2], &digits[2..4]),
        _ => return None,
    };
    let hours: i32 = hours.parse().ok()?;
    let minutes: i32 = minutes.parse().ok()?;
    (hours <= 15 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

/// Zones that have a name: those of RFC 822, and those that feeds use besides.
fn named_zone(lower: &str) -> Option<i32> {
    let hours = match lower {
        "z" | "ut" | "utc" | "gmt" | "wet" => 0,
        "est" | "et" | "cdt" => -5,
        "edt" | "ast" => -4,
        "cst" | "ct" | "mdt" => -6,
        "mst" | "mt" | "pdt" => -7,
        "pst" | "pt" | "akdt" => -8,
        "adt" => -3,
        "akst" => -9,
        "hst" => -10,
        "bst" | "cet" | "west" | "met" => 1,
        "cest" | "eet" | "mest" => 2,
        "eest" | "msk" => 3,
        "hkt" | "sgt" | "awst" => 8,
        "jst" | "kst" => 9,
        "aest" => 10,
        "aedt" => 11,
        "nzst" => 12,
        "nzdt" => 13,
        _ => return None,
    };
    Some(hours * 3600)
}
