//! The small web server: the page on which a reader leaves, and the one-click way of mail programs (RFC 8058).
//!
//! It speaks plain HTTP and stands behind a server that does TLS. Nothing in it logs an address, a token or a visitor.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::middleware::map_request_with_state;
use axum::middleware::map_response_with_state;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use minijinja::AutoEscape;
use minijinja::Environment;
use minijinja::UndefinedBehavior;
use minijinja::context;
use sha2::Digest as _;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use url::Url;

use crate::outside::store::Store;
use crate::outside::store::StoreError;
use crate::subscriptions;

/// The page as it ships.
const LEAVE_PAGE: &str = include_str!("../templates/pages/leave.html");

/// Largest request that is read: the one that leaves has 26 bytes, as multipart a few hundred.
pub const BODY_BYTES_MAX: usize = 16 << 10;

/// How long a request may take to arrive: it fits into one packet.
const BODY_PATIENCE: Duration = Duration::from_secs(10);

/// How long open requests may take to end once the server is asked to: long for a request, short for whoever waits.
const ENDING_PATIENCE: Duration = Duration::from_secs(3);

/// What the server shows and where it remembers.
#[derive(Debug, Clone)]
pub struct Site {
    /// Name of the newsletter.
    pub title: String,
    /// `[site] base_url`; its path may stand before ours or have been taken off on the way.
    pub base_url: Url,
    /// Path of the store.
    pub store: PathBuf,
    /// The calendar clock.
    pub now: fn() -> Timestamp,
}

/// Serves until `shutdown` is done, then gives open requests a moment to end. `GET /leave/{token}` shows a page with a button and changes
/// nothing, since scanners follow links; `POST /leave/{token}` leaves at once, whatever its body says; a wrong token gets the
/// same answers. `GET /healthz` says whether the store can be read.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let path = site.store.clone();
    let store = spawn_blocking(move || Store::open(&path))
        .await
        .context("the store was not opened")??;
    let pages = Pages::render(&site.title).context("templates/pages/leave.html")?;
    let desk = Arc::new(Desk {
        store: Mutex::new(store),
        pages,
        prefix: site.base_url.path().trim_end_matches('/').to_owned(),
        now: site.now,
    });
    let (ending, ended) = oneshot::channel();
    let serving = axum::serve(listener, routes(desk)).with_graceful_shutdown(async {
        shutdown.await;
        let _ = ending.send(()); // nobody listens any more where the server has stopped by itself
    });
    // a visitor who stops in the middle of a request does not keep the server open
    let out_of_patience = async {
        let _ = ended.await;
        tokio::time::sleep(ENDING_PATIENCE).await;
    };
    tokio::select! {
        served = serving.into_future() => served.context("the server stopped"),
        () = out_of_patience => Ok(()),
    }
}

/// What every request needs.
struct Desk {
    store: Mutex<Store>,
    pages: Pages,
    prefix: String,
    now: fn() -> Timestamp,
}

/// The page in its three states, and the policy that goes with it.
struct Pages {
    ask: String,
    left: String,
    trouble: String,
    policy: HeaderValue,
}

impl Pages {
    fn render(title: &str) -> anyhow::Result<Self> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.add_template("leave.html", LEAVE_PAGE)?;
        let template = environment.get_template("leave.html")?;
        let page = |state: &str| template.render(context! { title, state });
        let ask = page("ask")?;
        let policy = HeaderValue::try_from(policy_of(&ask))?;
        Ok(Self {
            left: page("left")?,
            trouble: page("trouble")?,
            ask,
            policy,
        })
    }
}

fn routes(desk: Arc<Desk>) -> Router {
    let pages = Router::new()
        .route("/leave/{token}", get(ask).post(leave))
        .route("/healthz", get(health))
        .with_state(Arc::clone(&desk));
    // routes are looked up after the prefix is off: hence one router inside another
    Router::new()
        .fallback_service(pages)
        .layer(map_request_with_state(Arc::clone(&desk), without_prefix))
        .layer(map_response_with_state(desk, with_care))
}

async fn ask(State(desk): State<Arc<Desk>>) -> Html<String> {
    Html(desk.pages.ask.clone())
}

async fn leave(State(desk): State<Arc<Desk>>, uri: Uri, body: Body) -> Response {
    // the token alone decides; the body is read so that the connection stays in order
    match tokio::time::timeout(BODY_PATIENCE, to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(Ok(_)) => {}
        Ok(Err(_)) => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Err(_) => return StatusCode::REQUEST_TIMEOUT.into_response(),
    }
    // as it stands in the path: no token of ours needs to be decoded
    let token = uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    let at = (desk.now)();
    let left = with_store(&desk, move |store| {
        subscriptions::leave_by_token(store, &token, at)
    });
    match left.await {
        Ok(_) => Html(desk.pages.left.clone()).into_response(),
        Err(error) => {
            tracing::error!("a reader could not leave: {error:#}");
            let page = Html(desk.pages.trouble.clone());
            (StatusCode::SERVICE_UNAVAILABLE, page).into_response()
        }
    }
}

async fn health(State(desk): State<Arc<Desk>>) -> (StatusCode, &'static str) {
    match with_store(&desk, |store| store.next_edition_number()).await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::error!("the store cannot be read: {error:#}");
            (StatusCode::SERVICE_UNAVAILABLE, "store\n")
        }
    }
}

/// Runs a call of the store on a thread that may block.
async fn with_store<T: Send + 'static>(
    desk: &Arc<Desk>,
    call: impl FnOnce(&mut Store) -> Result<T, StoreError> + Send + 'static,
) -> anyhow::Result<T> {
    let desk = Arc::clone(desk);
    let answer = spawn_blocking(move || {
        // a call that panicked has rolled back: the store behind the lock is whole
        let mut store = desk.store.lock().unwrap_or_else(PoisonError::into_inner);
        call(&mut store)
    });
    Ok(answer.await??)
}

/// Takes the path of `base_url` off, where the server in front has not.
async fn without_prefix(State(desk): State<Arc<Desk>>, mut request: Request) -> Request {
    let rest = request.uri().path().strip_prefix(desk.prefix.as_str());
    if let Some(rest) = rest
        && rest.starts_with('/')
        && let Ok(uri) = rest.parse()
    {
        *request.uri_mut() = uri;
    }
    request
}

/// Nothing may be run, kept, framed or told to others.
async fn with_care(State(desk): State<Arc<Desk>>, mut response: Response) -> Response {
    let fields: [(HeaderName, HeaderValue); 5] = [
        (header::CONTENT_SECURITY_POLICY, desk.pages.policy.clone()),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            HeaderName::from_static("x-robots-tag"),
            HeaderValue::from_static("noindex, nofollow"),
        ),
    ];
    response.headers_mut().extend(fields);
    response
}

/// A policy (CSP 3) that allows the page's own style, by its hash, and its form; nothing else.
fn policy_of(page: &str) -> String {
    let style = page
        .split_once("<style>")
        .and_then(|(_, rest)| rest.split_once("</style>"))
        .map_or_else(String::new, |(style, _)| {
            let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
            format!(" style-src 'sha256-{hash}';")
        });
    format!(
        "default-src 'none';{style} form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
