//! Names of the DNS as text and back.

use std::fmt::Write as _;

use hickory_proto::rr::Name;
use mta_sts_core::facts::{FailureKind, ProbeFailure};

/// Reads a name from its text, including escapes (RFC 1035 5.1). The parser of hickory reads the
/// digits of an escape as octal and refuses control characters, which a hostile answer may contain.
pub(super) fn asked_name(text: &str) -> Result<Name, ProbeFailure> {
    let impossible =
        || ProbeFailure::new(FailureKind::Other, "this name is not possible in the DNS");
    let mut labels = vec![Vec::new()];
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let (label_byte, after) = match (byte, after) {
            (b'.', _) => (None, after),
            (
                b'\\',
                [
                    a @ b'0'..=b'9',
                    b @ b'0'..=b'9',
                    c @ b'0'..=b'9',
                    after @ ..,
                ],
            ) => {
                let code = [a, b, c]
                    .iter()
                    .fold(0, |code, digit| code * 10 + u16::from(*digit - b'0'));
                (Some(u8::try_from(code).map_err(|_| impossible())?), after)
            }
            (b'\\', [escaped, after @ ..]) => (Some(*escaped), after),
            _ => (Some(*byte), after),
        };
        match (label_byte, labels.last_mut()) {
            (Some(byte), Some(label)) => label.push(byte),
            _ => labels.push(Vec::new()),
        }
        rest = after;
    }
    let mut name = Name::from_labels(labels.iter().map(Vec::as_slice)).map_err(|_| impossible())?;
    name.set_fqdn(true);
    Ok(name)
}

/// A name as text: lower case, no trailing dot, unusual bytes escaped (RFC 1035 5.1).
pub(super) fn host_text(name: &Name) -> String {
    let mut text = String::new();
    for label in name {
        if !text.is_empty() {
            text.push('.');
        }
        for byte in label.to_ascii_lowercase() {
            match byte {
                b'.' | b'\\' => text.extend(['\\', char::from(byte)]),
                b'!'..=b'~' => text.push(char::from(byte)),
                _ => {
                    let _ = write!(text, "\\{byte:03}");
                }
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_case_without_the_dot_and_survive_being_text() {
        for (labels, text) in [
            ([&b"MX"[..], b"Example"], "mx.example"),
            ([b"MX\n1", b"Example"], "mx\\0101.example"),
            ([b"a.b\\", b"\xFF "], "a\\.b\\\\.\\255\\032"),
        ] {
            let name = Name::from_labels(labels).unwrap();
            assert_eq!(host_text(&name), text);
            assert_eq!(asked_name(text).unwrap(), name);
        }
        assert_eq!(host_text(&Name::root()), "");
    }

    #[test]
    fn names_that_the_dns_cannot_hold_are_not_asked_for() {
        for text in [
            "a..example",
            ".example",
            "\\999.example",
            &"a".repeat(64),
            &"a.".repeat(200),
        ] {
            assert_eq!(
                asked_name(text).unwrap_err().kind,
                FailureKind::Other,
                "{text}"
            );
        }
    }
}
