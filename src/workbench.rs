//! Where the rules are measured and fitted: how well they find what people picked out of a corpus of episodes.
//!
//! [`corpus`] is read into a [`mod@bench`], every episode as captions, the way the world offers it. What the rules, or one of
//! the [`baselines`], would quote of each episode is a [`ranking`]; it is judged by [`hits`] on what people picked
//! ([`scores`]) and by what a digest must not hold ([`guards`]). [`fitting`] finds the weights, by a [`regression`] of hits on
//! the rules that fire, and [`weights`] puts them into the file.
//!
//! All of it is values in, values out: who calls it reads and writes the files.

pub mod corpus;

pub mod captions;

pub mod bench;

pub mod hits;

pub mod ranking;

pub mod baselines;

pub mod scores;

pub mod guards;

pub mod regression;

pub mod weights;

pub mod fitting;

mod chance;

mod side_by_side;
