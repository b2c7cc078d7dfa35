//! A folder with a `sources.toml`, feeds on a loopback web server, a loopback mail server, and the real program beside them.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::world::http::HttpServer;
use crate::world::http::Reply;
use crate::world::smtp::SmtpServer;

/// The day on which things happen, unless a test says otherwise.
pub(crate) const DAY: &str = "2026-05-04";

/// The day after.
pub(crate) const NEXT_DAY: &str = "2026-05-05";

/// Passages that read like insights, each about something else.
pub(crate) const CLAIMS: [&str; 6] = [
    "Most roadmaps are lists of promises that nobody has checked. If you write down the problem and who has it instead of \
     the feature, half of the list disappears within a week, and nobody misses it.",
    "Most companies never ask their customers what they would stop paying for first. The middle plan then carries \
     everything that the sales team once needed to close a deal, and nobody can say what it costs.",
    "Retention is decided in the first ten minutes, not in the first month. When you move the moment of value in front of \
     the sign-up form, more people stay in week four than any later campaign could ever bring back.",
    "A strategy is a choice of which customers you are willing to disappoint. If everybody in the room can agree with the \
     strategy, then you have written down a wish, and the hard decision is still waiting for you.",
    "The most important skill of a product manager is to say what will not be built, and why. People accept a clear no \
     with a reason much better than a vague later, because they can go and solve the problem another way.",
    "Most experiments fail because nobody decided beforehand what result would change the plan. The key is to write the \
     decision down before the test begins, since afterwards every number can be made to look like a success.",
];

/// Sentences that nobody quotes: questions are none of our business.
const CHATTER: &str =
    "Did you see the table by the window? Has somebody left a coat on one of the chairs?";

/// The newsroom of one test.
pub(crate) struct Newsroom {
    folder: TempDir,
    pub(crate) web: HttpServer,
    pub(crate) smtp: SmtpServer,
    rows: String,
    mail: Mail,
    extra_digest: String,
    extra_mail: String,
    extra_fetch: String,
    site: String,
    rules: String,
}

/// Where its mail goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mail {
    Smtp,
    Outbox,
}

/// How the program ended and what it said.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// What `--json` printed: one object.
    #[track_caller]
    pub(crate) fn report(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// What `--json` printed: an object a line.
    #[track_caller]
    pub(crate) fn lines(&self) -> Vec<Value> {
        let lines = self.stdout.lines();
        lines
            .map(|line| {
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"))
            })
            .collect()
    }

    /// The texts of the edition.
    #[track_caller]
    pub(crate) fn texts(&self) -> Vec<String> {
        let report = self.report();
        let insights = report["insights"].as_array().expect("insights are a list");
        insights
            .iter()
            .map(|insight| insight["text"].as_str().expect("a text").to_owned())
            .collect()
    }

    /// How many deliveries are in `state`, by the report.
    #[track_caller]
    pub(crate) fn deliveries(&self, state: &str) -> u64 {
        self.report()["deliveries"][state]
            .as_u64()
            .expect("a number")
    }

    /// Holds what must be so.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }
}

impl Newsroom {
    /// An empty newsroom that mails over SMTP.
    pub(crate) async fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a temporary folder"),
            web: HttpServer::start().await,
            smtp: SmtpServer::start().await,
            rows: String::new(),
            mail: Mail::Smtp,
            extra_digest: String::new(),
            extra_mail: String::new(),
            extra_fetch: String::new(),
            site: String::new(),
            rules: String::new(),
        }
    }

    /// A newsroom of three sources with one good passage each.
    pub(crate) async fn with_three_sources() -> Self {
        Self::new()
            .await
            .podcast("talk", DAY, CLAIMS[0])
            .blog("notes", DAY, &[CLAIMS[1]])
            .blog("letters", DAY, &[CLAIMS[2]])
    }

    /// Mail goes into a folder instead.
    pub(crate) fn with_outbox(mut self) -> Self {
        self.mail = Mail::Outbox;
        self
    }

    /// A line more in `[mail]`.
    pub(crate) fn with_mail(mut self, line: &str) -> Self {
        self.extra_mail += line;
        self.extra_mail.push('\n');
        self
    }

    /// These lines and no others in `[mail]`, besides what it needs.
    pub(crate) fn with_only_mail(mut self, lines: &str) -> Self {
        self.extra_mail = format!("{lines}\n");
        self
    }

    /// A line more in `[digest]`.
    pub(crate) fn with_line(mut self, line: &str) -> Self {
        self.extra_digest += line;
        self.extra_digest.push('\n');
        self
    }

    /// A line more in `[fetch]`.
    pub(crate) fn with_fetch(mut self, line: &str) -> Self {
        self.extra_fetch += line;
        self.extra_fetch.push('\n');
        self
    }

    /// Has rules of its own.
    pub(crate) fn with_rules(mut self, rules: &str) -> Self {
        std::fs::write(self.path("my-rules.toml"), rules).expect("the folder takes a file");
        self.rules.push_str("[rules]\nfile = \"my-rules.toml\"\n");
        self
    }

    /// A table of its own, such as `[transcribe]`.
    pub(crate) fn with_table(mut self, table: &str) -> Self {
        self.rules += table;
        self.rules.push('\n');
        self
    }

    /// A line more in the row of the source that was added last.
    pub(crate) fn with_row_line(mut self, line: &str) -> Self {
        self.rows += line;
        self.rows.push('\n');
        self
    }

    /// The https way to leave is served there.
    pub(crate) fn with_site(mut self, base_url: &str) -> Self {
        self.site = format!("[site]\nbase_url = \"{base_url}\"\none_click = true\n");
        self
    }

    /// A row of `sources.toml` whose feed stands at `/name/feed`.
    pub(crate) fn row(mut self, name: &str, kind: &str) -> Self {
        let url = self.web.url(&format!("/{name}/feed"));
        let _ = write!(
            self.rows,
            "\n[[source]]\nname = \"{name}\"\nkind = \"{kind}\"\nfeed = \"{url}\"\n"
        );
        self
    }

    /// A further line in the last row of `sources.toml`.
    pub(crate) fn row_says(mut self, line: &str) -> Self {
        self.rows += line;
        self.rows.push('\n');
        self
    }

    /// A source with its feed.
    pub(crate) fn source(self, name: &str, kind: &str, reply: Reply) -> Self {
        self.web.on(&format!("/{name}/feed"), reply);
        self.row(name, kind)
    }

    /// A blog with one article a claim, all of the same day.
    pub(crate) fn blog(self, name: &str, day: &str, claims: &[&str]) -> Self {
        let feed = Reply::ok("application/rss+xml", blog_feed(name, day, claims))
            .header("ETag", "\"1\"")
            .conditional();
        self.source(name, "article", feed)
    }

    /// A podcast with one episode, its transcript in WebVTT.
    pub(crate) fn podcast(self, name: &str, day: &str, claim: &str) -> Self {
        let transcript = self.web.url(&format!("/{name}/1.vtt"));
        self.web
            .on(&format!("/{name}/1.vtt"), Reply::ok("text/vtt", vtt(claim)));
        let feed = format!(
            r#"<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>{name}</title>
            <item><title>{name}, the first</title><guid>{name}-1</guid><link>https://{name}.example/1</link>
            <pubDate>{}</pubDate><enclosure url="https://{name}.example/1.mp3" length="1" type="audio/mpeg"/>
            <podcast:transcript url="{transcript}" type="text/vtt"/></item></channel></rss>"#,
            date_of(day),
        );
        self.source(
            name,
            "podcast",
            Reply::ok("application/rss+xml", feed)
                .header("ETag", "\"1\"")
                .conditional(),
        )
    }

    /// Writes the settings and adds a subscriber; to be called when all sources are there.
    pub(crate) fn subscriber(self, name: &str) -> Self {
        self.takefive(["subscribers", "add", &format!("{name}@reader.example")])
            .exits(0);
        self
    }

    /// Adds so many subscribers at once.
    pub(crate) fn subscribers(self, count: usize) -> Self {
        let addresses: Vec<String> = (1..=count)
            .map(|nth| format!("reader{nth}@reader.example"))
            .collect();
        fed(
            &mut self.command(["subscribers", "import", "-"]),
            addresses.join("\n").as_bytes(),
        )
        .exits(0);
        self
    }

    /// The folder.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Writes `sources.toml`.
    pub(crate) fn write_settings(&self) {
        let mail = match self.mail {
            Mail::Outbox => String::new(),
            Mail::Smtp => format!(
                "smtp = \"smtp://{}\"\ntls = \"none\"\n",
                self.smtp.address()
            ),
        };
        let settings = format!(
            "[mail]\nfrom = \"Take Five <five@digest.example>\"\nleave_address = \"leave@digest.example\"\n\
             postal_address = \"1 Example Street, London\"\n{mail}{}\n[fetch]\nallow_networks = [\"127.0.0.0/8\"]\n\
             gap = \"0 seconds\"\n{}{}{}[digest]\nmin_score = 0.5\n{}{}",
            self.extra_mail, self.extra_fetch, self.site, self.rules, self.extra_digest, self.rows
        );
        std::fs::write(self.path("sources.toml"), settings).expect("the folder takes a file");
    }

    /// The program, in the folder.
    pub(crate) fn command<S: AsRef<OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Command {
        self.write_settings();
        program(self.folder.path(), arguments)
    }

    /// Runs the program to its end.
    pub(crate) fn takefive<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        ran(&mut self.command(arguments))
    }

    /// `run` on a day, with `--json`.
    pub(crate) fn run_on(&self, day: &str) -> Ran {
        self.takefive(["run", "--json", "--date", day])
    }

    /// Who got a mail, in order, one name a mail.
    pub(crate) fn sent_to(&self) -> Vec<String> {
        let first = |to: &Vec<String>| to[0].trim_end_matches("@reader.example").to_owned();
        self.smtp
            .messages()
            .iter()
            .map(|message| first(&message.to))
            .collect()
    }

    /// The store, to look into.
    pub(crate) fn store(&self) -> Connection {
        Connection::open(self.path("takefive.db")).expect("the store is there")
    }
}

/// The program in a folder, without the environment of whoever runs the tests.
pub(crate) fn program<S: AsRef<OsStr>>(
    folder: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_takefive"));
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TAKEFIVE")) {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().expect("the program can be started");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("the program prints text"),
        stderr: String::from_utf8(output.stderr).expect("the program prints text"),
    }
}

/// Runs a command with something on its standard input.
pub(crate) fn fed(command: &mut Command, input: &[u8]) -> Ran {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it can be started");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(input)
        .expect("it reads its input");
    let output = child.wait_with_output().expect("it ends");
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A feed with one article a claim.
pub(crate) fn blog_feed(name: &str, day: &str, claims: &[&str]) -> String {
    let mut items = String::new();
    for claim in claims {
        // the same claim is the same article, wherever it stands in the list
        let key = claim
            .split(' ')
            .take(8)
            .collect::<Vec<_>>()
            .join("-")
            .replace([',', '.', '\''], "");
        let _ = write!(
            items,
            "<item><title>{name} on {key}</title><guid>{name}-{key}</guid><link>https://{name}.example/{key}</link>\
             <pubDate>{}</pubDate><content:encoded><![CDATA[<p>{CHATTER}</p><p>{claim}</p><p>{CHATTER}</p>]]>\
             </content:encoded></item>",
            date_of(day),
        );
    }
    format!(
        "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>{name}</title>\
         {items}</channel></rss>"
    )
}

/// A conversation in which the guest's answer is `claim`.
pub(crate) fn vtt(claim: &str) -> String {
    let turns = [
        (
            "Hana Host",
            "What did the team learn from all of that, and what would you tell others who are about to begin?",
        ),
        ("Gus Guest", claim),
        (
            "Hana Host",
            "And how did the people around you take it when you told them about this for the first time?",
        ),
        ("Gus Guest", CHATTER),
    ];
    let mut out = "WEBVTT\n".to_owned();
    let mut second = 60;
    for (speaker, words) in turns {
        for cue in words.split_whitespace().collect::<Vec<_>>().chunks(12) {
            let next = second + 4;
            let (from, to) = (clock(second), clock(next));
            let _ = write!(out, "\n{from} --> {to}\n<v {speaker}>{}\n", cue.join(" "));
            second = next;
        }
    }
    out
}

fn clock(second: u32) -> String {
    format!("00:{:02}:{:02}.000", second / 60, second % 60)
}

/// Six in the morning of a day, as RSS writes it.
pub(crate) fn date_of(day: &str) -> String {
    let date: jiff::civil::Date = day.parse().expect("a date");
    format!("{} 06:00:00 +0000", date.strftime("%a, %d %b %Y"))
}

/// Waits until something is so, and gives up loudly after a while.
pub(crate) fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "waited in vain for {what}"
        );
        std::thread::yield_now();
    }
}
