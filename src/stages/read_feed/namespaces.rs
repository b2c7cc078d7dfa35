//! Which vocabulary an element belongs to: namespaces as feeds really declare them.

/// A vocabulary that the reader knows something of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS of any version, RDF, Atom of any version, and elements without a namespace: their names do not collide.
    Feed,
    /// `content:encoded`
    Content,
    /// Dublin Core elements and terms.
    DublinCore,
    /// iTunes and Google Play tags.
    Itunes,
    /// The podcast namespace.
    Podcast,
    /// Podlove Simple Chapters.
    Chapters,
    /// Media RSS.
    Media,
    /// HTML inside a feed.
    Xhtml,
    /// Anything else.
    Unknown,
}

/// What prefixes stand for at the place the reader has come to.
#[derive(Default)]
pub(super) struct Namespaces<'a> {
    bound: Vec<Binding<'a>>,
}

struct Binding<'a> {
    depth: usize,
    prefix: &'a str,
    space: Space,
}

impl<'a> Namespaces<'a> {
    /// Declarations in force at one place; a feed with every known extension has about 30.
    const BOUND_MAX: usize = 100;

    /// Notes `xmlns:prefix="uri"` (an empty prefix for `xmlns`) of an element at `depth`, the root being 1.
    pub(super) fn declare(&mut self, depth: usize, prefix: &'a str, uri: &str) {
        let known = space_of(uri);
        let space = match known {
            // whatever a root calls its own vocabulary: that it is a feed is decided by its name
            Space::Unknown if prefix.is_empty() && depth == 1 => Space::Feed,
            _ => known,
        };
        if self.bound.len() < Self::BOUND_MAX {
            self.bound.push(Binding {
                depth,
                prefix,
                space,
            });
        }
    }

    /// Forgets the declarations of elements deeper than `depth`.
    pub(super) fn leave(&mut self, depth: usize) {
        while self
            .bound
            .last()
            .is_some_and(|binding| binding.depth > depth)
        {
            self.bound.pop();
        }
    }

    /// The vocabulary of a prefix; one that is not declared is taken for what it usually stands for.
    pub(super) fn resolve(&self, prefix: &str) -> Space {
        let bound = self
            .bound
            .iter()
            .rev()
            .find(|binding| binding.prefix == prefix);
        bound.map_or_else(|| usual(prefix), |binding| binding.space)
    }
}

fn usual(prefix: &str) -> Space {
    match prefix.to_ascii_lowercase().as_str() {
        "" | "rss" | "atom" | "rdf" => Space::Feed,
        "content" => Space::Content,
        "dc" | "dcterms" => Space::DublinCore,
        "itunes" | "googleplay" => Space::Itunes,
        "podcast" => Space::Podcast,
        "psc" | "sc" => Space::Chapters,
        "media" => Space::Media,
        "xhtml" => Space::Xhtml,
        _ => Space::Unknown,
    }
}

/// The vocabulary of a namespace name; case, scheme and a closing slash are often wrong and never meant.
fn space_of(uri: &str) -> Space {
    let lower = uri.trim().to_ascii_lowercase();
    let name = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    let name = name.unwrap_or(&lower).trim_end_matches(['/', '#']);
    match name {
        ""
        | "backend.userland.com/rss"
        | "backend.userland.com/rss2"
        | "backend.userland.com/rss091"
        | "blogs.law.harvard.edu/tech/rss"
        | "cyber.law.harvard.edu/rss/rss.html"
        | "purl.org/rss/1.0"
        | "purl.org/net/rss1.1"
        | "channel.netscape.com/rdf/simple/0.9"
        | "my.netscape.com/rdf/simple/0.9"
        | "my.netscape.com/publish/formats/rss-0.91.dtd"
        | "www.w3.org/1999/02/22-rdf-syntax-ns"
        | "www.w3.org/2005/atom"
        | "purl.org/atom/ns" => Space::Feed,
        "purl.org/rss/1.0/modules/content" => Space::Content,
        "purl.org/dc/elements/1.0" | "purl.org/dc/elements/1.1" | "purl.org/dc/terms" => {
            Space::DublinCore
        }
        "www.itunes.com/dtds/podcast-1.0.dtd"
        | "itunes.com/dtds/podcast-1.0.dtd"
        | "www.google.com/schemas/play-podcasts/1.0"
        | "www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd" => Space::Itunes,
        "search.yahoo.com/mrss" | "tools.search.yahoo.com/mrss" | "video.search.yahoo.com/mrss" => {
            Space::Media
        }
        "www.w3.org/1999/xhtml" => Space::Xhtml,
        // the specification moved from one domain to the other, and feeds use both
        "podlove.org/simple-chapters"
        | "podlove.de/simple-chapters"
        | "www.podlove.org/simple-chapters"
        | "www.podlove.de/simple-chapters" => Space::Chapters,
        _ if name.starts_with("podcastindex.org/namespace")
            || name.starts_with("www.podcastindex.org/namespace")
            || name.starts_with("github.com/podcastindex-org/podcast-namespace") =>
        {
            Space::Podcast
        }
        // "Atom" has been written in many ways before and after it had a name
        _ if name.starts_with("purl.org/atom/") || name.ends_with("w3.org/2005/atom") => {
            Space::Feed
        }
        _ => Space::Unknown,
    }
}
