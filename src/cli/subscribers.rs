//! `subscribers`: who gets the digest.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::cli::Common;
use crate::cli::SubscribersCommand;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::output::say;
use crate::model::EmailAddress;
use crate::outside::store::Added;
use crate::outside::store::Store;
use crate::report::Exit;
use crate::subscriptions;
use crate::subscriptions::Imported;

/// Lines of a list told as bad in a terminal.
const BAD_LINES_SHOWN: usize = 10;

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
    for address in &addresses {
        let name = address.as_str();
        let (outcome, id, sentence) = match subscriptions::add(&mut store, address, now)? {
            Added::New(id) => ("new", Some(id), format!("{name} is subscriber {id}.")),
            Added::Already(id) => (
                "already",
                Some(id),
                format!("{name} is subscriber {id} already."),
            ),
            Added::Back(id) => (
                "back",
                Some(id),
                format!("{name} had left and is back as subscriber {id}."),
            ),
            Added::Suppressed => (
                "suppressed",
                None,
                format!("{name} is not added: mail to it bounced or was complained about."),
            ),
            Added::StaysAway => (
                "stay_away",
                None,
                format!("{name} is not added: its owner left."),
            ),
        };
        let line = json!({ "address": name, "id": id, "outcome": outcome });
        tell(common, &sentence, &line)?;
    }
    Ok(Exit::Done)
}

fn import(common: &Common, file: &Path, now: Timestamp) -> anyhow::Result<Exit> {
    let called = if file == Path::new("-") {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    };
    let bytes = read(file).with_context(|| format!("{called} cannot be read"))?;
    let list = subscriptions::read_list(&bytes).with_context(|| called.clone())?;
    let mut store = open(common)?;
    let imported = subscriptions::import(&mut store, &list, now)?;
    let Imported {
        new,
        already,
        suppressed,
        stay_away,
    } = imported;
    let mut sentence = format!("{new} added");
    for (count, what) in [
        (already, "subscribed already"),
        (list.repeated, "more than once in the list"),
        (
            stay_away,
            "had left and stay away (`subscribers add` brings back one who asks)",
        ),
        (suppressed, "cannot be mailed to"),
        (list.bad_lines.len(), "without an address that can be used"),
    ] {
        if count > 0 {
            let _ = write!(sentence, ", {count} {what}");
        }
    }
    let bad_lines: Vec<_> = list
        .bad_lines
        .iter()
        .map(|bad| json!({ "line": bad.line, "problem": bad.problem.to_string() }))
        .collect();
    let line = json!({
        "new": new, "already": already, "repeated": list.repeated, "stay_away": stay_away, "suppressed": suppressed,
        "bad_lines": bad_lines,
    });
    tell(common, &format!("{sentence}."), &line)?;
    // a line of the list may hold an address, so it is named by its number
    for bad in list.bad_lines.iter().take(BAD_LINES_SHOWN) {
        say(&format!("takefive: {called}:{}: {}", bad.line, bad.problem));
    }
    if list.bad_lines.len() > BAD_LINES_SHOWN {
        let more = list.bad_lines.len() - BAD_LINES_SHOWN;
        say(&format!(
            "takefive: {called}: and {more} lines more; --json has all of them"
        ));
    }
    Ok(if list.bad_lines.is_empty() {
        Exit::Done
    } else {
        Exit::Settings
    })
}

fn read(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // one byte more than may be, so that too much shows
    let bytes_max = subscriptions::LIST_BYTES_MAX as u64 + 1;
    if file == Path::new("-") {
        std::io::stdin().take(bytes_max).read_to_end(&mut bytes)?;
    } else {
        let opened = std::fs::File::open(file)?;
        opened.take(bytes_max).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn list(common: &Common) -> anyhow::Result<Exit> {
    let mut out = String::new();
    for row in subscriptions::list(&open(common)?)? {
        if common.json {
            let line = json!({
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
    for address in &addresses {
        let name = address.as_str();
        let (outcome, what) = if subscriptions::leave(&mut store, address, now)? {
            ("left", "gets nothing more")
        } else {
            ("absent", "was not subscribed")
        };
        let line = json!({ "address": name, "outcome": outcome });
        tell(common, &format!("{name} {what}."), &line)?;
    }
    Ok(Exit::Done)
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

fn open(common: &Common) -> anyhow::Result<Store> {
    Ok(Store::open(&common.store_path()?)?)
}

fn tell(common: &Common, sentence: &str, line: &Value) -> anyhow::Result<()> {
    if common.json {
        print_json(line)
    } else if common.quiet {
        Ok(())
    } else {
        print(sentence)
    }
}
