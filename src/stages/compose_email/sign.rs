//! A finished message in, the same message with a DKIM signature above it out (RFC 6376, 8301, 8463).

use aws_lc_rs::digest::SHA256;
use aws_lc_rs::digest::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

mod canonical;

mod key;

use canonical::canonical_body;
use canonical::canonical_field;
use canonical::fields;
use canonical::halves;

pub use key::DkimKeyError;
pub use key::DkimSigner;
pub use key::DnsRecord;

/// Fields that are named in the signature once more than they occur, so that one added on the way breaks it (RFC 6376
/// §8.15): with a second `From`, `Subject` or `List-Unsubscribe` somebody else's words would go under our name.
const SEALED_FIELDS: [&str; 11] = [
    "From",
    "To",
    "Cc",
    "Subject",
    "Date",
    "Message-ID",
    "Reply-To",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
];

/// Fields that are signed as often as they occur; a list or a relay may add its own.
const SIGNED_FIELDS: [&str; 2] = ["List-Id", "Auto-Submitted"];

const LINE_CHARACTERS: usize = 76; // RFC 5322 §2.1.1 wants lines under 78

/// `message` (CRLF line ends) with the signature above it. The signature says that it was made at `at`; nothing in it comes
/// from the clock or from chance, so the same message is signed with the same bytes.
///
/// None where the key would not sign, for which nothing but a lack of memory is known.
pub(super) fn sign(message: &[u8], signer: &DkimSigner, at: Timestamp) -> Option<Vec<u8>> {
    let (header, body) = halves(message);
    let present = fields(header);
    let mut names = Vec::new();
    let mut covered = Vec::new();
    for (name, beyond) in SEALED_FIELDS
        .map(|name| (name, 1))
        .into_iter()
        .chain(SIGNED_FIELDS.map(|name| (name, 0)))
    {
        // where a field stands more than once, the lowest is signed first (RFC 6376 §5.4.2)
        let found = present.iter().rev().filter(|field| field.is(name));
        let mut count = beyond;
        for field in found {
            covered.extend(canonical_field(field));
            covered.extend(b"\r\n");
            count += 1;
        }
        names.extend(std::iter::repeat_n(name, count));
    }
    let body_hash = STANDARD.encode(digest(&SHA256, &canonical_body(body)));
    let mut field = unsigned_field(signer, at, &names, &body_hash);
    // signed without its line end, and with nothing behind b= (RFC 6376 §3.7)
    for own in fields(field.as_bytes()) {
        covered.extend(canonical_field(&own));
    }
    let signature = signer.signature_of(&covered)?;
    for (nth, piece) in STANDARD
        .encode(signature)
        .as_bytes()
        .chunks(LINE_CHARACTERS - 4)
        .enumerate()
    {
        if nth > 0 {
            field.push_str("\r\n ");
        }
        field.extend(piece.iter().map(|byte| char::from(*byte)));
    }
    field.push_str("\r\n");
    Some([field.as_bytes(), message].concat())
}

/// The field up to `b=`, which is its last tag and has a line of its own, so that nothing is folded anew when the signature
/// is put behind it.
fn unsigned_field(signer: &DkimSigner, at: Timestamp, names: &[&str], body_hash: &str) -> String {
    let mut field = Folded::new("DKIM-Signature:");
    field.word(" v=1;");
    field.word(&format!(" a={};", signer.algorithm()));
    field.word(" c=relaxed/relaxed;");
    field.word(&format!(" d={};", signer.domain()));
    field.word(&format!(" s={};", signer.selector()));
    field.word(&format!(" t={};", at.as_second().max(0)));
    for (nth, name) in names.iter().enumerate() {
        let before = if nth == 0 { " h=" } else { "" };
        let after = if nth + 1 == names.len() { ";" } else { ":" };
        field.word(&format!("{before}{name}{after}"));
    }
    field.word(&format!(" bh={body_hash};"));
    let mut text = field.text;
    text.push_str("\r\n b=");
    text
}

/// A header field that is folded between words (RFC 5322 §2.2.3).
struct Folded {
    text: String,
    column: usize,
}

impl Folded {
    fn new(name: &str) -> Self {
        Self {
            text: name.to_owned(),
            column: name.len(),
        }
    }

    fn word(&mut self, word: &str) {
        if self.column + word.len() > LINE_CHARACTERS {
            self.text.push_str("\r\n ");
            self.column = 1;
            let word = word.trim_start();
            self.text.push_str(word);
            self.column += word.len();
        } else {
            self.text.push_str(word);
            self.column += word.len();
        }
    }
}
