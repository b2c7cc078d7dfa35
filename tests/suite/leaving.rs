//! From the link in the mail to the silence after it: the real program sends, serves, and sends again.

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpStream;
use std::process::Child;
use std::process::ChildStderr;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use mail_parser::MessageParser;
use url::Url;

use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;

/// How long the server may take to end; a fault would take forever.
const PATIENCE: Duration = Duration::from_secs(20);

/// `takefive serve`, running. It ends when it is dropped.
struct Desk {
    child: Child,
    address: SocketAddr,
    said: BufReader<ChildStderr>,
}

impl Desk {
    fn open(room: &Newsroom) -> Self {
        let mut child = room
            .command(["serve", "--listen", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let mut said = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        said.read_line(&mut line)
            .expect("it says where it listens, or why not");
        let address = line
            .split_once("http://")
            .and_then(|(_, rest)| rest.split(';').next())
            .and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("no address in {line:?}"));
        Self {
            child,
            address,
            said,
        }
    }

    /// What a mail program does with the link (RFC 8058), sent here by way of the operator's web server.
    async fn one_click(&self, link: &Url) -> (u16, String) {
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .post(format!("http://{}{}", self.address, link.path()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("List-Unsubscribe=One-Click");
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let request = reqwest::Client::builder()
            .no_proxy()
            .build()
            .unwrap()
            .get(format!("http://{}{path}", self.address));
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Ctrl-C; how it ended, and what it said meanwhile.
    #[cfg(unix)]
    fn interrupted(mut self) -> (Option<i32>, String) {
        let number = self.child.id().to_string();
        let asked = Command::new("kill")
            .args(["-INT", &number])
            .status()
            .expect("kill is there");
        assert!(asked.success());
        let started = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            assert!(started.elapsed() < PATIENCE, "it does not end");
            std::thread::yield_now();
        };
        let mut said = String::new();
        while self.said.read_line(&mut said).is_ok_and(|count| count > 0) {}
        (status.code(), said)
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

async fn room(base_url: &str) -> Newsroom {
    Newsroom::new()
        .await
        .with_site(base_url)
        .blog("notes", DAY, &CLAIMS)
        .subscriber("ann")
        .subscriber("ben")
}

/// The https way in the header of the mail that `name` got last.
fn link_of(room: &Newsroom, name: &str) -> Url {
    let messages = room.smtp.messages();
    let message = messages
        .iter()
        .rfind(|message| message.to == [format!("{name}@reader.example")])
        .expect("there was a mail");
    let mail = MessageParser::new().parse(&message.bytes).expect("a mail");
    let header = |name: &str| mail.header_raw(name).map(str::trim).map(str::to_owned);
    assert_eq!(
        header("List-Unsubscribe-Post").as_deref(),
        Some("List-Unsubscribe=One-Click")
    );
    let ways = header("List-Unsubscribe").expect("a way to leave");
    let link = ways
        .split(['<', '>'])
        .find(|way| way.starts_with("https://"))
        .unwrap_or_else(|| panic!("no https way in {ways}"));
    let body = mail.body_html(0).expect("an HTML part");
    assert!(
        body.contains(link),
        "the reader is shown the same way: {link}"
    );
    Url::parse(link).expect("a link")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_click_on_the_link_in_the_mail_is_the_end_of_the_mails() {
    for base_url in [
        "https://digest.example",
        "https://example.org/news/five/",
        "https://example.org/m%C3%BCnchen",
    ] {
        let room = room(base_url).await;
        room.run_on(DAY).exits(0);
        let link = link_of(&room, "ann");
        assert!(link.as_str().starts_with(base_url), "{link}");
        let desk = Desk::open(&room);

        let (status, page) = desk.get(link.path()).await;
        assert_eq!(status, 200);
        assert!(page.contains("Leave Take Five?"), "{page}");
        room.run_on(DAY).exits(0); // the desk is open while a run is under way
        let (status, page) = desk.one_click(&link).await;
        assert_eq!(status, 200);
        assert!(page.contains("You have left"), "{page}");

        room.run_on(NEXT_DAY).exits(0);
        assert_eq!(room.sent_to(), ["ann", "ben", "ben"], "{base_url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_or_guessing_ends_no_mails_and_tells_nothing() {
    let room = room("https://example.org/news").await;
    room.run_on(DAY).exits(0);
    let link = link_of(&room, "ann");
    let desk = Desk::open(&room);
    let looked = desk.get(link.path()).await;
    let guess = link.join("AAAAAAAAAAAAAAAAAAAAAAAA").unwrap();
    assert_eq!(desk.get(guess.path()).await, looked);
    let guessed = desk.one_click(&guess).await;
    room.run_on(NEXT_DAY).exits(0);
    assert_eq!(room.sent_to(), ["ann", "ben", "ann", "ben"]);
    assert_eq!(guessed, desk.one_click(&link).await, "as the right one");
    assert_eq!(desk.get("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(desk.get("/news/elsewhere").await.0, 404);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn ctrl_c_ends_the_desk_in_order_whoever_is_connected() {
    let room = room("https://digest.example").await;
    let desk = Desk::open(&room);
    desk.get("/healthz").await;
    assert_eq!(desk.interrupted().0, Some(0));

    // one who says nothing, one who stops in the middle of a line
    let desk = Desk::open(&room);
    let _silent = TcpStream::connect(desk.address).unwrap();
    let mut halting = TcpStream::connect(desk.address).unwrap();
    halting
        .write_all(b"POST /leave/abc HTTP/1.1\r\nHos")
        .unwrap();
    desk.get("/healthz").await;
    let (code, said) = desk.interrupted();
    assert_eq!(code, Some(0), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_site_or_a_free_port_the_desk_says_so() {
    let room = Newsroom::new().await.blog("notes", DAY, &CLAIMS);
    let ran = room.takefive(["serve", "--listen", "127.0.0.1:0"]).exits(2);
    assert!(ran.stderr.contains("[site] base_url"), "{ran:?}");
    let room = room.with_site("https://digest.example");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let ran = room.takefive(["serve", "--listen", &address]).exits(1);
    assert!(ran.stderr.contains(&address), "{ran:?}");
}
