//! How days and times of day are written. Month names are English; the order of day and month, and
//! the clock, are those of the person at the screen. A program for other programs leaves them alone.

use std::sync::OnceLock;

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, Time};

/// The order of day and month, and the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DateStyle {
    /// `March 4, 2027` instead of `4 March 2027`.
    pub month_first: bool,
    /// `3:05 PM` instead of `15:05`.
    pub twelve_hours: bool,
}

static STYLE: OnceLock<DateStyle> = OnceLock::new();

/// Sets the style of this program. Only the first call counts, so call it at the start.
pub fn set_date_style(style: DateStyle) {
    let _ = STYLE.set(style);
}

fn style() -> DateStyle {
    STYLE.get().copied().unwrap_or_default()
}

/// A day as people write it: `4 March 2027`, or `March 4, 2027`.
#[must_use]
pub fn day(moment: OffsetDateTime) -> String {
    style().day(moment)
}

/// A time of day as people write it: `15:05`, or `3:05 PM`.
#[must_use]
pub fn clock_time(time: Time) -> String {
    style().clock_time(time)
}

impl DateStyle {
    fn day(self, moment: OffsetDateTime) -> String {
        const DAY_FIRST: StaticFormatDescription =
            format_description!("[day padding:none] [month repr:long] [year]");
        const MONTH_FIRST: StaticFormatDescription =
            format_description!("[month repr:long] [day padding:none], [year]");
        let form = if self.month_first {
            MONTH_FIRST
        } else {
            DAY_FIRST
        };
        moment
            .format(form)
            .unwrap_or_else(|_| moment.date().to_string())
    }

    fn clock_time(self, time: Time) -> String {
        const FROM_0_TO_23: StaticFormatDescription = format_description!("[hour]:[minute]");
        const TWICE_12: StaticFormatDescription =
            format_description!("[hour repr:12 padding:none]:[minute] [period]");
        let form = if self.twelve_hours {
            TWICE_12
        } else {
            FROM_0_TO_23
        };
        time.format(form).unwrap_or_else(|_| time.to_string())
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{datetime, time};

    use super::*;

    #[test]
    fn a_day_is_written_as_people_do() {
        let moment = datetime!(2027-03-04 23:59 UTC);
        assert_eq!(day(moment), "4 March 2027");
        let month_first = DateStyle {
            month_first: true,
            ..DateStyle::default()
        };
        assert_eq!(month_first.day(moment), "March 4, 2027");
    }

    #[test]
    fn a_time_of_day_is_written_as_on_the_clock_of_the_person() {
        assert_eq!(clock_time(time!(0:05)), "00:05");
        let twelve = DateStyle {
            twelve_hours: true,
            ..DateStyle::default()
        };
        let told = [time!(0:05), time!(12:00), time!(15:05)].map(|time| twelve.clock_time(time));
        assert_eq!(told, ["12:05 AM", "12:00 PM", "3:05 PM"]);
    }
}
