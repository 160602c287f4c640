//! Undoing what an ended job wrote, from what its executions noted.
//!
//! Of a backfill some stays: external identities that it was the first to bring, since people link them and other records name them; and
//! rows that a later state of the same record, which arrived otherwise, says too. A row that is found as it should be keeps the execution
//! that wrote it, so that this has to be looked up.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use salesdash_language::identity::Subject;
use salesdash_records::{Change, Outcome, Row, Rows as _, undo};
use salesdash_store::executions::{Execution, Status};
use salesdash_store::jobs::Job;
use salesdash_store::{Result as StoreResult, Scope, StoreError};
use salesdash_value::{Id, Value};

use super::{BACKFILL, CHUNK, changed, whole};
use crate::catalog::TenantConfig;
use crate::program::Kept;
use crate::replay::{self, Reruns};
use crate::settings::document;
use crate::{Engine, EngineError, Result};

/// Executions that are undone in one transaction.
const UNDO_CHUNK: usize = 100;

/// What an undo would come to, as things stand now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UndoImpact {
    /// Executions that would be undone.
    pub executions: i64,
    /// Records that would count for nothing any more: those that a backfill alone brought.
    pub models: i64,
    /// Rows that would be removed.
    pub removed: i64,
    /// Rows that would be what they were before.
    pub reverted: i64,
    /// Rows that something else has written since: they would be left alone.
    pub left: i64,
}

/// An undoing on its way.
pub(super) struct Undoing {
    backfill: bool,
    /// Every execution whose rows are ours.
    ours: Arc<HashSet<u64>>,
    /// Those that are still to be undone, the next one last.
    rest: Vec<i64>,
}

/// The executions that an undo of a job is about, newest first: of a reprocessing those it called for; of a backfill all of the records that
/// it alone brought.
fn executions_of(scope: &mut Scope<'_>, job: &Job) -> StoreResult<Vec<i64>> {
    if job.kind == BACKFILL {
        return scope.brought_executions(job.id, false, usize::MAX);
    }
    let ended: Vec<Status> = Status::ALL.iter().copied().filter(|status| !matches!(status, Status::Waiting | Status::Undone)).collect();
    scope.job_executions(job.id, &ended, i64::MAX, usize::MAX)
}

/// The rows of ours: undone executions count too, where an undo was cut off.
fn ours_of(scope: &mut Scope<'_>, job: &Job, rest: &[i64]) -> StoreResult<HashSet<u64>> {
    let called = scope.job_executions(job.id, Status::ALL, i64::MAX, usize::MAX)?;
    Ok(called.iter().chain(rest).map(|id| id.cast_unsigned()).collect())
}

impl Engine {
    /// What an undo of a job would come to.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn undo_impact(&self, tenant: i64, job: i64) -> Result<UndoImpact> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        Ok(self.store.read(tenant, |scope| {
            let job = scope.job(job)?;
            let executions = executions_of(scope, &job)?;
            let ours = ours_of(scope, &job, &executions)?;
            let mut impact = UndoImpact { executions: i64::try_from(executions.len()).unwrap_or(i64::MAX), ..UndoImpact::default() };
            if job.kind == BACKFILL {
                impact.models = scope.count_brought(job.id)?;
            }
            // Of each row, whether one of ours made it.
            let mut touched: HashMap<_, (i64, _, bool)> = HashMap::new();
            let mut said = Said::None;
            for id in executions {
                let execution = scope.execution(id)?;
                let Some((provider, outcomes)) = undoable(scope, &execution, job.kind == BACKFILL)? else { continue };
                if job.kind == BACKFILL {
                    said.add(said_since(self, &config, scope, job.id, &execution)?);
                }
                for outcome in &outcomes {
                    for one in outcome.touched.iter().filter(|one| !matches!(one.change, Change::Noted)) {
                        let row = touched.entry(one.id).or_insert((provider, outcome.subject, false));
                        row.2 |= matches!(one.change, Change::Created);
                    }
                }
            }
            for (id, (provider, subject, created)) in touched {
                match scope.rows_of(provider).load(subject, id)? {
                    Some(row) if !ours.contains(&row.execution) || said.holds(id) => impact.left += 1,
                    Some(_) if created => impact.removed += 1,
                    _ => impact.reverted += 1,
                }
            }
            Ok(impact)
        })?)
    }

    /// Begins (or goes on with) an undo.
    pub(super) fn undoing(&self, tenant: i64, job: &Job) -> Result<Undoing> {
        if job.kind == BACKFILL {
            self.withdraw_brought(tenant, job.id)?;
        }
        Ok(self.store.read(tenant, |scope| {
            let mut rest = executions_of(scope, job)?;
            let ours = Arc::new(ours_of(scope, job, &rest)?);
            rest.reverse();
            Ok(Undoing { backfill: job.kind == BACKFILL, ours, rest })
        })?)
    }

    /// Takes back what waits of the records that a backfill alone brought.
    fn withdraw_brought(&self, tenant: i64, job: i64) -> Result<()> {
        self.withdraw(tenant, job, move |scope| scope.brought_executions(job, true, CHUNK))
    }

    /// Undoes the next executions of a job, or ends that. False where it has ended.
    pub(super) fn undo_some(self: &Arc<Self>, tenant: i64, job: i64, undoing: &mut Undoing) -> Result<bool> {
        let next = undoing.rest.split_off(undoing.rest.len().saturating_sub(UNDO_CHUNK));
        let (ours, backfill) = (Arc::clone(&undoing.ours), undoing.backfill);
        let (engine, config) = (Arc::clone(self), self.catalog.tenant(&self.store, tenant)?);
        Ok(self.store.write(tenant, move |scope| {
            let known = scope.job(job)?;
            let Ok(known) = document(&known.document) else { return Ok(false) };
            let (mut undone, mut left) = (0, HashSet::new());
            for id in next.iter().rev() {
                let execution = scope.execution(*id)?;
                if matches!(execution.status, Status::Waiting | Status::Undone) {
                    continue;
                }
                if let Some((provider, outcomes)) = undoable(scope, &execution, backfill)? {
                    let said = if backfill { said_since(&engine, &config, scope, job, &execution)? } else { Said::None };
                    let ours = |row: &Row| ours.contains(&row.execution) && !said.holds(row.id);
                    left.extend(undo(&outcomes, ours, &mut scope.rows_of(provider))?.left);
                }
                let source = scope.source_model(execution.source_model)?.source;
                scope.note_undone(*id, source)?;
                undone += 1;
            }
            let mut more = !next.is_empty();
            if backfill && !more {
                more = scope.set_brought_undone(job, CHUNK)? > 0;
            }
            let left = whole(&known, "left") + i64::try_from(left.len()).unwrap_or(0);
            let text = changed(&known, [("undone", Value::from(whole(&known, "undone") + undone)), ("left", left.into())]);
            scope.update_job(job, "undoing", if more { "undoing" } else { "undone" }, &text)?;
            Ok(more)
        })?)
    }
}

/// What an execution wrote that can be undone, and the provider that it wrote for. Of a backfill without the external identities that it brought.
fn undoable(scope: &mut Scope<'_>, execution: &Execution, backfill: bool) -> StoreResult<Option<(i64, Vec<Outcome>)>> {
    let Some(context) = execution.context else { return Ok(None) };
    let damaged = |what: &str| StoreError::Damaged(format!("{what} cannot be read"));
    let mut outcomes = replay::written(execution, None).map_err(|_| damaged("an outcome"))?;
    if backfill {
        for outcome in outcomes.iter_mut().filter(|outcome| matches!(outcome.subject, Subject::Identity(_))) {
            outcome.touched.retain(|touched| !matches!(touched.change, Change::Created));
        }
    }
    if outcomes.iter().all(|outcome| outcome.touched.is_empty()) {
        return Ok(None);
    }
    let kept = Kept::read(scope.context(context)?, context).map_err(|_| damaged("an evaluation context"))?;
    Ok(Some((kept.provider, outcomes)))
}

/// The rows that a later state of a record says too.
enum Said {
    /// None.
    None,
    /// These.
    Rows(HashSet<Id>),
    /// It cannot be worked out any more: all, to be on the safe side.
    All,
}

impl Said {
    fn holds(&self, id: Id) -> bool {
        match self {
            Self::None => false,
            Self::Rows(rows) => rows.contains(&id),
            Self::All => true,
        }
    }

    fn add(&mut self, more: Self) {
        match (&mut *self, more) {
            (Self::Rows(rows), Self::Rows(more)) => rows.extend(more),
            (Self::All, _) | (_, Self::None) => {}
            (_, more) => *self = more,
        }
    }
}

/// What a state of the record of an execution says that arrived later than it, and otherwise.
fn said_since(engine: &Engine, config: &TenantConfig, scope: &mut Scope<'_>, job: i64, execution: &Execution) -> StoreResult<Said> {
    let Some(later) = scope.arrived_since(job, execution.source_model)? else { return Ok(Said::None) };
    let Some(last) = scope.last_execution(later, execution.link)? else { return Ok(Said::None) };
    if last.outcome.as_ref().is_none_or(Vec::is_empty) {
        return Ok(Said::None);
    }
    match Reruns::default().rerun(engine, config, scope, &last, None, false) {
        Ok(rerun) => Ok(Said::Rows(rerun.outcome.effects.iter().filter_map(|effect| effect.id).collect())),
        Err(EngineError::Store(error)) => Err(error),
        Err(_) => Ok(Said::All),
    }
}
