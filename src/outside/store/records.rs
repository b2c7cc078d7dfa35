//! What is kept beside an edition, so that it can be made again: rules, settings, and how far the shelf reached.

use jiff::civil::Date;
use rusqlite::OptionalExtension as _;
use rusqlite::params;
use serde::Deserialize;
use serde::Serialize;

use crate::model::MailWords;
use crate::model::PROGRAM_VERSION;
use crate::model::RulesText;
use crate::model::sha256_hex;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::outside::store::columns::from_date;
use crate::outside::store::columns::from_json;
use crate::outside::store::columns::to_json;
use crate::settings::Deciding;
use crate::settings::LetterheadWords;

/// What an edition was chosen by.
#[derive(Debug, Clone, PartialEq)]
pub struct EditionRecord {
    /// Version of the program.
    pub program: String,
    /// The settings that decided.
    pub settings: Deciding,
    /// The last reading that was on the shelf.
    pub readings_upto: i64,
}

/// What the words of a mail were set by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordsOrigin {
    /// Version of the program.
    pub program: String,
    /// SHA-256 of the templates in hexadecimal.
    pub templates_sha256: String,
    /// What the settings put into them.
    pub letterhead: LetterheadWords,
}

/// The words of an edition's mail as they are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptWords {
    /// The words.
    pub words: MailWords,
    /// What they were set by; none where an older program set them.
    pub origin: Option<WordsOrigin>,
}

impl Store {
    /// Keeps the texts of rules, each once.
    pub fn keep_rules(&mut self, rules: &RulesText) -> Result<(), StoreError> {
        let known = self
            .connection
            .prepare_cached("SELECT 1 FROM rules WHERE sha256 = ?1")?
            .exists([rules.sha256()])?;
        if known {
            return Ok(());
        }
        let savepoint = self.connection.savepoint()?;
        let put = |text: &str| -> Result<String, StoreError> {
            let sha256 = sha256_hex(text.as_bytes());
            savepoint
                .prepare_cached(
                    "INSERT INTO rules_text (sha256, text) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
                )?
                .execute([&sha256, text])?;
            Ok(sha256)
        };
        let built_in = put(rules.built_in())?;
        let own = rules.own().map(put).transpose()?;
        savepoint
            .prepare_cached(
                "INSERT INTO rules (sha256, built_in, own) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
            )?
            .execute(params![rules.sha256(), built_in, own])?;
        savepoint.commit()?;
        Ok(())
    }

    /// The texts of the rules with this name, if they were kept.
    pub fn rules_text(&self, sha256: &str) -> Result<Option<RulesText>, StoreError> {
        let texts = self
            .connection
            .prepare_cached(
                "SELECT b.text, o.text FROM rules r JOIN rules_text b ON b.sha256 = r.built_in
                 LEFT JOIN rules_text o ON o.sha256 = r.own WHERE r.sha256 = ?1",
            )?
            .query_row([sha256], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
            })
            .optional()?;
        let Some((built_in, own)) = texts else {
            return Ok(None);
        };
        let rules = RulesText::new(&built_in, own.as_deref());
        if rules.sha256() != sha256 {
            return Err(StoreError::Damaged {
                what: format!("rules {sha256}: their text has changed"),
            });
        }
        Ok(Some(rules))
    }

    /// Keeps what the edition of that day was chosen by, as of now: all that has been read was on the shelf. Only right after
    /// the edition was saved, in one transaction with it.
    pub fn keep_record(&mut self, date: Date, settings: &Deciding) -> Result<(), StoreError> {
        self.connection
            .prepare_cached(
                "INSERT INTO edition_record (date, program, settings, readings_upto)
                 VALUES (?1, ?2, ?3, (SELECT coalesce(max(number), 0) FROM reading))",
            )?
            .execute(params![
                from_date(date),
                PROGRAM_VERSION,
                from_json(settings)?
            ])?;
        Ok(())
    }

    /// What the edition of that day was chosen by; none where an older program chose it, or another store.
    pub fn record(&self, date: Date) -> Result<Option<EditionRecord>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT program, settings, readings_upto FROM edition_record WHERE date = ?1",
            )?
            .query_row([from_date(date)], |row| {
                Ok(EditionRecord {
                    program: row.get(0)?,
                    settings: to_json(1, &row.get::<_, String>(1)?)?,
                    readings_upto: row.get(2)?,
                })
            })
            .optional()?)
    }

    /// The words of the mail of that day's edition as they are kept, final or not.
    pub fn kept_words(&self, date: Date) -> Result<Option<KeptWords>, StoreError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT subject, text, html, placeholder, program, templates_sha256, letterhead
                 FROM mailing WHERE date = ?1",
            )?
            .query_row([from_date(date)], |row| {
                let columns: (Option<String>, Option<String>, Option<String>) =
                    (row.get(4)?, row.get(5)?, row.get(6)?);
                let origin = match columns {
                    (Some(program), Some(templates_sha256), Some(letterhead)) => {
                        Some(WordsOrigin {
                            program,
                            templates_sha256,
                            letterhead: to_json(6, &letterhead)?,
                        })
                    }
                    _ => None,
                };
                let words = MailWords {
                    subject: row.get(0)?,
                    text: row.get(1)?,
                    html: row.get(2)?,
                    placeholder: row.get(3)?,
                };
                Ok(KeptWords { words, origin })
            })
            .optional()?)
    }
}
