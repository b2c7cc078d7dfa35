//! Where the couriers of an edition get their messages, and where all they do is written down. It alone has the ledger:
//! what several couriers have to say at one moment is one transaction.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::Date;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::model::DeliveryState;
use crate::outside::mailer::MailerError;
use crate::outside::mailer::Outcome;
use crate::outside::mailer::Refusal;
use crate::outside::store::Attempt;
use crate::outside::store::Due;
use crate::outside::store::DueWalk;
use crate::outside::store::Outcome as Settled;
use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::pipeline::Job;
use crate::pipeline::Progress;
use crate::pipeline::deliver::Time;
use crate::pipeline::deliver::courier::Courier;
use crate::pipeline::deliver::courier::Crew;
use crate::pipeline::deliver::tell;
use crate::report::Report;
use crate::stages::compose_email::ComposeError;

/// Why nothing is sent where no message can be made.
pub(super) const NOT_MADE: &str = "the mail could not be made, so nothing is sent";

/// A reader whose server said "not now" is asked again after the first of these, then after the second, and so on. A relay
/// that was busy is free in a minute; greylisting wants some (RFC 6647 §4.4).
const BACK_OFF: [SignedDuration; 4] = [
    SignedDuration::from_secs(5),
    SignedDuration::from_mins(1),
    SignedDuration::from_mins(5),
    SignedDuration::from_mins(15),
];

/// And after this from then on (RFC 5321 §4.5.4.1), as is one whose mailbox is full.
const DEFERRED_FOR: SignedDuration = SignedDuration::from_mins(30);

/// A reader whose mailbox is full for so many editions in a row has gone.
const FULL_EDITIONS_MAX: usize = 5;

/// So many refusals for policy or content, and as large a share of what was tried, are about us, not about the readers.
const POLICY_REFUSALS_MAX: usize = 3;

/// One in so many: a few strict companies among many readers stop nothing.
const POLICY_REFUSALS_ONE_IN: usize = 10;

/// Connections in a row that settled nothing, before the mail server counts as unusable.
const FRUITLESS_MAX: usize = 3;

/// How long to wait after the first and the second such connection: what is left after this waits for the next run.
const PAUSES: [Duration; FRUITLESS_MAX - 1] = [Duration::from_secs(1), Duration::from_secs(5)];

/// Another connection is worth the trouble for so many messages.
const MESSAGES_WORTH_A_CONNECTION: usize = 10;

/// After a connection was refused that was one of several, no further one is tried for so many messages.
const MESSAGES_BEFORE_MORE: usize = 100;

/// What couriers may have said before the desk listens again: more than all of them have to say at a time.
const ASKS_MAX: usize = 256;

/// What a courier wants of the desk. It hears nothing back where there is nothing to wait for: what it says next is
/// written down after it, or with it.
pub(super) enum Ask {
    /// The next message to carry; none where there is no more.
    Next { give: oneshot::Sender<Option<Due>> },
    /// To write down, on the disk, that a message is about to go out. Not so where the reader left a moment ago.
    Begin {
        noted: Try,
        go: oneshot::Sender<bool>,
    },
    /// To write down that what was begun certainly did not go, for no fault of its reader.
    TakeBack { reader: i64 },
    /// To write down what became of a message.
    Settled {
        tried: Try,
        begun: bool,
        outcome: Outcome,
    },
    /// No message can be made for this reader.
    CannotBeMade { reader: i64, why: String },
    /// The message whose fate is unknown would not be the same as before.
    NotTheSame { reader: i64 },
    /// No message can be made at all.
    NothingCanBeMade(ComposeError),
    /// The connection is over; what now?
    Lost {
        /// Whether anything was settled over it.
        carried: bool,
        loss: Loss,
        what_now: oneshot::Sender<WhatNow>,
    },
    /// A message that did not go, for another courier.
    Back(Due),
}

/// A try to send a message.
#[derive(Debug, Clone)]
pub(super) struct Try {
    pub(super) reader: i64,
    /// Tries before this one.
    pub(super) attempts: u32,
    pub(super) message_id: String,
    pub(super) sha256: String,
}

/// Why a connection is over.
pub(super) struct Loss {
    /// Whether the next minutes may help.
    pub(super) may_pass: bool,
    /// What to say where that was the last one.
    pub(super) what: String,
}

impl Loss {
    pub(super) fn passing(what: &str, reason: &str) -> Self {
        Self {
            may_pass: true,
            what: format!("{what}: {reason}"),
        }
    }

    pub(super) fn of(error: &MailerError) -> Self {
        Self {
            may_pass: error.may_pass(),
            what: error.to_string(),
        }
    }
}

/// What a courier does without a connection.
pub(super) enum WhatNow {
    /// Opens another one after a pause.
    Again(Duration),
    /// Leaves its messages to the others, or to the next run.
    Leave,
}

/// One round of an edition's deliveries.
pub(super) struct Desk<'a> {
    job: &'a Job<'a>,
    time: Time,
    report: &'a mut Report,
    date: Date,
    walk: DueWalk,
    /// What was read of the walk and is not given out yet.
    page: VecDeque<Due>,
    /// Messages in this round, and how many are behind us.
    of: usize,
    done: usize,
    settled: usize,
    refused_for_policy: usize,
    /// Connections in a row over which nothing was settled, while there was no other one.
    fruitless: usize,
    /// Messages that the server took responsibility for.
    accepted: usize,
    /// Couriers at work.
    at_work: usize,
    /// From so many settled messages on, another courier is worth a try.
    more_from: usize,
    /// The walk has ended: whoever asks is told to go.
    exhausted: bool,
    /// Nothing more is given out.
    closed: bool,
}

impl<'a> Desk<'a> {
    pub(super) fn new(
        walk: DueWalk,
        of: usize,
        job: &'a Job<'a>,
        time: Time,
        report: &'a mut Report,
    ) -> Self {
        Self {
            job,
            time,
            report,
            date: walk.date(),
            walk,
            page: VecDeque::new(),
            of,
            done: 0,
            settled: 0,
            refused_for_policy: 0,
            fruitless: 0,
            accepted: 0,
            at_work: 0,
            more_from: 0,
            exhausted: false,
            closed: false,
        }
    }

    /// Has all messages of the round carried. An error is the ledger's, without which nothing may be sent, or means that no
    /// message can be made.
    pub(super) async fn work(mut self, crew: &Arc<Crew>, store: &mut Store) -> anyhow::Result<()> {
        let connections = self.job.settings.mail.sending.connections;
        let wanted = connections.min(self.of.div_ceil(MESSAGES_WORTH_A_CONNECTION));
        loop {
            self.engage(crew, wanted, store).await?;
            // a courier that left may have given something back when the others had gone
            if self.closed || self.job.stop.is_asked() || self.page.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// One courier, and the others once the server has accepted a message: before that nobody knows whether it takes our mail
    /// at all.
    async fn engage(
        &mut self,
        crew: &Arc<Crew>,
        wanted: usize,
        store: &mut Store,
    ) -> anyhow::Result<()> {
        let (desk, mut asked) = mpsc::channel(ASKS_MAX);
        let mut couriers = JoinSet::new();
        let mut batch = Vec::new();
        (self.at_work, self.exhausted) = (0, false);
        loop {
            let wanted = match self.accepted {
                0 => 1,
                _ if self.settled < self.more_from => 1,
                _ => wanted,
            };
            while self.at_work < wanted && !self.exhausted && !self.closed {
                couriers.spawn(Courier::new(Arc::clone(crew), desk.clone()).work());
                self.at_work += 1;
            }
            // what they said comes before their end
            tokio::select! {
                biased;
                _ = asked.recv_many(&mut batch, ASKS_MAX) => {
                    self.answer_all(&mut batch, store)?;
                }
                ended = couriers.join_next() => match ended {
                    Some(ended) => ended?,
                    None => return Ok(()),
                },
            }
        }
    }

    /// Writes down all that was said, and then answers.
    fn answer_all(&mut self, batch: &mut Vec<Ask>, store: &mut Store) -> anyhow::Result<()> {
        let mut begun = Vec::new();
        let mut not_made = None;
        store.together(|store| {
            for ask in batch.drain(..) {
                match ask {
                    Ask::Begin { noted, go } => begun.push((go, self.begin(&noted, store)?)),
                    Ask::NothingCanBeMade(error) => not_made = Some(error),
                    ask => self.answer(ask, store)?,
                }
            }
            Ok::<_, StoreError>(())
        })?;
        for (go, whether) in begun {
            let _ = go.send(whether); // a courier that has gone needs no answer
        }
        match not_made {
            Some(error) => Err(anyhow::Error::from(error).context(NOT_MADE)),
            None => Ok(()),
        }
    }

    fn answer(&mut self, ask: Ask, store: &mut Store) -> Result<(), StoreError> {
        match ask {
            Ask::Next { give } => {
                let next = self.next(store)?;
                self.exhausted = next.is_none();
                self.at_work -= usize::from(self.exhausted);
                let _ = give.send(next); // one that has gone comes to nothing: its message is not begun
            }
            Ask::TakeBack { reader } => {
                store.release_attempt(self.date, reader, self.time.now())?;
            }
            Ask::Settled {
                tried,
                begun,
                outcome,
            } => self.settle(&tried, begun, outcome, store)?,
            Ask::CannotBeMade { reader, why } => {
                store.refuse_unsent(self.date, reader, &why, self.time.now())?;
                tell(self.report, why);
                self.count();
            }
            Ask::NotTheSame { reader } => {
                tell(
                    self.report,
                    format!(
                        "subscriber {reader}: the message whose fate is unknown is not sent again, since it would not be the same: \
                     the settings of [mail] or [site] have changed"
                    ),
                );
                self.count();
            }
            Ask::Lost {
                carried,
                loss,
                what_now,
            } => {
                let now = self.after(carried, &loss);
                self.at_work -= usize::from(matches!(now, WhatNow::Leave));
                let _ = what_now.send(now);
            }
            Ask::Back(due) => self.page.push_front(due),
            // both have answers of their own
            Ask::Begin { .. } | Ask::NothingCanBeMade(_) => {}
        }
        Ok(())
    }

    /// The next message to go out.
    fn next(&mut self, store: &mut Store) -> Result<Option<Due>, StoreError> {
        while !self.closed && !self.job.stop.is_asked() {
            if self.page.is_empty() {
                self.page = store.due(&mut self.walk)?.into();
            }
            let Some(due) = self.page.pop_front() else {
                break;
            };
            if self.time.is_over() {
                self.close("the time for sending is over ([mail] budget)");
                self.report.mail_left = true;
                break;
            }
            // left since the list was made: checked again right before the envelope
            if store.is_still_subscribed(due.subscriber.id)? {
                return Ok(Some(due));
            }
            self.count();
        }
        Ok(None)
    }

    fn begin(&self, noted: &Try, store: &mut Store) -> Result<bool, StoreError> {
        let begun = store.begin_attempt(&Attempt {
            date: self.date,
            subscriber: noted.reader,
            message_id: &noted.message_id,
            message_sha256: &noted.sha256,
            at: self.time.now(),
        });
        match begun {
            Ok(()) => Ok(true),
            Err(StoreError::OutOfStep { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Writes down what became of a message.
    fn settle(
        &mut self,
        tried: &Try,
        begun: bool,
        outcome: Outcome,
        store: &mut Store,
    ) -> Result<(), StoreError> {
        if !begun && !self.begin(tried, store)? {
            return Ok(());
        }
        let (reader, at) = (tried.reader, self.time.now());
        let mut not_before = None;
        let mut full = false;
        let (state, reply) = match outcome {
            Outcome::Accepted { reply } => (DeliveryState::Accepted, reply),
            Outcome::Deferred {
                reply,
                mailbox_full,
            } => {
                full = mailbox_full;
                let back_off = back_off(tried.attempts).filter(|_| !full);
                not_before = at.checked_add(back_off.unwrap_or(DEFERRED_FOR)).ok();
                (DeliveryState::Deferred, reply)
            }
            Outcome::Refused { reply, why } => {
                tell(
                    self.report,
                    format!("subscriber {reader} was refused: {reply}"),
                );
                match why {
                    Refusal::DeadAddress => store.suppress(reader, &reply, at)?,
                    Refusal::Policy | Refusal::Content => self.refused_for_policy += 1,
                    Refusal::MailboxFull => full = true,
                    Refusal::Unexplained => {}
                }
                (DeliveryState::Refused, reply)
            }
            Outcome::Unknown { reason } => {
                tell(
                    self.report,
                    format!("subscriber {reader}: no answer after the message: {reason}"),
                );
                (DeliveryState::Unknown, reason)
            }
            // nothing is settled: the courier says so in other words
            Outcome::ServerGone { .. } | Outcome::Stopped(_) => return Ok(()),
        };
        store.finish_attempt(&Settled {
            date: self.date,
            subscriber: reader,
            state,
            reason: Some(&reply),
            mailbox_full: full,
            not_before,
            at,
        })?;
        if full && store.editions_full(self.date, reader, FULL_EDITIONS_MAX)? == FULL_EDITIONS_MAX {
            let why = format!("the mailbox was full for {FULL_EDITIONS_MAX} editions in a row");
            store.suppress(reader, &why, at)?;
            tell(
                self.report,
                format!("subscriber {reader} gets nothing more: {why}"),
            );
        }
        self.settled += 1;
        self.count();
        self.accepted += usize::from(state == DeliveryState::Accepted);
        if state != DeliveryState::Unknown {
            self.fruitless = 0;
        }
        let (refused, settled) = (self.refused_for_policy, self.settled);
        if refused >= POLICY_REFUSALS_MAX && refused * POLICY_REFUSALS_ONE_IN >= settled {
            self.give_up(&format!(
                "{refused} of {settled} messages were refused for policy or content, the last answer: {reply}"
            ));
        }
        Ok(())
    }

    /// What a courier does whose connection is over.
    fn after(&mut self, carried: bool, loss: &Loss) -> WhatNow {
        if !loss.may_pass {
            self.give_up(&loss.what);
            return WhatNow::Leave;
        }
        if carried {
            return WhatNow::Again(Duration::ZERO);
        }
        if self.at_work > 1 {
            // perhaps the server takes so many connections and no more: the others go on
            self.more_from = self.settled + MESSAGES_BEFORE_MORE;
            return WhatNow::Leave;
        }
        self.fruitless += 1;
        if let Some(pause) = PAUSES.get(self.fruitless - 1) {
            return WhatNow::Again(*pause);
        }
        self.give_up(&loss.what);
        WhatNow::Leave
    }

    /// The mail server cannot be used.
    fn give_up(&mut self, why: &str) {
        self.close(why);
        self.report.mail_server_unusable = true;
    }

    /// Gives nothing more out in this run.
    fn close(&mut self, why: &str) {
        if !self.closed {
            self.closed = true;
            // not one sentence about a single message: always told
            let sentence = format!("{why}; what is left waits for the next run");
            self.report.mail_problems.push(sentence);
        }
    }

    /// One message more is behind us.
    fn count(&mut self) {
        self.done += 1;
        (self.job.progress)(Progress::Sent {
            done: self.done,
            of: self.of,
        });
    }
}

/// How long a message that was put off waits for its next try, after so many tries before this one.
fn back_off(attempts: u32) -> Option<SignedDuration> {
    let nth = usize::try_from(attempts).ok()?;
    BACK_OFF.get(nth).copied()
}
