//! Rules about the certificates of mail servers, and TLSA records that pin them.

pub(crate) mod chain;
pub(crate) mod chain_fault;
pub(crate) mod dane;

rules! { Certificate:
    cert_expired,
    cert_expires_soon,
    cert_not_yet_valid,
    cert_name_mismatch,
    cert_no_san,
    cert_self_signed,
    cert_untrusted,
    cert_unreadable,
    cert_chain_incomplete,
    cert_issuer_order,
    cert_weak_key,
    cert_key_usage,
    cert_needs_sni,
    dane_present,
    dane_mismatch,
}
