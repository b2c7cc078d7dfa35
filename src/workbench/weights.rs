//! New weights in a file of rules: the numbers change, and not a byte around them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;

use crate::stages::find_insights::Rules;
use crate::stages::find_insights::RulesError;

/// A file of rules, as it is written and as it works.
#[derive(Debug, Clone)]
pub struct RulesText {
    toml: String,
    rules: Arc<Rules>,
    read: fn(&str) -> Result<Rules, RulesError>,
}

/// Why rules cannot be given other weights.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// They cannot be used with them.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// Their weights are not found in the file.
    #[error("the weights cannot be found in the file: {0}")]
    Toml(#[from] Box<toml::de::Error>),
}

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

impl RulesText {
    /// The rules that travel in the binary.
    pub fn built_in() -> Self {
        Self {
            toml: Rules::built_in_toml().to_owned(),
            rules: Arc::clone(Rules::built_in()),
            read: Rules::parse,
        }
    }

    /// An operator's file over the built-in one.
    pub fn of_file(toml: String) -> Result<Self, RulesError> {
        Ok(Self {
            rules: Arc::new(Rules::with(&toml)?),
            toml,
            read: Rules::with,
        })
    }

    /// As it is written.
    pub fn toml(&self) -> &str {
        &self.toml
    }

    /// As it works.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Names of the rules whose weight stands in this very file.
    pub fn weighed(&self) -> Result<BTreeSet<String>, WeightsError> {
        let file: WeighedFile = toml::from_str(&self.toml).map_err(Box::new)?;
        let rows = file.rule.into_iter();
        Ok(rows
            .filter(|row| row.weight.is_some())
            .map(|row| row.name)
            .collect())
    }

    /// The same rules with other weights.
    pub fn reweighed(&self, weights: &BTreeMap<String, f64>) -> Result<Self, WeightsError> {
        let toml = with_weights(&self.toml, weights).map_err(Box::new)?;
        Ok(Self {
            rules: Arc::new((self.read)(&toml)?),
            toml,
            read: self.read,
        })
    }
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
