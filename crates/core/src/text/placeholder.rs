//! Placeholders that were left in when an example was copied.

/// Whether a text is a placeholder rather than a value: braces, brackets or signs of a template
/// around it, letters that stand for digits, or a word that says so.
pub(crate) fn is_placeholder(text: &str) -> bool {
    const AROUND: [(&str, &str); 7] = [
        ("{{", "}}"),
        ("{", "}"),
        ("<", ">"),
        ("[", "]"),
        ("${", "}"),
        ("%", "%"),
        ("__", "__"),
    ];
    let text = text.trim();
    let is_around = |(open, close): &(&str, &str)| {
        text.starts_with(open) && text.ends_with(close) && text.len() > open.len() + close.len()
    };
    let lower = text.to_ascii_lowercase();
    let is_time = lower.starts_with("yyyy") && lower.bytes().all(|b| b"ymdhstz-_".contains(&b));
    let words = ["your", "changeme", "placeholder", "xxxx"];
    let is_told = lower == "id"
        || lower == "timestamp"
        || words.iter().any(|word| {
            lower.starts_with(word)
                && lower
                    .bytes()
                    .all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_')
        });
    AROUND.iter().any(is_around) || is_time || is_told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_in_is_told_from_what_was_filled_in() {
        for text in [
            "{{ mail_hostname }}",
            "<mx-host>",
            "[your server]",
            "${MX}",
            "%MX%",
            "YYYYMMDDHHMMSS",
            "yyyymmddThhmmssZ",
            "YOUR_ID",
            "yourid",
            "CHANGEME",
            "xxxxxxxx",
            "id",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for text in [
            "20261123120000Z",
            "mail",
            "1",
            "yonder",
            "mx1",
            "younger",
            "abc",
            "",
        ] {
            assert!(!is_placeholder(text), "{text}");
        }
    }
}
