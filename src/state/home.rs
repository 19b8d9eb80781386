//! The table of all domains: its text fields, and the progress of checking all domains.

/// The state of the table of all domains.
#[derive(Debug, Default)]
pub struct Home {
    /// The text of the filter field.
    pub filter: String,
    /// The text of the field for adding domains.
    pub add_text: String,
    /// The check of all domains, while it runs.
    pub batch: Option<Batch>,
}

/// The progress of checking many domains. It never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many have been checked.
    pub done: usize,
    /// How many there are.
    pub all: usize,
}

/// A count as a number to draw with; exact up to 65,535.
pub(crate) fn count(number: usize) -> f32 {
    f32::from(u16::try_from(number).unwrap_or(u16::MAX))
}

impl Batch {
    /// From 0 to 1.
    #[must_use]
    pub fn share(self) -> f32 {
        count(self.done) / count(self.all).max(1.0)
    }
}
