//! One connection to the mail server, and the messages that go over it. What is written down, and who is next, is the
//! desk's affair.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::model::DeliveryState;
use crate::model::Email;
use crate::model::sha256_hex;
use crate::outside::mailer::Mailer;
use crate::outside::mailer::Outcome;
use crate::outside::mailer::Session;
use crate::outside::store::Due;
use crate::pipeline::Stop;
use crate::pipeline::deliver::desk::Ask;
use crate::pipeline::deliver::desk::Loss;
use crate::pipeline::deliver::desk::Try;
use crate::pipeline::deliver::desk::WhatNow;
use crate::stages::compose_email::ComposeError;
use crate::stages::compose_email::Mailing;
use crate::stages::compose_email::compose_email;

/// What all couriers of an edition have in common.
pub(super) struct Crew {
    mailing: Mailing,
    mailer: Arc<Mailer>,
    stop: Stop,
    /// When the next message may begin.
    next_turn: Mutex<Instant>,
}

impl Crew {
    pub(super) fn new(mailing: Mailing, mailer: Arc<Mailer>, stop: Stop) -> Self {
        Self {
            mailing,
            mailer,
            stop,
            next_turn: Mutex::new(Instant::now()),
        }
    }

    /// Waits for the turn of the next message, where there is a limit to messages a second.
    async fn turn(&self) {
        let Some(per_second) = self.mailing.mail.sending.per_second else {
            return;
        };
        let turn = {
            let mut next = self
                .next_turn
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            let turn = Instant::now().max(*next);
            *next = turn + Duration::from_secs_f64(1.0 / per_second);
            turn
        };
        tokio::time::sleep_until(turn).await;
    }
}

/// Carries messages until the desk has no more for it.
pub(super) struct Courier {
    crew: Arc<Crew>,
    desk: mpsc::Sender<Ask>,
    session: Option<Session>,
    /// Messages settled over this connection.
    carried: usize,
}

impl Courier {
    pub(super) fn new(crew: Arc<Crew>, desk: mpsc::Sender<Ask>) -> Self {
        Self {
            crew,
            desk,
            session: None,
            carried: 0,
        }
    }

    /// The whole of its work. Where the desk has gone, so does the courier.
    pub(super) async fn work(mut self) {
        while let Some(Some(due)) = self.ask(|give| Ask::Next { give }).await {
            match self.deliver(&due).await {
                After::Next => {}
                After::Nothing => break,
                After::GivenBack => {
                    self.tell(Ask::Back(due)).await;
                    break;
                }
            }
        }
        self.close().await;
    }

    /// Brings one message to its end, over as many connections as that takes.
    async fn deliver(&mut self, due: &Due) -> After {
        let reader = due.subscriber.id;
        let email = match compose_email(&self.crew.mailing, &due.subscriber) {
            Ok(email) => email,
            // one reader whom no server could serve holds up nobody else
            Err(error @ ComposeError::AddressNotAscii { .. }) => {
                let why = error.to_string();
                self.tell(Ask::CannotBeMade { reader, why }).await;
                return After::Next;
            }
            Err(error) => {
                self.tell(Ask::NothingCanBeMade(error)).await;
                return After::Nothing;
            }
        };
        let sha256 = sha256_hex(&email.bytes);
        // a second copy that is another mail would be worse than none
        let before = due.message_sha256.as_ref();
        if due.state == DeliveryState::Unknown && before.is_some_and(|before| *before != sha256) {
            self.tell(Ask::NotTheSame { reader }).await;
            return After::Next;
        }
        let a_try = Try {
            reader,
            attempts: due.attempts,
            message_id: email.message_id.clone(),
            sha256,
        };
        loop {
            match self.carry(&email, &a_try).await {
                Carried::Settled => return After::Next,
                // settled too, but each more of these may be a mail that comes twice
                Carried::Unanswered(loss) => {
                    return if self.lose(loss).await {
                        After::Next
                    } else {
                        After::Nothing
                    };
                }
                Carried::Lost(loss) => {
                    if !self.lose(loss).await {
                        return After::GivenBack;
                    }
                }
                Carried::Stopped => return After::GivenBack,
            }
        }
    }

    /// One try to hand the message over.
    async fn carry(&mut self, email: &Email, a_try: &Try) -> Carried {
        if self.carried >= self.crew.mailing.mail.sending.per_connection {
            self.close().await;
        }
        let mut session = match self.session.take() {
            Some(session) => session,
            None => match self.connect().await {
                Ok(session) => session,
                Err(end) => return end,
            },
        };
        tokio::select! {
            () = self.crew.turn() => {}
            () = self.crew.stop.asked() => {
                self.session = Some(session);
                return Carried::Stopped;
            }
        }
        let (outcome, begun) = match session.offer(email).await {
            Ok(welcome) => {
                let noted = a_try.clone();
                if self.ask(|go| Ask::Begin { noted, go }).await != Some(true) {
                    welcome.take_back().await;
                    self.session = Some(session);
                    return Carried::Settled;
                }
                (welcome.hand_over().await, true)
            }
            Err(outcome) => (outcome, false),
        };
        let lost = match &outcome {
            Outcome::ServerGone { reason } => {
                Carried::Lost(Loss::passing("the mail server keeps going away", reason))
            }
            Outcome::Stopped(error) => Carried::Lost(Loss::of(error)),
            Outcome::Unknown { reason } => Carried::Unanswered(Loss::passing(
                "the mail server keeps giving no answer",
                reason,
            )),
            Outcome::Accepted { .. } | Outcome::Refused { .. } | Outcome::Deferred { .. } => {
                self.carried += 1;
                self.session = Some(session);
                Carried::Settled
            }
        };
        let tried = a_try.clone();
        match lost {
            Carried::Lost(_) if begun => {
                let reader = tried.reader;
                self.tell(Ask::TakeBack { reader }).await;
            }
            Carried::Lost(_) => {}
            _ => {
                let settled = Ask::Settled {
                    tried,
                    begun,
                    outcome,
                };
                self.tell(settled).await;
            }
        }
        lost
    }

    async fn connect(&self) -> Result<Session, Carried> {
        tokio::select! {
            connected = self.crew.mailer.connect() => {
                connected.map_err(|error| Carried::Lost(Loss::of(&error)))
            }
            () = self.crew.stop.asked() => Err(Carried::Stopped),
        }
    }

    /// Gives the connection up; whether another one is worth a try.
    async fn lose(&mut self, loss: Loss) -> bool {
        self.session = None;
        let carried = std::mem::take(&mut self.carried) > 0;
        let what_now = |what_now| Ask::Lost {
            carried,
            loss,
            what_now,
        };
        match self.ask(what_now).await {
            Some(WhatNow::Again(pause)) => tokio::select! {
                () = tokio::time::sleep(pause) => true,
                () = self.crew.stop.asked() => false,
            },
            Some(WhatNow::Leave) | None => false,
        }
    }

    /// Takes leave of the server.
    async fn close(&mut self) {
        self.carried = 0;
        if let Some(session) = self.session.take() {
            session.quit().await;
        }
    }

    async fn tell(&self, ask: Ask) {
        // a desk that has gone will not answer the next question either
        let _ = self.desk.send(ask).await;
    }

    /// The desk's answer. None where the desk has gone.
    async fn ask<T>(&self, ask: impl FnOnce(oneshot::Sender<T>) -> Ask) -> Option<T> {
        let (give, answer) = oneshot::channel();
        self.desk.send(ask(give)).await.ok()?;
        answer.await.ok()
    }
}

/// How a try went.
enum Carried {
    /// The message has an outcome, or its reader left a moment ago.
    Settled,
    /// The outcome is that nobody knows, and the connection is over.
    Unanswered(Loss),
    /// It certainly did not go, and the connection is over.
    Lost(Loss),
    /// Somebody asked for an end before it went.
    Stopped,
}

/// What a courier does after a message.
enum After {
    /// Carries the next one.
    Next,
    /// Leaves.
    Nothing,
    /// Leaves, with the message undelivered.
    GivenBack,
}
