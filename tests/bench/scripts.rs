//! Conversations of the demo's world, whose sentences the texts of the benchmarks are made of.

pub(crate) const SCRIPTS: [&str; 6] = [
    include_str!("../../src/demo/world/shows/kitchen-table-product/who-was-upset.txt"),
    include_str!("../../src/demo/world/shows/the-monday-desk/the-migration.txt"),
    include_str!("../../src/demo/world/shows/counterweight/annoying-on-purpose.txt"),
    include_str!("../../src/demo/world/shows/room-for-doubt/the-interview-that-sold.txt"),
    include_str!("../../src/demo/world/shows/plain-margins/the-expensive-free-plan.txt"),
    include_str!("../../src/demo/world/shows/the-second-question/the-renewal-call.txt"),
];
