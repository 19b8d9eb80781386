//! Moments that others wrote: a facts file, a disk. They may lie at the ends of the calendar, where
//! adding a second or changing the offset has no result. Everything here has one.

use std::time::SystemTime;

use serde::Deserializer;
use time::serde::rfc3339;
use time::{Duration, OffsetDateTime, UtcOffset};

/// The same moment in UTC. Where UTC has none, less than a day from the end of the calendar, the
/// clock time stays and only the offset changes.
#[must_use]
pub fn in_utc(moment: OffsetDateTime) -> OffsetDateTime {
    let utc = moment.checked_to_offset(UtcOffset::UTC);
    utc.unwrap_or_else(|| moment.replace_offset(UtcOffset::UTC))
}

/// The time of a file. A disk can name times beyond the calendar; the nearest end stands for them.
///
/// ```
/// use mta_sts_core::moment_of_file;
/// use std::time::{Duration, SystemTime};
///
/// let late = SystemTime::UNIX_EPOCH + Duration::from_secs(400_000_000_000);
/// assert_eq!(moment_of_file(late).year(), 9999);
/// ```
#[must_use]
pub fn moment_of_file(time: SystemTime) -> OffsetDateTime {
    let length = |it: std::time::Duration| Duration::try_from(it).unwrap_or(Duration::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => OffsetDateTime::UNIX_EPOCH.saturating_add(length(after)),
        Err(before) => OffsetDateTime::UNIX_EPOCH.saturating_sub(length(before.duration())),
    }
}

/// Reads a moment as RFC 3339 and turns it into UTC. For `serde(deserialize_with)`.
pub(crate) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<OffsetDateTime, D::Error> {
    rfc3339::deserialize(from).map(in_utc)
}

/// The same for a moment that may be absent.
pub(crate) fn read_option<'de, D>(from: D) -> Result<Option<OffsetDateTime>, D::Error>
where
    D: Deserializer<'de>,
{
    rfc3339::option::deserialize(from).map(|moment| moment.map(in_utc))
}

#[cfg(test)]
mod tests {
    use std::time::Duration as StdDuration;

    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_moment_is_the_same_in_utc() {
        let moment = datetime!(2026-11-23 12:00 +2);
        assert_eq!(in_utc(moment), moment);
        assert_eq!(in_utc(moment).hour(), 10);
    }

    #[test]
    fn a_moment_that_utc_does_not_have_keeps_its_clock_time() {
        assert_eq!(
            in_utc(datetime!(9999-12-31 23:59:59 -23:59)),
            datetime!(9999-12-31 23:59:59 UTC)
        );
        assert_eq!(
            in_utc(datetime!(-9999-01-01 0:00 +23:59)),
            datetime!(-9999-01-01 0:00 UTC)
        );
    }

    #[test]
    fn every_time_that_a_disk_can_name_is_a_moment() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(moment_of_file(epoch), OffsetDateTime::UNIX_EPOCH);
        for (secs, late, early) in [
            (86_400, (1970, 2), (1969, 365)),
            // The year 14645.
            (400_000_000_000, (9999, 365), (-9999, 1)),
            (u64::MAX / 4, (9999, 365), (-9999, 1)),
        ] {
            let length = StdDuration::from_secs(secs);
            let day = |time: Option<SystemTime>| {
                let moment = time.map(moment_of_file);
                moment.map(|it| (it.year(), it.ordinal()))
            };
            assert_eq!(day(epoch.checked_add(length)).unwrap_or(late), late);
            assert_eq!(day(epoch.checked_sub(length)).unwrap_or(early), early);
        }
    }
}
