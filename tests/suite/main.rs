//! One binary of sentences about what the program does, run against real parts.

mod find_insights;
