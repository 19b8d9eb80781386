//! Texts with an exact grammar: names, policies, records, reports; and how texts are written and
//! shown. Types that cannot hold a wrong value, and readings that name every fault.

pub(crate) mod address;
pub(crate) mod date_style;
pub(crate) mod domain;
pub(crate) mod escape;
pub(crate) mod handed_in;
pub(crate) mod https_address;
pub(crate) mod mail_host;
pub(crate) mod moment;
pub(crate) mod mx_pattern;
pub(crate) mod near_miss;
pub(crate) mod placeholder;
pub(crate) mod policy;
pub(crate) mod sts_record;
pub(crate) mod tls_report;
pub(crate) mod tls_rpt_record;
pub(crate) mod txt_fields;
pub(crate) mod txt_record;
pub(crate) mod wording;
