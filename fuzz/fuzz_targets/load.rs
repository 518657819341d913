//! Fuzzes `fuzz_targets::load`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_targets::load(data));
