//! One conversation with a mail server, command by command, so that the stage of a failure is known.

use std::error::Error as _;
use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::client::Certificate;
use lettre::transport::smtp::client::TlsParameters;
use lettre::transport::smtp::commands::Data;
use lettre::transport::smtp::commands::Mail;
use lettre::transport::smtp::commands::Rcpt;
use lettre::transport::smtp::commands::Rset;
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use lettre::transport::smtp::response::Severity;
use tokio::time::timeout;

use super::MailerError;
use super::Outcome;
use super::Refusal;
use super::TimeLimits;
use super::reply::Reply;
use super::reply::shown;
use crate::model::Email;
use crate::model::EmailAddress;
use crate::settings::Security;
use crate::settings::SmtpServer;

const TRUST_FILE_BYTES_MAX: u64 = 4 << 20; // the whole set of public authorities is a quarter of a MiB

const QUIT_LIMIT: Duration = Duration::from_secs(5); // a courtesy; all is settled by then

/// A mail server that takes our messages.
pub struct SmtpRelay {
    server: SmtpServer,
    hello: ClientId,
    tls: Option<TlsParameters>,
    limits: TimeLimits,
}

impl SmtpRelay {
    pub(super) fn open(
        server: &SmtpServer,
        name: &str,
        limits: TimeLimits,
    ) -> Result<Self, MailerError> {
        Ok(Self {
            server: server.clone(),
            hello: ClientId::Domain(name.to_owned()),
            tls: match server.security {
                Security::None => None,
                Security::ImplicitTls | Security::StartTls => Some(tls_parameters(server)?),
            },
            limits,
        })
    }

    pub(super) async fn connect(&self) -> Result<SmtpSession, MailerError> {
        let limit = self.limits.greeting;
        let tls_at_once = match self.server.security {
            Security::ImplicitTls => self.tls.clone(),
            Security::StartTls | Security::None => None,
        };
        let greeted = AsyncSmtpConnection::connect_tokio1(
            (self.server.host.as_str(), self.server.port),
            Some(self.limits.connect),
            &self.hello,
            tls_at_once,
            None,
        );
        let mut connection = match timeout(limit, greeted).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return Err(self.not_connected(&error, "the greeting")),
            Err(_) => return Err(self.unreachable("no greeting in time")),
        };
        if let (Security::StartTls, Some(tls)) = (self.server.security, &self.tls) {
            if !connection.can_starttls() {
                take_leave(connection).await;
                return Err(MailerError::NotPrivate {
                    server: self.name(),
                    problem: "it does not offer STARTTLS".to_owned(),
                });
            }
            match timeout(limit, connection.starttls(tls.clone(), &self.hello)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Err(self.not_connected(&error, "STARTTLS")),
                Err(_) => return Err(self.unreachable("no answer to STARTTLS in time")),
            }
        }
        if let Some((user, password)) = &self.server.login {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            match timeout(limit, connection.auth(DEFAULT_MECHANISMS, &credentials)).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => {
                    take_leave(connection).await;
                    return Err(self.not_logged_in(&error));
                }
                Err(_) => return Err(self.unreachable("no answer to the login in time")),
            }
        }
        Ok(SmtpSession {
            connection: Some(connection),
            server: self.name(),
            limits: self.limits,
        })
    }

    fn name(&self) -> String {
        format!("{}:{}", self.server.host, self.server.port)
    }

    fn secrets(&self) -> Vec<&str> {
        match &self.server.login {
            Some((user, password)) => vec![user.as_str(), password.reveal()],
            None => Vec::new(),
        }
    }

    fn unreachable(&self, problem: &str) -> MailerError {
        MailerError::Unreachable {
            server: self.name(),
            problem: problem.to_owned(),
        }
    }

    fn not_connected(&self, error: &smtp::Error, stage: &'static str) -> MailerError {
        if let Some(reply) = reply_of(error, &self.secrets()) {
            return from_reply(self.name(), stage, reply);
        }
        let problem = problem_of(error);
        if is_about_tls(error) {
            return MailerError::NotPrivate {
                server: self.name(),
                problem,
            };
        }
        self.unreachable(&problem)
    }

    fn not_logged_in(&self, error: &smtp::Error) -> MailerError {
        let server = self.name();
        match reply_of(error, &self.secrets()) {
            Some(reply) if reply.is_temporary() => MailerError::Busy {
                server,
                stage: "the login",
                reply: reply.shown,
            },
            Some(reply) => MailerError::Login {
                server,
                reply: reply.shown,
            },
            None if error.is_client() => MailerError::Login {
                server,
                reply: "it offers no login that we know".to_owned(),
            },
            None => self.unreachable(&problem_of(error)),
        }
    }
}

impl fmt::Debug for SmtpRelay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpRelay")
            .field("server", &self.name())
            .finish_non_exhaustive()
    }
}

/// One connection to a mail server.
pub struct SmtpSession {
    /// None once it is over.
    connection: Option<AsyncSmtpConnection>,
    server: String,
    limits: TimeLimits,
}

impl fmt::Debug for SmtpSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpSession")
            .field("server", &self.server)
            .field("open", &self.connection.is_some())
            .finish_non_exhaustive()
    }
}

/// How a command ended that did not succeed.
enum Failure {
    /// The server said no.
    Reply(Reply),
    /// No whole answer came; `written` is false where the command certainly did not reach the server whole.
    Lost { reason: String, written: bool },
}

impl SmtpSession {
    /// `MAIL` and `RCPT`. An error is the message's outcome.
    pub(super) async fn offer(&mut self, email: &Email) -> Result<(), Outcome> {
        // for anything else we do not ask servers
        if !email.bytes.is_ascii() || !email.to.as_str().is_ascii() {
            return Err(Outcome::Refused {
                reply: "not tried: an address or a byte outside ASCII".to_owned(),
                why: Refusal::Content,
            });
        }
        let secrets = secrets_of(email);
        let limit = self.limits.command;
        let sender = Mail::new(Some(envelope(&email.return_path)), Vec::new());
        if let Err(failure) = self.command(sender, limit, &secrets).await {
            return Err(self.not_begun(failure));
        }
        let recipient = Rcpt::new(envelope(&email.to), Vec::new());
        if let Err(failure) = self.command(recipient, limit, &secrets).await {
            return Err(match failure {
                Failure::Reply(reply) if reply.is_about_login() => {
                    self.not_begun(Failure::Reply(reply))
                }
                Failure::Reply(reply) if !reply.closes() => {
                    self.reset().await;
                    reply.of_recipient()
                }
                failure => self.gone(failure),
            });
        }
        Ok(())
    }

    /// `DATA` and the message.
    pub(super) async fn hand_over(&mut self, email: &Email) -> Outcome {
        let secrets = secrets_of(email);
        match self.command(Data, self.limits.data, &secrets).await {
            Ok(response) if response.has_code(354) => {}
            Ok(_) => {
                self.connection = None;
                return Outcome::ServerGone {
                    reason: "an answer to DATA that is none".to_owned(),
                };
            }
            Err(Failure::Reply(reply)) if !reply.closes() => {
                self.reset().await;
                return reply.of_message();
            }
            Err(failure) => return self.gone(failure),
        }
        // one write with the dot in it: two would wait for each other (Nagle), some 40 ms a message
        match self
            .command(wire_form(email), self.limits.final_dot, &secrets)
            .await
        {
            Ok(response) if response.code().severity == Severity::PositiveCompletion => {
                let words: Vec<&str> = response.message().collect();
                Outcome::Accepted {
                    reply: shown(
                        &format!("{} {}", response.code(), words.join(" ")),
                        &secrets,
                    ),
                }
            }
            Ok(_) => {
                self.connection = None;
                Outcome::Unknown {
                    reason: "an answer to the message that is none".to_owned(),
                }
            }
            Err(Failure::Lost {
                reason,
                written: true,
            }) => {
                self.connection = None;
                Outcome::Unknown { reason }
            }
            Err(Failure::Reply(reply)) if !reply.closes() => reply.of_message(),
            Err(failure) => self.gone(failure),
        }
    }

    pub(super) async fn quit(mut self) {
        if let Some(connection) = self.connection.take() {
            take_leave(connection).await;
        }
    }

    /// Failures at `MAIL` concern the server and us, never the reader.
    fn not_begun(&mut self, failure: Failure) -> Outcome {
        match failure {
            Failure::Reply(reply) if !reply.closes() => {
                Outcome::Stopped(from_reply(self.server.clone(), "MAIL", reply))
            }
            failure => self.gone(failure),
        }
    }

    fn gone(&mut self, failure: Failure) -> Outcome {
        self.connection = None;
        Outcome::ServerGone {
            reason: match failure {
                Failure::Reply(reply) => reply.shown,
                Failure::Lost { reason, .. } => reason,
            },
        }
    }

    /// Clears the table for the next message (RFC 5321 §4.1.1.5).
    pub(super) async fn reset(&mut self) {
        if self.command(Rset, self.limits.command, &[]).await.is_err() {
            self.connection = None;
        }
    }

    async fn command(
        &mut self,
        command: impl fmt::Display,
        limit: Duration,
        secrets: &[&str],
    ) -> Result<Response, Failure> {
        let Some(connection) = &mut self.connection else {
            return Err(Failure::Lost {
                reason: "the connection had ended".to_owned(),
                written: false,
            });
        };
        match timeout(limit, connection.command(command)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(match reply_of(&error, secrets) {
                Some(reply) => Failure::Reply(reply),
                None => Failure::Lost {
                    reason: problem_of(&error),
                    written: !failed_in_writing(&error),
                },
            }),
            Err(_) => Err(Failure::Lost {
                reason: format!("no answer within {} s", limit.as_secs()),
                written: true,
            }),
        }
    }
}

async fn take_leave(mut connection: AsyncSmtpConnection) {
    let _ = timeout(QUIT_LIMIT, connection.quit()).await; // whatever it says, we are done
}

/// What a reply means that concerns the server and us.
fn from_reply(server: String, stage: &'static str, reply: Reply) -> MailerError {
    if reply.is_temporary() {
        MailerError::Busy {
            server,
            stage,
            reply: reply.shown,
        }
    } else if reply.is_about_login() {
        MailerError::Login {
            server,
            reply: reply.shown,
        }
    } else {
        MailerError::Unwelcome {
            server,
            stage,
            reply: reply.shown,
        }
    }
}

/// What of a message must not show in a server's words.
fn secrets_of(email: &Email) -> [&str; 2] {
    [email.to.as_str(), email.to.local_part()]
}

/// An ASCII message as it goes out after `DATA`: dots at the head of a line doubled, the final dot behind it (RFC 5321
/// §4.5.2).
fn wire_form(email: &Email) -> String {
    let message = String::from_utf8_lossy(&email.bytes);
    let mut wire = String::with_capacity(message.len() + message.len() / 64 + 5);
    for line in message.split_inclusive("\r\n") {
        if line.starts_with('.') {
            wire.push('.');
        }
        wire.push_str(line);
    }
    if !wire.ends_with("\r\n") {
        wire.push_str("\r\n");
    }
    wire.push_str(".\r\n");
    wire
}

fn envelope(address: &EmailAddress) -> Address {
    // an `EmailAddress` is the proof: no brackets, spaces or control characters, an ASCII domain
    Address::new_dangerous(address.local_part(), address.domain())
}

fn reply_of(error: &smtp::Error, secrets: &[&str]) -> Option<Reply> {
    let code = error.status()?;
    let words = error.source().map(ToString::to_string).unwrap_or_default();
    Some(Reply::new(code.into(), &words, secrets))
}

/// The innermost cause, which is what tells something.
fn problem_of(error: &smtp::Error) -> String {
    let mut problem = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        problem = inner.to_string();
        cause = inner.source();
    }
    // the second is how the TLS library says that the connection ended without a goodbye
    let ended = io_cause(error).is_some_and(|cause| cause.kind() == io::ErrorKind::UnexpectedEof);
    if problem == "incomplete response" || ended {
        return "connection lost".to_owned();
    }
    shown(&problem, &[])
}

/// A broken pipe comes from writing only, so the message's end did not leave. All else may come from waiting for the answer.
fn failed_in_writing(error: &smtp::Error) -> bool {
    io_cause(error).is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Certificates that are not trusted come as an I/O error around what the TLS library says.
fn is_about_tls(error: &smtp::Error) -> bool {
    error.is_tls()
        || io_cause(error).is_some_and(|cause| cause.kind() == io::ErrorKind::InvalidData)
}

fn io_cause(error: &smtp::Error) -> Option<&io::Error> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(found) = inner.downcast_ref() {
            return Some(found);
        }
        cause = inner.source();
    }
    None
}

fn tls_parameters(server: &SmtpServer) -> Result<TlsParameters, MailerError> {
    let mut builder = TlsParameters::builder(server.host.clone());
    if let Some(path) = &server.ca_file {
        builder = builder.add_root_certificate(trusted_certificates(path)?);
    }
    builder.build().map_err(|error| match &server.ca_file {
        Some(path) => trust_file(path, problem_of(&error)),
        None => MailerError::NotPrivate {
            server: format!("{}:{}", server.host, server.port),
            problem: problem_of(&error),
        },
    })
}

fn trusted_certificates(path: &Path) -> Result<Certificate, MailerError> {
    let bytes = fs::metadata(path)
        .and_then(|file| {
            if file.len() > TRUST_FILE_BYTES_MAX {
                return Err(io::Error::other(
                    "over 4 MiB, which no list of certificates is",
                ));
            }
            fs::read(path)
        })
        .map_err(|error| trust_file(path, error.to_string()))?;
    let marker = b"-----BEGIN CERTIFICATE-----";
    if !bytes.windows(marker.len()).any(|window| window == marker) {
        return Err(trust_file(path, "there is no certificate in it".to_owned()));
    }
    Certificate::from_pem(&bytes).map_err(|error| trust_file(path, problem_of(&error)))
}

fn trust_file(path: &Path, problem: String) -> MailerError {
    MailerError::TrustFile {
        path: path.to_owned(),
        problem,
    }
}
