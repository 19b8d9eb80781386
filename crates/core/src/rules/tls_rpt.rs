//! Rules about the TLS-RPT record at `_smtp._tls` (RFC 8460 3).

pub(crate) mod tls_rpt_record;

rules! { TlsRpt:
    tlsrpt_missing,
    tlsrpt_wrong_name,
    tlsrpt_multiple,
    tlsrpt_version_invalid,
    tlsrpt_rua_missing,
    tlsrpt_rua_invalid,
    tlsrpt_rua_unusable,
    tlsrpt_rua_repeated,
    tlsrpt_unknown_field,
    tlsrpt_some_senders,
    tlsrpt_same_domain,
}
