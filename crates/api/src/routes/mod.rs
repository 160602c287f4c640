//! The endpoints: one module for each kind of thing, each with the rows it adds to the table.

mod audit;
mod entities;
mod language;
mod links;
mod models;
mod operations;
mod processors;
mod providers;
mod session;
mod settings;
mod sources;
mod specs;
mod tokens;
mod users;

use crate::endpoint::Table;

/// The table of endpoints.
#[must_use]
pub fn table() -> Table {
    let mut table = Table::default();
    session::add(&mut table);
    users::add(&mut table);
    tokens::add(&mut table);
    audit::add(&mut table);
    settings::add(&mut table);
    language::add(&mut table);
    providers::add(&mut table);
    sources::add(&mut table);
    links::add(&mut table);
    models::add(&mut table);
    processors::add(&mut table);
    specs::add(&mut table);
    entities::add(&mut table);
    operations::add(&mut table);
    table
}

/// The OpenAPI document.
#[must_use]
pub fn document() -> serde_json::Value {
    crate::openapi::document(table().rows())
}
