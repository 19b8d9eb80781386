//! Judging one text alone, without a domain around it: a policy file, an MTA-STS record, a
//! TLS-RPT record. The rules are those of a check; the form is `mta-sts-lint/1`.

use std::net::Ipv4Addr;

use serde::Serialize;
use time::OffsetDateTime;

use crate::code;
use crate::facts::{Answer, Facts};
use crate::facts::{MailServer, MxRecord, Observed, PolicyFetch};
use crate::judge;
use crate::rules::finding::{Area, Finding, Severity, Subject};
use crate::rules::rule;
use crate::rules::tls_rpt::tls_rpt_record::{any_value, meant_value};
use crate::text::domain::{Domain, DomainError};
use crate::text::escape::escaped;
use crate::text::handed_in::{HandedIn, record_in_quotes};
use crate::text::policy::{Policy, PolicyReading};
use crate::text::sts_record::{PolicyId, StsRecord, StsRecordReading, looks_like_sts};
use crate::text::tls_rpt_record::{TlsRptRecord, TlsRptRecordReading, looks_like_tls_rpt};

/// Stands for the domain in evidence and fixes, which a text alone does not tell.
const STAND_IN_DOMAIN: &str = "your-domain.example";

/// What a text is worth on its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lint {
    format: &'static str,
    /// Whether the text is a policy by RFC 8461 3.2, a record by RFC 8461 3.1 or RFC 8460 3.
    pub valid: bool,
    /// What was found, the worst first. An invalid text has at least one.
    pub findings: Vec<Finding>,
    /// What the text says, as far as a tolerant sender can make it out.
    pub value: Option<LintValue>,
}

/// What a text says.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum LintValue {
    /// A policy file: `mode`, `max_age_secs`, `mx`.
    Policy(Policy),
    /// An MTA-STS record: `id`.
    Record(StsRecord),
    /// A TLS-RPT record: `rua`.
    TlsRpt(TlsRptRecord),
}

impl Lint {
    fn new(valid: bool, findings: Vec<Finding>, value: Option<LintValue>) -> Self {
        Self {
            format: "mta-sts-lint/1",
            valid,
            findings,
            value,
        }
    }

    /// Whether some MX host that was given is covered by no line of the policy.
    #[must_use]
    pub fn leaves_a_host_out(&self) -> bool {
        self.findings.iter().any(|finding| {
            matches!(
                finding.rule.code,
                code::POLICY_MX_NOT_LISTED | code::POLICY_MX_WILDCARD_DEPTH
            )
        })
    }
}

/// Judges the bytes of a policy file. `name` is what findings about the file call it.
///
/// With `mx_hosts`, also says whether the policy covers each of them and needs all its lines.
///
/// ```
/// let file = b"version: STSv1\r\nmode: testing\r\nmx: *.example.com\r\nmax_age: 604800\r\n";
/// let lint = mta_sts_core::lint::policy("mta-sts.txt", file, &["mx.example.net".into()]);
/// assert!(lint.valid);
/// assert!(lint.leaves_a_host_out());
/// ```
#[must_use]
pub fn policy(name: &str, bytes: &[u8], mx_hosts: &[String]) -> Lint {
    let reading = PolicyReading::read(bytes);
    let findings = judged(&[Area::PolicyFile, Area::Coverage], |facts| {
        facts.policy = Observed::Seen(PolicyFetch::of_file(bytes));
        if !mx_hosts.is_empty() {
            facts.mx = Observed::Seen(Answer::of(mx_hosts.iter().map(|host| MxRecord {
                preference: 10,
                exchange: host.clone(),
            })));
            facts.mail_servers = mx_hosts.iter().map(|host| reached(host)).collect();
        }
    });
    let findings = findings.into_iter().map(|finding| {
        let finding = in_the_file(name, finding);
        if matches!(finding.subject, Subject::PolicyHost(_)) {
            about(name, finding)
        } else {
            finding
        }
    });
    Lint::new(
        reading.valid,
        findings.collect(),
        reading.policy.map(LintValue::Policy),
    )
}

/// Judges the text of an MTA-STS record. A corrected record is given the time `now` as id.
///
/// ```
/// let now = time::macros::datetime!(2026-11-23 12:00 UTC);
/// let lint = mta_sts_core::lint::record("v=STSv1; id=2026-11-23", now);
/// assert!(lint.findings[0].fix.contains("id=20261123120000Z"));
/// assert!(!lint.valid);
/// ```
#[must_use]
pub fn record(text: &str, now: OffsetDateTime) -> Lint {
    let inside = record_in_quotes(text, looks_like_sts);
    let text = inside.as_deref().unwrap_or(text);
    let reading = StsRecordReading::read(text);
    let seen = Observed::Seen(Answer::of([text.to_owned()]));
    let findings = judged(&[Area::Record], |facts| {
        facts.checked_at = now;
        facts.record = seen;
    });
    let findings = findings.into_iter().map(|finding| match finding.rule.code {
        code::RECORD_MISSING => not_this_record(
            finding,
            code::RECORD_VERSION_INVALID,
            text,
            &format!("_mta-sts.{STAND_IN_DOMAIN}"),
            &sts_value(text, now),
        ),
        // Valid by the grammar, and so no more than a warning about the text; that senders who go
        // by the rule of selection find no record is a matter of the domain (RFC 8461 3.1).
        code::RECORD_SPACE_BEFORE_SEMICOLON => Finding {
            severity: Severity::Attention,
            ..finding
        },
        _ => finding,
    });
    let findings = findings.chain(inside.as_deref().and_then(only_the_inside));
    Lint::new(
        reading.is_valid(),
        findings.map(|finding| about("record", finding)).collect(),
        reading.record.map(LintValue::Record),
    )
}

/// Judges the text of a TLS-RPT record.
///
/// ```
/// let lint = mta_sts_core::lint::tlsrpt("v=TLSRPTv1; rua=mailto:tls@example.com");
/// assert!(lint.valid && lint.findings.is_empty());
/// ```
#[must_use]
pub fn tlsrpt(text: &str) -> Lint {
    let inside = record_in_quotes(text, looks_like_tls_rpt);
    let text = inside.as_deref().unwrap_or(text);
    let reading = TlsRptRecordReading::read(text);
    let seen = Observed::Seen(Answer::of([text.to_owned()]));
    let findings = judged(&[Area::TlsRpt], |facts| facts.tls_rpt = seen);
    let findings = findings.into_iter().map(|finding| match finding.rule.code {
        code::TLSRPT_MISSING => not_this_record(
            finding,
            code::TLSRPT_VERSION_INVALID,
            text,
            &format!("_smtp._tls.{STAND_IN_DOMAIN}"),
            &meant_value(text).unwrap_or_else(any_value),
        ),
        _ => finding,
    });
    let findings = findings.chain(inside.as_deref().and_then(only_the_inside));
    let findings = findings.map(|finding| about("TLS-RPT record", finding));
    Lint::new(
        reading.is_valid(),
        findings.collect(),
        reading.record.map(LintValue::TlsRpt),
    )
}

/// Judges facts in which only `observe` saw anything, and keeps what is said about `areas`.
fn judged(areas: &[Area], observe: impl FnOnce(&mut Facts)) -> Vec<Finding> {
    let Ok(mut facts) = stand_in() else {
        return Vec::new();
    };
    observe(&mut facts);
    judge::run(&facts, |rule| areas.contains(&rule.area))
}

/// Facts of no particular time: nothing that a text says depends on the clock.
fn stand_in() -> Result<Facts, DomainError> {
    Ok(Facts::new(
        Domain::parse(STAND_IN_DOMAIN)?,
        OffsetDateTime::UNIX_EPOCH,
    ))
}

/// An MX host as far as coverage goes: it has a name and an address.
fn reached(host: &str) -> MailServer {
    MailServer {
        ipv4: Observed::Seen(Answer::of([Ipv4Addr::new(192, 0, 2, 1)])),
        ..MailServer::named(host.to_ascii_lowercase(), 10)
    }
}

/// The rules speak of the address that a policy is fetched from; here it came from a file.
fn in_the_file(name: &str, finding: Finding) -> Finding {
    let url = format!("https://mta-sts.{STAND_IN_DOMAIN}/.well-known/mta-sts.txt");
    Finding {
        evidence: finding.evidence.replace(&url, name),
        fix: finding.fix.replace(&url, name),
        ..finding
    }
}

fn about(subject: &str, finding: Finding) -> Finding {
    Finding {
        subject: Subject::Text(subject.to_owned()),
        ..finding
    }
}

/// A text that was handed in is there: "missing" can only mean that it is something else. `name` is
/// where the record belongs, `value` what it should say.
fn not_this_record(missing: Finding, code: &str, text: &str, name: &str, value: &str) -> Finding {
    let Some(rule) = rule(code) else {
        return missing;
    };
    let (is, step) = match HandedIn::of(text) {
        Some(HandedIn::Sts) => (
            " It is the MTA-STS record.",
            format!("Put it at _mta-sts.{STAND_IN_DOMAIN}. "),
        ),
        Some(HandedIn::TlsRpt) => (
            " It is the TLS-RPT record.",
            format!("Put it at _smtp._tls.{STAND_IN_DOMAIN}. "),
        ),
        Some(HandedIn::Dmarc) => (
            " It is a DMARC record.",
            format!("Put it at _dmarc.{STAND_IN_DOMAIN}. "),
        ),
        Some(HandedIn::Spf) => (
            " It is an SPF record.",
            format!("Put it at {STAND_IN_DOMAIN} itself. "),
        ),
        Some(HandedIn::AliasTarget) => (
            " It is a host name, as an alias (CNAME) leads to.",
            format!(
                "If your provider told you to create an alias, choose the type CNAME instead of TXT \
                 for {name}, with this name as the target. Otherwise: "
            ),
        ),
        Some(HandedIn::Id) => (" It is only an id.", String::new()),
        Some(HandedIn::Address) => (" It is only an address.", String::new()),
        None => ("", String::new()),
    };
    Finding {
        rule,
        severity: rule.severity,
        subject: missing.subject,
        evidence: format!("The text is “{}”.{is}", escaped(text, 200)),
        fix: format!("{step}Give the TXT record {name} this value: {value}"),
    }
}

/// The MTA-STS record with the id that was handed in alone, or with a new one.
fn sts_value(text: &str, now: OffsetDateTime) -> String {
    let given = PolicyId::parse(text.trim());
    let id = given.unwrap_or_else(|_| PolicyId::from_utc(now));
    StsRecord { id }.write()
}

/// What was judged is a part of what was handed in.
fn only_the_inside(inside: &str) -> Option<Finding> {
    let rule = rule(code::RECORD_QUOTED)?;
    Some(Finding {
        rule,
        severity: Severity::Note,
        subject: Subject::Text(String::new()),
        evidence: format!(
            "This is a line of a zone file or an answer of the DNS. The record is what stands in \
             the quotes: “{}”.",
            escaped(inside, 300)
        ),
        fix: "In a form of your DNS provider, enter only what stands in the quotes, without them."
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-23 12:00 UTC);

    const GOOD: &[u8] =
        b"version: STSv1\r\nmode: enforce\r\nmx: *.example.com\r\nmax_age: 1209600\r\n";

    fn codes(lint: &Lint) -> Vec<&str> {
        lint.findings
            .iter()
            .map(|finding| finding.rule.code)
            .collect()
    }

    #[test]
    fn a_good_policy_is_valid_and_says_what_it_holds() {
        let lint = policy("mta-sts.txt", GOOD, &[]);
        assert_eq!(codes(&lint), [""; 0]);
        assert_eq!(
            serde_json::to_value(&lint).unwrap(),
            json!({
                "format": "mta-sts-lint/1",
                "valid": true,
                "findings": [],
                "value": {"mode": "enforce", "max_age_secs": 1_209_600, "mx": ["*.example.com"]},
            })
        );
    }

    #[test]
    fn a_faulty_policy_is_told_under_the_name_of_its_file() {
        let lint = policy(
            "old.txt",
            b"version: STSv1\nmode: enforced\nmx: a.example\nmax_age: 604800\n",
            &[],
        );
        assert!(!lint.valid);
        assert_eq!(lint.value, None);
        assert_eq!(codes(&lint), ["policy-mode-invalid"]);
        assert_eq!(lint.findings[0].subject, "old.txt");
        assert!(lint.findings[0].evidence.contains("In old.txt, line 2"));
    }

    #[test]
    fn hosts_are_held_against_the_policy_only_where_they_are_given() {
        let covered = policy("p", GOOD, &["mx1.example.com".into()]);
        assert_eq!(codes(&covered), [""; 0]);
        let left_out = policy(
            "p",
            GOOD,
            &["MX1.example.com".into(), "mx.example.net".into()],
        );
        assert!(left_out.valid && left_out.leaves_a_host_out());
        assert_eq!(codes(&left_out), ["policy-mx-not-listed"]);
        assert_eq!(left_out.findings[0].subject, "mx.example.net");
    }

    #[test]
    fn a_star_that_stands_for_too_little_leaves_a_host_out() {
        let lint = policy(
            "p",
            GOOD,
            &["mx.example.com".into(), "a.mx.example.com".into()],
        );
        assert!(lint.valid && lint.leaves_a_host_out());
        assert_eq!(codes(&lint), ["policy-mx-wildcard-depth"]);
        assert_eq!(lint.findings[0].subject, "p");
    }

    #[test]
    fn a_file_beyond_the_limit_is_too_large_and_nothing_else() {
        let lint = policy("p", &vec![b'x'; PolicyReading::MAX_BYTES + 1], &[]);
        assert!(!lint.valid);
        assert_eq!(codes(&lint), ["policy-too-large"]);
    }

    #[test]
    fn records_are_valid_by_their_grammar() {
        assert!(record("v=STSv1; id=20261123120000Z;", NOW).valid);
        assert!(tlsrpt("v=TLSRPTv1; rua=https://example.com/r").valid);
        assert_eq!(
            codes(&record("v=STSv1; id=2026-11-23", NOW)),
            ["record-id-invalid"]
        );
        assert_eq!(
            codes(&tlsrpt("v=TLSRPTv1; rua=tls@example.com")),
            ["tlsrpt-rua-invalid"]
        );
    }

    #[test]
    fn whatever_is_invalid_has_a_finding() {
        for text in [
            "",
            " ",
            "hello",
            "v=spf1 -all",
            "v=STSv1",
            "v=STSv1 ",
            "V=STSv1; id=1",
            "\"v=STSv1; id=1\"",
            "v=STSv1; id",
            "v=STSv1;; id=1",
            "v=TLSRPTv1",
            "v=TLSRPTv1;",
            "v=TLSRPTv1; rua=",
        ] {
            for lint in [record(text, NOW), tlsrpt(text)] {
                assert!(!lint.valid, "{text:?}");
                assert!(!lint.findings.is_empty(), "{text:?}");
            }
        }
        for text in [
            "",
            "\n",
            "mode",
            "version: STSv1\n",
            "\u{feff}version: STSv1",
            "<!doctype html>",
        ] {
            let lint = policy("p", text.as_bytes(), &[]);
            assert!(!lint.valid && !lint.findings.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn an_unknown_text_is_not_called_missing() {
        assert_eq!(codes(&record("hello", NOW)), ["record-version-invalid"]);
        assert_eq!(codes(&tlsrpt("hello")), ["tlsrpt-version-invalid"]);
        assert_eq!(record("hello", NOW).findings[0].subject, "record");
    }
}
