//! `robots.txt`: what a site asks programs to leave alone (RFC 9309).

use std::fmt::Write as _;

/// Bytes of a file that are read, which is what the standard wants at least (RFC 9309 §2.5).
pub(super) const BYTES_MAX: usize = 500 << 10;

/// Rules kept of a file: one with more is no list that a person wrote.
const RULES_MAX: usize = 5_000;

/// What one site asks of us.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Robots {
    rules: Vec<Rule>,
}

/// A path that is left alone, or one that is not.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allow: bool,
    pattern: String,
}

impl Robots {
    /// What a file says to `name` or, where it has no group for that, to everybody (RFC 9309 §2.2.1). Bytes that are no text
    /// and lines that are no rules are passed over.
    pub(super) fn read(bytes: &[u8], name: &str) -> Self {
        // a line that is cut off may forbid more than it would have
        let whole = match bytes.get(..BYTES_MAX) {
            Some(head) => {
                let end = head.iter().rposition(|byte| matches!(byte, b'\n' | b'\r'));
                &head[..end.unwrap_or(0)]
            }
            None => bytes,
        };
        let text = String::from_utf8_lossy(whole);
        let (mut own, mut all): (Option<Vec<Rule>>, Vec<Rule>) = (None, Vec::new());
        // agents in a row begin a group together; the first rule after them ends the list of its agents
        let (mut ours, mut everybodys, mut naming) = (false, false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((field, value)) = line.split_once(':') else {
                continue;
            };
            let value = value.trim();
            let allow = match field.trim().to_ascii_lowercase().as_str() {
                "user-agent" => {
                    if !naming {
                        (ours, everybodys, naming) = (false, false, true);
                    }
                    everybodys |= value == "*";
                    if product(value).eq_ignore_ascii_case(name) {
                        ours = true;
                        own.get_or_insert_default();
                    }
                    continue;
                }
                "allow" => true,
                "disallow" => false,
                _ => continue,
            };
            naming = false;
            let rule = || Rule {
                allow,
                pattern: encoded(value),
            };
            // an empty path is no path: "Disallow:" forbids nothing
            if value.is_empty() {
                continue;
            }
            if let Some(own) = own.as_mut().filter(|own| ours && own.len() < RULES_MAX) {
                own.push(rule());
            }
            if everybodys && all.len() < RULES_MAX {
                all.push(rule());
            }
        }
        Self {
            rules: own.unwrap_or(all),
        }
    }

    /// Whether a path, with its query, may be asked for: the longest rule that fits decides, and of equals the one that
    /// allows (RFC 9309 §2.2.2).
    pub(super) fn allow(&self, path_and_query: &str) -> bool {
        let path = encoded(path_and_query);
        let fitting = self.rules.iter().filter(|rule| fits(&rule.pattern, &path));
        fitting
            .max_by_key(|rule| (rule.pattern.len(), rule.allow))
            .is_none_or(|rule| rule.allow)
    }
}

/// The name in a `User-agent` line, without a version.
fn product(value: &str) -> &str {
    let end = value.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'));
    &value[..end.unwrap_or(value.len())]
}

/// A path in which each octet beyond ASCII stands as `%` and two capital digits, and none that needs it not.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let bytes = path.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |offset: usize| char::from(*bytes.get(at + offset)?).to_digit(16);
        let escaped = (byte == b'%')
            .then(|| Some(hex(1)? * 16 + hex(2)?))
            .flatten()
            .and_then(|code| u8::try_from(code).ok());
        at += if escaped.is_some() { 3 } else { 1 };
        let (octet, as_it_is) = match escaped {
            Some(code) => (code, is_unreserved(code)),
            None => (byte, byte.is_ascii_graphic()),
        };
        if as_it_is {
            out.push(char::from(octet));
        } else {
            let _ = write!(out, "%{octet:02X}"); // writing to a String cannot fail
        }
    }
    out
}

/// RFC 3986 §2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Whether a path begins as a pattern says, in which `*` stands for anything and `$` at the end for the end. Takes time in
/// proportion to the product of both, whatever they are.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = path.strip_prefix(first) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return !to_the_end || rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() && to_the_end {
            return rest.ends_with(part);
        }
        // the earliest place leaves the most for what follows
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    true
}
