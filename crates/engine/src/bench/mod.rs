//! The reference workloads of `salesdash bench`: what is measured is described in `docs/benchmarks.md`.

pub mod installation;
pub mod records;
