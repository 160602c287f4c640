//! A range of records done over with the newest spec and constants.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use salesdash_store::deliveries::ModelRange;
use salesdash_store::executions::Status;
use salesdash_store::{Scope, StoreError};
use salesdash_value::{Value, json};

use super::{CHUNK, JobState, REPROCESS, optional, whole};
use crate::catalog::LinkConfig;
use crate::execute::queue::Item;
use crate::settings::document;
use crate::{Engine, EngineError, Result};

/// Executions of a job that may wait before it calls for more: what arrives meanwhile gets its turn.
const AHEAD: i64 = 2000;

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

/// The range of records that a job does over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub job: i64,
    /// The last source model of it.
    pub last: i64,
    /// Whether enrichments are fetched again.
    pub fresh: bool,
}

/// The ranges of jobs, by tenant and job; `None` of a job that does none over.
pub(crate) type Ranges = Mutex<HashMap<(i64, i64), Option<Arc<Range>>>>;

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
        };
        let text = document.write();
        let (actor, processor) = (request.actor.clone(), request.processor);
        let job = self.store.write(tenant, move |scope| {
            let job = scope.create_job(REPROCESS, &text)?;
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

    /// Takes back what a cancelled job called for and has not run yet.
    pub(super) fn withdraw_reprocess(&self, tenant: i64, job: i64) -> Result<()> {
        self.withdraw(tenant, job, move |scope| scope.job_executions(job, &[Status::Waiting], i64::MAX, CHUNK))
    }

    /// Takes back executions of a job that wait, as many as there are; `next` gives some of them.
    pub(super) fn withdraw<N>(&self, tenant: i64, job: i64, next: N) -> Result<()>
    where
        N: Fn(&mut Scope<'_>) -> std::result::Result<Vec<i64>, StoreError> + Send + Copy + 'static,
    {
        self.queue.forget(tenant, |item| item.job == Some(job));
        loop {
            let more = self.store.write(tenant, move |scope| {
                let waiting = next(scope)?;
                for execution in &waiting {
                    let model = scope.execution(*execution)?.source_model;
                    let source = scope.source_model(model)?.source;
                    scope.withdraw(*execution, source)?;
                }
                Ok(!waiting.is_empty())
            })?;
            if !more {
                return Ok(());
            }
        }
    }

    /// The range of a job. `None` where it does none over: it is a backfill.
    pub(crate) fn job_range(&self, tenant: i64, job: i64) -> Result<Option<Arc<Range>>> {
        if let Some(known) = self.ranges.lock().get(&(tenant, job)) {
            return Ok(known.clone());
        }
        let known = self.store.read(tenant, |scope| scope.job(job))?;
        if known.kind != REPROCESS {
            self.ranges.lock().insert((tenant, job), None);
            return Ok(None);
        }
        let document = Document::read(&known.document)?;
        let range = Some(Arc::new(Range { job, last: document.to - 1, fresh: document.fresh }));
        self.ranges.lock().insert((tenant, job), range.clone());
        Ok(range)
    }

    /// Calls for the next executions of a job, or ends it. False where there is nothing to do for now.
    pub(super) fn call_for_more(self: &Arc<Self>, tenant: i64, job: i64) -> Result<bool> {
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
        let (now, fresh) = (self.store.now(), self.job_range(tenant, job)?.is_some_and(|range| range.fresh));
        let items: Vec<Item> = queued.iter().map(|waiting| Item { fresh, ..self.item_of(waiting, now) }).collect();
        self.queue.push(items, self.options.records_at_hand);
        Ok(more)
    }
}
