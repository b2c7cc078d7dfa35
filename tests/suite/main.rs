//! One binary of sentences about what the program does, run against real parts.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod world;

mod cases;

mod shelter;

mod settings;

mod read_feed;

mod recognise;

mod rules;

mod extract_text;

mod feed_tokens;
mod find_insights;

mod chapters;
mod gathered_texts;

mod transcript_pages;

#[cfg(unix)]
mod transcribe;

mod workbench;

mod pick_five;

mod memory;
mod misbehaving;

mod thoughts;

mod compose_email;

mod signing;

mod web;

mod mailer;

#[cfg(unix)]
mod pipe;

mod store;

mod state;

mod subscriptions;

mod serve;

mod day;

mod resting;

mod same_entry;

mod send_test;

mod command_line;
mod leaving;

mod preview;

mod cuts;
mod deliver;

mod replay;

mod housekeeping;

mod demo_world;

mod tidy;
