//! The world around the program, as real servers on the loopback.

pub(crate) mod dkim;

pub(crate) mod http;

pub(crate) mod newsroom;

pub(crate) mod smtp;
