//! The grammar that the announcement record (RFC 8461 3.1) and the TLS report record (RFC 8460 3)
//! share: `version *(delimiter field) [delimiter]`.
//!
//! No value may hold a semicolon, so cutting the text at semicolons loses nothing.

/// The pieces of a record text.
pub(crate) struct TxtFields<'a> {
    /// The text before the first semicolon, white space before that semicolon included.
    pub(crate) version: &'a str,
    /// The pieces between the delimiters, without the white space of the delimiters.
    pub(crate) pieces: Vec<TxtPiece<'a>>,
}

/// What stands between two delimiters.
pub(crate) struct TxtPiece<'a> {
    /// Where it begins, in characters from 1.
    pub(crate) column: usize,
    pub(crate) text: &'a str,
}

impl<'a> TxtPiece<'a> {
    /// Key and value; `None` without an equals sign.
    pub(crate) fn key_value(&self) -> Option<(&'a str, &'a str)> {
        self.text.split_once('=')
    }
}

/// Cuts `text` at its semicolons. The closing delimiter yields no piece; an empty piece elsewhere
/// is one, for the grammar allows no `;;`.
pub(crate) fn txt_fields(text: &str) -> TxtFields<'_> {
    let mut cuts = text.split(';');
    let version = cuts.next().unwrap_or(text);
    let mut column = version.chars().count() + 2;
    let mut pieces = Vec::new();
    let mut cuts = cuts.peekable();
    while let Some(cut) = cuts.next() {
        let body = cut.trim_start_matches(is_wsp);
        let start = column + (cut.len() - body.len());
        column += cut.chars().count() + 1;
        let is_last = cuts.peek().is_none();
        if is_last && body.is_empty() {
            break;
        }
        // Only a delimiter may hold white space: at the very end there is none.
        let text = if is_last {
            body
        } else {
            body.trim_end_matches(is_wsp)
        };
        pieces.push(TxtPiece {
            column: start,
            text,
        });
    }
    TxtFields { version, pieces }
}

/// Space or tab.
pub(crate) fn is_wsp(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Name of an extension field, the same in records and policies: a letter or digit, then up to 31
/// of letter, digit, `_`, `-`, `.`.
pub(crate) fn is_field_name(name: &str) -> bool {
    name.len() <= 32
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

/// Value of an extension field of a record: `1*(%x21-3A / %x3C / %x3E-7E)`.
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
