//! The audit log.

use axum::extract::State;
use axum::http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use crate::App;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Document};
use crate::problem::Problem;
use crate::wire::{Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::GET, "/api/v1/audit", Role::Admin, "listAudit", "Who changed and revealed what, newest first")
            .query::<PageQuery>()
            .answer::<Listed<Entry>>(),
        list,
    );
}

/// An entry of the audit log.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditEntry")]
struct Entry {
    id: Id,
    at: Time,
    /// Who: a user, a token, or the command line.
    actor: String,
    /// What was done, such as `source.created`.
    action: String,
    /// To what, such as `source 17`.
    target: String,
    /// Why, where a reason was asked for.
    reason: Option<String>,
    /// More about it.
    details: Option<Document>,
}

async fn list(State(app): State<App>, caller: Caller, Params(page): Params<PageQuery>) -> Result<Answer<Listed<Entry>>, Problem> {
    let paging = page.paging()?;
    app.read(caller.tenant, move |scope| {
        let page = scope.audit_log(paging)?.map(|entry| Entry {
            id: Id(entry.id),
            at: Time(entry.at),
            actor: entry.actor,
            action: entry.action,
            target: entry.target,
            reason: entry.reason,
            details: entry.details.as_deref().map(Document::stored),
        });
        Ok(Answer(page.into()))
    })
    .await
}
