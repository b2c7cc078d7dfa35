//! `deliveries`: what became of an edition's mails, reader by reader, and the proof that nobody was missed.

use std::fmt::Write as _;

use jiff::civil::Date;
use serde_json::json;

use crate::cli::Common;
use crate::cli::DeliveriesArgs;
use crate::cli::DeliveriesCommand;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::model::DeliveryState;
use crate::outside::store::Audit;
use crate::outside::store::DeliveryPage;
use crate::outside::store::DeliveryRow;
use crate::outside::store::Store;
use crate::report::Exit;

/// Rows read from the store at a time.
const PAGE: usize = 1_000;

/// Lists the deliveries of an edition, or proves that everyone is accounted for.
pub(super) fn obey(common: &Common, args: &DeliveriesArgs) -> anyhow::Result<Exit> {
    let store = Store::open(&common.store_path()?)?;
    let date = match args.edition {
        Some(date) => date,
        None => store.newest_edition()?.ok_or_else(|| {
            WrongSettings("there is no edition yet; `takefive run` makes the first".to_owned())
        })?,
    };
    match args.command {
        None => list(common, &store, date, args.state),
        Some(DeliveriesCommand::Audit) => audit(common, &store, date),
    }
}

fn list(
    common: &Common,
    store: &Store,
    date: Date,
    state: Option<DeliveryState>,
) -> anyhow::Result<Exit> {
    if store.edition(date)?.is_none() {
        return Err(no_edition(date).into());
    }
    let mut page = DeliveryPage {
        date,
        state,
        after: 0,
        at_most: PAGE,
    };
    loop {
        let rows = store.deliveries(&page)?;
        let Some(last) = rows.last() else { break };
        page.after = last.subscriber;
        if common.json {
            for row in &rows {
                print_json(row)?;
            }
        } else if !common.quiet {
            print(&rows.iter().map(line).collect::<String>())?;
        }
    }
    if !common.json && !common.quiet {
        let counts = store.delivery_counts(date)?;
        let told: Vec<String> = counts
            .iter()
            .filter(|(_, count)| **count > 0)
            .map(|(state, count)| format!("{count} {}", state.as_str()))
            .collect();
        let told = if told.is_empty() {
            "nobody was to get it".to_owned()
        } else {
            told.join(", ")
        };
        print(&format!("Edition of {date}: {told}."))?;
    }
    Ok(Exit::Done)
}

/// Number, state, tries, when it was last written, and why.
fn line(row: &DeliveryRow) -> String {
    let changed = row.changed.map_or_else(
        || "-".to_owned(),
        |at| at.strftime("%F %H:%M:%SZ").to_string(),
    );
    let tries = match row.attempts {
        1 => "1 try".to_owned(),
        many => format!("{many} tries"),
    };
    let mut line = format!(
        "{:>7}  {:<10}  {tries:>8}  {changed:<20}  {}",
        row.subscriber,
        row.state.as_str(),
        row.reason.as_deref().unwrap_or("")
    );
    if row.times_unknown > 0 {
        let _ = write!(line, " (fate unknown {} times)", row.times_unknown);
    }
    if let (DeliveryState::Deferred, Some(at)) = (row.state, row.not_before) {
        let _ = write!(line, " (again from {})", at.strftime("%F %H:%M:%SZ"));
    }
    format!("{}\n", line.trim_end())
}

fn audit(common: &Common, store: &Store, date: Date) -> anyhow::Result<Exit> {
    let audit = store.audit(date)?.ok_or_else(|| no_edition(date))?;
    let exit = if audit.is_proved() {
        Exit::Done
    } else {
        Exit::Mail
    };
    if common.json {
        let mut line = json!({ "date": date, "proved": audit.is_proved() });
        if let (Some(line), serde_json::Value::Object(rest)) =
            (line.as_object_mut(), serde_json::to_value(&audit)?)
        {
            line.extend(rest);
        }
        print_json(&line)?;
    } else if !common.quiet || exit != Exit::Done {
        print(&told(date, &audit))?;
    }
    Ok(exit)
}

fn told(date: Date, audit: &Audit) -> String {
    let Audit {
        readers,
        accepted,
        accepted_perhaps_twice,
        refused,
        unknown,
        left,
        open,
        ..
    } = audit;
    let mut out = format!("Edition of {date}: {readers} readers\n");
    let mut row = |count: usize, what: &str| {
        if count > 0 {
            let _ = writeln!(out, "{count:>9}  {what}");
        }
    };
    row(*accepted, "accepted by the mail server");
    row(
        *accepted_perhaps_twice,
        "of these sent once more after an unknown fate: one copy or two",
    );
    row(*refused, "refused, with the server's answer");
    row(*unknown, "unknown, with what happened: no copy or one");
    row(*left, "left before anything was sent");
    row(
        *open,
        "not at an end: `takefive send --edition` goes on with them",
    );
    row(audit.faults_in_all, "not accounted for:");
    for fault in &audit.faults {
        let _ = writeln!(
            out,
            "           subscriber {}: {}",
            fault.subscriber, fault.what
        );
    }
    out += match (audit.is_proved(), audit.faults_in_all) {
        (true, _) => "Proved: each reader has one delivery that was accepted or is explained.\n",
        (false, 0) => "Not proved yet: some deliveries have not come to an end.\n",
        (false, _) => "Not proved: the ledger does not account for everyone.\n",
    };
    out
}

fn no_edition(date: Date) -> WrongSettings {
    WrongSettings(format!(
        "there is no edition of {date}; --edition takes the day of one that was chosen"
    ))
}
