//! The transaction that ends an execution: effects, status, place in the queue and ledger.

use std::sync::Arc;

use salesdash_language::effect::Effect;
use salesdash_language::identity::Subject;
use salesdash_records::{Change, Outcome as Written, Rows, Touched, Verdict, apply};
use salesdash_store::executions::{Finished, Status};
use salesdash_store::records::StoredState;
use salesdash_store::{Result, Scope};
use salesdash_value::{Id, Value};

use super::queue::Item;
use super::{Evaluated, Failure, first_error, status_of};
use crate::Engine;
use crate::catalog::TenantConfig;
use crate::digest::digest;
use crate::events::What;
use crate::jobs::Range;
use crate::program::{Kept, Program, instant};
use crate::state;

/// An execution that was evaluated and is to be committed.
pub(crate) struct Job {
    pub item: Item,
    pub config: Arc<TenantConfig>,
    pub provider: i64,
    pub program: Arc<Program>,
    pub seen: Value,
    pub at: i64,
    pub evaluated: Evaluated,
    /// Where it does an earlier execution over: what that one wrote.
    pub replaced: Option<Replaced>,
    /// Where a job called for it: the job's range.
    pub range: Option<Arc<Range>>,
}

/// What an execution wrote that is done over.
pub(crate) struct Replaced {
    pub execution: i64,
    pub status: Status,
    pub written: Vec<(Subject, Id)>,
}

/// How it ended.
struct Done {
    status: Status,
    code: Option<String>,
    /// The context it was evaluated in, and its id.
    context: Option<(Arc<Kept>, i64)>,
}

impl Engine {
    pub(super) fn submit(self: &Arc<Self>, job: Job) {
        let item = job.item.clone();
        let config = Arc::clone(&job.config);
        self.hand_over(item, move |scope| job.commit(scope, &config));
    }

    /// Ends an execution that could not be evaluated as failed.
    pub(crate) fn submit_failure(self: &Arc<Self>, item: Item, failure: Failure) {
        let (ours, at) = (item.clone(), self.store().now());
        self.hand_over(item, move |scope| fail(scope, &ours, &failure, at));
    }

    /// Ends an execution whose link was removed.
    pub(super) fn submit_removed(self: &Arc<Self>, item: Item) {
        let (ours, at) = (item.clone(), self.store().now());
        self.hand_over(item, move |scope| {
            let Some(mut finished) = ending(scope, &ours, Status::Skipped, at)? else { return Ok(None) };
            finished.error = Some((String::new(), String::new(), "the link was removed before this ran".to_owned()));
            scope.finish_execution(ours.execution, &finished)?;
            scope.settle(ours.lane.source, ours.source_model, false)?;
            Ok(Some(Done { status: Status::Skipped, code: None, context: None }))
        });
    }

    /// Commits the end of an execution, and lets its lane go on.
    fn hand_over<F>(self: &Arc<Self>, mut item: Item, work: F)
    where
        F: FnOnce(&mut Scope<'_>) -> Result<Option<Done>> + Send + 'static,
    {
        // What is at hand of it has served, unless it comes back.
        item.record = None;
        let (engine, lane, holds) = (Arc::clone(self), item.lane, item.holds_its_lane());
        // That of the execution, which ends with the commit.
        let span = tracing::Span::current();
        self.store().submit(lane.tenant, work, move |done| match done {
            Ok(done) => {
                if let Some(done) = &done {
                    span.record("status", done.status.name());
                }
                engine.ended(&item, done, holds);
            }
            Err(error) => engine.after_error(item, error),
        });
        if !holds {
            self.queue.handed_over(lane);
        }
    }

    fn ended(&self, item: &Item, done: Option<Done>, holds: bool) {
        if let Some(done) = done {
            if let Some((kept, id)) = done.context {
                kept.stored(id);
            }
            self.metrics.ended(done.status);
            self.metrics.lag_us.add((self.store().now() - item.since).max(0).unsigned_abs());
            if self.events.anybody() {
                let what =
                    What::Execution { id: item.execution, source: item.lane.source, link: item.link, status: done.status, code: done.code };
                self.events.send(item.lane.tenant, what);
            }
        }
        self.queue.ended(item.lane, holds);
    }
}

/// Takes an execution out of the queue; `None` where it is not in it, because somebody else has done it.
fn ending(scope: &mut Scope<'_>, item: &Item, status: Status, at: i64) -> Result<Option<Finished>> {
    if !scope.dequeue(item.execution)? {
        return Ok(None);
    }
    if item.postponed() {
        scope.resume(item.execution)?;
    }
    Ok(Some(Finished {
        status,
        version: 0,
        constants: 0,
        at,
        took: 0,
        context: None,
        digest: Vec::new(),
        outcome: Vec::new(),
        reads: None,
        error: None,
    }))
}

fn fail(scope: &mut Scope<'_>, item: &Item, failure: &Failure, at: i64) -> Result<Option<Done>> {
    let Some(mut finished) = ending(scope, item, Status::Failed, at)? else { return Ok(None) };
    let context =
        failure.kept.as_ref().map(|kept| Ok::<_, salesdash_store::StoreError>((Arc::clone(kept), kept.keep(scope)?))).transpose()?;
    finished.context = context.as_ref().map(|(_, id)| *id);
    (finished.version, finished.constants) = (failure.version, failure.constants);
    finished.error = Some((failure.code.code.to_owned(), failure.instruction.clone(), failure.text.clone()));
    scope.finish_execution(item.execution, &finished)?;
    scope.settle(item.lane.source, item.source_model, true)?;
    Ok(Some(Done { status: Status::Failed, code: Some(failure.code.code.to_owned()), context }))
}

impl Job {
    fn commit(mut self, scope: &mut Scope<'_>, config: &TenantConfig) -> Result<Option<Done>> {
        let item = &self.item;
        let Some(mut finished) = ending(scope, item, Status::Stale, self.at)? else { return Ok(None) };
        let context = self.program.kept.keep(scope)?;
        finished.context = Some(context);
        (finished.version, finished.constants) = (self.program.version, self.program.constants_version);
        let kept = Some((Arc::clone(&self.program.kept), context));
        if item.late {
            let (since, beyond) = self.range.as_ref().map_or((0, 0), |range| (range.job, range.last));
            if scope.is_superseded(item.source_model, item.link, since, beyond)? {
                finished.error = Some((String::new(), String::new(), "a later version of the record had been executed".to_owned()));
                scope.finish_execution(item.execution, &finished)?;
                scope.settle_stale(item.lane.source, item.source_model)?;
                return Ok(Some(Done { status: Status::Stale, code: None, context: kept }));
            }
        }
        if self.evaluated.asked {
            let program = Arc::clone(&self.program);
            let stored = StoredState::new(scope);
            let context = program.kept.context(config.id, instant(self.at), &config.key, &program.constants, &stored);
            self.evaluated.outcome = program.plan.evaluate(&self.seen, &context);
            stored.checked()?;
            self.evaluated.digest = digest(&program.plan, &self.evaluated.outcome);
        }
        let outcome = &self.evaluated.outcome;
        let mut rows = scope.rows_of(self.provider);
        let mut written = apply(&outcome.effects, item.execution.cast_unsigned(), &mut rows)?;
        if let Some(replaced) = &self.replaced {
            written.extend(take_away(replaced, &outcome.effects, &mut rows)?);
        }
        let own = outcome.effects.iter().map(|effect| effect.id).chain(std::iter::repeat(None));
        finished.status = status_of(outcome.status);
        finished.took = self.evaluated.took_us;
        finished.digest = self.evaluated.digest.0.to_vec();
        finished.outcome = Written::encode_all(written.iter().zip(own), item.job.is_some());
        finished.reads = state::write(&outcome.reads);
        finished.error = first_error(&self.program, outcome);
        scope.finish_execution(item.execution, &finished)?;
        scope.settle(item.lane.source, item.source_model, finished.status == Status::Failed)?;
        Ok(Some(Done { status: finished.status, code: finished.error.map(|error| error.0), context: kept }))
    }
}

/// Takes away the records that an earlier execution wrote and this one does not, where nothing else has written them since. External
/// identities stay: people have linked them.
pub(crate) fn take_away<R: Rows>(replaced: &Replaced, effects: &[Effect], rows: &mut R) -> std::result::Result<Vec<Written>, R::Error> {
    let mut written = Vec::new();
    for (subject, id) in &replaced.written {
        if !matches!(subject, Subject::Record(_)) || effects.iter().any(|effect| effect.id == Some(*id)) {
            continue;
        }
        let Some(row) = rows.load(*subject, *id)? else { continue };
        if row.execution != replaced.execution.cast_unsigned() {
            continue;
        }
        rows.remove(&row)?;
        let touched = vec![Touched { id: *id, change: Change::Removed(Box::new(row)) }];
        written.push(Written { verdict: Verdict::Updated, subject: *subject, touched, kept: Vec::new(), matched: 1 });
    }
    Ok(written)
}

impl Item {
    /// Whether something may be noted of it that has to be cleared once it has ended.
    pub(super) const fn postponed(&self) -> bool {
        self.late || self.attempts > 0 || self.enriched.is_some() || self.fresh
    }
}
