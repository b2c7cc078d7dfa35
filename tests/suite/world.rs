//! The world around the program, as real servers on the loopback.

pub(crate) mod http;
//! The real parts that the tests run against, on loopback addresses.

pub(crate) mod smtp;
