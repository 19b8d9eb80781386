//! The times of a report. RFC 8460 4.4 wants those of RFC 3339; senders also write them without a
//! zone, with a space, as a date, or as seconds since 1970.

use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

/// A smaller number of seconds is no time of a report but a value that nobody set.
const MIN_EPOCH_SECS: i64 = 1_000_000_000;
/// From here on a number counts milliseconds.
const MIN_EPOCH_MILLIS: i64 = 100_000_000_000;

/// When the reported time began and ended, in UTC. A date alone is the whole day.
pub(super) fn range(
    start: Option<&str>,
    end: Option<&str>,
) -> (Option<OffsetDateTime>, Option<OffsetDateTime>) {
    let [start, end] = [start, end].map(|text| text.and_then(When::read));
    let begin = start.map(When::begin);
    let end = match (start, end) {
        // A report covers one day (RFC 8460 4.1), so the second date is where it stops.
        (Some(When::Day(first)), Some(When::Day(last))) if first.next_day() == Some(last) => {
            Some(last.midnight().assume_utc())
        }
        (_, end) => end.and_then(When::end),
    };
    (begin, end)
}

#[derive(Clone, Copy)]
enum When {
    At(OffsetDateTime),
    Day(Date),
}

impl When {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Ok(date) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
            return Some(Self::Day(date));
        }
        let at = match text.parse() {
            Ok(number) => of_epoch(number),
            Err(_) => OffsetDateTime::parse(&as_rfc_3339(text), &Rfc3339)
                .or_else(|_| OffsetDateTime::parse(text, &Rfc2822))
                .ok(),
        };
        let in_utc = at?.checked_to_offset(UtcOffset::UTC)?;
        // The years of RFC 3339, so that it can be written down again.
        (0..=9999)
            .contains(&in_utc.year())
            .then_some(Self::At(in_utc))
    }

    fn begin(self) -> OffsetDateTime {
        match self {
            Self::At(at) => at,
            Self::Day(day) => day.midnight().assume_utc(),
        }
    }

    fn end(self) -> Option<OffsetDateTime> {
        match self {
            Self::At(at) => Some(at),
            Self::Day(day) => {
                let midnight = day.next_day()?.midnight().assume_utc();
                midnight.checked_sub(Duration::SECOND)
            }
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a number beyond all times stays beyond all times"
)]
fn of_epoch(number: f64) -> Option<OffsetDateTime> {
    let secs = match number as i64 {
        millis @ MIN_EPOCH_MILLIS.. => millis / 1000,
        secs @ MIN_EPOCH_SECS.. => secs,
        _ => return None,
    };
    OffsetDateTime::from_unix_timestamp(secs).ok()
}

/// Date, `T`, time with seconds, and zone, where the text has a date and a time. A time without a
/// zone is in UTC: a report counts in UTC days (RFC 8460 4.1).
fn as_rfc_3339(text: &str) -> String {
    let Some((date, rest)) = text.split_at_checked("2026-11-20".len()) else {
        return text.to_owned();
    };
    let rest = rest.trim_start_matches(['T', 't', ' ', '_']);
    let time_end = rest.find(|character: char| !matches!(character, '0'..='9' | ':' | '.'));
    let (time, zone) = rest.split_at(time_end.unwrap_or(rest.len()));
    let seconds = if time.matches(':').count() == 1 {
        ":00"
    } else {
        ""
    };
    let zone = match zone.trim() {
        "" | "z" | "UTC" | "GMT" => "Z".to_owned(),
        // `+0100`
        zone if zone.len() == 5 && zone.is_ascii() && !zone.contains(':') => {
            format!("{}:{}", &zone[..3], &zone[3..])
        }
        zone => zone.to_owned(),
    };
    format!("{date}T{time}{seconds}{zone}")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn every_way_to_write_the_day_gives_the_same_day() {
        for (start, end) in [
            ("2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z"),
            ("2026-11-20T00:00:00", "2026-11-20T23:59:59"),
            ("2026-11-20 00:00:00", "2026-11-20 23:59:59"),
            ("2026-11-20 00:00:00 UTC", "2026-11-20 23:59:59 UTC"),
            ("2026-11-20t00:00z", "2026-11-20T23:59:59.000z"),
            ("2026-11-20T01:00:00+01:00", "2026-11-21T00:59:59+0100"),
            ("2026-11-20T00:00:00 +0000", " 2026-11-20T23:59:59 "),
            ("1795132800", "1795219199"),
            ("1795132800000", "1795219199.0"),
            (
                "Fri, 20 Nov 2026 00:00:00 +0000",
                "Fri, 20 Nov 2026 23:59:59 GMT",
            ),
            ("2026-11-20", "2026-11-20"),
        ] {
            assert_eq!(
                range(Some(start), Some(end)),
                (
                    Some(datetime!(2026-11-20 0:00 UTC)),
                    Some(datetime!(2026-11-20 23:59:59 UTC))
                ),
                "{start}, {end}"
            );
        }
    }

    #[test]
    fn a_second_date_is_where_the_day_stops_or_the_last_day_of_several() {
        let end = |last| range(Some("2026-11-20"), Some(last)).1;
        assert_eq!(end("2026-11-21"), Some(datetime!(2026-11-21 0:00 UTC)));
        assert_eq!(end("2026-11-26"), Some(datetime!(2026-11-26 23:59:59 UTC)));
    }

    #[test]
    fn what_is_no_time_is_absent() {
        for text in [
            "",
            "0",
            "-1",
            "yesterday",
            "2026-13-40",
            "20.11.2026 10:00",
            "1e300",
            "nan",
            "2026-11-2é T00:00:00",
            "2026-11-20T00:00:00+aé1",
            "9999-12-31T23:59:59-23:59",
            "0000-01-01T00:00:00+23:59",
        ] {
            assert_eq!(range(Some(text), Some(text)), (None, None), "{text}");
        }
        assert_eq!(
            range(Some("9999-12-31"), Some("9999-12-31")).1,
            None,
            "the day has no end that can be written"
        );
    }
}
