//! What takes how much of the disk.

use axum::extract::State;
use axum::http::Method;
use schemars::JsonSchema;
use serde::Serialize;

use crate::App;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::Answer;
use crate::problem::Problem;

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::GET, "/api/v1/usage", Role::Admin, "getUsage", "What takes how much of the disk; reads the whole database")
            .answer::<Usage>(),
        get,
    );
}

/// What takes how much.
#[derive(Serialize, JsonSchema)]
struct Usage {
    /// The database, with what is not merged into its file yet.
    database_bytes: u64,
    /// What arrived and was fetched, compressed and encrypted.
    payload_bytes: i64,
    /// Each table with its indexes, largest first.
    tables: Vec<TableUsage>,
}

#[derive(Serialize, JsonSchema)]
struct TableUsage {
    name: String,
    bytes: u64,
    rows: i64,
}

async fn get(State(app): State<App>, caller: Caller) -> Result<Answer<Usage>, Problem> {
    app.blocking(move |app| {
        let database = app.store().database();
        let sizes = database.table_sizes()?;
        let (payload_bytes, counts) = app.store().read(caller.tenant, |scope| {
            let counts = sizes.iter().map(|(name, _)| scope.count_rows(name)).collect::<salesdash_store::Result<Vec<_>>>()?;
            Ok((scope.payload_bytes()?, counts))
        })?;
        let tables = sizes.into_iter().zip(counts).filter_map(|((name, bytes), rows)| Some(TableUsage { name, bytes, rows: rows? }));
        Ok(Answer(Usage { database_bytes: database.size(), payload_bytes, tables: tables.collect() }))
    })
    .await
}
