//! The mail server software that a greeting tells, from `assets/catalogue/mail_software.toml`, with
//! its own way to fix what is wrong. A greeting can say anything: it is a hint, and judges nothing.

use std::sync::LazyLock;

use serde::Deserialize;
use time::Date;

use crate::code;
use crate::facts::{MailServer, Reply};
use crate::knowledge::catalogue::Evidence;
use crate::knowledge::catalogue::calendar_date;

/// Empty when the built-in file cannot be read, which a test rules out.
static MAIL_SOFTWARE: LazyLock<Vec<MailSoftware>> =
    LazyLock::new(|| read(BUILT_IN).unwrap_or_default());

const BUILT_IN: &str = include_str!("../../../../assets/catalogue/mail_software.toml");

/// A mail server program and its own ways.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailSoftware {
    /// A short name for programs, in words joined by hyphens.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// Parts of its greeting, each of which tells it.
    pub greeting: Vec<String>,
    starttls: Option<String>,
    certificate: Option<String>,
    tls_versions: Option<String>,
    /// What its ways rest on.
    pub evidence: Evidence,
    /// When the entry was last compared with its sources.
    #[serde(deserialize_with = "calendar_date")]
    pub checked: Date,
}

impl MailSoftware {
    /// How to fix what a rule found, in commands or menu paths of this software, one a line.
    #[must_use]
    pub fn way_to_fix(&self, code: &str) -> Option<&str> {
        let way = match code {
            code::STARTTLS_MISSING | code::STARTTLS_REFUSED => &self.starttls,
            code::TLS_TOO_OLD => &self.tls_versions,
            code::CERT_EXPIRED
            | code::CERT_EXPIRES_SOON
            | code::CERT_NAME_MISMATCH
            | code::CERT_NO_SAN
            | code::CERT_SELF_SIGNED
            | code::CERT_UNTRUSTED
            | code::CERT_UNREADABLE
            | code::CERT_CHAIN_INCOMPLETE
            | code::CERT_WEAK_KEY
            | code::CERT_KEY_USAGE => &self.certificate,
            _ => return None,
        };
        way.as_deref()
    }
}

/// The software of a mail server, where all that greeted name the same one.
///
/// ```
/// use mta_sts_core::facts::{MailServer, Observed, Reply, Session};
/// use mta_sts_core::mail_software;
///
/// let mut server = MailServer::named("mx.example.com", 10);
/// let mut session = Session::to("192.0.2.1".parse()?);
/// session.greeting = Observed::Seen(Reply::new(220, &["mx.example.com ESMTP Postfix"]));
/// server.sessions.push(session);
/// assert_eq!(mail_software(&server).unwrap().name, "Postfix");
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn mail_software(server: &MailServer) -> Option<&'static MailSoftware> {
    let greetings = server.sessions.iter();
    let mut greetings = greetings.filter_map(|session| session.greeting.seen());
    let first = of_greeting(greetings.next()?)?;
    greetings
        .all(|greeting| of_greeting(greeting) == Some(first))
        .then_some(first)
}

fn of_greeting(greeting: &Reply) -> Option<&'static MailSoftware> {
    let text = greeting.to_string();
    let found = MAIL_SOFTWARE.iter().filter_map(|software| {
        let parts = software.greeting.iter();
        let found = parts.filter(|part| text.contains(part.as_str()));
        Some((found.map(String::len).max()?, software))
    });
    found.max_by_key(|(length, _)| *length).map(|(_, it)| it)
}

fn read(text: &str) -> Result<Vec<MailSoftware>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        software: Vec<MailSoftware>,
    }
    toml::from_str(text).map(|File { software }| software)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::facts::{Observed, Session};

    fn greeting(texts: &[&str]) -> Option<&'static str> {
        let mut server = MailServer::named("mx.example.com", 10);
        for text in texts {
            let mut session = Session::to("192.0.2.1".parse().unwrap());
            session.greeting = Observed::Seen(Reply::new(220, &[*text]));
            server.sessions.push(session);
        }
        mail_software(&server).map(|software| software.id.as_str())
    }

    #[test]
    fn the_built_in_catalogue_is_valid() {
        let all = read(BUILT_IN).unwrap();
        let ids: BTreeSet<&str> = all.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids.len(), all.len());
        for software in &all {
            assert!(!software.greeting.is_empty(), "{}", software.id);
            let ways = [
                &software.starttls,
                &software.certificate,
                &software.tls_versions,
            ];
            for way in ways.into_iter().flatten() {
                assert!(
                    way.lines().all(|line| !line.trim().is_empty()),
                    "{}",
                    software.id
                );
            }
        }
    }

    #[test]
    fn software_is_told_by_its_greeting() {
        let expected = [
            ("mx.example.com ESMTP Postfix (Debian/GNU)", Some("postfix")),
            ("mail.example.com ESMTP Postcow", Some("mailcow")),
            (
                "mx.example.com ESMTP Exim 4.96 Fri, 27 Nov 2026 10:00:00 +0000",
                Some("exim"),
            ),
            (
                "EX01.example.com Microsoft ESMTP MAIL Service ready at Fri, 27 Nov 2026",
                Some("exchange"),
            ),
            (
                "DB5EUR03FT001.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready",
                Some("exchange-online"),
            ),
            (
                "mx.google.com ESMTP 4fb4d7f45d1cf-gsi - gsmtp",
                Some("google"),
            ),
            (
                "mx.example.com ESMTP MailEnable Service, Version: 10.55-- ready",
                Some("mailenable"),
            ),
            (
                "mx.example.com Kerio Connect 9.4.2 ESMTP ready",
                Some("kerio-connect"),
            ),
            (
                "mx.example.com ESMTP MDaemon 25.5.0; Fri, 27 Nov 2026",
                Some("mdaemon"),
            ),
            ("mx.example.com ESMTP", None),
        ];
        for (text, id) in expected {
            assert_eq!(greeting(&[text]), id, "{text}");
        }
    }

    #[test]
    fn two_addresses_with_different_software_tell_nothing() {
        let (postfix, exim) = ("mx ESMTP Postfix", "mx ESMTP Exim 4.96");
        assert_eq!(greeting(&[postfix, postfix]), Some("postfix"));
        assert_eq!(greeting(&[postfix, exim]), None);
        assert_eq!(greeting(&[]), None);
    }

    #[test]
    fn a_way_to_fix_is_told_for_what_it_mends_alone() {
        let postfix = MAIL_SOFTWARE.iter().find(|it| it.id == "postfix").unwrap();
        let way = postfix.way_to_fix("tls-too-old").unwrap();
        assert!(way.contains("smtpd_tls_protocols"), "{way}");
        assert_eq!(postfix.way_to_fix("record-missing"), None);
    }
}
