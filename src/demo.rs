//! The program shown on a small world of its own: three simulated days, with nothing to set up and no network.

pub mod world;
