//! The text of an entry: a transcript, a page, takeaways in the notes, or what the feed carries.

use url::Url;

use crate::model::Document;
use crate::model::Entry;
use crate::model::Source;
use crate::model::SourceKind;
use crate::model::TextOrigin;
use crate::outside::store::StoreError;
use crate::outside::web::Answer;
use crate::outside::web::Page;
use crate::outside::web::Web;
use crate::outside::web::WebError;
use crate::pipeline::gather::Wanted;
use crate::pipeline::gather::desks::Desks;
use crate::pipeline::gather::get;
use crate::pipeline::gather::hearing::Listened;
use crate::pipeline::gather::hearing::Listener;
use crate::pipeline::gather::stopwatch::Stage;
use crate::stages::extract_text::Material;
use crate::stages::extract_text::NoText;
use crate::stages::extract_text::PAGE_BYTES_MAX;
use crate::stages::extract_text::PageText;
use crate::stages::extract_text::TRANSCRIPT_BYTES_MAX;
use crate::stages::extract_text::TextKind;
use crate::stages::extract_text::canonical_link;
use crate::stages::extract_text::extract_text;
use crate::stages::extract_text::guess_kind;
use crate::stages::extract_text::transcripts_by_preference;

/// The text of an entry, or why there is none.
pub(super) enum Text {
    /// This is it.
    Found {
        document: Document,
        /// Where the entry's page stands, if it was asked for and that is elsewhere: the address that it calls its own,
        /// else where it stood after redirects.
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
pub(super) struct Texts<'a, 'l> {
    pub(super) web: &'a Web,
    pub(super) desks: &'a Desks,
    /// What turns speech into text, where there is such a thing.
    pub(super) listener: Option<&'a Listener<'l>>,
}

impl Texts<'_, '_> {
    /// The text of one entry of a source.
    pub(super) async fn of(&self, source: &Source, entry: &Entry) -> Result<Text, StoreError> {
        match source.kind {
            SourceKind::Podcast => self.text_of_episode(source, entry).await,
            // some blogs post their episodes between the articles: what such a post says are show notes
            SourceKind::Article if is_episode(entry) => self.text_of_episode(source, entry).await,
            SourceKind::Article => Ok(self.text_of_article(source, entry).await),
        }
    }

    /// A linked transcript, else one on a page of its own, else one on the episode's page, else what the operator's program
    /// hears, else the takeaways in the notes. One that may be had later is waited for.
    async fn text_of_episode(&self, source: &Source, entry: &Entry) -> Result<Text, StoreError> {
        let mut last = Text::None("no transcript, and no takeaways in the notes".to_owned());
        // a show may put its transcript there days after the episode
        let mut not_there_yet = None;
        for (url, kind, origin) in places(source, entry) {
            let own_page = matches!(kind, Kind::OwnPage);
            let text = self.fetch_text(source, &url, kind, origin).await;
            match &text {
                Text::Found { .. } => return Ok(text),
                Text::None(reason) if own_page => not_there_yet = Some(reason.clone()),
                _ => {}
            }
            last = last.or_sooner(text);
        }
        if matches!(last, Text::Later(_) | Text::Postponed(_)) {
            return Ok(last);
        }
        match self.heard(source, entry).await? {
            Some(none @ (Text::None(_) | Text::TooLarge(_))) => last = none,
            Some(text) => return Ok(text),
            None => {}
        }
        for notes in [&entry.content, &entry.summary].into_iter().flatten() {
            let own = self
                .extract_own(notes, TextKind::Notes, TextOrigin::Notes)
                .await;
            if matches!(own, Text::Found { .. }) {
                return Ok(own);
            }
        }
        Ok(not_there_yet.map_or(last, Text::Later))
    }

    /// What the operator's program hears in the audio; nothing where there is no such program, or no audio.
    async fn heard(&self, source: &Source, entry: &Entry) -> Result<Option<Text>, StoreError> {
        let Some(listener) = self.listener else {
            return Ok(None);
        };
        Ok(match listener.listen(source, entry).await? {
            None => None,
            Some(Listened::Captions(captions)) => {
                let heard = self.extract(move || {
                    let document = extract_text(&Material {
                        kind: TextKind::Vtt,
                        bytes: captions.as_bytes(),
                        content_type: Some("text/vtt; charset=utf-8"),
                        url: None,
                        selector: None,
                        origin: TextOrigin::Transcribed,
                        wanted: PageText::AnArticle,
                    })?;
                    Ok((document, None))
                });
                Some(match heard.await {
                    Text::None(reason) => Text::None(format!("what was heard: {reason}")),
                    text => text,
                })
            }
            Some(Listened::None(reason)) => Some(Text::None(reason)),
            Some(Listened::Later(reason)) => Some(Text::Later(reason)),
            Some(Listened::Postponed(reason)) => Some(Text::Postponed(reason)),
        })
    }

    /// What the operator's selector finds on the linked page, else the feed's own content unless that is a teaser, else
    /// what is found on the page.
    async fn text_of_article(&self, source: &Source, entry: &Entry) -> Text {
        if let (Some(_), Some(page)) = (&source.selector, &entry.link) {
            let selected = self.text_of_page(source, page).await;
            if !matches!(selected, Text::None(_) | Text::TooLarge(_)) {
                return selected;
            }
            let own = self.text_of_content(entry).await;
            let found = matches!(own, Text::Found { .. });
            return if found { own } else { selected };
        }
        match (self.text_of_content(entry).await, &entry.link) {
            (found @ Text::Found { .. }, _) => found,
            (_, Some(page)) => self.text_of_page(source, page).await,
            (none, None) => none,
        }
    }

    async fn text_of_page(&self, source: &Source, page: &Url) -> Text {
        self.fetch_text(source, page, Kind::ArticlePage, TextOrigin::ArticlePage)
            .await
    }

    /// The feed's content, else its summary, where that is more than a teaser.
    async fn text_of_content(&self, entry: &Entry) -> Text {
        let mut last = Text::None("no content in the feed, and no page linked".to_owned());
        for html in [&entry.content, &entry.summary].into_iter().flatten() {
            last = self
                .extract_own(html, TextKind::FeedContent, TextOrigin::FeedContent)
                .await;
            if matches!(last, Text::Found { .. }) {
                break;
            }
        }
        last
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
                wanted: PageText::AnArticle,
            })
            .map(|document| (document, None))
        })
        .await
    }

    /// What stands at an address.
    async fn fetch_text(&self, source: &Source, url: &Url, kind: Kind, origin: TextOrigin) -> Text {
        let wanted = match kind {
            Kind::Guessed { .. } => Wanted::listed(TRANSCRIPT_BYTES_MAX),
            Kind::OwnPage => Wanted::page(TRANSCRIPT_BYTES_MAX),
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
        let is_page = matches!(kind, Kind::TranscriptPage | Kind::ArticlePage);
        let asked = url.clone();
        self.extract(move || {
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
                Kind::OwnPage => match guess_kind(bytes, Some(url.path()), content_type) {
                    TextKind::TranscriptPage | TextKind::ArticlePage | TextKind::FeedContent => {
                        (TextKind::TranscriptPage, transcript.as_deref())
                    }
                    file => (file, None),
                },
                Kind::TranscriptPage => (TextKind::TranscriptPage, transcript.as_deref()),
                Kind::ArticlePage => (TextKind::ArticlePage, article.as_deref()),
            };
            let read = |kind| {
                extract_text(&Material {
                    kind,
                    bytes,
                    content_type,
                    url: Some(url),
                    selector,
                    origin,
                    wanted: PageText::AnArticle,
                })
            };
            // what a feed lists as a transcript is one, though it look like any page
            let looks_like_a_page = matches!(kind, TextKind::ArticlePage | TextKind::FeedContent);
            let document = if looks_like_a_page && !is_page {
                read(TextKind::TranscriptPage).or_else(|_| read(kind))?
            } else {
                read(kind)?
            };
            let stands = || canonical_link(bytes, content_type, url).unwrap_or_else(|| url.clone());
            let landed = is_page.then(stands).filter(|stands| *stands != asked);
            Ok((document, landed))
        })
        .await
    }

    async fn extract(
        &self,
        work: impl FnOnce() -> Result<(Document, Option<Url>), NoText> + Send + 'static,
    ) -> Text {
        match self.desks.work(Stage::ExtractText, work).await {
            Ok(Ok((document, landed))) => Text::Found { document, landed },
            Ok(Err(NoText::TooLarge { what, max })) => {
                Text::TooLarge(format!("more than {max} {what}"))
            }
            Ok(Err(no_text)) => Text::None(no_text.to_string()),
            Err(broke) => Text::None(broke.to_string()),
        }
    }
}

/// Where the transcript of an episode may stand, in the order in which it is looked for.
fn places(source: &Source, entry: &Entry) -> Vec<(Url, Kind, TextOrigin)> {
    let linked = transcripts_by_preference(&entry.transcripts, source.language.as_deref());
    let linked = linked.into_iter().map(|link| {
        let media_type = link.media_type.clone();
        let kind = Kind::Guessed { media_type };
        (link.url.clone(), kind, TextOrigin::Transcript)
    });
    let template = source.transcript_page.as_ref();
    let own_page = template.and_then(|template| template.of(entry));
    let own_page = own_page.map(|url| (url, Kind::OwnPage, TextOrigin::TranscriptPage));
    let page = entry.link.clone().filter(|_| source.transcript.is_some());
    let page = page.map(|url| (url, Kind::TranscriptPage, TextOrigin::TranscriptPage));
    linked.chain(own_page).chain(page).collect()
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
    /// The page that a show gives to the transcript of one episode, or a file in its place.
    OwnPage,
    /// An episode's page.
    TranscriptPage,
    /// An article's page.
    ArticlePage,
}
