//! `history stats`: what is kept, and how much room it takes.

use std::fmt::Display;
use std::fmt::Write as _;

use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::outside::store::Stats;
use crate::outside::store::Store;
use crate::report::Exit;

/// Tables that are shown; the others are small.
const TABLES_SHOWN: usize = 12;

/// Counts what the store holds.
pub(super) fn stats(common: &Common) -> anyhow::Result<Exit> {
    let store = Store::look_at(&common.store_path()?)?;
    let stats = store.stats()?;
    if common.json {
        print_json(&stats)?;
    } else if !common.quiet {
        print(&told(&stats))?;
    }
    Ok(Exit::Done)
}

fn told(stats: &Stats) -> String {
    let mut out = String::new();
    let mut row = |count: &dyn Display, what: &str, more: String| {
        let more = if more.is_empty() {
            more
        } else {
            format!(" ({more})")
        };
        let _ = writeln!(out, "{count:>12}  {what}{more}");
    };
    let editions = between(stats.oldest_edition, stats.newest_edition);
    row(&stats.editions, "editions", editions);
    if stats.editions_imported > 0 {
        let taken_over = "of these taken over from another store";
        row(&stats.editions_imported, taken_over, String::new());
    }
    row(&stats.sent, "insights sent", String::new());
    row(&stats.spans, "spans cited, kept for good", String::new());
    let waiting = match stats.entries_waiting {
        0 => String::new(),
        waiting => format!("{waiting} still to be read"),
    };
    row(&stats.entries, "entries met", waiting);
    row(&stats.candidates, "candidates kept", String::new());
    let day = |at: Timestamp| at.strftime("%F").to_string();
    let mut read = between(stats.oldest_reading.map(day), stats.newest_reading.map(day));
    if !read.is_empty() {
        read = format!("{}; read {read}", size(stats.document_bytes));
    }
    row(&stats.documents, "documents kept", read);
    let let_go = "cited documents let go but for their spans";
    row(&stats.documents_let_go, let_go, String::new());
    row(&stats.rules, "rules kept", String::new());
    let free = format!("{} of it free", size(stats.free_bytes));
    row(&size(stats.file_bytes), "file", free);
    for table in stats.tables.iter().take(TABLES_SHOWN) {
        row(&size(table.bytes), &table.table, String::new());
    }
    out
}

/// From the oldest to the newest.
fn between<T: Display>(oldest: Option<T>, newest: Option<T>) -> String {
    match (oldest, newest) {
        (Some(oldest), Some(newest)) => format!("{oldest} to {newest}"),
        _ => String::new(),
    }
}

/// Bytes as people read them.
pub(super) fn size(bytes: usize) -> String {
    #[expect(
        clippy::cast_precision_loss,
        reason = "three digits are shown, and a double has fifteen"
    )]
    let bytes_exact = bytes as f64;
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes_exact / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes_exact / 1e6),
        _ => format!("{:.1} GB", bytes_exact / 1e9),
    }
}
