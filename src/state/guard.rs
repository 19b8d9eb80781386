//! Step 2: what stands against the choices of the person.

use mta_sts_core::{Facts, Mode, MxPattern, ReadyMailServers, Report};

use super::draft::{Draft, published_policy};

/// Something that the person should know before going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// True when nothing can be written like this.
    pub stops: bool,
    /// True when a ticked sentence lets it pass.
    pub needs_consent: bool,
    /// What it is and what to do.
    pub text: String,
}

impl Guard {
    fn stop(text: impl Into<String>) -> Self {
        Self {
            stops: true,
            needs_consent: false,
            text: text.into(),
        }
    }

    pub(super) fn warn(text: impl Into<String>) -> Self {
        Self {
            stops: false,
            needs_consent: false,
            text: text.into(),
        }
    }
}

impl Draft {
    /// What stands against these choices. `proven` says whether a check passed, testing has been on
    /// before or reports vouch, so that enforce is no leap in the dark.
    #[must_use]
    pub fn guards(&self, facts: &Facts, proven: bool) -> Vec<Guard> {
        let mut guards = self.mx_guards(facts);
        if self.mode == Mode::Enforce && !proven {
            let text = "The check of your mail servers has not passed, and no testing mode before \
                        it vouches for them. In enforce mode senders keep back the mail that they cannot \
                        deliver safely.";
            let stops = !self.enforce_accepted;
            guards.push(Guard {
                stops,
                needs_consent: true,
                text: text.into(),
            });
        }
        if self.mode == Mode::None {
            guards.push(Guard::warn(
                "Switching off: publish this policy and the new record, leave both in place until \
                 every sender has forgotten the old policy, and only then remove the record, the \
                 file and the web address, in this order.",
            ));
        }
        match self.report_uris() {
            Err(text) => guards.push(Guard::stop(text)),
            Ok(addresses) if addresses.is_empty() && self.mode == Mode::Testing => {
                guards.push(Guard::warn(
                    "Without a report address, testing mode tells you nothing: senders have \
                     nowhere to write to.",
                ));
            }
            Ok(_) => {}
        }
        guards
    }

    fn mx_guards(&self, facts: &Facts) -> Vec<Guard> {
        if self.mode != Mode::None && self.ticked().next().is_none() {
            return vec![Guard::stop("Tick at least one mail server, or add one.")];
        }
        let mut guards = Vec::new();
        let patterns: Vec<MxPattern> = self
            .ticked()
            .filter_map(|line| MxPattern::parse(&line.pattern).ok())
            .collect();
        for line in self.ticked() {
            let shown = mta_sts_core::escaped(&line.pattern, 80);
            match MxPattern::parse(&line.pattern) {
                Err(error) => guards.push(Guard::stop(format!(
                    "“{shown}” cannot stand in a policy: {error}."
                ))),
                Ok(pattern) => {
                    let used = facts
                        .mail_servers
                        .iter()
                        .any(|mx| pattern.matches(&mx.host));
                    if !used && !facts.mail_servers.is_empty() {
                        guards.push(Guard::warn(format!(
                            "{shown} is none of your mail servers now. Keep it only if it is \
                             about to become one."
                        )));
                    }
                }
            }
        }
        for server in &facts.mail_servers {
            if !patterns.iter().any(|pattern| pattern.matches(&server.host)) {
                let host = mta_sts_core::escaped(&server.host, 80);
                guards.push(Guard::warn(format!(
                    "{host} receives your mail and is not in the list. In enforce mode, mail to \
                     it would be refused."
                )));
            }
        }
        guards
    }
}

/// Whether enforce is no leap in the dark: the check passed, or where it could not, a policy has
/// been live before or the reports of senders vouch.
#[must_use]
pub(super) fn enforce_is_proven(facts: &Facts, report: &Report, reports_vouch: bool) -> bool {
    let is_live = published_policy(facts).is_some_and(|policy| policy.mode() != Mode::None);
    report.readiness.mail_servers == ReadyMailServers::Ready
        || (is_live || reports_vouch) && report.readiness.mail_servers != ReadyMailServers::NotReady
}
