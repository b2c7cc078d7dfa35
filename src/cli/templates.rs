//! An operator's own templates: the folder read, every mistake with its file, and the built-in ones written out to begin with.

use std::collections::BTreeMap;
use std::fs::File;
use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::io::Read as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

use crate::cli::Common;
use crate::cli::TemplatesCommand;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::report::Exit;
use crate::stages::compose_email::Templates;

const FILES_MAX: usize = 100; // a mail is made of three, and of a few that they include
const FILE_BYTES_MAX: usize = 1 << 20; // mail programs show a tenth of this

/// Does what a `templates` command says.
pub(super) fn obey(common: &Common, command: &TemplatesCommand) -> anyhow::Result<Exit> {
    match command {
        TemplatesCommand::Export { folder } => export(common, folder),
    }
}

/// The built-in templates, with those of the operator's folder in their place.
pub(super) fn read(folder: Option<&Path>) -> Result<Templates, WrongSettings> {
    let Some(folder) = folder else {
        return compiled(Path::new(""), &BTreeMap::new());
    };
    compiled(folder, &files(folder)?)
}

/// Name and bytes of the files in `folder`, without those that editors and systems put beside the ones that a person sees.
pub(super) fn files(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>, WrongSettings> {
    let unreadable = |error: std::io::Error| {
        let name = folder.display();
        WrongSettings(match error.kind() {
            ErrorKind::NotFound => format!(
                "[mail] templates: there is no folder {name}; `takefive templates export {name}` makes it"
            ),
            _ => format!("[mail] templates: {name}: cannot be read: {error}"),
        })
    };
    let mut files = BTreeMap::new();
    for file in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = file.map_err(unreadable)?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            continue;
        };
        let is_beside = name.starts_with(['.', '#']) || name.ends_with('~');
        if is_beside || !path.is_file() {
            continue;
        }
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| {
            // a byte too many is enough to know that it is too long
            let bytes_max = FILE_BYTES_MAX as u64 + 1;
            file.take(bytes_max).read_to_end(&mut bytes)
        });
        let told = path.display();
        read.map_err(|error| WrongSettings(format!("{told}: cannot be read: {error}")))?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(WrongSettings(format!(
                "{told}: over {FILE_BYTES_MAX} bytes, too large for a template; keep it in another folder"
            )));
        }
        if files.len() == FILES_MAX {
            return Err(WrongSettings(format!(
                "[mail] templates: {} holds more than {FILES_MAX} files; name a folder with templates alone",
                folder.display()
            )));
        }
        files.insert(name.to_owned(), bytes);
    }
    Ok(files)
}

fn compiled(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> Result<Templates, WrongSettings> {
    Templates::new(files).map_err(|error| {
        let file = folder.join(&error.file);
        let is_built_in = Templates::built_in()
            .iter()
            .any(|(name, _)| *name == error.file);
        let advice = if is_built_in {
            "; correct it, or take the file away for the built-in one"
        } else {
            ""
        };
        WrongSettings(format!(
            "{}:{}: {}{advice}",
            file.display(),
            error.line,
            error.problem
        ))
    })
}

/// Writes those of the built-in templates that `folder` does not have.
fn export(common: &Common, folder: &Path) -> anyhow::Result<Exit> {
    let unwritable = |path: &Path| format!("{} cannot be written", path.display());
    std::fs::create_dir_all(folder).with_context(|| unwritable(folder))?;
    let mut told = Vec::new();
    for (name, text) in Templates::built_in() {
        let path = folder.join(name);
        let written = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()));
        match written {
            Ok(()) => told.push(format!("{}: written", path.display())),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                told.push(format!("{}: there already, left as it is", path.display()));
            }
            Err(error) => return Err(error).with_context(|| unwritable(&path)),
        }
    }
    if !common.quiet {
        // relative paths in the settings start where the settings stand
        let is_beside = common.sources.parent() == Some(Path::new(""));
        let folder = if is_beside {
            folder.to_owned()
        } else {
            std::path::absolute(folder)?
        };
        print(&format!(
            "{}\n\nNow set [mail] templates = \"{}\" in {}, take away what you do not change,\n\
             and see what you do with `takefive preview --watch`.",
            told.join("\n"),
            folder.display(),
            common.sources.display(),
        ))?;
    }
    Ok(Exit::Done)
}
