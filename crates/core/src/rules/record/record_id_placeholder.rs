//! `record-id-placeholder`: the id is a placeholder that was left in.

use super::mta_sts_record::set_right_value;
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::placeholder::is_placeholder;
use crate::text::sts_record::StsSelection;
use crate::text::wording::in_quotes;

rule! {
    code: RECORD_ID_PLACEHOLDER,
    severity: Note,
    title: "the id is a placeholder",
    page: "record_id_placeholder.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let Some(StsSelection::One(reading)) = &case.record else {
        return;
    };
    let ids = reading.record.iter().map(|record| record.id.as_str());
    for id in ids.filter(|id| is_placeholder(id)) {
        let name = case.facts.domain.mta_sts_record_name();
        let id = in_quotes(id, 40);
        findings.report(
            Subject::record(&case.facts.domain),
            format!(
                "The id of the TXT record at {name} is {id}, as an example has it. It works until \
                 the policy changes: senders look at it again only when the id does."
            ),
            set_right_value(case),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::FailureKind;
    use crate::rules::testing::{
        assert_ends, assert_has, failed, fires, record_is, silent, unseen,
    };

    #[test]
    fn letters_that_stand_for_a_date_are_found() {
        let finding = fires(&RULE, record_is(&["v=STSv1; id=YYYYMMDDHHMMSS"]));
        assert_has(&finding.evidence, "“YYYYMMDDHHMMSS”");
        assert_ends(&finding.fix, "v=STSv1; id=20261123120000Z;");
    }

    #[test]
    fn an_id_of_letters_is_an_id() {
        silent(&RULE, record_is(&["v=STSv1; id=first"]));
    }

    #[test]
    fn a_lookup_that_failed_has_no_placeholder() {
        unseen(&RULE, |facts| facts.record = failed(FailureKind::ServFail));
    }
}
