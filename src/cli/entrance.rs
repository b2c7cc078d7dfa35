//! From the arguments to the exit code.

use std::io::ErrorKind;
use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser as _;
use jiff::Timestamp;
use tokio::sync::watch;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::Cli;
use crate::cli::Command;
use crate::cli::Common;
use crate::cli::LogFormat;
use crate::cli::SourcesCommand;
use crate::cli::breakdown::expect_breakdowns;
use crate::cli::day;
use crate::cli::day::Errand;
use crate::cli::deliveries;
use crate::cli::demo;
use crate::cli::explain::explain;
use crate::cli::extract::extract;
use crate::cli::history;
use crate::cli::mail;
use crate::cli::output::say;
use crate::cli::preview::preview;
use crate::cli::replay::replay;
use crate::cli::rules;
use crate::cli::sources;
use crate::cli::state;
use crate::cli::subscribers;
use crate::cli::templates;
use crate::cli::verify::verify;
use crate::cli::what_if::what_if;
use crate::outside::mailer::MailerError;
use crate::outside::store::StoreError;
use crate::outside::transcriber::TranscriberError;
use crate::pipeline::Stop;
use crate::report::Exit;
use crate::serve::Site;
use crate::settings::Problems;
use crate::settings::Settings;
use crate::settings::rules_file;
use crate::stages::find_insights::Rules;

/// Does what the command line says and tells how the process is to end. `clock` tells the time by the clock on the wall.
pub fn enter(clock: fn() -> Timestamp) -> Exit {
    expect_breakdowns();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // help and version are answers, not mistakes
            let exit = if error.use_stderr() {
                Exit::Settings
            } else {
                Exit::Done
            };
            let _ = error.print(); // nobody is left to tell when the terminal has gone
            return exit;
        }
    };
    write_log(cli.common.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            say(&format!("takefive: this machine gives no threads: {error}"));
            return Exit::Unexpected;
        }
    };
    match runtime.block_on(obey(&cli, clock)) {
        Ok(exit) => exit,
        Err(error) => {
            say(&format!(
                "takefive: {error:#}{}",
                advice(&cli.common, &error)
            ));
            exit_of(&error)
        }
    }
}

/// What SQLite says names neither its file nor a way out.
fn advice(common: &Common, error: &anyhow::Error) -> String {
    match (error.downcast_ref(), common.settings()) {
        (Some(StoreError::Database(_)), Ok(settings)) => format!(
            "; the store is {}: see that it may be written and the disk has room, and restore a copy if it is damaged",
            settings.store_path.display()
        ),
        _ => String::new(),
    }
}

async fn obey(cli: &Cli, clock: fn() -> Timestamp) -> anyhow::Result<Exit> {
    let now = clock();
    let common = &cli.common;
    let (ask, stop) = Stop::new();
    match &cli.command {
        Command::Run(args) => {
            on_ctrl_c(ask);
            Errand::new(common, &args.day, now, stop)?.run(args).await
        }
        Command::Gather(args) => {
            on_ctrl_c(ask);
            Errand::new(common, &args.day, now, stop)?.gather(args)
        }
        Command::Choose(args) => Errand::new(common, args, now, stop)?.choose(),
        Command::Send(args) => {
            on_ctrl_c(ask);
            Errand::new(common, &day::of_edition(args), now, stop)?
                .send(args)
                .await
        }
        Command::SendTest(args) => {
            Errand::new(common, &day::today(), now, stop)?
                .send_test(args)
                .await
        }
        Command::Preview(args) => {
            on_ctrl_c(ask);
            let errand = Errand::new(common, &args.day, now, stop)?;
            preview(&errand, args, clock).await
        }
        Command::Extract(args) => extract(common, args),
        Command::Explain(args) => explain(common, args, now),
        Command::Rules(command) => rules::obey(common, command),
        Command::Subscribers(command) => subscribers::obey(common, command, now),
        Command::Sources(SourcesCommand::Check { file }) => {
            sources::check(common, file.as_deref()).await
        }
        Command::Mail(command) => mail::obey(common, command),
        Command::Templates(command) => templates::obey(common, command),
        Command::Deliveries(args) => deliveries::obey(common, args),
        Command::Replay(args) => replay(common, args),
        Command::Whatif(args) => what_if(common, args),
        Command::Verify(args) => verify(common, args),
        Command::History(command) => history::obey(common, command, now),
        Command::State(command) => state::obey(common, command, now),
        Command::Serve(args) => {
            on_ctrl_c(ask);
            serve(common, args.listen, clock, stop).await
        }
        Command::Demo(args) => {
            on_ctrl_c(ask);
            demo::obey(common, &args.out, now, stop).await
        }
    }
}

/// `serve`
async fn serve(
    common: &Common,
    listen: SocketAddr,
    now: fn() -> Timestamp,
    stop: Stop,
) -> anyhow::Result<Exit> {
    let settings = common.settings()?;
    let Some(site) = settings.site else {
        return Err(WrongSettings(
            "nothing to serve: set [site] base_url, and one_click = true".to_owned(),
        )
        .into());
    };
    let listener = tokio::net::TcpListener::bind(listen)
        .await
        .with_context(|| format!("{listen} cannot be listened on"))?;
    if !common.quiet {
        let address = listener.local_addr()?;
        say(&format!(
            "Serving the way to leave on http://{address}; Ctrl-C ends it."
        ));
    }
    let site = Site {
        title: settings.digest.title,
        base_url: site.base_url,
        store: settings.store_path,
        now,
    };
    crate::serve::serve(listener, site, async move { stop.asked().await }).await?;
    Ok(Exit::Done)
}

impl Common {
    /// The settings, every problem told at once.
    pub fn settings(&self) -> anyhow::Result<Settings> {
        let file = &self.sources;
        let text = std::fs::read_to_string(file).map_err(|error| {
            let name = file.display();
            WrongSettings(match error.kind() {
                ErrorKind::NotFound => format!(
                    "{name}: there is no such file; name yours with --sources FILE, or try `takefive demo`, which needs none"
                ),
                ErrorKind::InvalidData => format!("{name}: this is not a text in UTF-8; save it as one"),
                _ => format!("{name}: cannot be read: {error}"),
            })
        })?;
        let environment = |name: &str| std::env::var(name).ok();
        let mut settings = Settings::parse(&text, self.folder(), &environment)
            .map_err(|problems| WrongSettings::of(&problems, file))?;
        if let Some(store) = &self.store {
            settings.store_path.clone_from(store);
        }
        Ok(settings)
    }

    /// Where the state is. Whoever names it needs no list of sources without mistakes.
    pub fn store_path(&self) -> anyhow::Result<PathBuf> {
        match &self.store {
            Some(path) => Ok(path.clone()),
            None => Ok(self.settings()?.store_path),
        }
    }

    /// The settings where there is a file of them.
    pub fn settings_if_any(&self) -> anyhow::Result<Option<Settings>> {
        if self.sources.exists() {
            self.settings().map(Some)
        } else {
            Ok(None)
        }
    }

    /// The rules in force: those of `[rules] file` and the built-in ones.
    pub fn rules(&self, settings: &Settings) -> anyhow::Result<Arc<Rules>> {
        match &settings.rules_file {
            Some(file) => rules::read(file),
            None => Ok(Arc::clone(Rules::built_in())),
        }
    }

    /// The rules for a document of one's own: those of `file`, or else those that the settings name, if any.
    pub fn rules_for_document(&self, file: Option<&Path>) -> anyhow::Result<Arc<Rules>> {
        if let Some(file) = file {
            return rules::read(file);
        }
        let named = match std::fs::read_to_string(&self.sources) {
            Ok(text) => rules_file(&text, self.folder())
                .map_err(|problems| WrongSettings::of(&problems, &self.sources))?,
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            // the whole reading says what is the matter with it
            Err(_) => self.settings()?.rules_file,
        };
        match named {
            Some(file) => rules::read(&file),
            None => Ok(Arc::clone(Rules::built_in())),
        }
    }

    /// Where relative paths of the settings start.
    pub fn folder(&self) -> &Path {
        self.sources.parent().unwrap_or(Path::new(""))
    }

    /// Leaves out all sources but those named; an unknown name is a mistake.
    pub fn keep_only(&self, settings: &mut Settings, only: &[String]) -> anyhow::Result<()> {
        for name in only {
            if !settings.sources.iter().any(|source| source.name == *name) {
                let names: Vec<&str> = settings
                    .sources
                    .iter()
                    .map(|source| source.name.as_str())
                    .collect();
                let problem = format!(
                    "--only \"{name}\": no source has this name; there are: {}",
                    names.join(", ")
                );
                return Err(WrongSettings(problem).into());
            }
        }
        if !only.is_empty() {
            settings
                .sources
                .retain(|source| only.contains(&source.name));
        }
        Ok(())
    }
}

/// Something that a person wrote is wrong; nothing was touched.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongSettings(pub String);

impl WrongSettings {
    /// All that is wrong with a file.
    pub(super) fn of(problems: &Problems, file: &Path) -> Self {
        let told = problems.named(&file.display().to_string()).to_string();
        Self(match told.lines().count() {
            1 => told,
            many => format!("{many} things to mend; nothing was touched\n{told}"),
        })
    }
}

fn exit_of(error: &anyhow::Error) -> Exit {
    // the doors are opened before anything is touched: what the settings name is not there, or no good
    let of_the_door = matches!(
        error.downcast_ref(),
        Some(MailerError::TrustFile { .. } | MailerError::Program { .. })
    );
    let of_the_transcriber = matches!(error.downcast_ref(), Some(TranscriberError::Program { .. }));
    if error.is::<WrongSettings>() || of_the_door || of_the_transcriber {
        Exit::Settings
    } else if matches!(error.downcast_ref(), Some(StoreError::Locked { .. })) {
        Exit::Locked
    } else {
        Exit::Unexpected
    }
}

/// The first Ctrl-C (or SIGTERM) asks for an end at the next safe place, the second ends at once.
fn on_ctrl_c(ask: watch::Sender<bool>) {
    tokio::spawn(async move {
        if asked_to_end().await.is_err() {
            return;
        }
        say("\nStopping at the next safe place; once more to stop at once.");
        let _ = ask.send(true); // a run that has ended already needs no asking
        if asked_to_end().await.is_ok() {
            std::process::exit(i32::from(Exit::Interrupted.code()));
        }
    });
}

async fn asked_to_end() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminated =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = terminated.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Only our own events: the libraries below us would write readers' tokens and addresses into the log.
fn write_log(format: Option<LogFormat>) {
    let Some(format) = format else { return };
    let how_much = EnvFilter::try_from_env("TAKEFIVE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("takefive=debug"));
    let ours = filter_fn(|event| event.target().split("::").next() == Some("takefive"));
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let log = match format {
        LogFormat::Text => log.with_ansi(std::io::stderr().is_terminal()).boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    tracing_subscriber::registry()
        .with(log.with_filter(ours))
        .with(how_much)
        .init();
}
