//! The real parts that the tests run against, on loopback addresses.

pub(crate) mod smtp;
