//! The doors: all input and output of the program.

pub mod web;

pub mod store;

pub mod mailer;

pub mod transcriber;

pub mod cpu_time;

pub mod key_file;
