//! Large files, streamed to disk within limits.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use takefive::outside::web::Download;
use takefive::outside::web::DownloadError;
use takefive::outside::web::Limits;
use takefive::outside::web::TimeLimit;
use takefive::outside::web::Web;
use takefive::outside::web::WebError;
use tempfile::TempDir;
use url::Url;

use crate::web::KIBIBYTE;
use crate::web::LONG;
use crate::web::SHORT;
use crate::web::limit_of;
use crate::web::open_web;
use crate::web::quick;
use crate::web::web_with;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

/// A folder with room for one file.
struct Disk {
    _folder: TempDir,
    path: PathBuf,
}

impl Disk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("audio");
        Self {
            _folder: folder,
            path,
        }
    }

    async fn fetch(&self, web: &Web, url: &Url, bytes_max: u64) -> Result<u64, DownloadError> {
        self.fetch_within(web, url, bytes_max, LONG).await
    }

    async fn fetch_within(
        &self,
        web: &Web,
        url: &Url,
        bytes_max: u64,
        time: Duration,
    ) -> Result<u64, DownloadError> {
        let wanted = Download {
            url,
            credentials: None,
            bytes_max,
            time,
        };
        let mut file = tokio::fs::File::create(&self.path).await.expect("a file");
        web.download(&wanted, &mut file).await
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).expect("it is there")
    }
}

fn web_error(result: Result<u64, DownloadError>) -> WebError {
    match result {
        Err(DownloadError::Web(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_file_arrives_whole_over_its_redirects() {
    let (server, disk) = (HttpServer::start().await, Disk::new());
    let bytes: Vec<u8> = (0..=250).cycle().take(3_000 * KIBIBYTE).collect();
    server.on("/1.mp3", Reply::redirect(302, "/2.mp3"));
    server.on("/2.mp3", Reply::ok("audio/mpeg", bytes.clone()));
    let fetched = disk
        .fetch(&open_web(), &server.url("/1.mp3"), 1 << 30)
        .await;
    assert_eq!(fetched.expect("fetched"), 3_000 << 10);
    assert!(disk.bytes() == bytes);
}

#[tokio::test]
async fn the_limit_of_bytes_holds_for_promised_and_unpromised_ones_and_packed_ones_are_refused() {
    let (server, disk) = (HttpServer::start().await, Disk::new());
    let web = open_web();
    let bytes = vec![b'a'; 10_000];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&bytes).unwrap();
    let packed = gzip.finish().unwrap();
    server.on("/plain", Reply::ok("audio/wav", bytes));
    server.on(
        "/packed",
        Reply::ok("audio/wav", packed).header("Content-Encoding", "gzip"),
    );
    server.on("/endless", Reply::endless());
    let url = server.url("/plain");
    assert_eq!(disk.fetch(&web, &url, 10_000).await.expect("fits"), 10_000);
    let refused = disk.fetch(&web, &url, 9_999).await;
    assert!(matches!(
        refused,
        Err(DownloadError::TooLarge {
            bytes_max: 9_999,
            ..
        })
    ));
    let packed = disk.fetch(&web, &server.url("/packed"), 10_000).await;
    let told = packed.expect_err("nobody asked for it packed").to_string();
    assert!(told.contains("it is packed as gzip"), "{told}");
    let refused = disk
        .fetch(&web, &server.url("/endless?key=1"), 1 << 20)
        .await;
    let told = refused.expect_err("it does not end").to_string();
    assert!(
        told.ends_with("/endless: larger than 1048576 bytes"),
        "{told}"
    );
    assert!(disk.bytes().len() <= 1 << 20);
}

#[tokio::test]
async fn what_stalls_breaks_off_or_is_not_there_is_told() {
    let (server, disk) = (HttpServer::start().await, Disk::new());
    let web = web_with(Limits {
        stall: SHORT,
        first_byte: SHORT,
        ..quick()
    });
    let body = || Reply::ok("audio/wav", vec![b'a'; 2_000]);
    server.on("/stalls", body().dripping(1_000, LONG));
    server.on("/silent", Reply::silent());
    server.on("/cut", body().cut_after(1_000));
    server.on("/gone", Reply::status(410));
    server.on("/circle", Reply::redirect(301, "/circle"));
    let fails = async |path: &str| web_error(disk.fetch(&web, &server.url(path), 5_000).await);
    assert_eq!(limit_of(&fails("/stalls").await), TimeLimit::Stall(SHORT));
    assert_eq!(
        limit_of(&fails("/silent").await),
        TimeLimit::FirstByte(SHORT)
    );
    assert_eq!(fails("/cut").await.kind(), "cut-off");
    assert_eq!(fails("/gone").await.kind(), "status");
    assert_eq!(fails("/circle").await.kind(), "redirect-loop");
}

#[tokio::test]
async fn a_file_that_drips_is_given_up_when_its_time_is_over() {
    let (server, disk) = (HttpServer::start().await, Disk::new());
    let drips = Reply::ok("audio/wav", vec![b'a'; 100_000]).dripping(1, Duration::from_millis(5));
    server.on("/drips", drips);
    let url = server.url("/drips");
    let given_up = disk.fetch_within(&open_web(), &url, 1 << 20, SHORT).await;
    assert_eq!(limit_of(&web_error(given_up)), TimeLimit::Request(SHORT));
}

#[tokio::test]
async fn a_private_address_is_refused_first_and_after_a_redirect() {
    let (server, disk) = (HttpServer::start().await, Disk::new());
    server.on(
        "/moved",
        Reply::redirect(302, "http://169.254.169.254/1.mp3"),
    );
    let web = open_web();
    for url in [
        server.url("/moved"),
        "http://10.0.0.1/1.mp3".parse().unwrap(),
        "http://2852039166/1.mp3".parse().unwrap(),
    ] {
        assert_eq!(
            web_error(disk.fetch(&web, &url, 10).await).kind(),
            "refused"
        );
    }
}
