//! The engine from outside: what is sent, and what comes of it.

mod enriched;
mod flows;
mod jobs;
mod replays;
mod world;
