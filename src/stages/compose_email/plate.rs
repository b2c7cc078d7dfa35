//! A part of the mail that is encoded once for all readers: only each one's own token is written into it.

use lettre::message::Body;
use lettre::message::header::ContentTransferEncoding;

/// A part in quoted-printable (RFC 2045 §6.7). No line is too long, all is ASCII, and it cannot hold a boundary that begins
/// with `=_`.
#[derive(Debug, Clone)]
pub(super) struct Plate {
    encoded: Vec<u8>,
    /// Where the bytes of each placeholder stand: soft line breaks may go through one.
    places: Vec<Vec<usize>>,
}

impl Plate {
    /// Encodes `words`, in which readers' tokens are to stand wherever `placeholder` does: letters and digits.
    pub(super) fn new(words: &str, placeholder: &str) -> Self {
        let encoded = encoded(words);
        let places = places(&encoded, placeholder.as_bytes());
        Self { encoded, places }
    }

    /// The part of the reader with this token, which is as long as the placeholder and made of letters, digits, `-` and `_`: none
    /// of these is written otherwise in this encoding, so that every line stays as it is.
    pub(super) fn with(&self, token: &str) -> Vec<u8> {
        let mut part = self.encoded.clone();
        for place in &self.places {
            for (at, byte) in place.iter().zip(token.bytes()) {
                part[*at] = byte;
            }
        }
        part
    }
}

/// Words in quoted-printable.
pub(super) fn encoded(words: &str) -> Vec<u8> {
    let body = Body::new_with_encoding(words.to_owned(), ContentTransferEncoding::QuotedPrintable);
    // any text can be written so; the error is for encodings that cannot take every byte
    body.map_or_else(|bytes| bytes, Body::into_vec)
}

fn places(encoded: &[u8], placeholder: &[u8]) -> Vec<Vec<usize>> {
    let mut places = Vec::new();
    let mut from = 0;
    while from < encoded.len() {
        match place(encoded, from, placeholder) {
            Some(place) => {
                from = place.last().map_or(from, |last| *last) + 1;
                places.push(place);
            }
            None => from += 1,
        }
    }
    places
}

/// Where the bytes of `placeholder` stand, if it begins at `from`.
fn place(encoded: &[u8], from: usize, placeholder: &[u8]) -> Option<Vec<usize>> {
    const SOFT_BREAK: &[u8] = b"=\r\n";
    if encoded.get(from) != placeholder.first() {
        return None;
    }
    let mut place = Vec::with_capacity(placeholder.len());
    let mut at = from;
    for byte in placeholder {
        if encoded[at..].starts_with(SOFT_BREAK) {
            at += SOFT_BREAK.len();
        }
        if encoded.get(at) != Some(byte) {
            return None;
        }
        place.push(at);
        at += 1;
    }
    Some(place)
}
