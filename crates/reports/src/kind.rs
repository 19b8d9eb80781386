//! The kind of a file, told by its first bytes, and texts in other encodings than UTF-8.

use std::borrow::Cow;

use memchr::memmem;

/// So far a DMARC report must have said what it is.
const MAX_PROLOGUE_BYTES: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Json,
    Gzip,
    Zip,
    /// An aggregate report of DMARC (RFC 7489 appendix C).
    Dmarc,
    /// E-mails one after the other, each behind a line that begins with `From ` (RFC 4155).
    Mbox,
    /// An e-mail of Outlook, in the format of old Word files.
    OutlookMail,
    /// The data file of Outlook.
    OutlookData,
    /// E-mails begin in many ways.
    Other,
}

impl Kind {
    /// The kind of bytes that [`utf8`] has decoded.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            return Self::Gzip;
        }
        if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
            return Self::Zip;
        }
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Self::OutlookMail;
        }
        if bytes.starts_with(b"!BDN") {
            return Self::OutlookData;
        }
        let text = bytes.trim_ascii_start();
        match text.first() {
            Some(b'{' | b'[') => Self::Json,
            Some(b'<') => {
                let prologue = text.get(..MAX_PROLOGUE_BYTES).unwrap_or(text);
                match memmem::find(prologue, b"<feedback") {
                    Some(_) => Self::Dmarc,
                    None => Self::Other,
                }
            }
            Some(b'F') if text.starts_with(b"From ") => Self::Mbox,
            _ => Self::Other,
        }
    }
}

/// UTF-16 as UTF-8, with or without a byte order mark; other bytes as they are, without the mark.
pub(crate) fn utf8(bytes: &[u8]) -> Cow<'_, [u8]> {
    let is_ascii = |byte: u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    let is_little = match bytes {
        [0xef, 0xbb, 0xbf, text @ ..] => return Cow::Borrowed(text),
        [0xff, 0xfe, ..] => true,
        [0xfe, 0xff, ..] => false,
        [one, 0, two, 0, ..] if is_ascii(*one) && is_ascii(*two) => true,
        [0, one, 0, two, ..] if is_ascii(*one) && is_ascii(*two) => false,
        _ => return Cow::Borrowed(bytes),
    };
    let of_pair = if is_little {
        u16::from_le_bytes
    } else {
        u16::from_be_bytes
    };
    let units = bytes.as_chunks().0.iter().map(|pair| of_pair(*pair));
    let text = char::decode_utf16(units).map(|it| it.unwrap_or(char::REPLACEMENT_CHARACTER));
    let text: String = text.skip_while(|it| *it == '\u{feff}').collect();
    Cow::Owned(text.into_bytes())
}

/// Text that isn't UTF-8 as if it were Latin-1.
pub(crate) fn or_latin_1(bytes: &[u8]) -> Cow<'_, [u8]> {
    if std::str::from_utf8(bytes).is_ok() {
        return Cow::Borrowed(bytes);
    }
    let text: String = bytes.iter().copied().map(char::from).collect();
    Cow::Owned(text.into_bytes())
}
