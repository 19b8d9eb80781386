//! Where bytes come from: what to call them, whether a report is expected in them, and what their
//! wrapping says of a report that doesn't say it itself.

use mail_parser::Message;
use mta_sts_core::{Domain, TlsReport, escaped};
use time::{Date, Duration, OffsetDateTime};

/// The longest name that is shown.
const MAX_NAME_CHARS: usize = 300;

#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The file, and the part of it; safe to show.
    pub(crate) name: String,
    pub(crate) expected: Expected,
    /// Whether the name of the file is that of a report, an archive or a mailbox.
    has_known_end: bool,
    file: FileName,
    mail: MailHeader,
}

/// Whether a report is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Somebody chose this file, or the e-mail says that it is a report. What it is instead is
    /// told.
    Surely,
    /// It is with other files.
    Maybe,
    /// It is attached to an e-mail that says nothing of a report.
    Hardly,
}

/// What the name of a file says (RFC 8460 5.1).
#[derive(Clone, Debug, Default)]
struct FileName {
    sender: Option<String>,
    domain: Option<String>,
    begin: Option<OffsetDateTime>,
    end: Option<OffsetDateTime>,
}

/// What the header of an e-mail says (RFC 8460 5.3).
#[derive(Clone, Debug, Default)]
struct MailHeader {
    submitter: Option<String>,
    domain: Option<String>,
    sent: Option<OffsetDateTime>,
}

impl Origin {
    pub(crate) fn file(name: &str, expected: Expected) -> Self {
        Self {
            name: escaped(name, MAX_NAME_CHARS),
            expected,
            has_known_end: has_known_end(name),
            file: FileName::read(name).unwrap_or_default(),
            mail: MailHeader::default(),
        }
    }

    /// A file in an archive.
    pub(crate) fn entry(&self, name: &str) -> Self {
        let shown = escaped(&format!("{}, {}", self.name, escaped(name, 200)), 600);
        let expected = match self.expected {
            Expected::Surely if !name.ends_with(".json.gz") => Expected::Maybe,
            expected => expected,
        };
        self.part(name, shown, expected)
    }

    /// An attachment.
    pub(crate) fn attachment(&self, name: &str, expected: Expected) -> Self {
        self.part(name, self.name.clone(), expected)
    }

    fn part(&self, name: &str, shown: String, expected: Expected) -> Self {
        Self {
            name: shown,
            expected,
            has_known_end: has_known_end(name),
            file: FileName::read(name).unwrap_or_else(|| self.file.clone()),
            mail: self.mail.clone(),
        }
    }

    /// A file in an archive whose name can't be read, counted from 1.
    pub(crate) fn numbered(&self, number: usize) -> Self {
        let name = format!("{}, file {number}", self.name);
        Self {
            name,
            ..self.clone()
        }
    }

    /// An e-mail of a mailbox, counted from 1.
    pub(crate) fn mail(&self, number: usize) -> Self {
        Self {
            name: format!("{}, e-mail {number}", self.name),
            expected: Expected::Maybe,
            has_known_end: false,
            ..self.clone()
        }
    }

    /// The same, with what the header of the e-mail says.
    pub(crate) fn with_header(&self, message: &Message<'_>) -> Self {
        let known = &self.mail;
        let subject = message.subject();
        let domain = header(message, "TLS-Report-Domain").or_else(|| after(subject?, "domain:"));
        let submitter = header(message, "TLS-Report-Submitter");
        let sent = message.date().map(mail_parser::DateTime::to_timestamp);
        let sent = sent.and_then(|secs| OffsetDateTime::from_unix_timestamp(secs).ok());
        Self {
            mail: MailHeader {
                submitter: submitter.or_else(|| known.submitter.clone()),
                domain: domain.or_else(|| known.domain.clone()),
                sent: sent.or(known.sent),
            },
            ..self.clone()
        }
    }

    /// Whether it is told that this could not be opened.
    pub(crate) fn is_told(&self) -> bool {
        match self.expected {
            Expected::Surely => true,
            Expected::Maybe => self.has_known_end,
            Expected::Hardly => false,
        }
    }

    /// Fills in what a report doesn't say. Where it says something, that counts (RFC 8460 5.6).
    pub(crate) fn complete(&self, report: &mut TlsReport) {
        let domain = self.mail.domain.as_ref().or(self.file.domain.as_ref());
        if let Some(Ok(domain)) = domain.map(|domain| Domain::parse(domain)) {
            for policy in &mut report.policies {
                if policy.domain.is_empty() {
                    domain.as_str().clone_into(&mut policy.domain);
                }
            }
        }
        let sender = self.mail.submitter.as_ref().or(self.file.sender.as_ref());
        if let (true, Some(sender)) = (report.organization.is_empty(), sender) {
            let kept = sender.chars().take(TlsReport::MAX_TEXT_CHARS);
            report.organization = kept.collect();
        }
        if report.begin.is_none() && report.end.is_none() {
            (report.begin, report.end) = (self.file.begin, self.file.end);
        }
        // A report covers a day, and is sent after it (RFC 8460 4.1).
        let day = match (report.begin, report.end) {
            (Some(begin), _) => Some(begin.date()),
            (None, Some(end)) => Some(end.saturating_sub(Duration::SECOND).date()),
            (None, None) => self.mail.sent.and_then(|sent| sent.date().previous_day()),
        };
        if let Some((begin, end)) = day.and_then(whole) {
            report.begin = report.begin.or(Some(begin));
            report.end = report.end.or(Some(end));
        }
    }
}

/// When the day begins and ends in UTC, with a year that can be written.
fn whole(day: Date) -> Option<(OffsetDateTime, OffsetDateTime)> {
    let begin = day.midnight().assume_utc();
    let end = begin.checked_add(Duration::DAY - Duration::SECOND)?;
    (0..=9999).contains(&day.year()).then_some((begin, end))
}

fn has_known_end(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = [".json", ".gz", ".zip", ".eml", ".mbox", ".msg"];
    ends.iter().any(|end| name.ends_with(end))
}

impl FileName {
    /// Reads `sender!domain!begin!end` and, after one more `!`, anything; `begin` and `end` are
    /// seconds since 1970.
    fn read(name: &str) -> Option<Self> {
        let name = name.rsplit(['/', '\\']).next()?;
        let mut parts = name.split('!');
        let (sender, domain) = (parts.next()?, parts.next()?);
        let mut time = || {
            let secs = parts.next()?.split('.').next()?.parse().ok()?;
            let at = OffsetDateTime::from_unix_timestamp(secs).ok()?;
            (2000..=9999).contains(&at.year()).then_some(at)
        };
        let (begin, end) = (time()?, time()?);
        Some(Self {
            sender: not_empty(sender),
            domain: not_empty(domain),
            begin: Some(begin),
            end: Some(end),
        })
    }
}

/// The text of a field of the header.
pub(crate) fn header(message: &Message<'_>, field: &str) -> Option<String> {
    let text = message.header_raw(field.to_owned())?.trim();
    not_empty(text)
}

/// The word after a name in a subject such as `Report Domain: a.example Submitter: …` (RFC 8460
/// 5.3).
fn after(subject: &str, name: &str) -> Option<String> {
    let mut words = subject.split_whitespace();
    words.find(|word| word.eq_ignore_ascii_case("report"))?;
    words.find(|word| word.eq_ignore_ascii_case(name))?;
    not_empty(words.next()?)
}

fn not_empty(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_name_of_a_file_tells_sender_domain_and_day() {
        for name in [
            "s.example!a.example!1795132800!1795219199.json",
            "folder/s.example!a.example!1795132800!1795219199!1.json.gz",
            r"C:\s.example!a.example!1795132800!1795219199!a!b.zip",
        ] {
            let file = FileName::read(name).unwrap();
            assert_eq!(file.sender.as_deref(), Some("s.example"), "{name}");
            assert_eq!(file.domain.as_deref(), Some("a.example"), "{name}");
            assert_eq!(file.begin, Some(datetime!(2026-11-20 0:00 UTC)), "{name}");
            assert_eq!(file.end, Some(datetime!(2026-11-20 23:59:59 UTC)), "{name}");
        }
        for name in ["report.json", "a!b!c!d.json", "a!b!1!2.json", "!!!", ""] {
            assert!(FileName::read(name).is_none(), "{name}");
        }
    }

    #[test]
    fn the_subject_names_the_domain() {
        let subject = "Fwd: Report Domain: a.example Submitter: s.example";
        assert_eq!(after(subject, "domain:").as_deref(), Some("a.example"));
        assert_eq!(after("Report for a.example", "domain:"), None);
    }
}
