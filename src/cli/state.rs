//! `state`: the store, encrypted, for a place that others may read.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::cli::Common;
use crate::cli::StateCommand;
use crate::cli::entrance::WrongSettings;
use crate::cli::output::print;
use crate::model::Secret;
use crate::outside::store::state;
use crate::outside::store::state::Moment;
use crate::outside::store::state::StateError;
use crate::pipeline::Day;
use crate::pipeline::oldest_delivered;
use crate::report::Exit;

/// The variable that holds the key.
const KEY: &str = "TAKEFIVE_STATE_KEY";

/// Makes a key, packs the state, or unpacks it.
pub(super) fn obey(
    common: &Common,
    command: &StateCommand,
    now: Timestamp,
) -> anyhow::Result<Exit> {
    match command {
        StateCommand::Key => {
            let (secret, public) = state::new_key();
            anstream::eprintln!(
                "Keep this line as the secret {KEY}; what is packed with it cannot be read without it."
            );
            anstream::eprintln!("Its public half is {public}.");
            print(secret.reveal())?;
        }
        StateCommand::Pack {
            file,
            before_send,
            edition,
        } => {
            let moment = if *before_send {
                about_to_send(common, *edition, now)?
            } else {
                Moment::AtRest
            };
            state::pack(&store_path(common)?, file, &key()?, moment).map_err(told)?;
            tell(common, &format!("Packed into {}.", file.display()))?;
        }
        StateCommand::Unpack { file } => {
            let store = store_path(common)?;
            state::unpack(file, &store, &key()?).map_err(told)?;
            tell(common, &format!("Unpacked into {}.", store.display()))?;
        }
    }
    Ok(Exit::Done)
}

fn about_to_send(common: &Common, edition: Option<Date>, now: Timestamp) -> anyhow::Result<Moment> {
    let digest = common.settings()?.digest;
    let date = Day::new(edition, now, &digest.time_zone, digest.look_back)?.date;
    Ok(Moment::AboutToSend {
        oldest: oldest_delivered(date),
        date,
    })
}

/// What a person must set right ends with 2, as wrong settings do; a damaged file or a full disk does not.
fn told(error: StateError) -> anyhow::Error {
    match error {
        StateError::NoKey
        | StateError::NotAKey
        | StateError::WrongKey { .. }
        | StateError::NoPackedFile { .. }
        | StateError::NoStore { .. }
        | StateError::StoreExists { .. } => WrongSettings(error.to_string()).into(),
        // as itself, so that a locked store keeps its own code
        StateError::Store(error) => error.into(),
        StateError::NotPacked { .. } | StateError::File { .. } => error.into(),
    }
}

fn key() -> Result<Secret, WrongSettings> {
    let key = std::env::var(KEY).ok().filter(|key| !key.trim().is_empty());
    key.map(|key| Secret::new(key.trim())).ok_or_else(|| {
        WrongSettings(format!("{KEY} is not set: make a key with `takefive state key` and hand it over in this variable"))
    })
}

fn store_path(common: &Common) -> anyhow::Result<std::path::PathBuf> {
    match &common.store {
        Some(path) => Ok(path.clone()),
        None => Ok(common.settings()?.store_path),
    }
}

fn tell(common: &Common, text: &str) -> anyhow::Result<()> {
    if !common.quiet {
        print(text)?;
    }
    Ok(())
}
