//! What a person can type, and how results are shown.

use std::path::PathBuf;

use clap::Args;
use clap::Parser;
use clap::Subcommand;
use clap::ValueEnum;
use jiff::SignedDuration;
use jiff::civil::Date;

use crate::model::DeliveryState;
use crate::settings::keep_documents;

mod breakdown;

mod day;

mod deliveries;

mod demo;

mod explain;

mod extract;

mod mail;

mod output;

mod preview;

mod history;
pub use history::HistoryCommand;

mod progress;

mod replay;

mod rules;

mod send_test;

mod signer;

mod sources;

mod state;

mod subscribers;

mod tell;

mod templates;

mod verify;

mod what_if;

pub mod entrance;

/// What stands below the help of the whole program.
const EXAMPLES: &str = "\
Begin here:
  takefive demo                               see it work on a world of its own, offline, in seconds
  takefive preview                            today's edition from the feeds of sources.toml, unsent
  takefive subscribers add ann@example.org    the first reader
  takefive run                                the day's job; put this one into cron

Exit codes:
  0 done    1 unexpected error    2 wrong settings or arguments    3 no source could be read
  4 mail refused or deferred, or no mail server    5 another run is at work    130 stopped
  6 replay or verify found a difference";

/// Heading in the help for what every command takes.
const EVERYWHERE: &str = "Options of every command";

/// Reads product-management podcasts and articles, picks the day's five best insights by rule, and mails them.
#[derive(Debug, Parser)]
#[command(name = "takefive", version, about, arg_required_else_help = true, after_help = EXAMPLES)]
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
    /// The settings and the list of sources
    #[arg(
        long,
        global = true,
        help_heading = EVERYWHERE,
        value_name = "FILE",
        default_value = "sources.toml"
    )]
    pub sources: PathBuf,
    /// The state, in the place of `[store] path`
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub store: Option<PathBuf>,
    /// Print JSON instead of text: one object, or one a line
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Print nothing but errors (and JSON that is asked for)
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// Log to standard error as text or json; how much: TAKEFIVE_LOG
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FORMAT", hide_possible_values = true)]
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
    /// See the whole job done on a small world that comes with the program
    Demo(DemoArgs),
    /// Do the day's job: gather, choose, send
    Run(RunArgs),
    /// Show today's edition as readers would get it; mark nothing, send nothing
    Preview(PreviewArgs),
    /// Say rule by rule why a passage did or did not make the five
    Explain(ExplainArgs),
    /// Find the insights in one document of your own, best first
    Extract(ExtractArgs),
    /// Test, measure and fit the rules by which passages are found
    #[command(subcommand)]
    Rules(RulesCommand),
    /// Add, import, list and remove readers
    #[command(subcommand)]
    Subscribers(SubscribersCommand),
    /// Try the feeds of the list, or one feed in a file
    #[command(subcommand)]
    Sources(SourcesCommand),
    /// Begin templates of your own: what the mail looks like
    #[command(subcommand)]
    Templates(TemplatesCommand),
    /// First step of the run alone: read the sources, shelve their candidates
    Gather(GatherArgs),
    /// Second step alone: choose the day's insights and save them, unsent
    Choose(DayArgs),
    /// Third step alone: send a saved edition to those who have not had it
    Send(SendArgs),
    /// Send one edition to one address, to see it arrive; marks nothing, and nobody else gets it
    ///
    /// The latest edition that was saved goes out, or a specimen where there is none yet, over the
    /// transport of the settings and signed if they say so. Its subject begins with `[Test]`, and its
    /// links for leaving look like a reader's but unsubscribe nobody.
    #[command(verbatim_doc_comment)]
    SendTest(SendTestArgs),
    /// Show what became of an edition's mails, by number of the reader; prove that nobody was missed
    Deliveries(DeliveriesArgs),
    /// Make a past edition again from what is kept, and compare it byte for byte
    ///
    /// The documents of the day are read again by the rules and settings of then, against the history of
    /// then, and the words of the mail are set by the templates of now. Ends with 0 where edition and words
    /// are the same byte for byte, and with 6 where they are not or cannot be made again; then it says
    /// what differs: which insight, field or line, another version, templates that have changed, or
    /// documents that are no longer kept. Asks no feed, and leaves the store as it is.
    #[command(verbatim_doc_comment)]
    Replay(ReplayArgs),
    /// Show what the last editions would have been by other rules or settings
    ///
    /// Each edition is made again by the rules of --rules (or those in force) and the settings of --sources,
    /// against the history that there was before it, and compared with what was sent. Editions whose
    /// documents are no longer kept are named. Asks no feed, and leaves the store as it is.
    #[command(verbatim_doc_comment)]
    Whatif(WhatIfArgs),
    /// Find each quote of an edition again where its receipt says; ends with 6 where one is not there
    ///
    /// The stored document must have the SHA-256 of the receipt, and its bytes must be the words of the
    /// quote, to the last character. What readers are shown must be these words with an ellipsis wherever
    /// some are left out, and a headline may have no other words. Where the document was let go, the
    /// span that was kept of it must be the quote, and that is told.
    #[command(verbatim_doc_comment)]
    Verify(VerifyArgs),
    /// Search, measure and carry what was told; take in what was told elsewhere
    #[command(subcommand)]
    History(HistoryCommand),
    /// Make the key that signs mail
    #[command(subcommand)]
    Mail(MailCommand),
    /// Pack the state, encrypted, for a place that others may read; unpack it
    ///
    /// For machines that forget, such as those of a CI service: the state travels
    /// as one file, encrypted in the age format with the key in TAKEFIVE_STATE_KEY.
    /// It is useless without the key, so keep the key apart from it.
    #[command(subcommand, verbatim_doc_comment)]
    State(StateCommand),
    /// Serve the page on which readers leave
    Serve(ServeArgs),
}

/// The day of an edition.
#[derive(Debug, Clone, Args)]
pub struct DayArgs {
    /// The day of the edition, today if absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub date: Option<Date>,
    /// This source and no other; may be given more than once
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
    /// Read the feeds alone; transcripts and pages wait for the next gather
    #[arg(long)]
    pub feeds_only: bool,
    /// Tell what each stage took of the processors, and the memory
    #[arg(long)]
    pub timings: bool,
    /// Exit with 3 when any source failed, not only when all did
    #[arg(long)]
    pub strict: bool,
}

/// `send`
#[derive(Debug, Args)]
pub struct SendArgs {
    /// The day of the edition, today if absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub edition: Option<Date>,
}

/// `send-test`
#[derive(Debug, Args)]
pub struct SendTestArgs {
    /// Where it goes
    pub address: String,
    /// The day of a saved edition, the latest if absent
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub edition: Option<Date>,
}

/// `deliveries`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = false)]
pub struct DeliveriesArgs {
    /// The day of the edition, the newest if absent
    #[arg(long, global = true, value_name = "YYYY-MM-DD", value_parser = date)]
    pub edition: Option<Date>,
    /// Only those that are: waiting, attempting, accepted, refused, deferred or unknown
    #[arg(long, value_name = "STATE", value_parser = state)]
    pub state: Option<DeliveryState>,
    /// What else to do with them.
    #[command(subcommand)]
    pub command: Option<DeliveriesCommand>,
}

/// `deliveries …`
#[derive(Debug, Subcommand)]
pub enum DeliveriesCommand {
    /// Prove from the ledger that each confirmed reader has one accepted or one explained delivery
    Audit,
}

/// `replay`
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The day of the edition
    #[arg(value_name = "YYYY-MM-DD", value_parser = date)]
    pub date: Date,
}

/// `whatif`
#[derive(Debug, Args)]
pub struct WhatIfArgs {
    /// A file of rules, laid over those that come with the program; those in force if absent
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// How many days that have an edition, counted from the last one
    #[arg(long, value_name = "N", default_value_t = 30)]
    pub days: usize,
}

/// `verify`
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The day of the edition; all editions if absent
    #[arg(value_name = "YYYY-MM-DD", value_parser = date)]
    pub date: Option<Date>,
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
    /// Open digest.html in the browser
    #[arg(long)]
    pub open: bool,
    /// Stay, and write them again whenever a template or the settings change
    #[arg(long)]
    pub watch: bool,
}

/// `extract`
#[derive(Debug, Args)]
pub struct ExtractArgs {
    /// The document, or - for standard input
    pub file: PathBuf,
    /// Where the guess is wrong: vtt, srt, json, html, transcript-html, markdown or text
    #[arg(long, hide_possible_values = true)]
    pub kind: Option<FileKind>,
    /// Rules of your own, in the place of `[rules] file`
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// How many candidates at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Print what is read of the document, with nothing added, in the place of candidates
    #[arg(long, conflicts_with_all = ["rules", "top", "json"])]
    pub text_only: bool,
}

/// `explain`
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// A document, or - for standard input; without one, the day's shelf is explained
    pub file: Option<PathBuf>,
    /// Where the guess is wrong: vtt, srt, json, html, transcript-html, markdown or text
    #[arg(long, hide_possible_values = true)]
    pub kind: Option<FileKind>,
    /// Rules of your own, in the place of `[rules] file`
    #[arg(long, value_name = "FILE", requires = "file")]
    pub rules: Option<PathBuf>,
    /// Only what has these words; in a document, why they are not quoted
    #[arg(long, value_name = "WORDS")]
    pub find: Option<String>,
    /// How many candidates at most
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// The day.
    #[command(flatten)]
    pub day: DayArgs,
}

/// Reads a day as a person types it.
fn date(typed: &str) -> Result<Date, &'static str> {
    typed
        .parse()
        .map_err(|_| "write a day of the calendar as year-month-day, such as 2026-05-04")
}

/// Reads how long something is kept as a person types it.
fn span(typed: &str) -> Result<SignedDuration, &'static str> {
    keep_documents(typed)
}

/// Reads a state of a delivery as a person types it.
fn state(typed: &str) -> Result<DeliveryState, &'static str> {
    DeliveryState::ALL
        .into_iter()
        .find(|state| state.as_str() == typed)
        .ok_or("write waiting, attempting, accepted, refused, deferred or unknown")
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

/// `rules …`
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// Tell every mistake of a file of rules, with its line
    Check {
        /// The file; without one, the rules that come with the program
        file: Option<PathBuf>,
    },
    /// Measure how well the rules find what people picked
    ///
    /// DIR holds a corpus:
    ///   episodes/*.json   one episode a file: {"slug": name, "utterances": [{"speaker": name,
    ///                     "start": seconds, "text": words}]}
    ///   gold.jsonl        one picked passage a line: {"episode": slug, "text": words, "grade": 1,
    ///                     2 or 3, "start": seconds and "utt_end": seconds of its utterances}
    /// Grade 1 was picked by one reader, 2 by several, 3 by the show's editors. Other keys are not
    /// read: neither who picked a passage nor who is the host.
    ///
    /// Each episode is turned into captions and read as `extract --kind vtt` reads them. A passage
    /// hits when half the words of the shorter text lie in runs of three or more that both share
    /// (four in ten within the same utterance), each picked passage once; over 90 or under 8 words
    /// never hit. Beside the rules stand ways of picking that know nothing about insights.
    #[command(verbatim_doc_comment)]
    Eval(EvalArgs),
    /// Fit the weights of the rules to what people picked
    ///
    /// DIR holds a corpus as `rules eval --help` tells. The weights are fitted by a logistic
    /// regression, held near 0, of hits on the rules that fire. A weight keeps the sign it has in
    /// the file, and all of it where its row says `fit = false`, where it is 0, or where the rule
    /// fires too seldom in the corpus to tell. `weight_min` and `weight_max` in a row bound it.
    /// Only the numbers change in the file; comments, order and layout stay.
    ///
    /// Of the figures at the end, believe those over the folds: there each episode is scored by
    /// weights that were fitted on the others.
    #[command(verbatim_doc_comment)]
    Fit(FitArgs),
}

/// `rules eval`
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// The folder with the episodes and what people picked of them
    #[arg(long, value_name = "DIR")]
    pub corpus: PathBuf,
    /// A file of rules, laid over those that come with the program
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Measure fitted weights too, built-in ones included, each episode by a fit on the other of N folds
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(2..=20))]
    pub folds: Option<u8>,
    /// Write what is picked, ten passages an episode, as JSON lines (with --folds: by the fitted weights)
    #[arg(long, value_name = "FILE")]
    pub predictions: Option<PathBuf>,
}

/// `rules fit`
#[derive(Debug, Args)]
pub struct FitArgs {
    /// The folder with the episodes and what people picked of them
    #[arg(long, value_name = "DIR")]
    pub corpus: PathBuf,
    /// The file of rules to fit, laid over those that come with the program; these alone if absent
    #[arg(long, value_name = "FILE", required_unless_present = "out")]
    pub rules: Option<PathBuf>,
    /// Where the fitted rules go; without it they replace the file of --rules
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// In how many folds the figures are cross-validated
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u8).range(2..=20))]
    pub folds: u8,
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
    /// Read every feed of the list once and say what it yields, or show what is read from one feed in a file
    Check {
        /// A feed in a file, or a list (.toml)
        file: Option<PathBuf>,
    },
}

/// `mail …`
#[derive(Debug, Subcommand)]
pub enum MailCommand {
    /// Make a key that signs mail (DKIM), and print the DNS record with which receivers check it
    ///
    /// The key goes into a file that nobody else may read; a file that is there already stays as it is.
    /// The public half goes into the DNS. Once it can be seen there, name the key under [mail.dkim].
    #[command(verbatim_doc_comment)]
    DkimKey(DkimKeyArgs),
}

/// `mail dkim-key`
#[derive(Debug, Args)]
pub struct DkimKeyArgs {
    /// Make an Ed25519 key, which few receivers check, in the place of RSA with 2048 bits
    #[arg(long)]
    pub ed25519: bool,
    /// The name of the key within the domain; that of `[mail.dkim]`, or takefive, if absent
    #[arg(long, value_name = "NAME")]
    pub selector: Option<String>,
    /// The domain that signs; that of `[mail.dkim]`, or of `[mail] from`, if absent
    #[arg(long, value_name = "DOMAIN")]
    pub domain: Option<String>,
    /// Where the key goes; dkim.pem beside the settings if absent
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `templates …`
#[derive(Debug, Subcommand)]
pub enum TemplatesCommand {
    /// Write the built-in templates into a folder, to be edited; a file that is there stays as it is
    Export {
        /// The folder; name it in sources.toml as `[mail] templates`
        #[arg(value_name = "DIR")]
        folder: PathBuf,
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
