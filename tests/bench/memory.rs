//! What `takefive history` remembers, how fast and in how much memory: `cargo bench --bench memory`. A million passages are
//! made here, with the words of the demo and with words that nobody has, and are the same each time; near-duplicates of each
//! kind are planted among them. The real program takes them in and is asked. Ends with 1 where a bar is missed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::BufWriter;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::process::ExitCode;
use std::process::Stdio;

mod chance;
use chance::Chance;

mod scripts;
use scripts::SCRIPTS;

mod watched;
use watched::watch;

/// Passages of the two stores.
const FEW: usize = 100_000;
const MANY: usize = 1_000_000;

/// Candidates of a day.
const CANDIDATES: usize = 20_000;

/// Planted duplicates of each kind.
const PLANTED: usize = 1_000;

/// Of so many checks of the candidates the quickest counts: the others were kept waiting by something else.
const RUNS: usize = 7;

/// The bars.
const RECALL_MIN: f64 = 0.98;
const FALSE_ALARMS_MAX: f64 = 1.0 / 10_000.0;
const SECONDS_MAX: f64 = 2.0;
const PEAK_MEGABYTES_MAX: f64 = 150.0;
const GROWTH_MAX: f64 = 1.5;
const INSERTED_A_SECOND_MIN: f64 = 20_000.0;

/// Words that stay where they are when a sentence is used again: about half of what is said.
const KEPT: &str = "a about all an and are as at be because been but by can could did do does for from had has have he her his how \
    i if in is it its just like me more most my no not of on one or our out people say she should so some than that the their \
    them then there they this to up was we were what when where which who why will with would you your";

/// The kinds of near-duplicates, the last three by their share of word errors.
const KINDS: [&str; 11] = [
    "exact",
    "case, marks, white space",
    "one or two words changed",
    "a sentence dropped",
    "sentences reordered",
    "inside a longer passage",
    "part of it in another",
    "teaser",
    "speech to text, 0 to 5 %",
    "speech to text, 5 to 10 %",
    "speech to text, 10 to 15 %",
];

fn main() -> ExitCode {
    let folder = tempfile::tempdir().expect("a folder for the lists");
    let room = Room {
        folder: folder.path(),
        speech: Speech::new(),
    };
    room.write_lists();
    let mut held = true;
    println!("passages   added/s   bytes each   seconds   peak MB");
    let few = room.measure(FEW);
    let many = room.measure(MANY);

    println!("\nof {CANDIDATES} candidates beside {MANY} passages, and of {PLANTED} of each kind");
    let checked = room.check("planted.tsv");
    let mut found: BTreeMap<usize, usize> = BTreeMap::new();
    for line in checked.stdout.lines() {
        let mut fields = line.split('\t');
        let (Some(id), outcome, original) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        let same = outcome == Some("repeat") && original == id.strip_prefix("again-");
        let kind = id.split('-').nth(2).and_then(|kind| kind.parse().ok());
        *found.entry(kind.unwrap_or(usize::MAX)).or_default() += usize::from(same);
    }
    for (nth, kind) in KINDS.iter().enumerate() {
        let recall = as_f64(found.get(&nth).copied().unwrap_or(0)) / as_f64(PLANTED);
        held &= bar(
            &format!("recall: {kind}"),
            recall,
            recall >= RECALL_MIN,
            "at least 0.98",
        );
    }
    let alarms = as_f64(many.repeats) / as_f64(CANDIDATES);
    let named = "false alarms in 10,000";
    held &= bar(named, alarms * 1e4, alarms <= FALSE_ALARMS_MAX, "at most 1");
    held &= bar(
        "seconds",
        many.seconds,
        many.seconds < SECONDS_MAX,
        "under 2",
    );
    let peak = as_f64(many.peak_bytes) / 1e6;
    held &= bar("peak MB", peak, peak < PEAK_MEGABYTES_MAX, "under 150");
    let growth = many.seconds / few.seconds;
    held &= bar(
        "time beside 100,000",
        growth,
        growth <= GROWTH_MAX,
        "at most 1.5",
    );
    let rate = many.added_a_second;
    held &= bar(
        "added a second",
        rate,
        rate >= INSERTED_A_SECOND_MIN,
        "at least 20,000",
    );
    println!(
        "bytes a passage, its text of {:.0} included: {:.0}",
        many.text_bytes, many.bytes_each
    );
    if held {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Tells how far a bar is held.
fn bar(name: &str, value: f64, held: bool, wanted: &str) -> bool {
    let told = if held { "held" } else { "MISSED" };
    println!("{name}: {value:.3} ({wanted}): {told}");
    held
}

/// One row of the table.
struct Measured {
    added_a_second: f64,
    bytes_each: f64,
    text_bytes: f64,
    seconds: f64,
    peak_bytes: usize,
    repeats: usize,
}

/// How the program ended.
struct Ran {
    stdout: String,
    seconds: f64,
    peak_bytes: usize,
}

/// A folder with lists.
struct Room<'a> {
    folder: &'a Path,
    speech: Speech,
}

impl Room<'_> {
    /// The originals of what is planted, their duplicates, and the candidates of a day.
    fn write_lists(&self) {
        let mut chance = Chance(1);
        let mut originals = self.file("originals.tsv");
        let mut planted = self.file("planted.tsv");
        for kind in 0..KINDS.len() {
            for nth in 0..PLANTED {
                let original = self.speech.passage(&mut chance, 3);
                let again = self.speech.again(kind, &original, &mut chance);
                writeln!(originals, "planted-{kind}-{nth}\t{}", original.join(" ")).expect("room");
                writeln!(planted, "again-planted-{kind}-{nth}\t{again}").expect("room");
            }
        }
        let mut candidates = self.file("candidates.tsv");
        for nth in 0..CANDIDATES {
            let passage = self.speech.passage(&mut chance, 1);
            writeln!(candidates, "candidate-{nth}\t{}", passage.join(" ")).expect("room");
        }
    }

    fn file(&self, name: &str) -> BufWriter<File> {
        BufWriter::new(File::create(self.folder.join(name)).expect("the folder takes the list"))
    }

    /// A new store of so many passages, and the day's candidates beside it.
    fn measure(&self, passages: usize) -> Measured {
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.folder.join(format!("store.db{suffix}"))); // perhaps the first
        }
        let mut list = self.file("passages.tsv");
        let originals = std::fs::read(self.folder.join("originals.tsv")).expect("just written");
        list.write_all(&originals).expect("room");
        let mut chance = Chance(2);
        for nth in KINDS.len() * PLANTED..passages {
            let passage = self.speech.passage(&mut chance, 1);
            writeln!(list, "passage-{nth}\t{}", passage.join(" ")).expect("room");
        }
        drop(list);
        let added = self.run("add", "passages.tsv");
        let length = |name: &str| {
            let file = std::fs::metadata(self.folder.join(name)).expect("it is there");
            as_f64(usize::try_from(file.len()).unwrap_or(usize::MAX))
        };
        let checked = (0..RUNS).map(|_| self.check("candidates.tsv"));
        let checked = checked
            .min_by(|a, b| a.seconds.total_cmp(&b.seconds))
            .expect("it ran");
        let measured = Measured {
            added_a_second: as_f64(passages) / added.seconds,
            bytes_each: length("store.db") / as_f64(passages),
            text_bytes: length("passages.tsv") / as_f64(passages),
            seconds: checked.seconds,
            peak_bytes: checked.peak_bytes,
            repeats: checked.stdout.matches("\trepeat").count(),
        };
        println!(
            "{passages:>8} {:>9.0} {:>12.0} {:>9.2} {:>9.1}",
            measured.added_a_second,
            measured.bytes_each,
            measured.seconds,
            as_f64(measured.peak_bytes) / 1e6,
        );
        measured
    }

    fn check(&self, list: &str) -> Ran {
        self.run("check", list)
    }

    fn run(&self, command: &str, list: &str) -> Ran {
        let answers = self.folder.join("answers.tsv");
        let watched = watch(
            Command::new(env!("CARGO_BIN_EXE_takefive"))
                .current_dir(self.folder)
                .args(["history", command, list, "--store", "store.db"])
                .stdout(Stdio::from(File::create(&answers).expect("room"))),
        );
        Ran {
            stdout: std::fs::read_to_string(answers).expect("the answers are text"),
            seconds: watched.seconds,
            peak_bytes: watched.peak_bytes,
        }
    }
}

/// Whether a word stays where it is.
fn stays(word: &str) -> bool {
    let plain = word.trim_end_matches([',', '.', '?', '!']);
    KEPT.split_whitespace()
        .any(|kept| kept.eq_ignore_ascii_case(plain))
}

/// A way of speaking: sentences that people say, of whose words half are others each time.
struct Speech {
    stock: Vec<Vec<&'static str>>,
    vocabulary: Vec<String>,
}

impl Speech {
    fn new() -> Self {
        let stock: Vec<Vec<&str>> = SCRIPTS
            .iter()
            .flat_map(|script| script.lines())
            .filter_map(|line| line.split_once(": "))
            .flat_map(|(_, words)| words.split_inclusive(['.', '?', '!']))
            .map(|sentence| sentence.split_whitespace().collect::<Vec<_>>())
            .filter(|words| words.len() > 7)
            // of a sentence that keeps more, two uses differ in two or three words: that is a repeat by every measure
            .filter(|words| words.iter().filter(|word| stays(word)).count() * 2 <= words.len())
            .collect();
        let mut vocabulary: Vec<String> = stock
            .iter()
            .flatten()
            .filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()) && word.len() > 3)
            .map(|word| (*word).to_owned())
            .collect();
        vocabulary.sort_unstable();
        vocabulary.dedup();
        let mut chance = Chance(3);
        while vocabulary.len() < 20_000 {
            let syllables = 2 + chance.below(3);
            let word = (0..syllables).fold(String::new(), |mut word, _| {
                let start = [
                    "b", "d", "f", "gr", "k", "l", "m", "pl", "r", "s", "st", "t", "v",
                ];
                let end = ["a", "e", "i", "o", "u", "an", "er", "in", "ol"];
                let (one, other) = (
                    start[chance.below(start.len())],
                    end[chance.below(end.len())],
                );
                let _ = write!(word, "{one}{other}"); // writing to a String cannot fail
                word
            });
            vocabulary.push(word);
        }
        Self { stock, vocabulary }
    }

    /// Some words are said often, most seldom.
    fn word(&self, chance: &mut Chance) -> &str {
        let far = chance.below(1_000);
        let end = 20 + self.vocabulary.len().saturating_sub(20) * far * far / 1_000_000;
        &self.vocabulary[chance.below(end)]
    }

    /// So many sentences at least and three more at most: 12 to about 90 words.
    fn passage(&self, chance: &mut Chance, least: usize) -> Vec<String> {
        let count = least + chance.below(3);
        let mut sentences = Vec::new();
        let mut words = 0;
        while sentences.len() < count || words < 12 {
            let pattern = &self.stock[chance.below(self.stock.len())];
            words += pattern.len();
            let said = pattern.iter().map(|word| {
                let plain = word.trim_end_matches([',', '.', '?', '!']);
                if stays(word) || chance.below(12) == 0 {
                    (*word).to_owned()
                } else {
                    format!("{}{}", self.word(chance), &word[plain.len()..])
                }
            });
            sentences.push(said.collect::<Vec<_>>().join(" "));
        }
        sentences
    }

    /// The passage as it comes the second time.
    fn again(&self, kind: usize, original: &[String], chance: &mut Chance) -> String {
        let whole = original.join(" ");
        let words: Vec<&str> = whole.split(' ').collect();
        match KINDS[kind] {
            "exact" => whole,
            "case, marks, white space" => whole
                .to_uppercase()
                .replace([',', '.', '?'], "")
                .replace(' ', "  "),
            "one or two words changed" => {
                let mut changed: Vec<&str> = words.clone();
                for _ in 0..=chance.below(2) {
                    let at = chance.below(changed.len());
                    changed[at] = self.word(chance);
                }
                changed.join(" ")
            }
            "a sentence dropped" => {
                let short = |sentence: &&String| sentence.split(' ').count() * 5 <= words.len() * 2;
                let dropped = original
                    .iter()
                    .find(short)
                    .expect("the shortest of three is");
                let rest = original.iter().filter(|sentence| *sentence != dropped);
                rest.map(String::as_str).collect::<Vec<_>>().join(" ")
            }
            "sentences reordered" => {
                let mut turned = original.to_vec();
                turned.reverse();
                turned.join(" ")
            }
            "inside a longer passage" => {
                let before = self.passage(chance, 1);
                format!("{} {whole}", before[0])
            }
            "part of it in another" => {
                let after = self.passage(chance, 1);
                format!("{} {}", original[1..].join(" "), after[0])
            }
            "teaser" => format!("{} …", original[..2].join(" ")),
            _ => {
                let from = (kind - 8) * 50;
                let thousandths = from + chance.below(50);
                self.heard(&words, thousandths, chance)
            }
        }
    }

    /// The words as another engine writes them: so many of a thousand are others, lost, added, split or joined; besides,
    /// fillers, and another manner of writing what it heard well.
    fn heard(&self, words: &[&str], thousandths: usize, chance: &mut Chance) -> String {
        let mut wrong = vec![false; words.len()];
        for _ in 0..(words.len() * thousandths + 500) / 1_000 {
            wrong[chance.below(words.len())] = true;
        }
        let plain = chance.below(2) == 0;
        let mut heard: Vec<String> = Vec::new();
        for (word, wrong) in words.iter().zip(wrong) {
            if chance.below(30) == 0 {
                heard.push("um".to_owned());
            }
            match (wrong, chance.below(10)) {
                (false, _) => heard.push((*word).to_owned()),
                (true, 0..6) => heard.push(self.word(chance).to_owned()),
                (true, 6) => {}
                (true, 7) => heard.extend([self.word(chance).to_owned(), (*word).to_owned()]),
                (true, 8) if word.is_ascii() && word.len() > 3 => {
                    let (one, other) = word.split_at(word.len() / 2);
                    heard.extend([one.to_owned(), other.to_owned()]);
                }
                (true, _) => match heard.last_mut() {
                    Some(last) => last.push_str(word),
                    None => heard.push(self.word(chance).to_owned()),
                },
            }
        }
        let heard = heard.join(" ");
        if !plain {
            return heard;
        }
        let written = heard.to_lowercase().replace([',', '.', '?', '!'], "");
        [
            ("don't", "do not"),
            ("it's", "it is"),
            (" two ", " 2 "),
            (" eleven ", " 11 "),
        ]
        .iter()
        .fold(written, |text, (one, other)| text.replace(one, other))
    }
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
