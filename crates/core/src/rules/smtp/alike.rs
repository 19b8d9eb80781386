//! What several addresses of one MX host have in common, so that one problem of a host is one
//! finding.

use std::net::IpAddr;

use crate::facts::{MailServer, Session};
use crate::text::wording::in_words;

/// Something that was seen at one or more addresses of an MX host.
pub(crate) struct Alike<T> {
    /// What was seen at the first of these addresses.
    pub(crate) example: T,
    /// The addresses, in order.
    pub(crate) addresses: Vec<IpAddr>,
}

impl<T> Alike<T> {
    /// The addresses as text: `192.0.2.1 and 192.0.2.2`.
    pub(crate) fn address_list(&self) -> String {
        in_words(&self.addresses)
    }
}

/// Groups the sessions of a host that show the same thing. `key` decides what counts as the same,
/// because replies of one kind often differ in a time or a serial number.
pub(crate) fn alike<'a, T, K: PartialEq>(
    server: &'a MailServer,
    look: impl Fn(&'a Session) -> Option<T>,
    key: impl Fn(&T) -> K,
) -> Vec<Alike<T>> {
    let mut groups: Vec<Alike<T>> = Vec::new();
    for session in &server.sessions {
        let Some(example) = look(session) else {
            continue;
        };
        match groups
            .iter_mut()
            .find(|group| key(&group.example) == key(&example))
        {
            Some(group) => group.addresses.push(session.ip),
            None => groups.push(Alike {
                example,
                addresses: vec![session.ip],
            }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_at_two_addresses_is_one_and_anything_else_stands_apart() {
        let mut server = MailServer::named("mx.example.com", 10);
        server.sessions = (1..=4)
            .map(|octet| Session::to([192, 0, 2, octet].into()))
            .collect();
        for (session, bytes) in server.sessions.iter_mut().zip([7, 0, 9, 40]) {
            session.injected_bytes = bytes;
        }
        let injected = |session: &Session| Some(session.injected_bytes).filter(|&bytes| bytes > 0);
        let groups = alike(&server, injected, |&bytes| bytes > 10);
        let told: Vec<_> = groups
            .iter()
            .map(|group| (group.example, group.address_list()))
            .collect();
        let expected = [
            (7, "192.0.2.1 and 192.0.2.3".to_owned()),
            (40, "192.0.2.4".to_owned()),
        ];
        assert_eq!(told, expected);
    }
}
