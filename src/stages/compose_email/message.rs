//! Words in, the bytes of a message out (RFC 5322, MIME), as they go over the wire.

use lettre::Address;
use lettre::Message;
use lettre::address::Envelope;
use lettre::message::Body;
use lettre::message::Mailbox;
use lettre::message::MultiPart;
use lettre::message::SinglePart;
use lettre::message::header::ContentTransferEncoding;
use lettre::message::header::ContentType;
use lettre::message::header::Date;
use lettre::message::header::HeaderName;
use lettre::message::header::HeaderValue;

use super::ComposeError;
use super::Parts;
use super::leave::Leave;
use super::plain::one_line;
use crate::model::Digest;
use crate::model::Email;
use crate::model::EmailAddress;
use crate::model::Subscriber;
use crate::model::sha256_hex;
use crate::settings::MailSettings;

const NAME_CHARACTERS_MAX: usize = 80; // of the sender and of the list; a header line has at most 998 bytes

/// Why a message is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// An edition goes to its readers.
    Edition,
    /// Somebody wants to see a mail arrive: its subject begins with `[Test]`, and its `Message-ID` is that of no reader's mail.
    Test,
}

/// The message with these words to `subscriber`. Nothing in it comes from the clock or from chance.
pub(super) fn message(
    digest: &Digest,
    subscriber: &Subscriber,
    mail: &MailSettings,
    leave: &Leave,
    parts: Parts,
    occasion: Occasion,
) -> Result<Email, ComposeError> {
    if !subscriber.address.as_str().is_ascii() {
        return Err(ComposeError::AddressNotAscii {
            subscriber: subscriber.id,
        });
    }
    if digest.chosen.as_second() < 0 {
        return Err(ComposeError::Date {
            edition: digest.edition,
        });
    }
    let message_id = match occasion {
        Occasion::Edition => message_id(digest, subscriber, mail, ""),
        // each test is a mail of its own, which no inbox takes for a copy of the one before
        Occasion::Test => {
            let own = format!("\0test\0{}\0{}", digest.chosen, subscriber.address.as_str());
            message_id(digest, subscriber, mail, &own)
        }
    };
    let sender = Mailbox::new(
        mail.from
            .name
            .as_deref()
            .map(|name| one_line(name, NAME_CHARACTERS_MAX))
            .filter(|name| !name.is_empty()),
        address(&mail.from.address),
    );
    let recipient = address(&subscriber.address);
    let headers = |error: lettre::error::Error| ComposeError::Headers {
        problem: error.to_string(),
    };
    let return_path = return_path(digest, subscriber, mail)?;
    let envelope =
        Envelope::new(Some(address(&return_path)), vec![recipient.clone()]).map_err(headers)?;
    let mut builder = Message::builder()
        .envelope(envelope)
        .from(sender)
        .to(Mailbox::new(None, recipient));
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(Mailbox::new(None, address(reply_to)));
    }
    builder = builder
        .subject(parts.subject)
        .header(Date::new(digest.chosen.into()))
        .message_id(Some(format!("<{message_id}>")));
    for (name, value) in list_fields(digest, mail, leave) {
        let name = HeaderName::new_from_ascii_str(name);
        builder = builder.raw_header(HeaderValue::new(name, value));
    }
    let message = builder
        .multipart(
            MultiPart::alternative()
                .boundary(boundary(&message_id, subscriber))
                .singlepart(part(ContentType::TEXT_PLAIN, parts.text))
                .singlepart(part(ContentType::TEXT_HTML, parts.html)),
        )
        .map_err(headers)?;
    Ok(Email {
        date: digest.date,
        subscriber: subscriber.id,
        to: subscriber.address.clone(),
        return_path,
        message_id,
        bytes: message.formatted(),
    })
}

/// What makes it a mail of a list that can be left (RFC 2369, 2919, 8058), and that no absence note answers (RFC 3834 §5).
fn list_fields(digest: &Digest, mail: &MailSettings, leave: &Leave) -> Vec<(&'static str, String)> {
    let mut fields = Vec::new();
    if let Some(list_id) = &mail.list_id {
        let name = phrase(&digest.title);
        let space = if name.is_empty() { "" } else { " " };
        fields.push(("List-Id", format!("{name}{space}<{list_id}>")));
    }
    fields.push(("List-Unsubscribe", leave.list_unsubscribe()));
    if leave.page.is_some() {
        let one_click = "List-Unsubscribe=One-Click".to_owned();
        fields.push(("List-Unsubscribe-Post", one_click));
    }
    fields.push(("Auto-Submitted", "auto-generated".to_owned()));
    fields
}

fn part(content_type: ContentType, encoded: Vec<u8>) -> SinglePart {
    let quoted_printable = ContentTransferEncoding::QuotedPrintable;
    SinglePart::builder()
        .header(content_type)
        .header(quoted_printable)
        .body(Body::dangerous_pre_encoded(encoded, quoted_printable))
}

/// The same for every retry of this edition to this subscriber, another for each other pair; it tells nobody's address.
/// `more` sets apart what is none of its readers' mail.
fn message_id(digest: &Digest, subscriber: &Subscriber, mail: &MailSettings, more: &str) -> String {
    let from = &mail.from.address;
    let key = format!(
        "{}\0{}\0{}\0{}{more}",
        from.as_str(),
        digest.title,
        digest.date,
        subscriber.id
    );
    format!("{}@{}", &sha256_hex(key.as_bytes())[..32], from.domain())
}

/// Where bounces of this message come back to: to an address of its own where the operator has set one (VERP), which tells
/// the message by numbers and is hard to forge, since part of it hangs on the reader's token.
fn return_path(
    digest: &Digest,
    subscriber: &Subscriber,
    mail: &MailSettings,
) -> Result<EmailAddress, ComposeError> {
    let Some(bounces) = &mail.bounce_address else {
        return Ok(mail.from.address.clone());
    };
    let key = format!(
        "bounce\0{}\0{}",
        digest.date,
        subscriber.leave_token.reveal()
    );
    let day = digest.date.strftime("%Y%m%d");
    let proof = &sha256_hex(key.as_bytes())[..16];
    bounces
        .tagged(&format!("{}-{day}-{proof}", subscriber.id))
        .map_err(|problem| ComposeError::ReturnPath {
            problem: problem.to_string(),
        })
}

fn boundary(message_id: &str, subscriber: &Subscriber) -> String {
    // the token makes it a thing that no writer of a feed can know
    let key = format!("{message_id}\0{}", subscriber.leave_token.reveal());
    format!("=_{}", &sha256_hex(key.as_bytes())[..32])
}

/// `title` as a phrase that needs no quotation marks (RFC 5322 §3.2.5): what may not stand in an atom becomes a space.
fn phrase(title: &str) -> String {
    let words = title.replace(
        |c: char| !(c.is_alphanumeric() || c == '-' || c == '\'' || c == '&' || c == '!'),
        " ",
    );
    one_line(&words, NAME_CHARACTERS_MAX).replace('…', "")
}

fn address(address: &EmailAddress) -> Address {
    // an `EmailAddress` is the proof: no brackets, quotes, spaces or control characters, an ASCII domain
    Address::new_dangerous(address.local_part(), address.domain())
}
