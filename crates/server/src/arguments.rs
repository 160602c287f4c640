//! What the command line takes. The flags are a contract: they are added to, never changed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use salesdash_value::{Instant, datetime};

use crate::commands::bench::Workload;

/// Turns records of external systems into sales records, by rules that people write without code.
#[derive(Debug, Parser)]
#[command(name = "salesdash", version, max_term_width = 120, after_help = EXIT_CODES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 fine, 1 the input has errors, 2 wrong usage, 3 the environment failed.
Results go to standard output, messages and progress to standard error.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Checks specs
    Check(Check),
    /// Runs a spec over records, without a database
    Run(Run),
    /// Prints the catalog of instructions and expressions, as JSON
    Catalog,
    /// Prints the JSON Schema of a spec
    Schema,
    /// Runs the reference workloads and prints their figures
    Bench(Bench),
}

#[derive(Debug, Args)]
pub struct Check {
    /// The specs to check; `-` reads one from standard input
    #[arg(required = true, value_name = "SPEC")]
    pub specs: Vec<PathBuf>,
    /// Declarations of the source models
    #[arg(long, value_name = "FILE")]
    pub models: Option<PathBuf>,
    /// Print JSON: an array with one object for each file
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct Run {
    /// The spec to run
    #[arg(value_name = "SPEC")]
    pub spec: PathBuf,
    /// Files of records: NDJSON or a JSON array, also compressed (`.gz`); `-`, or none at all, reads standard input
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// Declarations of the source models
    #[arg(long, value_name = "FILE")]
    pub models: Option<PathBuf>,
    /// Values of the constants: a JSON object by name
    #[arg(long, value_name = "FILE")]
    pub constants: Option<PathBuf>,
    /// The key under which contacts are hashed
    #[arg(long, value_name = "KEY", value_parser = key)]
    pub identity_key: Option<String>,
    /// The execution clock: an RFC 3339 datetime or a date, in UTC where it has no offset [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<Instant>,
    /// Write what every instruction did, with the value of every sub-expression
    #[arg(long)]
    pub trace: bool,
}

#[derive(Debug, Args)]
pub struct Bench {
    /// The workloads [default: all]
    #[arg(value_enum, value_name = "WORKLOAD")]
    pub workloads: Vec<Workload>,
    /// Do little of each: to see that they run, not how fast
    #[arg(long)]
    pub quick: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

fn time(text: &str) -> Result<Instant, String> {
    datetime::parse_iso(text, &jiff::tz::TimeZone::UTC)
        .ok_or_else(|| "not a datetime such as `2026-03-01T12:00:00Z`, nor a date such as `2026-03-01`".to_owned())
}

fn key(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("the key is empty".to_owned()) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
