//! `record-version-invalid`: a text meant as the MTA-STS record doesn't begin with `v=STSv1`.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_VERSION_INVALID,
    severity: Problem,
    title: "the record doesn’t begin with v=STSv1",
    page: "record_version_invalid.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, "Replace the whole value.", |kind| {
        matches!(
            kind,
            RecordFaultKind::VersionInvalid { .. } | RecordFaultKind::VersionNotFirst
        )
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{failed, fires_on_record, record_is, silent, unseen};

    #[test]
    fn a_version_in_small_letters_is_found() {
        fires_on_record(&RULE, "v=stsv1; id=1", "“v=stsv1; id=1”");
    }

    #[test]
    fn another_text_at_the_name_is_no_announcement() {
        silent(&RULE, record_is(&["v=spf1 -all"]));
    }

    #[test]
    fn quotes_around_it_are_left_to_another_rule() {
        silent(&RULE, record_is(&["\"v=STSv1; id=1\""]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_wrong_version() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
