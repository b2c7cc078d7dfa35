//! A time as transcripts write it in, seconds out.

/// Seconds of `12:34`, `1:02:03`, `00:01:02.345` or `00:01:02,345`; none for anything else.
pub(super) fn seconds(text: &str) -> Option<f64> {
    // a file of captions has two of these for each dozen words, so they are read byte by byte
    let mut before = 0;
    let mut colons = 0;
    let mut number = 0;
    let mut digits = 0;
    let text = text.trim().as_bytes();
    let mut fraction = 0.0;
    for (at, byte) in text.iter().enumerate() {
        match byte {
            b'0'..=b'9' if digits < 4 => {
                number = number * 10 + u32::from(byte - b'0');
                digits += 1;
            }
            b':' if digits > 0 && colons < 2 => {
                before = before * 60 + number;
                colons += 1;
                (number, digits) = (0, 0);
            }
            b'.' | b',' => {
                fraction = part_of_a_second(&text[at + 1..])?;
                break;
            }
            _ => return None,
        }
    }
    let whole = (1..=2).contains(&digits) && colons > 0;
    whole.then(|| f64::from(before) * 60.0 + (f64::from(number) + fraction))
}

/// What the digits behind the point stand for; more than three are no better.
fn part_of_a_second(digits: &[u8]) -> Option<f64> {
    let mut thousandths = 0;
    let mut worth = 1.0;
    for byte in digits.iter().take(3) {
        if !byte.is_ascii_digit() {
            return None;
        }
        thousandths = thousandths * 10 + u32::from(byte - b'0');
        worth *= 10.0;
    }
    (!digits.contains(&b':')).then(|| f64::from(thousandths) / worth)
}
