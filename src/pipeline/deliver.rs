//! The saved digest → one email per waiting subscriber, each attempt written down before it is made.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio::time::Instant;

use crate::model::DeliveryState;
use crate::model::Digest;
use crate::outside::mailer::edition_folder;
use crate::outside::mailer::write_preview;
use crate::outside::store::DeliveryPage;
use crate::outside::store::DueWalk;
use crate::outside::store::Round;
use crate::outside::store::Store;
use crate::pipeline::Doors;
use crate::pipeline::Job;
use crate::pipeline::keep_words::keep_words;
use crate::report::Deliveries;
use crate::report::Report;
use crate::settings::Settings;
use crate::settings::Transport;
use crate::stages::compose_email::Letterhead;
use crate::stages::compose_email::Mailing;
use crate::stages::compose_email::Templates;
use crate::stages::compose_email::compose_preview;

mod courier;

mod desk;

use courier::Crew;
use desk::Desk;

/// An edition of the day before is still worth a morning; an older one is not.
const STALE_AFTER_DAYS: i64 = 1;

/// Sentences about single messages in a report; beyond these the counts tell enough.
const PROBLEMS_TOLD_MAX: usize = 50;

/// Sends the edition of the day to every subscriber who has not had it, after what is left of the day before.
pub async fn deliver(job: &Job<'_>, doors: &mut Doors, report: &mut Report) -> anyhow::Result<()> {
    let from = oldest_delivered(job.day.date);
    deliver_since(from, job, doors, report).await
}

/// Sends the edition of the day, however old, and no other.
pub async fn deliver_only(
    job: &Job<'_>,
    doors: &mut Doors,
    report: &mut Report,
) -> anyhow::Result<()> {
    deliver_since(job.day.date, job, doors, report).await
}

async fn deliver_since(
    from: Date,
    job: &Job<'_>,
    doors: &mut Doors,
    report: &mut Report,
) -> anyhow::Result<()> {
    let day = &job.day;
    let editions = doors.store.editions(from, day.date)?;
    // under the lock of the run: whoever was attempting is not there any more
    let interrupted = doors.store.settle_interrupted()?;
    if interrupted > 0 {
        report.mail_problems.push(format!(
            "a run before this one was interrupted while it sent: what became of {interrupted} messages is unknown; \
             [mail] on_unknown says whether they go out once more"
        ));
    }
    let time = Time::beginning(day.now, job.settings.mail.sending.budget);
    for digest in &editions {
        if digest.date == day.date {
            doors.store.enrol(digest.date)?;
            show_in_outbox(digest, job.settings, &doors.templates)?;
        }
        if !job.stop.is_asked() && !report.mail_server_unusable {
            send(digest, job, time, doors, report).await?;
            tell_who_is_put_off(digest.date, &doors.store, report)?;
        }
        if digest.date != day.date {
            tell_of_earlier(digest.date, &doors.store, report)?;
        }
    }
    report.interrupted = job.stop.is_asked();
    report.deliveries = Deliveries::from(&doors.store.delivery_counts(day.date)?);
    Ok(())
}

/// The oldest edition of which something is still sent on a day.
pub fn oldest_delivered(date: Date) -> Date {
    date.saturating_sub(jiff::Span::new().days(STALE_AFTER_DAYS))
}

/// The time in which mail is sent.
#[derive(Debug, Clone, Copy)]
struct Time {
    /// The moment by the clock on the wall at which it began.
    at_first: Timestamp,
    began: Instant,
    budget: Duration,
}

impl Time {
    fn beginning(now: Timestamp, budget: Duration) -> Self {
        Self {
            at_first: now,
            began: Instant::now(),
            budget,
        }
    }

    /// The moment by the clock on the wall.
    fn now(self) -> Timestamp {
        self.at_first
            .checked_add(self.began.elapsed())
            .unwrap_or(Timestamp::MAX)
    }

    /// Whether nothing more is begun.
    fn is_over(self) -> bool {
        self.began.elapsed() >= self.budget
    }

    /// The moment `at` on the clock of this process, unless the time is over by then.
    fn of(self, at: Timestamp) -> Option<Instant> {
        let ahead = Duration::try_from(at.duration_since(self.at_first)).unwrap_or_default();
        (ahead < self.budget).then(|| self.began + ahead)
    }
}

/// Sends one edition to those it is due to; those who were put off for minutes are asked again as long as there is time.
async fn send(
    digest: &Digest,
    job: &Job<'_>,
    time: Time,
    doors: &mut Doors,
    report: &mut Report,
) -> anyhow::Result<()> {
    let Job { settings, .. } = job;
    let mut round = Round::First(settings.mail.on_unknown);
    let mut crew = None;
    loop {
        let walk = DueWalk::new(digest.date, time.now(), round);
        let due = doors.store.count_due(&walk)?;
        if due > 0 {
            let crew = match &mut crew {
                Some(crew) => crew,
                none => none.insert(engage(digest, job, doors)?),
            };
            let desk = Desk::new(walk, due, job, time, report);
            desk.work(crew, &mut doors.store).await?;
        }
        if report.mail_server_unusable {
            return Ok(());
        }
        // whom an earlier run put off is not waited for: that may be half an hour
        let again = doors.store.next_deferred(digest.date, time.at_first)?;
        let Some(again) = again.and_then(|at| time.of(at)) else {
            return Ok(());
        };
        tokio::select! {
            () = tokio::time::sleep_until(again) => {}
            () = job.stop.asked() => return Ok(()),
        }
        round = Round::Again;
    }
}

/// Those who carry the mail of an edition, with its words.
fn engage(digest: &Digest, job: &Job<'_>, doors: &mut Doors) -> anyhow::Result<Arc<Crew>> {
    let settings = job.settings;
    let words = keep_words(digest, settings, &doors.templates, &mut doors.store)?
        .context(desk::NOT_MADE)?;
    let mut mailing = Mailing::new(digest.clone(), &letterhead(settings), words);
    mailing.signer.clone_from(&doors.signer);
    let mailer = Arc::clone(&doors.mailer);
    Ok(Arc::new(Crew::new(mailing, mailer, job.stop.clone())))
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
    let preview = compose_preview(digest, &letterhead(settings), templates)?;
    write_preview(
        &edition_folder(outbox, digest.date),
        &preview.html,
        &preview.text,
    )?;
    Ok(())
}

fn letterhead(settings: &Settings) -> Letterhead<'_> {
    Letterhead {
        mail: &settings.mail,
        site: settings.site.as_ref(),
    }
}

/// Says who is to be asked again later, once it is clear who they are.
fn tell_who_is_put_off(date: Date, store: &Store, report: &mut Report) -> anyhow::Result<()> {
    let page = DeliveryPage {
        date,
        state: Some(DeliveryState::Deferred),
        after: 0,
        at_most: PROBLEMS_TOLD_MAX,
    };
    for row in store.deliveries(&page)? {
        let why = row.reason.unwrap_or_default();
        tell(
            report,
            format!("subscriber {} was put off: {why}", row.subscriber),
        );
    }
    Ok(())
}

/// Adds a sentence about one message.
fn tell(report: &mut Report, sentence: String) {
    let problems = &mut report.mail_problems;
    match problems.len() {
        told if told < PROBLEMS_TOLD_MAX => problems.push(sentence),
        PROBLEMS_TOLD_MAX => {
            problems.push("there were more such problems; the counts have them all".to_owned());
        }
        _ => {}
    }
}

/// Says what of an earlier edition did not go out: this was its last day.
fn tell_of_earlier(date: Date, store: &Store, report: &mut Report) -> anyhow::Result<()> {
    let Deliveries {
        waiting, deferred, ..
    } = Deliveries::from(&store.delivery_counts(date)?);
    if waiting + deferred > 0 {
        report.mail_left = true;
        report.mail_problems.push(format!(
            "the edition of {date} is too old to be sent after today: {waiting} waiting, {deferred} deferred"
        ));
    }
    Ok(())
}
