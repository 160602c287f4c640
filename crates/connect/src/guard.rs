//! Which machines may be reached. Addresses that people configure lead to the public internet only, unless the operator allows more: what
//! a name resolves to is looked at each time, after resolution, so that no name can lead inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// A range of addresses that the operator allows, such as `10.1.0.0/16` or `127.0.0.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    address: IpAddr,
    bits: u8,
}

impl FromStr for Range {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is not an address or a range of addresses such as `10.1.0.0/16`");
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| wrong()))?;
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl Range {
    /// Whether an address lies in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let same = |a: u128, b: u128, width: u32| {
            let shift = width - u32::from(self.bits);
            shift >= width || a >> shift == b >> shift
        };
        match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(u32::from(a).into(), u32::from(b).into(), 32),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(a.into(), b.into(), 128),
            _ => false,
        }
    }
}

/// Decides which addresses may be reached.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Arc<[Range]>,
}

impl Guard {
    /// A guard that lets the public internet through, and what the operator allows.
    #[must_use]
    pub fn new(allowed: &[Range]) -> Self {
        Self { allowed: allowed.into() }
    }

    /// Whether an address may be reached.
    #[must_use]
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = plain(address);
        is_public(address) || self.allowed.iter().any(|range| range.holds(address))
    }

    /// Looks at the host of a URL where it is an address: names are looked at when they are resolved.
    ///
    /// # Errors
    /// Where the address may not be reached.
    pub fn check(&self, url: &url::Url) -> Result<(), Refused> {
        let address = match url.host() {
            Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
            Some(url::Host::Ipv6(address)) => IpAddr::V6(address),
            Some(url::Host::Domain(_)) => return Ok(()),
            None => return Err(Refused { host: String::new() }),
        };
        if self.permits(address) { Ok(()) } else { Err(Refused { host: address.to_string() }) }
    }
}

/// A host that may not be reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{host}` is an address inside this network, which is not reached from here; the operator can allow it with `--allow-address`")]
pub struct Refused {
    /// The host.
    pub host: String,
}

/// An IPv4 address that is written as an IPv6 one, plainly.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().or_else(|| embedded(v6)).map_or(address, IpAddr::V4),
        v4 => v4,
    }
}

/// The IPv4 address in a NAT64 (`64:ff9b::/96`) or 6to4 (`2002::/16`) address.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = address.octets();
    let four = |at: usize| Ipv4Addr::new(octets[at], octets[at + 1], octets[at + 2], octets[at + 3]);
    if octets[..12] == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] {
        Some(four(12))
    } else if octets[..2] == [0x20, 0x02] {
        Some(four(2))
    } else {
        None
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let benchmark = a == 198 && (b == 18 || b == 19);
            let protocol = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
            !(a == 0
                || v4.is_loopback()
                || v4.is_private()
                || v4.is_link_local()
                || v4.is_broadcast()
                || v4.is_documentation()
                || v4.is_multicast()
                || a >= 240
                || shared
                || benchmark
                || protocol)
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            // Only global unicast (2000::/3) is public, less documentation and what is set apart for protocols.
            first & 0xe000 == 0x2000 && !(first == 0x2001 && (second == 0x0db8 || second < 0x0200)) && first != 0x3fff
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host.as_str(), 0)).await?.collect();
            // One address inside is enough to refuse: which one would be used is not known.
            if found.iter().any(|address| !guard.permits(address.ip())) {
                return Err(Refused { host }.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_reached() {
        let guard = Guard::default();
        for inside in [
            "127.0.0.1",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "2001::1",
        ] {
            assert!(!guard.permits(inside.parse().expect("an address")), "{inside}");
        }
        for outside in ["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"] {
            assert!(guard.permits(outside.parse().expect("an address")), "{outside}");
        }
    }

    #[test]
    fn the_operator_can_allow_more() {
        let ranges: Vec<Range> = ["127.0.0.1", "10.1.0.0/16", "fd00::/8"].iter().map(|text| text.parse().expect("a range")).collect();
        let guard = Guard::new(&ranges);
        let permits = |text: &str| guard.permits(text.parse().expect("an address"));
        assert!(permits("127.0.0.1") && permits("10.1.2.3") && permits("fd12::1") && permits("::ffff:10.1.9.9"));
        assert!(!permits("127.0.0.2") && !permits("10.2.0.1") && !permits("fe80::1"));
        assert!("10.1.0.0/33".parse::<Range>().is_err() && "lan".parse::<Range>().is_err());
    }

    #[test]
    fn addresses_in_urls_are_looked_at() {
        let check = |text: &str| Guard::default().check(&url::Url::parse(text).expect("a URL")).is_ok();
        assert!(!check("http://127.0.0.1/") && !check("http://[::1]:8080/") && !check("http://2130706433/") && !check("http://0x7f.1/"));
        assert!(check("https://1.1.1.1/") && check("https://api.example/"));
    }
}
