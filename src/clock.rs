//! The clock on the wall: what UTC is here. Read once, before there is a second thread, as the time
//! zone of a process can only then be read safely.

use std::sync::OnceLock;

use time::{OffsetDateTime, UtcOffset};

static OFFSET: OnceLock<UtcOffset> = OnceLock::new();

/// Reads the time zone. To be called first, while the program has one thread.
pub fn read() {
    let _ = OFFSET.set(UtcOffset::current_local_offset().unwrap_or(UtcOffset::UTC));
}

/// How far the clock here is from UTC; UTC itself where nobody could tell.
#[must_use]
pub fn offset() -> UtcOffset {
    OFFSET.get().copied().unwrap_or(UtcOffset::UTC)
}

/// A moment as a person reads it: day and time here, or in UTC and said so where the clock here is
/// not known to differ.
#[must_use]
pub fn told(moment: OffsetDateTime) -> String {
    let offset = offset();
    let here = moment.to_offset(offset);
    let zone = if offset.is_utc() { " UTC" } else { "" };
    let day = mta_sts_core::day(here);
    format!("{day} at {:02}:{:02}{zone}", here.hour(), here.minute())
}
