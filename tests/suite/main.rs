//! One binary of sentences about what the program does, run against real parts.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod serve;

mod shelter;

mod settings;

mod pick_five;

mod store;

mod tidy;

mod world;

mod web;

mod compose_email;
mod demo_world;

mod read_feed;
mod state;

mod store;

mod subscriptions;
mod mailer;

mod world;

mod extract_text;

mod find_insights;
