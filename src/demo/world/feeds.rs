//! The entries of a show in, the bytes of its feed out.

use serde_json::json;

use crate::demo::world::markup::escape;
use crate::demo::world::script::Script;
use crate::demo::world::shows::Form;
use crate::demo::world::shows::Show;
use crate::model::SourceKind;

/// Bytes that the enclosures claim to have; no audio is served.
const ENCLOSURE_BYTES: u32 = 24_000_000;

/// Media type and bytes of a show's feed with these entries, newest first.
pub(super) fn feed(show: &Show, scripts: &[&Script], base: &str) -> (&'static str, Vec<u8>) {
    match show.form {
        Form::Atom => (
            "application/atom+xml; charset=utf-8",
            atom(show, scripts, base).into_bytes(),
        ),
        Form::JsonFeed => (
            "application/feed+json",
            json_feed(show, scripts, base).into_bytes(),
        ),
        // what the encoding is, only the XML declaration says
        Form::RssLatin1 => (
            "application/rss+xml",
            latin1(&rss(show, scripts, base, "ISO-8859-1")),
        ),
        _ => (
            "application/rss+xml; charset=utf-8",
            rss(show, scripts, base, "UTF-8").into_bytes(),
        ),
    }
}

/// RSS 2.0, with the namespaces that podcasts and blogs use.
fn rss(show: &Show, scripts: &[&Script], base: &str, encoding: &str) -> String {
    let items: String = scripts
        .iter()
        .map(|script| rss_item(show, script, base))
        .collect();
    format!(
        r#"<?xml version="1.0" encoding="{encoding}"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"
  xmlns:podcast="https://podcastindex.org/namespace/1.0">
<channel>
<title>{}</title>
<link>{base}/{}/</link>
<description>{}</description>
<language>en-gb</language>
{items}</channel>
</rss>
"#,
        escape(show.name),
        show.slug,
        escape(show.about),
    )
}

fn rss_item(show: &Show, script: &Script, base: &str) -> String {
    let page = format!("{base}/{}/{}", show.slug, script.slug);
    let title = escape(&script.title);
    let date = script.published.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let mut tags = vec![format!(
        "<item>\n<title>{title}</title>\n<link>{page}</link>\n<guid isPermaLink=\"false\">{}</guid>\n\
         <pubDate>{date}</pubDate>\n<description>{}</description>\n",
        guid(show, script),
        escape(&script.notes)
    )];
    if let Some(author) = &script.author {
        tags.push(format!("<dc:creator>{}</dc:creator>\n", escape(author)));
    }
    if let (Form::RssLatin1, Some(article)) = (show.form, script.article()) {
        let article = escape(article);
        tags.push(format!("<content:encoded>{article}</content:encoded>\n"));
    }
    if show.kind() == SourceKind::Podcast {
        tags.push(format!(
            "<enclosure url=\"{page}.mp3\" length=\"{ENCLOSURE_BYTES}\" type=\"audio/mpeg\"/>\n"
        ));
        tags.extend(podcast_tags(show, script, &page));
    }
    tags.push("</item>\n".to_owned());
    tags.concat()
}

/// What the podcast namespaces add to an episode.
fn podcast_tags(show: &Show, script: &Script, page: &str) -> Vec<String> {
    let person = |(name, role): &(String, String)| {
        format!(
            "<podcast:person role=\"{}\">{}</podcast:person>\n",
            escape(role),
            escape(name)
        )
    };
    let mut tags: Vec<String> = script.people.iter().map(person).collect();
    let Some(conversation) = script.conversation() else {
        return tags;
    };
    tags.push(format!(
        "<itunes:duration>{:.0}</itunes:duration>\n",
        conversation.seconds()
    ));
    if let Some((ending, media_type)) = show.transcript_type() {
        tags.push(format!(
            "<podcast:transcript url=\"{page}.{ending}\" type=\"{media_type}\" language=\"en\"/>\n"
        ));
    }
    if !conversation.chapters().is_empty() {
        tags.push(format!(
            "<podcast:chapters url=\"{page}.chapters.json\" type=\"application/json+chapters\"/>\n"
        ));
    }
    if let Some(words) = &script.clip
        && let Some((start, length)) = conversation.clip(words)
    {
        tags.push(format!(
            "<podcast:soundbite startTime=\"{start:.1}\" duration=\"{length:.1}\">{}</podcast:soundbite>\n",
            escape(words)
        ));
    }
    tags
}

/// Atom (RFC 4287) with full content.
fn atom(show: &Show, scripts: &[&Script], base: &str) -> String {
    let updated = scripts
        .first()
        .map_or_else(String::new, |script| script.published.to_string());
    let entries: String = scripts
        .iter()
        .map(|script| {
            format!(
                "<entry>\n<id>{}</id>\n<title>{}</title>\n<link rel=\"alternate\" href=\"{base}/{}/{}\"/>\n\
                 <published>{published}</published>\n<updated>{published}</updated>\n<author><name>{}</name></author>\n\
                 <summary type=\"html\">{}</summary>\n<content type=\"html\">{}</content>\n</entry>\n",
                guid(show, script),
                escape(&script.title),
                show.slug,
                script.slug,
                escape(script.author.as_deref().unwrap_or(show.name)),
                escape(&script.notes),
                escape(script.article().unwrap_or_default()),
                published = script.published,
            )
        })
        .collect::<Vec<_>>()
        .concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en-GB\">\n\
         <id>tag:takefive.example,2026:{slug}</id>\n<title>{}</title>\n<subtitle>{}</subtitle>\n\
         <link rel=\"alternate\" href=\"{base}/{slug}/\"/>\n<updated>{updated}</updated>\n{entries}</feed>\n",
        escape(show.name),
        escape(show.about),
        slug = show.slug,
    )
}

/// JSON Feed 1.1 with full content.
fn json_feed(show: &Show, scripts: &[&Script], base: &str) -> String {
    let items: Vec<_> = scripts
        .iter()
        .map(|script| {
            json!({
                "id": guid(show, script),
                "url": format!("{base}/{}/{}", show.slug, script.slug),
                "title": script.title,
                "date_published": script.published.to_string(),
                "authors": [{"name": script.author.as_deref().unwrap_or(show.name)}],
                "content_html": script.article().unwrap_or_default(),
            })
        })
        .collect();
    json!({
        "version": "https://jsonfeed.org/version/1.1",
        "title": show.name,
        "home_page_url": format!("{base}/{}/", show.slug),
        "feed_url": format!("{base}{}", show.feed_path()),
        "description": show.about,
        "language": "en-GB",
        "items": items,
    })
    .to_string()
}

/// Without the port in it, so that an entry is the same on every showing.
fn guid(show: &Show, script: &Script) -> String {
    format!("tag:takefive.example,2026:{}/{}", show.slug, script.slug)
}

/// ISO-8859-1, with a character reference for what it does not have.
fn latin1(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(character) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(format!("&#{};", u32::from(character)).bytes()),
        }
    }
    bytes
}
