//! What stands behind SERVFAIL. A resolver says the same for broken signatures, for aliases that
//! run in a circle and for name servers that fail; further questions tell these apart.

use hickory_proto::op::Query;
use hickory_proto::rr::{Name, RecordType};
use mta_sts_core::facts::{FailureKind, ProbeFailure};
use tokio::time::Instant;

use super::{Checking, MAX_ALIASES, NameServers, alias, alias_loop};

impl NameServers {
    /// The failure as it is, or a better one. Asks within the limit of the lookup that failed.
    pub(super) async fn behind_servfail(
        &self,
        failure: ProbeFailure,
        question: &Query,
        until: Instant,
    ) -> ProbeFailure {
        let unchecked = self.reply(question, Checking::Disabled, until).await;
        if unchecked.is_ok() {
            return ProbeFailure::new(
                FailureKind::DnssecBroken,
                "the resolver has an answer but doesn’t trust it",
            );
        }
        let circle = self.circle(question.name(), until).await;
        circle.unwrap_or(failure)
    }

    /// The circle in which aliases run, asked for one by one. `None` where they do not.
    async fn circle(&self, name: &Name, until: Instant) -> Option<ProbeFailure> {
        let mut passed = vec![name.clone()];
        let mut owner = name.clone();
        while passed.len() <= MAX_ALIASES {
            let question = Query::query(owner.clone(), RecordType::CNAME);
            let reply = self.reply(&question, Checking::AsUsual, until).await.ok()?;
            let (target, _) = alias(&reply, &owner)?;
            owner = target.clone();
            let looped = passed.contains(&owner);
            passed.push(owner.clone());
            if looped {
                return Some(alias_loop(&passed));
            }
        }
        None
    }
}
