//! What must hold of the sentences that are shown to a person. The subject of a finding is none: it
//! is a name as the network gave it, by which the host is found again.

use mta_sts_core::{Finding, NotChecked};

/// Nothing in the findings can move the cursor, hide itself or turn the direction of writing.
pub(crate) fn findings_hold(findings: &[Finding]) {
    for finding in findings {
        assert!(
            !finding.evidence.is_empty() && !finding.fix.is_empty(),
            "{finding:?}"
        );
        for text in [&finding.evidence, &finding.fix] {
            assert!(is_safe(text), "{finding:?}");
        }
    }
}

/// The same for what could not be checked.
pub(crate) fn doubts_hold(not_checked: &[NotChecked]) {
    for doubt in not_checked {
        assert!(is_safe(&doubt.reason), "{doubt:?}");
    }
}

fn is_safe(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    })
}
