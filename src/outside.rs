//! The doors: all input and output of the program.

pub mod store;
pub mod web;
pub mod mailer;
