//! What must hold for any input whatever, one module for each reader of hostile input. The same
//! functions are run by the fuzz targets in `fuzz/`, by `fuzz_seeds.rs` and by `round_trip.rs`.
//!
//! Each `holds` panics where the property fails, and says whether the input was accepted.

pub(crate) mod facts;
pub(crate) mod html_report;
pub(crate) mod policy;
pub(crate) mod rua;
mod shown;
pub(crate) mod sts_record;
pub(crate) mod times;
pub(crate) mod tls_report;
pub(crate) mod tls_rpt_record;
mod txt_record;
