//! JSON as feeds write it: mended where it is broken in known ways, and no more of it kept than a feed has values.

use std::cell::Cell;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Value;

/// Values that are kept of one document: a feed of 2,000 entries has about 40,000. One value takes 30 times its shortest text.
const VALUES_MAX: usize = 200_000;

/// How many values may still be kept.
pub(super) struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(VALUES_MAX))
    }
}

impl Budget {
    /// The value of a text; what does not fit the budget is left out of its lists and objects.
    pub(super) fn read(&self, text: &str) -> Result<Value, serde_json::Error> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Kept(&self.0).deserialize(&mut reader)?;
        reader.end()?;
        Ok(value)
    }
}

/// Text that is JSON where the original was not, for one of these reasons: line ends and tabs in strings, half of a pair of
/// surrogates, escapes that there are not, commas before a closing bracket.
pub(super) fn mend(text: &str) -> String {
    let mut mended = String::with_capacity(text.len() + 64);
    let mut in_string = false;
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\', ',', '\n', '\r', '\t']) {
        mended.push_str(&rest[..at]);
        let sign = &rest[at..=at];
        rest = &rest[at + 1..];
        match (sign, in_string) {
            ("\"", _) => {
                in_string = !in_string;
                mended.push('"');
            }
            ("\\", true) => rest = mend_escape(rest, &mut mended),
            ("\n", true) => mended.push_str("\\n"),
            ("\r", true) => mended.push_str("\\r"),
            ("\t", true) => mended.push_str("\\t"),
            (",", false) if closes(rest) => {}
            _ => mended.push_str(sign),
        }
    }
    mended.push_str(rest);
    mended
}

/// Where the value at the beginning of `text` ends; `None` where it does not. Only strings and brackets are looked at.
pub(super) fn end_of_value(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => depth += 1,
            b',' | b'}' | b']' if depth == 0 => return Some(at),
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn closes(text: &str) -> bool {
    // a long run of white space is looked through once only: the next comma stands behind it
    text.trim_start().starts_with([']', '}'])
}

/// Copies what follows a backslash; gives what comes after it.
fn mend_escape<'a>(after: &'a str, mended: &mut String) -> &'a str {
    let Some(kind) = after.chars().next() else {
        return after;
    };
    let rest = &after[kind.len_utf8()..];
    match kind {
        '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => {
            mended.push('\\');
            mended.push(kind);
            rest
        }
        'u' => match (
            unit(rest),
            rest.get(4..)
                .and_then(|next| unit(next.strip_prefix("\\u")?)),
        ) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => {
                mended.push_str("\\u");
                mended.push_str(&rest[..10]);
                &rest[10..]
            }
            (Some(0xd800..=0xdfff), _) => {
                mended.push(char::REPLACEMENT_CHARACTER);
                &rest[4..]
            }
            (Some(_), _) => {
                mended.push_str("\\u");
                mended.push_str(&rest[..4]);
                &rest[4..]
            }
            (None, _) => {
                mended.push_str("\\\\u");
                rest
            }
        },
        '\'' => {
            mended.push('\'');
            rest
        }
        _ => {
            mended.push_str("\\\\");
            after
        }
    }
}

/// The number of four hexadecimal digits.
fn unit(text: &str) -> Option<u16> {
    let digits = text.get(..4)?;
    let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)
}

/// A value that takes from the budget.
#[derive(Clone, Copy)]
struct Kept<'b>(&'b Cell<usize>);

impl Kept<'_> {
    fn one_more(self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

impl<'de> DeserializeSeed<'de> for Kept<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Kept<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while self.one_more() {
            let Some(value) = list.next_element_seed(self)? else {
                return Ok(Value::Array(values));
            };
            values.push(value);
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while self.one_more() {
            let Some(name) = object.next_key::<String>()? else {
                return Ok(Value::Object(values));
            };
            values.insert(name, object.next_value_seed(self)?);
        }
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Object(values))
    }
}
