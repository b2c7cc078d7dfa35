//! `run` and its three steps, and what `preview` shows.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::cli::Common;
use crate::cli::DayArgs;
use crate::cli::GatherArgs;
use crate::cli::RunArgs;
use crate::cli::SendArgs;
use crate::cli::SendTestArgs;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::output::say;
use crate::cli::progress::Bar;
use crate::cli::progress::Wanted;
use crate::cli::send_test;
use crate::cli::signer::signer;
use crate::cli::tell;
use crate::cli::templates;
use crate::model::Digest;
use crate::outside::mailer::Mailer;
use crate::outside::mailer::TimeLimits;
use crate::outside::mailer::edition_folder;
use crate::outside::store::RunLock;
use crate::outside::store::Store;
use crate::outside::transcriber::Transcriber;
use crate::outside::web::Web;
use crate::pipeline;
use crate::pipeline::Day;
use crate::pipeline::Depth;
use crate::pipeline::Doors;
use crate::pipeline::Job;
use crate::pipeline::Progress;
use crate::pipeline::Stop;
use crate::report::Exit;
use crate::report::Report;
use crate::report::Strictness;
use crate::settings::Settings;
use crate::settings::Transport;
use crate::stages::compose_email::Templates;
use crate::stages::find_insights::Rules;

/// How long a second run waits for the first to end.
pub(super) const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// What a person asked the program to do on a day.
pub(super) struct Errand<'a> {
    pub(super) common: &'a Common,
    pub(super) settings: Settings,
    rules: Arc<Rules>,
    pub(super) templates: Templates,
    day: Day,
    pub(super) stop: Stop,
    pub(super) bar: Bar,
    show: Box<dyn Fn(Progress<'_>) + Sync>,
}

impl<'a> Errand<'a> {
    /// The settings, without the sources that `--only` leaves out, the rules and templates in force, and the day. What is
    /// wrong with them is told here, before anything is fetched.
    pub(super) fn new(
        common: &'a Common,
        day: &DayArgs,
        now: Timestamp,
        stop: Stop,
    ) -> anyhow::Result<Self> {
        let mut settings = common.settings()?;
        common.keep_only(&mut settings, &day.only)?;
        let rules = common.rules(&settings)?;
        let templates = templates::read(settings.mail.templates.as_deref())?;
        let day = Day::new(
            day.date,
            now,
            &settings.digest.time_zone,
            settings.digest.look_back,
        )
        .map_err(|_| {
            WrongSettings("--date lies at the end of the calendar; name another day".to_owned())
        })?;
        let bar = Bar::new(if common.quiet || common.json {
            Wanted::No
        } else {
            Wanted::Yes
        });
        let shown = bar.clone();
        Ok(Self {
            common,
            settings,
            rules,
            templates,
            day,
            stop,
            bar,
            show: Box::new(move |progress| shown.show(progress)),
        })
    }

    /// `run`
    pub(super) async fn run(self, args: &RunArgs) -> anyhow::Result<Exit> {
        let report = if args.dry_run {
            let store = Store::throw_away(&self.settings.store_path)?;
            self.rehearse(&mut self.doors(store)?)?
        } else {
            let _lock = self.lock()?;
            let mut doors = self.reading_doors()?;
            self.bar.begin(self.settings.sources.len());
            pipeline::run(&self.job(), &mut doors).await?
        };
        self.tell(report, strictness(args.strict))
    }

    /// `gather`
    pub(super) fn gather(self, args: &GatherArgs) -> anyhow::Result<Exit> {
        let _lock = self.lock()?;
        let mut doors = self.reading_doors()?;
        let mut report = Report::of(self.day.date);
        let depth = if args.feeds_only {
            Depth::Feeds
        } else {
            Depth::Texts
        };
        self.bar.begin(self.settings.sources.len());
        let timings = pipeline::gather(&self.job(), depth, &mut doors, &mut report)?;
        report.timings = args.timings.then_some(timings);
        self.tell(report, strictness(args.strict))
    }

    /// `choose`
    pub(super) fn choose(self) -> anyhow::Result<Exit> {
        let _lock = self.lock()?;
        let mut store = Store::open(&self.settings.store_path)?;
        let mut report = Report::of(self.day.date);
        pipeline::choose(&self.job(), &self.templates, &mut store, &mut report)?;
        self.tell(report, Strictness::AnySource)
    }

    /// `send`
    pub(super) async fn send(self, args: &SendArgs) -> anyhow::Result<Exit> {
        let _lock = self.lock()?;
        let mut doors = self.doors(Store::open(&self.settings.store_path)?)?;
        let mut report = Report::of(self.day.date);
        if let Some(digest) = doors.store.edition(self.day.date)? {
            report.edition = Some(digest.edition);
            report.chosen_before = true;
        } else {
            report.reason = Some(format!(
                "no edition of {} has been chosen; `takefive choose` does that",
                self.day.date
            ));
        }
        let job = self.job();
        if args.edition.is_some() {
            pipeline::deliver_only(&job, &mut doors, &mut report).await?;
        } else {
            pipeline::deliver(&job, &mut doors, &mut report).await?;
        }
        self.tell(report, Strictness::AnySource)
    }

    /// `send-test`
    pub(super) async fn send_test(self, args: &SendTestArgs) -> anyhow::Result<Exit> {
        let doors = self.doors(Store::throw_away(&self.settings.store_path)?)?;
        send_test::send_test(self.common, args, &self.job(), &doors).await
    }

    /// What a run would send, with nothing marked. An edition that is saved is taken as it is: the feeds have no say in it
    /// any more, so none is asked.
    pub(super) fn rehearsal(&self) -> anyhow::Result<(Report, Option<Digest>)> {
        let store = Store::throw_away(&self.settings.store_path)?;
        if let Some(saved) = store.edition(self.day.date)? {
            let mut report = Report::of(self.day.date);
            report.dry_run = true;
            report.chosen_before = true;
            report.edition = Some(saved.edition);
            report.insights = saved.insights().to_vec();
            return Ok((report, Some(saved)));
        }
        let mut doors = self.doors(store)?;
        let report = self.rehearse(&mut doors)?;
        let digest = doors.store.edition(self.day.date)?;
        Ok((report, digest))
    }

    /// The same way as a run, on a store that is thrown away, up to the first mail.
    fn rehearse(&self, doors: &mut Doors) -> anyhow::Result<Report> {
        // what it hears would be forgotten, but a program that is not there is told all the same
        self.transcriber()?;
        let mut report = Report::of(self.day.date);
        report.dry_run = true;
        let job = self.job();
        self.bar.begin(self.settings.sources.len());
        pipeline::gather(&job, Depth::Texts, doors, &mut report)?;
        pipeline::choose(&job, &doors.templates, &mut doors.store, &mut report)?;
        Ok(report)
    }

    /// Where the edition lies when mail goes into a folder.
    fn outbox_of(&self, report: &Report) -> Option<PathBuf> {
        let Transport::Outbox(outbox) = &self.settings.mail.transport else {
            return None;
        };
        let edition = report.edition.filter(|_| !report.dry_run);
        edition.map(|_| edition_folder(outbox, report.date))
    }

    fn job(&self) -> Job<'_> {
        Job {
            day: self.day.clone(),
            settings: &self.settings,
            rules: Arc::clone(&self.rules),
            progress: &*self.show,
            stop: self.stop.clone(),
        }
    }

    fn lock(&self) -> anyhow::Result<RunLock> {
        Ok(RunLock::take(&self.settings.store_path, LOCK_PATIENCE)?)
    }

    /// The doors of a run that holds the lock: what is heard in it is kept.
    fn reading_doors(&self) -> anyhow::Result<Doors> {
        let transcriber = self.transcriber()?;
        if let Some(transcriber) = &transcriber {
            transcriber.clear();
        }
        let store = Store::open(&self.settings.store_path)?;
        Ok(Doors {
            transcriber,
            ..self.doors(store)?
        })
    }

    /// What turns speech into text, where the settings name it.
    fn transcriber(&self) -> anyhow::Result<Option<Transcriber>> {
        let transcribe = self.settings.transcribe.as_ref();
        let open = |transcribe| Transcriber::open(transcribe, &self.settings.store_path);
        Ok(transcribe.map(open).transpose()?)
    }

    fn doors(&self, store: Store) -> anyhow::Result<Doors> {
        let mail = &self.settings.mail;
        Ok(Doors {
            web: Web::new(&self.settings.fetch)?,
            store,
            mailer: Arc::new(Mailer::open(
                &mail.transport,
                mail.from.address.domain(),
                TimeLimits {
                    final_dot: mail.sending.final_dot_timeout,
                    ..TimeLimits::STANDARD
                },
            )?),
            templates: self.templates.clone(),
            signer: signer(mail)?.map(Arc::new),
            transcriber: None,
        })
    }

    pub(super) fn tell(&self, mut report: Report, strictness: Strictness) -> anyhow::Result<Exit> {
        self.bar.clear();
        report.written_to = self.outbox_of(&report).filter(|folder| folder.exists());
        let exit = report.exit(strictness);
        if self.common.json {
            print_json(&report)?;
        } else if !self.common.quiet {
            print(&tell::report(&report, &self.settings.digest.title))?;
        } else if exit != Exit::Done {
            say(&tell::complaint(&report));
        }
        Ok(exit)
    }
}

/// The day of `send --edition`.
pub(super) fn of_edition(args: &SendArgs) -> DayArgs {
    DayArgs {
        date: args.edition,
        only: Vec::new(),
    }
}

/// The day of what has no day of its own.
pub(super) fn today() -> DayArgs {
    DayArgs {
        date: None,
        only: Vec::new(),
    }
}

fn strictness(strict: bool) -> Strictness {
    if strict {
        Strictness::EverySource
    } else {
        Strictness::AnySource
    }
}
