//! The entrance: arguments, environment, clock.

fn main() {}
