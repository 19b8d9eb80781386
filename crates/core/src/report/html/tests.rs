//! The page of a healthy domain and of one with faults. What must hold of every page whatever is
//! in `tests/html_report.rs`.

use crate::facts::{DomainConnect, FailureKind, Observed};
use crate::judge::judge;
use crate::rules::testing::{failed, healthy, leaf, response, served_chain, session};

#[test]
fn a_healthy_domain_is_shown_with_what_was_seen_and_no_list_of_faults() {
    let page = judge(&healthy()).to_html();
    for part in [
        "example.com is protected: MTA-STS is enforced.",
        "23 November 2026, 12:00 UTC",
        "mx1.example.com",
        "TLS 1.3",
        "Valid until ",
        "_mta-sts.example.com",
        "https://mta-sts.example.com/.well-known/mta-sts.txt",
        "version: STSv1",
        "_smtp._tls.example.com",
        "How a sender sees it",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    for part in ["Not checked", "id=\"senders\"", "✕"] {
        assert!(!page.contains(part), "{part} is in {page}");
    }
}

#[test]
fn a_finding_is_told_with_what_we_saw_why_and_how_to_fix() {
    let mut facts = healthy();
    leaf(&mut facts, 0).not_after = facts.checked_at - time::Duration::days(1);
    let report = judge(&facts);
    let page = report.to_html();
    for part in [
        "Problem",
        "cert-expired",
        "What we saw",
        "22 November 2026",
        "the sender keeps the mail in its queue",
        "How to fix",
        "has expired",
        "refused",
    ] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    assert_eq!(page.matches("<article").count(), report.findings.len() + 3);
}

#[test]
fn a_hosted_policy_is_shown_with_the_place_where_it_is_changed() {
    let mut facts = healthy();
    let mut host = facts.policy_host.seen().unwrap().clone();
    host.aliases = vec!["mta-sts.mailhardener.com".to_owned()];
    facts.policy_host = Observed::Seen(host);
    let page = judge(&facts).to_html();
    assert!(page.contains("The policy is hosted by Mailhardener. Change it in "));
}

#[test]
fn the_dns_provider_is_named_where_it_says_who_it_is() {
    let mut facts = healthy();
    let settings = br#"{"providerName": "<Practice> DNS"}"#;
    let provider = DomainConnect::read(settings, &facts.domain).unwrap();
    facts.domain_connect = Observed::Seen(provider);
    let page = judge(&facts).to_html();
    assert!(
        page.contains("is managed at &lt;Practice&gt; DNS."),
        "{page}"
    );
}

#[test]
fn a_chain_that_senders_refuse_is_never_called_valid() {
    let mut facts = healthy();
    facts.mail_servers.truncate(1);
    served_chain(&mut facts, 0).certificates[1].not_after =
        facts.checked_at - time::Duration::days(1);
    let page = judge(&facts).to_html();
    assert!(!page.contains("✓</span> valid</span>"), "{page}");
    assert!(page.contains("an intermediate certificate"), "{page}");
}

#[test]
fn what_was_not_seen_is_called_so_with_its_reason() {
    let mut facts = healthy();
    session(&mut facts, 0).connected = failed(FailureKind::TimedOut);
    facts.record = Observed::NotAsked;
    response(&mut facts).status = 404;
    let report = judge(&facts);
    let page = report.to_html();
    assert!(!report.not_checked.is_empty());
    for part in ["no connection", "Not seen.", "status 404"] {
        assert!(page.contains(part), "{part} is missing in {page}");
    }
    for entry in &report.not_checked {
        assert!(page.contains(entry.rule.code), "{}", entry.rule.code);
    }
}
