//! `subscribers`: who gets the digest.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::SubscribersCommand;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::model::EmailAddress;
use crate::outside::store::Added;
use crate::outside::store::Store;
use crate::report::Exit;
use crate::subscriptions;
use crate::subscriptions::Imported;

/// Adds, imports, lists or removes subscribers.
pub(super) fn obey(
    common: &Common,
    command: &SubscribersCommand,
    now: Timestamp,
) -> anyhow::Result<Exit> {
    match command {
        SubscribersCommand::Add { addresses } => add(common, addresses, now),
        SubscribersCommand::Import { file } => import(common, file, now),
        SubscribersCommand::List => list(common),
        SubscribersCommand::Remove { addresses } => remove(common, addresses, now),
    }
}

fn add(common: &Common, addresses: &[String], now: Timestamp) -> anyhow::Result<Exit> {
    let addresses = parse(addresses)?;
    let mut store = open(common)?;
    let mut out = String::new();
    for address in &addresses {
        let name = address.as_str();
        let _ = match subscriptions::add(&mut store, address, now)? {
            Added::New(id) => writeln!(out, "{name} is subscriber {id}."),
            Added::Already(id) => writeln!(out, "{name} is subscriber {id} already."),
            Added::Back(id) => writeln!(out, "{name} had left and is back as subscriber {id}."),
            Added::Suppressed => {
                writeln!(
                    out,
                    "{name} is not added: mail to it bounced or was complained about."
                )
            }
            Added::StaysAway => writeln!(out, "{name} is not added: its owner left."),
        };
    }
    tell(common, &out)
}

fn import(common: &Common, file: &Path, now: Timestamp) -> anyhow::Result<Exit> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin()
            .read_to_end(&mut bytes)
            .context("standard input cannot be read")?;
    } else {
        bytes =
            std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    }
    let addresses = subscriptions::read_list(&bytes).with_context(|| file.display().to_string())?;
    let mut store = open(common)?;
    let imported = subscriptions::import(&mut store, &addresses, now)?;
    let Imported {
        new,
        already,
        suppressed,
        stay_away,
    } = imported;
    let mut out = format!("{new} added, {already} were subscribed already");
    if addresses.repeated > 0 {
        let _ = write!(
            out,
            ", {} stand in the list more than once",
            addresses.repeated
        );
    }
    if stay_away > 0 {
        let _ = write!(
            out,
            ", {stay_away} had left and stay away (`subscribers add` brings one back who asks for it)"
        );
    }
    if suppressed > 0 {
        let _ = write!(out, ", {suppressed} cannot be mailed to");
    }
    out += ".\n";
    // a line of the list may hold an address, so it is named by its number
    for bad in &addresses.bad_lines {
        let _ = writeln!(out, "  line {}: {}", bad.line, bad.problem);
    }
    tell(common, &out)?;
    Ok(if addresses.bad_lines.is_empty() {
        Exit::Done
    } else {
        Exit::Settings
    })
}

fn list(common: &Common) -> anyhow::Result<Exit> {
    let mut out = String::new();
    for row in subscriptions::list(&open(common)?)? {
        if common.json {
            let line = serde_json::json!({
                "id": row.id, "address": row.address, "status": row.status.as_str(), "since": row.since,
            });
            let _ = writeln!(out, "{line}");
        } else {
            let since = row.since.strftime("%F");
            let _ = writeln!(
                out,
                "{:>5}  {since}  {:<10}  {}",
                row.id,
                row.status.as_str(),
                row.address.as_str()
            );
        }
    }
    if out.is_empty() && !common.json {
        out += "Nobody has subscribed yet: `takefive subscribers add ann@example.org`.\n";
    }
    if !out.is_empty() {
        print(&out)?;
    }
    Ok(Exit::Done)
}

fn remove(common: &Common, addresses: &[String], now: Timestamp) -> anyhow::Result<Exit> {
    let addresses = parse(addresses)?;
    let mut store = open(common)?;
    let mut out = String::new();
    for address in &addresses {
        let was_there = subscriptions::leave(&mut store, address, now)?;
        let what = if was_there {
            "gets nothing more"
        } else {
            "was not subscribed"
        };
        let _ = writeln!(out, "{} {what}.", address.as_str());
    }
    tell(common, &out)
}

/// All of them, or the number of the first that is not an address.
fn parse(addresses: &[String]) -> anyhow::Result<Vec<EmailAddress>> {
    let mut parsed = Vec::with_capacity(addresses.len());
    for (nth, address) in addresses.iter().enumerate() {
        let problem = |problem| {
            WrongSettings(format!(
                "address {}: {problem}; nobody was changed",
                nth + 1
            ))
        };
        parsed.push(EmailAddress::parse(address).map_err(problem)?);
    }
    Ok(parsed)
}

/// The list of readers needs the store, but not a list of sources without mistakes.
fn open(common: &Common) -> anyhow::Result<Store> {
    let path = match &common.store {
        Some(path) => path.clone(),
        None => common.settings()?.store_path,
    };
    Ok(Store::open(&path)?)
}

fn tell(common: &Common, out: &str) -> anyhow::Result<Exit> {
    if !common.quiet {
        print(out)?;
    }
    Ok(Exit::Done)
}
