//! `salesdash`: the command line. Wiring only: reading arguments and files, printing results; what is done is done by the crates below.

mod arguments;
mod client;
mod commands;
mod documents;
mod exit;
mod output;
mod report;
mod serve;
mod web;

use std::process::ExitCode;

use clap::Parser;

/// Programs are many small values: an allocator that is good at those makes a run a third faster.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Wrong usage ends here, with exit code 2.
    let arguments = arguments::Arguments::parse();
    match commands::run(arguments.command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if let Some(text) = &failure.text {
                eprintln!("error: {text}");
            }
            failure.exit.into()
        }
    }
}
