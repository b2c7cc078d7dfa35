//! The doors: all input and output of the program.

pub mod web;

pub mod store;

pub mod mailer;
