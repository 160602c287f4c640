//! `salesdash run`: a spec over records, in constant memory, one line of JSON for each, in order.

mod case;
mod input;
pub mod line;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use salesdash_language::check::check;
use salesdash_language::codes;
use salesdash_language::effect::NoState;
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::model;
use salesdash_language::plan::SharedPlan;
use salesdash_value::json::{self, Limits, Projection};
use salesdash_value::stream::{Piece, Splitter};
use salesdash_value::{Instant, Value};
use salesdash_vocabulary::vocabulary;

use super::check::OPTIONS;
use crate::arguments::Run;
use crate::exit::{Exit, Failure};
use crate::{documents, output, report};
use input::{Input, Progress};
use line::{Unreadable, write_outcome, write_unreadable};

/// The tenant and the provider of computed ids: there are none here, and ids are the same on every run.
const NOBODY: u64 = 0;

/// How much is written at once.
const FLUSH: usize = 256 << 10;

pub fn run(arguments: &Run) -> Result<Exit, Failure> {
    let document = documents::read(&arguments.spec)?;
    if case::is_one(&document) {
        return case::run(document, arguments);
    }
    let inputs = inputs(arguments)?;
    let plan = plan(&document, arguments.models.as_deref())?;
    let constants = constants(&plan, arguments.constants.as_deref())?;
    let key = key(arguments.identity_key.as_deref());
    let at = arguments.at.unwrap_or_else(Instant::now);
    let context = Context {
        tenant: NOBODY,
        provider: NOBODY,
        at,
        timezone: &TimeZone::UTC,
        country: None,
        key: &key,
        constants: &constants,
        state: &NoState,
        budgets: Budgets::DEFAULT,
    };
    let progress = Progress::over(&inputs)?;
    let projection = if arguments.trace { Projection::All } else { plan.projection() };
    let mut runner =
        Runner { plan: &plan, context: &context, trace: arguments.trace, projection, record: 0, unreadable: false, out: String::new() };
    for path in &inputs {
        runner.input(path, &progress)?;
    }
    runner.flush()?;
    progress.finish();
    Ok(if runner.unreadable { Exit::Input } else { Exit::Fine })
}

/// The inputs, standard input where none is given.
fn inputs(arguments: &Run) -> Result<Vec<PathBuf>, Failure> {
    let stdin = Path::new("-");
    let mut inputs = arguments.inputs.clone();
    if inputs.is_empty() {
        inputs.push(stdin.to_path_buf());
    }
    let documents = [Some(&arguments.spec), arguments.models.as_ref(), arguments.constants.as_ref()];
    if documents.into_iter().flatten().chain(&inputs).filter(|path| path.as_path() == stdin).count() > 1 {
        return Err(Failure::usage("standard input (`-`, also where no INPUT is given) can be read only once"));
    }
    if inputs.contains(&stdin.to_path_buf()) && std::io::stdin().is_terminal() {
        eprintln!("reading records from standard input");
    }
    Ok(inputs)
}

fn plan(document: &documents::Document, models: Option<&Path>) -> Result<SharedPlan, Failure> {
    if !document.problems.is_empty() {
        report::to_stderr(document, &document.problems);
        return Err(Failure::reported());
    }
    let models = documents::models(models)?;
    let checked = check(&document.value, vocabulary(), &models, OPTIONS);
    match checked.runnable() {
        Some(plan) => {
            if !checked.diagnostics.is_empty() {
                let mut summary = String::new();
                report::summary(document, &checked.diagnostics, &mut summary);
                eprintln!("{} (`salesdash check` shows them)", summary.trim_end());
            }
            Ok(plan.clone())
        }
        None => {
            report::to_stderr(document, &checked.diagnostics);
            Err(Failure::reported())
        }
    }
}

fn constants(plan: &SharedPlan, path: Option<&Path>) -> Result<Vec<Value>, Failure> {
    let document = match path {
        Some(path) => {
            let document = documents::read(path)?;
            if !document.problems.is_empty() {
                report::to_stderr(&document, &document.problems);
                return Err(Failure::reported());
            }
            document
        }
        None => documents::Document {
            name: "--constants".to_owned(),
            text: String::new(),
            value: Value::Null,
            problems: Vec::new(),
            stopped_at: None,
        },
    };
    plan.bind_constants(&document.value).map_err(|problems| {
        report::to_stderr(&document, &problems);
        Failure::reported()
    })
}

fn key(given: Option<&str>) -> IdentityKey {
    if given.is_none() {
        eprintln!("warning: without --identity-key, contacts are hashed under the development key, which is no secret");
    }
    IdentityKey::new(given.unwrap_or(IdentityKey::DEVELOPMENT).as_bytes())
}

struct Runner<'r> {
    plan: &'r SharedPlan,
    context: &'r Context<'r>,
    trace: bool,
    /// What is read of each record: what the program looks at; where a trace is wanted, all of it.
    projection: Projection,
    /// How many records there were.
    record: u64,
    /// Whether one of them could not be read.
    unreadable: bool,
    /// What is still to be written.
    out: String,
}

impl Runner<'_> {
    fn input(&mut self, path: &Path, progress: &Progress) -> Result<(), Failure> {
        let name = documents::name(path);
        let mut input = Input::open(path, progress)?;
        let mut splitter = Splitter::default();
        loop {
            while let Some(piece) = splitter.next() {
                self.record += 1;
                self.piece(&piece, &name);
                if self.out.len() >= FLUSH {
                    self.flush()?;
                }
            }
            // Whoever waits for the results of what has come in so far gets them before we wait for more.
            self.flush()?;
            match input.read(splitter.space()) {
                Ok(0) if input.ended() => return Ok(()),
                Ok(0) => {
                    input.end();
                    splitter.end();
                }
                Ok(bytes) => splitter.filled(bytes),
                Err(error) if Input::is_corrupt(&error) => {
                    // What came through is run, and the other inputs are too.
                    eprintln!("error: {name} is damaged: {error}");
                    self.unreadable = true;
                    input.end();
                    splitter.end();
                }
                Err(error) => return Err(Failure::environment(format!("{name} cannot be read: {error}"))),
            }
        }
    }

    fn piece(&mut self, piece: &Piece<'_>, input: &str) {
        let record = match read(piece, input, &self.projection) {
            Ok(record) => record,
            Err(unreadable) => {
                self.unreadable = true;
                write_unreadable(self.record, &unreadable, &mut self.out);
                return;
            }
        };
        let record = model::conform(record, self.plan.source(), self.context.timezone);
        if self.trace {
            let (outcome, log) = self.plan.trace(&record, self.context);
            let trace = log.tree(self.plan, &outcome, false);
            write_outcome(self.record, self.plan, &outcome, Some(&trace), &mut self.out);
        } else {
            let outcome = self.plan.evaluate(&record, self.context);
            write_outcome(self.record, self.plan, &outcome, None, &mut self.out);
        }
    }

    fn flush(&mut self) -> Result<(), Failure> {
        if self.out.is_empty() {
            return Ok(());
        }
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(self.out.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| output::unwritable(&error))?;
        self.out.clear();
        Ok(())
    }
}

/// Reads one record.
fn read(piece: &Piece<'_>, input: &str, projection: &Projection) -> Result<Value, Unreadable> {
    if let Some(problem) = piece.problem {
        let text = format!("{input}, line {}: {problem}", piece.line);
        return Err(Unreadable { code: &codes::NOT_JSON, text });
    }
    match json::parse_projected(piece.text, Limits::DEFAULT, projection) {
        Ok(record @ Value::Object(_)) => Ok(record),
        Ok(other) => {
            let text = format!("{input}, line {}: a record is an object, not {}", piece.line, other.kind_name());
            Err(Unreadable { code: &codes::WRONG_SHAPE, text })
        }
        Err(error) => {
            let line = piece.line + error.line.saturating_sub(1) as u64;
            let column = error.column as u64 + if error.line == 1 { piece.column - 1 } else { 0 };
            Err(Unreadable { code: &codes::NOT_JSON, text: format!("{input}, line {line}, column {column}: {}", error.text) })
        }
    }
}
