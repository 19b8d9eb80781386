//! MTA-STS (RFC 8461) and TLS-RPT (RFC 8460): policies, records, and the judgement of a domain.
//!
//! Pure: no network, no file, no clock. Facts go in, a report comes out:
//!
//! ```
//! use mta_sts_core::facts::{Answer, Observed};
//! use mta_sts_core::{Domain, Fact, Facts, judge};
//!
//! let domain = Domain::parse("someone@Example.com")?;
//! let mut facts = Facts::new(domain, time::macros::datetime!(2026-11-23 12:00 UTC));
//! let texts = ["v=STSv1; id=1", "v=STSv1; id=2"].map(String::from);
//! facts.fold(Fact::Record(Observed::Seen(Answer::of(texts))));
//!
//! let report = judge(&facts);
//! assert_eq!(report.findings[0].rule.code, "record-multiple");
//! assert_eq!(report.readiness.effective_mode, None);
//! # Ok::<(), mta_sts_core::DomainError>(())
//! ```
//!
//! The policy file and the two records are types that cannot hold a wrong value ([`Policy`],
//! [`StsRecord`], [`TlsRptRecord`]); what was published by somebody else is read by
//! [`PolicyReading`], [`StsSelection`] and [`TlsRptSelection`], which name every fault.

pub mod code;
pub mod facts;
mod judge;
mod knowledge;
pub mod lint;
mod publication;
mod report;
pub mod rules;
mod text;

pub use facts::server_view::{Observer, ServerView};
pub use facts::{Answer, Fact, Facts, FailureKind, Observed};
pub use judge::judge;
pub use knowledge::bounce::{
    Bounce, BounceMatch, BounceReason, BounceVerdict, KnownBounce, OtherBounce, SenderRule,
    SendingSoftware, read_bounce,
};
pub use knowledge::catalogue::{Evidence, MailProvider, mail_provider};
pub use knowledge::dns_host::{
    DnsHost, DnsHosting, FormLabels, NameForm, dns_host, dns_hosts, short_name,
};
pub use knowledge::hosted_policy::{HostedPolicy, hosted_policy};
pub use knowledge::hosting::{Hosting, HostingAdvice, HostingError, HostingKind, hosting_advice};
pub use knowledge::mail_software::{MailSoftware, mail_software};
pub use knowledge::public_resolver::{PublicResolver, public_resolvers};
pub use knowledge::report_address::who_cannot_report;
pub use knowledge::senders::{
    Condition, Effect, Habit, Publication, Sender, SenderVerdict, sender_compatibility,
};
pub use lint::{Lint, LintValue};
pub use publication::artifacts::{Artifact, ArtifactError, Setup, TxtRecord};
pub use publication::history::{History, Live, SeenAlias, SeenMx, Served};
pub use publication::plan::{
    Action, Change, Earliest, Leave, Move, Plan, PlanStage, Requirement, StageStatus, plan,
};
pub use publication::progress::{Piece, Place, Progress, Sight, Stage, Summary};
pub use publication::propagation::{Propagation, Sighting, wait_before_look};
pub use publication::reported_sessions::{
    EnforceProof, HeldPolicy, ReportedDay, ReportedSessions, ReportingSender, SessionFailures,
    TlsReports,
};
pub use report::bounce::{BounceOutcome, ExplainedBounce, FindingPage, MatchedBounce};
pub use report::delivery::{Delivery, HostDelivery, Outcome, simulate};
pub use report::fallback::Fallback;
pub use report::headline::Refusal;
pub use report::mail_path::{Stop, StopState};
pub use report::{
    Acceptance, AddressView, CertificateView, Headline, MailServerView, PolicyView, Published,
    Readiness, ReadyMailServers, RecordView, Report, TlsReportingView,
};
pub use rules::finding::{Area, Finding, NotChecked, Severity, Subject};
pub use text::address::Scope;
pub use text::date_style::{DateStyle, clock_time, day, set_date_style};
pub use text::domain::{Domain, DomainError, host_name};
pub use text::escape::{escaped, sentence};
pub use text::https_address::{HttpsAddress, HttpsAddressError};
pub use text::mail_host::MailHostError;
pub use text::moment::{in_utc, moment_of_file};
pub use text::mx_pattern::{MxPattern, MxPatternError};
pub use text::policy::{
    MaxAge, MaxAgeError, Mode, ModeError, Policy, PolicyError, PolicyFault, PolicyFaultKind,
    PolicyField, PolicyReading, SyntaxCause,
};
pub use text::sts_record::{
    IdFault, PolicyId, PolicyIdError, StsRecord, StsRecordReading, StsSelection, looks_like_sts,
};
pub use text::tls_report::{
    FailureResult, PolicyType, ReportedFailure, ReportedPolicy, TlsReport, TlsReportError,
};
pub use text::tls_rpt_record::{
    ReportUri, ReportUriError, RuaFault, TlsRptRecord, TlsRptRecordReading, TlsRptSelection,
    looks_like_tls_rpt,
};
pub use text::txt_record::{
    RecordFault, RecordFaultKind, RecordReading, RecordSelection, VersionedRecord,
};
pub use text::wording::duration;
