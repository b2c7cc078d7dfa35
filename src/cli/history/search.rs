//! `history search`: passages by their words.

use crate::cli::Common;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::tell;
use crate::outside::store::Hit;
use crate::outside::store::Store;
use crate::report::Exit;

/// Finds the passages that have all of these words.
pub(super) fn search(common: &Common, words: &str, top: usize) -> anyhow::Result<Exit> {
    if !words.contains(char::is_alphanumeric) {
        return Err(WrongSettings("history search: give at least one word".to_owned()).into());
    }
    let store = Store::look_at(&common.store_path()?)?;
    let hits = store.search(words, top)?;
    if common.json {
        for hit in &hits {
            print_json(hit)?;
        }
    } else if hits.is_empty() {
        if !common.quiet {
            print("No passage that is kept has all of these words.")?;
        }
    } else {
        let told: Vec<String> = hits
            .iter()
            .enumerate()
            .map(|(nth, hit)| told(nth + 1, hit))
            .collect();
        print(&told.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn told(rank: usize, hit: &Hit) -> String {
    let mut out = tell::hanging(&format!("{rank:>2}  "), &hit.headline);
    out += &tell::quoted(&hit.text);
    let mut place = vec![hit.source.clone(), hit.entry_title.clone()];
    place.extend(
        hit.published
            .map(|published| published.strftime("%F").to_string()),
    );
    out += &tell::attribution(&place);
    let fate = match (hit.sent, hit.edition, hit.score) {
        (Some(date), Some(edition), _) => format!("    sent in edition {edition} of {date}\n"),
        (_, _, Some(score)) => format!("    not sent; {score:.2} points\n"),
        _ => "    not sent\n".to_owned(),
    };
    out + &fate
}
