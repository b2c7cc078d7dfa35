//! The saved digest → one email per waiting subscriber, each attempt written down before it is made.

use anyhow::Context as _;
use jiff::SignedDuration;
use jiff::civil::Date;

use crate::model::DeliveryState;
use crate::model::Digest;
use crate::model::Email;
use crate::model::sha256_hex;
use crate::outside::mailer::Outcome;
use crate::outside::mailer::Refusal;
use crate::outside::mailer::Session;
use crate::outside::mailer::edition_folder;
use crate::outside::mailer::write_preview;
use crate::outside::store::Attempt;
use crate::outside::store::Due;
use crate::outside::store::Outcome as Settled;
use crate::outside::store::StoreError;
use crate::pipeline::Doors;
use crate::pipeline::Job;
use crate::pipeline::Progress;
use crate::report::Deliveries;
use crate::report::Report;
use crate::settings::Settings;
use crate::settings::Transport;
use crate::stages::compose_email::ComposeError;
use crate::stages::compose_email::Letterhead;
use crate::stages::compose_email::Templates;
use crate::stages::compose_email::compose_email;
use crate::stages::compose_email::compose_preview;

/// An edition of the day before is still worth a morning; an older one is not.
const STALE_AFTER_DAYS: i64 = 1;

/// A reader whose server said "not now" is asked again no sooner than this (RFC 5321 §4.5.4.1).
const DEFERRED_FOR: SignedDuration = SignedDuration::from_mins(30);

/// So many refusals for policy in one run are about us, not about the readers.
const POLICY_REFUSALS_MAX: usize = 3;

/// Connections lost one after the other before the mail server counts as unusable.
const LOST_IN_A_ROW_MAX: usize = 3;

/// Sends the edition of the day to every subscriber who has not had it, after what is left of the day before.
pub async fn deliver(job: &Job<'_>, doors: &mut Doors, report: &mut Report) -> anyhow::Result<()> {
    let day = &job.day;
    let editions = doors.store.editions(oldest_delivered(day.date), day.date)?;
    // under the lock of the run: whoever was attempting is not there any more
    let interrupted = doors.store.settle_interrupted()?;
    if interrupted > 0 {
        report.mail_problems.push(format!(
            "a run before this one was interrupted while it sent: what became of {interrupted} messages is unknown; \
             [mail] on_unknown says whether they go out once more"
        ));
    }
    for digest in &editions {
        if digest.date == day.date {
            doors.store.enrol(digest.date)?;
            show_in_outbox(digest, job.settings, &doors.templates)?;
        }
        if !job.stop.is_asked() && !report.mail_server_unusable {
            send(digest, job, doors, report).await?;
        }
    }
    report.interrupted = job.stop.is_asked();
    report.deliveries = Deliveries::from(&doors.store.delivery_counts(day.date)?);
    Ok(())
}

/// Beside the messages of an outbox stands what a reader sees.
fn show_in_outbox(
    digest: &Digest,
    settings: &Settings,
    templates: &Templates,
) -> anyhow::Result<()> {
    let Transport::Outbox(outbox) = &settings.mail.transport else {
        return Ok(());
    };
    let letterhead = Letterhead {
        mail: &settings.mail,
        site: settings.site.as_ref(),
    };
    let preview = compose_preview(digest, &letterhead, templates)?;
    write_preview(
        &edition_folder(outbox, digest.date),
        &preview.html,
        &preview.text,
    )?;
    Ok(())
}

/// The oldest edition of which something is still sent on a day.
pub fn oldest_delivered(date: Date) -> Date {
    date.saturating_sub(jiff::Span::new().days(STALE_AFTER_DAYS))
}

/// Sends one edition to those it is due to.
async fn send(
    digest: &Digest,
    job: &Job<'_>,
    doors: &mut Doors,
    report: &mut Report,
) -> anyhow::Result<()> {
    let Job { day, settings, .. } = job;
    let due = doors
        .store
        .due(digest.date, day.now, settings.mail.on_unknown)?;
    if due.is_empty() {
        return Ok(());
    }
    let letterhead = Letterhead {
        mail: &settings.mail,
        site: settings.site.as_ref(),
    };
    let mut line = Line {
        session: None,
        lost_in_a_row: 0,
        refused_for_policy: 0,
    };
    for (nth, Due { subscriber, .. }) in due.iter().enumerate() {
        // left since the list was made: checked again right before the envelope
        if job.stop.is_asked() || !doors.store.is_still_subscribed(subscriber.id)? {
            continue;
        }
        let email = match compose_email(digest, subscriber, &letterhead, &doors.templates) {
            Ok(email) => email,
            // one reader whom no server could serve holds up nobody else
            Err(error @ ComposeError::AddressNotAscii { .. }) => {
                report.mail_problems.push(error.to_string());
                continue;
            }
            Err(error) => {
                return Err(error).context("the mail could not be made, so nothing is sent");
            }
        };
        let message = Message {
            digest,
            email: &email,
        };
        if let After::ServerUnusable(why) = line.deliver(&message, job, doors, report).await? {
            report
                .mail_problems
                .push(format!("{why}; what is left waits for the next run"));
            report.mail_server_unusable = true;
            break;
        }
        (job.progress)(Progress::Sent {
            done: nth + 1,
            of: due.len(),
        });
    }
    if let Some(session) = line.session {
        session.quit().await;
    }
    Ok(())
}

/// One message to one reader.
struct Message<'a> {
    digest: &'a Digest,
    email: &'a Email,
}

/// The line to the mail server, opened when it is first needed and again when it was lost.
struct Line {
    session: Option<Session>,
    lost_in_a_row: usize,
    refused_for_policy: usize,
}

/// What follows on a message that is settled.
enum After {
    /// The next one.
    Next,
    /// Nothing more in this run; the text says why.
    ServerUnusable(String),
}

impl Line {
    /// Sends one message, with the attempt written down before and the outcome after. A line that is lost before the
    /// message went is opened again. An error is the ledger's: without it nothing may be sent.
    async fn deliver(
        &mut self,
        message: &Message<'_>,
        job: &Job<'_>,
        doors: &mut Doors,
        report: &mut Report,
    ) -> anyhow::Result<After> {
        let Message { digest, email } = *message;
        let (date, reader, at) = (digest.date, email.subscriber, job.day.now);
        loop {
            let session = match &mut self.session {
                Some(session) => session,
                none => match doors.mailer.connect().await {
                    Ok(session) => none.insert(session),
                    Err(error) => return Ok(After::ServerUnusable(error.to_string())),
                },
            };
            let store = &mut doors.store;
            let sha256 = sha256_hex(&email.bytes);
            let message_id = email.message_id.as_str();
            match store.begin_attempt(&Attempt {
                date,
                subscriber: reader,
                message_id,
                message_sha256: &sha256,
                at,
            }) {
                // they left a moment ago
                Err(StoreError::OutOfStep { .. }) => return Ok(After::Next),
                begun => begun?,
            }
            let outcome = session.send(&job.settings.mail.from.address, email).await;
            let (state, reply, not_before) = match outcome {
                Outcome::Accepted { reply } => (DeliveryState::Accepted, reply, None),
                Outcome::Deferred { reply } => (
                    DeliveryState::Deferred,
                    reply,
                    Some(at.checked_add(DEFERRED_FOR)?),
                ),
                Outcome::Refused { reply, why } => {
                    report
                        .mail_problems
                        .push(format!("subscriber {reader} was refused: {reply}"));
                    match why {
                        Refusal::DeadAddress => store.suppress(reader, &reply, at)?,
                        Refusal::Policy | Refusal::Content => self.refused_for_policy += 1,
                        Refusal::MailboxFull | Refusal::Unexplained => {}
                    }
                    (DeliveryState::Refused, reply, None)
                }
                Outcome::Unknown { reason } => {
                    report.mail_problems.push(format!(
                        "subscriber {reader}: no answer after the message: {reason}"
                    ));
                    self.session = None;
                    (DeliveryState::Unknown, reason, None)
                }
                Outcome::ServerGone { reason } => {
                    store.release_attempt(date, reader, at)?;
                    self.session = None;
                    self.lost_in_a_row += 1;
                    if self.lost_in_a_row < LOST_IN_A_ROW_MAX {
                        continue;
                    }
                    return Ok(After::ServerUnusable(format!(
                        "the mail server keeps going away: {reason}"
                    )));
                }
                Outcome::Stopped(error) => {
                    store.release_attempt(date, reader, at)?;
                    return Ok(After::ServerUnusable(error.to_string()));
                }
            };
            store.finish_attempt(&Settled {
                date,
                subscriber: reader,
                state,
                reason: Some(&reply),
                not_before,
                at,
            })?;
            self.lost_in_a_row = 0;
            if self.refused_for_policy >= POLICY_REFUSALS_MAX {
                let why = format!(
                    "{POLICY_REFUSALS_MAX} messages were refused for policy or content, the last with: {reply}"
                );
                return Ok(After::ServerUnusable(why));
            }
            return Ok(After::Next);
        }
    }
}
