//! How a reader leaves: by mail always, by one click where the operator serves it.

use serde::Serialize;

use super::Letterhead;
use crate::model::Secret;

/// One reader's own ways to leave.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Leave {
    /// The page with the one-click way (RFC 8058), where it is served.
    pub(super) page: Option<String>,
    /// The way by mail, as a link (RFC 6068).
    pub(super) mailto: String,
    /// The same for people: whom to write to.
    pub(super) address: String,
    /// And under which subject.
    pub(super) subject: String,
}

impl Leave {
    /// The ways of the reader with this token.
    pub(super) fn new(token: &Secret, letterhead: &Letterhead<'_>) -> Self {
        let token = token.reveal();
        let mail = letterhead.mail;
        let address = mail.leave_to();
        let page = letterhead
            .site
            .filter(|site| site.one_click)
            .map(|site| format!("{}leave/{}", site.base_url, percent_encoded(token)));
        let subject = format!("leave {token}");
        Self {
            page,
            mailto: format!(
                "mailto:{}@{}?subject={}",
                percent_encoded(address.local_part()),
                address.domain(),
                percent_encoded(&subject)
            ),
            address: address.as_str().to_owned(),
            subject,
        }
    }

    /// `List-Unsubscribe` (RFC 2369 §3.2), the https way first.
    pub(super) fn list_unsubscribe(&self) -> String {
        match &self.page {
            Some(page) => format!("<{page}>, <{}>", self.mailto),
            None => format!("<{}>", self.mailto),
        }
    }
}

/// All but the unreserved characters of RFC 3986 §2.3 as percent signs with two digits.
fn percent_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}"); // writing to a String cannot fail
        }
        encoded
    })
}
