//! `sources.toml` and the environment in, checked settings out: every problem told at once, with its line.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::model::EmailAddress;
use crate::model::Secret;
use crate::model::Source;

mod problems;

mod deciding;

mod read;

mod sources;

mod section;

mod shape;

mod values;

pub use deciding::Deciding;
pub use deciding::DecidingSource;
pub use deciding::LetterheadWords;
pub use problems::Named;
pub use problems::Problem;
pub use problems::Problems;
// how a file that an operator wrote is read, for the room that has another such file
pub(crate) use problems::Notebook;
pub(crate) use section::Section;
pub(crate) use section::Wrong;
pub(crate) use section::nearest;
pub(crate) use shape::Shape;
pub(crate) use values::short_line;

/// All that an operator decided, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `[digest]`
    pub digest: DigestSettings,
    /// `[mail]`
    pub mail: MailSettings,
    /// `[site]`
    pub site: Option<SiteSettings>,
    /// `[store] path`, taken from the folder of the file.
    pub store_path: PathBuf,
    /// `[store] keep_documents`: how long texts are kept that no edition cites, and what else a replay needs.
    pub keep_documents: SignedDuration,
    /// `[fetch]`
    pub fetch: FetchSettings,
    /// `[transcribe]`: without it, no audio is ever asked for.
    pub transcribe: Option<TranscribeSettings>,
    /// `[rules] file`, taken from the folder of the file: rules of the operator's own, beside or in the place of the built-in.
    pub rules_file: Option<PathBuf>,
    /// `[[source]]` rows, in file order; names are unique.
    pub sources: Vec<Source>,
}

impl Settings {
    /// Reads the text of `sources.toml` (TOML 1.1).
    ///
    /// Relative paths in it start at `folder`, where the file stands. `environment` gives the value of a variable:
    /// passwords and tokens come from there and from nowhere else. The error has every problem of the file at once.
    pub fn parse(
        text: &str,
        folder: &Path,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Problems> {
        let surroundings = read::Surroundings {
            folder,
            environment,
        };
        read::read(text, surroundings)
    }
}

/// `[rules] file` of a text of `sources.toml` alone: whoever reads a document needs neither the sources nor a mail server, so
/// what is wrong with those does not stand in the way.
pub fn rules_file(text: &str, folder: &Path) -> Result<Option<PathBuf>, Problems> {
    read::read_rules_file(text, folder)
}

/// For whom the text of a `sources.toml` wants mail signed, however much else of it is unfinished: whoever makes the key that
/// the file lacks must not be told that it lacks one.
pub fn dkim_names(text: &str) -> DkimNames {
    read::read_dkim_names(text)
}

/// What a signature stands for, as far as the settings say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DkimNames {
    /// `[mail.dkim] domain`, or else the domain of `[mail] from`.
    pub domain: Option<String>,
    /// `[mail.dkim] selector`
    pub selector: Option<String>,
}

/// A domain that may sign mail, in ASCII and lower case; the error follows what the domain was given as.
pub fn dkim_domain(text: &str) -> Result<String, &'static str> {
    values::dkim_domain(text).map_err(|_| "is not a domain; write one such as digest.example.org")
}

/// The name of a key within its domain, in lower case; the error follows what it was given as.
pub fn dkim_selector(text: &str) -> Result<String, &'static str> {
    values::dkim_selector(text)
        .map_err(|_| "is not a selector; write letters, digits and hyphens, such as takefive")
}

/// How long documents are to be kept, as a person types it; the error follows what was typed.
pub fn keep_documents(text: &str) -> Result<SignedDuration, &'static str> {
    values::keep_documents(text)
        .map_err(|_| "write a length of time from 1 day to 36500 days, such as \"90 days\"")
}

/// What an edition is made of. It is kept beside each edition: a field that an older program did not know has its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DigestSettings {
    /// Name of the newsletter.
    pub title: String,
    /// Most insights in an edition, 1 to 10.
    pub size: usize,
    /// Where the day begins and ends.
    #[serde(with = "jiff::fmt::serde::tz::required")]
    pub time_zone: TimeZone,
    /// How far back an entry may have been published.
    pub look_back: SignedDuration,
    /// Most insights of one source.
    pub max_per_source: usize,
    /// Most insights of one entry.
    pub max_per_entry: usize,
    /// The quality bar: below this score nothing is sent.
    pub min_score: f64,
    /// Points that an entry's passages lose for each day of its age.
    pub freshness: f64,
    /// Points that a passage loses for each one before it in the edition with the same leading topic, and so much again times
    /// the share that the topic had of the week.
    pub variety: f64,
    /// What becomes of an edition that is not full.
    pub thin_day: ThinDay,
}

/// What becomes of an edition for which too few passages reach the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ThinDay {
    /// It is shorter.
    Shorter,
    /// The best unsent passages of earlier days fill it, labelled with their date.
    Older,
    /// There is none that day.
    None,
}

impl Default for DigestSettings {
    fn default() -> Self {
        Self {
            title: "Take Five".to_owned(),
            size: 5,
            time_zone: TimeZone::UTC,
            look_back: SignedDuration::from_hours(3 * 24),
            max_per_source: 2,
            max_per_entry: 1,
            min_score: MIN_SCORE,
            freshness: 0.1,
            variety: 0.3,
            thin_day: ThinDay::Shorter,
        }
    }
}

/// The quality bar where the file sets none: above it, passages read like something worth a morning.
const MIN_SCORE: f64 = 2.0;

/// Who writes, and through which server.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// `From`.
    pub from: Mailbox,
    /// `Reply-To`.
    pub reply_to: Option<EmailAddress>,
    /// The mailto way to leave.
    pub leave_address: Option<EmailAddress>,
    /// How messages go out.
    pub transport: Transport,
    /// `List-Id` (RFC 2919) without the angle brackets.
    pub list_id: Option<String>,
    /// The sender's postal address, one line.
    pub postal_address: Option<String>,
    /// The operator's own templates, which win over the built-in ones of the same name.
    pub templates: Option<PathBuf>,
    /// What becomes of a message whose fate the server left unknown.
    pub on_unknown: OnUnknown,
    /// `[mail.dkim]`: how messages are signed, if they are.
    pub dkim: Option<DkimSettings>,
    /// Where bounces of messages come back to, each under a name of its own (VERP); none: to `from`.
    pub bounce_address: Option<EmailAddress>,
    /// How fast, and for how long.
    pub sending: SendingSettings,
}

/// By whom each message is signed (RFC 6376).
#[derive(Debug, Clone)]
pub struct DkimSettings {
    /// The domain that answers for the message (`d=`): that of `From`, or one above or below it.
    pub domain: String,
    /// Under which name in the domain the public key stands (`s=`).
    pub selector: String,
    /// Where the private key is.
    pub key: DkimKeyPlace,
}

/// Where the private key that signs messages is, in PEM form.
#[derive(Debug, Clone)]
pub enum DkimKeyPlace {
    /// In a file that nobody else may read.
    File(PathBuf),
    /// It came in the environment variable `TAKEFIVE_DKIM_KEY`.
    Environment(Secret),
}

/// How fast mail goes out, and for how long.
#[derive(Debug, Clone, PartialEq)]
pub struct SendingSettings {
    /// Most connections to the mail server at a time.
    pub connections: usize,
    /// Most messages over one connection; the next goes over a new one.
    pub per_connection: usize,
    /// Most messages a second over all connections; none: as many as the server takes.
    pub per_second: Option<f64>,
    /// How long a run may send: no message is begun after it.
    pub budget: Duration,
    /// How long the server may take to answer for a whole message (RFC 5321 §4.5.3.2.6).
    pub final_dot_timeout: Duration,
}

impl Default for SendingSettings {
    fn default() -> Self {
        Self {
            connections: 2,
            per_connection: 50,
            per_second: None,
            budget: Duration::from_mins(30),
            final_dot_timeout: Duration::from_mins(10),
        }
    }
}

/// A name and an address (RFC 5322 §3.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Display name.
    pub name: Option<String>,
    /// Address.
    pub address: EmailAddress,
}

/// How messages go out.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Over SMTP.
    Smtp(SmtpServer),
    /// Into a folder of `.eml` files, with an HTML preview.
    Outbox(PathBuf),
    /// To a program of this machine that takes mail as sendmail does.
    Sendmail(Sendmail),
}

/// A program that takes a message on its standard input and sender and recipient as arguments, as sendmail does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sendmail {
    /// The program, taken from the folder of the file.
    pub program: PathBuf,
    /// What it is always given, before sender and recipient.
    pub arguments: Vec<String>,
}

/// A mail server.
#[derive(Clone)]
pub struct SmtpServer {
    /// Host name or address.
    pub host: String,
    /// Port: 587 for `smtp://`, 465 for `smtps://` where the URL has none.
    pub port: u16,
    /// How the connection is kept private.
    pub security: Security,
    /// User and password; the password comes from `TAKEFIVE_SMTP_PASSWORD`.
    pub login: Option<(String, Secret)>,
    /// Certificates (PEM) to trust besides the system's.
    pub ca_file: Option<PathBuf>,
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // the user is often somebody's address
        f.debug_struct("SmtpServer")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("login", &self.login.as_ref().map(|(_, password)| password))
            .field("ca_file", &self.ca_file)
            .finish()
    }
}

/// How a connection to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    ImplicitTls,
    /// `STARTTLS` before anything else (RFC 3207); without it nothing is sent.
    StartTls,
    /// In clear: loopback addresses only.
    None,
}

/// What becomes of a message whose fate the server left unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// The next run sends the same message again: one or two copies arrive.
    Resend,
    /// It is left alone: no copy or one arrives.
    Skip,
}

/// The operator's web site.
#[derive(Debug, Clone)]
pub struct SiteSettings {
    /// Where it stands; always ends with a slash.
    pub base_url: Url,
    /// Whether the https way to leave is served there.
    pub one_click: bool,
}

/// How the web is read.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Sources read at the same time.
    pub in_flight: usize,
    /// Most requests that one host (name and port) answers for us at the same time.
    pub per_host: usize,
    /// Shortest time between the beginnings of two requests to one host.
    pub gap: Duration,
    /// How long a run may read; what is not read by then is left for the next one.
    pub budget: Duration,
    /// The page that tells the owners of other sites who asks; part of the `User-Agent`.
    pub about: Option<Url>,
    /// Private networks that may be asked all the same.
    pub allow_networks: Vec<Network>,
}

/// A program of this machine that turns speech into text, for episodes of which no transcript can be had. It is given the path
/// of one audio file and prints WebVTT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscribeSettings {
    /// The program, taken from the folder of the file.
    pub program: PathBuf,
    /// What it is given; `{audio}` stands for the path of the audio file, in one of them at least.
    pub arguments: Vec<String>,
    /// How long it may take for one file; no longer than `[fetch] budget`.
    pub timeout: Duration,
    /// Largest audio file, in bytes.
    pub audio_bytes_max: u64,
    /// Most episodes that are transcribed in one run.
    pub max_per_run: usize,
    /// Environment variables with the credentials of sources, which it does not get to see.
    pub withheld: BTreeSet<String>,
}

/// A range of addresses, such as `127.77.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// Its first address.
    pub address: std::net::IpAddr,
    /// How many leading bits are its own.
    pub prefix: u8,
}
