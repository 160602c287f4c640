//! What happened in an execution, worked out again from what it kept: spec version, constants, record, enrichments, clock, stored state
//! that it read. The digest proves the replay equal to what happened.

use std::collections::HashMap;
use std::sync::Arc;

use salesdash_language::effect::{Outcome, StateReader};
use salesdash_language::mask::mask;
use salesdash_language::render;
use salesdash_language::trace::TraceLog;
use salesdash_records::Outcome as Written;
use salesdash_store::executions::{Execution, Status};
use salesdash_store::records::StoredState;
use salesdash_store::{Scope, StoreError};
use salesdash_value::{Text, Value};

use crate::catalog::TenantConfig;
use crate::digest::digest;
use crate::execute::commit::Replaced;
use crate::execute::queue::Item;
use crate::program::{Kept, Program, instant};
use crate::record::{self, Known};
use crate::settings::document;
use crate::state::Recorded;
use crate::{Engine, EngineError, Result, shown};

/// Whether a replay is what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// The replay came to exactly what happened.
    Yes,
    /// It came to something else: this version evaluates differently. What is shown is what it comes to now.
    Differs,
    /// The payload was removed by retention, so nothing can be replayed.
    PayloadGone,
    /// The payload was erased on request, at this time, so nothing can be replayed.
    Erased(i64),
    /// The execution waits, or failed before it could be evaluated, so there is nothing to compare with: what is shown is what it would come
    /// to now.
    NotEvaluated,
}

impl Verified {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Differs => "differs",
            Self::PayloadGone => "payload_gone",
            Self::Erased(_) => "erased",
            Self::NotEvaluated => "not_evaluated",
        }
    }
}

/// An execution with everything that can be shown of it.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The execution as it is stored.
    pub execution: Execution,
    /// Whether what is shown is what happened.
    pub verified: Verified,
    /// The source; its row may be gone.
    pub source: i64,
    /// The processor; its row may be gone.
    pub processor: i64,
    /// The provider.
    pub provider: i64,
    /// The spec that ran, as a document.
    pub spec: Value,
    /// The record with its enrichments, as the spec saw it; personal fields masked unless revealed. Null where it is gone.
    pub record: Value,
    /// The values of the constants, by name.
    pub constants: Value,
    /// What else it ran with: `timezone`, `country` and `models` (the declarations of the source models that it sees, by type). Null where it is
    /// not known.
    pub surroundings: Value,
    /// The effects, each as [`salesdash_language::render::effect`] gives it, with `outcome`: `verdict` (`created`, `updated`, `found`, `kept`, `locked`,
    /// `nothing`), `changed` (list of `record`, `change` and, for `updated`, `field`, `from`, `to`), `kept` (fields), `matched`.
    pub effects: Value,
    /// Records that were taken away because the execution that this one did over had written them and this one does not: a list as
    /// `changed` of an outcome in each.
    pub taken_away: Value,
    /// The messages, each as [`salesdash_language::render::message`] gives it.
    pub messages: Value,
    /// The tree of instructions and expressions: see [`salesdash_language::trace`]. Null where it cannot be worked out.
    pub tree: Value,
}

/// An execution, evaluated again.
pub(crate) struct Rerun {
    pub program: Arc<Program>,
    /// The record as the spec saw it.
    pub seen: Value,
    pub outcome: Outcome,
    pub log: TraceLog,
}

/// Programs of executions, by what they name: for those who go over many.
#[derive(Default)]
pub(crate) struct Reruns(HashMap<(i64, i64, i64, i64), Arc<Program>>);

impl Reruns {
    /// The program that an execution ran with.
    pub fn program(&mut self, engine: &Engine, scope: &mut Scope<'_>, execution: &Execution) -> Result<Arc<Program>> {
        let context = execution.context.ok_or(EngineError::missing("evaluation context"))?;
        let key = (execution.link, execution.version, execution.constants, context);
        if let Some(known) = self.0.get(&key) {
            return Ok(Arc::clone(known));
        }
        let kept = Arc::new(Kept::read(scope.context(context)?, context)?);
        let spec = document(&scope.version(kept.processor, execution.version)?.spec)?;
        let constants = document(&scope.constants(execution.link, execution.constants)?)?;
        let tenant = scope.tenant();
        let program = engine
            .catalog
            .programs
            .of(tenant, execution.link, execution.version, execution.constants, &spec, &constants, kept)
            .map_err(|problem| EngineError::Unsound(problem.diagnostics))?;
        self.0.insert(key, Arc::clone(&program));
        Ok(program)
    }

    /// Evaluates an execution again, from what it kept.
    pub fn rerun(
        &mut self,
        engine: &Engine,
        config: &TenantConfig,
        scope: &mut Scope<'_>,
        execution: &Execution,
        record: Option<Arc<Value>>,
        trace: bool,
    ) -> Result<Rerun> {
        let program = self.program(engine, scope, execution)?;
        let record = match record {
            Some(record) => record,
            None => Arc::new(record::load(scope, execution.source_model)?),
        };
        let known = Known::read(scope, execution.source_model, execution.at, &program.wants)?;
        let seen = record::as_seen(&record, &known, &program);
        let reads = scope.reads_of(execution)?;
        let recorded = reads.map(|reads| Recorded::read(&reads)).transpose()?.unwrap_or_default();
        Ok(evaluate(program, config, seen, execution.at, &recorded, trace))
    }
}

/// Evaluates a program, with its trace where that is wanted.
pub(crate) fn evaluate(program: Arc<Program>, config: &TenantConfig, seen: Value, at: i64, state: &dyn StateReader, trace: bool) -> Rerun {
    let context = program.kept.context(config.id, instant(at), &config.key, &program.constants, state);
    let (outcome, log) = if trace {
        // How long instructions take is only shown: nothing that is stored depends on it.
        let began = std::time::Instant::now();
        program.plan.trace_timed(&seen, &context, &|| u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX))
    } else {
        (program.plan.evaluate(&seen, &context), TraceLog::default())
    };
    Rerun { program, seen, outcome, log }
}

/// What became of each write of an execution, as it was stored.
pub(crate) fn written(execution: &Execution, outcome: Option<&Outcome>) -> Result<Vec<Written>> {
    let own = |place: usize| outcome.and_then(|outcome| outcome.effects.get(place)).and_then(|effect| effect.id);
    Written::decode_all(execution.outcome.as_deref().unwrap_or_default(), own)
        .map_err(|error| EngineError::Store(StoreError::Damaged(error.to_string())))
}

impl Engine {
    /// What happened in an execution, with the value of every sub-expression. Personal data is masked unless it is revealed.
    ///
    /// # Errors
    /// Where there is no such execution.
    pub fn trace(&self, tenant: i64, execution: i64, reveal: bool) -> Result<Replayed> {
        self.trace_of(tenant, execution, None, reveal)
    }

    /// The same of an earlier attempt, where one is named.
    ///
    /// # Errors
    /// Where there is no such execution, or no such attempt of it.
    pub fn trace_of(&self, tenant: i64, execution: i64, attempt: Option<i64>, reveal: bool) -> Result<Replayed> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        self.store.read(tenant, |scope| {
            let mut execution = scope.execution(execution)?;
            if let Some(attempt) = attempt {
                execution = scope.attempt(&execution, attempt)?.execution;
            }
            Ok(self.replay(&config, scope, execution, reveal))
        })?
    }

    fn replay(&self, config: &TenantConfig, scope: &mut Scope<'_>, execution: Execution, reveal: bool) -> Result<Replayed> {
        let model = scope.source_model(execution.source_model)?;
        let ran = execution.digest.as_ref().is_some_and(|digest| !digest.is_empty()) && execution.status != Status::Waiting;
        let mut shown = Replayed {
            execution: execution.clone(),
            verified: Verified::NotEvaluated,
            source: model.source,
            processor: 0,
            provider: 0,
            spec: Value::Null,
            record: Value::Null,
            constants: Value::Null,
            surroundings: Value::Null,
            effects: Value::list([]),
            taken_away: Value::list([]),
            messages: Value::list([]),
            tree: Value::Null,
        };
        let rerun = if ran {
            Reruns::default().rerun(self, config, scope, &execution, None, true)
        } else {
            self.as_it_would_run(config, scope, &execution)
        };
        let rerun = match rerun {
            Ok(rerun) => rerun,
            // What the spec saw is gone; what is known of the execution is still shown.
            Err(error @ (EngineError::PayloadGone | EngineError::Erased(_))) => {
                if let Some(context) = execution.context {
                    let kept = Kept::read(scope.context(context)?, context)?;
                    (shown.processor, shown.provider) = (kept.processor, kept.provider);
                    if execution.version > 0 {
                        shown.spec = document(&scope.version(kept.processor, execution.version)?.spec)?;
                    }
                }
                shown.verified = match error {
                    EngineError::Erased(at) => Verified::Erased(at),
                    _ => Verified::PayloadGone,
                };
                return Ok(shown);
            }
            // It waits, and would not run as things are.
            Err(EngineError::Unsound(_) | EngineError::Store(StoreError::Missing(_))) if !ran => return Ok(shown),
            Err(error) => return Err(error),
        };
        let Rerun { program, seen, outcome, log } = rerun;
        (shown.processor, shown.provider) = (program.kept.processor, program.kept.provider);
        shown.spec = document(&scope.version(program.kept.processor, program.version)?.spec)?;
        if ran {
            let same = digest(&program.plan, &outcome).is(execution.digest.as_deref());
            shown.verified = if same { Verified::Yes } else { Verified::Differs };
        }
        // Where it comes to something else now, what became of the writes belongs to other effects.
        let written = if shown.verified == Verified::Yes { written(&execution, Some(&outcome))? } else { Vec::new() };
        shown.record = self.masked(config, &program, &seen, reveal);
        let constants = program.plan.constants().iter().map(|constant| constant.name.clone()).zip(program.constants.iter().cloned());
        shown.constants = Value::object(constants.collect::<Vec<(Text, Value)>>());
        shown.surroundings = program.kept.shown();
        shown.effects = shown::effects(&program.plan, &outcome, &written, reveal);
        shown.taken_away = shown::taken_away(&outcome, &written, reveal);
        shown.messages = render::messages(&program.plan, &outcome);
        shown.tree = log.tree(&program.plan, &outcome, reveal);
        Ok(shown)
    }

    /// A record as it may be shown. What is declared personal now is hidden too, whatever was declared when it was executed.
    pub(crate) fn masked(&self, config: &TenantConfig, program: &Program, seen: &Value, reveal: bool) -> Value {
        if reveal {
            return seen.clone();
        }
        let masked = mask(seen, program.plan.source());
        let now =
            config.models.get(program.plan.source_type()).filter(|now| program.kept.models.get(program.plan.source_type()) != Some(*now));
        match now {
            Some(now) => mask(&masked, &salesdash_language::model::Models::read_one(program.plan.source_type(), now).0.ty),
            None => masked,
        }
    }

    /// An execution that waits, as it would run now.
    fn as_it_would_run(&self, config: &TenantConfig, scope: &mut Scope<'_>, execution: &Execution) -> Result<Rerun> {
        let link = config.links.get(&execution.link).ok_or(EngineError::missing("link"))?;
        let program = link.program.as_ref().map_err(|problem| EngineError::Unsound(problem.diagnostics.clone()))?;
        let record = Arc::new(record::load(scope, execution.source_model)?);
        let known = Known::read(scope, execution.source_model, i64::MAX, &program.wants)?;
        let seen = record::as_seen(&record, &known, program);
        let at = scope.now();
        let stored = StoredState::new(scope);
        let rerun = evaluate(Arc::clone(program), config, seen, at, &stored, true);
        stored.checked()?;
        Ok(rerun)
    }

    /// What the execution wrote that an item of a job does over. `None` where there is none, or it can no longer be worked out.
    pub(crate) fn replaced(&self, item: &Item, config: &TenantConfig) -> Result<Option<Replaced>> {
        let mut reruns = Reruns::default();
        self.store
            .read(config.id, |scope| Ok(replaced(self, &mut reruns, config, scope, item.source_model, item.link, item.record.clone())))?
    }
}

/// What the last execution of a source model through a link wrote.
pub(crate) fn replaced(
    engine: &Engine,
    reruns: &mut Reruns,
    config: &TenantConfig,
    scope: &mut Scope<'_>,
    source_model: i64,
    link: i64,
    record: Option<Arc<Value>>,
) -> Result<Option<Replaced>> {
    let Some(execution) = scope.last_execution(source_model, link)? else { return Ok(None) };
    if execution.outcome.as_ref().is_none_or(Vec::is_empty) {
        return Ok(Some(Replaced { execution: execution.id, written: Vec::new(), status: execution.status }));
    }
    match reruns.rerun(engine, config, scope, &execution, record, false) {
        Ok(rerun) => {
            let written = rerun.outcome.effects.iter().filter_map(|effect| Some((shown::subject(effect), effect.id?))).collect();
            Ok(Some(Replaced { execution: execution.id, written, status: execution.status }))
        }
        Err(EngineError::PayloadGone | EngineError::Erased(_) | EngineError::Unsound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}
