//! Cutting a policy file into lines.

/// The lines of a file, and where it strays from LF and CRLF.
pub(super) struct Lines<'a> {
    /// The text of each line without its end. A last line end makes no further line.
    pub(super) texts: Vec<&'a str>,
    /// The first line, from 1, that a CR ends alone.
    pub(super) bare_cr: Option<usize>,
}

/// Lines end with LF or CRLF (RFC 8461 3.2, erratum 6253). A CR alone ends one too, so that what
/// follows can still be read, and so does `CR CR LF` as a whole, which careless conversions leave.
pub(super) fn lines(text: &str) -> Lines<'_> {
    let mut texts = Vec::new();
    let mut bare_cr = None;
    let mut rest = text;
    while !rest.is_empty() {
        let Some(at) = rest.find(['\r', '\n']) else {
            texts.push(rest);
            break;
        };
        let (line, end) = rest.split_at(at);
        texts.push(line);
        let (end_len, is_proper) = line_end(end);
        if !is_proper && bare_cr.is_none() {
            bare_cr = Some(texts.len());
        }
        rest = &end[end_len..];
    }
    Lines { texts, bare_cr }
}

/// Bytes of the line end that `text` begins with, and whether it is LF or CRLF.
fn line_end(text: &str) -> (usize, bool) {
    let returns = text.bytes().take_while(|byte| *byte == b'\r').count();
    match (returns, text.as_bytes().get(returns)) {
        (0, _) => (1, true),
        (1, Some(b'\n')) => (2, true),
        (_, Some(b'\n')) => (returns + 1, false),
        _ => (1, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_is_known() {
        let cases: [(&str, &[&str], Option<usize>); 9] = [
            ("", &[], None),
            ("a", &["a"], None),
            ("a\n", &["a"], None),
            ("a\r\nb\nc", &["a", "b", "c"], None),
            ("a\n\n", &["a", ""], None),
            ("a\rb\r", &["a", "b"], Some(1)),
            ("a\r\nb\r", &["a", "b"], Some(2)),
            ("a\r\r\nb\r\r\n", &["a", "b"], Some(1)),
            ("\r\rb", &["", "", "b"], Some(1)),
        ];
        for (text, expected, bare_cr) in cases {
            let found = lines(text);
            assert_eq!(found.texts, expected, "{text:?}");
            assert_eq!(found.bare_cr, bare_cr, "{text:?}");
        }
    }
}
