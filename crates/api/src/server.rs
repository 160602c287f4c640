//! The router: the endpoint table, and around it what holds for every request: logging, security headers, errors as problems.

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use salesdash_engine::settings::WebhookSettings;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::App;
use crate::problem::Problem;

/// The router of an application; `web` answers what is no endpoint.
pub fn router(app: App, web: Router) -> Router {
    let web = web.layer(middleware::from_fn(only_pages));
    surrounded(crate::table().into_router().with_state(app).method_not_allowed_fallback(wrong_method).fallback_service(web))
}

/// A router within what holds for every request.
fn surrounded(router: Router) -> Router {
    router.layer(CatchPanicLayer::custom(panicked)).layer(middleware::from_fn(around))
}

/// What answers webhooks and does nothing else: reads the body, as [`router`] does and within the same layers, and says 202 to it. For those
/// who measure what HTTP alone takes.
pub fn only_http() -> Router {
    let answer = async |request: Request| {
        let (_, body) = request.into_parts();
        match axum::body::to_bytes(body, WebhookSettings::MAX_BYTES).await {
            Ok(_) => {
                let body = r#"{"delivery":"0000000000000000","verdict":"accepted","records":1}"#;
                (StatusCode::ACCEPTED, [(header::CONTENT_TYPE, "application/json")], body).into_response()
            }
            Err(_) => StatusCode::BAD_REQUEST.into_response(),
        }
    };
    surrounded(Router::new().route("/hooks/{secret}", axum::routing::post(answer).layer(DefaultBodyLimit::max(WebhookSettings::MAX_BYTES))))
}

/// The prefixes under which there are endpoints and no pages.
const NO_PAGES: [&str; 2] = ["/api/", "/hooks/"];

/// Lets requests for pages through; what looks like an endpoint and is none gets a problem.
async fn only_pages(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if NO_PAGES.iter().any(|prefix| path.starts_with(prefix)) {
        return Problem::not_found("there is no endpoint at this address; see /openapi.json").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return wrong_method().await.into_response();
    }
    next.run(request).await
}

async fn wrong_method() -> Problem {
    Problem::wrong_method("this address does not take this method; see /openapi.json")
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    // The panic hook has logged where; what it said may hold data.
    Problem::internal("something went wrong within the server; its log tells where").into_response()
}

/// Logs a request, by the pattern of its path: the path itself can hold a secret. Adds the headers that every answer has.
async fn around(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = path.as_deref().unwrap_or("(page)");
    let span = tracing::debug_span!(
        "served",
        otel.kind = "server",
        otel.name = format!("{method} {route}"),
        http.request.method = %method,
        http.route = route,
        http.response.status_code = tracing::field::Empty
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    let took_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::warn!(%method, path = route, status = status.as_u16(), took_ms, "request");
    } else {
        tracing::debug!(%method, path = route, status = status.as_u16(), took_ms, "request");
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    if status == StatusCode::NO_CONTENT {
        headers.remove(header::CONTENT_TYPE);
    }
    response
}

/// Headers of every answer that does not set its own.
const HEADERS: [(&str, &str); 6] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ("cache-control", "no-store"),
];

/// The address under which a caller reaches this server.
#[must_use]
pub fn base_url(app: &App, headers: &HeaderMap) -> String {
    if let Some(url) = &app.config().public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1:8080");
    format!("http://{host}")
}
