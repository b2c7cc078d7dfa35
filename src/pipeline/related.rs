//! The chosen insights → what earlier editions told of their subjects, for below their cards.

use jiff::Span;
use jiff::civil::Date;

use crate::model::Digest;
use crate::model::Insight;
use crate::model::Related;
use crate::pipeline::view::View;
use crate::stages::compare_thoughts::Pick;
use crate::stages::compare_thoughts::relate;

/// What hung under a card in so many days before is chosen less.
const HUNG_LATELY_DAYS: i64 = 7;

/// The insights with what earlier editions told of their subjects.
pub(super) fn with_related(
    mut insights: Vec<Insight>,
    date: Date,
    view: &View<'_>,
) -> anyhow::Result<Vec<Insight>> {
    if insights.is_empty() {
        return Ok(insights);
    }
    let archive = view.archive(date)?;
    let week = date.saturating_sub(Span::new().days(HUNG_LATELY_DAYS));
    let hung_lately = view
        .editions(week, date.saturating_sub(Span::new().days(1)))?
        .iter()
        .flat_map(Digest::insights)
        .flat_map(|insight| &insight.related)
        .map(|related| (related.date, related.position))
        .collect();
    let picks = relate(&insights, &archive, &hung_lately);
    for (insight, picks) in insights.iter_mut().zip(picks) {
        for pick in picks {
            let edition = view.edition(pick.date)?;
            let old = edition.as_ref().and_then(|edition| {
                let nth = pick.position.checked_sub(1)?;
                edition.insights().get(nth)
            });
            // an edition without it can only be a damaged one; a card can do without
            if let Some(old) = old {
                insight.related.push(related(old, pick));
            }
        }
    }
    Ok(insights)
}

fn related(old: &Insight, pick: Pick) -> Related {
    Related {
        date: pick.date,
        position: pick.position,
        differs: pick.differs,
        headline: old.headline.clone(),
        source: old.source.clone(),
        entry_title: old.entry_title.clone(),
        entry_url: old.entry_url.clone(),
        enclosure_url: old.enclosure_url.clone(),
        speaker: old.speaker.clone(),
        start_seconds: old.start_seconds,
    }
}
