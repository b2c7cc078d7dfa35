//! `takefive` reads podcasts and articles, picks the day's five best product-management insights by rules that
//! anyone can read, and mails them to the people who subscribed.
//!
//! [`pipeline`] tells the day aloud. What it joins are the [`stages`] (pure: values in, values out) and the doors to the
//! world [`outside`] (web, store, mail server). [`model`] and [`settings`] are the ground that all stand on.

pub mod model;

pub mod settings;

pub mod stages;

pub mod outside;

pub mod report;

pub mod pipeline;

pub mod subscriptions;

pub mod workbench;

pub mod serve;

pub mod cli;

pub mod demo;
