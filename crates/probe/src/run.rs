//! One run: what all parts of a check or a look share.

use time::OffsetDateTime;

use crate::Plan;
use crate::dns::NameServers;
use crate::network::Network;

/// A check or a look that is under way.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) network: &'a Network,
    pub(crate) plan: &'a Plan,
    /// The resolvers of this machine, or those that were given.
    pub(crate) resolvers: &'a NameServers,
    /// The moment at which certificates are judged, UTC.
    pub(crate) at: OffsetDateTime,
}
