//! How evidence and fixes are worded: lists, durations, text from the network, MX records.

use crate::text::escape::escaped;

/// A list as people write it: `a`, `a and b`, `a, b and c`.
pub(crate) fn in_words<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let mut words: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match words.pop() {
        None => String::new(),
        Some(last) if words.is_empty() => last,
        Some(last) => format!("{} and {last}", words.join(", ")),
    }
}

/// Text from the network in quotation marks, safe to show.
pub(crate) fn in_quotes(text: &str, max_chars: usize) -> String {
    format!("“{}”", escaped(text, max_chars))
}

/// A host name from the DNS, safe to show.
pub(crate) fn shown(host: &str) -> String {
    escaped(host, 253)
}

/// A time in seconds, in its largest unit of which there are two, or exactly one.
#[must_use]
pub fn duration(secs: u32) -> String {
    const UNITS: [(u32, &str); 4] = [
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let fits = |(unit, _): &&(u32, &str)| secs >= 2 * unit || secs == *unit;
    let (unit, name) = UNITS.iter().find(fits).unwrap_or(&UNITS[3]);
    match secs / unit {
        1 => format!("1 {name}"),
        count => format!("{count} {name}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_like_a_sentence() {
        assert_eq!(in_words::<&str>([]), "");
        assert_eq!(in_words(["a"]), "a");
        assert_eq!(in_words(["a", "b"]), "a and b");
        assert_eq!(in_words([1, 2, 3]), "1, 2 and 3");
    }

    #[test]
    fn hostile_text_stays_on_its_line() {
        assert_eq!(in_quotes("a\nb", 20), "“a\\u{a}b”");
        assert_eq!(in_quotes("abcdef", 4), "“abc…”");
        assert_eq!(shown("mx\u{202e}.example"), "mx\\u{202e}.example");
    }
}
