//! MTA-STS records of any text. The property is one that stable tests use too.

#![no_main]

#[path = "../../crates/core/tests/properties/mod.rs"]
#[expect(dead_code, reason = "one property for each target")]
mod properties;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    properties::sts_record::holds(data);
});
