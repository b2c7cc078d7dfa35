//! `preview` and `templates`, as a person who makes a mail of their own meets them.

use std::io::BufRead as _;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::ChildStderr;
use std::process::Command;
use std::process::Stdio;

use crate::world::newsroom::CLAIMS;
use crate::world::newsroom::DAY;
use crate::world::newsroom::Newsroom;
use crate::world::newsroom::ran;

async fn newsroom() -> Newsroom {
    Newsroom::new().await.blog("notes", DAY, &CLAIMS[..2])
}

/// A newsroom with these files in its folder of templates.
async fn with_templates(files: &[(&str, &[u8])]) -> Newsroom {
    let room = newsroom().await.with_mail("templates = \"mine\"");
    std::fs::create_dir(room.path("mine")).unwrap();
    for (name, bytes) in files {
        std::fs::write(room.path("mine").join(name), bytes).unwrap();
    }
    room
}

fn written(path: PathBuf) -> String {
    std::fs::read_to_string(path).expect("the file is there")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mistake_in_a_template_ends_every_step_before_anything_is_fetched_or_touched() {
    for (name, bytes, told) in [
        (
            "digest.html",
            &b"<p>\n{{ title | }}</p>"[..],
            "mine/digest.html:2: syntax error",
        ),
        (
            "digest.txt",
            b"{{ title }}\n{{ dat }}",
            "mine/digest.txt:2: undefined value: `dat` is undefined; did you mean date?",
        ),
        (
            "digest.txt",
            b"{{ title | shout }}",
            "mine/digest.txt:1: unknown filter",
        ),
        (
            "subject.txt",
            b"{% include 'gone.txt' %}",
            "mine/subject.txt:1: template not found",
        ),
        (
            "digest.htm",
            b"<p>",
            "mine/digest.htm:1: no template has this name, and none includes it; did you mean digest.html?",
        ),
        (
            "digest.txt",
            b"one\ncaf\xe9",
            "mine/digest.txt:2: this is not a text in UTF-8",
        ),
        (
            "digest.html",
            b"{% for a in range(50000) %}{% for b in range(50000) %}x{% endfor %}{% endfor %}",
            "mine/digest.html:1: this takes too long",
        ),
    ] {
        let room = with_templates(&[(name, bytes)]).await;
        let steps: &[&[&str]] = if name == "digest.htm" {
            &[
                &["run"],
                &["preview"],
                &["gather"],
                &["choose"],
                &["send"],
                &["run", "--dry-run"],
            ]
        } else {
            &[&["run"]]
        };
        for step in steps {
            let ran = room.takefive(*step).exits(2);
            assert!(ran.stderr.contains(told), "{step:?}: {ran:?}");
            assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        }
        assert_eq!(room.web.requests(), 0);
        assert!(!room.path("takefive.db").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_templates_that_is_not_there_is_told_with_a_way_to_make_it() {
    let room = newsroom().await.with_mail("templates = \"mine\"");
    let ran = room.takefive(["run"]).exits(2);
    assert!(ran.stderr.contains("no folder mine"), "{ran:?}");
    assert!(
        ran.stderr.contains("takefive templates export mine"),
        "{ran:?}"
    );
    assert_eq!(room.web.requests(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_editors_leave_beside_the_templates_is_not_read() {
    let room = with_templates(&[
        ("subject.txt", b"{{ date }}"),
        (".subject.txt.swp", b"\xff\xfe{{"),
        ("subject.txt~", b"{{"),
        ("#subject.txt#", b"{{"),
        (".DS_Store", b"\x00\xff"),
        ("README.md", b"write {{ headline }}"),
        ("logo.png", b"\x89PNG\xff"),
    ])
    .await;
    let ran = room.takefive(["preview", "--date", DAY]).exits(0);
    assert!(
        ran.stdout.starts_with("Subject: Monday 4 May 2026\n"),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_with_too_many_or_too_large_files_is_refused() {
    let room = with_templates(&[("subject.txt", b"{{ date }}")]).await;
    let size = 1 << 20;
    let file = room.path("mine/card.md");
    std::fs::write(&file, vec![b' '; size]).unwrap();
    room.takefive(["preview", "--date", DAY]).exits(0);
    std::fs::write(&file, vec![b' '; size + 1]).unwrap();
    let ran = room.takefive(["preview", "--date", DAY]).exits(2);
    assert!(
        ran.stderr.contains("mine/card.md: over 1048576 bytes"),
        "{ran:?}"
    );
    std::fs::remove_file(&file).unwrap();
    for nth in 1..100 {
        std::fs::write(room.path(&format!("mine/{nth}.md")), "").unwrap();
    }
    room.takefive(["preview", "--date", DAY]).exits(0);
    std::fs::write(room.path("mine/100.md"), "").unwrap();
    let ran = room.takefive(["preview", "--date", DAY]).exits(2);
    assert!(ran.stderr.contains("more than 100 files"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn exported_templates_are_the_built_in_ones_and_overwrite_nothing() {
    let room = newsroom().await;
    let before = room.takefive(["preview", "--date", DAY]).exits(0);
    let page = written(room.path("preview/digest.html"));
    std::fs::create_dir(room.path("mine")).unwrap();
    std::fs::write(
        room.path("mine/subject.txt"),
        "{{ insights[0].headline }}\n",
    )
    .unwrap();

    let ran = room.takefive(["templates", "export", "mine"]).exits(0);
    assert!(ran.stdout.contains("mine/digest.html: written"), "{ran:?}");
    assert!(
        ran.stdout.contains("mine/subject.txt: there already"),
        "{ran:?}"
    );
    assert!(
        ran.stdout.contains("[mail] templates = \"mine\""),
        "{ran:?}"
    );

    let room = room.with_mail("templates = \"mine\"");
    let after = room.takefive(["preview", "--date", DAY]).exits(0);
    assert_eq!(after.stdout, before.stdout);
    assert_eq!(written(room.path("preview/digest.html")), page);

    std::fs::write(room.path("mine/digest.html"), "<p>mine").unwrap();
    room.takefive(["templates", "export", "mine"]).exits(0);
    assert_eq!(written(room.path("mine/digest.html")), "<p>mine");
    room.takefive(["templates", "export", "sources.toml"])
        .exits(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edition_that_is_chosen_is_shown_without_asking_a_feed() {
    let room = newsroom().await.subscriber("ann");
    let texts = room.run_on(DAY).exits(0).texts();
    let asked = room.web.requests();
    let ran = room.takefive(["preview", "--json", "--date", DAY]).exits(0);
    assert_eq!(ran.texts(), texts);
    assert_eq!(ran.report()["chosen_before"], true);
    assert_eq!(room.web.requests(), asked);
    let ran = room.takefive(["preview", "--date", DAY]).exits(0);
    assert!(
        ran.stderr
            .contains("was chosen before, so no feed was asked"),
        "{ran:?}"
    );
    assert_eq!(room.web.requests(), asked);
    assert_eq!(room.sent_to(), ["ann"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_mail_programs_would_cut_is_told() {
    let page = |bytes: usize| {
        let frame = "<!DOCTYPE html><html><head></head><body></body></html>".len();
        format!(
            "<!doctype html><html><head></head><body>{}</body></html>",
            "a".repeat(bytes - frame)
        )
    };
    let room = with_templates(&[("digest.html", page(90_000).as_bytes())]).await;
    let told = "Gmail cuts off";
    let ran = room.takefive(["preview", "--date", DAY]).exits(0);
    assert_eq!(written(room.path("preview/digest.html")).len(), 90_000);
    assert!(!ran.stderr.contains(told), "{ran:?}");
    std::fs::write(room.path("mine/digest.html"), page(90_001)).unwrap();
    let ran = room.takefive(["preview", "--date", DAY]).exits(0);
    assert!(
        ran.stderr.contains("The page has 91 kB: Gmail cuts off"),
        "{ran:?}"
    );
}

/// A folder with a program of the name that the system's opener has.
#[cfg(unix)]
fn opener(room: &Newsroom, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = room.path("programs");
    std::fs::create_dir(&folder).unwrap();
    for name in ["xdg-open", "open"] {
        let program = folder.join(name);
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_opened_by_the_system_s_own_program() {
    let room = newsroom().await;
    let programs = opener(&room, "printf '%s\\n' \"$#\" \"$1\" > opened");
    let out = "odd; touch broken $(touch broken)";
    let mut preview = room.command(["preview", "--open", "--date", DAY, "--out", out]);
    ran(preview.env("PATH", programs)).exits(0);
    let opened = written(room.path("opened"));
    let (count, path) = opened.split_once('\n').unwrap();
    assert_eq!(count, "1");
    let path = Path::new(path.trim_end());
    assert!(
        path.is_absolute() && path.ends_with(format!("{out}/digest.html")),
        "{opened}"
    );
    assert!(path.exists() && !room.path("broken").exists());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_opens_the_page_a_person_is_told_to_do_it() {
    let room = newsroom().await;
    let failing = opener(&room, "exit 3");
    std::fs::create_dir(room.path("empty")).unwrap();
    for (path, told) in [
        (failing, "did not open the page"),
        (room.path("empty"), "is not installed"),
    ] {
        let mut preview = room.command(["preview", "--open", "--date", DAY]);
        let ran = ran(preview.env("PATH", path)).exits(0);
        assert!(ran.stderr.contains(told), "{ran:?}");
        assert!(
            ran.stderr.contains("open preview/digest.html in a browser"),
            "{ran:?}"
        );
    }
}

/// A program that stays, and what it says.
struct Watching {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Watching {
    fn of(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let said = BufReader::new(child.stderr.take().expect("piped"));
        Self { child, said }
    }

    /// The next line that has these words; all lines before it are passed over.
    fn says(&mut self, words: &str) -> String {
        let mut passed = String::new();
        loop {
            let mut line = String::new();
            let bytes = self.said.read_line(&mut line).expect("text");
            assert!(bytes > 0, "it ended without {words:?}: {passed}");
            if line.contains(words) {
                return line;
            }
            passed += &line;
        }
    }

    #[cfg(unix)]
    fn end(mut self) -> i32 {
        let stopped = Command::new("kill")
            .args(["-INT", &self.child.id().to_string()])
            .status()
            .expect("kill can be started");
        assert!(stopped.success());
        let status = self.child.wait().expect("it ends");
        status.code().expect("it ends by itself")
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_watched_preview_is_written_again_after_each_change_and_a_mistake_does_not_end_it() {
    let room = with_templates(&[("subject.txt", b"{{ date }}")]).await;
    let page = room.path("preview/digest.html");
    let mut watching = Watching::of(room.command(["preview", "--watch", "--date", DAY]));
    watching.says("Watching mine and sources.toml");
    assert!(!written(page.clone()).contains("From the desk"));
    let asked = room.web.requests();

    let template = room.path("mine/digest.html");
    std::fs::write(
        &template,
        "<p>From the desk: {{ insights[0].headline }}</p>",
    )
    .unwrap();
    let line = watching.says("digest.html written again");
    assert!(line.contains(" ms") && line.contains(" kB"), "{line}");
    assert!(written(page.clone()).contains("From the desk: "));

    std::fs::write(&template, "<p>\n\n{{ insights[0].hedline }}</p>").unwrap();
    let line = watching.says("mine/digest.html:3: ");
    assert!(line.contains("did you mean headline?"), "{line}");
    assert!(
        written(page.clone()).contains("From the desk: "),
        "the last right one stays"
    );

    // an editor that replaces the file
    std::fs::write(room.path("mine/.digest.html.new"), "<p>Mended</p>").unwrap();
    std::fs::rename(room.path("mine/.digest.html.new"), &template).unwrap();
    watching.says("written again");
    assert!(written(page.clone()).contains("Mended"));

    std::fs::remove_file(&template).unwrap();
    watching.says("written again");
    assert!(written(page.clone()).contains("1 Example Street, London"));

    let settings = written(room.path("sources.toml"));
    std::fs::write(
        room.path("sources.toml"),
        settings.replace("1 Example Street", "2 Other Road"),
    )
    .unwrap();
    watching.says("written again");
    assert!(written(page.clone()).contains("2 Other Road, London"));

    std::fs::write(
        room.path("sources.toml"),
        settings.replace("postal_address", "postal_adress"),
    )
    .unwrap();
    watching.says("did you mean");
    std::fs::write(room.path("sources.toml"), &settings).unwrap();
    watching.says("written again");

    assert_eq!(
        room.web.requests(),
        asked,
        "the edition stays the chosen one"
    );
    assert_eq!(watching.end(), 0);
    assert!(!room.path("takefive.db").exists());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn without_templates_of_one_s_own_a_watched_preview_says_how_to_begin_and_takes_them_up() {
    let room = newsroom().await;
    let mut watching = Watching::of(room.command(["preview", "--watch", "--date", DAY]));
    watching.says("takefive templates export my-templates");
    watching.says("Ctrl-C ends it");
    let settings = written(room.path("sources.toml"));
    std::fs::create_dir(room.path("my-templates")).unwrap();
    std::fs::write(room.path("my-templates/digest.html"), "<p>One</p>").unwrap();
    let with_folder = settings.replace("[mail]", "[mail]\ntemplates = \"my-templates\"");
    std::fs::write(room.path("sources.toml"), with_folder).unwrap();
    watching.says("written again");
    assert!(written(room.path("preview/digest.html")).contains("One"));
    std::fs::write(room.path("my-templates/digest.html"), "<p>Two</p>").unwrap();
    watching.says("written again");
    assert!(written(room.path("preview/digest.html")).contains("Two"));
    assert_eq!(watching.end(), 0);
}
