//! Rules about whether the policy fits the live MX hosts (RFC 8461 4.1).

pub(crate) mod covered;

rules! { Coverage:
    policy_mx_not_listed,
    policy_mx_wildcard_depth,
    policy_mx_unused,
    policy_mx_wildcard_broad,
}
