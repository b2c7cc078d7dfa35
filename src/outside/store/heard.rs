//! What a program heard in audio files, kept so that no file is transcribed twice.

use jiff::Timestamp;
use rusqlite::OptionalExtension as _;
use rusqlite::params;
use url::Url;

use crate::model::sha256_hex;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_timestamp;

/// Tries of one audio file; after that it counts as one that cannot be transcribed. A try takes up to an hour of all processors.
pub const HEARING_TRIES_MAX: u32 = 3;

/// What is remembered of an audio file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hearing {
    /// This was heard (WebVTT).
    Captions(String),
    /// It was tried in vain.
    Failed {
        /// How often.
        tries: u32,
        /// Why the last try failed, in a few words.
        reason: String,
    },
}

impl Store {
    /// What is remembered of the audio file at this address.
    pub fn hearing(&self, audio: &Url) -> Result<Option<Hearing>, StoreError> {
        let hearing = self
            .connection
            .prepare_cached("SELECT captions, tries, reason FROM heard WHERE audio_sha256 = ?1")?
            .query_row([key(audio)], |row| {
                let (tries, reason) = (row.get(1)?, row.get::<_, Option<String>>(2)?);
                Ok(match row.get(0)? {
                    Some(captions) => Hearing::Captions(captions),
                    None => Hearing::Failed {
                        tries,
                        reason: reason
                            .unwrap_or_else(|| "its last transcription broke off".to_owned()),
                    },
                })
            })
            .optional()?;
        Ok(hearing)
    }

    /// Writes down that a try begins. It counts, unless it is [taken back](Store::take_back_hearing).
    pub fn begin_hearing(&mut self, audio: &Url, at: Timestamp) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO heard (audio_sha256, tries, at) VALUES (?1, 1, ?2)
                 ON CONFLICT (audio_sha256) DO UPDATE SET tries = tries + 1, reason = NULL, at = excluded.at
                 WHERE captions IS NULL",
            )?
            .execute(params![key(audio), from_timestamp(at)])?;
        Ok(())
    }

    /// The try that was begun last was ended by us, and says nothing about the file.
    pub fn take_back_hearing(&mut self, audio: &Url) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE heard SET tries = tries - 1 WHERE audio_sha256 = ?1 AND captions IS NULL AND tries > 0",
            )?
            .execute([key(audio)])?;
        Ok(())
    }

    /// Why the try that was begun last failed.
    pub fn put_failed_hearing(&mut self, audio: &Url, reason: &str) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "UPDATE heard SET reason = ?2 WHERE audio_sha256 = ?1 AND captions IS NULL",
            )?
            .execute(params![key(audio), reason])?;
        Ok(())
    }

    /// What was heard (WebVTT).
    pub fn put_hearing(
        &mut self,
        audio: &Url,
        captions: &str,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO heard (audio_sha256, captions, tries, at) VALUES (?1, ?2, 1, ?3)
                 ON CONFLICT (audio_sha256) DO UPDATE SET captions = excluded.captions, reason = NULL, at = excluded.at",
            )?
            .execute(params![key(audio), captions, from_timestamp(at)])?;
        Ok(())
    }
}

/// The address may hold a token, so it is not kept.
fn key(audio: &Url) -> String {
    let mut audio = audio.clone();
    audio.set_fragment(None);
    sha256_hex(audio.as_str().as_bytes())
}
