//! `mail dkim-key`: the key that signs mail, and what others need to check it.

use std::fmt::Write as _;
use std::path::Path;
use std::path::PathBuf;

use serde::Serialize;

use crate::cli::Common;
use crate::cli::DkimKeyArgs;
use crate::cli::MailCommand;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::outside::key_file::KeyFileError;
use crate::outside::key_file::KeyKind;
use crate::outside::key_file::create_key;
use crate::report::Exit;
use crate::settings::dkim_domain;
use crate::settings::dkim_names;
use crate::settings::dkim_selector;
use crate::stages::compose_email::DkimSigner;

/// The name of a key's file where none is given.
const KEY_FILE: &str = "dkim.pem";

/// The name of a key within its domain where none is given.
const SELECTOR: &str = "takefive";

/// Does what `mail …` says.
pub(super) fn obey(common: &Common, command: &MailCommand) -> anyhow::Result<Exit> {
    match command {
        MailCommand::DkimKey(args) => make_key(common, args),
    }
}

fn make_key(common: &Common, args: &DkimKeyArgs) -> anyhow::Result<Exit> {
    // no file of settings is as good as one that says nothing of it
    let settings = std::fs::read_to_string(&common.sources).unwrap_or_default();
    let named = dkim_names(&settings);
    let selector = match &args.selector {
        Some(typed) => dkim_selector(typed)
            .map_err(|problem| WrongSettings(format!("--selector {problem}")))?,
        None => named.selector.unwrap_or_else(|| SELECTOR.to_owned()),
    };
    let domain = match &args.domain {
        Some(typed) => Some(
            dkim_domain(typed).map_err(|problem| WrongSettings(format!("--domain {problem}")))?,
        ),
        None => named.domain,
    };
    let domain = domain.ok_or_else(|| {
        WrongSettings(
            "for which domain? Write --domain digest.example.org, or set [mail] from".to_owned(),
        )
    })?;
    let path = match &args.out {
        Some(path) => path.clone(),
        None => common.folder().join(KEY_FILE),
    };
    let kind = if args.ed25519 {
        KeyKind::Ed25519
    } else {
        KeyKind::Rsa
    };
    let key = create_key(&path, kind).map_err(|error| {
        let told = format!("{}: {error}", path.display());
        match error {
            KeyFileError::Exists => anyhow::Error::from(WrongSettings(format!(
                "{told}; name another file with --out"
            ))),
            KeyFileError::NotMade => anyhow::anyhow!(told),
            _ => WrongSettings(format!("{told}; name another place with --out")).into(),
        }
    })?;
    let record = DkimSigner::new(&domain, &selector, &key)?.dns_record();
    let made = Made {
        key_file: named_in_settings(common, &path),
        domain: &domain,
        selector: &selector,
        name: &record.name,
        value: &record.value,
        strings: record.strings(),
    };
    if common.json {
        print_json(&made)?;
    } else {
        print(&made.told(&path))?;
    }
    Ok(Exit::Done)
}

/// The file as the settings name it: from their folder on.
fn named_in_settings(common: &Common, path: &Path) -> PathBuf {
    let folder = common.folder();
    match path.strip_prefix(folder) {
        Ok(below) if !folder.as_os_str().is_empty() => below.to_owned(),
        _ if path.is_absolute() || folder.as_os_str().is_empty() => path.to_owned(),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

/// A new key, without its secret half.
#[derive(Serialize)]
struct Made<'a> {
    /// As the settings name it.
    key_file: PathBuf,
    domain: &'a str,
    selector: &'a str,
    /// Name of the TXT record.
    name: &'a str,
    /// Its text, whole.
    value: &'a str,
    /// The same as strings of a zone file.
    strings: Vec<&'a str>,
}

impl Made<'_> {
    fn told(&self, path: &Path) -> String {
        let Self {
            domain,
            selector,
            name,
            value,
            ..
        } = self;
        let mut out = format!(
            "The key is in {}. Keep it to yourself.\n\nThis TXT record lets receivers check it. In a zone file:\n\n{name}. IN TXT (\n",
            path.display()
        );
        for string in &self.strings {
            let _ = writeln!(out, "    \"{string}\"");
        }
        let _ = write!(
            out,
            ")\n\nIn a form of your DNS host: the name {name} and, in one piece,\n\n{value}\n\n\
             See whether it is there: dig +short TXT {name}\n\n\
             Then these lines belong into sources.toml:\n\n\
             [mail.dkim]\ndomain = \"{domain}\"\nselector = \"{selector}\"\nkey_file = \"{}\"\n",
            self.key_file.display()
        );
        out
    }
}
