//! Rules about port 25: whether a mail server can be reached, and what it says.

pub(crate) mod alike;
pub(crate) mod reachability;

rules! { Smtp:
    port_25_blocked_here,
    mail_intercepted_here,
    mx_unreachable,
    mx_address_unreachable,
    greeting_refused,
    greeting_slow,
    smtp_silent_in_tls,
    smtp_garbled,
}
