//! The world around the program, as real servers on the loopback.

use jiff::Timestamp;
use jiff::civil::Date;
use takefive::outside::store::Due;
use takefive::outside::store::DueWalk;
use takefive::outside::store::Round;
use takefive::outside::store::Store;
use takefive::settings::OnUnknown;

pub(crate) mod http;

pub(crate) mod newsroom;

pub(crate) mod smtp;

/// All that a store has to send for the edition of `date`, page by page.
pub(crate) fn due(store: &Store, date: Date, now: Timestamp, on_unknown: OnUnknown) -> Vec<Due> {
    let mut walk = DueWalk::new(date, now, Round::First(on_unknown));
    let mut all = Vec::new();
    loop {
        let page = store.due(&mut walk).expect("a store that can be read");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}
