//! The entrance: the clock on the wall goes in here, and nowhere else.

use std::process::ExitCode;

fn main() -> ExitCode {
    takefive::cli::entrance::enter(jiff::Timestamp::now)
        .code()
        .into()
}
