//! The web pages of the demo's world: bare ones, and the kind that a reader meets between a menu and a cookie notice.

use crate::demo::world::markup::escape;
use crate::demo::world::script::Script;
use crate::demo::world::shows::Form;
use crate::demo::world::shows::Show;
use crate::demo::world::transcripts;

/// The page of an entry.
pub(super) fn entry(show: &Show, script: &Script, related: &[&Script], base: &str) -> String {
    if show.form == Form::RssTeaser {
        return crowded(show, script, related, base);
    }
    let notes = &script.notes;
    let long = match (show.form, script.conversation()) {
        (Form::TranscriptOnPage, Some(conversation)) => format!(
            "<section class=\"transcript\">\n{}</section>\n",
            transcripts::pasted(conversation)
        ),
        _ => script.article().unwrap_or_default().to_owned(),
    };
    bare(
        &script.title,
        &format!(
            "<p><a href=\"{base}/{}/\">{}</a></p>\n<div class=\"notes\">\n{notes}</div>\n{long}",
            show.slug,
            escape(show.name)
        ),
    )
}

/// The home page of a show.
pub(super) fn home(show: &Show, base: &str) -> String {
    bare(
        show.name,
        &format!(
            "<p>{}</p>\n<p><a href=\"{base}{}\">Feed</a></p>\n",
            escape(show.about),
            show.feed_path()
        ),
    )
}

/// The page that stands where a feed once stood.
pub(super) fn not_a_feed() -> String {
    bare(
        "We have moved house",
        "<p>The feed you are looking for is not here any more. Have a look around our new home!</p>\n",
    )
}

/// What a server says that is being repaired.
pub(super) fn down() -> String {
    bare(
        "Back soon",
        "<p>We are changing a disk. Please come back in an hour.</p>\n",
    )
}

/// A transcript as a page of its own.
pub(super) fn transcript(script: &Script, html: &str) -> String {
    bare(&script.title, html)
}

fn bare(title: &str, content: &str) -> String {
    let title = escape(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n</head>\n\
         <body>\n<h1>{title}</h1>\n{content}</body>\n</html>\n"
    )
}

/// An article among all that people put around one.
fn crowded(show: &Show, script: &Script, related: &[&Script], base: &str) -> String {
    let home = format!("{base}/{}/", show.slug);
    let title = escape(&script.title);
    let name = escape(show.name);
    let author = escape(script.author.as_deref().unwrap_or(show.name));
    let date = script.published.strftime("%-d %B %Y");
    let article = script.article().unwrap_or_default();
    let teaser = &script.notes;
    let related: String = related
        .iter()
        .map(|other| {
            format!(
                "<li><a href=\"{home}{}\">{}</a></li>\n",
                other.slug,
                escape(&other.title)
            )
        })
        .collect::<Vec<_>>()
        .concat();
    format!(
        r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title} | {name}</title>
<meta property="og:title" content="{title}">
<meta name="author" content="{author}">
<style>.cookie {{ position: fixed; bottom: 0 }}</style>
</head>
<body>
<div class="cookie" role="dialog" aria-label="Cookie notice">
<p>We and our 14 partners use cookies to remember your choices and to measure how this site is used. You can accept
all cookies, or manage your preferences at any time in the footer.</p>
<button>Accept all</button> <button>Manage preferences</button>
</div>
<header>
<nav class="menu"><ul>
<li><a href="{home}">Home</a></li>
<li><a href="{home}#archive">Archive</a></li>
<li><a href="{home}#talks">Talks</a></li>
<li><a href="{home}#about">About</a></li>
<li><a href="{home}#subscribe">Subscribe</a></li>
</ul></nav>
</header>
<main>
<article>
<header>
<h1>{title}</h1>
<p class="byline">By {author} · {date} · 4 min read</p>
</header>
<div class="standfirst">{teaser}</div>
<div class="share"><a href="#share">Share</a> <a href="#copy">Copy link</a> <a href="#save">Save for later</a></div>
<div class="entry-content">
{article}</div>
</article>
<aside class="newsletter">
<h3>Get {name} in your inbox</h3>
<p>Join 4,200 readers who get each new piece by email. No spam, unsubscribe at any time.</p>
<form action="{home}#subscribe" method="post"><input type="email" placeholder="you@example.org"><button>Sign up</button></form>
</aside>
<section class="author-box">
<h3>Written by {author}</h3>
<p>{author} looks after growth at Tidewell and writes about it once a month. He lives in Whitby with two cats and a
piano that needs tuning.</p>
</section>
<section class="related">
<h3>You might also like</h3>
<ul>
{related}<li><a href="{home}">More from {name}</a></li>
</ul>
</section>
<section class="comments"><h3>3 comments</h3><p>Log in to join the conversation.</p></section>
</main>
<footer>
<p>© 2026 {name}. All rights reserved. <a href="{home}#privacy">Privacy</a> · <a href="{home}#terms">Terms</a> ·
<a href="{home}#cookies">Cookie settings</a></p>
<p>Get the app: <a href="{home}#app">a button that says "Download for your phone"</a></p>
</footer>
</body>
</html>
"##
    )
}
