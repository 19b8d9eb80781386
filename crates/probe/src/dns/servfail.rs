//! What stands behind SERVFAIL. A resolver says the same for broken signatures, for aliases that
//! run in a circle and for name servers that fail; further questions tell these apart.

use std::time::Duration;

use hickory_proto::op::{Message, Query};
use hickory_proto::rr::{Name, RData, RecordType};
use mta_sts_core::facts::{FailureKind, ProbeFailure};
use tokio::time::{Instant, sleep};

use super::{Checking, MAX_ALIASES, NameServers, alias, alias_loop};

/// Resolvers remember a failure for a second or more (RFC 9520 3.2). A question after that time gets
/// a new answer.
const MEMORY: Duration = Duration::from_secs(2);

impl NameServers {
    /// An answer after all, or the failure as it is, or a better one. Asks within the limit of the
    /// lookup that failed.
    pub(super) async fn behind_servfail(
        &self,
        failure: ProbeFailure,
        question: &Query,
        until: Instant,
    ) -> Result<Message, ProbeFailure> {
        let unchecked = self.reply(question, Checking::Disabled, until).await;
        if unchecked.is_err() {
            let circle = self.circle(question.name(), until).await;
            return Err(circle.unwrap_or(failure));
        }
        // The name servers may have failed a moment ago, and answer by now. Signatures are to blame
        // only where there are some, and where the failure stays.
        if !self.is_signed(question.name(), until).await {
            return self.reply(question, Checking::AsUsual, until).await;
        }
        sleep(MEMORY.min(until.saturating_duration_since(Instant::now()) / 2)).await;
        match self.reply(question, Checking::AsUsual, until).await {
            Err(failure) if failure.kind == FailureKind::ServFail => Err(ProbeFailure::new(
                FailureKind::DnssecBroken,
                "the resolver has an answer but doesn’t trust it",
            )),
            later => later,
        }
    }

    /// Whether the zone of a name is signed: its parent has a DS record for it (RFC 4034 5).
    async fn is_signed(&self, name: &Name, until: Instant) -> bool {
        let mut zone = name.clone();
        while zone.num_labels() > 1 {
            let question = Query::query(zone.clone(), RecordType::DS);
            if let Ok(reply) = self.reply(&question, Checking::Disabled, until).await {
                let is_ds = |data: &RData| data.record_type() == RecordType::DS;
                if reply.answers.iter().any(|record| is_ds(&record.data)) {
                    return true;
                }
            }
            zone = zone.base_name();
        }
        false
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
