//! New weights in a file of rules: the numbers change, and not a byte around them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

#[derive(Deserialize)]
struct WeighedFile {
    #[serde(default)]
    rule: Vec<WeighedRow>,
}

#[derive(Deserialize)]
struct WeighedRow {
    name: String,
    weight: Option<Spanned<f64>>,
}

/// The text with the weights of the named rules replaced. Rules that are not named, or weigh so much already, stay as they
/// are written.
pub fn with_weights(
    rules: &str,
    weights: &BTreeMap<String, f64>,
) -> Result<String, toml::de::Error> {
    let file: WeighedFile = toml::from_str(rules)?;
    let mut places: Vec<(std::ops::Range<usize>, f64)> = file
        .rule
        .into_iter()
        .filter_map(|row| {
            let written = row.weight?;
            let weight = *weights.get(&row.name)?;
            (as_written(weight) != as_written(*written.get_ref())).then(|| (written.span(), weight))
        })
        .collect();
    places.sort_by_key(|(place, _)| place.start);
    let mut text = String::with_capacity(rules.len());
    let mut done = 0;
    for (place, weight) in places {
        text += &rules[done..place.start];
        text += &as_written(weight);
        done = place.end;
    }
    text += &rules[done..];
    Ok(text)
}

/// A weight with two decimals at most and one at least: `0.4`, `-1.25`, `2.0`.
fn as_written(weight: f64) -> String {
    let cents = (weight * 100.0).round() / 100.0;
    // no rule weighs "-0.0"
    format!("{:?}", cents + 0.0)
}
