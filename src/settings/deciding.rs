//! The settings that decide what stands in an edition and in the words of its mail, as they are kept beside it.

use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::model::EmailAddress;
use crate::model::Source;
use crate::model::SourceKind;
use crate::settings::DigestSettings;
use crate::settings::MailSettings;
use crate::settings::Settings;
use crate::settings::SiteSettings;

/// The settings that decide what is chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Deciding {
    /// `[digest]`
    pub digest: DigestSettings,
    /// What of the `[[source]]` rows decides, in file order.
    pub sources: Vec<DecidingSource>,
}

/// What of a source decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DecidingSource {
    /// Its name.
    pub name: String,
    /// What its entries are.
    pub kind: SourceKind,
    /// Multiplies the scores of its candidates.
    pub weight: f64,
    /// Topics the operator filed it under.
    pub topics: Vec<String>,
}

impl Deciding {
    /// What of the settings decides.
    pub fn of(settings: &Settings) -> Self {
        let row = |source: &Source| DecidingSource {
            name: source.name.clone(),
            kind: source.kind,
            weight: source.weight,
            topics: source.topics.clone(),
        };
        Self {
            digest: settings.digest.clone(),
            sources: settings.sources.iter().map(row).collect(),
        }
    }

    /// Settings that decide in this way. What decides nothing is that of `others`.
    #[must_use]
    pub fn over(&self, others: &Settings) -> Settings {
        let mut settings = others.clone();
        settings.digest = self.digest.clone();
        settings.sources = self.sources.iter().map(DecidingSource::source).collect();
        settings
    }
}

impl DecidingSource {
    /// A row that can be weighed by, and not fetched: its address is not kept.
    fn source(&self) -> Source {
        Source {
            name: self.name.clone(),
            kind: self.kind,
            feed: Url::parse("about:blank").expect("is an address by the standard of URLs"),
            language: None,
            weight: self.weight,
            topics: self.topics.clone(),
            selector: None,
            transcript: None,
            transcript_page: None,
            credentials: None,
        }
    }
}

/// What the settings put into the words of a mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterheadWords {
    /// Whom readers who leave write to.
    pub leave_address: String,
    /// Where the one-click way to leave is served, if it is.
    pub leave_page: Option<Url>,
    /// The sender's postal address.
    pub postal_address: Option<String>,
}

impl LetterheadWords {
    /// What these settings put into the words.
    pub fn of(mail: &MailSettings, site: Option<&SiteSettings>) -> Self {
        Self {
            leave_address: mail.leave_to().as_str().to_owned(),
            leave_page: site
                .filter(|site| site.one_click)
                .map(|site| site.base_url.clone()),
            postal_address: mail.postal_address.clone(),
        }
    }

    /// Settings that put the same into the words. What puts nothing there is that of `others`.
    #[must_use]
    pub fn over(&self, others: &MailSettings) -> (MailSettings, Option<SiteSettings>) {
        let mut mail = others.clone();
        mail.postal_address.clone_from(&self.postal_address);
        // an address that the store has was read once; one that is damaged shows as a difference
        mail.leave_address = EmailAddress::parse(&self.leave_address).ok();
        let site = self.leave_page.clone().map(|base_url| SiteSettings {
            base_url,
            one_click: true,
        });
        (mail, site)
    }
}

impl MailSettings {
    /// Whom readers who leave write to. Where no address for leaving is set, an answer to the mail itself is the way.
    pub fn leave_to(&self) -> &EmailAddress {
        self.leave_address
            .as_ref()
            .or(self.reply_to.as_ref())
            .unwrap_or(&self.from.address)
    }
}
