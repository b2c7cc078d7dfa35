//! What errors, debug output and logs never show.

use std::cell::RefCell;
use std::future::Future;
use std::io::Write;
use std::sync::Once;

use takefive::outside::web::Limits;

use crate::web::SHORT;
use crate::web::address;
use crate::web::basic;
use crate::web::failure_at;
use crate::web::open_web;
use crate::web::private;
use crate::web::quick;
use crate::web::web_with;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

#[tokio::test]
async fn errors_debug_output_and_logs_show_no_query_fragment_or_user_information() {
    let server = HttpServer::start().await;
    server.on("/ok", Reply::ok("text/html", "the body itself"));
    server.on("/late", Reply::silent());
    server.on("/huge", Reply::endless());
    server.on("/reset", Reply::reset());
    server.on(
        "/packed",
        Reply::ok("text/html", "no").header("Content-Encoding", "gzip"),
    );
    server.on(
        "/away",
        Reply::redirect(302, "http://10.0.0.1/there?token=t0ken"),
    );
    server.on("/file", Reply::redirect(302, "file:///there?token=t0ken"));
    server.on("/odd", Reply::redirect(302, "http://[t0ken"));
    server.on("/circle", Reply::redirect(302, "/circle?token=t0ken"));
    server.on("/secure", {
        let url = format!("https://{}/?token=t0ken", server.url("/").authority());
        Reply::redirect(302, &url)
    });
    let web = web_with(Limits {
        first_byte: SHORT,
        ..quick()
    });
    let paths = [
        "/ok", "/late", "/huge", "/reset", "/packed", "/away", "/file", "/odd", "/circle",
        "/secure", "/missing",
    ];
    let ask_all = async || {
        let mut told = String::new();
        for path in paths {
            let mut url = server.url(&format!("{path}?token=t0ken#t0ken"));
            url.set_username("t0ken")
                .expect("http has user information");
            url.set_password(Some("t0ken"))
                .expect("http has user information");
            let credentials = basic("ann", "t0ken");
            let request = private(&url, &credentials);
            let answer = web.get(&request).await;
            let debug = format!("{request:?} {answer:?} {web:?}");
            let text = answer.map_or_else(|error| error.to_string(), |_| String::new());
            told.extend([debug, text]);
        }
        told
    };
    let (log, mut told) = logged(ask_all()).await;

    assert!(
        told.contains("/missing: answered 404; it may have moved"),
        "{told}"
    );
    assert!(!told.contains("the body itself"));
    assert!(log.contains("status=200 bytes=15 ms="), "{log}");
    assert!(log.contains("failed=\"timeout\""), "{log}");
    told += &log;
    assert!(!told.contains("t0ken"), "{told}");
}

#[tokio::test]
async fn a_long_path_is_shown_in_part() {
    for (length, is_whole) in [(120, true), (121, false)] {
        let path = format!("/{}", "p".repeat(length - 1));
        let url = address(&format!("http://10.0.0.1{path}"));

        let text = failure_at(&open_web(), &url).await.to_string();

        assert_eq!(text.contains(&format!("{path}: ")), is_whole, "{text}");
        assert_eq!(text.contains("p…: "), !is_whole, "{text}");
    }
}

/// What this thread logs while `work` runs, and what it gives.
async fn logged<T>(work: impl Future<Output = T>) -> (String, T) {
    static LISTENING: Once = Once::new();
    // one listener for all threads: with one of this thread alone, a place whose first event another thread sees stays
    // silent for good
    LISTENING.call_once(|| {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| LinesOfThisThread)
            .finish();
        tracing::subscriber::set_global_default(subscriber).expect("nobody else listens");
        tracing::callsite::rebuild_interest_cache();
    });
    LINES.set(Some(Vec::new()));
    let value = work.await;
    let lines = LINES.take().unwrap_or_default();
    (String::from_utf8_lossy(&lines).into_owned(), value)
}

thread_local! {
    /// What was logged, while someone wants to know.
    static LINES: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct LinesOfThisThread;

impl Write for LinesOfThisThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| {
            if let Some(lines) = lines {
                lines.extend_from_slice(bytes);
            }
        });
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
