//! What rules about certificates share, for MX hosts and the policy host alike: who shows which
//! chain, and a description of each fault.

use std::iter::successors;
use std::net::IpAddr;

use time::{Duration, OffsetDateTime};

use crate::facts::{Certificate, Chain, Observed, Trust};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::escape::escaped;
use crate::text::wording::{self, day, in_quotes, in_words};

/// How long before it expires a certificate should have been renewed.
const RENEWED_BEFORE_END: Duration = Duration::days(14);

/// How many names to quote from one certificate.
const MAX_NAMES: usize = 3;

/// A chain, who shows it, and when it was seen.
pub(crate) struct Shown<'a> {
    host: String,
    server: Server,
    leaf: &'a Certificate,
    chain: &'a Chain,
    checked_at: OffsetDateTime,
}

/// What kind of server shows the chain.
#[derive(Clone, Copy)]
enum Server {
    Mail,
    Web,
}

/// What is wrong with a chain.
#[derive(PartialEq)]
pub(crate) struct Fault {
    /// Completes the sentence "The host shows …".
    seen: String,
    fix: String,
}

/// Reports a fault in the chains of the MX hosts, once for each host that has it.
pub(crate) fn of_mail_servers(
    case: &Case<'_>,
    findings: &mut Findings,
    fault_of: fn(&Shown<'_>) -> Option<Fault>,
) {
    let mut told: Vec<(&str, Vec<IpAddr>, Fault)> = Vec::new();
    for served in &case.served {
        let shown = Shown::new(case, served.host, Server::Mail, served.chain);
        let Some(fault) = shown.as_ref().and_then(fault_of) else {
            continue;
        };
        match told
            .iter_mut()
            .find(|(host, _, known)| *host == served.host && *known == fault)
        {
            Some((_, addresses, _)) => addresses.extend(served.addresses.iter().copied()),
            None => told.push((served.host, served.addresses.clone(), fault)),
        }
    }
    for (host, addresses, fault) in told {
        let name = wording::shown(host);
        let evidence = format!(
            "On port 25, {name} ({}) shows {}",
            in_words(addresses),
            fault.seen
        );
        findings.report(Subject::mail_server(host), evidence, fault.fix);
    }
}

/// Reports a fault in the chain of the policy host.
pub(crate) fn of_policy_host(
    case: &Case<'_>,
    findings: &mut Findings,
    fault_of: fn(&Shown<'_>) -> Option<Fault>,
) {
    let Some(shown) = Shown::by_policy_host(case) else {
        return;
    };
    if let Some(fault) = fault_of(&shown) {
        let address = case.facts.policy.seen().and_then(|fetch| fetch.ip);
        let address = address.map_or(String::new(), |ip| format!(" ({ip})"));
        let evidence = format!("On port 443, {}{address} shows {}", shown.host, fault.seen);
        findings.report(
            Subject::policy_host(&case.facts.domain),
            evidence,
            fault.fix,
        );
    }
}

/// Whether senders refuse the chain of the policy host.
pub(crate) fn policy_host_is_refused(case: &Case<'_>) -> bool {
    let chain = case.facts.policy.seen().map(|fetch| &fetch.chain);
    let chain = chain.and_then(Observed::seen);
    chain.is_some_and(|chain| why_policy_host_is_refused(case, chain).is_some())
}

/// Why senders refuse a chain that the policy host shows. Completes the sentence "The host shows
/// …".
pub(crate) fn why_policy_host_is_refused(case: &Case<'_>, chain: &Chain) -> Option<String> {
    let faults = [
        expired,
        not_yet_valid,
        name_mismatch,
        no_san,
        self_signed,
        untrusted,
        chain_incomplete,
    ];
    let shown = Shown::new(case, &case.facts.domain.policy_host(), Server::Web, chain)?;
    let first = faults.iter().find_map(|fault_of| fault_of(&shown));
    first.map(|fault| fault.seen)
}

impl<'a> Shown<'a> {
    fn new(case: &Case<'_>, host: &str, server: Server, chain: &'a Chain) -> Option<Self> {
        Some(Self {
            host: host.to_owned(),
            server,
            leaf: chain.leaf()?,
            chain,
            checked_at: case.facts.checked_at,
        })
    }

    fn by_policy_host(case: &Case<'a>) -> Option<Self> {
        let chain = case.facts.policy.seen()?.chain.seen()?;
        Self::new(case, &case.facts.domain.policy_host(), Server::Web, chain)
    }

    /// The host's name, safe to show.
    fn name(&self) -> String {
        wording::shown(&self.host)
    }

    /// The certificates that a sender needs, leaf first. Senders ignore anything beyond the path to
    /// the root, such as an old cross-signed root.
    fn path(&self) -> impl Iterator<Item = &'a Certificate> {
        let chain = self.chain;
        let needs_issuer = move |certificate: &Certificate| {
            !certificate.is_self_issued()
                && !matches!(&chain.trust, Trust::Trusted { root } if *root == certificate.issuer)
        };
        let issuer_of = move |certificate: &&'a Certificate| {
            let issuer = &certificate.issuer;
            needs_issuer(certificate).then(|| {
                // If two have the same name, such as an expired cross-signed one and its
                // replacement, senders use the one that leads to the root.
                let of_this_name = chain.certificates.iter().skip(1);
                of_this_name
                    .filter(|other| other.subject == *issuer)
                    .max_by_key(|other| other.not_after)
            })?
        };
        successors(Some(self.leaf), issuer_of).take(chain.certificates.len())
    }

    /// `a certificate` for the leaf, otherwise which intermediate it is.
    fn called(&self, certificate: &Certificate) -> String {
        if certificate == self.leaf {
            "a certificate".to_owned()
        } else {
            format!(
                "an intermediate certificate {}",
                in_quotes(&certificate.subject, 100)
            )
        }
    }

    /// Which certificate to renew, and where to install it.
    fn renewal(&self, certificate: &Certificate) -> String {
        if certificate == self.leaf {
            format!(
                "Renew the certificate of {} and install the new one on the {}.",
                self.name(),
                self.server.noun()
            )
        } else {
            format!(
                "Renew the certificate of {} and install it on the {} together with the \
                 intermediate certificates that come with it.",
                self.name(),
                self.server.noun()
            )
        }
    }
}

impl Server {
    fn noun(self) -> &'static str {
        match self {
            Self::Mail => "mail server",
            Self::Web => "web server",
        }
    }
}

/// The leaf has expired, or an intermediate that it depends on.
pub(crate) fn expired(shown: &Shown<'_>) -> Option<Fault> {
    let ended = first_to_end(shown).filter(|first| first.not_after < shown.checked_at)?;
    Some(Fault {
        seen: format!(
            "{} that expired on {}.",
            shown.called(ended),
            day(ended.not_after)
        ),
        fix: shown.renewal(ended),
    })
}

/// A certificate expires within [`RENEWED_BEFORE_END`].
pub(crate) fn expires_soon(shown: &Shown<'_>) -> Option<Fault> {
    let ending = first_to_end(shown)?;
    let left = ending.not_after - shown.checked_at;
    if left.is_negative() || left >= RENEWED_BEFORE_END {
        return None;
    }
    let left = match left.whole_days() {
        0 => "less than a day".to_owned(),
        1 => "one day".to_owned(),
        days => format!("{days} days"),
    };
    Some(Fault {
        seen: format!(
            "{} that expires on {}, {left} after this check.",
            shown.called(ending),
            day(ending.not_after)
        ),
        fix: format!(
            "{} If renewal is automatic, find out why it hasn’t run yet.",
            shown.renewal(ending)
        ),
    })
}

fn first_to_end<'a>(shown: &Shown<'a>) -> Option<&'a Certificate> {
    shown.path().min_by_key(|certificate| certificate.not_after)
}

/// A certificate is not valid yet.
pub(crate) fn not_yet_valid(shown: &Shown<'_>) -> Option<Fault> {
    let early = shown
        .path()
        .find(|certificate| certificate.not_before > shown.checked_at)?;
    Some(Fault {
        seen: format!(
            "{} that isn’t valid until {}.",
            shown.called(early),
            day(early.not_before)
        ),
        fix: format!(
            "Install a certificate that is valid today on the {}. If this one was only just \
             issued, check the date on the machine that issued it, and on this computer.",
            shown.server.noun()
        ),
    })
}

/// No DNS name in the certificate covers the host (RFC 8461 4.1, RFC 9525).
pub(crate) fn name_mismatch(shown: &Shown<'_>) -> Option<Fault> {
    let names = &shown.leaf.dns_names;
    if names.is_empty() || shown.leaf.names(&shown.host) {
        return None;
    }
    let mut quotes: Vec<String> = names
        .iter()
        .take(MAX_NAMES)
        .map(|name| escaped(name, 80))
        .collect();
    match names.len() - quotes.len() {
        0 => {}
        1 => quotes.push("one more name".to_owned()),
        more => quotes.push(format!("{more} more names")),
    }
    let too_deep = names
        .iter()
        .filter_map(|name| name.strip_prefix('*'))
        .any(|parent| {
            parent.starts_with('.')
                && shown.host.len() > parent.len()
                && shown.host.to_ascii_lowercase().ends_with(parent)
        });
    let hint = if too_deep {
        " A wildcard covers exactly one part of a name."
    } else {
        ""
    };
    let host = shown.name();
    let instead = match shown.server {
        Server::Mail => format!(
            "If another company runs {host}, compare your MX records with its instructions: they \
             must name the server exactly as the company does."
        ),
        Server::Web => format!(
            "At a hosting company, it’s enough to add {host} to the site and switch on HTTPS for \
             it."
        ),
    };
    Some(Fault {
        seen: format!(
            "a certificate for {}, not for {host}.{hint}",
            in_words(quotes)
        ),
        fix: format!(
            "Get a certificate that names {host} and install it on the {}. {instead}",
            shown.server.noun()
        ),
    })
}

/// The certificate lists no DNS name at all; a common name does not count (RFC 9525 2).
pub(crate) fn no_san(shown: &Shown<'_>) -> Option<Fault> {
    if !shown.leaf.dns_names.is_empty() {
        return None;
    }
    let seen = match &shown.leaf.common_name {
        Some(name) => format!(
            "a certificate whose only name is the common name {}. Senders don’t read that field; \
             they read the list of alternative names, which is empty.",
            in_quotes(name, 100)
        ),
        None => "a certificate that names no host.".to_owned(),
    };
    Some(Fault {
        seen,
        fix: format!(
            "Have the certificate reissued with {} among its subject alternative names, and \
             install it on the {}.",
            shown.name(),
            shown.server.noun()
        ),
    })
}

/// The leaf is self-signed.
pub(crate) fn self_signed(shown: &Shown<'_>) -> Option<Fault> {
    matches!(shown.chain.trust, Trust::SelfSigned).then(|| Fault {
        seen: "a self-signed certificate, not one from a certificate authority.".to_owned(),
        fix: from_public_authority(shown),
    })
}

/// The chain ends at a root that senders do not trust, or is invalid.
pub(crate) fn untrusted(shown: &Shown<'_>) -> Option<Fault> {
    match &shown.chain.trust {
        Trust::UnknownRoot { root } => Some(Fault {
            seen: format!(
                "a certificate that leads to {}, which isn’t an authority that senders trust.",
                in_quotes(root, 100)
            ),
            fix: from_public_authority(shown),
        }),
        Trust::Invalid { detail } => Some(Fault {
            seen: format!(
                "an invalid certificate chain: {}.",
                escaped(detail.trim_end_matches('.'), 200)
            ),
            fix: from_public_authority(shown),
        }),
        Trust::Trusted { .. } | Trust::SelfSigned | Trust::IssuerMissing { .. } => None,
    }
}

fn from_public_authority(shown: &Shown<'_>) -> String {
    format!(
        "Get a certificate for {} from a public authority (Let’s Encrypt issues them for free) and \
         install it on the {} together with its chain.",
        shown.name(),
        shown.server.noun()
    )
}

/// A certificate between the leaf and the root was not sent.
pub(crate) fn chain_incomplete(shown: &Shown<'_>) -> Option<Fault> {
    let Trust::IssuerMissing { issuer } = &shown.chain.trust else {
        return None;
    };
    Some(Fault {
        seen: format!(
            "a certificate signed by {}, but doesn’t send the signer’s certificate with it.",
            in_quotes(issuer, 100)
        ),
        fix: format!(
            "Install the file with the whole chain on the {} of {}. It’s often named \
             fullchain.pem; cert.pem contains only the certificate itself.",
            shown.server.noun(),
            shown.name()
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{chain, healthy};

    fn path_of(chain: &Chain) -> Vec<String> {
        let facts = healthy();
        let case = Case::of(&facts);
        let shown = Shown::new(&case, "mx1.example.com", Server::Mail, chain).unwrap();
        shown
            .path()
            .map(|certificate| certificate.subject.clone())
            .collect()
    }

    #[test]
    fn the_path_ends_below_the_trusted_root() {
        let mut chain = chain("mx1.example.com");
        let cross_signed = Certificate {
            subject: "CN=Example Root".into(),
            issuer: "CN=Old Root".into(),
            ..chain.certificates[1].clone()
        };
        chain.certificates.push(cross_signed);
        assert_eq!(
            path_of(&chain),
            ["CN=mx1.example.com", "CN=Example Intermediate"]
        );
    }

    #[test]
    fn certificates_in_the_wrong_order_are_followed_by_their_issuers() {
        let mut chain = chain("mx1.example.com");
        let stray = Certificate {
            subject: "CN=Stray".into(),
            ..chain.certificates[1].clone()
        };
        chain.certificates.insert(1, stray);
        assert_eq!(
            path_of(&chain),
            ["CN=mx1.example.com", "CN=Example Intermediate"]
        );
    }

    #[test]
    fn certificates_that_sign_each_other_do_not_hold_the_judge_up() {
        let mut chain = chain("mx1.example.com");
        chain.certificates[1].issuer = "CN=Turn".into();
        let turn = Certificate {
            subject: "CN=Turn".into(),
            issuer: "CN=Example Intermediate".into(),
            ..chain.certificates[1].clone()
        };
        chain.certificates.push(turn);
        assert_eq!(path_of(&chain).len(), 3);
    }
}
