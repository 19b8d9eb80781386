//! The probe against the practice internet: what it sees of domains whose faults are known.

mod check;
mod look;
mod policy;
mod practice;
mod trust;
