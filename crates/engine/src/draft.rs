//! Trying a spec on one record, without writing anything.

use std::sync::Arc;

use salesdash_language::check::Checked;
use salesdash_language::diagnostics::Diagnostic;
use salesdash_language::render;
use salesdash_records::{Overlay, apply};
use salesdash_store::Scope;
use salesdash_store::records::StoredState;
use salesdash_value::Value;

use crate::catalog::TenantConfig;
use crate::compare::Difference;
use crate::enrich::Fetched;
use crate::execute::status_of;
use crate::program::{Kept, Program, Surroundings, checked, wants};
use crate::record::{self, Known};
use crate::replay::Reruns;
use crate::settings::{document, timezone_of};
use crate::{Engine, EngineError, Result, replay, shown};

/// The execution that a try writes as: none.
pub(crate) const NOBODY: u64 = 0;

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct TestRequest {
    /// The spec, saved or not.
    pub spec: Value,
    /// On which record.
    pub record: TestRecord,
    /// The values of its constants; null where the defaults will do.
    pub constants: Value,
    /// The provider under which identities are computed and stored records are looked up; that of the record's source where it is not
    /// given.
    pub provider: Option<i64>,
    /// The execution clock in microseconds; now where it is not given.
    pub at: Option<i64>,
    /// Whether personal data is shown.
    pub reveal: bool,
    /// Whether the enrichments of a stored record are fetched again for the try, and kept nowhere.
    pub fresh: bool,
}

/// The record that a spec is tried on.
#[derive(Clone, Debug)]
pub enum TestRecord {
    /// One that was received, by the id of its source model, with the enrichments that were recorded for it.
    Stored(i64),
    /// One that is given, with its enrichments in it where it has any.
    Given(Value),
}

/// What a try came to.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Every problem of the spec. Where one is an error, what runs into it fails.
    pub diagnostics: Vec<Diagnostic>,
    /// How it ended: `succeeded`, `skipped`, `partially_failed`, `failed`.
    pub status: &'static str,
    /// The record that it ran on, masked unless revealed.
    pub record: Value,
    /// What it would write, with `outcome` for each: as in [`crate::replay::Replayed::effects`].
    pub effects: Value,
    /// The messages.
    pub messages: Value,
    /// The tree of instructions and expressions.
    pub tree: Value,
    /// Where enrichments were fetched again: what differs from what it comes to with those that were recorded.
    pub differences: Vec<Difference>,
}

/// A draft that is compiled, whether or not it has errors.
pub(crate) struct Draft {
    pub program: Arc<Program>,
    pub diagnostics: Vec<Diagnostic>,
    pub has_errors: bool,
}

impl Engine {
    /// Compiles a draft as it would run on records of a provider.
    pub(crate) fn compile(
        &self,
        config: &TenantConfig,
        spec: &Value,
        constants: &Value,
        (provider, settings): (i64, &Value),
        completed: bool,
    ) -> Result<Draft> {
        let (timezone, _) = timezone_of(settings, &config.settings);
        let surroundings = Surroundings {
            provider,
            processor: 0,
            completed,
            timezone: &timezone,
            country: config.settings.country.as_deref(),
            projects: config.settings.projects,
            models: &config.models,
        };
        let model = spec.at(&["source_model", "type"]).and_then(Value::as_text).unwrap_or_default();
        let kept = Arc::new(Kept::new(&surroundings, model));
        let checked: Checked = checked(spec, &kept.models, kept.projects, false);
        let has_errors = checked.has_errors();
        let bound = checked.plan.bind_constants(constants);
        let constants = match bound {
            Ok(bound) => bound,
            // What the spec declares wrongly is among its problems already.
            Err(_) if has_errors => vec![Value::Null; checked.plan.constants().len()],
            Err(problems) => return Err(EngineError::Unsound(problems)),
        };
        let wants = wants(spec, checked.plan.source_variable(), completed);
        let program = Program { plan: checked.plan, version: 0, constants_version: 0, constants, kept, wants };
        Ok(Draft { program: Arc::new(program), diagnostics: checked.diagnostics, has_errors })
    }

    /// Tries a spec on one record against the stored records, and writes nothing.
    ///
    /// # Errors
    /// Where there is no such record, its payload is gone, or the constants do not fit.
    pub fn test(&self, tenant: i64, request: &TestRequest) -> Result<Tested> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        let (draft, source, given) = self.store.read(tenant, |scope| Ok(self.prepared(&config, scope, request)))??;
        let Draft { program, diagnostics, .. } = draft;
        let now = match &given {
            Given::Stored { record, .. } if request.fresh => Some(self.fetched_now(&config, source, &program, record)?),
            _ => None,
        };
        self.store.read(tenant, |scope| {
            let at = request.at.unwrap_or_else(|| scope.now());
            let (recorded, fetched) = match &given {
                Given::Whole(seen) => (seen.clone(), None),
                Given::Stored { record, known } => {
                    (record::as_seen(record, known, &program), now.map(|now| record::as_seen(record, &now, &program)))
                }
            };
            Ok(self.tried(&config, scope, &program, (recorded, fetched), at, request.reveal, diagnostics))
        })?
    }

    /// What an execution would come to with its enrichments as they are now: fetched again, kept nowhere; and what differs from what it comes
    /// to with those that were recorded. Nothing is written. Takes as long as the vendor does.
    ///
    /// # Errors
    /// Where there is no such execution, its payload is gone, or an enrichment cannot be fetched.
    pub fn test_fresh(&self, tenant: i64, execution: i64, reveal: bool) -> Result<Tested> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        let (execution, source, program, record) = self.store.read(tenant, |scope| {
            let mut read = || {
                let execution = scope.execution(execution)?;
                let source = scope.source_model(execution.source_model)?.source;
                let program = match execution.context {
                    Some(_) if execution.version > 0 => Reruns::default().program(self, scope, &execution)?,
                    _ => {
                        let link = config.links.get(&execution.link).ok_or(EngineError::missing("link"))?;
                        Arc::clone(link.program.as_ref().map_err(|problem| EngineError::Unsound(problem.diagnostics.clone()))?)
                    }
                };
                let record = Arc::new(record::load(scope, execution.source_model)?);
                Ok::<_, EngineError>((execution, source, program, record))
            };
            Ok(read())
        })??;
        let now = self.fetched_now(&config, source, &program, &record)?;
        let at = if execution.at > 0 { execution.at } else { self.store.now() };
        self.store.read(tenant, |scope| {
            let mut read = || {
                let known = Known::read(scope, execution.source_model, at, &program.wants)?;
                let seen = (record::as_seen(&record, &known, &program), Some(record::as_seen(&record, &now, &program)));
                self.tried(&config, scope, &program, seen, at, reveal, Vec::new())
            };
            Ok(read())
        })?
    }

    /// Every enrichment of a record as it is now.
    fn fetched_now(&self, config: &TenantConfig, source: i64, program: &Program, record: &Value) -> Result<Known> {
        let mut known = Known { values: vec![None; program.wants.len()], last: 0 };
        while let Some((place, parent)) = known.next(record, &program.wants) {
            let fetched = self.fetch_one(config, source, program, record, &known, (place, &parent), true);
            let fetched =
                fetched.map_err(|error| EngineError::Invalid(format!("`{}` could not be fetched: {error}", program.wants[place].ty)))?;
            known.values[place] = Some(match fetched {
                Fetched::Found(value) => value,
                Fetched::Missing => Value::Null,
            });
        }
        Ok(known)
    }

    /// The draft of a try, the source of its record, and the record with what is recorded of it.
    fn prepared(&self, config: &TenantConfig, scope: &mut Scope<'_>, request: &TestRequest) -> Result<(Draft, i64, Given)> {
        let source = match &request.record {
            TestRecord::Stored(id) => Some(scope.source_model(*id)?.source),
            TestRecord::Given(_) => None,
        };
        let of_source = source.and_then(|source| config.sources.get(&source));
        let provider = request.provider.or(of_source.map(|source| source.provider)).unwrap_or(0);
        let completed = of_source.is_some_and(|source| source.completed());
        let settings = match scope.provider(provider) {
            Ok(provider) => document(&provider.settings).unwrap_or_default(),
            Err(_) => Value::Null,
        };
        let draft = self.compile(config, &request.spec, &request.constants, (provider, &settings), completed)?;
        let program = &draft.program;
        let given = match &request.record {
            TestRecord::Stored(id) => {
                let record = Arc::new(record::load(scope, *id)?);
                Given::Stored { known: Known::read(scope, *id, i64::MAX, &program.wants)?, record }
            }
            TestRecord::Given(record) => {
                Given::Whole(salesdash_language::model::conform(record.clone(), program.plan.source(), &program.kept.zone))
            }
        };
        Ok((draft, source.unwrap_or(0), given))
    }

    /// Evaluates a program over the stored records, and shows what it would write: with the enrichments as they are now where these were
    /// fetched, and then also what differs.
    #[allow(clippy::too_many_arguments)]
    fn tried(
        &self,
        config: &TenantConfig,
        scope: &mut Scope<'_>,
        program: &Arc<Program>,
        (recorded, fetched): (Value, Option<Value>),
        at: i64,
        reveal: bool,
        diagnostics: Vec<Diagnostic>,
    ) -> Result<Tested> {
        let stored = StoredState::new(scope);
        let evaluate = |seen, trace| replay::evaluate(Arc::clone(program), config, seen, at, &stored, trace);
        let (rerun, differences) = match fetched {
            None => (evaluate(recorded, true), Vec::new()),
            Some(fetched) => {
                let (then, now) = (evaluate(recorded, false), evaluate(fetched, true));
                let differences = self.differences(config, &then, &now, reveal);
                (now, differences)
            }
        };
        stored.checked()?;
        let mut rows = scope.rows_of(program.kept.provider);
        let written = apply(&rerun.outcome.effects, NOBODY, &mut Overlay::new(&mut rows))?;
        Ok(Tested {
            diagnostics,
            status: status_of(rerun.outcome.status).name(),
            record: self.masked(config, program, &rerun.seen, reveal),
            effects: shown::effects(&program.plan, &rerun.outcome, &written, reveal),
            messages: render::messages(&program.plan, &rerun.outcome),
            tree: rerun.log.tree(&program.plan, &rerun.outcome, reveal),
            differences,
        })
    }
}

/// The record of a try.
enum Given {
    /// One that was received, with the enrichments that are recorded of it.
    Stored { record: Arc<Value>, known: Known },
    /// One that is given, with everything in it.
    Whole(Value),
}
