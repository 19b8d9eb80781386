//! Findings: what a rule says, and the sheet it says it on.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::case::Case;
use crate::text::domain::Domain;

/// How bad a finding is for mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Mail is refused, or the policy is ignored.
    Problem,
    /// It works with some senders, or not for long.
    Attention,
    /// Worth a line.
    Note,
    /// Nothing can be said.
    NotChecked,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Problem => "problem",
            Self::Attention => "attention",
            Self::Note => "note",
            Self::NotChecked => "not checked",
        })
    }
}

/// The part of a setup that a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// The domain name itself.
    Domain,
    /// MX records and the addresses of the MX hosts.
    Mx,
    /// Port 25 and the words spoken there.
    Smtp,
    /// STARTTLS and the handshake.
    Tls,
    /// The certificates of the MX hosts.
    Certificate,
    /// The MTA-STS record at `_mta-sts`.
    Record,
    /// The web host of the policy.
    PolicyHost,
    /// The policy file.
    PolicyFile,
    /// Whether the policy fits the live MX hosts.
    Coverage,
    /// The record at `_smtp._tls`.
    TlsRpt,
}

impl Area {
    /// True for what must be right before a policy is published: the mail servers.
    #[must_use]
    pub fn is_mail_servers(self) -> bool {
        matches!(
            self,
            Self::Domain | Self::Mx | Self::Smtp | Self::Tls | Self::Certificate
        )
    }
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The domain itself.
    Domain(String),
    /// An MX host, as the DNS names it.
    MailServer(String),
    /// The name of the MTA-STS record.
    Record(String),
    /// The name of the TLS-RPT record.
    TlsRptRecord(String),
    /// The web host of the policy.
    PolicyHost(String),
    /// A text that was handed in alone, and what to call it.
    Text(String),
}

impl Subject {
    pub(crate) fn domain(domain: &Domain) -> Self {
        Self::Domain(domain.to_string())
    }

    pub(crate) fn mail_server(host: &str) -> Self {
        Self::MailServer(host.to_owned())
    }

    pub(crate) fn record(domain: &Domain) -> Self {
        Self::Record(domain.mta_sts_record_name())
    }

    pub(crate) fn tls_rpt_record(domain: &Domain) -> Self {
        Self::TlsRptRecord(domain.tls_rpt_record_name())
    }

    pub(crate) fn policy_host(domain: &Domain) -> Self {
        Self::PolicyHost(domain.policy_host())
    }

    /// The name, as it came: escape it where it is shown.
    #[must_use]
    pub fn name(&self) -> &str {
        let (Self::Domain(name)
        | Self::MailServer(name)
        | Self::Record(name)
        | Self::TlsRptRecord(name)
        | Self::PolicyHost(name)
        | Self::Text(name)) = self;
        name
    }

    /// Whether it is this MX host.
    #[must_use]
    pub fn is_mail_server(&self, host: &str) -> bool {
        matches!(self, Self::MailServer(name) if name == host)
    }

    /// Whether it is one of the names at which a domain publishes MTA-STS and TLS-RPT.
    #[must_use]
    pub fn is_published(&self) -> bool {
        matches!(
            self,
            Self::Record(_) | Self::TlsRptRecord(_) | Self::PolicyHost(_)
        )
    }
}

impl Serialize for Subject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl PartialEq<&str> for Subject {
    fn eq(&self, name: &&str) -> bool {
        self.name() == *name
    }
}

/// One rule.
pub struct Rule {
    /// The code, in words joined by hyphens. The name says the fault.
    pub code: &'static str,
    /// What part of the setup it looks at.
    pub area: Area,
    /// How bad it usually is; a rule may report less or more where it says so.
    pub severity: Severity,
    /// The fault in a few words, without the subject.
    pub title: &'static str,
    /// The page: what it checks, why it matters, how to fix.
    pub doc: &'static str,
    /// Looks at the case and reports what it finds.
    pub(crate) check: fn(&Case<'_>, &mut Findings),
}

impl Rule {
    /// The text of its page below a heading, as running text: paragraphs without line breaks in them
    /// and without marks for code. Empty if there is no such heading.
    ///
    /// ```
    /// let rule = mta_sts_core::rules::rule("cert-expired").unwrap();
    /// assert!(rule.section("How to fix").starts_with("Renew the certificate and install it on the"));
    /// assert_eq!(rule.section("How to break"), "");
    /// ```
    #[must_use]
    pub fn section(&self, heading: &str) -> String {
        let below = self.doc.split_once(&format!("## {heading}\n"));
        let body = below.map_or("", |(_, rest)| rest);
        let body = body.split("\n## ").next().unwrap_or_default().trim();
        let paragraphs = body
            .split("\n\n")
            .map(|it| it.replace('\n', " ").replace('`', ""));
        paragraphs.collect::<Vec<_>>().join("\n\n")
    }
}

/// One finding: what is wrong where, how we know, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule that reports it.
    pub rule: &'static Rule,
    /// How bad it is here.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// What was asked, of whom, and what came back. Safe to show.
    pub evidence: String,
    /// The exact thing to change or paste.
    pub fix: String,
}

/// Something that could not be judged, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotChecked {
    /// The rule that could not decide.
    pub rule: &'static Rule,
    /// What it is about.
    pub subject: Subject,
    /// What was tried and what came instead of an answer. Safe to show.
    pub reason: String,
}

impl NotChecked {
    /// What is not known: a fault stays a question, and a statement about this check is one.
    #[must_use]
    pub fn title(&self) -> String {
        match self.rule.severity {
            Severity::NotChecked => self.rule.title.to_owned(),
            _ => format!("whether {}", self.rule.title),
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// Rules are the same when their codes are.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// The sheet that a rule writes on.
#[derive(Debug)]
pub(crate) struct Findings {
    rule: &'static Rule,
    pub(crate) found: Vec<Finding>,
    pub(crate) not_checked: Vec<NotChecked>,
}

impl Findings {
    /// An empty sheet for a rule.
    pub(crate) fn of(rule: &'static Rule) -> Self {
        Self {
            rule,
            found: Vec::new(),
            not_checked: Vec::new(),
        }
    }

    /// Reports a fault with the severity of the rule. For a rule of severity
    /// [`Severity::NotChecked`] the evidence is the reason.
    pub(crate) fn report(
        &mut self,
        subject: Subject,
        evidence: impl Into<String>,
        fix: impl Into<String>,
    ) {
        self.report_as(self.rule.severity, subject, evidence, fix);
    }

    /// Reports a fault that is better or worse here than the rule usually is.
    pub(crate) fn report_as(
        &mut self,
        severity: Severity,
        subject: Subject,
        evidence: impl Into<String>,
        fix: impl Into<String>,
    ) {
        if severity == Severity::NotChecked {
            return self.not_checked(subject, evidence);
        }
        self.found.push(Finding {
            rule: self.rule,
            severity,
            subject,
            evidence: evidence.into(),
            fix: fix.into(),
        });
    }

    /// Says that the rule could not decide.
    pub(crate) fn not_checked(&mut self, subject: Subject, reason: impl Into<String>) {
        self.not_checked.push(NotChecked {
            rule: self.rule,
            subject,
            reason: reason.into(),
        });
    }
}
