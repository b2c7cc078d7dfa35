//! Who is on air in the demo's world: one row for each show and blog.

use crate::model::SourceKind;

/// The shows and blogs that can be read, in the order of the demo's settings.
pub(super) const SHOWS: [Show; 10] = [
    Show {
        slug: "the-second-question",
        name: "The Second Question",
        about: "Mara Velde and Idris Cole let people give their first answer, and then ask again.",
        topics: &["discovery", "strategy"],
        form: Form::Vtt,
    },
    Show {
        slug: "room-for-doubt",
        name: "Room for Doubt",
        about: "Leonie Hartwig talks to people who measure things, about the times when they measured wrong.",
        topics: &["metrics", "experiments"],
        form: Form::Srt,
    },
    Show {
        slug: "the-unbuilt",
        name: "The Unbuilt",
        about: "Noor Castellane on what was never made, and how people knew.",
        topics: &["AI", "design"],
        form: Form::Json,
    },
    Show {
        slug: "kitchen-table-product",
        name: "Kitchen Table Product",
        about: "Bridget Oyelaran puts the kettle on for people who lead product teams.",
        topics: &["leadership", "hiring"],
        form: Form::Html,
    },
    Show {
        slug: "northbound",
        name: "Northbound",
        about: "Aled Prys rings people in the north of everywhere and asks how they decide.",
        topics: &["prioritisation", "stakeholders"],
        form: Form::TranscriptOnPage,
    },
    Show {
        slug: "the-monday-desk",
        name: "The Monday Desk",
        about: "Rasmus Teale does somebody else's job for a week and comes back with a list.",
        topics: &["craft"],
        form: Form::NotesOnly,
    },
    Show {
        slug: "plain-margins",
        name: "Plain Margins",
        about: "Henrike Vos on what things cost and what people pay.",
        topics: &["pricing"],
        form: Form::Atom,
    },
    Show {
        slug: "counterweight",
        name: "Counterweight",
        about: "Tobias Anning, when he has something to complain about.",
        topics: &["strategy", "leadership"],
        form: Form::JsonFeed,
    },
    Show {
        slug: "the-slow-funnel",
        name: "The Slow Funnel",
        about: "Dario Pellew on growth that stays.",
        topics: &["growth", "retention"],
        form: Form::RssTeaser,
    },
    Show {
        slug: "atelier-metier",
        name: "Atelier Métier",
        about: "Zoé Lefèvre designs in a former garage in Besançon.",
        topics: &["design"],
        form: Form::RssLatin1,
    },
];

/// A show or blog, and how it serves what it has.
pub(super) struct Show {
    /// Its folder of entries, and where its pages stand.
    pub(super) slug: &'static str,
    /// What people call it.
    pub(super) name: &'static str,
    /// What it says about itself.
    pub(super) about: &'static str,
    /// What the operator files it under.
    pub(super) topics: &'static [&'static str],
    /// How it serves what it has.
    pub(super) form: Form,
}

/// How a show serves its feed and the text of its entries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// RSS 2.0 with WebVTT transcripts.
    Vtt,
    /// RSS 2.0 with SubRip transcripts.
    Srt,
    /// RSS 2.0 with PodcastIndex JSON transcripts, chapters, people and clips.
    Json,
    /// RSS 2.0 with HTML transcripts.
    Html,
    /// RSS 2.0 without transcripts; they stand on the episodes' pages.
    TranscriptOnPage,
    /// RSS 2.0 with show notes and nothing else.
    NotesOnly,
    /// Atom with full content.
    Atom,
    /// JSON Feed with full content.
    JsonFeed,
    /// RSS 2.0 with teasers; the articles stand on crowded pages.
    RssTeaser,
    /// RSS 2.0 with full content, in ISO-8859-1.
    RssLatin1,
}

impl Show {
    /// Whether it talks or writes.
    pub(super) fn kind(&self) -> SourceKind {
        match self.form {
            Form::Vtt
            | Form::Srt
            | Form::Json
            | Form::Html
            | Form::TranscriptOnPage
            | Form::NotesOnly => SourceKind::Podcast,
            Form::Atom | Form::JsonFeed | Form::RssTeaser | Form::RssLatin1 => SourceKind::Article,
        }
    }

    /// Where its feed stands on the server.
    pub(super) fn feed_path(&self) -> String {
        let file = match self.form {
            Form::Atom => "atom.xml",
            Form::JsonFeed => "feed.json",
            _ => "feed.xml",
        };
        format!("/{}/{file}", self.slug)
    }

    /// Ending and media type of its transcripts, where it has any.
    pub(super) fn transcript_type(&self) -> Option<(&'static str, &'static str)> {
        match self.form {
            Form::Vtt => Some(("vtt", "text/vtt")),
            Form::Srt => Some(("srt", "application/x-subrip")),
            Form::Json => Some(("json", "application/json")),
            Form::Html => Some(("transcript.html", "text/html")),
            _ => None,
        }
    }
}
