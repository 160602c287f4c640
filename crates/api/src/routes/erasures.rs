//! Erasing a contact: looked for first, counted, confirmed, and then taken away. Who it is about is never told again.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use salesdash_engine::erase::{ErasureRequest, Extent as Counted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body};
use crate::problem::Problem;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    const ONE: &str = "/api/v1/erasures/{id}";
    table.add(
        Endpoint::new(Method::GET, "/api/v1/erasures", Role::Admin, "listErasures", "The erasures of contacts, newest first")
            .query::<PageQuery>()
            .answer::<Listed<Erasure>>(),
        list,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/erasures",
            Role::Admin,
            "prepareErasure",
            "Looks for everything that there is of a contact and counts it; nothing is taken away before it is confirmed",
        )
        .body::<NewErasure>()
        .answer::<Erasure>()
        .status(202),
        prepare,
    );
    table.add(Endpoint::new(Method::GET, ONE, Role::Admin, "getErasure", "An erasure and how far it is").answer::<Erasure>(), get);
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/erasures/{id}/erase",
            Role::Admin,
            "eraseContact",
            "Takes away what was found of the contact, for good; executions and the numbers of records stay",
        )
        .body::<Confirmed>()
        .answer::<Erasure>()
        .status(202),
        erase,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/erasures/{id}/cancel",
            Role::Admin,
            "cancelErasure",
            "Ends an erasure; what was taken away by then is gone",
        )
        .answer::<Erasure>(),
        cancel,
    );
}

/// An erasure and how far it is.
#[derive(Serialize, JsonSchema)]
struct Erasure {
    id: Id,
    /// `searching`, `found` (it waits to be confirmed), `erasing`, `finished` or `cancelled`.
    state: String,
    created: Time,
    /// Who asked for it.
    actor: String,
    reason: String,
    /// What was given, in a word each: `email`, `phone`, `hash` or `text`. What it was is not told.
    given: Vec<String>,
    progress: Progress,
    /// What there is of the contact. Null while it is looked for.
    found: Option<Found>,
    /// When it was confirmed: what arrived later is not part of it.
    confirmed: Option<Time>,
}

/// How much has been looked through, or taken away.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErasureProgress")]
struct Progress {
    done: i64,
    of: i64,
}

/// What there is of a contact.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FoundOfContact")]
struct Found {
    /// Source models, which go.
    source_models: i64,
    /// The sources that they came from.
    sources: i64,
    /// Deliveries whose body goes.
    deliveries: i64,
    /// Executions that stay and lose their trace.
    executions: i64,
    /// Those of them that wait, and will not run.
    waiting: i64,
    /// Enrichments, which go.
    enrichments: i64,
    /// Records that keep their numbers and lose their contact, by kind.
    records: Vec<FoundRecords>,
    /// Calls that lose their phone number.
    phone_numbers: i64,
    /// Records that get another external id, since theirs was made of the contact's key.
    external_ids: i64,
    /// Periods of the contact that have not ended: nothing ends them by their contact any more.
    open_periods: i64,
}

#[derive(Serialize, JsonSchema)]
struct FoundRecords {
    /// `activity`, `sale`, `call`, `anonymous_activity` or `period`.
    kind: String,
    count: i64,
}

impl From<Counted> for Found {
    fn from(counted: Counted) -> Self {
        Self {
            source_models: counted.source_models,
            sources: counted.sources,
            deliveries: counted.deliveries,
            executions: counted.executions,
            waiting: counted.waiting,
            enrichments: counted.enrichments,
            records: counted.records.into_iter().map(|(kind, count)| FoundRecords { kind, count }).collect(),
            phone_numbers: counted.phone_numbers,
            external_ids: counted.external_ids,
            open_periods: counted.open_periods,
        }
    }
}

impl From<salesdash_engine::erase::Erasure> for Erasure {
    fn from(erasure: salesdash_engine::erase::Erasure) -> Self {
        Self {
            id: Id(erasure.id),
            state: erasure.state,
            created: Time(erasure.id),
            actor: erasure.actor,
            reason: erasure.reason,
            given: erasure.given,
            progress: Progress { done: erasure.done, of: erasure.total },
            found: erasure.found.map(Found::from),
            confirmed: erasure.confirmed.map(Time),
        }
    }
}

/// Who is to be erased, and why.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewErasure {
    /// What identifies the contact: e-mail addresses, phone numbers, any text that a spec makes its contact key of, or a key as it stands on a
    /// record (`hmac:` and 64 digits).
    contact: Vec<String>,
    /// Why, for the audit log. It must not name the contact.
    reason: String,
}

/// What somebody has looked at.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Confirmed {
    /// How many source models were found: `found.source_models`.
    confirm: i64,
}

async fn list(State(app): State<App>, caller: Caller, Params(page): Params<PageQuery>) -> Result<Answer<Listed<Erasure>>, Problem> {
    let paging = page.paging()?;
    app.blocking(move |app| Ok(Answer(app.engine().erasures(caller.tenant, paging)?.map(Erasure::from).into()))).await
}

async fn get(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Erasure>, Problem> {
    app.blocking(move |app| Ok(Answer(app.engine().erasure(caller.tenant, id)?.into()))).await
}

async fn prepare(State(app): State<App>, caller: Caller, Body(given): Body<NewErasure>) -> Result<(StatusCode, Answer<Erasure>), Problem> {
    app.blocking(move |app| {
        let request = ErasureRequest { contact: given.contact, reason: given.reason, actor: caller.actor.clone() };
        Ok((StatusCode::ACCEPTED, Answer(app.engine().prepare_erasure(caller.tenant, &request)?.into())))
    })
    .await
}

async fn erase(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Body(given): Body<Confirmed>,
) -> Result<(StatusCode, Answer<Erasure>), Problem> {
    app.blocking(move |app| {
        let erasure = app.engine().erase(caller.tenant, id, given.confirm, &caller.actor)?;
        // What previews came to can name records as they were.
        app.previews().forget(caller.tenant);
        Ok((StatusCode::ACCEPTED, Answer(erasure.into())))
    })
    .await
}

async fn cancel(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Erasure>, Problem> {
    app.blocking(move |app| {
        // Only an erasure has this address.
        app.engine().erasure(caller.tenant, id)?;
        app.engine().cancel_job(caller.tenant, id)?;
        app.note(&caller, "contact.erasure_cancelled", &format!("erasure:{id}"))?;
        Ok(Answer(app.engine().erasure(caller.tenant, id)?.into()))
    })
    .await
}
