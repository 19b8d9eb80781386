//! The probe against the practice internet: what it sees of domains whose faults are known.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "in a test, a broken premise is a failure"
)]

mod check;
mod dns;
mod domain_connect;
mod look;
mod policy;
mod practice;
mod publication;
mod trust;
