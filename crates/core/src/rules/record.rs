//! Rules about the MTA-STS record at `_mta-sts` (RFC 8461 3.1).

pub(crate) mod absence;
pub(crate) mod known_policy;
pub(crate) mod misplaced;
pub(crate) mod mta_sts_record;
pub(crate) mod name_servers;
pub(crate) mod txt_record;
pub(crate) mod wildcard;

rules! { Record:
    record_missing,
    record_wrong_place,
    record_wildcard_answer,
    record_cname_dangling,
    record_servers_disagree,
    record_multiple,
    record_version_invalid,
    record_id_missing,
    record_id_invalid,
    record_id_placeholder,
    record_quoted,
    record_backslash,
    record_space_before_semicolon,
    record_syntax,
    record_duplicate_field,
    record_unknown_field,
    record_cname,
    record_ttl_long,
    record_id_not_bumped,
}
