//! Entries of one source whose texts were not read: each reason is told once, with how many it holds for.

use std::collections::BTreeMap;

/// What is told at the end of a source.
#[derive(Debug, Default)]
pub(super) struct SetAside {
    /// By what follows "entry is".
    counted: BTreeMap<String, usize>,
    /// By the reason without its address, which differs from entry to entry.
    failed: BTreeMap<String, Failed>,
    left: usize,
}

#[derive(Debug)]
struct Failed {
    entries: usize,
    first: String,
    reason: String,
}

impl SetAside {
    /// An entry that is so, such as "left for later: …".
    pub(super) fn count(&mut self, so: String) {
        *self.counted.entry(so).or_default() += 1;
    }

    /// The text of the entry of this title failed for now.
    pub(super) fn failed(&mut self, title: &str, reason: &str) {
        let what = match reason.split_once(": ") {
            Some((address, what)) if address.starts_with("http") => what,
            _ => reason,
        };
        let failed = self
            .failed
            .entry(what.to_owned())
            .or_insert_with(|| Failed {
                entries: 0,
                first: title.to_owned(),
                reason: reason.to_owned(),
            });
        failed.entries += 1;
    }

    /// An entry that this run does not come to.
    pub(super) fn left(&mut self) {
        self.left += 1;
    }

    /// A sentence a reason.
    pub(super) fn told(self) -> impl Iterator<Item = String> {
        let failed = self.failed.into_values().map(|failed| {
            let Failed {
                entries,
                first,
                reason,
            } = failed;
            if entries == 1 {
                format!("\"{first}\" is left for the next run: {reason}")
            } else {
                format!("{entries} entries are left for the next run, \"{first}\" first: {reason}")
            }
        });
        let counted = self.counted.into_iter();
        let counted = counted.map(|(so, count)| format!("{} {so}", entries_are(count)));
        let left =
            (self.left > 0).then(|| format!("{} left for the next run", entries_are(self.left)));
        failed.chain(counted).chain(left)
    }
}

fn entries_are(count: usize) -> String {
    let are = if count == 1 {
        "entry is"
    } else {
        "entries are"
    };
    format!("{count} {are}")
}
