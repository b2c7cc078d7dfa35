//! The body of an answer: how it is packed, how much room it needs, and its pieces put together.

use hyper::body::Bytes;
use reqwest::Response;
use reqwest::header;
use reqwest::header::HeaderMap;
use tokio::time::timeout;
use url::Url;

use crate::outside::web::Body;
use crate::outside::web::Purpose;
use crate::outside::web::Request;
use crate::outside::web::TimeLimit;
use crate::outside::web::Web;
use crate::outside::web::WebError;
use crate::outside::web::error::shown;
use crate::outside::web::unpacker::Stopped;
use crate::outside::web::unpacker::Unpacker;

/// What it takes to read a body, besides the body: its pieces, and what unpacks them.
const WORK_BYTES: usize = 128 << 10;

/// Most pieces in which an answer is taken: the largest that is read comes in some ten thousand, and one of a byte each would
/// keep a processor busy for as long as a request may last.
const PIECES_MAX: usize = 256 << 10;

/// Packings that are undone where they stand alone, under their names of today (RFC 9110 §8.4.1).
const PACKINGS: &[&str] = &[
    "gzip",
    "x-gzip",
    "deflate",
    "br",
    "zstd",
    "compress",
    "x-compress",
];

impl Web {
    /// The body, unpacked and counted as it comes, when there is room for it.
    pub(super) async fn read(
        &self,
        url: &Url,
        mut response: Response,
        request: &Request<'_>,
    ) -> Result<Body, WebError> {
        let bytes_max = request.bytes_max;
        let may_be_cut = request.purpose == Purpose::Robots;
        let refused = |stopped| match stopped {
            Stopped::TooLarge => WebError::TooLarge {
                url: shown(url),
                bytes_max,
            },
            Stopped::Broken(reason) => WebError::Decode {
                url: shown(url),
                reason,
            },
        };
        let likely = likely_bytes(&response);
        let mut unpacker = if is_gzip(response.headers()) {
            Unpacker::gzip(bytes_max, likely)
        } else if let Some(reason) = still_packed(response.headers()) {
            return Err(refused(Stopped::Broken(reason)));
        } else {
            // a promise that is too large need not be waited for
            let promised = response.content_length().unwrap_or(0);
            let fits = usize::try_from(promised).is_ok_and(|promised| promised <= bytes_max);
            if !fits && !may_be_cut {
                return Err(refused(Stopped::TooLarge));
            }
            Unpacker::plain(bytes_max, likely)
        };
        let place = self.room.place(likely + WORK_BYTES).await;
        for _ in 0..PIECES_MAX {
            let Some(piece) = self.piece(url, &mut response).await? else {
                return Ok(place.hold(unpacker.finish().map_err(refused)?));
            };
            match unpacker.push(&piece) {
                Ok(()) => {}
                Err(Stopped::TooLarge) if may_be_cut => return Ok(place.hold(unpacker.so_far())),
                Err(stopped) => return Err(refused(stopped)),
            }
        }
        Err(WebError::NotHttp {
            url: shown(url),
            reason: format!("more than {PIECES_MAX} pieces"),
        })
    }

    /// The next piece of a body; none at its end.
    pub(super) async fn piece(
        &self,
        url: &Url,
        response: &mut Response,
    ) -> Result<Option<Bytes>, WebError> {
        timeout(self.limits.stall, response.chunk())
            .await
            .map_err(|_| WebError::timeout(url, TimeLimit::Stall(self.limits.stall)))?
            .map_err(|error| WebError::from_body(url, &error))
    }
}

/// How many bytes a body will likely have when it is unpacked.
fn likely_bytes(response: &Response) -> usize {
    /// What a text of so many packed bytes comes to, as feeds are.
    const UNPACKED_TIMES: u64 = 4;
    /// A body that does not say its length.
    const UNTOLD_BYTES: u64 = 128 << 10;
    /// Promises beyond this are not believed before they are kept.
    const BYTES_MAX: u64 = 1 << 20;
    let times = if is_gzip(response.headers()) {
        UNPACKED_TIMES
    } else {
        1
    };
    let promised = response.content_length();
    let likely = promised.map_or(UNTOLD_BYTES, |promised| promised.saturating_mul(times));
    usize::try_from(likely.min(BYTES_MAX)).unwrap_or(0)
}

/// Whether an answer is packed as gzip, once.
fn is_gzip(headers: &HeaderMap) -> bool {
    let mut packings = headers.get_all(header::CONTENT_ENCODING).iter();
    let only = packings.next().filter(|_| packings.next().is_none());
    only.is_some_and(|packing| packing.as_bytes().eq_ignore_ascii_case(b"gzip"))
}

/// How an answer is packed that the client under us has left as it came: several times, or under a name of old.
pub(super) fn still_packed(headers: &HeaderMap) -> Option<String> {
    let names = headers.get_all(header::CONTENT_ENCODING);
    let names: Vec<&str> = names
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|name| {
            PACKINGS
                .iter()
                .any(|packing| packing.eq_ignore_ascii_case(name))
        })
        .take(PACKINGS.len())
        .collect();
    (!names.is_empty()).then(|| format!("it is packed as {}", names.join(", ")))
}
