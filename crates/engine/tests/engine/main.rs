//! The engine from outside: what is sent, and what comes of it.

mod enriched;
mod erasing;
mod faults;
mod fixtures;
mod flows;
mod jobs;
mod replays;
mod simulation;
mod world;
