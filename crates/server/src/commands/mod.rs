//! The commands: one file each.

pub mod bench;
mod catalog;
mod check;
mod run;
mod schema;

use crate::arguments::Command;
use crate::exit::{Exit, Failure};

/// Runs a command.
///
/// # Errors
/// Where it ends before it is done.
pub fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::Check(arguments) => check::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Catalog => catalog::run(),
        Command::Schema => schema::run(),
        Command::Bench(arguments) => bench::run(&arguments),
    }
}
