//! The HTTP interface: the only place with HTTP types and wire names. Every route is a row of the [endpoint] table with its role; the
//! OpenAPI document is generated from the same rows.

pub mod app;
pub mod auth;
pub mod check;
pub mod declared;
pub mod endpoint;
mod forms;
pub mod json;
mod metrics;
pub mod openapi;
pub mod password;
mod previews;
pub mod problem;
mod received;
mod routes;
pub mod server;
pub mod wire;

pub use app::{App, Config};
pub use routes::{document, problem_pages, table};
pub use server::{only_http, router};
