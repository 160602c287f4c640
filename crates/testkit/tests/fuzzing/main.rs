//! Bounded fuzzing: what comes from outside, twisted at random from a seed, must never make anything panic, nor take memory without
//! bounds. A failure names the seed and the round, which repeat it.
//!
//! `SALESDASH_FUZZ_SEED` begins elsewhere; `SALESDASH_FUZZ_TIMES` does so many times as much.

mod corpus;
mod json;
mod mutation;
mod provider;
mod rounds;
mod spec;
mod text;
mod webhook;
