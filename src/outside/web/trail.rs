//! From the address asked for over its redirects: where each step may lead, and what may go along.

use std::fmt;

use url::Url;

use crate::model::Credentials;
use crate::outside::web::error::WebError;
use crate::outside::web::error::shown;

/// The way of one request. Each address on it is `http` or `https` with a host, and free of user information and
/// fragment; whether the host may be asked is the guard's question.
pub struct Trail<'a> {
    url: Url,
    behind: Vec<Url>,
    redirects_max: usize,
    /// Until a redirect leads to another scheme, host or port. They do not come back when a later one leads home: what
    /// to ask for there was then said by a stranger.
    credentials: Option<&'a Credentials>,
    private: bool,
}

impl<'a> Trail<'a> {
    /// The way that starts at `url`.
    pub fn start(
        url: &Url,
        credentials: Option<&'a Credentials>,
        redirects_max: usize,
    ) -> Result<Self, WebError> {
        Ok(Self {
            url: fit_to_ask(url.clone())?,
            behind: Vec::new(),
            redirects_max,
            credentials,
            private: credentials.is_some(),
        })
    }

    /// Takes the next step, to `location` as the server wrote it: absolute, or relative to where we are.
    pub fn follow(&mut self, location: &str) -> Result<(), WebError> {
        let next = self.url.join(location).ok();
        let next =
            next.and_then(|next| fit_to_ask(next).ok())
                .ok_or_else(|| WebError::BadRedirect {
                    url: shown(&self.url),
                })?;
        if self.behind.len() >= self.redirects_max {
            return Err(WebError::TooManyRedirects {
                url: shown(self.first()),
                redirects_max: self.redirects_max,
            });
        }
        // we keep no cookies, so an address seen before answers as before
        if next == self.url || self.behind.contains(&next) {
            return Err(WebError::RedirectLoop {
                url: shown(self.first()),
            });
        }
        if self.private && self.url.scheme() == "https" && next.scheme() == "http" {
            return Err(WebError::Downgrade {
                url: shown(self.first()),
            });
        }
        if self.url.origin() != next.origin() {
            self.credentials = None;
        }
        self.behind.push(std::mem::replace(&mut self.url, next));
        Ok(())
    }

    /// Where we are.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// What may be sent there.
    pub fn credentials(&self) -> Option<&'a Credentials> {
        self.credentials
    }

    /// Tells of an error where the way to it began.
    pub(super) fn tell(&self, error: WebError) -> WebError {
        match self.behind.first() {
            Some(first) => error.over_from(first),
            None => error,
        }
    }

    fn first(&self) -> &Url {
        self.behind.first().unwrap_or(&self.url)
    }
}

impl fmt::Debug for Trail<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // a query may hold a token
        f.debug_struct("Trail")
            .field("url", &shown(&self.url))
            .field("redirects", &self.behind.len())
            .finish_non_exhaustive()
    }
}

/// The address as it is asked for: user information in it would be sent as credentials, to whomever it names.
fn fit_to_ask(mut url: Url) -> Result<Url, WebError> {
    let refused = !matches!(url.scheme(), "http" | "https")
        || !url.has_host()
        || url.set_username("").is_err()
        || url.set_password(None).is_err();
    if refused {
        return Err(WebError::Scheme { url: shown(&url) });
    }
    url.set_fragment(None);
    Ok(url)
}
