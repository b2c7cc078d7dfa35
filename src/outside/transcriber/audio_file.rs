//! The one audio file of the moment: private, beside the store, and gone however it ends.

use std::fs;
use std::fs::OpenOptions;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use tokio::fs::File;

/// Endings by which programs know what is in a file.
const ENDINGS: [&str; 12] = [
    "mp3", "m4a", "m4b", "mp4", "aac", "ogg", "oga", "opus", "flac", "wav", "webm", "mov",
];

/// The ending of a file whose address has none of these.
const NO_ENDING: &str = "audio";

/// A file that only its owner can read, until it is dropped.
#[derive(Debug)]
pub struct AudioFile {
    path: PathBuf,
}

impl AudioFile {
    /// An empty file beside the store. There is one at a time: what a killed run left under its name is taken away.
    pub(super) fn create(store: &Path, name: &str) -> io::Result<(Self, File)> {
        // whole, since the program may work in another folder
        let path = std::path::absolute(beside(store, ending(name)))?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        // never a file, nor a link to one, that somebody else put there
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = options.open(&path)?;
        Ok((Self { path }, File::from_std(file)))
    }

    /// Takes away all that may have been left.
    pub(super) fn clear(store: &Path) {
        for ending in ENDINGS.into_iter().chain([NO_ENDING]) {
            let _ = fs::remove_file(beside(store, ending)); // most are not there
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for AudioFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path); // nobody is left to tell
    }
}

fn ending(name: &str) -> &'static str {
    let lower = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    ENDINGS
        .into_iter()
        .find(|known| lower.as_deref() == Some(*known))
        .unwrap_or(NO_ENDING)
}

fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push("-audio.");
    name.push(ending);
    PathBuf::from(name)
}
