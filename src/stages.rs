//! The pure rooms of the day, in the order in which a day passes through them: no network, no disk, no clock, no chance.

pub mod read_feed;

pub mod recognise;

pub mod extract_text;

pub mod read_chapters;

pub mod find_insights;

pub mod weigh;

pub mod drop_repeats;

pub mod compare_thoughts;

pub mod pick_top;

pub mod compose_email;
