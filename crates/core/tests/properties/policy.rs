//! Policy files of any bytes.

use mta_sts_core::{MxPattern, PolicyFault, PolicyFaultKind, PolicyReading, SyntaxCause, lint};

use super::shown;

/// Reads `bytes` as a policy file.
pub(crate) fn holds(bytes: &[u8]) -> bool {
    let reading = PolicyReading::read(bytes);
    assert_eq!(reading.valid, fits_rfc(bytes), "{reading:?}");
    let breaks = reading.faults.iter().any(|fault| fault.kind.breaks_rfc());
    assert_eq!(reading.valid, !breaks, "{reading:?}");
    assert!(!reading.valid || reading.policy.is_some(), "{reading:?}");
    faults_hold(bytes, &reading.faults);
    fields_hold(bytes, &reading);
    what_is_written_is_read_back(&reading);

    let hosts = ["mx1.example.com", "mx.example.net"].map(String::from);
    let lint = lint::policy("mta-sts.txt", bytes, &hosts);
    assert_eq!(lint.valid, reading.valid);
    assert!(lint.valid || !lint.findings.is_empty());
    assert!(serde_json::to_string(&lint).is_ok());
    shown::findings_hold(&lint.findings);
    reading.valid
}

/// Each fault is bounded and points at what it speaks of.
fn faults_hold(bytes: &[u8], faults: &[PolicyFault]) {
    let text = String::from_utf8_lossy(bytes);
    // Columns are those of an editor, which does not show a byte order mark.
    let body = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let lines = lines(body);
    assert!(faults.len() <= PolicyReading::MAX_FAULTS);
    for fault in faults {
        assert!(fault.found.chars().count() <= PolicyFault::MAX_FOUND_CHARS);
        assert!(!fault.kind.to_string().is_empty());
        assert!((1..=lines.len()).contains(&fault.line), "{fault:?}");
        let line = lines[fault.line - 1];
        match fault.kind {
            // A file that is something else as a whole has no lines yet.
            PolicyFaultKind::NotUtf8
            | PolicyFaultKind::Html
            | PolicyFaultKind::Syntax(SyntaxCause::Json)
            | PolicyFaultKind::Bom => {
                assert!((1..=bytes.len() + 1).contains(&fault.column), "{fault:?}");
            }
            PolicyFaultKind::Syntax(SyntaxCause::BareCr) => {
                assert_eq!(fault.column, line.chars().count() + 1, "{fault:?}");
                assert!(line.starts_with(&fault.found), "{fault:?}");
            }
            _ => {
                assert!(
                    (1..=line.chars().count() + 1).contains(&fault.column),
                    "{fault:?}"
                );
                let there: String = line.chars().skip(fault.column - 1).collect();
                assert!(there.starts_with(&fault.found), "{fault:?}");
            }
        }
    }
}

/// Each field is the line it claims to be.
fn fields_hold(bytes: &[u8], reading: &PolicyReading) {
    let text = String::from_utf8_lossy(bytes);
    let lines = lines(text.strip_prefix('\u{feff}').unwrap_or(&text));
    let mut last = 0;
    for field in &reading.fields {
        assert!(field.line > last && field.line <= lines.len(), "{field:?}");
        last = field.line;
        let line = lines[field.line - 1].trim_matches([' ', '\t']);
        let rest = line
            .strip_prefix(&field.key)
            .and_then(|rest| rest.strip_prefix(':'));
        let value = rest.map(|rest| rest.trim_matches([' ', '\t']));
        assert_eq!(value, Some(field.value.as_str()), "{field:?}");
    }
}

/// A policy that was read is written as one that reads the same, and without any fault but an
/// address in the place of a host name.
fn what_is_written_is_read_back(reading: &PolicyReading) {
    let Some(policy) = &reading.policy else {
        return;
    };
    let text = policy.write();
    if text.len() > PolicyReading::MAX_BYTES {
        // A file of short lines grows when each is given its space and its CRLF.
        return;
    }
    let again = PolicyReading::read(text.as_bytes());
    assert_eq!(again.policy.as_ref(), Some(policy), "{text}");
    assert!(again.valid, "{text}");
    let names_an_address = policy.mx().iter().any(MxPattern::is_ip_address);
    assert_eq!(again.faults.is_empty(), !names_an_address, "{text}");
    let saved = serde_json::to_string(policy).unwrap_or_default();
    assert_eq!(
        serde_json::from_str(&saved).ok().as_ref(),
        Some(policy),
        "{saved}"
    );
}

/// The lines of a file: LF ends one, with any number of CRs before it, and so does a CR alone.
fn lines(text: &str) -> Vec<&str> {
    let feeds = text.matches('\n').count();
    text.split('\n')
        .enumerate()
        .flat_map(|(at, line)| {
            let is_fed = at < feeds;
            let line = if is_fed {
                line.trim_end_matches('\r')
            } else {
                line
            };
            line.split('\r')
        })
        .collect()
}

/// Section 3.2 of RFC 8461 as plainly as it can be, from nothing that the reader uses.
fn fits_rfc(bytes: &[u8]) -> bool {
    let (true, Ok(text)) = (bytes.len() <= 65_536, std::str::from_utf8(bytes)) else {
        return false;
    };
    let text = text.replace("\r\n", "\n");
    let lines: Option<Vec<(&str, &str)>> = text
        .strip_suffix('\n')
        .unwrap_or(&text)
        .split('\n')
        .map(|line| line.split_once(':'))
        .map(|field| field.map(|(key, value)| (key, value.trim_matches([' ', '\t']))))
        .collect();
    let Some(fields) = lines else {
        return false;
    };
    let first = |name| fields.iter().position(|(key, _)| *key == name);
    let of = |at: Option<usize>| at.map(|at| fields[at].1);
    let known = ["version", "mode", "max_age"].map(first);
    let [Some(version), Some(mode), Some(max_age)] = known.map(of) else {
        return false;
    };
    let hosts: Vec<&str> = fields
        .iter()
        .filter(|(key, _)| *key == "mx")
        .map(|(_, value)| *value)
        .collect();
    let mut others = fields
        .iter()
        .enumerate()
        .filter(|(at, (key, _))| *key != "mx" && !known.contains(&Some(*at)));
    version == "STSv1"
        && matches!(mode, "enforce" | "testing" | "none")
        && (1..=10).contains(&max_age.len())
        && max_age.bytes().all(|digit| digit.is_ascii_digit())
        && max_age.parse::<u64>().is_ok_and(|secs| secs <= 31_557_600)
        && (mode == "none" || !hosts.is_empty())
        && hosts.iter().all(|host| is_mx(host))
        && others.all(|(_, (key, value))| {
            is_name(key) && !value.is_empty() && value.chars().all(|c| c >= ' ' && c != '\u{7f}')
        })
}

fn is_mx(value: &str) -> bool {
    value
        .strip_prefix("*.")
        .unwrap_or(value)
        .split('.')
        .all(|label| {
            label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
                && !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

fn is_name(key: &str) -> bool {
    key.len() <= 32
        && key.starts_with(|c: char| c.is_ascii_alphanumeric())
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
}
