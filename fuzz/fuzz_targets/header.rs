//! Fuzzes `fuzz_targets::header`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_targets::header(data));
