//! `dane-mismatch`: no TLSA record matches the certificate that the host shows (RFC 7672).

use super::dane::{Fit, addresses, fit, quoted, record_name, right_line, signed_records};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::wording::{in_words, shown};

rule! {
    code: DANE_MISMATCH,
    severity: Attention,
    title: "DANE records do not match the certificate",
    page: "dane_mismatch.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    for server in case.mail_servers() {
        let Some(records) = signed_records(server) else {
            continue;
        };
        let Fit::Mismatch(served) = fit(case, &server.host, records) else {
            continue;
        };
        let host = shown(&server.host);
        let mut lines: Vec<String> = served
            .iter()
            .filter_map(|served| right_line(served))
            .collect();
        lines.dedup();
        let right = in_words(&lines);
        findings.report(
            Subject::mail_server(&server.host),
            format!(
                "The DNS has TLSA records, signed with DNSSEC, at {}: {}. None of them matches the \
                 certificate of {host} ({}) on port 25. The matching record would be {right}.",
                record_name(&server.host),
                quoted(records),
                addresses(&served)
            ),
            format!(
                "If the certificate on {host} is the right one, publish {right} and then remove \
                 the records that don’t match. If the records are right, install the certificate \
                 and key they were made for."
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::{FailureKind, Observed};
    use crate::rules::testing::{
        add_address, assert_has, digests, failed, fires, leaf, seen, session, silent, tlsa_is,
        unseen,
    };

    #[test]
    fn a_record_for_another_key_is_found_with_the_line_to_publish() {
        let finding = fires(&RULE, tlsa_is(&["3 1 1 k256bb"]));
        assert_eq!(finding.subject, "mx1.example.com");
        assert_has(&finding.evidence, "“3 1 1 k256bb”");
        assert_has(&finding.evidence, "mx1.example.com (192.0.2.1)");
        assert_has(
            &finding.fix,
            "“_25._tcp.mx1.example.com. IN TLSA 3 1 1 k256aa”",
        );
    }

    #[test]
    fn one_address_that_shows_another_certificate_is_enough() {
        let finding = fires(&RULE, |facts| {
            tlsa_is(&["3 1 1 k256aa"])(facts);
            let other = seen(&mut add_address(facts, 0, "192.0.2.7").chain);
            other.certificates[0].digests = Some(digests("cc"));
        });
        assert_has(&finding.evidence, "mx1.example.com (192.0.2.7)");
        assert_has(&finding.fix, "3 1 1 k256cc");
    }

    #[test]
    fn one_record_that_matches_is_enough() {
        silent(&RULE, tlsa_is(&["3 1 1 k256old", "3 1 1 k256aa"]));
        silent(&RULE, tlsa_is(&["2 1 1 k256issuer"]));
    }

    #[test]
    fn records_that_no_sender_uses_cannot_mismatch() {
        silent(&RULE, tlsa_is(&["1 1 1 k256bb"]));
        silent(&RULE, |facts| {
            tlsa_is(&["3 1 1 k256bb"])(facts);
            seen(&mut facts.mail_servers[0].tlsa).authenticated = false;
        });
    }

    #[test]
    fn what_cannot_be_compared_is_not_called_a_mismatch() {
        unseen(&RULE, tlsa_is(&["3 0 0 3082aa", "3 1 1 k256bb"]));
        unseen(&RULE, |facts| {
            tlsa_is(&["2 1 1 k256bb"])(facts);
            seen(&mut session(facts, 0).chain).certificates_cut = true;
        });
        unseen(&RULE, |facts| {
            tlsa_is(&["3 1 1 k256bb"])(facts);
            leaf(facts, 0).digests = None;
        });
        unseen(&RULE, |facts| {
            tlsa_is(&["3 1 1 k256bb"])(facts);
            session(facts, 0).chain = failed(FailureKind::Closed);
        });
        unseen(&RULE, |facts| {
            facts.mail_servers[0].tlsa = Observed::NotAsked;
        });
    }
}
