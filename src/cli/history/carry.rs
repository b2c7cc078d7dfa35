//! `history export` and `history import`: what was sent, as JSON Lines.

use std::fs::File;
use std::io::BufReader;
use std::io::BufWriter;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::Common;
use crate::cli::day::LOCK_PATIENCE;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::tell;
use crate::outside::store::CarryError;
use crate::outside::store::RunLock;
use crate::outside::store::Store;
use crate::report::Exit;

/// Writes all editions into a file; on standard output nothing else is said.
pub(super) fn export(common: &Common, file: &Path) -> anyhow::Result<Exit> {
    let store = Store::look_at(&common.store_path()?)?;
    if is_standard(file) {
        match store.export_history(&mut std::io::stdout().lock()) {
            // nobody is left to tell (`| head`)
            Err(CarryError::File(error)) if error.kind() == ErrorKind::BrokenPipe => {}
            result => drop(result?),
        }
        return Ok(Exit::Done);
    }
    let cannot_write = || format!("{} cannot be written", file.display());
    let mut out = BufWriter::new(File::create(file).with_context(cannot_write)?);
    let editions = store.export_history(&mut out).with_context(cannot_write)?;
    if common.json {
        print_json(&serde_json::json!({ "editions": editions }))?;
    } else if !common.quiet {
        print(&format!(
            "{} written to {}.",
            tell::counted(editions, "edition", "editions"),
            file.display()
        ))?;
    }
    Ok(Exit::Done)
}

/// Takes over the editions in a file.
pub(super) fn import(common: &Common, file: &Path) -> anyhow::Result<Exit> {
    let path = common.store_path()?;
    let name = file.display();
    let opened = || {
        File::open(file).map_err(|error| {
            WrongSettings(match error.kind() {
                ErrorKind::NotFound => format!("{name}: there is no such file"),
                _ => format!("{name}: cannot be read: {error}"),
            })
        })
    };
    let _lock = RunLock::take(&path, LOCK_PATIENCE)?;
    let mut store = Store::open(&path)?;
    let carried = if is_standard(file) {
        store.import_history(&mut std::io::stdin().lock())
    } else {
        store.import_history(&mut BufReader::new(opened()?))
    };
    let carried = carried.map_err(|error| match error {
        CarryError::Store(error) => error.into(),
        CarryError::File(error) => {
            anyhow::Error::from(error).context(format!("{name} cannot be read"))
        }
        wrong @ CarryError::Wrong(_) => anyhow::Error::from(WrongSettings(format!(
            "{name}: nothing was taken over\n{wrong}"
        ))),
        wrong => WrongSettings(format!("{name}: {wrong}")).into(),
    })?;
    if common.json {
        print_json(&carried)?;
    } else if !common.quiet {
        print(&format!(
            "{} taken over with {}, and {} told elsewhere; {} here already.",
            tell::counted(carried.editions, "edition", "editions"),
            tell::counted(carried.insights, "insight", "insights"),
            tell::counted(carried.passages, "passage", "passages"),
            tell::counted(carried.known, "was", "were"),
        ))?;
    }
    Ok(Exit::Done)
}

/// Whether the file stands for standard input or output.
fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}
