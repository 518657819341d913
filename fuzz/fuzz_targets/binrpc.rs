//! Fuzzes `fuzz_targets::binrpc`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_targets::binrpc(data));
