//! Rules about the web host of the policy (RFC 8461 3.3).

pub(crate) mod block;
pub(crate) mod policy_fetch;
pub(crate) mod stray_policy;

rules! { PolicyHost:
    policy_host_missing,
    policy_host_not_public,
    policy_wrong_place,
    policy_host_unreachable,
    policy_not_http,
    policy_cut_short,
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
    policy_cert_unreadable,
    policy_cert_chain_incomplete,
    policy_cert_weak_key,
    policy_cert_key_usage,
    policy_redirect,
    policy_blocked,
    policy_host_unclaimed,
    policy_http_status,
}
