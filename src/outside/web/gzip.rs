//! An answer packed as gzip (RFC 1952), unpacked as it comes: neither a lying length nor a bomb takes more memory than it may.
//!
//! The client under us could do this, too, but does it four kilobytes at a time, and takes twice as long for it.

use std::io;
use std::io::Write;

use flate2::write::GzDecoder;

/// Unpacks what it is given, up to a number of bytes.
pub(super) struct Gzip {
    decoder: GzDecoder<Limited>,
    begun: bool,
}

/// Why no more is unpacked.
pub(super) enum Stopped {
    /// There is more than was wanted.
    TooLarge,
    /// It is not gzip, or damaged, or ends too early.
    Broken(io::Error),
}

impl Gzip {
    /// Takes `bytes_max` bytes at most; `likely` bytes are expected.
    pub(super) fn new(bytes_max: usize, likely: usize) -> Self {
        let limited = Limited {
            bytes: Vec::with_capacity(likely.min(bytes_max)),
            bytes_max,
            full: false,
        };
        Self {
            decoder: GzDecoder::new(limited),
            begun: false,
        }
    }

    /// Unpacks another piece. What follows the end is passed over.
    pub(super) fn push(&mut self, mut packed: &[u8]) -> Result<(), Stopped> {
        self.begun |= !packed.is_empty();
        while !packed.is_empty() {
            match self.decoder.write(packed) {
                Ok(0) => break,
                Ok(taken) => packed = &packed[taken..],
                Err(error) => return Err(self.stopped(error)),
            }
        }
        Ok(())
    }

    /// All of it, now that there is no more; nothing where there never was anything.
    pub(super) fn finish(&mut self) -> Result<Vec<u8>, Stopped> {
        if self.begun {
            let finished = self.decoder.try_finish();
            finished.map_err(|error| self.stopped(error))?;
        }
        Ok(self.so_far())
    }

    /// What has been unpacked until now.
    pub(super) fn so_far(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.decoder.get_mut().bytes)
    }

    fn stopped(&self, error: io::Error) -> Stopped {
        if self.decoder.get_ref().full {
            Stopped::TooLarge
        } else {
            Stopped::Broken(error)
        }
    }
}

/// Bytes that come together up to a limit.
struct Limited {
    bytes: Vec<u8>,
    bytes_max: usize,
    full: bool,
}

impl Write for Limited {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let room = self.bytes_max - self.bytes.len();
        self.bytes
            .extend_from_slice(&piece[..piece.len().min(room)]);
        self.full = piece.len() > room;
        if self.full {
            return Err(io::Error::other("full"));
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
