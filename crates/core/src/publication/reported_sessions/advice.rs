//! What to do about failed sessions: the advice for each result type of RFC 8460 4.3, with the
//! names of the domain, and what the policy and the remarks of the sender add to it.

use super::{MAX_NAMES, SessionFailures, listed};
use crate::text::escape::escaped;
use crate::text::tls_report::{FailureResult, ReportedPolicy, TlsReport};
use crate::text::wording::duration;

/// Whether a session can fail so because the policy leaves the host out. What goes wrong before
/// that, with the policy or with DANE, has nothing to do with it.
pub(super) fn may_be_left_out(result: &FailureResult) -> bool {
    use FailureResult::{DaneRequired, DnssecInvalid, TlsaInvalid};
    !result.is_of_policy() && !matches!(result, TlsaInvalid | DnssecInvalid | DaneRequired)
}

/// What was met, in a sentence without its full stop, and what to do about these failures with the
/// mail servers of a domain. `used` is the policy that the sender applied. Safe to show.
pub(super) fn advice(
    domain: &str,
    failures: &SessionFailures,
    used: Option<(&TlsReport, &ReportedPolicy)>,
) -> (&'static str, String) {
    let left_out = match (&failures.mx, used) {
        (Some(mx), Some(used)) if !failures.policy_mx.is_empty() => Some(left_out(mx, used)),
        (None, Some(used)) if is_of_mx(failures) => no_mx_listed(domain, used),
        _ => None,
    };
    let result = &failures.result;
    let of_result = of_result(result, domain, failures.mx.as_deref());
    let mut parts = match (result, left_out) {
        (FailureResult::ValidationFailure, Some(left_out)) => {
            let title = "The policy that the sender used doesn’t list the mail server";
            return (title, left_out);
        }
        (_, Some(left_out)) => vec![of_result, left_out],
        (_, None) => vec![of_result],
    };
    if result.is_of_policy() {
        parts.extend(of_statuses(domain, failures));
    }
    (result.title(), parts.join(" "))
}

fn of_result(result: &FailureResult, domain: &str, mx: Option<&str>) -> String {
    let server = mx.map_or_else(|| "this server".to_owned(), |mx| escaped(mx, 100));
    let name = mx.map_or_else(
        || "the name in the MX record".to_owned(),
        |_| server.clone(),
    );
    let (host, domain) = match domain {
        "" => ("the policy host".to_owned(), "the domain".to_owned()),
        domain => {
            let domain = escaped(domain, 253);
            (format!("mta-sts.{domain}"), domain)
        }
    };
    match result {
        FailureResult::StarttlsNotSupported => format!(
            "Turn on STARTTLS on {server}. If it is on, look for a firewall that filters SMTP, or \
             for a backup server behind the same name that was set up without it."
        ),
        FailureResult::CertificateHostMismatch => format!(
            "Get a certificate that contains {name}. If it has another name on purpose, point the \
             MX record to that name, and make sure that the policy lists it."
        ),
        FailureResult::CertificateExpired => format!(
            "Renew it, and restart {server} so that it uses the new one. Make sure that it renews \
             automatically from now on."
        ),
        FailureResult::CertificateNotTrusted => "Use a certificate from a public authority, and \
             install the whole chain: the certificate with its intermediates."
            .to_owned(),
        FailureResult::ValidationFailure => "Check the domain: that tries the handshake with each \
             mail server. A few of these among many good connections are mostly dropped \
             connections. If a sender adds a remark, it tells you more."
            .to_owned(),
        FailureResult::TlsaInvalid => "Publish a TLSA record for the current certificate, or \
             remove the old record. Until then, senders that use DANE hold mail back, with or \
             without MTA-STS."
            .to_owned(),
        FailureResult::DnssecInvalid => format!(
            "Ask the DNS provider of {domain} to fix the signatures, or switch DNSSEC off at the \
             registrar. Until then, many senders can’t find the domain at all."
        ),
        FailureResult::DaneRequired => {
            "This is the sender’s own rule. Ask the sender about it, or \
             publish TLSA records."
                .to_owned()
        }
        FailureResult::StsPolicyFetchError => format!(
            "Make sure that {host} answers everybody over HTTPS, without a redirect, login, \
             country block or bot protection."
        ),
        FailureResult::StsPolicyInvalid => format!(
            "Check {domain}: that names the line. Then create the policy file again and upload it \
             to {host}."
        ),
        FailureResult::StsWebpkiInvalid => format!(
            "Renew or replace the certificate of {host}. It must name that host, be valid now and \
             come with its intermediates."
        ),
        FailureResult::Other(_) => {
            "Check the mail servers. If nothing is wrong with them, ask the \
             sender. The report names a contact."
                .to_owned()
        }
    }
}

/// The policy that was used doesn't list the host.
fn left_out(mx: &str, (report, policy): (&TlsReport, &ReportedPolicy)) -> String {
    let (sender, patterns) = (sender(report), policy.mx());
    let host = escaped(mx, 253);
    let lists = listed(patterns.iter().copied(), MAX_NAMES);
    let mut parents = patterns.iter().filter_map(|it| it.strip_prefix("*."));
    let wildcard = parents.find_map(|parent| {
        let before = mx.strip_suffix(parent)?;
        let labels = match before.strip_suffix('.') {
            Some(before) => format!("{} labels", before.split('.').count()),
            None if before.is_empty() => "none".to_owned(),
            None => return None,
        };
        let parent = escaped(parent, 100);
        Some(format!(
            " A wildcard covers exactly one label, and {host} has {labels} in front of \
             {parent}."
        ))
    });
    let wildcard = wildcard.unwrap_or_default();
    let until = until(policy);
    format!(
        "The policy that {sender} used doesn’t list {host}. It lists {lists}.{wildcard} If {host} \
         is one of your mail servers, add this line to the policy: “mx: {host}”. If your policy \
         lists it already, {sender} still uses an older copy, {until}."
    )
}

/// The sender says that an MX host is not in its policy, and not which.
fn no_mx_listed(domain: &str, (report, policy): (&TlsReport, &ReportedPolicy)) -> Option<String> {
    let (sender, patterns) = (sender(report), policy.mx());
    if patterns.is_empty() {
        return None;
    }
    let lists = listed(patterns.into_iter(), MAX_NAMES);
    let until = until(policy);
    let domain = escaped(domain, 253);
    Some(format!(
        "{sender} found an MX host of {domain} that its policy doesn’t list. The policy lists \
         {lists}. Add an mx line for each MX host that is missing. If your policy lists them all \
         already, {sender} still uses an older copy, {until}."
    ))
}

fn sender(report: &TlsReport) -> String {
    match report.organization.as_str() {
        "" => "the sender".to_owned(),
        name => escaped(name, 80),
    }
}

fn until(policy: &ReportedPolicy) -> String {
    match policy.max_age() {
        Some(secs) => format!("for {} at most (its max_age)", duration(secs)),
        None => "until its max_age has passed".to_owned(),
    }
}

/// Whether a sender adds that an MX host is not in the policy, such as `MX_HOSTS_MISMATCH`.
fn is_of_mx(failures: &SessionFailures) -> bool {
    failures.reasons.iter().any(|reason| {
        let reason = reason.to_ascii_lowercase();
        let mut words = reason.split(|character: char| !character.is_ascii_alphanumeric());
        words.any(|word| word == "mx") && reason.contains("mismatch")
    })
}

/// The statuses that senders name, in words, each once.
fn of_statuses(domain: &str, failures: &SessionFailures) -> Vec<String> {
    let mut statuses: Vec<u16> = failures
        .reasons
        .iter()
        .filter_map(|it| status(it))
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    let url = match domain {
        "" => "its address".to_owned(),
        domain => format!(
            "https://mta-sts.{}/.well-known/mta-sts.txt",
            escaped(domain, 253)
        ),
    };
    let in_words = |status| match status {
        300..=399 => "the web server redirects, and senders don’t follow redirects".to_owned(),
        401 => "the web server wants a login".to_owned(),
        403 => "the web server denies access".to_owned(),
        404 | 410 => format!("there is no such file. Upload it so that it opens at {url}"),
        429 => "the web server limits how often senders may connect".to_owned(),
        500 => "the web server failed. Its error log says why".to_owned(),
        502 | 504 => "the web server can’t reach the server behind it".to_owned(),
        503 => "the web server is overloaded or under maintenance".to_owned(),
        _ => "senders accept only status 200".to_owned(),
    };
    let told = statuses
        .into_iter()
        .map(|status| format!("Status {status}: {}.", in_words(status)));
    told.collect()
}

/// The HTTP status in the words of a sender, where it is an error.
fn status(reason: &str) -> Option<u16> {
    let lower = reason.to_ascii_lowercase();
    let is_alone = lower.trim().len() == 3;
    let names_one = |word| lower.contains(word);
    if !is_alone
        && !["http", "status", "response", "code"]
            .into_iter()
            .any(names_one)
    {
        return None;
    }
    let mut numbers = lower.split(|character: char| !character.is_ascii_alphanumeric());
    let is_error = |number: &u16| (300..600).contains(number);
    numbers.find_map(|number| number.parse().ok().filter(is_error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_result_type_of_the_standard_has_its_own_advice() {
        let advice = FailureResult::NAMED.map(|it| of_result(&it, "a.example", None));
        assert_eq!(BTreeSet::from(advice).len(), FailureResult::NAMED.len());
    }

    #[test]
    fn a_status_is_found_where_one_is_meant() {
        for (reason, found) in [
            ("bad https response code: 404", Some(404)),
            ("HTTP/1.1 503 Service Unavailable", Some(503)),
            ("http-status-500", Some(500)),
            ("301", Some(301)),
            ("timeout after 300 seconds", None),
            ("HTTP 200", None),
            ("http status 99999", None),
            ("", None),
        ] {
            assert_eq!(status(reason), found, "{reason}");
        }
    }
}
