//! Jobs: long work that somebody starts, watches, cancels and can undo.

use axum::extract::State;
use axum::http::Method;
use salesdash_engine::jobs::JobState;
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::Serialize;

use crate::App;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Document};
use crate::problem::Problem;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/jobs",
            Role::Viewer,
            "listJobs",
            "The jobs, newest first; previews that are still kept are among the first page",
        )
        .query::<PageQuery>()
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
}

/// A job and how far it is.
#[derive(Serialize, JsonSchema)]
pub struct Job {
    pub id: Id,
    /// `reprocess`, `preview`, `backfill` or `import`.
    kind: String,
    /// `running`, `finished`, `cancelled`, `failed`, `undoing` or `undone`.
    state: String,
    progress: JobProgress,
    created: Time,
    /// What it came to: of a preview the impact, of a reprocessing its executions by status.
    result: Option<Document>,
    /// Why it failed.
    failure: Option<String>,
    can_undo: bool,
    can_cancel: bool,
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
            can_undo: matches!(job.state.as_str(), "finished" | "cancelled"),
            can_cancel: job.state == "running",
            kind: job.kind,
            state: job.state,
            progress: JobProgress { done: job.done, of: job.total },
            created: Time(job.id),
            result: Some(Document(result)),
            failure: None,
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
        }
    }
}

async fn list(State(app): State<App>, caller: Caller, Params(page): Params<PageQuery>) -> Result<Answer<Listed<Job>>, Problem> {
    let paging = page.paging()?;
    app.blocking(move |app| {
        let page_of_jobs = app.engine().jobs(caller.tenant, paging)?;
        let mut items: Vec<Job> = page_of_jobs.items.into_iter().map(Job::of).collect();
        if page.cursor.is_none() {
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
        let job = app.engine().cancel_job(caller.tenant, id)?;
        app.note(&caller, "job.cancelled", &format!("job {id}"))?;
        Ok(Answer(Job::of(job)))
    })
    .await
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
