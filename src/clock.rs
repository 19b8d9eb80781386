//! Local time: what a moment in UTC is on the local clock, with daylight saving time.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use mta_sts_core::{clock_time, day};
use time::{OffsetDateTime, UtcOffset};

/// The local offset from UTC at a moment; zero if it isn’t known.
#[must_use]
pub(crate) fn offset(at: OffsetDateTime) -> UtcOffset {
    offset_in(&TimeZone::system(), at)
}

fn offset_in(zone: &TimeZone, at: OffsetDateTime) -> UtcOffset {
    let moment = Timestamp::from_second(at.unix_timestamp());
    let seconds = moment.map_or(0, |moment| zone.to_offset(moment).seconds());
    UtcOffset::from_whole_seconds(seconds).unwrap_or(UtcOffset::UTC)
}

/// A moment as text, in local time. It says “UTC” if the local offset is zero or unknown.
#[must_use]
pub fn told(at: OffsetDateTime) -> String {
    let here = here(at);
    format!("{} at {}", day(here), time(at))
}

/// The local time of day.
#[must_use]
pub fn time(at: OffsetDateTime) -> String {
    let here = here(at);
    let zone = if here.offset().is_utc() { " UTC" } else { "" };
    format!("{}{zone}", clock_time(here.time()))
}

/// How long ago a check was: the time if it was today, otherwise days.
#[must_use]
pub(crate) fn age(at: OffsetDateTime, now: OffsetDateTime) -> String {
    match (here(now).date() - here(at).date()).whole_days() {
        ..=0 => {
            format!("today {}", clock_time(here(at).time()))
        }
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// At the ends of the calendar a moment may have no local time; then it stays in UTC.
fn here(at: OffsetDateTime) -> OffsetDateTime {
    at.checked_to_offset(offset(at)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use time::macros::{datetime, offset};

    use super::*;

    #[test]
    fn winter_and_summer_have_their_own_offset_whatever_the_season_is_now() {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let winter = datetime!(2026-01-15 12:00 UTC);
        let summer = datetime!(2026-07-15 12:00 UTC);
        assert_eq!(offset_in(&zone, winter), offset!(+1));
        assert_eq!(offset_in(&zone, summer), offset!(+2));
    }

    #[test]
    fn the_ends_of_the_calendar_have_a_time() {
        for end in [
            datetime!(9999-12-31 23:59:59 UTC),
            datetime!(-9999-01-01 0:00 UTC),
        ] {
            assert!(!told(end).is_empty());
            assert!(!age(end, datetime!(2026-11-23 12:00 UTC)).is_empty());
        }
    }

    #[test]
    fn an_age_is_told_in_days() {
        let now = datetime!(2026-11-23 12:00 UTC);
        assert!(age(now, now).starts_with("today "));
        assert_eq!(age(now - ::time::Duration::days(15), now), "15 days ago");
    }
}
