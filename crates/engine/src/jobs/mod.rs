//! Long work that a person starts, watches, can cancel and can undo, and that goes on after a restart: a range of records
//! [reprocessed](reprocess) with the newest spec, and a stretch of time [read again](backfill) from a vendor. What either wrote is
//! [undone](undo) from what its executions noted.

pub mod backfill;
mod reprocess;
mod undo;

use std::sync::Arc;

use salesdash_store::executions::Status;
use salesdash_store::jobs::Job;
use salesdash_store::{Page, Paging, Scope, StoreError};
use salesdash_value::{Instant, Value, json};

pub use backfill::{Backfill, BackfillRequest};
pub use reprocess::ReprocessRequest;
pub(crate) use reprocess::{Range, Ranges};
pub use undo::UndoImpact;

use crate::events::What;
use crate::{Engine, EngineError, Result, erase};

/// Rows that a job writes in one transaction.
const CHUNK: usize = 200;
/// The kind of a job that does a range over.
const REPROCESS: &str = "reprocess";
/// The kind of a job that reads a stretch of time again.
const BACKFILL: &str = "backfill";

/// A job and how far it is.
#[derive(Clone, Debug)]
pub struct JobState {
    /// Its id: when it was started.
    pub id: i64,
    /// `reprocess`, `backfill` or `erase`.
    pub kind: String,
    /// `running`, `cancelled`, `finished`, `undoing` or `undone`; of an erasure also `searching`, `found` and `erasing`.
    pub state: String,
    /// What it works on, as it was asked for.
    pub request: Value,
    /// Executions it calls for; of a backfill that still reads, so far.
    pub total: i64,
    /// Executions that ended (or were undone).
    pub done: i64,
    /// Its executions by status.
    pub counts: Vec<(Status, i64)>,
    /// Rows that undoing left alone, because something else has written them since.
    pub left: i64,
    /// How far the reading is, of a backfill.
    pub backfill: Option<Backfill>,
}

fn whole(value: &Value, key: &str) -> i64 {
    value.get(key).and_then(Value::as_number).and_then(|number| i64::try_from(number).ok()).unwrap_or(0)
}

fn maybe(value: &Value, key: &str) -> Option<i64> {
    value.get(key).and_then(Value::as_number).and_then(|number| i64::try_from(number).ok())
}

fn optional(value: Option<i64>) -> Value {
    value.map_or(Value::Null, Value::from)
}

/// A document with some of its fields replaced.
fn changed<const N: usize>(document: &Value, fields: [(&str, Value); N]) -> String {
    let known = document.as_object().unwrap_or_default().iter().filter(|(name, _)| fields.iter().all(|(new, _)| *new != name.as_str()));
    let known: Vec<_> = known.cloned().collect();
    json::to_string(&Value::object(known.into_iter().chain(fields.into_iter().map(|(name, value)| (name.into(), value)))))
}

impl Engine {
    /// How far a job is.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn job(&self, tenant: i64, job: i64) -> Result<JobState> {
        self.store.read(tenant, |scope| {
            let job = scope.job(job)?;
            Ok(state_of(scope, &job))
        })?
    }

    /// The jobs, newest first; of one kind where it is given.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn jobs(&self, tenant: i64, kind: Option<&str>, paging: Paging) -> Result<Page<JobState>> {
        let page = self.store.read(tenant, |scope| {
            let page = scope.jobs(kind, paging)?;
            Ok(page.map(|job| state_of(scope, &job)))
        })?;
        let items = page.items.into_iter().collect::<Result<_>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Cancels a job that runs: what it has done stays. What a reprocessing called for and has not run yet does not run; a backfill reads
    /// nothing more, and what it has stored is executed.
    ///
    /// # Errors
    /// Where there is none of this id that runs.
    pub fn cancel_job(self: &Arc<Self>, tenant: i64, job: i64) -> Result<JobState> {
        let _one_at_a_time = self.ticking.lock();
        let known = self.store.read(tenant, |scope| scope.job(job))?;
        if known.kind == erase::KIND {
            if !self.cancel_erasure(tenant, &known)? {
                return Err(EngineError::Store(StoreError::Conflict(format!("the job is {} already", known.state))));
            }
            return self.tell_job(tenant, job);
        }
        let kind = known.kind.clone();
        let cancelled = self.store.write(tenant, move |scope| {
            let known = scope.job(job)?;
            if known.kind == BACKFILL {
                scope.clear_cursor(backfill::source_of(&known)?, backfill::CURSOR)?;
            }
            scope.update_job(job, "running", "cancelled", &known.document)
        })?;
        if !cancelled {
            return Err(EngineError::Store(StoreError::Conflict(format!("the job is {} already", known.state))));
        }
        if kind == REPROCESS {
            self.withdraw_reprocess(tenant, job)?;
        }
        self.tell_job(tenant, job)
    }

    /// Undoes what an ended job wrote; rows that something else has written since are left alone and counted. Of a backfill: what the
    /// records that it alone brought were executed to, whoever called for it; the records count for nothing then, and are taken again where
    /// they arrive again. Look at [`Engine::undo_impact`] first.
    ///
    /// # Errors
    /// Where there is none of this id that has ended.
    pub fn undo_job(self: &Arc<Self>, tenant: i64, job: i64) -> Result<JobState> {
        let begun = self.store.write(tenant, move |scope| {
            let known = scope.job(job)?;
            if known.kind == erase::KIND {
                return Err(StoreError::Conflict("what was erased cannot be brought back".to_owned()));
            }
            let text = &known.document;
            let begun = scope.update_job(job, "finished", "undoing", text)? || scope.update_job(job, "cancelled", "undoing", text)?;
            Ok(if begun { None } else { Some(known.state) })
        })?;
        if let Some(state) = begun {
            return Err(EngineError::Store(StoreError::Conflict(format!("the job is {state}; only one that has ended can be undone"))));
        }
        self.nudge();
        self.tell_job(tenant, job)
    }

    fn tell_job(&self, tenant: i64, job: i64) -> Result<JobState> {
        let state = self.job(tenant, job)?;
        if self.events.anybody() {
            let what = What::Job { id: job, state: state.state.clone(), done: state.done, total: state.total };
            self.events.send(tenant, what);
        }
        Ok(state)
    }

    /// Has every job go on a little.
    pub(crate) fn move_jobs_on(self: &Arc<Self>) -> Result<()> {
        for (tenant, job) in self.store.jobs_in("running")? {
            if job.kind == BACKFILL {
                self.end_backfill(tenant, job.id)?;
                continue;
            }
            while !self.is_closing() && self.call_for_more(tenant, job.id)? {}
            self.tell_job(tenant, job.id)?;
        }
        for (tenant, job) in self.store.jobs_in("undoing")? {
            let mut undoing = self.undoing(tenant, &job)?;
            while !self.is_closing() && self.undo_some(tenant, job.id, &mut undoing)? {
                self.tell_job(tenant, job.id)?;
            }
            self.tell_job(tenant, job.id)?;
        }
        Ok(())
    }
}

fn state_of(scope: &mut Scope<'_>, job: &Job) -> Result<JobState> {
    if job.kind == erase::KIND {
        return erase::state_of(job);
    }
    let document = crate::settings::document(&job.document)?;
    let counts = scope.job_counts(job.id)?;
    let waiting = counts.iter().find(|(status, _)| *status == Status::Waiting).map_or(0, |(_, count)| *count);
    let called: i64 = counts.iter().map(|(_, count)| count).sum();
    let undone = matches!(job.state.as_str(), "undoing" | "undone").then(|| whole(&document, "undone"));
    let backfill = (job.kind == BACKFILL).then(|| Backfill::read(job.id, &document));
    let (total, done) = match (&backfill, undone) {
        (_, Some(undone)) => (called.max(undone), undone),
        (Some(_), None) => (called, called - waiting),
        (None, None) => (whole(&document, "total"), whole(&document, "called") - waiting),
    };
    Ok(JobState {
        id: job.id,
        kind: job.kind.clone(),
        state: job.state.clone(),
        request: document.get("request").cloned().unwrap_or_default(),
        total,
        done,
        counts,
        left: whole(&document, "left"),
        backfill,
    })
}

/// A time in a document: microseconds.
fn time(value: &Value, key: &str) -> Option<Instant> {
    maybe(value, key).and_then(|at| Instant::from_microsecond(at).ok())
}
