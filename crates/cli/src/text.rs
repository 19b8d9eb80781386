//! The text output. Colours are always written here; `output` removes them where they do not
//! belong.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anstyle::{AnsiColor, Style};

use mta_sts_core::{
    AddressView, Finding, HostDelivery, Hosting, Lint, MailServerView, NotChecked, Progress,
    Report, SenderVerdict, Setup, Severity, Sight, Stage, escaped,
};
use mta_sts_domains::Summary;
use mta_sts_lab::Scenario;
use time::{OffsetDateTime, UtcOffset};

use crate::generate::Written;
use crate::report::Reported;
use crate::verify;

/// Longer lines are cut. Nothing that a person reads is this long.
const MAX_LINE_CHARS: usize = 4_000;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();

/// Makes text of unknown origin safe for a terminal. Its line breaks stay.
pub(crate) fn safe(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| escaped(line, MAX_LINE_CHARS))
        .collect();
    lines.join("\n")
}

/// A report: verdict, findings, what was not checked, how senders see it, and the mail servers.
pub(crate) fn report(report: &Report, now: OffsetDateTime) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{STRONG}{}{STRONG:#}", report.headline.text);
    if let Some(provenance) = report.provenance(now) {
        let _ = writeln!(text, "{provenance}");
    }
    for finding in &report.findings {
        write_finding(&mut text, finding);
    }
    if !report.not_checked.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Not checked{STRONG:#}");
        for entry in &report.not_checked {
            write_not_checked(&mut text, entry);
        }
    }
    if !report.fallbacks.is_empty() {
        let _ = writeln!(text, "\n{STRONG}What you can do instead{STRONG:#}");
        for way in &report.fallbacks {
            let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}", way.title);
            write_indented(&mut text, "", &way.text);
        }
    }
    if !report.delivery.is_empty() {
        let _ = writeln!(text, "\n{STRONG}How a sender sees it{STRONG:#}");
        let _ = writeln!(text, "{FAINT}{}{FAINT:#}", report.delivery_premise());
        for host in &report.delivery {
            write_delivery(&mut text, host);
        }
    }
    if !report.sender_compatibility.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Some senders see it differently{STRONG:#}");
        for verdict in &report.sender_compatibility {
            write_sender(&mut text, verdict);
        }
    }
    if !report.mail_servers.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Mail servers{STRONG:#}");
        for server in &report.mail_servers {
            write_mail_server(&mut text, server, report.checked_at);
        }
    }
    text
}

/// What the TLS reports say.
pub(crate) fn reported(reported: &Reported) -> String {
    let mut text = String::new();
    for sessions in &reported.domains {
        let domain = match sessions.domain.as_str() {
            "" => "No domain named".to_owned(),
            domain => safe(domain),
        };
        let verdict = sessions.verdict().text;
        let _ = writeln!(text, "{STRONG}{domain}: {verdict}{STRONG:#}");
        let _ = writeln!(text, "{}", sessions.summary());
        for failure in &sessions.failures {
            let _ = writeln!(text, "\n{STRONG}{}{STRONG:#}", failure.title);
            write_indented(&mut text, "", &failure.evidence());
            write_indented(&mut text, "", failure.advice);
        }
        text.push('\n');
    }
    if !reported.remarks.is_empty() {
        let _ = writeln!(text, "{STRONG}Files that need a look{STRONG:#}");
        for remark in &reported.remarks {
            write_indented(&mut text, "", &format!("{}: {}.", remark.name, remark.text));
        }
        text.push('\n');
    }
    let read = match reported.reports {
        1 => "1 report read".to_owned(),
        count => format!("{count} reports read"),
    };
    let copies = match reported.copies {
        0 => String::new(),
        1 => ", 1 copy skipped".to_owned(),
        count => format!(", {count} copies skipped"),
    };
    let _ = writeln!(
        text,
        "{FAINT}{read}{copies}. Signatures were not checked, and anyone can write such a file.{FAINT:#}"
    );
    text
}

/// The progress of a publication: everything at first, later only the changes.
pub(crate) fn progress(
    setup: &Setup,
    progress: &Progress,
    earlier: Option<&Progress>,
    senders: &[SenderVerdict],
    offset: UtcOffset,
) -> String {
    let mut rows = String::new();
    for (name, id, sights) in verify::things(progress) {
        let before = earlier.and_then(|earlier| {
            let mut things = verify::things(earlier);
            things.find_map(|(_, known, sights)| (known == id).then_some(sights))
        });
        let is_new = |sight: &&Sight| {
            let known = before.and_then(|it| it.iter().find(|known| known.who == sight.who));
            known.is_none_or(|known| known.stage != sight.stage)
        };
        let new: Vec<&Sight> = sights.iter().filter(is_new).collect();
        if !new.is_empty() {
            let _ = writeln!(rows, "\n{STRONG}{name}{STRONG:#}");
            write_sights(&mut rows, &new, offset);
        }
    }
    if rows.is_empty() {
        return rows;
    }
    let domain = setup.domain.to_unicode();
    let summary = progress.summary().text;
    let mut text = format!("{STRONG}{domain}: {summary}{STRONG:#}\n{rows}");
    if earlier.is_some() {
        return text;
    }
    for finding in &progress.findings {
        write_finding(&mut text, finding);
    }
    if !senders.is_empty() {
        let _ = writeln!(text, "\n{STRONG}Some senders see it differently{STRONG:#}");
        for verdict in senders {
            write_sender(&mut text, verdict);
        }
    }
    text
}

/// One line for all observers that show the same.
fn write_sights(text: &mut String, sights: &[&Sight], offset: UtcOffset) {
    let mut alike: Vec<(Stage, String, Vec<String>)> = Vec::new();
    for sight in sights {
        let (stage, told, who) = (sight.stage, sight.told(offset), safe(&sight.who));
        let same = |known: &&mut (Stage, String, Vec<String>)| known.0 == stage && known.1 == told;
        match alike.iter_mut().find(same) {
            Some((_, _, observers)) => observers.push(who),
            None => alike.push((stage, told, vec![who])),
        }
    }
    for (stage, told, observers) in alike {
        let style = match stage {
            Stage::Correct => Style::new().fg_color(Some(AnsiColor::Green.into())),
            Stage::Wrong => style(Severity::Problem),
            Stage::NotYet | Stage::Old | Stage::Unknown => FAINT,
        };
        let _ = writeln!(
            text,
            "  {style}{}{style:#}: {}\n    {FAINT}{}{FAINT:#}",
            stage.in_words(),
            safe(&told),
            observers.join(", ")
        );
    }
}

/// The verdict on one text.
pub(crate) fn lint(name: &str, lint: &Lint) -> String {
    let mut text = String::new();
    let verdict = match (lint.valid, lint.leaves_a_host_out()) {
        (true, false) => "valid",
        (true, true) => "valid, but it doesn’t cover every mail server you named",
        (false, _) => "invalid, so senders may ignore it",
    };
    let _ = writeln!(text, "{STRONG}{}: {verdict}{STRONG:#}", safe(name));
    for finding in &lint.findings {
        write_finding(&mut text, finding);
    }
    text
}

/// The files that were written, and the order in which to publish them.
pub(crate) fn written(
    out: &Path,
    setup: &Setup,
    written: &Written,
    hostings: &BTreeSet<Hosting>,
    cautions: &[String],
) -> String {
    let mut text = String::new();
    let folder = safe(&out.display().to_string());
    let _ = writeln!(text, "{STRONG}Written to {folder}{STRONG:#}");
    for file in &written.files {
        let _ = writeln!(text, "  {} ({} bytes)", file.path, file.size);
    }
    let _ = writeln!(
        text,
        "\n{STRONG}Publish in this order{STRONG:#} (see dns-records.txt for details)"
    );
    let domain = &setup.domain;
    let tls_report = setup.tls_report_record().map(|record| {
        let (name, value) = (record.name, record.value);
        format!("a TXT record at {name} with the value\n     {value}")
    });
    let announcement = setup.announcement_record();
    let steps = tls_report.into_iter().chain([
        format!("the policy host {}", domain.policy_host()),
        format!("the policy file at {}", domain.policy_url()),
        format!(
            "a TXT record at {} with the value\n     {}",
            announcement.name, announcement.value
        ),
    ]);
    for (number, step) in (1..).zip(steps) {
        let _ = writeln!(text, "  {number}. {step}");
    }
    if !hostings.is_empty() {
        let _ = writeln!(text, "\n{STRONG}How to serve the policy file{STRONG:#}");
    }
    for hosting in hostings {
        let _ = writeln!(
            text,
            "  with {}: follow hosting/{hosting}/README.txt",
            hosting.name()
        );
    }
    if !cautions.is_empty() {
        let _ = write!(text, "\n{}", self::cautions(cautions));
    }
    text
}

/// Warnings before publishing.
pub(crate) fn cautions(cautions: &[String]) -> String {
    let style = style(Severity::Attention);
    cautions.iter().fold(String::new(), |mut text, caution| {
        let _ = writeln!(text, "{style}attention{style:#}  {}", safe(caution));
        text
    })
}

/// The table of all domains.
pub(crate) fn domains(lines: &[Summary]) -> String {
    if lines.is_empty() {
        return "No domain yet. The window saves every domain you check.\n".to_owned();
    }
    let cells: Vec<[String; 4]> = lines
        .iter()
        .map(|line| {
            let next = match line.next_on {
                Some(date) => format!(
                    "{}: {}",
                    mta_sts_core::day(date.midnight().assume_utc()),
                    line.next
                ),
                None => line.next.clone(),
            };
            let checked = line
                .checked_at
                .map_or_else(|| "never".to_owned(), mta_sts_core::day);
            let domain = line.domain.to_unicode();
            [domain, line.standing.to_text(), next, checked].map(|cell| safe(&cell))
        })
        .collect();
    let headings = ["Domain", "State", "Next", "Checked"].map(str::to_owned);
    let width = |column: usize| {
        let all = cells.iter().chain([&headings]);
        all.map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [0, 1, 2, 3].map(width);
    let mut text = String::new();
    for (place, row) in [&headings].into_iter().chain(&cells).enumerate() {
        let style = match place.checked_sub(1).and_then(|place| lines.get(place)) {
            None => STRONG,
            Some(line) => line.severity.map_or(Style::new(), style),
        };
        for (column, cell) in row.iter().enumerate() {
            let gap = widths[column] - cell.chars().count() + 2;
            // Only the state has the colour; the whole heading is bold.
            let style = if place == 0 || column == 1 {
                style
            } else {
                Style::new()
            };
            let _ = write!(text, "{style}{cell}{style:#}{:gap$}", "");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

/// Every practice domain with its description.
pub(crate) fn practice_domains(scenarios: &[Scenario]) -> String {
    let mut text =
        format!("{STRONG}Practice domains{STRONG:#} (everything runs on this computer)\n");
    for scenario in scenarios {
        let _ = writeln!(text, "\n{}\n  {}", scenario.domain, scenario.story);
    }
    let _ = writeln!(text, "\nTry one: mta-sts check --practice healthy.example");
    text
}

fn write_finding(text: &mut String, finding: &Finding) {
    let style = style(finding.severity);
    let _ = writeln!(
        text,
        "\n{style}{}{style:#}  {STRONG}{}{STRONG:#}: {}  {FAINT}[{}]{FAINT:#}",
        finding.severity,
        safe(finding.subject.name()),
        finding.rule.title,
        finding.rule.code,
    );
    write_indented(text, "", &finding.evidence);
    write_indented(text, "Fix: ", &finding.fix);
}

fn write_not_checked(text: &mut String, entry: &NotChecked) {
    let _ = writeln!(
        text,
        "\n{STRONG}{}{STRONG:#}: {}  {FAINT}[{}]{FAINT:#}",
        safe(entry.subject.name()),
        entry.title(),
        entry.rule.code,
    );
    write_indented(text, "", &entry.reason);
}

fn write_delivery(text: &mut String, host: &HostDelivery) {
    // The reason for testing mode covers enforce mode too.
    let _ = writeln!(
        text,
        "  {}: testing {}, enforce {} – {}",
        safe(&host.host),
        host.testing.delivery.in_words(),
        host.enforce.delivery.in_words(),
        safe(&host.testing.because),
    );
}

fn write_sender(text: &mut String, verdict: &SenderVerdict) {
    let versions = verdict
        .versions
        .map_or_else(String::new, |versions| format!(" ({versions})"));
    let _ = writeln!(
        text,
        "\n{STRONG}{}{STRONG:#} {}{versions}",
        verdict.sender,
        verdict.effect.in_words()
    );
    write_indented(text, "", &verdict.reason);
    write_indented(text, "Fix: ", &verdict.fix);
}

fn write_indented(text: &mut String, lead: &str, paragraph: &str) {
    if paragraph.is_empty() {
        return;
    }
    for (index, line) in safe(paragraph).lines().enumerate() {
        let lead = if index == 0 { lead } else { "" };
        let _ = writeln!(text, "  {lead}{line}");
    }
}

fn write_mail_server(text: &mut String, server: &MailServerView, checked_at: OffsetDateTime) {
    let listed = match server.listed_in_policy {
        Some(true) => ", in the policy",
        Some(false) => ", not in the policy",
        None => "",
    };
    let _ = writeln!(
        text,
        "  {} (preference {}{listed})",
        safe(&server.host),
        server.preference
    );
    for address in &server.addresses {
        let _ = writeln!(text, "    {}: {}", address.ip, seen(address, checked_at));
    }
}

fn seen(address: &AddressView, checked_at: OffsetDateTime) -> String {
    let Some(reachable) = address.reachable else {
        return "skipped".to_owned();
    };
    if !reachable {
        return "no connection".to_owned();
    }
    let encryption = match (address.tls, address.starttls) {
        (Some(version), _) => version.to_string(),
        (None, Some(true)) => "offers STARTTLS, but encryption failed".to_owned(),
        (None, Some(false)) => "no encryption offered".to_owned(),
        (None, None) => "no conversation with a mail server".to_owned(),
    };
    match &address.certificate {
        Some(certificate) => {
            let end = mta_sts_core::day(certificate.not_after);
            let validity = if certificate.not_after < checked_at {
                format!("expired on {end}")
            } else {
                format!("valid until {end}")
            };
            let name = if certificate.name_matches {
                ""
            } else {
                ", for another name"
            };
            format!("{encryption}, certificate {validity}{name}")
        }
        None => encryption,
    }
}

fn style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Problem => AnsiColor::Red,
        Severity::Attention => AnsiColor::Yellow,
        Severity::Note => AnsiColor::Cyan,
        Severity::NotChecked => return FAINT,
    };
    Style::new().fg_color(Some(colour.into())).bold()
}

#[cfg(test)]
mod tests {
    use mta_sts_core::rules::rule;
    use mta_sts_core::{Domain, Facts, Subject, judge};

    use super::*;

    fn bare() -> Report {
        judge(&Facts::new(
            Domain::parse("example.com").unwrap(),
            OffsetDateTime::UNIX_EPOCH,
        ))
    }

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn hostile_text_cannot_move_the_cursor_and_keeps_its_lines() {
        assert_eq!(safe("a\u{1b}[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\nc\\u{202e}d");
    }

    #[test]
    fn a_finding_tells_what_where_why_and_what_to_do() {
        let mut hostile = bare();
        hostile.findings = vec![Finding {
            rule: rule("cert-expired").unwrap(),
            severity: Severity::Problem,
            subject: Subject::MailServer("mx\u{1b}[31m.example.com".into()),
            evidence: "It expired.".into(),
            fix: "Renew it:\nrun this".into(),
        }];
        let text = plain(&report(&hostile, OffsetDateTime::UNIX_EPOCH));
        assert!(
            text.contains("problem  mx\\u{1b}[31m.example.com: "),
            "{text}"
        );
        assert!(text.contains("[cert-expired]\n  It expired.\n  Fix: Renew it:\n  run this\n"));
        assert!(!text.contains("Not checked"), "{text}");
    }

    #[test]
    fn what_was_not_checked_is_told_apart_and_with_its_reason() {
        let mut doubtful = bare();
        doubtful.not_checked = ["cert-expired", "port-25-blocked-here"]
            .map(|code| NotChecked {
                rule: rule(code).unwrap(),
                subject: Subject::MailServer("mx.example.com".into()),
                reason: "No answer.".into(),
            })
            .into();
        let text = plain(&report(&doubtful, OffsetDateTime::UNIX_EPOCH));
        for line in [
            "\nNot checked\n\nmx.example.com: whether the certificate has expired  [cert-expired]\n  \
             No answer.\n",
            "mx.example.com: port 25 can’t be reached from this network  [port-25-blocked-here]\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
    }

    #[test]
    fn facts_without_answers_are_no_verdict() {
        let text = plain(&report(&bare(), OffsetDateTime::UNIX_EPOCH));
        assert!(
            text.starts_with("We couldn’t check everything that is published for example.com.")
        );
    }
}
