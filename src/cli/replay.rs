//! `replay`: a past edition made again and compared.

use std::fmt::Write as _;

use crate::cli::Common;
use crate::cli::ReplayArgs;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::tell;
use crate::cli::templates;
use crate::pipeline;
use crate::pipeline::Replayed;
use crate::pipeline::history::look_back;
use crate::report::Exit;

/// Makes the edition of a day again, and says whether it is the same.
pub(super) fn replay(common: &Common, args: &ReplayArgs) -> anyhow::Result<Exit> {
    let settings = common.settings()?;
    let templates = templates::read(settings.mail.templates.as_deref())?;
    let store = look_back(&settings.store_path)?;
    let date = args.date;
    let replayed = pipeline::replay(date, &settings, &templates, &store)?.ok_or_else(|| {
        WrongSettings(format!(
            "there is no edition of {date}; name the day of one that was chosen"
        ))
    })?;
    let exit = if replayed.same {
        Exit::Done
    } else {
        Exit::Differs
    };
    if common.json {
        print_json(&replayed)?;
    } else if !common.quiet || exit != Exit::Done {
        print(&told(&replayed))?;
    }
    Ok(exit)
}

fn told(replayed: &Replayed) -> String {
    let Replayed {
        date,
        edition,
        same,
        insights,
        differences,
        notes,
    } = replayed;
    let mut out = if *same {
        format!(
            "Edition {edition} of {date}: byte for byte the same, {} and the words of its mail.\n",
            tell::counted(insights, "insight", "insights")
        )
    } else {
        format!("Edition {edition} of {date}: not the same.\n")
    };
    for difference in differences {
        let _ = writeln!(out, "  {}: {}", difference.place, difference.what);
    }
    for note in notes {
        let _ = writeln!(out, "  note: {note}");
    }
    out
}
