//! Step 1 as rows: one row for each question, with its facts and findings.

use mta_sts_core::code;
use mta_sts_core::facts::{MailServer, Session};
use mta_sts_core::rules::Rule;
use mta_sts_core::{
    Area, Facts, Finding, NotChecked, Observed, Published, Report, Severity, Subject, day,
    duration, escaped, sentence,
};

use super::Status;

/// Rows under one heading.
#[derive(Clone, Debug, PartialEq)]
pub struct RowGroup {
    /// The heading.
    pub title: String,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One question and its answer so far.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Which facts it is about.
    pub key: RowKey,
    /// The title in a word or two.
    pub title: &'static str,
    /// The state.
    pub status: Status,
    /// The answer in one sentence.
    pub summary: String,
    /// The findings.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    pub not_checked: Vec<NotChecked>,
}

/// Identifies a row and the facts in its raw view.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RowKey {
    /// The name servers.
    NameServers,
    /// The MX records.
    MailServers,
    /// Port 25, tested from this network.
    Port25,
    /// Whether an MX host answers.
    Reach(String),
    /// Whether it offers encryption.
    Encryption(String),
    /// Its certificate.
    Certificate(String),
    /// Whether the certificate is valid for its name.
    Name(String),
    /// The MTA-STS record.
    Record,
    /// The policy file and its host.
    Policy,
    /// The TLS-RPT record.
    TlsRpt,
}

/// The most mail servers that the summary line names. Each of them has its own rows below.
const MAX_NAMED: usize = 6;
const NAME_CODES: [&str; 2] = [code::CERT_NAME_MISMATCH, code::CERT_NO_SAN];

/// The rows for the facts so far.
pub(super) fn rows(facts: &Facts, report: &Report, running: bool) -> Vec<RowGroup> {
    let sheet = Sheet {
        facts,
        report,
        running,
    };
    let mut groups = vec![RowGroup {
        title: "Your domain".into(),
        rows: sheet.domain_rows(),
    }];
    for server in &facts.mail_servers {
        groups.push(RowGroup {
            title: escaped(&server.host, 253),
            rows: sheet.mail_server_rows(server),
        });
    }
    groups.push(RowGroup {
        title: "What is published now".into(),
        rows: sheet.published_rows(),
    });
    groups
}

impl RowKey {
    /// The facts of the row as JSON, for the raw view.
    #[must_use]
    pub(crate) fn raw(&self, facts: &Facts) -> String {
        let json = match self {
            Self::NameServers => serde_json::to_string_pretty(&facts.zone),
            Self::MailServers => serde_json::to_string_pretty(&facts.mx),
            Self::Port25 => serde_json::to_string_pretty(&facts.controls),
            Self::Record => serde_json::to_string_pretty(&facts.record),
            Self::Policy => serde_json::to_string_pretty(&facts.policy),
            Self::TlsRpt => serde_json::to_string_pretty(&facts.tls_rpt),
            Self::Reach(host)
            | Self::Encryption(host)
            | Self::Certificate(host)
            | Self::Name(host) => {
                let server = facts
                    .mail_servers
                    .iter()
                    .find(|server| server.host == *host);
                serde_json::to_string_pretty(&server)
            }
        };
        let text = json.unwrap_or_default();
        text.lines()
            .map(|line| escaped(line, 240))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

struct Sheet<'a> {
    facts: &'a Facts,
    report: &'a Report,
    running: bool,
}

impl Sheet<'_> {
    /// A row with the findings and gaps that `belongs` selects. If there are none, `seen` is the
    /// good answer. If that is missing too, the check is still running or skipped this row.
    fn row(
        &self,
        key: RowKey,
        title: &'static str,
        seen: Option<String>,
        belongs: impl Fn(&Rule, &Subject) -> bool,
    ) -> Row {
        let findings: Vec<Finding> = self
            .report
            .findings
            .iter()
            .filter(|found| belongs(found.rule, &found.subject))
            .cloned()
            .collect();
        let not_checked: Vec<NotChecked> = self
            .report
            .not_checked
            .iter()
            .filter(|entry| belongs(entry.rule, &entry.subject))
            .cloned()
            .collect();
        let worst = findings.iter().map(|finding| finding.severity).min();
        let (status, summary) = match (worst, seen) {
            (Some(Severity::Problem), _) => (Status::Problem, titles(&findings)),
            (Some(Severity::Attention), _) => (Status::Attention, titles(&findings)),
            (note, Some(answer)) if not_checked.is_empty() => {
                let says_it = findings
                    .iter()
                    .all(|found| found.rule.code == code::MX_NULL);
                let told = if note.is_some() && !says_it {
                    format!("{answer} {}", titles(&findings))
                } else {
                    answer
                };
                (Status::Ok, told)
            }
            _ if !not_checked.is_empty() => (Status::NotChecked, sentence(&not_checked[0].reason)),
            (Some(_), _) => (Status::Ok, titles(&findings)),
            _ if self.running => (Status::Waiting, "Checking…".into()),
            _ => (
                Status::NotChecked,
                "Skipped, because an earlier check failed.".into(),
            ),
        };
        Row {
            key,
            title,
            status,
            summary,
            findings,
            not_checked,
        }
    }

    fn domain_rows(&self) -> Vec<Row> {
        let facts = self.facts;
        let zone = facts.zone.seen().map(|zone| {
            let names: Vec<String> = zone
                .servers
                .iter()
                .map(|server| escaped(&server.name, 80))
                .collect();
            format!("{}.", names.join(", "))
        });
        let mx = facts
            .mx
            .seen()
            .filter(|answer| !answer.records.is_empty())
            .map(|answer| {
                if facts.takes_no_mail() {
                    return "This domain states that it doesn’t receive mail.".to_owned();
                }
                let hosts: Vec<String> = answer
                    .records
                    .iter()
                    .map(|record| {
                        format!("{} ({})", escaped(&record.exchange, 80), record.preference)
                    })
                    .collect();
                match hosts.len().checked_sub(MAX_NAMED) {
                    None | Some(0) => format!("{}.", hosts.join(", ")),
                    Some(more) => {
                        format!("{} and {more} more.", hosts[..MAX_NAMED].join(", "))
                    }
                }
            });
        let is_host = |subject: &Subject| {
            facts
                .mail_servers
                .iter()
                .any(|mx| mx.host == subject.name())
        };
        let sessions = || {
            facts
                .mail_servers
                .iter()
                .flat_map(|server| &server.sessions)
        };
        let port_25 = sessions()
            .any(|session| session.connected.seen().is_some())
            .then(|| "Your network allows connections to mail servers.".to_owned());
        let mut rows = vec![
            self.row(RowKey::NameServers, "Name servers", zone, |_, _| false),
            self.row(RowKey::MailServers, "Mail servers", mx, |rule, subject| {
                matches!(rule.area, Area::Domain | Area::Mx)
                    && !is_host(subject)
                    && !subject.is_published()
            }),
        ];
        if facts
            .mail_servers
            .iter()
            .any(|server| !server.sessions.is_empty())
        {
            rows.push(
                self.row(RowKey::Port25, "Port 25 from here", port_25, |rule, _| {
                    rule.code == code::PORT_25_BLOCKED_HERE
                }),
            );
        }
        if let Observed::Failed(failure) = &facts.zone {
            rows[0].status = Status::NotChecked;
            rows[0].summary = failure.to_string();
        }
        rows
    }

    fn mail_server_rows(&self, server: &MailServer) -> Vec<Row> {
        let host = server.host.as_str();
        let settled = server.addresses().next().is_some()
            && server
                .addresses()
                .all(|ip| server.sessions.iter().any(|session| session.ip == ip));
        let all = |seen: &dyn Fn(&Session) -> bool| settled && server.sessions.iter().all(seen);
        let reach = all(&|session| session.greeting.seen().is_some()).then(|| reached(server));
        let encryption = all(&|session| session.tls.seen().is_some()).then(|| encrypted(server));
        let chains = all(&|session| session.chain.seen().is_some());
        let about = |subject: &Subject| subject.name() == host;
        let mut rows = vec![
            self.row(
                RowKey::Reach(host.into()),
                "Reach",
                reach,
                |rule, subject| {
                    about(subject) && matches!(rule.area, Area::Domain | Area::Mx | Area::Smtp)
                },
            ),
            self.row(
                RowKey::Encryption(host.into()),
                "Encryption",
                encryption,
                |rule, subject| about(subject) && rule.area == Area::Tls,
            ),
            self.row(
                RowKey::Certificate(host.into()),
                "Certificate",
                chains.then(|| certificate(server)),
                |rule, subject| {
                    about(subject)
                        && rule.area == Area::Certificate
                        && !NAME_CODES.contains(&rule.code)
                },
            ),
            self.row(
                RowKey::Name(host.into()),
                "Name",
                chains.then(|| format!("The certificate names {}.", escaped(host, 80))),
                |rule, subject| about(subject) && NAME_CODES.contains(&rule.code),
            ),
        ];
        let is_late = |session: &Session| {
            session.connected.seen().is_some() && session.greeting.is_not_asked()
        };
        if rows[0].status == Status::Waiting && server.sessions.iter().any(is_late) {
            rows[0].summary =
                "Waiting for the greeting (some servers delay it to deter spammers)…".into();
        }
        let failed = server
            .sessions
            .iter()
            .find_map(|session| session.connected.failed());
        if let Some(failure) = failed.filter(|_| rows[0].status == Status::NotChecked) {
            rows[0].summary = format!("No connection to port 25 from here: {failure}.");
        }
        rows
    }

    fn published_rows(&self) -> Vec<Row> {
        let nothing = self.report.readiness.published == Published::None;
        let record = self
            .report
            .record
            .id
            .as_ref()
            .map(|id| format!("Published with the id {}.", escaped(id, 40)));
        let policy = self.report.policy.mode.map(|mode| {
            let secs = self.report.policy.max_age_secs.unwrap_or_default();
            format!("Mode {mode}, remembered for {}.", duration(secs))
        });
        let rua = self
            .report
            .tls_reporting
            .rua
            .as_ref()
            .map(|rua| format!("Reports are sent to {}.", escaped(&rua.join(", "), 160)));
        let mut rows = vec![
            self.row(RowKey::Record, "MTA-STS record", record, |rule, subject| {
                rule.area == Area::Record || matches!(subject, Subject::Record(_))
            }),
            self.row(RowKey::Policy, "Policy file", policy, |rule, subject| {
                matches!(
                    rule.area,
                    Area::PolicyHost | Area::PolicyFile | Area::Coverage
                ) || matches!(subject, Subject::PolicyHost(_))
            }),
            self.row(RowKey::TlsRpt, "TLS reports", rua, |rule, subject| {
                rule.area == Area::TlsRpt || matches!(subject, Subject::TlsRptRecord(_))
            }),
        ];
        if nothing {
            // This is neither right nor wrong, because the next steps publish it.
            for row in &mut rows[..2] {
                row.status = Status::Waiting;
                row.summary = "Not published yet.".into();
            }
        }
        rows
    }
}

fn titles(findings: &[Finding]) -> String {
    let titles: Vec<String> = findings
        .iter()
        .map(|finding| format!("{}.", sentence(finding.rule.title)))
        .collect();
    titles.join(" ")
}

fn reached(server: &MailServer) -> String {
    match server.sessions.len() {
        1 => format!("Answers on port 25 at {}.", server.sessions[0].ip),
        count => format!("Answers on port 25 at all {count} addresses."),
    }
}

fn encrypted(server: &MailServer) -> String {
    let versions = server
        .sessions
        .iter()
        .filter_map(|session| session.tls.seen());
    match versions.map(|tls| tls.version).min() {
        Some(version) => format!("Accepts encrypted mail ({version})."),
        None => "Accepts encrypted mail.".into(),
    }
}

fn certificate(server: &MailServer) -> String {
    let leaves = server
        .sessions
        .iter()
        .filter_map(|session| session.chain.seen()?.leaf());
    match leaves.map(|leaf| leaf.not_after).min() {
        Some(end) => format!("Trusted, valid until {}.", day(end)),
        None => "Trusted.".into(),
    }
}

#[cfg(test)]
mod tests {
    use mta_sts_core::{Domain, FailureKind};
    use time::macros::datetime;

    use super::*;

    #[test]
    fn what_nobody_has_asked_yet_is_waited_for_only_while_a_check_runs() {
        let domain = Domain::parse("example.com").unwrap();
        let facts = Facts::new(domain, datetime!(2026-11-23 12:00 UTC));
        let report = mta_sts_core::judge(&facts);
        let marks = |running| -> Vec<Status> {
            let groups = rows(&facts, &report, running);
            let rows = groups.iter().flat_map(|group| &group.rows);
            rows.map(|row| row.status).collect()
        };
        assert!(marks(true).contains(&Status::Waiting), "{:?}", marks(true));
        assert!(
            !marks(false).contains(&Status::Waiting),
            "{:?}",
            marks(false)
        );
        assert!(marks(false).contains(&Status::NotChecked));
    }

    /// The row with this title, of a recorded domain after a change.
    fn row(title: &str, change: impl FnOnce(&mut Facts)) -> Row {
        let recorded = include_str!("../../crates/core/tests/recorded/healthy.json");
        let mut facts = Facts::from_json(recorded).unwrap();
        change(&mut facts);
        let groups = rows(&facts, &mta_sts_core::judge(&facts), false);
        let mut all = groups.into_iter().flat_map(|group| group.rows);
        all.find(|row| row.title == title).unwrap()
    }

    fn no_starttls(facts: &mut Facts) {
        let session = &mut facts.mail_servers[0].sessions[0];
        session.ehlo = Observed::Seen(mta_sts_core::facts::Reply::new(250, &["mx1", "SIZE"]));
    }

    #[test]
    fn a_fault_stands_in_the_row_that_it_is_about_and_in_no_other() {
        let encryption = row("Encryption", no_starttls);
        assert_eq!(encryption.status, Status::Problem);
        assert_eq!(encryption.findings[0].rule.code, "starttls-missing");
        for title in [
            "Name servers",
            "Mail servers",
            "Port 25 from here",
            "Reach",
            "Certificate",
            "Name",
        ] {
            let other = row(title, no_starttls);
            assert!(other.findings.is_empty(), "{other:?}");
        }
        let failed = mta_sts_core::facts::ProbeFailure::new(FailureKind::TimedOut, "in a test");
        let name_servers = row("Name servers", |facts| {
            facts.zone = Observed::Failed(failed.clone());
        });
        assert_eq!(name_servers.status, Status::NotChecked);
        assert!(name_servers.not_checked.is_empty(), "{name_servers:?}");
        let unreached = |facts: &mut Facts| {
            for server in &mut facts.mail_servers {
                for session in &mut server.sessions {
                    let ip = session.ip;
                    *session = Session {
                        connected: Observed::Failed(failed.clone()),
                        ..Session::to(ip)
                    };
                }
            }
        };
        let reach = row("Reach", unreached);
        assert_eq!(reach.status, Status::NotChecked);
        let begins = "No connection to port 25 from here: ";
        assert!(reach.summary.starts_with(begins), "{reach:?}");
        assert_eq!(
            row("Port 25 from here", unreached).status,
            Status::NotChecked
        );
    }

    #[test]
    fn what_is_right_is_told_with_what_was_seen() {
        let encryption = row("Encryption", |_| ());
        assert_eq!(encryption.status, Status::Ok);
        assert_eq!(encryption.summary, "Accepts encrypted mail (TLS 1.3).");
    }

    #[test]
    fn the_raw_view_shows_the_facts_of_its_own_host() {
        let domain = Domain::parse("example.com").unwrap();
        let mut facts = Facts::new(domain, datetime!(2026-11-23 12:00 UTC));
        facts.mail_servers = vec![
            MailServer::named("mx1.example.com", 10),
            MailServer::named("mx2.example.com", 20),
        ];
        for (shown, other) in [("mx1", "mx2"), ("mx2", "mx1")] {
            let raw = RowKey::Certificate(format!("{shown}.example.com")).raw(&facts);
            assert!(raw.contains(shown) && !raw.contains(other), "{raw}");
        }
        assert_eq!(RowKey::Record.raw(&facts), "\"not-asked\"");
    }
}
