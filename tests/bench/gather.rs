//! What it costs to read many feeds: `cargo bench --bench gather`. The release program gathers from servers on the loopback that
//! are made here, with feeds of the demo's words. Beside it runs a bare client, which asks for the same feeds over connections
//! that it keeps, unpacks them and cuts them into XML events, and does nothing else: what the machine can do at best. Compared are
//! processor seconds, of several runs in turn the lowest, and the most memory.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Path as Place;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;
use nix::sys::time::TimeValLike as _;

mod chance;
use chance::Chance;

mod scripts;
use scripts::SCRIPTS;

mod watched;
use watched::Watched;
use watched::watch;

/// Feeds of the first table, and of the one that shows whether memory grows.
const FEEDS: usize = 1_000;
const FEEDS_MORE: usize = 10_000;

/// Feeds whose transcripts are read, too.
const FEEDS_WITH_TEXTS: usize = 200;

/// Different bodies; feeds share them in turn.
const BODIES: usize = 200;

/// Entries of a feed, and bytes of the notes of each: 110 kB a feed, as of a show with a few years behind it.
const ENTRIES: usize = 20;
const NOTES_BYTES: usize = 5_000;
const PARAGRAPHS: usize = 10;

/// Bytes of a transcript.
const TRANSCRIPT_BYTES: usize = 60_000;

/// Addresses that serve them.
const HOSTS: u8 = 32;

/// Of so many runs the lowest counts: the others were kept waiting by something else.
const RUNS: usize = 5;

/// The bars: times the bare client, and bytes.
const COLD_MAX: f64 = 3.0;
const WARM_MAX: f64 = 5.0;
const WHOLE_MAX: f64 = 8.0;
const FEEDS_PEAK_MAX: usize = 60_000_000;
const WHOLE_PEAK_MAX: usize = 150_000_000;
const GROWTH_MAX: f64 = 1.1;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, bare, list, etags] = arguments.as_slice()
        && bare == "--bare"
    {
        return bare_client(Path::new(list), Path::new(etags));
    }
    let port = serve();
    let folder = tempfile::tempdir().expect("a folder");
    let room = Room {
        folder: folder.path(),
        port,
    };
    println!("                        bare CPU s   takefive CPU s   times   peak MB   seconds");
    let (cold, warm) = room.measure(FEEDS);
    row("1,000 feeds, first run", &cold);
    row("the same, unchanged", &warm);
    let (more, more_warm) = room.measure_once(FEEDS_MORE);
    row("10,000 feeds, first run", &more);
    row("the same, unchanged", &more_warm);
    let (whole, texts) = room.measure_whole();
    row("200 shows with texts", &whole);
    println!("    without the stages that read texts: {texts:.1} times");
    bar("first run, times the bare client", cold.times(), COLD_MAX);
    bar("unchanged, times the bare client", warm.times(), WARM_MAX);
    bar("texts, other stages, times", texts, WHOLE_MAX);
    bar(
        "peak of feeds, MB",
        megabytes(cold.peak),
        megabytes(FEEDS_PEAK_MAX),
    );
    bar(
        "peak with texts, MB",
        megabytes(whole.peak),
        megabytes(WHOLE_PEAK_MAX),
    );
    let growth = megabytes(more.peak) / megabytes(cold.peak);
    bar("peak, 10,000 feeds to 1,000", growth, GROWTH_MAX);
}

/// One row of the table.
struct Measured {
    bare: f64,
    ours: f64,
    peak: usize,
    /// By the clock, from start to end.
    seconds: f64,
}

impl Measured {
    fn times(&self) -> f64 {
        self.ours / self.bare
    }
}

fn row(name: &str, measured: &Measured) {
    let Measured {
        bare,
        ours,
        peak,
        seconds,
    } = measured;
    let (times, peak) = (measured.times(), megabytes(*peak));
    println!("{name:<24} {bare:>9.3} {ours:>16.3} {times:>7.1} {peak:>9.1} {seconds:>9.2}");
}

fn bar(name: &str, figure: f64, most: f64) {
    let held = if figure <= most { "held" } else { "MISSED" };
    println!("{name:<36} {figure:>7.2}  at most {most:>6.1}  {held}");
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The folder in which programs run, and the port of all servers.
struct Room<'a> {
    folder: &'a Path,
    port: u16,
}

impl Room<'_> {
    fn measure(&self, feeds: usize) -> (Measured, Measured) {
        let runs: Vec<_> = (0..RUNS).map(|_| self.measure_once(feeds)).collect();
        let least = |of: fn(&(Measured, Measured)) -> &Measured| Measured {
            bare: runs.iter().map(|run| of(run).bare).fold(f64::MAX, f64::min),
            ours: runs.iter().map(|run| of(run).ours).fold(f64::MAX, f64::min),
            peak: runs.iter().map(|run| of(run).peak).max().unwrap_or(0),
            seconds: runs
                .iter()
                .map(|run| of(run).seconds)
                .fold(f64::MAX, f64::min),
        };
        (least(|run| &run.0), least(|run| &run.1))
    }

    /// The first run, and the next one, in which nothing has changed.
    fn measure_once(&self, feeds: usize) -> (Measured, Measured) {
        self.begin_anew();
        let (list, etags) = (self.list(feeds), self.folder.join("etags"));
        let (bare_cold, _) = cpu(&mut bare(&list, &etags));
        let (bare_warm, _) = cpu(&mut bare(&list, &etags));
        let mut gather = self.takefive(feeds, "--feeds-only");
        let measured = |bare, (ours, watched): (f64, Watched)| Measured {
            bare,
            ours,
            peak: watched.peak_bytes,
            seconds: watched.seconds,
        };
        let cold = measured(bare_cold, cpu(&mut gather));
        (cold, measured(bare_warm, cpu(&mut gather)))
    }

    /// A gather with texts, and the processor time of all but the stages that read them, in times of the bare client's, which
    /// asks for the feeds and the transcripts.
    fn measure_whole(&self) -> (Measured, f64) {
        self.begin_anew();
        let list = self.folder.join("texts.txt");
        let feeds = std::fs::read_to_string(self.list(FEEDS_WITH_TEXTS)).expect("our own list");
        let texts = feeds.replace("feed.xml", "talk.vtt");
        std::fs::write(&list, feeds + &texts).expect("the folder takes it");
        let (bare, _) = cpu(&mut bare(&list, &self.folder.join("etags")));
        let mut gather = self.takefive(FEEDS_WITH_TEXTS, "--json");
        let out = self.folder.join("report.json");
        gather.stdout(std::fs::File::create(&out).expect("the folder takes it"));
        let (ours, watched) = cpu(&mut gather);
        let report = std::fs::read_to_string(out).expect("a report");
        let report: serde_json::Value = serde_json::from_str(&report).expect("it is JSON");
        let stages = report["timings"]["stages"].as_array().expect("stages");
        let texts: f64 = stages
            .iter()
            .filter(|stage| {
                ["extract_text", "find_insights"].contains(&stage["stage"].as_str().unwrap_or(""))
            })
            .filter_map(|stage| stage["cpu_seconds"].as_f64())
            .sum();
        let measured = Measured {
            bare,
            ours,
            peak: watched.peak_bytes,
            seconds: watched.seconds,
        };
        (measured, (ours - texts) / bare)
    }

    fn begin_anew(&self) {
        for file in std::fs::read_dir(self.folder).expect("our own folder") {
            std::fs::remove_file(file.expect("a file").path()).expect("a file of ours");
        }
    }

    fn feed(&self, nth: usize) -> String {
        let host = nth % usize::from(HOSTS) + 1;
        format!("http://127.88.{host}.1:{}/{nth}/feed.xml", self.port)
    }

    fn list(&self, feeds: usize) -> std::path::PathBuf {
        let list = self.folder.join("feeds.txt");
        let urls: Vec<String> = (0..feeds).map(|nth| self.feed(nth) + "\n").collect();
        std::fs::write(&list, urls.concat()).expect("the folder takes it");
        list
    }

    fn takefive(&self, feeds: usize, how: &str) -> Command {
        let mut sources = "[store]\npath = \"store.db\"\n[digest]\nlook_back = \"7 days\"\n\
            [fetch]\nallow_networks = [\"127.88.0.0/16\"]\ngap = \"0s\"\n"
            .to_owned();
        for nth in 0..feeds {
            let feed = self.feed(nth);
            let _ = writeln!(
                sources,
                "[[source]]\nname = \"Show {nth}\"\nkind = \"podcast\"\nfeed = \"{feed}\""
            );
        }
        std::fs::write(self.folder.join("sources.toml"), sources).expect("the folder takes it");
        let mut command = Command::new(env!("CARGO_BIN_EXE_takefive"));
        command
            .args(["gather", "--date", "2026-03-02", "--timings", how])
            .current_dir(self.folder)
            .stdout(Stdio::null());
        command
    }
}

fn bare(list: &Path, etags: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.arg("--bare").arg(list).arg(etags);
    command
}

/// Processor seconds of a child, and what else was seen of it.
fn cpu(command: &mut Command) -> (f64, Watched) {
    let spent = || {
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system tells");
        usage.user_time() + usage.system_time()
    };
    let before = spent();
    let watched = watch(command);
    let micros = (spent() - before).num_microseconds();
    let seconds = Duration::from_micros(u64::try_from(micros).expect("time goes on"));
    (seconds.as_secs_f64(), watched)
}

// ---- the servers

struct World {
    feeds: Vec<Vec<u8>>,
    talks: Vec<Vec<u8>>,
}

/// Serves the world on all addresses, in threads of their own, until the program ends.
fn serve() -> u16 {
    let mut chance = Chance(7);
    let world = Arc::new(World {
        feeds: (0..BODIES)
            .map(|nth| packed(&feed(nth, &mut chance)))
            .collect(),
        talks: (0..BODIES).map(|_| packed(&talk(&mut chance))).collect(),
    });
    let first = TcpListener::bind("127.88.1.1:0").expect("a port");
    let port = first.local_addr().expect("it is bound").port();
    let others = (2..=HOSTS).map(|host| {
        let address = SocketAddr::from(([127, 88, host, 1], port));
        TcpListener::bind(address).expect("the same port elsewhere")
    });
    let listeners: Vec<TcpListener> = [first].into_iter().chain(others).collect();
    let app = Router::new()
        .route("/{nth}/{file}", axum::routing::get(answer))
        .with_state(world);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        runtime.block_on(async {
            let mut servers = tokio::task::JoinSet::new();
            for listener in listeners {
                listener.set_nonblocking(true).expect("a socket");
                let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
                servers.spawn(axum::serve(listener, app.clone()).into_future());
            }
            servers.join_all().await
        })
    });
    port
}

async fn answer(
    State(world): State<Arc<World>>,
    Place((nth, file)): Place<(usize, String)>,
    headers: HeaderMap,
) -> Response {
    let etag = format!("\"{nth}-{file}\"");
    let known = headers.get(header::IF_NONE_MATCH);
    if known.is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    let (bodies, kind) = if file == "feed.xml" {
        (&world.feeds, "application/rss+xml")
    } else {
        (&world.talks, "text/vtt")
    };
    let told = [
        (header::ETAG, etag),
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_ENCODING, "gzip".to_owned()),
    ];
    (told, bodies[nth % BODIES].clone()).into_response()
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).expect("memory");
    packer.finish().expect("memory")
}

/// Sentences of the demo, as they come by chance: packed they take a quarter to a fifth, as the words of real feeds do.
fn sentences(chance: &mut Chance, bytes: usize) -> String {
    let all: Vec<&str> = SCRIPTS
        .iter()
        .flat_map(|script| script.split_inclusive(['.', '?', '!']))
        .map(str::trim)
        .filter(|sentence| !sentence.contains(['&', '<', '>']))
        .collect();
    let mut text = String::with_capacity(bytes + 300);
    while text.len() < bytes {
        text.push_str(all[chance.below(all.len())]);
        text.push(' ');
    }
    text
}

/// A feed: the newest entry has a transcript, and two are of the last days.
fn feed(nth: usize, chance: &mut Chance) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" \
         xmlns:podcast=\"https://podcastindex.org/namespace/1.0\" \
         xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\"><channel><title>Show {nth}</title>\
         <link>https://show-{nth}.example/</link><language>en</language>\n"
    );
    for entry in 0..ENTRIES {
        let number = ENTRIES - entry;
        let date = match entry {
            0 => "01 Mar 2026".to_owned(),
            1 => "27 Feb 2026".to_owned(),
            older => format!("{:02} Jan 2026", 28 - older),
        };
        let title = sentences(chance, 40).replace('\n', " ");
        let mut notes = String::new();
        for _ in 0..PARAGRAPHS {
            let paragraph = sentences(chance, NOTES_BYTES / PARAGRAPHS);
            let _ = writeln!(notes, "<p>{paragraph}</p>");
        }
        // as half of the feeds write it, and the other half
        let notes = if nth.is_multiple_of(2) {
            format!("<![CDATA[{notes}]]>")
        } else {
            notes.replace('<', "&lt;").replace('>', "&gt;")
        };
        let transcript = if entry == 0 {
            "<podcast:transcript url=\"talk.vtt\" type=\"text/vtt\"/>"
        } else {
            ""
        };
        let _ = writeln!(
            xml,
            "<item><title>{title}</title><link>https://show-{nth}.example/{number}</link>\
             <guid isPermaLink=\"false\">show-{nth}-{number}</guid>\
             <pubDate>{date} 07:00:00 GMT</pubDate><itunes:duration>2400</itunes:duration>\
             <enclosure url=\"https://files.example/{nth}/{number}.mp3\" type=\"audio/mpeg\" length=\"30000000\"/>{transcript}\
             <description>{notes}</description></item>"
        );
    }
    xml + "</channel></rss>\n"
}

fn talk(chance: &mut Chance) -> String {
    let mut vtt = "WEBVTT\n".to_owned();
    let talk = sentences(chance, TRANSCRIPT_BYTES);
    let all: Vec<&str> = talk.split_whitespace().collect();
    for (cue, words) in all.chunks(12).enumerate() {
        let time = |second: usize| {
            format!(
                "{:02}:{:02}:{:02}.000",
                second / 3_600,
                second / 60 % 60,
                second % 60
            )
        };
        let speaker = if cue / 12 % 2 == 0 {
            "Ann Lee"
        } else {
            "Ben Fox"
        };
        let _ = write!(
            vtt,
            "\n{} --> {}\n<v {speaker}>{}\n",
            time(cue * 4),
            time(cue * 4 + 4),
            words.join(" ")
        );
    }
    vtt
}

// ---- the bare client

/// Asks for each address of `list` over kept connections, in eight threads, unpacks and tokenises. The versions that it is told
/// stand in `etags` afterwards; where they stand there before, they are sent.
fn bare_client(list: &Path, etags: &Path) {
    let list = std::fs::read_to_string(list).expect("a list");
    let known = std::fs::read_to_string(etags).unwrap_or_default();
    let known: HashMap<&str, &str> =
        (known.lines().filter_map(|line| line.split_once('\t'))).collect();
    let mut by_host: HashMap<&str, Vec<&str>> = HashMap::new();
    for url in list.lines() {
        let host = url["http://".len()..].split('/').next().unwrap_or_default();
        by_host.entry(host).or_default().push(url);
    }
    let hosts: Vec<_> = by_host.into_iter().collect();
    let told: Vec<String> = std::thread::scope(|scope| {
        let parts = hosts.chunks(hosts.len().div_ceil(8));
        let known = &known;
        let threads: Vec<_> = parts
            .map(|part| {
                scope.spawn(move || {
                    part.iter()
                        .map(|(host, urls)| visit(host, urls, known))
                        .collect::<String>()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    if known.is_empty() {
        std::fs::write(etags, told.concat()).expect("the folder takes it");
    }
}

/// All addresses of one host over one connection.
fn visit(host: &str, urls: &[&str], known: &HashMap<&str, &str>) -> String {
    let mut told = String::new();
    let stream = TcpStream::connect(host).expect("the server is there");
    stream.set_nodelay(true).expect("a socket");
    let mut answers = BufReader::with_capacity(64 << 10, stream);
    let (mut line, mut body, mut plain) = (String::new(), Vec::new(), Vec::new());
    for url in urls {
        let path = &url["http://".len() + host.len()..];
        let etag = known
            .get(url)
            .map(|etag| format!("If-None-Match: {etag}\r\n"));
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip\r\n{}\r\n",
            etag.unwrap_or_default()
        );
        answers
            .get_mut()
            .write_all(request.as_bytes())
            .expect("it is sent");
        let mut length = 0;
        let mut unchanged = false;
        loop {
            line.clear();
            answers.read_line(&mut line).expect("a line");
            let lower = line.trim_end().to_ascii_lowercase();
            if lower.is_empty() {
                break;
            }
            unchanged |= lower.starts_with("http/1.1 304");
            if let Some(value) = lower.strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
            if lower.starts_with("etag:") {
                let _ = writeln!(told, "{url}\t{}", line["etag:".len()..].trim());
            }
        }
        if unchanged {
            continue;
        }
        body.resize(length, 0);
        answers.read_exact(&mut body).expect("the whole body");
        plain.clear();
        flate2::read::GzDecoder::new(&body[..])
            .read_to_end(&mut plain)
            .expect("it is packed");
        let mut reader = quick_xml::Reader::from_reader(&plain[..]);
        while !matches!(
            reader.read_event(),
            Ok(quick_xml::events::Event::Eof) | Err(_)
        ) {}
    }
    told
}
