//! The dates of the next steps as a calendar file (RFC 5545).

use chrono::{DateTime, NaiveDate};
use icalendar::{Alarm, Calendar, Component as _, Event, EventLike as _};
use mta_sts_core::{Artifact, Domain};
use mta_sts_domains::NextStep;
use time::{Date, OffsetDateTime};

/// The calendar file; `None` if no step has a date. The same steps give the same bytes, because
/// `as_of` is the time of the check behind them, not of the call.
pub(crate) fn file(domain: &Domain, steps: &[NextStep], as_of: OffsetDateTime) -> Option<Artifact> {
    let mut calendar = Calendar::new();
    calendar.name(&format!("MTA-STS for {domain}"));
    let stamp = DateTime::from_timestamp(as_of.unix_timestamp(), 0)?;
    for step in steps {
        let Some(date) = step.on.and_then(naive) else {
            continue;
        };
        // The id doesn’t depend on the date, so that a calendar moves the event instead of adding
        // one.
        let uid = format!("{}@mta-sts.{domain}", step.kind.slug());
        let mut reminder = Alarm::display(&step.title, chrono::Duration::hours(9));
        reminder.uid(&format!("reminder-{uid}")).timestamp(stamp);
        let mut event = Event::new();
        event
            .uid(&uid)
            .timestamp(stamp)
            .starts(date)
            .summary(&step.title)
            .last_modified(stamp)
            .description(&format!(
                "{}\n\nOpen MTA-STS Wizard and choose {}.",
                step.text,
                domain.to_unicode()
            ))
            .alarm(reminder);
        calendar.push(event.done());
    }
    (!calendar.is_empty()).then(|| Artifact {
        path: "next-steps.ics",
        contents: calendar.done().to_string().into_bytes(),
    })
}

fn naive(date: Date) -> Option<NaiveDate> {
    NaiveDate::from_yo_opt(date.year(), date.ordinal().into())
}

#[cfg(test)]
mod tests {
    use mta_sts_domains::NextStepKind;
    use time::macros::{date, datetime};

    use super::*;

    fn text(steps: &[NextStep]) -> Option<String> {
        let domain = Domain::parse("example.com").unwrap();
        let file = file(&domain, steps, datetime!(2026-11-23 12:00 UTC))?;
        Some(String::from_utf8(file.contents).unwrap())
    }

    fn step(on: Option<Date>) -> NextStep {
        NextStep {
            kind: NextStepKind::Enforce,
            on,
            title: "Switch, then look".into(),
            text: "One; two".into(),
        }
    }

    #[test]
    fn a_date_becomes_a_whole_day_with_a_reminder() {
        let text = text(&[step(Some(date!(2026 - 12 - 07)))]).unwrap();
        for line in [
            "BEGIN:VCALENDAR",
            "DTSTAMP:20261123T120000Z",
            "DTSTART;VALUE=DATE:20261207",
            "SUMMARY:Switch\\, then look",
            "UID:enforce@mta-sts.example.com",
            "LAST-MODIFIED:20261123T120000Z",
            "DESCRIPTION:One\\; two\\n\\nOpen MTA-STS Wizard and choose example.com.",
            "TRIGGER:PT32400S",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} in\n{text}");
        }
        assert!(
            !text.contains("DTEND"),
            "a day without an end is one day:\n{text}"
        );
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }

    #[test]
    fn the_same_steps_are_the_same_bytes_and_none_is_no_file() {
        let steps = [step(Some(date!(2026 - 12 - 07))), step(None)];
        assert_eq!(text(&steps), text(&steps));
        assert_eq!(text(&steps).unwrap().matches("BEGIN:VEVENT").count(), 1);
        assert_eq!(text(&[step(None)]), None);
    }

    #[test]
    fn a_date_that_moved_is_the_same_event() {
        let uid = |date| {
            let text = text(&[step(Some(date))]).unwrap();
            let mut lines = text.lines();
            lines
                .find(|line| line.starts_with("UID:"))
                .unwrap()
                .to_owned()
        };
        assert_eq!(uid(date!(2026 - 12 - 07)), uid(date!(2026 - 12 - 08)));
    }
}
