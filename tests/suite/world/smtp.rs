//! A mail server that keeps what it accepts, and misbehaves as told.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use tokio::io::AsyncBufReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// A mail server on a loopback port, without TLS. It ends when it is dropped.
pub(crate) struct SmtpServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    listening: JoinHandle<()>,
}

/// A message that the server took responsibility for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Received {
    /// Sender of the envelope.
    pub(crate) from: String,
    /// Recipients of the envelope.
    pub(crate) to: Vec<String>,
    /// The message, dots undone, CRLF.
    pub(crate) bytes: Vec<u8>,
}

/// Where in a conversation something can be done instead of the usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Connect,
    Ehlo,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// When the first line of the message has come.
    Body,
    /// When the final dot has come.
    Dot,
    Rset,
}

/// What is done there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    /// This reply, which may have several lines; a 421 closes the connection after it.
    Reply(&'static str),
    /// The connection ends without a word.
    Drop,
    /// Silence until the client gives up.
    Hang,
    /// At the dot: the message is kept, and the connection ends without a word.
    KeepAndDrop,
}

#[derive(Default)]
struct State {
    script: VecDeque<(Stage, Act)>,
    messages: Vec<Received>,
    commands: Vec<String>,
    connections: usize,
}

impl SmtpServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.lock().expect("no test panics in here").connections += 1;
                tokio::spawn(converse(stream, Arc::clone(&shared)));
            }
        });
        Self {
            address,
            state,
            listening,
        }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next time that `stage` is reached, does `act` instead of the usual. Further ones for the same stage queue up.
    pub(crate) fn script(&self, stage: Stage, act: Act) -> &Self {
        self.state().script.push_back((stage, act));
        self
    }

    /// What it has accepted so far.
    pub(crate) fn messages(&self) -> Vec<Received> {
        self.state().messages.clone()
    }

    /// The commands it was given, without the messages; of a message that is whole, the dot at its end.
    pub(crate) fn commands(&self) -> Vec<String> {
        self.state().commands.clone()
    }

    /// How often somebody connected.
    pub(crate) fn connections(&self) -> usize {
        self.state().connections
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no test panics in here")
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// The connection is over.
struct Closed;

struct Conversation {
    stream: BufReader<TcpStream>,
    state: Arc<Mutex<State>>,
}

async fn converse(stream: TcpStream, state: Arc<Mutex<State>>) {
    let mut conversation = Conversation {
        stream: BufReader::new(stream),
        state,
    };
    let _: Result<(), Closed> = conversation.run().await;
}

impl Conversation {
    async fn run(&mut self) -> Result<(), Closed> {
        self.answer(Stage::Connect, "220 test.example ESMTP")
            .await?;
        let mut envelope = (String::new(), Vec::new());
        loop {
            let line = self.line().await?;
            let line = line.trim_end().to_owned();
            self.state.lock().expect("fine").commands.push(line.clone());
            let upper = line.to_ascii_uppercase();
            let address = || {
                line.split_once('<')
                    .and_then(|(_, rest)| rest.split_once('>'))
                    .map(|(address, _)| address.to_owned())
                    .unwrap_or_default()
            };
            if upper.starts_with("EHLO") {
                let features = "250-test.example\r\n250-AUTH PLAIN LOGIN\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME";
                self.answer(Stage::Ehlo, features).await?;
            } else if upper.starts_with("AUTH") {
                self.answer(Stage::Auth, "235 2.7.0 welcome").await?;
            } else if upper.starts_with("MAIL") {
                if self.answer(Stage::Mail, "250 2.1.0 ok").await? {
                    envelope = (address(), Vec::new());
                }
            } else if upper.starts_with("RCPT") {
                if self.answer(Stage::Rcpt, "250 2.1.5 ok").await? {
                    envelope.1.push(address());
                }
            } else if upper.starts_with("DATA") {
                if self.answer(Stage::Data, "354 go ahead").await? {
                    self.message(&envelope.0, &envelope.1).await?;
                }
            } else if upper.starts_with("RSET") {
                self.answer(Stage::Rset, "250 2.0.0 ok").await?;
            } else if upper.starts_with("QUIT") {
                return self.say("221 2.0.0 bye").await;
            } else {
                self.say("500 5.5.2 what?").await?;
            }
        }
    }

    async fn message(&mut self, from: &str, to: &[String]) -> Result<(), Closed> {
        let mut bytes = Vec::new();
        let mut lines = 0;
        loop {
            let line = self.line().await?;
            if line == ".\r\n" {
                let dot = ".".to_owned();
                self.state.lock().expect("fine").commands.push(dot);
                break;
            }
            bytes.extend_from_slice(line.strip_prefix('.').unwrap_or(&line).as_bytes());
            lines += 1;
            if lines == 1 && self.next(Stage::Body).is_some() {
                return Err(Closed);
            }
        }
        let act = self.next(Stage::Dot);
        if matches!(act, None | Some(Act::KeepAndDrop)) {
            self.state.lock().expect("fine").messages.push(Received {
                from: from.to_owned(),
                to: to.to_vec(),
                bytes,
            });
        }
        self.act(act, "250 2.0.0 kept").await.map(|_| ())
    }

    /// Whether the usual answer was given.
    async fn answer(&mut self, stage: Stage, usual: &str) -> Result<bool, Closed> {
        let act = self.next(stage);
        self.act(act, usual).await
    }

    async fn act(&mut self, act: Option<Act>, usual: &str) -> Result<bool, Closed> {
        match act {
            None => self.say(usual).await.map(|()| true),
            Some(Act::Reply(reply)) => {
                self.say(reply).await?;
                if reply.starts_with("421") {
                    Err(Closed)
                } else {
                    Ok(false)
                }
            }
            Some(Act::Drop | Act::KeepAndDrop) => Err(Closed),
            Some(Act::Hang) => loop {
                self.line().await?;
            },
        }
    }

    fn next(&self, reached: Stage) -> Option<Act> {
        let mut state = self.state.lock().expect("fine");
        let at = state
            .script
            .iter()
            .position(|(scripted, _)| *scripted == reached)?;
        state.script.remove(at).map(|(_, act)| act)
    }

    async fn say(&mut self, reply: &str) -> Result<(), Closed> {
        let reply = format!("{reply}\r\n");
        self.stream
            .get_mut()
            .write_all(reply.as_bytes())
            .await
            .map_err(|_| Closed)
    }

    async fn line(&mut self) -> Result<String, Closed> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await {
            Ok(count) if count > 0 => Ok(line),
            _ => Err(Closed),
        }
    }
}
