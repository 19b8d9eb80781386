//! Where an address out of the DNS leads: to a host of the internet, into a private network, or to no
//! other host at all.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Who can connect to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Everybody.
    Public,
    /// Hosts of the same private network: private (RFC 1918), shared (RFC 6598) and unique local
    /// addresses (RFC 4193).
    Internal,
    /// Nobody: it leads back to the one who connects, stays on the local link, or is that of no
    /// single host.
    Nowhere,
}

impl Scope {
    /// The scope of an address. An IPv4 address inside an IPv6 address counts as itself.
    ///
    /// ```
    /// use mta_sts_core::Scope;
    /// assert_eq!(Scope::of([192, 168, 1, 1].into()), Scope::Internal);
    /// assert_eq!(Scope::of("::ffff:127.0.0.1".parse()?), Scope::Nowhere);
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub fn of(ip: IpAddr) -> Self {
        match ip {
            IpAddr::V4(ip) => Self::of_ipv4(ip),
            IpAddr::V6(ip) => embedded(ip).map_or_else(|| Self::of_ipv6(ip), Self::of_ipv4),
        }
    }

    fn of_ipv4(ip: Ipv4Addr) -> Self {
        let [first, second, third, _] = ip.octets();
        let is_shared = first == 100 && second & 0xC0 == 64;
        // RFC 1122 3.2.1.3, RFC 1112 4, RFC 6890; 192.0.0.0/24 is for protocols, not for hosts.
        let is_nowhere = first == 0
            || first >= 224
            || ip.is_loopback()
            || ip.is_link_local()
            || (first, second, third) == (192, 0, 0);
        if is_nowhere {
            Self::Nowhere
        } else if ip.is_private() || is_shared {
            Self::Internal
        } else {
            Self::Public
        }
    }

    fn of_ipv6(ip: Ipv6Addr) -> Self {
        // Site-local addresses (RFC 3879) are still in use in old networks.
        let is_site_local = ip.segments()[0] & 0xFFC0 == 0xFEC0;
        if ip.is_unspecified()
            || ip.is_loopback()
            || ip.is_multicast()
            || ip.is_unicast_link_local()
        {
            Self::Nowhere
        } else if ip.is_unique_local() || is_site_local {
            Self::Internal
        } else {
            Self::Public
        }
    }

    /// What such an address is, for a sentence; empty for a public one.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Public => "",
            Self::Internal => "an address of a private network",
            Self::Nowhere => "an address that leads to no other computer",
        }
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped (RFC 4291 2.5.5), translated (RFC 6052
/// 2.1) or of 6to4 (RFC 3056 2).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let octets = ip.octets();
    let ipv4_at = |at: usize| {
        let octets: [u8; 4] = octets.get(at..at + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(octets))
    };
    let is_compatible = octets[..12] == [0; 12] && octets[12..] > [0, 0, 0, 1][..];
    let is_translated = octets[..12] == [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0];
    if let Some(mapped) = ip.to_ipv4_mapped() {
        Some(mapped)
    } else if is_compatible || is_translated {
        ipv4_at(12)
    } else if octets[..2] == [0x20, 0x02] {
        ipv4_at(2)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::of(text.parse().unwrap())
    }

    #[test]
    fn addresses_that_lead_to_no_other_host_are_told() {
        for ip in [
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "192.0.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:0.0.0.0",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert_eq!(scope(ip), Scope::Nowhere, "{ip}");
        }
    }

    #[test]
    fn addresses_of_private_networks_are_told() {
        for ip in [
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "fc00::1",
            "fd00::1",
            "fec0::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "::192.168.1.1",
        ] {
            assert_eq!(scope(ip), Scope::Internal, "{ip}");
        }
    }

    #[test]
    fn other_addresses_are_public() {
        for ip in [
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.1",
            "172.32.0.1",
            "192.0.2.1",
            "198.51.100.1",
            "2001:db8::1",
            "2606:4700::1111",
            "64:ff9b::808:808",
        ] {
            assert_eq!(scope(ip), Scope::Public, "{ip}");
        }
    }
}
