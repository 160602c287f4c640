//! Things done over in bulk: a range of records reprocessed with the newest spec, and that undone. A job goes on after a restart, can be
//! cancelled, and tells how far it is.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;
use salesdash_records::undo;
use salesdash_store::deliveries::ModelRange;
use salesdash_store::executions::Status;
use salesdash_store::jobs::Job;
use salesdash_store::{Page, Paging, Scope, StoreError};
use salesdash_value::{Value, json};

use crate::catalog::LinkConfig;
use crate::events::What;
use crate::execute::queue::Item;
use crate::program::Kept;
use crate::settings::document;
use crate::{Engine, EngineError, Result, replay};

/// Records that a job calls executions for in one transaction.
const CHUNK: usize = 200;
/// Executions of a job that may wait before it calls for more: what arrives meanwhile gets its turn.
const AHEAD: i64 = 2000;
/// Executions that are undone in one transaction.
const UNDO_CHUNK: usize = 100;

/// What is to be reprocessed: the records of a range, by every enabled link of a processor or by one link, with the newest spec and
/// constants. What the executions before wrote and the new ones do not is taken away.
#[derive(Clone, Debug)]
pub struct ReprocessRequest {
    /// The processor.
    pub processor: i64,
    /// One of its links only.
    pub link: Option<i64>,
    /// Records received from this time on, in microseconds.
    pub from: Option<i64>,
    /// Records received before this time; now where it is not given.
    pub to: Option<i64>,
    /// Whether enrichments are fetched again; else those that were recorded serve.
    pub fresh: bool,
    /// Who asks for it.
    pub actor: String,
}

/// A job and how far it is.
#[derive(Clone, Debug)]
pub struct JobState {
    /// Its id: when it was started.
    pub id: i64,
    /// `reprocess`.
    pub kind: String,
    /// `running`, `cancelled`, `finished`, `undoing` or `undone`.
    pub state: String,
    /// What it works on, as it was asked for.
    pub request: Value,
    /// Executions it calls for.
    pub total: i64,
    /// Executions that ended (or were undone).
    pub done: i64,
    /// Its executions by status.
    pub counts: Vec<(Status, i64)>,
    /// Rows that undoing left alone, because something else has written them since.
    pub left: i64,
}

/// The range of records that a job does over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub job: i64,
    /// The last source model of it.
    pub last: i64,
    /// Whether enrichments are fetched again.
    pub fresh: bool,
}

/// The ranges of jobs, by tenant and job.
pub(crate) type Ranges = Mutex<HashMap<(i64, i64), Arc<Range>>>;

/// What a job's document says.
#[derive(Clone, Debug)]
struct Document {
    request: Value,
    links: Vec<i64>,
    sources: Vec<i64>,
    /// The source model that it goes on after.
    position: i64,
    /// It ends before this source model.
    to: i64,
    fresh: bool,
    total: i64,
    /// Executions called for.
    called: i64,
    undone: i64,
    left: i64,
}

fn whole(value: &Value, key: &str) -> i64 {
    value.get(key).and_then(Value::as_number).and_then(|number| i64::try_from(number).ok()).unwrap_or(0)
}

impl Document {
    fn read(text: &str) -> Result<Self> {
        let value = document(text)?;
        let list = |key: &str| {
            let items = value.get(key).and_then(Value::as_list).unwrap_or_default();
            items.iter().filter_map(|item| item.as_number().and_then(|number| i64::try_from(number).ok())).collect()
        };
        Ok(Self {
            request: value.get("request").cloned().unwrap_or_default(),
            links: list("links"),
            sources: list("sources"),
            position: whole(&value, "position"),
            to: whole(&value, "to"),
            fresh: value.get("fresh").and_then(Value::as_boolean).unwrap_or(false),
            total: whole(&value, "total"),
            called: whole(&value, "called"),
            undone: whole(&value, "undone"),
            left: whole(&value, "left"),
        })
    }

    fn write(&self) -> String {
        let list = |ids: &[i64]| Value::list(ids.iter().map(|id| Value::from(*id)).collect::<Vec<_>>());
        json::to_string(&Value::object([
            ("request", self.request.clone()),
            ("links", list(&self.links)),
            ("sources", list(&self.sources)),
            ("position", self.position.into()),
            ("to", self.to.into()),
            ("fresh", self.fresh.into()),
            ("total", self.total.into()),
            ("called", self.called.into()),
            ("undone", self.undone.into()),
            ("left", self.left.into()),
        ]))
    }

    fn range(&self) -> ModelRange {
        ModelRange { sources: self.sources.clone(), from: self.position, to: self.to }
    }
}

impl Engine {
    /// The links that a request is about, and the range of records.
    fn scope_of(&self, tenant: i64, request: &ReprocessRequest) -> Result<(Vec<Arc<LinkConfig>>, ModelRange)> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        self.store.read(tenant, |scope| scope.processor(request.processor))?;
        let wanted = |link: &&Arc<LinkConfig>| {
            link.row.processor == request.processor && request.link.map_or(link.row.enabled, |wanted| link.row.id == wanted)
        };
        let mut links: Vec<_> = config.links.values().filter(wanted).cloned().collect();
        if request.link.is_some() && links.is_empty() {
            return Err(EngineError::missing("link"));
        }
        links.sort_unstable_by_key(|link| link.row.id);
        let mut sources: Vec<i64> = links.iter().map(|link| link.row.source).collect();
        sources.sort_unstable();
        sources.dedup();
        let range = ModelRange { sources, from: request.from.unwrap_or(0), to: request.to.unwrap_or(i64::MAX).min(self.store.next_id()) };
        Ok((links, range))
    }

    fn count_in(&self, tenant: i64, links: &[Arc<LinkConfig>], range: &ModelRange) -> Result<i64> {
        let mut total = 0;
        for link in links {
            let range = ModelRange { sources: vec![link.row.source], ..range.clone() };
            total += self.store.read(tenant, |scope| scope.count_taken(&range))?;
        }
        Ok(total)
    }

    /// How many executions a reprocessing would call for.
    ///
    /// # Errors
    /// Where there is no such processor or link.
    pub fn count_reprocess(&self, tenant: i64, request: &ReprocessRequest) -> Result<i64> {
        let (links, range) = self.scope_of(tenant, request)?;
        self.count_in(tenant, &links, &range)
    }

    /// Starts a job that reprocesses a range. Look at [`Engine::preview`] first.
    ///
    /// # Errors
    /// Where there is no such processor or link, or the spec cannot run.
    pub fn reprocess(self: &Arc<Self>, tenant: i64, request: &ReprocessRequest) -> Result<JobState> {
        let (links, range) = self.scope_of(tenant, request)?;
        for link in &links {
            if let Err(problem) = &link.program {
                return Err(EngineError::Unsound(problem.diagnostics.clone()));
            }
        }
        let total = self.count_in(tenant, &links, &range)?;
        let optional = |value: Option<i64>| value.map_or(Value::Null, Value::from);
        let document = Document {
            request: Value::object([
                ("processor", Value::from(request.processor)),
                ("link", optional(request.link)),
                ("from", optional(request.from)),
                ("to", optional(request.to)),
                ("fresh", request.fresh.into()),
                ("actor", request.actor.as_str().into()),
            ]),
            links: links.iter().map(|link| link.row.id).collect(),
            sources: range.sources,
            position: range.from,
            to: range.to,
            fresh: request.fresh,
            total,
            called: 0,
            undone: 0,
            left: 0,
        };
        let text = document.write();
        let (actor, processor) = (request.actor.clone(), request.processor);
        let job = self.store.write(tenant, move |scope| {
            let job = scope.create_job("reprocess", &text)?;
            scope.audit(
                &actor,
                "reprocess",
                &format!("processor:{processor}"),
                None,
                Some(&format!(r#"{{"job":{},"records":{total}}}"#, job.id)),
            )?;
            Ok(job)
        })?;
        self.nudge();
        self.job(tenant, job.id)
    }

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

    /// The jobs, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn jobs(&self, tenant: i64, paging: Paging) -> Result<Page<JobState>> {
        let page = self.store.read(tenant, |scope| {
            let page = scope.jobs(paging)?;
            Ok(page.map(|job| state_of(scope, &job)))
        })?;
        let items = page.items.into_iter().collect::<Result<_>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Cancels a job that runs: what it has done stays, what it called for and has not run yet does not run.
    ///
    /// # Errors
    /// Where there is none of this id that runs.
    pub fn cancel_job(self: &Arc<Self>, tenant: i64, job: i64) -> Result<JobState> {
        let _one_at_a_time = self.ticking.lock();
        let known = self.store.read(tenant, |scope| scope.job(job))?;
        let text = known.document.clone();
        if !self.store.write(tenant, move |scope| scope.update_job(job, "running", "cancelled", &text))? {
            return Err(EngineError::Store(StoreError::Conflict(format!("the job is {} already", known.state))));
        }
        self.queue.forget(tenant, |item| item.job == Some(job));
        loop {
            let more = self.store.write(tenant, move |scope| {
                let waiting = scope.job_executions(job, &[Status::Waiting], i64::MAX, CHUNK)?;
                for execution in &waiting {
                    let model = scope.execution(*execution)?.source_model;
                    let source = scope.source_model(model)?.source;
                    scope.withdraw(*execution, source)?;
                }
                Ok(!waiting.is_empty())
            })?;
            if !more {
                break;
            }
        }
        self.tell_job(tenant, job)
    }

    /// Undoes what the executions of an ended job wrote; rows that something else has written since are left alone and counted.
    ///
    /// # Errors
    /// Where there is none of this id that has ended.
    pub fn undo_job(self: &Arc<Self>, tenant: i64, job: i64) -> Result<JobState> {
        let known = self.store.read(tenant, |scope| scope.job(job))?;
        let text = known.document.clone();
        let begun = self.store.write(tenant, move |scope| {
            Ok(scope.update_job(job, "finished", "undoing", &text)? || scope.update_job(job, "cancelled", "undoing", &text)?)
        })?;
        if !begun {
            return Err(EngineError::Store(StoreError::Conflict(format!(
                "the job is {}; only one that has ended can be undone",
                known.state
            ))));
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

    /// The range of a job.
    pub(crate) fn job_range(&self, tenant: i64, job: i64) -> Result<Arc<Range>> {
        if let Some(known) = self.ranges.lock().get(&(tenant, job)) {
            return Ok(Arc::clone(known));
        }
        let document = Document::read(&self.store.read(tenant, |scope| scope.job(job))?.document)?;
        let range = Arc::new(Range { job, last: document.to - 1, fresh: document.fresh });
        self.ranges.lock().insert((tenant, job), Arc::clone(&range));
        Ok(range)
    }

    /// Has every job go on a little.
    pub(crate) fn move_jobs_on(self: &Arc<Self>) -> Result<()> {
        for (tenant, job) in self.store.jobs_in("running")? {
            while !self.is_closing() && self.call_for_more(tenant, job)? {}
            self.tell_job(tenant, job)?;
        }
        for (tenant, job) in self.store.jobs_in("undoing")? {
            let ours: HashSet<u64> = self.store.read(tenant, |scope| {
                let ids = scope.job_executions(job, Status::ALL, i64::MAX, usize::MAX)?;
                Ok(ids.into_iter().map(i64::cast_unsigned).collect())
            })?;
            let ours = Arc::new(ours);
            while !self.is_closing() && self.undo_some(tenant, job, &ours)? {
                self.tell_job(tenant, job)?;
            }
            self.tell_job(tenant, job)?;
        }
        Ok(())
    }

    /// Calls for the next executions of a job, or ends it. False where there is nothing to do for now.
    fn call_for_more(self: &Arc<Self>, tenant: i64, job: i64) -> Result<bool> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        let links: Vec<Arc<LinkConfig>> = config.links.values().cloned().collect();
        let (queued, more) = self.store.write(tenant, move |scope| {
            let known = scope.job(job)?;
            let Ok(mut document) = Document::read(&known.document) else { return Ok((Vec::new(), false)) };
            let waiting = scope.job_counts(job)?.iter().find(|(status, _)| *status == Status::Waiting).map_or(0, |(_, count)| *count);
            if waiting >= AHEAD || known.state != "running" {
                return Ok((Vec::new(), false));
            }
            let models = scope.taken(&document.range(), false, CHUNK)?;
            let Some(last) = models.last().map(|model| model.id) else {
                let text = document.write();
                if waiting == 0 {
                    scope.update_job(job, "running", "finished", &text)?;
                }
                return Ok((Vec::new(), false));
            };
            let mut queued = Vec::new();
            for model in &models {
                for link in links.iter().filter(|link| link.row.source == model.source && document.links.contains(&link.row.id)) {
                    let execution = scope.insert_again(model.source, model.id, link.row.id, link.row.constants, job)?;
                    document.called += 1;
                    queued.extend(scope.waiting_item(execution)?);
                }
            }
            document.position = last + 1;
            scope.update_job(job, "running", "running", &document.write())?;
            Ok((queued, true))
        })?;
        let (now, fresh) = (self.store.now(), self.job_range(tenant, job)?.fresh);
        let items: Vec<Item> = queued.iter().map(|waiting| Item { fresh, ..self.item_of(waiting, now) }).collect();
        self.queue.push(items, self.options.records_at_hand);
        Ok(more)
    }

    /// Undoes the next executions of a job, or ends that. False where it has ended.
    fn undo_some(self: &Arc<Self>, tenant: i64, job: i64, ours: &Arc<HashSet<u64>>) -> Result<bool> {
        let ours = Arc::clone(ours);
        Ok(self.store.write(tenant, move |scope| {
            let known = scope.job(job)?;
            let Ok(mut document) = Document::read(&known.document) else { return Ok(false) };
            let done: Vec<Status> =
                Status::ALL.iter().copied().filter(|status| !matches!(status, Status::Waiting | Status::Undone)).collect();
            let executions = scope.job_executions(job, &done, i64::MAX, UNDO_CHUNK)?;
            let mut left = HashSet::new();
            for id in &executions {
                let execution = scope.execution(*id)?;
                let outcomes =
                    replay::written(&execution, None).map_err(|_| StoreError::Damaged("an outcome cannot be read".to_owned()))?;
                if let Some(context) = execution.context
                    && !outcomes.is_empty()
                {
                    let kept = Kept::read(scope.context(context)?, context)
                        .map_err(|_| StoreError::Damaged("an evaluation context cannot be read".to_owned()))?;
                    let undone = undo(&outcomes, |row| ours.contains(&row.execution), &mut scope.rows_of(kept.provider))?;
                    left.extend(undone.left);
                }
                let source = scope.source_model(execution.source_model)?.source;
                scope.note_undone(*id, source)?;
                document.undone += 1;
            }
            document.left += i64::try_from(left.len()).unwrap_or(0);
            let (to, more) = if executions.is_empty() { ("undone", false) } else { ("undoing", true) };
            scope.update_job(job, "undoing", to, &document.write())?;
            Ok(more)
        })?)
    }
}

fn state_of(scope: &mut Scope<'_>, job: &Job) -> Result<JobState> {
    let document = Document::read(&job.document)?;
    let counts = scope.job_counts(job.id)?;
    let waiting = counts.iter().find(|(status, _)| *status == Status::Waiting).map_or(0, |(_, count)| *count);
    let undoing = matches!(job.state.as_str(), "undoing" | "undone");
    Ok(JobState {
        id: job.id,
        kind: job.kind.clone(),
        state: job.state.clone(),
        request: document.request,
        total: if undoing { counts.iter().map(|(_, count)| count).sum() } else { document.total },
        done: if undoing { document.undone } else { document.called - waiting },
        counts,
        left: document.left,
    })
}
