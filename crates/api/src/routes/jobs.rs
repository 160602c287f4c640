//! Jobs: long work that somebody starts, watches, cancels and can undo.

use axum::extract::State;
use axum::http::Method;
use salesdash_engine::erase::{ERASING, FOUND, KIND, SEARCHING};
use salesdash_engine::jobs::{Backfill, JobState, UndoImpact};
use salesdash_value::{Instant, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Document};
use crate::problem::Problem;
use crate::wire::{At, Id, Listed, Params, Time, paging};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/jobs",
            Role::Viewer,
            "listJobs",
            "The jobs, newest first, those of one kind where it is given; previews that are still kept are among the first page",
        )
        .query::<JobsQuery>()
        .answer::<Listed<Job>>(),
        list,
    );
    table.add(Endpoint::new(Method::GET, "/api/v1/jobs/{id}", Role::Viewer, "getJob", "A job and how far it is").answer::<Job>(), get);
    table.add(
        Endpoint::new(Method::POST, "/api/v1/jobs/{id}/cancel", Role::Builder, "cancelJob", "Cancels a job; what it has done stays")
            .answer::<Job>(),
        cancel,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/jobs/{id}/undo", Role::Builder, "undoJob", "Undoes what a job wrote").answer::<Job>(),
        undo,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/jobs/{id}/undo",
            Role::Viewer,
            "getUndo",
            "What undoing a job would touch, as things stand now",
        )
        .answer::<Undo>(),
        impact,
    );
}

/// A job and how far it is.
#[derive(Serialize, JsonSchema)]
pub struct Job {
    pub id: Id,
    /// `reprocess`, `preview`, `backfill`, `import` or `erase`.
    kind: String,
    /// `running`, `finished`, `cancelled`, `failed`, `undoing` or `undone`; of an erasure also `searching`, `found` and `erasing`.
    state: String,
    progress: JobProgress,
    created: Time,
    /// What it came to: of a preview the impact, of a reprocessing its executions by status.
    result: Option<Document>,
    /// Why it failed.
    failure: Option<String>,
    can_undo: bool,
    can_cancel: bool,
    /// How far the reading is, of a backfill.
    backfill: Option<BackfillProgress>,
}

/// The jobs that are asked for.
#[derive(Deserialize, JsonSchema)]
struct JobsQuery {
    /// The cursor that the page before gave.
    #[serde(default)]
    cursor: Option<String>,
    /// Rows at most: 50 where nothing is said, 500 at most.
    #[serde(default)]
    limit: Option<usize>,
    /// Those of one kind only: `reprocess`, `backfill` or `preview`.
    #[serde(default)]
    kind: Option<String>,
}

/// How far a backfill is.
#[derive(Serialize, JsonSchema)]
pub struct BackfillProgress {
    source: Id,
    from: Time,
    to: Time,
    /// Up to when everything is read, where that can be told.
    reached: Option<Time>,
    /// How much of it is read, in whole percent.
    share: i64,
    pages: i64,
    records: i64,
    /// Records that were new.
    taken: i64,
    duplicate: i64,
    stale: i64,
    /// Why the last try failed; it is tried again.
    reason: Option<String>,
}

impl From<Backfill> for BackfillProgress {
    fn from(known: Backfill) -> Self {
        let time = |at: Instant| Time(at.as_microsecond());
        Self {
            source: Id(known.source),
            from: time(known.from),
            to: time(known.until),
            reached: known.reached.map(time),
            share: known.share,
            pages: known.pages,
            records: known.records,
            taken: known.taken,
            duplicate: known.duplicate,
            stale: known.stale,
            reason: known.reason.map(|reason| reason.to_string()),
        }
    }
}

/// What undoing a job would touch.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UndoImpact")]
struct Undo {
    /// Executions that would be undone.
    executions: i64,
    /// Records that a backfill alone brought, which would count for nothing any more.
    models: i64,
    /// Rows that would be removed.
    removed: i64,
    /// Rows that would be what they were before.
    reverted: i64,
    /// Rows that something else has written since, which would be left alone.
    left: i64,
}

impl From<UndoImpact> for Undo {
    fn from(impact: UndoImpact) -> Self {
        let UndoImpact { executions, models, removed, reverted, left } = impact;
        Self { executions, models, removed, reverted, left }
    }
}

#[derive(Serialize, JsonSchema)]
struct JobProgress {
    done: i64,
    of: i64,
}

impl Job {
    /// A job of the engine.
    pub fn of(job: JobState) -> Self {
        let counts = job.counts.iter().map(|(status, count)| (status.name(), Value::from(*count)));
        let result = Value::object([("executions", Value::object(counts)), ("left", Value::from(job.left)), ("request", job.request)]);
        Self {
            id: Id(job.id),
            can_undo: job.kind != KIND && matches!(job.state.as_str(), "finished" | "cancelled"),
            can_cancel: matches!(job.state.as_str(), "running" | SEARCHING | FOUND | ERASING),
            kind: job.kind,
            state: job.state,
            progress: JobProgress { done: job.done, of: job.total },
            created: Time(job.id),
            result: Some(Document(result)),
            failure: None,
            backfill: job.backfill.map(BackfillProgress::from),
        }
    }

    /// A preview.
    pub fn of_preview(id: i64, state: &str, done: usize, total: usize, result: Option<Value>, failure: Option<String>) -> Self {
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Self {
            id: Id(id),
            kind: "preview".to_owned(),
            state: state.to_owned(),
            progress: JobProgress { done: whole(done), of: whole(total) },
            created: Time(id),
            result: result.map(Document),
            failure,
            can_undo: false,
            can_cancel: state == "running",
            backfill: None,
        }
    }
}

async fn list(State(app): State<App>, caller: Caller, Params(query): Params<JobsQuery>) -> Result<Answer<Listed<Job>>, Problem> {
    let JobsQuery { cursor, limit, kind } = query;
    let paging = paging(cursor.as_deref(), limit)?;
    app.blocking(move |app| {
        let page_of_jobs = app.engine().jobs(caller.tenant, kind.as_deref(), paging)?;
        let mut items: Vec<Job> = page_of_jobs.items.into_iter().map(Job::of).collect();
        if cursor.is_none() && kind.as_deref().is_none_or(|kind| kind == "preview") {
            items.extend(app.previews().of(caller.tenant).iter().map(|preview| preview.job()));
            items.sort_by_key(|job| std::cmp::Reverse(job.id.0));
        }
        Ok(Answer(Listed { items, next: page_of_jobs.next }))
    })
    .await
}

async fn get(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Job>, Problem> {
    if let Some(preview) = app.previews().get(caller.tenant, id) {
        return Ok(Answer(preview.job()));
    }
    app.blocking(move |app| Ok(Answer(Job::of(app.engine().job(caller.tenant, id)?)))).await
}

async fn cancel(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Job>, Problem> {
    if let Some(preview) = app.previews().get(caller.tenant, id) {
        preview.cancel();
        return Ok(Answer(preview.job()));
    }
    app.blocking(move |app| {
        if app.engine().job(caller.tenant, id)?.kind == KIND && caller.role < Role::Admin {
            return Err(Problem::forbidden("this job erases a contact; only an administrator cancels that"));
        }
        let job = app.engine().cancel_job(caller.tenant, id)?;
        app.note(&caller, "job.cancelled", &format!("job {id}"))?;
        Ok(Answer(Job::of(job)))
    })
    .await
}

async fn impact(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Undo>, Problem> {
    app.blocking(move |app| Ok(Answer(app.engine().undo_impact(caller.tenant, id)?.into()))).await
}

async fn undo(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Job>, Problem> {
    if app.previews().get(caller.tenant, id).is_some() {
        return Err(Problem::conflict("a preview writes nothing, so there is nothing to undo"));
    }
    app.blocking(move |app| {
        let job = app.engine().undo_job(caller.tenant, id)?;
        app.note(&caller, "job.undone", &format!("job {id}"))?;
        Ok(Answer(Job::of(job)))
    })
    .await
}
