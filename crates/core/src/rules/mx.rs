//! Rules about MX records and the hosts that they name.

pub(crate) mod records;
pub(crate) mod scope;

rules! { Mx:
    mx_null,
    mx_null_with_others,
    mx_implicit,
    mx_none,
    mx_is_cname,
    mx_is_ip_address,
    mx_name_underscore,
    mx_not_found,
    mx_address_not_public,
    mx_ipv6_only,
    provider_recognised,
}
