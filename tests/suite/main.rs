//! One binary of sentences about what the program does, run against real parts.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed, and says where"
)]

mod serve;

mod shelter;

mod state;

mod store;

mod subscriptions;
