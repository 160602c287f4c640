//! The command line, run as people run it: every command, exit code and shape of output.

mod administration;
mod check;
mod generated;
mod getting_started;
mod operations;
mod provider;
mod run;
mod streaming;
mod support;
mod telemetry;
mod usage;
