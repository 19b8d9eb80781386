//! The text output. Colours are always written here; `output` removes them where they do not
//! belong.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use mta_sts_core::{
    Acceptance, AddressView, Finding, HostDelivery, MailServerView, NotChecked, Report,
    SenderVerdict, Severity, escaped,
};
use time::OffsetDateTime;

/// Longer lines are cut. Nothing that a person reads is this long.
const MAX_LINE_CHARS: usize = 4_000;

pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

/// Makes text of unknown origin safe for a terminal. Its line breaks stay.
pub(crate) fn safe(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| escaped(line, MAX_LINE_CHARS))
        .collect();
    lines.join("\n")
}

/// A report: verdict, findings, what was not checked, how senders see it, and the mail servers.
pub(crate) fn report(report: &Report, now: OffsetDateTime) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{STRONG}{}{STRONG:#}", report.headline.text);
    if let Some(provenance) = report.provenance(now) {
        let _ = writeln!(text, "{provenance}");
    }
    if let Some(hosted) = report.hosted_policy {
        let _ = writeln!(text, "{}", hosted.in_words());
    }
    if let Some(provider) = &report.domain_connect {
        let _ = writeln!(text, "{}", provider.in_words(&report.domain));
    }
    for finding in &report.findings {
        write_finding(&mut text, finding);
    }
    if !report.not_checked.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Not checked{STRONG:#}");
        for entry in &report.not_checked {
            write_not_checked(&mut text, entry);
        }
    }
    if !report.fallbacks.is_empty() {
        let _ = writeln!(text, "\n{STRONG}What you can do instead{STRONG:#}");
        for way in &report.fallbacks {
            let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}", way.title);
            write_indented(&mut text, "", &way.text);
        }
    }
    if !report.delivery.is_empty() {
        let _ = writeln!(text, "\n{STRONG}How a sender sees it{STRONG:#}");
        let _ = writeln!(text, "{FAINT}{}{FAINT:#}", report.delivery_premise());
        for host in &report.delivery {
            write_delivery(&mut text, host);
        }
    }
    if !report.sender_compatibility.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Some senders see it differently{STRONG:#}");
        for verdict in &report.sender_compatibility {
            write_sender(&mut text, verdict);
        }
    }
    if !report.mail_servers.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Mail servers{STRONG:#}");
        for server in &report.mail_servers {
            write_mail_server(&mut text, server, report.checked_at);
        }
    }
    text
}

pub(crate) fn write_finding(text: &mut String, finding: &Finding) {
    let style = style(finding.severity);
    let _ = writeln!(
        text,
        "\n{style}{}{style:#}  {STRONG}{}{STRONG:#}: {}  {FAINT}[{}]{FAINT:#}",
        finding.severity,
        safe(finding.subject.name()),
        finding.rule.title,
        finding.rule.code,
    );
    write_indented(text, "", &finding.evidence);
    write_indented(text, "Fix: ", &finding.fix);
}

pub(crate) fn write_not_checked(text: &mut String, entry: &NotChecked) {
    let _ = writeln!(
        text,
        "\n{STRONG}{}{STRONG:#}: {}  {FAINT}[{}]{FAINT:#}",
        safe(entry.subject.name()),
        entry.title(),
        entry.rule.code,
    );
    write_indented(text, "", &entry.reason);
}

fn write_delivery(text: &mut String, host: &HostDelivery) {
    // The reason for testing mode covers enforce mode too.
    let _ = writeln!(
        text,
        "  {}: testing {}, enforce {} – {}",
        safe(&host.host),
        host.testing.delivery.in_words(),
        host.enforce.delivery.in_words(),
        safe(&host.testing.because),
    );
}

pub(crate) fn write_sender(text: &mut String, verdict: &SenderVerdict) {
    let versions = verdict
        .versions
        .map_or_else(String::new, |versions| format!(" ({versions})"));
    let _ = writeln!(
        text,
        "\n{STRONG}{}{STRONG:#} {}{versions}",
        verdict.sender,
        verdict.effect.in_words()
    );
    write_indented(text, "", &verdict.reason);
    write_indented(text, "Fix: ", &verdict.fix);
}

pub(crate) fn write_indented(text: &mut String, lead: &str, paragraph: &str) {
    if paragraph.is_empty() {
        return;
    }
    for (index, line) in safe(paragraph).lines().enumerate() {
        let lead = if index == 0 { lead } else { "" };
        let _ = writeln!(text, "  {lead}{line}");
    }
}

fn write_mail_server(text: &mut String, server: &MailServerView, checked_at: OffsetDateTime) {
    let listed = match server.listed_in_policy {
        Some(true) => ", in the policy",
        Some(false) => ", not in the policy",
        None => "",
    };
    let _ = writeln!(
        text,
        "  {} (preference {}{listed})",
        safe(&server.host),
        server.preference
    );
    for address in &server.addresses {
        let _ = writeln!(text, "    {}: {}", address.ip, seen(address, checked_at));
    }
}

fn seen(address: &AddressView, checked_at: OffsetDateTime) -> String {
    let Some(reachable) = address.reachable else {
        return "skipped".to_owned();
    };
    if !reachable {
        return "no connection".to_owned();
    }
    let encryption = match (address.tls, address.starttls) {
        (Some(version), _) => match &address.key_exchange {
            Some(group) => format!("{version} with {}", safe(group)),
            None => version.to_string(),
        },
        (None, Some(true)) => "offers STARTTLS, but encryption failed".to_owned(),
        (None, Some(false)) => "no encryption offered".to_owned(),
        (None, None) => "no conversation with a mail server".to_owned(),
    };
    match &address.certificate {
        Some(certificate) => {
            let end = mta_sts_core::day(certificate.not_after);
            let validity = if certificate.not_after < checked_at {
                format!("expired on {end}")
            } else {
                format!("valid until {end}")
            };
            let senders = match (certificate.name_matches, &certificate.acceptance) {
                (false, _) => ", for another name",
                (true, Acceptance::Refused(_)) if certificate.not_after >= checked_at => {
                    ", refused by senders"
                }
                (true, Acceptance::Unclear(_)) => ", not verified",
                (true, _) => "",
            };
            format!("{encryption}, certificate {validity}{senders}")
        }
        None => encryption,
    }
}

pub(crate) fn style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Problem => AnsiColor::Red,
        Severity::Attention => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
        Severity::NotChecked => return FAINT,
    };
    Style::new().fg_color(Some(colour.into())).bold()
}

#[cfg(test)]
mod tests {
    use mta_sts_core::facts::{DomainConnect, TlsVersion};
    use mta_sts_core::rules::rule;
    use mta_sts_core::{
        Answer, CertificateView, Domain, Facts, HttpsAddress, Observed, Subject, judge,
    };

    use super::*;

    fn bare() -> Report {
        judge(&Facts::new(
            Domain::parse("example.com").unwrap(),
            OffsetDateTime::UNIX_EPOCH,
        ))
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn hostile_text_cannot_move_the_cursor_and_keeps_its_lines() {
        assert_eq!(safe("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\nc\\u{202e}d");
    }

    #[test]
    fn a_finding_tells_what_where_why_and_what_to_do() {
        let mut hostile = bare();
        hostile.findings = vec![Finding {
            rule: rule("cert-expired").unwrap(),
            severity: Severity::Problem,
            subject: Subject::MailServer("mx\u{1b}[31m.example.com".into()),
            evidence: "It expired.".into(),
            fix: "Renew it:\nrun this".into(),
        }];
        let text = plain(&report(&hostile, OffsetDateTime::UNIX_EPOCH));
        assert!(
            text.contains("problem  mx\\u{1b}[31m.example.com: "),
            "{text}"
        );
        assert!(text.contains("[cert-expired]\n  It expired.\n  Fix: Renew it:\n  run this\n"));
        assert!(!text.contains("Not checked"), "{text}");
    }

    #[test]
    fn what_was_not_checked_is_told_apart_and_with_its_reason() {
        let mut doubtful = bare();
        doubtful.not_checked = ["cert-expired", "port-25-blocked-here"]
            .map(|code| NotChecked {
                rule: rule(code).unwrap(),
                subject: Subject::MailServer("mx.example.com".into()),
                reason: "No answer.".into(),
            })
            .into();
        let text = plain(&report(&doubtful, OffsetDateTime::UNIX_EPOCH));
        for line in [
            "\nNot checked\n\nmx.example.com: whether the certificate has expired  [cert-expired]\n  \
             No answer.\n",
            "mx.example.com: port 25 can’t be reached from this network  [port-25-blocked-here]\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn a_policy_that_a_service_hosts_is_changed_there() {
        let domain = Domain::parse("example.com").unwrap();
        let mut facts = Facts::new(domain, OffsetDateTime::UNIX_EPOCH);
        let mut answer = Answer::of([]);
        answer.aliases = vec!["mta-sts.mailhardener.com".to_owned()];
        facts.policy_host = Observed::Seen(answer);
        let text = plain(&report(&judge(&facts), OffsetDateTime::UNIX_EPOCH));
        let line = "\nThe policy is hosted by Mailhardener. Change it in the Mailhardener dashboard, \
                    under hosted MTA-STS.\n";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn the_page_of_the_dns_provider_is_told_with_its_address() {
        let domain = Domain::parse("example.com").unwrap();
        let mut facts = Facts::new(domain, OffsetDateTime::UNIX_EPOCH);
        facts.domain_connect = Observed::Seen(DomainConnect {
            provider: "Example\u{1b}[31m DNS".into(),
            control_panel: HttpsAddress::parse("https://dns.example/example.com").ok(),
        });
        let text = plain(&report(&judge(&facts), OffsetDateTime::UNIX_EPOCH));
        let line = "\nThe DNS of example.com is managed at Example\\u{1b}[31m DNS: \
                    https://dns.example/example.com.\n";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn an_address_is_told_with_its_key_exchange_and_what_senders_make_of_its_certificate() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let line = |acceptance| {
            let certificate = CertificateView {
                subject: String::new(),
                names: Vec::new(),
                issuer: String::new(),
                not_before: start,
                not_after: start + time::Duration::days(1),
                trusted: true,
                name_matches: true,
                acceptance,
            };
            let address = AddressView {
                ip: "192.0.2.1".parse().unwrap(),
                reachable: Some(true),
                starttls: Some(true),
                tls: Some(TlsVersion::Tls13),
                cipher: None,
                key_exchange: Some("X25519MLKEM768".into()),
                certificate: Some(certificate),
            };
            seen(&address, start)
        };
        let valid = "TLS 1.3 with X25519MLKEM768, certificate valid until 2 January 1970";
        assert_eq!(line(Acceptance::Accepted), valid);
        let refused = Acceptance::Refused("has an intermediate certificate that expired".into());
        assert_eq!(line(refused), format!("{valid}, refused by senders"));
        let unclear = Acceptance::Unclear("this program can’t verify it".into());
        assert_eq!(line(unclear), format!("{valid}, not verified"));
    }

    #[test]
    fn facts_without_answers_are_no_verdict() {
        let text = plain(&report(&bare(), OffsetDateTime::UNIX_EPOCH));
        assert!(
            text.starts_with("We couldn’t check everything that is published for example.com.")
        );
    }
}
