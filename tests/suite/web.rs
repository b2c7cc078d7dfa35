//! The door to the web, against a real server on the loopback.

use std::time::Duration;

use jiff::Timestamp;
use takefive::model::Credentials;
use takefive::model::Secret;
use takefive::model::Validators;
use takefive::outside::web::Answer;
use takefive::outside::web::Limits;
use takefive::outside::web::Page;
use takefive::outside::web::Purpose;
use takefive::outside::web::Request;
use takefive::outside::web::TimeLimit;
use takefive::outside::web::Trail;
use takefive::outside::web::Web;
use takefive::outside::web::WebError;
use takefive::settings::FetchSettings;
use takefive::settings::Network;
use url::Url;

mod answers;
mod credentials;
mod download;
mod freshness;
mod guard;
mod limits;
mod peace;
mod politeness;
mod redirects;
mod robots;
mod second_tries;
mod secrets;

const KIBIBYTE: usize = 1 << 10;
const SHORT: Duration = Duration::from_millis(150);
const LONG: Duration = Duration::from_secs(20);

fn open_web() -> Web {
    web_with(quick())
}

fn web_with(limits: Limits) -> Web {
    Web::with_limits(&settings(&["127.0.0.0/8"]), limits).expect("the door opens")
}

/// The limits of everyday, but for the pause before a second try.
fn quick() -> Limits {
    Limits {
        back_off: Duration::from_millis(1),
        gap: Duration::ZERO,
        ..Limits::default()
    }
}

fn settings(allowed: &[&str]) -> FetchSettings {
    FetchSettings {
        in_flight: 64,
        per_host: 2,
        gap: Duration::ZERO,
        budget: LONG,
        about: None,
        allow_networks: networks(allowed),
    }
}

fn networks(written: &[&str]) -> Vec<Network> {
    let network = |written: &&str| {
        let (address, prefix) = written.split_once('/').expect("a network has a prefix");
        Network {
            address: address.parse().expect("a network has an address"),
            prefix: prefix.parse().expect("a prefix is a number"),
        }
    };
    written.iter().map(network).collect()
}

fn asking(url: &Url) -> Request<'_> {
    Request {
        url,
        validators: None,
        credentials: None,
        bytes_max: 1 << 20,
        purpose: Purpose::Feed,
    }
}

fn knowing<'a>(url: &'a Url, validators: &'a Validators) -> Request<'a> {
    Request {
        validators: Some(validators),
        ..asking(url)
    }
}

fn private<'a>(url: &'a Url, credentials: &'a Credentials) -> Request<'a> {
    Request {
        credentials: Some(credentials),
        ..asking(url)
    }
}

async fn page_at(web: &Web, url: &Url) -> Page {
    match web.get(&asking(url)).await {
        Ok(Answer::Page(page)) => page,
        other => panic!("{url}: {other:?}"),
    }
}

async fn failure_at(web: &Web, url: &Url) -> WebError {
    match web.get(&asking(url)).await {
        Err(error) => error,
        Ok(answer) => panic!("{url}: {answer:?}"),
    }
}

fn status_of(error: &WebError) -> u16 {
    match error {
        WebError::Status { code, .. } => *code,
        other => panic!("{other:?}"),
    }
}

fn limit_of(error: &WebError) -> TimeLimit {
    match error {
        WebError::Timeout { limit, .. } => *limit,
        other => panic!("{other:?}"),
    }
}

fn trail<'a>(from: &str, credentials: Option<&'a Credentials>) -> Trail<'a> {
    Trail::start(&address(from), credentials, 8).expect("it is a web address")
}

fn address(text: &str) -> Url {
    text.parse().expect("a case is a URL")
}

fn timestamp(text: &str) -> Timestamp {
    text.parse().expect("a case is a timestamp")
}

fn validators(etag: &str, last_modified: &str) -> Validators {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Validators {
        etag: some(etag),
        last_modified: some(last_modified),
    }
}

fn bearer(token: &str) -> Credentials {
    Credentials::Bearer(Secret::new(token))
}

fn basic(user: &str, password: &str) -> Credentials {
    Credentials::Basic {
        user: user.to_owned(),
        password: Secret::new(password),
    }
}
