//! The commands: one file each.

mod backup;
pub mod bench;
mod catalog;
mod check;
mod demo;
mod provider;
mod rotate_key;
mod run;
mod schema;
mod serve;
mod token;
mod user;

use std::path::Path;

use salesdash_store::{Store, StoreError};
use salesdash_value::{Instant, datetime};

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
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Backup(arguments) => backup::run(&arguments),
        Command::Restore(arguments) => backup::restore(&arguments),
        Command::RotateKey(arguments) => rotate_key::run(&arguments),
        Command::User(arguments) => user::run(&arguments),
        Command::Token(arguments) => token::run(&arguments),
        Command::Provider(arguments) => provider::run(&arguments),
    }
}

/// Who did it, in the audit log.
const AS_COMMAND: &str = "command line";

/// What a failure of the store means to a command.
fn failed(error: StoreError) -> Failure {
    match error {
        StoreError::Conflict(text) => Failure { exit: Exit::Input, text: Some(text) },
        other => Failure::environment(other.to_string()),
    }
}

/// Opens the installation in a data directory, and makes it where there is none.
fn open(data: &Path) -> Result<Store, Failure> {
    Store::open(data).map_err(failed)
}

/// A time as people read it.
fn moment(micros: i64) -> String {
    Instant::from_second(micros.div_euclid(1_000_000)).map_or_else(|_| String::new(), |instant| datetime::rfc3339(instant).to_string())
}

/// A table for people: columns as wide as what stands in them.
fn table<const N: usize>(titles: &[&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let rows: Vec<[String; N]> = std::iter::once(titles.map(ToOwned::to_owned)).chain(rows).collect();
    let widths: Vec<usize> = (0..N).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}
