//! Bytes in any encoding to text that XML and JSON readers may be given.

use std::borrow::Cow;

use chardetng::EncodingDetector;
use chardetng::Iso2022JpDetection;
use chardetng::Utf8Detection;
use encoding_rs::Encoding;
use encoding_rs::ISO_2022_JP;
use encoding_rs::UTF_8;
use encoding_rs::UTF_16BE;
use encoding_rs::UTF_16LE;

/// The text of a feed, and what was found to be wrong with its bytes.
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) warnings: Vec<String>,
}

/// Decodes by byte order mark, then by what the bytes themselves prove, then as HTTP or the XML declaration say, and last
/// by detection. Characters that XML forbids are taken out.
pub(super) fn decode<'a>(bytes: &'a [u8], content_type: Option<&str>) -> Decoded<'a> {
    let mut warnings = Vec::new();
    let text = to_text(bytes, content_type, &mut warnings);
    let text = without_forbidden(text, &mut warnings);
    Decoded { text, warnings }
}

fn to_text<'a>(
    bytes: &'a [u8],
    content_type: Option<&str>,
    warnings: &mut Vec<String>,
) -> Cow<'a, str> {
    /// More than this tells no more, and takes a third of a second a MiB.
    const DETECTION_BYTES_MAX: usize = 256 << 10;
    if let Some((wide, body)) = utf_32(bytes) {
        return Cow::Owned(from_utf_32(wide, body));
    }
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(bytes) {
        return decode_as(encoding, &bytes[mark_bytes..], warnings);
    }
    if let Some(encoding) = utf_16_without_mark(bytes) {
        return decode_as(encoding, bytes, warnings);
    }
    let by_http = content_type.and_then(charset);
    let by_xml = xml_encoding(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let escapes = bytes.contains(&0x1b);
        let seven_bits = [by_http, by_xml].contains(&Some(ISO_2022_JP));
        if !(escapes && seven_bits) {
            // text in another encoding is practically never valid UTF-8 by accident, whatever a server says of it
            return Cow::Borrowed(text);
        }
    }
    for declared in [by_http, by_xml].into_iter().flatten() {
        if declared == UTF_8 {
            continue; // it is not, as was just seen
        }
        let (text, had_errors) = declared.decode_without_bom_handling(bytes);
        if !had_errors {
            return text;
        }
    }
    if mostly_utf_8(bytes) {
        return decode_as(UTF_8, bytes, warnings);
    }
    let telling = bytes.iter().position(|byte| !byte.is_ascii());
    let telling = &bytes[telling.unwrap_or(0)..];
    let telling = &telling[..telling.len().min(DETECTION_BYTES_MAX)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(telling, true);
    let detected = detector.guess(None, Utf8Detection::Deny);
    warnings.push(format!(
        "The bytes are not in the encoding that the feed names, or it names none: they were read as {}.",
        detected.name()
    ));
    detected.decode_without_bom_handling(bytes).0
}

fn decode_as<'a>(
    encoding: &'static Encoding,
    bytes: &'a [u8],
    warnings: &mut Vec<String>,
) -> Cow<'a, str> {
    let (text, had_errors) = encoding.decode_without_bom_handling(bytes);
    if had_errors {
        warnings.push(format!(
            "Some bytes are not valid {}: a replacement character stands for them.",
            encoding.name()
        ));
    }
    text
}

/// `charset=…` of a Content-Type header.
fn charset(content_type: &str) -> Option<&'static Encoding> {
    let lower = content_type.to_ascii_lowercase();
    let (_, value) = lower.split_once("charset=")?;
    let label = value.split(';').next()?.trim_matches(is_quote_or_space);
    Encoding::for_label_no_replacement(label.as_bytes())
}

/// The encoding of an XML declaration in bytes that agree with ASCII.
fn xml_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    const DECLARATION_BYTES_MAX: usize = 256; // version, encoding and standalone need under 100
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES_MAX)];
    let head = String::from_utf8_lossy(head);
    let declaration = head.split_once("<?xml")?.1.split("?>").next()?;
    let value = declaration.split_once("encoding")?.1.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let label = value[1..].split(quote).next()?;
    Encoding::for_label_no_replacement(label.trim().as_bytes())
}

fn is_quote_or_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'')
}

/// UTF-16 shows itself by the zero bytes of its first two characters (XML 1.0, appendix F).
fn utf_16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(UTF_16BE),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(UTF_16LE),
        _ => None,
    }
}

/// Whether the well-formed multi-byte sequences outnumber the broken ones: text that was cut or patched carelessly.
fn mostly_utf_8(bytes: &[u8]) -> bool {
    let mut good = 0;
    let mut broken = 0;
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    good > broken
}

#[derive(Clone, Copy)]
enum ByteOrder {
    Big,
    Little,
}

/// UTF-32 by its mark, or by the zero bytes around a first `<`; which the Encoding Standard, and so the library, leaves out.
fn utf_32(bytes: &[u8]) -> Option<(ByteOrder, &[u8])> {
    match bytes {
        [0, 0, 0xfe, 0xff, body @ ..] => Some((ByteOrder::Big, body)),
        [0xff, 0xfe, 0, 0, body @ ..] => Some((ByteOrder::Little, body)),
        [0, 0, 0, b'<', ..] => Some((ByteOrder::Big, bytes)),
        [b'<', 0, 0, 0, ..] => Some((ByteOrder::Little, bytes)),
        _ => None,
    }
}

fn from_utf_32(order: ByteOrder, bytes: &[u8]) -> String {
    let (units, _) = bytes.as_chunks::<4>();
    let number = |unit: &[u8; 4]| match order {
        ByteOrder::Big => u32::from_be_bytes(*unit),
        ByteOrder::Little => u32::from_le_bytes(*unit),
    };
    let characters = units.iter().map(number).map(char::from_u32);
    characters
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Takes out what XML 1.0 §2.2 forbids: control characters but tab and line ends, and two that are no characters. Those
/// between U+0080 and U+009F are characters of windows-1252 that somebody took for Latin-1, and become what they were.
fn without_forbidden<'a>(text: Cow<'a, str>, warnings: &mut Vec<String>) -> Cow<'a, str> {
    let control = |byte: u8| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    // without a branch for each byte: this looks at every one of every feed
    let any_control = |chunk: &[u8]| chunk.iter().fold(false, |any, &byte| any | control(byte));
    let forbidden = |c: char| {
        (c < ' ' && !matches!(c, '\t' | '\n' | '\r'))
            || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
    };
    let bytes = text.as_bytes();
    let controls = bytes.chunks(64).any(any_control);
    let led_by = |lead: u8, follows: fn(&[u8]) -> bool| {
        memchr::memchr_iter(lead, bytes).any(|at| follows(&bytes[at + 1..]))
    };
    let mistaken = led_by(0xc2, |rest| matches!(rest, [0x80..=0x9f, ..]));
    let none = led_by(0xef, |rest| {
        matches!(rest, [0xbb, 0xbf, ..] | [0xbf, 0xbe | 0xbf, ..])
    });
    if !controls && !mistaken && !none {
        return text;
    }
    if controls {
        warnings.push("Control characters that XML forbids were taken out.".to_owned());
    }
    let kept = text.chars().filter(|&c| !forbidden(c));
    Cow::Owned(kept.map(|c| windows_1252(c).unwrap_or(c)).collect())
}

/// The character that windows-1252 has in the place of a control character of Latin-1.
pub(super) fn windows_1252(c: char) -> Option<char> {
    let byte @ 0x80..=0x9f = u8::try_from(c).ok()? else {
        return None;
    };
    let byte = [byte];
    let decoded = encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte);
    decoded.0.chars().next()
}
