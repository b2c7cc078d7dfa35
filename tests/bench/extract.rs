//! How fast `takefive extract` reads captions, as a whole process: `cargo bench --bench extract`. The texts are made here,
//! with the words of the demo, and are the same each time. A bare splitter of sentences runs beside it, so that the numbers
//! of two machines can be compared by their ratio.

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::resource::UsageWho;
use nix::sys::resource::getrusage;
use nix::sys::time::TimeValLike as _;

mod chance;
use chance::Chance;

mod scripts;
use scripts::SCRIPTS;

/// Bytes of the shortest text; the others are 4 and 16 times as long, and the longest is what `extract` takes at most.
const SHORTEST_BYTES: usize = 1_000_000;

/// Bytes of a talk of an hour and a half; each has a process of its own.
const EPISODE_BYTES: usize = 110_000;

/// Of so many runs of each text the quickest counts: the others were kept waiting by something else.
const RUNS: usize = 7;

/// The bars: millions of bytes for each second of CPU, time for 16 times the text, and memory for each byte of it.
const MEGABYTES_A_SECOND_MIN: f64 = 25.0;
const GROWTH_MAX: f64 = 18.0;
const MEMORY_MAX: f64 = 6.0;

/// One row of the table.
struct Measured {
    bytes: usize,
    seconds: f64,
    peak_bytes: u64,
}

impl Measured {
    fn megabytes_a_second(&self) -> f64 {
        as_f64(self.bytes) / 1e6 / self.seconds
    }
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder for the texts");
    let file = folder.path().join("talk.vtt");
    println!("text            MB    CPU s     MB/s   memory/text");
    let row = |name: &str, bytes: usize| {
        std::fs::write(&file, talk(bytes)).expect("the folder takes the text");
        let measured = extract(&file);
        println!(
            "{name:<10} {:>7.2} {:>8.3} {:>8.1} {:>13.1}",
            as_f64(measured.bytes) / 1e6,
            measured.seconds,
            measured.megabytes_a_second(),
            peak_ratio(&measured),
        );
        measured
    };
    row("start", 200);
    row("episode", EPISODE_BYTES);
    let shortest = row("1 x", SHORTEST_BYTES);
    row("4 x", SHORTEST_BYTES * 4);
    let longest = row("16 x", SHORTEST_BYTES * 16);

    let text = talk(SHORTEST_BYTES * 16);
    let splitter = quickest(&text, sentences);
    let copy = quickest(&text, |text| text.to_owned().len());
    println!("\nbeside it: a bare splitter of sentences {splitter:.0} MB/s, a copy {copy:.0} MB/s");

    println!();
    let speed = longest.megabytes_a_second();
    bar(
        "MB for each second of CPU",
        speed,
        speed >= MEGABYTES_A_SECOND_MIN,
        "at least 25",
    );
    let growth = longest.seconds / shortest.seconds;
    bar(
        "time for 16 x the text",
        growth,
        growth <= GROWTH_MAX,
        "at most 18",
    );
    let memory = peak_ratio(&longest);
    bar(
        "memory for each byte",
        memory,
        memory <= MEMORY_MAX,
        "at most 6",
    );
    println!("splitter / extract: {:.1}", splitter / speed);
}

/// Tells how far a bar is held.
fn bar(name: &str, value: f64, held: bool, wanted: &str) {
    let told = if held { "held" } else { "MISSED" };
    println!("{name}: {value:.1} ({wanted}): {told}");
}

/// The quickest of some runs of the real program.
fn extract(file: &Path) -> Measured {
    let bytes = std::fs::metadata(file)
        .expect("the text was just written")
        .len();
    let seconds = (0..RUNS)
        .map(|_| {
            let before = cpu(UsageWho::RUSAGE_CHILDREN);
            let status = Command::new(env!("CARGO_BIN_EXE_takefive"))
                .args(["extract", "--kind", "vtt", "--json"])
                .arg(file)
                .stdout(Stdio::null())
                .status()
                .expect("the program starts");
            assert!(
                status.success(),
                "extract failed on the text of this benchmark"
            );
            cpu(UsageWho::RUSAGE_CHILDREN) - before
        })
        .fold(f64::INFINITY, f64::min);
    // the most of any child so far: texts come in the order of their length
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)
        .expect("every Unix tells it")
        .max_rss();
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    Measured {
        bytes: usize::try_from(bytes).expect("16 MB at most"),
        seconds,
        peak_bytes: u64::try_from(peak).unwrap_or(0) * unit,
    }
}

fn peak_ratio(measured: &Measured) -> f64 {
    let peak = u32::try_from(measured.peak_bytes / 1024).unwrap_or(u32::MAX);
    f64::from(peak) * 1024.0 / as_f64(measured.bytes)
}

/// Seconds of CPU so far, of the program and of the system for it.
fn cpu(who: UsageWho) -> f64 {
    let usage = getrusage(who).expect("every Unix tells it");
    let spent = usage.user_time() + usage.system_time();
    let microseconds = u64::try_from(spent.num_microseconds()).unwrap_or(0);
    Duration::from_micros(microseconds).as_secs_f64()
}

/// Millions of bytes for each second of CPU, in the quickest of some runs.
fn quickest(text: &str, work: impl Fn(&str) -> usize) -> f64 {
    let seconds = (0..RUNS)
        .map(|_| {
            let before = cpu(UsageWho::RUSAGE_SELF);
            black_box(work(black_box(text)));
            cpu(UsageWho::RUSAGE_SELF) - before
        })
        .fold(f64::INFINITY, f64::min);
    as_f64(text.len()) / 1e6 / seconds.max(1e-6)
}

/// The sentences of a text and their words, told by marks and white space alone: the yardstick.
fn sentences(text: &str) -> usize {
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    let (mut from, mut at, mut words) = (0, 0, 0);
    for word in text.split_whitespace() {
        at = word.as_ptr() as usize - text.as_ptr() as usize + word.len();
        words += 1;
        if word.ends_with(['.', '!', '?']) {
            found.push((from, at, words));
            (from, words) = (at, 0);
        }
    }
    found.push((from, at, words));
    found.len()
}

/// A talk between two people of about so many bytes, as captions.
fn talk(bytes: usize) -> String {
    let stock: Vec<&str> = SCRIPTS
        .iter()
        .flat_map(|script| script.lines())
        .filter_map(|line| line.split_once(": "))
        .flat_map(|(_, words)| words.split_inclusive(['.', '?', '!']))
        .map(str::trim)
        .filter(|sentence| sentence.contains(' '))
        .collect();
    let words: Vec<&str> = stock
        .iter()
        .flat_map(|sentence| sentence.split(' ').skip(1))
        .filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()))
        .collect();
    let mut chance = Chance(5);
    let mut vtt = String::from("WEBVTT\n");
    let mut now = 0_usize;
    let mut guest = false;
    while vtt.len() < bytes {
        let mut turn = String::new();
        // long answers: 16 MB of them stay below the most turns that a document may have
        for _ in 0..=chance.below(if guest { 30 } else { 6 }) {
            let sentence = stock[chance.below(stock.len())];
            for word in sentence.split(' ') {
                // one word in four is another each time, so that no sentence comes twice
                let plain = word.bytes().all(|byte| byte.is_ascii_lowercase());
                let other = plain && chance.below(4) == 0;
                let word = if other {
                    words[chance.below(words.len())]
                } else {
                    word
                };
                let _ = write!(turn, "{word} ");
            }
        }
        let spoken: Vec<&str> = turn.split_whitespace().collect();
        let name = if guest { "Ada Lindqvist" } else { "Per Holm" };
        for cue in spoken.chunks(14) {
            let end = now + cue.len() * 385;
            let _ = write!(
                vtt,
                "\n{} --> {}\n<v {name}>{}\n",
                clock(now),
                clock(end),
                cue.join(" "),
            );
            now = end;
        }
        guest = !guest;
    }
    vtt
}

/// Milliseconds as captions write them.
fn clock(milliseconds: usize) -> String {
    let seconds = milliseconds / 1000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        milliseconds % 1000
    )
}

fn as_f64(bytes: usize) -> f64 {
    f64::from(u32::try_from(bytes).unwrap_or(u32::MAX))
}
