//! Addresses that are not public are refused: as written, by name and by redirect.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::SocketAddr;

use takefive::outside::web::Guard;
use takefive::outside::web::Web;

use crate::web::address;
use crate::web::failure_at;
use crate::web::networks;
use crate::web::open_web;
use crate::web::page_at;
use crate::web::quick;
use crate::web::settings;
use crate::world::http::HttpServer;
use crate::world::http::Reply;

/// Addresses of each kind that is not public, in the notations that an attacker would try.
const NOT_PUBLIC: &[(&str, &str)] = &[
    ("0.0.0.0", "unspecified"),
    ("0.255.255.255", "unspecified"),
    ("10.0.0.0", "private"),
    ("10.255.255.255", "private"),
    ("100.64.0.0", "carrier"),
    ("100.127.255.255", "carrier"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.255", "loopback"),
    ("2130706433", "loopback"),
    ("0x7f000001", "loopback"),
    ("0x7f.1", "loopback"),
    ("0177.0.0.1", "loopback"),
    ("127.1", "loopback"),
    ("127.0.0.1.", "loopback"),
    ("１２７.0.0.1", "loopback"),
    ("①②⑦.⓪.⓪.①", "loopback"),
    ("127。0。0。1", "loopback"),
    ("%31%32%37.0.0.1", "loopback"),
    ("127.0.1", "loopback"),
    ("127.0.0x1", "loopback"),
    ("0x7F.0x0.0x0.0x1", "loopback"),
    ("017700000001", "loopback"),
    ("0177.1", "loopback"),
    ("0", "unspecified"),
    ("0x0", "unspecified"),
    ("0.0.0.1", "unspecified"),
    ("012.1.2.3", "private"),
    ("167772161", "private"),
    ("0xa9fea9fe", "metadata"),
    ("0251.0376.0251.0376", "metadata"),
    ("0x64.0x40.0.1", "carrier"),
    ("4294967295", "reserved"),
    ("169.254.0.0", "link-local"),
    ("169.254.169.254", "metadata"),
    ("2852039166", "metadata"),
    ("172.16.0.0", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.0", "reserved"),
    ("192.0.0.255", "reserved"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "reserved"),
    ("192.168.0.0", "private"),
    ("192.168.255.255", "private"),
    ("198.18.0.0", "benchmarking"),
    ("198.19.255.255", "benchmarking"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("224.0.0.0", "multicast"),
    ("239.255.255.255", "multicast"),
    ("240.0.0.0", "reserved"),
    ("255.255.255.255", "reserved"),
    ("[::]", "unspecified"),
    ("[::1]", "loopback"),
    ("[0:0:0:0:0:0:0:1]", "loopback"),
    ("[::2]", "reserved"),
    ("[::ffff:127.0.0.1]", "loopback"),
    ("[::ffff:7f00:1]", "loopback"),
    ("[::ffff:10.1.2.3]", "private"),
    ("[::ffff:169.254.169.254]", "metadata"),
    ("[::ffff:0.0.0.0]", "unspecified"),
    ("[::ffff:100.64.0.1]", "carrier"),
    ("[::FFFF:C0A8:0101]", "private"),
    ("[0000:0000:0000:0000:0000:ffff:a9fe:a9fe]", "metadata"),
    ("[::127.0.0.1]", "reserved"),
    ("[::ffff:0:127.0.0.1]", "reserved"),
    ("[64:ff9b::127.0.0.1]", "loopback"),
    ("[64:ff9b::a9fe:a9fe]", "metadata"),
    ("[64:ff9b:1::1.1.1.1]", "reserved"),
    ("[100::1]", "reserved"),
    ("[2001::1]", "tunnel"),
    ("[2001:2::1]", "reserved"),
    ("[2001:1ff:ffff::1]", "reserved"),
    ("[2001:db8::1]", "documentation"),
    ("[2001:db8:ffff::1]", "documentation"),
    ("[2002:7f00:1::]", "loopback"),
    ("[2002:a00:1::1]", "private"),
    ("[2002:a9fe:a9fe::1]", "metadata"),
    ("[2002:c0a8:101::1]", "private"),
    ("[2002:6440:1::]", "carrier"),
    ("[64:ff9b::192.168.0.1]", "private"),
    ("[64:ff9b::100.64.0.1]", "carrier"),
    ("[64:ff9b::0.0.0.0]", "unspecified"),
    ("[64:ff9b:1::1]", "reserved"),
    ("[3fff::1]", "documentation"),
    ("[3fff:fff::1]", "documentation"),
    ("[4000::1]", "reserved"),
    ("[1fff::1]", "reserved"),
    ("[5f00::1]", "reserved"),
    ("[fc00::1]", "unique-local"),
    ("[fd00:ec2::254]", "unique-local"),
    ("[fdff:ffff::1]", "unique-local"),
    ("[fe80::1]", "link-local"),
    ("[febf::1]", "link-local"),
    ("[fec0::1]", "site-local"),
    ("[ff02::1]", "multicast"),
    ("[ff0e::1]", "multicast"),
];

/// The public neighbours of the networks above.
const PUBLIC: &[&str] = &[
    "1.0.0.0",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "169.253.255.255",
    "169.255.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "192.0.3.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "203.0.114.0",
    "223.255.255.255",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::8.8.8.8]",
    "[2001:200::1]",
    "[2001:db7::1]",
    "[2001:db9::1]",
    "[2002:808:808::1]",
    "[2000::1]",
    "[3ffe::1]",
    "[3fff:1000::1]",
];

#[test]
fn addresses_that_are_not_public_are_refused_in_every_notation() {
    let guard = Guard::new(&[]);
    for (host, class) in NOT_PUBLIC {
        let url = address(&format!("http://{host}:8080/feed"));

        let error = guard.check(&url).expect_err(host);

        assert!(error.to_string().contains(class), "{host}: {error}");
    }
}

#[test]
fn public_addresses_and_names_pass() {
    let guard = Guard::new(&[]);
    for host in PUBLIC.iter().chain(&["example.org", "localhost"]) {
        let url = address(&format!("http://{host}/feed"));

        assert_eq!(guard.check(&url), Ok(()), "{host}");
    }
}

#[test]
fn an_allowed_network_opens_its_addresses_and_no_others() {
    let guard = Guard::new(&networks(&["10.1.128.0/17", "127.0.0.1/32", "fd12::/16"]));
    let cases = [
        ("10.1.128.0", true),
        ("10.1.255.255", true),
        ("10.1.127.255", false),
        ("10.2.0.0", false),
        ("127.0.0.1", true),
        ("127.0.0.2", false),
        ("127.0.0.0", false),
        ("::ffff:127.0.0.1", true),
        ("::ffff:127.0.0.2", false),
        ("::1", false),
        ("fd12:ffff::1", true),
        ("fd13::1", false),
        ("8.8.8.8", true),
    ];
    for (address, may_pass) in cases {
        let address: IpAddr = address.parse().expect("a case is an address");
        assert_eq!(guard.refusal(address).is_none(), may_pass, "{address}");
    }
    let all = Guard::new(&networks(&["0.0.0.0/0", "::/0"]));
    for address in ["255.255.255.255", "ff02::1", "::"] {
        let address: IpAddr = address.parse().expect("a case is an address");
        assert_eq!(all.refusal(address), None, "{address}");
    }
}

#[tokio::test]
async fn a_refused_address_is_not_even_connected_to() {
    let server = HttpServer::start().await;
    let web = Web::new(&settings(&[])).expect("the door opens");

    let error = failure_at(&web, &server.url("/feed")).await;

    assert_eq!(error.kind(), "refused");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_name_that_leads_to_a_refused_address_is_refused() {
    let server = HttpServer::start().await;
    let web = Web::new(&settings(&[])).expect("the door opens");
    // full width letters are the same name
    for name in ["localhost", "LOCALHOST", "ｌｏｃａｌｈｏｓｔ"] {
        let url = address(&format!("http://{name}:{}/feed", server.port()));

        let error = failure_at(&web, &url).await;

        assert_eq!(error.kind(), "refused", "{error}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn of_the_addresses_of_a_name_only_those_that_may_be_asked_are_connected_to() {
    let guard = Guard::new(&networks(&["10.9.0.0/16"]));
    let all = |text: &str| -> Vec<SocketAddr> {
        let address = |ip: &str| SocketAddr::new(ip.parse().expect("a case is an address"), 0);
        text.split_whitespace().map(address).collect()
    };
    let cases = [
        (
            "8.8.8.8 127.0.0.1",
            "8.8.8.8",
            Some(("127.0.0.1", "a loopback address")),
        ),
        (
            "127.0.0.1 8.8.8.8",
            "8.8.8.8",
            Some(("127.0.0.1", "a loopback address")),
        ),
        ("10.0.0.1 ::1", "", Some(("10.0.0.1", "a private address"))),
        (
            "2606:4700::1 ::ffff:127.0.0.1 fd00:ec2::254 1.1.1.1",
            "2606:4700::1 1.1.1.1",
            Some(("::ffff:127.0.0.1", "a loopback address")),
        ),
        (
            "10.9.1.1 10.8.1.1",
            "10.9.1.1",
            Some(("10.8.1.1", "a private address")),
        ),
        ("1.1.1.1 8.8.8.8", "1.1.1.1 8.8.8.8", None),
        ("", "", None),
    ];
    for (found, passed, refused) in cases {
        let refused = refused.map(|(ip, class)| (ip.parse().expect("an address"), class));
        assert_eq!(guard.select(all(found)), (all(passed), refused), "{found}");
    }
    let many: Vec<SocketAddr> = (1..=20)
        .map(|nth| SocketAddr::from(([8, 8, 8, nth], 0)))
        .collect();
    assert_eq!(guard.select(many.clone()).0, many[..16]);
    let with_15_others = [&many[..15], &all("9.9.9.9 9.9.9.10")].concat();
    assert_eq!(
        guard.select(with_15_others).0.last(),
        all("9.9.9.9").first()
    );
}

#[tokio::test]
async fn a_name_is_asked_at_the_addresses_that_pass() {
    let server = HttpServer::start().await;
    server.on("/feed", Reply::ok("text/xml", "<rss/>"));

    // "localhost" may lead to ::1 as well, which is not among the allowed networks
    let url = address(&format!("http://localhost:{}/feed", server.port()));
    let page = page_at(&open_web(), &url).await;

    assert_eq!(*page.bytes, *b"<rss/>");
}

#[tokio::test]
async fn whatever_leads_to_this_machine_by_name_is_never_connected_to() {
    let server = HttpServer::start().await;
    let web = Web::new(&settings(&[])).expect("the door opens");
    let port = server.port();
    for name in [
        "localhost.",
        "feeds.localhost",
        "a.b.localhost.",
        "[::1]",
        "127.0.0.1.",
    ] {
        let url = address(&format!("http://{name}:{port}/feed"));

        let error = failure_at(&web, &url).await;

        assert_eq!(error.kind(), "refused", "{name}: {error}");
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_redirect_to_a_refused_address_is_not_followed() {
    // the first host may be asked, and it is the only one
    let server = HttpServer::start_at(Ipv4Addr::new(127, 9, 9, 9)).await;
    let neighbour = HttpServer::start().await;
    let web = Web::with_limits(&settings(&["127.9.9.9/32"]), quick()).expect("the door opens");
    let port = neighbour.port();
    let mut targets: Vec<String> = NOT_PUBLIC
        .iter()
        .map(|(host, _)| format!("http://{host}:{port}/feed"))
        .collect();
    targets.push(format!("http://localhost:{port}/feed"));
    targets.push(format!("//127.0.0.1:{port}/feed"));
    targets.push(format!("http:\\\\127.0.0.1:{port}\\feed"));
    targets.push(format!("http://127.9.9.9@127.0.0.1:{port}/feed"));
    for target in &targets {
        server.on("/over", Reply::redirect(302, target));
        server.on("/feed", Reply::redirect(302, "/over"));

        let error = failure_at(&web, &server.url("/feed")).await;

        assert_eq!(error.kind(), "refused", "{target}: {error}");
    }
    assert_eq!(neighbour.connections(), 0);
}
