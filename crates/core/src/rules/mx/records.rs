//! MX records as people write them.

use crate::facts::MxRecord;
use crate::text::domain::Domain;
use crate::text::wording::shown;

/// The value of an MX record as zone files write it: `10 mx1.example.com`, `0 .`.
pub(crate) fn mx_value(record: &MxRecord) -> String {
    let exchange = if record.is_null() {
        "."
    } else {
        &record.exchange
    };
    format!("{} {}", record.preference, shown(exchange))
}

/// An MX record to paste into a zone file, in quotation marks, with the trailing dots.
pub(crate) fn mx_line(domain: &Domain, preference: u16, host: &str) -> String {
    format!("“{domain}. IN MX {preference} {}.”", shown(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_mx_is_written_as_the_root() {
        let record = |exchange: &str| MxRecord {
            preference: 0,
            exchange: exchange.into(),
        };
        assert_eq!(mx_value(&record("")), "0 .");
        assert_eq!(mx_value(&record("mx1.example.com")), "0 mx1.example.com");
        let domain = Domain::parse("example.com").unwrap();
        assert_eq!(mx_line(&domain, 0, ""), "“example.com. IN MX 0 .”");
    }
}
