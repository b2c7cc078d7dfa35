//! A start tag, and the addresses in it.

use std::borrow::Cow;

use quick_xml::events::attributes::Attributes;
use url::Url;

use crate::stages::read_feed::namespaces::Space;
use crate::stages::read_feed::words::Entities;

/// Addresses longer than this are not read; browsers stop at about the same length.
const ADDRESS_BYTES_MAX: usize = 8 << 10;

/// What the reading of a tag needs to know of the place where it stands.
pub(super) struct Surroundings<'r> {
    pub(super) entities: &'r Entities,
    /// What relative addresses are relative to.
    pub(super) base: Option<&'r Url>,
}

/// A start tag as the document writes it.
pub(super) struct Tag<'a> {
    /// Name with its prefix.
    pub(super) name: &'a str,
    /// Prefix without the colon; empty where there is none.
    pub(super) prefix: &'a str,
    /// Name without its prefix, in the letters of the document.
    pub(super) local: &'a str,
    /// Name without its prefix in lower case: feeds get `pubDate` wrong in every way.
    pub(super) known_as: Cow<'a, str>,
    /// What follows the name.
    pub(super) attributes: &'a str,
    /// Vocabulary of the element; settled when its own declarations are known.
    pub(super) space: Space,
}

impl<'a> Tag<'a> {
    /// `inside` is what stands between the brackets.
    pub(super) fn new(inside: &'a str) -> Self {
        let ends_name = |c: char| c.is_ascii_whitespace() || c == '/';
        let (name, attributes) = inside.split_at(inside.find(ends_name).unwrap_or(inside.len()));
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let known_as = if local.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(local.to_ascii_lowercase())
        } else {
            Cow::Borrowed(local)
        };
        Self {
            name,
            prefix,
            local,
            known_as,
            attributes,
            space: Space::Unknown,
        }
    }

    /// Attributes with their values as written; quotes may be missing.
    pub(super) fn each_attribute(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> + use<'a> {
        /// The element with most attributes, `media:content`, has 15.
        const ATTRIBUTES_MAX: usize = 64;
        let mut attributes = Attributes::html(self.attributes, 0);
        attributes.with_checks(false);
        let readable = attributes.take(ATTRIBUTES_MAX).filter_map(Result::ok);
        readable.map(|attribute| (attribute.key.0, attribute.value))
    }

    /// The value of the attribute with this name, whatever its prefix and case; `None` where it is empty.
    pub(super) fn attribute(&self, name: &str, entities: &Entities) -> Option<Cow<'a, str>> {
        if self.attributes.is_empty() {
            return None;
        }
        let mut named = self.each_attribute().filter(|(key, _)| {
            let local = key.rsplit(':').next().unwrap_or(key);
            local.eq_ignore_ascii_case(name)
        });
        let (_, value) = named.next()?;
        let value = entities.decode_cow(value);
        let trimmed = value.trim();
        if trimmed.is_empty() {
            return None;
        }
        if trimmed.len() == value.len() {
            return Some(value);
        }
        Some(Cow::Owned(trimmed.to_owned()))
    }

    /// An address in an attribute.
    pub(super) fn address(&self, name: &str, around: &Surroundings<'_>) -> Option<Url> {
        resolve(&self.attribute(name, around.entities)?, around.base)
    }
}

/// An address on the web, relative ones taken from `base` (RFC 3986 §5). Other schemes lead nowhere a reader could go.
pub(super) fn resolve(address: &str, base: Option<&Url>) -> Option<Url> {
    let address = address.trim();
    if address.is_empty() || address.len() > ADDRESS_BYTES_MAX {
        return None;
    }
    let url = Url::options().base_url(base).parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}
