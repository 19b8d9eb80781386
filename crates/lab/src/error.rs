//! Errors of the lab itself. Faults that a scenario plays are not errors.

use std::io;
use std::net::IpAddr;

/// The lab could not start, could not publish, or could not serve a copy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// A loopback socket could not be opened.
    #[error("can’t open a loopback socket for {server}")]
    Socket {
        /// The server the socket was meant for.
        server: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate could not be made.
    #[error("can’t make a practice certificate")]
    Certificate(#[from] rcgen::Error),
    /// A TLS server could not be set up.
    #[error("can’t set up a practice TLS server")]
    Tls(#[from] rustls::Error),
    /// A scenario contains a name or a record that is invalid in the DNS.
    #[error("{text:?} is invalid in the practice DNS")]
    Name {
        /// The name or value as it was given.
        text: String,
        /// What the parser said.
        source: hickory_proto::ProtoError,
    },
    /// A scenario contains an address that is none.
    #[error("{0:?} isn’t an IP address")]
    Address(String),
    /// A scenario contains a text that is invalid in an HTTP header.
    #[error("{0:?} is invalid in an HTTP header")]
    Header(String),
    /// Two scenarios share a domain.
    #[error("{0} belongs to two scenarios")]
    DuplicateDomain(String),
    /// The documentation networks are used up.
    #[error("no documentation address is left after {last}")]
    OutOfAddresses {
        /// The last address that was used.
        last: IpAddr,
    },
    /// The domain is not in the practice DNS.
    #[error("{0} isn’t a domain of the practice internet")]
    UnknownDomain(String),
    /// More copies than the lab serves: see [`MAX_COPIES`](crate::MAX_COPIES).
    #[error("{domain} is one copy too many: the practice internet serves {limit} at most")]
    TooManyCopies {
        /// The domain of the copy that is not served.
        domain: String,
        /// How many are served.
        limit: usize,
    },
    /// A text or policy to publish is longer than any server would accept.
    #[error("{what} has {bytes} bytes, more than {limit}")]
    TooLong {
        /// What was to be published.
        what: &'static str,
        /// Its length in bytes.
        bytes: usize,
        /// The limit in bytes.
        limit: usize,
    },
}
