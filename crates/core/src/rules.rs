//! The rules: one file each, with its page beside it. `cert_expired.rs` and `cert_expired.md` are
//! the code `cert-expired` and the anchor of the same name in `docs/findings.md`.
//!
//! To add a rule: write the two files, name the module below and list it in [`RULES`].

mod absence;
mod alike;
#[cfg(test)]
mod catalogue_test;
mod certificate;
mod corrected_line;
mod coverage;
mod dane;
pub(crate) mod handshake;
mod known_policy;
mod misplaced;
mod mta_sts_record;
mod name_servers;
mod policy_fetch;
mod policy_file;
mod reachability;
mod stray_policy;
#[cfg(test)]
pub(crate) mod testing;
mod tls_rpt;
mod txt_record;
mod wildcard;
mod wording;

pub(crate) use coverage::policy_in_use;
pub use wording::{day, duration};

use crate::case::Case;
use crate::finding::{Area, Findings, Severity};

/// One rule.
pub struct Rule {
    /// The code, in words joined by hyphens. The name says the fault.
    pub code: &'static str,
    /// What part of the setup it looks at.
    pub area: Area,
    /// How bad it usually is; a rule may report less or more where it says so.
    pub severity: Severity,
    /// The fault in a few words, without the subject.
    pub title: &'static str,
    /// The page: what it checks, why it matters, how to fix.
    pub doc: &'static str,
    /// Looks at the case and reports what it finds.
    pub(crate) check: fn(&Case<'_>, &mut Findings),
}

/// Finds a rule by its code.
#[must_use]
pub fn rule(code: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code == code)
}

/// All pages as one Markdown document: `docs/findings.md`.
#[must_use]
pub fn book() -> String {
    let mut book = String::from(
        "# Findings\n\nEverything that a check can find, and what to do about it. This page is made \
         from the rules:\n`cargo run --package mta-sts-core --example findings > \
         docs/findings.md`.\n\n| code | severity | in short |\n| --- | --- | --- |\n",
    );
    book.extend(RULES.iter().map(|rule| {
        let (code, severity, title) = (rule.code, rule.severity, rule.title);
        format!("| [`{code}`](#{code}) | {severity} | {title} |\n")
    }));
    book.extend(RULES.iter().map(|rule| {
        let (code, severity, title) = (rule.code, rule.severity, rule.title);
        let page = rule.doc.trim_end().replace("## ", "### ");
        format!("\n## {code}\n\n*{severity}: {title}.*\n\n{page}\n")
    }));
    book
}

/// Declares the modules of the rules and lists them, so that no rule can be forgotten.
macro_rules! rules {
    ($($module:ident),* $(,)?) => {
        $(mod $module;)*

        /// Every rule, in the order in which findings are told.
        pub static RULES: &[&Rule] = &[$(&$module::RULE),*];

        #[cfg(test)]
        const MODULES: &[&str] = &[$(stringify!($module)),*];
    };
}

rules![
    // domain
    domain_not_found,
    dns_lookup_failed,
    dnssec_broken,
    dns_intercepted_here,
    // mx
    mx_null,
    mx_null_with_others,
    mx_implicit,
    mx_none,
    mx_is_cname,
    mx_is_ip_address,
    mx_not_found,
    mx_ipv6_only,
    provider_recognised,
    // smtp
    port_25_blocked_here,
    mail_intercepted_here,
    mx_unreachable,
    mx_address_unreachable,
    greeting_refused,
    greeting_slow,
    smtp_garbled,
    // tls
    starttls_missing,
    starttls_stripped_here,
    starttls_refused,
    starttls_injection,
    tls_too_old,
    tls_legacy_accepted,
    tls_weak_suites_only,
    tls13_only,
    tls_handshake_failed,
    // certificate
    cert_expired,
    cert_expires_soon,
    cert_not_yet_valid,
    cert_name_mismatch,
    cert_no_san,
    cert_self_signed,
    cert_untrusted,
    cert_chain_incomplete,
    cert_needs_sni,
    // dane
    dane_present,
    dane_mismatch,
    // record
    record_missing,
    record_wrong_place,
    record_wildcard_answer,
    record_cname_dangling,
    record_servers_disagree,
    record_multiple,
    record_version_invalid,
    record_id_missing,
    record_id_invalid,
    record_quoted,
    record_backslash,
    record_space_before_semicolon,
    record_syntax,
    record_duplicate_field,
    record_unknown_field,
    record_cname,
    record_ttl_long,
    record_id_not_bumped,
    // policy host
    policy_host_missing,
    policy_wrong_place,
    policy_host_unreachable,
    policy_timeout,
    policy_slow,
    policy_ipv6_broken,
    policy_ipv6_only,
    policy_tls_too_old,
    policy_tls_failed,
    policy_cert_expired,
    policy_cert_expires_soon,
    policy_cert_not_yet_valid,
    policy_cert_name_mismatch,
    policy_cert_no_san,
    policy_cert_self_signed,
    policy_cert_untrusted,
    policy_cert_chain_incomplete,
    policy_redirect,
    policy_blocked,
    policy_http_status,
    // policy file
    policy_content_type,
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
    policy_duplicate_field,
    policy_unknown_field,
    policy_mode_testing,
    policy_mode_none,
    policy_differs,
    // coverage
    policy_mx_not_listed,
    policy_mx_wildcard_depth,
    policy_mx_unused,
    policy_mx_wildcard_broad,
    // TLS reports
    tlsrpt_missing,
    tlsrpt_wrong_name,
    tlsrpt_multiple,
    tlsrpt_version_invalid,
    tlsrpt_rua_missing,
    tlsrpt_rua_invalid,
    tlsrpt_same_domain,
];
