//! Hosts with addresses that no sender gets to, and what their own name servers say of them: the
//! public DNS has such an address, or only the DNS of this network does.

use std::net::IpAddr;

use crate::facts::{Answer, Facts, Observed};
use crate::text::address::Scope;
use crate::text::wording::in_words;

/// A host of which this network's DNS gave addresses that senders don't get to.
pub(crate) struct OutOfReach<'a> {
    pub(crate) host: &'a str,
    /// Those addresses.
    pub(crate) here: Vec<IpAddr>,
    /// What the name servers of the host's zone say, if they answered.
    public: Option<&'a Answer<IpAddr>>,
}

impl<'a> OutOfReach<'a> {
    pub(crate) fn of(
        facts: &'a Facts,
        host: &'a str,
        addresses: impl Iterator<Item = IpAddr>,
    ) -> Option<Self> {
        let here: Vec<IpAddr> = addresses.filter(|ip| !facts.is_in_reach(*ip)).collect();
        let view = facts.host_views.iter().find(|view| view.host == host);
        (!here.is_empty()).then(|| Self {
            host,
            here,
            public: view.and_then(|view| Observed::seen(&view.addresses)),
        })
    }

    /// Those of the addresses that the public DNS has as well; `None` where it was not heard.
    pub(crate) fn in_public_dns(&self) -> Option<Vec<IpAddr>> {
        let public = &self.public?.records;
        let shared = self.here.iter().filter(|ip| public.contains(ip));
        Some(shared.copied().collect())
    }

    /// Whether the public DNS has an address that senders get to.
    pub(crate) fn is_reachable(&self, facts: &Facts) -> bool {
        let mut public = self.public.iter().flat_map(|answer| &answer.records);
        public.any(|ip| facts.is_in_reach(*ip))
    }

    /// What the public DNS says instead.
    pub(crate) fn instead(&self) -> Option<String> {
        let records = &self.public?.records;
        (!records.is_empty()).then(|| in_words(records))
    }
}

/// Addresses with what they are: `192.168.1.5 is an address of a private network`.
pub(crate) fn account(addresses: &[IpAddr]) -> String {
    let kinds = [Scope::Internal, Scope::Nowhere].map(|scope| {
        let of_scope = addresses.iter().filter(|ip| Scope::of(**ip) == scope);
        let of_scope: Vec<&IpAddr> = of_scope.collect();
        match of_scope.as_slice() {
            [] => String::new(),
            [ip] => format!("{ip} is {}.", scope.in_words()),
            several => format!("Each of {} is {}.", in_words(several), scope.in_words()),
        }
    });
    kinds.join(" ").trim().to_owned()
}
