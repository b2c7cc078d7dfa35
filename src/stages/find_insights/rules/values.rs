//! Single values of a file of rules: text as typed in, checked value or the reason against it out.

use regex_syntax::ParserBuilder;
use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer as _;

use crate::settings::Wrong;
use crate::settings::nearest;

/// Words to look for, perhaps with the marks for the head of a sentence and for any ending.
pub(super) fn phrase(text: &str) -> Result<String, Wrong> {
    if text
        .trim_start_matches('^')
        .trim_end_matches('*')
        .trim()
        .is_empty()
    {
        return Err(Wrong::is("is empty").instead("take it out"));
    }
    Ok(text.to_owned())
}

/// A regular expression.
pub(super) fn pattern(text: &str) -> Result<String, Wrong> {
    let pattern = with_both_quotes(text);
    let parsed = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .build()
        .parse(&pattern);
    match parsed {
        Ok(_) => Ok(pattern),
        Err(error) => {
            // the message draws the place below the pattern; its last line says what is wrong with it
            let told = error.to_string();
            let last = told.lines().last().unwrap_or_default();
            let why = last.trim_start_matches("error: ");
            Err(Wrong::is(format!("cannot be read: {why}")))
        }
    }
}

/// A straight quotation mark stands for a curly one, too.
fn with_both_quotes(pattern: &str) -> String {
    pattern.replace('\'', r"(?:'|\xE2\x80\x99)")
}

/// One of the names by which a type is read.
pub(super) fn one_of<T: DeserializeOwned>(typed: &str) -> Result<T, Wrong> {
    T::deserialize(typed.into_deserializer()).map_err(|Unknown(names)| {
        let wrong = Wrong::is("is unknown");
        match nearest(typed, names.iter().copied()) {
            Some(meant) => wrong.instead(format!("did you mean \"{meant}\"?")),
            None => wrong.instead(format!("write one of {}", names.join(", "))),
        }
    })
}

/// A name that none of a type's values has, and those they have.
#[derive(Debug)]
struct Unknown(&'static [&'static str]);

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "none of {}", self.0.join(", "))
    }
}

impl std::error::Error for Unknown {}

impl serde::de::Error for Unknown {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}
