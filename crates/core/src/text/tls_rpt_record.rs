//! The TLS-RPT record at `_smtp._tls` (RFC 8460 3): written, its addresses read. What it shares
//! with the MTA-STS record, reading and choosing, is in `txt_record`. The reports themselves
//! are not read here.

mod report_uri;

use std::iter;

use serde::{Deserialize, Serialize};

pub use report_uri::{ReportUri, ReportUriError};

use crate::text::txt_fields::{excerpt, is_wsp, split_once};
use crate::text::txt_record::{RecordReading, RecordSelection, VersionedRecord, bare};

/// The TLS-RPT record: where senders report failures to.
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

/// What can be wrong with the report addresses. The excerpt is raw and bounded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuaFault {
    /// No rua.
    #[error("the report address (rua) is missing")]
    Missing,
    /// An address of another scheme beside good ones; senders ignore it (RFC 8460 3).
    #[error(
        "senders ignore “{}”, because they report only to mailto: and https:",
        crate::escaped(found, 60)
    )]
    OtherScheme {
        /// The address found.
        found: String,
    },
    /// An address of the rua list is none.
    #[error(
        "the report address “{}” isn’t valid: {cause}",
        crate::escaped(found, 60)
    )]
    Invalid {
        /// The address found.
        found: String,
        /// Why it is none.
        cause: ReportUriError,
    },
}

/// The text of a TLS-RPT record as read.
pub type TlsRptRecordReading = RecordReading<TlsRptRecord>;

/// Which of the TXT texts at `_smtp._tls` counts (RFC 8460 3).
pub type TlsRptSelection = RecordSelection<TlsRptRecord>;

impl TlsRptRecord {
    /// The text of the record.
    #[must_use]
    pub fn write(&self) -> String {
        let addresses: Vec<&str> = self.rua.iter().map(ReportUri::as_str).collect();
        format!("{}; rua={}", Self::VERSION, addresses.join(","))
    }
}

impl VersionedRecord for TlsRptRecord {
    const VERSION: &'static str = "v=TLSRPTv1";
    const KEY: &'static str = "rua";
    type FieldFault = RuaFault;
    const FIELD_MISSING: RuaFault = RuaFault::Missing;

    fn from_value(value: &str) -> Result<Self, (usize, RuaFault)> {
        addresses_of(value)
            .map(|rua| Self { rua })
            .map_err(|(at, address, cause)| {
                let found = excerpt(address, TlsRptRecordReading::MAX_FOUND_CHARS);
                ("rua=".len() + at, RuaFault::Invalid { found, cause })
            })
    }

    /// RFC 8460 3 allows several rua fields.
    fn merge(&mut self, again: Self) -> bool {
        for uri in again.rua {
            if !self.rua.contains(&uri) {
                self.rua.push(uri);
            }
        }
        true
    }

    fn advice(value: &str) -> Vec<(usize, RuaFault)> {
        let others =
            items_of(value).filter(|(_, address)| ReportUri::is_of_another_scheme(address));
        let told = others.map(|(at, address)| {
            let found = excerpt(address, TlsRptRecordReading::MAX_FOUND_CHARS);
            ("rua=".len() + at, RuaFault::OtherScheme { found })
        });
        told.collect()
    }

    fn is_advice(fault: &RuaFault) -> bool {
        matches!(fault, RuaFault::OtherScheme { .. })
    }

    fn is_meant_by(text: &str) -> bool {
        looks_like_tls_rpt(text)
    }
}

/// The addresses of `URI *(*WSP "," *WSP URI)`, or the first that is none: characters before it, text,
/// cause. Beside good ones, those of other schemes are passed over (RFC 8460 3).
fn addresses_of(value: &str) -> Result<Vec<ReportUri>, (usize, &str, ReportUriError)> {
    let mut addresses = Vec::new();
    let mut passed_over = None;
    for (at, address) in items_of(value) {
        match ReportUri::parse(address) {
            Ok(uri) => addresses.push(uri),
            Err(cause) if ReportUri::is_of_another_scheme(address) => {
                passed_over.get_or_insert((at, address, cause));
            }
            Err(cause) => return Err((at, address, cause)),
        }
    }
    match passed_over {
        Some(first) if addresses.is_empty() => Err(first),
        _ => Ok(addresses),
    }
}

/// The items of a list, each with the characters before it. White space belongs to the commas, so
/// there is none at either end of the value.
fn items_of(value: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut rest = Some(value);
    let mut is_first = true;
    iter::from_fn(move || {
        let text = rest?;
        let (item, after) = match split_once(text, b',') {
            Some((item, after)) => (item, Some(after)),
            None => (text, None),
        };
        rest = after;
        let start = if std::mem::take(&mut is_first) {
            item
        } else {
            item.trim_start_matches(is_wsp)
        };
        let address = if after.is_none() {
            start
        } else {
            start.trim_end_matches(is_wsp)
        };
        let at = value.len() - text.len() + (item.len() - start.len());
        Some((value[..at].chars().count(), address))
    })
}

/// Whether a text was probably meant as a TLS-RPT record, right or nearly so: `v=TLSRPv1`,
/// capitals, white space and quotes are overlooked.
#[must_use]
pub fn looks_like_tls_rpt(text: &str) -> bool {
    let bare = bare(text);
    ["v=tlsr", "v=tls-r", "v=smtp-tls", "v=tlsv1"]
        .iter()
        .any(|near| bare.contains(near))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::txt_record::{RecordFault, RecordFaultKind};

    fn kinds(text: &str) -> Vec<RecordFaultKind<TlsRptRecord>> {
        TlsRptRecordReading::read(text)
            .faults
            .into_iter()
            .map(|fault| fault.kind)
            .collect()
    }

    #[test]
    fn what_makes_it_no_record_is_told_behind_any_number_of_warnings() {
        let warnings = "; x=y".repeat(200);
        let reading = TlsRptRecordReading::read(&format!("v=TLSRPTv1{warnings}; rua=nobody"));
        let broken = RecordFaultKind::Field(RuaFault::Invalid {
            found: "nobody".into(),
            cause: ReportUriError::NoScheme,
        });
        assert_eq!(reading.faults.last().unwrap().kind, broken);
        assert!(reading.faults.len() <= TlsRptRecordReading::MAX_FAULTS);
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
                RecordFaultKind::UnknownField { key: key("ruf") },
                RecordFaultKind::RepeatedKey,
            ]
        );
    }

    #[test]
    fn each_mistake_has_a_name_and_a_place() {
        use RecordFaultKind::*;
        let rua = |found: &str, cause| {
            let found = found.to_owned();
            Field(RuaFault::Invalid { found, cause })
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
            ("rua=mailto:a@b.example; v=TLSRPTv1", 25, VersionNotFirst),
            (
                "v=DMARC1; rua=mailto:a@b.example",
                1,
                VersionInvalid { meant: false },
            ),
            ("v=TLSRPTv1", 11, Field(RuaFault::Missing)),
            ("v=TLSRPTv1;", 12, Field(RuaFault::Missing)),
            (
                "v=TLSRPTv1; RUA=mailto:a@b.example",
                13,
                KeyInCapitals {
                    found: "RUA".into(),
                },
            ),
            (
                "v=TLSRPTv1; rua=ftp://b.example/",
                17,
                rua("ftp://b.example/", ReportUriError::OtherScheme),
            ),
            ("v=TLSRPTv1; ruf=x", 18, Field(RuaFault::Missing)),
            ("v=TLSRPTv1; rua=", 17, rua("", ReportUriError::Empty)),
            ("v=TLSRPTv1; rua", 16, rua("", ReportUriError::Empty)),
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
            [RecordFault {
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
