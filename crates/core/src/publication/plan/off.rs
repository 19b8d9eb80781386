//! To no MTA-STS (RFC 8461 8.3).

use super::{Planner, policy, span};
use crate::publication::plan::stage::{Action, PlanStage};
use crate::text::date_style::day;
use crate::text::mx_pattern::MxPattern;
use crate::text::policy::{MaxAge, Mode, Policy};

/// How long senders keep a policy in mode none: as short as is useful.
const NONE_MAX_AGE_SECS: u32 = 86_400;

impl Planner<'_> {
    pub(super) fn off(&mut self) {
        let published = self.published();
        let held_until = self.history.held_until(self.at);
        if self.history.policies.is_empty() && self.is_record_gone() {
            let text = "Nothing is published, and no policy was seen before: MTA-STS is off.";
            self.remarks.push(text.into());
            return;
        }
        // Some senders want an mx line even in mode none.
        let of_facts = || {
            let hosts = self.facts.mail_servers.iter();
            let exact: Vec<MxPattern> = hosts
                .filter_map(|it| MxPattern::of_host(&it.host).ok())
                .collect();
            exact
        };
        let mx = published
            .as_ref()
            .map(|it| it.mx().to_vec())
            .filter(|it| !it.is_empty());
        let mx = mx.unwrap_or_else(of_facts);
        let max_age = MaxAge::new(NONE_MAX_AGE_SECS).unwrap_or(MaxAge::LONGEST_WRITTEN);
        let Some(none) = policy(Mode::None, max_age, mx) else {
            return;
        };

        let is_none = published.as_ref().map(Policy::mode) == Some(Mode::None);
        let is_over = self.is_record_gone() && held_until.is_none_or(|at| at <= self.now);
        let stage = PlanStage {
            text: "Mode none tells senders to drop the earlier policy. Removing the record alone \
                   doesn’t: senders would keep the policy until it expires."
                .into(),
            way_back: "Publish the earlier policy again, with a new id.".into(),
            ..PlanStage::new("none", "Publish the policy in mode none", self.at_once(""))
        };
        self.publish(stage, none, is_none && self.is_announced() || is_over);

        let ttl = self.record_ttl();
        let held = self.history.held_until(self.at);
        let why = match held {
            Some(at) => format!(
                "Until {} a sender may still hold an earlier policy. Keep the record, the file and the \
                 policy host until then, and keep your mail servers in line with that policy.",
                day(at)
            ),
            None => format!("A resolver may keep the earlier record for {}.", span(ttl)),
        };
        let record_seen = self
            .none_announced_at()
            .unwrap_or(self.at)
            .saturating_add(ttl);
        let earliest = self.not_before(Some(held.unwrap_or(record_seen).max(record_seen)), why);
        let stage = PlanStage {
            text: "By then no sender holds the earlier policy. The record goes first, so that no sender looks for \
                   a file that isn’t there."
                .into(),
            actions: vec![Action::RemoveRecord {
                name: self.facts.domain.mta_sts_record_name(),
                value: self.record_text(),
            }],
            done_when: "no name server and no resolver has the record".into(),
            way_back: "Add the record again. Nothing depends on it while the file says none.".into(),
            ..PlanStage::new("remove-record", "Remove the MTA-STS record", earliest)
        };
        let gone = self.is_record_gone();
        self.add(stage, gone);

        let gone_since = self.history.record_gone_since.unwrap_or(self.at);
        let earliest = self.not_before(
            Some(gone_since.saturating_add(ttl)),
            format!("A resolver may keep the record for {}.", span(ttl)),
        );
        let stage = PlanStage {
            text:
                "Nothing points to the file any more. You can keep the TLS-RPT record: reports are \
                   useful without MTA-STS, too."
                    .into(),
            actions: vec![Action::RemovePolicyHost {
                url: self.facts.domain.policy_url(),
                name: self.facts.domain.policy_host(),
            }],
            done_when: "the file and the name of the policy host are gone".into(),
            way_back: "Nothing needs it. Add it again whenever you set MTA-STS up again.".into(),
            ..PlanStage::new(
                "remove-host",
                "Remove the file and the policy host",
                earliest,
            )
        };
        let nothing_left = published.is_none() && self.facts.nothing_published();
        self.add(stage, gone && nothing_left);
    }

    fn none_announced_at(&self) -> Option<time::OffsetDateTime> {
        let policy = self.published().filter(|it| it.mode() == Mode::None)?;
        self.history.announced_at(&policy)
    }
}
