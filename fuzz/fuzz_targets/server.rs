//! Fuzzes `fuzz_targets::server`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_targets::server(data));
