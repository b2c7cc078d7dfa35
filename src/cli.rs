//! What a person can type, and how results are shown.

use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use jiff::civil::Date;

mod day;

mod demo;

mod explain;

mod extract;

mod output;

mod progress;

mod sources;

mod state;

mod subscribers;

mod tell;

pub mod entrance;

/// Reads product-management podcasts and articles, picks the day's five best insights by rule, and mails them.
#[derive(Debug, Parser)]
#[command(name = "takefive", version, about, arg_required_else_help = true)]
pub struct Cli {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What every command takes, before or after its name.
#[derive(Debug, Clone, Args)]
pub struct Common {
    /// The file with the settings and the sources
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "sources.toml"
    )]
    pub sources: PathBuf,
    /// The file with the state, in the place of `path` under `[store]`
    #[arg(long, global = true, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// Print one JSON object (or one a line) instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Print nothing but errors
    #[arg(long, global = true)]
    pub quiet: bool,
    /// Write what happens inside to standard error; TAKEFIVE_LOG says how much (such as debug)
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log: Option<LogFormat>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line of text an event.
    Text,
    /// A JSON object an event.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Do the day's job: gather, choose, send
    Run(RunArgs),
    /// The first step alone: read the sources and put candidates on the shelf
    Gather(GatherArgs),
    /// The second step alone: choose the day's insights and save them, unsent
    Choose(DayArgs),
    /// The third step alone: send a saved edition to those who have not had it
    Send(SendArgs),
    /// Write the edition's mail to a folder and print its text; marks nothing, sends nothing
    Preview(PreviewArgs),
    /// Print the candidates of one document, best first
    Extract(ExtractArgs),
    /// Say rule by rule why a passage did or did not make the five
    Explain(ExplainArgs),
    /// Who gets the digest
    #[command(subcommand)]
    Subscribers(SubscribersCommand),
    /// The list of sources
    #[command(subcommand)]
    Sources(SourcesCommand),
    /// Pack the state for a place that others may read, and unpack it
    ///
    /// For machines that forget, such as those of a CI service: the state travels as one file, encrypted in the age format
    /// (age-encryption.org/v1) with the key in TAKEFIVE_STATE_KEY. The file is useless without the key, so keep the key
    /// apart from it.
    #[command(subcommand)]
    State(StateCommand),
    /// Serve the page on which readers leave
    Serve(ServeArgs),
    /// See the whole job done on a small world that comes with the program
    Demo(DemoArgs),
}

/// The day of an edition.
#[derive(Debug, Clone, Args)]
pub struct DayArgs {
    /// The day of the edition, today if absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<Date>,
    /// Leave all other sources out; may be given more than once
    #[arg(long, value_name = "SOURCE")]
    pub only: Vec<String>,
}

/// `run`
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The day.
    #[command(flatten)]
    pub day: DayArgs,
    /// Go the same way, but mark nothing and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Exit with 3 when any source failed, not only when all did
    #[arg(long)]
    pub strict: bool,
}

/// `gather`
#[derive(Debug, Args)]
pub struct GatherArgs {
    /// The day.
    #[command(flatten)]
    pub day: DayArgs,
    /// Read the feeds alone: no transcripts, no pages, nothing stored of the entries
    #[arg(long)]
    pub feeds_only: bool,
    /// Exit with 3 when any source failed, not only when all did
    #[arg(long)]
    pub strict: bool,
}

/// `send`
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The day of the edition, today if absent
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub edition: Option<Date>,
}

/// `preview`
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The day.
    #[command(flatten)]
    pub day: DayArgs,
    /// Where digest.html and digest.txt go
    #[arg(long, value_name = "DIR", default_value = "preview")]
    pub out: PathBuf,
}

/// `extract`
#[derive(Debug, Args)]
pub struct ExtractArgs {
    /// The document, or - for standard input
    pub file: PathBuf,
    /// What it is, where the guess is wrong
    #[arg(long)]
    pub kind: Option<FileKind>,
    /// How many candidates at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A document, or - for standard input; without one, the day's shelf is explained
    pub file: Option<PathBuf>,
    /// What the document is, where the guess is wrong
    #[arg(long)]
    pub kind: Option<FileKind>,
    /// How many candidates at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// The day.
    #[command(flatten)]
    pub day: DayArgs,
}

/// What a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FileKind {
    /// WebVTT captions
    Vtt,
    /// SubRip captions
    Srt,
    /// A PodcastIndex transcript in JSON
    Json,
    /// A web page with an article
    Html,
    /// A web page with a transcript
    TranscriptHtml,
    /// Markdown
    Markdown,
    /// Plain text, with or without speakers
    Text,
}

/// `subscribers …`
#[derive(Debug, Subcommand)]
pub enum SubscribersCommand {
    /// Add people who asked for the digest
    Add {
        /// Their addresses
        #[arg(required = true, value_name = "ADDRESS")]
        addresses: Vec<String>,
    },
    /// Add the addresses in a file: one a line, or a CSV file with a column "email"
    Import {
        /// The file, or - for standard input
        file: PathBuf,
    },
    /// List them
    List,
    /// Take people off the list
    Remove {
        /// Their addresses
        #[arg(required = true, value_name = "ADDRESS")]
        addresses: Vec<String>,
    },
}

/// `sources …`
#[derive(Debug, Subcommand)]
pub enum SourcesCommand {
    /// Read every source once and say what it yields; or show what is read from one feed file
    Check {
        /// A feed in a file
        file: Option<PathBuf>,
    },
}

/// `state …`
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// Make a key; keep it as TAKEFIVE_STATE_KEY
    ///
    /// Prints the secret alone to standard output, and the public half by which keys are told apart to standard error.
    Key,
    /// Write the state, encrypted with TAKEFIVE_STATE_KEY, to a file
    ///
    /// An older file there is replaced in one step. The state itself stays as it is, and may be in use.
    Pack {
        /// The encrypted file
        file: PathBuf,
        /// This copy is taken right before sending: what it finds waiting counts as attempted when it is unpacked
        #[arg(long)]
        before_send: bool,
        /// With --before-send: the day of the edition that goes out, today if absent
        #[arg(long, value_name = "YYYY-MM-DD", requires = "before_send")]
        edition: Option<Date>,
    },
    /// Make the state out of a packed file
    ///
    /// Never overwrites a state: where another one stands already, this ends with 2 and changes nothing.
    Unpack {
        /// The encrypted file
        file: PathBuf,
    },
}

/// `serve`
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Where to listen; put a web server with TLS in front
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: std::net::SocketAddr,
}

/// `demo`
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Where mails, previews and state go
    #[arg(long, value_name = "DIR", default_value = "takefive-demo")]
    pub out: PathBuf,
}
