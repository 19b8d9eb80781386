//! Reading a Content-Type as the known senders do.

/// What senders make of a Content-Type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContentType {
    /// Whether the type is text/plain, without regard to case and parameters.
    pub(super) is_text_plain: bool,
    /// The charset parameter, in small letters.
    pub(super) charset: Option<String>,
    /// Whether all parameters are `name=value` (RFC 9110 5.6.6); a last semicolon may stand alone.
    /// A name may not come again with another value.
    pub(super) is_well_formed: bool,
}

impl ContentType {
    pub(super) fn read(header: &str) -> Self {
        let (media_type, mut rest) = header.split_at(header.find(';').unwrap_or(header.len()));
        let mut parameters: Vec<(String, String)> = Vec::new();
        let mut is_well_formed = true;
        while !matches!(rest.trim(), "" | ";") {
            let Some((name, value, after)) = parameter(rest) else {
                is_well_formed = false;
                break;
            };
            let differs = |(known, other): &(String, String)| *known == name && *other != value;
            is_well_formed &= !parameters.iter().any(differs);
            parameters.push((name, value));
            rest = after;
        }
        let charset = parameters.into_iter().find(|(name, _)| name == "charset");
        Self {
            is_text_plain: media_type.trim().eq_ignore_ascii_case("text/plain"),
            charset: charset.map(|(_, value)| value.to_ascii_lowercase()),
            is_well_formed,
        }
    }
}

/// Name in small letters, value and what follows, of a text that begins with a semicolon.
fn parameter(text: &str) -> Option<(String, String, &str)> {
    let text = text.trim_start().strip_prefix(';')?.trim_start();
    let (name, after) = token(text)?;
    let text = after.trim_start().strip_prefix('=')?.trim_start();
    let (value, after) = match text.strip_prefix('"') {
        Some(quoted) => quoted_string(quoted)?,
        None => token(text).map(|(value, after)| (value.to_owned(), after))?,
    };
    Some((name.to_ascii_lowercase(), value, after))
}

/// One or more characters of RFC 9110 5.6.2, and what follows.
fn token(text: &str) -> Option<(&str, &str)> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let end = text.find(|c| !is_token(c)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// The value up to the closing quote, and what follows (RFC 9110 5.6.4).
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            _ => value.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_charset_and_form_are_read() {
        let cases = [
            ("text/plain", true, None, true),
            ("Text/PLAIN ; Charset=UTF-8", true, Some("utf-8"), true),
            (
                "text/plain; charset=\"utf-8\"; x=1;",
                true,
                Some("utf-8"),
                true,
            ),
            ("text/plain;", true, None, true),
            ("text/plain; a=1; a=1", true, None, true),
            ("text/plain; a=1; a=2", true, None, false),
            ("text/plain; charset", true, None, false),
            ("text/plain; charset=", true, None, false),
            ("text/plain; charset=utf 8", true, Some("utf"), false),
            ("text/plain;; charset=utf-8", true, None, false),
            ("text/plain; charset=\"utf-8", true, None, false),
            ("text/plain charset=utf-8", false, None, true),
            ("text/html; charset=utf-8", false, Some("utf-8"), true),
            ("", false, None, true),
        ];
        for (header, is_text_plain, charset, is_well_formed) in cases {
            let expected = ContentType {
                is_text_plain,
                charset: charset.map(str::to_owned),
                is_well_formed,
            };
            assert_eq!(ContentType::read(header), expected, "{header}");
        }
    }
}
