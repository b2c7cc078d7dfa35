//! The doors: all input and output of the program.

pub mod mailer;
