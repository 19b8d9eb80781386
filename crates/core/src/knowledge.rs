//! What is known of others: providers, mail servers, senders, ways to serve a policy. Tables of
//! `assets/catalogue`, each row with its evidence; a hint that judges nothing.

pub(crate) mod bounce;
pub(crate) mod catalogue;
pub(crate) mod dns_host;
pub(crate) mod hosted_policy;
pub(crate) mod hosting;
pub(crate) mod mail_software;
pub(crate) mod public_resolver;
pub(crate) mod report_address;
pub(crate) mod senders;
