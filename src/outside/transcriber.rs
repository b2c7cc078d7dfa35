//! A program of this machine that turns speech into text: one audio file in, WebVTT out.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitStatus;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt as _;
use tokio::process::Child;
use tokio::process::Command;
use tokio::time::timeout;

use crate::settings::TranscribeSettings;

pub use self::audio_file::AudioFile;

mod audio_file;

/// What is kept of the end of what the program says on standard error: where it fails, it says why last.
const WORDS_BYTES_MAX: usize = 4 << 10;

/// Longest piece of it that is shown, in characters.
const WORDS_SHOWN_CHARS_MAX: usize = 200;

/// How long its outputs are read on once it has ended and what it had started was ended.
const LAST_WORDS_LIMIT: Duration = Duration::from_secs(2);

/// The program, and where it finds its audio.
#[derive(Debug, Clone)]
pub struct Transcriber {
    settings: TranscribeSettings,
    store: PathBuf,
}

/// Why there is no text.
#[derive(Debug, thiserror::Error)]
pub enum TranscriberError {
    /// The program of the settings cannot be used.
    #[error("[transcribe] command: {}: {problem}", path.display())]
    Program {
        /// Its path.
        path: PathBuf,
        /// What is the matter with it, and what to do.
        problem: String,
    },
    /// It ended badly.
    #[error("the transcriber ended with {status}{words}")]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// The last of what it said, after a colon; empty where it said nothing.
        words: String,
    },
    /// It did not end in time.
    #[error("the transcriber did not end within {} s", .0.as_secs())]
    Timeout(Duration),
    /// It printed too much.
    #[error("the transcriber printed more than {0} bytes")]
    TooMuch(usize),
    /// What it printed is not WebVTT.
    #[error(
        "what the transcriber printed does not begin with WEBVTT; it must print captions and nothing else"
    )]
    NotCaptions,
    /// The system failed.
    #[error("the transcriber could not be listened to: {0}")]
    System(#[from] io::Error),
}

impl Transcriber {
    /// Sees that the program is there. Its audio will stand beside `store`.
    pub fn open(settings: &TranscribeSettings, store: &Path) -> Result<Self, TranscriberError> {
        let unusable = |problem: String| TranscriberError::Program {
            path: settings.program.clone(),
            problem,
        };
        let metadata = fs::metadata(&settings.program)
            .map_err(|error| unusable(format!("{error}; write the whole path of the program")))?;
        if !is_program(&metadata) {
            return Err(unusable(
                "this is not a program that can be started; write the path of one, or chmod +x it"
                    .to_owned(),
            ));
        }
        Ok(Self {
            settings: settings.clone(),
            store: store.to_owned(),
        })
    }

    /// Takes away what a run that was killed has left. Only a run that holds the store's lock may call this.
    pub fn clear(&self) {
        AudioFile::clear(&self.store);
    }

    /// A new file for audio, whose name has the ending of `name` where that is one of audio, and the same opened for writing.
    /// It goes when it is dropped.
    pub fn audio_file(&self, name: &str) -> io::Result<(AudioFile, tokio::fs::File)> {
        AudioFile::create(&self.store, name)
    }

    /// What the program hears in a file: WebVTT of at most `bytes_max` bytes. It has until `limit`, or `[transcribe] timeout`,
    /// and ends with all that it started when that is over, or when this is dropped.
    pub async fn transcribe(
        &self,
        audio: &AudioFile,
        limit: Duration,
        bytes_max: usize,
    ) -> Result<String, TranscriberError> {
        let limit = limit.min(self.settings.timeout);
        let mut child = self
            .start(audio.path())
            .map_err(|error| TranscriberError::Program {
                path: self.settings.program.clone(),
                problem: format!("cannot be started: {error}"),
            })?;
        let group = Group::of(&child);
        let mut heard = Heard::default();
        let status = timeout(limit, listen(&mut child, group, &mut heard, bytes_max))
            .await
            .map_err(|_| TranscriberError::Timeout(limit))??;
        if !status.success() {
            let words = match last_words(&heard.words) {
                words if words.is_empty() => String::new(),
                words => format!(": {words}"),
            };
            return Err(TranscriberError::Failed { status, words });
        }
        let text = String::from_utf8_lossy(&heard.captions).into_owned();
        let begins = text.trim_start_matches('\u{feff}').trim_start();
        if begins.starts_with("WEBVTT") {
            Ok(text)
        } else {
            Err(TranscriberError::NotCaptions)
        }
    }

    /// Away from the terminal, so that Ctrl-C reaches us alone, without input, and without our secrets.
    fn start(&self, audio: &Path) -> io::Result<Child> {
        let arguments = self.settings.arguments.iter();
        let arguments = arguments.map(|word| match word.as_str() {
            // as it is, whatever characters the system takes for a path
            "{audio}" => audio.as_os_str().to_owned(),
            word => word.replace("{audio}", &audio.to_string_lossy()).into(),
        });
        let mut command = Command::new(&self.settings.program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        for (name, _) in std::env::vars_os() {
            if is_secret(&name, &self.settings.withheld) {
                command.env_remove(name);
            }
        }
        command.spawn()
    }
}

/// What the program gave.
#[derive(Default)]
struct Heard {
    captions: Vec<u8>,
    words: Vec<u8>,
}

/// Reads both outputs until the program ends. Then what it started ends too, so that nothing holds the outputs open.
async fn listen(
    child: &mut Child,
    group: Group,
    heard: &mut Heard,
    bytes_max: usize,
) -> Result<ExitStatus, TranscriberError> {
    let (captions, words) = (child.stdout.take(), child.stderr.take());
    let Heard {
        captions: kept,
        words: last,
    } = heard;
    let mut reading = pin!(async {
        tokio::try_join!(read_all(captions, kept, bytes_max), read_last(words, last))
    });
    let read = tokio::select! {
        read = &mut reading => Some(read),
        status = child.wait() => {
            let status = status?;
            drop(group);
            // what is still in the pipes is read
            if let Ok(read) = timeout(LAST_WORDS_LIMIT, reading).await {
                read?;
            }
            return Ok(status);
        }
    };
    if let Some(read) = read {
        read?;
    }
    Ok(child.wait().await?)
}

async fn read_all(
    output: Option<impl AsyncRead + Unpin>,
    kept: &mut Vec<u8>,
    bytes_max: usize,
) -> Result<(), TranscriberError> {
    let Some(output) = output else { return Ok(()) };
    // one byte more tells that there is more
    let most = u64::try_from(bytes_max)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    output.take(most).read_to_end(kept).await?;
    if kept.len() > bytes_max {
        return Err(TranscriberError::TooMuch(bytes_max));
    }
    Ok(())
}

/// Keeps the end, and lets the rest pass, so that a talkative program does not wait for us.
async fn read_last(
    output: Option<impl AsyncRead + Unpin>,
    kept: &mut Vec<u8>,
) -> Result<(), TranscriberError> {
    let Some(mut output) = output else {
        return Ok(());
    };
    let mut piece = [0; 1_024];
    loop {
        let count = output.read(&mut piece).await?;
        if count == 0 {
            return Ok(());
        }
        kept.extend(&piece[..count]);
        let too_many = kept.len().saturating_sub(WORDS_BYTES_MAX);
        kept.drain(..too_many);
    }
}

/// The last line that says something, on one line and shortened.
fn last_words(words: &[u8]) -> String {
    let words = String::from_utf8_lossy(words);
    // a bar of progress is one line to the terminal, drawn again and again
    let lines = words.split(['\n', '\r']);
    let nothing = |c: char| c.is_whitespace() || c.is_control();
    let last = lines
        .map(|line| line.trim_matches(nothing))
        .rfind(|line| !line.is_empty());
    let shown: String = last
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(WORDS_SHOWN_CHARS_MAX)
        .collect();
    shown
}

/// The program and all that it started, ended when this is dropped.
struct Group {
    #[cfg(unix)]
    leader: Option<nix::unistd::Pid>,
}

impl Group {
    fn of(child: &Child) -> Self {
        #[cfg(unix)]
        {
            let number = child.id().and_then(|number| i32::try_from(number).ok());
            Self {
                leader: number.map(nix::unistd::Pid::from_raw),
            }
        }
        #[cfg(not(unix))]
        {
            let _ = child; // is ended when it is dropped; of what it started nothing is known
            Self {}
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(leader) = self.leader {
            // a group of which nobody is left is no error to us
            let _ = nix::sys::signal::killpg(leader, nix::sys::signal::Signal::SIGKILL);
        }
    }
}

fn is_secret(name: &OsStr, withheld: &BTreeSet<String>) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("TAKEFIVE_") || withheld.contains(&*name)
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
