//! What is followed: sources, and what their hosts ask for and give back.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use url::Url;

use crate::model::PageTemplate;

/// A row of `sources.toml`: a podcast or article feed that someone chose to follow.
#[derive(Debug, Clone)]
pub struct Source {
    /// What people call it; unique in the file, and the handle under which the store knows it.
    pub name: String,
    /// What its entries are.
    pub kind: SourceKind,
    /// Where its feed stands (`http` or `https`).
    pub feed: Url,
    /// Language of its texts (BCP 47, such as `en`), where the operator said it.
    pub language: Option<String>,
    /// Multiplies the scores of its candidates; 1 is neutral.
    pub weight: f64,
    /// Topics the operator filed it under.
    pub topics: Vec<String>,
    /// CSS selector of the article text on its pages.
    pub selector: Option<String>,
    /// CSS selector of the transcript on its episode pages, and on those that `transcript_page` names.
    pub transcript: Option<String>,
    /// Where the transcript of each episode stands, where that is a page of its own.
    pub transcript_page: Option<PageTemplate>,
    /// What its host asks for before it serves, taken from the environment.
    pub credentials: Option<Credentials>,
}

/// What the entries of a source are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// Episodes: quotable where a transcript, or notes with takeaways, can be had.
    Podcast,
    /// Articles: quotable from the feed or from the linked page.
    Article,
}

/// What a source's own host asks for before it serves. Never sent to another host.
#[derive(Clone)]
pub enum Credentials {
    /// HTTP Basic (RFC 7617).
    Basic {
        /// User name.
        user: String,
        /// Password.
        password: Secret,
    },
    /// A bearer token (RFC 6750).
    Bearer(Secret),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // the user is often somebody's address
        f.write_str(match self {
            Self::Basic { .. } => "Basic(secret)",
            Self::Bearer(_) => "Bearer(secret)",
        })
    }
}

/// A value from the environment that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What a server gave with a page to ask later whether it has changed (RFC 9110 §8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// `ETag`, quotes and all.
    pub etag: Option<String>,
    /// `Last-Modified`, as the server wrote it.
    pub last_modified: Option<String>,
}
