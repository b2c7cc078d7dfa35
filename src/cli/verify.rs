//! `verify`: each quote found again where its receipt says.

use std::fmt::Write as _;

use crate::cli::Common;
use crate::cli::VerifyArgs;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::tell;
use crate::outside::store::Store;
use crate::pipeline;
use crate::pipeline::Verified;
use crate::report::Exit;

/// Verifies the edition of a day, or all of them.
pub(super) fn verify(common: &Common, args: &VerifyArgs) -> anyhow::Result<Exit> {
    let store = Store::look_at(&common.store_path()?)?;
    let dates = match args.date {
        Some(date) => vec![date],
        None => store.edition_dates()?,
    };
    let (mut quotes, mut editions, mut from_spans, mut faults) = (0, 0, 0, 0);
    for date in dates {
        let verified = pipeline::verify(date, &store)?.ok_or_else(|| {
            WrongSettings(format!(
                "there is no edition of {date}; name the day of one that was chosen"
            ))
        })?;
        editions += 1;
        quotes += verified.quotes;
        from_spans += verified.from_spans;
        faults += verified.faults.len();
        if common.json {
            print_json(&verified)?;
        } else if !verified.faults.is_empty() {
            print(&told(&verified))?;
        }
    }
    let exit = if faults == 0 {
        Exit::Done
    } else {
        Exit::Differs
    };
    if !common.json && (!common.quiet || exit != Exit::Done) {
        let found = match faults {
            0 => "each stands where its receipt says, to the last character.".to_owned(),
            many => format!("{} found.", tell::counted(many, "fault", "faults")),
        };
        let mut out = format!(
            "{} in {}: {found}",
            tell::counted(quotes, "quote", "quotes"),
            tell::counted(editions, "edition", "editions")
        );
        if from_spans > 0 {
            let _ = write!(
                out,
                " {} found in the span that is kept; the rest of the document was let go.",
                tell::counted(from_spans, "was", "were")
            );
        }
        print(&out)?;
    }
    Ok(exit)
}

/// Edition, number and headline of each quote that is not what it should be.
fn told(verified: &Verified) -> String {
    let mut out = String::new();
    for fault in &verified.faults {
        let _ = writeln!(
            out,
            "Edition {} of {}, insight {} “{}”: {}",
            verified.edition, verified.date, fault.position, fault.headline, fault.what
        );
    }
    out
}
