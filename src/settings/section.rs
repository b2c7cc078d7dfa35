//! One table of the file: its keys taken out with their types checked, and the sentence where they are wrong.

use std::ops::RangeInclusive;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::settings::problems::Notebook;
use crate::settings::shape::Shape;

/// How many letters of a key may be mistyped for it to be recognised.
const TYPOS_MAX: usize = 2;

/// Most characters of a word that is compared with others or repeated: the longest real key has 14, the longest time
/// zone 32.
const WORD_CHARS_MAX: usize = 40;

/// A table of the file, with the keys it may have.
pub(crate) struct Section<'a> {
    shape: &'static Shape,
    label: String,
    at: usize,
    table: &'a DeTable<'a>,
    notebook: &'a Notebook<'a>,
}

/// Why a value will not do, and what will.
#[derive(Debug)]
pub(crate) struct Wrong {
    what: String,
    instead: Option<String>,
}

impl Wrong {
    /// What is wrong, to follow the key: `is not a URL`. The key's example says what to write.
    pub(crate) fn is(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            instead: None,
        }
    }

    /// A value of another type than the one `wanted`.
    fn type_of(value: &DeValue<'_>, wanted: &str) -> Self {
        let found = type_in_words(value);
        Self::is(format!("is {found}, where {wanted} is wanted"))
    }

    /// What to do, where the key's example would not say it.
    pub(crate) fn instead(self, instead: impl Into<String>) -> Self {
        Self {
            instead: Some(instead.into()),
            ..self
        }
    }
}

impl<'a> Section<'a> {
    /// Opens a table that begins at the byte `at`; `label` goes before each problem. Unknown keys are told here.
    pub(crate) fn open(
        shape: &'static Shape,
        label: String,
        at: usize,
        table: &'a DeTable<'a>,
        notebook: &'a Notebook<'a>,
    ) -> Self {
        let section = Self {
            shape,
            label,
            at,
            table,
            notebook,
        };
        for (key, _) in table {
            if !shape.has(key.get_ref()) {
                let text = section.unknown(key.get_ref());
                notebook.doubtful(Some(key.span().start), text);
            }
        }
        section
    }

    /// Where the table begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// What goes before each problem of the table.
    pub(crate) fn label(&self) -> &str {
        &self.label
    }

    /// Where the value of `key` stands, whatever it is.
    pub(crate) fn place(&self, key: &str) -> Option<usize> {
        self.table.get(key).map(|value| value.span().start)
    }

    /// The value of `key`, whatever it is.
    pub(crate) fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// The table that stands under `key`.
    pub(crate) fn table(&self, key: &str, shape: &'static Shape) -> Option<Section<'a>> {
        let value = self.table.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.wrong(
                key,
                Wrong::is("is not a table").instead(format!(
                    "write what belongs to it below a line {}",
                    shape.header
                )),
            );
            return None;
        };
        let label = format!("{} ", shape.header);
        let at = value.span().start;
        Some(Section::open(shape, label, at, table, self.notebook))
    }

    /// The rows that stand under `key`, such as `[[source]]`.
    pub(crate) fn rows(&self, key: &str) -> &'a [Spanned<DeValue<'a>>] {
        let header = self.shape.example(key);
        let wrong = match self.table.get(key).map(Spanned::get_ref) {
            None => return &[],
            Some(DeValue::Array(rows)) if rows.is_empty() => Wrong::is("is an empty list")
                .instead(format!("write a {header} row in place of it")),
            Some(DeValue::Array(rows)) => return rows,
            Some(DeValue::Table(_)) => Wrong::is("is one table, not a row")
                .instead(format!("write {header}, with two brackets on each side")),
            Some(_) => {
                Wrong::is("is not a row").instead(format!("write a {header} row for each {key}"))
            }
        };
        self.wrong(key, wrong);
        &[]
    }

    /// A text, as typed.
    pub(crate) fn text(&self, key: &str) -> Option<&'a str> {
        let value = self.table.get(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.mistyped(key, value, "text");
        }
        text
    }

    /// A text that `parse` makes something of.
    pub(crate) fn read<T>(
        &self,
        key: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let text = self.text(key)?;
        match parse(text) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(key, wrong);
                None
            }
        }
    }

    /// A list of texts, each of which `parse` makes something of; what it refuses is left out.
    pub(crate) fn read_list<T>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Vec<T> {
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.mistyped(key, value, "a list");
            return Vec::new();
        };
        let mut read = Vec::new();
        for item in items {
            let parsed = match item.get_ref().as_str() {
                Some(text) => parse(text),
                None => Err(Wrong::type_of(item.get_ref(), "text")),
            };
            match parsed {
                Ok(value) => read.push(value),
                Err(wrong) => {
                    let wrong = Wrong {
                        what: format!("has an entry that {}", wrong.what),
                        ..wrong
                    };
                    self.wrong_at(item.span().start, key, wrong);
                }
            }
        }
        read
    }

    /// A whole number inside a range.
    pub(crate) fn whole_number(&self, key: &str, range: &RangeInclusive<usize>) -> Option<usize> {
        let value = self.table.get(key)?;
        let Some(number) = value.get_ref().as_integer() else {
            self.mistyped(key, value, "a whole number");
            return None;
        };
        let number = usize::from_str_radix(number.as_str(), number.radix())
            .ok()
            .filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            self.wrong(
                key,
                Wrong::is(format!("is not a whole number from {least} to {most}")),
            );
        }
        number
    }

    /// A number with or without a decimal point, which `allowed` lets through; `wanted` says which those are.
    pub(crate) fn number(
        &self,
        key: &str,
        allowed: impl FnOnce(f64) -> bool,
        wanted: &str,
    ) -> Option<f64> {
        let value = self.table.get(key)?;
        let number: Option<f64> = match value.get_ref() {
            DeValue::Float(float) => float.as_str().parse().ok(),
            DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
            _ => {
                self.mistyped(key, value, "a number");
                return None;
            }
        };
        let number = number.filter(|number| allowed(*number));
        if number.is_none() {
            self.wrong(key, Wrong::is(format!("is not {wanted}")));
        }
        number
    }

    /// `true` or `false`.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let value = self.table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.mistyped(key, value, "true or false");
        }
        flag
    }

    /// Says why the value of `key` will not do.
    pub(crate) fn wrong(&self, key: &str, wrong: Wrong) {
        let at = self.place(key).unwrap_or(self.at);
        self.wrong_at(at, key, wrong);
    }

    /// Says that the value of `key` is not of the type that is `wanted`.
    pub(crate) fn mistyped(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let wrong = Wrong::type_of(value.get_ref(), wanted);
        self.wrong_at(value.span().start, key, wrong);
    }

    /// Says that `key` must be given; `because` follows the key.
    pub(crate) fn missing(&self, key: &str, because: &str) {
        let (label, example) = (&self.label, self.shape.example(key));
        self.notebook.doubtful(
            Some(self.at),
            format!("{label}{key} {because}; write {key} = {example}"),
        );
    }

    /// Says what the table lacks, where that is not one key.
    pub(crate) fn lacks(&self, text: &str) {
        let label = &self.label;
        self.notebook
            .doubtful(Some(self.at), format!("{label}{text}"));
    }

    /// Says that `key` goes with other keys than there are.
    pub(crate) fn out_of_place(&self, key: &str, home: &str) {
        self.wrong(
            key,
            Wrong::is(format!("goes with {home}")).instead("take it out"),
        );
    }

    /// Whether no other of the keys it may have stands in the table.
    pub(crate) fn has_only(&self, keys: &[&str]) -> bool {
        self.shape
            .keys
            .iter()
            .all(|(key, _)| keys.contains(key) || self.place(key).is_none())
    }

    fn wrong_at(&self, at: usize, key: &str, wrong: Wrong) {
        let label = &self.label;
        let what = wrong.what;
        let instead = wrong
            .instead
            .unwrap_or_else(|| format!("write {key} = {}", self.shape.example(key)));
        self.notebook
            .wrong(at, format!("{label}{key} {what}; {instead}"));
    }

    fn unknown(&self, key: &str) -> String {
        let shown: String = key.escape_debug().take(WORD_CHARS_MAX).collect();
        let label = &self.label;
        let what = format!("{label}there is no key \"{shown}\"");
        if (key, self.shape.header) == ("url", "[[source]]") {
            return format!("{what}; did you mean \"feed\"?");
        }
        if let Some(home) = self
            .notebook
            .tables()
            .iter()
            .find(|table| table.has(key))
            .map(|table| table.header)
        {
            return format!("{label}\"{shown}\" does not belong here; write it under {home}");
        }
        if let Some(meant) = nearest(key, self.shape.keys.iter().map(|(name, _)| *name)) {
            return format!("{what}; did you mean \"{meant}\"?");
        }
        if ["password", "token", "secret"]
            .iter()
            .any(|word| key.to_ascii_lowercase().contains(word))
        {
            let instead = if self.shape.header == "[mail]" {
                "set the environment variable TAKEFIVE_SMTP_PASSWORD"
            } else {
                "name an environment variable: credentials = { user = \"ann\", password_env = \"SHOW_PASSWORD\" }"
            };
            return format!("{what}, and secrets never stand in this file; {instead}");
        }
        if self.shape.header == "[mail.dkim]" && key.to_ascii_lowercase().contains("key") {
            return format!(
                "{what}, and the key itself never stands in this file; write key_file = {}, or set the environment \
                 variable TAKEFIVE_DKIM_KEY",
                self.shape.example("key_file")
            );
        }
        let keys: Vec<&str> = self.shape.keys.iter().map(|(name, _)| *name).collect();
        format!("{what}; the keys here are {}", keys.join(", "))
    }
}

/// The one of `words` that `typed` was meant to be, if any is near enough.
pub(crate) fn nearest<'w>(typed: &str, words: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    // the comparison takes time and memory by the product of both lengths
    if typed.len() > WORD_CHARS_MAX {
        return None;
    }
    let typed = typed.to_lowercase();
    words
        .map(|word| {
            let typos = strsim::damerau_levenshtein(&typed, &word.to_lowercase());
            (typos, word)
        })
        // in a short word two wrong letters are another word
        .filter(|(typos, word)| *typos <= TYPOS_MAX && typos * 3 <= word.len())
        .min_by_key(|(typos, _)| *typos)
        .map(|(_, word)| word)
}

fn type_in_words(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a decimal number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
