//! Step 2: what stands against the choices of the person.

use mta_sts_core::{Facts, Mode, MxPattern};
use mta_sts_domains::Draft;

/// Something that the person should know before going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// True when nothing can be written like this.
    pub stops: bool,
    /// True when a ticked sentence lets it pass.
    pub needs_consent: bool,
    /// The field that it is about, where it is about one alone.
    pub field: Option<GuardField>,
    /// What it is and what to do.
    pub text: String,
}

/// A field of step 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardField {
    /// The report address.
    ReportAddress,
}

impl Guard {
    fn stop(text: impl Into<String>) -> Self {
        Self {
            stops: true,
            needs_consent: false,
            field: None,
            text: text.into(),
        }
    }

    pub(super) fn warn(text: impl Into<String>) -> Self {
        Self {
            stops: false,
            needs_consent: false,
            field: None,
            text: text.into(),
        }
    }
}

/// What stands against these choices. `proven` says whether a check of today passed, testing has been
/// on before or reports vouch, so that enforce is no leap in the dark.
#[must_use]
pub(super) fn guards(draft: &Draft, facts: &Facts, proven: bool) -> Vec<Guard> {
    let mut guards = mx_guards(draft, facts);
    if draft.mode == Mode::Enforce && !proven {
        let text = "No check of today has passed, and no testing mode before \
                        it vouches for them. In enforce mode senders keep back the mail that they cannot \
                        deliver safely.";
        let stops = !draft.enforce_accepted;
        guards.push(Guard {
            stops,
            needs_consent: true,
            field: None,
            text: text.into(),
        });
    }
    if draft.mode == Mode::None {
        guards.push(Guard::warn(
            "Switching off: publish this policy and the new record, leave both in place until \
                 every sender has forgotten the old policy, and only then remove the record, the \
                 file and the web address, in this order.",
        ));
    }
    match draft.report_uris() {
        Err(text) => guards.push(Guard {
            field: Some(GuardField::ReportAddress),
            ..Guard::stop(text)
        }),
        Ok(addresses) if addresses.is_empty() && draft.mode == Mode::Testing => {
            guards.push(Guard::warn(
                "Without a report address, testing mode tells you nothing: senders have \
                     nowhere to write to.",
            ));
        }
        Ok(_) => {}
    }
    guards
}

fn mx_guards(draft: &Draft, facts: &Facts) -> Vec<Guard> {
    if draft.mode != Mode::None && draft.ticked().next().is_none() {
        return vec![Guard::stop("Tick at least one mail server, or add one.")];
    }
    let mut guards = Vec::new();
    let patterns: Vec<MxPattern> = draft
        .ticked()
        .filter_map(|line| MxPattern::parse(&line.pattern).ok())
        .collect();
    for line in draft.ticked() {
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

#[cfg(test)]
mod tests {
    use mta_sts_core::facts::MailServer;
    use mta_sts_core::{Domain, judge};
    use time::macros::datetime;

    use super::*;

    fn drafted(hosts: &[&str]) -> (Facts, Draft) {
        let now = datetime!(2026-11-23 12:00 UTC);
        let mut facts = Facts::new(Domain::parse("example.com").unwrap(), now);
        let servers = hosts.iter().map(|host| MailServer::named(*host, 10));
        facts.mail_servers = servers.collect();
        let draft = Draft::new(&facts, &judge(&facts), now);
        (facts, draft)
    }

    #[test]
    fn a_live_host_without_a_tick_is_warned_of() {
        let (facts, mut draft) = drafted(&["mx1.example.com", "mx2.example.com"]);
        draft.mx[1].ticked = false;
        let found = guards(&draft, &facts, true);
        assert!(
            found
                .iter()
                .any(|guard| guard.text.contains("mx2.example.com") && !guard.stops)
        );
        draft.mx[0].ticked = false;
        assert!(guards(&draft, &facts, true).iter().any(|guard| guard.stops));
        assert_eq!(draft.setup(&facts), None);
    }

    #[test]
    fn enforce_without_proof_needs_the_ticked_sentence() {
        let (facts, mut draft) = drafted(&["mx1.example.com"]);
        draft.choose(Mode::Enforce);
        assert!(
            guards(&draft, &facts, false)
                .iter()
                .any(|guard| guard.stops)
        );
        assert!(
            guards(&draft, &facts, true)
                .iter()
                .all(|guard| !guard.stops)
        );
        draft.enforce_accepted = true;
        assert!(
            guards(&draft, &facts, false)
                .iter()
                .all(|guard| !guard.stops)
        );
    }
}
