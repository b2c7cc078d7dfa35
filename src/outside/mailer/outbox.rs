//! The folder that takes messages where no mail server is set, and the preview beside them.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use jiff::civil::Date;

use super::MailerError;
use super::Outcome;
use crate::model::Email;

/// A folder of messages: `DATE/NNNN.eml`, by subscriber number.
#[derive(Debug, Clone)]
pub struct Outbox {
    folder: PathBuf,
}

impl Outbox {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Writes one message. Writing it again replaces it by the same bytes.
    pub(super) fn write(&self, email: &Email) -> Outcome {
        let name = format!("{:04}.eml", email.subscriber);
        match write(
            &edition_folder(&self.folder, email.date),
            &name,
            &email.bytes,
        ) {
            Ok(()) => Outcome::Accepted {
                reply: format!("written to {}/{name}", email.date),
            },
            Err(error) => Outcome::Stopped(error),
        }
    }
}

/// Where in an outbox the edition of `date` stands.
pub fn edition_folder(outbox: &Path, date: Date) -> PathBuf {
    outbox.join(date.to_string())
}

/// Writes what readers see of an edition into `folder`: `digest.html` and `digest.txt`.
pub fn write_preview(folder: &Path, html: &str, text: &str) -> Result<(), MailerError> {
    write(folder, "digest.html", html.as_bytes())?;
    write(folder, "digest.txt", text.as_bytes())
}

/// Under a temporary name first, so that a reader of the folder never sees half a file.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), MailerError> {
    let path = folder.join(name);
    let half_written = folder.join(format!(".{name}.part"));
    let written: io::Result<()> = (|| {
        fs::create_dir_all(folder)?;
        fs::write(&half_written, bytes)?;
        fs::rename(&half_written, &path)
    })();
    written.map_err(|error| MailerError::Outbox {
        path,
        problem: error.to_string(),
    })
}
