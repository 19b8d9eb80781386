//! `record-syntax`: the MTA-STS record breaks its grammar in a way that has no rule of its own.

use super::mta_sts_record::report_faults;
use crate::rules::case::Case;
use crate::rules::finding::Findings;
use crate::text::txt_record::RecordFaultKind;

rule! {
    code: RECORD_SYNTAX,
    severity: Problem,
    title: "the record contains something that doesn’t belong there",
    page: "record_syntax.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    report_faults(case, findings, "Replace the whole value.", |kind| {
        matches!(kind, RecordFaultKind::Syntax { .. })
    });
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        assert_has, failed, fires, fires_on_record, record_is, seen, set_record, silent, unseen,
    };

    #[test]
    fn a_missing_semicolon_is_found() {
        fires_on_record(&RULE, "v=STSv1 id=1", "doesn’t belong there");
    }

    #[test]
    fn several_strange_pieces_are_one_finding() {
        let finding = fires(&RULE, record_is(&["v=STSv1; id=1; TTL 3600;; x"]));
        assert_has(&finding.evidence, "“TTL 3600”");
        assert_has(&finding.evidence, "“x”");
    }

    #[test]
    fn a_record_behind_an_alias_is_fixed_where_it_is() {
        let finding = fires(&RULE, |facts| {
            set_record(facts, &["v=STSv1; id=1; x"]);
            seen(&mut facts.record).aliases = vec!["sts.provider.example".into()];
        });
        assert_has(&finding.fix, "sts.provider.example");
    }

    #[test]
    fn a_semicolon_at_the_end_is_fine() {
        silent(&RULE, record_is(&["v=STSv1; id=1;"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_syntax() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
