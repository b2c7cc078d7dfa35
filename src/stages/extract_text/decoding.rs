//! Bytes of any encoding in, text with plain line ends and without invisible characters out.

use std::borrow::Cow;
use std::sync::LazyLock;

use chardetng::EncodingDetector;
use chardetng::Iso2022JpDetection;
use chardetng::Utf8Detection;
use encoding_rs::Encoding;
use encoding_rs::ISO_2022_JP;
use encoding_rs::UTF_8;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;
use regex::bytes::Regex;

/// Bytes looked at to detect an encoding: the first non-ASCII letters stand well within them.
const DETECTION_BYTES_MAX: usize = 256 << 10;
/// Bytes in which a page declares its encoding (HTML §13.2.3.2).
const DECLARATION_BYTES_MAX: usize = 1024;

static CHARSET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)(?:charset|encoding)\s*=\s*["']?\s*([a-z0-9_:.-]+)"#)
        .expect("the pattern is a constant")
});

/// The text of `bytes`: by byte order mark, else as UTF-8 where it is that, else by the declared encoding, else by
/// detection. Declarations come late because they are wrong more often than valid UTF-8 is chance.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    match decoded(bytes, content_type) {
        Cow::Borrowed(text) => readable(text),
        Cow::Owned(text) => Cow::Owned(readable(&text).into_owned()),
    }
}

/// The same text with `\n` line ends, without characters that nobody sees (soft hyphens, zero-width spaces, marks of
/// direction), and with a space for each control character.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    let first = unchanged(text);
    if first == text.len() {
        return Cow::Borrowed(text);
    }
    let (plain, mut rest) = text.split_at(first);
    let mut clean = String::with_capacity(text.len());
    clean.push_str(plain);
    loop {
        let mut letters = rest.chars();
        match letters.next() {
            None => return Cow::Owned(clean),
            Some('\r') => {
                if !letters.as_str().starts_with('\n') {
                    clean.push('\n');
                }
            }
            Some(letter @ ('\n' | '\t')) => clean.push(letter),
            Some('\u{2028}' | '\u{2029}' | '\u{85}') => clean.push('\n'),
            Some('\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}') => {}
            Some(letter) if letter.is_control() => clean.push(' '),
            Some(letter) => clean.push(letter),
        }
        let after = letters.as_str();
        let at = unchanged(after);
        clean.push_str(&after[..at]);
        rest = &after[at..];
    }
}

/// How many bytes stay as they are before the first character that may not.
fn unchanged(text: &str) -> usize {
    /// Looked at together, which takes a few steps where nothing changes.
    const TOGETHER: usize = 64;
    let mut from = 0;
    for stretch in text.as_bytes().chunks(TOGETHER) {
        let changes = stretch
            .iter()
            .fold(0, |any, &byte| any | u8::from(may_change(byte)));
        if changes != 0 {
            let at = stretch.iter().position(|&byte| may_change(byte));
            return from + at.unwrap_or(stretch.len());
        }
        from += stretch.len();
    }
    text.len()
}

/// Whether a character that begins with this byte may not stay as it is; the others are copied in stretches.
fn may_change(byte: u8) -> bool {
    // U+0080 to U+00BF, U+2000 to U+2FFF and U+F000 to U+FFFF begin with the last three in UTF-8
    matches!(
        byte,
        0..=0x08 | 0x0B..=0x1F | 0x7F | 0xC2 | 0xE2 | 0xEF
    )
}

fn decoded<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    if let Some(encoding) = utf_16(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let declared = declared(bytes, content_type);
    match std::str::from_utf8(bytes) {
        // its escapes are ASCII, and so is valid UTF-8
        Ok(_) if declared == Some(ISO_2022_JP) => {
            return ISO_2022_JP.decode_without_bom_handling(bytes).0;
        }
        Ok(text) => return Cow::Borrowed(text),
        Err(_) => {}
    }
    let lossy = String::from_utf8_lossy(bytes);
    if mostly_utf_8(&lossy) {
        return lossy;
    }
    let encoding = declared
        .filter(|&encoding| encoding != UTF_8)
        .unwrap_or_else(|| detected(bytes));
    encoding.decode_without_bom_handling(bytes).0
}

/// UTF-16 without a mark: in Western text every other byte is zero.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let pairs = head.len() / 2;
    let zeros = |offset: usize| {
        head.iter()
            .skip(offset)
            .step_by(2)
            .filter(|&&byte| byte == 0)
            .count()
    };
    let (first, second) = (zeros(0), zeros(1));
    if pairs < 2 {
        return None;
    }
    if second * 10 > pairs * 6 && first * 10 < pairs {
        return Some(UTF_16LE);
    }
    (first * 10 > pairs * 6 && second * 10 < pairs).then_some(UTF_16BE)
}

/// Whether a few broken bytes stand in what else is UTF-8, as where two files were glued together.
fn mostly_utf_8(lossy: &str) -> bool {
    let broken = lossy
        .chars()
        .filter(|&letter| letter == char::REPLACEMENT_CHARACTER)
        .count();
    let whole = lossy.chars().filter(|letter| !letter.is_ascii()).count() - broken;
    whole > broken * 10
}

fn declared(bytes: &[u8], content_type: Option<&str>) -> Option<&'static Encoding> {
    let label = |text: &[u8]| {
        CHARSET
            .captures(text)
            .and_then(|found| Encoding::for_label(found.get(1)?.as_bytes()))
    };
    content_type
        .and_then(|content_type| label(content_type.as_bytes()))
        .or_else(|| label(&bytes[..bytes.len().min(DECLARATION_BYTES_MAX)]))
}

fn detected(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(
        &bytes[..bytes.len().min(DETECTION_BYTES_MAX)],
        bytes.len() <= DETECTION_BYTES_MAX,
    );
    detector.guess(None, Utf8Detection::Deny)
}
