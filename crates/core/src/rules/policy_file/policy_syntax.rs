//! `policy-syntax`: a line of the policy file is outside the grammar; the cause is named.

use super::corrected_line::corrected_line;
use super::faults::{evidence, faults, is_two_files_in_one, quoted_lines, reading, whole_file};
use crate::rules::case::Case;
use crate::rules::finding::{Findings, Subject};
use crate::text::policy::{PolicyFault, PolicyFaultKind, SyntaxCause};

rule! {
    code: POLICY_SYNTAX,
    severity: Problem,
    title: "the policy file contains an invalid line",
    page: "policy_syntax.md",
    check,
}

fn check(case: &Case<'_>, findings: &mut Findings) {
    let faults = faults(case, |kind| {
        matches!(kind, PolicyFaultKind::Syntax(_) | PolicyFaultKind::NotUtf8)
    });
    // Each fault is a cause of its own: the reader reports a cause once, however many lines have it.
    for fault in faults {
        findings.report(
            Subject::policy_host(&case.facts.domain),
            evidence(case, &[fault]),
            format!("{} Then upload the file again.", what_to_write(case, fault)),
        );
    }
}

fn what_to_write(case: &Case<'_>, fault: &PolicyFault) -> String {
    let PolicyFaultKind::Syntax(reason) = fault.kind else {
        return format!(
            "Save the file as plain text with these lines: {}.",
            whole_file(case)
        );
    };
    let is_nothing_else = reading(case).is_some_and(|it| it.fields.is_empty());
    match reason {
        // Advice never leaves an empty file behind.
        SyntaxCause::PastedTxtRecord if is_nothing_else => format!(
            "Such a text belongs in the TXT record {}. The file should have these lines: {}.",
            case.facts.domain.mta_sts_record_name(),
            whole_file(case)
        ),
        SyntaxCause::FrontMatter | SyntaxCause::CodeFence | SyntaxCause::Comment
            if is_nothing_else =>
        {
            format!("The file should have these lines: {}.", whole_file(case))
        }
        SyntaxCause::Rtf => format!(
            "Save the file as plain text (.txt) with these lines: {}.",
            whole_file(case)
        ),
        SyntaxCause::Placeholder => format!(
            "Replace the placeholder on line {}. The file should have these lines: {}.",
            fault.line,
            whole_file(case)
        ),
        SyntaxCause::FrontMatter => {
            "Delete the header and the --- lines around it, or publish the file as it is, without \
             the site generator."
                .to_owned()
        }
        SyntaxCause::PastedTxtRecord => format!(
            "Delete the text on line {}; it belongs in the TXT record {}.",
            fault.line,
            case.facts.domain.mta_sts_record_name()
        ),
        SyntaxCause::CodeFence => "Delete the lines with ```.".to_owned(),
        SyntaxCause::Comment => "Delete the comments.".to_owned(),
        SyntaxCause::BareCr => {
            "Save the file with Windows (CRLF) or Unix (LF) line endings.".to_owned()
        }
        SyntaxCause::FieldsOnOneLine if is_two_files_in_one(case) => format!(
            "Two policies were joined here. Keep one, with these lines: {}.",
            whole_file(case)
        ),
        _ => {
            let lines = line(case, fault).map(|line| corrected_line(reason, line));
            match lines.filter(|lines| !lines.is_empty()) {
                Some(lines) => format!(
                    "On line {}, write {}. Do the same wherever the mistake occurs again.",
                    fault.line,
                    quoted_lines(&lines)
                ),
                None => format!("The file should have these lines: {}.", whole_file(case)),
            }
        }
    }
}

/// The whole line of a fault.
fn line<'a>(case: &Case<'a>, fault: &PolicyFault) -> Option<&'a str> {
    let text = std::str::from_utf8(&case.response()?.body.0).ok()?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().nth(fault.line - 1)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::facts::Body;
    use crate::rules::finding::Finding;
    use crate::rules::testing::{
        assert_has, fires, not_fetched, policy_is, response, run, silent, unseen,
    };

    #[track_caller]
    fn found(body: &str) -> Finding {
        fires(&RULE, policy_is(body))
    }

    #[test]
    fn an_equals_sign_is_found_with_its_line_and_the_right_one() {
        let finding = found("version: STSv1\nmode=enforce\nmx: *.example.com\nmax_age: 604800\n");
        assert_eq!(finding.subject, "mta-sts.example.com");
        assert_has(&finding.evidence, "line 2 at “mode=enforce”");
        assert_has(&finding.fix, "On line 2, write “mode: enforce”.");
    }

    #[test]
    fn a_name_with_a_capital_is_found_with_the_right_line() {
        let finding =
            found("version: STSv1\r\nMode: enforce\r\nmx: *.example.com\r\nmax_age: 9\r\n");
        assert_has(&finding.fix, "“mode: enforce”");
    }

    #[test]
    fn several_fields_on_one_line_are_taken_apart() {
        let finding = found("version: STSv1; mode: enforce; mx: *.example.com; max_age: 604800");
        assert_has(
            &finding.fix,
            "“version: STSv1”, “mode: enforce”, “mx: *.example.com” and",
        );
    }

    #[test]
    fn the_text_of_a_record_is_sent_where_it_belongs() {
        let finding =
            found("v=STSv1; id=1\nversion: STSv1\nmode: enforce\nmx: a.example\nmax_age: 9\n");
        assert_has(&finding.fix, "_mta-sts.example.com");
    }

    #[test]
    fn json_is_answered_with_a_whole_file() {
        let finding = found("{\"mode\": \"enforce\"}");
        assert_has(&finding.fix, "“version: STSv1”");
        assert_has(&finding.fix, "“mx: mx2.example.com”");
    }

    #[test]
    fn two_policies_that_were_run_together_are_answered_with_one() {
        let once = "version: STSv1\nmode: enforce\nmx: mx1.example.com\nmax_age: 604800";
        let finding = found(&format!("{once}{once}\n"));
        assert_has(&finding.fix, "Keep one");
        assert_has(&finding.fix, "“mode: enforce”");
    }

    #[test]
    fn every_cause_that_needs_words_of_its_own_has_them() {
        for (body, words) in [
            (
                "---\nlayout: null\n---\nversion: STSv1\nmode: none\nmax_age: 9\n",
                "Delete the header",
            ),
            ("```\nversion: STSv1\nmode: none\nmax_age: 9\n```\n", "```"),
            (
                "# ours\nversion: STSv1\nmode: none\nmax_age: 9\n",
                "comments",
            ),
            ("version: STSv1\rmode: none\rmax_age: 9\r", "CRLF"),
        ] {
            let finding = found(body);
            assert_has(&finding.fix, words);
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_found() {
        let finding = fires(&RULE, |facts| {
            response(facts).body = Body(vec![0xFF, 0xFE, b'v', 0]);
        });
        assert_has(&finding.evidence, "isn’t plain text");
    }

    #[test]
    fn two_causes_are_two_findings() {
        let findings = run(
            &RULE,
            policy_is("version: STSv1\nmode=enforce\nmx : a.example\nmax_age: 9\n"),
        );
        assert_eq!(findings.found.len(), 2, "{:#?}", findings.found);
    }

    #[test]
    fn an_extension_field_is_within_the_grammar() {
        silent(
            &RULE,
            policy_is("version: STSv1\nmode: none\nmax_age: 9\nx-note: größe 2\n"),
        );
    }

    #[test]
    fn a_file_that_was_not_fetched_has_no_lines() {
        unseen(&RULE, not_fetched);
    }
}
