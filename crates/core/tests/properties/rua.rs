//! Report addresses, as published and as a person types them.

use mta_sts_core::{ReportUri, TlsRptRecord, TlsRptRecordReading};

/// Reads `bytes`, as far as they are text, as a report address.
pub(crate) fn holds(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let published = ReportUri::parse(&text);
    let typed = ReportUri::from_person(&text);
    for error in [&published, &typed]
        .into_iter()
        .filter_map(|read| read.as_ref().err())
    {
        assert!(!error.to_string().chars().any(char::is_control), "{text:?}");
    }
    if let Ok(uri) = &published {
        assert_eq!(uri.as_str(), text);
    }
    for uri in [&published, &typed].into_iter().flatten() {
        address_holds(uri);
    }
    if let Ok(uri) = &typed {
        assert_eq!(
            ReportUri::from_person(uri.as_str()).as_ref(),
            Ok(uri),
            "{text:?}"
        );
    }
    published.is_ok()
}

/// An address is what a record can carry: alone and in a list.
fn address_holds(uri: &ReportUri) {
    assert_eq!(ReportUri::parse(uri.as_str()).as_ref(), Ok(uri));
    let text = uri.as_str();
    assert!(
        text.is_ascii() && !text.contains([',', ';', '!', ' ', '"', '\\']),
        "{text:?}"
    );
    assert_eq!(
        uri.is_mail(),
        text.to_ascii_lowercase().starts_with("mailto:"),
        "{text:?}"
    );
    let host = uri.host();
    assert!(
        !host.is_empty() && host == host.to_ascii_lowercase(),
        "{text:?}"
    );
    let rua = vec![uri.clone(), uri.clone()];
    let record = TlsRptRecord { rua };
    let reading = TlsRptRecordReading::read(&record.write());
    assert_eq!(reading.record, Some(record), "{text:?}");
    assert_eq!(reading.faults, [], "{text:?}");
}
