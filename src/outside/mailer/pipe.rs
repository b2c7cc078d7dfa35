//! A program of this machine that takes mail as sendmail does: the message on its standard input, its answer as a number.

use std::ffi::OsStr;
use std::fs;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Child;
use tokio::process::ChildStderr;
use tokio::process::ChildStdin;
use tokio::process::Command;
use tokio::time::timeout;

use super::MailerError;
use super::Outcome;
use super::Refusal;
use super::reply::Reply;
use super::reply::shown;
use crate::model::Email;
use crate::settings::Sendmail;

/// What is kept of what the program says; it says a line or two.
const WORDS_BYTES_MAX: usize = 4 << 10;

/// How long the program's last words may take once it has ended: something it started may keep its standard error open.
const LAST_WORDS_LIMIT: Duration = Duration::from_millis(500);

/// Exit codes of programs that take mail (`sysexits.h`).
mod exit {
    pub(super) const OK: i32 = 0;
    pub(super) const USAGE: i32 = 64;
    pub(super) const DATA: i32 = 65;
    pub(super) const NO_INPUT: i32 = 66;
    pub(super) const NO_USER: i32 = 67;
    pub(super) const NO_HOST: i32 = 68;
    pub(super) const NOT_NOW: i32 = 75;
    pub(super) const NO_PERMISSION: i32 = 77;
    pub(super) const CONFIGURATION: i32 = 78;
    /// A shell that cannot start a program, or does not find it.
    pub(super) const NOT_STARTED: [i32; 2] = [126, 127];
}

/// A program that takes mail, started once for each message.
#[derive(Debug, Clone)]
pub struct Pipe {
    sendmail: Sendmail,
    limit: Duration,
}

impl Pipe {
    /// Sees that the program is there. It may take so long as `limit` for one message.
    pub(super) fn open(sendmail: &Sendmail, limit: Duration) -> Result<Self, MailerError> {
        let pipe = Self {
            sendmail: sendmail.clone(),
            limit,
        };
        let metadata = fs::metadata(&sendmail.program).map_err(|error| {
            pipe.unusable(format!("{error}; write the whole path of the program"))
        })?;
        if !is_program(&metadata) {
            return Err(pipe.unusable(
                "this is not a program that can be started; write the path of one, or chmod +x it"
                    .to_owned(),
            ));
        }
        Ok(pipe)
    }

    /// Whether a message can be given to such a program. An error is the message's outcome.
    pub(super) fn offer(email: &Email) -> Result<(), Outcome> {
        let to = email.to.as_str();
        // old programs take such a recipient for an option, a command or a file
        let is_plain = to.is_ascii() && !to.starts_with(['-', '|', '/', ':', '!']);
        if !is_plain || !email.bytes.is_ascii() {
            return Err(Outcome::Refused {
                reply: "not tried: an address that is none to a program, or a byte outside ASCII"
                    .to_owned(),
                why: Refusal::Content,
            });
        }
        Ok(())
    }

    /// Starts the program and gives it the message. Line ends are single line feeds, as such programs expect; the wire gets
    /// its CRLF back, for which signatures were made.
    pub(super) async fn hand_over(&self, email: &Email) -> Outcome {
        let mut child = match self.start(email) {
            Ok(child) => child,
            Err(error) => {
                return Outcome::Stopped(self.unusable(format!("cannot be started: {error}")));
            }
        };
        let message = with_line_feeds(&email.bytes);
        let mut input = child.stdin.take();
        let mut words = Vec::new();
        let talk = converse(&mut child, &mut input, &message, &mut words);
        let ended = timeout(self.limit, talk).await;
        if ended.is_err() {
            // before its input ends, which it might take for the end of the message
            let _ = child.kill().await;
        }
        drop(input);
        match ended {
            Ok(Ok(ended)) => {
                let secrets = [
                    email.to.as_str(),
                    email.to.local_part(),
                    email.return_path.as_str(),
                    email.return_path.local_part(),
                ];
                self.outcome(&ended, &String::from_utf8_lossy(&words), &secrets)
            }
            Ok(Err(error)) => Outcome::Unknown {
                reason: format!("sendmail: what became of it cannot be told: {error}"),
            },
            Err(_) => Outcome::Unknown {
                reason: format!("sendmail did not end within {} s", self.limit.as_secs()),
            },
        }
    }

    /// `sendmail … -i -f SENDER -- RECIPIENT`, away from the terminal, so that Ctrl-C ends between two messages, and without
    /// our secrets.
    fn start(&self, email: &Email) -> std::io::Result<Child> {
        let (from, to) = (email.return_path.as_str(), email.to.as_str());
        let mut command = Command::new(&self.sendmail.program);
        command
            .args(&self.sendmail.arguments)
            .args(["-i", "-f", from, "--", to])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_ours(name)) {
            command.env_remove(name);
        }
        command.spawn()
    }

    fn outcome(&self, ended: &Ended, words: &str, secrets: &[&str]) -> Outcome {
        let Some(code) = ended.status.code() else {
            return Outcome::Unknown {
                reason: format!("sendmail was killed: {}", ended.status),
            };
        };
        let words_shown = shown(words, secrets);
        let with_words = |text: String| match words_shown.as_str() {
            "" => text,
            words => format!("{text}: {words}"),
        };
        let said = with_words(format!("sendmail ended with {code}"));
        match code {
            exit::OK if ended.whole => Outcome::Accepted {
                reply: with_words("taken by sendmail".to_owned()),
            },
            exit::OK => Outcome::Unknown {
                reason: "sendmail ended well before it had the whole message".to_owned(),
            },
            exit::NO_USER | exit::NO_HOST => Outcome::Refused {
                reply: said,
                why: Refusal::DeadAddress,
            },
            exit::USAGE | exit::NO_INPUT | exit::NO_PERMISSION | exit::CONFIGURATION => {
                Outcome::Stopped(self.unusable(format!(
                    "takes no mail from us ({said}); see that it is set up, and check its arguments"
                )))
            }
            _ if exit::NOT_STARTED.contains(&code) => Outcome::Stopped(self.unusable(format!(
                "could not be run ({said}); write the path of a program that can"
            ))),
            exit::NOT_NOW => deferred(said),
            _ => match server_reply(words) {
                Some((code, words)) => Reply::new(code, words, secrets).of_message(),
                None if code == exit::DATA => Outcome::Refused {
                    reply: said,
                    why: Refusal::Content,
                },
                // the troubles of a machine, and the 1 of programs that know no other code: nobody is lost by waiting
                None => deferred(said),
            },
        }
    }

    fn unusable(&self, problem: String) -> MailerError {
        MailerError::Program {
            path: self.sendmail.program.clone(),
            problem,
        }
    }
}

fn deferred(reply: String) -> Outcome {
    Outcome::Deferred {
        reply,
        mailbox_full: false, // of which an exit code knows nothing
    }
}

/// How the program ended.
struct Ended {
    status: ExitStatus,
    /// Whether it was given the message to its end.
    whole: bool,
}

/// Gives the program the message through `input`, waits for its end, and puts what it said into `words`.
async fn converse(
    child: &mut Child,
    input: &mut Option<ChildStdin>,
    message: &[u8],
    words: &mut Vec<u8>,
) -> std::io::Result<Ended> {
    let mut listening = Box::pin(listen(child.stderr.take(), words));
    let mut ending = Box::pin(async {
        let whole = match input {
            Some(input) => input.write_all(message).await.is_ok(),
            None => false,
        };
        *input = None; // the message ends here
        let status = child.wait().await?;
        Ok(Ended { status, whole })
    });
    tokio::select! {
        ended = &mut ending => {
            let _ = timeout(LAST_WORDS_LIMIT, listening).await; // what is said by then is kept
            ended
        }
        () = &mut listening => ending.await,
    }
}

/// Keeps the first words, and lets the rest pass, so that a talkative program does not wait for us.
async fn listen(said: Option<ChildStderr>, words: &mut Vec<u8>) {
    let Some(mut said) = said else { return };
    let mut piece = [0; 1_024];
    while let Ok(count @ 1..) = said.read(&mut piece).await {
        let room = WORDS_BYTES_MAX.saturating_sub(words.len());
        words.extend(&piece[..count.min(room)]);
    }
}

/// What a mail server answered, where the program repeats it: msmtp ends with 65 for a mailbox that does not exist as for one
/// that takes no mail from us, and only the answer in its words tells which (`… 550 5.1.1 no such user`).
fn server_reply(words: &str) -> Option<(u16, &str)> {
    words.lines().find_map(|line| {
        line.match_indices(['4', '5']).find_map(|(at, _)| {
            let begins_word = at == 0 || line[..at].ends_with(char::is_whitespace);
            let (code, rest) = line[at..].split_at_checked(3)?;
            let enhanced = rest.strip_prefix([' ', '-'])?;
            let same_class = enhanced.starts_with(&code[..1]) && enhanced[1..].starts_with('.');
            let code = code.parse().ok()?;
            (begins_word && same_class).then_some((code, enhanced))
        })
    })
}

/// CRLF as LF (the program sends CRLF again); a message has no other line ends.
fn with_line_feeds(message: &[u8]) -> Vec<u8> {
    message
        .iter()
        .copied()
        .filter(|byte| *byte != b'\r')
        .collect()
}

/// Whether an environment variable is one of ours, most of which are secrets.
fn is_ours(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("TAKEFIVE_")
}

#[cfg(unix)]
fn is_program(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.is_file() && metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_program(metadata: &fs::Metadata) -> bool {
    metadata.is_file()
}
