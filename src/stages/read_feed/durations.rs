//! Lengths of episodes, and places in them, as feeds write them.

/// Longer than any recording: a number above it counts something else.
const DURATION_SECONDS_MAX: f64 = 100.0 * 3600.0;

/// Seconds of `3725`, `62:05` or `01:02:05` (`itunes:duration`), fractions allowed; `None` where nothing of it is a length.
pub(super) fn read_duration(text: &str) -> Option<f64> {
    read_start(text).filter(|seconds| *seconds > 0.0)
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
