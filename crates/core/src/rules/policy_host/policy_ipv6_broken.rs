//! `policy-ipv6-broken`: the policy arrives over IPv4, but not, or not the same, over IPv6.

use std::net::IpAddr;

use crate::facts::{Facts, FailureKind, Observed, PolicyFetch, ProbeFailure};
use crate::rules::case::Case;
use crate::rules::certificate::chain::{policy_host_is_refused, why_policy_host_is_refused};
use crate::rules::finding::{Findings, Subject};
use crate::rules::smtp::reachability::ipv6_works;
use crate::text::wording::in_words;

rule! {
    code: POLICY_IPV6_BROKEN,
    severity: Problem,
    title: "the policy host doesn’t work over IPv6",
    page: "policy_ipv6_broken.md",
    check,
}

/// What came over IPv6 instead of the policy.
struct Trouble {
    /// A sentence.
    seen: String,
    /// Why it may not be the host's fault, in a sentence.
    doubt: Option<&'static str>,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let facts = case.facts;
    let Some(addresses) = ipv6_addresses_beside_ipv4(facts) else {
        return;
    };
    // If the policy doesn't arrive at all, the rules about the fetch say so.
    if case.policy.is_none() || policy_host_is_refused(case) || !came_over_ipv4(facts) {
        return;
    }
    let Some(trouble) = trouble(case) else {
        return;
    };
    let (host, addresses) = (facts.domain.policy_host(), in_words(addresses));
    let evidence = format!(
        "{host} returns the policy over IPv4. Over IPv6 ({addresses}), {}",
        trouble.seen
    );
    if let Some(doubt) = trouble.doubt {
        findings.not_checked(
            Subject::policy_host(&case.facts.domain),
            format!("{evidence} {doubt}"),
        );
        return;
    }
    let fix = format!(
        "Make the web server answer for {host} at {addresses} as it does over IPv4, with the same \
         certificate and file, or remove the AAAA record with {addresses} from {host}."
    );
    findings.report(Subject::policy_host(&case.facts.domain), evidence, fix);
}

fn ipv6_addresses_beside_ipv4(facts: &Facts) -> Option<Vec<&IpAddr>> {
    let addresses = &facts.policy_host.seen()?.records;
    let ipv6: Vec<&IpAddr> = addresses.iter().filter(|ip| ip.is_ipv6()).collect();
    (!ipv6.is_empty() && ipv6.len() < addresses.len()).then_some(ipv6)
}

fn came_over_ipv4(facts: &Facts) -> bool {
    let fetch = facts.policy.seen();
    fetch
        .and_then(|fetch| fetch.ip)
        .is_some_and(|ip| ip.is_ipv4())
}

fn trouble(case: &Case<'_>) -> Option<Trouble> {
    let fetch = match &case.facts.policy_over_ipv6 {
        Observed::NotAsked => return None,
        Observed::Failed(failure) => return Some(failed(case.facts, failure, false)),
        Observed::Seen(fetch) => fetch,
    };
    // A bad certificate is the cause of what follows it.
    let seen = match why_policy_host_is_refused(case, &fetch.chain) {
        Some(shown) => format!("it shows {shown}"),
        None => match &fetch.response {
            Observed::NotAsked => return None,
            Observed::Failed(failure) => {
                return Some(failed(case.facts, failure, fetch.ip.is_some()));
            }
            Observed::Seen(_) => another_answer(case, fetch)?,
        },
    };
    Some(Trouble { seen, doubt: None })
}

/// How the answer over IPv6 differs from that over IPv4.
fn another_answer(case: &Case<'_>, fetch: &PolicyFetch) -> Option<String> {
    let (over_ipv4, over_ipv6) = (case.response()?, fetch.response.seen()?);
    if over_ipv6.status != over_ipv4.status {
        return Some(format!("it answers with status {}.", over_ipv6.status));
    }
    (over_ipv6.body != over_ipv4.body).then(|| "it returns a different text.".to_owned())
}

/// Silence counts only where something else was reached over IPv6.
fn failed(facts: &Facts, failure: &ProbeFailure, connected: bool) -> Trouble {
    let no_ipv6 = Some("This computer may have no IPv6, so this says nothing about the host.");
    let doubt = match failure.kind {
        FailureKind::TimedOut | FailureKind::Unreachable if connected || ipv6_works(facts) => None,
        FailureKind::Refused
        | FailureKind::Closed
        | FailureKind::TlsTooOld
        | FailureKind::TlsHandshake
        | FailureKind::CutShort
        | FailureKind::Http => None,
        FailureKind::Unsupported => Some("Senders may support it."),
        _ => no_ipv6,
    };
    Trouble {
        seen: format!("it doesn’t: {failure}."),
        doubt,
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{Body, Facts, FailureKind, Observed, PolicyFetch, Trust};
    use crate::rules::testing::{
        add_address, assert_has, failed, fetch, fires, not_checked, not_fetched, policy_chain,
        response, seen, silent, unseen,
    };

    /// The policy host has both families, and all is the same over both.
    fn both(facts: &mut Facts) -> &mut PolicyFetch {
        let addresses = &mut seen(&mut facts.policy_host).records;
        addresses.push("2001:db8::80".parse().unwrap());
        facts.policy_over_ipv6 = facts.policy.clone();
        seen(&mut facts.policy_over_ipv6)
    }

    fn fails(facts: &mut Facts, kind: FailureKind) {
        let fetch = both(facts);
        fetch.ip = None;
        fetch.chain = Observed::NotAsked;
        fetch.response = failed(kind);
    }

    #[test]
    fn a_server_that_turns_ipv6_away_is_found_with_the_record_to_remove() {
        for kind in [
            FailureKind::Refused,
            FailureKind::Closed,
            FailureKind::TlsHandshake,
            FailureKind::TlsTooOld,
            FailureKind::Http,
        ] {
            let finding = fires(&RULE, |facts| fails(facts, kind));
            assert_eq!(finding.subject, "mta-sts.example.com");
            assert_has(&finding.evidence, "Over IPv6 (2001:db8::80), it doesn’t: ");
            assert_has(&finding.fix, "AAAA record with 2001:db8::80");
        }
    }

    #[test]
    fn another_status_certificate_or_text_is_another_server() {
        let status = fires(&RULE, |facts| seen(&mut both(facts).response).status = 404);
        assert_has(&status.evidence, "it answers with status 404");
        let certificate = fires(&RULE, |facts| {
            let fetch = both(facts);
            seen(&mut fetch.chain).trust = Trust::SelfSigned;
            seen(&mut fetch.response).status = 404;
        });
        assert_has(&certificate.evidence, "it shows a self-signed certificate");
        let text = fires(&RULE, |facts| {
            seen(&mut both(facts).response).body = Body(b"It works!".into());
        });
        assert_has(&text.evidence, "a different text");
    }

    #[test]
    fn silence_counts_where_something_else_was_reached_over_ipv6() {
        fires(&RULE, |facts| {
            fails(facts, FailureKind::TimedOut);
            add_address(facts, 0, "2001:db8::25").connected = Observed::Seen(20);
        });
        fires(&RULE, |facts| {
            fails(facts, FailureKind::TimedOut);
            seen(&mut facts.policy_over_ipv6).ip = Some("2001:db8::80".parse().unwrap());
        });
    }

    #[test]
    fn a_computer_without_ipv6_accuses_nobody() {
        for kind in [
            FailureKind::TimedOut,
            FailureKind::Unreachable,
            FailureKind::Other,
        ] {
            let reason = not_checked(&RULE, |facts| fails(facts, kind));
            assert_has(&reason, "may have no IPv6");
        }
    }

    #[test]
    fn what_this_program_cannot_do_over_ipv6_accuses_nobody() {
        let reason = not_checked(&RULE, |facts| fails(facts, FailureKind::Unsupported));
        assert_has(&reason, "Senders may support it.");
    }

    #[test]
    fn the_same_over_both_is_right() {
        silent(&RULE, |facts| {
            both(facts).millis = 900;
        });
    }

    #[test]
    fn trouble_that_both_share_is_left_to_other_rules() {
        silent(&RULE, |facts| {
            policy_chain(facts).trust = Trust::SelfSigned;
            both(facts);
        });
        silent(&RULE, |facts| {
            response(facts).status = 404;
            both(facts);
        });
        silent(&RULE, |facts| {
            fails(facts, FailureKind::Refused);
            not_fetched(facts);
        });
        silent(&RULE, |facts| {
            fails(facts, FailureKind::Refused);
            fetch(facts).response = Observed::NotAsked;
        });
    }

    #[test]
    fn a_host_that_was_not_asked_over_ipv6_is_not_broken() {
        unseen(&RULE, |facts| {
            both(facts);
            facts.policy_over_ipv6 = Observed::NotAsked;
        });
    }
}
