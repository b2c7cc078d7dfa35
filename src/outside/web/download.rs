//! A large file, streamed to disk past the same guard and within limits of its own: it is never held in memory whole.

use std::fmt;
use std::io;
use std::time::Duration;

use reqwest::Response;
use reqwest::header;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::time::timeout;
use url::Url;

use crate::model::Credentials;
use crate::outside::web::Purpose;
use crate::outside::web::Web;
use crate::outside::web::body::still_packed;
use crate::outside::web::error::TimeLimit;
use crate::outside::web::error::WebError;
use crate::outside::web::error::shown;
use crate::outside::web::has_page;
use crate::outside::web::location;
use crate::outside::web::peace::Then;
use crate::outside::web::retry_after::RetryAfter;
use crate::outside::web::trail::Trail;

/// Longest time for one file with its redirects: 300 MB at 250 kB a second.
const DOWNLOAD: Duration = Duration::from_mins(20);

/// A file to fetch: one that a feed lists for programs, so `robots.txt` is not asked.
pub struct Download<'a> {
    /// Where it stands; user information and fragment are not sent.
    pub url: &'a Url,
    /// What the host asks for before it serves. Sent to the scheme, host and port of `url`, and nowhere else.
    pub credentials: Option<&'a Credentials>,
    /// Most bytes once unpacked.
    pub bytes_max: u64,
    /// How long it may take; never longer than 20 minutes.
    pub time: Duration,
}

/// Why a file was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// It could not be had.
    #[error(transparent)]
    Web(#[from] WebError),
    /// It is larger than it may be.
    #[error("{url}: larger than {bytes_max} bytes")]
    TooLarge {
        /// The address without user information, query and fragment.
        url: String,
        /// The most that was wanted.
        bytes_max: u64,
    },
    /// It could not be kept.
    #[error("it cannot be written to disk: {0}")]
    File(#[from] io::Error),
}

impl Web {
    /// Writes what stands at an address into `file`, which is empty, and returns its bytes. There is no second try: the next
    /// run makes one. A host that is answering a download has one turn less for other requests meanwhile.
    pub async fn download(
        &self,
        wanted: &Download<'_>,
        file: &mut File,
    ) -> Result<u64, DownloadError> {
        let time = wanted.time.min(DOWNLOAD);
        timeout(time, self.follow_to_file(wanted, file))
            .await
            .unwrap_or_else(|_| Err(WebError::timeout(wanted.url, TimeLimit::Request(time)).into()))
    }

    async fn follow_to_file(
        &self,
        wanted: &Download<'_>,
        file: &mut File,
    ) -> Result<u64, DownloadError> {
        let mut trail = Trail::start(wanted.url, wanted.credentials, self.limits.redirects)?;
        loop {
            let url = trail.url();
            self.may_be_asked(url, Purpose::File).await?;
            let _turn = self.pace.turn(url).await;
            // whoever was served before us may have been sent away
            self.heed_peace(url, Purpose::File).await?;
            // sound is packed already
            let request = self.client.get(url.clone());
            let request = request.header(header::ACCEPT_ENCODING, "identity");
            let response = self.send(&trail, request).await?;
            let status = response.status();
            let host = url.host_str().unwrap_or_default();
            tracing::debug!(host, status = status.as_u16(), "asked for a file");
            if let Some(location) = location(&response) {
                trail.follow(&location)?;
            } else if let Some(reason) = still_packed(response.headers()) {
                let url = shown(url);
                return Err(WebError::Decode { url, reason }.into());
            } else if has_page(status) {
                return self
                    .read_to_file(url, response, wanted.bytes_max, file)
                    .await;
            } else {
                let failed = WebError::Status {
                    url: shown(url),
                    code: status.as_u16(),
                    retry_after: RetryAfter::read(response.headers()),
                };
                self.peace.note(url, &failed, Then::NoMore);
                return Err(failed.into());
            }
        }
    }

    /// The body, unpacked and counted as it comes.
    async fn read_to_file(
        &self,
        url: &Url,
        mut response: Response,
        bytes_max: u64,
        file: &mut File,
    ) -> Result<u64, DownloadError> {
        let too_large = || DownloadError::TooLarge {
            url: shown(url),
            bytes_max,
        };
        // a promise that is too large need not be waited for
        if response.content_length().unwrap_or(0) > bytes_max {
            return Err(too_large());
        }
        let mut bytes = 0;
        loop {
            let chunk = timeout(self.limits.stall, response.chunk())
                .await
                .map_err(|_| WebError::timeout(url, TimeLimit::Stall(self.limits.stall)))?
                .map_err(|error| WebError::from_body(url, &error))?;
            let Some(chunk) = chunk else { break };
            bytes += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if bytes > bytes_max {
                return Err(too_large());
            }
            file.write_all(&chunk).await?;
        }
        // what is buffered must be in the file before another program opens it
        file.flush().await?;
        Ok(bytes)
    }
}

impl fmt::Debug for Download<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // a query may hold a token
        f.debug_struct("Download")
            .field("url", &shown(self.url))
            .field("bytes_max", &self.bytes_max)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
