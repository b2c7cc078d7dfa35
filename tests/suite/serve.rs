//! Leaving takes one click, and looking changes nothing.

use std::net::SocketAddr;

use crate::shelter::Shelter;
use crate::shelter::edition_of;
use crate::shelter::joined;
use crate::shelter::noon;
use crate::shelter::today;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::Response;
use reqwest::StatusCode;
use sha2::Digest as _;
use sha2::Sha256;
use takefive::outside::store::SubscriberStatus;
use takefive::serve::BODY_BYTES_MAX;
use takefive::serve::Site;
use takefive::serve::serve;
use takefive::settings::OnUnknown;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use url::Url;

use crate::world::due;

const FORM: &str = "application/x-www-form-urlencoded";
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// A running server, and a store with one reader.
struct Office {
    shelter: Shelter,
    address: SocketAddr,
    token: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<anyhow::Result<()>>,
}

impl Office {
    async fn new(base_url: &str) -> Self {
        let shelter = Shelter::new();
        let mut store = shelter.open();
        joined(&mut store, "ann@example.org");
        edition_of(&mut store, today(), 1);
        store.enrol(today()).unwrap();
        let due = due(&store, today(), noon(), OnUnknown::Skip);
        let token = due[0].subscriber.leave_token.reveal().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let site = Site {
            title: "Five & <Friends>".to_owned(),
            base_url: Url::parse(base_url).unwrap(),
            store: shelter.path(),
            now: noon,
        };
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, site, async {
            let _ = stopped.await;
        }));
        Self {
            shelter,
            address,
            token,
            stop,
            server,
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        kind: &str,
        body: impl Into<reqwest::Body>,
    ) -> Response {
        reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap()
            .request(method, format!("http://{}{path}", self.address))
            .header("content-type", kind)
            .body(body)
            .send()
            .await
            .unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.ask(Method::GET, path, "text/plain", "").await
    }

    async fn post(&self, path: &str) -> Response {
        self.ask(Method::POST, path, FORM, ONE_CLICK).await
    }

    fn status(&self) -> SubscriberStatus {
        self.shelter.open().subscribers().unwrap()[0].status
    }
}

#[tokio::test]
async fn looking_at_the_page_changes_nothing() {
    let office = Office::new("https://digest.example.org/").await;
    let path = format!("/leave/{}", office.token);
    let answer = office.get(&path).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let page = answer.text().await.unwrap();
    assert!(page.contains("Leave Five &amp; &lt;Friends&gt;?"), "{page}");
    assert!(page.contains("<form method=\"post\">"), "{page}");
    office.ask(Method::HEAD, &path, "text/plain", "").await;
    assert_eq!(office.status(), SubscriberStatus::Active);
}

#[tokio::test]
async fn one_click_leaves_in_every_form_a_mail_program_sends() {
    let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
    for (kind, body) in [
        (FORM, ONE_CLICK),
        ("multipart/form-data; boundary=b", multipart),
        ("application/octet-stream", ""),
    ] {
        let office = Office::new("https://digest.example.org/").await;
        let path = format!("/leave/{}", office.token);
        for _ in ["once", "and once more"] {
            let answer = office.ask(Method::POST, &path, kind, body).await;
            assert_eq!(answer.status(), StatusCode::OK, "{kind}");
            assert!(answer.headers().get("set-cookie").is_none());
            let page = answer.text().await.unwrap();
            assert!(page.contains("You have left"), "{page}");
            assert_eq!(office.status(), SubscriberStatus::Left);
        }
    }
}

#[tokio::test]
async fn a_wrong_token_changes_nothing_and_tells_nothing() {
    let office = Office::new("https://digest.example.org/").await;
    let right = format!("/leave/{}", office.token);
    let wrong = [
        "/leave/AAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        "/leave/%00%ff".to_owned(),
        format!("/leave/{}", "x".repeat(5000)),
        format!("{right}x"),
    ];
    let told = async |answer: Response| {
        let mut headers = answer.headers().clone();
        headers.remove("date");
        (answer.status(), headers, answer.text().await.unwrap())
    };
    let mut seen = Vec::new();
    for path in &wrong {
        seen.push((
            told(office.get(path).await).await,
            told(office.post(path).await).await,
        ));
        assert_eq!(office.status(), SubscriberStatus::Active, "{path}");
    }
    let expected = (
        told(office.get(&right).await).await,
        told(office.post(&right).await).await,
    );
    assert_eq!(office.status(), SubscriberStatus::Left);
    for answers in seen {
        assert_eq!(answers, expected);
    }
}

#[tokio::test]
async fn the_page_may_stand_below_a_path_that_the_front_takes_off_or_leaves_on() {
    for path in ["/news/five/leave/", "/leave/"] {
        let office = Office::new("https://example.org/news/five/").await;
        let answer = office.post(&format!("{path}{}", office.token)).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(office.status(), SubscriberStatus::Left, "{path}");
    }
    let office = Office::new("https://example.org/news/five/").await;
    for path in ["/news/fiveleave/", "/other/leave/"] {
        let answer = office.post(&format!("{path}{}", office.token)).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(office.status(), SubscriberStatus::Active);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let office = Office::new("https://digest.example.org/").await;
    let path = format!("/leave/{}", office.token);
    let mut body = vec![b'x'; BODY_BYTES_MAX + 1];
    let answer = office.ask(Method::POST, &path, FORM, body.clone()).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(office.status(), SubscriberStatus::Active);
    body.pop();
    let answer = office.ask(Method::POST, &path, FORM, body).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(office.status(), SubscriberStatus::Left);
}

#[tokio::test]
async fn other_methods_and_paths_do_nothing() {
    let office = Office::new("https://digest.example.org/").await;
    let path = format!("/leave/{}", office.token);
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS] {
        let answer = office.ask(method, &path, FORM, ONE_CLICK).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
    for path in ["/", "/leave", "/leave/", "/leave/a/b"] {
        assert_eq!(office.get(path).await.status(), StatusCode::NOT_FOUND);
    }
    assert_eq!(office.status(), SubscriberStatus::Active);
}

#[tokio::test]
async fn every_answer_is_closed_to_scripts_frames_caches_and_referrers() {
    let office = Office::new("https://digest.example.org/").await;
    let path = format!("/leave/{}", office.token);
    for answer in [
        office.get(&path).await,
        office.post(&path).await,
        office.get("/elsewhere").await,
    ] {
        let headers = answer.headers().clone();
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(policy.contains("form-action 'self'"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        let page = answer.text().await.unwrap();
        if let Some((_, rest)) = page.split_once("<style>") {
            let (style, _) = rest.split_once("</style>").unwrap();
            let hash = STANDARD.encode(Sha256::digest(style.as_bytes()));
            assert!(policy.contains(&format!("'sha256-{hash}'")), "{policy}");
        }
    }
}

#[tokio::test]
async fn a_store_that_fails_is_told_and_tried_again() {
    let office = Office::new("https://digest.example.org/").await;
    let path = format!("/leave/{}", office.token);
    assert_eq!(office.get("/healthz").await.status(), StatusCode::OK);
    let raw = office.shelter.raw();
    raw.execute_batch(
        "ALTER TABLE subscriber RENAME TO elsewhere; ALTER TABLE edition RENAME TO away",
    )
    .unwrap();
    let answer = office.post(&path).await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().await.unwrap().contains("still on the list"));
    assert_eq!(
        office.get("/healthz").await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    raw.execute_batch(
        "ALTER TABLE elsewhere RENAME TO subscriber; ALTER TABLE away RENAME TO edition",
    )
    .unwrap();
    assert_eq!(office.post(&path).await.status(), StatusCode::OK);
    assert_eq!(office.status(), SubscriberStatus::Left);
}

#[tokio::test]
async fn the_server_ends_when_it_is_told_to() {
    let office = Office::new("https://digest.example.org/").await;
    office.get("/healthz").await;
    office.stop.send(()).unwrap();
    office.server.await.unwrap().unwrap();
}
