//! Executing what waits: a worker claims an execution, evaluates it, and hands what it writes to the store's one writer, together with
//! its status, its place in the queue and the ledger: one transaction, shared with others. The worker goes on meanwhile.

pub(crate) mod commit;
pub(crate) mod fetch;
pub(crate) mod queue;
mod retry;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant as Stopwatch;

use salesdash_language::codes;
use salesdash_language::diagnostics::{Code, Severity};
use salesdash_language::effect::{Outcome, Status as Ended};
use salesdash_store::executions::Status;
use salesdash_store::{Scope, StoreError};
use salesdash_value::Value;

pub use retry::Retried;

use crate::catalog::{LinkConfig, TenantConfig};
use crate::digest::{Digest, digest};
use crate::program::{Kept, Program, instant};
use crate::record::{self, Known};
use crate::replay::Reruns;
use crate::state::Probe;
use crate::{Engine, EngineError};
use commit::Job;
use fetch::Fetch;
use queue::{Claim, Item, Lane};

/// How often an execution is tried where the database says something that should not happen.
const ODD_TRIES: u32 = 3;
/// The longest wait between two tries.
const MAX_WAIT_US: i64 = 30_000_000;
/// The first wait.
const FIRST_WAIT_US: i64 = 100_000;

/// Why an execution failed before it could be evaluated.
pub(crate) struct Failure {
    pub code: &'static Code,
    pub instruction: String,
    pub text: String,
    pub kept: Option<Arc<Kept>>,
    pub version: i64,
    pub constants: i64,
}

/// The status that is stored for how an evaluation ended.
pub(crate) const fn status_of(ended: Ended) -> Status {
    match ended {
        Ended::Succeeded => Status::Succeeded,
        Ended::Skipped => Status::Skipped,
        Ended::PartiallyFailed => Status::PartiallyFailed,
        Ended::Failed => Status::Failed,
    }
}

/// The first error of an outcome: its code, its instruction, its text.
pub(crate) fn first_error(program: &Program, outcome: &Outcome) -> Option<(String, String, String)> {
    let message = outcome.messages.iter().find(|message| message.severity == Severity::Error)?;
    let instruction = message.instruction.map(|index| program.plan.instruction_id(index).to_string()).unwrap_or_default();
    Some((message.code.map_or("", |code| code.code).to_owned(), instruction, message.text.clone()))
}

/// What an execution evaluated to.
pub(crate) struct Evaluated {
    pub outcome: Outcome,
    pub digest: Digest,
    /// Whether it asked for stored state, so that it has to be evaluated within the transaction.
    pub asked: bool,
    pub took_us: i64,
}

impl Engine {
    /// Executes one claimed item; what comes of it is committed some time later.
    pub(crate) fn execute(self: &Arc<Self>, item: Item) {
        let (tenant, execution, link) = (item.lane.tenant, item.execution, item.link);
        let span = tracing::debug_span!("execution", tenant, execution, link, source = item.lane.source, status = tracing::field::Empty);
        let _here = span.enter();
        let config = match self.catalog.tenant(&self.store, item.lane.tenant) {
            Ok(config) => config,
            Err(error) => return self.try_again(item, &error),
        };
        let Some(link) = config.links.get(&item.link).map(Arc::clone) else { return self.submit_removed(item) };
        if link.held {
            return self.queue.hold(item);
        }
        let program = match self.program_for(&item, &link) {
            Ok(Ok(program)) => program,
            Ok(Err(failure)) => return self.submit_failure(item, failure),
            Err(error) => return self.try_again(item, &error),
        };
        let (record, known) = match self.record_of(&item, &program) {
            Ok(found) => found,
            Err(EngineError::PayloadGone) => {
                let failure = of_program(&program, &codes::PAYLOAD_GONE, "the record has been removed by retention".to_owned());
                return self.submit_failure(item, failure);
            }
            Err(EngineError::Erased(at)) => {
                let text = format!("the record was erased on request on {}", crate::error::day(at));
                return self.submit_failure(item, of_program(&program, &codes::ERASED, text));
            }
            Err(error) => return self.try_again(item, &error),
        };
        let mut known = known;
        if let Some((place, parent)) = known.next(&record, &program.wants) {
            return self.fetch(Fetch { item, config, link, program, record, known, next: (place, parent) });
        }
        self.run(item, &config, &link, program, record, &known);
    }

    /// Evaluates an item whose record is complete, and hands it to the writer.
    fn run(
        self: &Arc<Self>,
        item: Item,
        config: &Arc<TenantConfig>,
        link: &Arc<LinkConfig>,
        program: Arc<Program>,
        record: Arc<Value>,
        known: &Known,
    ) {
        let at = self.store.now().max(known.last);
        let seen = record::as_seen(&record, known, &program);
        let evaluated = catch_unwind(AssertUnwindSafe(|| evaluate(&program, config, &seen, at)));
        let Ok(evaluated) = evaluated else {
            crate::metrics::count(&self.metrics.panics);
            tracing::error!(execution = item.execution, link = item.link, "an evaluation gave up in the middle");
            return self.submit_failure(item, of_program(&program, &codes::GAVE_UP, "the evaluation gave up in the middle".to_owned()));
        };
        self.metrics.evaluation_us.add(evaluated.took_us.unsigned_abs());
        let range = match item.job.map(|job| self.job_range(item.lane.tenant, job)).transpose() {
            Ok(range) => range.flatten(),
            Err(error) => return self.try_again(item, &error),
        };
        let replaced = match &range {
            None => None,
            Some(_) => match self.replaced(&item, config) {
                Ok(replaced) => replaced,
                Err(error) => return self.try_again(item, &error),
            },
        };
        let provider = link.provider;
        self.submit(Job { item, config: Arc::clone(config), provider, program, seen, at, evaluated, replaced, range });
    }

    /// What an item runs with: the newest spec of its link; where it is pinned, what it ran with before.
    fn program_for(&self, item: &Item, link: &LinkConfig) -> crate::Result<Result<Arc<Program>, Failure>> {
        let failure = |code, instruction, text, kept| Failure { code, instruction, text, kept, version: 0, constants: link.row.constants };
        if !item.pinned {
            return Ok(link
                .program
                .as_ref()
                .map(Arc::clone)
                .map_err(|problem| failure(problem.code, problem.instruction.clone(), problem.text.clone(), problem.kept.clone())));
        }
        let found = self.store.read(item.lane.tenant, |scope| {
            let execution = scope.execution(item.execution)?;
            Ok(Reruns::default().program(self, scope, &execution))
        })?;
        match found {
            Ok(program) => Ok(Ok(program)),
            // It ran once, and can no longer: the language of this version of the program refuses it.
            Err(error @ EngineError::Unsound(_)) => {
                let text = format!("the version that it ran with can no longer run: {error}");
                Ok(Err(failure(&codes::GAVE_UP, String::new(), text, None)))
            }
            Err(error) => Err(error),
        }
    }

    /// The record of an item and its enrichments as far as they are known.
    fn record_of(&self, item: &Item, program: &Program) -> crate::Result<(Arc<Value>, Known)> {
        let none = || Known { values: vec![None; program.wants.len()], last: 0 };
        let refetch = item.fresh && item.enriched.is_none();
        if let Some(record) = &item.record
            && (program.wants.is_empty() || refetch)
        {
            return Ok((Arc::clone(record), none()));
        }
        self.store.read(item.lane.tenant, |scope| {
            let read = |scope: &mut Scope<'_>| {
                let record = match &item.record {
                    Some(record) => Arc::clone(record),
                    None => Arc::new(record::load(scope, item.source_model)?),
                };
                let known = if refetch { none() } else { Known::read(scope, item.source_model, i64::MAX, &program.wants)? };
                Ok((record, known))
            };
            Ok(read(scope))
        })?
    }

    /// Puts an item back after something that may pass.
    pub(crate) fn try_again(&self, mut item: Item, error: &EngineError) {
        item.attempts += 1;
        crate::metrics::count(&self.metrics.postponed);
        tracing::warn!(execution = item.execution, attempts = item.attempts, %error, "an execution is put back");
        let due = self.store.now() + wait_us(item.attempts, item.execution);
        self.queue.put_back(item, due);
    }

    /// What comes next of an item whose transaction failed.
    pub(crate) fn after_error(self: &Arc<Self>, item: Item, error: StoreError) {
        match error {
            // It stays in the queue, and runs after the next start.
            StoreError::Closing => self.queue.ended(item.lane, true),
            StoreError::Locked | StoreError::Full | StoreError::ReadOnly(_) => self.try_again(item, &EngineError::Store(error)),
            error if item.attempts + 1 < ODD_TRIES => self.try_again(item, &EngineError::Store(error)),
            error => {
                crate::metrics::count(&self.metrics.panics);
                tracing::error!(execution = item.execution, %error, "an execution cannot be stored");
                let failure = Failure {
                    code: &codes::GAVE_UP,
                    instruction: String::new(),
                    text: "what it wrote could not be stored".to_owned(),
                    kept: None,
                    version: 0,
                    constants: 0,
                };
                self.submit_failure(item, failure);
            }
        }
    }

    /// Executes until the queue is closed.
    pub(crate) fn work(self: &Arc<Self>) {
        let clock = || self.store.now();
        while let Some(item) = self.queue.wait(&clock) {
            self.guarded(*item);
        }
    }

    /// Executes everything that is due now on the calling thread, until nothing is. For those who work without [`Engine::start`]: history
    /// that is made with a clock of its own, imports, simulations, tests. Gives how many executions were run.
    pub fn drain(self: &Arc<Self>) -> usize {
        let mut count = 0;
        loop {
            let (running, seen) = self.queue.running();
            match self.queue.claim(self.store.now()) {
                Claim::Item(item) => {
                    self.guarded(*item);
                    count += 1;
                }
                Claim::Nothing(_) if running == 0 => return count,
                Claim::Nothing(_) => drop(self.queue.settle(seen)),
                Claim::Closed => return count,
            }
        }
    }

    /// Executes the next one that is due on the calling thread, and does not wait for its commit: a step of a simulation. False where
    /// nothing is due.
    pub fn drain_one(self: &Arc<Self>) -> bool {
        match self.queue.claim(self.store.now()) {
            Claim::Item(item) => {
                self.guarded(*item);
                true
            }
            Claim::Nothing(_) | Claim::Closed => false,
        }
    }

    /// Whatever an execution does, the worker goes on.
    fn guarded(self: &Arc<Self>, item: Item) {
        let again = item.clone();
        if catch_unwind(AssertUnwindSafe(|| self.execute(item))).is_err() {
            crate::metrics::count(&self.metrics.panics);
            self.after_error(again, StoreError::Database("an execution gave up in the middle".to_owned()));
        }
    }
}

/// A failure of a program that was there.
pub(crate) fn of_program(program: &Program, code: &'static Code, text: String) -> Failure {
    Failure {
        code,
        instruction: String::new(),
        text,
        kept: Some(Arc::clone(&program.kept)),
        version: program.version,
        constants: program.constants_version,
    }
}

/// Evaluates a program over a record.
fn evaluate(program: &Program, config: &TenantConfig, seen: &Value, at: i64) -> Evaluated {
    let started = Stopwatch::now();
    let probe = Probe::default();
    let context = program.kept.context(config.id, instant(at), &config.key, &program.constants, &probe);
    let outcome = program.plan.evaluate(seen, &context);
    let asked = probe.was_asked();
    let digest = if asked { Digest([0; 8]) } else { digest(&program.plan, &outcome) };
    Evaluated { outcome, digest, asked, took_us: i64::try_from(started.elapsed().as_micros()).unwrap_or(i64::MAX) }
}

/// How long to wait before the next try: twice as long each time, and not all at once.
pub(crate) fn wait_us(attempts: u32, seed: i64) -> i64 {
    let wait = FIRST_WAIT_US.saturating_mul(1 << attempts.saturating_sub(1).min(20)).min(MAX_WAIT_US);
    let mut random = crate::random::Random::new(seed.cast_unsigned() ^ u64::from(attempts));
    wait / 2 + i64::try_from(random.below(wait.unsigned_abs() / 2 + 1)).unwrap_or(0)
}

impl Item {
    /// Whether the next one of its lane waits for its commit.
    pub(crate) const fn holds_its_lane(&self) -> bool {
        !matches!(self.lane.lane, Lane::Arrival)
    }
}
