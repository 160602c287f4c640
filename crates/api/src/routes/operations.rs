//! For those who run the system: its health, its figures, and what its interface is.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::App;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Document};
use crate::metrics;
use crate::problem::Problem;

pub fn add(table: &mut Table) {
    table.add(Endpoint::new(Method::GET, "/health", Role::Public, "getHealth", "Whether the process lives").answer::<Health>(), health);
    table.add(
        Endpoint::new(
            Method::GET,
            "/ready",
            Role::Public,
            "getReady",
            "Whether it can serve: its database answers, and it is not stopping",
        )
        .answer::<Health>(),
        ready,
    );
    table.add(
        Endpoint::new(Method::GET, "/metrics", Role::Public, "getMetrics", "Its figures, for Prometheus; without names and personal data")
            .raw_answer(metrics::MEDIA_TYPE),
        figures,
    );
    table.add(
        Endpoint::new(Method::GET, "/openapi.json", Role::Public, "getOpenApi", "The OpenAPI document of this interface")
            .answer::<Document>(),
        openapi,
    );
}

/// How it is doing.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Alive")]
struct Health {
    /// `ok`.
    status: &'static str,
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

async fn health() -> Answer<Health> {
    Answer(OK)
}

async fn ready(State(app): State<App>) -> Result<Answer<Health>, Problem> {
    if app.is_stopping() {
        return Err(Problem::unavailable("the server is stopping"));
    }
    app.blocking(|app| {
        app.store().ping()?;
        Ok(Answer(OK))
    })
    .await
}

async fn figures(State(app): State<App>) -> Result<Response, Problem> {
    app.blocking(|app| {
        let mut response = metrics::text(app).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(metrics::MEDIA_TYPE));
        Ok(response)
    })
    .await
}

async fn openapi() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let mut response = TEXT.get_or_init(|| super::document().to_string()).as_str().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
