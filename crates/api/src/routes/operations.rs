//! For those who run the system: its health, its figures, and what its interface is.

use std::sync::OnceLock;

use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};

use crate::endpoint::{Endpoint, Role, Table};
use crate::json::Document;

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::GET, "/openapi.json", Role::Public, "getOpenApi", "The OpenAPI document of this interface")
            .answer::<Document>(),
        openapi,
    );
}

async fn openapi() -> Response {
    static TEXT: OnceLock<String> = OnceLock::new();
    let mut response = TEXT.get_or_init(|| super::document().to_string()).as_str().into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
