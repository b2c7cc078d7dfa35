//! The little markup of notes and articles in, HTML out; and what XML and HTML need escaped.

/// HTML of paragraphs, `## headings`, `- items` and `[text](address)` links; blank lines stand between blocks.
pub(super) fn to_html(text: &str) -> String {
    text.split("\n\n")
        .map(str::trim)
        .filter(|block| !block.is_empty())
        .map(block_to_html)
        .collect()
}

/// The text with the five characters escaped that mean something in XML and HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

fn block_to_html(block: &str) -> String {
    let title = block.trim_start_matches('#');
    let level = block.len() - title.len();
    if level > 0 {
        return format!("<h{level}>{}</h{level}>\n", words(title));
    }
    let Some(items) = block.strip_prefix("- ") else {
        return format!("<p>{}</p>\n", words(block));
    };
    let items: String = items
        .split("\n- ")
        .map(|item| format!("<li>{}</li>\n", words(item)))
        .collect::<Vec<_>>()
        .concat();
    format!("<ul>\n{items}</ul>\n")
}

fn words(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut pieces = text.split('[');
    let mut html = escape_text(pieces.next().unwrap_or_default());
    for piece in pieces {
        let link = piece
            .split_once("](")
            .and_then(|(label, rest)| Some((label, rest.split_once(')')?)));
        if let Some((label, (address, rest))) = link {
            let (address, label) = (escape(address), escape_text(label));
            html += &["<a href=\"", &address, "\">", &label, "</a>"].concat();
            html += &escape_text(rest);
        } else {
            html.push('[');
            html += &escape_text(piece);
        }
    }
    html
}

/// Quotation marks may stand as they are between tags.
fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
