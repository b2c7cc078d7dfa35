//! The text of an entry: a transcript, a page, takeaways in the notes, or what the feed carries.

use url::Url;

use crate::model::Document;
use crate::model::Entry;
use crate::model::Source;
use crate::model::SourceKind;
use crate::model::TextOrigin;
use crate::outside::web::Answer;
use crate::outside::web::Page;
use crate::outside::web::Web;
use crate::outside::web::WebError;
use crate::pipeline::gather::Wanted;
use crate::pipeline::gather::desks::Desks;
use crate::pipeline::gather::get;
use crate::stages::extract_text::Material;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::PAGE_BYTES_MAX;
use crate::stages::extract_text::TRANSCRIPT_BYTES_MAX;
use crate::stages::extract_text::TextKind;
use crate::stages::extract_text::extract_text;
use crate::stages::extract_text::guess_kind;
use crate::stages::extract_text::transcripts_by_preference;

/// The text of an entry, or why there is none.
pub(super) enum Text {
    /// This is it.
    Found {
        document: Document,
        /// Where the entry's page stood after redirects, if it was asked for and that is elsewhere.
        landed: Option<Url>,
    },
    /// There is none that may be quoted.
    None(String),
    /// There is one, and it is larger than what is read: more than so much.
    TooLarge(String),
    /// It could not be fetched; the next run tries again.
    Later(String),
    /// It was not tried in this run, for a reason that other entries may share; a later run tries as if this one had not been.
    Postponed(String),
}

impl Text {
    /// Of two ways in vain the one that leaves more hope: what may be there tomorrow is not given up for what is not there.
    fn or_sooner(self, next: Self) -> Self {
        match (self, next) {
            (_, found @ Self::Found { .. }) => found,
            (later @ Self::Later(_), _)
            | (later @ Self::Postponed(_), Self::None(_) | Self::TooLarge(_)) => later,
            (_, next) => next,
        }
    }
}

/// Where the texts of entries are looked for.
pub(super) struct Texts<'a> {
    pub(super) web: &'a Web,
    pub(super) desks: &'a Desks,
}

impl Texts<'_> {
    /// The text of one entry of a source.
    pub(super) async fn of(&self, source: &Source, entry: &Entry) -> Text {
        match source.kind {
            SourceKind::Podcast => self.text_of_episode(source, entry).await,
            // some blogs post their episodes between the articles: what such a post says are show notes
            SourceKind::Article if is_episode(entry) => self.text_of_episode(source, entry).await,
            SourceKind::Article => self.text_of_article(source, entry).await,
        }
    }

    /// A linked transcript, else one on the episode's page, else the takeaways in the notes.
    async fn text_of_episode(&self, source: &Source, entry: &Entry) -> Text {
        let mut last = Text::None("no transcript, and no takeaways in the notes".to_owned());
        for link in transcripts_by_preference(&entry.transcripts) {
            let kind = Kind::Guessed {
                media_type: link.media_type.clone(),
            };
            match self
                .fetch_text(source, &link.url, kind, TextOrigin::Transcript)
                .await
            {
                found @ Text::Found { .. } => return found,
                none => last = last.or_sooner(none),
            }
        }
        if let (Some(_), Some(page)) = (&source.transcript, &entry.link) {
            match self
                .fetch_text(
                    source,
                    page,
                    Kind::TranscriptPage,
                    TextOrigin::TranscriptPage,
                )
                .await
            {
                found @ Text::Found { .. } => return found,
                none => last = last.or_sooner(none),
            }
        }
        if matches!(last, Text::Later(_) | Text::Postponed(_)) {
            return last;
        }
        for notes in [&entry.content, &entry.summary].into_iter().flatten() {
            let own = self
                .extract_own(notes, TextKind::Notes, TextOrigin::Notes)
                .await;
            if matches!(own, Text::Found { .. }) {
                return own;
            }
        }
        last
    }

    /// The feed's own content unless that is a teaser, else the linked page.
    async fn text_of_article(&self, source: &Source, entry: &Entry) -> Text {
        let own = match entry.content.as_deref().or(entry.summary.as_deref()) {
            Some(html) => {
                self.extract_own(html, TextKind::FeedContent, TextOrigin::FeedContent)
                    .await
            }
            None => Text::None("no content in the feed, and no page linked".to_owned()),
        };
        match (own, &entry.link) {
            (found @ Text::Found { .. }, _) => found,
            (_, Some(page)) => {
                self.fetch_text(source, page, Kind::ArticlePage, TextOrigin::ArticlePage)
                    .await
            }
            (none, None) => none,
        }
    }

    /// What a feed carries itself.
    async fn extract_own(&self, html: &str, kind: TextKind, origin: TextOrigin) -> Text {
        let bytes = html.as_bytes().to_vec();
        self.extract(move || {
            let content_type = Some("text/html; charset=utf-8");
            extract_text(&Material {
                kind,
                bytes: &bytes,
                content_type,
                url: None,
                selector: None,
                origin,
            })
        })
        .await
    }

    /// What stands at an address.
    async fn fetch_text(&self, source: &Source, url: &Url, kind: Kind, origin: TextOrigin) -> Text {
        let wanted = match kind {
            Kind::Guessed { .. } => Wanted::listed(TRANSCRIPT_BYTES_MAX),
            Kind::TranscriptPage | Kind::ArticlePage => Wanted::page(PAGE_BYTES_MAX),
        };
        let page = match get(self.web, source, url, wanted).await {
            Ok(Answer::Page(page)) => page,
            Ok(Answer::Unchanged { .. }) => {
                return Text::Later("the server says unchanged, unasked".to_owned());
            }
            Err(error @ (WebError::LeftAlone { .. } | WebError::Silent { .. })) => {
                return Text::Postponed(format!("left for later: {error}"));
            }
            Err(WebError::TooLarge { bytes_max, .. }) => {
                return Text::TooLarge(format!("more than {bytes_max} bytes"));
            }
            Err(error) if error.may_pass() => return Text::Later(error.to_string()),
            Err(error) => return Text::None(error.to_string()),
        };
        let (article, transcript) = (source.selector.clone(), source.transcript.clone());
        let is_page = !matches!(kind, Kind::Guessed { .. });
        let elsewhere = (is_page && page.url != *url).then(|| page.url.clone());
        let text = self.extract(move || {
            let Page {
                url,
                content_type,
                bytes,
                ..
            } = &page;
            let content_type = content_type.as_deref();
            let (kind, selector) = match &kind {
                Kind::Guessed { media_type } => (
                    guess_kind(
                        bytes,
                        Some(url.path()),
                        media_type.as_deref().or(content_type),
                    ),
                    None,
                ),
                Kind::TranscriptPage => (TextKind::TranscriptPage, transcript.as_deref()),
                Kind::ArticlePage => (TextKind::ArticlePage, article.as_deref()),
            };
            extract_text(&Material {
                kind,
                bytes,
                content_type,
                url: Some(url),
                selector,
                origin,
            })
        });
        match text.await {
            Text::Found { document, .. } => Text::Found {
                document,
                landed: elsewhere,
            },
            none => none,
        }
    }

    async fn extract(
        &self,
        work: impl FnOnce() -> Result<Document, NoText> + Send + 'static,
    ) -> Text {
        match self.desks.work(work).await {
            Ok(Ok(document)) => Text::Found {
                document,
                landed: None,
            },
            Ok(Err(NoText::TooLarge { what, max })) => {
                Text::TooLarge(format!("more than {max} {what}"))
            }
            Ok(Err(no_text)) => Text::None(no_text.to_string()),
            Err(broke) => Text::None(broke.to_string()),
        }
    }
}

fn is_episode(entry: &Entry) -> bool {
    let media_type = entry
        .enclosure
        .as_ref()
        .and_then(|file| file.media_type.as_deref());
    media_type.is_some_and(|media_type| {
        media_type.starts_with("audio/") || media_type.starts_with("video/")
    })
}

/// What is expected at an address.
enum Kind {
    /// A transcript of some format.
    Guessed { media_type: Option<String> },
    /// An episode's page.
    TranscriptPage,
    /// An article's page.
    ArticlePage,
}
