//! The saved digest → one email per waiting subscriber, each attempt written down before it is made.

use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::DeliveryState;
use crate::model::Digest;
use crate::model::Email;
use crate::model::EmailAddress;
use crate::model::sha256_hex;
use crate::outside::mailer::Mailer;
use crate::outside::mailer::Outcome;
use crate::outside::mailer::Refusal;
use crate::outside::mailer::Session;
use crate::outside::mailer::edition_folder;
use crate::outside::mailer::write_preview;
use crate::outside::store::Attempt;
use crate::outside::store::Due;
use crate::outside::store::Outcome as Settled;
use crate::outside::store::Store;
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
use crate::stages::compose_email::Mailing;
use crate::stages::compose_email::Templates;
use crate::stages::compose_email::compose_email;
use crate::stages::compose_email::compose_preview;

/// An edition of the day before is still worth a morning; an older one is not.
const STALE_AFTER_DAYS: i64 = 1;

/// A reader whose server said "not now" is asked again no sooner than this (RFC 5321 §4.5.4.1).
const DEFERRED_FOR: SignedDuration = SignedDuration::from_mins(30);

/// So many refusals for policy or content, and as large a share of what was tried, are about us, not about the readers.
const POLICY_REFUSALS_MAX: usize = 3;

/// One in so many: a few strict companies among many readers stop nothing.
const POLICY_REFUSALS_ONE_IN: usize = 10;

/// Some servers close a connection after a hundred messages, some call more than that abuse.
const MESSAGES_PER_CONNECTION: usize = 50;

/// Connections in a row that settled nothing, before the mail server counts as unusable.
const FRUITLESS_MAX: usize = 3;

/// How long to wait after the first and the second such connection: what is left after this waits for tomorrow's run.
const PAUSES: [Duration; FRUITLESS_MAX - 1] = [Duration::from_secs(1), Duration::from_secs(5)];

/// Sentences about single messages in a report; beyond these the counts tell enough.
const PROBLEMS_TOLD_MAX: usize = 50;

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
        if digest.date != day.date {
            tell_of_earlier(digest.date, &doors.store, report)?;
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

/// Says what of an earlier edition did not go out: this was its last day.
fn tell_of_earlier(date: Date, store: &Store, report: &mut Report) -> anyhow::Result<()> {
    let Deliveries {
        waiting, deferred, ..
    } = Deliveries::from(&store.delivery_counts(date)?);
    if waiting + deferred > 0 {
        report.earlier_mail_left = true;
        report.mail_problems.push(format!(
            "the edition of {date} is too old to be sent after today: {waiting} waiting, {deferred} deferred"
        ));
    }
    Ok(())
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
    let not_made = "the mail could not be made, so nothing is sent";
    let mailing = Mailing::new(digest, &letterhead, &doors.templates)
        .context(not_made)?
        .signed_by(doors.signer.as_ref());
    let mut line = Line::default();
    for (nth, Due { subscriber, .. }) in due.iter().enumerate() {
        if job.stop.is_asked() {
            break;
        }
        // left since the list was made: checked again right before the envelope
        if !doors.store.is_still_subscribed(subscriber.id)? {
            continue;
        }
        let email = match compose_email(&mailing, subscriber) {
            Ok(email) => email,
            // one reader whom no server could serve holds up nobody else
            Err(error @ ComposeError::AddressNotAscii { .. }) => {
                tell(report, error.to_string());
                continue;
            }
            Err(error) => return Err(error).context(not_made),
        };
        let after = line
            .deliver(&email, job, &doors.mailer, &mut doors.store, report)
            .await?;
        match after {
            After::Next => {}
            After::Stopped => break,
            After::ServerUnusable(why) => {
                report
                    .mail_problems
                    .push(format!("{why}; what is left waits for the next run"));
                report.mail_server_unusable = true;
                break;
            }
        }
        (job.progress)(Progress::Sent {
            done: nth + 1,
            of: due.len(),
        });
    }
    line.close().await;
    Ok(())
}

/// The line to the mail server, opened when it is first needed and again when it was lost.
#[derive(Default)]
struct Line {
    session: Option<Session>,
    /// Messages settled over this connection.
    carried: usize,
    /// Connections in a row over which nothing was settled.
    fruitless: usize,
    /// Messages settled over all of them.
    settled: usize,
    refused_for_policy: usize,
}

/// What follows on a message.
enum After {
    /// The next one.
    Next,
    /// Nothing more: someone asked for an end before this one was sent.
    Stopped,
    /// Nothing more in this run; the text says why.
    ServerUnusable(String),
}

impl Line {
    /// Sends one message, with the attempt written down before its first octet and the outcome after. A line that is lost
    /// before the message went is opened again. An error is the ledger's: without it nothing may be sent.
    async fn deliver(
        &mut self,
        email: &Email,
        job: &Job<'_>,
        mailer: &Mailer,
        store: &mut Store,
        report: &mut Report,
    ) -> anyhow::Result<After> {
        let (reader, at) = (email.subscriber, job.day.now);
        let from = &job.settings.mail.from.address;
        let (state, reply, not_before) = loop {
            let session = match self.open(job, mailer).await {
                Ok(session) => session,
                Err(after) => return Ok(after),
            };
            let Some(outcome) = attempt(session, from, email, at, store).await? else {
                return Ok(After::Next);
            };
            break match outcome {
                Outcome::Accepted { reply } => (DeliveryState::Accepted, reply, None),
                Outcome::Deferred { reply } => {
                    tell(report, format!("subscriber {reader} was put off: {reply}"));
                    let not_before = at.checked_add(DEFERRED_FOR)?;
                    (DeliveryState::Deferred, reply, Some(not_before))
                }
                Outcome::Refused { reply, why } => {
                    tell(report, format!("subscriber {reader} was refused: {reply}"));
                    match why {
                        Refusal::DeadAddress => store.suppress(reader, &reply, at)?,
                        Refusal::Policy | Refusal::Content => self.refused_for_policy += 1,
                        Refusal::MailboxFull | Refusal::Unexplained => {}
                    }
                    (DeliveryState::Refused, reply, None)
                }
                Outcome::Unknown { reason } => {
                    let sentence =
                        format!("subscriber {reader}: no answer after the message: {reason}");
                    tell(report, sentence);
                    (DeliveryState::Unknown, reason, None)
                }
                Outcome::ServerGone { .. } if self.lose() => continue,
                Outcome::ServerGone { reason } => {
                    let why = format!("the mail server keeps going away: {reason}");
                    return Ok(After::ServerUnusable(why));
                }
                Outcome::Stopped(error) if error.may_pass() && self.lose() => continue,
                Outcome::Stopped(error) => return Ok(After::ServerUnusable(error.to_string())),
            };
        };
        store.finish_attempt(&Settled {
            date: email.date,
            subscriber: reader,
            state,
            reason: Some(&reply),
            not_before,
            at,
        })?;
        Ok(self.after(state, &reply))
    }

    /// Counts a message that is settled.
    fn after(&mut self, state: DeliveryState, reply: &str) -> After {
        self.settled += 1;
        if state == DeliveryState::Unknown {
            // each more of these may be a mail that comes twice
            return if self.lose() {
                After::Next
            } else {
                After::ServerUnusable(format!("the mail server keeps giving no answer: {reply}"))
            };
        }
        self.carried += 1;
        self.fruitless = 0;
        let (refused, settled) = (self.refused_for_policy, self.settled);
        if refused >= POLICY_REFUSALS_MAX && refused * POLICY_REFUSALS_ONE_IN >= settled {
            return After::ServerUnusable(format!(
                "{refused} of {settled} messages were refused for policy or content, the last answer: {reply}"
            ));
        }
        After::Next
    }

    /// The connection, a new one where there is none or the old one has carried enough. A server that says "not now" is
    /// asked again after a pause.
    async fn open(&mut self, job: &Job<'_>, mailer: &Mailer) -> Result<&mut Session, After> {
        if self.carried >= MESSAGES_PER_CONNECTION {
            self.close().await;
        }
        let session = if let Some(session) = self.session.take() {
            session
        } else {
            tokio::select! {
                connected = self.connect(mailer) => connected?,
                () = job.stop.asked() => return Err(After::Stopped),
            }
        };
        Ok(self.session.insert(session))
    }

    async fn connect(&mut self, mailer: &Mailer) -> Result<Session, After> {
        loop {
            if let Some(pause) = self
                .fruitless
                .checked_sub(1)
                .and_then(|nth| PAUSES.get(nth))
            {
                tokio::time::sleep(*pause).await;
            }
            match mailer.connect().await {
                Ok(session) => return Ok(session),
                Err(error) if error.may_pass() && self.lose() => {}
                Err(error) => return Err(After::ServerUnusable(error.to_string())),
            }
        }
    }

    /// Gives the connection up; whether another one is worth a try.
    fn lose(&mut self) -> bool {
        self.session = None;
        self.fruitless = if self.carried > 0 {
            0
        } else {
            self.fruitless + 1
        };
        self.carried = 0;
        self.fruitless < FRUITLESS_MAX
    }

    /// Takes leave of the server.
    async fn close(&mut self) {
        self.carried = 0;
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
    }
}

/// Sends one message over a connection, with the attempt written down before its first octet. None where the reader left a
/// moment ago.
async fn attempt(
    session: &mut Session,
    from: &EmailAddress,
    email: &Email,
    at: Timestamp,
    store: &mut Store,
) -> Result<Option<Outcome>, StoreError> {
    let outcome = match session.offer(from, email).await {
        Ok(welcome) => {
            if !begin(email, at, store)? {
                welcome.take_back().await;
                return Ok(None);
            }
            let outcome = welcome.hand_over().await;
            if is_of_the_server(&outcome) {
                store.release_attempt(email.date, email.subscriber, at)?;
            }
            outcome
        }
        Err(outcome) => {
            if !is_of_the_server(&outcome) && !begin(email, at, store)? {
                return Ok(None);
            }
            outcome
        }
    };
    Ok(Some(outcome))
}

/// Whether the message certainly did not go, for no fault of its reader.
fn is_of_the_server(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::ServerGone { .. } | Outcome::Stopped(_))
}

/// Writes down, on the disk, that a message is about to go out. Not so where the reader left a moment ago.
fn begin(email: &Email, at: Timestamp, store: &mut Store) -> Result<bool, StoreError> {
    let begun = store.begin_attempt(&Attempt {
        date: email.date,
        subscriber: email.subscriber,
        message_id: &email.message_id,
        message_sha256: &sha256_hex(&email.bytes),
        at,
    });
    match begun {
        Ok(()) => Ok(true),
        Err(StoreError::OutOfStep { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Adds a sentence about one message.
fn tell(report: &mut Report, sentence: String) {
    match report.mail_problems.len() {
        told if told < PROBLEMS_TOLD_MAX => report.mail_problems.push(sentence),
        PROBLEMS_TOLD_MAX => report
            .mail_problems
            .push("there were more such problems; the counts have them all".to_owned()),
        _ => {}
    }
}
