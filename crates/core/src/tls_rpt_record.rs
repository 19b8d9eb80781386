//! The TLS report record at `_smtp._tls` (RFC 8460 3): written, read, and chosen among the TXT
//! texts found there. The reports themselves are not read here.

mod report_uri;

use serde::{Deserialize, Serialize};

pub use report_uri::{ReportUri, ReportUriError};

use crate::txt_fields::{
    TxtFields, column_of_backslash, column_of_quote, excerpt, is_field_name,
    is_txt_extension_value, is_wsp, txt_fields,
};

const VERSION: &str = "v=TLSRPTv1";

/// The TLS report record: where senders report failures to.
///
/// ```
/// use mta_sts_core::{ReportUri, TlsRptRecord, TlsRptRecordReading};
/// let record = TlsRptRecord { rua: vec![ReportUri::from_person("tls@example.net")?] };
/// assert_eq!(record.write(), "v=TLSRPTv1; rua=mailto:tls@example.net");
/// assert_eq!(TlsRptRecordReading::read(&record.write()).record, Some(record));
/// # Ok::<(), mta_sts_core::ReportUriError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TlsRptRecord {
    /// The addresses for reports; a record needs at least one.
    pub rua: Vec<ReportUri>,
}

/// The text of a TLS report record as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsRptRecordReading {
    /// The record, exactly when the text fits RFC 8460 3.
    pub record: Option<TlsRptRecord>,
    /// What to tell, in the order of the text; at most [`TlsRptRecordReading::MAX_FAULTS`].
    pub faults: Vec<TlsRptFault>,
}

/// One thing to tell about a TLS report record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsRptFault {
    /// Where, in characters from 1.
    pub column: usize,
    /// What it is.
    pub kind: TlsRptFaultKind,
}

/// The kinds of [`TlsRptFault`]. Excerpts are raw and bounded; escape them before showing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TlsRptFaultKind {
    /// The text does not begin with exactly `v=TLSRPTv1`.
    #[error("the record must begin with exactly v=TLSRPTv1;")]
    VersionInvalid {
        /// Whether this record was probably meant, as by `v=TLSRPv1`.
        meant: bool,
    },
    /// No rua.
    #[error("the report address (rua) is missing")]
    RuaMissing,
    /// An address of the rua list is none.
    #[error(
        "the report address “{}” is not usable: {cause}",
        crate::escaped(found, 60)
    )]
    RuaInvalid {
        /// The address found.
        found: String,
        /// Why it is none.
        cause: ReportUriError,
    },
    /// Quotes inside the value.
    #[error("the quotes are part of the record and must go")]
    Quoted,
    /// A backslash, most often before a semicolon.
    #[error("the backslashes are part of the record and must go")]
    Backslash,
    /// `v=TLSRPTv1 ;`: the grammar allows it, the choice among several records drops it.
    #[error("the space before the first semicolon must go; some senders ignore the record for it")]
    SpaceBeforeSemicolon,
    /// Anything else outside the grammar.
    #[error(
        "“{}” does not belong there; fields are name=value, separated by a semicolon",
        crate::escaped(found, 40)
    )]
    Syntax {
        /// What stands there.
        found: String,
    },
    /// A field a second time; the first counts.
    #[error("“{}” is there twice; the first one counts", crate::escaped(key, 40))]
    DuplicateField {
        /// The key.
        key: String,
    },
    /// A well-formed field of another name; senders ignore it.
    #[error(
        "“{}” is no field of this record; senders ignore it",
        crate::escaped(key, 40)
    )]
    UnknownField {
        /// The key.
        key: String,
    },
}

/// Which of the TXT texts at `_smtp._tls` counts (RFC 8460 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsRptSelection {
    /// No text begins with `v=TLSRPTv1;`.
    None,
    /// Exactly one does.
    One(TlsRptRecordReading),
    /// More than one do: senders act as if there were none. Their texts.
    Several(Vec<String>),
}

impl TlsRptRecord {
    /// The text of the record.
    #[must_use]
    pub fn write(&self) -> String {
        let addresses: Vec<&str> = self.rua.iter().map(ReportUri::as_str).collect();
        format!("{VERSION}; rua={}", addresses.join(","))
    }
}

impl TlsRptFaultKind {
    /// Whether the text is then no record by RFC 8460 3.
    #[must_use]
    pub fn breaks_rfc(&self) -> bool {
        !matches!(
            self,
            Self::SpaceBeforeSemicolon | Self::DuplicateField { .. } | Self::UnknownField { .. }
        )
    }
}

impl TlsRptRecordReading {
    /// Most faults told.
    pub const MAX_FAULTS: usize = 64;
    /// Longest excerpt in a fault, in characters.
    pub const MAX_FOUND_CHARS: usize = 80;

    /// Whether the text fits RFC 8460 3.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.record.is_some()
    }

    /// Reads the text of one TXT record. Total: any text gives a reading.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let TxtFields { version, pieces } = txt_fields(text);
        let mut reading = Self {
            record: None,
            faults: Vec::new(),
        };
        let mut valid = reading.read_version(version, text);
        let mut rua: Option<Vec<ReportUri>> = None;
        let mut seen = Vec::new();
        for piece in &pieces {
            let (key, value) = piece.key_value().unwrap_or((piece.text, ""));
            if key == "rua" && rua.is_none() {
                let addresses = reading.read_rua(piece.column + "rua=".len(), value);
                valid &= addresses.is_some();
                rua = Some(addresses.unwrap_or_default());
                continue;
            }
            let is_rua_again = key == "rua" && addresses_of(value).is_ok();
            let is_extension = is_field_name(key) && is_txt_extension_value(value);
            let kind = if !is_rua_again && !is_extension {
                let found = if piece.text.is_empty() {
                    ";"
                } else {
                    piece.text
                };
                TlsRptFaultKind::Syntax {
                    found: excerpt(found, Self::MAX_FOUND_CHARS),
                }
            } else if matches!(key, "rua" | "v") || seen.contains(&key) {
                TlsRptFaultKind::DuplicateField {
                    key: key.to_owned(),
                }
            } else {
                seen.push(key);
                TlsRptFaultKind::UnknownField {
                    key: key.to_owned(),
                }
            };
            valid &= !kind.breaks_rfc();
            reading.push(piece.column, kind);
        }
        if rua.is_none() && valid {
            valid = false;
            reading.push(text.chars().count() + 1, TlsRptFaultKind::RuaMissing);
        }
        if valid {
            reading.record = rua.map(|rua| TlsRptRecord { rua });
        } else {
            reading.name_the_one_cause(text);
        }
        reading
    }

    /// Whether the version piece fits; says what is wrong with it.
    fn read_version(&mut self, version: &str, text: &str) -> bool {
        if version == VERSION {
            return true;
        }
        let kind = match version.strip_prefix(VERSION) {
            Some(space) if space.chars().all(is_wsp) && text.len() > version.len() => {
                TlsRptFaultKind::SpaceBeforeSemicolon
            }
            Some(rest) if !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) => {
                TlsRptFaultKind::Syntax {
                    found: excerpt(rest, Self::MAX_FOUND_CHARS),
                }
            }
            _ => TlsRptFaultKind::VersionInvalid {
                meant: looks_like_tls_rpt(text),
            },
        };
        let fits = !kind.breaks_rfc();
        let is_version = matches!(kind, TlsRptFaultKind::VersionInvalid { .. });
        self.push(if is_version { 1 } else { VERSION.len() + 1 }, kind);
        fits
    }

    /// The addresses of a rua value that begins at `column`; `None` when one of them is none.
    fn read_rua(&mut self, column: usize, value: &str) -> Option<Vec<ReportUri>> {
        addresses_of(value)
            .map_err(|(at, address, cause)| {
                let found = excerpt(address, Self::MAX_FOUND_CHARS);
                self.push(column + at, TlsRptFaultKind::RuaInvalid { found, cause });
            })
            .ok()
    }

    /// Quotes and backslashes upset every field around them: one cause, told once.
    fn name_the_one_cause(&mut self, text: &str) {
        let cause = column_of_quote(text)
            .map(|column| (column, TlsRptFaultKind::Quoted))
            .or_else(|| {
                column_of_backslash(text).map(|column| (column, TlsRptFaultKind::Backslash))
            });
        if let Some((column, kind)) = cause {
            self.faults.clear();
            self.push(column, kind);
        }
    }

    fn push(&mut self, column: usize, kind: TlsRptFaultKind) {
        if self.faults.len() < Self::MAX_FAULTS {
            self.faults.push(TlsRptFault { column, kind });
        }
    }
}

/// `URI *(*WSP "," *WSP URI)`, or the first address that is none: characters before it, text, cause.
fn addresses_of(value: &str) -> Result<Vec<ReportUri>, (usize, &str, ReportUriError)> {
    let count = value.split(',').count();
    let mut at = 0;
    let mut addresses = Vec::new();
    for (index, item) in value.split(',').enumerate() {
        // White space belongs to the commas, so there is none at either end of the value.
        let start = if index == 0 {
            item
        } else {
            item.trim_start_matches(is_wsp)
        };
        let address = if index + 1 == count {
            start
        } else {
            start.trim_end_matches(is_wsp)
        };
        let column = at + (item.len() - start.len());
        addresses.push(ReportUri::parse(address).map_err(|cause| (column, address, cause))?);
        at += item.chars().count() + 1;
    }
    Ok(addresses)
}

impl TlsRptSelection {
    /// Keeps the texts that begin with `v=TLSRPTv1;` and reads the one that is left.
    #[must_use]
    pub fn of<T: AsRef<str>>(texts: &[T]) -> Self {
        let begins_right = |text: &&str| {
            text.strip_prefix(VERSION)
                .is_some_and(|t| t.starts_with(';'))
        };
        let kept: Vec<&str> = texts
            .iter()
            .map(AsRef::as_ref)
            .filter(begins_right)
            .collect();
        match kept.as_slice() {
            [] => Self::None,
            [text] => Self::One(TlsRptRecordReading::read(text)),
            _ => Self::Several(kept.into_iter().map(str::to_owned).collect()),
        }
    }
}

/// Whether a text was probably meant as a TLS report record, right or nearly so: `v=TLSRPv1`,
/// capitals, white space and quotes are overlooked.
#[must_use]
pub fn looks_like_tls_rpt(text: &str) -> bool {
    let bare: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && column_of_quote(&c.to_string()).is_none() && *c != '\\')
        .map(|c| c.to_ascii_lowercase())
        .collect();
    ["v=tlsr", "v=tls-r", "v=smtp-tls", "v=tlsv1"]
        .iter()
        .any(|near| bare.contains(near))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TlsRptFaultKind> {
        TlsRptRecordReading::read(text)
            .faults
            .into_iter()
            .map(|fault| fault.kind)
            .collect()
    }

    #[test]
    fn what_the_grammar_allows_is_a_record() {
        for (text, count) in [
            ("v=TLSRPTv1; rua=mailto:a@b.example", 1),
            ("v=TLSRPTv1;rua=mailto:a@b.example;", 1),
            ("v=TLSRPTv1; rua=https://b.example/v1?x=y ; ", 1),
            ("v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/", 2),
            (
                "v=TLSRPTv1; rua=mailto:a@b.example \t, mailto:c%2Cd@e.example",
                2,
            ),
        ] {
            let reading = TlsRptRecordReading::read(text);
            assert!(
                reading.is_valid() && reading.faults.is_empty(),
                "{text:?} {reading:?}"
            );
            let record = reading.record.unwrap();
            assert_eq!(record.rua.len(), count, "{text:?}");
            assert_eq!(
                TlsRptRecordReading::read(&record.write()).record,
                Some(record)
            );
        }
        let key = |name: &str| name.to_owned();
        assert_eq!(
            kinds("v=TLSRPTv1; ruf=x; rua=mailto:a@b.example; rua=https://c.example/?x=y"),
            [
                TlsRptFaultKind::UnknownField { key: key("ruf") },
                TlsRptFaultKind::DuplicateField { key: key("rua") },
            ]
        );
    }

    #[test]
    fn each_mistake_has_a_name_and_a_place() {
        use TlsRptFaultKind::*;
        let rua = |found: &str, cause| RuaInvalid {
            found: found.to_owned(),
            cause,
        };
        let syntax = |found: &str| Syntax {
            found: found.to_owned(),
        };
        let cases = [
            (
                "v=TLSRPv1; rua=mailto:a@b.example",
                1,
                VersionInvalid { meant: true },
            ),
            (
                "v=tlsrptv1; rua=mailto:a@b.example",
                1,
                VersionInvalid { meant: true },
            ),
            (
                "rua=mailto:a@b.example; v=TLSRPTv1",
                1,
                VersionInvalid { meant: true },
            ),
            (
                "v=DMARC1; rua=mailto:a@b.example",
                1,
                VersionInvalid { meant: false },
            ),
            ("v=TLSRPTv1", 11, RuaMissing),
            ("v=TLSRPTv1;", 12, RuaMissing),
            ("v=TLSRPTv1; ruf=x", 18, RuaMissing),
            ("v=TLSRPTv1; rua=", 17, rua("", ReportUriError::Empty)),
            (
                "v=TLSRPTv1; rua=a@b.example",
                17,
                rua("a@b.example", ReportUriError::NoScheme),
            ),
            (
                "v=TLSRPTv1; rua=mailto:a@b.example, c@d.example",
                37,
                rua("c@d.example", ReportUriError::NoScheme),
            ),
            (
                "v=TLSRPTv1; rua=mailto:a@b.example!10m",
                17,
                rua("mailto:a@b.example!10m", ReportUriError::Unescaped('!')),
            ),
            (
                "v=TLSRPTv1; rua=http://b.example",
                17,
                rua("http://b.example", ReportUriError::Http),
            ),
            ("v=TLSRPTv1; rua=mailto:a@b.example;c", 36, syntax("c")),
            ("v=TLSRPTv1; rua=mailto:a@b.example;;", 36, syntax(";")),
            (
                "v=TLSRPTv1 rua=mailto:a@b.example",
                11,
                syntax(" rua=mailto:a@b.example"),
            ),
            ("\"v=TLSRPTv1; rua=mailto:a@b.example\"", 1, Quoted),
            ("v=TLSRPTv1\\; rua=mailto:a@b.example", 11, Backslash),
        ];
        for (text, column, kind) in cases {
            let reading = TlsRptRecordReading::read(text);
            assert_eq!(reading.record, None, "{text:?}");
            let fault = reading
                .faults
                .iter()
                .find(|fault| fault.kind.breaks_rfc())
                .unwrap();
            assert_eq!((fault.column, &fault.kind), (column, &kind), "{text:?}");
            assert!(!fault.kind.to_string().is_empty());
        }
        let space = TlsRptRecordReading::read("v=TLSRPTv1 ; rua=mailto:a@b.example");
        assert_eq!(
            space.faults,
            [TlsRptFault {
                column: 11,
                kind: SpaceBeforeSemicolon
            }]
        );
        assert!(space.is_valid());
    }

    #[test]
    fn the_one_record_is_chosen_before_it_is_read() {
        let text = "v=TLSRPTv1; rua=mailto:a@b.example";
        let one = TlsRptSelection::of(&["v=spf1 -all", text, "v=TLSRPv1; rua=x"]);
        assert_eq!(one, TlsRptSelection::One(TlsRptRecordReading::read(text)));
        assert_eq!(
            TlsRptSelection::of(&["v=TLSRPTv1 ; rua=x"]),
            TlsRptSelection::None
        );
        let several = TlsRptSelection::Several(vec![text.to_owned(), text.to_owned()]);
        assert_eq!(TlsRptSelection::of(&[text, text]), several);
        for near in ["v=TLSRPv1;", " v=TLSRPTv1;", "\"v=tlsrptv1", "v=TLS-RPTv1"] {
            assert!(looks_like_tls_rpt(near), "{near}");
        }
        assert!(!looks_like_tls_rpt("v=STSv1; id=1"));
    }

    #[test]
    fn no_truncation_upsets_the_reader() {
        let text = "v=TLSRPTv1; rua=mailto:a%21@b.example , https://c.example/x?y=z; note=1;";
        for end in 0..=text.len() {
            for start in 0..end {
                let reading = TlsRptRecordReading::read(&text[start..end]);
                let breaks = reading.faults.iter().any(|fault| fault.kind.breaks_rfc());
                assert_eq!(reading.is_valid(), !breaks, "{:?}", &text[start..end]);
            }
        }
    }
}
