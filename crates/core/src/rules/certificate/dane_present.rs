//! `dane-present`: the host has TLSA records, the other way to authenticated mail (RFC 7672).

use super::dane::{Fit, fit, quoted, record_name, right_line, signed_records};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: DANE_PRESENT,
    severity: Note,
    title: "DANE is in use as well",
    page: "dane_present.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        let Some(records) = signed_records(server) else {
            continue;
        };
        let (host, name) = (shown(&server.host), record_name(&server.host));
        let seen = format!(
            "The DNS has TLSA records, signed with DNSSEC, at {name}: {}.",
            quoted(records)
        );
        let keep = format!(
            "Keep DANE in addition to MTA-STS. Whenever {host} gets a new key or certificate, \
             publish the TLSA record for it first, and wait until caches have dropped the old one."
        );
        let (verdict, fix) = match fit(case, &server.host, records) {
            // Reported by dane-mismatch.
            Fit::Mismatch(_) => continue,
            Fit::Match => (
                format!("The certificate of {host} on port 25 matches them."),
                keep,
            ),
            Fit::Unknown => (
                format!(
                    "This check couldn’t tell whether the certificate of {host} on port 25 \
                         matches them."
                ),
                keep,
            ),
            Fit::NoUsableRecord => (
                "Mail senders only use records that begin with 2 or 3, and none of these does. To \
                 senders, they promise encryption but no particular certificate."
                    .to_owned(),
                usable_instead(case, &server.host),
            ),
        };
        findings.report(
            Subject::mail_server(&server.host),
            format!("{seen} {verdict}"),
            fix,
        );
    }
}

/// What to publish instead of records that nobody uses.
fn usable_instead(case: &Case<'_>, host: &str) -> String {
    let served = case.served.iter().filter(|served| served.host == host);
    let mut lines: Vec<String> = served.filter_map(right_line).collect();
    lines.dedup();
    if lines.is_empty() {
        format!(
            "Remove these records, or replace them with one of the kind 3 1 1 that has the SHA-256 \
             hash of the public key of {}.",
            shown(host)
        )
    } else {
        format!(
            "Remove these records, or replace them with {}.",
            in_words(lines)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed};
    use crate::rules::testing::{
        assert_has, digests, failed, fires, leaf, seen, session, silent, tlsa_is, unseen,
    };

    #[test]
    fn records_that_match_are_a_note() {
        let finding = fires(&RULE, tlsa_is(&["3 1 1 k256aa", "3 1 1 k256bb"]));
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "_25._tcp.mx1.example.com");
        assert_has(&finding.evidence, "“3 1 1 k256aa” and “3 1 1 k256bb”");
        assert_has(&finding.evidence, "on port 25 matches them");
    }

    #[test]
    fn without_a_certificate_to_compare_they_are_only_said_to_exist() {
        let finding = fires(&RULE, |facts| {
            tlsa_is(&["3 1 1 k256bb"])(facts);
            session(facts, 0).chain = Observed::NotAsked;
        });
        assert_has(&finding.evidence, "couldn’t tell whether");
        let finding = fires(&RULE, |facts| {
            tlsa_is(&["3 1 1 k256bb"])(facts);
            leaf(facts, 0).digests = None;
        });
        assert_has(&finding.evidence, "couldn’t tell whether");
    }

    #[test]
    fn a_whole_certificate_in_the_record_cannot_be_compared() {
        let finding = fires(&RULE, tlsa_is(&["3 0 0 3082aa"]));
        assert_has(&finding.evidence, "couldn’t tell whether");
    }

    #[test]
    fn records_that_no_sender_uses_are_told_with_the_right_one() {
        let finding = fires(&RULE, tlsa_is(&["1 1 1 k256aa"]));
        assert_has(&finding.evidence, "begin with 2 or 3");
        assert_has(
            &finding.fix,
            "“_25._tcp.mx1.example.com. IN TLSA 3 1 1 k256aa”",
        );
    }

    #[test]
    fn a_mismatch_is_told_by_another_rule() {
        silent(&RULE, tlsa_is(&["3 1 1 k256bb"]));
    }

    #[test]
    fn records_without_dnssec_are_no_dane() {
        silent(&RULE, |facts| {
            tlsa_is(&["3 1 1 k256aa"])(facts);
            seen(&mut facts.mail_servers[0].tlsa).authenticated = false;
        });
        silent(&RULE, tlsa_is(&[]));
    }

    #[test]
    fn records_that_were_not_seen_do_not_exist_for_this_check() {
        unseen(&RULE, |facts| {
            leaf(facts, 0).digests = Some(digests("aa"));
            facts.mail_servers[0].tlsa = failed(FailureKind::TimedOut);
        });
    }
}
