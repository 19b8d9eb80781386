//! The lab as its clients meet it: every test starts one and talks to it over real sockets.
#![expect(clippy::unwrap_used, reason = "a failing client is a failing test")]

mod client;
mod copies;
mod dns;
mod mail;
mod publishing;
mod web;
