//! Plans by replay: a modelled internet, in which senders of every known kind deliver mail at every
//! moment of a plan’s life, and a person follows the plan. With healthy mail servers, no mail is
//! refused that wasn’t refused before the plan began. Orders that people use instead are refused by
//! the same model.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test helper that cannot go on fails the test"
)]

mod follow;
mod model;
mod naive;
mod property;
mod stories;
