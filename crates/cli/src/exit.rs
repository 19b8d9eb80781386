//! The exit status, for scripts.

use std::fmt;
use std::process::ExitCode;

use mta_sts_core::{Report, Severity};

use crate::{output, usage};

/// The exit status of the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing worse than a note.
    Fine,
    /// Attention or a problem was found, or the request was refused.
    Found,
    /// Something could not be checked, and no problem was found.
    NotChecked,
    /// Usage error.
    Usage,
    /// Internal error.
    Fault,
    /// Stopped with Ctrl-C.
    Interrupted,
}

/// Why the command failed, and its exit status.
#[derive(Debug)]
pub(crate) struct CliError {
    exit: Exit,
    reason: String,
}

impl CliError {
    /// The command line names something unusable: a name, a file, a combination.
    pub(crate) fn usage(reason: impl Into<String>) -> anyhow::Error {
        Self::with(Exit::Usage, reason)
    }

    /// The request would do harm, so it was refused.
    pub(crate) fn refused(reason: impl Into<String>) -> anyhow::Error {
        Self::with(Exit::Found, reason)
    }

    /// A fact that is needed first couldn't be checked.
    pub(crate) fn not_checked(reason: impl Into<String>) -> anyhow::Error {
        Self::with(Exit::NotChecked, reason)
    }

    fn with(exit: Exit, reason: impl Into<String>) -> anyhow::Error {
        let reason = reason.into();
        Self { exit, reason }.into()
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for CliError {}

impl Exit {
    /// The status for a report. An incomplete check outweighs attention: a script must not mistake
    /// half a check for a whole one.
    pub(crate) fn of_report(report: &Report) -> Self {
        let found = |severity| {
            report
                .findings
                .iter()
                .any(|finding| finding.severity == severity)
        };
        if found(Severity::Problem) {
            Self::Found
        } else if !report.not_checked.is_empty() || report.readiness.is_undetermined() {
            Self::NotChecked
        } else if found(Severity::Attention) {
            Self::Found
        } else {
            Self::Fine
        }
    }

    /// The worse of two. A finding outweighs something that could not be checked.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        let weight = |exit| match exit {
            Self::Fine => 0,
            Self::NotChecked => 1,
            _ => 2,
        };
        if weight(other) > weight(self) {
            other
        } else {
            self
        }
    }

    pub(crate) fn of_error(error: &anyhow::Error) -> Self {
        error
            .downcast_ref::<CliError>()
            .map_or(Self::Fault, |error| error.exit)
    }
}

/// Prints the message of clap. Help and version are not errors.
pub(crate) fn of_clap(error: clap::Error) -> Exit {
    if error.use_stderr() {
        output::warn(&usage::message(error));
        return Exit::Usage;
    }
    let text = error.render().ansi().to_string();
    output::print(&text).map_or(Exit::Fault, |()| Exit::Fine)
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Fine => 0,
            Exit::Found => 1,
            Exit::NotChecked => 2,
            Exit::Usage => 64,
            Exit::Fault => 70,
            Exit::Interrupted => 130,
        })
    }
}

#[cfg(test)]
mod tests {
    use mta_sts_core::rules::rule;
    use mta_sts_core::{
        Domain, Facts, Finding, NotChecked, Published, ReadyMailServers, Subject, judge,
    };
    use time::OffsetDateTime;

    use super::*;

    fn report(severities: &[Severity], doubts: usize) -> Report {
        let domain = Domain::parse("example.com").unwrap();
        let mut report = judge(&Facts::new(domain, OffsetDateTime::UNIX_EPOCH));
        report.readiness.mail_servers = ReadyMailServers::Ready;
        report.readiness.published = Published::Ok;
        let rule = rule("cert-expired").unwrap();
        report.findings = severities
            .iter()
            .map(|&severity| Finding {
                rule,
                severity,
                subject: Subject::Text(String::new()),
                evidence: String::new(),
                fix: String::new(),
            })
            .collect();
        report.not_checked = vec![
            NotChecked {
                rule,
                subject: Subject::Text(String::new()),
                reason: String::new(),
            };
            doubts
        ];
        report
    }

    #[test]
    fn a_half_that_was_never_looked_at_is_not_fine() {
        let mut stopped = report(&[], 0);
        stopped.readiness.published = Published::Undetermined;
        assert_eq!(Exit::of_report(&stopped), Exit::NotChecked);
    }

    #[test]
    fn a_problem_outweighs_doubt_and_doubt_outweighs_attention() {
        use Severity::{Attention, Note, Problem};
        for (severities, doubts, exit) in [
            (&[][..], 0, Exit::Fine),
            (&[Note], 0, Exit::Fine),
            (&[Note, Attention], 0, Exit::Found),
            (&[Note, Attention], 1, Exit::NotChecked),
            (&[], 1, Exit::NotChecked),
            (&[Problem], 3, Exit::Found),
        ] {
            assert_eq!(Exit::of_report(&report(severities, doubts)), exit);
        }
    }

    #[test]
    fn an_error_without_a_status_of_its_own_is_our_fault() {
        assert_eq!(Exit::of_error(&CliError::usage("x")), Exit::Usage);
        assert_eq!(Exit::of_error(&CliError::refused("x")), Exit::Found);
        assert_eq!(Exit::of_error(&anyhow::anyhow!("x")), Exit::Fault);
    }
}
