//! `send-test`: which edition goes out as a test, and what is said of it.

use jiff::civil::Date;
use serde::Serialize;

use crate::cli::Common;
use crate::cli::SendTestArgs;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::output::say;
use crate::model::Digest;
use crate::model::EmailAddress;
use crate::outside::mailer::Outcome;
use crate::pipeline;
use crate::pipeline::Doors;
use crate::pipeline::Job;
use crate::report::Exit;
use crate::stages::compose_email::DkimSigner;

/// Sends a test mail; the store behind `doors` is a copy that is thrown away.
pub(super) async fn send_test(
    common: &Common,
    args: &SendTestArgs,
    job: &Job<'_>,
    doors: &Doors,
) -> anyhow::Result<Exit> {
    let to = EmailAddress::parse(&args.address)
        .map_err(|problem| WrongSettings(format!("ADDRESS: {problem}")))?;
    let (digest, is_specimen) = edition(args.edition, job, doors)?;
    let outcome = pipeline::send_test(&digest, &to, job.day.now, job.settings, doors).await?;
    let (word, said, exit) = match &outcome {
        Outcome::Accepted { reply } => ("accepted", reply.clone(), Exit::Done),
        Outcome::Refused { reply, .. } => ("refused", reply.clone(), Exit::Mail),
        Outcome::Deferred { reply, .. } => ("deferred", reply.clone(), Exit::Mail),
        Outcome::Unknown { reason } => ("unknown", reason.clone(), Exit::Mail),
        Outcome::ServerGone { reason } => ("waiting", reason.clone(), Exit::Mail),
        Outcome::Stopped(error) => ("waiting", error.to_string(), Exit::Mail),
    };
    let told = Told {
        date: digest.date,
        edition: (!is_specimen).then_some(digest.edition),
        state: word,
        said,
        signed_for: doors.signer.as_deref().map(DkimSigner::domain),
    };
    if common.json {
        print_json(&told)?;
    }
    match exit {
        Exit::Done if !common.json && !common.quiet => print(&told.in_words())?,
        Exit::Done => {}
        _ => say(&told.in_words()),
    }
    Ok(exit)
}

/// The edition that was asked for, else the latest one, else a specimen; and whether it is that.
fn edition(asked: Option<Date>, job: &Job<'_>, doors: &Doors) -> anyhow::Result<(Digest, bool)> {
    if let Some(date) = asked {
        let saved = doors.store.edition(date)?.ok_or_else(|| {
            WrongSettings(format!(
                "no edition of {date} has been chosen; leave --edition out for the latest one"
            ))
        })?;
        return Ok((saved, false));
    }
    if let Some(latest) = doors.store.latest_edition()? {
        return Ok((latest, false));
    }
    let title = &job.settings.digest.title;
    let specimen = pipeline::specimen(job.day.date, title, job.day.now)
        .ok_or_else(|| anyhow::anyhow!("the specimen has no insight"))?;
    Ok((specimen, true))
}

/// What became of a test mail.
#[derive(Serialize)]
struct Told<'a> {
    date: Date,
    /// Number of the edition; none for a specimen.
    edition: Option<u32>,
    /// A state of the ledger, in which it does not stand.
    state: &'static str,
    /// What the server answered, or what happened.
    said: String,
    signed_for: Option<&'a str>,
}

impl Told<'_> {
    fn in_words(&self) -> String {
        let what = match self.edition {
            Some(edition) => format!("edition {edition} of {}", self.date),
            None => "a specimen, since there is no edition yet".to_owned(),
        };
        let said = &self.said;
        let became = match self.state {
            "accepted" => format!("was accepted: {said}"),
            "unknown" => format!("may have arrived or not: {said}"),
            "waiting" => format!("was not sent: {said}"),
            state => format!("was {state}: {said}"),
        };
        let signed = match self.signed_for {
            Some(domain) => format!("It is signed for {domain}."),
            None => "It is not signed ([mail.dkim]).".to_owned(),
        };
        format!(
            "The test mail ({what}) {became}\n{signed} Its links for leaving look like a reader's and unsubscribe nobody."
        )
    }
}
