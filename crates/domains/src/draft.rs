//! What a person chose for a domain: the policy, its id, and where reports go.

use mta_sts_core::{
    Facts, History, Hosting, MaxAge, Mode, MxPattern, Policy, PolicyId, Report, ReportUri, Setup,
    TlsRptSelection, sentence,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The choices for `max_age`: seconds and text.
pub const MAX_AGE_CHOICES: [(u32, &str); 5] = [
    (86_400, "1 day"),
    (604_800, "1 week"),
    (1_209_600, "2 weeks"),
    (2_592_000, "30 days"),
    (31_536_000, "1 year"),
];

/// The choices of step 2.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// What senders should do.
    pub mode: Mode,
    /// How long senders may rely on the policy, in seconds.
    pub max_age_secs: u32,
    /// The mail servers, ticked or not.
    pub mx: Vec<MxLine>,
    /// What is in the field for adding a mail server.
    #[serde(default)]
    pub new_mx: String,
    /// Where reports go: addresses separated by commas. May be empty.
    pub report_address: String,
    /// Where the policy file will live, once decided.
    #[serde(default)]
    pub hosting: Option<Hosting>,
    /// The short name of the DNS provider that the person chose; an unknown one means "another".
    /// Absent for the one detected from the name servers.
    #[serde(default)]
    pub dns_host: Option<String>,
    /// Whether the person accepted that enforce mode may hold mail back although a problem is open.
    pub enforce_accepted: bool,
    /// The id of this version.
    pub id: PolicyId,
    /// The policy file that `id` belongs to.
    announced: String,
}

/// One mail server in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MxLine {
    /// The pattern as text.
    pub pattern: String,
    /// Whether it goes into the policy.
    pub ticked: bool,
    /// Where it comes from.
    pub source: MxSource,
}

impl MxLine {
    /// The line of a host in the MX records, ticked if a policy can list it.
    fn live(host: &str) -> Self {
        Self {
            pattern: host.to_owned(),
            ticked: MxPattern::of_host(host).is_ok(),
            source: MxSource::Live,
        }
    }
}

/// Where a mail server in the list comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MxSource {
    /// The MX records of the domain.
    Live,
    /// The policy that is published now.
    Published,
    /// The person.
    Added,
}

impl Draft {
    /// The safe defaults: testing, one week, one exact line for each live MX host. What is already
    /// published is kept.
    #[must_use]
    pub fn new(facts: &Facts, report: &Report, now: OffsetDateTime) -> Self {
        let published = facts.published_policy();
        let mut mx: Vec<MxLine> = facts
            .mail_servers
            .iter()
            .map(|server| MxLine::live(&server.host))
            .collect();
        for pattern in published.iter().flat_map(Policy::mx) {
            if !mx.iter().any(|line| line.pattern == pattern.as_str()) {
                mx.push(MxLine {
                    pattern: pattern.to_string(),
                    // A wildcard that covers a live host is intended; one that covers none is
                    // stale.
                    ticked: facts
                        .mail_servers
                        .iter()
                        .any(|server| pattern.matches(&server.host)),
                    source: MxSource::Published,
                });
            }
        }
        let keep_mode = report.readiness.published != mta_sts_core::Published::Broken
            && report.refusal().is_none();
        let mode = published
            .as_ref()
            .filter(|_| keep_mode)
            .map_or(Mode::Testing, Policy::mode);
        let mut draft = Self {
            mode,
            max_age_secs: published
                .as_ref()
                .map_or(604_800, |policy| policy.max_age().secs())
                .min(MaxAge::LONGEST_WRITTEN.secs()),
            mx,
            new_mx: String::new(),
            report_address: published_report_addresses(facts),
            hosting: None,
            dns_host: None,
            enforce_accepted: false,
            id: PolicyId::from_utc(now),
            announced: String::new(),
        };
        draft.renew_id(facts, &History::of(facts), now);
        draft
    }

    /// Updates the draft after a new check: new mail servers are added, and those that are gone no
    /// longer count as live. What the person ticked stays.
    pub fn check_again(&mut self, facts: &Facts, history: &History, now: OffsetDateTime) {
        self.enforce_accepted = false;
        let live = |pattern: &str| {
            facts
                .mail_servers
                .iter()
                .any(|server| server.host == pattern)
        };
        for line in &mut self.mx {
            if line.source == MxSource::Live && !live(&line.pattern) {
                line.source = MxSource::Added;
            }
        }
        for server in &facts.mail_servers {
            if !self.mx.iter().any(|line| line.pattern == server.host) {
                self.mx.push(MxLine::live(&server.host));
            }
        }
        self.renew_id(facts, history, now);
    }

    /// Takes over a policy and its id. Mail servers that it doesn’t list stay in the list, unticked.
    pub fn take(&mut self, setup: &Setup) {
        self.mode = setup.policy.mode();
        self.max_age_secs = setup.policy.max_age().secs();
        let lines = setup.policy.mx();
        for line in &mut self.mx {
            line.ticked = lines.iter().any(|it| it.as_str() == line.pattern);
        }
        for pattern in lines {
            if !self.mx.iter().any(|line| line.pattern == pattern.as_str()) {
                self.mx.push(MxLine {
                    pattern: pattern.to_string(),
                    ticked: true,
                    source: MxSource::Added,
                });
            }
        }
        self.enforce_accepted = false;
        self.id = setup.id.clone();
        self.announced = self
            .policy()
            .map(|policy| policy.write())
            .unwrap_or_default();
    }

    /// A new id if the file changed, otherwise the published one (RFC 8461 3.1).
    pub fn renew_id(&mut self, facts: &Facts, history: &History, now: OffsetDateTime) {
        let Some(policy) = self.policy() else { return };
        let text = policy.write();
        if facts
            .published_policy()
            .is_some_and(|published| published == policy)
            && let Some(id) = facts.announced_id()
            // The file may be changed, and the record not yet.
            && !history.is_id_of_another(id.as_str(), &policy)
        {
            self.id = id;
        } else if text != self.announced || facts.announced_id().as_ref() == Some(&self.id) {
            // Also if this id is already published for another file.
            self.id = PolicyId::from_utc(now);
        }
        self.announced = text;
    }

    /// Chooses a mode. Switching off uses a `max_age` of one day, so that it is over soon (RFC 8461
    /// 8.3). Switching on again restores the usual week.
    pub fn choose(&mut self, mode: Mode) {
        if mode == Mode::None {
            self.max_age_secs = 86_400;
        } else if self.mode == Mode::None {
            self.max_age_secs = 604_800;
        }
        self.mode = mode;
        self.enforce_accepted = false;
    }

    /// Adds the mail server in the field to the list, or says what is wrong with it.
    ///
    /// # Errors
    /// A sentence for the person.
    pub fn add_mx(&mut self) -> Result<(), String> {
        let text = self.new_mx.trim().to_owned();
        let pattern = MxPattern::parse(&text).map_err(|error| {
            let suggestions = error.suggestion(&text);
            let hint = match suggestions.first() {
                Some(first) => format!(" Try {first}."),
                None => String::new(),
            };
            format!("{}.{hint}", sentence(&error.to_string()))
        })?;
        if !pattern.as_str().contains('.') {
            // The grammar allows one label (RFC 8461 3.2), but no sender can find a server with
            // that name.
            return Err(format!(
                "“{pattern}” has no dot. Enter the full name, such as {pattern}.example.com."
            ));
        }
        if !self.mx.iter().any(|line| line.pattern == pattern.as_str()) {
            let pattern = pattern.to_string();
            self.mx.push(MxLine {
                pattern,
                ticked: true,
                source: MxSource::Added,
            });
        }
        self.new_mx.clear();
        Ok(())
    }

    /// Removes a mail server that the person added.
    pub fn remove_mx(&mut self, pattern: &str) {
        self.mx
            .retain(|line| line.pattern != pattern || line.source != MxSource::Added);
    }

    /// Ticks or unticks a mail server.
    pub fn tick_mx(&mut self, pattern: &str, ticked: bool) {
        for line in self.mx.iter_mut().filter(|line| line.pattern == pattern) {
            line.ticked = ticked;
        }
    }

    /// The policy, if the choices are valid.
    #[must_use]
    pub fn policy(&self) -> Option<Policy> {
        let mx: Result<Vec<MxPattern>, _> = self
            .ticked()
            .map(|line| MxPattern::parse(&line.pattern))
            .collect();
        let max_age = MaxAge::new(self.max_age_secs).ok()?;
        Policy::new(self.mode, max_age, mx.ok()?).ok()
    }

    /// The ticked mail servers.
    pub fn ticked(&self) -> impl Iterator<Item = &MxLine> {
        self.mx.iter().filter(|line| line.ticked)
    }

    /// Everything that the draft publishes.
    #[must_use]
    pub fn setup(&self, facts: &Facts) -> Option<Setup> {
        Some(Setup {
            domain: facts.domain.clone(),
            zone: facts.zone_or_domain(),
            policy: self.policy()?,
            id: self.id.clone(),
            rua: self.report_uris().ok()?,
        })
    }

    /// The report addresses as URIs.
    ///
    /// # Errors
    /// A sentence that quotes the invalid address.
    pub fn report_uris(&self) -> Result<Vec<ReportUri>, String> {
        let typed = self.report_address.trim();
        if typed.is_empty() {
            return Ok(Vec::new());
        }
        ReportUri::all_from_person(typed).map_err(|error| {
            let shown = mta_sts_core::escaped(typed, 60);
            format!("“{shown}” can’t be used: {error}.")
        })
    }
}

fn published_report_addresses(facts: &Facts) -> String {
    let addresses =
        facts
            .tls_rpt
            .seen()
            .and_then(|answer| match TlsRptSelection::of(&answer.records) {
                TlsRptSelection::One(reading) => reading.record,
                _ => None,
            });
    let shown: Vec<String> = addresses
        .iter()
        .flat_map(|record| &record.rua)
        .map(|uri| {
            uri.as_str()
                .strip_prefix("mailto:")
                .unwrap_or(uri.as_str())
                .to_owned()
        })
        .collect();
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use mta_sts_core::Domain;
    use mta_sts_core::facts::{Answer, MailServer, Observed, PolicyFetch};
    use mta_sts_core::judge;
    use time::Duration;
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-23 12:00 UTC);

    fn facts(hosts: &[&str]) -> Facts {
        let mut facts = Facts::new(Domain::parse("example.com").unwrap(), NOW);
        facts.mail_servers = hosts
            .iter()
            .map(|host| MailServer::named(*host, 10))
            .collect();
        facts
    }

    fn draft(facts: &Facts) -> Draft {
        Draft::new(facts, &judge(facts), NOW)
    }

    #[test]
    fn the_beginning_is_testing_for_a_week_with_each_live_host_and_a_time_as_id() {
        let facts = facts(&["mx1.example.com", "mx2.example.com"]);
        let setup = draft(&facts).setup(&facts).unwrap();
        assert_eq!(
            setup.policy.write(),
            "version: STSv1\r\nmode: testing\r\nmx: mx1.example.com\r\nmx: \
             mx2.example.com\r\nmax_age: 604800\r\n"
        );
        assert_eq!(setup.id.as_str(), "20261123120000Z");
    }

    #[test]
    fn what_other_mail_servers_cannot_find_is_left_out_although_an_mx_record_names_it() {
        let hosts = [
            "mx1.example.com",
            "*.example.com",
            "localhost",
            "mail",
            "192.0.2.25",
        ];
        let facts = facts(&hosts);
        let mut draft = draft(&facts);
        let ticked = |draft: &Draft| {
            let lines = draft.ticked();
            lines.map(|line| line.pattern.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ticked(&draft), ["mx1.example.com"]);
        draft.mx.clear();
        draft.check_again(&facts, &History::of(&facts), NOW);
        assert_eq!(ticked(&draft), ["mx1.example.com"]);
    }

    #[test]
    fn the_id_changes_with_the_file_and_only_with_it() {
        let facts = facts(&["mx1.example.com"]);
        let mut draft = draft(&facts);
        let first = draft.id.clone();
        draft.report_address = "me@example.net".into();
        draft.renew_id(&facts, &History::of(&facts), NOW + Duration::minutes(1));
        assert_eq!(draft.id, first);
        draft.max_age_secs = 86_400;
        draft.renew_id(&facts, &History::of(&facts), NOW + Duration::minutes(2));
        assert_eq!(draft.id.as_str(), "20261123120200Z");
    }

    #[test]
    fn a_mail_server_that_has_come_since_is_added_and_changes_the_id() {
        let mut draft = draft(&facts(&["mx1.example.com", "mx2.example.com"]));
        draft.mx[1].ticked = false;
        let later = facts(&["mx1.example.com", "mx3.example.com"]);
        draft.check_again(&later, &History::of(&later), NOW + Duration::minutes(5));
        let lines: Vec<_> = draft
            .mx
            .iter()
            .map(|line| (line.pattern.as_str(), line.ticked, line.source))
            .collect();
        assert_eq!(
            lines,
            [
                ("mx1.example.com", true, MxSource::Live),
                ("mx2.example.com", false, MxSource::Added),
                ("mx3.example.com", true, MxSource::Live),
            ]
        );
        assert_eq!(draft.id.as_str(), "20261123120500Z");
    }

    #[test]
    fn a_check_without_an_answer_changes_nothing() {
        let facts = facts(&["mx1.example.com"]);
        let before = draft(&facts);
        let mut after = before.clone();
        after.check_again(&facts, &History::of(&facts), NOW + Duration::minutes(5));
        assert_eq!(after, before);
    }

    #[test]
    fn a_pattern_that_strict_senders_drop_never_enters_the_list() {
        let facts = facts(&["mx1.example.com"]);
        let mut draft = draft(&facts);
        for wrong in [
            "mx1.example.com.",
            "*.*.example.com",
            "10 mx.example.com",
            "",
            "mx_1.a.b",
            "mail",
        ] {
            draft.new_mx = wrong.into();
            assert!(draft.add_mx().is_err(), "{wrong}");
        }
        draft.new_mx = " MX9.example.com ".into();
        draft.add_mx().unwrap();
        assert_eq!(draft.mx[1].pattern, "mx9.example.com");
        assert_eq!(draft.new_mx, "");
        draft.remove_mx("mx9.example.com");
        draft.remove_mx("mx1.example.com");
        let left: Vec<&str> = draft.mx.iter().map(|line| line.pattern.as_str()).collect();
        assert_eq!(
            left,
            ["mx1.example.com"],
            "a live one has a tick to take away"
        );
    }

    #[test]
    fn switching_off_keeps_the_mail_servers_and_lasts_a_day() {
        let facts = facts(&["mx1.example.com"]);
        let mut draft = draft(&facts);
        draft.choose(Mode::None);
        let text = draft.policy().unwrap().write();
        assert!(
            text.contains("mode: none") && text.contains("mx: mx1.example.com"),
            "{text}"
        );
        assert!(text.contains("max_age: 86400"));
        draft.choose(Mode::Testing);
        assert_eq!(draft.max_age_secs, 604_800);
    }

    #[test]
    fn a_wrong_report_address_is_quoted() {
        let facts = facts(&["mx1.example.com"]);
        let mut draft = draft(&facts);
        draft.report_address = "reports@example.net, nonsense".into();
        let error = draft.report_uris().unwrap_err();
        assert!(error.contains("nonsense"), "{error}");
        draft.report_address = "reports@example.net, https://example.net/tls".into();
        assert_eq!(draft.report_uris().unwrap().len(), 2);
    }

    #[test]
    fn what_is_published_is_taken_over() {
        let mut facts = facts(&["mx1.example.com"]);
        facts.tls_rpt = Observed::Seen(Answer::of([
            "v=TLSRPTv1; rua=mailto:a@example.net,https://example.net/r".to_owned(),
        ]));
        assert_eq!(
            draft(&facts).report_address,
            "a@example.net, https://example.net/r"
        );
    }

    #[test]
    fn a_record_that_is_on_its_way_keeps_its_id() {
        use mta_sts_core::facts::Answer;
        use mta_sts_core::{Observed, Observer, ServerView};
        let recorded = include_str!("../../core/tests/recorded/healthy.json");
        let mut facts = Facts::from_json(recorded).unwrap();
        let record = std::mem::replace(&mut facts.record, Observed::Seen(Answer::of([])));
        let ip = "192.0.2.53".parse().unwrap();
        let name = "ns1.example.com".to_owned();
        facts.name_servers = vec![ServerView {
            observer: Observer::NameServer { name, ip },
            asked_at: None,
            record: record.clone(),
            tls_rpt: Observed::NotAsked,
            policy_host: Observed::NotAsked,
            mx: Observed::NotAsked,
        }];
        let draft = Draft::new(&facts, &mta_sts_core::judge(&facts), facts.checked_at);
        let text = &record.seen().unwrap().records[0];
        assert!(text.contains(draft.id.as_str()), "{text} {:?}", draft.id);
    }

    #[test]
    fn a_file_that_is_changed_while_the_record_is_not_has_no_id_yet() {
        let published = |mode: &str| {
            let mut facts = facts(&["mx1.example.com"]);
            let text =
                format!("version: STSv1\nmode: {mode}\nmx: mx1.example.com\nmax_age: 604800\n");
            facts.policy = Observed::Seen(PolicyFetch::of_file(text.as_bytes()));
            facts.record = Observed::Seen(Answer::of(["v=STSv1; id=old;".to_owned()]));
            facts
        };
        let before = published("testing");
        let mut history = History::of(&before);
        let mut draft = draft(&before);
        assert_eq!(draft.id.as_str(), "old", "what is published keeps its id");
        draft.choose(Mode::Enforce);
        draft.renew_id(&before, &history, NOW);
        let new = draft.id.clone();
        let half = published("enforce");
        history.note(&half);
        draft.check_again(&half, &history, NOW + Duration::minutes(5));
        assert_eq!(draft.id, new, "senders know the old id with the old file");
    }
}
