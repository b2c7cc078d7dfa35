//! Who signs the mail: the key that the settings name, read once before anything is fetched.

use std::path::Path;

use crate::cli::entrance::WrongSettings;
use crate::model::Secret;
use crate::outside::key_file::KeyFileError;
use crate::outside::key_file::read_key;
use crate::settings::DkimKeyPlace;
use crate::settings::MailSettings;
use crate::stages::compose_email::DkimSigner;

/// The signer of `[mail.dkim]`, where there is one. A key that is missing or of no use is a mistake of the settings.
pub(super) fn signer(mail: &MailSettings) -> Result<Option<DkimSigner>, WrongSettings> {
    let Some(dkim) = &mail.dkim else {
        return Ok(None);
    };
    let (place, key) = match &dkim.key {
        DkimKeyPlace::File(path) => (
            format!("[mail.dkim] key_file {}", path.display()),
            key_in(path)?,
        ),
        DkimKeyPlace::Environment(key) => ("TAKEFIVE_DKIM_KEY".to_owned(), key.clone()),
    };
    DkimSigner::new(&dkim.domain, &dkim.selector, &key)
        .map(Some)
        .map_err(|error| {
            WrongSettings(format!(
                "{place}: {error}; `takefive mail dkim-key` makes a new one"
            ))
        })
}

fn key_in(path: &Path) -> Result<Secret, WrongSettings> {
    read_key(path).map_err(|error| {
        let path = path.display();
        let way_out = match error {
            KeyFileError::Absent => {
                format!(
                    "; make one with `takefive mail dkim-key --out {path}`, or correct the path"
                )
            }
            KeyFileError::Exposed { .. } => format!(" {path}"),
            _ => String::new(),
        };
        WrongSettings(format!("[mail.dkim] key_file {path}: {error}{way_out}"))
    })
}
