//! The grammar that the MTA-STS record (RFC 8461 3.1) and the TLS-RPT record (RFC 8460 3)
//! share: `version *(delimiter field) [delimiter]`.
//!
//! No value may hold a semicolon, so cutting the text at semicolons loses nothing.

/// What stands between two delimiters.
pub(crate) struct TxtPiece<'a> {
    /// Bytes of the record text before it.
    pub(crate) at: usize,
    pub(crate) text: &'a str,
}

impl<'a> TxtPiece<'a> {
    /// Key and value; `None` without an equals sign.
    #[inline]
    pub(crate) fn key_value(&self) -> Option<(&'a str, &'a str)> {
        let at = self.text.bytes().position(|byte| byte == b'=')?;
        Some((&self.text[..at], &self.text[at + 1..]))
    }
}

/// Cuts `text` at its semicolons: what stands before the first, white space included, and the
/// pieces after it.
#[inline]
pub(crate) fn txt_fields(text: &str) -> (&str, TxtPieces<'_>) {
    let (version, rest) = match split_once(text, b';') {
        Some((version, rest)) => (version, Some(rest)),
        None => (text, None),
    };
    let pieces = TxtPieces { text, rest };
    (version, pieces)
}

/// The pieces between the delimiters, without the white space of the delimiters. The closing
/// delimiter yields no piece; an empty piece elsewhere is one, for the grammar allows no `;;`.
pub(crate) struct TxtPieces<'a> {
    text: &'a str,
    /// What follows the last delimiter that was passed.
    rest: Option<&'a str>,
}

impl<'a> Iterator for TxtPieces<'a> {
    type Item = TxtPiece<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        let (cut, after) = match split_once(rest, b';') {
            Some((cut, after)) => (cut, Some(after)),
            None => (rest, None),
        };
        self.rest = after;
        let body = cut.trim_start_matches(is_wsp);
        let is_last = after.is_none();
        if is_last && body.is_empty() {
            return None;
        }
        Some(TxtPiece {
            at: self.text.len() - rest.len() + (cut.len() - body.len()),
            // Only a delimiter may hold white space: at the very end there is none.
            text: if is_last {
                body
            } else {
                body.trim_end_matches(is_wsp)
            },
        })
    }
}

/// What stands before and after the first `sign`, an ASCII character. Made for short texts:
/// `str::split_once` takes several times as long to set out.
#[inline]
pub(crate) fn split_once(text: &str, sign: u8) -> Option<(&str, &str)> {
    let at = memchr::memchr(sign, text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// The column of what stands after `bytes` of `text`, in characters from 1.
pub(crate) fn column_at(text: &str, bytes: usize) -> usize {
    text[..bytes].chars().count() + 1
}

/// Space or tab.
#[inline]
pub(crate) fn is_wsp(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Name of an extension field, the same in records and policies: a letter or digit, then up to 31
/// of letter, digit, `_`, `-`, `.`.
#[inline]
pub(crate) fn is_field_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// Value of an extension field of a record: `1*(%x21-3A / %x3C / %x3E-7E)`.
#[inline]
pub(crate) fn is_txt_extension_value(value: &str) -> bool {
    !value.is_empty()
        && value
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b';' && b != b'=')
}

/// A quote, straight or curly.
pub(crate) fn is_quote(character: char) -> bool {
    matches!(
        character,
        '"' | '\'' | '“' | '”' | '„' | '‟' | '‘' | '’' | '«' | '»'
    )
}

/// The column of the first quote.
pub(crate) fn column_of_quote(text: &str) -> Option<usize> {
    text.chars().position(is_quote).map(|at| at + 1)
}

/// The column of the first backslash.
pub(crate) fn column_of_backslash(text: &str) -> Option<usize> {
    text.chars().position(|c| c == '\\').map(|at| at + 1)
}

/// At most `max_chars` of `text`, raw.
pub(crate) fn excerpt(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).collect()
}
