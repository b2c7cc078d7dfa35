//! The system's own program that opens a page for a person.

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

/// Takes one path, and starts whatever the person reads such files with.
const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "explorer"
} else {
    "xdg-open"
};

const PATIENCE: Duration = Duration::from_secs(5); // some openers stay as long as the browser
const GLANCE: Duration = Duration::from_millis(50); // between two looks whether it has ended

/// Opens `page`; the error says why that did not work.
pub(super) async fn open(page: &Path) -> Result<(), String> {
    let page = std::path::absolute(page).map_err(|error| error.to_string())?;
    let mut opener = Command::new(OPENER)
        .arg(page)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                format!("{OPENER}, which opens pages on this system, is not installed")
            }
            _ => format!("{OPENER} cannot be started ({error})"),
        })?;
    for _ in 0..PATIENCE.as_millis() / GLANCE.as_millis() {
        match opener.try_wait() {
            // Windows' own says 1 when all is well
            Ok(Some(status)) if status.success() || cfg!(windows) => return Ok(()),
            Ok(Some(status)) => return Err(format!("{OPENER} did not open the page ({status})")),
            Ok(None) => tokio::time::sleep(GLANCE).await,
            Err(error) => return Err(format!("{OPENER} cannot be waited for ({error})")),
        }
    }
    Ok(())
}
