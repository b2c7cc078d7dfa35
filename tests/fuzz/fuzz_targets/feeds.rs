//! Any bytes for `feeds` of the library beside this file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| takefive_fuzz::feeds(bytes));
