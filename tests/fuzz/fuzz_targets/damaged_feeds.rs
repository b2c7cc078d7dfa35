//! Any bytes for `damaged_feeds` of the library beside this file.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| takefive_fuzz::damaged_feeds(bytes));
