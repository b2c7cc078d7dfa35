//! A past edition made again from what the store keeps, and compared byte for byte with what was saved.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::model::Digest;
use crate::model::Insight;
use crate::model::MailWords;
use crate::model::PROGRAM_VERSION;
use crate::outside::store::EditionRecord;
use crate::outside::store::KeptWords;
use crate::outside::store::Store;
use crate::outside::store::WordsOrigin;
use crate::pipeline::Day;
use crate::pipeline::choose::consider_in;
use crate::pipeline::choose::edition_of;
use crate::pipeline::find_again::By;
use crate::pipeline::find_again::Finder;
use crate::pipeline::find_again::Missing;
use crate::pipeline::view::View;
use crate::settings::Settings;
use crate::stages::compose_email::Letterhead;
use crate::stages::compose_email::Templates;
use crate::stages::compose_email::set_words;

/// Characters of a line or a value in a difference: a line of a terminal holds no more.
const SHOWN_CHARACTERS_MAX: usize = 100;

/// Makes the edition of a day again: the same documents, rules and settings, the same moment and history, and the words of its
/// mail by the templates of now. None where that day has no edition. `settings` are those of now: nothing of them decides. The
/// store is read only.
pub fn replay(
    date: Date,
    settings: &Settings,
    templates: &Templates,
    store: &Store,
) -> anyhow::Result<Option<Replayed>> {
    let Some(saved) = store.edition(date)? else {
        return Ok(None);
    };
    let mut replayed = Replayed {
        date,
        edition: saved.edition,
        same: false,
        insights: saved.insights().len(),
        differences: Vec::new(),
        notes: Vec::new(),
    };
    let Some(record) = store.record(date)? else {
        replayed.differs(
            "record",
            "what it was chosen by was not kept: an older program chose it, or another store",
        );
        return Ok(Some(replayed));
    };
    if record.program != PROGRAM_VERSION {
        replayed.notes.push(format!(
            "it was chosen by takefive {}, and this is {PROGRAM_VERSION}",
            record.program
        ));
    }
    let made = make_again(&saved, &record, settings, store)?;
    match made {
        Ok(made) => compare(&saved, made, settings, templates, store, &mut replayed)?,
        Err(missing) => replayed.differences = told(&missing),
    }
    replayed.same = replayed.differences.is_empty();
    Ok(Some(replayed))
}

/// What a replay came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The day of the edition.
    pub date: Date,
    /// Its number.
    pub edition: u32,
    /// Whether all of it is the same, byte for byte: the edition and the words of its mail.
    pub same: bool,
    /// Insights in the edition as it was saved.
    pub insights: usize,
    /// What is not the same, or why nothing can be compared.
    pub differences: Vec<Difference>,
    /// What else may matter.
    pub notes: Vec<String>,
}

/// One thing that is not the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: `record`, `documents`, `rules`, `edition`, `insight` or `mail`.
    #[serde(rename = "in")]
    pub place: &'static str,
    /// What, as a sentence without a full stop.
    pub what: String,
}

impl Replayed {
    fn differs(&mut self, place: &'static str, what: impl Into<String>) {
        self.differences.push(Difference {
            place,
            what: what.into(),
        });
    }
}

/// The edition as it is made now of what was there then; none where nothing would be chosen. Or what is missing for it.
fn make_again(
    saved: &Digest,
    record: &EditionRecord,
    settings: &Settings,
    store: &Store,
) -> anyhow::Result<Result<Option<Digest>, BTreeSet<Missing>>> {
    let settings = record.settings.over(settings);
    let day = Day::new(
        Some(saved.date),
        saved.chosen,
        &settings.digest.time_zone,
        settings.digest.look_back,
    )?;
    let mut finder = Finder::new(store, By::Kept);
    let mut find = |from, to| finder.shelf(from, to, record.readings_upto);
    let considered = consider_in(&View::of_edition(store, saved, &mut find)?, &day, &settings)?;
    let missing = finder.take_missing();
    if !missing.is_empty() {
        return Ok(Err(missing));
    }
    let made = edition_of(&considered, saved.edition, &day, &settings);
    Ok(Ok(match &saved.rules_sha256 {
        Some(sha256) => made.map(|made| made.by_rules(sha256)),
        None => made,
    }))
}

/// Compares what was made again with what was saved.
fn compare(
    saved: &Digest,
    made: Option<Digest>,
    settings: &Settings,
    templates: &Templates,
    store: &Store,
    replayed: &mut Replayed,
) -> anyhow::Result<()> {
    let Some(made) = made else {
        replayed.differs("edition", "nothing would be chosen now");
        return Ok(());
    };
    let saved_bytes = store.edition_bytes(saved.date)?.unwrap_or_default();
    let made_bytes = serde_json::to_string(&made)?;
    if saved_bytes != made_bytes {
        compare_editions(saved, &made, replayed);
        if replayed.differences.is_empty() {
            // the same values written in another way
            replayed.differs("edition", first_difference(&saved_bytes, &made_bytes));
        }
        replayed
            .notes
            .push("the words of the mail were not compared".to_owned());
        return Ok(());
    }
    compare_words(&made, settings, templates, store, replayed)
}

/// Says which insights are gone, have come or stand elsewhere, and which fields of the others are not the same.
fn compare_editions(saved: &Digest, made: &Digest, replayed: &mut Replayed) {
    for (field, was, is) in fields_that_differ(saved, made) {
        if field != "insights" {
            replayed.differs("edition", changed(&field, &was, &is));
        }
    }
    let place_in = |digest: &Digest, insight: &Insight| {
        digest
            .insights()
            .iter()
            .position(|other| is_same_passage(other, insight))
    };
    for (nth, insight) in saved.insights().iter().enumerate() {
        let headline = &insight.headline;
        let Some(now) = place_in(made, insight) else {
            let what = format!("{} “{headline}” is not chosen now", nth + 1);
            replayed.differs("insight", what);
            continue;
        };
        if now != nth {
            let what = format!("{} “{headline}” stands at {} now", nth + 1, now + 1);
            replayed.differs("insight", what);
        }
        for (field, was, is) in fields_that_differ(insight, &made.insights()[now]) {
            let what = changed(&field, &was, &is);
            replayed.differs("insight", format!("{} “{headline}”: {what}", nth + 1));
        }
    }
    for (nth, insight) in made.insights().iter().enumerate() {
        if place_in(saved, insight).is_none() {
            let what = format!("{} “{}” was not chosen then", nth + 1, insight.headline);
            replayed.differs("insight", what);
        }
    }
}

/// Whether two insights are the same passage of the same source.
pub(super) fn is_same_passage(one: &Insight, other: &Insight) -> bool {
    let place = |insight: &Insight| (insight.receipt.from_byte, insight.receipt.to_byte);
    one.receipt.document_sha256 == other.receipt.document_sha256
        && place(one) == place(other)
        && one.source == other.source
}

/// Name and both values of each field that is not the same.
fn fields_that_differ(one: &impl Serialize, other: &impl Serialize) -> Vec<(String, Value, Value)> {
    let fields = |value| match value {
        Ok(Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let one = fields(serde_json::to_value(one));
    let other = fields(serde_json::to_value(other));
    let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    names
        .into_iter()
        .map(|name| {
            let of = |fields: &serde_json::Map<String, Value>| {
                fields.get(name).cloned().unwrap_or(Value::Null)
            };
            (name.clone(), of(&one), of(&other))
        })
        .filter(|(_, was, is)| was != is)
        .collect()
}

fn changed(field: &str, was: &Value, is: &Value) -> String {
    format!(
        "{field} was {} and is {}",
        short(&was.to_string()),
        short(&is.to_string())
    )
}

/// Compares the words of the mail, set by the templates of now, with those that were kept.
fn compare_words(
    digest: &Digest,
    settings: &Settings,
    templates: &Templates,
    store: &Store,
    replayed: &mut Replayed,
) -> anyhow::Result<()> {
    let Some(KeptWords {
        words: saved,
        origin,
    }) = store.kept_words(digest.date)?
    else {
        replayed.differs("mail", "the words of its mail were not kept");
        return Ok(());
    };
    let (mail, site) = match &origin {
        Some(origin) => origin.letterhead.over(&settings.mail),
        None => (settings.mail.clone(), settings.site.clone()),
    };
    let letterhead = Letterhead {
        mail: &mail,
        site: site.as_ref(),
    };
    let made = match set_words(digest, &letterhead, templates) {
        Ok(made) => made,
        Err(error) => {
            replayed.differs("mail", format!("its words cannot be set now: {error}"));
            return Ok(());
        }
    };
    if saved == made {
        return Ok(());
    }
    for (part, was, is) in parts(&saved, &made) {
        if was != is {
            replayed.differs("mail", format!("{part}: {}", first_difference(was, is)));
        }
    }
    replayed.differs("mail", why_other_words(origin.as_ref(), templates));
    Ok(())
}

fn parts<'a>(saved: &'a MailWords, made: &'a MailWords) -> [(&'static str, &'a str, &'a str); 4] {
    [
        ("subject", &saved.subject, &made.subject),
        ("text", &saved.text, &made.text),
        ("html", &saved.html, &made.html),
        ("placeholder", &saved.placeholder, &made.placeholder),
    ]
}

/// Where other words come from.
fn why_other_words(origin: Option<&WordsOrigin>, templates: &Templates) -> String {
    match origin {
        None => "an older program set its words and did not keep by what".to_owned(),
        Some(origin) if origin.templates_sha256 != templates.sha256() => {
            "the templates have changed since".to_owned()
        }
        Some(origin) if origin.program != PROGRAM_VERSION => {
            format!(
                "the same templates, but takefive {} set the words",
                origin.program
            )
        }
        Some(_) => "the templates and the version of the program are the same".to_owned(),
    }
}

/// The first line that is not the same, with its number.
fn first_difference(was: &str, is: &str) -> String {
    let mut was = was.lines();
    let mut is = is.lines();
    let mut number = 0;
    loop {
        number += 1;
        match (was.next(), is.next()) {
            (None, None) => return "the ends of its lines are others".to_owned(),
            (was, is) if was == is => {}
            (was, is) => {
                let (was, is) = (was.unwrap_or_default(), is.unwrap_or_default());
                // long lines differ far from their heads
                let same = was.chars().zip(is.chars()).take_while(|(a, b)| a == b);
                let skipped = same.count().saturating_sub(SHOWN_CHARACTERS_MAX / 4);
                let from = |line: &str| short(&line.chars().skip(skipped).collect::<String>());
                return format!("line {number} was “{}” and is “{}”", from(was), from(is));
            }
        }
    }
}

fn short(text: &str) -> String {
    if text.chars().count() <= SHOWN_CHARACTERS_MAX {
        return text.to_owned();
    }
    let head: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
    format!("{head}…")
}

/// What is missing, as differences.
fn told(missing: &BTreeSet<Missing>) -> Vec<Difference> {
    let (mut let_go, mut not_kept) = (0, 0);
    let mut told = Vec::new();
    for missing in missing {
        let (place, what) = match missing {
            Missing::LetGo { .. } => {
                let_go += 1;
                continue;
            }
            Missing::NotKept { .. } => {
                not_kept += 1;
                continue;
            }
            Missing::Damaged { title } => (
                "documents",
                format!(
                    "“{title}”: its document is not what was read; restore a copy of the store"
                ),
            ),
            Missing::Rules { why } => ("rules", why.clone()),
        };
        told.push(Difference { place, what });
    }
    let of_entries = |count, one: &str, many: &str| {
        let what = match count {
            1 => format!("the document of 1 entry is {one}"),
            count => format!("the documents of {count} entries are {many}"),
        };
        (count > 0).then_some(Difference {
            place: "documents",
            what,
        })
    };
    let no_longer = "no longer kept ([store] keep_documents)";
    let by_older = "there, but an older program read it and did not keep what else it knew";
    let by_older_all = "there, but an older program read them and did not keep what else it knew";
    told.extend(of_entries(let_go, no_longer, no_longer));
    told.extend(of_entries(not_kept, by_older, by_older_all));
    told
}

/// Why an edition cannot be made again, in a line.
pub(super) fn why_not(missing: &BTreeSet<Missing>) -> Option<String> {
    let told = told(missing);
    let first = told.first()?;
    Some(match told.len() {
        1 => first.what.clone(),
        many => format!("{}, and {} more", first.what, many - 1),
    })
}
