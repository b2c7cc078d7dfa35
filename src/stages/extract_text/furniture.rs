//! What publishers set around a text — bylines, app badges, cookie notices, calls to subscribe — is taken out of it.

use std::sync::LazyLock;

use regex::Regex;
use regex::RegexSet;

use crate::model::BlockKind;

use crate::stages::extract_text::pieces::Piece;

/// The pieces without furniture. A row that reaches to the end counts only where at least half of the text stands before
/// it: the same words can open a page.
pub(super) fn without(pieces: Vec<Piece>) -> Vec<Piece> {
    let total: usize = pieces.iter().map(|piece| piece.text.len()).sum();
    let mut before = 0;
    let mut in_list = false;
    let mut kept = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let length = piece.text.len();
        let past_the_middle = before * 2 >= total;
        before += length;
        let reach = reach(&piece);
        if reach == Some(Reach::ToTheEnd) && past_the_middle {
            break;
        }
        in_list = match reach {
            Some(Reach::List) => past_the_middle,
            _ => in_list && is_teaser(&piece),
        };
        if reach.is_none() && !in_list {
            kept.push(piece);
        }
    }
    while kept
        .last()
        .is_some_and(|piece| piece.kind == BlockKind::Heading || is_about_the_author(piece))
    {
        // a heading whose text was furniture, and who wrote it
        kept.pop();
    }
    kept
}

/// Whether a piece below "Related posts" can be the title of another page, or its first sentence.
fn is_teaser(piece: &Piece) -> bool {
    piece
        .text
        .split_whitespace()
        .nth(TEASER_WORDS_MAX)
        .is_none()
}

/// Whether the last piece introduces its author: a name, what that person is, and where to follow them.
fn is_about_the_author(piece: &Piece) -> bool {
    let text = piece.text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.split(' ').nth(BIO_WORDS_MAX).is_none() && BIO.is_match(&text)
}

/// Whether a line by itself is furniture.
pub(super) fn is_furniture(line: &str) -> bool {
    reach(&Piece::new(BlockKind::Paragraph, line)).is_some()
}

/// How far a row reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Reach {
    /// The piece itself.
    Piece,
    /// The piece and the short ones below it, up to the next paragraph.
    List,
    /// The piece and all that follows.
    ToTheEnd,
}

/// One sort of furniture.
struct Row {
    /// What a piece begins with, in any case.
    pattern: &'static str,
    /// Longer pieces are somebody's prose.
    words_max: usize,
    reach: Reach,
}

const fn piece(words_max: usize, pattern: &'static str) -> Row {
    Row {
        pattern,
        words_max,
        reach: Reach::Piece,
    }
}

const fn list(words_max: usize, pattern: &'static str) -> Row {
    Row {
        pattern,
        words_max,
        reach: Reach::List,
    }
}

const fn end(words_max: usize, pattern: &'static str) -> Row {
    Row {
        pattern,
        words_max,
        reach: Reach::ToTheEnd,
    }
}

const ROWS: &[Row] = &[
    // who wrote it, and what follows that
    end(8, r"(?:written|posted|published) by\b"),
    end(6, r"(?:about|meet) the authors?\b"),
    end(6, r"author bio\b"),
    piece(8, r"by (?-i:[A-Z]\S+(?: [A-Z]\S+){0,3})$"),
    piece(
        12,
        r"(?:originally |first )?(?:published|posted|appeared) (?:at|in|on|by)\b",
    ),
    piece(
        25,
        r"this (?:article|post|piece|story|essay) (?:was |first )*(?:originally )?(?:published|appeared|posted)\b",
    ),
    piece(
        60,
        r".{1,160} was originally published in .{1,80} on Medium\b",
    ),
    piece(40, r"the post .+ (?:appeared first on|first appeared on)\b"),
    piece(
        10,
        r"(?:last )?(?:updated|modified|published|posted)(?: on)?:? (?:\d|[a-z]+ \d)",
    ),
    piece(
        8,
        r"\d+ min(?:ute)?s?(?: read)?(?:\s*[·•|,–-]\s*(?:[a-z]{3,9}\.? )?\d[\d ,.a-z]{0,20})?$",
    ),
    piece(
        10,
        r"(?:filed under|tagged|tags?|categories|category|topics):",
    ),
    piece(
        8,
        r"(?:transcribed|transcript (?:is )?(?:provided|generated|created|produced|made)) (?:by|with|using)\b",
    ),
    // apps and machinery of the platform
    end(6, r"get the .{1,30}\bapp$"),
    piece(40, r"a button that says\b"),
    piece(
        8,
        r"(?:download (?:it )?on|get it on|available on)(?: the)?,? (?:app store|google play)",
    ),
    piece(
        8,
        r"(?:skip to|jump to|back to) (?:main )?(?:content|top|the top)\b",
    ),
    piece(4, r"(?:table of )?contents$"),
    piece(8, r"(?:sign|log) (?:in|out|up)(?: (?:with|to) .*)?$"),
    piece(
        6,
        r"(?:help|status|about|careers|press|blog|privacy|terms|text to speech|teams)(?: (?:help|status|about|careers|press|blog|privacy|terms|text to speech|teams))*$",
    ),
    piece(
        3,
        r"(?:advertisement|sponsored|sponsored content|loading.*|menu|search|close|print|email|listen)$",
    ),
    piece(
        4,
        r"(?:follow|following|listen(?: to this| now)?|claps?|see all|no posts|open in app|restacks|likes?|upgrade to paid|refer a friend|give a gift(?: subscription)?|reblog|previous|next|subscribed|ready for more\?|top new community)$",
    ),
    piece(
        5,
        r"[\d,.]+[km]? (?:followers?|following|likes?|restacks?|claps?|shares?|views?)(?: [\d,.]+[km]? (?:followers?|following|likes?|restacks?|claps?|shares?|views?))*$",
    ),
    piece(
        8,
        r"powered by (?-i:Ghost|WordPress|Substack|Medium|Squarespace|Webflow|beehiiv)\b",
    ),
    piece(
        8,
        r"(?:privacy|terms)(?: \W)? (?:privacy|terms)(?: \W)?(?: collection notice)?$",
    ),
    piece(
        16,
        r"(?:this site uses akismet|your email address will not be published|required fields are marked|notify me of new|bookmark the permalink|save my name, email)\b",
    ),
    piece(
        10,
        r"(?:(?:story|article) continues below|scroll (?:down )?to (?:continue|read)|continue reading below)\b",
    ),
    piece(8, r"post navigation$|posted in (?-i:[A-Z])"),
    // consent
    piece(
        80,
        r"(?:we|this (?:web)?site|our (?:web)?site|this page|our partners)(?: and our partners)? (?:also )?(?:uses?|stores?|sets?) cookies\b",
    ),
    piece(
        80,
        r"(?:by (?:continuing|using|clicking|browsing|closing|accepting)\b.*\b(?:cookies?|consent|agree|privacy)\b|cookies help us (?:deliver|provide|improve|offer)\b|we (?:value|care about|respect) your privacy\b|(?:to|in order to) (?:give|provide|offer) you\b.*\bcookies\b)",
    ),
    piece(
        8,
        r"(?:accept|reject|manage|allow)(?: all| my)? (?:cookies|preferences|choices)\b",
    ),
    piece(
        8,
        r"(?:cookie (?:policy|settings|preferences|notice)|privacy (?:policy|notice|settings)|terms (?:of (?:service|use)|and conditions|& conditions))\b",
    ),
    // letters and followers
    piece(
        40,
        r"subscribe(?: (?:now|here|today|free|below|for free)\b|$| (?:to|for|via|on|and get|and receive)\b)",
    ),
    piece(
        30,
        r"(?:sign up|signup)(?: (?:now|here|today|free|below)\b|$| (?:for|to) (?:our|my|the|get|receive|a free|updates|this|weekly|more|be)\b)",
    ),
    piece(
        40,
        r"thanks for (?:reading|subscribing)\b.*(?:subscrib|share|follow|newsletter|post|publication)",
    ),
    piece(
        30,
        r"(?:join|become one of) (?:over |more than |the )?[\d,.]+[k+]* .*(?:subscribers|readers|others|people|product|leaders)",
    ),
    piece(25, r"(?:enter|type) your email\b"),
    piece(
        25,
        r"(?:get|receive) .{0,80}\b(?:your inbox|by email|newsletter)\b",
    ),
    piece(
        30,
        r"(?:want more|like (?:this|what you)|enjoyed? this|did you (?:like|enjoy)|if you (?:liked|enjoyed|found this)) .*(?:subscrib|follow|share|newsletter|clap|sign up|recommend|coffee)",
    ),
    piece(
        20,
        r"(?:please )?follow (?:us|me|him|her|them|along|@\S+)\b.*",
    ),
    piece(
        20,
        r"(?:you can )?(?:find|connect with|reach) (?:us|me|him|her|them) (?:on|at|via) (?:twitter|x|linkedin|mastodon|bluesky|facebook|instagram|threads|medium|@)\b",
    ),
    piece(10, r"discover more from (?-i:[A-Z0-9])"),
    piece(15, r"(?:this post is public|this is a public episode)\b"),
    piece(
        45,
        r".{1,80} is a (?:reader|listener)[- ]supported (?:publication|newsletter|podcast)\b",
    ),
    piece(
        35,
        r"(?:to receive new posts|(?:if you (?:like|enjoy) .{1,60}, )?(?:please )?consider (?:becoming a (?:free or )?(?:paid )?subscriber|(?:subscribing|upgrading)(?: to| today| here| if|[.!]?$)))",
    ),
    piece(
        20,
        r"(?:don['’]t miss (?:out|anything|an? (?:post|issue|update)|a thing)|never miss (?:a|an) (?:post|issue|story|update|episode))\b",
    ),
    piece(
        25,
        r"(?:(?:great|success|thanks|thank you|welcome back|you['’]re all set)! (?:you|check|your|next|now|please)\b|check your (?:inbox|email) (?:and|for|to)\b|your link has expired)",
    ),
    piece(
        20,
        r"get (?:more from .{1,60} in the .{1,30} app|the (?:latest|best) .{1,80} (?:posts|stories|delivered|straight|inbox|newsletter|updates))\b",
    ),
    piece(
        20,
        r"follow .{1,60} on (?:twitter|x|linkedin|mastodon|bluesky|facebook|instagram|threads|medium|youtube|tiktok)\b",
    ),
    // sharing and talking
    piece(
        10,
        r"share (?:this|the) (?:post|article|story|page|entry|episode|on|with)\b.*",
    ),
    piece(6, r"share(?: (?:on|via|to|with) .*|:|$)"),
    piece(5, r"share (?-i:[A-Z][\w’']*(?: [A-Z][\w’']*){0,3})$"),
    piece(4, r"like(?: this)?:|like loading"),
    piece(
        8,
        r"(?:tweet|click to (?:share|tweet|print|email)|pin it|copy link)\b",
    ),
    piece(
        8,
        r"(?:leave|post|add|write) a (?:comment|reply|response)\b",
    ),
    end(
        6,
        r"(?:\d+ (?:comments?|responses|replies|thoughts on .*)|comments?(?: \(\d+\))?|(?:responses|replies) \(\d+\)|discussion about this (?:post|podcast|episode|video)|member discussion)$",
    ),
    end(8, r"(?:write|leave) a (?:comment|reply)\.\.\.$"),
    // other pages
    list(
        8,
        r"(?:related|similar|recommended|suggested|latest|recent|popular|more|other) (?:posts|articles|stories|content|reads|from)\b",
    ),
    list(
        3,
        r"(?:related(?: reading)?|read next|up next|most (?:read|popular)|trending(?: now)?|see also|keep reading):?$",
    ),
    list(
        8,
        r"(?:you (?:might|may) (?:also )?(?:like|enjoy)|recommended (?:for you|from)|what to read next|see all from)\b",
    ),
    piece(
        8,
        r"(?:(?:read|learn|see|find out) more|continue reading|view (?:the )?(?:full )?(?:post|article)|next (?:post|article)|previous (?:post|article))\b",
    ),
    piece(25, r"(?:also |previously )?(?:read|see)(?: also)?: "),
    // rights and pictures
    piece(
        40,
        r"(?:copyright|\(c\)|©)\s*(?:©\s*)?(?:\d{4}|by|\S+ \d{4})",
    ),
    piece(25, r".*\ball rights reserved\.?$"),
    piece(
        20,
        r"(?:photo|image|illustration|picture|header image|cover image|featured image|graphic)s?(?: (?:by|from|via|courtesy|credit|source)\b|:)",
    ),
    piece(15, r"(?:image|photo|picture) (?:credits?|source)\b"),
];

static PATTERNS: LazyLock<RegexSet> = LazyLock::new(|| {
    let patterns = ROWS.iter().map(|row| format!("^(?i:{})", row.pattern));
    RegexSet::new(patterns).expect("the patterns are constants")
});

fn reach(piece: &Piece) -> Option<Reach> {
    if is_link_only(piece) {
        return Some(Reach::Piece);
    }
    let folded: Vec<&str> = piece.text.split_whitespace().take(WORDS_MAX + 1).collect();
    if folded.len() > WORDS_MAX {
        return None;
    }
    let words = folded.len();
    let line = folded.join(" ");
    let line = line
        .trim_start_matches(|letter: char| !letter.is_alphanumeric() && !"©(@".contains(letter));
    let hits = PATTERNS.matches(line);
    let rows = hits
        .iter()
        .map(|hit| &ROWS[hit])
        .filter(|row| words <= row.words_max);
    rows.map(|row| row.reach).max()
}

/// What the last line about an author says.
static BIO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:About )?(?:[A-Z][\w.’'-]+ ){2,4}(?:is|was|has been|works|writes|leads|helps|covers)\b.*\b(?i:follow (?:him|her|them|me)|(?:on|at|via) (?:twitter|linkedin|mastodon|bluesky|instagram|x\b)|his newsletter|her newsletter|their newsletter|subscribe|lives (?:in|with)|is based in)",
    )
    .expect("the pattern is a constant")
});

/// Words up to which a piece in a list of other pages is one of them.
const TEASER_WORDS_MAX: usize = 25;
/// Words of what a publisher says of an author below an article.
const BIO_WORDS_MAX: usize = 70;
/// No row speaks of longer pieces.
const WORDS_MAX: usize = 80;
/// Words up to which a piece made of links alone is a list of links rather than a sentence.
const LINK_WORDS_MAX: usize = 12;

fn is_link_only(piece: &Piece) -> bool {
    let letters = piece
        .text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count();
    let short = piece.text.split_whitespace().nth(LINK_WORDS_MAX).is_none();
    piece.kind != BlockKind::Heading && short && letters > 0 && piece.linked * 10 >= letters * 9
}
