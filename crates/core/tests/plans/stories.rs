//! Plans of real situations, with their dates.
