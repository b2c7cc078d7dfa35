//! A body as it comes, packed as gzip (RFC 1952) or not: neither a lying length nor a bomb takes more memory than it may.
//!
//! The client under us could unpack gzip, too, but does it four kilobytes at a time, and takes twice as long for it.

use flate2::Decompress;
use flate2::FlushDecompress;
use flate2::Status;

/// The window of deflate that every packer stays within: 32 KiB (RFC 1951 §2).
const WINDOW_BITS: u8 = 15;

/// What the memory for the unpacked bytes begins with, where nothing larger is expected.
const FIRST_BYTES: usize = 16 << 10;

/// Puts together what it is given, up to a number of bytes.
pub(super) struct Unpacker {
    /// Nothing where the pieces are the body itself.
    gzip: Option<Decompress>,
    bytes: Vec<u8>,
    bytes_max: usize,
    at: At,
}

/// How far the pieces have come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Nothing,
    TheMiddle,
    TheEnd,
}

/// Why no more is unpacked.
pub(super) enum Stopped {
    /// There is more than was wanted.
    TooLarge,
    /// It is not gzip, or damaged, or ends too early.
    Broken(String),
}

impl Unpacker {
    /// For a body that is not packed, or that the client has unpacked: takes `bytes_max` bytes at most; `likely` are expected.
    pub(super) fn plain(bytes_max: usize, likely: usize) -> Self {
        Self {
            gzip: None,
            bytes: Vec::with_capacity(likely.min(bytes_max)),
            bytes_max,
            at: At::Nothing,
        }
    }

    /// The same for one that is packed as gzip.
    pub(super) fn gzip(bytes_max: usize, likely: usize) -> Self {
        Self {
            gzip: Some(Decompress::new_gzip(WINDOW_BITS)),
            ..Self::plain(bytes_max, likely)
        }
    }

    /// Takes another piece. What follows the end of what is packed is passed over.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<(), Stopped> {
        let Some(gzip) = &mut self.gzip else {
            let room = self.bytes_max - self.bytes.len();
            self.bytes
                .extend_from_slice(&piece[..piece.len().min(room)]);
            return if piece.len() > room {
                Err(Stopped::TooLarge)
            } else {
                Ok(())
            };
        };
        let mut packed = piece;
        if packed.is_empty() || self.at == At::TheEnd {
            return Ok(());
        }
        self.at = At::TheMiddle;
        loop {
            if self.bytes.len() == self.bytes.capacity() {
                // one more than may come shows that there are too many
                let more = self.bytes.len().max(FIRST_BYTES);
                let room = self.bytes_max + 1 - self.bytes.len();
                self.bytes.reserve_exact(more.min(room));
            }
            let before = gzip.total_in();
            let status = gzip
                .decompress_vec(packed, &mut self.bytes, FlushDecompress::None)
                .map_err(|error| {
                    Stopped::Broken(error.message().unwrap_or("it is damaged").to_owned())
                })?;
            let taken = usize::try_from(gzip.total_in() - before).unwrap_or(packed.len());
            packed = &packed[taken..];
            if self.bytes.len() > self.bytes_max {
                self.bytes.truncate(self.bytes_max);
                return Err(Stopped::TooLarge);
            }
            if status == Status::StreamEnd {
                self.at = At::TheEnd;
                return Ok(());
            }
            if status == Status::BufError && taken == 0 && !packed.is_empty() {
                return Err(Stopped::Broken("it does not go on".to_owned()));
            }
            // where the memory was full, there may be more to come of what was taken
            if packed.is_empty() && self.bytes.len() < self.bytes.capacity() {
                return Ok(());
            }
        }
    }

    /// All of it, now that there is no more; nothing where there never was anything.
    pub(super) fn finish(&mut self) -> Result<Vec<u8>, Stopped> {
        if self.at == At::TheMiddle {
            return Err(Stopped::Broken("it ends too early".to_owned()));
        }
        Ok(self.so_far())
    }

    /// What has been unpacked until now.
    pub(super) fn so_far(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}
