//! Standard output, to which a reader may have stopped listening.

use std::io;
use std::io::Write as _;

/// Writes a text and a line end. A pipe whose reader has gone (`| head`) is no error: there is nobody left to tell.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    match writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}
