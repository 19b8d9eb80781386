//! What rules about certificates share, for MX hosts and the policy host alike: who shows which
//! chain, a description of each fault, and whether senders refuse the chain for one.

use std::iter::successors;
use std::net::IpAddr;

use time::{Duration, OffsetDateTime};

use super::chain_fault::words;
use crate::facts::{Certificate, Chain, FailureKind, Observed, ProbeFailure, Trust};
use crate::rules::case::{Case, Served};
use crate::rules::finding::{Findings, Subject};
use crate::text::date_style::day;
use crate::text::escape::escaped;
use crate::text::wording::{self, in_quotes, in_words};

/// Senders that go by the usual security level of OpenSSL, 2, refuse smaller RSA keys.
const MIN_RSA_BITS: u32 = 2048;

/// How many names to quote from one certificate.
const MAX_NAMES: usize = 3;

/// A chain, who shows it, and when it was seen.
pub(crate) struct Shown<'a> {
    host: String,
    pub(super) server: Server,
    leaf: &'a Certificate,
    pub(super) chain: &'a Chain,
    checked_at: OffsetDateTime,
}

/// What kind of server shows the chain.
#[derive(Clone, Copy)]
pub(crate) enum Server {
    Mail,
    Web,
}

/// What is wrong with a chain.
#[derive(PartialEq)]
pub(crate) struct Fault {
    /// Completes the sentence "The host shows …".
    pub(crate) seen: String,
    /// The same in few words, without a full stop: completes "The host …". Empty where it is no
    /// reason to refuse the chain.
    pub(crate) brief: String,
    pub(crate) fix: String,
}

/// What senders make of a chain (RFC 8461 4.2).
pub(crate) enum Verdict {
    /// They accept it.
    Accepted,
    /// They refuse it, for this fault.
    Refused(Fault),
    /// What was seen doesn’t say, for this reason: a sentence without its full stop.
    Unclear(String),
}

/// The faults for which senders refuse a chain, the clearest first.
const REFUSED_FOR: [fn(&Shown<'_>) -> Option<Fault>; 7] = [
    expired,
    not_yet_valid,
    name_mismatch,
    no_san,
    self_signed,
    untrusted,
    chain_incomplete,
];

/// Whether senders refuse what a host shows, and why. The one answer for the rules, for the delivery
/// and for the policy host.
pub(crate) fn verdict(
    host: &str,
    server: Server,
    chain: &Observed<Chain>,
    checked_at: OffsetDateTime,
) -> Verdict {
    let unseen = || Verdict::Unclear("we didn’t see it".to_owned());
    let chain = match chain {
        Observed::NotAsked => return unseen(),
        Observed::Failed(failure) => {
            return unreadable(host, server, failure)
                .map_or_else(|| Verdict::Unclear(failure.to_string()), Verdict::Refused);
        }
        Observed::Seen(chain) => chain,
    };
    let Some(shown) = Shown::new(host, server, chain, checked_at) else {
        return unseen();
    };
    if let Some(fault) = REFUSED_FOR.iter().find_map(|fault_of| fault_of(&shown)) {
        return Verdict::Refused(fault);
    }
    unverified(&shown).map_or(Verdict::Accepted, Verdict::Unclear)
}

/// Reports a fault in the chains of the MX hosts, once for each host that has it.
pub(crate) fn of_mail_servers(
    case: &Case<'_>,
    findings: &mut Findings,
    fault_of: fn(&Shown<'_>) -> Option<Fault>,
) {
    let mut told: Vec<(&str, Vec<IpAddr>, Fault)> = Vec::new();
    for served in &case.served {
        let shown = Shown::by_mail_server(case, served);
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

/// Says which chains of the MX hosts this program couldn’t verify.
pub(crate) fn unverified_mail_servers(case: &Case<'_>, findings: &mut Findings) {
    for served in &case.served {
        let shown = Shown::by_mail_server(case, served);
        if let Some(why) = shown.as_ref().and_then(unverified) {
            let host = wording::shown(served.host);
            let addresses = in_words(&served.addresses);
            findings.not_checked(
                Subject::mail_server(served.host),
                format!(
                    "We couldn’t verify the certificate of {host} ({addresses}) on port 25: {why}. \
                     Senders may accept it."
                ),
            );
        }
    }
}

/// Says that this program couldn’t verify the chain of the policy host.
pub(crate) fn unverified_policy_host(case: &Case<'_>, findings: &mut Findings) {
    let shown = Shown::by_policy_host(case);
    if let Some(why) = shown.as_ref().and_then(unverified) {
        let host = case.facts.domain.policy_host();
        findings.not_checked(
            Subject::policy_host(&case.facts.domain),
            format!(
                "We couldn’t verify the certificate of {host} on port 443: {why}. Senders may \
                 accept it."
            ),
        );
    }
}

/// Whether senders refuse the chain of the policy host.
pub(crate) fn policy_host_is_refused(case: &Case<'_>) -> bool {
    case.facts
        .policy
        .seen()
        .is_some_and(|fetch| why_policy_host_is_refused(case, &fetch.chain).is_some())
}

/// Why senders refuse a chain that the policy host shows. Completes the sentence "The host shows
/// …".
pub(crate) fn why_policy_host_is_refused(
    case: &Case<'_>,
    chain: &Observed<Chain>,
) -> Option<String> {
    let host = case.facts.domain.policy_host();
    match verdict(&host, Server::Web, chain, case.facts.checked_at) {
        Verdict::Refused(fault) => Some(fault.seen),
        Verdict::Accepted | Verdict::Unclear(_) => None,
    }
}

impl<'a> Shown<'a> {
    /// Whether the host's name is none that a certificate can have (RFC 5280 4.2.1.6).
    pub(crate) fn host_has_underscore(&self) -> bool {
        self.host.contains('_')
    }

    fn new(
        host: &str,
        server: Server,
        chain: &'a Chain,
        checked_at: OffsetDateTime,
    ) -> Option<Self> {
        Some(Self {
            host: host.to_owned(),
            server,
            leaf: chain.leaf()?,
            chain,
            checked_at,
        })
    }

    fn by_mail_server(case: &Case<'_>, served: &Served<'a>) -> Option<Self> {
        let at = case.facts.checked_at;
        Self::new(served.host, Server::Mail, served.chain, at)
    }

    fn by_policy_host(case: &Case<'a>) -> Option<Self> {
        let chain = case.facts.policy.seen()?.chain.seen()?;
        let host = case.facts.domain.policy_host();
        Self::new(&host, Server::Web, chain, case.facts.checked_at)
    }

    /// The host's name, safe to show.
    pub(super) fn name(&self) -> String {
        wording::shown(&self.host)
    }

    /// The certificates that a sender needs, leaf first. Senders ignore anything beyond the path to
    /// the root, such as an old cross-signed root.
    fn path(&self) -> impl Iterator<Item = &'a Certificate> {
        let chain = self.chain;
        let certificates = chain.certificates.as_slice();
        let leads = leads_to_root(chain);
        let issuer_of = move |&index: &usize| {
            let certificate = &certificates[index];
            let ends_here = certificate.is_self_issued()
                || matches!(&chain.trust, Trust::Trusted { root } if *root == certificate.issuer);
            if ends_here {
                return None;
            }
            // If two have the same name, such as an expired cross-signed one and its replacement,
            // senders use the one that leads to the root.
            (1..certificates.len())
                .filter(|&other| certificates[other].subject == certificate.issuer)
                .max_by_key(|&other| (leads[other], certificates[other].not_after))
        };
        successors(Some(0), issuer_of)
            .take(certificates.len())
            .map(move |index| &certificates[index])
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

/// Which certificates lead to the trusted root, in whatever order they were served.
fn leads_to_root(chain: &Chain) -> Vec<bool> {
    let mut leads = vec![false; chain.certificates.len()];
    let Trust::Trusted { root } = &chain.trust else {
        return leads;
    };
    let mut reached = vec![root.as_str()];
    while let Some(issuer) = reached.pop() {
        for (certificate, leads) in chain.certificates.iter().zip(&mut leads) {
            if !*leads && certificate.issuer == issuer {
                *leads = true;
                reached.push(&certificate.subject);
            }
        }
    }
    leads
}

impl Server {
    pub(crate) fn noun(self) -> &'static str {
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
        brief: format!(
            "has {} that expired on {}",
            shown.called(ended),
            day(ended.not_after)
        ),
        fix: shown.renewal(ended),
    })
}

/// A certificate should have been renewed by now: it has less than two weeks left, or less than a
/// third of a short lifetime.
pub(crate) fn expires_soon(shown: &Shown<'_>) -> Option<Fault> {
    let left = |certificate: &Certificate| certificate.not_after - shown.checked_at;
    let is_due = |certificate: &&Certificate| certificate.renewal_due() < shown.checked_at;
    if left(first_to_end(shown)?).is_negative() {
        return None;
    }
    let ending = shown
        .path()
        .filter(is_due)
        .min_by_key(|certificate| certificate.not_after)?;
    Some(Fault {
        seen: format!(
            "{} that expires on {}, {} after this check. It was issued for {}.",
            shown.called(ending),
            day(ending.not_after),
            span(left(ending)),
            span(ending.lifetime())
        ),
        brief: String::new(),
        fix: format!(
            "{} If renewal is automatic, find out why it hasn’t run yet.",
            shown.renewal(ending)
        ),
    })
}

/// A length of time in whole days.
fn span(time: Duration) -> String {
    match time.whole_days() {
        ..=0 => "less than a day".to_owned(),
        1 => "one day".to_owned(),
        days => format!("{days} days"),
    }
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
        brief: format!(
            "has {} that isn’t valid before {}",
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

const DOES_NOT_NAME_IT: &str = "has a certificate that doesn’t name it";

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
        more if shown.leaf.names_cut => quotes.push(format!("more than {more} more names")),
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
        brief: DOES_NOT_NAME_IT.to_owned(),
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
            "a certificate that has {} as its common name and no DNS name among its alternative \
             names. Senders only read the DNS names.",
            in_quotes(name, 100)
        ),
        None => "a certificate that names no host.".to_owned(),
    };
    Some(Fault {
        seen,
        brief: DOES_NOT_NAME_IT.to_owned(),
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
        brief: "has a self-signed certificate".to_owned(),
        fix: from_public_authority(shown),
    })
}

/// What this program can’t verify about the chain: a sentence without its full stop.
fn unverified(shown: &Shown<'_>) -> Option<String> {
    match &shown.chain.trust {
        Trust::Unverified { detail } => Some(escaped(detail.trim_end_matches('.'), 200)),
        _ => None,
    }
}

/// The certificate can’t be read by anybody.
pub(crate) fn unreadable(host: &str, server: Server, failure: &ProbeFailure) -> Option<Fault> {
    if failure.kind != FailureKind::UnreadableCertificate {
        return None;
    }
    let detail = escaped(failure.detail.trim_end_matches('.'), 200);
    Some(Fault {
        seen: format!("a certificate that can’t be read: {detail}."),
        brief: "has a certificate that can’t be read".to_owned(),
        fix: format!(
            "Have the certificate of {} issued again, and install the new one on the {}.",
            wording::shown(host),
            server.noun()
        ),
    })
}

/// A certificate has an RSA key below [`MIN_RSA_BITS`].
pub(crate) fn weak_key(shown: &Shown<'_>) -> Option<Fault> {
    let weak = |certificate: &Certificate| {
        let bits = certificate.rsa_bits();
        bits.filter(|&bits| bits < MIN_RSA_BITS)
    };
    let (certificate, bits) = shown
        .path()
        .find_map(|certificate| Some((certificate, weak(certificate)?)))?;
    Some(Fault {
        seen: format!(
            "{} with an RSA key of {bits} bits. Some senders refuse RSA keys below {MIN_RSA_BITS} \
             bits.",
            shown.called(certificate)
        ),
        brief: String::new(),
        fix: format!(
            "Make a new key for {}, RSA with {MIN_RSA_BITS} bits or EC with 256, get a certificate \
             for it, and install both on the {}.",
            shown.name(),
            shown.server.noun()
        ),
    })
}

/// The key usage of a certificate on the path rules out what it is used for (RFC 5280 4.2.1.3).
/// OpenSSL checks that, and other libraries don't.
pub(crate) fn key_usage(shown: &Shown<'_>) -> Option<Fault> {
    if !matches!(shown.chain.trust, Trust::Trusted { .. }) {
        return None;
    }
    let issuer_that_may_not_sign = || {
        shown
            .path()
            .skip(1)
            .find(|issuer| issuer.key_usage.is_some_and(|usage| !usage.certificates))
    };
    let what = if shown.leaf.key_usage.is_some_and(|usage| !usage.handshake) {
        "a certificate whose key usage has neither “digital signature” nor “key encipherment”"
            .to_owned()
    } else {
        format!(
            "{} whose key usage doesn’t allow it to sign certificates",
            shown.called(issuer_that_may_not_sign()?)
        )
    };
    Some(Fault {
        seen: format!(
            "{what}. Senders that use OpenSSL, such as Postfix and Exim, refuse it; others accept \
             it."
        ),
        brief: String::new(),
        fix: from_public_authority(shown),
    })
}

/// Two certificates have the name and the key of an issuer, and the first leads nowhere. OpenSSL
/// takes the first that is valid and doesn't go back.
pub(crate) fn issuer_order(shown: &Shown<'_>) -> Option<Fault> {
    let Trust::Trusted { root } = &shown.chain.trust else {
        return None;
    };
    let certificates = shown.chain.certificates.as_slice();
    let leads = leads_to_root(shown.chain);
    let key = |index: usize| {
        let digests = certificates[index].digests.as_ref();
        digests.map(|digests| digests.key_sha256.as_str())
    };
    let is_current = |index: usize| {
        let Certificate {
            not_before,
            not_after,
            ..
        } = &certificates[index];
        (*not_before..=*not_after).contains(&shown.checked_at)
    };
    let mut at = 0;
    for _ in certificates {
        let issuer = &certificates[at].issuer;
        if issuer == root {
            return None;
        }
        let of_this_name: Vec<usize> = (1..certificates.len())
            .filter(|&index| certificates[index].subject == *issuer)
            .collect();
        let taken = of_this_name
            .iter()
            .copied()
            .find(|&index| is_current(index))?;
        let is_right = |&&other: &&usize| {
            leads[other] && is_current(other) && key(other).is_some() && key(other) == key(taken)
        };
        if !leads[taken] {
            return of_this_name.iter().find(is_right).map(|&right| {
                wrong_issuer_first(shown, &certificates[taken], &certificates[right])
            });
        }
        at = taken;
    }
    None
}

fn wrong_issuer_first(shown: &Shown<'_>, taken: &Certificate, right: &Certificate) -> Fault {
    let signed_by = |certificate: &Certificate| in_quotes(&certificate.issuer, 100);
    Fault {
        seen: format!(
            "two certificates of {}: first one that {} signed, which leads to no authority that \
             senders trust, then one that {} signed, which does. Senders that use OpenSSL stop at \
             the first.",
            in_quotes(&taken.subject, 100),
            signed_by(taken),
            signed_by(right)
        ),
        brief: String::new(),
        fix: format!(
            "Remove the certificate that {} signed from the chain on the {} of {}.",
            signed_by(taken),
            shown.server.noun(),
            shown.name()
        ),
    }
}

/// Senders don't trust the chain, for another reason than a self-signed or missing certificate.
pub(crate) fn untrusted(shown: &Shown<'_>) -> Option<Fault> {
    match &shown.chain.trust {
        Trust::UnknownRoot { root } => Some(Fault {
            seen: format!(
                "a certificate that leads to {}, which isn’t an authority that senders trust.",
                in_quotes(root, 100)
            ),
            brief: "has a certificate from a root that senders don’t trust".to_owned(),
            fix: from_public_authority(shown),
        }),
        Trust::Faulty(fault) => {
            let words = words(*fault);
            Some(Fault {
                seen: words.seen.to_owned(),
                brief: words.brief.to_owned(),
                fix: if words.the_chain_file_is_wrong {
                    format!(
                        "Download the chain that belongs to the certificate of {} from its \
                         authority, and install it on the {}.",
                        shown.name(),
                        shown.server.noun()
                    )
                } else {
                    from_public_authority(shown)
                },
            })
        }
        Trust::Invalid { detail } => Some(Fault {
            seen: format!(
                "an invalid certificate chain: {}.",
                escaped(detail.trim_end_matches('.'), 200)
            ),
            brief: "has an invalid certificate chain".to_owned(),
            fix: from_public_authority(shown),
        }),
        Trust::Trusted { .. }
        | Trust::SelfSigned
        | Trust::IssuerMissing { .. }
        | Trust::Unverified { .. } => None,
    }
}

pub(super) fn from_public_authority(shown: &Shown<'_>) -> String {
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
        brief: "doesn’t send the intermediate certificate that leads to a trusted root".to_owned(),
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
    use crate::facts::ChainFault;
    use crate::rules::testing::{chain, failed, healthy};

    fn path_of(chain: &Chain) -> Vec<String> {
        let at = healthy().checked_at;
        let shown = Shown::new("mx1.example.com", Server::Mail, chain, at).unwrap();
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

    #[test]
    fn of_two_issuers_with_one_name_the_path_takes_the_one_that_leads_to_the_root() {
        for dead_end_first in [true, false] {
            let mut chain = chain("mx1.example.com");
            let dead_end = Certificate {
                issuer: "CN=Nowhere".into(),
                not_after: chain.certificates[1].not_after + Duration::days(100),
                ..chain.certificates[1].clone()
            };
            let place = if dead_end_first { 1 } else { 2 };
            chain.certificates.insert(place, dead_end);
            let at = healthy().checked_at;
            let shown = Shown::new("mx1.example.com", Server::Mail, &chain, at).unwrap();
            let last = shown.path().last().unwrap();
            assert_eq!(last.issuer, "CN=Example Root", "{dead_end_first}");
        }
    }

    fn why_refused(change: impl FnOnce(&mut Chain)) -> Option<String> {
        let mut chain = chain("mx1.example.com");
        change(&mut chain);
        let (chain, at) = (Observed::Seen(chain), healthy().checked_at);
        match verdict("mx1.example.com", Server::Mail, &chain, at) {
            Verdict::Refused(fault) => Some(fault.brief),
            Verdict::Accepted | Verdict::Unclear(_) => None,
        }
    }

    #[test]
    fn an_intermediate_that_expired_is_refused_like_a_leaf() {
        let yesterday = healthy().checked_at - Duration::days(1);
        assert_eq!(why_refused(|_| ()), None);
        for index in [0, 1] {
            let brief = why_refused(|chain| chain.certificates[index].not_after = yesterday);
            assert!(brief.unwrap().ends_with("expired on 22 November 2026"));
        }
    }

    #[test]
    fn every_reason_to_refuse_a_chain_has_few_words_for_it() {
        let trusts = [
            Trust::SelfSigned,
            Trust::IssuerMissing {
                issuer: String::new(),
            },
            Trust::UnknownRoot {
                root: String::new(),
            },
            Trust::Faulty(ChainFault::WrongPurpose),
            Trust::Invalid {
                detail: String::new(),
            },
        ];
        for trust in trusts {
            let brief = why_refused(|chain| chain.trust = trust.clone()).unwrap();
            assert!(!brief.is_empty() && !brief.ends_with('.'), "{trust:?}");
        }
        let brief = why_refused(|chain| chain.certificates[0].dns_names.clear());
        assert_eq!(brief.as_deref(), Some(DOES_NOT_NAME_IT));
    }

    #[test]
    fn what_this_program_cannot_verify_is_neither_accepted_nor_refused() {
        let at = healthy().checked_at;
        let mut odd = chain("mx1.example.com");
        odd.trust = Trust::Unverified {
            detail: "this program can’t verify RSA keys of 1024 bits".into(),
        };
        let unseen = [
            Observed::Seen(odd),
            Observed::NotAsked,
            failed(FailureKind::Unsupported),
        ];
        for chain in unseen {
            let verdict = verdict("mx1.example.com", Server::Mail, &chain, at);
            assert!(matches!(verdict, Verdict::Unclear(_)), "{chain:?}");
        }
        let unreadable = failed(FailureKind::UnreadableCertificate);
        let verdict = verdict("mx1.example.com", Server::Mail, &unreadable, at);
        assert!(matches!(verdict, Verdict::Refused(_)));
    }
}
