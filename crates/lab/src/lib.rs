//! A practice internet on loopback: DNS, SMTP and HTTPS servers that play the domains of
//! `scenarios/*.toml`.
//!
//! Newcomers practise in it, and tests of the probe run against it. It knows nothing of the
//! program's own judgement: each scenario says what a check of its domain must find.
//!
//! [`Lab::serve_copy`] adds a copy of a domain under a numbered name, for practice with hundreds of
//! them.
//!
//! Names in the practice DNS lead to documentation addresses (RFC 5737, RFC 3849). [`Lab::routes`]
//! maps each to a loopback socket; what has no route is a black hole.
//!
//! ```
//! use mta_sts_lab::{Lab, scenarios};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
//! # runtime.block_on(async {
//! let healthy: Vec<_> =
//!     scenarios().iter().filter(|scenario| scenario.expected.is_empty()).cloned().collect();
//! let lab = Lab::start(&healthy).await?;
//! assert!(lab.resolver().ip().is_loopback());
//! assert!(lab.routes().keys().any(|address| address.port() == 25));
//! # Ok(())
//! # })
//! # }
//! ```

mod authority;
mod catalogue;
mod dns;
mod error;
mod https;
mod lab;
mod plan;
mod scenario;
mod smtp;
mod sockets;
mod timeline;
mod tls;
mod zone;

pub use catalogue::{instructive, scenarios};
pub use error::LabError;
pub use lab::{Lab, MAX_COPIES, PUBLIC_RESOLVER_NAMES, PublicResolver, Publication};
pub use plan::original_of;
pub use scenario::{Publishing, Scenario, ScenarioError};
