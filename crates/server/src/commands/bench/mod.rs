//! `salesdash bench`: the reference workloads. What each measures, and how anybody repeats it, stands in `docs/benchmarks.md`.

mod language;
mod report;
mod rounds;

use std::io::IsTerminal;

use clap::ValueEnum;
use salesdash_engine::bench::records;

use crate::arguments::Bench;
use crate::exit::{Exit, Failure};
use crate::output;
use report::Measured;

/// A workload by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Workload {
    /// A compiled spec over parsed records
    Evaluate,
    /// JSON text in, effects as JSON text out
    Run,
    /// `evaluate` with the value of every sub-expression
    Trace,
    /// Checking a spec of 1,000 instructions
    Check,
}

/// How much is done.
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Reference records.
    records: usize,
}

impl Size {
    const FULL: Self = Self { records: records::COUNT };
    const QUICK: Self = Self { records: 500 };
}

pub fn run(arguments: &Bench) -> Result<Exit, Failure> {
    let size = if arguments.quick { Size::QUICK } else { Size::FULL };
    let workloads = if arguments.workloads.is_empty() { Workload::value_variants() } else { &arguments.workloads };
    if cfg!(debug_assertions) {
        eprintln!("warning: this program was built without optimisation, and its figures say nothing");
    }
    let mut measured = Vec::new();
    for workload in workloads {
        if std::io::stderr().is_terminal() {
            eprintln!("measuring {}", workload.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned()));
        }
        let figures = measure(*workload, size)?;
        if !arguments.json {
            output::print(&report::to_text(&figures))?;
        }
        measured.push(figures);
    }
    if arguments.json {
        output::print(&format!("{:#}\n", report::to_json(&measured)))?;
    }
    Ok(Exit::Fine)
}

fn measure(workload: Workload, size: Size) -> Result<Measured, Failure> {
    match workload {
        Workload::Evaluate => language::evaluate(size.records),
        Workload::Run => language::run(size.records),
        Workload::Trace => language::trace(size.records),
        Workload::Check => language::check_spec(),
    }
}
