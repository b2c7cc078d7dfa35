//! Finished messages out: over SMTP, or into a folder. Says of each what became of it.

use std::path::PathBuf;
use std::time::Duration;

use crate::model::Email;
use crate::settings::Transport;

mod outbox;

mod reply;

mod smtp;

pub use outbox::Outbox;
pub use outbox::edition_folder;
pub use outbox::write_preview;
pub use smtp::SmtpRelay;
pub use smtp::SmtpSession;

/// Where messages go out.
#[derive(Debug)]
pub enum Mailer {
    /// To a mail server (RFC 5321).
    Smtp(Box<SmtpRelay>),
    /// Into a folder.
    Outbox(Outbox),
}

impl Mailer {
    /// Makes ready what `transport` asks for; nothing is connected yet. `name` is how we introduce ourselves to a mail
    /// server (RFC 5321 §4.1.1.1): the domain of `From`.
    pub fn open(
        transport: &Transport,
        name: &str,
        limits: TimeLimits,
    ) -> Result<Self, MailerError> {
        match transport {
            Transport::Smtp(server) => {
                Ok(Self::Smtp(Box::new(SmtpRelay::open(server, name, limits)?)))
            }
            Transport::Outbox(folder) => Ok(Self::Outbox(Outbox::new(folder))),
        }
    }

    /// A connection, ready for the first message: greeted, private, and logged in.
    pub async fn connect(&self) -> Result<Session, MailerError> {
        match self {
            Self::Smtp(relay) => Ok(Session::Smtp(Box::new(relay.connect().await?))),
            Self::Outbox(outbox) => Ok(Session::Outbox(outbox.clone())),
        }
    }
}

/// One connection, over which messages go one after the other.
#[derive(Debug)]
pub enum Session {
    /// A conversation with a mail server.
    Smtp(Box<SmtpSession>),
    /// The folder.
    Outbox(Outbox),
}

impl Session {
    /// Names sender and recipient of one message, to be followed by the message itself. Where the server wants none, or not
    /// now, that is already the outcome.
    ///
    /// After [`Outcome::ServerGone`] the session is over: connect again, and give up after a few such tries.
    /// [`Outcome::Unknown`] ends it too.
    pub async fn offer<'a>(&'a mut self, email: &'a Email) -> Result<Welcome<'a>, Outcome> {
        if let Self::Smtp(session) = self {
            session.offer(email).await?;
        }
        Ok(Welcome {
            session: self,
            email,
        })
    }

    /// Takes leave of the server; how it answers no longer matters.
    pub async fn quit(self) {
        match self {
            Self::Smtp(session) => session.quit().await,
            Self::Outbox(_) => {}
        }
    }
}

/// The server waits for a message: from here on it can leave the house.
#[derive(Debug)]
pub struct Welcome<'a> {
    session: &'a mut Session,
    email: &'a Email,
}

impl Welcome<'_> {
    /// Sends the message.
    pub async fn hand_over(self) -> Outcome {
        match self.session {
            Session::Smtp(session) => session.hand_over(self.email).await,
            Session::Outbox(outbox) => outbox.write(self.email),
        }
    }

    /// Keeps the message; the session goes on with the next one.
    pub async fn take_back(self) {
        if let Session::Smtp(session) = self.session {
            session.reset().await;
        }
    }
}

/// What became of a message. Replies are short, in one line, and name no address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took responsibility (RFC 5321 §4.2.5).
    Accepted {
        /// What it said.
        reply: String,
    },
    /// The server said no for good; the same message is not to be sent there again.
    Refused {
        /// What it said.
        reply: String,
        /// What that says about the reader.
        why: Refusal,
    },
    /// The server said not now: the reader's turn comes again later.
    Deferred {
        /// What it said.
        reply: String,
        /// Whether that was about a full mailbox (RFC 3463 X.2.2): not a matter of minutes.
        mailbox_full: bool,
    },
    /// The message went out whole and no answer came back: it may have arrived or not (RFC 1047).
    Unknown {
        /// What happened.
        reason: String,
    },
    /// The connection ended, and this message certainly did not go: connect again and send it again.
    ServerGone {
        /// What happened.
        reason: String,
    },
    /// The server takes no mail from us; the message did not go, nor will the next. The run stops, readers stay untouched.
    Stopped(MailerError),
}

/// What a refusal says about the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such mailbox or domain (RFC 3463 X.1.1, 2, 3, 6, 10): nothing more is sent there.
    DeadAddress,
    /// The mailbox is full (X.2.2): the reader stays, this edition is lost to them.
    MailboxFull,
    /// Reputation, authentication or a local rule (X.7.x): not the reader's doing, and more will follow.
    Policy,
    /// The message itself is not liked.
    Content,
    /// The server gave no code that says why.
    Unexplained,
}

/// Why no mail at all can go out. It never holds a password or an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailerError {
    /// The trust file is not there, or not what it should be.
    #[error(
        "[mail] ca_file {}: {problem}; give a file of certificates in PEM form", path.display()
    )]
    TrustFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// No connection, or none that stayed.
    #[error(
        "mail server {server}: no connection ({problem}); check [mail] smtp and the network, then run again"
    )]
    Unreachable {
        /// Host and port.
        server: String,
        /// What happened.
        problem: String,
    },
    /// The connection cannot be made private.
    #[error(
        "mail server {server}: the connection cannot be made private ({problem}); nothing was sent: check the host in [mail] smtp, write smtps:// where the server wants TLS at once, or name its authority in ca_file"
    )]
    NotPrivate {
        /// Host and port.
        server: String,
        /// What is missing or wrong.
        problem: String,
    },
    /// User name and password are not taken.
    #[error(
        "mail server {server}: login refused ({reply}); check the user in [mail] smtp and TAKEFIVE_SMTP_PASSWORD"
    )]
    Login {
        /// Host and port.
        server: String,
        /// What it said.
        reply: String,
    },
    /// The server refuses us or our sender for good.
    #[error(
        "mail server {server}: refuses mail from here at {stage} ({reply}); check [mail] from, and whether the server lets this machine send"
    )]
    Unwelcome {
        /// Host and port.
        server: String,
        /// The command it answered.
        stage: &'static str,
        /// What it said.
        reply: String,
    },
    /// The server cannot take mail just now.
    #[error("mail server {server}: not now, at {stage} ({reply}); run again later")]
    Busy {
        /// Host and port.
        server: String,
        /// The command it answered.
        stage: &'static str,
        /// What it said.
        reply: String,
    },
    /// The outbox cannot be written.
    #[error("outbox {}: {problem}; check [mail] outbox and its permissions", path.display())]
    Outbox {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        problem: String,
    },
}

impl MailerError {
    /// Whether the next minutes may help: the server was busy, or not to be reached.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::Busy { .. })
    }
}

/// How long each part of a conversation may take (RFC 5321 §4.5.3.2); shorter ones make duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeLimits {
    /// Reaching one address of the server.
    pub connect: Duration,
    /// From the first octet to the end of the greeting; also for TLS and login.
    pub greeting: Duration,
    /// `MAIL`, `RCPT`, `RSET`.
    pub command: Duration,
    /// `DATA`.
    pub data: Duration,
    /// The message and the answer to its final dot.
    pub final_dot: Duration,
}

impl TimeLimits {
    /// The limits of RFC 5321 §4.5.3.2; the RFC has none for reaching the server.
    pub const STANDARD: Self = Self {
        connect: Duration::from_secs(30),
        greeting: Duration::from_mins(5),
        command: Duration::from_mins(5),
        data: Duration::from_mins(2),
        final_dot: Duration::from_mins(10),
    };
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self::STANDARD
    }
}
