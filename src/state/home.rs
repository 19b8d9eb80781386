//! The table of all domains: what is typed there, and how far the check of all of them is.

/// What belongs to the table of all domains.
#[derive(Debug, Default)]
pub struct Home {
    /// What is in the filter field.
    pub filter: String,
    /// What is in the field for adding domains.
    pub add_text: String,
    /// The check of all domains, while it runs.
    pub batch: Option<Batch>,
}

/// How far the check of many domains is. Never goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// How many have been checked.
    pub done: usize,
    /// How many there are.
    pub all: usize,
}

/// A number of things as one to draw with: exact up to 65,535 of them.
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
