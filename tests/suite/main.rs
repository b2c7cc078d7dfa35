//! One binary of sentences about what the program does, run against real parts.

mod compose_email;
mod mailer;

mod world;
