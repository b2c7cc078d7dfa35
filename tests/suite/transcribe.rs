//! Episodes without a transcript, given to a program for speech: small shell scripts in its place, each run for real.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;
use takefive::outside::transcriber::Transcriber;
use takefive::outside::transcriber::TranscriberError;
use takefive::settings::TranscribeSettings;
use tempfile::TempDir;

use crate::world::http::HttpServer;
use crate::world::http::Reply;
use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::NEXT_DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::Ran;
use crate::world::newsroom::date_of;
use crate::world::newsroom::ran;
use crate::world::newsroom::vtt;
use crate::world::newsroom::wait_for;

/// What every script does first: it counts its calls, and keeps what it was given.
const COUNTS: &str = "echo \"$1\" >> \"$0.calls\"\n";

/// Longer than any test may wait.
const FOR_EVER: &str = "sleep 600";

/// A show without transcripts, its episodes as WAV files, and a script that hears them.
struct Show {
    room: Newsroom,
}

impl Show {
    /// A show with so many episodes, a script, and more lines of `[transcribe]`.
    async fn new(episodes: usize, script: &str, lines: &str) -> Self {
        let room = Newsroom::new().await;
        let mut items = String::new();
        for nth in 1..=episodes {
            let path = format!("/audio/{nth}.wav");
            room.web
                .on(&path, Reply::ok("audio/wav", format!("RIFF {nth}")));
            items += &item(nth, room.web.url(&path).as_str(), "audio/wav");
        }
        let feed = Reply::ok("application/rss+xml", feed(&items));
        let script_path = room.path("hear.sh");
        fs::write(&script_path, format!("{COUNTS}{script}\n")).expect("written");
        fs::write(room.path("captions.vtt"), vtt(CLAIMS[0])).expect("written");
        // run by a shell, since a file that was just written cannot always be started itself
        let table =
            format!("[transcribe]\ncommand = [\"/bin/sh\", \"hear.sh\", \"{{audio}}\"]\n{lines}");
        let room = room.with_table(&table).source("talk", "podcast", feed);
        Self { room }
    }

    /// One that hears something.
    async fn heard() -> Self {
        Self::new(1, "cat captions.vtt", "").await
    }

    fn gather(&self, day: &str) -> Value {
        let ran = self.room.takefive(["gather", "--json", "--date", day]);
        ran.exits(0).report()
    }

    /// How often the program ran.
    fn calls(&self) -> usize {
        self.wrote("calls").lines().count()
    }

    /// What the script wrote beside itself.
    fn wrote(&self, ending: &str) -> String {
        fs::read_to_string(self.room.path(&format!("hear.sh.{ending}"))).unwrap_or_default()
    }

    fn asked(&self, nth: usize) -> usize {
        self.room.web.asked(&format!("/audio/{nth}.wav")).len()
    }

    /// What of the audio is still there.
    fn left(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.room.path("")).expect("the folder");
        let paths = files.map(|file| file.expect("a file").path());
        paths
            .filter(|path| path.to_string_lossy().contains("-audio"))
            .collect()
    }
}

fn feed(items: &str) -> String {
    format!("<rss version=\"2.0\"><channel><title>talk</title>{items}</channel></rss>")
}

fn item(nth: usize, audio: &str, media_type: &str) -> String {
    format!(
        "<item><title>Episode {nth}</title><guid>talk-{nth}</guid><pubDate>{}</pubDate>\
         <description>We talk.</description><enclosure url=\"{audio}\" length=\"9\" type=\"{media_type}\"/></item>",
        date_of(DAY)
    )
}

fn notes(report: &Value) -> String {
    report["sources"][0]["notes"].to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_episode_without_a_transcript_is_read_from_what_the_program_hears() {
    let show = Show::heard().await;
    let ran = show.room.run_on(DAY).exits(0);
    assert_eq!(ran.texts(), [CLAIMS[0]]);
    let report = ran.report();
    let insight = &report["insights"][0];
    assert!(insight["start_seconds"].is_number(), "{report}");
    assert_eq!(insight["receipt"]["machine_heard"], true);
    assert_eq!(report["sources"][0]["transcribed"], 1);
    assert_eq!(show.calls(), 1);
    assert!(show.left().is_empty(), "{:?}", show.left());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_machine_heard_is_called_so_wherever_it_is_shown() {
    let show = Show::heard().await;
    let room = show.room.with_outbox().subscriber("ann");
    let ran = room.takefive(["run", "--date", DAY]).exits(0);
    assert!(ran.stdout.contains("heard by a machine"), "{ran:?}");
    assert!(ran.stdout.contains("Transcribed"), "{ran:?}");
    let folder = room.path(&format!("outbox/{DAY}"));
    for name in ["digest.html", "digest.txt"] {
        let page = fs::read_to_string(folder.join(name)).expect("a preview");
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains("heard by a machine"), "{page}");
        assert!(page.contains("Where a machine heard the words"), "{page}");
    }
    let explained = room.takefive(["explain", "--date", DAY]).exits(0);
    assert!(
        explained.stdout.contains("heard by a machine"),
        "{explained:?}"
    );
    let explained = room.takefive(["explain", "--date", DAY, "--json"]).exits(0);
    assert_eq!(explained.lines()[0]["machine_heard"], true);
    // and an edition that is made again says it, too
    room.takefive(["replay", DAY]).exits(0);
    room.takefive(["verify", DAY]).exits(0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_wrote_is_not_called_heard() {
    let room = Newsroom::new()
        .await
        .with_outbox()
        .podcast("talk", DAY, CLAIMS[0]);
    let ran = room.subscriber("ann").run_on(DAY).exits(0);
    assert!(!ran.stdout.contains("machine_heard"), "{ran:?}");
    assert!(!ran.stdout.contains("transcribed"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_table_no_audio_is_asked_for() {
    let room = Newsroom::new().await;
    room.web.on("/audio/1.wav", Reply::ok("audio/wav", "RIFF"));
    let items = item(1, room.web.url("/audio/1.wav").as_str(), "audio/wav");
    let reply = Reply::ok("application/rss+xml", feed(&items));
    let room = room.source("talk", "podcast", reply);
    room.takefive(["gather", "--date", DAY]).exits(0);
    assert!(room.web.asked("/audio/1.wav").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transcript_that_the_feed_links_is_read_in_the_place_of_the_audio() {
    let show = Show::new(0, "cat captions.vtt", "").await;
    let room = show.room.podcast("letters", DAY, CLAIMS[1]);
    assert_eq!(room.run_on(DAY).exits(0).texts(), [CLAIMS[1]]);
    assert!(!room.path("hear.sh.calls").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_comes_before_the_takeaways_in_the_notes() {
    let show = Show::heard().await;
    let audio = show.room.web.url("/audio/1.wav");
    let takeaways = format!(
        "<item><title>Episode</title><guid>n</guid><pubDate>{}</pubDate><enclosure url=\"{audio}\" type=\"audio/wav\"/>\
         <description><![CDATA[<h3>Key takeaways</h3><ul><li>{}</li></ul>]]></description></item>",
        date_of(DAY),
        CLAIMS[1],
    );
    let reply = Reply::ok("application/rss+xml", feed(&takeaways));
    show.room.web.on("/talk/feed", reply);
    assert_eq!(show.room.run_on(DAY).exits(0).texts(), [CLAIMS[0]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audio_file_is_heard_once_whatever_becomes_of_its_entry() {
    let show = Show::heard().await;
    show.gather(DAY);
    assert_eq!((show.calls(), show.asked(1)), (1, 1));
    // as a run that crashed would leave it: the captions are kept, the entry is not
    let forget = "DELETE FROM entry; DELETE FROM source";
    show.room.store().execute_batch(forget).expect("forgotten");
    let report = show.gather(DAY);
    assert_eq!(report["sources"][0]["transcribed"], 1, "{report}");
    assert_eq!((show.calls(), show.asked(1)), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_episode_in_two_feeds_is_heard_once() {
    let show = Show::heard().await;
    let items = item(1, show.room.web.url("/audio/1.wav").as_str(), "audio/wav");
    let reply = Reply::ok("application/rss+xml", feed(&items));
    let room = show.room.source("mirror", "podcast", reply);
    let report = room
        .takefive(["gather", "--json", "--date", DAY])
        .exits(0)
        .report();
    for source in [0, 1] {
        assert_eq!(report["sources"][source]["transcribed"], 1, "{report}");
    }
    assert_eq!(room.web.asked("/audio/1.wav").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_limit_of_a_run_episodes_wait_for_the_next() {
    let show = Show::new(5, "cat captions.vtt", "max_per_run = 2").await;
    let report = show.gather(DAY);
    assert_eq!(report["sources"][0]["transcribed"], 2, "{report}");
    let told = "3 entries are transcribed by a later run ([transcribe] max_per_run = 2)";
    assert!(notes(&report).contains(told), "{report}");
    assert_eq!(show.gather(DAY)["sources"][0]["transcribed"], 2);
    let report = show.gather(DAY);
    assert_eq!(report["sources"][0]["transcribed"], 1);
    assert!(!notes(&report).contains("later run"), "{report}");
    assert_eq!(show.calls(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_be_transcribed_in_this_run_holds_up_nobody() {
    // the program ends when a feed has been read that stands behind the others, two of which are read at a time
    let script = "while [ ! -e go ]; do sleep 0.05; done; cat captions.vtt";
    let Show { room } = Show::new(1, script, "max_per_run = 1").await;
    let room = room.with_fetch("in_flight = 2");
    let items = item(2, room.web.url("/audio/2.wav").as_str(), "audio/wav");
    let reply = || Reply::ok("application/rss+xml", feed(&items));
    let room = room
        .source("second", "podcast", reply())
        .source("third", "podcast", reply())
        .blog("notes", DAY, &[CLAIMS[1]]);
    let mut running = room
        .command(["gather", "--json", "--date", DAY])
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    wait_for("the last feed", || {
        !room.web.asked("/notes/feed").is_empty()
    });
    fs::write(room.path("go"), "").expect("written");
    assert!(running.wait().expect("it ends").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_hears_nothing_but_knows_what_was_heard() {
    let show = Show::heard().await;
    let rehearse = || {
        let ran = show
            .room
            .takefive(["run", "--dry-run", "--json", "--date", DAY]);
        ran.exits(0)
    };
    let report = rehearse().report();
    assert!(notes(&report).contains("not by a rehearsal"), "{report}");
    assert_eq!((show.calls(), show.asked(1)), (0, 0));
    show.gather(DAY);
    show.room
        .store()
        .execute_batch("DELETE FROM entry; DELETE FROM source")
        .expect("forgotten");
    assert_eq!(rehearse().texts(), [CLAIMS[0]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_told_and_the_same_file_is_tried_three_times() {
    let script = "echo loading the model >&2; printf 'no such model: \\033[31mbase\\033[0m\\n\\n' >&2; exit 3";
    let show = Show::new(1, script, "").await;
    for run in 1..=2 {
        let report = show.gather(DAY);
        let notes = notes(&report);
        assert!(notes.contains("is left for the next run"), "{notes}");
        assert!(notes.contains("exit status: 3: no such model"), "{notes}");
        assert!(
            !notes.contains("loading") && !notes.contains("\\u001b"),
            "{notes}"
        );
        assert_eq!(show.calls(), run);
    }
    assert_eq!(show.gather(DAY)["sources"][0]["entries_without_text"], 1);
    // another entry of the same file is no new try
    show.room
        .store()
        .execute_batch("DELETE FROM entry; DELETE FROM source")
        .expect("forgotten");
    assert_eq!(
        show.gather(NEXT_DAY)["sources"][0]["entries_without_text"],
        1
    );
    assert_eq!((show.calls(), show.asked(1)), (3, 3));
    assert!(show.left().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_webvtt_is_a_failure() {
    for script in [
        "echo '[00:00:00.000 --> 00:00:04.000] Hello.'",
        "echo Loading; cat captions.vtt",
        "true",
    ] {
        let show = Show::new(1, script, "").await;
        let report = show.gather(DAY);
        let notes = notes(&report);
        assert!(
            notes.contains("does not begin with WEBVTT"),
            "{script}: {notes}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_an_episode_without_text_and_is_heard_once() {
    let show = Show::new(1, "echo WEBVTT", "").await;
    for _ in 0..2 {
        show.gather(DAY);
        assert_eq!(show.calls(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_takes_too_long_is_ended_with_all_that_it_started() {
    let script =
        format!("sh -c 'echo $$ > hear.sh.grandchild; {FOR_EVER}; true' & {FOR_EVER}; true");
    let show = Show::new(1, &script, "timeout = \"1 second\"").await;
    let report = show.gather(DAY);
    let notes = notes(&report);
    assert!(notes.contains("did not end within 1 s"), "{notes}");
    let grandchild = show.wrote("grandchild");
    assert!(!grandchild.trim().is_empty());
    wait_for("its end", || is_gone(grandchild.trim()));
    assert!(show.left().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_takes_what_it_left_behind_with_it() {
    // what it left behind holds its output open
    let script =
        format!("sh -c 'echo $$ > hear.sh.grandchild; {FOR_EVER}; true' & cat captions.vtt");
    let show = Show::new(1, &script, "").await;
    let started = Instant::now();
    assert_eq!(show.gather(DAY)["sources"][0]["transcribed"], 1);
    assert!(started.elapsed() < Duration::from_mins(1));
    let grandchild = show.wrote("grandchild");
    if !grandchild.trim().is_empty() {
        wait_for("its end", || is_gone(grandchild.trim()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_ends_the_program_and_counts_no_try() {
    let script = format!("echo $$ > hear.sh.number; {FOR_EVER}; true");
    let show = Show::new(1, &script, "").await;
    let mut running = show
        .room
        .command(["gather", "--json", "--date", DAY])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    wait_for("the program", || !show.wrote("number").trim().is_empty());
    let number = nix::unistd::Pid::from_raw(i32::try_from(running.id()).expect("a number"));
    nix::sys::signal::kill(number, nix::sys::signal::Signal::SIGINT).expect("sent");
    assert_eq!(running.wait().expect("it ends").code(), Some(130));
    wait_for("its end", || is_gone(show.wrote("number").trim()));
    assert!(show.left().is_empty());
    let store = show.room.store();
    let tries: i64 = store
        .query_row("SELECT tries FROM heard", [], |row| row.get(0))
        .expect("a row");
    assert_eq!(tries, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_time_for_reading_is_over_the_program_ends_and_the_rest_is_kept() {
    let script = format!("echo $$ > hear.sh.number; {FOR_EVER}; true");
    let show = Show::new(2, &script, "").await;
    let Show { room } = show;
    let room = room
        .with_fetch("budget = \"4 seconds\"")
        .blog("notes", DAY, &[CLAIMS[1]]);
    let ran = room.run_on(DAY).exits(0);
    assert_eq!(ran.texts(), [CLAIMS[1]]);
    let notes = notes(&ran.report());
    assert!(
        notes.contains("1 entry is left for the next run"),
        "{notes}"
    );
    assert!(notes.contains("did not end within 3 s"), "{notes}");
    let number = fs::read_to_string(room.path("hear.sh.number")).expect("written");
    wait_for("its end", || is_gone(number.trim()));
}

#[tokio::test(flavor = "multi_thread")]
async fn audio_larger_than_the_limit_is_not_heard() {
    let show = Show::new(
        1,
        "wc -c < \"$1\" > hear.sh.size; cat captions.vtt",
        "max_megabytes = 1",
    )
    .await;
    let audio = |bytes: usize| Reply::ok("audio/wav", vec![b'a'; bytes]);
    show.room.web.on("/audio/1.wav", audio(1_000_001));
    show.gather(DAY);
    assert_eq!(show.calls(), 0);
    let store = show.room.store();
    let reason: String = store
        .query_row("SELECT reason FROM entry", [], |row| row.get(0))
        .expect("a row");
    assert!(
        reason.contains("raise [transcribe] max_megabytes"),
        "{reason}"
    );
    drop(store);

    let show = Show::new(
        1,
        "wc -c < \"$1\" > hear.sh.size; cat captions.vtt",
        "max_megabytes = 1",
    )
    .await;
    show.room.web.on("/audio/1.wav", audio(1_000_000));
    show.gather(DAY);
    assert_eq!(show.wrote("size").trim(), "1000000");
}

#[tokio::test(flavor = "multi_thread")]
async fn audio_that_cannot_be_had_whole_is_not_heard() {
    for reply in [
        Reply::endless(),
        Reply::ok("audio/wav", vec![b'a'; 5_000]).cut_after(100),
        Reply::status(404),
        Reply::status(503),
    ] {
        let show = Show::new(1, "cat captions.vtt", "max_megabytes = 1").await;
        show.room.web.on("/audio/1.wav", reply);
        show.gather(DAY);
        assert_eq!(show.calls(), 0);
        assert!(show.left().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn audio_behind_the_guard_is_not_asked_for() {
    let show = Show::heard().await;
    let target = "http://169.254.169.254/latest/1.wav";
    show.room
        .web
        .on("/audio/1.wav", Reply::redirect(302, target));
    show.gather(DAY);
    assert_eq!((show.asked(1), show.calls()), (1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_go_with_the_audio_to_the_feeds_own_host_alone() {
    let other = HttpServer::start_at(std::net::Ipv4Addr::new(127, 0, 0, 2)).await;
    other.on("/2.wav", Reply::ok("audio/wav", "RIFF 2"));
    other.on("/moved.wav", Reply::ok("audio/wav", "RIFF 3"));
    let show = Show::new(0, "env > \"$0.env\"; cat captions.vtt", "").await;
    let web = &show.room.web;
    web.on("/audio/1.wav", Reply::ok("audio/wav", "RIFF 1"));
    web.on(
        "/audio/3.wav",
        Reply::redirect(302, other.url("/moved.wav").as_str()),
    );
    let items = [
        item(1, web.url("/audio/1.wav").as_str(), "audio/wav"),
        item(2, other.url("/2.wav").as_str(), "audio/wav"),
        item(3, web.url("/audio/3.wav").as_str(), "audio/wav"),
    ];
    web.on(
        "/talk/feed",
        Reply::ok("application/rss+xml", feed(&items.concat())),
    );
    let room = show
        .room
        .with_row_line("credentials = { bearer_env = \"SHOW_TOKEN\" }");
    let mut command = room.command(["gather", "--json", "--date", DAY]);
    command
        .env("SHOW_TOKEN", "a-token")
        .env("TAKEFIVE_STATE_KEY", "a-key")
        .env("MODEL_FOLDER", "models");
    let ran: Ran = ran(&mut command).exits(0);
    assert_eq!(ran.report()["sources"][0]["transcribed"], 3, "{ran:?}");
    let authorised = |server: &HttpServer, path: &str| {
        let asked = server.asked(path);
        assert_eq!(asked.len(), 1, "{path}");
        asked[0].header("authorization").is_some()
    };
    assert!(authorised(&room.web, "/audio/1.wav"));
    assert!(authorised(&room.web, "/audio/3.wav"));
    assert!(!authorised(&other, "/2.wav"));
    assert!(!authorised(&other, "/moved.wav"));
    assert!(
        room.web.asked("/robots.txt").is_empty(),
        "the feed lists it"
    );

    let environment = fs::read_to_string(room.path("hear.sh.env")).expect("written");
    assert!(environment.contains("MODEL_FOLDER=models"), "{environment}");
    assert!(!environment.contains("a-token") && !environment.contains("TAKEFIVE"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_gets_a_private_file_with_the_ending_of_the_audio_and_no_input() {
    let script = "stat -c %a \"$1\" > \"$0.mode\"; cat > \"$0.input\"; cat \"$1\" > \"$0.audio\"; cat captions.vtt";
    let show = Show::new(1, script, "").await;
    fs::write(
        show.room.path("takefive.db-audio.mp3"),
        "of a run that was killed",
    )
    .expect("written");
    show.gather(DAY);
    assert_eq!(show.wrote("mode").trim(), "600");
    assert_eq!(show.wrote("input"), "");
    assert_eq!(show.wrote("audio"), "RIFF 1");
    assert!(
        show.wrote("calls")
            .trim()
            .ends_with("takefive.db-audio.wav")
    );
    assert!(Path::new(show.wrote("calls").trim()).is_absolute());
    assert!(show.left().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_audio_is_not_asked_for() {
    for (media_type, asked) in [
        ("application/pdf", 0),
        ("image/png", 0),
        ("video/mp4", 1),
        ("", 1),
    ] {
        let show = Show::heard().await;
        let items = item(1, show.room.web.url("/audio/1.wav").as_str(), media_type);
        let reply = Reply::ok("application/rss+xml", feed(&items));
        show.room.web.on("/talk/feed", reply);
        show.gather(DAY);
        assert_eq!(show.asked(1), asked, "{media_type:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_missing_is_told_before_anything_is_fetched() {
    for (program, why) in [
        ("/no/such/program", "write the whole path of the program"),
        ("./captions.vtt", "chmod +x"),
    ] {
        let show = Show::heard().await;
        show.room.write_settings();
        let file = show.room.path("sources.toml");
        let settings = fs::read_to_string(&file).expect("settings");
        let other = settings.replace("\"/bin/sh\", \"hear.sh\"", &format!("\"{program}\""));
        fs::write(show.room.path("other.toml"), other).expect("settings");
        for command in [
            &["run"][..],
            &["run", "--dry-run"],
            &["gather"],
            &["preview"],
            &["sources", "check"],
        ] {
            let arguments = [command, &["--sources", "other.toml"]].concat();
            let ran = show.room.takefive(&arguments).exits(2);
            assert!(ran.stderr.contains("[transcribe] command"), "{ran:?}");
            assert!(ran.stderr.contains(why), "{ran:?}");
        }
        assert_eq!(show.room.web.requests(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_of_the_sources_says_what_transcribes() {
    let show = Show::heard().await;
    let ran = show.room.takefive(["sources", "check"]).exits(0);
    let told = "transcribed by /bin/sh, 3 a run";
    assert!(ran.stdout.contains(told), "{ran:?}");
    let room = Newsroom::with_three_sources().await;
    let ran = room.takefive(["sources", "check"]).exits(0);
    assert!(!ran.stdout.contains("transcribed by"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_heard_is_let_go_with_the_documents() {
    let show = Show::heard().await;
    show.gather(DAY);
    let rows = || -> i64 {
        let store = show.room.store();
        store
            .query_row("SELECT count(*) FROM heard", [], |row| row.get(0))
            .expect("a number")
    };
    show.room.run_on(DAY).exits(0);
    assert_eq!(rows(), 1);
    show.room
        .store()
        .execute_batch("UPDATE heard SET at = 0")
        .expect("older");
    show.room.run_on(DAY).exits(0);
    assert_eq!(rows(), 0);
}

/// The door itself, with a script.
struct Door {
    folder: TempDir,
    transcriber: Transcriber,
}

impl Door {
    fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("hear.sh");
        fs::write(&path, script).expect("written");
        let settings = TranscribeSettings {
            program: "/bin/sh".into(),
            arguments: vec![
                path.to_str().expect("text").to_owned(),
                "--in={audio}".to_owned(),
            ],
            timeout: Duration::from_mins(1),
            audio_bytes_max: 1,
            max_per_run: 1,
            withheld: std::collections::BTreeSet::new(),
        };
        let store = folder.path().join("store.db");
        let transcriber = Transcriber::open(&settings, &store).expect("there is a shell");
        Self {
            folder,
            transcriber,
        }
    }

    async fn hear(&self, bytes_max: usize) -> Result<String, TranscriberError> {
        let (audio, _) = self.transcriber.audio_file("a.mp3").expect("a file");
        let limit = Duration::from_mins(1);
        self.transcriber.transcribe(&audio, limit, bytes_max).await
    }
}

#[tokio::test]
async fn no_more_is_printed_than_is_wanted() {
    let door = Door::new("printf WEBVTT1234");
    assert_eq!(door.hear(10).await.unwrap(), "WEBVTT1234");
    let error = door.hear(9).await.unwrap_err();
    assert!(matches!(error, TranscriberError::TooMuch(9)), "{error}");
    // one that would never stop, on both of its outputs
    let door = Door::new("yes >&2 & echo WEBVTT; yes");
    let error = door.hear(1 << 20).await.unwrap_err();
    assert!(matches!(error, TranscriberError::TooMuch(_)), "{error}");
}

#[tokio::test]
async fn a_program_may_say_much_beside_its_captions() {
    let door = Door::new("head -c 3000000 /dev/zero >&2; echo WEBVTT; echo done >&2; exit 1");
    let error = door.hear(100).await.unwrap_err().to_string();
    assert!(error.ends_with("exit status: 1: done"), "{error}");
}

#[tokio::test]
async fn captions_may_begin_with_a_mark_or_an_empty_line_and_need_not_be_whole_characters() {
    let door = Door::new("printf '\\357\\273\\277\\nWEBVTT\\n\\n\\377'");
    let heard = door.hear(100).await.unwrap();
    assert!(heard.ends_with('\u{fffd}'), "{heard:?}");
}

#[tokio::test]
async fn the_path_stands_wherever_the_settings_name_it() {
    let door = Door::new("echo WEBVTT; echo \"$1\"");
    let heard = door.hear(10_000).await.unwrap();
    let audio = door.folder.path().join("store.db-audio.mp3");
    assert_eq!(heard, format!("WEBVTT\n--in={}\n", audio.display()));
    assert!(!audio.exists());
}

/// Whether no process has this number any more, or only its entry in the table of processes is left.
fn is_gone(number: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
    let has_ended = stat
        .rsplit(')')
        .next()
        .is_some_and(|rest| rest.trim_start().starts_with('Z'));
    let number = nix::unistd::Pid::from_raw(number.parse().expect("a number"));
    has_ended || nix::sys::signal::kill(number, None).is_err()
}
