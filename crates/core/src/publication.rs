//! From a setup to what senders see: the files to publish, how far they have arrived, what senders
//! report.

pub(crate) mod artifacts;
pub(crate) mod history;
pub(crate) mod hosting_files;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod propagation;
pub(crate) mod reported_sessions;
