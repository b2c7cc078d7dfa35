//! The pure rooms of the day, in the order in which a day passes through them: no network, no disk, no clock, no chance.

pub mod extract_text;
