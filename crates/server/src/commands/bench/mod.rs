//! `salesdash bench`: the reference workloads. What each measures, and how anybody repeats it, stands in `docs/benchmarks.md`.

mod ingest;
mod language;
mod report;
mod rounds;
mod served;
mod stored;

use std::io::IsTerminal;
use std::path::Path;

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
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
    /// Webhooks accepted durably
    Ingest,
    /// Webhook, execution, records and status, all durable
    Pipeline,
    /// Bytes kept for each execution
    Storage,
    /// Previewing a draft over historic records
    Replay,
    /// Process start to first answer, and idle memory
    Start,
}

/// How much is done.
#[derive(Clone, Copy, Debug)]
struct Size {
    /// Reference records.
    records: usize,
    /// Webhooks sent to a server.
    webhooks: usize,
    /// Executions stored before a server starts.
    executions: usize,
}

impl Size {
    const FULL: Self = Self { records: records::COUNT, webhooks: 50_000, executions: 1_000_000 };
    const QUICK: Self = Self { records: 500, webhooks: 500, executions: 500 };
}

/// Where databases are made.
#[derive(Clone, Copy)]
struct Place<'p> {
    folder: Option<&'p Path>,
}

impl Place<'_> {
    /// A directory that is gone afterwards.
    fn directory(self) -> Result<tempfile::TempDir, Failure> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("salesdash-bench-");
        let made = self.folder.map_or_else(|| builder.tempdir(), |folder| builder.tempdir_in(folder));
        made.map_err(|error| Failure::environment(format!("a temporary directory cannot be made: {error}")))
    }

    /// Shows how far something is, on a terminal.
    fn progress(self, what: &'static str, count: usize) -> ProgressBar {
        let target = if std::io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(count as u64), target).with_message(what);
        let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {msg} {eta}");
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}

pub fn run(arguments: &Bench) -> Result<Exit, Failure> {
    if arguments.only_http {
        return ingest::serve_only_http();
    }
    let place = Place { folder: arguments.dir.as_deref() };
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
        let figures = measure(*workload, place, size, arguments.keep.as_deref())?;
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

fn measure(workload: Workload, place: Place<'_>, size: Size, keep: Option<&Path>) -> Result<Measured, Failure> {
    match workload {
        Workload::Evaluate => language::evaluate(size.records),
        Workload::Run => language::run(size.records),
        Workload::Trace => language::trace(size.records),
        Workload::Check => language::check_spec(),
        Workload::Ingest => ingest::ingest(place, size),
        Workload::Pipeline => served::pipeline(place, size),
        Workload::Storage => stored::storage(place, size.records),
        Workload::Replay => stored::replay(place, size.records),
        Workload::Start => served::start(place, size, keep),
    }
}
