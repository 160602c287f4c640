//! The engine from outside: what is sent, and what comes of it.

mod flows;
mod replays;
mod world;
