//! Single values: text as typed in, checked value or the reason against it out.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Span;
use jiff::SpanRelativeTo;
use jiff::tz::TimeZone;
use scraper::Selector;
use url::Host;
use url::Url;
use url::form_urlencoded;

use crate::model::EmailAddress;
use crate::model::NotATemplate;
use crate::model::NotAnAddress;
use crate::model::PageTemplate;
use crate::settings::Mailbox;
use crate::settings::Network;
use crate::settings::OnUnknown;
use crate::settings::ThinDay;
use crate::settings::section::Wrong;
use crate::settings::section::nearest;

/// Most characters of a name or another line of text: it has to fit a subject or an address field.
const LINE_CHARS_MAX: usize = 200;

/// Most characters of a topic: it stands as a label beside a headline.
const TOPIC_CHARS_MAX: usize = 40;

/// Most bytes of a URL: what servers and proxies take.
const URL_BYTES_MAX: usize = 2_048;

/// Most bytes of a CSS selector: the longest useful ones are a tenth of it.
const SELECTOR_BYTES_MAX: usize = 1_000;

/// Most characters of `List-Id` (RFC 2919 §2).
const LIST_ID_CHARS_MAX: usize = 255;

/// Most bytes of a domain name (RFC 1035 §2.3.4, without the root).
const DOMAIN_BYTES_MAX: usize = 253;

/// Most bytes of the name of a key in its domain: with `._domainkey.` and most domains it stays a domain name.
const SELECTOR_NAME_BYTES_MAX: usize = 100;

/// Most characters of a bounce address before the `@`: the name of a message takes up to 39 of the 64.
const BOUNCE_LOCAL_CHARS_MAX: usize = 24;

/// Most characters of the name of an environment variable.
const VARIABLE_CHARS_MAX: usize = 100;

/// Longest look-back: a digest is about what is new.
const LOOK_BACK_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);

/// How long documents are kept where the file does not say: as long as an edition may look back.
pub(super) const KEEP_DOCUMENTS: SignedDuration = LOOK_BACK_MAX;

/// The longest that can be asked for: a hundred years, which is for ever.
const KEEP_DOCUMENTS_MAX: SignedDuration = SignedDuration::from_hours(36_500 * 24);

/// The shortest: the day's own work needs them.
const KEEP_DOCUMENTS_MIN: SignedDuration = SignedDuration::from_hours(24);

/// A mail server's address as the operator wrote it.
pub(super) struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: Option<String>,
    pub(super) implicit_tls: bool,
    pub(super) on_loopback: bool,
}

/// A line of text, trimmed: not empty, not too long, no control characters.
pub(super) fn line(text: &str) -> Result<String, Wrong> {
    short_line(text, LINE_CHARS_MAX)
}

/// A topic, trimmed.
pub(super) fn topic(text: &str) -> Result<String, Wrong> {
    short_line(text, TOPIC_CHARS_MAX)
}

/// An email address alone.
pub(super) fn address(text: &str) -> Result<EmailAddress, Wrong> {
    // the text is not repeated: it may be somebody's personal data
    EmailAddress::parse(text).map_err(|error| match error {
        NotAnAddress::Shape => Wrong::is("is not an email address"),
        NotAnAddress::TooLong => {
            Wrong::is("is longer than the 254 characters an email address may have")
        }
        NotAnAddress::Character => {
            Wrong::is("has a character that has no place in an email address")
        }
    })
}

/// An email address with or without a name before it (RFC 5322 §3.4 `mailbox`).
pub(super) fn mailbox(text: &str) -> Result<Mailbox, Wrong> {
    let text = text.trim();
    let Some((name, rest)) = text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'))
    else {
        return Ok(Mailbox {
            name: None,
            address: address(text)?,
        });
    };
    let name = name.trim();
    let name = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .map_or_else(
            || name.to_owned(),
            |quoted| quoted.replace("\\\"", "\"").replace("\\\\", "\\"),
        );
    let name = if name.trim().is_empty() {
        None
    } else {
        Some(line(&name)?)
    };
    Ok(Mailbox {
        name,
        address: address(rest)?,
    })
}

/// The address of something on the web: `http` or `https`, without user and password.
pub(super) fn web_url(text: &str) -> Result<Url, Wrong> {
    if text.len() > URL_BYTES_MAX {
        return Err(Wrong::is(format!(
            "is longer than {URL_BYTES_MAX} characters"
        )));
    }
    let url = Url::parse(text.trim()).map_err(|_| Wrong::is("is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Wrong::is("does not begin with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::is("has a user or password in it").instead(
            "leave them out and name environment variables: \
             credentials = { user = \"ann\", password_env = \"SHOW_PASSWORD\" }",
        ));
    }
    Ok(url)
}

/// Where the operator's site stands: ends with a slash, so that pages can be joined to it.
pub(super) fn base_url(text: &str) -> Result<Url, Wrong> {
    let mut url = page_url(text)?;
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// A page of the operator's own, which everybody may see.
pub(super) fn page_url(text: &str) -> Result<Url, Wrong> {
    let url = Url::parse(text.trim()).map_err(|_| Wrong::is("is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Wrong::is("does not begin with https:// or http://"));
    }
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain {
        return Err(Wrong::is("has more in it than a host and a path"));
    }
    Ok(url)
}

/// Whether a URL names this machine.
pub(super) fn is_on_loopback(url: &Url) -> bool {
    url.host_str()
        .and_then(|host| Host::parse(host).ok())
        .is_some_and(|host| is_loopback(&host))
}

/// A mail server: `smtp://` or `smtps://`, perhaps a user, a host, perhaps a port.
pub(super) fn smtp_url(text: &str) -> Result<SmtpUrl, Wrong> {
    let url = Url::parse(text.trim()).map_err(|_| Wrong::is("is not a URL"))?;
    let (implicit_tls, usual_port) = match url.scheme() {
        "smtp" => (false, 587),
        "smtps" => (true, 465),
        _ => return Err(Wrong::is("does not begin with smtp:// or smtps://")),
    };
    if url.password().is_some() {
        return Err(Wrong::is("has a password in it")
            .instead("leave it out and set the environment variable TAKEFIVE_SMTP_PASSWORD"));
    }
    let only_host =
        matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !only_host {
        return Err(Wrong::is("has more in it than user, host and port"));
    }
    let host = url
        .host_str()
        .and_then(|host| Host::parse(host).ok())
        .ok_or_else(|| Wrong::is("names no mail server"))?;
    let port = url.port().unwrap_or(usual_port);
    if port == 0 {
        return Err(Wrong::is("has port 0"));
    }
    let on_loopback = is_loopback(&host);
    let host = match host {
        Host::Domain(domain) => domain,
        Host::Ipv4(ip) => ip.to_string(),
        Host::Ipv6(ip) => ip.to_string(), // brackets belong to URLs only
    };
    let user = (!url.username().is_empty()).then(|| percent_decoded(url.username()));
    Ok(SmtpUrl {
        host,
        port,
        user,
        implicit_tls,
        on_loopback,
    })
}

/// `List-Id` without the angle brackets (RFC 2919 §2).
pub(super) fn list_id(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let whole = text.contains('.')
        && text.len() <= LIST_ID_CHARS_MAX
        && text.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_+".contains(&byte))
        });
    if whole {
        Ok(text.to_owned())
    } else {
        Err(Wrong::is(
            "is not a list identifier: letters, digits and hyphens with dots between, no brackets",
        ))
    }
}

/// A domain that signs mail, in ASCII and lower case (RFC 6376 §3.5, `d=`).
pub(super) fn dkim_domain(text: &str) -> Result<String, Wrong> {
    let whole = |domain: &String| {
        domain.len() <= DOMAIN_BYTES_MAX && domain.contains('.') && domain.split('.').all(is_label)
    };
    match Host::parse(text.trim()) {
        Ok(Host::Domain(domain)) if whole(&domain) => Ok(domain),
        _ => Err(Wrong::is("is not a domain")),
    }
}

/// The name of a key within its domain, in lower case (RFC 6376 §3.1).
pub(super) fn dkim_selector(text: &str) -> Result<String, Wrong> {
    let selector = text.trim().to_ascii_lowercase();
    if selector.len() <= SELECTOR_NAME_BYTES_MAX && selector.split('.').all(is_label) {
        Ok(selector)
    } else {
        Err(Wrong::is(
            "is not a selector: letters, digits and hyphens, perhaps with dots between",
        ))
    }
}

/// Whether a signature of `signing` counts for mail from `from` (RFC 9989, relaxed alignment), as far as that can be told
/// without asking anybody: both are the same domain, or one is below the other.
pub(super) fn is_aligned(signing: &str, from: &str) -> bool {
    let is_below = |lower: &str, upper: &str| {
        // a single label is a registry, under which everybody stands
        upper.contains('.')
            && lower
                .strip_suffix(upper)
                .is_some_and(|rest| rest.ends_with('.'))
    };
    signing == from || is_below(signing, from) || is_below(from, signing)
}

/// A part of a domain name between two dots (RFC 5321 §4.1.2 `sub-domain`).
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A time zone of the IANA database.
pub(super) fn time_zone(text: &str) -> Result<TimeZone, Wrong> {
    let text = text.trim();
    if let Ok(zone) = TimeZone::get(text)
        && !zone.is_unknown()
    {
        return Ok(zone);
    }
    let wrong = Wrong::is("is not a time zone of the IANA database");
    let names: BTreeSet<String> = jiff::tz::db()
        .available()
        .map(|name| name.as_str().to_owned())
        .collect();
    Err(match nearest(text, names.iter().map(String::as_str)) {
        Some(meant) => wrong.instead(format!("did you mean \"{meant}\"?")),
        None => wrong,
    })
}

/// How far back: more than nothing, at most 90 days; a day is 24 hours.
pub(super) fn look_back(text: &str) -> Result<SignedDuration, Wrong> {
    let duration = text
        .trim()
        .parse::<Span>()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .map_err(|_| Wrong::is("is not a length of time in days or hours"))?;
    if duration <= SignedDuration::ZERO || duration > LOOK_BACK_MAX {
        return Err(Wrong::is("is not more than nothing and at most 90 days"));
    }
    Ok(duration)
}

/// How long documents are kept: a day to a hundred years; a day is 24 hours.
pub(super) fn keep_documents(text: &str) -> Result<SignedDuration, Wrong> {
    text.trim()
        .parse::<Span>()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .ok()
        .filter(|kept| (KEEP_DOCUMENTS_MIN..=KEEP_DOCUMENTS_MAX).contains(kept))
        .ok_or_else(|| Wrong::is("is not a length of time from 1 day to 36500 days"))
}

/// A length of time inside `range`; a day is 24 hours.
pub(super) fn length_of_time(
    text: &str,
    range: RangeInclusive<Duration>,
) -> Result<Duration, Wrong> {
    let length = text
        .trim()
        .parse::<Span>()
        .and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()))
        .ok()
        .and_then(|length| Duration::try_from(length).ok())
        .ok_or_else(|| Wrong::is("is not a length of time, such as \"90 seconds\""))?;
    if range.contains(&length) {
        return Ok(length);
    }
    let shown = |limit: &Duration| {
        SignedDuration::try_from(*limit)
            .map_or_else(|_| "…".to_owned(), |limit| format!("{limit:#}"))
    };
    let (least, most) = (shown(range.start()), shown(range.end()));
    Err(Wrong::is(format!("is not between {least} and {most}")))
}

/// An address whose local part leaves room for the name of one message (RFC 5321 §4.5.3.1.1 gives it 64 characters).
pub(super) fn bounce_address(text: &str) -> Result<EmailAddress, Wrong> {
    let address = address(text)?;
    if address.local_part().len() > BOUNCE_LOCAL_CHARS_MAX || !address.as_str().is_ascii() {
        return Err(Wrong::is(format!(
            "has more than {BOUNCE_LOCAL_CHARS_MAX} characters before the @, or letters outside ASCII; each message \
             adds a name of its own there"
        )));
    }
    Ok(address)
}

/// A range of addresses in CIDR form (RFC 4632 §3.1, RFC 4291 §2.3).
pub(super) fn network(text: &str) -> Result<Network, Wrong> {
    let not_cidr = || Wrong::is("is not a network in CIDR form");
    let (address, prefix) = text.trim().split_once('/').ok_or_else(not_cidr)?;
    let address: IpAddr = address.parse().map_err(|_| not_cidr())?;
    let prefix: u8 = prefix.parse().map_err(|_| not_cidr())?;
    let first: IpAddr = match address {
        IpAddr::V4(ip) if prefix <= 32 => {
            let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V4((u32::from(ip) & mask).into())
        }
        IpAddr::V6(ip) if prefix <= 128 => {
            let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
            IpAddr::V6((u128::from(ip) & mask).into())
        }
        _ => return Err(not_cidr()),
    };
    if first != address {
        return Err(Wrong::is("is not the first address of its network")
            .instead(format!("write \"{first}/{prefix}\"")));
    }
    Ok(Network { address, prefix })
}

/// A language tag: two or three letters, perhaps a script and a region (BCP 47, RFC 5646 §2.1).
pub(super) fn language(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let whole = matches!(first.len(), 2 | 3)
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
    if whole {
        Ok(text.to_owned())
    } else {
        Err(Wrong::is(
            "is not a language tag such as \"en\" or \"pt-BR\"",
        ))
    }
}

/// A CSS selector that our HTML reader understands.
pub(super) fn selector(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    if text.len() > SELECTOR_BYTES_MAX {
        return Err(Wrong::is(format!(
            "is longer than {SELECTOR_BYTES_MAX} characters"
        )));
    }
    match Selector::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Wrong::is("is not a CSS selector")),
    }
}

/// The selector of a transcript. An address in its place is what the table is for.
pub(super) fn transcript_selector(text: &str) -> Result<String, Wrong> {
    let is_address = ["https://", "http://", "{link}"]
        .iter()
        .any(|beginning| text.trim().starts_with(beginning));
    if is_address {
        return Err(
            Wrong::is("is an address, where a selector is wanted").instead(
                "write transcript = { url = \"https://example.org/episodes/{slug}/transcript\" }",
            ),
        );
    }
    selector(text)
}

/// The address of a page of each entry, with placeholders.
pub(super) fn page_template(text: &str) -> Result<PageTemplate, Wrong> {
    PageTemplate::parse(text).map_err(|error| {
        let wrong = Wrong::is(error.to_string());
        match error {
            NotATemplate::NoPlaceholder => wrong.instead(
                "put {slug} where the last part of the entry's address stands, {guid} for its GUID, or begin with {link}",
            ),
            NotATemplate::InHost => wrong.instead(
                "write scheme and host out, https://example.org/{slug}, or begin with the whole link: {link}/transcript",
            ),
            NotATemplate::LinkInside => {
                wrong.instead("begin with it, {link}/transcript, or write {slug} there")
            }
            NotATemplate::Fragment => wrong.instead(
                "leave it out and name the place on the page: selector = \"#transcript\"",
            ),
            NotATemplate::UserInfo => wrong.instead(
                "leave them out and name environment variables in the row's credentials",
            ),
            NotATemplate::UnknownPlaceholder | NotATemplate::NotHttp | NotATemplate::TooLong => wrong,
        }
    })
}

/// The name of an environment variable. What does not look like one is never repeated: it may be the secret itself.
pub(super) fn variable(text: &str) -> Result<String, Wrong> {
    let text = text.trim();
    let named = text.len() <= VARIABLE_CHARS_MAX
        && text.starts_with(|first: char| first.is_ascii_uppercase() || first == '_')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    if named {
        Ok(text.to_owned())
    } else {
        Err(Wrong::is(
            "is not the name of an environment variable (capitals, digits, underscores), and the secret itself \
             never stands in this file",
        ))
    }
}

/// A path as typed.
pub(super) fn path(text: &str) -> Result<String, Wrong> {
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        return Err(Wrong::is("is not a path"));
    }
    Ok(text.to_owned())
}

/// The path of a program that stands alone, without arguments.
pub(super) fn program_alone(text: &str) -> Result<String, Wrong> {
    if text.contains(" -") {
        return Err(Wrong::is(
            "is a program with arguments in one text, and no shell takes them apart",
        )
        .instead("write a list: sendmail = [\"/usr/bin/msmtp\", \"-a\", \"digest\"]"));
    }
    program(text)
}

/// The path of a program. A name alone would mean another program on another day (PATH).
pub(super) fn program(text: &str) -> Result<String, Wrong> {
    let text = path(text)?;
    if text.contains(['/', '\\']) {
        Ok(text)
    } else {
        Err(Wrong::is("names a program without its folder"))
    }
}

/// What a program is given, as it stands.
pub(super) fn word(text: &str) -> Result<String, Wrong> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Wrong::is("is empty or has a control character")
            .instead("write it otherwise or leave it out"));
    }
    Ok(text.to_owned())
}

/// What a program that takes mail is always given.
pub(super) fn argument(text: &str) -> Result<String, Wrong> {
    let text = word(text)?;
    if text == "-t" {
        return Err(Wrong::is(
            "is -t, with which the program would look for readers in the message",
        )
        .instead("leave it out: the one reader of a message is given to it"));
    }
    Ok(text)
}

/// What becomes of a message whose fate the server left unknown.
pub(super) fn on_unknown(text: &str) -> Result<OnUnknown, Wrong> {
    match text.trim() {
        "resend" => Ok(OnUnknown::Resend),
        "skip" => Ok(OnUnknown::Skip),
        _ => Err(Wrong::is("is neither \"resend\" nor \"skip\"")),
    }
}

/// What becomes of an edition that is not full.
pub(super) fn thin_day(text: &str) -> Result<ThinDay, Wrong> {
    match text.trim() {
        "shorter" => Ok(ThinDay::Shorter),
        "older" => Ok(ThinDay::Older),
        "none" => Ok(ThinDay::None),
        _ => Err(Wrong::is("is none of \"shorter\", \"older\" and \"none\"")),
    }
}

/// A line of text, trimmed.
pub(crate) fn short_line(text: &str, chars_max: usize) -> Result<String, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Wrong::is("is empty"));
    }
    if text.chars().count() > chars_max {
        return Err(Wrong::is(format!("is longer than {chars_max} characters")));
    }
    // a line break in a name would begin a new header field of the mail
    if text.chars().any(char::is_control) {
        return Err(Wrong::is("has a line break or another control character"));
    }
    Ok(text.to_owned())
}

fn is_loopback(host: &Host<String>) -> bool {
    match host {
        Host::Domain(domain) => {
            let domain = domain.trim_end_matches('.');
            domain == "localhost" || domain.ends_with(".localhost")
        }
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// The user name of a URL as the server knows it: `ann%40example.org` is `ann@example.org`.
fn percent_decoded(text: &str) -> String {
    // read as the value of a form, in which only these two characters would mean more than themselves
    let value = text.replace('+', "%2B").replace('&', "%26");
    form_urlencoded::parse(format!("user={value}").as_bytes())
        .next()
        .map(|(_, user)| user.into_owned())
        .unwrap_or_default()
}
