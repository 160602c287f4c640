//! Runs of sources that are polled or filled from files, and the cursors they go by.

use axum::extract::State;
use axum::http::Method;
use salesdash_store::runs::Run as Stored;
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
        Endpoint::new(Method::GET, "/api/v1/sources/{id}/runs", Role::Viewer, "listRuns", "The runs of a source, newest first")
            .query::<PageQuery>()
            .answer::<Listed<Run>>(),
        list,
    );
}

/// A poll cycle, a backfill or an import.
#[derive(Serialize, JsonSchema)]
pub struct Run {
    id: Id,
    started: Time,
    finished: Option<Time>,
    /// `poll`, `backfill` or `import`.
    kind: String,
    /// `running`, `succeeded`, `failed` or `cancelled`.
    verdict: String,
    /// Pages that were read.
    pages: i64,
    /// Records in them.
    models: i64,
    taken: i64,
    duplicate: i64,
    stale: i64,
    failed: i64,
    /// Why it failed.
    detail: Option<String>,
    /// Progress, and where the cursor was and is.
    document: Option<Document>,
}

impl From<Stored> for Run {
    fn from(run: Stored) -> Self {
        Self {
            id: Id(run.id),
            started: Time(run.id),
            finished: run.ended.map(Time),
            kind: run.kind,
            verdict: run.verdict,
            pages: run.pages,
            models: run.records,
            taken: run.taken,
            duplicate: run.duplicate,
            stale: run.stale,
            failed: run.failed,
            detail: run.reason,
            document: run.document.as_deref().map(Document::stored),
        }
    }
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    At(Id(source)): At<Id>,
    Params(page): Params<PageQuery>,
) -> Result<Answer<Listed<Run>>, Problem> {
    let paging = page.paging()?;
    app.read(caller.tenant, move |scope| {
        scope.source(source)?;
        Ok(Answer(scope.runs(Some(source), paging)?.map(Run::from).into()))
    })
    .await
}
