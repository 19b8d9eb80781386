//! Rules about the name itself: whether it exists and whether the DNS answers for it.

rules! { Domain:
    domain_not_found,
    dns_lookup_failed,
    dnssec_broken,
    dns_intercepted_here,
    dns_answers_differ_here,
}
