//! `record-space-before-semicolon`: the MTA-STS record begins with `v=STSv1 ;`.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_SPACE_BEFORE_SEMICOLON,
    severity: Problem,
    title: "the record has a space before its first semicolon",
    page: "record_space_before_semicolon.md",
    check,
}

/// By the grammar the record is valid; by the rule of selection it is none (RFC 8461 3.1, erratum
/// 6285). A sender that ignores it has no policy to go by.
fn check(case: &Case<'_>, findings: &mut Findings) {
    let step = "Remove the space. Until then senders that follow the standard find no record; mox, \
                postfix-tlspol and postfix-mta-sts-resolver read it all the same.";
    report_faults(case, findings, step, |kind| {
        matches!(kind, RecordFaultKind::SpaceBeforeSemicolon)
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::judge::judge;
    use crate::lint;
    use crate::report::Published;
    use crate::rules::finding::Severity;
    use crate::rules::testing::{failed, fires_on_record, healthy, record_is, silent, unseen};

    #[test]
    fn a_space_before_the_semicolon_is_found() {
        fires_on_record(&RULE, "v=STSv1 ; id=1", "space before the first semicolon");
    }

    /// RFC 8461 3.1: valid as a text, and no record to those who select by `v=STSv1;`.
    #[test]
    fn the_text_is_valid_and_the_domain_unprotected() {
        let text = "v=STSv1 ; id=1";
        let lint = lint::record(text, time::OffsetDateTime::UNIX_EPOCH);
        assert!(lint.valid);
        assert_eq!(lint.findings[0].severity, Severity::Attention);

        let mut facts = healthy();
        record_is(&[text])(&mut facts);
        let report = judge(&facts);
        assert_eq!(report.readiness.published, Published::Broken);
        assert_eq!(report.readiness.effective_mode, None);
        assert!(report.headline.text.contains("most senders ignore it"));
        for sender in ["mox", "postfix-tlspol", "postfix-mta-sts-resolver"] {
            assert!(report.findings[0].fix.contains(sender), "{sender}");
        }
    }

    #[test]
    fn a_space_after_the_semicolon_is_fine() {
        silent(&RULE, record_is(&["v=STSv1;  id=1 ; "]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_space() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
