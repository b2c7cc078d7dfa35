//! The address guard: what a stranger writes into a feed cannot make us ask the machines next to us.
//!
//! A host is judged three times: as written in an address ([`Guard::check`], for the first one and each redirect), and
//! after its name was looked up ([`GuardedResolver`]). The addresses that pass are the ones connected to, so a name
//! that changes its mind between the two gains nothing.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::Addrs;
use reqwest::dns::Name;
use reqwest::dns::Resolve;
use reqwest::dns::Resolving;
use url::Host;
use url::Url;

use crate::outside::web::error::WebError;
use crate::outside::web::error::shown;
use crate::settings::Network;

/// Most addresses tried for one name; real names have up to eight.
const ADDRESSES_MAX: usize = 16;

/// Decides which addresses may be asked.
#[derive(Debug, Clone)]
pub struct Guard {
    allowed: Arc<[Network]>,
}

impl Guard {
    /// A guard that lets pass what is public, and the `allowed` networks.
    pub fn new(allowed: &[Network]) -> Self {
        Self {
            allowed: allowed.into(),
        }
    }

    /// Refuses a URL whose host is an address that may not be asked, in whatever notation it is written. A name passes
    /// here; what it leads to is judged when it is looked up.
    pub fn check(&self, url: &Url) -> Result<(), WebError> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(()),
            None => return Err(WebError::Scheme { url: shown(url) }),
        };
        match self.refusal(address) {
            None => Ok(()),
            Some(class) => Err(WebError::Refused {
                url: shown(url),
                address,
                class,
            }),
        }
    }

    /// Of the addresses to which a name leads those that may be asked, in their order, and why the first of the others may not.
    /// No other address of the name is connected to, whatever a later look-up would say.
    pub fn select(
        &self,
        found: impl IntoIterator<Item = SocketAddr>,
    ) -> (Vec<SocketAddr>, Option<(IpAddr, &'static str)>) {
        let mut passed = Vec::new();
        let mut refused = None;
        for address in found.into_iter().take(ADDRESSES_MAX) {
            match self.refusal(address.ip()) {
                None => passed.push(address),
                Some(class) => refused = refused.or(Some((address.ip(), class))),
            }
        }
        (passed, refused)
    }

    /// What kind of address it is, where it may not be asked; none where it may.
    pub fn refusal(&self, address: IpAddr) -> Option<&'static str> {
        // an IPv4 address in IPv6 clothes is the same machine
        let address = address.to_canonical();
        if self.allowed.iter().any(|network| holds(network, address)) {
            return None;
        }
        match address {
            IpAddr::V4(address) => refusal_v4(address),
            IpAddr::V6(address) => refusal_v6(address),
        }
    }
}

/// Looks names up and drops the addresses that may not be asked.
pub(super) struct GuardedResolver {
    guard: Guard,
}

/// Why a look-up gave no address. It travels through the HTTP client as the source of its error.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookUpError {
    /// Each address of the name may not be asked; this is the first.
    #[error("{address} is {class}")]
    Refused {
        address: IpAddr,
        class: &'static str,
    },
    /// The name has no address, or nobody could be asked.
    #[error("{reason}")]
    Failed { reason: String },
}

impl GuardedResolver {
    pub(super) fn new(guard: Guard) -> Self {
        Self { guard }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.guard.clone();
        Box::pin(async move { Ok(look_up(&guard, name.as_str()).await?) })
    }
}

async fn look_up(guard: &Guard, name: &str) -> Result<Addrs, LookUpError> {
    // port 0 stands for the port of the address asked for
    let found: Vec<SocketAddr> = if is_this_machine(name) {
        vec![
            (Ipv4Addr::LOCALHOST, 0).into(),
            (Ipv6Addr::LOCALHOST, 0).into(),
        ]
    } else {
        tokio::net::lookup_host((name, 0))
            .await
            .map_err(|error| LookUpError::Failed {
                reason: error.to_string(),
            })?
            .collect()
    };
    let (passed, refused) = guard.select(found);
    match refused {
        Some((address, class)) if passed.is_empty() => Err(LookUpError::Refused { address, class }),
        None if passed.is_empty() => Err(LookUpError::Failed {
            reason: "the name has no address".to_owned(),
        }),
        _ => Ok(Box::new(passed.into_iter())),
    }
}

/// Whether a name means this machine by itself, so that nobody has to be asked (RFC 6761 §6.3).
fn is_this_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// IPv4 networks that are not the public internet (IANA IPv4 Special-Purpose Address Registry, RFC 6890).
const NOT_PUBLIC_V4: &[(Ipv4Addr, u8, &str)] = &[
    (Ipv4Addr::UNSPECIFIED, 8, "an unspecified address"),
    (Ipv4Addr::new(10, 0, 0, 0), 8, "a private address"),
    (
        Ipv4Addr::new(100, 64, 0, 0),
        10,
        "a carrier's inner address",
    ),
    (Ipv4Addr::new(127, 0, 0, 0), 8, "a loopback address"),
    (
        Ipv4Addr::new(169, 254, 0, 0),
        16,
        "a link-local or metadata address",
    ),
    (Ipv4Addr::new(172, 16, 0, 0), 12, "a private address"),
    (Ipv4Addr::new(192, 0, 0, 0), 24, "a reserved address"),
    (Ipv4Addr::new(192, 0, 2, 0), 24, "a documentation address"),
    (Ipv4Addr::new(192, 88, 99, 0), 24, "a reserved address"),
    (Ipv4Addr::new(192, 168, 0, 0), 16, "a private address"),
    (Ipv4Addr::new(198, 18, 0, 0), 15, "a benchmarking address"),
    (
        Ipv4Addr::new(198, 51, 100, 0),
        24,
        "a documentation address",
    ),
    (Ipv4Addr::new(203, 0, 113, 0), 24, "a documentation address"),
    (Ipv4Addr::new(224, 0, 0, 0), 4, "a multicast address"),
    (Ipv4Addr::new(240, 0, 0, 0), 4, "a reserved address"),
];

/// IPv6 networks that are not the public internet (IANA IPv6 Special-Purpose Address Registry). What lies outside global
/// unicast (2000::/3) is refused without standing here; such rows only give it a name.
const NOT_PUBLIC_V6: &[(Ipv6Addr, u8, &str)] = &[
    (Ipv6Addr::UNSPECIFIED, 128, "an unspecified address"),
    (Ipv6Addr::LOCALHOST, 128, "a loopback address"),
    (
        Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0),
        7,
        "a unique-local address",
    ),
    (
        Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0),
        10,
        "a link-local address",
    ),
    (
        Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0),
        10,
        "a site-local address",
    ),
    (
        Ipv6Addr::new(0xff00, 0, 0, 0, 0, 0, 0, 0),
        8,
        "a multicast address",
    ),
    (
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        32,
        "a tunnel address",
    ),
    (
        Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0),
        23,
        "a reserved address",
    ),
    (
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0),
        32,
        "a documentation address",
    ),
    (
        Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0),
        20,
        "a documentation address",
    ),
];

fn refusal_v4(address: Ipv4Addr) -> Option<&'static str> {
    NOT_PUBLIC_V4
        .iter()
        .find(|(network, prefix, _)| begins_v4(address, *network, *prefix))
        .map(|(_, _, class)| *class)
}

fn refusal_v6(address: Ipv6Addr) -> Option<&'static str> {
    if let Some((_, _, class)) = NOT_PUBLIC_V6
        .iter()
        .find(|(network, prefix, _)| begins_v6(address, *network, *prefix))
    {
        return Some(class);
    }
    if let Some(inner) = embedded(address) {
        return refusal_v4(inner);
    }
    let global = begins_v6(address, Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    (!global).then_some("a reserved address")
}

/// The IPv4 address that a gateway would forward to: well-known NAT64 (RFC 6052) and 6to4 (RFC 3056).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    if begins_v6(address, Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0), 96) {
        return Some(Ipv4Addr::new(
            octets[12], octets[13], octets[14], octets[15],
        ));
    }
    if begins_v6(address, Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16) {
        return Some(Ipv4Addr::new(octets[2], octets[3], octets[4], octets[5]));
    }
    None
}

fn holds(network: &Network, address: IpAddr) -> bool {
    match (network.address, address) {
        (IpAddr::V4(first), IpAddr::V4(address)) => begins_v4(address, first, network.prefix),
        (IpAddr::V6(first), IpAddr::V6(address)) => begins_v6(address, first, network.prefix),
        _ => false,
    }
}

/// Whether the leading `prefix` bits agree.
fn begins_v4(address: Ipv4Addr, network: Ipv4Addr, prefix: u8) -> bool {
    let differing = address.to_bits() ^ network.to_bits();
    differing.leading_zeros() >= u32::from(prefix)
}

/// Whether the leading `prefix` bits agree.
fn begins_v6(address: Ipv6Addr, network: Ipv6Addr, prefix: u8) -> bool {
    let differing = address.to_bits() ^ network.to_bits();
    differing.leading_zeros() >= u32::from(prefix)
}
