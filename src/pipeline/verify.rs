//! Every quote of an edition found again where its receipt says, in the document that is stored.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Serialize;

use crate::model::Document;
use crate::model::Quote;
use crate::model::Receipt;
use crate::model::sha256_hex;
use crate::outside::store::Span;
use crate::outside::store::Store;
use crate::outside::store::StoreError;

/// Characters around a place at which two texts part.
const AROUND_CHARACTERS: usize = 30;

/// Finds each quote of the edition of a day again. None where there is no such edition.
pub fn verify(date: Date, store: &Store) -> Result<Option<Verified>, StoreError> {
    let Some(digest) = store.edition(date)? else {
        return Ok(None);
    };
    let mut verified = Verified {
        date,
        edition: digest.edition,
        quotes: 0,
        from_spans: 0,
        faults: Vec::new(),
    };
    let history = store.sent_in(date)?;
    for (nth, insight) in digest.insights().iter().enumerate() {
        let mut faults = Vec::new();
        for quote in insight.quotes() {
            let mut wrong = Vec::new();
            let kept = find_quote(quote, store, &mut wrong)?;
            verified.quotes += 1;
            verified.from_spans += usize::from(kept == Kept::Span);
            wrong.extend(fault_of_shown(quote));
            wrong.extend(fault_of_headline(quote));
            let whose = if quote.headline == insight.headline {
                String::new()
            } else {
                format!("also said as “{}”: ", quote.headline)
            };
            faults.extend(wrong.into_iter().map(|what| whose.clone() + &what));
        }
        if history.get(nth) != Some(&(insight.headline.clone(), insight.text.clone())) {
            faults.push("history has other words than the edition".to_owned());
        }
        verified
            .faults
            .extend(faults.into_iter().map(|what| QuoteFault {
                position: nth + 1,
                headline: insight.headline.clone(),
                what,
            }));
    }
    if history.len() > digest.insights().len() {
        verified.faults.push(QuoteFault {
            position: history.len(),
            headline: history[history.len() - 1].0.clone(),
            what: "history has more insights than the edition".to_owned(),
        });
    }
    Ok(Some(verified))
}

/// What became of the quotes of an edition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verified {
    /// The day of the edition.
    pub date: Date,
    /// Its number.
    pub edition: u32,
    /// Its quotes, those of whoever else says it among them.
    pub quotes: usize,
    /// Of these the ones whose document was let go: only the span that they cite is kept, and they were found there.
    pub from_spans: usize,
    /// What is not as it should be.
    pub faults: Vec<QuoteFault>,
}

/// A quote that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QuoteFault {
    /// Its place in the edition, from 1.
    pub position: usize,
    /// Its headline.
    pub headline: String,
    /// What is wrong.
    pub what: String,
}

/// What is kept of a document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    Document,
    Span,
    Nothing,
}

/// Compares a quote with what stands where its receipt says.
fn find_quote(
    quote: Quote<'_>,
    store: &Store,
    faults: &mut Vec<String>,
) -> Result<Kept, StoreError> {
    let receipt = quote.receipt;
    let span = Span {
        document_sha256: &receipt.document_sha256,
        from_byte: receipt.from_byte,
        to_byte: receipt.to_byte,
    };
    let cited = store.cited(span)?;
    let text = store.stored_text(span.document_sha256)?;
    match &cited {
        Some(cited) if *cited != quote.text => {
            let place = parting(cited, quote.text);
            faults.push(format!("the span that was kept for good says {place}"));
        }
        None => faults.push("the span that it cites was not kept".to_owned()),
        Some(_) => {}
    }
    let Some(text) = text else {
        return Ok(if cited.is_some() {
            Kept::Span
        } else {
            Kept::Nothing
        });
    };
    if sha256_hex(text.as_bytes()) != receipt.document_sha256 {
        faults.push(
            "the stored document is not the one of the receipt: its SHA-256 is another".to_owned(),
        );
    }
    match text.get(receipt.from_byte..receipt.to_byte) {
        Some(words) if words == quote.text => {}
        Some(words) => {
            let place = parting(words, quote.text);
            faults.push(format!("the stored document says {place}"));
        }
        None => faults.push(format!(
            "the stored document has no words from byte {} to {}",
            receipt.from_byte, receipt.to_byte
        )),
    }
    // who speaks when is not under the hash of the text
    match store.document(span.document_sha256) {
        Ok(Some(document)) => faults.extend(fault_of_place(receipt, &document)),
        // a text that has changed was told above
        Ok(None) | Err(StoreError::Damaged { .. }) => {}
        Err(error) => return Err(error),
    }
    Ok(Kept::Document)
}

/// Whether the document names the same speaker, second and paragraph.
fn fault_of_place(receipt: &Receipt, document: &Document) -> Option<String> {
    let nth = document
        .blocks()
        .iter()
        .position(|block| block.from <= receipt.from_byte && receipt.to_byte <= block.to);
    let Some(nth) = nth else {
        return Some("it does not lie in one turn or paragraph of the stored document".to_owned());
    };
    if document.blocks()[nth].speaker != receipt.speaker {
        return Some("the stored document names another speaker".to_owned());
    }
    if document.seconds_at(receipt.from_byte) != receipt.start_seconds {
        return Some("the stored document gives another time".to_owned());
    }
    if receipt
        .paragraph
        .is_some_and(|paragraph| paragraph != nth + 1)
    {
        return Some("it stands in another paragraph of the stored document".to_owned());
    }
    None
}

/// Where two texts part: what stands around the first character that is not the same.
fn parting(stored: &str, told: &str) -> String {
    let same = stored.chars().zip(told.chars()).take_while(|(a, b)| a == b);
    let from = same.count().saturating_sub(AROUND_CHARACTERS);
    let around = |text: &str| -> String {
        text.chars()
            .skip(from)
            .take(2 * AROUND_CHARACTERS)
            .collect()
    };
    format!(
        "“{}” where the edition says “{}”",
        around(stored),
        around(told)
    )
}

/// Whether what readers are shown are the words of the text, with an ellipsis for whatever is left out between them. At the
/// head and at the end there is none.
fn fault_of_shown(quote: Quote<'_>) -> Option<String> {
    let shown = quote.shown?;
    let words: Vec<&str> = quote.text.split(' ').collect();
    let mut rest = words.as_slice();
    for run in runs(shown) {
        let same = |own: &[&str]| {
            own.iter()
                .zip(&run)
                .all(|(own, word)| own == word || own.trim_start_matches('…') == *word)
        };
        // the first place is the best: it leaves most words for the runs to come
        let Some(at) = rest.windows(run.len()).position(same) else {
            let run = run.join(" ");
            return Some(format!(
                "readers are shown “{run}”, which the quote does not say there"
            ));
        };
        rest = &rest[at + run.len()..];
    }
    None
}

/// The words between two ellipses, each run of them at least one.
fn runs(shown: &str) -> Vec<Vec<&str>> {
    let mut runs: Vec<Vec<&str>> = vec![Vec::new()];
    for word in shown.split(' ') {
        let new = word == "…" || word.starts_with('…');
        if new {
            runs.push(Vec::new());
        }
        if word != "…"
            && let Some(run) = runs.last_mut()
        {
            run.push(word);
        }
        if word.ends_with('…') && word != "…" {
            runs.push(Vec::new());
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// Whether each word of the headline is one of the quote's: headlines are cut out of it, and nothing is added.
fn fault_of_headline(quote: Quote<'_>) -> Option<String> {
    let own: BTreeSet<String> = spoken(quote.text).collect();
    let foreign = spoken(quote.headline).find(|word| !own.contains(word))?;
    Some(format!(
        "its headline says “{foreign}”, which the quote does not"
    ))
}

/// The words of a text in lower case, with straight apostrophes.
fn spoken(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
        .map(|word| {
            word.trim_matches(['\'', '’'])
                .replace('’', "'")
                .to_lowercase()
        })
        .filter(|word| !word.is_empty())
}
