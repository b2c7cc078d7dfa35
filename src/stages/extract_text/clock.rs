//! A time as transcripts write it in, seconds out.

/// Seconds of `12:34`, `1:02:03`, `00:01:02.345` or `00:01:02,345`; none for anything else.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let mut parts = [""; 4];
    let mut count = 0;
    for (nth, part) in text.trim().splitn(4, ':').enumerate() {
        parts[nth] = part;
        count = nth + 1;
    }
    if !(2..=3).contains(&count) {
        return None;
    }
    let (last, before) = parts[..count].split_last()?;
    let mut total = 0.0;
    for part in before {
        total = total * 60.0 + f64::from(digits(part, 4)?);
    }
    let (whole, fraction) = last.split_once(['.', ',']).unwrap_or((last, ""));
    let mut seconds = f64::from(digits(whole, 2)?);
    if !fraction.is_empty() {
        let thousandths = digits(fraction.get(..3).unwrap_or(fraction), 3)?;
        // three digits at most, so the power fits
        seconds += f64::from(thousandths) / 10_f64.powi(i32::try_from(fraction.len().min(3)).ok()?);
    }
    Some(total * 60.0 + seconds)
}

fn digits(text: &str, length_max: usize) -> Option<u32> {
    if text.is_empty() || text.len() > length_max {
        return None;
    }
    text.bytes().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}
