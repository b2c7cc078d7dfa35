//! One mail to one address, the way that every mail goes; neither the ledger nor the subscribers hear of it.

use anyhow::Context as _;
use jiff::Timestamp;

use crate::model::Digest;
use crate::model::EmailAddress;
use crate::model::Secret;
use crate::model::Subscriber;
use crate::outside::mailer::Outcome;
use crate::pipeline::Doors;
use crate::settings::Settings;
use crate::stages::compose_email::Letterhead;
use crate::stages::compose_email::Mailing;
use crate::stages::compose_email::Occasion;
use crate::stages::compose_email::compose_email;
use crate::stages::compose_email::set_words;

mod specimen;
pub use specimen::specimen;

/// What stands where a reader's token for leaving would: as long as one, and nobody's.
const TOKEN: &str = "this-is-a-test-mail-only";

/// Nobody's number: those of subscribers begin with 1.
const NOBODY: i64 = 0;

/// Sends `digest` to `to` as a test: its subject says so, its `Date` is now, and its links for leaving unsubscribe nobody.
/// An error is one of making the mail; what became of it is the outcome.
pub async fn send_test(
    digest: &Digest,
    to: &EmailAddress,
    now: Timestamp,
    settings: &Settings,
    doors: &Doors,
) -> anyhow::Result<Outcome> {
    let digest = dated(digest, now)?;
    let letterhead = Letterhead {
        mail: &settings.mail,
        site: settings.site.as_ref(),
    };
    let reader = Subscriber {
        id: NOBODY,
        address: to.clone(),
        leave_token: Secret::new(TOKEN),
    };
    let words = set_words(&digest, &letterhead, &doors.templates)?;
    let mut mailing = Mailing::new(digest, &letterhead, words);
    mailing.signer.clone_from(&doors.signer);
    mailing.occasion = Occasion::Test;
    let email = compose_email(&mailing, &reader)?;
    let mut session = match doors.mailer.connect().await {
        Ok(session) => session,
        Err(error) => return Ok(Outcome::Stopped(error)),
    };
    let outcome = match session.offer(&email).await {
        Ok(welcome) => welcome.hand_over().await,
        Err(outcome) => outcome,
    };
    session.quit().await;
    Ok(outcome)
}

/// The edition as if it had been chosen now: an old date would hide the mail far down in an inbox.
fn dated(digest: &Digest, now: Timestamp) -> anyhow::Result<Digest> {
    Digest::new(
        digest.date,
        digest.edition,
        digest.title.clone(),
        now,
        digest.insights().to_vec(),
    )
    .context("an edition without an insight cannot be")
}
