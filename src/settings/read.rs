//! The file walked table by table, so that every mistake in it is found on the one reading.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use jiff::SignedDuration;
use toml::Spanned;
use toml::de::DeTable;

use crate::model::Secret;
use crate::settings::DigestSettings;
use crate::settings::DkimKeyPlace;
use crate::settings::DkimNames;
use crate::settings::DkimSettings;
use crate::settings::FetchSettings;
use crate::settings::MailSettings;
use crate::settings::Mailbox;
use crate::settings::OnUnknown;
use crate::settings::Problems;
use crate::settings::Security;
use crate::settings::SendingSettings;
use crate::settings::Sendmail;
use crate::settings::Settings;
use crate::settings::SiteSettings;
use crate::settings::SmtpServer;
use crate::settings::TranscribeSettings;
use crate::settings::Transport;
use crate::settings::problems::Notebook;
use crate::settings::section::Section;
use crate::settings::section::Wrong;
use crate::settings::shape;
use crate::settings::shape::Shape;
use crate::settings::sources::read_sources;
use crate::settings::sources::secret_variables;
use crate::settings::values;

/// Most bytes of the file: 20,000 sources, at about 150 bytes each, take 3 MiB.
const FILE_BYTES_MAX: usize = 4 << 20;

/// The variable that holds the password of the mail server.
const SMTP_PASSWORD: &str = "TAKEFIVE_SMTP_PASSWORD";

/// The variable that holds the private key that signs mail.
const DKIM_KEY: &str = "TAKEFIVE_DKIM_KEY";

/// Most connections to a mail server at a time: relays close the door long before that.
const CONNECTIONS_MAX: usize = 64;

/// The writer of messages that go no further than the outbox.
const PLACEHOLDER_FROM: &str = "Take Five <takefive@localhost.localdomain>";

/// Where relative paths start, and what the environment holds.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    pub(super) folder: &'a Path,
    pub(super) environment: &'a dyn Fn(&str) -> Option<String>,
}

impl Surroundings<'_> {
    pub(super) fn path(self, typed: &str) -> PathBuf {
        self.folder.join(typed)
    }

    /// The value of a variable; one that is set to nothing counts as missing.
    pub(super) fn secret(self, variable: &str) -> Option<Secret> {
        (self.environment)(variable)
            .filter(|value| !value.is_empty())
            .map(Secret::new)
    }
}

/// Reads the whole file; `Err` has every mistake in it.
pub(super) fn read(text: &str, surroundings: Surroundings<'_>) -> Result<Settings, Problems> {
    let (notebook, document) = open(text)?;
    let settings = read_document(document.get_ref(), &notebook, surroundings);
    notebook.close()?;
    Ok(settings)
}

/// Reads `[rules] file` and nothing else.
pub(super) fn read_rules_file(text: &str, folder: &Path) -> Result<Option<PathBuf>, Problems> {
    let (notebook, document) = open(text)?;
    let typed = document.get_ref().get("rules").and_then(|rules| {
        let table = rules.get_ref().as_table()?;
        let label = format!("{} ", shape::RULES.header);
        let at = rules.span().start;
        Section::open(&shape::RULES, label, at, table, &notebook).read("file", values::path)
    });
    notebook.close()?;
    Ok(typed.map(|typed| folder.join(typed)))
}

/// Reads whom signatures stand for; what is wrong with the file is for others to tell.
pub(super) fn read_dkim_names(text: &str) -> DkimNames {
    let Ok((notebook, document)) = open(text) else {
        return DkimNames::default();
    };
    let file = Section::open(
        &shape::FILE,
        String::new(),
        0,
        document.get_ref(),
        &notebook,
    );
    let Some(mail) = file.table("mail", &shape::MAIL) else {
        return DkimNames::default();
    };
    let dkim = mail.table("dkim", &shape::DKIM);
    let typed = |key: &str, parse: fn(&str) -> Result<String, Wrong>| {
        dkim.as_ref().and_then(|dkim| dkim.read(key, parse))
    };
    let from = || mail.read("from", values::mailbox);
    DkimNames {
        domain: typed("domain", values::dkim_domain)
            .or_else(|| from().map(|from| from.address.domain().to_owned())),
        selector: typed("selector", values::dkim_selector),
    }
}

/// A notebook on the text, with what of it is TOML.
fn open(text: &str) -> Result<(Notebook<'_>, Spanned<DeTable<'_>>), Problems> {
    if text.len() > FILE_BYTES_MAX {
        let mebibytes = FILE_BYTES_MAX >> 20;
        return Err(Problems::of_the_file(format!(
            "the file is larger than {mebibytes} MiB; leave out what is neither a setting nor a source"
        )));
    }
    Ok(Notebook::open(text, &shape::TABLES))
}

fn read_document<'a>(
    document: &'a DeTable<'a>,
    notebook: &'a Notebook<'a>,
    surroundings: Surroundings<'_>,
) -> Settings {
    let file = Section::open(&shape::FILE, String::new(), 0, document, notebook);
    let empty = DeTable::new();
    let digest = file.table("digest", &shape::DIGEST);
    let mail = file.table("mail", &shape::MAIL);
    let site = file.table("site", &shape::SITE);
    let store = file.table("store", &shape::STORE);
    let fetch = file.table("fetch", &shape::FETCH);
    let transcribe = file.table("transcribe", &shape::TRANSCRIBE);
    let rules = file.table("rules", &shape::RULES);

    let site_settings = site.as_ref().and_then(read_site);
    let absent = |shape: &'static Shape| absent(shape, &empty, notebook);
    let fetch = fetch.unwrap_or_else(|| absent(&shape::FETCH));
    let store_path = store
        .as_ref()
        .and_then(|store| store.read("path", values::path))
        .unwrap_or_else(|| "takefive.db".to_owned());
    let digest = read_digest(&digest.unwrap_or_else(|| absent(&shape::DIGEST)));
    let fetch = read_fetch(&fetch, site_settings.as_ref());
    Settings {
        keep_documents: store.as_ref().map_or(values::KEEP_DOCUMENTS, |store| {
            read_keep_documents(store, &digest)
        }),
        digest,
        mail: read_mail(
            &mail.unwrap_or_else(|| absent(&shape::MAIL)),
            site.as_ref(),
            surroundings,
        ),
        transcribe: transcribe.and_then(|transcribe| {
            let withheld = secret_variables(&file);
            read_transcribe(&transcribe, &fetch, withheld, surroundings)
        }),
        fetch,
        site: site_settings,
        store_path: surroundings.path(&store_path),
        rules_file: rules
            .and_then(|rules| rules.read("file", values::path))
            .map(|path| surroundings.path(&path)),
        sources: read_sources(&file, notebook, surroundings),
    }
}

/// What stands for a table that is not in the file: all of its defaults.
fn absent<'a>(
    shape: &'static Shape,
    empty: &'a DeTable<'a>,
    notebook: &'a Notebook<'a>,
) -> Section<'a> {
    Section::open(shape, format!("{} ", shape.header), 0, empty, notebook)
}

fn read_digest(digest: &Section<'_>) -> DigestSettings {
    let default = DigestSettings::default();
    DigestSettings {
        title: digest.read("title", values::line).unwrap_or(default.title),
        size: digest
            .whole_number("size", &(1..=10))
            .unwrap_or(default.size),
        time_zone: digest
            .read("time_zone", values::time_zone)
            .unwrap_or(default.time_zone),
        look_back: digest
            .read("look_back", values::look_back)
            .unwrap_or(default.look_back),
        max_per_source: digest
            .whole_number("max_per_source", &(1..=10))
            .unwrap_or(default.max_per_source),
        max_per_entry: digest
            .whole_number("max_per_entry", &(1..=10))
            .unwrap_or(default.max_per_entry),
        min_score: digest
            .number("min_score", f64::is_finite, "a finite number")
            .unwrap_or(default.min_score),
        freshness: read_points(digest, "freshness").unwrap_or(default.freshness),
        variety: read_points(digest, "variety").unwrap_or(default.variety),
        thin_day: digest
            .read("thin_day", values::thin_day)
            .unwrap_or(default.thin_day),
    }
}

/// Points that something takes off: more than that many decide everything.
fn read_points(digest: &Section<'_>, key: &str) -> Option<f64> {
    const POINTS_MAX: f64 = 10.0;
    let allowed = |points: f64| (0.0..=POINTS_MAX).contains(&points);
    digest.number(key, allowed, "from 0 to 10")
}

/// How long texts are kept: never shorter than an edition may choose from them.
fn read_keep_documents(store: &Section<'_>, digest: &DigestSettings) -> SignedDuration {
    let kept = store
        .read("keep_documents", values::keep_documents)
        .unwrap_or(values::KEEP_DOCUMENTS);
    if kept < digest.look_back {
        let wrong = Wrong::is("is shorter than [digest] look_back")
            .instead("keep documents at least as long as editions are chosen from them");
        store.wrong("keep_documents", wrong);
    }
    kept
}

fn read_mail(
    mail: &Section<'_>,
    site: Option<&Section<'_>>,
    surroundings: Surroundings<'_>,
) -> MailSettings {
    let from = mail.read("from", values::mailbox);
    let outbox = mail
        .read("outbox", values::path)
        .unwrap_or_else(|| "outbox".to_owned());
    let server = read_server(mail, surroundings);
    let sendmail = read_sendmail(mail, surroundings);
    for over in ["smtp", "sendmail"] {
        if mail.place(over).is_some() {
            demand_what_sending_needs(mail, site, over);
            break;
        }
    }
    let dkim = read_dkim(mail, from.as_ref(), surroundings);
    MailSettings {
        dkim,
        from: from.unwrap_or_else(placeholder_from),
        reply_to: mail.read("reply_to", values::address),
        leave_address: mail.read("leave_address", values::address),
        transport: server
            .map(Transport::Smtp)
            .or(sendmail.map(Transport::Sendmail))
            .unwrap_or_else(|| Transport::Outbox(surroundings.path(&outbox))),
        list_id: mail.read("list_id", values::list_id),
        postal_address: mail.read("postal_address", values::line),
        templates: mail
            .read("templates", values::path)
            .map(|path| surroundings.path(&path)),
        on_unknown: mail
            .read("on_unknown", values::on_unknown)
            .unwrap_or(OnUnknown::Resend),
        bounce_address: mail.read("bounce_address", values::bounce_address),
        sending: read_sending(mail),
    }
}

fn read_sending(mail: &Section<'_>) -> SendingSettings {
    let default = SendingSettings::default();
    let (longest, shortest) = (Duration::from_hours(24), Duration::from_secs(1));
    let time =
        |key, at_most| mail.read(key, |text| values::length_of_time(text, shortest..=at_most));
    SendingSettings {
        connections: mail
            .whole_number("connections", &(1..=CONNECTIONS_MAX))
            .unwrap_or(default.connections),
        per_connection: mail
            .whole_number("per_connection", &(1..=10_000))
            .unwrap_or(default.per_connection),
        per_second: mail.number(
            "per_second",
            |rate| (0.01..=10_000.0).contains(&rate),
            "a number from 0.01 to 10,000",
        ),
        budget: time("budget", longest).unwrap_or(default.budget),
        final_dot_timeout: time("final_dot_timeout", Duration::from_hours(1))
            .unwrap_or(default.final_dot_timeout),
    }
}

fn placeholder_from() -> Mailbox {
    values::mailbox(PLACEHOLDER_FROM).expect("the placeholder is a constant, read in a test")
}

/// The mail server, where one is set, with its checks read whether or not it is.
fn read_server(mail: &Section<'_>, surroundings: Surroundings<'_>) -> Option<SmtpServer> {
    let in_clear = mail.read("tls", |text| match text.trim() {
        "required" => Ok(false),
        "none" => Ok(true),
        _ => Err(Wrong::is("is neither \"required\" nor \"none\"")),
    });
    let ca_file = mail
        .read("ca_file", values::path)
        .map(|path| surroundings.path(&path));
    let url = mail.read("smtp", values::smtp_url)?;

    let in_clear = in_clear.unwrap_or(false);
    if in_clear && url.implicit_tls {
        mail.wrong(
            "tls",
            Wrong::is("is \"none\", but smtps:// is TLS from the first byte")
                .instead("write tls = \"required\", or smtp:// in place of smtps://"),
        );
    } else if in_clear && !url.on_loopback {
        mail.wrong(
            "tls",
            Wrong::is("is \"none\", which only a server on this machine may have, since others could read the mail"),
        );
    }
    let password = surroundings.secret(SMTP_PASSWORD);
    if url.user.is_some() && password.is_none() {
        mail.wrong(
            "smtp",
            Wrong::is(format!(
                "names a user, but the environment variable {SMTP_PASSWORD} is not set or empty"
            ))
            .instead(format!("set {SMTP_PASSWORD} to the user's password")),
        );
    }
    let security = match (url.implicit_tls, in_clear) {
        (true, _) => Security::ImplicitTls,
        (false, true) => Security::None,
        (false, false) => Security::StartTls,
    };
    Some(SmtpServer {
        host: url.host,
        port: url.port,
        security,
        login: url.user.zip(password),
        ca_file,
    })
}

/// The program that takes the mail, where one is set: its path, or a list of its path and its arguments.
fn read_sendmail(mail: &Section<'_>, surroundings: Surroundings<'_>) -> Option<Sendmail> {
    let value = mail.value("sendmail")?;
    if mail.place("smtp").is_some() {
        let wrong = Wrong::is("stands beside smtp, and mail goes one way only");
        mail.wrong("sendmail", wrong.instead("keep one of the two"));
    }
    if value.get_ref().as_str().is_some() {
        let program = mail.read("sendmail", values::program_alone)?;
        return Some(Sendmail {
            program: surroundings.path(&program),
            arguments: Vec::new(),
        });
    }
    let Some(words) = value.get_ref().as_array() else {
        mail.mistyped("sendmail", value, "text or a list");
        return None;
    };
    if words.is_empty() {
        mail.wrong("sendmail", Wrong::is("is an empty list"));
    }
    let mut words = mail.read_list("sendmail", values::argument).into_iter();
    let program = match values::program(&words.next()?) {
        Ok(program) => program,
        Err(wrong) => {
            mail.wrong("sendmail", wrong);
            return None;
        }
    };
    Some(Sendmail {
        program: surroundings.path(&program),
        arguments: words.collect(),
    })
}

/// Who signs the messages, if anybody does.
fn read_dkim(
    mail: &Section<'_>,
    from: Option<&Mailbox>,
    surroundings: Surroundings<'_>,
) -> Option<DkimSettings> {
    let dkim = mail.table("dkim", &shape::DKIM)?;
    for key in ["domain", "selector"] {
        if dkim.place(key).is_none() {
            dkim.missing(key, "is missing");
        }
    }
    let domain = dkim.read("domain", values::dkim_domain);
    let selector = dkim.read("selector", values::dkim_selector);
    if let (Some(domain), Some(from)) = (&domain, from)
        && !values::is_aligned(domain, from.address.domain())
    {
        dkim.wrong(
            "domain",
            Wrong::is(
                "is neither the domain of [mail] from nor one above or below it, so receivers would not count the \
                 signature (DMARC)",
            )
            .instead("write what stands behind the @ of from"),
        );
    }
    // for mail that leaves the machine one is wanted anyway
    let leaves = mail.place("smtp").is_some() || mail.place("sendmail").is_some();
    if mail.place("from").is_none() && !leaves {
        mail.missing("from", "is missing, and mail that is signed needs a writer");
    }
    let file = dkim
        .read("key_file", values::path)
        .map(|path| DkimKeyPlace::File(surroundings.path(&path)));
    let given = surroundings.secret(DKIM_KEY).map(DkimKeyPlace::Environment);
    if given.is_some() && dkim.place("key_file").is_some() {
        dkim.wrong(
            "key_file",
            Wrong::is(format!(
                "stands beside a key in the environment variable {DKIM_KEY}"
            ))
            .instead("keep one of the two"),
        );
    } else if given.is_none() && dkim.place("key_file").is_none() {
        dkim.missing(
            "key_file",
            &format!(
                "is missing, and so is a key in the environment variable {DKIM_KEY}; \
                 `takefive mail dkim-key` makes one"
            ),
        );
    }
    Some(DkimSettings {
        domain: domain?,
        selector: selector?,
        key: file.or(given)?,
    })
}

/// Mail that leaves the machine has a writer, a postal address and a way to leave.
fn demand_what_sending_needs(mail: &Section<'_>, site: Option<&Section<'_>>, over: &str) {
    if mail.place("from").is_none() {
        let because = format!("is missing, and mail over {over} needs a writer");
        mail.missing("from", &because);
    }
    if mail.place("postal_address").is_none() {
        let because = format!(
            "is missing, and the law (in the US the CAN-SPAM Act) wants a postal address in each mail over {over}"
        );
        mail.missing("postal_address", &because);
    }
    let one_click = site
        .and_then(|site| site.value("one_click"))
        .is_some_and(|value| value.get_ref().as_bool() != Some(false));
    if mail.place("leave_address").is_none() && !one_click {
        let because = format!(
            "is missing, and so is [site] one_click: the law (CAN-SPAM Act, GDPR) and the large mailbox providers want a \
             way to leave in each mail over {over}"
        );
        mail.missing("leave_address", &because);
    }
}

fn read_site(site: &Section<'_>) -> Option<SiteSettings> {
    let one_click = site.flag("one_click").unwrap_or(false);
    if site.place("base_url").is_none() {
        let because = if one_click {
            "is missing, and one_click needs a place to stand"
        } else {
            "is missing"
        };
        site.missing("base_url", because);
    }
    let base_url = site.read("base_url", values::base_url)?;
    if one_click && base_url.scheme() != "https" && !values::is_on_loopback(&base_url) {
        site.wrong(
            "base_url",
            Wrong::is("is not https, which the one-click way to leave needs (RFC 8058)"),
        );
    }
    Some(SiteSettings {
        base_url,
        one_click,
    })
}

/// How the web is read; whoever has a site of their own is known by it unless they name another page.
fn read_fetch(fetch: &Section<'_>, site: Option<&SiteSettings>) -> FetchSettings {
    const GAP_MAX: Duration = Duration::from_mins(1);
    let length = |key, range| fetch.read(key, |text| values::length_of_time(text, range));
    FetchSettings {
        in_flight: fetch.whole_number("in_flight", &(1..=512)).unwrap_or(64),
        per_host: fetch.whole_number("per_host", &(1..=16)).unwrap_or(2),
        gap: length("gap", Duration::ZERO..=GAP_MAX).unwrap_or(Duration::from_millis(250)),
        budget: length("budget", Duration::from_secs(1)..=Duration::from_hours(24))
            .unwrap_or(Duration::from_mins(30)),
        about: fetch
            .read("about", values::page_url)
            .or_else(|| site.map(|site| site.base_url.clone())),
        allow_networks: fetch.read_list("allow_networks", values::network),
    }
}

/// The program that turns speech into text; what it is called with is never taken apart by a shell.
fn read_transcribe(
    transcribe: &Section<'_>,
    fetch: &FetchSettings,
    withheld: BTreeSet<String>,
    surroundings: Surroundings<'_>,
) -> Option<TranscribeSettings> {
    const TIMEOUT: Duration = Duration::from_hours(2);
    const MEGABYTES: usize = 300; // three hours as podcasts are packed
    const MEGABYTE: u64 = 1_000_000;
    let timeout = transcribe.read("timeout", |text| {
        let range = Duration::from_secs(1)..=Duration::from_hours(24);
        let timeout = values::length_of_time(text, range)?;
        if timeout > fetch.budget {
            let wrong = Wrong::is("is longer than [fetch] budget, after which a run reads no more");
            return Err(wrong.instead("write a longer [fetch] budget, too, or a shorter timeout"));
        }
        Ok(timeout)
    });
    let megabytes = transcribe.whole_number("max_megabytes", &(1..=4_000));
    let max_per_run = transcribe.whole_number("max_per_run", &(1..=100));
    if transcribe.place("command").is_none() {
        transcribe.missing("command", "is missing");
    }
    let (program, arguments) = read_command(transcribe)?;
    Some(TranscribeSettings {
        program: surroundings.path(&program),
        arguments,
        timeout: timeout.unwrap_or(TIMEOUT.min(fetch.budget)),
        audio_bytes_max: u64::try_from(megabytes.unwrap_or(MEGABYTES)).unwrap_or(u64::MAX)
            * MEGABYTE,
        max_per_run: max_per_run.unwrap_or(3),
        withheld,
    })
}

/// A program and what it is given; the audio file comes last where nothing says its place.
fn read_command(transcribe: &Section<'_>) -> Option<(String, Vec<String>)> {
    let words = transcribe.value("command")?.get_ref().as_array();
    if words.is_some_and(|words| words.is_empty()) {
        transcribe.wrong("command", Wrong::is("is an empty list"));
    }
    let mut words = transcribe.read_list("command", values::word).into_iter();
    let program = match values::program(&words.next()?) {
        Ok(program) => program,
        Err(wrong) => {
            transcribe.wrong("command", wrong);
            return None;
        }
    };
    let mut arguments: Vec<String> = words.collect();
    if !arguments.iter().any(|word| word.contains("{audio}")) {
        arguments.push("{audio}".to_owned());
    }
    Some((program, arguments))
}
