//! An HTTP/1.1 server on the loopback that answers as it is told, remembers what it was asked, and can misbehave.
//!
//! ```ignore
//! let server = HttpServer::start().await;
//! server.on("/feed.xml", Reply::ok("application/rss+xml", FEED).header("ETag", "\"1\"").conditional());
//! server.in_turn("/flaky", [Reply::status(503), Reply::ok("text/plain", "there")]);
//! // … ask server.url("/feed.xml") …
//! assert_eq!(server.asked("/feed.xml").len(), 1);
//! ```
//!
//! A path without a reply is answered with 404. The server goes when it is dropped.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;
use std::time::Instant;

use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::task::JoinSet;
use url::Url;

/// The server.
pub(crate) struct HttpServer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// Path and query as written.
    pub(crate) target: String,
    /// Header fields in order, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    /// When it was read.
    pub(crate) at: Instant,
    /// Number of the connection that it came in on, counted from 1.
    pub(crate) connection: usize,
}

/// What to answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
    after: Duration,
    conditional: bool,
}

#[derive(Debug, Clone)]
enum Body {
    Whole(Vec<u8>),
    Dripping {
        bytes: Vec<u8>,
        piece: usize,
        pause: Duration,
    },
    Endless,
    CutAfter {
        bytes: Vec<u8>,
        sent: usize,
    },
    Reset,
    Silent,
    Raw(Vec<u8>),
}

#[derive(Default)]
struct State {
    replies: HashMap<String, VecDeque<Reply>>,
    asked: Vec<Asked>,
    connections: usize,
    at_once: usize,
    most_at_once: usize,
    bytes_sent: usize,
}

impl HttpServer {
    /// A server at 127.0.0.1, on a port of its own.
    pub(crate) async fn start() -> Self {
        Self::start_at(Ipv4Addr::LOCALHOST).await
    }

    /// A server at another loopback address, such as 127.0.0.2: another host.
    pub(crate) async fn start_at(address: impl Into<IpAddr>) -> Self {
        let listener = TcpListener::bind((address.into(), 0))
            .await
            .expect("a loopback port is free");
        let address = listener.local_addr().expect("a bound port has an address");
        let state = Arc::<Mutex<State>>::default();
        let serving = tokio::spawn(serve(listener, Arc::clone(&state)));
        Self {
            address,
            state,
            serving,
        }
    }

    /// Answers `path` so, each time.
    pub(crate) fn on(&self, path: &str, reply: Reply) {
        self.in_turn(path, [reply]);
    }

    /// Answers `path` with each of these in turn; the last one stays.
    pub(crate) fn in_turn(&self, path: &str, replies: impl IntoIterator<Item = Reply>) {
        let replies = replies.into_iter().collect();
        lock(&self.state).replies.insert(path.to_owned(), replies);
    }

    /// The address of `path_and_query` here.
    pub(crate) fn url(&self, path_and_query: &str) -> Url {
        format!("http://{}{path_and_query}", self.address)
            .parse()
            .expect("a path begins with a slash")
    }

    /// The port it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// What was asked for `path`, whatever its query, in order.
    pub(crate) fn asked(&self, path: &str) -> Vec<Asked> {
        let is_it = |asked: &&Asked| path_of(&asked.target) == path;
        lock(&self.state)
            .asked
            .iter()
            .filter(is_it)
            .cloned()
            .collect()
    }

    /// How many requests came in all.
    pub(crate) fn requests(&self) -> usize {
        lock(&self.state).asked.len()
    }

    /// How many connections were opened.
    pub(crate) fn connections(&self) -> usize {
        lock(&self.state).connections
    }

    /// The most requests that were being answered at the same moment.
    pub(crate) fn most_at_once(&self) -> usize {
        lock(&self.state).most_at_once
    }

    /// How many bytes of bodies went out.
    pub(crate) fn bytes_sent(&self) -> usize {
        lock(&self.state).bytes_sent
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Asked {
    /// The value of the first header field of this name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

impl Reply {
    /// 200 with a body.
    pub(crate) fn ok(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            body: Body::Whole(body.into()),
            ..Self::status(200).header("Content-Type", content_type)
        }
    }

    /// A status without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::Whole(Vec::new()),
            after: Duration::ZERO,
            conditional: false,
        }
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).header("Location", location)
    }

    /// 200 with a body that never ends.
    pub(crate) fn endless() -> Self {
        Self::status(200).with(Body::Endless)
    }

    /// The connection is reset instead of an answer.
    pub(crate) fn reset() -> Self {
        Self::status(200).with(Body::Reset)
    }

    /// The connection stays open and nothing comes.
    pub(crate) fn silent() -> Self {
        Self::status(200).with(Body::Silent)
    }

    /// These bytes instead of an answer, then the connection closes.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::status(200).with(Body::Raw(bytes.into()))
    }

    /// Adds a header field.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Answers after a while.
    pub(crate) fn after(self, pause: Duration) -> Self {
        Self {
            after: pause,
            ..self
        }
    }

    /// Sends the body in pieces of so many bytes with a pause after each.
    pub(crate) fn dripping(self, piece: usize, pause: Duration) -> Self {
        let bytes = self.body.bytes();
        self.with(Body::Dripping {
            bytes,
            piece,
            pause,
        })
    }

    /// Promises the whole body and closes the connection after so many bytes.
    pub(crate) fn cut_after(self, sent: usize) -> Self {
        let bytes = self.body.bytes();
        self.with(Body::CutAfter { bytes, sent })
    }

    /// Answers 304 to a request that brings the `ETag` or, without an `ETag`, the `Last-Modified` of this reply. The 304
    /// repeats neither.
    pub(crate) fn conditional(self) -> Self {
        Self {
            conditional: true,
            ..self
        }
    }

    fn with(self, body: Body) -> Self {
        Self { body, ..self }
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn is_known_to(&self, asked: &Asked) -> bool {
        let same = |ours: Option<&str>, theirs: Option<&str>| ours.is_some() && ours == theirs;
        let etag = self.value("etag");
        match asked.header("if-none-match") {
            Some(theirs) => same(etag, Some(theirs)),
            None => same(
                self.value("last-modified"),
                asked.header("if-modified-since"),
            ),
        }
    }

    fn head(&self, length: Option<usize>) -> String {
        let fields: String = self
            .headers
            .iter()
            .flat_map(|(name, value)| [name, ": ", value, "\r\n"])
            .collect();
        let length = match length {
            Some(length) => format!("Content-Length: {length}"),
            None => "Transfer-Encoding: chunked".to_owned(),
        };
        format!("HTTP/1.1 {} Said\r\n{fields}{length}\r\n\r\n", self.status)
    }
}

impl Body {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Whole(bytes) => bytes.clone(),
            _ => panic!("only a whole body can be sent in another way"),
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no test panics while it holds this")
}

fn path_of(target: &str) -> &str {
    target.split('?').next().unwrap_or(target)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    // dropped with this task, and all connections with it
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let number = {
            let mut state = lock(&state);
            state.connections += 1;
            state.connections
        };
        let state = Arc::clone(&state);
        connections.spawn(async move {
            // a client that leaves early is what many tests are about
            let _ = converse(stream, number, &state).await;
        });
    }
}

/// Answers one request after the other, until the client leaves or a reply says to close.
async fn converse(
    stream: TcpStream,
    connection: usize,
    state: &Mutex<State>,
) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(asked) = read_request(&mut stream, connection).await? {
        let _answering = Answering::begin(state);
        let reply = next_reply(state, &asked);
        tokio::time::sleep(reply.after).await;
        match answer(stream.get_mut(), &reply, &asked, state).await? {
            AndThen::Stay => {}
            AndThen::Close => return stream.get_mut().shutdown().await,
            AndThen::Reset => return stream.get_ref().set_zero_linger(),
        }
    }
    Ok(())
}

async fn read_request(
    stream: &mut BufReader<TcpStream>,
    connection: usize,
) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if stream.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let asked = Asked {
        target,
        headers,
        at: Instant::now(),
        connection,
    };
    if let Some(length) = asked.header("content-length") {
        let length = length.parse().unwrap_or(0);
        tokio::io::copy(&mut stream.take(length), &mut tokio::io::sink()).await?;
    }
    Ok(Some(asked))
}

fn next_reply(state: &Mutex<State>, asked: &Asked) -> Reply {
    let mut state = lock(state);
    state.asked.push(asked.clone());
    let Some(replies) = state.replies.get_mut(path_of(&asked.target)) else {
        return Reply::status(404);
    };
    let reply = if replies.len() > 1 {
        replies.pop_front()
    } else {
        replies.front().cloned()
    };
    reply.expect("a path has at least one reply")
}

enum AndThen {
    Stay,
    Close,
    Reset,
}

async fn answer(
    stream: &mut TcpStream,
    reply: &Reply,
    asked: &Asked,
    state: &Mutex<State>,
) -> std::io::Result<AndThen> {
    if reply.conditional && reply.is_known_to(asked) {
        stream.write_all(b"HTTP/1.1 304 Said\r\n\r\n").await?;
        return Ok(AndThen::Stay);
    }
    match &reply.body {
        Body::Whole(bytes) => {
            stream
                .write_all(reply.head(Some(bytes.len())).as_bytes())
                .await?;
            send(stream, bytes, state).await?;
            Ok(AndThen::Stay)
        }
        Body::Dripping {
            bytes,
            piece,
            pause,
        } => {
            stream
                .write_all(reply.head(Some(bytes.len())).as_bytes())
                .await?;
            for piece in bytes.chunks(*piece) {
                send(stream, piece, state).await?;
                tokio::time::sleep(*pause).await;
            }
            Ok(AndThen::Stay)
        }
        Body::Endless => {
            stream.write_all(reply.head(None).as_bytes()).await?;
            let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
            loop {
                send(stream, &chunk, state).await?;
            }
        }
        Body::CutAfter { bytes, sent } => {
            stream
                .write_all(reply.head(Some(bytes.len())).as_bytes())
                .await?;
            send(stream, &bytes[..*sent], state).await?;
            Ok(AndThen::Close)
        }
        Body::Raw(bytes) => {
            send(stream, bytes, state).await?;
            Ok(AndThen::Close)
        }
        Body::Reset => Ok(AndThen::Reset),
        Body::Silent => std::future::pending().await,
    }
}

async fn send(stream: &mut TcpStream, bytes: &[u8], state: &Mutex<State>) -> std::io::Result<()> {
    stream.write_all(bytes).await?;
    lock(state).bytes_sent += bytes.len();
    Ok(())
}

/// Counts a request as being answered for as long as it lives.
struct Answering<'a>(&'a Mutex<State>);

impl<'a> Answering<'a> {
    fn begin(state: &'a Mutex<State>) -> Self {
        let mut counts = lock(state);
        counts.at_once += 1;
        counts.most_at_once = counts.most_at_once.max(counts.at_once);
        drop(counts);
        Self(state)
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        lock(self.0).at_once -= 1;
    }
}
