//! Step 2: warnings about the choices, and reasons why they can’t be used.

use mta_sts_core::{Facts, Mode, MxPattern};
use mta_sts_domains::{Draft, MxSource};

/// A warning, or a reason why the choices can’t be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// True if the policy can’t be used like this.
    pub stops: bool,
    /// True if the person can accept it by ticking a box.
    pub needs_consent: bool,
    /// The question it is about.
    pub field: GuardField,
    /// What is wrong and what to do.
    pub text: String,
}

/// A question of step 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardField {
    /// The report address.
    ReportAddress,
    /// The mail servers.
    MailServers,
    /// The mode.
    Mode,
    /// How long senders may rely on the policy.
    MaxAge,
}

impl Guard {
    fn stop(field: GuardField, text: impl Into<String>) -> Self {
        Self {
            stops: true,
            needs_consent: false,
            field,
            text: text.into(),
        }
    }

    pub(super) fn warn(field: GuardField, text: impl Into<String>) -> Self {
        Self {
            stops: false,
            needs_consent: false,
            field,
            text: text.into(),
        }
    }
}

/// The longest `max_age` for a new policy without a warning, in seconds.
const LONG_SECS: u32 = 31 * 86_400;

/// The guards for these choices. `doubts` are the reasons against enforce mode; `is_new` is true if
/// this policy hasn’t been live for two weeks.
#[must_use]
pub(super) fn guards(
    draft: &Draft,
    facts: &Facts,
    doubts: Vec<String>,
    is_new: bool,
) -> Vec<Guard> {
    let mut guards = mx_guards(draft, facts);
    let uris = draft.report_uris();
    let has_no_reports = uris.as_ref().is_ok_and(Vec::is_empty);
    let published = facts.published_policy();
    let is_enforced = published
        .as_ref()
        .is_some_and(|policy| policy.mode() == Mode::Enforce);
    if draft.mode == Mode::Enforce {
        let no_reports = "Without a report address you won’t hear about problems.".to_owned();
        // Whoever has enforced it already is not asked again.
        let no_reports = (has_no_reports && !is_enforced).then_some(no_reports);
        let doubts = doubts.into_iter().chain(no_reports);
        guards.extend(doubts.map(|text| Guard {
            stops: !draft.enforce_accepted,
            needs_consent: true,
            field: GuardField::Mode,
            text,
        }));
    }
    let is_longer = published.is_none_or(|it| it.max_age().secs() < draft.max_age_secs);
    if draft.mode != Mode::None && is_new && is_longer && draft.max_age_secs > LONG_SECS {
        guards.push(Guard::warn(
            GuardField::MaxAge,
            "Senders may keep a mistake for as long as they keep this policy. Start with one week, \
             and choose longer once it has worked for a while.",
        ));
    }
    if draft.mode == Mode::None {
        guards.push(Guard::warn(
            GuardField::Mode,
            "Switching off: publish this policy and the new record. Leave both in place until every \
             sender has dropped the old policy. Only then remove the record, then the file, then \
             the policy host.",
        ));
    }
    match uris {
        Err(text) => guards.push(Guard::stop(GuardField::ReportAddress, text)),
        Ok(_) if has_no_reports && draft.mode == Mode::Testing => {
            guards.push(Guard::warn(
                GuardField::ReportAddress,
                "Without a report address you won’t hear about problems, and testing mode tells you \
                 nothing.",
            ));
        }
        Ok(uris) => {
            let told = mta_sts_core::who_cannot_report(&uris);
            guards.extend(
                told.into_iter()
                    .map(|text| Guard::warn(GuardField::ReportAddress, text)),
            );
        }
    }
    guards
}

/// A sentence for each host in the MX records that a policy can’t list.
fn left_out(draft: &Draft, facts: &Facts) -> impl Iterator<Item = Guard> {
    let ticked: Vec<&String> = draft.ticked().map(|line| &line.pattern).collect();
    facts.mail_servers.iter().filter_map(move |server| {
        let error = MxPattern::of_host(&server.host).err()?;
        if ticked.contains(&&server.host) {
            return None;
        }
        let host = mta_sts_core::escaped(&server.host, 80);
        let text = format!("Your MX records name “{host}”, which was left out: {error}.");
        Some(Guard::warn(GuardField::MailServers, text))
    })
}

fn mx_guards(draft: &Draft, facts: &Facts) -> Vec<Guard> {
    let mut guards: Vec<Guard> = left_out(draft, facts).collect();
    if draft.mode != Mode::None && draft.ticked().next().is_none() {
        guards.push(Guard::stop(
            GuardField::MailServers,
            "Tick at least one mail server, or add one.",
        ));
        return guards;
    }
    let patterns: Vec<MxPattern> = draft
        .ticked()
        .filter_map(|line| MxPattern::parse(&line.pattern).ok())
        .collect();
    for line in draft.ticked() {
        let shown = mta_sts_core::escaped(&line.pattern, 80);
        let pattern = match line.source {
            MxSource::Live => MxPattern::of_host(&line.pattern).map_err(|it| it.to_string()),
            _ => MxPattern::parse(&line.pattern).map_err(|it| it.to_string()),
        };
        match pattern {
            Err(error) => guards.push(Guard::stop(
                GuardField::MailServers,
                format!("“{shown}” can’t be used in a policy: {error}."),
            )),
            Ok(pattern) => {
                let used = facts
                    .mail_servers
                    .iter()
                    .any(|mx| pattern.matches(&mx.host));
                if !used && !facts.mail_servers.is_empty() {
                    guards.push(Guard::warn(GuardField::MailServers, format!(
                        "{shown} isn’t one of your mail servers yet. Keep it only if you are about to \
                         move to it."
                    )));
                }
            }
        }
    }
    for server in &facts.mail_servers {
        if MxPattern::of_host(&server.host).is_ok()
            && !patterns.iter().any(|pattern| pattern.matches(&server.host))
        {
            let host = mta_sts_core::escaped(&server.host, 80);
            guards.push(Guard::warn(
                GuardField::MailServers,
                format!(
                    "{host} is one of your mail servers, but isn’t in the policy. In enforce mode, \
                     senders wouldn’t deliver to it."
                ),
            ));
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
        let found = guards(&draft, &facts, vec![], false);
        assert!(
            found
                .iter()
                .any(|guard| guard.text.contains("mx2.example.com") && !guard.stops)
        );
        draft.mx[0].ticked = false;
        let found = guards(&draft, &facts, vec![], false);
        assert!(found.iter().any(|guard| guard.stops));
        assert_eq!(draft.setup(&facts), None);
    }

    #[test]
    fn an_address_that_some_senders_cannot_report_to_is_warned_of() {
        let (facts, mut draft) = drafted(&["mx1.example.com"]);
        let warned = |draft: &Draft| {
            let found = guards(draft, &facts, vec![], false);
            let mut about = found
                .iter()
                .filter(|it| it.field == GuardField::ReportAddress);
            about.any(|guard| !guard.stops && guard.text.contains("mox"))
        };
        draft.report_address = "tls@example.net".into();
        assert!(!warned(&draft));
        draft.report_address = "https://example.net/tls".into();
        assert!(warned(&draft));
    }

    #[test]
    fn a_live_host_that_a_policy_cannot_list_is_left_out_and_stops_if_it_is_ticked() {
        let (facts, mut draft) = drafted(&["mx1.example.com", "*.example.com", "localhost"]);
        draft.report_address = "tls@example.net".into();
        let told = |draft: &Draft| -> Vec<(bool, String)> {
            let found = guards(draft, &facts, vec![], false);
            found.into_iter().map(|it| (it.stops, it.text)).collect()
        };
        let found = told(&draft);
        assert_eq!(found.len(), 2, "{found:?}");
        for (stops, text) in found {
            assert!(!stops && text.contains("was left out"), "{text}");
        }
        draft.tick_mx("*.example.com", true);
        let found = told(&draft);
        let stop = &found.iter().find(|(stops, _)| *stops).unwrap().1;
        assert!(stop.contains("can’t contain a wildcard"), "{stop}");
        draft.tick_mx("*.example.com", false);
        draft.tick_mx("mx1.example.com", false);
        assert!(
            told(&draft).len() > 2,
            "they are told although nothing is ticked"
        );
    }

    #[test]
    fn each_doubt_about_enforce_needs_the_ticked_sentence() {
        let (facts, mut draft) = drafted(&["mx1.example.com"]);
        draft.choose(Mode::Enforce);
        draft.report_address = "tls@example.net".into();
        let stops = |draft: &Draft, doubts: &[&str]| {
            let doubts = doubts.iter().map(|it| (*it).to_owned()).collect();
            let found = guards(draft, &facts, doubts, false);
            found.iter().filter(|guard| guard.stops).count()
        };
        assert_eq!(stops(&draft, &["Not checked."]), 1);
        assert_eq!(stops(&draft, &[]), 0);
        let reported = std::mem::take(&mut draft.report_address);
        assert_eq!(stops(&draft, &[]), 1, "you wouldn’t hear about problems");
        draft.report_address = reported;
        draft.enforce_accepted = true;
        assert_eq!(stops(&draft, &["Not checked."]), 0);
    }

    #[test]
    fn a_line_for_no_mail_server_is_warned_of_where_there_are_any() {
        let (facts, mut draft) = drafted(&["mx1.example.com"]);
        draft.report_address = "tls@example.net".into();
        draft.new_mx = "mx9.example.net".into();
        draft.add_mx().unwrap();
        let found = guards(&draft, &facts, vec![], false);
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with("mx9.example.net isn’t one of"));
        let (unknown, mut draft) = drafted(&[]);
        draft.report_address = "tls@example.net".into();
        draft.new_mx = "mx9.example.net".into();
        draft.add_mx().unwrap();
        assert_eq!(guards(&draft, &unknown, vec![], false), []);
    }

    #[test]
    fn a_new_policy_should_not_be_held_for_a_year() {
        let (facts, mut draft) = drafted(&["mx1.example.com"]);
        draft.report_address = "tls@example.net".into();
        draft.max_age_secs = 31_557_600;
        assert_eq!(guards(&draft, &facts, vec![], true).len(), 1);
        assert_eq!(guards(&draft, &facts, vec![], false), []);
        draft.max_age_secs = 604_800;
        assert_eq!(guards(&draft, &facts, vec![], true), []);
    }
}
