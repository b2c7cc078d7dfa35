//! `preview`: the edition as readers would get it, in files, in a browser, and again whenever a template changes.

use std::fmt::Write as _;
use std::path::Path;

use jiff::Timestamp;

use crate::cli::PreviewArgs;
use crate::cli::day::Errand;
use crate::cli::output::print;
use crate::cli::output::print_json;
use crate::cli::output::say;
use crate::cli::tell;
use crate::model::Digest;
use crate::outside::mailer::MailerError;
use crate::outside::mailer::write_preview;
use crate::report::Exit;
use crate::report::Report;
use crate::report::Strictness;
use crate::settings::Settings;
use crate::stages::compose_email::Letterhead;
use crate::stages::compose_email::Preview;
use crate::stages::compose_email::Templates;
use crate::stages::compose_email::compose_preview;

mod opener;

mod watch;

use opener::open;
use watch::Look;
use watch::watch;

/// The page among the files of a preview.
const PAGE: &str = "digest.html";

/// Writes what readers would see of the day's edition, shows it, and stays with it, as far as that was asked for.
pub(super) async fn preview(
    errand: &Errand<'_>,
    args: &PreviewArgs,
    clock: fn() -> Timestamp,
) -> anyhow::Result<Exit> {
    let common = errand.common;
    // before the feeds are read, which may take a while: what changes meanwhile is a change
    let at_first = Look::at(common, errand.settings.mail.templates.as_deref());
    let (mut report, digest) = errand.rehearsal()?;
    let Some(digest) = digest else {
        return errand.tell(report, Strictness::AnySource);
    };
    let preview = set(&digest, &errand.settings, &errand.templates, &args.out)?;
    report.written_to = Some(args.out.clone());
    errand.bar.clear();
    if common.json {
        print_json(&report)?;
    } else if !common.quiet {
        print(&format!("Subject: {}\n\n{}", preview.subject, preview.text))?;
        say(&aside(&report, &args.out, preview.html.len()));
    }
    if args.open
        && let Err(why) = open(&args.out.join(PAGE)).await
    {
        say(&format!(
            "takefive: {why}; open {} in a browser yourself",
            args.out.join(PAGE).display()
        ));
    }
    if args.watch && !report.interrupted {
        watch(common, &digest, &args.out, at_first, clock, &errand.stop).await?;
    }
    Ok(report.exit(Strictness::AnySource))
}

/// Sets an edition and writes it into a folder.
fn set(
    digest: &Digest,
    settings: &Settings,
    templates: &Templates,
    folder: &Path,
) -> anyhow::Result<Preview> {
    let letterhead = Letterhead {
        mail: &settings.mail,
        site: settings.site.as_ref(),
    };
    let preview = compose_preview(digest, &letterhead, templates)?;
    write_preview(folder, &preview.html, &preview.text).map_err(|error| match error {
        MailerError::Outbox { path, problem } => anyhow::anyhow!(
            "{}: cannot be written ({problem}); name another folder with --out",
            path.display()
        ),
        error => error.into(),
    })?;
    Ok(preview)
}

/// What a preview says beside the text of the mail.
fn aside(report: &Report, folder: &Path, page_bytes: usize) -> String {
    let mut aside = format!(
        "\nWritten to {}: {PAGE} and digest.txt. Nothing was marked, nothing was sent.",
        folder.display()
    );
    if report.chosen_before {
        let _ = write!(
            aside,
            "\nThe edition of {} was chosen before, so no feed was asked.",
            report.date
        );
    }
    if let Some(warning) = too_large(page_bytes) {
        let _ = write!(aside, "\n{warning}");
    }
    let failed = report.failed_sources().count();
    if failed > 0 {
        let sources = tell::counted(failed, "source", "sources");
        let _ = write!(
            aside,
            "\n{sources} could not be read: `takefive sources check` says why."
        );
    }
    aside
}

/// What mail programs make of a page of this size, where that is bad.
fn too_large(page_bytes: usize) -> Option<String> {
    const CUT_FROM: usize = 102_000; // Gmail shows the rest behind a link, and with it the way to leave
    const MARGIN: usize = 12_000; // for what the wire form and a relay add
    (page_bytes > CUT_FROM - MARGIN).then(|| {
        format!(
            "The page has {} kB: Gmail cuts off what is beyond {} kB, the way to leave among it.",
            page_bytes.div_ceil(1_000),
            CUT_FROM / 1_000
        )
    })
}
