//! Lengths of episodes, and places in them, as feeds write them.

/// Longer than any recording: a number above it counts something else.
const DURATION_SECONDS_MAX: f64 = 100.0 * 3600.0;

/// Seconds of `3725`, `62:05` or `01:02:05` (`itunes:duration`), fractions allowed, or of `1h 2m 5s`, `62 min` and `PT1H2M5S`;
/// `None` where nothing of it is a length.
pub(super) fn read_duration(text: &str) -> Option<f64> {
    let seconds = read_start(text).or_else(|| with_units(text));
    seconds.filter(|seconds| *seconds > 0.0)
}

fn with_units(text: &str) -> Option<f64> {
    const SPELT_BYTES_MAX: usize = 40; // "1 hour, 2 minutes and 5 seconds" has 31
    let lower = text.trim().to_ascii_lowercase();
    let mut rest = lower.strip_prefix("pt").unwrap_or(&lower);
    if rest.is_empty() || rest.len() > SPELT_BYTES_MAX {
        return None;
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let (number, after) = rest.split_at(digits);
        let after = after.trim_start();
        let letters = after.find(|c: char| !c.is_ascii_alphabetic());
        let (unit, after) = after.split_at(letters.unwrap_or(after.len()));
        let of_unit = match unit {
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * of_unit;
        let between = |c: char| c == ',' || c == '.' || c.is_whitespace();
        let after = after.trim_start_matches(between);
        rest = after.strip_prefix("and ").unwrap_or(after);
    }
    (seconds <= DURATION_SECONDS_MAX).then_some(seconds)
}

/// Seconds from the start, written as a length is (normal play time, RFC 2326 §3.6); the start itself is 0.
pub(super) fn read_start(text: &str) -> Option<f64> {
    let mut seconds = 0.0;
    for field in text.trim().splitn(4, ':') {
        let field = field.trim();
        let digits = field
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
        if !digits {
            return None;
        }
        let value: f64 = field.parse().ok()?;
        seconds = seconds * 60.0 + value;
    }
    (seconds <= DURATION_SECONDS_MAX).then_some(seconds)
}
