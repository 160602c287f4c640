//! Processors: what runs on the records of a source model.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_store::Paging;
use salesdash_store::Scope;
use salesdash_store::config::Processor as Stored;
use salesdash_store::executions::{Filter, Status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::{Worked, done};
use crate::auth::Caller;
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::language::MAX_SPEC;
use crate::routes::models::Named;
use crate::routes::sources::check_model_name;
use crate::routes::specs::save_spec;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    const LIST: &str = "/api/v1/processors";
    const ONE: &str = "/api/v1/processors/{id}";
    table.add(
        Endpoint::new(Method::GET, LIST, Role::Viewer, "listProcessors", "The processors, by name")
            .query::<PageQuery>()
            .answer::<Listed<Processor>>(),
        list,
    );
    table.add(
        Endpoint::new(Method::POST, LIST, Role::Builder, "createProcessor", "Makes a processor, with its first spec where one is given")
            .body::<CreateProcessor>()
            .answer::<Processor>()
            .status(201)
            .limit(MAX_SPEC),
        create,
    );
    table.add(Endpoint::new(Method::GET, ONE, Role::Viewer, "getProcessor", "A processor").answer::<Processor>(), get);
    table.add(
        Endpoint::new(Method::PATCH, ONE, Role::Builder, "updateProcessor", "Changes a processor's name or switch")
            .body::<UpdateProcessor>()
            .answer::<Processor>(),
        update,
    );
    table.add(
        Endpoint::new(
            Method::DELETE,
            ONE,
            Role::Builder,
            "deleteProcessor",
            "Removes a processor and its links; its versions stay, so that its executions can still be looked at",
        )
        .status(204),
        delete,
    );
}

/// A processor.
#[derive(Serialize, JsonSchema)]
struct Processor {
    id: Id,
    name: String,
    /// The source model type that it takes.
    model: String,
    enabled: bool,
    /// Its newest version; 0 where it has none yet.
    version: i64,
    /// The sources that it is linked to.
    sources: Vec<Named>,
    last_execution: Option<LastExecution>,
    /// Executions that failed, wholly or partly, within the last 24 hours; counted up to 500.
    failed_24h: usize,
}

#[derive(Serialize, JsonSchema)]
struct LastExecution {
    id: Id,
    at: Time,
    status: &'static str,
}

const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

fn processor(scope: &mut Scope<'_>, stored: Stored) -> Worked<Processor> {
    let links = scope.links(None, Some(stored.id))?;
    let mut sources = Vec::new();
    for link in &links {
        sources.push(Named { id: Id(link.source), name: scope.source(link.source)?.name });
    }
    let mut last_execution = None;
    let mut failed_24h = 0;
    if !links.is_empty() {
        let links: Vec<i64> = links.iter().map(|link| link.id).collect();
        let filter = Filter { links: Some(links.clone()), ..Filter::default() };
        let last = scope.executions(&filter, Paging { before: i64::MAX, limit: 1 })?.items.into_iter().next();
        last_execution = last.map(|last| LastExecution { id: Id(last.id), at: Time(last.id), status: last.status.name() });
        let from = Some(scope.now() - DAY_MICROS);
        for status in [Status::Failed, Status::PartiallyFailed] {
            let filter = Filter { links: Some(links.clone()), status: Some(status), from, ..Filter::default() };
            failed_24h += scope.executions(&filter, Paging { before: i64::MAX, limit: 500 })?.items.len();
        }
    }
    Ok(Processor {
        id: Id(stored.id),
        name: stored.name,
        model: stored.model,
        enabled: stored.enabled,
        version: stored.version,
        sources,
        last_execution,
        failed_24h,
    })
}

async fn list(State(app): State<App>, caller: Caller, Params(page): Params<PageQuery>) -> Result<Answer<Listed<Processor>>, Problem> {
    app.read(caller.tenant, move |scope| {
        let page = page.slice(scope.processors()?, |processor| processor.id.to_string())?;
        let items = page.items.into_iter().map(|stored| processor(scope, stored)).collect::<Worked<Vec<_>>>()?;
        Ok(Answer(Listed { items, next: page.next }))
    })
    .await
}

async fn get(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Processor>, Problem> {
    app.read(caller.tenant, move |scope| {
        let stored = scope.processor(id)?;
        Ok(Answer(processor(scope, stored)?))
    })
    .await
}

/// A processor to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateProcessor {
    name: String,
    /// The source model type that it takes.
    model: String,
    /// Its first version.
    #[serde(default)]
    spec: Option<Document>,
}

async fn create(State(app): State<App>, caller: Caller, Body(given): Body<CreateProcessor>) -> Result<Response, Problem> {
    let name = check::name(&given.name)?;
    check_model_name(&given.model)?;
    let author = caller.actor.clone();
    let made = app
        .change(&caller, "processor.created", move |scope| {
            let stored = scope.create_processor(&name, &given.model)?;
            if let Some(spec) = &given.spec {
                save_spec(scope, &stored, 0, &author, None, spec)?;
            }
            let stored = scope.processor(stored.id)?;
            let details = json!({ "name": name, "model": given.model });
            Ok(done("processor", stored.id, processor(scope, stored)?).with(details))
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(made)).into_response())
}

/// What is to be different.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateProcessor {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    enabled: Option<bool>,
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Body(given): Body<UpdateProcessor>,
) -> Result<Answer<Processor>, Problem> {
    let name = given.name.as_deref().map(check::name).transpose()?;
    app.change(&caller, "processor.changed", move |scope| {
        let known = scope.processor(id)?;
        let enabled = given.enabled.unwrap_or(known.enabled);
        let details = json!({ "name": name, "enabled": enabled });
        scope.update_processor(id, &name.unwrap_or(known.name), enabled)?;
        let stored = scope.processor(id)?;
        Ok(done("processor", id, Answer(processor(scope, stored)?)).with(details))
    })
    .await
}

async fn delete(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<StatusCode, Problem> {
    app.change(&caller, "processor.deleted", move |scope| {
        let known = scope.processor(id)?;
        scope.delete_processor(id)?;
        Ok(done("processor", id, StatusCode::NO_CONTENT).with(json!({ "name": known.name })))
    })
    .await
}
