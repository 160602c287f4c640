//! The command line, run as people run it: every command, exit code and shape of output.

mod check;
mod generated;
mod run;
mod streaming;
mod support;
mod usage;
