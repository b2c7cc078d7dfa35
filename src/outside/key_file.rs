//! The private key that signs mail, as a file that nobody else may read.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::Ed25519KeyPair;
use aws_lc_rs::signature::RsaKeyPair;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::model::Secret;

/// Most bytes of a file with a key: one of 8192 bits has 6,400.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Characters of a line in PEM form (RFC 7468 §2).
const PEM_LINE_CHARACTERS: usize = 64;

/// Which key is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA with 2048 bits: what every receiver checks (RFC 8301).
    Rsa,
    /// Ed25519: short, and checked by few (RFC 8463).
    Ed25519,
}

/// Why there is no key. It repeats nothing of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// There is no file.
    #[error("there is no such file")]
    Absent,
    /// More people than its owner and a group may read it, or more than its owner may write it.
    #[error(
        "others than its owner may read or change it (mode {mode:o}), and could sign mail in your name; make it yours alone with chmod 600"
    )]
    Exposed {
        /// Its permissions.
        mode: u32,
    },
    /// There is a file already where a new one is to be.
    #[error("there is a file of this name already, and keys are never overwritten")]
    Exists,
    /// No file of keys is as large.
    #[error("it is larger than 64 KiB, which no key is")]
    TooLarge,
    /// The system says no.
    #[error("{0}")]
    File(String),
    /// No key could be made.
    #[error("this machine gave no key; try again")]
    NotMade,
}

/// Reads the text of a file with a private key. On Unix everybody else is to be kept from it; a group may read it.
pub fn read_key(path: &Path) -> Result<Secret, KeyFileError> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => KeyFileError::Absent,
        _ => KeyFileError::File(error.to_string()),
    })?;
    hold_private(&file)?;
    let mut text = String::new();
    let read = file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text);
    match read {
        // what is no text is no key in PEM form either, which whoever reads the key says better
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Secret::new("")),
        Err(error) => Err(KeyFileError::File(error.to_string())),
        Ok(count) if count as u64 > FILE_BYTES_MAX => Err(KeyFileError::TooLarge),
        Ok(_) => Ok(Secret::new(text)),
    }
}

/// Makes a key and writes it into a new file in PEM form (PKCS #8), which on Unix its owner alone may read.
pub fn create_key(path: &Path, kind: KeyKind) -> Result<Secret, KeyFileError> {
    let pem = new_key(kind).ok_or(KeyFileError::NotMade)?;
    let mut file = as_new(path).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => KeyFileError::Exists,
        _ => KeyFileError::File(error.to_string()),
    })?;
    let written = file
        .write_all(pem.reveal().as_bytes())
        .and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = fs::remove_file(path); // half a key is none, and it was ours to make
        return Err(KeyFileError::File(error.to_string()));
    }
    Ok(pem)
}

fn new_key(kind: KeyKind) -> Option<Secret> {
    let der = match kind {
        KeyKind::Rsa => {
            let key = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
            let der: Pkcs8V1Der<'_> = key.as_der().ok()?;
            der.as_ref().to_vec()
        }
        // version 1 is the one that other tools read
        KeyKind::Ed25519 => Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new())
            .ok()?
            .as_ref()
            .to_vec(),
    };
    let mut pem = "-----BEGIN PRIVATE KEY-----\n".to_owned();
    for line in STANDARD.encode(der).as_bytes().chunks(PEM_LINE_CHARACTERS) {
        pem.extend(line.iter().map(|byte| char::from(*byte)));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    Some(Secret::new(pem))
}

#[cfg(unix)]
fn hold_private(file: &File) -> Result<(), KeyFileError> {
    use std::os::unix::fs::PermissionsExt as _;
    const OTHERS: u32 = 0o007;
    const GROUP_WRITES: u32 = 0o020;
    let metadata = file
        .metadata()
        .map_err(|error| KeyFileError::File(error.to_string()))?;
    let mode = metadata.permissions().mode() & 0o777;
    if metadata.is_file() && mode & (OTHERS | GROUP_WRITES) != 0 {
        return Err(KeyFileError::Exposed { mode });
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn hold_private(_: &File) -> Result<(), KeyFileError> {
    Ok(())
}

fn as_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
