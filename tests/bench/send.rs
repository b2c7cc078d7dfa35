//! How fast and in how much memory `takefive send` hands an edition to a mail server: `cargo bench --bench send`. The
//! server is `smtp-sink`, and beside us runs `smtp-source`, both of Postfix (Debian: `apt-get install postfix`), so that
//! the numbers of two machines can be compared by their ratio. Readers and words are made here.

use std::fmt::Write as _;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

mod watched;
use watched::watch;

/// Messages of a run whose time is taken.
const MESSAGES: usize = 4_000;

/// Connections, of ours and of `smtp-source`.
const CONNECTIONS: usize = 8;

/// Of so many runs the quickest counts: the others were kept waiting by something else.
const RUNS: usize = 3;

/// Readers of the runs whose memory is taken.
const READERS: [usize; 3] = [1_000, 10_000, 100_000];

/// Bytes by which the page is longer than with the few insights of the feed below: a message has about 30 kB then.
const MORE_BYTES: usize = 18_000;

/// The bars: our rate as a share of that of `smtp-source`, unsigned and signed; memory of the most readers as a share of that
/// of the fewest.
const UNSIGNED_MIN: f64 = 0.5;
const SIGNED_MIN: f64 = 0.25;
const GROWTH_MAX: f64 = 1.25;

const DAY: &str = "2026-05-04";

fn main() {
    let (Some(sink), Some(source)) = (found("smtp-sink"), found("smtp-source")) else {
        println!("smtp-sink and smtp-source are not here; Debian has them in the package postfix");
        return;
    };
    let feed = serve_feed();
    let sink = Sink::start(&sink);
    let room = Room::new(&feed, sink.port);
    println!("                         messages   seconds   messages/s   peak MB");

    let theirs = quickest(|| smtp_source(&source, sink.port, MESSAGES, room.message_bytes));
    row("smtp-source", MESSAGES, theirs, None);
    room.readers(MESSAGES);
    let unsigned = quickest(|| room.send("").seconds);
    row("takefive", MESSAGES, unsigned, None);
    room.make_key();
    let signed = quickest(|| {
        room.send("[mail.dkim]\ndomain = \"digest.example\"\nselector = \"takefive\"\nkey_file = \"dkim.pem\"\n").seconds
    });
    row("takefive, RSA-2048", MESSAGES, signed, None);

    let mut peaks = Vec::new();
    for readers in READERS {
        let room = Room::new(&feed, sink.port);
        room.readers(readers);
        let sent = room.send("");
        row("takefive", readers, sent.seconds, Some(sent.peak_bytes));
        peaks.push(as_f64(sent.peak_bytes));
    }

    println!(
        "\na message has {} bytes; the ledger is written with synchronous = FULL",
        room.message_bytes
    );
    bar(
        "share of smtp-source",
        theirs / unsigned,
        UNSIGNED_MIN,
        "at least 0.5",
    );
    bar(
        "share of smtp-source, signed",
        theirs / signed,
        SIGNED_MIN,
        "at least 0.25",
    );
    if let [fewest, .., most] = peaks[..] {
        let growth = most / fewest;
        let held = if growth <= GROWTH_MAX {
            "held"
        } else {
            "MISSED"
        };
        println!(
            "memory of 100,000 readers beside 1,000: {growth:.2} (at most {GROWTH_MAX}): {held}"
        );
    }
}

fn row(name: &str, messages: usize, seconds: f64, peak_bytes: Option<usize>) {
    let peak = peak_bytes.map_or_else(String::new, |peak| format!("{:>9.1}", as_f64(peak) / 1e6));
    let rate = as_f64(messages) / seconds;
    println!("{name:<22} {messages:>10} {seconds:>9.2} {rate:>12.0} {peak}");
}

fn bar(name: &str, value: f64, least: f64, wanted: &str) {
    let told = if value >= least { "held" } else { "MISSED" };
    println!("{name}: {value:.2} ({wanted}): {told}");
}

fn quickest(mut run: impl FnMut() -> f64) -> f64 {
    (0..RUNS).map(|_| run()).fold(f64::INFINITY, f64::min)
}

/// Seconds that `smtp-source` takes for so many messages of that length.
fn smtp_source(program: &Path, port: u16, messages: usize, bytes: usize) -> f64 {
    let began = Instant::now();
    let status = Command::new(program)
        .args(["-s", &CONNECTIONS.to_string(), "-l", &bytes.to_string()])
        .args(["-m", &messages.to_string(), &format!("127.0.0.1:{port}")])
        .stdout(Stdio::null())
        .status()
        .expect("smtp-source starts");
    assert!(status.success(), "smtp-source failed");
    began.elapsed().as_secs_f64()
}

/// A mail server that throws everything away.
struct Sink {
    child: Child,
    port: u16,
}

impl Sink {
    fn start(program: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a free port")
            .port();
        let mut command = Command::new(program);
        // where we are root, it wants to be somebody else
        if nix::unistd::geteuid().is_root() {
            command.args(["-u", "nobody"]);
        }
        let child = command
            .args([&format!("127.0.0.1:{port}"), "100"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts");
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Self { child, port }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder with settings, an edition, and readers.
struct Room {
    folder: tempfile::TempDir,
    settings: String,
    message_bytes: usize,
}

struct Sent {
    seconds: f64,
    peak_bytes: usize,
}

impl Room {
    fn new(feed: &str, port: u16) -> Self {
        let settings = format!(
            "[mail]\nfrom = \"Take Five <five@digest.example>\"\nleave_address = \"leave@digest.example\"\n\
             postal_address = \"1 Example Street, London\"\nsmtp = \"smtp://127.0.0.1:{port}\"\ntls = \"none\"\n\
             templates = \"templates\"\nconnections = {CONNECTIONS}\nper_connection = 1000\nbudget = \"2 hours\"\n\
             [site]\nbase_url = \"https://digest.example/\"\none_click = true\n\
             [digest]\nmin_score = 0.0\nmax_per_source = 10\nsize = 10\n\
             [fetch]\nallow_networks = [\"127.0.0.0/8\"]\n\
             [[source]]\nname = \"notes\"\nkind = \"article\"\nfeed = \"{feed}\"\n"
        );
        let mut room = Self {
            folder: tempfile::tempdir().expect("a folder"),
            settings,
            message_bytes: 0,
        };
        room.write_settings("");
        room.takefive(&["templates", "export", "templates"]);
        room.lengthen();
        room.takefive(&["gather", "--date", DAY]);
        room.takefive(&["choose", "--date", DAY]);
        // into a folder, to see how long a message is
        room.takefive(&["subscribers", "add", "reader@reader.example"]);
        let outbox = room
            .settings
            .replace("smtp = ", "# smtp = ")
            .replace("tls = ", "# tls = ");
        std::fs::write(room.folder.path().join("sources.toml"), outbox).expect("room for it");
        room.takefive(&["send", "--edition", DAY]);
        let eml = room.folder.path().join(format!("outbox/{DAY}/0001.eml"));
        room.message_bytes =
            std::fs::metadata(eml).map_or(0, |file| usize::try_from(file.len()).unwrap_or(0));
        room
    }

    fn write_settings(&self, more: &str) {
        let text = self.settings.replace("[site]", &format!("{more}[site]"));
        std::fs::write(self.folder.path().join("sources.toml"), text).expect("room for it");
    }

    /// Makes the page of the mail as long as one of ten insights.
    fn lengthen(&self) {
        let path = self.folder.path().join("templates/digest.html");
        let page = std::fs::read_to_string(&path).expect("it was just exported");
        let more =
            "<p>Words that every reader gets, and that have to be carried all the same.</p>\n";
        let page = page.replace(
            "</body>",
            &format!("{}</body>", more.repeat(MORE_BYTES / more.len())),
        );
        std::fs::write(path, page).expect("room for it");
    }

    fn readers(&self, count: usize) {
        let list = self.folder.path().join("readers.txt");
        let mut text = String::new();
        for nth in 1..=count {
            let _ = writeln!(text, "reader{nth}@reader{}.example", nth % 97);
        }
        std::fs::write(&list, text).expect("room for it");
        self.write_settings("");
        self.takefive(&["subscribers", "import", "readers.txt"]);
        self.takefive(&["subscribers", "remove", "reader@reader.example"]);
    }

    fn make_key(&self) {
        self.takefive(&["mail", "dkim-key", "--out", "dkim.pem"]);
    }

    /// Sends the edition to all readers as if none had had it.
    fn send(&self, more: &str) -> Sent {
        self.write_settings(more);
        let store =
            rusqlite::Connection::open(self.folder.path().join("takefive.db")).expect("a store");
        store
            .execute("DELETE FROM delivery", [])
            .expect("the ledger is there");
        drop(store);
        let watched = watch(
            self.command(&["send", "--edition", DAY, "--json"])
                .stdout(Stdio::piped()),
        );
        Sent {
            seconds: watched.seconds,
            peak_bytes: watched.peak_bytes,
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_takefive"));
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .stderr(Stdio::null());
        command
    }

    fn takefive(&self, arguments: &[&str]) {
        let output = self
            .command(arguments)
            .stderr(Stdio::piped())
            .output()
            .expect("the program starts");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
    }
}

/// A feed of articles on a port of its own; the thread ends with the program.
fn serve_feed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("bound");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let body = feed();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(body.as_bytes());
        }
    });
    format!("http://{address}/feed")
}

/// Ten articles with a passage each: an edition of ten has about 30 kB with its markup.
fn feed() -> String {
    const SUBJECTS: [&str; 10] = [
        "roadmap",
        "strategy",
        "retention",
        "pricing",
        "discovery",
        "delivery",
        "hiring",
        "onboarding",
        "research",
        "metrics",
    ];
    let items = SUBJECTS.iter().enumerate().fold(String::new(), |mut items, (nth, subject)| {
        let other = SUBJECTS[(nth + 3) % SUBJECTS.len()];
        let third = SUBJECTS[(nth + 7) % SUBJECTS.len()];
        let _ = write!(
            items,
            "<item><title>On {subject}</title><guid>{subject}</guid><link>https://notes.example/{subject}</link>\
             <pubDate>Mon, 04 May 2026 06:00:00 +0000</pubDate><content:encoded><![CDATA[\
             <p>The most important question of {subject} is which {other} you are willing to give up for it. If you never \
             write that down, every customer of your {third} team will decide it for you, one exception after the other, \
             and nobody can say afterwards why the {subject} became what it is today.</p>]]></content:encoded></item>"
        );
        items
    });
    format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>notes</title>\
         {items}</channel></rss>"
    )
}

fn found(program: &str) -> Option<std::path::PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .chain(["/usr/sbin".into(), "/usr/libexec/postfix".into()])
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
