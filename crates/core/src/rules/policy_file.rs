//! Rules about the policy file (RFC 8461 3.2).

pub(crate) mod corrected_line;
pub(crate) mod faults;

rules! { PolicyFile:
    policy_content_type,
    policy_compressed,
    policy_html,
    policy_too_large,
    policy_empty,
    policy_bom,
    policy_blank_line,
    policy_indented,
    policy_syntax,
    policy_version_missing,
    policy_version_invalid,
    policy_version_not_first,
    policy_mode_missing,
    policy_mode_invalid,
    policy_max_age_missing,
    policy_max_age_invalid,
    policy_max_age_short,
    policy_max_age_long,
    policy_mx_missing,
    policy_mx_invalid,
    policy_mx_never_matches,
    policy_duplicate_field,
    policy_unknown_field,
    policy_mode_testing,
    policy_mode_none,
    policy_differs,
}
