//! The clock on the wall: what UTC is here. Read once, before there is a second thread, as the time
//! zone of a process can only then be read safely.

use std::sync::OnceLock;

use time::UtcOffset;

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
