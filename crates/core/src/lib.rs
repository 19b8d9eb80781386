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

// types
mod artifacts;
mod domain;
mod hosting;
mod mx_pattern;
mod near_miss;
mod policy;
mod sts_record;
mod text_escape;
mod tls_report;
mod tls_rpt_record;
mod txt_fields;
mod txt_record;

pub use artifacts::{Artifact, ArtifactError, Setup, TxtRecord};
pub use domain::{Domain, DomainError, host_name};
pub use hosting::{Hosting, HostingAdvice, HostingError, HostingKind, hosting_advice};
pub use mx_pattern::{MxPattern, MxPatternError};
pub use policy::{
    MaxAge, MaxAgeError, Mode, ModeError, Policy, PolicyError, PolicyFault, PolicyFaultKind,
    PolicyField, PolicyReading, SyntaxCause,
};
pub use sts_record::{
    IdFault, PolicyId, PolicyIdError, StsRecord, StsRecordReading, StsSelection, looks_like_sts,
};
pub use text_escape::{escaped, escaped_bytes, sentence};
pub use tls_report::{
    FailureResult, PolicyType, ReportedFailure, ReportedPolicy, TlsReport, TlsReportError,
};
pub use tls_rpt_record::{
    ReportUri, ReportUriError, RuaFault, TlsRptRecord, TlsRptRecordReading, TlsRptSelection,
    looks_like_tls_rpt,
};
pub use txt_record::{
    RecordFault, RecordFaultKind, RecordReading, RecordSelection, VersionedRecord,
};

// facts
pub mod facts;
mod propagation;
mod public_resolver;

pub use facts::{Answer, Fact, Facts, FailureKind, Observed};
pub use propagation::{Observer, Propagation, ServerView, Sighting, wait_before_look};
pub use public_resolver::{PublicResolver, public_resolvers};

// catalogue
mod catalogue;
mod dns_host;
mod mail_software;
mod senders;

pub use catalogue::{Evidence, MailProvider, mail_provider};
pub use dns_host::{DnsHost, DnsHosting, FormLabels, NameForm, dns_host, dns_hosts, short_name};
pub use mail_software::{MailSoftware, mail_software};
pub use senders::{
    Condition, Effect, Habit, Publication, Sender, SenderVerdict, known_senders,
    sender_compatibility,
};

// judgement
mod case;
mod delivery;
mod fallback;
mod finding;
mod headline;
mod judge;
pub mod lint;
mod mail_path;
mod progress;
mod report;
mod report_html;
mod reported_sessions;
pub mod rules;

pub use delivery::{Delivery, HostDelivery, Outcome, simulate};
pub use fallback::Fallback;
pub use finding::{Area, Finding, NotChecked, Severity};
pub use headline::{Headline, Refusal};
pub use judge::judge;
pub use lint::{Lint, LintValue};
pub use mail_path::{Stop, StopState};
pub use progress::{Piece, Place, Progress, Sight, Stage, Summary};
pub use report::{
    AddressView, CertificateView, MailServerView, PolicyView, Published, Readiness,
    ReadyMailServers, RecordView, Report, TlsReportingView,
};
pub use reported_sessions::{
    EnforceProof, ReportedDay, ReportedSessions, ReportingSender, SessionFailures, TlsReports,
};
pub use rules::{day, duration};
