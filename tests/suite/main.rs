//! One binary of sentences about what the program does, run against real parts.

mod settings;

mod pick_five;

mod tidy;
