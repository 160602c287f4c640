//! The endpoints: one module for each kind of thing, each with the rows it adds to the table.

mod attempts;
mod audit;
mod connections;
mod deliveries;
mod enrichments;
mod entities;
mod erasures;
mod executions;
mod health;
mod identities;
pub(crate) mod jobs;
mod language;
mod links;
mod live;
mod models;
mod operations;
mod overview;
mod polls;
mod presets;
mod problems;
mod processors;
mod provider_types;
mod providers;
mod records;
mod runs;
mod session;
mod settings;
mod sources;
mod specs;
mod tokens;
mod trying;
mod usage;
mod users;
mod webhooks;

use crate::endpoint::Table;
pub(crate) use language::model_of;
pub use problems::pages as problem_pages;

/// The table of endpoints.
#[must_use]
pub fn table() -> Table {
    let mut table = Table::default();
    session::add(&mut table);
    users::add(&mut table);
    tokens::add(&mut table);
    audit::add(&mut table);
    settings::add(&mut table);
    usage::add(&mut table);
    erasures::add(&mut table);
    language::add(&mut table);
    provider_types::add(&mut table);
    providers::add(&mut table);
    connections::add(&mut table);
    presets::add(&mut table);
    polls::add(&mut table);
    enrichments::add(&mut table);
    sources::add(&mut table);
    links::add(&mut table);
    models::add(&mut table);
    processors::add(&mut table);
    specs::add(&mut table);
    entities::add(&mut table);
    identities::add(&mut table);
    records::add(&mut table);
    deliveries::add(&mut table);
    runs::add(&mut table);
    executions::add(&mut table);
    live::add(&mut table);
    trying::add(&mut table);
    jobs::add(&mut table);
    overview::add(&mut table);
    webhooks::add(&mut table);
    operations::add(&mut table);
    problems::add(&mut table);
    table
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> serde_json::Value {
    crate::openapi::document(table().rows())
}
